"""A set before a camera, told rep by rep."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from formcheck.camera import watch as frames_of
from formcheck.errors import ClipError, NobodyError
from formcheck.live import LiveSession
from formcheck.pipeline import Evaluation, choose
from formcheck.pose import MediaPipeEstimator
from formcheck.profiles import Profile
from formcheck.types import ScoredRep


@dataclass(frozen=True, slots=True)
class RepSeen:
    """A repetition that has just been counted: its number from 1, and what was found in it."""

    number: int
    rep: ScoredRep


def watch(
    source: str, exercise: str, model: str, profile: Profile | None = None
) -> Iterator[RepSeen | Evaluation]:
    """Each repetition when it is counted; at the end, or when interrupted, the whole set.

    Raises UsageError for an unknown exercise, ClipError when no picture comes, NobodyError when
    nobody is in any, ModelError when the model does not start.
    """
    choose(exercise)
    pictures = frames_of(source)
    first = next(pictures, None)
    if first is None:
        raise ClipError(f"{source}: no picture came from it")
    height, width = first.image.shape[:2]
    told, seen = 0, False
    estimator = MediaPipeEstimator(model)
    with LiveSession(estimator, width, height, exercise, profile, model) as session:
        try:
            for frame in itertools.chain([first], pictures):
                state = session.push(frame)
                seen = seen or state.pose is not None
                settled = state.settled
                for number in range(told + 1, len(settled) + 1):
                    yield RepSeen(number, settled[number - 1])
                told = max(told, len(settled))
        except KeyboardInterrupt:
            pass
        if not seen:
            raise NobodyError(
                f"{source}: nobody was in the picture. Film the whole body, well lit, from the "
                "side."
            )
        whole = session.finish()
        for number in range(told + 1, len(whole.reps) + 1):
            yield RepSeen(number, whole.reps[number - 1])
        yield whole
