"""Repetitions that somebody has marked by hand, instead of those that are counted."""

from __future__ import annotations

import pytest
from bodies import Scene, hidden
from lifts import LIFTS, film_lift

from formcheck.errors import UsageError
from formcheck.pipeline import Evaluation, evaluate, to_analysis
from formcheck.types import ClipInfo, Landmark

CLIP = ClipInfo("clip.mp4", "0" * 64, 10.0, 30.0, False, 1280, 720, 0, 300)


def spans(result: Evaluation) -> list[tuple[float, float, float]]:
    """Start, turn and end of the repetitions, seconds."""
    time_s = result.track.time_s
    return [(time_s[s.rep.start], time_s[s.rep.turn], time_s[s.rep.end]) for s in result.reps]


@pytest.mark.parametrize("lift", LIFTS)
def test_marking_the_repetitions_that_were_counted_changes_nothing(lift):
    track = film_lift(lift, Scene(noise_px=1))
    counted = evaluate(track)
    marked = evaluate(track, reps_s=spans(counted))
    assert [s.score for s in marked.reps] == [s.score for s in counted.reps]
    assert [s.measures for s in marked.reps] == [s.measures for s in counted.reps]
    assert marked.exercise == counted.exercise


def test_repetitions_marked_by_hand_are_those_that_are_judged():
    track = film_lift("squat", Scene(noise_px=1))
    first, second, third = spans(evaluate(track))
    moved = (second[0] + 0.2, second[1], second[2])
    marked = evaluate(track, reps_s=[third, moved])  # the first one deleted
    assert len(marked.reps) == 2
    down = marked.reps[0].measures["eccentric_s"].value
    assert down == pytest.approx(second[1] - second[0] - 0.2, abs=0.04)
    assert marked.reps[0].measures["knee_flexion_bottom"].value == pytest.approx(123, abs=5)
    assert evaluate(track, reps_s=[]).reps == ()
    assert len(evaluate(track, reps_s=[first, second, third]).reps) == 3


def test_a_turn_that_somebody_has_moved_moves_the_tempo():
    track = film_lift("squat", Scene(noise_px=1))
    start, turn, end = spans(evaluate(track))[1]
    marked = evaluate(track, reps_s=[(start, turn - 0.6, end)]).reps[0].measures
    assert marked["eccentric_s"].value == pytest.approx(turn - 0.6 - start, abs=0.04)
    assert marked["concentric_s"].value == pytest.approx(end - turn + 0.6, abs=0.04)


@pytest.mark.parametrize(
    ("reps_s", "says"),
    [([(1.0, 3.0, 2.0)], "Rep 1: start, turn"), ([(2.0, 2.0, 3.0)], "Rep 1: start, turn"),
     ([(1.0, 2.0, 3.0), (2.5, 3.0, 4.0)], "Rep 2 begins before")],
)  # fmt: skip
def test_repetitions_out_of_order_are_refused(reps_s, says):
    with pytest.raises(UsageError, match=says):
        evaluate(film_lift("squat"), reps_s=reps_s)


def test_a_repetition_needs_somebody_in_it():
    track = hidden(film_lift("squat"), slice(0, 60), list(Landmark))
    with pytest.raises(UsageError, match="Rep 1: nobody is seen"):
        evaluate(track, "squat", reps_s=[(0.2, 1.0, 1.8)])


def test_an_analysis_tells_repetitions_that_were_marked_from_those_that_were_counted():
    track = film_lift("squat")
    reps_s = spans(evaluate(track))[:1]
    counted = to_analysis(CLIP, "full", "0" * 64, track, "auto")
    marked = to_analysis(CLIP, "full", "0" * 64, track, "auto", reps_s=reps_s)
    assert (counted.reps_source, marked.reps_source) == ("counted", "corrected")
    assert len(marked.reps) == 1
