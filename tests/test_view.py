from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Posture, Scene, both, hidden, perform, still
from lifts import SQUAT_BOTTOM, STANDING, film_lift, squats

from formcheck.types import Landmark, Rep
from formcheck.view import circular_median_deg, estimate_capture

CLOSE_DEG = 3.0
ALL = list(Landmark)


def codes(track) -> set[str]:
    return {warning.code for warning in estimate_capture(track).warnings}


@pytest.mark.parametrize("azimuth", range(-165, 181, 15))
def test_the_cameras_azimuth_is_found_within_a_few_degrees(azimuth):
    capture = estimate_capture(film_lift("squat", Scene(Camera(azimuth), noise_px=2)))
    assert capture.azimuth_deg == pytest.approx(abs(azimuth), abs=CLOSE_DEG)
    assert capture.azimuth_error_deg >= CLOSE_DEG
    if 10 < abs(azimuth) < 170:
        assert capture.near_side == ("right" if azimuth > 0 else "left")


@pytest.mark.parametrize("lift", ["deadlift", "lunge", "hip_thrust"])
@pytest.mark.parametrize("azimuth", [90, -60])
def test_the_azimuth_holds_for_bent_and_lying_bodies(lift, azimuth):
    capture = estimate_capture(film_lift(lift, Scene(Camera(azimuth), noise_px=2)))
    assert capture.azimuth_deg == pytest.approx(abs(azimuth), abs=CLOSE_DEG)
    assert capture.near_side == ("right" if azimuth > 0 else "left")


@pytest.mark.parametrize(
    ("azimuth", "view"),
    [
        *((a, "front") for a in (0, 15, -20)),
        *((a, "oblique") for a in (35, 50, -60, 130, -145)),
        *((a, "side") for a in (70, 90, -90, 110)),
        *((a, "back") for a in (160, 180, -170)),
    ],
)
def test_views_have_names(azimuth, view):
    assert estimate_capture(still(STANDING, Camera(azimuth), 30)).view == view


def test_only_the_frames_of_the_set_count():
    """Walking in with the face to the camera is not how the set was filmed."""
    facing, aside = still(STANDING, Camera(0), 60), still(STANDING, Camera(90), 40)
    joined = replace(
        facing,
        time_s=np.arange(100) / 30,
        **{
            name: np.concatenate([getattr(facing, name), getattr(aside, name)])
            for name in ("xy_px", "world_m", "visibility", "presence", "shot")
        },
    )
    assert estimate_capture(joined).view == "front"
    assert estimate_capture(joined, [Rep(60, 80, 99)]).view == "side"


def test_a_direction_near_half_a_turn_is_not_averaged_to_the_front():
    centre, spread = circular_median_deg(np.array([178.0, -179.0, 179.0, -178.0, np.nan]))
    assert abs(centre) == pytest.approx(180, abs=1)
    assert spread < 5
    assert np.isnan(circular_median_deg(np.array([np.nan]))).all()


def test_a_good_side_view_has_no_warnings():
    assert codes(film_lift("squat")) == set()


@pytest.mark.parametrize("azimuth", [0, 180])
def test_a_front_or_back_view_is_warned_of(azimuth):
    assert "not_side_view" in codes(film_lift("squat", Scene(Camera(azimuth))))


def test_a_low_frame_rate_is_warned_of():
    assert codes(perform(*squats(), Scene(fps=10))) == {"low_frame_rate"}
    assert codes(perform(*squats(), Scene(fps=24))) == set()


def test_a_small_person_is_warned_of():
    assert codes(film_lift("squat", Scene(Camera(scale=60)))) == {"small_person"}


def test_a_body_that_leaves_the_picture_is_warned_of():
    cut_off = Camera(height=450, height_m=1.0)
    assert "out_of_frame" in codes(film_lift("squat", Scene(cut_off)))


def test_a_short_excursion_out_of_the_picture_is_not():
    track = still(STANDING, frames=100)
    track.xy_px[:10, Landmark.LEFT_ANKLE, 1] = track.height + 5
    assert codes(track) == set()


@pytest.mark.parametrize("posture", [STANDING, SQUAT_BOTTOM, both(-85, 0, 85)])
def test_nobody_seen_gives_an_unknown_azimuth(posture: Posture):
    capture = estimate_capture(hidden(still(posture, frames=10), slice(None), ALL))
    assert np.isnan(capture.azimuth_deg)
