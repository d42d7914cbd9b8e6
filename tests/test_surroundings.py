"""Made pictures of a gym: a lifter with a bar in the hands, over it, or bent down to it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from formcheck.surroundings import Spot, change, spot_of, surroundings
from formcheck.types import Landmark, PoseTrack

WIDTH, HEIGHT = 640, 360
TRUNK_PX = 70.0
HANDS = (320.0, 200.0)
FEET_Y = 320


def gym(
    bar_y: int | None,
    *,
    bent: bool,
    seed: int = 0,
    pan_px: int = 0,
    light: float = 1.0,
    passer_x: int | None = None,
    slats: bool = False,
):
    """RGB picture and the lifter's mask; the bar's plates at this height, None: no bar.

    ``passer_x``: where somebody walks by, whom the mask does not hold. ``slats``: on the wall.
    """
    image = np.full((HEIGHT, WIDTH, 3), (150, 140, 125), dtype=np.uint8)
    image[FEET_Y - 20 :] = (90, 80, 75)
    for x in range(-200, WIDTH + 200, 110):  # posters on the wall
        cv2.rectangle(image, (x + pan_px, 60), (x + pan_px + 50, 260), (60 + x % 150, 90, 160), -1)
    if slats:
        widths = np.random.default_rng(0).integers(12, 30, 80)
        for x, width in zip(np.cumsum(widths) - 200, widths, strict=True):
            cv2.rectangle(image, (x + pan_px, 0), (x + pan_px + int(width) // 2, 300), 60, -1)
    mask = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
    top = 190 if bent else 90
    cv2.rectangle(mask, (300, top), (345, FEET_Y), 1.0, -1)
    image[mask > 0] = (40, 60, 120)
    if bar_y is not None:
        for x in (250, 390):
            cv2.circle(image, (x, bar_y), 30, (20, 20, 25), -1)
    if passer_x is not None:
        cv2.rectangle(image, (passer_x, 60), (passer_x + 90, 350), (250, 30, 60), -1)
    noisy = image * light + np.random.default_rng(seed).normal(0, 4, image.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), mask


def seen(bar_y: int | None, *, bent: bool = False, **more):
    return surroundings(*gym(bar_y, bent=bent, **more), Spot(np.array(HANDS), TRUNK_PX), WIDTH)


LOW, HIGH = FEET_Y - 30, int(HANDS[1])
BOTTOMS = [seen(LOW, bent=True, seed=seed) for seed in (1, 2)]
TOPS = [seen(HIGH, seed=seed) for seed in (3, 4)]


def test_a_bar_in_the_hands_has_left_the_floor():
    assert change(seen(HIGH, seed=5), TOPS, BOTTOMS).stayed is False


@pytest.mark.parametrize("passer_x", [160, 400])
@pytest.mark.parametrize("bar_y", [LOW, HIGH])
def test_who_walks_by_at_another_top_or_bottom_tells_nothing_of_the_bar(bar_y, passer_x):
    top = seen(bar_y, seed=3)
    tops = [seen(HIGH, seed=4, passer_x=passer_x), seen(HIGH, seed=5)]
    bottoms = [*BOTTOMS, seen(LOW, bent=True, seed=6, passer_x=passer_x)]
    assert change(top, tops, BOTTOMS).stayed is (bar_y == LOW)
    assert change(top, TOPS, bottoms).stayed is (bar_y == LOW)


def test_a_bar_that_lies_while_the_lifter_stands_has_stayed():
    assert change(seen(LOW, seed=5), TOPS, BOTTOMS).stayed is True


def test_one_other_lift_is_enough():
    assert change(seen(LOW, seed=5), TOPS[:1], BOTTOMS[:1]).stayed is True
    assert change(seen(HIGH, seed=5), TOPS[:1], BOTTOMS[:1]).stayed is False


@pytest.mark.parametrize("light", [0.93, 1.05])
def test_a_camera_that_sets_its_exposure_changes_nothing(light):
    assert change(seen(LOW, light=light), TOPS, BOTTOMS).stayed is True
    assert change(seen(HIGH, light=light), TOPS, BOTTOMS).stayed is False


@pytest.mark.parametrize("bar_y", [LOW, HIGH])
@pytest.mark.parametrize("pan_px", [25, 55, 80])
def test_a_camera_that_moved_far_tells_nothing_wrong(bar_y, pan_px):
    assert change(seen(bar_y, pan_px=pan_px), TOPS, BOTTOMS).stayed in (None, bar_y == LOW)


@pytest.mark.parametrize("bar_y", [LOW, HIGH])
@pytest.mark.parametrize("pan_px", [-4, 2, 5])
def test_a_hand_that_cannot_hold_still_does_not_hide_the_bar(bar_y, pan_px):
    top = seen(bar_y, pan_px=pan_px, slats=True)
    tops = [seen(HIGH, seed=3, slats=True)]
    bottoms = [seen(LOW, bent=True, pan_px=pan_px, seed=seed, slats=True) for seed in (4, 5)]
    assert change(top, tops, bottoms).stayed is (bar_y == LOW)


def test_without_a_weight_nothing_can_have_stayed():
    tops, bottoms = [seen(None, seed=6)], [seen(None, bent=True, seed=7)]
    assert change(seen(None, seed=8), tops, bottoms).stayed is None


@pytest.mark.parametrize(
    ("top", "tops", "bottoms"),
    [(None, TOPS, BOTTOMS), (TOPS[0], [None], BOTTOMS), (TOPS[0], TOPS, []), (TOPS[0], [], [])],
)
def test_what_was_not_looked_at_cannot_be_told(top, tops, bottoms):
    assert change(top, tops, bottoms).stayed is None


def test_a_look_that_failed_is_left_out():
    assert change(seen(LOW, seed=5), [None, *TOPS], [*BOTTOMS, None]).stayed is True


def test_the_size_of_the_picture_does_not_matter():
    image, mask = gym(LOW, bent=False)
    small = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    half = surroundings(
        small, cv2.resize(mask, None, fx=0.5, fy=0.5), Spot(np.array(HANDS), TRUNK_PX), WIDTH
    )
    assert half.lab.shape == TOPS[0].lab.shape
    assert change(half, TOPS, BOTTOMS).stayed is True


def test_beyond_the_edge_of_the_picture_nothing_is_free():
    at_the_edge = Spot(np.array([5.0, HANDS[1]]), TRUNK_PX)
    looked_at = surroundings(*gym(LOW, bent=False), at_the_edge, WIDTH)
    assert not looked_at.free[:, :40].any()
    assert looked_at.free[:, 60:].any()


def standing(frames: int) -> PoseTrack:
    xy = np.zeros((frames, 33, 2))
    xy[:, [Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]] = [(300, 200), (340, 200)]
    xy[:, [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]] = [(310, 120), (330, 120)]
    xy[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]] = [(310, 190), (330, 190)]
    sure = np.ones((frames, 33))
    shots = np.zeros(frames, dtype=np.int64)
    return PoseTrack(
        np.arange(frames) / 30, xy, np.zeros((frames, 33, 3)), sure, sure, WIDTH, HEIGHT, shots
    )


def test_the_spot_is_where_the_hands_are_at_the_tops():
    track = standing(4)
    track.xy_px[1] = np.nan  # not seen there
    spot = spot_of(track, np.array([0, 1, 3]))
    assert spot is not None
    np.testing.assert_allclose(spot.hands_px, HANDS)
    assert spot.trunk_px == pytest.approx(TRUNK_PX)
    assert spot_of(track, np.array([1])) is None
