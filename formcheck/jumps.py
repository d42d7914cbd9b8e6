"""Cuts that only the body shows.

Where the camera stands, as on a tripod, a cut leaves the picture as it was, and only the lifter is
all at once in another posture. A body that moves does not do that, and one that the pose model
draws elsewhere for a moment is not calm before and after.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from formcheck.types import FloatArray, IntArray, PoseTrack

JOINTS = ("shoulder", "hip", "knee", "ankle")
"""Midpoints of left and right: exchanging the sides is no jump."""
JUMP, JUMP_PER_S = 0.08, 1.0
"""In leg lengths, and those per second between two frames: mean move of the midpoints from which a
body has jumped; see :mod:`formcheck.mending`."""
CALM_FRAMES = 3
CALM_RATIO = 5.0
"""So many times the moves of the frames around it is a cut. In 31 real lifts a body that is lost
and found jumps by up to 3.4 times those; film that was cut reads 14 and 83."""
STAYS_SHARE = 0.75
"""Of the jump that must be left when the frames before and after it are compared."""
BACK_S, BACK_SHARE = 1.5, 0.5
"""A body that within that time jumps back, to where less than that share of the jump is left, was
drawn elsewhere meanwhile."""
LONGEST_S = 0.15
"""With nobody found in between for longer, the body may have moved there."""


def with_jumps(track: PoseTrack) -> PoseTrack:
    """The track with a new shot at each such cut as well."""
    begins = np.zeros(len(track), dtype=np.int64)
    begins[_jumps(track)] = 1
    return replace(track, shot=track.shot + np.cumsum(begins)) if begins.any() else track


def _jumps(track: PoseTrack) -> IntArray:
    """The first frames after jumps, within a shot."""
    where = np.stack([track.middle(joint) for joint in JOINTS], axis=1)
    seen = np.flatnonzero(np.isfinite(where).all(axis=(1, 2)))
    if len(seen) < 2 * CALM_FRAMES + 2:
        return np.empty(0, dtype=np.int64)
    where, time_s, shot = where[seen], track.time_s[seen], track.shot[seen]
    where = where / _leg_px(where)
    moved, apart_s = _apart(where[1:], where[:-1]), np.diff(time_s)
    large = (moved > JUMP + JUMP_PER_S * apart_s) & (apart_s <= LONGEST_S)
    found: list[int] = []
    for k in np.flatnonzero(large & (np.diff(shot) == 0)):
        before, after = slice(k - CALM_FRAMES, k), slice(k + 1, k + 1 + CALM_FRAMES)
        if k < CALM_FRAMES or after.stop > len(moved):
            continue
        calm = max(moved[before].max(), moved[after].max())
        last, first = (np.median(where[part], axis=0) for part in (slice(k - 2, k + 1), after))
        if moved[k] > CALM_RATIO * calm and _apart(first, last) > STAYS_SHARE * moved[k]:
            found.append(int(k))
    return seen[_for_good(found, where, time_s, moved)]


def _for_good(
    jumps: list[int], where: FloatArray, time_s: FloatArray, moved: FloatArray
) -> list[int]:
    """The first frames after those jumps that are not taken back by the next one."""
    kept: list[int] = []
    for k in jumps:
        out = kept[-1] - 1 if kept else None
        if out is not None and time_s[k] - time_s[out] <= BACK_S:
            left = _apart(where[out], where[k + 1])
            if left < BACK_SHARE * min(moved[out], moved[k]):
                kept.pop()
                continue
        kept.append(k + 1)
    return kept


def _apart(one: FloatArray, other: FloatArray) -> FloatArray:
    """(...,) mean distance of the midpoints of two postures, (..., 4, 2)."""
    between: FloatArray = np.linalg.norm(one - other, axis=-1).mean(axis=-1)
    return between


def _leg_px(where: FloatArray) -> float:
    """Length of the straightest legs, pixels."""
    hip, knee, ankle = (where[:, k] for k in (1, 2, 3))
    legs = np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1)
    return max(float(np.percentile(legs, 90)), 1.0)
