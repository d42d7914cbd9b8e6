"""Heels of feet that stay where they are, seen in pictures of painted shoes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from bodies import Camera, Scene, perform
from hypothesis import given, settings
from hypothesis import strategies as st
from lifts import squats
from painted import LENGTH, floor, lowered, painted

from formcheck.closeup import Look
from formcheck.feet import (
    LEAST_ERROR_DEG,
    LEAST_FOOT_PX,
    turn_deg,
)
from formcheck.pipeline import evaluate
from formcheck.shoes import Shoe
from formcheck.types import (
    SIDES,
    Check,
    ImageArray,
    PoseTrack,
    Verdict,
    landmark,
)

HEEL = (70.0, 100.0)
PATH = (0.0, 0.4, 0.9, 1.0, 0.7, 0.2, 0.0)
BOTTOM = 3


def film(
    up_deg: float, looks: int = 1, scale: float = 1.0, dim: float = 0.0
) -> tuple[list[ImageArray], Shoe]:
    """A heel that rises to ``up_deg`` and comes down again, in grey; where the shoe stood.

    ``dim``: share of the light that is gone at the bottom.
    """
    heel = HEEL if looks > 0 else (219 - HEEL[0], HEEL[1])
    grey = []
    for share in PATH:
        image = painted(floor(), heel, LENGTH, share * up_deg, looks)
        image = np.asarray((1 - dim * share) * image, np.uint8)
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        grey.append(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    toe = (heel[0] + looks * LENGTH, heel[1])
    return grey, Shoe(scale * np.array(heel), scale * np.array(toe))


@pytest.mark.parametrize("looks", [1, -1])
@pytest.mark.parametrize("up_deg", [0.0, 5.0, 12.0, 20.0, 30.0])
def test_a_heel_that_rises_is_measured(up_deg, looks):
    pictures, shoe = film(up_deg, looks)
    found = turn_deg(pictures, BOTTOM, shoe, shoe)
    assert found is not None
    assert found[0] == pytest.approx(up_deg, abs=2.0)
    assert found[1] < 10


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 30), st.floats(0.6, 2.0), st.floats(0, 0.5))
def test_size_and_light_change_nothing_beyond_the_error(up_deg, scale, dim):
    pictures, shoe = film(up_deg, 1, scale, dim)
    found = turn_deg(pictures, BOTTOM, shoe, shoe)
    assert found is not None
    assert abs(found[0] - up_deg) <= found[1] < 10


def test_landmarks_that_are_off_by_a_tenth_of_the_foot_do_no_harm():
    pictures, shoe = film(15.0)
    off = Shoe(shoe.heel + np.array([5, -4]), shoe.toe + np.array([-3, 5]))
    found = turn_deg(pictures, BOTTOM, off, shoe)
    assert found is not None
    assert abs(found[0] - 15) <= found[1] < 10


def test_a_shoe_that_went_away_tells_nothing():
    pictures, shoe = film(0.0)
    pictures[BOTTOM] = np.random.default_rng(2).integers(0, 255, pictures[0].shape, np.uint8)
    assert turn_deg(pictures, BOTTOM, shoe, shoe) is None


@pytest.mark.parametrize("length_px", [LEAST_FOOT_PX - 1, math.nan])
def test_a_foot_too_small_or_not_seen_tells_nothing(length_px):
    pictures, shoe = film(0.0)
    small = Shoe(shoe.heel, shoe.heel + np.array([length_px, 0]))
    assert turn_deg(pictures, BOTTOM, small, shoe) is None


# --- in a set -----------------------------------------------------------------------------------

SCENE = Scene(Camera(width=640, height=480, scale=200.0))
SQUATS = perform(*squats(3), SCENE)


def shod(track: PoseTrack, up_deg: float) -> Look:
    """Pictures in which both shoes stay where they are, and their heels rise with the knees."""
    low = lowered(track)

    def images(times_s: Sequence[float]) -> list[ImageArray]:
        made = []
        for time_s in times_s:
            frame = int(np.argmin(np.abs(track.time_s - time_s)))
            image = floor(track.height, track.width)
            for side in ("right", "left"):
                heel, toe = (
                    np.median(track.xy_px[:, landmark(side, joint)], axis=0)
                    for joint in ("heel", "foot_index")
                )
                length_px, looks = float(np.linalg.norm(toe - heel)), int(np.sign(toe[0] - heel[0]))
                image = painted(image, heel, length_px, float(low[frame]) * up_deg, looks)
            made.append(image)
        return made

    return Look(images, lambda times_s: [None] * len(times_s))


def heels(look: Look | None, track: PoseTrack = SQUATS) -> list[Check]:
    found = evaluate(track, "squat", look)
    checks = [c for rep in found.reps for c in rep.checks if c.id == "squat.heel_rise"]
    assert checks
    return checks


def test_heels_that_stay_down_pass_surely():
    drawn, seen = heels(None), heels(shod(SQUATS, 0.0))
    assert len(seen) == 3
    for check, before in zip(seen, drawn, strict=True):
        assert check.verdict is Verdict.PASS
        assert abs(check.value) <= check.margin < before.margin


def drawn_up(track: PoseTrack, up_deg: float) -> PoseTrack:
    """The landmarks with heels that rise with the knees."""
    xy_px = track.xy_px.copy()
    for side in SIDES:
        heel, toe = (landmark(side, joint) for joint in ("heel", "foot_index"))
        reach = np.linalg.norm(xy_px[:, toe] - xy_px[:, heel], axis=1)
        xy_px[:, heel, 1] -= lowered(track) * math.tan(math.radians(up_deg)) * reach
    return replace(track, xy_px=xy_px)


def test_heels_that_rise_fail_though_the_landmarks_leave_it_open():
    less = drawn_up(SQUATS, 15.0)
    assert all(c.verdict is Verdict.BORDERLINE for c in heels(None, less))
    for check in heels(shod(SQUATS, 22.0), less):
        assert check.verdict is Verdict.FAIL
        assert check.value == pytest.approx(22, abs=3)
        assert check.margin < 8


def test_pictures_that_contradict_the_landmarks_decide_nothing():
    for check in heels(shod(SQUATS, 0.0), drawn_up(SQUATS, 25.0)):
        assert check.verdict is Verdict.BORDERLINE


@pytest.mark.parametrize("azimuth", [50, -50])
def test_obliquely_the_foot_looks_shorter_and_the_heel_as_high(azimuth):
    track = perform(*squats(3), Scene(Camera(azimuth, width=640, height=480, scale=200.0)))
    for check in heels(shod(track, 12.0), drawn_up(track, 12.0)):
        true = math.degrees(math.atan(math.sin(math.radians(50)) * math.tan(math.radians(12))))
        assert abs(check.value - true) <= 2.5
        assert 3 < check.margin < 9
        assert check.verdict is Verdict.BORDERLINE


def test_marks_that_cut_the_standing_off_leave_it_to_the_landmarks():
    found = evaluate(SQUATS, "squat", shod(SQUATS, 0.0)).counted.reps
    times = SQUATS.time_s

    def marked(share: float) -> list[Check]:
        ends = [
            [times[round(r.turn + share * (at - r.turn))] for at in (r.start, r.turn, r.end)]
            for r in found
        ]
        scored = evaluate(SQUATS, "squat", shod(SQUATS, 0.0), reps_s=ends)
        return [c for rep in scored.reps for c in rep.checks if c.id == "squat.heel_rise"]

    assert all(c.margin <= 4 for c in marked(1.0))
    assert all(c.margin > 5 for c in marked(0.3))


def test_a_heel_that_the_picture_cuts_off_leaves_it_to_the_landmarks():
    heel_px = SQUATS.xy_px[:, landmark("left", "heel"), 0].mean()
    toe_px = SQUATS.xy_px[:, landmark("left", "foot_index"), 0].mean()
    shift = 2 - heel_px if heel_px < toe_px else SQUATS.width - 2 - heel_px
    cut = replace(SQUATS, xy_px=SQUATS.xy_px + np.array([shift, 0]))
    seen = heels(shod(cut, 0.0), cut)
    assert all(c.margin > 5 or math.isnan(c.margin) for c in seen)


def test_feet_that_are_hidden_are_not_taken_for_what_hides_them():
    hidden = replace(SQUATS, visibility=SQUATS.visibility.copy())
    feet = [landmark(side, joint) for side in SIDES for joint in ("heel", "foot_index")]
    hidden.visibility[:, feet] = 0.1
    for check in heels(shod(SQUATS, 0.0), hidden):
        assert check.verdict is Verdict.CANNOT_TELL


def test_a_foot_that_makes_a_step_is_not_taken_for_the_floor_it_left():
    xy_px = SQUATS.xy_px.copy()
    low = SQUATS.xy_px[:, landmark("left", "hip"), 1]
    feet = [landmark(side, joint) for side in SIDES for joint in ("heel", "foot_index")]
    xy_px[np.ix_(low > np.median(low), feet, [0])] += 40
    stepped = replace(SQUATS, xy_px=xy_px)
    assert all(c.margin > 2 * LEAST_ERROR_DEG for c in heels(shod(SQUATS, 0.0), stepped))


def test_a_foot_drawn_as_a_point_leaves_it_to_the_landmarks():
    xy_px = SQUATS.xy_px.copy()
    for side in SIDES:
        heel, toe = (landmark(side, joint) for joint in ("heel", "foot_index"))
        deep = lowered(SQUATS) > 0.8
        xy_px[deep, heel] = xy_px[deep, toe] - 0.1
    seen = heels(shod(SQUATS, 0.0), replace(SQUATS, xy_px=xy_px))
    assert len(seen) == 3
    assert all(not c.margin <= 4 for c in seen)


def test_pictures_of_nothing_leave_it_to_the_landmarks():
    def noise(times_s: Sequence[float]) -> list[ImageArray]:
        random = np.random.default_rng(3)
        return [random.integers(0, 255, (480, 640, 3), np.uint8) for _ in times_s]

    seen = heels(Look(noise, lambda times_s: [None] * len(times_s)))
    for check, drawn in zip(seen, heels(None), strict=True):
        assert check.value == pytest.approx(drawn.value, abs=0.5)
        assert check.margin == pytest.approx(drawn.margin, rel=0.2)
