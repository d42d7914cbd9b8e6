"""Squats from the front: which way the knees go, and where the camera stands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Posture, Scene, both, perform
from lifts import (
    HANDS_UP,
    SQUAT_BOTTOM,
    bridges,
    lunges,
    single_leg_thrusts,
    squats,
    thrusts,
)

from formcheck.frontal import knees_azimuth_deg
from formcheck.pipeline import Evaluation, evaluate
from formcheck.types import PoseTrack, Verdict, landmark

HALF = both(30, 88, 85, **HANDS_UP)
FLATNESS = 0.4
"""Share of a leg's depth that the world landmarks of somebody who faces the camera keep."""


def filmed(bottom: Posture, azimuth_deg: float, noise_px: float = 1.0) -> PoseTrack:
    """Three squats, from the front or nearly so, as flat as a pose model draws them."""
    camera = Camera(azimuth_deg, distance_m=3.0)
    track = perform(*squats(3, bottom), Scene(camera, noise_px=noise_px))
    return replace(track, world_m=track.world_m * [1, 1, FLATNESS])


def signed_azimuth_deg(result: Evaluation) -> float:
    capture = result.capture
    return capture.azimuth_deg * (1 if capture.near_side == "right" else -1)


def valgus_deg(result: Evaluation) -> list[float]:
    return [c.value for r in result.reps for c in r.checks if c.id == "squat.knee_valgus"]


def test_a_thigh_that_points_to_the_camera_tells_nothing_of_the_knee():
    result = evaluate(filmed(SQUAT_BOTTOM, 0), "squat")
    assert result.reps
    for side in ("left", "right"):
        knee = result.signals[f"knee_valgus_{side}_deg"]
        for scored in result.reps:
            assert np.isnan(knee[scored.rep.turn])
            assert np.isfinite(knee[[scored.rep.start, scored.rep.end]]).all()


@pytest.mark.parametrize("bottom", [HALF, SQUAT_BOTTOM])
@pytest.mark.parametrize("azimuth_deg", [-15, -6, 0, 10, 20])
def test_the_knees_of_a_squat_tell_where_the_camera_stands(bottom, azimuth_deg):
    result = evaluate(filmed(bottom, azimuth_deg), "squat")
    assert result.capture.view == "front"
    assert signed_azimuth_deg(result) == pytest.approx(azimuth_deg, abs=2)


@pytest.mark.parametrize("azimuth_deg", [-15, 15])
@pytest.mark.parametrize("bottom", [HALF, SQUAT_BOTTOM])
def test_a_camera_beside_the_front_brings_no_knee_in(bottom, azimuth_deg):
    straight = valgus_deg(evaluate(filmed(bottom, azimuth_deg), "squat"))
    assert max(straight) < 9
    inward = evaluate(filmed(bottom.but(valgus=30), azimuth_deg), "squat")
    assert min(valgus_deg(inward)) > max(straight) + 9


def test_knees_that_go_in_from_beside_the_front_are_found():
    result = evaluate(filmed(HALF.but(valgus=30), 12), "squat")
    verdicts = {c.verdict for r in result.reps for c in r.checks if c.id == "squat.knee_valgus"}
    assert verdicts == {Verdict.FAIL}


@pytest.mark.parametrize("zoom", [0.5, 2.0])
@pytest.mark.parametrize("valgus", [0, 30])
def test_a_cut_that_goes_nearer_or_farther_takes_nothing_from_the_knees(valgus, zoom):
    """Thighs of the one size were held against standing of the other: no knee, another azimuth."""
    track = filmed(HALF.but(valgus=valgus), 15)
    whole = evaluate(track, "squat")
    cut = (whole.reps[1].rep.end + whole.reps[2].rep.start) // 2
    middle_px = np.array([track.width, track.height]) / 2
    xy_px, shot = track.xy_px.copy(), track.shot.copy()
    xy_px[cut:] = (xy_px[cut:] - middle_px) * zoom + middle_px
    shot[cut:] += 1
    result = evaluate(replace(track, xy_px=xy_px, shot=shot), "squat")
    assert signed_azimuth_deg(result) == pytest.approx(15, abs=2)
    assert valgus_deg(result) == pytest.approx(valgus_deg(whole), abs=3)


def test_hips_that_shift_to_one_side_turn_no_camera():
    track = filmed(SQUAT_BOTTOM, 0, noise_px=0)
    low = (track.middle("hip")[:, 1] - track.middle("hip")[:, 1].min()) / np.ptp(
        track.middle("hip")[:, 1]
    )
    xy_px = track.xy_px.copy()
    for joint, share in (("hip", 1.0), ("knee", 0.5)):
        for side in ("left", "right"):
            xy_px[:, landmark(side, joint), 0] += 12 * share * low
    every = np.arange(len(track))
    assert knees_azimuth_deg(replace(track, xy_px=xy_px), every) == pytest.approx(0, abs=1)


@pytest.mark.parametrize("azimuth_deg", [-20, -8, 8, 20])
@pytest.mark.parametrize("motion", [thrusts(), bridges(), single_leg_thrusts((5, 60), 5)])
def test_knees_of_people_who_lie_do_not_tell(motion, azimuth_deg):
    """Their thighs point to the camera throughout; read as squats, 8 degrees were told as 18."""
    track = perform(*motion, Scene(Camera(azimuth_deg, distance_m=3.0), noise_px=1))
    assert np.isnan(knees_azimuth_deg(track, np.arange(len(track))))
    result = evaluate(track, "hip_thrust")
    assert signed_azimuth_deg(result) == pytest.approx(azimuth_deg, abs=2)


def test_lunges_and_people_who_stand_do_not_tell():
    track = perform(*lunges(), Scene(Camera(8), noise_px=1))
    assert np.isnan(knees_azimuth_deg(track, np.arange(len(track))))
    standing = filmed(SQUAT_BOTTOM, 8)
    assert np.isnan(knees_azimuth_deg(standing, np.arange(8)))
