"""Making a face unrecognisable in a picture that is to be shown to others.

Only the followed person is known, so only that head is hidden.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from formcheck.types import BoolArray, FloatArray, ImageArray, Landmark, PoseTrack

CELLS = 5
"""Colours across a hidden head: too few for features, and the rest is gone, not only smeared."""
TORSO_SHARE = 0.30
"""Head radius over shoulder-hip length: the head is 0.130 and the trunk 0.288 body heights
(Drillis & Contini 1966, as given in Winter, Biomechanics and Motor Control of Human Movement), so
half a head is 0.23; the rest is for hair and error."""
FACE_SHARE = 1.35
"""... and over the distance from nose to ears, for a trunk that is foreshortened."""
UNSEEN_SHARE = 1.4
"""A head that is not seen is somewhere near where it was last and will be next."""
_FACE = (Landmark.NOSE, Landmark.LEFT_EAR, Landmark.RIGHT_EAR)


@dataclass(frozen=True, slots=True)
class Head:
    """A circle around a head, pixels."""

    x: float
    y: float
    radius: float


class Heads:
    """Where the followed person's head is, at any time of a clip."""

    def __init__(self, track: PoseTrack) -> None:
        offset, radius = _head_over_shoulders(track)
        shoulders = track.middle("shoulder")
        self._time_s = track.time_s
        seen: BoolArray = np.asarray(np.isfinite(offset + shoulders).all(axis=1))
        self._seen = seen
        filled = [_filled(track.time_s, values) for values in (offset, shoulders, radius[:, None])]
        self._circles = np.hstack([filled[0] + filled[1], filled[2]]) if seen.any() else None
        self._anywhere = Head(
            track.width / 2, track.height / 2, math.hypot(track.width, track.height)
        )

    def at(self, time_s: float) -> Head:
        """The head in pixels of the track; all of the picture when it is never seen in the clip.

        Where it is not seen it is taken to be, larger, as over the shoulders before and after.
        """
        if self._circles is None:
            return self._anywhere
        x, y, radius = (float(np.interp(time_s, self._time_s, v)) for v in self._circles.T)
        seen = self._seen[int(np.argmin(np.abs(self._time_s - time_s)))]
        return Head(x, y, radius if seen else UNSEEN_SHARE * radius)


def _head_over_shoulders(track: PoseTrack) -> tuple[FloatArray, FloatArray]:
    """From the middle of the shoulders to that of the head (N, 2), and its radius (N,), pixels."""
    nose, left, right = (track.point(point) for point in _FACE)
    ears = (left + right) / 2
    torso = np.hypot(*(track.middle("shoulder") - track.middle("hip")).T)
    face = np.maximum(np.hypot(*(nose - ears).T), np.hypot(*(left - right).T) / 2)
    radius = np.fmax(TORSO_SHARE * torso, FACE_SHARE * face)
    return (nose + 2 * ears) / 3 - track.middle("shoulder"), radius


def _filled(time_s: FloatArray, values: FloatArray) -> FloatArray:
    """(N, K) with what was not seen filled in a straight line; unchanged when nothing was."""
    seen = np.isfinite(values).all(axis=1)
    if not seen.any():
        return values
    return np.column_stack([np.interp(time_s, time_s[seen], column[seen]) for column in values.T])


def hide(image: ImageArray, head: Head | None, scale: float = 1.0) -> ImageArray:
    """A copy of an RGB picture with a few flat colours where the head is.

    ``scale``: pixels of the picture a pixel of the track.
    """
    if head is None:
        return image
    height, width = image.shape[:2]
    x, y, radius = (scale * value for value in (head.x, head.y, head.radius))
    left, right = max(int(x - radius), 0), min(int(x + radius) + 2, width)
    top, bottom = max(int(y - radius), 0), min(int(y + radius) + 2, height)
    if left >= right or top >= bottom:
        return image
    hidden = image.copy()
    part = hidden[top:bottom, left:right]
    few = cv2.resize(part, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    flat = cv2.resize(few, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    rows, columns = np.ogrid[top:bottom, left:right]
    inside = (columns - x) ** 2 + (rows - y) ** 2 <= radius**2
    part[inside] = flat[inside]
    return hidden
