"""How far the hips go up and down, in centimetres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import tracks
from bodies import SHANK, THIGH
from lifts import SQUAT_BOTTOM, SQUAT_TOP, film_lift

from formcheck.judging import LEG_SHARE
from formcheck.pipeline import evaluate
from formcheck.types import Landmark, Measure, PoseTrack

HEIGHT_CM = 100 * (THIGH + SHANK) / LEG_SHARE
"""Of somebody with the stick figure's legs."""
FEET = [k for k in Landmark if any(part in k.name for part in ("ANKLE", "HEEL", "FOOT"))]


def hips_over_ankles_cm(hip_deg: float, knee_deg: float, trunk_deg: float) -> float:
    thigh = np.radians(hip_deg - trunk_deg)
    return float(100 * (THIGH * np.cos(thigh) + SHANK * np.cos(thigh - np.radians(knee_deg))))


TRUE_CM = hips_over_ankles_cm(
    SQUAT_TOP.hip_left, SQUAT_TOP.knee_left, SQUAT_TOP.trunk
) - hips_over_ankles_cm(SQUAT_BOTTOM.hip_left, SQUAT_BOTTOM.knee_left, SQUAT_BOTTOM.trunk)


def following(track: PoseTrack, share: float) -> PoseTrack:
    """The picture follows the hips up and down by a share of their way."""
    hips = track.middle("hip")[:, 1]
    xy = track.xy_px.copy()
    xy[..., 1] -= share * (hips - hips[0])[:, None]
    return replace(track, xy_px=xy)


def travels(track: PoseTrack, lift: str = "squat") -> list[Measure]:
    found = evaluate(track, lift, height_cm=HEIGHT_CM)
    return [rep.measures["hip_travel"] for rep in found.reps]


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_camera_that_follows_the_lifter_takes_nothing_off_the_way_of_the_hips(share):
    found = travels(following(film_lift("squat"), share))
    assert [travel.value for travel in found] == pytest.approx([TRUE_CM] * 3, abs=1.5)


def test_feet_that_are_guessed_have_no_say():
    still = film_lift("squat")
    track = replace(still, xy_px=still.xy_px.copy(), visibility=still.visibility.copy())
    hips = still.middle("hip")[:, 1]
    track.xy_px[:, FEET, 1] += 0.3 * (hips - hips[0])[:, None]
    track.visibility[:, FEET] = 0.1
    assert [travel.value for travel in travels(track)] == pytest.approx([TRUE_CM] * 3, abs=1.5)


def test_nine_of_ten_ways_are_as_far_as_is_said():
    """Of the rendered samples, whose hips are known: height, and lowest to highest, centimetres."""
    samples = {
        "squat_clean": (178, (51.4, 51.4, 51.4)),
        "squat_faults": (166, (46.0, 25.9, 46.6, 44.9)),
        "lunge_clean": (166, (27.9, 28.0, 28.0)),
        "lunge_faults": (178, (40.2, 19.2, 40.2, 40.2)),
        "deadlift_clean": (180, (24.8, 24.8, 26.1, 25.1)),
        "hip_thrust_clean": (168, (23.5, 23.1, 23.8)),
        "hip_thrust_faults": (178, (23.9, 16.0, 36.6, 24.7)),
    }
    within = []
    for name, (height_cm, ways_cm) in samples.items():
        found = evaluate(tracks.load(name), model="full", height_cm=height_cm)
        read = [rep.measures["hip_travel"] for rep in found.reps]
        within += [abs(m.value - cm) <= m.error for m, cm in zip(read, ways_cm, strict=True)]
    assert np.mean(within) >= 0.9
