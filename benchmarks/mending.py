"""How often the pose model loses the body, and what following it again gives, on rendered people.

    python benchmarks/mending.py DIR [--model full] [--only REGEX]

DIR is a set of ``python -m gym set``. Prints for each clip in which something was followed again
(:mod:`formcheck.mending`) what share of the frames in repetitions has a body that is lost, or off
by more than LOST of the leg's length at the middles of shoulders, hips, knees and ankles, before
and after; then all clips together.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from _paths import existing

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import numpy as np  # noqa: E402
from _accuracy_raw import resampled  # noqa: E402
from _accuracy_report import table  # noqa: E402
from _accuracy_run import find_clips  # noqa: E402

from formcheck import pose  # noqa: E402
from formcheck.mending import MIDDLES, mended, middles  # noqa: E402
from formcheck.models import DEFAULT_MODEL, MODELS  # noqa: E402
from formcheck.plane import leg_length_px  # noqa: E402
from formcheck.types import SIDES, BoolArray, PoseTrack  # noqa: E402
from formcheck.video import probe  # noqa: E402
from gym.truth import read_truth, truth_path  # noqa: E402

LOST = 0.2


def both(clip: Path, model: str) -> tuple[PoseTrack, PoseTrack]:
    """The track of a clip before and after its gaps are mended."""
    tracks: list[PoseTrack] = []

    def watched(track: PoseTrack, *rest: Any) -> PoseTrack:
        tracks.extend((track, mended(track, *rest)))
        return tracks[-1]

    with patch.object(pose, "mended", watched):
        pose.estimate_track(clip, probe(clip), model)
    return tracks[0], tracks[1]


def lost(track: PoseTrack, truth: dict[str, Any], leg_px: float) -> BoolArray:
    """(N,) whether the body of a frame in a repetition is not where it is."""
    pixels, names = resampled(truth, track.time_s, "joints_px"), truth["joint_names"]
    true = np.stack(
        [
            np.mean([pixels[:, names.index(f"{joint}_{side}")] for side in SIDES], axis=0)
            for joint in MIDDLES
        ],
        axis=1,
    )
    off = np.linalg.norm(middles(track.xy_px) - true, axis=2).mean(axis=1) / leg_px
    inside = np.zeros(len(track), bool)
    for rep in truth["reps"]:
        inside |= (track.time_s >= rep["start_s"]) & (track.time_s <= rep["end_s"])
    astray: BoolArray = ~(off[inside] <= LOST)
    return astray


def main() -> int:
    """Follow, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=existing)
    parser.add_argument("--model", choices=MODELS, default=DEFAULT_MODEL)
    parser.add_argument("--only", default="", metavar="REGEX")
    options = parser.parse_args()
    clips = find_clips(options.folder, options.only)
    if not clips:
        print(f"mending: no clip with a truth file in {options.folder}", file=sys.stderr)
        return 2
    rows: list[dict[str, Any]] = []
    wholes: list[tuple[BoolArray, BoolArray]] = []
    for clip in clips:
        before, after = both(clip, options.model)
        truth, leg_px = read_truth(truth_path(clip)), leg_length_px(before)
        wholes.append((lost(before, truth, leg_px), lost(after, truth, leg_px)))
        if after is not before:
            rows.append({"clip": clip.stem, "exercise": truth["exercise"], **shares(wholes[-1:])})
    rows.append({"clip": f"all {len(clips)}", "exercise": "", **shares(wholes)})
    print(table(rows))
    return 0


def shares(wholes: list[tuple[BoolArray, BoolArray]]) -> dict[str, Any]:
    """The share of lost frames, in per cent, of some clips before and after."""
    before, after = (np.concatenate(part) for part in zip(*wholes, strict=True))
    return {
        "frames": len(before),
        "lost_before_percent": round(100 * float(before.mean()), 1) if len(before) else None,
        "lost_after_percent": round(100 * float(after.mean()), 1) if len(after) else None,
    }


if __name__ == "__main__":
    sys.exit(main())
