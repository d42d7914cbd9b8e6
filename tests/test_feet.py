"""Painted shoes on a painted floor, whose heels rise by known angles."""

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
from lifts import LUNGE_BOTTOM, SPLIT_TOP, lunges, reps, squats

from formcheck.closeup import Look
from formcheck.feet import (
    AS_LONG,
    LEAST_ERROR_DEG,
    LEAST_FOOT_PX,
    Patch,
    stepped_deg,
    turn_deg,
)
from formcheck.pipeline import evaluate
from formcheck.shoes import Shoe
from formcheck.types import (
    SIDES,
    Check,
    FloatArray,
    ImageArray,
    PoseTrack,
    Side,
    Verdict,
    landmark,
)

BALL = 0.75  # where the shoe bends, in lengths from heel to toe
SOLE, UPPER, TONGUE = (
    np.array([(-0.12, -0.2), (1.1, -0.2), (1.1, -0.1), (-0.12, -0.1)]),
    np.array([(-0.12, -0.1), (1.1, -0.1), (0.95, 0.06), (0.4, 0.3), (-0.1, 0.32)]),
    np.array([(0.35, 0.02), (0.6, 0.0), (0.45, 0.2), (0.3, 0.22)]),
)


def painted(
    image: ImageArray, heel: Sequence[float], length_px: float, up_deg: float, looks: int = 1
) -> ImageArray:
    """The picture with a shoe whose heel landmark was at ``heel`` before it rose."""
    turn = math.radians(up_deg)

    def at(outline: FloatArray) -> FloatArray:
        u, v = outline[:, 0] - BALL, outline[:, 1]
        u, v = (
            BALL + math.cos(turn) * u + math.sin(turn) * v,
            math.cos(turn) * v - math.sin(turn) * u,
        )
        return np.stack([heel[0] + looks * length_px * u, heel[1] - length_px * v], axis=1)

    image = image.copy()
    for outline, colour in (
        (SOLE, (235, 235, 230)),
        (UPPER, (60, 66, 90)),
        (TONGUE, (150, 60, 50)),
    ):
        points = np.round(at(outline) * 16).astype(np.int32)
        cv2.fillPoly(image, [points], colour, cv2.LINE_AA, shift=4)
    return image


def floor(height: int = 170, width: int = 220) -> ImageArray:
    """Boards, with a little grain."""
    rows = np.full((height, width, 3), (150, 130, 105), np.uint8)
    rows[::23] = (110, 95, 75)
    grain = np.random.default_rng(1).normal(0, 4, rows.shape)
    return np.clip(rows + grain, 0, 255).astype(np.uint8)


HEEL, LENGTH = (70.0, 100.0), 60.0
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


# --- elsewhere ----------------------------------------------------------------------------------


def patch(
    at: tuple[float, float], up_deg: float, looks: int = 1, long: float = LENGTH, dim: float = 0.0
) -> Patch:
    """A shoe whose toes are ``at`` a place of the boards, as sharply drawn by the landmarks."""
    heel = (at[0] - looks * long, at[1])
    image = np.asarray((1 - dim) * painted(floor(), heel, long, up_deg, looks), np.uint8)
    return Patch(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), Shoe(np.array(heel), np.array(at)))


def off(seen: Patch, heel_px: tuple[float, float], toe_px: tuple[float, float]) -> Patch:
    """The same picture with landmarks that are off."""
    shoe = Shoe(seen.shoe.heel + np.array(heel_px), seen.shoe.toe + np.array(toe_px))
    return replace(seen, shoe=shoe)


@pytest.mark.parametrize("looks", [1, -1])
@pytest.mark.parametrize("up_deg", [0.0, 5.0, 12.0, 20.0, 30.0])
def test_a_heel_that_rises_after_a_step_is_measured(up_deg, looks):
    found = stepped_deg(
        [patch((110.0, 105.0), 0.0, looks)], [patch((110.0 + 14 * looks, 92.0), up_deg, looks)]
    )
    assert found is not None
    assert found[0] == pytest.approx(up_deg, abs=2.0)
    assert found[1] < 10


OFF = st.tuples(st.floats(-6, 6), st.floats(-6, 6))


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 30), st.floats(0.92, 1.08), st.floats(0, 0.4), OFF, OFF)
def test_a_step_to_or_fro_poor_light_and_poor_landmarks_stay_within_the_error(
    up_deg, scale, dim, heel_px, toe_px
):
    standing = [patch((110.0, 105.0), 0.0), patch((114.0, 100.0), 0.0)]
    low = patch((124.0, 92.0), up_deg, long=scale * LENGTH, dim=dim)
    found = stepped_deg(standing, [off(low, heel_px, toe_px)])
    assert found is None or abs(found[0] - up_deg) <= found[1]


def test_the_standing_picture_that_shows_the_shoe_is_believed():
    hidden = Patch(floor()[..., 0], patch((110.0, 105.0), 0.0).shoe)
    found = stepped_deg([hidden, patch((110.0, 105.0), 0.0)], [patch((124.0, 92.0), 15.0)])
    assert found is not None
    assert found[0] == pytest.approx(15, abs=2)


@pytest.mark.parametrize(
    ("standing", "low"),
    [
        ([], patch((124.0, 92.0), 0.0)),
        ([patch((110.0, 105.0), 0.0)], patch((96.0, 92.0), 0.0, looks=-1)),
        ([patch((110.0, 105.0), 0.0, long=LENGTH / AS_LONG - 1)], patch((124.0, 92.0), 0.0)),
        ([patch((80.0, 105.0), 0.0, long=19)], patch((100.0, 92.0), 0.0, long=19)),
        ([patch((110.0, 105.0), 0.0)], Patch(floor()[..., 0], patch((124.0, 92.0), 0.0).shoe)),
    ],
    ids=["nobody stood", "turned round", "drawn longer", "too small", "no shoe"],
)
def test_what_is_no_shoe_of_the_standing_picture_tells_nothing(standing, low):
    assert stepped_deg(standing, [low]) is None


def test_nothing_is_told_of_a_foot_that_is_cut_off_at_the_bottom():
    assert stepped_deg([patch((110.0, 105.0), 0.0)], []) is None


# --- in a set -----------------------------------------------------------------------------------

SCENE = Scene(Camera(width=640, height=480, scale=200.0))
SQUATS = perform(*squats(3), SCENE)


def lowered(track: PoseTrack) -> FloatArray:
    """(N,) from 0 in standing to 1 at the bottom."""
    hips = track.xy_px[:, landmark("left", "hip"), 1]
    return np.asarray((hips - hips.min()) / np.ptp(hips))


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
    return [c for rep in found.reps for c in rep.checks if c.id == "squat.heel_rise"]


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
    assert all(c.margin > 6 for c in marked(0.3))


def test_a_heel_that_the_picture_cuts_off_leaves_it_to_the_landmarks():
    heel_px = SQUATS.xy_px[:, landmark("left", "heel"), 0].mean()
    toe_px = SQUATS.xy_px[:, landmark("left", "foot_index"), 0].mean()
    shift = 2 - heel_px if heel_px < toe_px else SQUATS.width - 2 - heel_px
    cut = replace(SQUATS, xy_px=SQUATS.xy_px + np.array([shift, 0]))
    seen = heels(shod(cut, 0.0), cut)
    assert all(c.margin > 6 or math.isnan(c.margin) for c in seen)


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


# --- in a set of lunges -------------------------------------------------------------------------


def front_heels(look: Look | None, track: PoseTrack) -> list[Check]:
    found = evaluate(track, "lunge", look)
    return [c for rep in found.reps for c in rep.checks if c.id == "lunge.front_heel_rise"]


def stepping(track: PoseTrack, up_deg: float, front: Side, odd: bool = False) -> Look:
    """Pictures of a pair of shoes that go with the toes, the right one nearer to the camera.

    Flat in standing; the front heel rises to ``up_deg`` and the rear one as it is drawn. ``odd``:
    the front foot is bare.
    """
    low, marks = lowered(track), ("heel", "foot_index")
    feet = {side: track.xy_px[:, [landmark(side, m) for m in marks]] for side in SIDES}
    length_px = float(np.linalg.norm(feet["right"][0, 1] - feet["right"][0, 0]))

    def images(times_s: Sequence[float]) -> list[ImageArray]:
        made = []
        for time_s in times_s:
            frame = int(np.argmin(np.abs(track.time_s - time_s)))
            image = floor(track.height, track.width)
            for side in ("left", "right"):
                heel, toe = feet[side][frame]
                looks = int(np.sign(toe[0] - heel[0]))
                rise = math.degrees(math.atan2(toe[1] - heel[1], abs(toe[0] - heel[0])))
                turn = low[frame] * up_deg if side == front else max(rise, 0.0)
                if odd and side == front:
                    cv2.circle(image, toe.astype(int).tolist(), 12, (190, 140, 110), -1)
                else:
                    start = (toe[0] - looks * length_px, toe[1])
                    image = painted(image, start, length_px, turn, looks)
            made.append(image)
        return made

    return Look(images, lambda times_s: [None] * len(times_s))


def lunging(front: Side, foot_deg: float = 0.0) -> PoseTrack:
    """Three lunges from the right; what the landmarks say of the front heel."""
    bottom = LUNGE_BOTTOM.but(foot_left=foot_deg)
    return perform(*lunges("LLL" if front == "left" else "RRR", bottom), SCENE)


@pytest.mark.parametrize("front", SIDES)
def test_a_front_heel_that_stays_down_passes_surely(front):
    track = lunging(front)
    drawn, seen = front_heels(None, track), front_heels(stepping(track, 0.0, front), track)
    assert len(seen) == 3
    for check, before in zip(seen, drawn, strict=True):
        assert check.verdict is Verdict.PASS
        assert abs(check.value) <= check.margin < before.margin


@pytest.mark.parametrize("front", SIDES)
def test_a_front_heel_that_rises_fails_though_the_landmarks_leave_it_open(front):
    track = lunging(front, 15.0)
    assert all(c.verdict is Verdict.BORDERLINE for c in front_heels(None, track))
    for check in front_heels(stepping(track, 22.0, front), track):
        assert check.verdict is Verdict.FAIL
        assert check.value == pytest.approx(22, abs=3)


@pytest.mark.parametrize("front", SIDES)
def test_lunges_whose_pictures_contradict_the_landmarks_stay_open(front):
    track = lunging(front, 28.0)
    for check in front_heels(stepping(track, 0.0, front), track):
        assert check.verdict is Verdict.BORDERLINE


def assert_as_drawn(seen: Sequence[Check], track: PoseTrack) -> None:
    """The pictures leave it to the landmarks; showing no plates they make these a little surer."""
    drawn = front_heels(None, track)
    assert len(seen) == len(drawn) == 3
    for check, before in zip(seen, drawn, strict=True):
        assert check.value == before.value
        assert check.margin == pytest.approx(before.margin, rel=0.1)


def test_a_front_foot_unlike_the_near_one_leaves_it_to_the_landmarks():
    track = lunging("left")
    assert_as_drawn(front_heels(stepping(track, 0.0, "left", odd=True), track), track)


def test_a_split_squatter_who_never_stands_on_both_feet_is_read_by_the_landmarks():
    track = perform(*reps(SPLIT_TOP, [LUNGE_BOTTOM] * 3), SCENE)
    assert_as_drawn(front_heels(stepping(track, 0.0, "left"), track), track)


def test_front_feet_that_are_hidden_are_not_taken_for_what_hides_them():
    track = lunging("right")
    hidden = replace(track, visibility=track.visibility.copy())
    hidden.visibility[:, [landmark("right", "heel"), landmark("right", "foot_index")]] = 0.1
    for check in front_heels(stepping(track, 0.0, "right"), hidden):
        assert check.verdict is Verdict.CANNOT_TELL
