"""Every fault that a rule looks for, played clearly: found, and none invented."""

from __future__ import annotations

import math

import numpy as np
import pytest
from bodies import Camera, Posture, Scene, both, hidden, perform
from lifts import (
    HANDS_UP,
    LUNGE_BOTTOM,
    LUNGE_TOP,
    PULL_BOTTOM,
    PULL_TOP,
    RDL_BOTTOM,
    SQUAT_BOTTOM,
    SQUAT_TOP,
    STANDING,
    THRUST_BOTTOM,
    THRUST_TOP,
    Played,
    bridges,
    deadlifts,
    film_lift,
    lifts,
    lunges,
    reps,
    squats,
    thrusts,
)

from formcheck.exercises import EXERCISES
from formcheck.exercises.base import Posture as Shape
from formcheck.exercises.base import all_of, ramp
from formcheck.judging import rep_contexts
from formcheck.motion import motion_signals
from formcheck.pipeline import Evaluation, evaluate
from formcheck.rules import Stance, judge
from formcheck.spine import FROM, TO
from formcheck.types import Landmark, Rep, Verdict

FINE = {Verdict.PASS, Verdict.BORDERLINE}
SIDE_ON, OBLIQUE, FRONT = Camera(90), Camera(-60), Camera(0)


@pytest.mark.parametrize("lift", ["squat", "deadlift", "hip_thrust"])
def test_how_far_a_lockout_is_beyond_its_limit_is_not_called_the_way_to_straight(lift):
    """14 degrees short of straight read "4° further to straight" beside it."""
    [rule] = [rule for rule in EXERCISES[lift].rules if rule.id.endswith(".lockout")]
    assert rule.cue.partition(": ")[2] in ("{amount} too far from straight", "{amount} too low")


def via(top: Posture, bottom: Posture, middle: Posture) -> Played:
    """Squats that come up by way of another posture."""
    once = [(1.3, bottom), (0.2, bottom), (0.45, middle), (0.8, top), (0.5, top)]
    return top, [(1.0, top), *once * 3, (1.0, top)]


def pulls(top: Posture = PULL_TOP, bottom: Posture = PULL_BOTTOM) -> Played:
    """Deadlifts that begin with standing before the bar and end with the last top."""
    once = [(1.3, bottom), (0.4, bottom), (1.1, top), (0.7, top)]
    return STANDING, [(1.0, STANDING), *once * 3]


HIPS_UP = both(84, 120, 35)  # the bar still on the floor


def pulls_by_way_of(middle: Posture, held_s: float = 0.0) -> Played:
    """Deadlifts whose pull first goes to another posture: the hips shoot up, the bar stays.

    ``held_s``: they stay there, and so the hips were only raised while setting up.
    """
    once = [
        (1.3, PULL_BOTTOM),
        (0.4, PULL_BOTTOM),
        (0.45, middle),
        *([(held_s, middle)] if held_s else []),
        (0.8, PULL_TOP),
        (0.7, PULL_TOP),
    ]
    return STANDING, [(1.0, STANDING), *once * 3]


def soft(top: Posture, bottom: Posture, end: Posture) -> Played:
    """Stands straight before the set and then only comes up to ``end``."""
    start, moves = reps(top, [bottom] * 3, tops=[end] * 3, quiet=(1.5, 0))
    return start, [*moves, (1.0, end)]


SHALLOW_LUNGE = both(5, 0, 0, **HANDS_UP).but(
    hip_left=48, knee_left=50, hip_right=-2, knee_right=42, foot_right=40
)
VALGUS_LUNGE = SHALLOW_LUNGE.but(hip_left=68, knee_left=70, valgus_left=34)
ARMS = {"arm": 0, "elbow": 20}
FAULTS = {
    "squat.depth": squats(3, both(28, 88, 80, **HANDS_UP)),
    "squat.lockout": soft(SQUAT_TOP, SQUAT_BOTTOM, both(12, 34, 44, **HANDS_UP)),
    "squat.trunk_tibia": squats(3, both(62, 160, 123, **HANDS_UP)),
    "squat.hips_rise_first": via(SQUAT_TOP, SQUAT_BOTTOM, both(64, 124, 85, **HANDS_UP)),
    "squat.heel_rise": squats(3, SQUAT_BOTTOM.but(foot=40)),
    "deadlift.lockout": pulls(top=both(16, 32, 26)),
    "deadlift.hips_rise_first": pulls_by_way_of(HIPS_UP),
    "deadlift.overextension": pulls(top=both(-27, -18, 4)),
    "deadlift.knee_dominant": pulls(bottom=both(38, 152, 130, arm=0)),
    "deadlift.arm_bend": pulls(PULL_TOP.but(elbow=55), PULL_BOTTOM.but(elbow=55)),
    "lunge.depth": lunges(bottom=SHALLOW_LUNGE),
    "lunge.lockout": soft(LUNGE_TOP, LUNGE_BOTTOM, both(18, 38, 35, **HANDS_UP)),
    "lunge.trunk_lean": lunges(bottom=LUNGE_BOTTOM.but(trunk=48, hip_left=128, hip_right=28)),
    "lunge.front_heel_rise": lunges(bottom=LUNGE_BOTTOM.but(foot_left=40)),
    "hip_thrust.lockout": thrusts(top=both(-72, 36, 108, **ARMS)),
    "hip_thrust.shank_vertical": thrusts(top=both(-85, 0, 112, **ARMS)),
    "hip_thrust.overarch": thrusts(top=both(-92, -30, 62, **ARMS)),
}
FRONT_FAULTS = {
    "squat.knee_valgus": squats(3, both(30, 88, 85, valgus=30, **HANDS_UP)),
    "lunge.knee_valgus": lunges(bottom=VALGUS_LUNGE),
}


def verdicts(result: Evaluation) -> dict[str, set[Verdict]]:
    """All verdicts of a check over the set."""
    found: dict[str, set[Verdict]] = {}
    for scored in result.reps:
        for check in scored.checks:
            found.setdefault(check.id, set()).add(check.verdict)
    assert found
    return found


def assert_only(result: Evaluation, fault: str) -> None:
    """All three repetitions fail this check and no repetition fails another."""
    assert result.exercise.id == fault.partition(".")[0]
    assert len(result.reps) == 3
    found = verdicts(result)
    assert found[fault] == {Verdict.FAIL}
    assert [name for name, seen in found.items() if Verdict.FAIL in seen] == [fault]
    assert [cue.check for cue in result.summary.cues] == [fault]
    assert result.summary.cues[0].reps == (1, 2, 3)
    assert result.summary.score < 100


@pytest.mark.parametrize("camera", [SIDE_ON, Camera(-90), OBLIQUE], ids=["right", "left", "60"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_clear_fault_is_found_and_no_other(fault, camera):
    assert_only(evaluate(perform(*FAULTS[fault], Scene(camera, noise_px=1))), fault)


@pytest.mark.parametrize("camera", [SIDE_ON, OBLIQUE], ids=["side", "60"])
def test_standing_up_straight_later_does_not_make_a_short_lockout_good(camera):
    """The last squat ends bent and is held; then the lifter straightens up to walk away."""
    short = both(10, 32, 36, **HANDS_UP)
    start, moves = reps(SQUAT_TOP, [SQUAT_BOTTOM] * 3, tops=[SQUAT_TOP, SQUAT_TOP, short])
    track = perform(start, [*moves[:-1], (0.4, short), (0.5, SQUAT_TOP), (1.0, SQUAT_TOP)],
                    Scene(camera, noise_px=1))  # fmt: skip
    failed = [
        check.verdict is Verdict.FAIL
        for scored in evaluate(track).reps
        for check in scored.checks
        if check.id == "squat.lockout"
    ]
    assert failed == [False, False, True]


@pytest.mark.parametrize("stall_s", [0.3, 0.5, 0.9])
def test_a_sticking_point_before_the_lockout_is_no_short_lockout(stall_s):
    stuck = both(14, 38, 36, **HANDS_UP)
    once = [(1.3, SQUAT_BOTTOM), (0.2, SQUAT_BOTTOM), (0.8, stuck), (stall_s, stuck)]
    up = [(0.5, SQUAT_TOP), (0.8, SQUAT_TOP)]
    moves = [(1.0, SQUAT_TOP), *[*once, *up] * 2, *squats(1)[1]]
    found = verdicts(evaluate(perform(SQUAT_TOP, moves, Scene(noise_px=1))))
    assert found["squat.lockout"] == {Verdict.PASS}


@pytest.mark.parametrize("fault", FRONT_FAULTS)
def test_knees_falling_in_are_found_from_the_front(fault):
    assert_only(evaluate(perform(*FRONT_FAULTS[fault], Scene(FRONT, noise_px=1))), fault)


def test_knees_pushed_out_are_no_fault():
    played = squats(3, both(30, 88, 85, valgus=-15, **HANDS_UP))
    found = verdicts(evaluate(perform(*played, Scene(FRONT, noise_px=1))))
    assert found["squat.knee_valgus"] <= FINE


@pytest.mark.parametrize("azimuth", [90, -90, 110, 75, 60, -45, 35, 0, 180])
@pytest.mark.parametrize("lift", EXERCISES)
def test_a_clean_set_fails_nothing_from_anywhere(lift, azimuth):
    result = evaluate(film_lift(lift, Scene(Camera(azimuth), noise_px=1)))
    assert len(result.reps) == 3
    found = verdicts(result)
    assert not [name for name, seen in found.items() if Verdict.FAIL in seen]
    assert result.summary.cues == ()
    assert result.summary.score == 100 or math.isnan(result.summary.score)


@pytest.mark.parametrize("lift", EXERCISES)
def test_from_the_side_all_but_front_and_back_line_is_judged(lift):
    found = verdicts(evaluate(film_lift(lift, Scene(noise_px=1))))
    for name, seen in found.items():
        if name.endswith(("knee_valgus", "back_rounding")):
            assert seen == {Verdict.CANNOT_TELL}
        else:
            assert seen <= FINE, name


@pytest.mark.parametrize(
    "played", [bridges(), deadlifts(3, RDL_BOTTOM), lunges("LRLR")], ids=["bridge", "rdl", "alt"]
)
def test_variants_done_well_fail_nothing(played):
    result = evaluate(perform(*played, Scene(noise_px=1)))
    assert result.reps
    assert not [name for name, seen in verdicts(result).items() if Verdict.FAIL in seen]


def test_only_the_faulty_repetition_is_blamed():
    shallow = both(28, 88, 80, **HANDS_UP)
    played = reps(SQUAT_TOP, [SQUAT_BOTTOM, shallow, SQUAT_BOTTOM, shallow, shallow])
    result = evaluate(perform(*played, Scene(noise_px=1)))
    depth = [scored.checks[0].verdict for scored in result.reps]
    assert [k for k, v in enumerate(depth, start=1) if v is Verdict.FAIL] == [2, 4, 5]
    assert result.summary.cues[0].reps == (2, 4, 5)
    assert result.summary.cues[0].text.endswith("(reps 2, 4 and 5)")


@pytest.mark.parametrize("knees_ahead", [35, 45])
def test_knees_past_the_toes_are_no_fault(knees_ahead):
    deep = both(30, 125, 95 + knees_ahead, **HANDS_UP)  # shank 30..50 forward
    found = verdicts(evaluate(perform(*squats(3, deep), Scene(noise_px=1))))
    assert not [name for name, seen in found.items() if Verdict.FAIL in seen]


def test_a_guessed_leg_is_not_judged():
    track = film_lift("squat")
    track.visibility[:] = 0.2
    found = verdicts(evaluate(track, "squat"))
    assert set(found) == {rule.id for rule in EXERCISES["squat"].rules}
    assert all(seen == {Verdict.CANNOT_TELL} for seen in found.values())


def test_a_round_back_is_flagged_by_the_flexion_of_the_spine():
    assert 0 <= FROM < TO
    result = evaluate(film_lift("deadlift"))
    deadlift = EXERCISES["deadlift"]
    motion = motion_signals(result.track)
    rep = Rep(*(getattr(result.reps[0].rep, name) for name in ("start", "turn", "end")))
    args = (deadlift, (rep,), motion, result.signals, result.capture, Stance({}))
    rule = next(r for r in deadlift.rules if r.id == "deadlift.back_rounding")
    for flexion, verdict in ((65.0, Verdict.FAIL), (15.0, Verdict.PASS)):
        result.signals.values["spine_flexion_deg"][:] = flexion
        result.signals.confidence["spine_flexion_deg"][:] = 1
        assert judge(rule, rep_contexts(*args)[0]).verdict is verdict


def test_likeness_is_built_from_ramps():
    assert [ramp(v, 10, 20) for v in (5, 15, 25)] == [0, 0.5, 1]
    assert [ramp(v, 20, 10) for v in (5, 15, 25)] == [1, 0.5, 0]
    assert ramp(math.nan, 10, 20) == 0
    assert all_of(0.9, 0.2, 1) == 0.2
    assert Shape({"a": 1.0}, {"a": 5.0}).change("a") == 4


def test_a_hip_thrust_that_is_hardly_lowered_is_counted_and_failed():
    short = both(-75, 19, 96, arm=0, elbow=20)
    played = lifts(THRUST_TOP, [THRUST_BOTTOM, short, THRUST_BOTTOM])
    result = evaluate(perform(*played, Scene(noise_px=1)))
    ranges = [c.verdict for rep in result.reps for c in rep.checks if c.id == "hip_thrust.range"]
    assert [v is Verdict.FAIL for v in ranges] == [False, True, False]


def test_a_pull_that_starts_with_an_upright_trunk_is_a_squat_though_the_hips_are_above_the_knees():
    squatting = both(18, 98, 124, arm=0)  # thighs 10 degrees above level, shins lean by 44
    result = evaluate(perform(*pulls(bottom=squatting), Scene(noise_px=1)), "deadlift")
    starts = [c for rep in result.reps for c in rep.checks if c.id == "deadlift.knee_dominant"]
    assert [c.verdict for c in starts] == [Verdict.FAIL] * 3
    assert all(c.value == pytest.approx(-26, abs=4) for c in starts)


def test_where_plates_may_hide_the_knees_the_start_of_a_deadlift_is_told_to_12_degrees():
    result = evaluate(film_lift("deadlift"))
    starts = [c for rep in result.reps for c in rep.checks if c.id == "deadlift.knee_dominant"]
    assert [c.margin for c in starts] == [12.0] * 3


def test_the_front_leg_is_known_though_nobody_is_seen_at_the_bottom():
    track = perform(*lunges("LLL"), Scene(noise_px=1))
    turn_s = track.time_s[evaluate(track, "lunge").reps[1].rep.turn]
    unseen = np.flatnonzero(np.abs(track.time_s - turn_s) < 0.4)
    result = evaluate(hidden(track, unseen, list(Landmark)), "lunge")
    assert [scored.rep.side for scored in result.reps] == ["left"] * 3


def test_hips_that_are_raised_while_setting_up_have_not_shot_up():
    played = pulls_by_way_of(HIPS_UP, held_s=1.2)
    found = verdicts(evaluate(perform(*played, Scene(noise_px=1)), "deadlift"))
    assert Verdict.FAIL not in found["deadlift.hips_rise_first"]


def test_the_trunk_that_a_romanian_deadlift_lowers_has_not_gained_on_the_hips():
    low = both(78, 90, 12, arm=5)  # the hips at their lowest on the way, with the knees softer
    once = [(0.35, both(50, 75, 25, arm=5)), (0.35, low), (0.7, PULL_TOP), (0.3, PULL_TOP)]
    played = STANDING, [(1.0, STANDING), *once * 3]
    found = verdicts(evaluate(perform(*played, Scene(noise_px=1)), "deadlift"))
    assert found["deadlift.hips_rise_first"] == {Verdict.PASS}


@pytest.mark.parametrize("inward", [0.0, 12.0])
def test_the_front_knee_of_a_lunge_is_not_judged_by_a_few_degrees(inward):
    played = lunges(bottom=LUNGE_BOTTOM.but(valgus_left=inward))
    result = evaluate(perform(*played, Scene(FRONT, noise_px=1)), "lunge")
    assert len(result.reps) == 3
    for scored in result.reps:
        (knee,) = (check for check in scored.checks if check.id == "lunge.knee_valgus")
        assert knee.margin >= 16
        assert knee.verdict == Verdict.BORDERLINE


@pytest.mark.parametrize(("settles", "tips"), [(18, 0), (-12, 0), (-12, 24)])
def test_a_trunk_that_settles_in_a_pause_has_not_tipped_on_the_way_up(settles, tips):
    settled = SQUAT_BOTTOM.but(trunk=40 + settles, hip=138 + settles)
    tipped = both(40 + settles + tips, 104 + settles, 90, **HANDS_UP)
    up = [(0.45, tipped), (0.8, SQUAT_TOP)] if tips else [(1.1, SQUAT_TOP)]
    pause = [(1.2, SQUAT_BOTTOM), (0.6, settled), (0.9, settled)]
    once = [(1.3, SQUAT_BOTTOM), *pause, *up, (0.6, SQUAT_TOP)]
    found = evaluate(perform(SQUAT_TOP, [(1.0, SQUAT_TOP), *once * 3], Scene(noise_px=1)), "squat")
    checks = [c for rep in found.reps for c in rep.checks if c.id == "squat.hips_rise_first"]
    assert [c.value for c in checks] == pytest.approx([tips] * 3, abs=2)


def test_bridges_on_one_leg_after_some_on_both_are_measured_on_the_leg_that_stands():
    one_top, one_low = (
        posture.but(hip_right=hip, knee_right=90)
        for posture, hip in ((THRUST_TOP, 70), (THRUST_BOTTOM, 130))
    )
    start, moves = thrusts(4)
    moves = [*moves, (1.0, one_low), *lifts(one_top, [one_low] * 3)[1]]
    result = evaluate(perform(start, moves, Scene(noise_px=1)), "hip_thrust")
    assert [rep.rep.side for rep in result.reps] == ["both"] * 4 + ["left"] * 3
    assert verdicts(result)["hip_thrust.lockout"] == {Verdict.PASS}
