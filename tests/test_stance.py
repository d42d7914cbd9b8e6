"""Which frames show somebody standing: what later angles are measured against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Posture, Scene, both, perform, still
from lifts import HANDS_UP, LUNGE_BOTTOM, SPLIT_TOP, SQUAT_BOTTOM, SQUAT_TOP, reps

from formcheck.motion import motion_signals
from formcheck.pipeline import evaluate
from formcheck.rules import Stance
from formcheck.stance import remembered, standing_frames, straighter
from formcheck.types import Check, PoseTrack, Signals, Verdict

HALF = both(20, 40, 35, **HANDS_UP)


def stood(start, moves) -> np.ndarray:
    """The times at which somebody stands, seconds."""
    track = perform(start, moves)
    return track.time_s[standing_frames(motion_signals(track))]


def test_who_stands_before_and_after_a_squat_stands_then():
    times = stood(
        SQUAT_TOP, [(1.0, SQUAT_TOP), (1.2, SQUAT_BOTTOM), (1.2, SQUAT_TOP), (1.0, SQUAT_TOP)]
    )
    assert times.min() < 0.1
    assert times.max() > 4.2
    assert not ((times > 1.5) & (times < 3.0)).any()


def test_passing_through_a_half_straight_posture_is_not_standing():
    """A pull of which no top is seen: the straightest moment is one on the way."""
    there_and_back = [(0.25, HALF), (0.25, SQUAT_BOTTOM), (0.5, SQUAT_BOTTOM)]
    assert len(stood(SQUAT_BOTTOM, there_and_back)) == 0


def test_a_half_straight_posture_that_is_held_is_how_somebody_stands():
    moves = [(0.6, HALF), (1.0, HALF), (0.6, SQUAT_BOTTOM), (0.5, SQUAT_BOTTOM)]
    times = stood(SQUAT_BOTTOM, moves)
    assert len(times)
    assert (np.abs(times - 1.1) < 0.6).all()


@pytest.mark.parametrize("frames", [0, 1])
def test_without_a_second_frame_nobody_can_be_told_to_stand_still(frames):
    names = ("hip_flexion_deg", "knee_flexion_deg", "trunk_inclination_deg")
    straight = Signals(np.zeros(frames), {name: np.zeros(frames) for name in names})
    assert len(standing_frames(straight)) == 0


def front_heels(fronts: str, raised: float, azimuth: float) -> list[Check]:
    """Of split squats, one letter a repetition; the front heel is off the floor at the bottom."""
    low, moves = LUNGE_BOTTOM.but(foot_left=raised), [(0.5, SPLIT_TOP)]
    for front in fronts:
        top, bottom = (p if front == "L" else p.mirrored() for p in (SPLIT_TOP, low))
        moves += [(0.7, top), (0.3, top), (1.2, bottom), (0.2, bottom), (1.0, top), (0.5, top)]
    found = evaluate(perform(SPLIT_TOP, moves, Scene(Camera(azimuth), noise_px=1)), "lunge")
    return [c for rep in found.reps for c in rep.checks if c.id == "lunge.front_heel_rise"]


@pytest.mark.parametrize("azimuth", [90, -60])
@pytest.mark.parametrize(("raised", "found"), [(0, False), (30, True)])
@pytest.mark.parametrize("fronts", ["LLLRRR", "LRLRLR"])
def test_the_front_foot_of_split_squats_is_not_held_against_itself_behind(
    fronts, raised, found, azimuth
):
    """On one leg and then the other: before and after it is the rear foot, on its toes."""
    checks = front_heels(fronts, raised, azimuth)
    assert [c.verdict is Verdict.FAIL for c in checks] == [found] * 6
    assert [c.value for c in checks] == pytest.approx([raised] * 6, abs=3)


def turned_before(top: Posture, azimuth: float) -> PoseTrack:
    """Eight seconds of standing seen from there, a turn, and squats seen from the right side."""
    seen_from = [*[azimuth] * 240, *np.linspace(azimuth, 90, 30)]
    parts = [
        *(still(top, Camera(at)) for at in seen_from),
        perform(*reps(top, [SQUAT_BOTTOM] * 3), Scene(noise_px=1)),
    ]
    named = ("xy_px", "world_m", "visibility", "presence", "shot")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in named}
    return replace(parts[0], **joined, time_s=np.arange(sum(map(len, parts))) / 30)


@pytest.mark.parametrize("azimuth", [-90, 0, 180])
@pytest.mark.parametrize("bent", [3, 12])
def test_who_stood_facing_another_way_is_not_measured_against_that(bent, azimuth):
    """From the other side the hips that a landmark model draws a little bent read past straight."""
    found = evaluate(turned_before(both(bent, bent, 4, **HANDS_UP), azimuth), "squat")
    checks = [c for rep in found.reps for c in rep.checks if c.id == "squat.lockout"]
    assert [c.verdict for c in checks] == [Verdict.PASS] * 3
    assert [c.value for c in checks] == pytest.approx([0] * 3, abs=2)


def test_a_straighter_stance_of_before_is_remembered():
    hip, knee = "hip_flexion_left_deg", "knee_flexion_left_deg"
    straight = Stance({hip: 2.0, knee: np.nan}, {hip: 5.0, knee: np.nan}, 5.0)
    bent = Stance({hip: 20.0, knee: 18.0}, {hip: 4.0, knee: 4.0}, 38.0)
    unseen = Stance({hip: np.nan, knee: np.nan})
    nearly = replace(bent, bend_deg=14.0)
    assert remembered(bent, None) is straighter(bent, None) is bent
    assert remembered(nearly, straight) is nearly
    assert straighter(nearly, straight) is straighter(straight, nearly) is straight
    for own, knee_deg in ((bent, 18.0), (unseen, np.nan)):
        kept = remembered(own, straight)
        assert (kept[hip], kept.error[hip], kept.bend_deg) == (2.0, 5.0, 5.0)
        assert kept[knee] == pytest.approx(knee_deg, nan_ok=True)
    assert remembered(bent, unseen) is straighter(bent, unseen) is bent
