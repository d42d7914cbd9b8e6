from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from formcheck.changes import between
from formcheck.exercises import EXERCISES
from formcheck.marks import whole_score
from formcheck.report import RuleInfo, words
from formcheck.types import CaptureWarning, Check, Recognition, Rep, ScoredRep, SetSummary, Verdict


def check(name: str, value: float, unit: str = "deg", reason: str = "") -> Check:
    return Check(name, Verdict.PASS, value, 10.0, 5.0, unit, 0, reason, "")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("deadlift.lockout", 14.2, "14° short of own stance"),
        ("deadlift.lockout", -3.6, "4° straighter than own stance"),
        ("deadlift.lockout", 0.3, "as straight as own stance"),
        ("hip_thrust.lockout", 14.2, "14° short of straight"),
        ("hip_thrust.lockout", 0.3, "straight"),
        ("squat.depth", -5.0, "hip 5° below knee level"),
        ("hip_thrust.overarch", 12.0, "12° past straight"),
        ("deadlift.knee_dominant", 12.0, "hip 12° above knee level"),
        ("deadlift.knee_dominant", -27.0, "more squat than hinge by 27°"),
        ("deadlift.overextension", 20.0, "leaning 20° further back than own stance"),
        ("deadlift.overextension", 0.3, "as upright as own stance"),
        ("deadlift.arm_bend", 6.0, "elbow 6° more bent than own stance"),
        ("deadlift.arm_bend", -6.0, "elbow 6° straighter than own stance"),
        ("deadlift.back_rounding", 0.3, "back as when standing"),
        ("my.own_check", 12.4, "12°"),
        ("push_up.depth", 80.0, "80°"),  # an elbow, say: no hip above a knee
        ("my.own_check", math.nan, "not measured"),
    ],
)
def test_measured_values_are_said_in_words(name, value, says):
    assert words.measured(check(name, value)) == says


def test_a_knee_that_goes_in_is_said_to_be_the_left_or_the_right_one():
    both = check("squat.knee_valgus", 14.0)
    assert words.measured(both) == "knee 14° further in than own stance"
    assert words.measured(replace(both, side="left")) == (
        "left knee 14° further in than own stance"
    )


OVER_STANCE = sorted(
    (rule.id, word)
    for exercise in EXERCISES.values()
    for rule in exercise.rules
    if "own stance" in rule.measured
    for word in (words.in_words(rule.id, 14.0, "deg"), words.in_words(rule.id, -14.0, "deg"))
)


@pytest.mark.parametrize(("name", "said"), OVER_STANCE)
def test_what_is_measured_against_the_own_stance_is_said_to_be(name, said):
    """An elbow that frames.csv shows bent by 21 was told as "elbow bent 6°"."""
    flat = name.endswith("heel_rise")  # of a heel that rises the floor says it
    assert flat or "own stance" in said or "standing" in said


def test_units_other_than_degrees_are_kept():
    assert words.measured(check("my.own", 0.123, "m")) == "0.123 m"
    assert words.with_error(1.5, 0.1, "s") == "1.5 s ± 0.1 s"
    assert words.with_error(52.41, 8.46, "cm") == "52 cm ± 8 cm"


@pytest.mark.parametrize(
    ("score", "shown"),
    [
        (76.53, 77),
        (76.46, 77),
        (76.5, 77),
        (76.44, 76),
        (75.5, 76),
        (0.0, 0),
        (99.5, 100),
        (np.float64(8.5), 9),
    ],
)
def test_a_score_is_shown_half_up_of_what_is_kept_of_it(score, shown):
    """76.53 is kept as 76.5: the review said 77 of it, the history 76."""
    assert whole_score(score) == shown
    assert whole_score(round(score, 1)) == shown


@pytest.mark.parametrize(
    ("sense", "says"), [("max", "at most 10°"), ("min", "at least 10°"), (None, "10°")]
)
def test_limit_says_its_sense(sense, says):
    assert words.limit(check("a.b", 1.0), RuleInfo("A", sense=sense)) == says


@pytest.mark.parametrize(("limit", "says"), [(7.5, "7.5°"), (-0.0, "0°"), (10.0, "10°")])
def test_a_limit_is_shown_as_it_was_set(limit, says):
    """One of 7.5 degrees was "at most 8", and a value of 8 beside it failed."""
    assert words.limit(replace(check("a.b", 8.0), limit=limit), RuleInfo("A")) == says


@pytest.mark.parametrize(("unit", "value"), [("deg", 13.4951), ("deg", -2.4999), ("s", 1.34996)])
def test_what_was_just_found_and_what_was_kept_of_it_read_alike(unit, value):
    kept = round(value, 2 if unit == "deg" else 4)
    assert words.amount(value, unit) == words.amount(kept, unit)
    assert words.in_words("squat.depth", value, "deg") == words.in_words(
        "squat.depth", round(value, 2), "deg"
    )


def test_the_place_of_the_camera_is_that_of_the_kept_report(squat_set):
    found = replace(squat_set.capture, azimuth_deg=90.5049, azimuth_error_deg=9.4999)
    kept = replace(found, azimuth_deg=90.5, azimuth_error_deg=9.5)
    assert words.view(replace(squat_set, capture=found)) == words.view(
        replace(squat_set, capture=kept)
    )


@pytest.mark.parametrize(
    "reason",
    ["view", "occluded", "low_confidence", "out_of_frame", "back_line_unclear", "other", ""],
)
def test_every_reason_has_words_and_advice(reason):
    why, advice = words.cannot_tell(
        check("squat.depth", math.nan, reason=reason), RuleInfo("Depth")
    )
    assert why.endswith(".")
    assert advice.endswith(".")


def test_a_top_that_the_clip_does_not_show_is_told_as_such():
    unseen = check("squat.lockout", math.nan, reason="top_not_seen")
    why, advice = words.cannot_tell(unseen, RuleInfo("Lockout"))
    assert "top" in why
    assert "last rep" in advice


def test_view_advice_follows_the_rule():
    unseen = check("x.y", math.nan, reason="view")
    assert "from the front" in words.cannot_tell(unseen, RuleInfo("A", views=("front",)))[0]
    assert "from the side" in words.cannot_tell(unseen, RuleInfo("A", views=("side", "oblique")))[0]
    for views, where in ((("back",), "the back"), (("front", "side"), "the side or the front")):
        why, advice = words.cannot_tell(unseen, RuleInfo("A", views=views))
        assert (why, where in advice) == (f"It can only be judged from {where}.", True)


@pytest.mark.parametrize(
    ("score", "verdict", "band"),
    [
        (100.0, Verdict.PASS, "good"),
        (100.0, Verdict.BORDERLINE, "good"),
        (100.0, Verdict.FAIL, "fair"),
        (60.0, Verdict.FAIL, "fair"),
        (30.0, Verdict.FAIL, "poor"),
        (math.nan, Verdict.CANNOT_TELL, "none"),
    ],
)
def test_no_repetition_that_fails_a_check_is_shown_as_good(score, verdict, band):
    one = replace(check("squat.depth", 5.0), verdict=verdict)
    assert words.rep_level(ScoredRep(Rep(0, 5, 10), {}, (one,), score)) == band
    assert words.set_level(SetSummary(score, {verdict: 1}, (), {}, {})) == band


def test_a_repetition_is_marked_by_its_worst_verdict():
    one = check("squat.depth", 5.0)
    order = (Verdict.CANNOT_TELL, Verdict.PASS, Verdict.BORDERLINE, Verdict.FAIL)
    for k, verdict in enumerate(order, start=1):
        found = words.worst([replace(one, verdict=v) for v in order[:k]])
        assert found is not None
        assert found.verdict is verdict
    assert words.worst([]) is None


@pytest.mark.parametrize(
    ("by", "error", "unit", "says"),
    [
        (14.4, 7.2, "deg", "+14° ± 7°"),
        (-14.4, 7.2, "deg", "-14° ± 7°"),
        (-0.3, 7.2, "deg", "0° ± 7°, no change"),
        (-0.001, 0.2512, "s", "0.0 s ± 0.3 s, no change"),
        (-4.144, None, "cm", "-4 cm"),
    ],
)
def test_a_change_has_its_unit_and_its_error_and_no_negative_zero(by, error, unit, says):
    assert words.changed(between("a", (50.0, error and error / 2**0.5, unit),
                                 (50.0 + by, error and error / 2**0.5, unit))) == says  # fmt: skip


@pytest.mark.parametrize(
    ("score", "counts", "says"),
    [
        (math.nan, {Verdict.BORDERLINE: 4}, "no score"),
        (100.0, {Verdict.PASS: 3, Verdict.CANNOT_TELL: 3}, "of 100"),
        (90.0, {Verdict.FAIL: 1, Verdict.CANNOT_TELL: 17}, "of 100, by 1 of 18 checks"),
        (100.0, {Verdict.PASS: 1, Verdict.BORDERLINE: 2}, "of 100, by 1 of 3 checks"),
    ],
)
def test_a_score_says_how_little_it_rests_on(score, counts, says):
    assert words.out_of(score, counts) == says
    assert words.out_of(score, {verdict.value: n for verdict, n in counts.items()}) == says


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("hip_flexion_top", "Hip bend at the top"),
        ("knee_flexion_bottom", "Knee bend at the bottom"),
        ("trunk_inclination_bottom", "Trunk lean at the bottom"),
        ("eccentric_s", "Way down"),
        ("concentric_s", "Way up"),
        ("hold_s", "Hold"),
        ("elbow_swing_deg", "Elbow swing"),
    ],
)
def test_a_measure_is_called_what_a_lifter_calls_it(name, says):
    assert words.measure_title(name) == says


@pytest.mark.parametrize(
    ("value", "says"),
    [(1.04, "1.0 s"), (1.16, "1.2 s"), (0.0, "0.0 s"), (-0.0, "0.0 s"), (0.04, "0.04 s")],
)
def test_seconds_are_no_finer_than_they_were_measured(value, says):
    assert words.amount(value, "s") == says


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (Recognition("squat", 0.97, "recognised"), "recognised, 97 % sure"),
        (Recognition("squat", 0.998, "recognised"), "recognised, over 99 % sure"),
        (Recognition("squat", 1.0, "recognised"), "recognised, over 99 % sure"),
        (Recognition("squat", 1.0, "told"), "as told"),
        (Recognition(None, 0.4, "recognised"), "not recognised"),
    ],
)
def test_nothing_is_recognised_with_full_certainty(found, says):
    assert words.found_by(found) == says


def test_a_limit_of_zero_says_what_zero_is():
    info = RuleInfo("Depth", sense="max")
    depth = replace(check("squat.depth", -12.0), limit=0.0)
    assert words.limit(depth, info) == "at most 0°"
    assert words.limit_in_full(depth, info) == "at most 0° (hip level with the knee)"
    lunge = check("lunge.depth", 12.0)
    assert words.limit_in_full(lunge, info) == "at most 10°"


def test_a_view_that_may_be_another_is_not_named(squat_set):
    capture = replace(squat_set.capture, azimuth_deg=102.0, azimuth_error_deg=108.0)
    assert words.view(replace(squat_set, capture=capture)).startswith("side view (102° ± 108°")
    unsure = replace(capture, warnings=(CaptureWarning("view_uncertain", "Unsure."),))
    said = words.view(replace(squat_set, capture=unsure))
    assert said == "view unsure (102° ± 108° from the front)"


def test_what_failed_is_told_first():
    order = (Verdict.CANNOT_TELL, Verdict.PASS, Verdict.BORDERLINE, Verdict.FAIL)
    checks = [replace(check(f"squat.{v.value}", 1.0), verdict=v) for v in order]
    assert [c.verdict for c in words.by_urgency(checks)] == list(reversed(order))
    assert words.worst([]) is None
