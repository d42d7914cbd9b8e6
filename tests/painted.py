"""Painted shoes on a painted floor, whose heels rise by known angles."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from formcheck.types import FloatArray, ImageArray, PoseTrack, landmark

LENGTH = 60.0
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


def lowered(track: PoseTrack) -> FloatArray:
    """(N,) from 0 in standing to 1 at the bottom."""
    hips = track.xy_px[:, landmark("left", "hip"), 1]
    return np.asarray((hips - hips.min()) / np.ptp(hips))
