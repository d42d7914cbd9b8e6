"""Small clips made from a sample, for tests that need real pictures."""

from __future__ import annotations

from pathlib import Path

from formcheck.video import VideoWriter, read_frames

ROOT = Path(__file__).resolve().parent.parent
PERSON = ROOT / "sample_videos" / "squat_clean.mp4"


def squatting(path: Path, seconds: float) -> Path:
    """Write the first seconds of a squat to a clip, small, at 12.5 frames a second."""
    with VideoWriter(path, 480, 270, 12.5) as writer:
        for frame in read_frames(PERSON, max_fps=12.5, max_side=480):
            if frame.time_s > seconds:
                break
            writer.write(frame)
    return path
