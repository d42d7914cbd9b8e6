"""Clothes as colours: painted trunks and thighs of a stick figure."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from bodies import Camera, still
from lifts import STANDING

from formcheck.clothes import clothes, unlike
from formcheck.types import FloatArray, ImageArray, Side, landmark

PERSON = still(STANDING, Camera(60), 1)
RED, GREEN, GREY = (200, 40, 40), (40, 160, 60), (120, 120, 120)


def painted(shirt: tuple[int, int, int], shorts: tuple[int, int, int]) -> ImageArray:
    image = np.full((PERSON.height, PERSON.width, 3), 230, dtype=np.uint8)
    xy = PERSON.xy_px[0].round().astype(int)

    def line(begin: str, end: str, sides: tuple[Side, Side], colour: tuple[int, int, int]) -> None:
        points = (
            xy[landmark(side, joint)] for side, joint in zip(sides, (begin, end), strict=True)
        )
        cv2.line(image, *points, colour, 50)

    line("shoulder", "hip", ("left", "left"), shirt)
    line("shoulder", "hip", ("right", "right"), shirt)
    line("hip", "knee", ("left", "left"), shorts)
    line("hip", "knee", ("right", "right"), shorts)
    return image


def worn(image: ImageArray, *, aside_px: float = 0.0) -> FloatArray:
    return clothes(image, PERSON.xy_px[0] + aside_px, PERSON.world_m[0])


def test_one_person_in_another_light_is_alike():
    bright = painted(RED, GREY)
    assert unlike(worn(bright), worn(bright)) == 0
    assert unlike(worn(bright), worn((bright * 0.8).astype(np.uint8))) < 0.35


@pytest.mark.parametrize("other", [(GREEN, GREY), (GREY, RED), (RED, GREEN)])
def test_others_wear_other_colours(other):
    assert unlike(worn(painted(RED, GREY)), worn(painted(*other))) > 0.9


def test_the_size_of_the_picture_does_not_matter():
    image = painted(RED, GREEN)
    half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    small = clothes(np.asarray(half), PERSON.xy_px[0] / 2, PERSON.world_m[0])
    assert unlike(worn(image), small) < 0.1


def test_who_is_not_in_the_picture_may_wear_anything():
    nothing = worn(painted(RED, GREY), aside_px=5000.0)
    assert np.isnan(nothing).all()
    assert unlike(nothing, worn(painted(RED, GREY))) == 0


def test_a_body_without_extent_in_metres_stops_nothing():
    image = painted(RED, GREY)
    nowhere = clothes(image, PERSON.xy_px[0], np.zeros((33, 3)))
    assert nowhere.shape == (2, 3)
