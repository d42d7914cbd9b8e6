"""Hard cuts in a clip: where one shot ends and the next begins."""

from __future__ import annotations

import cv2
import numpy as np

from formcheck.types import FloatArray, ImageArray, IntArray


class CutFinder:
    """Finds hard cuts from thumbnails of consecutive frames; keeps two numbers a frame.

    A cut is a single change of the whole picture, far above the changes around it, after which
    the picture does not return: a lift moves a part of it, a pan or fade changes it for many
    frames, a flash or flicker returns. Fed with :meth:`push`, read with :meth:`shots`.
    """

    _GRID = 32
    _LEAST = 0.06  # mean grey difference, of full scale
    _UNLIKE = 0.3  # 1 - correlation of the thumbnails
    _RATIO = 3.0  # times the changes around it
    _AROUND = 4  # frames on either side

    def __init__(self) -> None:
        self._before: list[FloatArray] = []
        self._change: list[float] = []  # grey difference to the frame before
        self._over_two: list[float] = []  # ... to the one before that
        self._unlike: list[float] = []

    def push(self, image: ImageArray) -> None:
        """Take the next frame, RGB (height, width, 3) uint8."""
        thumb = self._thumb(image)
        last = self._before[-1] if self._before else thumb
        self._change.append(float(np.abs(thumb - last).mean()))
        self._over_two.append(float(np.abs(thumb - self._before[0]).mean()) if self._before else 0)
        self._unlike.append(1.0 - _likeness(thumb, last))
        self._before = [last, thumb]

    def shots(self) -> IntArray:
        """Return (N,) the number of the shot of each frame, from 0."""
        change = np.array(self._change)
        cut = np.zeros(len(change), dtype=np.int64)
        candidates = (change > self._LEAST) & (np.array(self._unlike) > self._UNLIKE)
        for index in np.flatnonzero(candidates):
            low, high = max(index - self._AROUND, 1), index + self._AROUND + 1
            around = np.concatenate((change[low:index], change[index + 1 : high]))
            calm = float(around.max()) if len(around) else 0.0
            stays = index + 1 >= len(change) or self._over_two[index + 1] > 0.6 * change[index]
            cut[index] = index > 0 and stays and change[index] > self._RATIO * calm
        return np.cumsum(cut)

    def _thumb(self, image: ImageArray) -> FloatArray:
        """Return a grey (<= 32, <= 32) picture in 0..1."""
        height, width = image.shape[:2]
        rows, columns = max(height // self._GRID, 1), max(width // self._GRID, 1)
        coarse = image[:: max(rows // 4, 1), :: max(columns // 4, 1), 1]
        rows, columns = (max(side // self._GRID, 1) for side in coarse.shape)
        high, wide = coarse.shape[0] // rows, coarse.shape[1] // columns
        whole = coarse[: high * rows, : wide * columns].astype(np.float64) / 255.0
        return np.asarray(cv2.resize(whole, (wide, high), interpolation=cv2.INTER_AREA))


def _likeness(one: FloatArray, other: FloatArray) -> float:
    """Return the correlation of two thumbnails; flat pictures are like all others."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / size if size > 1e-6 * one.size else 1.0
