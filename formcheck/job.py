"""One clip from file to report files: what the command does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from formcheck import pipeline, report
from formcheck.exercises import EXERCISES
from formcheck.subject import Wish
from formcheck.types import Analysis

STAGES: Mapping[str, str] = {
    "pose": "Following the body",
    "report": "Writing the report",
    "video": "Drawing the video",
}
"""The stages that progress is told of, in words for a user."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was found, and the files that tell of it."""

    analysis: Analysis
    files: tuple[Path, ...]


def run(
    clip: Path,
    out_dir: Path,
    *,
    exercise: str = "auto",
    model: str = "full",
    workers: int | None = None,
    max_fps: float | None = 30.0,
    height_cm: float | None = None,
    person: Wish = None,
    video: bool = True,
    progress: Callable[[str, float], object] | None = None,
) -> Done:
    """Analyse a clip and write its report into ``out_dir``: all of its files or none.

    ``progress`` is called with the title of the stage and its share done (0..1). Raises
    FormCheckError as the pipeline and the report do.
    """

    def tell(stage: str, share: float) -> None:
        if progress is not None:
            progress(STAGES.get(stage, stage), min(max(share, 0.0), 1.0))

    analysis = pipeline.analyze(
        clip,
        exercise=exercise,
        model=model,
        workers=workers,
        max_fps=max_fps,
        height_cm=height_cm,
        person=person,
        progress=tell,
    )
    rules = report.rule_info(rule for known in EXERCISES.values() for rule in known.rules)
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".formcheck-", dir=out_dir) as staging:
        written = report.write_all(
            clip, analysis, staging, video=video, rule_info=rules, progress=tell
        )
        files = tuple(path.replace(out_dir / path.name) for path in written)
    return Done(analysis, files)
