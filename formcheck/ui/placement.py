"""Help with placing the camera before a set: the one thing to change next, or "good"."""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass

import cv2
import numpy as np

from formcheck.exercises import EXERCISES
from formcheck.types import FramePose, ImageArray, Landmark

DARK = 42
"""Mean brightness (0..255) below which the picture is too dark."""
EDGE = 0.015
"""Nearer to the picture's edge than this share counts as outside."""
SMALL = 0.42
"""Least share of the picture that a standing person should fill, by the larger side."""
SIDE_ON_DEG = 35.0
"""Shoulder line to picture plane: below this the camera looks from the front."""
LEANING_DEG = 50.0
"""Shoulders to ankles against the vertical: beyond this somebody lies, or the phone does."""
SURE = 0.5
"""Least visibility of a landmark that is believed."""
_FEET = (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE, Landmark.LEFT_HEEL, Landmark.RIGHT_HEEL)
_TRUNK = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, Landmark.LEFT_HIP, Landmark.RIGHT_HIP)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to change: a code, and a few words that can be read from afar."""

    code: str
    text: str

    @property
    def good(self) -> bool:
        """Nothing to change."""
        return self.code == "good"


ADVICE = {
    advice.code: advice
    for advice in (
        Advice("dark", "Too dark: switch on a light"),
        Advice("nobody", "Step into the picture"),
        Advice("feet", "Step back: feet out of the picture"),
        Advice("head", "Step back: head out of the picture"),
        Advice("edge", "Move to the middle of the picture"),
        Advice("far", "Come closer"),
        Advice("tilted", "Hold the phone upright"),
        Advice("lying", "Hold the phone upright, or choose hip thrust"),
        Advice("front", "Turn side-on to the camera"),
        Advice("good", "Good. Ready when you are"),
    )
}


def advise(pose: FramePose | None, image: ImageArray, exercise: str = "auto") -> Advice:
    """Judge one picture (RGB); ``pose`` is in its pixels."""
    return ADVICE[_code(pose, image, exercise)]


def _code(pose: FramePose | None, image: ImageArray, exercise: str) -> str:
    height, width = image.shape[:2]
    if float(cv2.mean(cv2.cvtColor(image[::4, ::4], cv2.COLOR_RGB2GRAY))[0]) < DARK:
        return "dark"
    if pose is None or pose.visibility[list(_TRUNK)].max() < SURE:
        return "nobody"
    return _framing(pose, width, height) or _posture(pose, exercise)


def _framing(pose: FramePose, width: int, height: int) -> str | None:
    """Whole and large enough in the picture; None when nothing is wrong."""
    share = pose.xy_px / np.array([width, height])
    if share[list(_FEET), 1].max() > 1 - EDGE:
        return "feet"
    if share[Landmark.NOSE, 1] < EDGE:
        return "head"
    body = share[[Landmark.NOSE, *_TRUNK, *_FEET]]
    if body[:, 0].min() < EDGE or body[:, 0].max() > 1 - EDGE:
        return "edge"
    size = np.nanmax(pose.xy_px, axis=0) - np.nanmin(pose.xy_px, axis=0)
    spread = float(size.max()) / min(height, width * 1.4)
    return "far" if spread < SMALL else None


def _posture(pose: FramePose, exercise: str) -> str:
    """Upright, and seen from the side."""
    xy = pose.xy_px
    shoulders = (xy[Landmark.LEFT_SHOULDER] + xy[Landmark.RIGHT_SHOULDER]) / 2
    ankles = (xy[Landmark.LEFT_ANKLE] + xy[Landmark.RIGHT_ANKLE]) / 2
    across, down = ankles - shoulders
    lying = math.degrees(math.atan2(abs(float(across)), float(down))) > LEANING_DEG
    known = EXERCISES.get(exercise)
    if lying and (known is None or known.standing):
        return "lying" if known is None else "tilted"
    line = pose.world_m[Landmark.LEFT_SHOULDER] - pose.world_m[Landmark.RIGHT_SHOULDER]
    azimuth = math.degrees(math.atan2(abs(float(line[2])), abs(float(line[0]))))
    return "front" if azimuth < SIDE_ON_DEG and not lying else "good"


def hand_raised(pose: FramePose | None) -> bool:
    """Whether a wrist is clearly above the head, as a sign to begin."""
    if pose is None:
        return False
    nose, hip = pose.xy_px[Landmark.NOSE, 1], pose.xy_px[Landmark.LEFT_HIP, 1]
    reach = 0.25 * abs(float(hip - nose))
    return any(
        pose.xy_px[wrist, 1] < nose - reach and pose.visibility[wrist] >= SURE
        for wrist in (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST)
    )


class Steady:
    """What was said most often of late, so that the words on the page do not flicker."""

    def __init__(self, memory: int = 9) -> None:
        self._said: deque[str] = deque(maxlen=memory)

    def add(self, advice: Advice) -> Advice:
        """Take the newest advice in; give the steady one."""
        self._said.append(advice.code)
        return ADVICE[Counter(self._said).most_common(1)[0][0]]
