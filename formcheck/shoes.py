"""Shoes in two pictures: by which angle one is turned against the other.

The shoe of the first is turned by one angle after another and compared with what the second shows,
by the directions of their edges, which light and shadow change less than their brightness.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.types import FloatArray, ImageArray

GreyImage = NDArray[np.uint8]
Edges = NDArray[np.float32]
"""(H, W, 2) the direction of the edges, shorter where they are faint."""

ANGLES_DEG = np.arange(-9.0, 40.0, 3.0)

_FOOT_PX = 32.0  # the foot's length in the pictures that are compared
_BOX = (-0.15, 0.8, -0.3, 0.3)
"""What is compared: from behind the heel to the ball of the foot, from below the sole to the ankle,
in lengths of the foot; the heel's landmark is the origin."""
_PIVOT = 0.75
_SHIFT_COST = 0.2
"""What it takes off that a shoe is found as far away as it is looked for."""
_FAINT = 20.0
"""Grey levels a pixel; edges that are fainter count for less."""


@dataclass(frozen=True, slots=True)
class Shoe:
    """A shoe in a picture: ``heel`` and ``toe`` (2,), its landmarks in pixels."""

    heel: FloatArray
    toe: FloatArray

    @property
    def length_px(self) -> float:
        """From heel to toe; NaN when one was not seen."""
        return float(np.linalg.norm(self.toe - self.heel))

    @property
    def looks(self) -> float:
        """1 for toes right of the heel in the picture, -1 for those left of it."""
        return 1.0 if self.toe[0] >= self.heel[0] else -1.0

    def moved(self, by_px: FloatArray) -> Shoe:
        """The shoe elsewhere, by (2,) pixels."""
        return Shoe(self.heel + by_px, self.toe + by_px)

    def inside(self, image: ImageArray) -> bool:
        """Whether all that is compared of the shoe is in the picture."""
        back, front, below, above = (share * self.length_px for share in _BOX)
        columns = self.heel[0] + self.looks * np.array([back, front])
        rows = self.heel[1] - np.array([below, above])
        height, width = image.shape[:2]
        return bool(
            columns.min() >= 0 and columns.max() < width and rows.min() >= 0 and rows.max() < height
        )


def lying(picture: GreyImage, shoe: Shoe) -> Edges:
    """The edges of a shoe that lies flat in a picture."""
    return _edges(_Box(shoe, 0.0).cut(_smooth(picture)))


def turned(picture: GreyImage, shoe: Shoe, slack: float) -> list[Edges]:
    """What is seen of a picture where a flat shoe would be, turned back by each of ANGLES_DEG.

    ``slack``: how far the shoe may be from there, in lengths of the foot.
    """
    smooth, margin = _smooth(picture), round(slack * _FOOT_PX)
    return [_edges(_Box(shoe, float(angle), margin).cut(smooth)) for angle in ANGLES_DEG]


def likeness(flat: Edges, looks: Sequence[Edges]) -> FloatArray:
    """Correlation (-1..1) of a shoe with what is seen at each of ANGLES_DEG, where it fits best."""
    return np.array([_fit(flat, edges) for edges in looks])


def _fit(flat: Edges, edges: Edges) -> float:
    found = cv2.matchTemplate(edges, flat, cv2.TM_CCORR_NORMED)
    down, across = (np.linspace(-1, 1, n) ** 2 for n in found.shape)
    return float((found - _SHIFT_COST * (down[:, None] + across)).max())


def peak_deg(curve: FloatArray, best: int) -> float:
    """The angle of a maximum over ANGLES_DEG (A,), between the samples by a parabola."""
    angle, step = float(ANGLES_DEG[best]), float(ANGLES_DEG[1] - ANGLES_DEG[0])
    if not 0 < best < len(curve) - 1:
        return angle
    below, here, above = curve[best - 1 : best + 2]
    bend = below - 2 * here + above
    return angle + 0.5 * step * float((below - above) / bend) if bend < 0 else angle


class _Box:
    """Where a shoe is whose heel is up by an angle: cut out, it lies flat and looks right."""

    def __init__(self, shoe: Shoe, angle_deg: float, margin: int = 0) -> None:
        back, front, below, above = (share * shoe.length_px for share in _BOX)
        step, pivot = shoe.length_px / _FOOT_PX, _PIVOT * shoe.length_px
        wide, high = (round((b - a) / step) for a, b in ((back, front), (below, above)))
        self._size = (wide + 2 * margin, high + 2 * margin)
        cos, sin = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
        along, over = back - margin * step - pivot, above + margin * step
        # from a pixel of the box to the shoe (along it, over it), about the toes, to the picture
        across = shoe.looks * np.array([cos * step, -sin * step, pivot + cos * along + sin * over])
        down = np.array([sin * step, cos * step, sin * along - cos * over])
        self._to_picture = np.stack([across, down])
        self._to_picture[:, 2] += shoe.heel

    def cut(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """The box, (H, W)."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cut = cv2.warpAffine(
            picture, self._to_picture, self._size, flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(cut, dtype=np.float32)


def _smooth(picture: GreyImage) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.7), dtype=np.float32)


def _edges(picture: NDArray[np.float32]) -> Edges:
    across, down = (cv2.Sobel(picture, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
    strength = cv2.magnitude(across, down) + _FAINT
    return np.asarray(cv2.merge([across / strength, down / strength]), dtype=np.float32)
