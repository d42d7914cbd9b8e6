"""Rules, the one place where a verdict is made, and the readers that they measure with."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from formcheck import cli
from formcheck.exercises import EXERCISES
from formcheck.measures import (
    MIN_CONFIDENCE,
    absolute,
    at_bottom,
    at_top,
    difference,
    front_hip_short_of_straight,
    gain_from_bottom,
    hip_short_of_straight,
    largest,
    lean_beyond,
    negated,
    over_stance,
    short_of_straight,
    trunk_gain_first_third,
    worst_side,
)
from formcheck.rules import Limit, RepContext, Rule, Source, Stance, judge
from formcheck.types import SIDES, Capture, CaptureWarning, Measure, Rep, Signals, Verdict

N = 91
BOTTOM, TOP = 30, 60
IDS = {
    "squat": "depth lockout trunk_tibia hips_rise_first heel_rise knee_valgus",
    "deadlift": "lockout overextension back_rounding hips_rise_first knee_dominant arm_bend",
    "lunge": "depth lockout trunk_lean front_heel_rise knee_valgus",
    "hip_thrust": "lockout shank_vertical range overarch",
}
LIMITS = {  # of the contract: (value, sense)
    "squat.depth": (0, "max"),
    "squat.lockout": (10, "max"),
    "squat.trunk_tibia": (20, "max"),
    "squat.hips_rise_first": (10, "max"),
    "squat.knee_valgus": (10, "max"),
    "deadlift.lockout": (10, "max"),
    "deadlift.overextension": (10, "max"),
    "deadlift.hips_rise_first": (10, "max"),
    "deadlift.knee_dominant": (0, "min"),
    "deadlift.arm_bend": (20, "max"),
    "lunge.depth": (15, "max"),
    "lunge.lockout": (15, "max"),
    "lunge.trunk_lean": (30, "max"),
    "lunge.knee_valgus": (10, "max"),
    "hip_thrust.lockout": (10, "max"),
    "hip_thrust.shank_vertical": (15, "max"),
    "hip_thrust.range": (30, "min"),
    "hip_thrust.overarch": (10, "max"),
}
RULES = {rule.id: rule for exercise in EXERCISES.values() for rule in exercise.rules}
OBLIQUE_VIEW = Capture("oblique", 50, 5, "right")
SIDE_VIEW = Capture("side", 90, 5, "right")


def context(capture: Capture = SIDE_VIEW, confidence: float = 0.9, **angles) -> RepContext:
    """A repetition of 3 s at 30 fps with the bottom at 1 s and the top at 2 s; angles by name."""
    values = {f"{name}_deg": np.broadcast_to(np.asarray(v, float), N) for name, v in angles.items()}
    if "shoulder_height_deg" in values:
        values["shoulder_height"] = values.pop("shoulder_height_deg")
    error_deg = 5.0 if capture.view == "side" else 8.0
    signals = Signals(
        np.arange(N) / 30,
        values,
        {n: np.full(N, confidence) for n in values},
        {n: np.full(N, error_deg) for n in values},
    )
    rep = Rep(5, BOTTOM, 85)
    return RepContext(signals, rep, BOTTOM, TOP, (BOTTOM, TOP), Stance({}), capture)


def rule(value: float, error: float = 3.0, limit: Limit = Limit(10, "max"), **more) -> Rule:  # noqa: B008
    fixed = Measure(value, error, "deg", BOTTOM)
    return Rule(
        "squat.x",
        "X",
        "hip_flexion",
        lambda _c: fixed,
        limit,
        ("side",),
        Source("study", "s"),
        "{amount}",
        **more,
    )


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (5.0, Verdict.PASS),
        (6.9, Verdict.PASS),
        (7.0, Verdict.BORDERLINE),
        (10.0, Verdict.BORDERLINE),
        (13.0, Verdict.BORDERLINE),
        (13.1, Verdict.FAIL),
        (math.nan, Verdict.CANNOT_TELL),
    ],
)
def test_the_four_verdicts_and_the_edges_of_the_margin(value, verdict):
    assert judge(rule(value), context()).verdict is verdict
    below = rule(-value, limit=Limit(-10, "min"))
    assert judge(below, context()).verdict is verdict


def test_a_check_carries_its_evidence():
    check = judge(rule(17.4), context())
    assert (check.id, check.value, check.limit, check.margin) == ("squat.x", 17.4, 10, 3)
    assert (check.unit, check.at, check.reason, check.cue) == ("deg", BOTTOM, "", "7°")


@pytest.mark.parametrize(
    ("value", "cue"),
    [
        (2.0, ""),  # pass
        (8.0, ""),  # borderline, not beyond the limit
        (10.4, "Sit deeper"),  # beyond it by nothing that can be told
        (12.0, "Sit deeper: 2° more"),
        (17.0, "Sit deeper: 7° more"),  # fail
        (math.nan, ""),
    ],
)
def test_only_what_was_found_has_a_cue_with_its_amount(value, cue):
    said = replace(rule(value), cue="Sit deeper: {amount} more")
    assert judge(said, context()).cue == cue
    assert judge(said, context(Capture("front", 0, 5, "right"))).cue == ""


def test_a_cue_that_cannot_do_without_its_amount_is_left_out():
    assert judge(replace(rule(9.0), cue="Rise {amount} further"), context()).cue == ""


def test_an_amount_has_the_unit_of_its_rule():
    """A plug-in's seconds were told as degrees, and less than half of one not at all."""
    slow = replace(rule(13.2), unit="s", cue="Lower quicker: {amount} too long")
    assert judge(slow, context()).cue == "Lower quicker: 3.2 s too long"


@pytest.mark.parametrize("view", ["oblique", "front", "back"])
def test_outside_its_views_a_rule_cannot_tell(view):
    check = judge(rule(99.0), context(Capture(view, 45, 5, "right")))
    assert check.verdict is Verdict.CANNOT_TELL
    assert check.reason == "view"
    assert math.isnan(check.value)


@pytest.mark.parametrize("reader", [at_bottom, largest])
def test_a_hidden_joint_and_a_guessed_one_cannot_tell(reader):
    measured = replace(rule(0), measure=reader("knee_flexion"))
    occluded = judge(measured, context(knee_flexion_right=np.nan))
    assert (occluded.verdict, occluded.reason) == (Verdict.CANNOT_TELL, "occluded")
    guessed = judge(measured, context(confidence=MIN_CONFIDENCE - 0.1, knee_flexion_right=40))
    assert (guessed.verdict, guessed.reason) == (Verdict.CANNOT_TELL, "low_confidence")
    assert judge(measured, context(knee_flexion_right=40)).verdict is Verdict.FAIL


def test_ids_are_those_of_the_contract():
    assert set(EXERCISES) == set(IDS)
    for exercise in EXERCISES.values():
        assert [r.id for r in exercise.rules] == [
            f"{exercise.id}.{name}" for name in IDS[exercise.id].split()
        ]


@pytest.mark.parametrize("check", LIMITS)
def test_limits_are_those_of_the_contract(check):
    assert (RULES[check].limit.value, RULES[check].limit.sense) == LIMITS[check]


@pytest.mark.parametrize("check", RULES.values(), ids=RULES)
def test_every_rule_names_its_authority_and_is_fit_to_show(check):
    assert check.source.kind in ("standard", "study", "convention", "practice")
    assert len(check.source.text) > 20
    assert check.source.url == "" or check.source.url.startswith("https://")
    assert check.title
    assert 0 < check.weight < 1
    assert check.full_deg > 0
    cue = check.cue.format(amount="12°")
    assert "12°" in cue
    assert re.match(r"[A-Z]", cue)
    assert not cue.endswith(".")


def test_valgus_wants_the_front_view_the_back_line_the_side_and_all_else_that_or_an_oblique_one():
    wanted = {"knee_valgus": {"front"}, "back_rounding": {"side"}}
    for check in RULES.values():
        assert set(check.views) == wanted.get(check.id.split(".")[1], {"side", "oblique"})


def test_readers_take_bottom_and_top_from_what_is_seen():
    ramp = np.arange(N, dtype=float)
    seen = context(hip_flexion_right=ramp, hip_flexion_left=np.nan)
    assert at_bottom("hip_flexion")(seen).value == pytest.approx(BOTTOM)
    assert at_top("hip_flexion")(seen).value == pytest.approx(TOP)
    assert gain_from_bottom("hip_flexion")(seen).value == pytest.approx(BOTTOM - TOP)
    assert negated(at_top("hip_flexion"))(seen).value == pytest.approx(-TOP)
    assert absolute(gain_from_bottom("hip_flexion"))(seen).value == pytest.approx(TOP - BOTTOM)


def test_one_wild_frame_does_not_decide():
    spiky = np.full(N, 20.0)
    spiky[BOTTOM] = 90
    assert at_bottom("hip_flexion")(context(hip_flexion_right=spiky)).value == 20


def test_the_front_leg_of_a_lunge_is_read():
    seen = context(hip_flexion_right=10, hip_flexion_left=80)
    lunge = replace(seen, rep=replace(seen.rep, side="left"))
    assert at_bottom("hip_flexion")(lunge).value == 80


def test_a_movement_of_both_legs_is_read_as_one():
    seen = context(hip_flexion_right=70, hip_flexion_left=80, hip_flexion_both=74)
    assert at_bottom("hip_flexion")(seen).value == 74
    lunge = replace(seen, rep=replace(seen.rep, side="left"))
    assert at_bottom("hip_flexion")(lunge).value == 80


def test_a_reading_carries_the_error_of_its_frames():
    assert at_bottom("hip_flexion")(context(OBLIQUE_VIEW, hip_flexion_right=70)).error == 8
    assert at_bottom("hip_flexion")(context(hip_flexion_right=70)).error == 5


def test_errors_of_a_difference_add_and_from_the_side_part_of_them_cancels():
    fixed = [lambda _c, e=e: Measure(20, e, "deg", 1) for e in (3.0, 4.0)]
    assert difference(*fixed)(context(OBLIQUE_VIEW)).error == 5
    assert 3 < difference(*fixed)(context()).error < 4
    lost = difference(fixed[0], lambda _c: Measure(math.nan, math.nan, "deg", 1, "occluded"))
    assert lost(context()).reason == "occluded"


def test_lockout_is_measured_against_the_own_stance_but_credits_no_soft_one():
    seen = context(hip_flexion_right=12, knee_flexion_right=14)
    assert short_of_straight(seen).value == 14
    own = Stance({"hip_flexion_right_deg": 10, "knee_flexion_right_deg": 9})
    assert short_of_straight(replace(seen, stance=own)).value == 5
    bent = context(hip_flexion_right=5, knee_flexion_right=40)
    slack = Stance({"hip_flexion_right_deg": 5, "knee_flexion_right_deg": 40})
    assert short_of_straight(replace(bent, stance=slack)).value >= 20


def test_a_lockout_holds_the_larger_of_hip_and_knee_whichever_that_is():
    seen = context(hip_flexion_right=6, knee_flexion_right=5)
    straight = {"hip_flexion_right_deg": 0.0, "knee_flexion_right_deg": 0.0}
    unsure = Stance(straight, {"hip_flexion_right_deg": 4.0, "knee_flexion_right_deg": 20.0})
    short = short_of_straight(replace(seen, stance=unsure))
    hip, knee = 0.55 * 5, 0.55 * 20
    assert short.value - short.error == pytest.approx(6 - hip)
    assert short.value + short.error == pytest.approx(5 + knee)


def test_lockout_is_as_unsure_as_the_stance_it_is_measured_against():
    seen = context(hip_flexion_right=12)
    own = {"hip_flexion_right_deg": 10.0}
    sure, unsure = (Stance(own, {"hip_flexion_right_deg": e}) for e in (4.0, 40.0))
    assert hip_short_of_straight(replace(seen, stance=sure)).error == pytest.approx(0.55 * 5)
    assert hip_short_of_straight(replace(seen, stance=unsure)).error == pytest.approx(0.55 * 40)


def test_without_a_stance_nothing_of_a_lockouts_error_cancels():
    assert hip_short_of_straight(context(hip_flexion_right=13)).error == 5


def test_what_the_clip_does_not_show_is_not_compared():
    angles = {"trunk_inclination_right": 10, "shank_inclination_right": 40}
    lean = lean_beyond("trunk_inclination", "shank_inclination")
    assert lean(context(**angles)).value == -30
    for angle in ("trunk_inclination", "shank_inclination"):
        cut = replace(SIDE_VIEW, warnings=(CaptureWarning("out_of_frame", "x", (angle,)),))
        assert lean(context(cut, **angles)).reason == "out_of_frame"


def test_obliquely_less_of_a_lockouts_error_cancels():
    own = Stance({"hip_flexion_right_deg": 10.0})
    seen = context(OBLIQUE_VIEW, hip_flexion_right=12)
    assert hip_short_of_straight(replace(seen, stance=own)).error == pytest.approx(0.7 * 8)


@pytest.mark.parametrize(("apart", "value"), [(False, 4.0), (True, math.nan)])
def test_the_other_leg_stands_in_for_a_hidden_front_leg_only_with_the_feet_together(apart, value):
    seen = context(hip_flexion_left=np.nan, hip_flexion_right=4)
    front_left = replace(seen.rep, side="left")
    measured = front_hip_short_of_straight(replace(seen, rep=front_left, feet_apart=apart))
    assert measured.value == pytest.approx(value, nan_ok=True)


def test_a_peak_is_as_unsure_as_its_own_moment():
    at = np.arange(N)
    seen = context(elbow_flexion_right=np.where(abs(at - 45) < 6, 50.0, 3.0))
    seen.signals.error["elbow_flexion_right_deg"][40:51] = 45.0
    peak = largest("elbow_flexion")(seen)
    assert peak.value == 50
    assert peak.error == 45


def test_a_stance_that_is_unsure_makes_what_is_measured_against_it_unsure():
    seen = context(foot_pitch_right=30)
    own = Stance({"foot_pitch_right_deg": 8}, {"foot_pitch_right_deg": 40})
    plain = over_stance("foot_pitch", at_bottom("foot_pitch"))(replace(seen, stance=own))
    assert plain.error == pytest.approx(0.7 * 40)


def test_over_stance_needs_a_stance():
    reader = over_stance("foot_pitch", largest("foot_pitch"))
    seen = context(foot_pitch_right=30)
    assert reader(seen).reason == "no_upright_stance"
    assert reader(replace(seen, stance=Stance({"foot_pitch_right_deg": 8}))).value == 22


def test_the_worse_knee_counts():
    front = Capture("front", 5, 5, "right")
    upright = {"thigh_inclination_left": 60, "thigh_inclination_right": 60}
    seen = context(front, knee_valgus_left=4, knee_valgus_right=17, **upright)
    own = Stance({"knee_valgus_right_deg": 2, "knee_valgus_left_deg": 0})
    worse = worst_side("knee_valgus")(replace(seen, stance=own))
    assert (worse.value, worse.side) == (15, "right")
    assert worst_side("knee_valgus")(knees(17, 15)).side is None  # within the error of 8 degrees


def knees(left: float, right: float, **of_left: float) -> RepContext:
    """Seen from the front; the left knee's confidence and error may be others."""
    angles = {"thigh_inclination_left": 60, "thigh_inclination_right": 60}
    front = Capture("front", 5, 5, "right")
    seen = context(front, knee_valgus_left=left, knee_valgus_right=right, **angles)
    for name, value in of_left.items():
        getattr(seen.signals, name)["knee_valgus_left_deg"][:] = value
    return replace(seen, stance=Stance({f"knee_valgus_{side}_deg": 0 for side in SIDES}))


def test_a_knee_that_surely_stays_out_does_not_pass_the_other():
    rule = RULES["squat.knee_valgus"]
    assert judge(rule, knees(-20, -20)).verdict is Verdict.PASS
    assert judge(rule, knees(-22, -20, error=40.0)).verdict is Verdict.BORDERLINE
    assert judge(rule, knees(40, 30, error=70.0)).verdict is Verdict.FAIL  # the right one is sure
    assert judge(rule, knees(0, -20, confidence=0.1)).reason == "low_confidence"
    assert judge(rule, knees(0, 40, confidence=0.1)).verdict is Verdict.FAIL


def test_a_knee_that_is_hardly_seen_is_not_judged():
    angles = {
        f"{angle}_{side}": 60 for angle in ("knee_valgus", "thigh_inclination") for side in SIDES
    }
    own = Stance({f"knee_valgus_{side}_deg": 0 for side in SIDES})
    guessed = context(Capture("front", 5, 5, "right"), confidence=0.1, **angles)
    assert worst_side("knee_valgus")(replace(guessed, stance=own)).reason == "low_confidence"


def test_knees_without_a_stance_say_so():
    seen = replace(knees(60, 60), stance=Stance({}))
    assert worst_side("knee_valgus")(seen).reason == "no_upright_stance"


def test_a_value_without_an_error_tells_nothing():
    check = judge(rule(30.0, math.nan), context())
    assert (check.verdict, check.reason) == (Verdict.CANNOT_TELL, "view")


@pytest.mark.parametrize("tips", [0.0, 18.0])
def test_trunk_gain_in_the_first_third(tips):
    rise = np.clip((np.arange(N) - BOTTOM) / (TOP - BOTTOM), 0, 1)
    trunk = 45 + np.interp(rise, [0, 0.3, 1], [0, tips, -45])
    seen = context(trunk_inclination=trunk, shoulder_height=rise)
    assert trunk_gain_first_third(seen).value == pytest.approx(tips, abs=0.5)
    late = context(
        trunk_inclination=45 + np.interp(rise, [0, 0.6, 1], [0, 0, tips]), shoulder_height=rise
    )
    assert trunk_gain_first_third(late).value == pytest.approx(0, abs=0.5)


def test_what_is_measured_is_said_where_it_is_not_the_angle_itself(capsys):
    assert cli.main(["rules"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "how much further the trunk leans than the shin at the bottom: at most 20°" in printed
    assert "trunk inclination at the bottom: at most 30°" in printed
    assert "error of the spine flexion in full sight: 20° (side)" in printed
    assert "inf°" not in printed


@pytest.mark.parametrize(
    "check",
    ["squat.lockout", "squat.trunk_tibia", "squat.heel_rise", "deadlift.lockout",
     "hip_thrust.lockout", "hip_thrust.shank_vertical"],
)  # fmt: skip
def test_a_number_that_is_not_the_sources_is_said_to_be_ours(check):
    """The rule book says locked: no page should read as if it said 10 degrees."""
    exercise = EXERCISES[check.partition(".")[0]]
    [rule] = [rule for rule in exercise.rules if rule.id == check]
    assert rule.source.text.endswith("is our own")
