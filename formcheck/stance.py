"""What repetitions are measured against: the person's own upright stance, or a split set's tops."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import scipy

from formcheck.clock import frames_in
from formcheck.rules import RepContext, Stance
from formcheck.types import BoolArray, FloatArray, IntArray, Signals, finite_median

STANDING_TRUNK_DEG = 35.0
STANDING_DEG = 80.0
"""Trunk inclination, and hip and knee flexion together, below which somebody stands rather than
squats."""
STANDING_STILL_DEG_PER_S, STANDING_LEAST_S = 60.0, 0.15
"""How fast both together change at most, and how long they do not: lifts pass through any posture
at 150 and more."""
STANDING_SPREAD_DEG = 10.0
"""Stance is where both together are within this of the straightest standing of the clip."""
SURE_ERRORS = 2.0
"""Stance is read where the stated error is below this many times its lower quartile."""
SPLIT_STAGGER = 0.45
"""Stagger (stride in leg lengths + hip split / 100 degrees) from which the feet are apart: standing
reads below 0.3, the top of a split squat 0.7 and more."""


def standing_frames(motion: Signals) -> IntArray:
    """Indices of the frames in which the person stands still about as straight as they ever do."""
    flexion = motion["hip_flexion_deg"] + motion["knee_flexion_deg"]
    if len(flexion) < 2:
        return np.empty(0, dtype=np.int64)
    still = np.abs(np.gradient(flexion, motion.time_s)) < STANDING_STILL_DEG_PER_S
    upright = (motion["trunk_inclination_deg"] < STANDING_TRUNK_DEG) & (flexion < STANDING_DEG)
    least = frames_in(STANDING_LEAST_S, motion.time_s)
    upright = scipy.ndimage.binary_opening(upright & still, np.ones(least, dtype=bool))
    if not upright.any():
        return np.empty(0, dtype=np.int64)
    straightest = np.percentile(flexion[upright], 5)
    return np.flatnonzero(upright & (flexion <= straightest + STANDING_SPREAD_DEG))


def feet_together(standing: IntArray, motion: Signals) -> IntArray:
    """Those of the standing frames in which neither foot is ahead: both are flat on the floor."""
    return standing[motion["stagger_ratio"][standing] <= SPLIT_STAGGER]


def upright_stance(standing: IntArray, signals: Signals, motion: Signals) -> Stance:
    """The person's own upright stance: the median of each signal over the standing frames.

    Without those in which the signal is far less sure than in others: while somebody walks in,
    feet are often guessed. Nor is a foot read while it is behind the other, on its toes.
    """
    split = motion["stagger_ratio"] > SPLIT_STAGGER
    values, errors = {}, {}
    for name, signal in signals.values.items():
        flat = standing[~_foot_behind(name, signals, split)[standing]]
        value, error = signal[flat], signals.error.get(name, np.zeros_like(signal))[flat]
        sure = np.isfinite(value) & (error <= SURE_ERRORS * _lower_quartile(error))
        values[name], errors[name] = finite_median(value[sure]), finite_median(error[sure])
    bend_deg = finite_median((motion["hip_flexion_deg"] + motion["knee_flexion_deg"])[standing])
    return Stance(values, errors, bend_deg)


def straighter(own: Stance, earlier: Stance | None) -> Stance:
    """The straighter one of two stances of the same person."""
    if earlier is None or math.isnan(earlier.bend_deg) or own.bend_deg <= earlier.bend_deg:
        return own
    return earlier


def remembered(own: Stance, earlier: Stance | None) -> Stance:
    """What repetitions are measured against where only the end of a set is looked at.

    The own stance there, as long as it would count as stance in the whole set; else the straighter
    one of before, and the own one in what was not seen then.
    """
    best = straighter(own, earlier)
    if own.bend_deg <= best.bend_deg + STANDING_SPREAD_DEG:
        return own
    seen = {name: value for name, value in best.values.items() if math.isfinite(value)}
    errors = {name: best.error[name] for name in seen if name in best.error}
    return Stance({**own.values, **seen}, {**own.error, **errors}, best.bend_deg)


def _foot_behind(name: str, signals: Signals, split: BoolArray) -> BoolArray:
    """(N,) whether a signal is one of a foot that is the rear one of a split stance.

    That of the leg whose hip is straighter; where one hip is not seen nobody can say.
    """
    foot = re.fullmatch(r"(?:foot_pitch|ankle_dorsiflexion)_(left|right)_deg", name)
    if foot is None:
        return np.zeros_like(split)
    own, other = foot[1], "left" if foot[1] == "right" else "right"
    behind: BoolArray = signals[f"hip_flexion_{own}_deg"] < signals[f"hip_flexion_{other}_deg"]
    return split & behind


def _lower_quartile(values: FloatArray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.percentile(finite, 25)) if len(finite) else math.nan


def split_tops(contexts: Sequence[RepContext], motion: Signals) -> list[RepContext]:
    """For repetitions that end with one foot in front: measured against the set's best tops.

    In a split or walking lunge the feet never come together, so the front hip of a complete
    repetition is not as straight as in standing.
    """
    split = [motion["stagger_ratio"][c.top] > SPLIT_STAGGER for c in contexts]
    changed = []
    for context, apart in zip(contexts, split, strict=True):
        own, error = dict(context.stance.values), dict(context.stance.error)
        for name in (f"{a}_{context.rep.side}_deg" for a in ("hip_flexion", "knee_flexion")):
            tops = [
                other.top
                for other, also in zip(contexts, split, strict=True)
                if also and other.rep.side == context.rep.side and name in own and other.top_seen
            ]
            best = _good_top(context.signals[name], tops) if apart else None
            if best is not None:
                own[name] = float(context.signals[name][best])
                error[name] = float(context.signals.error[name][best])
        stance = replace(context.stance, values=own, error=error)
        changed.append(replace(context, stance=stance, feet_apart=bool(apart)))
    return changed


def _good_top(flexion_deg: FloatArray, tops: Sequence[int]) -> int | None:
    """The frame of one of the straightest tops: of many not the very best, which may be misread."""
    seen = sorted((top for top in tops if np.isfinite(flexion_deg[top])), key=flexion_deg.item)
    return seen[(len(seen) - 1) // 4] if seen else None
