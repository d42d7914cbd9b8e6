"""Changes are told only where they are larger than what the measurement errs by."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pypdf
import pytest
from bodies import perform
from kept import CLIP
from lifts import LUNGE_BOTTOM, LUNGE_TOP, PLAIN, SQUAT_BOTTOM, SQUAT_TOP, Tempo, film_lift

from formcheck import exports, progress
from formcheck.exercises import EXERCISES
from formcheck.pipeline import to_analysis
from formcheck.report import Report, build_report, words
from formcheck.report.profile import ProfilePart
from formcheck.types import Analysis

DAY = datetime(2024, 5, 6, tzinfo=UTC)
GOALS = {"squat.depth": "low", "squat.lockout": "low"}


@dataclass(frozen=True)
class Point:
    set_id: int
    value: float
    error: float | None = 3.0
    load_kg: float | None = None
    name: str = "squat.depth"
    unit: str = "deg"

    @property
    def performed_at(self):
        return DAY + timedelta(days=self.set_id)


def report_of(track, exercise="squat"):
    return build_report(to_analysis(CLIP, "full", "1" * 64, track, exercise))


def squat_report(bottoms, ups=(1.1, 1.1, 1.1)):
    """Squats of a stick figure, each with its own bottom and seconds on the way up."""
    moves = [(1.0, SQUAT_TOP)]
    for bottom, up in zip(bottoms, ups, strict=True):
        moves += [(1.3, bottom), (0.2, bottom), (up, SQUAT_TOP), (0.6, SQUAT_TOP)]
    return report_of(perform(SQUAT_TOP, [*moves, (1.0, SQUAT_TOP)], PLAIN))


@pytest.mark.parametrize(
    ("after", "direction", "better"),
    [
        (14.9, "no_change", None),
        (15.1, "up", False),
        (5.1, "no_change", None),
        (4.9, "down", True),
    ],
)
def test_a_change_counts_from_the_combined_error_on(after, direction, better):
    """3 and 4 degrees make 5 for the difference."""
    told = progress.change(Point(1, 10.0, 3.0), Point(2, after, 4.0), "low")
    assert told.error == pytest.approx(5.0)
    assert (told.direction, told.better) == (direction, better)
    assert told.difference == pytest.approx(after - 10.0)


@pytest.mark.parametrize(
    ("before", "after", "better"),
    [(-20, -3, None), (-3, -20, None), (-20, 12, False), (12, -20, True), (-20, 4, None)],
)
def test_there_is_no_less_than_none_of_a_fault(before, after, better):
    """Hips that come from 20 degrees short to 3 were a better lockout and worse over-arching."""
    told = progress.change(Point(1, before, 3.0), Point(2, after, 4.0), "zero")
    assert told.direction in ("up", "down")
    assert told.better is better


def test_one_angle_is_not_better_and_worse_at_once():
    """The hip at the top of a thrust is its lockout and, turned round, its over-arching."""
    goals = {rule.id: rule.better for rule in EXERCISES["hip_thrust"].rules}
    lockout = [Point(1, 20.0), Point(2, 5.0)]
    arch = [Point(1, -20.0), Point(2, -5.0)]
    assert progress.change(*lockout, goals["hip_thrust.lockout"]).better is True
    assert progress.change(*arch, goals["hip_thrust.overarch"]).better is None
    assert progress.change(*lockout[::-1], goals["hip_thrust.lockout"]).better is False
    best = progress.trends([replace(p, name="hip_thrust.overarch") for p in arch], goals)[0].best
    assert best is not None


def test_without_a_goal_a_change_is_neither_better_nor_worse():
    assert progress.change(Point(1, 0.0), Point(2, 50.0), None).better is None
    assert progress.change(Point(1, 0.0), Point(2, 50.0), "high").better is True


def test_without_an_error_nothing_is_told():
    told = progress.change(Point(1, 10.0, None), Point(2, 90.0), "low")
    assert (told.direction, told.better) == ("unknown", None)
    assert math.isnan(told.error)


def test_a_trend_has_its_best_its_last_and_two_changes():
    points = [Point(k, value) for k, value in [(3, 4.0), (1, 20.0), (2, 2.0)]]
    [trend] = progress.trends(points, {"squat.depth": "low"})
    assert [p.set_id for p in trend.points] == [1, 2, 3]
    assert (trend.best.set_id, trend.last.set_id) == (2, 3)
    assert (trend.since_first.direction, trend.since_first.better) == ("down", True)
    assert trend.since_last.direction == "no_change"


def test_values_in_another_unit_are_no_part_of_a_trend():
    """A plug-in went from metres to centimetres: 0.4 m and 42 cm were told as +41.60 cm."""
    points = [Point(1, 0.4, 0.05, unit="m"), Point(2, 42.0, unit="cm"), Point(3, 41.0, unit="cm")]
    [trend] = progress.trends(points, {"squat.depth": "low"})
    assert [p.set_id for p in trend.points] == [2, 3]
    assert (trend.unit, trend.best.set_id) == ("cm", 3)
    assert trend.since_first.difference == -1.0


def test_measures_have_their_own_trends_and_one_set_is_no_change():
    points = [Point(1, 1.0), Point(1, 2.0, name="tempo", unit="s")]
    first, second = progress.trends(points, {})
    assert (first.name, second.name) == ("squat.depth", "tempo")
    assert (first.best, first.since_first, first.since_last) == (None, None, None)


def test_a_sets_value_is_the_median_and_its_error_does_not_shrink():
    report = squat_report([SQUAT_BOTTOM, SQUAT_BOTTOM, SQUAT_BOTTOM.but(**_shallower(30))])
    values = {value.name: value for value in progress.typical(report)}
    depths = sorted(c.value for rep in report.reps for c in rep.checks if c.id == "squat.depth")
    margins = [c.margin for rep in report.reps for c in rep.checks if c.id == "squat.depth"]
    depth = values["squat.depth"]
    assert depths[2] - depths[1] > 10
    assert (depth.value, depth.reps, depth.unit) == (depths[1], 3, "deg")
    assert depth.error == pytest.approx(sorted(margins)[1])
    assert "squat.knee_valgus" not in values


def _shallower(degrees):
    """Knees and hips less bent, so that the trunk leans as before and the thigh is higher."""
    return {
        f"{joint}_{side}": getattr(SQUAT_BOTTOM, f"{joint}_{side}") - degrees
        for joint in ("hip", "knee")
        for side in ("left", "right")
    }


def test_set_against_set_the_shallower_one_is_told():
    deep, shallow = SQUAT_BOTTOM, SQUAT_BOTTOM.but(**_shallower(30))
    told = progress.compare(
        squat_report([deep] * 3), squat_report([shallow] * 3), {"squat.depth": "low"}
    )
    changes = {change.name: change for change in told}
    assert changes["squat.depth"].direction == "up"
    assert changes["squat.depth"].better is False
    assert changes["squat.depth"].difference > 15
    assert changes["knee_flexion_top"].direction == "no_change"


def test_a_set_against_itself_has_no_change():
    report = report_of(film_lift("deadlift"), "deadlift")
    told = progress.compare(report, report, {})
    assert told
    assert {change.direction for change in told} == {"no_change"}


def test_a_steady_set_shows_no_fatigue():
    found = progress.fatigue(squat_report([SQUAT_BOTTOM] * 6, [1.1] * 6), GOALS)
    for drift in (found.depth, found.lockout, found.speed):
        assert drift.direction == "no_change"
    assert found.speed_loss_percent < 15


def test_a_tiring_set_loses_depth_and_speed():
    """The last two of six are shallow and take twice as long."""
    shallow = SQUAT_BOTTOM.but(**_shallower(30))
    ups = [1.0, 1.0, 1.1, 1.4, 2.4, 2.4]
    found = progress.fatigue(squat_report([SQUAT_BOTTOM] * 4 + [shallow] * 2, ups), GOALS)
    assert found.depth.name == "squat.depth"
    assert (found.depth.direction, found.speed.direction) == ("up", "down")
    assert (found.depth.better, found.speed.better) == (False, None)
    assert found.lockout.direction == "no_change"
    assert found.speed.unit == "deg/s"
    assert found.speed_loss_percent == pytest.approx(65, abs=12)
    assert 0 < found.speed_loss_error < found.speed_loss_percent


def lunge_analysis(fronts: str) -> Analysis:
    """The right leg goes 20 degrees less deep, and comes up half as fast."""
    high = LUNGE_BOTTOM.but(hip_left=68, knee_left=70).mirrored()
    moves = [(1.0, LUNGE_TOP)]
    for front in fronts:
        bottom, up_s = {"L": (LUNGE_BOTTOM, 0.9), "R": (high, 1.8)}[front]
        moves += [(1.3, bottom), (0.2, bottom), (up_s, LUNGE_TOP), (0.5, LUNGE_TOP)]
    found = to_analysis(CLIP, "full", "1" * 64, perform(LUNGE_TOP, moves), "lunge")
    assert [scored.rep.side[0].upper() for scored in found.reps] == list(fronts)
    return found


def lunge_report(fronts: str) -> Report:
    return build_report(lunge_analysis(fronts))


def test_the_pdf_tells_the_sets_value_that_the_history_has(tmp_path):
    """The median of all was the leg's that had one repetition more: 10 degrees beside it."""
    analysis = lunge_analysis("LRLRL")
    source = exports.Source(build_report(analysis), analysis)
    exports.write("pdf", source, tmp_path / "a.pdf")
    text = pypdf.PdfReader(tmp_path / "a.pdf").pages[0].extract_text()
    [depth] = [v for v in progress.typical(source.report) if v.name == "lunge.depth"]
    legs = [c.value for r in source.report.reps for c in r.checks if c.id == "lunge.depth"]
    assert abs(depth.value - sorted(legs)[2]) > 5
    assert f"{words.with_error(depth.value, depth.error, 'deg')} ✓" in " ".join(text.split())


def test_one_repetition_more_on_a_leg_changes_no_sets_value():
    told = progress.compare(lunge_report("LRLRL"), lunge_report("RLRLR"), {"lunge.depth": "low"})
    [depth] = [change for change in told if change.name == "lunge.depth"]
    assert depth.before == pytest.approx(20, abs=2)
    assert depth.direction == "no_change"


@pytest.mark.parametrize("fronts", ["LLLRRR", "LRLRLR"])
def test_one_leg_that_goes_less_deep_and_slower_is_no_fatigue(fronts):
    found = progress.fatigue(lunge_report(fronts), {"lunge.depth": "low"})
    for drift in (found.depth, found.lockout, found.speed):
        assert drift.direction == "no_change"
    assert found.speed_loss_percent < 15


def test_speed_is_that_of_the_performance():
    """A hip that opens by 135 degrees, of which the rep's edges leave nearly all, in 1.1 s."""
    report = report_of(film_lift("squat"))
    found = progress.fatigue(report, GOALS)
    assert found.speed.before == pytest.approx(135 / Tempo().up, rel=0.25)


def test_two_repetitions_are_too_few_for_fatigue():
    found = progress.fatigue(squat_report([SQUAT_BOTTOM] * 2, [1.1] * 2), GOALS)
    assert (found.depth, found.lockout, found.speed, found.speed_loss_percent) == (None,) * 4


def test_a_lift_without_a_depth_rule_is_followed_by_its_hip():
    found = progress.fatigue(report_of(film_lift("deadlift"), "deadlift"), GOALS)
    assert (found.depth.name, found.lockout.name) == ("hip_flexion_bottom", "deadlift.lockout")


def test_which_way_is_better_is_not_said_where_a_profile_turned_the_limit_round():
    part = {"limit": 30.0, "usual": 0.0, "sense": "min", "unit": "deg"}

    def judged_by(**limits) -> Report:
        profile = {"name": "P", "source": "", "sha256": "0" * 64, "limits": limits, "off": ()}
        return report_of(film_lift("squat")).model_copy(
            update={"profile": ProfilePart.model_validate(profile)}
        )

    turned = judged_by(**{"squat.depth": {**part, "usual_sense": "max"}})
    moved = judged_by(**{"squat.depth": {**part, "sense": "max"}})
    assert progress.agreed(GOALS, [report_of(film_lift("squat")), moved]) == GOALS
    assert progress.agreed(GOALS, [moved, turned]) == {"squat.lockout": "low"}
