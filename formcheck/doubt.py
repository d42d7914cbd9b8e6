"""Is a pose to be believed? Where it is not, a larger model may know better.

Behind plates, or bent double, the pose model now and then draws a body that nobody has, or one that
moves like no exercise. Rendered lifts, where the truth is known, show what that looks like.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from formcheck import recognition
from formcheck.exercises import EXERCISES, Exercise
from formcheck.models import AUTO, DEFAULT_MODEL, SECOND_MODEL
from formcheck.motion import motion_signals
from formcheck.recognition import Found
from formcheck.smoothing import smooth
from formcheck.types import SIDES, BoolArray, FloatArray, PoseTrack, landmark

LEAST_M = {"thigh": 0.28, "shank": 0.29, "hips": 0.16, "shoulders": 0.22}
"""World landmarks nearer together than this are no adult's. Measured on 35,000 rendered frames: so
are 47 % of the poses whose joints are off by more than 15 % of the leg, and 0.7 % of those that are
off by less than 8 %. Of a thigh and a shank the better leg's count."""
MOST_ASTRAY = 0.1
"""Share of the frames with such a body from which a clip is doubtful: clips whose joints are right
nearly always have less, those with a tenth of the frames wrong have more."""
SURE = 0.9
"""Confidence in the exercise below which the movement may have been misread: sets that are followed
well read 1.0."""
LOST_COVERAGE = 0.05
"""A second look that finds the person in this share of the frames less is not taken."""

Estimate = Callable[[str], PoseTrack]
"""Follows the person with the pose model of a name."""


def astray(track: PoseTrack) -> BoolArray:
    """(N,) whether the pose of a frame is a body that nobody has; False where nobody is seen."""

    def apart(one: int, other: int) -> FloatArray:
        length: FloatArray = np.linalg.norm(track.world_m[:, one] - track.world_m[:, other], axis=1)
        return length

    legs = []
    for side in SIDES:
        hip, knee, ankle = (landmark(side, joint) for joint in ("hip", "knee", "ankle"))
        thigh, shank = apart(hip, knee) / LEAST_M["thigh"], apart(knee, ankle) / LEAST_M["shank"]
        legs.append(np.minimum(thigh, shank))
    short: BoolArray = np.maximum(*legs) < 1.0
    for joint, name in (("hip", "hips"), ("shoulder", "shoulders")):
        short |= apart(landmark("left", joint), landmark("right", joint)) < LEAST_M[name]
    return short


def doubtful(track: PoseTrack, found: Found) -> bool:
    """Whether a pose, or what the movement was taken for, is better looked at again."""
    seen = track.seen
    if seen.any() and float(astray(track)[seen].mean()) > MOST_ASTRAY:
        return True
    return found.left_out > 0 or (
        found.recognition.id is not None and found.recognition.confidence < SURE
    )


def surer(first: PoseTrack, second: PoseTrack, exercise: Exercise | None) -> bool:
    """Whether a second, more exact look is to be taken instead of the first.

    Not when it loses the person, finds no set, or fewer repetitions of the same exercise.
    """
    if second.seen.mean() < first.seen.mean() - LOST_COVERAGE:
        return False
    before, after = (_found(track, exercise) for track in (first, second))
    fewer = len(after.counted.reps) < len(before.counted.reps)
    return bool(after.counted.reps) and not (
        fewer and after.recognition.id == before.recognition.id
    )


def followed(model: str, exercise: Exercise | None, estimate: Estimate) -> tuple[str, PoseTrack]:
    """The name of the model that is believed, and the pose that it found.

    ``model`` is one of :data:`formcheck.models.MODELS`, or ``auto``: the default model and, where
    its pose is doubtful, the second one, if that finds a set. ``exercise`` is the one that was
    told, None: to be recognised.
    """
    if model != AUTO:
        return model, estimate(model)
    first = estimate(DEFAULT_MODEL)
    if doubtful(first, _found(first, exercise)):
        second = estimate(SECOND_MODEL)
        if surer(first, second, exercise):
            return SECOND_MODEL, second
    return DEFAULT_MODEL, first


def _found(track: PoseTrack, exercise: Exercise | None) -> Found:
    motion = motion_signals(smooth(track))
    if exercise is not None:
        return recognition.told(exercise, motion)
    return recognition.recognise(EXERCISES, motion)
