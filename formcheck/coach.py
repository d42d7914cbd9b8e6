"""A set before a camera, told rep by rep."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from formcheck.camera import sends
from formcheck.camera import watch as frames_of
from formcheck.errors import ClipError, NobodyError
from formcheck.live import LONGEST_S, LiveSession
from formcheck.pipeline import Evaluation, choose
from formcheck.pose import MediaPipeEstimator
from formcheck.profiles import Profile
from formcheck.types import CaptureWarning, ScoredRep

STOPPED = "The camera sent no more pictures: the set ends there."
TOO_LONG = (
    f"Of more than {LONGEST_S / 60:.0f} minutes the last {LONGEST_S / 60:.0f} are summed up: "
    "repetitions before them are left out here."
)


@dataclass(frozen=True, slots=True)
class RepSeen:
    """A repetition that has just been counted: its number from 1, and what was found in it.

    ``exercise``: the id of what it was counted as; what comes next may show it to be another.
    """

    number: int
    rep: ScoredRep
    exercise: str | None = None


class _Told:
    """Which repetitions were told: by their time, since their number may change with what is seen.

    When the exercise turns out to be another one, or another one follows, all of its own are news.
    """

    def __init__(self) -> None:
        self._turns_s: defaultdict[str, list[float]] = defaultdict(list)

    def news(
        self, exercise: str | None, reps: Sequence[ScoredRep], time_s: Sequence[float]
    ) -> Iterator[RepSeen]:
        """Those that were not told yet, whose frames have these times.

        Numbered on from those that were told of a time before all of these.
        """
        if exercise is None:
            return
        turns_s = self._turns_s[exercise]
        for number, scored in enumerate(reps, start=1 + bisect_left(turns_s, time_s[0])):
            start_s, turn_s, end_s = (
                float(time_s[at]) for at in (scored.rep.start, scored.rep.turn, scored.rep.end)
            )
            after = bisect_right(turns_s, start_s)
            if after == len(turns_s) or turns_s[after] > end_s:
                insort(turns_s, turn_s)
                yield RepSeen(number, scored, exercise)


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
    told, seen = _Told(), False
    times_s: list[float] = []
    evaluation: Evaluation | None = None
    stopped = False
    estimator = MediaPipeEstimator(model)
    with LiveSession(estimator, width, height, exercise, profile, model) as session:
        try:
            for frame in itertools.chain([first], pictures):
                state = session.push(frame)
                seen = seen or state.pose is not None
                times_s.append(frame.time_s)
                if state.evaluation is not None and state.evaluation is not evaluation:
                    evaluation = state.evaluation
                    yield from told.news(evaluation.exercise.id, state.settled, times_s)
            stopped = sends(source)
        except KeyboardInterrupt:
            pass
        if not seen:
            raise NobodyError(
                f"{source}: nobody was in the picture. Film the whole body, well lit, from the "
                "side."
            )
        whole = session.finish()
        yield from told.news(whole.exercise.id, whole.reps, list(whole.track.time_s))
        if whole.track.time_s[0] > times_s[0]:
            whole = _noted(whole, "set_too_long", TOO_LONG)
        yield _noted(whole, "camera_stopped", STOPPED) if stopped else whole


def _noted(whole: Evaluation, code: str, said: str) -> Evaluation:
    """With a note on the recording, before all others."""
    warnings = (CaptureWarning(code, said), *whole.capture.warnings)
    return replace(whole, capture=replace(whole.capture, warnings=warnings))
