"""One body in one picture: how large, where, how bent, and whether two are the same."""

from __future__ import annotations

import numpy as np

from formcheck.scene import Box
from formcheck.types import SIDES, FloatArray, FramePose, landmark

BODY_M = 1.3
"""Trunk and leg of somebody of middling height."""
ANCHORS = ("shoulder", "hip", "ankle")
SAME = 0.3
"""How far, in lengths of trunk and leg, somebody's nearest anchor moves between two frames, or two
views of one person lie apart: in a lift shoulders or feet stay in place, two people rarely stand
closer together."""
PART = 0.5
"""Share of somebody's box inside that of a larger body, above which they are a part of it."""


def body_size_px(pose: FramePose) -> float:
    """Pixels of BODY_M metres at the person: how large somebody is, whatever their posture.

    From the spread of the landmarks in the picture over that of the world landmarks.
    """
    return float(sizes_px(pose.xy_px, pose.world_m))


def sizes_px(xy_px: FloatArray, world_m: FloatArray) -> FloatArray:
    """(...) the size of each of some bodies (..., 33, 2 and 3)."""
    inside, real = (
        np.sqrt(((p - p.mean(axis=-2, keepdims=True)) ** 2).sum(axis=(-2, -1)))
        for p in (xy_px, world_m[..., :2])
    )
    return np.asarray(BODY_M * inside / np.maximum(real, 1e-6))


def box_px(pose: FramePose) -> Box:
    """The smallest box around all landmarks."""
    low, high = pose.xy_px.min(axis=0), pose.xy_px.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def anchors(xy_px: FloatArray) -> FloatArray:
    """(..., 3, 2) the middles of shoulders, hips and ankles."""
    left, right = ([landmark(side, joint) for joint in ANCHORS] for side in SIDES)
    return np.asarray((xy_px[..., left, :] + xy_px[..., right, :]) / 2)


def apart(one: FramePose, other: FramePose) -> float:
    """How far the nearest anchors of two poses are from each other, in lengths of the body."""
    between = np.linalg.norm(anchors(one.xy_px) - anchors(other.xy_px), axis=1)
    return float(between.min() / max(body_size_px(one), body_size_px(other), 1.0))


def alike(one: float, other: float, ratio: float) -> bool:
    """Whether two sizes differ by less than a ratio."""
    return max(one, other) < ratio * min(one, other)


def same_body(one: FramePose, other: FramePose) -> bool:
    """Whether two poses in one picture are of one body: most landmarks lie close together."""
    between = np.linalg.norm(one.xy_px - other.xy_px, axis=1)
    return float(np.median(between)) < SAME / 2 * max(body_size_px(one), body_size_px(other))


def part_of(pose: FramePose, other: FramePose) -> bool:
    """Whether a pose is but a smaller part of another: what a cover has left of somebody."""
    a, b = box_px(pose), box_px(other)
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    area = max((a[2] - a[0]) * (a[3] - a[1]), 1.0)
    return shared > PART * area and body_size_px(pose) < body_size_px(other)


def bend_deg(pose: FramePose) -> float:
    """Hip and knee flexion, mean of both legs, from the world landmarks."""
    w = pose.world_m
    bends = []
    for side in SIDES:
        shoulder, hip, knee, ankle = (
            w[landmark(side, joint)] for joint in ("shoulder", "hip", "knee", "ankle")
        )
        bends += [_turn(hip - shoulder, knee - hip), _turn(knee - hip, ankle - knee)]
    return float(np.mean(bends))


def _turn(a: FloatArray, b: FloatArray) -> float:
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), (a * b).sum())))
