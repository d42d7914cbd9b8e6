"""What somebody wears, as colours: it tells two people in one clip apart."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from formcheck.body import anchors, sizes_px
from formcheck.types import SIDES, FloatArray, ImageArray, landmark

ALONG = (0.2, 0.8)
"""The part of trunk and thighs that is looked at: not the neck, the hips and the knees."""
WIDTH = 0.06
"""How wide, in lengths of trunk and leg: less than a trunk from the side."""
LIGHTNESS = 0.5
"""What a change of lightness counts for beside one of colour: light and shade change it."""
UNLIKE = 30.0
"""Clothes that differ by so much are others: those of two rendered people do by 25 and more, one
person's by up to 6, from look to look."""
NOTHING_KNOWN = np.full((2, 3), np.nan)


def clothes(image: ImageArray, xy_px: FloatArray, world_m: FloatArray) -> FloatArray:
    """(2, 3) colours of a person's trunk and thighs in an RGB picture, in CIELAB.

    ``xy_px`` (33, 2) the landmarks in pixels of the picture, ``world_m`` (33, 3) in metres. NaN for
    what is not in the picture.
    """
    width_px = round(float(np.clip(WIDTH * sizes_px(xy_px, world_m), 1, image.shape[1])))
    shoulders, hips, _ = anchors(xy_px)
    thighs = [(xy_px[landmark(s, "hip")], xy_px[landmark(s, "knee")]) for s in SIDES]
    return np.array([_colour(image, part, width_px) for part in ([(shoulders, hips)], thighs)])


def unlike(one: FloatArray, other: FloatArray) -> float:
    """How much two people's clothes (2, 3) differ, 0 to 1; 0 where nothing is known."""
    weights = np.array([LIGHTNESS, 1.0, 1.0])
    apart = np.linalg.norm((one - other) * weights, axis=1)
    return float(min(np.nanmean(apart) / UNLIKE, 1.0)) if np.isfinite(apart).any() else 0.0


def usual(worn: Sequence[FloatArray]) -> FloatArray:
    """(2, 3) the median of somebody's clothes at several times; NaN for what was never known."""
    parts = np.stack(worn).swapaxes(0, 1)
    known = [part[np.isfinite(part).all(axis=1)] for part in parts]
    nothing = np.full(3, np.nan)
    return np.array([np.median(part, axis=0) if len(part) else nothing for part in known])


def _colour(
    image: ImageArray, lines: list[tuple[FloatArray, FloatArray]], width_px: int
) -> FloatArray:
    """(3,) the median colour along some lines from one point to another."""
    mask = np.zeros(image.shape[:2], dtype=np.uint8)
    for begin, end in lines:
        first, last = (np.clip(begin + share * (end - begin), -1e4, 1e4) for share in ALONG)
        cv2.line(mask, np.round(first).astype(int), np.round(last).astype(int), 1, width_px)
    colours = image[mask > 0]
    if not len(colours):
        return np.full(3, np.nan)
    lab = cv2.cvtColor(np.float32(colours[None]) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(np.median(lab[0], axis=0), dtype=np.float64)
