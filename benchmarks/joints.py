"""Learn where joints' centres are from rendered people, and say how well that goes.

    python -m gym set --seed 1001 --clips 420 --fps 15 --out DIR --jobs 2
    python benchmarks/joints.py DIR [--jobs 2] [--out formcheck/joints.npz]

Take another seed than the set that accuracy is measured on (``benchmarks/accuracy.py``). Prints
for each joint how far it is drawn from its centre, in per cent of the leg's length, and how far
if all were believed that is learnt from the four fifths of the clips that a clip does not belong to
(:mod:`formcheck.joints` believes the more of it, the more a landmark trembles). ``--out`` writes
what all of them teach.

    python benchmarks/joints.py --real CLIP…

Real clips have no truth, but limbs keep their length: prints by how many per cent of it the near
thigh and shank and the trunk vary in the repetitions, as drawn and after.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from _paths import existing

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import numpy as np  # noqa: E402
from _accuracy_cache import Cache  # noqa: E402
from _accuracy_raw import resampled  # noqa: E402
from _accuracy_report import table  # noqa: E402
from _accuracy_run import find_clips  # noqa: E402

from formcheck.doubt import followed  # noqa: E402
from formcheck.errors import FormCheckError  # noqa: E402
from formcheck.joints import (  # noqa: E402
    FILE,
    MOVED,
    Lessons,
    axes,
    likenesses,
    near_first,
    postures,
    standard,
)
from formcheck.models import AUTO, MODELS  # noqa: E402
from formcheck.pipeline import evaluate, follow  # noqa: E402
from formcheck.plane import leg_length_px, sagittal_plane  # noqa: E402
from formcheck.types import (  # noqa: E402
    SIDES,
    Capture,
    FloatArray,
    Landmark,
    PoseTrack,
    landmark,
)
from formcheck.video import probe  # noqa: E402
from gym.truth import read_truth, truth_path  # noqa: E402

FRAMES = 40
"""Of each clip, evenly over its repetitions: a slow lift teaches no more than a fast one."""
AROUND_S = 0.3
"""Before and after a repetition people stand, which the rules look at as well."""
LOST = 0.2
"""Joints that are drawn farther away, in leg lengths, are taken as drawn so far: the body was lost
there, and where it really was cannot be told from the posture."""
TRUE_NAMES = {"foot_index": "toe_base"}
"""The ball of the foot, on which it turns when the heel rises; the toes stay flat."""
EXAMPLES = 1500
RIDGE = 0.03
"""Weight of the penalty on large weights, for a thousand frames learnt from."""
FOLDS = 5


@dataclass(frozen=True)
class Clip:
    """Postures (N, D) of a clip, and how far the joints are from where they are drawn (N, 24)."""

    postures: FloatArray
    moves: FloatArray


def taught_by(clip: Path, model: str, cache: Path) -> Clip | None:
    """What a clip teaches; None where nobody is seen."""
    truth = read_truth(truth_path(clip))
    try:
        _, raw = followed(model, None, lambda name: Cache(cache, name).pose(clip, workers=1))
        found = evaluate(raw, truth["exercise"])
    except FormCheckError:
        return None
    track = found.track
    moves = true_moves(truth, track, found.capture)
    inside = np.zeros(len(track), bool)
    for rep in truth["reps"]:
        since, until = rep["start_s"] - AROUND_S, rep["end_s"] + AROUND_S
        inside |= (track.time_s >= since) & (track.time_s <= until)
    known = np.flatnonzero(inside & np.isfinite(moves).all(axis=1))
    if not len(known):
        return None
    chosen = known[np.unique(np.linspace(0, len(known) - 1, FRAMES).round().astype(int))]
    return Clip(postures(track, found.capture)[chosen], moves[chosen])


def true_moves(truth: dict[str, Any], track: PoseTrack, capture: Capture) -> FloatArray:
    """(N, 24) from the drawn joints to the true ones: forward and up, in leg lengths."""
    order = near_first(track, capture, MOVED)[..., None]
    pixels = resampled(truth, track.time_s, "joints_px")
    names = truth["joint_names"]
    true = np.full((len(track), len(Landmark), 2), np.nan)
    for side in SIDES:
        for joint in MOVED:
            name = TRUE_NAMES.get(joint, joint)
            true[:, landmark(side, joint)] = pixels[:, names.index(f"{name}_{side}")]
    away = np.take_along_axis(true - track.xy_px, order, axis=1) * axes(track, capture)
    return (away / leg_length_px(track)).reshape(len(track), -1)


def learn(clips: Sequence[Clip], examples: int = EXAMPLES) -> Lessons:
    """Kernel ridge regression on a subset of regressors, drawn at random from all frames."""
    seen = np.concatenate([clip.postures for clip in clips])
    moves = np.clip(np.concatenate([clip.moves for clip in clips]), -LOST, LOST)
    mean, spread = np.nanmean(seen, axis=0), np.nanstd(seen, axis=0)
    scaled = standard(seen, mean, spread)
    drawn = np.random.default_rng(0).choice(len(scaled), min(examples, len(scaled)), replace=False)
    subset = scaled[np.sort(drawn)]
    like, own = likenesses(scaled, subset), likenesses(subset, subset)
    penalty = RIDGE * len(scaled) / 1000 * own + 1e-6 * np.eye(len(own))
    weights = np.linalg.solve(like.T @ like + penalty, like.T @ moves)
    return Lessons(mean, spread, subset, weights)


def rows(clips: Sequence[Clip]) -> list[dict[str, Any]]:
    """How far off each joint is before and after, learnt from other clips."""
    before, after = [], []
    for fold in range(FOLDS):
        others = learn([clip for k, clip in enumerate(clips) if k % FOLDS != fold])
        for clip in clips[fold::FOLDS]:
            before.append(clip.moves.reshape(-1, 2 * len(MOVED), 2))
            after.append(before[-1] - others.moves(clip.postures)[0])
    off = {"drawn": np.concatenate(before), "learnt": np.concatenate(after)}
    told = []
    for k, joint in enumerate(f"{side} {joint}" for side in ("near", "far") for joint in MOVED):
        row: dict[str, Any] = {"joint": joint}
        for name, away in off.items():
            percent = 100 * np.linalg.norm(away[:, k], axis=1)
            row[f"{name}_median"] = round(float(np.median(percent)), 1)
            row[f"{name}_mean"] = round(float(percent.mean()), 1)
        told.append(row)
    return told


LIMBS = {"thigh": ("hip", "knee"), "shank": ("knee", "ankle"), "trunk": ("shoulder", "hip")}


def steadiness(clip: Path, model: str) -> dict[str, Any] | None:
    """How much limbs seem to change their length in a real clip; None where none can be seen."""
    try:
        drawer, raw = follow(clip, probe(clip), model, "auto")
        found = {name: evaluate(raw, model=by) for name, by in (("drawn", None), ("after", drawer))}
    except FormCheckError as error:
        print(error, file=sys.stderr)
        return None
    capture, reps = found["drawn"].capture, found["drawn"].reps
    if not reps or capture.view not in ("side", "oblique"):
        return None
    frames = np.concatenate([np.arange(rep.rep.start, rep.rep.end + 1) for rep in reps])
    row: dict[str, Any] = {"clip": clip.name[:24], "view": capture.view}
    for limb, (start, end) in LIMBS.items():
        for name, result in found.items():
            plane, leg = sagittal_plane(result.track, capture), capture.near_side
            ends = [
                plane.middle(j) if limb == "trunk" else plane.points[leg, j] for j in (start, end)
            ]
            length = np.linalg.norm(ends[0] - ends[1], axis=1)[frames]
            row[f"{limb}_{name}"] = round(100 * float(np.nanstd(length) / np.nanmedian(length)), 1)
    return row


def print_steadiness(clips: Sequence[Path], model: str) -> None:
    """The table of real clips, with its median at the end."""
    found = [row for clip in clips if (row := steadiness(clip, model))]
    if found:
        numbers = [name for name in found[0] if "_" in name]
        middle = {
            name: round(float(np.median([row[name] for row in found])), 1) for name in numbers
        }
        found.append({"clip": f"median of {len(found)}", "view": "", **middle})
    print(table(found))


def main() -> int:
    """Learn, print, and write when asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=existing, nargs="?", help="clips with their truth files")
    parser.add_argument(
        "--real", type=existing, nargs="+", metavar="CLIP", help="clips without truth"
    )
    parser.add_argument("--model", default=AUTO, choices=(AUTO, *MODELS))
    parser.add_argument("--cache", type=Path, help="where poses are kept (default: DIR/formcheck)")
    parser.add_argument("--jobs", type=int, default=1, help="clips at a time")
    parser.add_argument("--out", type=Path, help=f"write what was learnt, e.g. to {FILE.name}")
    options = parser.parse_args()
    if options.real:
        print_steadiness(options.real, options.model)
        return 0
    if options.folder is None:
        parser.error("name the folder of rendered clips, or --real and clips")
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    cache = options.cache or options.folder / "formcheck"
    see = partial(taught_by, model=options.model, cache=cache)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, mp_context=context) as pool:
        found = pool.map(see, find_clips(options.folder))
        clips = [clip for clip in found if clip is not None]
    if len(clips) < FOLDS:
        parser.error(f"{options.folder}: {FOLDS} clips with somebody in them are needed")
    print(f"{len(clips)} clips\n\n{table(rows(clips))}")
    if options.out:
        write_whole(options.out, learn(clips))
    return 0


def write_whole(out: Path, learnt: Lessons) -> None:
    """Write under a temporary name, then rename."""
    part = out.with_name(f".{out.name}.part.npz")
    kept = {part.name: getattr(learnt, part.name).astype(np.float32) for part in fields(Lessons)}
    np.savez_compressed(part, **kept)
    part.replace(out)


if __name__ == "__main__":
    sys.exit(main())
