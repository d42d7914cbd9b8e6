"""One clip from file to report files: what the command does."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from formcheck import __version__, pipeline, profiles, report
from formcheck.errors import UsageError, reason_of
from formcheck.exercises import EXERCISES
from formcheck.exports import FORMATS, Source, check, format_of, write
from formcheck.machine import return_memory, share_one_heap
from formcheck.models import AUTO
from formcheck.profiles import Profile
from formcheck.report.files import sweep
from formcheck.report.info import RuleInfo
from formcheck.report.keyframes import KeyFrame
from formcheck.report.schema import build_report
from formcheck.store import DEFAULT_ATHLETE, NOTHING_SAID, Details
from formcheck.subject import Wish
from formcheck.types import Analysis
from formcheck.video import Reel, still

STAGES: Mapping[str, str] = {
    "pose": "Following the body",
    "second look": "Following it again, with the larger model",
    "report": "Writing the report",
    "video": "Drawing the video",
}
"""The stages that progress is told of, in words for a user."""
FILES = report.FILES.union(known.file for known in FORMATS.values())
"""The names of all files that a result may have."""
UNFINISHED = ".formcheck-"
"""What the folder begins with in which a result lies until it is whole."""
WRITTEN = f"{UNFINISHED}files"
"""The hidden file beside a result that names its files, a line each: others are the user's."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a clip is analysed and what is written of it; as the options of ``formcheck analyze``.

    ``exports`` names further formats (:data:`formcheck.exports.FORMATS`), ``blur_face`` hides the
    lifter's head in video and pictures; the others are as for :func:`formcheck.analyze`.
    """

    exercise: str = "auto"
    model: str = AUTO
    max_fps: float | None = 30.0
    height_cm: float | None = None
    video: bool = True
    profile: Profile | None = None
    person: Wish = None
    blur_face: bool = False
    exports: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """As plain JSON values; of the profile its name."""
        return asdict(self) | {"profile": self.profile.name if self.profile else None}

    def key(self) -> str:
        """What a result depends on besides the clip: it changes when the result may."""
        plug_ins = sorted(f"{e.id} {e.origin}" for e in EXERCISES.values() if e.origin)
        told = {**self.told(), "version": __version__, "plug_ins": plug_ins}
        told["profile"] = self.profile.sha256 if self.profile else None
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


USUAL = Settings()


@dataclass(frozen=True, slots=True)
class Done:
    """What was found, the files that tell of it, the pictures of its key frames, and when."""

    analysis: Analysis
    files: tuple[Path, ...]
    key_frames: tuple[KeyFrame, ...] = ()
    analysed_at: datetime | None = None


def run(
    clip: Path,
    out_dir: Path,
    settings: Settings = USUAL,
    *,
    workers: int | None = None,
    details: Details = NOTHING_SAID,
    recall: Callable[[str, Details], Details] | None = None,
    progress: Callable[[str, float], object] | None = None,
) -> Done:
    """Analyse a clip and write its report into ``out_dir``: all of its files or none.

    An earlier result there is replaced whole: its files that are not written anew go. ``details``
    is what exports tell of the set besides; ``recall`` adds to these what is known of the clip, by
    its checksum. ``progress`` is called with the title of the stage and its share done (0..1).
    Raises FormCheckError as the pipeline and the report do, and UsageError when a result would take
    the place of the clip or of a file that is the user's own.
    """

    def tell(stage: str, share: float) -> None:
        if progress is not None:
            progress(STAGES.get(stage, stage), min(max(share, 0.0), 1.0))

    check(settings.exports)
    _spare(clip, out_dir, settings)
    share_one_heap()
    sweep(out_dir, UNFINISHED)
    threading.Thread(target=_import_later_stages, name="imports", daemon=True).start()
    with Reel(clip, _nearest_folder(out_dir)) as reel:
        analysis = pipeline.analyze(
            reel,
            exercise=settings.exercise,
            model=settings.model,
            workers=workers,
            max_fps=settings.max_fps,
            height_cm=settings.height_cm,
            profile=settings.profile,
            person=settings.person,
            progress=tell,
        )
        return_memory()  # what smoothing and judging have freed is not for the video to add to
        analysed_at = datetime.now(UTC)
        known = details if recall is None else recall(analysis.clip.sha256, details)
        said = known.over(Details(DEFAULT_ATHLETE, performed_at=analysed_at))
        with _staging(out_dir) as folder:
            written, key_frames = _write(reel, analysis, folder, settings, said, tell)
            still(clip, analysis.clip)
            files = _put(written, folder, out_dir, clip)
    return Done(analysis, files, key_frames, analysed_at)


@contextmanager
def _staging(out_dir: Path) -> Iterator[Path]:
    """A folder in which a result lies until it is whole; errors name the place that it is for."""
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=out_dir) as name:
        try:
            yield Path(name)
        except UsageError as error:
            raise UsageError(str(error).replace(name, str(out_dir))) from error
        except OSError as error:
            file = str(error.filename or name)
            if name not in file:
                raise
            place = file.replace(name, str(out_dir))
            raise UsageError(f"cannot write {place}: {reason_of(error)}") from error


def _write(
    reel: Reel,
    analysis: Analysis,
    folder: Path,
    settings: Settings,
    said: Details,
    tell: Callable[[str, float], None],
) -> tuple[list[Path], tuple[KeyFrame, ...]]:
    """Write the report and the exports; gives their files and the pictures of the key frames."""
    rules = _rules(settings.profile)
    key_frames: list[KeyFrame] = []
    written = report.write_all(
        reel,
        analysis,
        folder,
        video=settings.video,
        rule_info=rules,
        progress=tell,
        on_key_frames=key_frames.extend,
        blur_face=settings.blur_face,
    )
    height_cm = settings.height_cm
    source = Source(build_report(analysis), analysis, key_frames, rules, said, height_cm)
    written += _export(settings.exports, source, folder)
    return written, tuple(key_frames)


def _rules(profile: Profile | None) -> Mapping[str, RuleInfo]:
    """All rules as the profile has them, and the usual ones: what is off is named by its title."""
    judged = (profiles.apply(profile, known) for known in EXERCISES.values())
    return report.rule_info(
        rule for known in (*EXERCISES.values(), *judged) for rule in known.rules
    )


def _spare(clip: Path, out_dir: Path, settings: Settings) -> None:
    """Make sure that no result takes the place of the clip, or of what is the user's own."""
    names = {WRITTEN, *report.FILES, *(format_of(name).file for name in settings.exports)}
    ours = _replaceable(out_dir)
    for name in sorted(names if settings.video else names - {report.ANNOTATED_MP4}):
        path = out_dir / name
        if path.is_dir():
            raise UsageError(
                f"{path} is a folder, and a file of that name is to be written: name another "
                "folder, --out"
            )
        with suppress(OSError):  # no such file yet
            if path.samefile(clip):
                raise UsageError(
                    f"{clip} would be replaced by a result: name another folder, --out"
                )
        if name not in ours and os.path.lexists(path):
            raise UsageError(
                f"{path} is not a file that FormCheck wrote, and would be replaced: "
                "name another folder, --out"
            )


_LATER = (
    "formcheck.native",
    "scipy.ndimage",
    "scipy.fft",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "formcheck.store.history",
)
"""What only the stages after the clip's opening use, in their order, a second of it in all."""


def _import_later_stages() -> None:
    """Import what is used later beside what comes first, which need not wait for it."""
    with suppress(ImportError):  # whoever needs it says so
        for name in _LATER:
            import_module(name)


def _export(names: Sequence[str], source: Source, folder: Path) -> list[Path]:
    """Write the formats that are not there yet; gives their files."""
    wanted = {folder / format_of(name).file: name for name in names}
    new = {file: name for file, name in wanted.items() if not file.exists()}
    for file, name in new.items():
        write(name, source, file)
    return list(new)


def _put(written: Sequence[Path], staging: Path, out_dir: Path, clip: Path) -> tuple[Path, ...]:
    """Move files to where they belong; what is left of an earlier result goes.

    It tells of another clip, or shows a face that this result hides. What is not listed as written
    is the user's own, whatever its name.
    """
    earlier = _listed(out_dir) or frozenset()
    names = [path.name for path in written]
    listing = staging / WRITTEN
    listing.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    files = tuple(path.replace(out_dir / path.name) for path in written)
    for name in earlier.difference(names):
        path = out_dir / name
        if path.is_file() and path.resolve() != clip.resolve():
            path.unlink()
    listing.replace(out_dir / WRITTEN)  # last: a run that ends before claims no file of the user's
    return files


def _replaceable(folder: Path) -> frozenset[str]:
    """The names of files that a result may take the place of.

    Where a result has no list (it was copied without it) its files cannot be told from others.
    """
    listed = _listed(folder)
    if listed is None:
        return FILES | {WRITTEN} if _holds_result(folder) else frozenset({WRITTEN})
    return listed | {WRITTEN}


def _listed(folder: Path) -> frozenset[str] | None:
    """The files that FormCheck is known to have written there; None without a list."""
    try:
        names = (folder / WRITTEN).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    return FILES.intersection(names)


def _holds_result(folder: Path) -> bool:
    with suppress(OSError):
        return b'"formcheck_version"' in (folder / report.REPORT_JSON).read_bytes()
    return False


def _nearest_folder(path: Path) -> Path:
    """The folder itself or, while it is not there yet, the one that it will be made in."""
    return next((folder for folder in (path, *path.parents) if folder.is_dir()), path)
