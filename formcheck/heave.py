"""Is the drawn body the one that moves? The picture tells, and counts where it is not.

Behind plates, or with the head out of sight, a pose model may draw a body that moves otherwise than
the lifter does. Of somebody who lies only the hips move, and the weight with them: all that changes
in the picture is one movement, up and down. So its first principal component tells how far.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.doubt import astray
from formcheck.exercises import Exercise
from formcheck.gate import NEEDS
from formcheck.plates import Images
from formcheck.recognition import Found
from formcheck.reps import Counted, count
from formcheck.types import (
    Capture,
    CaptureWarning,
    FloatArray,
    ImageArray,
    PoseTrack,
    Signals,
)

MOST_ASTRAY = 0.05
"""Share of the frames with a body that nobody has, up to which the pictures are not asked. Of 86
rendered hip thrusts 11 are drawn otherwise than they move, and in 9 of these more frames are."""
STEP_S = 0.1
"""From picture to picture."""
SIDE_PX = 144
"""The longer side of the part of the picture that is looked at."""
CELL_PX = 4
BLUR_PX = 8.0
"""Standard deviation of the blur before the principal component is taken: what moves by less
than its own width then grows darker or lighter nearly in proportion."""
MARGIN = 0.25
"""Around the landmarks, in lengths of the box that holds them: the plates are in it."""
ONE_WAY = 0.7
"""Correlation of how fast the component grows with how fast things move up or down. It is 0.8 to 1
where plates rise and fall, and -0.3 to 0.3 where somebody passes, or where all moves sideways."""
RANGE_DEG = 60.0
"""How far the hips open in a usual hip thrust: what repetitions are counted by is in degrees."""
SHAKEN = 0.5
"""Part of the movement in the box that may be seen around it; more is the camera's."""
CORNERS, CORNER_QUALITY, CORNER_APART_PX = 60, 0.05, 5
AGREES = 0.7
"""Correlation with the depth of the drawn body from which that is believed: 0.8 to 1 where it is
right, -0.6 to 0.6 where it is not."""

Grey = NDArray[np.uint8]
Cells = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Box:
    """Where the lifter is, shares of the picture's width and height."""

    left: float
    top: float
    right: float
    bottom: float

    def part(self, image: ImageArray) -> ImageArray:
        """What of a picture (H, W) is in the box."""
        height, width = image.shape
        columns = slice(int(self.left * width), int(np.ceil(self.right * width)))
        return image[int(self.top * height) : int(np.ceil(self.bottom * height)), columns]


@dataclass(frozen=True, slots=True)
class _Step:
    """From one picture to the next: what is coarsely seen in the box then, (rows, columns).

    ``sunk_px`` (rows, columns): how far that has sunk. ``shaken_px``: how far what is around the
    box has, which is the camera's doing.
    """

    cells: Cells
    sunk_px: Cells
    shaken_px: float

    @classmethod
    def between(cls, before: Grey, after: Grey, box: _Box) -> _Step:
        one, other = (np.ascontiguousarray(box.part(picture)) for picture in (before, after))
        flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(one, other, None)
        blurred = cv2.GaussianBlur(other.astype(np.float32), (0, 0), BLUR_PX)
        return cls(_cells(blurred), _cells(flow[..., 1]), _shaken_px(before, after, box))


@dataclass(frozen=True, slots=True)
class Heaved:
    """What the pictures show of a set: ``depth_deg`` (N,), large at the bottom, its repetitions.

    Its range is RANGE_DEG, since pictures tell no angles.
    """

    depth_deg: FloatArray
    counted: Counted

    def counted_in(self, found: Found) -> Found:
        """What was found, with these repetitions; how they were done the body does not tell."""
        known = replace(found.recognition, variant=None)
        return replace(found, recognition=known, counted=self.counted, unlike=0)


def heaved_in_pictures(
    raw: PoseTrack, exercise: Exercise, motion: Signals, images: Images
) -> Heaved | None:
    """The movement that the drawn body, with its ``motion``, does not go along with.

    None: the body is believed, or the pictures show no repetitions of one movement up and down.
    """
    depth_deg = exercise.depth(motion)
    seen = np.flatnonzero(raw.seen & np.isfinite(depth_deg))
    if exercise.standing or len(seen) < 2 or raw.shot[seen[0]] != raw.shot[seen[-1]]:
        return None
    if float(astray(raw)[raw.seen].mean()) <= MOST_ASTRAY:
        return None
    times_s = np.arange(raw.time_s[seen[0]], raw.time_s[seen[-1]], STEP_S)
    lowered = _lowered(images, times_s, _box(raw))
    if lowered is None:
        return None
    in_time = np.interp(raw.time_s, times_s, lowered)
    drawn_deg, moved = depth_deg[seen], in_time[seen]
    if np.corrcoef(drawn_deg, moved)[0, 1] >= AGREES:
        return None
    scaled = in_time * (RANGE_DEG / float(np.subtract(*np.percentile(moved, [95, 5]))))
    counted = count(raw.time_s, scaled, exercise.turn)
    return Heaved(scaled, counted) if counted.reps else None


def body_lost(capture: Capture) -> Capture:
    """The capture with a word that nothing but the repetitions can be told."""
    unmeasurable = tuple(sorted({angle for angles in NEEDS.values() for angle in angles}))
    message = (
        "The weight hides so much of you that the joints cannot be found: the repetitions are "
        "counted by what goes up and down in the picture, how they were done cannot be told. Move "
        "the camera until head, shoulders and hips show beside the plates."
    )
    rest = (warning for warning in capture.warnings if warning.code != "occluded")
    lost = CaptureWarning("occluded", message, unmeasurable)
    return replace(capture, warnings=(*rest, lost))


def _box(raw: PoseTrack) -> _Box:
    """Where the drawn body is in most of the frames, and what is around it."""
    points = raw.xy_px[raw.seen].reshape(-1, 2)
    low, high = np.nanpercentile(points, [2, 98], axis=0)
    margin = MARGIN * float((high - low).max())
    size = np.array([raw.width, raw.height])
    (left, top), (right, bottom) = (
        np.clip(corner / size, 0.0, 1.0) for corner in (low - margin, high + margin)
    )
    return _Box(float(left), float(top), float(right), float(bottom))


def _lowered(images: Images, times_s: FloatArray, box: _Box) -> FloatArray | None:
    """How far down things are in the box at some times (T,), in no unit; None: no one movement."""
    pictures = (_shrunk(image, box) for image in images([float(time) for time in times_s]))
    steps = [_Step.between(*pair, box) for pair in itertools.pairwise(pictures)]
    rows = np.stack([step.cells.ravel() for step in steps])
    mean, component = cv2.PCACompute(rows, mean=None, maxComponents=1)
    along: FloatArray = (rows - mean) @ component[0].astype(float)
    sinking = np.stack([step.sunk_px.ravel() for step in steps[1:]])
    sunk_px = np.average(sinking.astype(float), axis=1, weights=component[0] ** 2)
    one_way = _correlation(sunk_px, np.diff(along))
    shaken_px = np.array([step.shaken_px for step in steps[1:]])
    if abs(one_way) < ONE_WAY or np.linalg.norm(shaken_px) > SHAKEN * np.linalg.norm(sunk_px):
        return None
    lowered = along * np.sign(one_way)
    return np.concatenate([lowered[:1], lowered])


def _shrunk(image: ImageArray, box: _Box) -> Grey:
    """The whole picture, so small that the box has SIDE_PX."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    scale = min(SIDE_PX / max(box.part(grey).shape), 1.0)
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _cells(values: FloatArray) -> Cells:
    """The means of values (H, W) by cells."""
    size = tuple(max(side // CELL_PX, 1) for side in values.shape[::-1])
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _shaken_px(before: Grey, after: Grey, box: _Box) -> float:
    """How far what is around the box sinks from one picture to the next."""
    around = np.ones_like(before)
    box.part(around)[:] = 0
    corners = cv2.goodFeaturesToTrack(before, CORNERS, CORNER_QUALITY, CORNER_APART_PX, mask=around)
    if corners is None:
        return 0.0
    later, found, _ = cv2.calcOpticalFlowPyrLK(before, after, corners, np.empty(0))
    moved = (later - corners)[found.ravel() == 1, 0, 1]
    return float(np.median(moved)) if len(moved) else 0.0


def _correlation(one: FloatArray, other: FloatArray) -> float:
    """Of what goes back and forth, so about zero; 0 where nothing moves."""
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths else 0.0
