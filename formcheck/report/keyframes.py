"""Key frames: bottom and top of each repetition, cropped to the lifter, with skeleton and angle."""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from formcheck.exercises import meaning, turn_of
from formcheck.report.moments import Moments, scaled
from formcheck.report.overlay import draw
from formcheck.report.privacy import Heads, hide
from formcheck.types import Analysis, Frame, ImageArray, ScoredRep, Verdict
from formcheck.video import SIDE_PX, grab_frames

Position = Literal["bottom", "top"]
MAX_HEIGHT_PX = 480
JPEG_QUALITY = 82
_MARGIN = 0.16
"""Space around the lifter, as a share of the larger side of what the set fills."""
_DRAWING_SCALE = 1.6
_AT: Mapping[Position, tuple[str, ...]] = {
    "bottom": ("depth", "knee_dominant"),
    "top": ("lockout",),
}


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """One picture of a repetition: its time in seconds, JPEG as a data URI, size in pixels."""

    rep: int
    position: Position
    time_s: float
    uri: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the picture, in pixels of the track."""

    left: float
    top: float
    right: float
    bottom: float


def key_times(analysis: Analysis) -> list[tuple[int, Position, float]]:
    """Find the times: (number of the repetition from 1, position, seconds).

    Where a check was read at that position, it is the very frame that it was read at.
    """
    times = analysis.track.time_s
    found: list[tuple[int, Position, float]] = []
    for number, scored in enumerate(analysis.reps, start=1):
        for position in ("bottom", "top"):
            frame = _frame_of(scored, position, analysis.exercise.id)
            found.append((number, position, float(times[frame])))
    return found


def _frame_of(scored: ScoredRep, position: Position, exercise: str | None) -> int:
    for check in scored.checks:
        name = meaning(check.id).rpartition(".")[2]
        if name in _AT[position] and check.verdict is not Verdict.CANNOT_TELL:
            return check.at
    rep = scored.rep
    if turn_of(exercise) == "top":
        return rep.start if position == "bottom" else rep.turn
    return rep.turn if position == "bottom" else rep.end


def make_key_frames(
    clip_path: str | os.PathLike[str],
    analysis: Analysis,
    max_height: int = MAX_HEIGHT_PX,
    blur_face: bool = False,
) -> list[KeyFrame]:
    """Grab and draw the key frames in one pass over the clip, in the order of the repetitions.

    ``blur_face`` hides the lifter's head. Raises ClipError when the clip cannot be read.
    """
    wanted = key_times(analysis)
    moments = Moments(analysis, {})
    box = set_box(analysis)
    heads = Heads(analysis.track) if blur_face else None
    pictures: dict[float, tuple[str, int, int]] = {}
    times = {time_s for _, _, time_s in wanted}
    reps = {time_s: analysis.reps[number - 1] for number, _, time_s in wanted}
    for time_s, seen in grab_frames(clip_path, times, max_side=SIDE_PX):
        head = heads.at(time_s) if heads else None
        shown = hide(seen.image, head, seen.image.shape[1] / analysis.track.width)
        frame = replace(seen, image=shown)
        image = _picture(frame, time_s, analysis, moments, box, max_height, reps[time_s])
        pictures[time_s] = (_data_uri(image), image.shape[1], image.shape[0])
    return [KeyFrame(n, p, t, *pictures[t]) for n, p, t in wanted if t in pictures]


def _picture(
    frame: Frame,
    time_s: float,
    analysis: Analysis,
    moments: Moments,
    box: Box,
    max_height: int,
    scored: ScoredRep,
) -> ImageArray:
    height, width = frame.image.shape[:2]
    scale = width / analysis.track.width
    left, top = max(int(box.left * scale), 0), max(int(box.top * scale), 0)
    right = min(math.ceil(box.right * scale), width)
    bottom = min(math.ceil(box.bottom * scale), height)
    cropped = frame.image[top:bottom, left:right]
    shrink = min(max_height / cropped.shape[0], max_height * 4 / 3 / cropped.shape[1])
    size = (max(round(cropped.shape[1] * shrink), 1), max(round(cropped.shape[0] * shrink), 1))
    how = cv2.INTER_AREA if shrink < 1 else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(cropped, size, interpolation=how), dtype=np.uint8)
    pose = moments.pose(time_s)
    if pose is not None:
        pose = scaled(pose, scale * shrink, left / scale, top / scale)
    angles = moments.angles(time_s, scored)
    state = replace(moments.state(time_s), hud=False, angles=angles, scale=_DRAWING_SCALE)
    return draw(small, pose, state)


def set_box(analysis: Analysis) -> Box:
    """What the lifter fills over all repetitions, with a margin, in pixels of the track."""
    track = analysis.track
    whole = Box(0, 0, track.width, track.height)
    if not analysis.reps:
        return whole
    frames = np.concatenate([np.arange(r.rep.start, r.rep.end + 1) for r in analysis.reps])
    points = track.xy_px[frames].reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return whole
    low, high = np.percentile(points, [0.5, 99.5], axis=0)
    margin = _MARGIN * float(max(high - low))
    left, top = max(low[0] - margin, 0.0), max(low[1] - margin, 0.0)
    right, bottom = min(high[0] + margin, track.width), min(high[1] + margin, track.height)
    if right - left < 16 or bottom - top < 16:
        return whole
    return Box(float(left), float(top), float(right), float(bottom))


def _data_uri(image: ImageArray) -> str:
    flags = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    done, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), flags)
    if not done:  # pragma: no cover - a JPEG of a small picture always can be made
        raise RuntimeError("the JPEG encoder failed")
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode("ascii")
