"""What is nearer is drawn larger: angles of a body before a lens, at any height and distance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, both, hidden, shown
from lifts import LUNGE_BOTTOM, PULL_BOTTOM, RDL_BOTTOM, SQUAT_BOTTOM, STANDING, signals

from formcheck.angles import compute_signals
from formcheck.perspective import ASIDE, Sight, in_plane
from formcheck.types import SIDES, Capture, Landmark, landmark


@pytest.mark.parametrize("azimuth", [35, 60, 90, -50, 125])
@pytest.mark.parametrize("pitch_deg", [-10.0, 5.0, 20.0])
@pytest.mark.parametrize("posture", [SQUAT_BOTTOM, PULL_BOTTOM, RDL_BOTTOM])
def test_from_above_and_below_each_leg_tells_its_angles(posture, pitch_deg, azimuth):
    read = signals(posture, Camera(azimuth, pitch=pitch_deg), pitch_deg)
    for side in SIDES:
        for joint in ("hip", "knee"):
            true = getattr(posture, f"{joint}_{side}")
            assert read[f"{joint}_flexion_{side}_deg"][0] == pytest.approx(true, abs=1.5)
    assert read["trunk_inclination_deg"][0] == pytest.approx(posture.trunk, abs=1.5)


@pytest.mark.parametrize("distance_m", [2.2, 6.0])
@pytest.mark.parametrize("azimuth", [40, 60, -75])
def test_before_another_lens_than_the_usual_one_little_of_it_is_left(azimuth, distance_m):
    """Nearer and farther than the focal length that is taken to be there."""
    read = signals(SQUAT_BOTTOM, Camera(azimuth, distance_m=distance_m, height_m=0.8), 0.0)
    for joint in ("hip", "knee"):
        true = getattr(SQUAT_BOTTOM, f"{joint}_left")
        assert read[f"{joint}_flexion_both_deg"][0] == pytest.approx(true, abs=4)


@pytest.mark.parametrize("azimuth", [35, 50, 70, -40, 120])
def test_the_front_leg_of_a_lunge_is_not_read_straighter_for_standing_apart(azimuth):
    """A knee that is farther out than the hip is drawn some degrees too far back or forward."""
    read = signals(LUNGE_BOTTOM, Camera(azimuth), 0.0)
    for joint in ("hip", "knee"):
        for side in SIDES:
            true = getattr(LUNGE_BOTTOM, f"{joint}_{side}")
            assert read[f"{joint}_flexion_{side}_deg"][0] == pytest.approx(true, abs=1)


@pytest.mark.parametrize("wider_deg", [-4, 8])
@pytest.mark.parametrize("azimuth", [40, 60, -75])
def test_in_a_wide_or_narrow_stance_the_mean_of_both_legs_holds(azimuth, wider_deg):
    read = signals(both(35, 100, 95, leg_out=wider_deg), Camera(azimuth), 0.0)
    assert read["hip_flexion_both_deg"][0] == pytest.approx(100, abs=3)
    legs = [read[f"hip_flexion_{side}_deg"][0] - 100 for side in SIDES]
    assert max(legs) > 0.5
    assert min(legs) < -0.5


def sight(frames: int = 1) -> Sight:
    half = np.full(frames, np.sqrt(0.5))
    return Sight(half, half, 0.0, 1000.0, np.ones(frames, bool))


def test_a_point_of_the_sagittal_plane_at_the_centre_stays_where_it_is():
    drawn = np.tile([400.0, 300.0], (1, len(Landmark), 1))
    placed = in_plane(drawn, drawn[:, 0], 0.0, sight())
    np.testing.assert_allclose(placed[0, Landmark.NOSE], [400 / np.sqrt(0.5), 300.0])


def test_of_two_joints_drawn_at_one_place_the_nearer_one_is_farther_forward():
    """A camera in front sees what is on its side further back."""
    drawn = np.tile([0.0, 0.0], (1, len(Landmark), 1))
    placed = in_plane(drawn, np.zeros((1, 2)), 400.0, sight())
    near, far = (placed[0, landmark(side, "hip"), 0] for side in ("right", "left"))
    assert near == pytest.approx(400 * ASIDE["hip"], rel=0.15)
    assert far == pytest.approx(-400 * ASIDE["hip"], rel=0.15)


def test_what_would_be_behind_the_lens_is_put_somewhere():
    drawn = np.tile([-2e4, 2e4], (1, len(Landmark), 1))
    assert np.isfinite(in_plane(drawn, np.zeros((1, 2)), 400.0, sight())).all()


@pytest.mark.parametrize("unseen", [["hip"], ["knee", "ankle"]])
def test_only_what_needs_them_is_lost_with_joints_that_are_not_seen(unseen):
    hips_seen = "hip" not in unseen
    places = [landmark(side, joint) for side in SIDES for joint in unseen]
    track = hidden(shown([both(30, 60, 40)] * 3, Camera(60)), slice(None), places)
    trunk = compute_signals(track, Capture("oblique", 60, 5, "right"))["trunk_inclination_deg"]
    assert (np.abs(trunk - 30) < 3).all() == hips_seen
    assert np.isnan(trunk).all() != hips_seen


def test_a_picture_cropped_beside_the_person_changes_little():
    """To half its area: the focal length is told by the picture alone."""
    track = shown([SQUAT_BOTTOM, STANDING], Camera(45))
    capture = Capture("oblique", 45, 5, "right")
    whole = compute_signals(track, capture)
    half = compute_signals(replace(track, width=track.width // 2), capture)
    for name in ("hip_flexion_both_deg", "knee_flexion_both_deg", "trunk_inclination_deg"):
        assert half[name][0] == pytest.approx(whole[name][0], abs=2.5)
