"""Which joints does a plate hide? A plate is a circle that moves with the hands.

Pose models draw a joint behind a plate as surely as one in full sight, but wherever such a joint
usually is. From the side a plate is round; obliquely it is an ellipse that thickness and sleeve
blur, and none is looked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.plane import leg_length_px, stretches
from formcheck.types import (
    SIDES,
    BoolArray,
    Capture,
    FloatArray,
    ImageArray,
    PoseTrack,
    Rep,
    landmark,
)

MOST_REPS = 10
"""Repetitions that are looked at, spread over the set: a set is lifted with the same plates."""
LEG_PX = 160
"""Pictures are scaled so that a leg, hip to knee to ankle, has this length."""
RADIUS_LEGS = (0.18, 0.5)
"""Plates of 30 to 45 cm for legs of 75 to 95 cm, and nearer to the camera than the leg."""
AWAY_LEGS = 0.5
"""How far a plate's middle is from the middle of the hands in the picture: the bar's end is nearer
to the camera, which moves it aside."""
STEEPEST = 300.0
"""Gradient from which OpenCV's Canny takes an edge as one (param1 of HOUGH_GRADIENT_ALT)."""
ROUND, FAINTLY_ROUND = 0.8, 0.5
"""How perfect a circle has to be (param2), and what is enough where others of the clip have shown
how large the plate is. On 710 pictures of rendered lifts seen from the side 61 of 76 clips with
plates show two perfect circles of one size, and none of 90 without."""
FAINT = 150.0
"""STEEPEST for what is faintly round."""
BESIDE = 1.1
"""Radii from the middle of a plate within which a joint is behind it: of one at the rim half the
limb is hidden, and pose models draw one that is hidden there as well."""
SAME_SIZE = 0.12
"""How much the radius of one plate varies from picture to picture."""
HEAD_LEGS = 0.15
"""A circle whose middle is that near to the ears is the head: a bar on the shoulders is 15 to 20 cm
below them."""
LEAST_PICTURES, LEAST_SHARE = 2, 0.25
"""In which circles of the same size have to be: rendered plates are seen in a third and more."""
STILL_LEGS, MOVED_LEGS = 0.05, 0.2
"""A circle whose place in the picture varies by no more than the first, while its distance from
the hands varies by more than the second, is a clock on the wall or a ball on the floor."""

Images = Callable[[Sequence[float]], Iterable[ImageArray]]
"""Fetches the pictures at some times (seconds, ascending), RGB of any scale."""


@dataclass(frozen=True, slots=True)
class _Circle:
    """``away_px`` (2,): its middle from that of the hands, pixels of the clip; radius in legs."""

    away_px: FloatArray
    radius: float


@dataclass(frozen=True, slots=True)
class _Plate:
    """Radius in leg lengths, ``away_px`` as of :class:`_Circle` by frame of those that show it."""

    radius: float
    away_px: Mapping[int, FloatArray]


@dataclass(frozen=True, slots=True)
class _View:
    """What is around the hands in one picture: ``grey`` and what turns its pixels into the clip's.

    ``origin_px``, ``hands_px``, ``head_px`` (2,) in pixels of the clip; ``per_px`` (2,) pixels of
    ``grey`` to one of them, more of them across where the camera does not stand quite at the side.
    """

    grey: NDArray[np.uint8]
    origin_px: FloatArray
    hands_px: FloatArray
    head_px: FloatArray
    per_px: FloatArray

    def circles(self, least: float, most: float, steep: float, how_round: float) -> list[_Circle]:
        """The circles around the hands with a radius within ``least`` and ``most`` (legs)."""
        found = cv2.HoughCircles(
            self.grey,
            cv2.HOUGH_GRADIENT_ALT,
            1.5,
            LEG_PX / 8,
            param1=steep,
            param2=how_round,
            minRadius=int(least * LEG_PX),
            maxRadius=int(most * LEG_PX),
        )
        circles = []
        for x, y, radius, *_ in [] if found is None else found.reshape(-1, found.shape[-1]):
            middle_px = np.array([x, y]) / self.per_px + self.origin_px
            near_hands, near_head = (
                np.linalg.norm((middle_px - place) * self.per_px) < legs * LEG_PX
                for place, legs in ((self.hands_px, AWAY_LEGS), (self.head_px, HEAD_LEGS))
            )
            if near_hands and not near_head:
                circles.append(_Circle(middle_px - self.hands_px, float(radius) / LEG_PX))
        return circles


def behind_plates(
    track: PoseTrack, capture: Capture, reps: Sequence[Rep], images: Images
) -> BoolArray | None:
    """(N, L) which landmarks are behind a plate from the first repetition to the last.

    None where that cannot be told: not seen from the side, or no hands to be seen.
    """
    leg_px = leg_length_px(track)
    if capture.view != "side" or not reps or not leg_px > 0:
        return None
    stretch = np.abs(stretches(capture, len(track)))
    views = _views(track, _frames(reps), LEG_PX / leg_px, stretch, images)
    if not views:
        return None
    hidden = np.zeros(track.visibility.shape, dtype=bool)
    plate = _plate(views)
    if plate is None:
        return hidden
    looked, places = np.array(list(plate.away_px)), np.stack(list(plate.away_px.values()))
    during = np.arange(reps[0].start, reps[-1].end + 1)
    away_px = np.stack([np.interp(during, looked, across) for across in places.T], axis=1)
    apart = track.xy_px[during] - (_middle(track, "wrist")[during] + away_px)[:, None]
    apart[..., 0] *= stretch[during, None]
    hidden[during] = np.linalg.norm(apart, axis=2) < BESIDE * plate.radius * leg_px
    return hidden


def _middle(track: PoseTrack, joint: str) -> FloatArray:
    """(N, 2) middle of the left and right joint, as far as they are seen."""
    left, right = (track.point(landmark(side, joint)) for side in SIDES)
    middle: FloatArray = np.where(np.isnan(left), right, (left + right) / 2)
    return np.where(np.isnan(right), left, middle)


def _frames(reps: Sequence[Rep]) -> list[int]:
    """Start, turn and end of some repetitions, spread over the set."""
    picks = np.unique(np.linspace(0, len(reps) - 1, MOST_REPS).round().astype(int))
    return sorted({frame for k in picks for frame in (reps[k].start, reps[k].turn, reps[k].end)})


def _views(
    track: PoseTrack, frames: Sequence[int], scale: float, stretch: FloatArray, images: Images
) -> dict[int, _View]:
    """What is around the hands, by frame, of the frames that show them."""
    hands_px, head_px = _middle(track, "wrist"), _middle(track, "ear")
    views = {}
    pictures = images([float(track.time_s[frame]) for frame in frames])
    for frame, image in zip(frames, pictures, strict=True):
        per_px = scale * np.array([stretch[frame], 1.0])
        view = _around(image, hands_px[frame], head_px[frame], per_px, track.width)
        if view is not None:
            views[frame] = view
    return views


def _around(
    image: ImageArray, hands_px: FloatArray, head_px: FloatArray, per_px: FloatArray, width: int
) -> _View | None:
    """What is to be seen around the hands; None where they are not seen or out of the picture."""
    if not np.isfinite(hands_px).all():
        return None
    scale = image.shape[1] / width
    reach = (AWAY_LEGS + RADIUS_LEGS[1]) * LEG_PX / per_px * scale
    corner = np.maximum((hands_px * scale - reach).astype(int), 0)
    end = np.maximum((hands_px * scale + reach).astype(int), 0)
    part = image[corner[1] : end[1], corner[0] : end[0]]
    if not part.size:
        return None
    size = np.maximum(np.round(per_px / scale * part.shape[1::-1]).astype(int), 1)
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    shrunk = cv2.resize(grey, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA)
    smooth = np.asarray(cv2.GaussianBlur(shrunk, (5, 5), 0), np.uint8)
    return _View(smooth, corner / scale, hands_px, head_px, per_px)


def _plate(views: Mapping[int, _View]) -> _Plate | None:
    """The circle that enough pictures show in the same size, and that moves with the hands."""
    shown = {frame: view.circles(*RADIUS_LEGS, STEEPEST, ROUND) for frame, view in views.items()}
    radius = _common([[circle.radius for circle in circles] for circles in shown.values()])
    if math.isnan(radius):
        return None
    clear = {frame: _nearest(circles, radius) for frame, circles in shown.items()}
    sure = {frame: away_px for frame, away_px in clear.items() if away_px is not None}
    if not _moves_with_hands([views[frame] for frame in sure], list(sure.values())):
        return None
    sizes = (radius * (1 - SAME_SIZE), radius * (1 + SAME_SIZE))
    for frame, view in views.items():
        if frame not in sure:
            faint = _nearest(view.circles(*sizes, FAINT, FAINTLY_ROUND), radius)
            if faint is not None:
                sure[frame] = faint
    return _Plate(radius, dict(sorted(sure.items())))


def _common(radii: Sequence[Sequence[float]]) -> float:
    """The radius of a circle that enough pictures show (legs); NaN for none."""
    everywhere = np.array([radius for shown in radii for radius in shown])
    if not len(everywhere):
        return math.nan
    showing = [sum(any(_alike(r, one) for r in shown) for shown in radii) for one in everywhere]
    best = everywhere[int(np.argmax(showing))]
    if max(showing) < max(LEAST_PICTURES, LEAST_SHARE * len(radii)):
        return math.nan
    return float(np.median([r for r in everywhere if _alike(r, best)]))


def _alike(radius: float, other: float) -> bool:
    return abs(radius / other - 1) < SAME_SIZE


def _nearest(circles: Sequence[_Circle], radius: float) -> FloatArray | None:
    """Where the circle of about this size is that is nearest to the hands; None: there is none."""
    alike = [circle.away_px for circle in circles if _alike(circle.radius, radius)]
    return min(alike, key=lambda away_px: float(np.linalg.norm(away_px)), default=None)


def _moves_with_hands(views: Sequence[_View], away_px: Sequence[FloatArray]) -> bool:
    """Whether circles keep to the hands rather than to their place in the picture."""
    per_px = views[0].per_px
    away = np.stack(away_px) * per_px
    places = away + np.stack([view.hands_px for view in views]) * per_px
    off, moved = (float(np.linalg.norm(at.std(axis=0))) / LEG_PX for at in (away, places))
    return moved > STILL_LEGS or off <= MOVED_LEGS
