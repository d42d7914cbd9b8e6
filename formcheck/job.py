"""One clip from file to report files: what the command and the page both do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from formcheck import pipeline, report
from formcheck.exercises import EXERCISES
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
    video: bool = True,
    progress: Callable[[str, float], object] | None = None,
) -> Done:
    """Analyse a clip and write its report into ``out_dir``.

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
        progress=tell,
    )
    rules = report.rule_info(rule for known in EXERCISES.values() for rule in known.rules)
    files = report.write_all(clip, analysis, out_dir, video=video, rule_info=rules, progress=tell)
    return Done(analysis, tuple(files))
