"""Black bars around a picture: a clip that was fitted into a frame of another shape.

The pose model's detector sees the whole frame, scaled down to 224 pixels. Where bars take most of
it a lifter is too small to be found, above all bent over the bar.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from formcheck.scene import WHOLE, Box
from formcheck.types import BoolArray, FloatArray, ImageArray

BLACK = 32
"""Brightest level of a bar, of 255: video black is 16 where it is not spread out, and coding adds
to it."""
MOST_SHARE = 0.8
"""Bars that leave more of the frame's area than this are not worth a change."""
LEAST_SHARE = 0.02
"""What is left of the frame is a picture only from this share on: a clip may fade in from black."""


def picture_area(images: Iterable[ImageArray]) -> Box:
    """Where between black bars the picture is, as shares of the frame; WHOLE where it fills it.

    ``images``: RGB frames (H, W, 3) of one size, from all over the clip; what is black in all of
    them, from the edge on, is bar.
    """
    rows = columns = None
    for image in images:
        lit = image.max(axis=2) > BLACK
        across, down = lit.any(axis=1), lit.any(axis=0)
        rows = across if rows is None else rows | across
        columns = down if columns is None else columns | down
    if rows is None or columns is None or not rows.any():
        return WHOLE
    top, bottom = _lit(rows)
    left, right = _lit(columns)
    share = (right - left) * (bottom - top)
    return (left, top, right, bottom) if LEAST_SHARE < share <= MOST_SHARE else WHOLE


def _lit(lines: BoolArray) -> tuple[float, float]:
    """From where to where any line is lit, as shares of all of them (N,)."""
    lit = np.flatnonzero(lines)
    return float(lit[0] / len(lines)), float((lit[-1] + 1) / len(lines))


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a picture, ``image`` (h, w, 3), and where in the whole it is.

    ``origin_px`` and ``span_px`` (2,): x and y of its corner, width and height, in pixels of the
    size that was asked for.
    """

    image: ImageArray
    origin_px: FloatArray
    span_px: FloatArray


def cut_out(image: ImageArray, part: Box, size: tuple[int, int] | None = None) -> Cut:
    """The part of a picture (H, W, 3) that lies in a box of shares, at least a pixel.

    ``size`` (width, height) is that of the whole in the pixels that are told; None: the picture's.
    """
    height, width = image.shape[:2]
    left, right = _pixels(part[0], part[2], width)
    top, bottom = _pixels(part[1], part[3], height)
    scale = np.array(size or (width, height)) / (width, height)
    origin, end = np.array([left, top]), np.array([right, bottom])
    return Cut(image[top:bottom, left:right], origin * scale, (end - origin) * scale)


def _pixels(first: float, last: float, count: int) -> tuple[int, int]:
    """From which to before which of so many pixels a part goes."""
    start = min(int(first * count), count - 1)
    return start, max(round(last * count), start + 1)
