"""What this machine has and lacks for FormCheck, one small check each.

``formcheck doctor`` prints the findings; ``python -m formcheck.doctor --missing-packages`` prints
the Debian packages to install (``scripts/setup.sh`` asks for them). Only the standard library is
imported at the top: this has to run where nothing else can.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Status = Literal["ok", "problem", "info"]

PYTHON_MIN = (3, 11)
LIBRARIES = (
    "numpy",
    "scipy",
    "mediapipe",
    "matplotlib",
    "pillow",
    "av",
    "pydantic",
    "jinja2",
    "sqlalchemy",
    "alembic",
    "pyarrow",
    "fsspec",
    "streamlit",
    "starlette",
    "typer",
    "rich",
)
SYSTEM_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
}
"""What the wheels of mediapipe (the first two) and OpenCV link to, and its Debian package."""
DECODERS = {"h264": "H.264", "hevc": "HEVC", "vp9": "VP9"}
ENCODER = "libx264"
DISK_MIN_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: ``fix`` says what to do about a problem."""

    title: str
    status: Status
    detail: str
    fix: str = ""


def check_python(version: Sequence[int] = sys.version_info[:3]) -> Finding:
    """Python is new enough."""
    found = ".".join(str(part) for part in version)
    if tuple(version[:2]) >= PYTHON_MIN:
        return Finding("Python", "ok", found)
    wanted = ".".join(str(part) for part in PYTHON_MIN)
    return Finding("Python", "problem", found, f"install Python {wanted} or newer")


def check_libraries(names: Iterable[str] = LIBRARIES) -> Finding:
    """The Python libraries are installed."""
    found, missing = [], []
    for name in names:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        fix = f"{sys.executable} -m pip install {' '.join(missing)}"
        return Finding("Libraries", "problem", f"missing: {', '.join(missing)}", fix)
    return Finding("Libraries", "ok", ", ".join(found))


def cv2_providers() -> tuple[str, ...]:
    """The installed distributions that bring a ``cv2``; more than one overwrite each other."""
    providers = importlib.metadata.packages_distributions().get("cv2", [])
    return tuple(sorted(set(providers)))


def check_cv2(providers: Sequence[str] | None = None) -> Finding:
    """Exactly one distribution provides ``cv2``."""
    found = cv2_providers() if providers is None else tuple(providers)
    if len(found) == 1:
        version = "" if providers is not None else f" {importlib.metadata.version(found[0])}"
        return Finding("OpenCV", "ok", f"{found[0]}{version}")
    if not found:
        fix = f"{sys.executable} -m pip install opencv-contrib-python"
        return Finding("OpenCV", "problem", "no distribution provides cv2", fix)
    pip = f"{sys.executable} -m pip"
    fix = (
        f"{pip} uninstall -y {' '.join(found)} && "
        f"{pip} install --force-reinstall opencv-contrib-python"
    )
    detail = f"{len(found)} distributions overwrite each other: {', '.join(found)}"
    return Finding("OpenCV", "problem", detail, fix)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_system_libraries(loads: Callable[[str], bool] = _loads) -> tuple[str, ...]:
    """The shared libraries that the wheels need and this machine lacks (Linux only)."""
    if not sys.platform.startswith("linux"):
        return ()
    return tuple(library for library in SYSTEM_LIBRARIES if not loads(library))


def packages_for(libraries: Iterable[str]) -> tuple[str, ...]:
    """The Debian packages that bring these shared libraries."""
    return tuple(sorted({SYSTEM_LIBRARIES[library] for library in libraries}))


def check_system_libraries(loads: Callable[[str], bool] = _loads) -> Finding:
    """The shared libraries that mediapipe and OpenCV link to are there."""
    missing = missing_system_libraries(loads)
    if missing:
        fix = f"sudo apt-get install -y {' '.join(packages_for(missing))}"
        return Finding("System libraries", "problem", f"missing: {', '.join(missing)}", fix)
    return Finding("System libraries", "ok", ", ".join(SYSTEM_LIBRARIES))


def check_models() -> Finding:
    """The pose models are there and are what they should be."""
    from formcheck.errors import FormCheckError
    from formcheck.models import MODELS, model_path

    try:
        found = [model_path(name) for name in MODELS]
    except FormCheckError as error:
        return Finding("Pose models", "problem", str(error), "install FormCheck again")
    return Finding("Pose models", "ok", f"{', '.join(MODELS)} in {found[0].parent}")


START_POSE = "from formcheck.pose import MediaPipeEstimator; MediaPipeEstimator('lite').close()"
START_POSE_S = 60.0


def check_pose(program: str = START_POSE) -> Finding:
    """The pose engine starts; tried in a process of its own, as a native abort ends its process."""
    command = [sys.executable, "-c", program]
    try:
        started = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=START_POSE_S
        )
    except subprocess.TimeoutExpired:
        return Finding("Pose engine", "problem", f"does not start in {START_POSE_S:.0f} s")
    if started.returncode == 0:
        return Finding("Pose engine", "ok", "starts")
    last = (started.stderr.strip().splitlines() or [f"exit code {started.returncode}"])[-1]
    fix = f"{sys.executable} -m pip install --force-reinstall mediapipe, or see what it says above"
    return Finding("Pose engine", "problem", f"does not start: {last}", fix)


def check_codecs() -> Finding:
    """Clips of the usual kinds can be read, and the annotated video can be written."""
    try:
        import av.codec
    except ImportError as error:
        fix = f"{sys.executable} -m pip install --force-reinstall av"
        return Finding("Codecs", "problem", f"PyAV does not start: {error}", fix)
    missing = [title for name, title in DECODERS.items() if not _has_codec(av.codec, name, "r")]
    if not _has_codec(av.codec, ENCODER, "w"):
        missing.append(f"{ENCODER} (writing)")
    if missing:
        fix = f"{sys.executable} -m pip install --force-reinstall --only-binary av av"
        return Finding("Codecs", "problem", f"missing: {', '.join(missing)}", fix)
    return Finding("Codecs", "ok", f"reads {', '.join(DECODERS.values())}; writes H.264")


def _has_codec(codecs: object, name: str, mode: str) -> bool:
    try:
        codecs.Codec(name, mode)  # type: ignore[attr-defined]
    except ValueError:
        return False
    return True


def check_disk(folder: Path | None = None) -> Finding:
    """There is room for results in the working folder."""
    place = Path.cwd() if folder is None else folder
    free = shutil.disk_usage(place).free
    detail = f"{free / 1e9:.1f} GB free in {place}"
    if free < DISK_MIN_BYTES:
        return Finding("Disk", "problem", detail, "free some space, or write elsewhere with --out")
    return Finding("Disk", "ok", detail)


def check_camera(devices: Path = Path("/dev")) -> Finding:
    """A camera is there or not; clips need none."""
    found = sorted(path.name for path in devices.glob("video*"))
    if found:
        return Finding("Camera", "info", ", ".join(found))
    return Finding("Camera", "info", "none found (clips need none)")


def check_plugins() -> Finding:
    """Which plug-in exercises there are. A broken one is no problem: it is left out."""
    try:
        from formcheck.exercises import EXERCISES, PROBLEMS
    except ImportError:
        return Finding("Plug-ins", "info", "not looked at, a library is missing")
    added = [exercise.id for exercise in EXERCISES.values() if exercise.origin]
    fix = "mend or remove what is named" if PROBLEMS else ""
    return Finding("Plug-ins", "info", "; ".join([*added, *PROBLEMS]) or "none", fix)


def check_history() -> Finding:
    """The history of sets can be read and written; where there is none yet, it can be made."""
    try:
        from formcheck import store
        from formcheck.errors import FormCheckError
        from formcheck.store.opening import history_url
    except ImportError:
        return Finding("History", "info", "not looked at, a library is missing")
    fix = "make it writable, put a copy back or move it away; FORMCHECK_DATA names another folder"
    if not os.environ.get("FORMCHECK_DATABASE_URL", "sqlite").startswith("sqlite"):
        fix = "see to the server, and to what FORMCHECK_DATABASE_URL says of it"
    try:
        url = history_url()
        file = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
        if file and not _may_write(folder := _nearest(file.parent)):
            return Finding("History", "problem", f"{folder} cannot be written", fix)
        if file and not file.exists():
            return Finding("History", "ok", f"none yet; the first set makes {file}")
        with store.open_history() as history:
            history.sets(limit=1)
            return Finding("History", "ok", f"sets: {history.count()}")
    except FormCheckError as error:
        return Finding("History", "problem", str(error), fix)


def _nearest(path: Path) -> Path:
    """What there is of a path: itself, or the last part above it that exists."""
    return next((part for part in (path, *path.parents) if part.exists()), path)


def _may_write(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


CHECKS: tuple[Callable[[], Finding], ...] = (
    check_python,
    check_libraries,
    check_cv2,
    check_system_libraries,
    check_models,
    check_pose,
    check_codecs,
    check_disk,
    check_camera,
    check_plugins,
    check_history,
)


def examine() -> tuple[Finding, ...]:
    """Run all checks, in the order they are shown."""
    return tuple(check() for check in CHECKS)


def usable(findings: Iterable[Finding]) -> bool:
    """Whether clips can be analysed on this machine."""
    return all(finding.status != "problem" for finding in findings)


def main(argv: Sequence[str]) -> int:
    """``--missing-packages``: print the Debian packages to install on one line."""
    if list(argv) != ["--missing-packages"]:
        sys.stderr.write("usage: python -m formcheck.doctor --missing-packages\n")
        return 2
    sys.stdout.write(" ".join(packages_for(missing_system_libraries())) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
