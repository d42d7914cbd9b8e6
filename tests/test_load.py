"""Made pictures of a lifter's hands: with a plate, with a kettlebell, and empty."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from formcheck.load import empty_handed, hands_patch
from formcheck.types import FramePose, Landmark

HEIGHT, WIDTH = 360, 480
TRUNK_PX = 110


def picture(load: str, seed: int = 0, light: float = 1.0, off_px: tuple[int, int] = (0, 0)):
    """RGB image of a room with something at (240, 210), and the pose of the one who holds it."""
    image = np.full((HEIGHT, WIDTH, 3), (150, 140, 125), dtype=np.uint8)
    image[300:] = (90, 80, 75)  # the floor
    cv2.rectangle(image, (60, 40), (130, 220), (200, 200, 210), -1)  # a window
    cv2.rectangle(image, (215, 90), (262, 300), (40, 60, 120), -1)  # the lifter's trousers
    if load == "plate":
        cv2.circle(image, (240, 210), 50, (20, 20, 25), -1)
        cv2.circle(image, (240, 210), 12, (160, 160, 160), -1)
    elif load == "kettlebell":
        cv2.circle(image, (240, 232), 24, (170, 40, 30), -1)
        cv2.rectangle(image, (228, 200), (252, 212), (170, 40, 30), 4)
    else:
        cv2.rectangle(image, (230, 200), (250, 222), (205, 160, 135), -1)  # hands
    if load == "dumbbell":
        cv2.circle(image, (240, 216), 16, (20, 20, 25), -1)
    random = np.random.default_rng(seed)
    noisy = image * light + random.normal(0, 4, image.shape)
    xy = np.zeros((33, 2))
    xy[[Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]] = np.array([240, 210]) + off_px
    xy[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]] = [238, 190]
    xy[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]] = [238, 190 - TRUNK_PX]
    sure = np.ones(33)
    pose = FramePose(xy, np.zeros((33, 3)), sure, sure)
    return np.clip(noisy, 0, 255).astype(np.uint8), pose


def patches(*loads: str, **more) -> list:
    return [hands_patch(*picture(load, seed, **more)) for seed, load in enumerate(loads)]


@pytest.mark.parametrize("load", ["plate", "kettlebell", "dumbbell"])
def test_a_last_lift_without_the_weight_is_odd(load):
    assert empty_handed(patches(load, load, load, "nothing")) == [False, False, False, True]


@pytest.mark.parametrize("load", ["plate", "kettlebell", "nothing"])
def test_a_set_with_the_same_load_has_no_odd_lift(load):
    assert empty_handed(patches(load, load, load, load)) == [False] * 4


def test_only_the_last_lift_can_be_odd():
    assert empty_handed(patches("nothing", "plate", "plate", "plate")) == [False] * 4
    assert empty_handed(patches("plate", "plate", "nothing", "plate")) == [False] * 4


@pytest.mark.parametrize("off_px", [(5, -4), (28, -24)])
def test_light_and_a_wrist_that_is_off_do_not_make_it_odd(off_px):
    dimmer = hands_patch(*picture("plate", 7, light=0.8, off_px=off_px))
    assert empty_handed([*patches("plate", "plate", "plate"), dimmer]) == [False] * 4


def test_one_lift_alone_or_an_unseen_one_is_believed():
    assert empty_handed([]) == []
    assert empty_handed(patches("plate")) == [False]
    assert empty_handed([None, None, *patches("nothing")]) == [False] * 3
    assert empty_handed([*patches("plate", "plate"), None]) == [False] * 3


def test_lifts_that_never_look_alike_prove_nothing():
    assert empty_handed(patches("plate", "kettlebell", "nothing")) == [False] * 3


def test_the_patch_scales_with_the_body():
    """The same scene filmed at twice the size gives the same patch."""
    image, pose = picture("plate")
    large = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    twice = FramePose(2 * pose.xy_px, pose.world_m, pose.visibility, pose.presence)
    one, other = hands_patch(image, pose), hands_patch(large, twice)
    assert one.shape == other.shape
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("wrist", [(-20, 100), (240, 5000), (np.nan, np.nan)])
def test_hands_outside_the_picture_give_no_patch(wrist):
    image, pose = picture("plate")
    pose.xy_px[[Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]] = wrist
    assert hands_patch(image, pose) is None
