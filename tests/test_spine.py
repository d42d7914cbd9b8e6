"""The back line of made silhouettes: a body whose back is a circular arc of known turn."""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
import pytest

from formcheck.spine import back_curvature_deg
from formcheck.types import FramePose, Landmark

SIZE = 400
TRUNK_PX, HALF_PX = 120.0, 28.0
HIP = np.array([200.0, 250.0])


def back(bend_deg: float, lean_deg: float, faces_right: bool) -> tuple[np.ndarray, FramePose]:
    """Mask and pose of a trunk whose centre line turns by ``bend_deg`` from hip to shoulder.

    Built upright and facing right, + rounding backwards; then leaned and, on demand, mirrored.
    """
    along = np.linspace(-0.25, 1.3, 80)
    radius = TRUNK_PX / (2 * math.sin(math.radians(abs(bend_deg)) / 2)) if bend_deg else math.inf
    half = TRUNK_PX / 2
    up = along * TRUNK_PX
    if bend_deg:
        inside = np.clip(radius**2 - (up - half) ** 2, 0, None)
        bulge = np.sqrt(inside) - math.sqrt(radius**2 - half**2)
    else:
        bulge = np.zeros_like(up)
    line = np.stack([-math.copysign(1, bend_deg) * bulge, -up], axis=1)
    turn = math.radians(lean_deg)
    rotate = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    line = line @ rotate.T
    shoulder = np.array([0.0, -TRUNK_PX]) @ rotate.T
    if not faces_right:
        line[:, 0] *= -1
        shoulder[0] *= -1
    mask = np.zeros((SIZE, SIZE), dtype=np.float32)
    points = np.round(line + HIP).astype(np.int32)
    for one, two in itertools.pairwise(points):
        cv2.line(mask, one.tolist(), two.tolist(), 1.0, thickness=int(2 * HALF_PX))
    xy = np.zeros((33, 2))
    xy[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]] = HIP
    xy[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]] = HIP + shoulder
    sure = np.ones(33)
    return mask, FramePose(xy, np.zeros((33, 3)), sure, sure)


def curvature(bend_deg: float, lean_deg: float, side: str) -> float:
    mask, pose = back(bend_deg, lean_deg, faces_right=side == "right")
    return back_curvature_deg(mask, pose, side)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("lean", [0, 45, 80])
@pytest.mark.parametrize("bend", [-30, 0, 25, 50])
def test_curvature_has_the_sign_and_size_of_the_arc(bend, lean, side):
    """The outline lies outside the centre line, so it turns a little less or more."""
    assert curvature(bend, lean, side) == pytest.approx(bend, abs=6 + abs(bend) / 3)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_rounder_back_reads_rounder(side):
    readings = [curvature(bend, 50, side) for bend in (-30, -15, 0, 15, 30, 45, 60)]
    assert np.all(np.diff(readings) > 5)


@pytest.mark.parametrize("bend", [-25, 40])
def test_left_and_right_are_mirror_images(bend):
    left, right = (curvature(bend, 40, side) for side in ("left", "right"))
    assert left == pytest.approx(right, abs=2)


def test_a_torn_mask_is_unusable():
    mask, pose = back(30, 45, faces_right=True)
    middle = (HIP + pose.xy_px[Landmark.LEFT_SHOULDER]) / 2
    cv2.circle(mask, middle.astype(int).tolist(), 30, 0.0, thickness=-1)
    assert math.isnan(back_curvature_deg(mask, pose, "right"))


def test_something_behind_the_back_is_no_back_line():
    mask, pose = back(0, 0, faces_right=True)
    cv2.circle(mask, (150, 190), 25, 1.0, thickness=-1)  # a plate at the middle of the back
    assert math.isnan(back_curvature_deg(mask, pose, "right"))


@pytest.mark.parametrize("filled", [0.0, 1.0])
def test_an_empty_or_a_full_mask_is_unusable(filled):
    _, pose = back(0, 0, faces_right=True)
    mask = np.full((SIZE, SIZE), filled, dtype=np.float32)
    assert math.isnan(back_curvature_deg(mask, pose, "right"))


@pytest.mark.parametrize("trunk", [np.nan, 5.0])
def test_an_unseen_or_tiny_trunk_is_unusable(trunk):
    mask, pose = back(0, 0, faces_right=True)
    pose.xy_px[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]] = HIP - [0, trunk]
    assert math.isnan(back_curvature_deg(mask, pose, "right"))
