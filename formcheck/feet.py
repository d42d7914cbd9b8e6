"""How far a heel has risen, seen in the pictures: how the shoe has turned since its owner stood.

Landmarks of heel and toes err by some 5 degrees, half of what is allowed. A shoe that stays on the
floor looks in the picture as it did in standing; one whose heel rises turns about its toes. So the
shoe of the standing picture is turned by one angle after another and compared with those of the
way down and up. Of the angles that go from standing to standing without a leap the likeliest is
taken (dynamic programming; Viterbi 1967, doi:10.1109/TIT.1967.1054010).

A foot that makes a step lies at the bottom where there was floor before. Its shoe is compared with
that of a person who stands on both feet, and the landmarks of the toes tell where it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

import cv2
import numpy as np

from formcheck.measures import working_side
from formcheck.plates import Images
from formcheck.rules import RepContext, capture_at
from formcheck.shoes import (
    ANGLES_DEG,
    GreyImage,
    Shoe,
    likeness,
    lying,
    peak_deg,
    turned,
)
from formcheck.types import (
    BoolArray,
    FloatArray,
    ImageArray,
    IntArray,
    Measure,
    PoseTrack,
    Side,
    landmark,
)

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
STANDING_LOOKS = 6
"""Pictures of a clip in which the person stands on both feet, spread over it."""
BOTTOM_S = (-0.1, 0.0, 0.1)
"""When a foot that made a step is looked at, from the bottom: the landmarks of one picture may be
off, and jumpers hardly stay longer."""
AS_LONG = 1.25
"""A foot that is drawn longer or shorter than in standing by more points elsewhere, or is misread,
as most of those are that are seen obliquely."""

_SHIFT, _STEP_SHIFT = 0.22, 0.35
"""How far the shoe may be from where it stood, or is drawn after a step, in lengths of the foot."""
_LEAP_COST, _RAISED_COST = 0.0005, 0.01
"""What a step between pictures takes off, and a heel that is up in standing, by square degree."""


def heel_rises(
    contexts: Sequence[RepContext],
    track: PoseTrack,
    images: Images,
    standing: IntArray | None = None,
) -> list[Measure | None]:
    """How far the heel of each repetition's working leg is up at the bottom, in degrees.

    For exercises that turn at the bottom: over that of the first and the last frame, in which the
    person has to stand, or for feet that make steps of ``standing``, frames on two flat feet. None
    where the pictures do not tell.
    """
    if standing is None:
        return _in_place(contexts, track, images)
    return _stepped(contexts, track, images, standing)


def _in_place(
    contexts: Sequence[RepContext], track: PoseTrack, images: Images
) -> list[Measure | None]:
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


def _shoe(track: PoseTrack, frame: int, side: Side, image: ImageArray) -> Shoe:
    """Where the pose has a shoe in a picture, whose scale may be another than the clip's."""
    marks = [landmark(side, joint) for joint in ("heel", "foot_index")]
    return Shoe(*(image.shape[1] / track.width * track.xy_px[frame, marks]))


def _rise(
    context: RepContext, track: PoseTrack, pictures: Sequence[tuple[int, ImageArray]]
) -> Measure | None:
    """The rise in one repetition, in the plane that the body moves in."""
    side, image = working_side(context), pictures[0][1]
    at = [frame for frame, _ in pictures].index(context.bottom)
    first, bottom, last = (_shoe(track, pictures[k][0], side, image) for k in (0, at, -1))
    if not bottom.length_px >= LEAST_FOOT_PX / 2:
        return None
    if not all(shoe.inside(image) and _stayed(shoe, bottom) for shoe in (first, last)):
        return None
    corner = np.maximum(bottom.heel - 2 * bottom.length_px, 0).astype(int)
    end = (bottom.heel + 2 * bottom.length_px).astype(int)
    part = (slice(corner[1], end[1]), slice(corner[0], end[0]))
    grey = [cv2.cvtColor(image[part], cv2.COLOR_RGB2GRAY) for _, image in pictures]
    return _of_body(context, turn_deg(grey, at, first.moved(-corner), last.moved(-corner)))


def _stayed(shoe: Shoe, later: Shoe) -> bool:
    """Whether the toes are still there: the floor that a step leaves looks the same, too."""
    return bool(np.linalg.norm(later.toe - shoe.toe) <= STAYED * later.length_px)


def _of_body(context: RepContext, found: tuple[float, float] | None) -> Measure | None:
    """The heel's angle and error in the picture as those in the plane that the body moves in."""
    if found is None:
        return None
    value, error = found
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
    flat = lying(pictures[0], first), lying(pictures[-1], last)

    def like(way: int, picture: GreyImage) -> FloatArray:
        return likeness(flat[way], turned(picture, (first, last)[way], _SHIFT))

    both = np.stack([like(way, pictures[at]) for way in (0, 1)])
    bottom = both.mean(axis=0)
    before = [like(0, picture) for picture in pictures[1:at]]
    after = [like(1, picture) for picture in pictures[at + 1 : -1]]
    total = _reached(before) + _reached(after[::-1]) + bottom
    best = int(np.argmax(total))
    if bottom[best] < ALIKE:
        return None
    angle = peak_deg(total, best)
    return angle, _error_deg(angle, [curve >= curve.max() - AS_LIKELY for curve in both])


def _error_deg(angle_deg: float, likely: Sequence[BoolArray]) -> float:
    """By the angles (A,) of ANGLES_DEG that may be the true one as well."""
    farthest = max(float(np.abs(ANGLES_DEG[some] - angle_deg).max()) for some in likely)
    return max(LEAST_ERROR_DEG, ERROR_SHARE * farthest)


def _reached(curves: Sequence[FloatArray]) -> FloatArray:
    """How likely the best way is to each angle, from standing and through some pictures."""
    leap: FloatArray = _LEAP_COST * (ANGLES_DEG[:, None] - ANGLES_DEG) ** 2
    best: FloatArray = -_RAISED_COST * ANGLES_DEG**2
    for curve in curves:
        best = (best - leap).max(axis=1) + curve
    reached: FloatArray = (best - leap).max(axis=1)
    return reached


# --- feet that make a step ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Patch:
    """A shoe, and the part of a picture around it: ``grey`` (H, W), in which ``shoe`` is."""

    grey: GreyImage
    shoe: Shoe


Foot = tuple[int, Side]
"""Which foot at which frame."""


def _stepped(
    contexts: Sequence[RepContext], track: PoseTrack, images: Images, standing: IntArray
) -> list[Measure | None]:
    """Side by side the far shoe is hidden behind the near one.

    They are a pair, and seen from one side they show much the same outline: the front shoe is
    compared with the near one, whichever it is.
    """
    if not len(standing):
        return [None] * len(contexts)
    picks = np.linspace(0, len(standing) - 1, min(STANDING_LOOKS, len(standing))).astype(int)
    flat = [(int(frame), capture_at(contexts, frame).near_side) for frame in standing[picks]]
    low = [_low(context, track) for context in contexts]
    patches = _patches({look for looks in (flat, *low) for look in looks}, track, images)

    def seen(looks: Sequence[Foot]) -> list[Patch]:
        return [patches[look] for look in looks if look in patches]

    turns = [stepped_deg(seen(flat), seen(bottom)) for bottom in low]
    return [_of_body(*one) for one in zip(contexts, turns, strict=True)]


def _low(context: RepContext, track: PoseTrack) -> list[Foot]:
    """The working foot about the bottom."""
    times_s = track.time_s[context.bottom] + np.array(BOTTOM_S)
    frames = np.abs(track.time_s[:, None] - times_s).argmin(axis=0)
    return [(int(frame), working_side(context)) for frame in np.unique(frames)]


def _patches(wanted: Set[Foot], track: PoseTrack, images: Images) -> dict[Foot, Patch]:
    """The feet of some sides at some frames, without those that are not wholly in the picture."""
    frames = sorted({frame for frame, _ in wanted})
    patches = {}
    for frame, image in zip(frames, images([float(track.time_s[f]) for f in frames]), strict=True):
        for side in (side for at, side in wanted if at == frame):
            shoe = _shoe(track, frame, side, image)
            if shoe.length_px > 0 and shoe.inside(image):
                patches[frame, side] = _patch(image, shoe)
    return patches


def _patch(image: ImageArray, shoe: Shoe) -> Patch:
    reach = 2 * max(shoe.length_px, LEAST_FOOT_PX)
    corner = np.maximum(shoe.heel - reach, 0).astype(int)
    end = (shoe.heel + reach).astype(int)
    part = image[corner[1] : end[1], corner[0] : end[0]]
    return Patch(np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)), shoe.moved(-corner))


def stepped_deg(standing: Sequence[Patch], bottom: Sequence[Patch]) -> tuple[float, float] | None:
    """As :func:`turn_deg`, by pictures of a shoe in ``standing`` and, elsewhere, at the ``bottom``.

    Of the standing pictures the one that looks most like it is believed; what others say of it adds
    to the error.
    """
    looks = {patch.shoe.looks for patch in bottom}
    standing = [patch for patch in standing if {patch.shoe.looks} == looks]
    if not standing:
        return None
    foot_px = np.median([patch.shoe.toe - patch.shoe.heel for patch in standing], axis=0)
    length = float(np.linalg.norm(foot_px))
    longer = float(np.median([patch.shoe.length_px for patch in bottom])) / length
    if not (length >= LEAST_FOOT_PX and 1 / AS_LONG <= longer <= AS_LONG):
        return None

    def there(patch: Patch) -> Shoe:
        return Shoe(patch.shoe.toe - foot_px, patch.shoe.toe)

    flat = [lying(patch.grey, there(patch)) for patch in standing]
    views = [turned(patch.grey, there(patch), _STEP_SHIFT) for patch in bottom]
    curves = np.mean([[likeness(shoe, view) for shoe in flat] for view in views], axis=0)
    which, best = np.unravel_index(np.argmax(curves), curves.shape)
    if curves.max() < ALIKE or best in (0, len(ANGLES_DEG) - 1):
        return None
    angle = peak_deg(curves[which], int(best))
    return angle, _error_deg(angle, [curves.max(axis=0) >= curves.max() - AS_LIKELY])
