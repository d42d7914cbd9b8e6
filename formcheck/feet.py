"""How far a heel has risen, seen in the pictures: how the shoe has turned since its owner stood.

Landmarks of heel and toes err by some 5 degrees, half of what is allowed. A shoe that stays on the
floor looks in the picture as it did in standing; one whose heel rises turns about its toes. So the
shoe of the standing picture is turned by one angle after another and compared with those of the
way down and up, by the directions of their edges, which light and shadow change less than their
brightness. Of the angles that go from standing to standing without a leap the likeliest is taken
(dynamic programming; Viterbi 1967, doi:10.1109/TIT.1967.1054010).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.measures import working_side
from formcheck.plates import Images
from formcheck.rules import RepContext
from formcheck.types import FloatArray, ImageArray, Measure, PoseTrack, landmark

GreyImage = NDArray[np.uint8]

ANGLES_DEG = np.arange(-9.0, 40.0, 3.0)
LOOKS = 5
"""Pictures of each way, down and up, the bottom in both."""
LEAST_FOOT_PX = 20.0
"""Length of the foot from heel to toe landmark in the picture; smaller ones show no edges."""
STAYED = 0.5
"""Toes that are farther from where they were, in lengths of the foot, have made a step."""
ALIKE = 0.45
"""Least correlation of edges: below it is another shoe position, or something in between."""
STANDING_SHARE = 0.4
"""Of the knee's flexion at the bottom: with less at its start and end a repetition stands there."""
TOE_OUT_DEG = 20.0
"""How far a foot may point from the way that the body faces; it adds to the azimuth's error."""
AS_LIKELY = 0.1
"""Angles whose correlation is this near to the best one may be the true one..."""
ERROR_SHARE, LEAST_ERROR_DEG = 0.8, 3.0
"""... and so far they are the error. Of 99 rendered squats all stay within it, and 32 of 35 others
that it was not set by, where most heels rise."""

_FOOT_PX = 32.0  # the foot's length in the pictures that are compared
_BOX = (-0.15, 0.8, -0.3, 0.3)
"""What is compared: from behind the heel to the ball of the foot, from below the sole to the ankle,
in lengths of the foot; the heel's landmark is the origin."""
_PIVOT = 0.75
_SHIFT, _SHIFT_COST = 0.22, 0.2
"""How far the shoe may be from where it stood, in lengths of the foot, and what that takes off."""
_LEAP_COST, _RAISED_COST = 0.0005, 0.01
"""What a step between pictures takes off, and a heel that is up in standing, by square degree."""
_FAINT = 20.0
"""Grey levels a pixel; edges that are fainter count for less."""


@dataclass(frozen=True, slots=True)
class Shoe:
    """A shoe in a picture: ``heel`` and ``toe`` (2,), its landmarks in pixels."""

    heel: FloatArray
    toe: FloatArray

    @property
    def length_px(self) -> float:
        """From heel to toe; NaN when one was not seen."""
        return float(np.linalg.norm(self.toe - self.heel))

    @property
    def looks(self) -> float:
        """1 for toes right of the heel in the picture, -1 for those left of it."""
        return 1.0 if self.toe[0] >= self.heel[0] else -1.0

    def moved(self, by_px: FloatArray) -> Shoe:
        """The shoe elsewhere, by (2,) pixels."""
        return Shoe(self.heel + by_px, self.toe + by_px)

    def stayed(self, later: Shoe) -> bool:
        """Whether the toes are still there: the floor that a step leaves looks the same, too."""
        return bool(np.linalg.norm(later.toe - self.toe) <= STAYED * later.length_px)

    def inside(self, image: ImageArray) -> bool:
        """Whether all that is compared of the shoe is in the picture."""
        back, front, below, above = (share * self.length_px for share in _BOX)
        columns = self.heel[0] + self.looks * np.array([back, front])
        rows = self.heel[1] - np.array([below, above])
        height, width = image.shape[:2]
        return bool(
            columns.min() >= 0 and columns.max() < width and rows.min() >= 0 and rows.max() < height
        )


def heel_rises(
    contexts: Sequence[RepContext], track: PoseTrack, images: Images
) -> list[Measure | None]:
    """How far the heel of each repetition's working leg is up at the bottom, in degrees.

    Over that of its first and last frame, in which the person has to stand: for exercises that turn
    at the bottom. None where the pictures do not tell.
    """
    frames = [_frames(context) for context in contexts]
    wanted = sorted({frame for some in frames for frame in some})
    pictures = zip(wanted, images([float(track.time_s[f]) for f in wanted]), strict=True)
    kept: dict[int, ImageArray] = {}
    rises: list[Measure | None] = []
    for context, some in zip(contexts, frames, strict=True):
        while some and some[-1] not in kept:
            kept.update([next(pictures)])
        rises.append(_rise(context, track, [(f, kept[f]) for f in some]) if some else None)
        kept = {frame: image for frame, image in kept.items() if some and frame >= some[-1]}
    return rises


def _frames(context: RepContext) -> list[int]:
    """The frames that are looked at, down to the bottom and up; none where nobody stands before."""
    rep, bottom = context.rep, context.bottom
    knee_deg = context.signals[f"knee_flexion_{working_side(context)}_deg"]
    if not knee_deg[[rep.start, rep.end]].max() <= STANDING_SHARE * knee_deg[bottom]:
        return []
    ways = [np.linspace(a, b, LOOKS) for a, b in ((rep.start, bottom), (bottom, rep.end))]
    return sorted({int(frame) for way in ways for frame in way})


def _rise(
    context: RepContext, track: PoseTrack, pictures: Sequence[tuple[int, ImageArray]]
) -> Measure | None:
    """The rise in one repetition, in the plane that the body moves in."""
    image, frames = pictures[0][1], [frame for frame, _ in pictures]
    marks = [landmark(working_side(context), joint) for joint in ("heel", "foot_index")]
    shoes = [Shoe(*xy_px) for xy_px in image.shape[1] / track.width * track.xy_px[frames][:, marks]]
    at = frames.index(context.bottom)
    first, bottom, last = shoes[0], shoes[at], shoes[-1]
    if not bottom.length_px >= LEAST_FOOT_PX / 2:
        return None
    if not all(shoe.inside(image) and shoe.stayed(bottom) for shoe in (first, last)):
        return None
    corner = np.maximum(bottom.heel - 2 * bottom.length_px, 0).astype(int)
    end = (bottom.heel + 2 * bottom.length_px).astype(int)
    part = (slice(corner[1], end[1]), slice(corner[0], end[0]))
    grey = [cv2.cvtColor(image[part], cv2.COLOR_RGB2GRAY) for _, image in pictures]
    turned = turn_deg(grey, at, first.moved(-corner), last.moved(-corner))
    if turned is None:
        return None
    value, error = turned
    slack_deg = context.capture.azimuth_error_deg + TOE_OUT_DEG
    seen = [
        _in_the_plane(value, context.capture.azimuth_deg + off)
        for off in (-slack_deg, 0, slack_deg)
    ]
    error = math.hypot(error, max(abs(seen[0] - seen[1]), abs(seen[2] - seen[1])))
    return Measure(seen[1], error, "deg", context.bottom)


def _in_the_plane(angle_deg: float, azimuth_deg: float) -> float:
    """A heel's angle by the one in the picture, which foreshortens the foot but not its height."""
    short = abs(math.sin(math.radians(azimuth_deg)))
    return math.degrees(math.atan(short * math.tan(math.radians(angle_deg))))


def turn_deg(
    pictures: Sequence[GreyImage], at: int, first: Shoe, last: Shoe
) -> tuple[float, float] | None:
    """By how many degrees the heel is up in picture ``at``, and the error; None: cannot be told.

    ``pictures`` (H, W) uint8 show the same part of the clip in order. In the first and in the last
    one the person stands, with the shoe at ``first`` and ``last``; the heel's landmark is left or
    right of the toe's, whichever way the person looks.
    """
    if not min(first.length_px, last.length_px) >= LEAST_FOOT_PX:
        return None
    down, up = _Template(pictures[0], first), _Template(pictures[-1], last)
    both = np.stack([down.likeness(pictures[at]), up.likeness(pictures[at])])
    bottom = both.mean(axis=0)
    before = [down.likeness(picture) for picture in pictures[1:at]]
    after = [up.likeness(picture) for picture in pictures[at + 1 : -1]]
    total = _reached(before) + _reached(after[::-1]) + bottom
    best = int(np.argmax(total))
    if bottom[best] < ALIKE:
        return None
    angle = _peak(total, best)
    likely = [np.abs(ANGLES_DEG[curve >= curve.max() - AS_LIKELY] - angle).max() for curve in both]
    return angle, max(LEAST_ERROR_DEG, ERROR_SHARE * float(max(likely)))


def _reached(curves: Sequence[FloatArray]) -> FloatArray:
    """How likely the best way is to each angle, from standing and through some pictures."""
    leap: FloatArray = _LEAP_COST * (ANGLES_DEG[:, None] - ANGLES_DEG) ** 2
    best: FloatArray = -_RAISED_COST * ANGLES_DEG**2
    for curve in curves:
        best = (best - leap).max(axis=1) + curve
    reached: FloatArray = (best - leap).max(axis=1)
    return reached


def _peak(curve: FloatArray, best: int) -> float:
    """The angle of the maximum, between the samples by a parabola."""
    angle, step = float(ANGLES_DEG[best]), float(ANGLES_DEG[1] - ANGLES_DEG[0])
    if not 0 < best < len(curve) - 1:
        return angle
    below, here, above = curve[best - 1 : best + 2]
    bend = below - 2 * here + above
    return angle + 0.5 * step * float((below - above) / bend) if bend < 0 else angle


class _Template:
    """The edges of a shoe in standing, to be compared with those of other pictures."""

    def __init__(self, picture: GreyImage, shoe: Shoe) -> None:
        margin = round(_SHIFT * _FOOT_PX)
        reach = np.arange(-margin, margin + 1) / margin
        self._away = _SHIFT_COST * (reach[:, None] ** 2 + reach**2)
        self._edges = _edges(_Box(shoe, 0.0).cut(_smooth(picture)))
        self._boxes = [_Box(shoe, float(angle), margin) for angle in ANGLES_DEG]

    def likeness(self, picture: GreyImage) -> FloatArray:
        """Correlation (-1..1) with the shoe turned by each of ANGLES_DEG, where it fits best."""
        smooth = _smooth(picture)
        return np.array([self._fit(_edges(box.cut(smooth))) for box in self._boxes])

    def _fit(self, edges: NDArray[np.float32]) -> float:
        found = cv2.matchTemplate(edges, self._edges, cv2.TM_CCORR_NORMED)
        return float((found - self._away).max())


class _Box:
    """Where a shoe is whose heel is up by an angle: cut out, it lies flat and looks right."""

    def __init__(self, shoe: Shoe, angle_deg: float, margin: int = 0) -> None:
        back, front, below, above = (share * shoe.length_px for share in _BOX)
        step, pivot = shoe.length_px / _FOOT_PX, _PIVOT * shoe.length_px
        wide, high = (round((b - a) / step) for a, b in ((back, front), (below, above)))
        self._size = (wide + 2 * margin, high + 2 * margin)
        cos, sin = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
        along, over = back - margin * step - pivot, above + margin * step
        # from a pixel of the box to the shoe (along it, over it), about the toes, to the picture
        across = shoe.looks * np.array([cos * step, -sin * step, pivot + cos * along + sin * over])
        down = np.array([sin * step, cos * step, sin * along - cos * over])
        self._to_picture = np.stack([across, down])
        self._to_picture[:, 2] += shoe.heel

    def cut(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """The box, (H, W)."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cut = cv2.warpAffine(
            picture, self._to_picture, self._size, flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(cut, dtype=np.float32)


def _smooth(picture: GreyImage) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.7), dtype=np.float32)


def _edges(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W, 2) the direction of the edges, shorter where they are faint."""
    across, down = (cv2.Sobel(picture, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
    strength = cv2.magnitude(across, down) + _FAINT
    return np.asarray(cv2.merge([across / strength, down / strength]), dtype=np.float32)
