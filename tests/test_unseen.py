"""What is not seen for a while, or not in one size, takes nothing from what is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Scene, hidden, perform
from lifts import LIFTS, VARIANTS, film_lift

from formcheck.exercises import EXERCISES
from formcheck.pipeline import Evaluation, evaluate
from formcheck.types import SIDES, Landmark, PoseTrack, Verdict, landmark


def at_the_bottoms(track: PoseTrack) -> np.ndarray:
    """The frames of half a second around each bottom."""
    found = evaluate(track)
    turn = EXERCISES[found.exercise.id or ""].turn
    reps = found.counted.reps
    lows = np.array([rep.start if turn == "top" else rep.turn for rep in reps])
    return np.unique(lows[:, None] + np.arange(-7, 8))


def not_told(found: Evaluation) -> list[set[str]]:
    """The checks of each repetition that have no verdict."""
    return [{c.id for c in rep.checks if c.verdict is Verdict.CANNOT_TELL} for rep in found.reps]


@pytest.mark.parametrize("lift", ["squat", "deadlift", "hip_thrust"])
def test_a_far_knee_that_is_not_seen_changes_nothing_in_a_side_view(lift):
    """The near leg is read alone, and both as the near one."""
    track = film_lift(lift, Scene(noise_px=1))
    found = evaluate(hidden(track, at_the_bottoms(track), [Landmark.LEFT_KNEE]))
    assert not_told(found) == not_told(evaluate(track))


@pytest.mark.parametrize("lift", LIFTS)
def test_a_foot_out_of_the_picture_takes_no_repetition(lift):
    track = film_lift(lift, Scene(noise_px=1))
    found = evaluate(hidden(track, at_the_bottoms(track), [Landmark.LEFT_ANKLE]))
    assert (found.exercise.id, len(found.reps)) == (lift, 3)


@pytest.mark.parametrize("lift", ["squat", "lunge"])
def test_what_is_drawn_outside_the_picture_is_guessed(lift):
    """Shoulders above its edge are drawn where they were, but nobody sees them."""
    track = film_lift(lift, Scene(noise_px=1))
    shoulders_px = track.xy_px[:, [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER], 1]
    lower_px = shoulders_px.max(axis=1)
    edge_px = float(lower_px.min() + 0.1 * np.ptp(lower_px))
    cropped = evaluate(replace(track, xy_px=track.xy_px - np.array([0.0, edge_px])))
    for angle in ("trunk_inclination_deg", "hip_flexion_right_deg"):
        before, after = (found.signals.error[angle] for found in (evaluate(track), cropped))
        well_inside, outside = shoulders_px.min(axis=1) > edge_px + 15, lower_px < edge_px - 2
        assert outside.sum() > 30
        assert (after[outside] > 1.5 * before[outside]).all()
        assert after[well_inside] == pytest.approx(before[well_inside], rel=0.1)


@pytest.mark.parametrize("lift", LIFTS)
def test_a_cut_that_goes_nearer_hides_nothing(lift):
    track = film_lift(lift, Scene(noise_px=1))
    usual = evaluate(track)
    at = (usual.counted.reps[1].end + usual.counted.reps[2].start) // 2
    middle = np.array([track.width, track.height]) / 2
    xy_px, shot = track.xy_px.copy(), track.shot.copy()
    xy_px[at:] = middle + 2.0 * (xy_px[at:] - middle)
    shot[at:] += 1
    nearer = evaluate(replace(track, xy_px=xy_px, shot=shot))
    assert not_told(nearer) == not_told(usual)


@pytest.mark.parametrize("lift", LIFTS)
@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("edge", ["start", "turn", "end"])
def test_somebody_in_front_of_the_lifter_for_a_moment_takes_no_repetition(lift, which, edge):
    track = film_lift(lift, Scene(noise_px=1))
    at = getattr(evaluate(track, lift).counted.reps[which], edge)
    found = evaluate(hidden(track, slice(at - 7, at + 8), list(Landmark)), lift)
    assert len(found.reps) == 3


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("lift", ["deadlift", "hip_thrust"])
@pytest.mark.parametrize("joints", [[Landmark.LEFT_KNEE], list(Landmark)])
def test_a_top_that_is_not_seen_at_all_breaks_nothing(lift, joints):
    """Between two others the repetition counts, by how it goes on either side."""
    track = film_lift(lift, Scene(noise_px=1))
    second = evaluate(track, lift).counted.reps[1]
    found = evaluate(hidden(track, slice(second.turn - 2, second.end + 4), joints), lift)
    assert found.reps[0].rep.end < second.start
    assert found.reps[-1].rep.start > second.end


def test_the_arm_that_is_seen_tells_of_bent_arms_whichever_leg_stands():
    _, _, played = VARIANTS["single-leg deadlift"]  # on the left leg, which is the far one
    far = Scene(Camera(90), noise_px=1, far_visibility=0.2)
    found = evaluate(perform(*played, far))
    assert [rep.rep.side for rep in found.reps] == ["left"] * 3
    arms = [c for rep in found.reps for c in rep.checks if c.id == "deadlift.arm_bend"]
    assert [c.verdict for c in arms] == [Verdict.PASS] * 3


FOOT = ("ankle", "heel", "foot_index")
JUDGED = {Verdict.PASS, Verdict.BORDERLINE, Verdict.FAIL}
NEEDS_A_NEAR_FOOT = {
    "squat.lockout",
    "squat.trunk_tibia",
    "squat.heel_rise",
    "deadlift.lockout",
    "lunge.front_heel_rise",
    "hip_thrust.shank_vertical",
}
"""What a picture that cuts off the near foot does not show (out_of_frame)."""


@pytest.mark.parametrize("azimuth", [90, 60])
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("lift", LIFTS)
def test_a_foot_that_is_out_of_the_picture_all_the_time_takes_the_other_leg(lift, side, azimuth):
    """The right one is the near one. What the other leg tells is told; what neither does is not."""
    track = film_lift(lift, Scene(Camera(azimuth), noise_px=1))
    presence = track.presence.copy()
    presence[:, [landmark(side, joint) for joint in FOOT]] = 0.1
    found = evaluate(replace(track, presence=presence), lift)
    assert len(found.reps) == 3
    told = [
        {c.id for c in rep.checks if c.verdict is not Verdict.CANNOT_TELL} for rep in found.reps
    ]
    usual = {c.id for c in evaluate(track, lift).reps[0].checks if c.verdict in JUDGED}
    hidden_here = {"left": {"lunge.front_heel_rise"}, "right": NEEDS_A_NEAR_FOOT}[side]
    assert told == [usual - hidden_here] * 3
    failed = [c for rep in found.reps for c in rep.checks if c.verdict is Verdict.FAIL]
    assert not failed
