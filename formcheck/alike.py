"""Whether two repetitions go alike: the course of hips, knees and trunk from start to end."""

from __future__ import annotations

import numpy as np

from formcheck.types import SIDES, FloatArray, Rep, Signals

ALIKE_DEG = 8.0
"""Root mean square distance up to which two courses are the same movement. The nearest repetition
of the same set is 1 to 8 degrees away in three of four repetitions of 40 real clips, and up to 23;
of a squat among lunges one hip alone is off by 60."""
POINTS = 10
"""Of each half of a repetition."""
_OF_LEGS = tuple(f"{joint}_flexion_{side}_deg" for joint in ("hip", "knee") for side in SIDES)
_MIRRORED = [1, 0, 3, 2, 4]
"""The rows of a course with left and right exchanged."""


def alike(motion: Signals, one: Rep, other: Rep) -> bool:
    """Whether the second goes as the first does, on the same leg or the other."""
    first, second = _course(motion, one), _course(motion, other)
    ways = (second, second[_MIRRORED])
    return min(_apart_deg(first, way) for way in ways) <= ALIKE_DEG


def _course(motion: Signals, rep: Rep) -> FloatArray:
    """(5, 2 * POINTS + 1) hips, knees and trunk, in equal steps to the turn and from there on."""
    start_s, turn_s, end_s = motion.time_s[[rep.start, rep.turn, rep.end]]
    down_s = np.linspace(start_s, turn_s, POINTS, endpoint=False)
    times_s = np.concatenate([down_s, np.linspace(turn_s, end_s, POINTS + 1)])
    return np.stack([_at(motion, name, times_s) for name in (*_OF_LEGS, "trunk_inclination_deg")])


def _at(motion: Signals, name: str, times_s: FloatArray) -> FloatArray:
    """A signal at some times, through what was not seen; NaN when nothing was."""
    seen = np.isfinite(motion[name])
    if not seen.any():
        return np.full(len(times_s), np.nan)
    return np.interp(times_s, motion.time_s[seen], motion[name][seen])


def _apart_deg(one: FloatArray, other: FloatArray) -> float:
    """Root mean square distance; infinite where something is not seen at all."""
    apart = float(np.sqrt(np.mean((one - other) ** 2)))
    return apart if np.isfinite(apart) else np.inf
