"""Did the weight leave the floor? What lies and stands around a lifter tells.

A bar that is lifted is missed where it lay and seen where the hands are. Between the bottoms and
the tops of a set's lifts, all that changes around the lifter is what is lifted, with its shadow;
whoever stands up without it leaves the picture as it is at the bottom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.types import FloatArray, ImageArray, IntArray, Landmark, PoseTrack

TRUNK_PX = 20
"""Pictures are scaled so that the standing lifter's trunk has this length."""
ASIDE_PX, ABOVE_PX, BELOW_PX = 50, 20, 50
"""What is kept around the hands of the standing lifter: two and a half trunk lengths to either
side, the plates of a long bar among it, and down past the feet; one upwards."""
MARGIN_TRUNKS = 0.06
"""A person's outline is taken that much wider."""
BODY = 0.3
"""Likelihood from which a pixel is the person's."""
CHANGED = 12.0
"""Distance of colours (LAB, 8 bits) from which tops and bottoms differ at a place: noise and
compression of 78 rendered and 17 real clips stay below."""
UNSETTLED = 2 * CHANGED
"""... and among tops, or among bottoms, that tell nothing there: somebody walks by."""
MIN_CHANGED = 15
"""Places that must have changed, edges let off. Of 95 rendered lifts and stand-ups, whose plates
are mostly taken for the person's outline, the fewest have 19."""
TAKES_SIDES = 0.3
"""How much of the way from one to the other, -1 as at tops, 1 as at bottoms, the picture has to
lean to either. Of 93 rendered lifts all but three read -0.55 to -1 (those -0.09 to -0.23), of 25
stand-ups all but three 0.33 to 1 (0.22; with long shadows that stand up, -0.27 and -0.31)."""
UNEXPLAINED = 0.35
"""The part of the change by which the places that changed may look like neither, and ..."""
RESTLESS = 0.1
"""... the share of the other places that may have changed as well. Pictures laid over each other of
a camera that stands, or is held in a hand, have below 0.25 of the one and rarely more of the other;
of a camera that is carried elsewhere 0.2 to 0.6 and 0.05 to 0.35."""
ALIGNED = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-4)
"""When the search for how the camera has moved ends: steps, and growth of the correlation."""

Mask = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where to look: middle of the hands (x, y) and trunk length, in pixels of the clip."""

    hands_px: FloatArray
    trunk_px: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A spot in one picture: ``lab`` (rows, columns, 3) uint8 and where nobody is, bool."""

    lab: NDArray[np.uint8]
    free: NDArray[np.bool_]


def spot_of(track: PoseTrack, tops: IntArray) -> Spot | None:
    """Where the lifter's hands are when they stand, at the frames ``tops``; None: not seen."""
    xy = track.xy_px[tops]
    middles = [
        xy[:, [left, right]].mean(axis=1)
        for left, right in (
            (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST),
            (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER),
            (Landmark.LEFT_HIP, Landmark.RIGHT_HIP),
        )
    ]
    seen = np.isfinite(np.hstack(middles)).all(axis=1)
    if not seen.any():
        return None
    hands, shoulders, hips = (middle[seen] for middle in middles)
    trunk_px = float(np.median(np.linalg.norm(shoulders - hips, axis=1)))
    return Spot(np.median(hands, axis=0), trunk_px) if trunk_px > 0 else None


def surroundings(image: ImageArray, mask: Mask, spot: Spot, clip_width_px: int) -> Surroundings:
    """The spot in a picture (height, width, 3) of a clip, with the person's mask in it."""
    reduced = image.shape[1] / clip_width_px
    x, y = spot.hands_px * reduced
    trunk_px = spot.trunk_px * reduced
    scale = TRUNK_PX / trunk_px
    to_spot = np.array([[scale, 0, ASIDE_PX - scale * x], [0, scale, ABOVE_PX - scale * y]])
    size = (2 * ASIDE_PX, ABOVE_PX + BELOW_PX)
    blurred = cv2.GaussianBlur(image, (0, 0), max(0.5 / scale, 0.1))
    lab = cv2.cvtColor(cv2.warpAffine(blurred, to_spot, size), cv2.COLOR_RGB2LAB)
    reach = 2 * max(1, round(MARGIN_TRUNKS * trunk_px)) + 1
    body = cv2.dilate((mask > BODY).astype(np.uint8), np.ones((reach, reach), np.uint8))
    beyond = cv2.BORDER_CONSTANT
    taken = cv2.warpAffine(body, to_spot, size, borderMode=beyond, borderValue=1.0)
    return Surroundings(np.asarray(lab, dtype=np.uint8), taken == 0)


@dataclass(frozen=True, slots=True)
class Change:
    """What a top looks like where the other tops and the bottoms differ.

    ``leaning``: -1 as at the other tops, 1 as at the bottoms; ``neither``: the part of their
    difference by which it looks like none of them; NaN where too little differs. ``restless``:
    whether it differs where they do not.
    """

    leaning: float
    neither: float
    restless: bool

    @property
    def unlike(self) -> bool:
        """Whether it looks like neither the other tops nor the bottoms: the camera has moved."""
        return self.neither > UNEXPLAINED

    @property
    def stayed(self) -> bool | None:
        """Whether the weight is where it is at the bottoms, not where it is at the other tops.

        None: cannot be told, since too little changes from bottom to top or the camera moves.
        """
        if self.restless or self.unlike or not abs(self.leaning) >= TAKES_SIDES:
            return None
        return self.leaning > 0


UNTOLD = Change(np.nan, np.nan, restless=False)


def change(
    top: Surroundings | None,
    tops: Sequence[Surroundings | None],
    bottoms: Sequence[Surroundings | None],
) -> Change:
    """How a ``top`` changed from the ``bottoms``, against how the other ``tops`` did."""
    if top is None:
        return UNTOLD
    lifted, lowered = (
        [_onto(top, one) for one in some if one is not None] for some in (tops, bottoms)
    )
    if not lifted or not lowered:
        return UNTOLD
    up, down, now = _usual(lifted), _usual(lowered), _usual([top])
    apart = _apart(up, down)
    told = top.free & _settled(lifted) & _settled(lowered)
    changed, unchanged = told & (apart > CHANGED), told & (apart <= CHANGED)
    if changed.sum() < MIN_CHANGED:
        return UNTOLD
    from_up, from_down = (_apart(now, then) for then in (up, down))
    whole = apart[changed].sum()
    elsewhere = np.count_nonzero(from_up[unchanged] > CHANGED)
    return Change(
        leaning=float((from_up - from_down)[changed].sum() / whole),
        neither=float(np.minimum(from_up, from_down)[changed].sum() / whole),
        restless=bool(elsewhere > RESTLESS * unchanged.sum()),
    )


def _onto(one: Surroundings, other: Surroundings) -> Surroundings:
    """The ``other`` picture as the camera of the ``one`` would have taken it.

    How a hand has moved the camera in the meantime is found where nobody is in either picture: at
    half a pixel off, the edges behind the lifter have changed as much as where the weight lay.
    """
    first, second = (np.ascontiguousarray(each.lab[..., 0]) for each in (one, other))
    alone = (one.free & other.free).astype(np.uint8)
    moved = np.eye(2, 3, dtype=np.float32)
    try:
        before = cv2.computeECC(first, second, alone)
        after, moved = cv2.findTransformECC(
            first, second, moved, cv2.MOTION_AFFINE, ALIGNED, alone, 3
        )
    except cv2.error:  # nothing there to hold on to, or no end of the search
        return other
    if not after > before:
        return other
    size, back = first.shape[::-1], cv2.WARP_INVERSE_MAP
    lab = cv2.warpAffine(
        other.lab, moved, size, flags=cv2.INTER_LINEAR | back, borderMode=cv2.BORDER_REPLICATE
    )
    taken = cv2.warpAffine((~other.free).astype(np.uint8), moved, size, flags=back, borderValue=1.0)
    return Surroundings(np.asarray(lab, dtype=np.uint8), taken == 0)


def _apart(one: FloatArray, other: FloatArray) -> FloatArray:
    """Distance of colours (rows, columns) from the likest place next to each; NaN: not seen.

    What is nearer than the rest moves by other amounts when the camera does: edges are let off one
    place to either side, in both pictures.
    """
    seen = np.isfinite(one).all(axis=-1) & np.isfinite(other).all(axis=-1)
    to_other, to_one = _nearest(one, other), _nearest(other, one)
    return np.where(seen, np.maximum(to_other, to_one), np.nan)


def _nearest(one: FloatArray, other: FloatArray) -> FloatArray:
    padded = np.pad(other, ((1, 1), (1, 1), (0, 0)), mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
    away = np.linalg.norm(one[..., None, None] - around, axis=2)
    return np.asarray(np.fmin.reduce(away, axis=(-2, -1)), dtype=np.float64)


def _usual(some: Sequence[Surroundings]) -> FloatArray:
    """Median of what is seen where nobody is, (rows, columns, 3); NaN where somebody always is."""
    hidden = np.repeat(~np.array([one.free for one in some])[..., None], 3, axis=-1)
    values = np.ma.array([one.lab for one in some], mask=hidden, dtype=np.float64)
    median = np.ma.median(values, axis=0)  # type: ignore[no-untyped-call]
    return np.asarray(median.filled(np.nan), dtype=np.float64)


def _settled(some: Sequence[Surroundings]) -> NDArray[np.bool_]:
    """(rows, columns) where all who see a place see the same: nobody has walked through there."""
    hidden = np.repeat(~np.array([one.free for one in some])[..., None], 3, axis=-1)
    values = np.ma.array([one.lab for one in some], mask=hidden, dtype=np.float64)
    spread = np.linalg.norm(np.ma.ptp(values, axis=0).filled(0.0), axis=-1)
    return np.asarray(spread <= UNSETTLED)
