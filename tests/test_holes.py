"""Film with holes, or hardly any pictures: what may lie between two of them is not read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from bodies import Scene, perform
from lifts import deadlifts, squats

from formcheck.clock import hole_s
from formcheck.pipeline import evaluate
from formcheck.types import BoolArray, PoseTrack, ScoredRep, Verdict

FPS = 30
SQUATS = perform(*squats(), Scene(fps=FPS))


def without(track: PoseTrack, rows: BoolArray) -> PoseTrack:
    """The track of film that has no such pictures."""
    named = ("time_s", "xy_px", "world_m", "visibility", "presence", "shot")
    return replace(track, **{name: getattr(track, name)[~rows] for name in named})


def unseen(track: PoseTrack, rows: BoolArray) -> PoseTrack:
    """The track with nobody in such pictures."""
    values = {name: getattr(track, name).copy() for name in ("xy_px", "world_m")}
    sure = {name: getattr(track, name).copy() for name in ("visibility", "presence")}
    for part, nothing in ((values, np.nan), (sure, 0.0)):
        for array in part.values():
            array[rows] = nothing
    return replace(track, **values, **sure)


def around(track: PoseTrack, frame: int, before_s: float, after_s: float) -> BoolArray:
    apart_s = track.time_s - track.time_s[frame]
    rows: BoolArray = (apart_s > -before_s) & (apart_s < after_s)
    return rows


def verdicts(rep: ScoredRep) -> dict[str, Verdict]:
    return {check.id: check.verdict for check in rep.checks}


@pytest.mark.parametrize(("before_s", "after_s"), [(0.4, 0.5), (0.6, 0.8), (0.3, 0.9)])
def test_a_bottom_that_a_hole_hides_is_not_judged(before_s: float, after_s: float) -> None:
    """What is seen last before it is not the bottom: such squats failed their depth."""
    whole = evaluate(SQUATS, "squat").reps
    holed = without(SQUATS, around(SQUATS, whole[1].rep.turn, before_s, after_s))
    found = evaluate(holed, "squat")
    assert [w.code for w in found.capture.warnings] == ["low_frame_rate"]
    assert len(found.reps) == len(whole)
    told = {check.id: check for check in found.reps[1].checks}
    for name in ("squat.depth", "squat.trunk_tibia", "squat.hips_rise_first"):
        assert told[name].verdict is Verdict.CANNOT_TELL
        assert told[name].reason == "low_frame_rate"
    assert told["squat.lockout"].verdict is verdicts(whole[1])["squat.lockout"]
    for place in (0, 2):
        assert verdicts(found.reps[place]) == verdicts(whole[place])


def test_a_lockout_that_a_hole_hides_is_not_judged() -> None:
    track = perform(*deadlifts(), Scene(fps=FPS))
    whole = evaluate(track, "deadlift").reps
    found = evaluate(without(track, around(track, whole[1].rep.turn, 0.8, 0.3)), "deadlift")
    told = [verdicts(rep)["deadlift.lockout"] for rep in found.reps]
    assert told == [Verdict.PASS, Verdict.CANNOT_TELL, Verdict.PASS]


@pytest.mark.parametrize("hide", [without, unseen])
def test_the_tempo_is_no_surer_than_the_turn_was_seen(
    hide: Callable[[PoseTrack, BoolArray], PoseTrack],
) -> None:
    """It was told within a quarter of a second, and was half a second off."""
    whole = evaluate(SQUATS, "squat").reps
    rows = around(SQUATS, whole[1].rep.turn, 0.3, 0.9)
    found = evaluate(hide(SQUATS, rows), "squat").reps
    for name in ("eccentric_s", "concentric_s"):
        for one, other in zip(found, whole, strict=True):
            value, true = one.measures[name], other.measures[name].value
            assert value.reason or abs(value.value - true) <= value.error
        assert found[1].measures[name].reason or found[1].measures[name].error > 0.9
        assert found[0].measures[name].error < 0.3


@pytest.mark.parametrize("fps", [1, 2, 3])
def test_film_of_a_picture_now_and_then_has_no_verdicts(fps: int) -> None:
    """The deepest and the straightest moments fall between its pictures."""
    rows = np.arange(len(SQUATS)) % (FPS // fps) != 0
    for rep in evaluate(without(SQUATS, rows), "squat").reps:
        assert set(verdicts(rep).values()) == {Verdict.CANNOT_TELL}


def test_a_hole_is_longer_than_a_gap_that_is_filled() -> None:
    time_s = np.array([0.0, 0.1, 0.4, 0.5, 1.2, 1.3])
    assert hole_s(time_s, 0.1, 0.1) == 0
    assert hole_s(time_s, 0.3, 0.3) == pytest.approx(0.7)
    assert hole_s(time_s, 1.3, 1.3) == pytest.approx(0.7)
    assert hole_s(time_s, 1.5, 1.5) == 0
