"""Cuts before a camera that stands: the picture stays, and only the lifter is elsewhere at once.

A body that moves does not jump. One that the pose model loses and finds does, too, but then the
pictures go on as before; a cut changes them much more than the moments around it do.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from formcheck.types import FloatArray, ImageArray, IntArray, PoseTrack

JOINTS = ("shoulder", "hip", "knee", "ankle")
"""Midpoints of left and right: exchanging the sides is no jump."""
JUMP, JUMP_PER_S = 0.08, 1.0
"""In leg lengths, and those per second between two frames: mean move of the midpoints from which a
body has jumped; see :mod:`formcheck.mending`."""
AROUND = 3
"""Frames on either side that a jump is compared with."""
CALM_RATIO = 5.0
"""So many times the moves around it is a jump that is worth a look at the pictures. Film that was
cut reads 14 and 83; so do bodies that are lost behind plates, in 4 of 299 rendered clips."""
STAYS_SHARE = 0.75
"""Of the jump that must be left when the frames before and after it are compared."""
LONGEST_S = 0.15
"""With nobody found in between for longer, the body may have moved there."""
PICTURE_RATIO = 3.0
"""Of the change of the picture, to the changes around it, as for cuts of the whole picture."""
THUMB_PX = 48
"""Side of the square that pictures are shrunk to before they are compared."""

Pictures = Callable[[Sequence[float]], Iterable[ImageArray]]
"""Fetches the clip's pictures at some times, in order."""


def with_jumps(track: PoseTrack, pictures: Pictures) -> PoseTrack:
    """The track with a new shot at each such cut as well."""
    jumps = _jumps(track)
    if not jumps:
        return track
    frames = sorted({frame for last, first in jumps for frame in _around(track, last, first)})
    images = pictures(track.time_s[frames].tolist())
    thumbs = {frame: _thumb(image) for frame, image in zip(frames, images, strict=True)}
    begins = np.zeros(len(track), dtype=np.int64)
    for last, first in jumps:
        seen = [thumbs[frame] for frame in _around(track, last, first)]
        begins[first] = _cut(seen, AROUND, AROUND + first - last)
    return replace(track, shot=track.shot + np.cumsum(begins)) if begins.any() else track


def _around(track: PoseTrack, last: int, first: int) -> range:
    return range(last - AROUND, min(first + AROUND + 1, len(track)))


def _jumps(track: PoseTrack) -> list[tuple[int, int]]:
    """The last frame before and the first after each jump of the body within a shot."""
    where = np.stack([track.middle(joint) for joint in JOINTS], axis=1)
    seen: IntArray = np.flatnonzero(np.isfinite(where).all(axis=(1, 2)))
    if len(seen) < 2 * AROUND + 2:
        return []
    where, time_s, shot = where[seen] / _leg_px(where[seen]), track.time_s[seen], track.shot[seen]
    moved, apart_s = _apart(where[1:], where[:-1]), np.diff(time_s)
    large = (moved > JUMP + JUMP_PER_S * apart_s) & (apart_s <= LONGEST_S)
    found = []
    for k in np.flatnonzero(large & (np.diff(shot) == 0)):
        before, after = slice(k - AROUND, k), slice(k + 1, k + 1 + AROUND)
        if k < AROUND or after.stop > len(moved):
            continue
        calm = max(moved[before].max(), moved[after].max())
        last, first = (np.median(where[part], axis=0) for part in (slice(k - 2, k + 1), after))
        if moved[k] > CALM_RATIO * calm and _apart(first, last) > STAYS_SHARE * moved[k]:
            found.append((int(seen[k]), int(seen[k + 1])))
    return found


def _apart(one: FloatArray, other: FloatArray) -> FloatArray:
    """(...,) mean distance of the midpoints of two postures, (..., 4, 2)."""
    between: FloatArray = np.linalg.norm(one - other, axis=-1).mean(axis=-1)
    return between


def _leg_px(where: FloatArray) -> float:
    """Length of the straightest legs, pixels."""
    hip, knee, ankle = (where[:, k] for k in (1, 2, 3))
    legs = np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1)
    return max(float(np.percentile(legs, 90)), 1.0)


def _cut(thumbs: Sequence[FloatArray], last: int, first: int) -> bool:
    """Whether one step from picture ``last`` to ``first`` is far larger than all others."""
    steps = np.array([float(np.abs(b - a).mean()) for a, b in itertools.pairwise(thumbs)])
    inside = last + int(np.argmax(steps[last:first]))
    others = np.delete(steps, inside)
    return bool(steps[inside] > PICTURE_RATIO * others.max())


def _thumb(image: ImageArray) -> FloatArray:
    """A small grey picture."""
    small = cv2.resize(image, (THUMB_PX, THUMB_PX), interpolation=cv2.INTER_AREA)
    grey: FloatArray = np.asarray(small, dtype=np.float64).mean(axis=2)
    return grey
