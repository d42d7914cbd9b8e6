"""Small clips made from a sample, for tests that need real pictures."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

from formcheck.video import VideoWriter, read_frames

ROOT = Path(__file__).resolve().parent.parent
PERSON = ROOT / "sample_videos" / "squat_clean.mp4"


def squatting(path: Path, seconds: float) -> Path:
    """Write the first seconds of a squat to a clip, small, at 12.5 frames a second."""
    return small(PERSON, path, seconds)


def small(clip: Path, path: Path, seconds: float = math.inf) -> Path:
    """Write the first seconds of a clip, small, at 12.5 frames a second: half the work."""
    frames = read_frames(clip, max_fps=12.5, max_side=480)
    first = next(frames)
    height, width = first.image.shape[:2]
    with VideoWriter(path, width, height, 12.5) as writer:
        for frame in itertools.chain([first], frames):
            if frame.time_s > seconds:
                break
            writer.write(frame)
    return path
