"""What the low-pass cut-off does to the error: angles against rendered truth, one row a cut-off.

    python benchmarks/smoothing.py DIR [--model full]

DIR holds clips with truth files beside them (``sample_videos`` will do). Prints the mean absolute
error of hip and knee flexion of the working leg over all frames, the same within 0.2 s of the
repetitions' turns (where a low cut-off flattens), and the jitter (root mean square second
difference) that a high one lets through. Side and
oblique views only, and landmarks as they are drawn, before they are moved to joints' centres.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _paths import existing

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from _accuracy_run import find_clips  # noqa: E402

from formcheck.angles import compute_signals  # noqa: E402
from formcheck.pose import estimate_track  # noqa: E402
from formcheck.smoothing import drop_outliers, fill_gaps, low_pass, repair_swaps  # noqa: E402
from formcheck.types import FloatArray, PoseTrack, Signals  # noqa: E402
from formcheck.video import probe  # noqa: E402
from formcheck.view import estimate_capture  # noqa: E402
from gym.truth import read_truth, truth_path  # noqa: E402

CUTOFFS_HZ = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, math.inf)
ANGLES = ("hip_flexion", "knee_flexion")
TURN_S = 0.2


@dataclass(frozen=True)
class Clip:
    """Landmarks without low-pass, and the truth."""

    track: PoseTrack
    truth: dict[str, FloatArray]
    turns_s: list[float]


def load(video: Path, model: str) -> Clip:
    """Landmarks of a clip with every clean-up but the low-pass, and its truth on their times."""
    raw = estimate_track(video, probe(video), model)
    truth = read_truth(truth_path(video))
    frames = truth["frames"]
    times = np.array(frames["time_s"])
    angles = {
        name: np.interp(raw.time_s, times, np.array(values, dtype=float))
        for name, values in frames["angles"].items()
        if name.startswith(ANGLES)
    }
    track = fill_gaps(drop_outliers(repair_swaps(raw)))
    return Clip(track, angles, [rep["turn_s"] for rep in truth["reps"]])


def errors(clip: Clip, signals: Signals, side: str) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Absolute errors everywhere, near the turns, and second differences, in degrees."""
    time_s = clip.track.time_s
    near = np.any([np.abs(time_s - turn) <= TURN_S for turn in clip.turns_s], axis=0)
    off, jitter = [], []
    for angle in ANGLES:
        name = f"{angle}_{side}_deg"
        off.append(np.abs(signals[name] - clip.truth[name]))
        jitter.append(np.diff(signals[name], 2))
    together = np.stack(off)
    return together.ravel(), together[:, near].ravel(), np.concatenate(jitter)


def main(argv: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=existing)
    parser.add_argument("--model", default="full")
    options = parser.parse_args(argv)
    clips = [load(video, options.model) for video in find_clips(options.folder)]
    if not clips:
        print(f"smoothing: no clip with a truth file in {options.folder}", file=sys.stderr)
        return 2
    print(f"{len(clips)} clips\n\n| cut-off | error | near the turns | jitter |\n|---|---|---|---|")
    for cutoff_hz in CUTOFFS_HZ:
        parts = []
        for clip in clips:
            smooth = low_pass(clip.track, cutoff_hz) if math.isfinite(cutoff_hz) else clip.track
            capture = estimate_capture(smooth)
            if capture.view in ("side", "oblique"):
                parts.append(errors(clip, compute_signals(smooth, capture), capture.near_side))
        everywhere, turns, jitter = (np.concatenate(column) for column in zip(*parts, strict=True))
        label = f"{cutoff_hz:g} Hz" if math.isfinite(cutoff_hz) else "none"
        roughness = math.sqrt(np.nanmean(jitter**2))
        print(
            f"| {label} | {np.nanmean(everywhere):.2f}° | {np.nanmean(turns):.2f}° "
            f"| {roughness:.2f}° |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
