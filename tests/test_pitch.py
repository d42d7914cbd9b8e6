"""How far the camera looks down, told by the lines across shoulders and hips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Scene, hidden
from lifts import film_lift

from formcheck.pitch import PITCH_SHARE, USUAL_PITCH_DEG
from formcheck.types import Landmark, Rep
from formcheck.view import estimate_capture

CLOSE_DEG = 3.0


def read(lift: str, **camera: float) -> float:
    return estimate_capture(film_lift(lift, Scene(Camera(**camera), noise_px=2))).pitch_deg


def drawn(pitch_deg: float) -> float:
    """A true pitch, drawn to the usual one."""
    return USUAL_PITCH_DEG + PITCH_SHARE * (pitch_deg - USUAL_PITCH_DEG)


@pytest.mark.parametrize("lift", ["squat", "deadlift", "lunge", "hip_thrust"])
@pytest.mark.parametrize("azimuth", [45, -60, 80, 130])
@pytest.mark.parametrize("pitch", [-8, 7, 22])
def test_the_pitch_is_read_from_the_side_and_obliquely(lift, azimuth, pitch):
    assert read(lift, azimuth=azimuth, pitch=pitch) == pytest.approx(drawn(pitch), abs=CLOSE_DEG)


def test_a_camera_that_looks_down_more_reads_more():
    pitches = [read("hip_thrust", azimuth=-50, pitch=p) for p in (-10, 0, 10, 20, 30)]
    assert (np.diff(pitches) > 4).all()


@pytest.mark.parametrize("azimuth", [0, 180])
def test_from_the_front_it_is_unknown(azimuth):
    assert np.isnan(read("squat", azimuth=azimuth, pitch=15))


def test_where_no_shoulders_are_seen_it_is_unknown():
    track = film_lift("squat", Scene(Camera(60)))
    track = hidden(track, slice(None), [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER])
    assert np.isnan(estimate_capture(track).pitch_deg)


def test_a_picture_that_is_turned_by_a_known_roll_reads_the_same():
    track = film_lift("squat", Scene(Camera(60, pitch=15)))
    sine, cosine = np.sin(np.radians(6.0)), np.cos(np.radians(6.0))
    xy_px = track.xy_px @ np.array([[cosine, sine], [-sine, cosine]])
    scene = replace(track.scene, roll_deg=6.0, roll_error_deg=1.0)
    turned = estimate_capture(replace(track, xy_px=xy_px, scene=scene))
    assert turned.pitch_deg == pytest.approx(estimate_capture(track).pitch_deg, abs=0.5)


def test_repetitions_seen_from_the_front_do_not_count():
    parts = [film_lift("squat", Scene(Camera(a, pitch=20), noise_px=2)) for a in (60, 0)]
    alone = estimate_capture(parts[0]).pitch_deg
    joined = replace(
        parts[0],
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ("xy_px", "world_m", "visibility", "presence", "shot")
        },
        time_s=np.arange(sum(len(part) for part in parts)) / 30,
    )
    reps = tuple(
        Rep(start, start + 30, start + 60, "both")
        for start in (10, 80, len(parts[0]) + 10, len(parts[0]) + 80)
    )
    capture = estimate_capture(joined, reps)
    assert {facing.view for facing in capture.facings} == {"oblique", "front"}
    assert capture.pitch_deg == pytest.approx(alone, abs=2)
