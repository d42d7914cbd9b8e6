"""What happens when somebody presses "Analyse": a private folder, the pipeline, the results.

Nothing of a clip stays on the disk: the results are read into memory, which the session holds,
and the folder goes away whatever happens.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from formcheck import job
from formcheck.types import Analysis

NAME_MAX = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """An analysed clip: the findings and the files of the report by name."""

    analysis: Analysis
    files: Mapping[str, bytes]


def sample_clips() -> tuple[Path, ...]:
    """The clips that come with FormCheck, in the installed package or in the checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "sample_videos", package.parent / "sample_videos"):
        clips = tuple(sorted(folder.glob("*.mp4")))
        if clips:
            return clips
    return ()


def safe_name(name: str) -> str:
    """A file name without folders, short enough for any disk."""
    last = Path(name.replace("\\", "/").replace("\0", "")).name
    stem, suffix = Path(last).stem, Path(last).suffix
    return f"{stem[:NAME_MAX]}{suffix[:10]}" if stem.strip(".") else "clip.mp4"


def analyse(
    name: str,
    stream: BinaryIO,
    exercise: str,
    model: str,
    progress: Callable[[str, float], object],
) -> Outcome:
    """Analyse an uploaded clip in a folder of its own that is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="formcheck-") as folder:
        clip = Path(folder) / "in" / safe_name(name)
        clip.parent.mkdir()
        with clip.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
        done = job.run(
            clip, Path(folder) / "out", exercise=exercise, model=model, progress=progress
        )
        files = {path.name: path.read_bytes() for path in done.files}
    return Outcome(done.analysis, files)
