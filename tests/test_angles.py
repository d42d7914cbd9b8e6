from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import FLATNESS, Camera, Posture, Scene, both, hidden, perform, still
from lifts import (
    BRIDGE_TOP,
    LUNGE_BOTTOM,
    PULL_BOTTOM,
    RDL_BOTTOM,
    SQUAT_BOTTOM,
    STANDING,
    THRUST_BOTTOM,
    THRUST_TOP,
    signals,
    squats,
)

from formcheck.angles import compute_signals
from formcheck.types import Capture, Landmark
from formcheck.uncertainty import view_error_deg
from formcheck.view import estimate_capture

EXACT_DEG = 0.5
"""What is left of perspective where the leg is a little shorter or longer in the picture."""
RECTIFIED_DEG = 4.0
"""Stated tolerance of rectified angles of a body 3.5 m from a real (pinhole) lens."""
SIDES = ("left", "right")
POSTURES = {
    "standing": STANDING,
    "squat": SQUAT_BOTTOM,
    "pull": PULL_BOTTOM,
    "hinge": RDL_BOTTOM,
    "lunge": LUNGE_BOTTOM,
    "thrust low": THRUST_BOTTOM,
    "thrust top": THRUST_TOP,
    "bridge": BRIDGE_TOP,
    "heels up": both(35, 120, 110, foot=25),
    "arms bent": both(20, 40, 20, arm=10, elbow=75),
}


def expected(p: Posture) -> dict[str, float]:
    """Every row of the table of angles, from the joint angles of a posture."""
    rows = {"trunk_inclination_deg": p.trunk}
    for side in SIDES:
        hip, knee, foot = (getattr(p, f"{joint}_{side}") for joint in ("hip", "knee", "foot"))
        shank = knee - (hip - p.trunk)
        inclination = 90 - (hip - p.trunk)
        rows |= {
            f"hip_flexion_{side}_deg": hip,
            f"knee_flexion_{side}_deg": knee,
            f"ankle_dorsiflexion_{side}_deg": shank + foot,
            f"thigh_inclination_{side}_deg": inclination,
            f"shank_inclination_{side}_deg": shank,
            f"foot_pitch_{side}_deg": foot,
            f"elbow_flexion_{side}_deg": p.elbow,
        }
    return rows


@pytest.mark.parametrize("azimuth", [90, -90])
@pytest.mark.parametrize("posture", POSTURES.values(), ids=POSTURES)
def test_every_angle_of_the_table_reads_what_was_set_from_either_side(posture, azimuth):
    read = signals(posture, Camera(azimuth))
    for name, angle in expected(posture).items():
        if "thigh" in name and not 0 <= 90 - angle <= 180:
            angle = 180 - angle if angle > 90 else angle  # noqa: PLW2901 - a thigh behind the body
        assert read[name][0] == pytest.approx(angle, abs=EXACT_DEG), name


@pytest.mark.parametrize("azimuth", [35, 50, 65, 75, -35, -50, -65, -75])
@pytest.mark.parametrize("posture", ["squat", "pull", "hinge", "thrust low", "thrust top"])
def test_an_oblique_view_is_rectified_to_the_sagittal_plane(posture, azimuth):
    """Far away exactly; through a lens at 3.5 m within the tolerance, as the mean of both legs."""
    truth = expected(POSTURES[posture])
    far = signals(POSTURES[posture], Camera(azimuth))
    for name, angle in truth.items():
        assert far[name][0] == pytest.approx(angle, abs=EXACT_DEG), name
    near = signals(POSTURES[posture], Camera(azimuth, distance_m=3.5))
    for angle in ("hip_flexion", "knee_flexion", "thigh_inclination"):
        pair = [f"{angle}_{side}_deg" for side in SIDES]
        read = np.mean([near[name][0] for name in pair])
        assert read == pytest.approx(np.mean([truth[name] for name in pair]), abs=2 * RECTIFIED_DEG)


@pytest.mark.parametrize("azimuth", [35, 50, 75, -50])
def test_rectification_with_the_estimated_azimuth_follows_a_whole_squat(azimuth):
    scene = Scene(Camera(azimuth), noise_px=1)
    track = perform(*squats(2), scene)
    clean = perform(*squats(2), Scene(Camera(90)))
    read = compute_signals(track, estimate_capture(track))
    truth = compute_signals(clean, Capture("side", 90, 5, "right"))
    for name in ("hip_flexion_right_deg", "knee_flexion_right_deg", "trunk_inclination_deg"):
        assert np.abs(read[name] - truth[name]).mean() < RECTIFIED_DEG, name


def test_an_unrectified_oblique_view_would_be_wrong():
    """What the correction is for: the plain picture of a hinge at 40 degrees misses the hip."""
    track = still(both(40, 80, 60), Camera(40))
    plain = compute_signals(track, Capture("side", 90, 5, "right"))
    assert abs(plain["hip_flexion_right_deg"][0] - 80) > 15


@pytest.mark.parametrize("azimuth", [90, -90])
def test_signs(azimuth):
    camera = Camera(azimuth)
    past_straight = signals(both(-85, -12, 85), camera)
    assert past_straight["hip_flexion_left_deg"][0] == pytest.approx(-12, abs=EXACT_DEG)
    assert past_straight["trunk_inclination_deg"][0] == pytest.approx(-85, abs=EXACT_DEG)
    deep = signals(both(35, 145, 130), camera)
    assert deep["thigh_inclination_right_deg"][0] == pytest.approx(-20, abs=EXACT_DEG)
    assert deep["shank_inclination_right_deg"][0] == pytest.approx(20, abs=EXACT_DEG)
    behind = signals(both(0, 80, 60), camera)
    assert behind["shank_inclination_left_deg"][0] == pytest.approx(-20, abs=EXACT_DEG)
    assert signals(both(-10, 0, 0), camera)["trunk_inclination_deg"][0] < 0


@pytest.mark.parametrize("azimuth", [0, 180])
def test_knee_valgus_in_front_and_back_views(azimuth):
    posture = both(30, 80, 75).but(valgus_left=14, valgus_right=-6)
    view = "front" if azimuth == 0 else "back"
    track = still(posture, Camera(azimuth, distance_m=100))
    read = compute_signals(track, Capture(view, azimuth, 5, "right"))
    assert read["knee_valgus_left_deg"][0] == pytest.approx(14, abs=EXACT_DEG)
    assert read["knee_valgus_right_deg"][0] == pytest.approx(-6, abs=EXACT_DEG)


def test_from_the_front_a_deep_knee_is_less_sure_than_a_straight_one():
    posture = both(30, 80, 75)
    errors = [
        compute_signals(still(p, Camera(0)), Capture("front", 0, 5, "right")).error[
            "knee_valgus_left_deg"
        ][0]
        for p in (both(2, 4, 4), posture, SQUAT_BOTTOM)
    ]
    assert errors[0] < errors[1] < errors[2]
    assert errors[0] < 8
    assert errors[2] > 15


@pytest.mark.parametrize(("azimuth", "error"), [(90, 0.0), (60, 6.5), (45, 9.2), (120, 6.5)])
def test_a_tilted_camera_turns_what_is_level_by_the_cosine_of_its_azimuth(azimuth, error):
    """Tilted by 13 degrees; the azimuth's own error stretches along what is level."""
    level = np.array([[1.0, 0.0]])
    assert view_error_deg([level], azimuth, 8)[0] == pytest.approx(error, abs=0.05)


def test_a_pitch_that_is_known_is_surer_than_one_that_is_not():
    level = [np.array([[1.0, 0.0]])]
    unknown, known, steep = (view_error_deg(level, 45, 10, p)[0] for p in (np.nan, 0.0, 30.0))
    assert known == pytest.approx(8 * np.cos(np.radians(45)))
    assert known < steep < unknown
    assert view_error_deg(level, 90, 10, 30.0)[0] == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("azimuth", [40, -60, 90, 130])
@pytest.mark.parametrize("pitch", [-10.0, 20.0])
def test_a_camera_that_looks_down_tilts_no_lying_body(azimuth, pitch):
    lying = both(-85, 10, 95)
    view = "side" if azimuth == 90 else "oblique"
    unknown = Capture(view, abs(azimuth), 5, "right" if azimuth > 0 else "left")
    track = still(lying, Camera(azimuth, pitch=pitch))
    known = compute_signals(track, replace(unknown, pitch_deg=pitch))
    for name in ("hip_flexion_left_deg", "knee_flexion_right_deg", "trunk_inclination_deg"):
        assert known[name][0] == pytest.approx(expected(lying)[name], abs=EXACT_DEG)
    tilted = compute_signals(track, unknown)["trunk_inclination_deg"][0]
    off = abs(tilted - lying.trunk)
    assert off < 1 if azimuth == 90 else off > 4


def test_an_unsure_azimuth_turns_what_slants_and_no_upright():
    upright, slanting = np.array([[0.0, 1.0]]), np.array([[1.0, 1.0]])
    assert view_error_deg([upright], 45, 8)[0] == pytest.approx(0)
    assert view_error_deg([slanting], 45, 8)[0] == pytest.approx(np.hypot(4.0, 4.6), abs=0.05)


def test_knee_valgus_is_not_read_from_the_side():
    read = signals(both(30, 80, 75).but(valgus=14), Camera(90))
    assert np.isnan(read["knee_valgus_left_deg"]).all()


def test_front_view_angles_come_from_the_world_landmarks():
    track = still(SQUAT_BOTTOM, Camera(0))
    track = replace(track, world_m=track.world_m / np.array([1.0, 1.0, FLATNESS]))
    read = compute_signals(track, Capture("front", 0, 5, "right"))
    for name in ("hip_flexion_left_deg", "knee_flexion_right_deg", "trunk_inclination_deg"):
        assert read[name][0] == pytest.approx(expected(SQUAT_BOTTOM)[name], abs=EXACT_DEG)


@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (1920, 1080)])
def test_a_true_80_degree_knee_reads_80_whatever_the_shape_of_the_frame(width, height):
    """In a 1080 x 1920 phone clip normalised coordinates would read 56 degrees."""
    camera = Camera(90, width, height, scale=400)
    track = still(both(30, 110, 100), camera)
    read = compute_signals(track, Capture("side", 90, 5, "right"))
    assert 180 - read["knee_flexion_right_deg"][0] == pytest.approx(80, abs=EXACT_DEG)
    points = track.xy_px[0, [Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE]]
    thigh, shank = np.diff(points / [width, height], axis=0)
    trap = 180 - np.degrees(
        np.arccos(thigh @ shank / np.linalg.norm(thigh) / np.linalg.norm(shank))
    )
    assert abs(trap - 80) > 10


def test_not_seen_stays_not_seen_and_only_where_it_is_needed():
    track = hidden(still(SQUAT_BOTTOM, frames=5), slice(1, 3), [Landmark.RIGHT_KNEE])
    read = compute_signals(track, Capture("side", 90, 5, "right"))
    missing = np.array([False, True, True, False, False])
    for angle in ("hip_flexion", "knee_flexion", "thigh_inclination", "shank_inclination"):
        np.testing.assert_array_equal(np.isnan(read[f"{angle}_right_deg"]), missing)
        assert np.isfinite(read[f"{angle}_left_deg"]).all()
    assert np.isfinite(read["trunk_inclination_deg"]).all()


def test_knees_bent_as_no_knee_can_be_are_not_seen():
    seen = signals(both(20, 60, -60), Camera(90))
    assert np.isnan(seen["knee_flexion_both_deg"][0])
    assert not seen.confidence["knee_flexion_both_deg"][0]
    assert np.isfinite(seen["trunk_inclination_deg"]).all()


@pytest.mark.parametrize("hip", [200, -75])
def test_of_a_body_with_both_hips_bent_as_none_can_be_nothing_is_believed(hip):
    posture = both(20, hip, 60)
    for name in expected(posture):
        seen = signals(posture, Camera(90))
        assert np.isnan(seen[name][0]), name
        assert not seen.confidence[name][0], name
    one = signals(replace(posture, hip_left=60.0), Camera(90))
    assert np.isnan(one["hip_flexion_right_deg"][0])
    assert np.isfinite([one[f"{a}_deg"] for a in ("hip_flexion_left", "trunk_inclination")]).all()


def test_confidence_is_that_of_the_least_visible_landmark():
    track = still(SQUAT_BOTTOM, frames=2)
    track.visibility[1, Landmark.RIGHT_ANKLE] = 0.2
    read = compute_signals(track, Capture("side", 90, 5, "right"))
    np.testing.assert_allclose(read.confidence["knee_flexion_right_deg"], [0.99, 0.2])
    np.testing.assert_allclose(read.confidence["hip_flexion_right_deg"], [0.99, 0.99])
    np.testing.assert_allclose(read.confidence["knee_flexion_left_deg"], [0.8, 0.8])


def test_heights_are_those_of_the_body():
    read = signals(SQUAT_BOTTOM, Camera(90))
    assert read["hip_height"][0] < signals(STANDING, Camera(90))["hip_height"][0]
    assert read["leg_length"][0] == pytest.approx(0.85 * Camera().scale, rel=0.01)


@pytest.mark.parametrize("roll_deg", [-8.0, 5.0])
@pytest.mark.parametrize("azimuth", [90, -90, 50])
def test_a_picture_that_is_turned_is_turned_back(roll_deg, azimuth):
    track = still(SQUAT_BOTTOM, Camera(azimuth))
    sine, cosine = np.sin(np.radians(roll_deg)), np.cos(np.radians(roll_deg))
    clockwise = track.xy_px @ np.array([[cosine, sine], [-sine, cosine]])
    side = "right" if azimuth > 0 else "left"
    level = Capture("side" if abs(azimuth) == 90 else "oblique", abs(azimuth), 5, side)
    straight = compute_signals(track, level)
    told, unsure = (replace(level, roll_deg=roll_deg, roll_error_deg=e) for e in (1.5, 9.0))
    for capture, same in ((told, True), (unsure, False), (level, False)):
        turned = compute_signals(replace(track, xy_px=clockwise), capture)
        for name in ("trunk_inclination_deg", f"thigh_inclination_{side}_deg"):
            off = abs(turned[name][0] - straight[name][0])
            assert off < EXACT_DEG if same else off > 2


def test_obliquely_a_nearly_straight_body_is_less_sure_than_from_the_side():
    """By more than the azimuth's own error, which is nothing for upright segments."""
    posture = both(2, 4, 4)
    side, oblique = (
        compute_signals(still(posture, Camera(azimuth)), Capture(view, azimuth, 0.0, "right"))
        for view, azimuth in (("side", 90), ("oblique", 45))
    )
    for name, share in (("hip_flexion", 1.3), ("knee_flexion", 1.15), ("thigh_inclination", 1.3)):
        ratio = oblique.error[f"{name}_right_deg"][0] / side.error[f"{name}_right_deg"][0]
        assert ratio == pytest.approx(share, rel=0.1)
