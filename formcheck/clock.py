"""How much time frames take, from the times of the frames."""

from __future__ import annotations

import math

import numpy as np

from formcheck.types import FloatArray

HOLE_S = 0.3
"""Gaps up to that are filled; in a longer one a quick repetition turns."""
BESIDE_S = 0.25
"""So near to a hole the moment that is looked for may lie in it: the signal that repetitions are
counted in is steadied over as long."""


def frame_step_s(time_s: FloatArray) -> float:
    """Typical time between frames, seconds; a thirtieth when there is but one."""
    return float(np.median(np.diff(time_s))) if len(time_s) > 1 else 1 / 30


def frames_in(span_s: float, time_s: FloatArray) -> int:
    """Frames that a time takes; half a frame is none, however the clock's times are rounded."""
    return max(math.ceil(span_s / max(frame_step_s(time_s), 1e-3) - 0.5 - 1e-6), 1)


def hole_s(time_s: FloatArray, from_s: float, until_s: float) -> float:
    """The longest time without a frame within BESIDE_S of a while; 0 where there is no hole."""
    before, after = time_s[:-1], time_s[1:]
    near = (before <= until_s + BESIDE_S) & (after >= from_s - BESIDE_S)
    longest_s = float((after - before)[near].max(initial=0.0))
    return longest_s if longest_s > HOLE_S + 1e-3 else 0.0
