"""Heels of feet that make a step, found again by the painted shoe of standing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from bodies import Camera, Scene, perform
from hypothesis import given, settings
from hypothesis import strategies as st
from lifts import LUNGE_BOTTOM, SPLIT_TOP, lunges, reps
from painted import LENGTH, floor, lowered, painted

from formcheck.closeup import Look
from formcheck.feet import AS_LONG, Patch, stepped_deg
from formcheck.pipeline import evaluate
from formcheck.shoes import Shoe
from formcheck.types import SIDES, Check, ImageArray, PoseTrack, Side, Verdict, landmark

SCENE = Scene(Camera(width=640, height=480, scale=200.0))


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


# --- in a set -------------------------------------------------------------------------------------


def front_heels(look: Look | None, track: PoseTrack) -> list[Check]:
    found = evaluate(track, "lunge", look)
    checks = [c for rep in found.reps for c in rep.checks if c.id == "lunge.front_heel_rise"]
    assert checks
    return checks


def stepping(
    track: PoseTrack,
    up_deg: float,
    fronts: Sequence[Side],
    bare: Callable[[int], Side | None] = lambda _frame: None,
) -> Look:
    """Pictures of a pair of shoes that go with the toes, the right one nearer to the camera.

    Flat in standing; heels of ``fronts`` rise to ``up_deg`` and the others as they are drawn.
    ``bare``: which foot has no shoe in a frame, and is the farther one.
    """
    low, marks = lowered(track), ("heel", "foot_index")
    feet = {side: track.xy_px[:, [landmark(side, m) for m in marks]] for side in SIDES}
    length_px = float(np.linalg.norm(feet["right"][0, 1] - feet["right"][0, 0]))

    def images(times_s: Sequence[float]) -> list[ImageArray]:
        made = []
        for time_s in times_s:
            frame = int(np.argmin(np.abs(track.time_s - time_s)))
            image = floor(track.height, track.width)
            without = bare(frame)
            for side in sorted(SIDES, key=lambda side: (side != without, side)):
                heel, toe = feet[side][frame]
                looks = int(np.sign(toe[0] - heel[0]))
                rise = math.degrees(math.atan2(toe[1] - heel[1], abs(toe[0] - heel[0])))
                turn = low[frame] * up_deg if side in fronts else max(rise, 0.0)
                if side == without:
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
    drawn, seen = front_heels(None, track), front_heels(stepping(track, 0.0, [front]), track)
    assert len(seen) == 3
    for check, before in zip(seen, drawn, strict=True):
        assert check.verdict is Verdict.PASS
        assert abs(check.value) <= check.margin < before.margin


@pytest.mark.parametrize("front", SIDES)
def test_a_front_heel_that_rises_fails_though_the_landmarks_leave_it_open(front):
    track = lunging(front, 15.0)
    assert all(c.verdict is Verdict.BORDERLINE for c in front_heels(None, track))
    for check in front_heels(stepping(track, 22.0, [front]), track):
        assert check.verdict is Verdict.FAIL
        assert check.value == pytest.approx(22, abs=3)


@pytest.mark.parametrize("front", SIDES)
def test_lunges_whose_pictures_contradict_the_landmarks_stay_open(front):
    track = lunging(front, 28.0)
    for check in front_heels(stepping(track, 0.0, [front]), track):
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
    assert_as_drawn(
        front_heels(stepping(track, 0.0, ["left"], lambda _frame: "left"), track), track
    )


def test_a_split_squatter_who_never_stands_on_both_feet_is_read_by_the_landmarks():
    track = perform(*reps(SPLIT_TOP, [LUNGE_BOTTOM] * 3), SCENE)
    assert_as_drawn(front_heels(stepping(track, 0.0, ["left"]), track), track)


def test_front_feet_that_are_hidden_are_not_taken_for_what_hides_them():
    track = lunging("right")
    hidden = replace(track, visibility=track.visibility.copy())
    hidden.visibility[:, [landmark("right", "heel"), landmark("right", "foot_index")]] = 0.1
    for check in front_heels(stepping(track, 0.0, ["right"]), hidden):
        assert check.verdict is Verdict.CANNOT_TELL


def test_lifters_who_turn_between_lunges_are_compared_with_the_shoe_that_is_near_then():
    """What is far is bare, and nearer shoes look the other way before the turn."""
    parts = [
        perform(*lunges(front * 2), Scene(Camera(azimuth, width=640, height=480, scale=200.0)))
        for front, azimuth in (("R", 90), ("L", -90))
    ]
    named = ("xy_px", "world_m", "visibility", "presence", "shot")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in named}
    track = replace(parts[0], **joined, time_s=np.arange(sum(map(len, parts))) / 30)
    turned = len(parts[0])

    def far(frame: int) -> Side:
        return "left" if frame < turned else "right"

    for frame in range(len(track)):  # farther feet are higher in the picture
        track.xy_px[frame, [landmark(far(frame), mark) for mark in ("heel", "foot_index")], 1] -= 30

    drawn = front_heels(None, track)
    seen = front_heels(stepping(track, 0.0, SIDES, far), track)
    assert len(seen) == len(drawn) == 4
    for check, before in zip(seen, drawn, strict=True):
        assert check.verdict is Verdict.PASS
        assert check.margin < 0.6 * before.margin
