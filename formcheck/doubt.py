"""Is a pose to be believed? Where it is not, a larger model may know better.

Behind plates, or bent double, the pose model now and then draws a body that nobody has, one that
moves like no exercise, or one that trembles. Rendered lifts, where the truth is known, show what
that looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from formcheck import recognition
from formcheck.errors import UsageError
from formcheck.exercises import EXERCISES, Exercise
from formcheck.models import AUTO, DEFAULT_MODEL, SECOND_MODEL
from formcheck.motion import motion_signals
from formcheck.plane import legs_px
from formcheck.recognition import Found
from formcheck.smoothing import smooth
from formcheck.types import SIDES, BoolArray, FloatArray, PoseTrack, Rep, landmark

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
SHAKY = 0.005
"""How far smoothing moves hips, knees and ankles in the repetitions, in the mean, in leg lengths,
from which they may be drawn badly: five times as far as joints in full sight, as far as those
behind a plate (:data:`formcheck.joints.TREMBLING`). Of 19 rendered lifts that are doubtful for this
only, hip and knee err by 4.7 instead of 6.0 degrees from the side and by 6.8 instead of 10
obliquely when the heavy model draws them; of 64 that tremble less, by 3.2 and 3.4, 6.0 and 5.9."""
UNSEEN = (0.1, 0.3)
"""Shares of the frames in which nobody is found between which a clip without a repetition is
doubtful: a lift whose end is lost is none. Who is lost more often does not stand and lift there: a
real plank is, for a third of its time."""
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


def trembling(track: PoseTrack, reps: Sequence[Rep]) -> float:
    """How far smoothing moved hips, knees and ankles in some repetitions: mean, in leg lengths.

    ``track`` is the smoothed one. 0 where there are no repetitions, or nobody is seen in them.
    """
    if track.noise_px is None:
        return 0.0
    within = np.zeros(len(track), bool)
    for rep in reps:
        within[rep.start : rep.end + 1] = True
    legs = [landmark(side, joint) for side in SIDES for joint in ("hip", "knee", "ankle")]
    leg_px = legs_px(track)
    known = within & np.isfinite(leg_px)
    moved_px = np.nan_to_num(track.noise_px[known][:, legs])
    return float((moved_px.mean(axis=1) / leg_px[known]).mean()) if known.any() else 0.0


@dataclass(frozen=True, slots=True)
class _Looked:
    """A pose, what the movement in it was taken for, and how much the legs tremble."""

    track: PoseTrack
    found: Found
    trembling: float

    @property
    def sure(self) -> bool:
        """Whether it is clear what the exercise is, or that there is none."""
        known = self.found.recognition
        return known.id is None or known.confidence >= SURE

    @property
    def doubtful(self) -> bool:
        """Whether it is better looked at again."""
        return self.trembling > SHAKY or self.misread

    @property
    def misread(self) -> bool:
        """Whether bodies are drawn that nobody has, or nobody, or movements like no exercise."""
        seen = self.track.seen
        if seen.any() and float(astray(self.track)[seen].mean()) > MOST_ASTRAY:
            return True
        if not self.found.counted.reps and UNSEEN[0] <= 1 - seen.mean() <= UNSEEN[1]:
            return True
        return self.found.unlike > 0 or not self.sure

    def gives_way_to(self, second: _Looked) -> bool:
        """Whether a second, more exact look is to be taken instead.

        Not when it loses the person, unless it alone is sure of a set; not when it finds no set, or
        fewer repetitions, unless it sees several of this one as one, or this one was not sure of
        what they were repetitions of; and not when this one only trembles, and it does no less.
        """
        if not self.misread and second.trembling >= self.trembling:
            return False
        before, after = (looked.found.counted.reps for looked in (self, second))
        alone = not before and second.found.recognition.confidence >= SURE
        loses = second.track.seen.mean() < self.track.seen.mean() - LOST_COVERAGE
        if not after or (loses and not alone):
            return False
        same = self.found.recognition.id == second.found.recognition.id
        joined = second.sure and all(any(_overlap(one, rep) for rep in after) for one in before)
        return len(after) >= len(before) or joined or not (same or self.sure)


def _overlap(one: Rep, other: Rep) -> bool:
    """Whether two repetitions, of the same frames, share some."""
    return one.start < other.end and other.start < one.end


def followed(model: str, exercise: Exercise | None, estimate: Estimate) -> tuple[str, PoseTrack]:
    """The name of the model that is believed, and the pose that it found.

    ``model`` is one of :data:`formcheck.models.MODELS`, or ``auto``: the default model and, where
    its pose is doubtful, the second one, if that finds a set. ``exercise`` is the one that was
    told, None: to be recognised.
    """
    if model != AUTO:
        return model, estimate(model)

    def looked(name: str) -> _Looked:
        track = estimate(name)
        steady = smooth(track)
        motion = motion_signals(steady)
        found = (
            recognition.recognise(EXERCISES, motion)
            if exercise is None
            else recognition.told(exercise, motion)
        )
        return _Looked(track, found, trembling(steady, found.counted.reps))

    first = looked(DEFAULT_MODEL)
    if first.doubtful:
        with suppress(UsageError):  # the person who was wished for is not found a second time
            second = looked(SECOND_MODEL)
            if first.gives_way_to(second):
                return SECOND_MODEL, second.track
    return DEFAULT_MODEL, first.track
