"""Signals at even steps of time, which the formats of motion analysis ask for.

A phone's frames are not evenly spaced. Between two frames values are interpolated; across a gap
they are not, nor where a point was not seen.
"""

from __future__ import annotations

import numpy as np

from formcheck.clock import frame_step_s
from formcheck.types import FloatArray

MAX_GAP_S = 0.2
"""Frames further apart than this are not interpolated between."""
_SAME_STEPS = 0.1
"""A frame this near to a time, in steps, is that of the time: containers round their times."""
_REGULAR = 0.5
"""How far a step may be from the usual one, as a share of it, and no frame be missing."""


def rate_hz(time_s: FloatArray) -> float:
    """The usual frame rate of the frames, hertz."""
    usual = frame_step_s(time_s)
    steps = np.diff(time_s)
    regular = steps[np.abs(steps - usual) <= _REGULAR * usual]
    # Their mean: of times in whole milliseconds every single step is wrong.
    return 1 / float(regular.mean() if len(regular) else usual)


def even_times(time_s: FloatArray) -> FloatArray:
    """(M,) seconds, from the first frame to the last in even steps."""
    step = 1 / rate_hz(time_s)
    count = int(np.floor((time_s[-1] - time_s[0]) / step + _SAME_STEPS)) + 1
    return np.asarray(time_s[0] + step * np.arange(count))


def evenly(time_s: FloatArray, values: FloatArray) -> FloatArray:
    """(M, K) of values (N, K) at :func:`even_times`; NaN where nothing was seen."""
    at = even_times(time_s)
    if len(time_s) < 2:
        return values.copy()
    after = np.clip(np.searchsorted(time_s, at), 1, len(time_s) - 1)
    start, end = time_s[after - 1], time_s[after]
    share = np.clip((at - start) / (end - start), 0.0, 1.0)[:, None]
    mixed = values[after - 1] * (1 - share) + values[after] * share
    mixed[end - start > MAX_GAP_S] = np.nan
    # A time that falls on a frame is that frame's, also when the one beside it was not seen.
    near_s = _SAME_STEPS / rate_hz(time_s)
    for index, place in ((after - 1, start), (after, end)):
        same = (np.abs(place - at) <= near_s)[:, None] & np.isnan(mixed)
        mixed = np.where(same, values[index], mixed)
    return np.asarray(mixed)
