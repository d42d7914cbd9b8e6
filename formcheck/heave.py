"""When does somebody heave? The picture tells better than the body that is drawn in it.

Of somebody who lies only the hips move, and the weight with them: all that changes in the picture
is one movement, up and down, and its first principal component tells how far. Where the drawn body
goes along, the picture tells when it turns. Behind plates, or with the head out of sight, a pose
model may draw a body that moves otherwise: then the picture counts alone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck import recognition
from formcheck.doubt import astray
from formcheck.exercises import Exercise
from formcheck.gate import NEEDS
from formcheck.joints import without
from formcheck.plates import Images
from formcheck.recognition import Found
from formcheck.reps import count
from formcheck.types import (
    Capture,
    CaptureWarning,
    FloatArray,
    ImageArray,
    PoseTrack,
    Signals,
)

LOST = "body_lost"
"""Code of the finding."""
OF_THE_BODY = (
    "not_side_view",
    "view_uncertain",
    "turning",
    "out_of_frame",
    "head_out_of_frame",
    "small_person",
    "seldom_found",
    "occluded",
)
"""Findings that a lost body was asked for."""
MOST_ASTRAY = 0.05
"""Share of the frames with a body that nobody has, up to which the pictures are not asked. Of 86
rendered hip thrusts eight with more are drawn otherwise than they move, and four with less, whose
repetitions are there all the same but for one clip."""
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
LEAST_PX = 3.0
"""How far things go up and down at the least, of SIDE_PX: breathing moves them by one, rendered
thrusts by 5 to 17."""
RANGE_DEG = 60.0
"""How far the hips open in a usual hip thrust: what repetitions are counted by is in degrees."""
SHAKEN = 0.5
"""Part of the movement in the box that may be seen around it; more is the camera's."""
SURROUNDED = 0.5
"""Share of the steps in which something has to be seen around the box to know."""
LEAST_BOX_PX = 16
"""Shorter sides of the box show nothing."""
LEAST_S = 1.0
"""Shorter clips hold no repetition with its rest before and after."""
CORNERS, CORNER_QUALITY, CORNER_APART_PX = 60, 0.05, 5
AGREES = 0.7
"""Correlation, either way, with the depth of the drawn body from which that is believed: 0.8 to 1
where it is right, -0.6 to 0.6 where it is not."""

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

    def shows(self, width: int, height: int) -> bool:
        """Whether enough of a picture of this size is in it."""
        sides = (self.right - self.left) * width, (self.bottom - self.top) * height
        return min(sides) >= LEAST_BOX_PX


@dataclass(frozen=True, slots=True)
class _Step:
    """From one picture to the next.

    ``sunk_px`` (rows, columns): how far the cells of the box have sunk. ``shaken_px``: how far what
    is around the box has, which is the camera's doing; NaN: nothing is seen there.
    """

    sunk_px: Cells
    shaken_px: float

    @classmethod
    def between(cls, before: Grey, after: Grey, box: _Box) -> _Step:
        one, other = (np.ascontiguousarray(box.part(picture)) for picture in (before, after))
        flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(one, other, None)
        return cls(_cells(flow[..., 1].astype(np.float32)), _shaken_px(before, after, box))


@dataclass(frozen=True, slots=True)
class _Pictured:
    """What changes in the box: the first principal component of its cells.

    ``along`` (T,): how much of it there is in each of T pictures, about 0 and in no unit.
    ``component`` (rows, columns): where.
    """

    along: FloatArray
    component: Cells

    @classmethod
    def of(cls, pictures: Iterable[Grey], box: _Box) -> _Pictured:
        cells = np.stack([_cells(_blurred(box.part(picture))) for picture in pictures])
        rows = cells.reshape(len(cells), -1)
        mean, component = cv2.PCACompute(rows, mean=None, maxComponents=1)
        along: FloatArray = (rows - mean) @ component[0].astype(float)
        return cls(along, component[0].reshape(cells.shape[1:]))

    def sinks(self, steps: Sequence[_Step]) -> float:
        """1 where it grows while things sink, -1 where they rise; 0: not one movement up and down.

        ``steps``: from each picture to the next.
        """
        sinking = np.stack([step.sunk_px.ravel() for step in steps]).astype(float)
        sunk_px = np.average(sinking, axis=1, weights=self.component.ravel() ** 2)
        one_way = _correlation(sunk_px, np.diff(self.along))
        if abs(one_way) < ONE_WAY or np.ptp(np.cumsum(sunk_px)) < LEAST_PX:
            return 0.0
        shaken_px = np.array([step.shaken_px for step in steps])
        return float(np.sign(one_way)) if _camera_stands(shaken_px, sunk_px) else 0.0


@dataclass(frozen=True, slots=True)
class Heaved:
    """What the pictures show of a set: ``depth_deg`` (N,), large at the bottom.

    It is NaN before somebody is first seen and after the last time. All of its range is
    RANGE_DEG, since pictures tell no angles. ``believed``: so is the drawn body, which moves with
    it.
    """

    depth_deg: FloatArray
    believed: bool

    def seen_in(self, exercise: Exercise) -> Exercise:
        """The exercise, counted by this depth whatever the motion signals say."""
        return replace(exercise, depth=lambda _motion: self.depth_deg)

    def counted_in(self, found: Found, exercise: Exercise, motion: Signals) -> Found:
        """What was found, with the repetitions of the pictures where these show as many or more.

        Of a lost body these alone, and not how they were done.
        """
        if self.believed:
            counted = recognition.told(self.seen_in(exercise), motion).counted
            more = len(counted.reps) >= len(found.counted.reps)
            return replace(found, counted=counted) if more else found
        counted = count(motion.time_s, self.depth_deg, exercise.turn)
        known = replace(found.recognition, variant=None)
        return replace(found, recognition=known, counted=counted, unlike=0)


def heaved_in_pictures(
    raw: PoseTrack, exercise: Exercise, motion: Signals, images: Images
) -> Heaved | None:
    """The movement of a set in its pictures, and whether the drawn body goes along with it.

    ``motion``: that of the body. None: the pictures do not tell.
    """
    depth_deg = exercise.depth(motion)
    seen = np.flatnonzero(raw.seen & np.isfinite(depth_deg))
    if not exercise.heaves or not len(seen) or raw.shot[seen[0]] != raw.shot[seen[-1]]:
        return None
    first_s, last_s = (float(raw.time_s[frame]) for frame in seen[[0, -1]])
    box = _box(raw)
    if last_s - first_s < LEAST_S or not box.shows(raw.width, raw.height):
        return None
    asked_s = np.append(np.arange(first_s, last_s, STEP_S), last_s)
    times_s = raw.time_s[np.unique(np.searchsorted(raw.time_s, asked_s - 1e-6))]

    def pictures() -> Iterator[Grey]:
        return (_shrunk(image, box) for image in images([float(time) for time in times_s]))

    pictured = _Pictured.of(pictures(), box)
    along = np.interp(raw.time_s, times_s, pictured.along, left=math.nan, right=math.nan)
    agrees = _correlation(*(values - values.mean() for values in (depth_deg[seen], along[seen])))
    believed = abs(agrees) >= AGREES
    if not believed and float(astray(raw)[raw.seen].mean()) <= MOST_ASTRAY:
        return None
    sinks = agrees if believed else pictured.sinks(_steps(pictures(), box))
    if not sinks:
        return None
    depth_deg = along * (np.sign(sinks) * RANGE_DEG / float(np.ptp(pictured.along)))
    shown = believed or count(raw.time_s, depth_deg, exercise.turn).reps
    return Heaved(depth_deg, believed) if shown else None


def body_lost(capture: Capture) -> Capture:
    """The capture with a word that no angle can be told, and none of what a lost body showed."""
    unmeasurable = tuple(sorted({angle for angles in NEEDS.values() for angle in angles}))
    message = (
        "The weight hides so much of you that the joints cannot be found: the repetitions are "
        "counted by what goes up and down in the picture, how they were done cannot be told. Move "
        "the camera until head, shoulders and hips show beside the plates."
    )
    rest = (warning for warning in capture.warnings if warning.code not in OF_THE_BODY)
    return replace(capture, warnings=(*rest, CaptureWarning(LOST, message, unmeasurable)))


def as_seen(track: PoseTrack, capture: Capture) -> PoseTrack:
    """The track, or one with nobody in it where the body is lost."""
    return nobody(track) if LOST in (warning.code for warning in capture.warnings) else track


def nobody(track: PoseTrack) -> PoseTrack:
    """The track without the person."""
    return without(track, np.ones(len(track), dtype=bool))


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


def _steps(pictures: Iterator[Grey], box: _Box) -> list[_Step]:
    return [_Step.between(*pair, box) for pair in itertools.pairwise(pictures)]


def _camera_stands(shaken_px: FloatArray, sunk_px: FloatArray) -> bool:
    """Whether what is seen around the box moves much less than what is in it."""
    known = np.isfinite(shaken_px)
    if known.mean() < SURROUNDED:
        return False
    shaken, sunk = (float(np.linalg.norm(moved[known])) for moved in (shaken_px, sunk_px))
    return shaken <= SHAKEN * sunk


def _shrunk(image: ImageArray, box: _Box) -> Grey:
    """The whole picture, so small that the box has SIDE_PX."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    scale = min(SIDE_PX / max(box.part(grey).shape), 1.0)
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _blurred(part: Grey) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(part.astype(np.float32), (0, 0), BLUR_PX), np.float32)


def _cells(values: NDArray[np.float32]) -> Cells:
    """The means of values (H, W) by cells."""
    size = tuple(max(side // CELL_PX, 1) for side in values.shape[::-1])
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _shaken_px(before: Grey, after: Grey, box: _Box) -> float:
    """How far what is around the box sinks from one picture to the next; NaN: nothing is seen."""
    around = np.ones_like(before)
    box.part(around)[:] = 0
    corners = cv2.goodFeaturesToTrack(before, CORNERS, CORNER_QUALITY, CORNER_APART_PX, mask=around)
    if corners is None:
        return math.nan
    later, found, _ = cv2.calcOpticalFlowPyrLK(before, after, corners, np.empty(0))
    moved = (later - corners)[found.ravel() == 1, 0, 1]
    return float(np.median(moved)) if len(moved) else math.nan


def _correlation(one: FloatArray, other: FloatArray) -> float:
    """Of what goes back and forth, so about zero; 0 where nothing moves."""
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths else 0.0
