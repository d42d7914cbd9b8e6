"""How much time frames take, from the times of the frames."""

from __future__ import annotations

import math

import numpy as np

from formcheck.types import FloatArray


def frame_step_s(time_s: FloatArray) -> float:
    """Typical time between frames, seconds; a thirtieth when there is but one."""
    return float(np.median(np.diff(time_s))) if len(time_s) > 1 else 1 / 30


def frames_in(span_s: float, time_s: FloatArray) -> int:
    """Frames that a time takes; half a frame is none, however the clock's times are rounded."""
    return max(math.ceil(span_s / max(frame_step_s(time_s), 1e-3) - 0.5 - 1e-6), 1)
