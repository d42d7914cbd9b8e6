"""Pictures looked at closely: the back line, and whether the weight is in the hands.

Only what is measured in a picture is kept of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from formcheck.exercises import Exercise
from formcheck.load import empty_handed, hands_patch
from formcheck.plates import Images
from formcheck.rules import RepContext, capture_at
from formcheck.scene import Box
from formcheck.spine import back_curvature_deg
from formcheck.subject import MARGIN
from formcheck.surroundings import Change, Surroundings, change, spot_of, surroundings
from formcheck.types import (
    SIDES,
    FloatArray,
    FramePose,
    ImageArray,
    IntArray,
    PoseTrack,
    Side,
    Signals,
    finite_median,
    landmark,
)
from formcheck.uncertainty import SPINE_ERROR_DEG


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture looked at closely: ``image`` (H, W, 3), ``pose`` and ``mask`` (H, W) in it."""

    image: ImageArray
    pose: FramePose
    mask: NDArray[np.float32]


def _nobody_alone(times_s: Sequence[float], _boxes: Sequence[Box]) -> list[Seen | None]:
    return [None] * len(times_s)


@dataclass(frozen=True, slots=True)
class Look:
    """What fetches the pictures of a clip at some times (seconds, ascending): one answer each.

    ``plainly`` the pictures alone, ``closely`` with the person in them; None: nobody. ``alone``
    with the one in a box of shares, as if there were nothing around it.
    """

    plainly: Images
    closely: Callable[[Sequence[float]], Iterable[Seen | None]]
    alone: Callable[[Sequence[float], Sequence[Box]], Iterable[Seen | None]] = _nobody_alone


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is kept of a picture, since there may be hundreds of them.

    ``hands`` is what they hold, ``around`` what is to be seen around the lifter (None: not looked
    at, or out of the picture), ``back_deg`` the curvature of the back in degrees (NaN: cannot be
    seen).
    """

    hands: FloatArray | None
    around: Surroundings | None
    back_deg: float


STANDING_LOOKS, MIN_STANDING_LOOKS = 6, 2
"""Pictures of the upright back that are looked at; fewer than the least tell nothing."""
ASTRAY_TRUNKS = 0.5
"""A look whose hips or shoulders are this many trunk lengths from the tracked ones saw another
person, or a body that is not there."""
_TRUNK = [landmark(side, joint) for joint in ("shoulder", "hip") for side in SIDES]


def rise_frames(exercise: Exercise, context: RepContext) -> list[int]:
    """The frames of one repetition at which the exercise wants the back line."""
    first, last = context.rise
    return [round(first + share * (last - first)) for share in exercise.back_at]


def upright_frames(standing: IntArray) -> list[int]:
    """A few of the standing frames, spread over the clip."""
    picks = np.linspace(0, len(standing) - 1, min(STANDING_LOOKS, len(standing)))
    return [int(standing[i]) for i in picks.astype(int)]


def look_closely(
    exercise: Exercise,
    contexts: Sequence[RepContext],
    standing: IntArray,
    track: PoseTrack,
    look: Look,
) -> dict[int, Glimpse]:
    """What the pictures show that this exercise wants to see, by frame index.

    The back line is looked at from the side only, where it can be told. A single picture is now and
    then misread where the frames before and after are not: one that shows somebody else than is
    tracked, or a body that is not there, is looked at again without what is around the tracked one,
    and else left out.
    """
    tops = {context.top for context in contexts}
    ends = tops | {_first_look(exercise, context) for context in contexts}
    backs = {frame for c in contexts for frame in rise_frames(exercise, c)}
    backs |= set(upright_frames(standing))
    views = {frame: capture_at(contexts, frame) for frame in ends | backs}
    frames = sorted(ends | {frame for frame in backs if views[frame].view == "side"})
    spot = spot_of(track, np.array(sorted(tops)))

    def glimpse(frame: int, picture: Seen) -> Glimpse:
        around = spot if frame in ends else None
        return Glimpse(
            hands_patch(picture.image, picture.pose) if frame in tops else None,
            surroundings(picture.image, picture.mask, around, track.width) if around else None,
            _back_deg(picture, track, frame, views[frame].near_side),
        )

    seen = _pictured(track, frames, look)
    return {frame: glimpse(frame, picture) for frame, picture in seen}


def _pictured(track: PoseTrack, frames: list[int], look: Look) -> Iterator[tuple[int, Seen]]:
    """The pictures of some frames that show the tracked body, one at a time."""
    missed = {}
    for frame, picture in zip(frames, look.closely(_times_s(track, frames)), strict=True):
        if picture is not None and not _astray(picture, track, frame):
            yield frame, picture
        elif box := _box_of(track, frame):
            missed[frame] = box
    if not missed:
        return
    again = look.alone(_times_s(track, missed), list(missed.values()))
    for frame, picture in zip(missed, again, strict=True):
        if picture is not None and not _astray(picture, track, frame):
            yield frame, picture


def _times_s(track: PoseTrack, frames: Iterable[int]) -> list[float]:
    return [float(track.time_s[frame]) for frame in frames]


def _box_of(track: PoseTrack, frame: int) -> Box | None:
    """Where the tracked body is in a frame, with room around it; None: it is not seen."""
    xy_px = track.xy_px[frame]
    if not np.isfinite(xy_px).any():
        return None
    low, high = np.nanmin(xy_px, axis=0), np.nanmax(xy_px, axis=0)
    room = MARGIN * float((high - low).max())
    size = np.array([track.width, track.height])
    left, top = np.clip((low - room) / size, 0.0, 1.0)
    right, bottom = np.clip((high + room) / size, 0.0, 1.0)
    return float(left), float(top), float(right), float(bottom)


def _astray(seen: Seen, track: PoseTrack, frame: int) -> bool:
    """Whether the trunk in a picture is not where the tracked one is."""
    xy = _tracked_px(seen, track, frame)[_TRUNK]
    length = float(np.linalg.norm(xy[0] - xy[2]))
    away = np.linalg.norm(seen.pose.xy_px[_TRUNK] - xy, axis=1).max()
    return bool(away > ASTRAY_TRUNKS * length)


def _tracked_px(seen: Seen, track: PoseTrack, frame: int) -> FloatArray:
    """(L, 2) where the tracked landmarks are in a picture; NaN what was not seen."""
    xy_px: FloatArray = track.xy_px[frame] * (seen.image.shape[1] / track.width)
    return xy_px


def _first_look(exercise: Exercise, context: RepContext) -> int:
    """The frame of a repetition that is looked at first, at the bottom or next to it."""
    return rise_frames(exercise, context)[0]


def still_loaded(
    exercise: Exercise, contexts: Sequence[RepContext], seen: Mapping[int, Glimpse]
) -> list[bool]:
    """Which repetitions were done with what the others lift.

    The first and the last may be none, where somebody bends down to the weight and stands up
    again: between them it has to come back into the hands. A camera that moves at either end is not
    believed at the other.
    """
    tops = [seen.get(context.top) for context in contexts]
    lows = [seen.get(_first_look(exercise, context)) for context in contexts]
    odd = empty_handed([top.hands if top else None for top in tops])
    above, below = ([one.around if one else None for one in looks] for looks in (tops, lows))
    loaded = [True] * len(contexts)

    def told(one: int) -> Change:
        others = [k for k in range(len(contexts)) if k != one and loaded[k]]
        return change(above[one], [above[k] for k in others], [below[k] for k in (*others, one)])

    ends = (len(contexts) - 1, 0)
    moved = any(told(one).unlike for one in ends)
    for one in ends:
        left = None if moved else told(one).stayed
        loaded[one] = not (odd[one] if left is None else left)
    return loaded


MOST_STANDING_DEG = 5.0
"""Backs of upright people read -40 to +5 degrees; one that reads more is slouched, and what it is
rounded by in standing is not taken for its owner's straight back."""


def with_spine(
    signals: Signals,
    exercise: Exercise,
    contexts: Sequence[RepContext],
    standing: IntArray,
    seen: Mapping[int, Glimpse],
) -> Signals:
    """The signals with spine_flexion at the frames where the back line was looked at.

    The error holds how much the looks at a repetition, and those at the upright back, differ.
    """
    upright = upright_frames(standing)
    curvature = np.full(len(signals.time_s), np.nan)
    for context in contexts:
        for frame in (*rise_frames(exercise, context), *upright):
            if frame in seen:
                curvature[frame] = seen[frame].back_deg
    own = curvature[upright]
    enough = np.isfinite(own).sum() >= MIN_STANDING_LOOKS
    flexion = curvature - (min(finite_median(own), MOST_STANDING_DEG) if enough else np.nan)
    error = np.full(len(signals.time_s), np.nan)
    for context in contexts:
        rise = rise_frames(exercise, context)
        error[rise] = math.hypot(SPINE_ERROR_DEG, _spread(own), _spread(flexion[rise]))
    return replace(
        signals,
        values={**signals.values, "spine_flexion_deg": flexion},
        confidence={
            **signals.confidence,
            "spine_flexion_deg": np.isfinite(flexion).astype(np.float64),
        },
        error={**signals.error, "spine_flexion_deg": error},
    )


def _back_deg(seen: Seen, track: PoseTrack, frame: int, near_side: Side) -> float:
    """Curvature of the back between the tracked hips and shoulders; NaN if it cannot be seen."""
    xy_px = _tracked_px(seen, track, frame)
    if not np.isfinite(xy_px[_TRUNK]).all():
        return math.nan
    return back_curvature_deg(seen.mask, replace(seen.pose, xy_px=xy_px), near_side)


def _spread(values: FloatArray) -> float:
    """Median absolute deviation, scaled to a standard deviation; 0 when nothing was seen."""
    finite = values[np.isfinite(values)]
    return 1.4826 * float(np.median(np.abs(finite - np.median(finite)))) if len(finite) else 0.0
