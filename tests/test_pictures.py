from __future__ import annotations

import cv2
import numpy as np
import pytest

from formcheck.gate import BLURRED
from formcheck.pictures import look_at, roll_of, scene_of

SIZE = (640, 360)


def room(roll_deg: float = 0.0, converge_deg: float = 0.0) -> np.ndarray:
    """A wall with upright planks, turned clockwise; the planks may lean outwards at the sides."""
    picture = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    for x in range(-200, 840, 60):
        lean = np.radians(roll_deg + converge_deg * (x / 320 - 1))
        foot, top = (x, 400.0), (x + 440 * np.tan(lean), -40.0)
        ends = [tuple(int(v) for v in p) for p in (foot, top)]
        cv2.line(picture, ends[0], ends[1], (200, 190, 180), 8)
    return picture


@pytest.mark.parametrize("roll_deg", [-8, -3, 0, 2, 6])
@pytest.mark.parametrize("converge_deg", [0, 5])
def test_the_roll_is_read_from_upright_edges(roll_deg, converge_deg):
    looks = [look_at(room(roll_deg, converge_deg), None, edges=True)] * 3
    roll, error = roll_of(looks)
    assert roll == pytest.approx(roll_deg, abs=1.5)
    assert 0 < error < 3


def test_without_upright_edges_the_roll_is_unknown():
    noise = np.random.default_rng(0).integers(0, 255, (*SIZE[::-1], 3), dtype=np.uint8)
    for picture in (noise, np.full_like(noise, 120)):
        assert np.isnan(roll_of([look_at(picture, None, edges=True)] * 3)).all()
    assert np.isnan(roll_of([look_at(room(), None, edges=False)] * 3)).all()


def test_edges_on_one_side_alone_do_not_tell_the_roll():
    """There a camera that looks down leans them just as one that is turned."""
    half = room(0, 6)
    half[:, : SIZE[0] // 2] = 90
    assert np.isnan(roll_of([look_at(half, None, edges=True)] * 3)).all()


PERSON = np.array([(200.0, 60.0), (440.0, 320.0)])


def scenery() -> np.ndarray:
    """Detail of all sizes, as in a photograph."""
    random = np.random.default_rng(1)
    layers = [
        cv2.resize(random.normal(size=(360 // n, 640 // n)), SIZE, interpolation=cv2.INTER_CUBIC)
        for n in (1, 2, 4, 8, 16, 40)
    ]
    weights = (0.3, 0.6, 1.2, 2.4, 4.8, 9.6)
    grey = 128 + 10 * sum(w * layer for w, layer in zip(weights, layers, strict=True))
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def test_a_blurred_picture_measures_as_blurred():
    sharp = scenery()
    blurs = [
        look_at(cv2.GaussianBlur(sharp, (0, 0), sigma) if sigma else sharp, PERSON, edges=False)
        for sigma in (0, 1, 4)
    ]
    assert blurs[0].blur < blurs[1].blur < blurs[2].blur
    assert blurs[0].blur < BLURRED - 0.1
    assert blurs[2].blur > BLURRED


def test_brightness_is_that_of_the_person():
    picture = np.full((SIZE[1], SIZE[0], 3), 10, np.uint8)
    picture[60:320, 200:440] = 200
    assert look_at(picture, PERSON, edges=False).brightness == pytest.approx(200 / 255, abs=0.02)
    assert look_at(picture[:, ::-1] // 20, PERSON, edges=False).brightness < 0.1


def test_no_look_tells_nothing():
    scene = scene_of([], ())
    assert np.isnan([scene.brightness, scene.blur, scene.roll_deg]).all()
