"""Lockout where it is hard to see: a body that is lost, a hidden front leg, split stances."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from bodies import Camera, Scene, both, hidden, perform
from lifts import (
    HANDS_UP,
    LUNGE_BOTTOM,
    PULL_BOTTOM,
    PULL_TOP,
    SQUAT_BOTTOM,
    SQUAT_TOP,
    Tempo,
    film_lift,
    lunges,
    reps,
    squats,
)

from formcheck.pipeline import Evaluation, evaluate
from formcheck.stance import upright_stance
from formcheck.types import Check, Landmark, PoseTrack, Signals, Verdict, landmark
from formcheck.uncertainty import undrawn_deg

QUIET = Scene(noise_px=1)
TOLD = {Verdict.PASS, Verdict.BORDERLINE, Verdict.FAIL}


def lockouts(result: Evaluation) -> list[Check]:
    return [c for rep in result.reps for c in rep.checks if c.id.endswith(".lockout")]


def lost(track: PoseTrack, since_s: float, until_s: float = math.inf) -> PoseTrack:
    """Nobody is found between two times."""
    frames = np.flatnonzero((track.time_s >= since_s) & (track.time_s < until_s))
    return hidden(track, frames, list(Landmark))


def cut(track: PoseTrack, until_s: float) -> PoseTrack:
    """The clip ends earlier."""
    n = int(np.searchsorted(track.time_s, until_s))
    whole = {f.name: getattr(track, f.name) for f in fields(track)}
    rows = {name: rows[:n] for name, rows in whole.items() if np.shape(rows)[:1] == (len(track),)}
    return replace(track, **rows)


UP_S = 1.0 + 2 * (1.3 + 0.2 + 1.1 + 0.5) + 1.3 + 0.2  # when the third squat begins to rise


@pytest.mark.parametrize("after_s", [0.65, 0.75])
def test_a_lifter_who_is_lost_on_the_way_up_has_not_failed_to_lock_out(after_s):
    played = reps(SQUAT_TOP, [SQUAT_BOTTOM] * 3, quiet=(1.0, 3.0))
    track = lost(perform(*played, QUIET), UP_S + after_s, UP_S + 3.5)
    checks = lockouts(evaluate(track, "squat"))
    assert [c.verdict for c in checks] == [Verdict.PASS, Verdict.PASS, Verdict.CANNOT_TELL]
    assert checks[-1].reason == "top_not_seen"


def test_hips_that_go_up_at_the_clips_end_have_not_failed_to_lock_out():
    """For a moment their angle hardly changes: the trunk comes up as the knees straighten."""
    on_the_way, further = both(20, 60, 70, **HANDS_UP), both(4, 57, 15, **HANDS_UP)
    start, moves = reps(SQUAT_TOP, [SQUAT_BOTTOM] * 2)
    last = [(1.3, SQUAT_BOTTOM), (0.2, SQUAT_BOTTOM), (0.6, on_the_way), (0.6, further)]
    track = perform(start, [*moves, *last], QUIET)
    checks = lockouts(evaluate(cut(track, track.time_s[-1] - 0.2), "squat"))
    assert [c.verdict for c in checks] == [Verdict.PASS, Verdict.PASS, Verdict.CANNOT_TELL]
    assert checks[-1].reason == "top_not_seen"


@pytest.mark.parametrize("after_s", [0.85, 0.95, 1.05])
def test_nor_has_one_whose_clip_ends_on_the_way_up(after_s):
    """Up to a twentieth of a second before the top, with the hips 10 degrees from straight."""
    track = cut(perform(*squats(3), QUIET), UP_S + after_s)
    last = lockouts(evaluate(track, "squat"))[-1]
    assert (last.verdict, last.reason) == (Verdict.CANNOT_TELL, "top_not_seen")


def test_a_clip_that_ends_at_the_top_shows_the_top():
    track = cut(perform(*squats(3), QUIET), UP_S + 1.2)
    assert lockouts(evaluate(track, "squat"))[-1].verdict is Verdict.PASS


def test_knees_that_are_hidden_all_the_way_up_are_told_as_hidden():
    track = film_lift("squat", QUIET)
    last = evaluate(track, "squat").reps[-1].rep
    for side in ("left", "right"):
        track.visibility[last.turn - 25 : last.end + 25, landmark(side, "knee")] = 0
    checks = lockouts(evaluate(track, "squat"))
    assert [c.verdict for c in checks] == [Verdict.PASS, Verdict.PASS, Verdict.CANNOT_TELL]
    assert checks[-1].reason == "occluded"


@pytest.mark.parametrize(("hip", "verdict"), [(5, Verdict.CANNOT_TELL), (45, Verdict.FAIL)])
def test_knees_that_are_not_seen_leave_a_lockout_open_that_the_hips_do_not_fail(hip, verdict):
    top = both(hip - 2, hip, 5, **HANDS_UP)
    moves = [(1.0, SQUAT_TOP), (1.2, SQUAT_BOTTOM), (1.2, top), (0.6, top)]
    track = perform(SQUAT_TOP, [*moves, (1.2, SQUAT_BOTTOM), (1.2, SQUAT_TOP), (1.0, SQUAT_TOP)])
    for side in ("left", "right"):
        track.visibility[70:140, landmark(side, "ankle")] = 0
        track.visibility[70:140, landmark(side, "heel")] = 0
        track.visibility[70:140, landmark(side, "foot_index")] = 0
    first, last = lockouts(evaluate(track, "squat"))
    assert (first.verdict, last.verdict) == (verdict, Verdict.PASS)
    assert bool(first.reason) is (verdict is Verdict.CANNOT_TELL)
    assert math.isnan(first.value) is (verdict is Verdict.CANNOT_TELL)


def test_nor_does_a_lockout_pass_whose_knees_the_picture_does_not_hold():
    """Guessed ankles below the picture give the knees an angle that nobody can have seen."""
    track = film_lift("squat", QUIET)
    knees_px = track.xy_px[:, [landmark(side, "knee") for side in ("left", "right")], 1]
    without_feet = replace(track, height=int(knees_px.max()) + 10)
    checks = lockouts(evaluate(without_feet, "squat"))
    assert {c.verdict for c in checks} == {Verdict.CANNOT_TELL}
    assert {c.reason for c in checks} == {"out_of_frame"}


@pytest.mark.parametrize(("short", "verdict"), [(0, Verdict.PASS), (34, Verdict.FAIL)])
@pytest.mark.parametrize("since", [-10, 3, 10])
def test_a_front_leg_that_is_hidden_on_the_way_up_is_measured_on_the_other(since, short, verdict):
    """Seen at the bottom only, its straightest hip is that of the bottom."""
    straight = both(3, 5, 5, **HANDS_UP)
    top = both(5 + short / 6, 5 + short, 5 + short, **HANDS_UP)
    played = reps(straight, [LUNGE_BOTTOM] * 3, tops=[straight, straight, top], quiet=(1.0, 0.0))
    track = perform(*played, replace(QUIET, camera=Camera(90)))  # the left leg is the far one
    last = evaluate(track, "lunge").reps[-1].rep
    track.visibility[last.turn + since :, landmark("left", "knee")] = 0
    checks = lockouts(evaluate(track, "lunge"))
    assert [c.verdict for c in checks] == [Verdict.PASS, Verdict.PASS, verdict]


def test_how_far_the_hips_rise_is_not_told_of_a_top_that_is_not_seen():
    played = reps(SQUAT_TOP, [SQUAT_BOTTOM] * 3, quiet=(1.0, 3.0))
    track = lost(perform(*played, QUIET), UP_S + 0.65, UP_S + 3.5)
    first, _, last = (
        r.measures["hip_travel"] for r in evaluate(track, "squat", height_cm=180).reps
    )
    assert first.value > 30
    assert math.isnan(last.value)
    assert (last.reason, last.unit) == ("top_not_seen", "cm")


def test_nor_is_how_long_the_way_up_took():
    played = reps(SQUAT_TOP, [SQUAT_BOTTOM] * 3, quiet=(1.0, 3.0))
    result = evaluate(lost(perform(*played, QUIET), UP_S + 0.65, UP_S + 3.5), "squat")
    first, _, last = (rep.measures for rep in result.reps)
    assert first["concentric_s"].value > 0.5
    assert (last["concentric_s"].reason, last["concentric_s"].unit) == ("top_not_seen", "s")
    assert last["eccentric_s"].value == pytest.approx(first["eccentric_s"].value, abs=0.25)
    assert result.summary.tempo["concentric_s"] == pytest.approx(
        first["concentric_s"].value, abs=0.1
    )


@pytest.mark.parametrize(("from_s", "seen"), [(0.8, True), (1.5, False)])
def test_a_way_down_that_had_begun_when_the_clip_does_has_no_length(from_s, seen):
    played = reps(SQUAT_TOP, [SQUAT_BOTTOM] * 2)  # goes down after a second
    whole = perform(*played, QUIET)
    first = evaluate(lost(whole, 0.0, from_s), "squat").reps[0].measures["eccentric_s"]
    assert math.isnan(first.value) is not seen
    assert first.reason == ("" if seen else "start_not_seen")


def test_a_sway_in_the_last_frames_of_a_clip_is_no_top():
    low, sway = both(10, 40, 38, **HANDS_UP), both(13, 52, 48, **HANDS_UP)
    start, moves = squats(3)
    played = start, [*moves[:-3], (0.4, low), (0.07, sway)]
    track = cut(perform(*played, QUIET), UP_S + 0.46)
    checks = lockouts(evaluate(track, "squat"))
    assert [c.verdict for c in checks][2:] == [Verdict.CANNOT_TELL]


def test_a_soft_lockout_that_is_held_fails_though_the_lifter_is_lost_afterwards():
    soft = both(6, 33, 30, **HANDS_UP)
    played = reps(SQUAT_TOP, [SQUAT_BOTTOM] * 3, tops=[SQUAT_TOP, SQUAT_TOP, soft])
    track = lost(perform(*played, QUIET), UP_S + 1.1 + 0.45)
    assert lockouts(evaluate(track, "squat"))[-1].verdict is Verdict.FAIL


@pytest.mark.parametrize(("short", "verdict"), [(0, Verdict.PASS), (34, Verdict.FAIL)])
def test_a_front_leg_that_is_hidden_in_standing_is_measured_on_the_other(short, verdict):
    top = both(5 + short / 6, 5 + short, 5 + short, **HANDS_UP)
    straight = both(3, 5, 5, **HANDS_UP)
    played = reps(straight, [LUNGE_BOTTOM] * 3, tops=[straight, top, straight])
    track = perform(*played, replace(QUIET, camera=Camera(90)))  # the left leg is the far one
    upright = np.abs(np.diff(track.xy_px[:, [landmark(s, "ankle") for s in ("left", "right")], 0]))
    together = np.flatnonzero(upright[:, 0] < 0.1 * np.nanmax(upright))
    for joint in ("hip", "knee", "ankle", "heel", "foot_index"):
        track.visibility[together, landmark("left", joint)] = 0.2
    checks = lockouts(evaluate(track, "lunge"))
    assert [c.verdict for c in checks] == [Verdict.PASS, verdict, Verdict.PASS]


def test_one_misread_top_does_not_fail_the_others_of_a_split_squat():
    split = LUNGE_BOTTOM.but(hip_left=38, knee_left=12, hip_right=-18, knee_right=10, foot_right=50)
    straight = split.but(hip_left=12)
    ends = [split] * 5 + [straight] + [split]
    played = reps(split, [LUNGE_BOTTOM] * 7, tops=ends)
    checks = lockouts(evaluate(perform(*played, QUIET), "lunge"))
    assert len(checks) == 7
    assert {c.verdict for c in checks} <= {Verdict.PASS, Verdict.BORDERLINE}


def test_most_tops_of_a_split_squat_may_be_soft():
    split = LUNGE_BOTTOM.but(hip_left=38, knee_left=12, hip_right=-18, knee_right=10, foot_right=50)
    soft = split.but(hip_left=66, knee_left=30)
    played = reps(split, [LUNGE_BOTTOM] * 7, tops=[split] * 3 + [soft] * 4)
    verdicts = [c.verdict for c in lockouts(evaluate(perform(*played, QUIET), "lunge"))]
    assert verdicts == [Verdict.PASS] * 3 + [Verdict.FAIL] * 4


@pytest.mark.parametrize(("times", "read"), [(1.9, -40.0), (2.1, 2.0)])
def test_the_stance_is_read_where_it_is_sure(times, read):
    """Most of what is standing is guessed; it counts unless it errs by twice as much and more."""
    guessed = np.arange(40) < 10
    pitch = np.where(guessed, -40.0, 2.0)
    error = np.where(guessed, times * 9.0, 9.0)
    signals = Signals(np.arange(40) / 30, {"x": pitch}, {}, {"x": error})
    names = ("stagger_ratio", "hip_flexion_deg", "knee_flexion_deg")
    motion = Signals(signals.time_s, dict.fromkeys(names, np.zeros(40)))
    stance = upright_stance(np.r_[0:10, 30:38], signals, motion)
    assert stance["x"] == read
    assert stance.error["x"] == (9.0 if read > 0 else times * 9.0)


def test_complete_lifts_lock_out_in_every_view():
    for name in ("squat", "deadlift", "hip_thrust"):
        assert {c.verdict for c in lockouts(evaluate(film_lift(name)))} == {Verdict.PASS}
    walked = evaluate(perform(*lunges("LRL"), QUIET))
    assert {c.verdict for c in lockouts(walked)} <= TOLD - {Verdict.FAIL}


@pytest.mark.parametrize(("knee", "verdict"), [(2, Verdict.PASS), (24, Verdict.FAIL)])
def test_knees_that_lock_after_the_hips_are_locked(knee, verdict):
    """The hips go past straight first, and settle while the knees straighten, or do not."""
    hips_first, end = both(-4, -2, 24), both(0, 2, knee)
    once = [(1.3, PULL_BOTTOM), (0.4, PULL_BOTTOM), (1.1, hips_first), (0.4, hips_first)]
    moves = [(1.0, PULL_TOP), *[*once, (0.5, end), (1.0, end)] * 3]
    found = evaluate(perform(PULL_TOP, moves, QUIET), "deadlift")
    assert [c.verdict for c in lockouts(found)] == [verdict] * 3
    assert [c.value for c in lockouts(found)] == pytest.approx([knee - 2] * 3, abs=3)
    told = [rep.measures["knee_flexion_top"].value for rep in found.reps]
    assert told == pytest.approx([knee] * 3, abs=3)


@pytest.mark.parametrize("short", [0, 4])
@pytest.mark.parametrize("up_s", [1.1, 8.0])
def test_a_slow_way_up_is_seen_to_its_top(up_s, short):
    """Of eight seconds the last degrees take two."""
    end = both(3, 3 + short, 3 + short, **HANDS_UP)
    tops = [SQUAT_TOP, end, SQUAT_TOP]
    played = reps(SQUAT_TOP, [SQUAT_BOTTOM] * 3, Tempo(3, 0.5, up_s, 1.0), tops=tops)
    checks = lockouts(evaluate(perform(*played, QUIET), "squat"))
    assert [c.verdict for c in checks] == [Verdict.PASS] * 3
    assert [c.value for c in checks] == pytest.approx([0, short, 0], abs=1.5)


@pytest.mark.parametrize(("azimuth", "least", "most"), [(45, 1.4, 1.8), (90, 1.05, 1.3)])
def test_what_is_missing_of_a_soft_lockout_as_a_pose_model_draws_it_is_made_up_for(
    azimuth, least, most
):
    tops = [PULL_TOP, both(3, 11, 20), PULL_TOP]
    played = reps(PULL_TOP, [PULL_BOTTOM] * 3, tops=tops)
    track = perform(*played, Scene(camera=Camera(azimuth=azimuth), noise_px=1))
    (complete, soft, _), (_, as_it_is, _) = (
        lockouts(evaluate(track, "deadlift", model=model)) for model in ("full", None)
    )
    assert as_it_is.value == pytest.approx(18, abs=2)
    assert least * as_it_is.value < soft.value < most * as_it_is.value
    assert complete.verdict is Verdict.PASS


def test_where_the_camera_is_not_known_nothing_is_made_up_for():
    assert undrawn_deg(10, math.nan) == 0


def test_no_more_is_made_up_for_of_a_deep_bend_and_nothing_of_a_straight_body():
    assert undrawn_deg(-3, 45) == 0 < undrawn_deg(15, 45) == undrawn_deg(40, 45)
