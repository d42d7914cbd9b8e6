"""What is said where the movement in a clip is not what was looked for."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Scene, perform
from lifts import (
    LIFTS,
    VARIANTS,
    crunches,
    film_lift,
    leg_presses,
    plank,
    push_ups,
    sit_ups,
    standing,
)
from test_pipeline import CLIP

from formcheck.pipeline import evaluate, to_analysis
from formcheck.remarks import to_the_right
from formcheck.types import PoseTrack


def codes(track: PoseTrack, exercise: str = "auto") -> set[str]:
    analysis = to_analysis(CLIP, "full", "0" * 64, track, exercise)
    assert not analysis.reps
    return {warning.code for warning in analysis.capture.warnings}


def turned(track: PoseTrack, quarters: int) -> PoseTrack:
    for _ in range(quarters):
        track = to_the_right(track)
    return track


def test_four_quarters_of_a_turn_are_none():
    track = film_lift("squat", Scene())
    np.testing.assert_allclose(turned(track, 4).xy_px, track.xy_px)
    assert (turned(track, 1).width, turned(track, 1).height) == (track.height, track.width)


@pytest.mark.parametrize("azimuth", [90, 45])
@pytest.mark.parametrize("lift", [lift for lift in LIFTS if lift != "hip_thrust"])
@pytest.mark.parametrize(
    ("quarters", "says"), [(1, "90° to the left"), (2, "180°"), (3, "90° to the right")]
)
def test_a_picture_that_does_not_stand_upright_is_told(lift, azimuth, quarters, says):
    track = turned(film_lift(lift, Scene(Camera(azimuth), noise_px=1)), quarters)
    for exercise in ("auto", lift):
        analysis = to_analysis(CLIP, "full", "0" * 64, track, exercise)
        assert not analysis.reps
        (said,) = [w for w in analysis.capture.warnings if w.code == "picture_turned"]
        assert says in said.message
        assert lift in said.message


@pytest.mark.parametrize("other", [standing, plank, push_ups, sit_ups, crunches, leg_presses])
def test_other_movements_are_no_turned_pictures(other):
    track = perform(*other(), Scene(noise_px=1))
    assert "picture_turned" not in codes(track)
    assert "exercise_unknown" in codes(track)


def rolled(track: PoseTrack, degrees: float) -> PoseTrack:
    """The track of a picture that is turned clockwise."""
    roll = np.radians(degrees)
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    middle = np.array([track.width, track.height]) / 2
    return replace(track, xy_px=(track.xy_px - middle) @ turn + middle)


@pytest.mark.parametrize("degrees", [-20, -6, 0, 6, 20])
@pytest.mark.parametrize("roll_known", [True, False])
@pytest.mark.parametrize("lift", ["squat", "lunge", "deadlift"])
def test_a_picture_that_leans_is_told_where_its_edges_do_not(lift, roll_known, degrees):
    """At 20 degrees depth and lean were judged all the same, and as wrong as that."""
    track = rolled(film_lift(lift, Scene(noise_px=1)), degrees)
    if roll_known:
        track = replace(track, scene=replace(track.scene, roll_deg=degrees, roll_error_deg=1.5))
    found = evaluate(track, lift)
    leans = [w for w in found.capture.warnings if "leaning" in w.message]
    assert bool(leans) == (abs(degrees) > 9 and not roll_known)
    for rep in found.reps:
        reasons = {check.id: check.reason for check in rep.checks}
        assert ("camera_rolled" in reasons.values()) == bool(leans)
        assert reasons[f"{lift}.lockout"] != "camera_rolled"


def test_a_picture_that_leans_by_more_than_its_edges_tell_is_told_once():
    """One word said that angles are put right, another that they cannot be told."""
    track = rolled(film_lift("squat", Scene(noise_px=1)), 20)
    edges = replace(track.scene, roll_deg=6.0, roll_error_deg=1.5)
    (warning,) = evaluate(replace(track, scene=edges), "squat").capture.warnings
    assert warning.code == "camera_rolled"
    assert re.search(r"leaning by 1[3-7]°: its edges tell 6°", warning.message)


def test_nobody_who_lies_is_told_to_lean():
    track = film_lift("hip_thrust", Scene(noise_px=1))
    assert evaluate(track, "hip_thrust").capture.warnings == ()


@pytest.mark.parametrize("name", ["bulgarian split squat", "split squat", "single-leg deadlift"])
@pytest.mark.parametrize("azimuth_deg", [-90, 50, 90])
def test_nobody_who_stands_with_a_foot_behind_is_told_to_lean(name, azimuth_deg):
    """A foot on a bench pulled the middle of the ankles back: depth and lean were not judged."""
    lift, _, motion = VARIANTS[name]
    found = evaluate(perform(*motion, Scene(Camera(azimuth_deg), noise_px=1)), lift)
    assert "camera_rolled" not in [warning.code for warning in found.capture.warnings]
