"""Film with holes, or hardly any pictures: what may lie between two of them is not read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Scene, both, perform
from lifts import HANDS_UP, LIFTS, PULL_BOTTOM, PULL_TOP, deadlifts, film_lift, squats

from formcheck.clock import hole_s
from formcheck.exercises import EXERCISES
from formcheck.judging import rep_contexts, score
from formcheck.measures import largest
from formcheck.motion import motion_signals
from formcheck.pipeline import evaluate
from formcheck.rules import Stance, judge
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


@pytest.mark.parametrize(
    ("hide", "before_s", "after_s"), [(without, 0.8, 0.3), (unseen, 0.6, 0.8), (unseen, 0.3, 0.9)]
)
def test_a_lockout_that_is_not_seen_is_not_judged(
    hide: Callable[[PoseTrack, BoolArray], PoseTrack], before_s: float, after_s: float
) -> None:
    """Of a body that is found again on its way down, 14 degrees short were told of a good one."""
    track = perform(*deadlifts(), Scene(fps=FPS))
    whole = evaluate(track, "deadlift").reps
    found = evaluate(hide(track, around(track, whole[1].rep.turn, before_s, after_s)), "deadlift")
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
@pytest.mark.parametrize("azimuth_deg", [0, 90])
@pytest.mark.parametrize("lift", LIFTS)
def test_film_of_a_picture_now_and_then_has_no_verdicts(
    lift: str, azimuth_deg: float, fps: int
) -> None:
    """The deepest and the straightest moments fall between its pictures, and the worst ones."""
    track = film_lift(lift, Scene(Camera(azimuth_deg), fps=FPS))
    rows = np.arange(len(track)) % (FPS // fps) != 0
    for rep in evaluate(without(track, rows), lift).reps:
        assert set(verdicts(rep).values()) == {Verdict.CANNOT_TELL}


def bent_pulls() -> PoseTrack:
    """Three deadlifts whose arms bend half-way up."""
    half = both(31, 62, 35, arm=3).but(elbow=60)
    pull = [(0.6, half), (0.6, PULL_TOP), (0.5, PULL_TOP), (1.3, PULL_BOTTOM), (0.2, PULL_BOTTOM)]
    return perform(PULL_BOTTOM, [(1.0, PULL_BOTTOM), *pull, *pull, *pull], Scene(fps=FPS))


def caving_squats() -> PoseTrack:
    """Three half squats from the front whose knees go in."""
    bottom = both(30, 88, 85, **HANDS_UP).but(valgus=30)
    return perform(*squats(3, bottom), Scene(Camera(0, distance_m=3.0), fps=FPS))


@pytest.mark.parametrize(
    ("track", "check", "share", "half_s"),
    [
        (bent_pulls(), "deadlift.arm_bend", 0.5, 0.5),
        (caving_squats(), "squat.knee_valgus", 1.0, 0.7),
    ],
)
def test_the_worst_moment_that_a_hole_hides_may_be_worse(
    track: PoseTrack, check: str, share: float, half_s: float
) -> None:
    """What was seen beside it was taken for all there was; what goes too far there still fails."""
    lift = check.partition(".")[0]
    whole = evaluate(track, lift).reps
    assert {verdicts(rep)[check] for rep in whole} == {Verdict.FAIL}
    rep = whole[1].rep
    worst = rep.start + round(share * (rep.turn - rep.start))
    hidden = evaluate(without(track, around(track, worst, half_s, half_s)), lift).reps
    told = [verdicts(rep)[check] for rep in hidden]
    assert told == [Verdict.FAIL, Verdict.CANNOT_TELL, Verdict.FAIL]
    beside = evaluate(without(track, around(track, rep.end, 0.0, 0.5)), lift).reps
    assert verdicts(beside[1])[check] is Verdict.FAIL


def test_what_may_have_been_more_is_no_value_of_a_plug_in() -> None:
    track = bent_pulls()
    rep = evaluate(track, "deadlift").reps[1].rep
    holed = without(track, around(track, (rep.start + rep.turn) // 2, 0.5, 0.5))
    found = evaluate(holed, "deadlift")
    own = replace(EXERCISES["deadlift"], measures={"elbow": largest("elbow_flexion")})
    reps = tuple(scored.rep for scored in found.reps)
    args = (motion_signals(found.track), found.signals, found.capture, Stance({}))
    told = [score(own, context).measures["elbow"] for context in rep_contexts(own, reps, *args)]
    assert [measure.reason for measure in told] == ["", "low_frame_rate", ""]
    assert [bool(np.isnan(measure.value)) for measure in told] == [False, True, False]


@pytest.mark.parametrize(("before_s", "after_s"), [(0.4, 0.5), (0.6, 0.8), (0.3, 0.9)])
def test_how_far_the_hips_went_into_a_hole_is_not_told(before_s: float, after_s: float) -> None:
    """Of 54 cm it told 18 ± 5."""
    whole = evaluate(SQUATS, "squat", height_cm=180).reps
    holed = without(SQUATS, around(SQUATS, whole[1].rep.turn, before_s, after_s))
    found = [rep.measures["hip_travel"] for rep in evaluate(holed, "squat", height_cm=180).reps]
    assert found[1].reason in ("low_frame_rate", "top_not_seen")
    for place in (0, 2):
        true_cm = whole[place].measures["hip_travel"].value
        assert abs(found[place].value - true_cm) <= found[place].error


@pytest.mark.parametrize("flexion_deg", [15.0, 65.0])
def test_a_back_that_a_hole_hides_is_not_judged(flexion_deg: float) -> None:
    """It is looked at in pictures of the rise, of which those at its start were left."""
    track = film_lift("deadlift", Scene(fps=FPS))
    rep = evaluate(track, "deadlift").reps[1].rep
    holed = without(track, around(track, (rep.start + rep.turn) // 2, 0.3, 0.3))
    found = evaluate(holed, "deadlift")
    deadlift = EXERCISES["deadlift"]
    rule = next(rule for rule in deadlift.rules if rule.id == "deadlift.back_rounding")
    found.signals.values["spine_flexion_deg"][:] = flexion_deg
    found.signals.confidence["spine_flexion_deg"][:] = 1
    reps = tuple(scored.rep for scored in found.reps)
    args = (motion_signals(found.track), found.signals, found.capture, Stance({}))
    checks = [judge(rule, context) for context in rep_contexts(deadlift, reps, *args)]
    assert [check.reason for check in checks] == ["", "low_frame_rate", ""]


def test_a_hole_is_longer_than_a_gap_that_is_filled() -> None:
    time_s = np.array([0.0, 0.1, 0.4, 0.5, 1.2, 1.3])
    assert hole_s(time_s, 0.1, 0.1) == 0
    assert hole_s(time_s, 0.3, 0.3) == pytest.approx(0.7)
    assert hole_s(time_s, 1.3, 1.3) == pytest.approx(0.7)
    assert hole_s(time_s, 1.5, 1.5) == 0
