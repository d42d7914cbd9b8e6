"""What a picture itself tells of a recording: light, sharpness, and which way is up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from formcheck.scene import Person, Scene
from formcheck.types import FloatArray, ImageArray, finite_median

EDGE_SIDE_PX = 400
STEEP_DEG = 20.0
"""Edges further from upright than this are no walls or door frames."""
SHORTEST_EDGE = 0.12
"""Of the picture's height."""
AGREE_DEG = 1.5
LEAST_EDGES = 6
APART, LEAST_SIDE = 0.15, 0.2
"""On one side of the picture alone a tilt of the camera looks like a roll."""
LEAST_LENGTH = 1.5
"""Pictures' heights of upright edges that agree, over all looks, before they tell the roll."""


@dataclass(frozen=True, slots=True)
class PictureLook:
    """One picture. ``brightness`` (of its lighter quarter) and ``blur`` of the person, 0..1.

    NaN: nobody. ``edges`` (E, 3): place across (-1 left .. 1 right), lean clockwise (degrees) and
    length (share of the height) of the straight edges near upright.
    """

    brightness: float
    blur: float
    edges: FloatArray


def look_at(image: ImageArray, xy_px: FloatArray | None, *, edges: bool) -> PictureLook:
    """Measure an RGB picture (H, W, 3); ``xy_px`` (L, 2): the landmarks of the person in it.

    Upright edges are sought only where wanted: they take as long as everything else together.
    """
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    around = grey[:0] if xy_px is None else _around(grey, xy_px)
    return PictureLook(
        brightness=float(np.percentile(around[::2, ::2], 75)) / 255 if around.size else math.nan,
        blur=_blur(around),
        edges=upright_edges(grey) if edges else np.empty((0, 3)),
    )


def _around(grey: ImageArray, xy_px: FloatArray) -> ImageArray:
    height, width = grey.shape
    left, top = np.clip(xy_px.min(axis=0), 0, [width, height]).astype(int)
    right, bottom = np.clip(xy_px.max(axis=0), 0, [width, height]).astype(int)
    return grey[top:bottom, left:right]


def _blur(grey: ImageArray) -> float:
    """How little a picture loses when it is blurred again: 0 sharp, 1 without any detail.

    The no-reference measure of Crété, Dolmiere, Ladret, Nicolas 2007 ("The blur effect").
    """
    if min(grey.shape) < 24:
        return float("nan")
    picture = grey.astype(np.float32)
    lost = []
    for axis, size in ((1, (9, 1)), (0, (1, 9))):
        again = cv2.blur(picture, size)
        before, after = (np.abs(np.diff(p, axis=axis)) for p in (picture, again))
        lost.append(float(np.maximum(before - after, 0).sum() / max(float(before.sum()), 1e-6)))
    return 1.0 - max(lost)


def upright_edges(grey: ImageArray) -> FloatArray:
    """(E, 3) straight edges within STEEP_DEG of upright: place, lean, length as in PictureLook."""
    scale = min(1.0, EDGE_SIDE_PX / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    lines = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(small)[0]
    if lines is None:
        return np.empty((0, 3))
    x0, y0, x1, y1 = lines.reshape(-1, 4).astype(np.float64).T
    down = np.where(y1 < y0, -1.0, 1.0)
    across, along = (x1 - x0) * down, (y1 - y0) * down
    lean = -np.degrees(np.arctan2(across, along))  # clockwise: the top leans to the right
    found = np.stack([(x0 + x1) / width - 1.0, lean, np.hypot(across, along) / height], axis=1)
    kept: FloatArray = found[(np.abs(lean) < STEEP_DEG) & (found[:, 2] > SHORTEST_EDGE)]
    return kept


def roll_of(looks: Sequence[PictureLook]) -> tuple[float, float]:
    """The camera's roll (degrees, the picture turned clockwise) and its error; NaN: unknown.

    Upright edges of a room converge when the camera is tilted: their lean grows with the place
    across, and in the middle of the picture it is the roll. The straight line (lean over place)
    that most of the edges' length agrees with is taken.
    """
    found = [look.edges for look in looks if len(look.edges)]
    edges = np.concatenate(found) if found else np.empty((0, 3))
    if len(edges) < LEAST_EDGES:
        return float("nan"), float("nan")
    place, lean, length = edges.T
    best, weight = (0.0, 0.0), 0.0
    for slope in np.arange(-12.0, 12.1, 1.0):
        level = lean - slope * place
        for middle in np.arange(-STEEP_DEG, STEEP_DEG + 0.1, 0.5):
            agree = float(length[np.abs(level - middle) < AGREE_DEG].sum()) - 0.002 * abs(slope)
            if agree > weight:
                best, weight = (float(slope), float(middle)), agree
    off = lean - best[0] * place - best[1]
    agree_mask = np.abs(off) < AGREE_DEG
    if weight < LEAST_LENGTH * len(found) ** 0.5 or weight < 0.5 * float(length.sum()):
        return float("nan"), float("nan")
    sides = [float(length[agree_mask & side].sum()) for side in (place < -APART, place > APART)]
    if min(sides) < LEAST_SIDE * float(length[agree_mask].sum()):
        return float("nan"), float("nan")
    roll = best[1] + finite_median(off[agree_mask])
    return roll, AGREE_DEG


def scene_of(
    looks: Sequence[PictureLook],
    people: tuple[Person, ...],
    slowed: float = math.nan,
    damaged: bool = False,
) -> Scene:
    """What all looks together say; ``slowed`` and ``damaged`` as of a :class:`Scene`."""
    roll, error = roll_of(looks)
    return Scene(
        people=people,
        brightness=finite_median(np.array([look.brightness for look in looks])),
        blur=finite_median(np.array([look.blur for look in looks])),
        roll_deg=roll,
        roll_error_deg=error,
        slowed=slowed,
        damaged=damaged,
    )
