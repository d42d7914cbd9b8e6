"""One clip from file to report files: what the command does."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from formcheck import pipeline, profiles, report
from formcheck.errors import UsageError
from formcheck.exercises import EXERCISES
from formcheck.exports import FORMATS, Source, check, format_of, write
from formcheck.models import AUTO
from formcheck.profiles import Profile
from formcheck.report.files import sweep
from formcheck.report.keyframes import KeyFrame
from formcheck.report.schema import build_report
from formcheck.store import DEFAULT_ATHLETE, NOTHING_SAID, Details
from formcheck.subject import Wish
from formcheck.types import Analysis
from formcheck.video import Reel

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
    *,
    exercise: str = "auto",
    model: str = AUTO,
    workers: int | None = None,
    max_fps: float | None = 30.0,
    height_cm: float | None = None,
    profile: Profile | None = None,
    person: Wish = None,
    video: bool = True,
    exports: Sequence[str] = (),
    details: Details = NOTHING_SAID,
    recall: Callable[[str, Details], Details] | None = None,
    blur_face: bool = False,
    progress: Callable[[str, float], object] | None = None,
) -> Done:
    """Analyse a clip and write its report into ``out_dir``: all of its files or none.

    An earlier result there is replaced whole: its files that are not written anew go.
    ``exports`` names further formats (:data:`formcheck.exports.FORMATS`), ``details`` is what they
    tell of the set besides; ``recall`` adds to these what is known of the clip, by its checksum.
    ``blur_face`` hides the lifter's head in video and pictures. ``progress`` is called with the
    title of the stage and its share done (0..1). Raises FormCheckError as the pipeline and the
    report do, and UsageError when a result would take the clip's own place.
    """

    def tell(stage: str, share: float) -> None:
        if progress is not None:
            progress(STAGES.get(stage, stage), min(max(share, 0.0), 1.0))

    check(exports)
    _spare(clip, out_dir, video=video, exports=exports)
    sweep(out_dir, UNFINISHED)
    judged = (profiles.apply(profile, known) for known in EXERCISES.values())
    # The usual ones, too: a check that is off is named by its title.
    rules = report.rule_info(
        rule for known in (*EXERCISES.values(), *judged) for rule in known.rules
    )
    key_frames: list[KeyFrame] = []
    threading.Thread(target=_import_later_stages, name="imports", daemon=True).start()
    with Reel(clip, _nearest_folder(out_dir)) as reel:
        analysis = pipeline.analyze(
            reel,
            exercise=exercise,
            model=model,
            workers=workers,
            max_fps=max_fps,
            height_cm=height_cm,
            profile=profile,
            person=person,
            progress=tell,
        )
        analysed_at = datetime.now(UTC)
        out_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=out_dir) as staging:
            written = report.write_all(
                reel,
                analysis,
                staging,
                video=video,
                rule_info=rules,
                progress=tell,
                on_key_frames=key_frames.extend,
                blur_face=blur_face,
            )
            known = details if recall is None else recall(analysis.clip.sha256, details)
            said = known.over(Details(DEFAULT_ATHLETE, performed_at=analysed_at))
            source = Source(build_report(analysis), analysis, key_frames, rules, said)
            written += _export(exports, source, Path(staging))
            files = _put(written, out_dir, clip)
    return Done(analysis, files, tuple(key_frames), analysed_at)


def _spare(clip: Path, out_dir: Path, *, video: bool, exports: Sequence[str]) -> None:
    """Make sure that no result takes the place of the clip itself."""
    names = {*report.FILES, *(format_of(name).file for name in exports)}
    for name in names if video else names - {report.ANNOTATED_MP4}:
        with suppress(OSError):  # no such file yet
            if (out_dir / name).samefile(clip):
                raise UsageError(
                    f"{clip} would be replaced by a result: name another folder, --out"
                )


def _import_later_stages() -> None:
    """What only the stages after pose use, imported beside it: the first clip need not wait."""
    with suppress(ImportError):  # whoever needs it says so
        for name in ("scipy.signal", "matplotlib.backends.backend_svg"):
            import_module(name)


def _export(names: Sequence[str], source: Source, folder: Path) -> list[Path]:
    """Write the formats that are not there yet; gives their files."""
    wanted = {folder / format_of(name).file: name for name in names}
    new = {file: name for file, name in wanted.items() if not file.exists()}
    for file, name in new.items():
        write(name, source, file)
    return list(new)


def _put(written: Sequence[Path], out_dir: Path, clip: Path) -> tuple[Path, ...]:
    """Move files to where they belong; what is left of an earlier result goes.

    It tells of another clip, or shows a face that this result hides. Where there is no earlier
    result, files with such names are the user's own.
    """
    earlier = _holds_result(out_dir)
    files = tuple(path.replace(out_dir / path.name) for path in written)
    left = (out_dir / name for name in FILES.difference(path.name for path in written))
    for path in left if earlier else ():
        if path.is_file() and path.resolve() != clip.resolve():
            path.unlink()
    return files


def _holds_result(folder: Path) -> bool:
    with suppress(OSError):
        return b'"formcheck_version"' in (folder / report.REPORT_JSON).read_bytes()
    return False


def _nearest_folder(path: Path) -> Path:
    """The folder itself or, while it is not there yet, the one that it will be made in."""
    return next((folder for folder in (path, *path.parents) if folder.is_dir()), path)
