"""Drawing on frames: skeleton, the angle that matters now, counter, verdicts.

``draw(image, pose, state)`` gives a new picture and touches nothing else; the same code serves the
annotated clip, the key frames of the page and live pictures. Sizes scale with the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from formcheck.marks import whole_score
from formcheck.report.raster import PALE, Colour, Line, Panel, Span, blend, panel, text_size
from formcheck.report.toasts import Toast, draw_toasts
from formcheck.report.words import degrees
from formcheck.types import (
    SIDES,
    FloatArray,
    FramePose,
    ImageArray,
    Landmark,
    Side,
    landmark,
)

AngleKind = Literal["hip_flexion", "knee_flexion", "thigh_inclination", "trunk_inclination"]

NEAR: Colour = (86, 180, 233)
FAR: Colour = (214, 221, 230)
OUTLINE: Colour = (12, 16, 22)
ANGLE: Colour = (240, 228, 66)
FAR_OPACITY = 0.45
SURE = 0.6
"""Visibility from which a joint is drawn solid."""
GUESSED = 0.25
"""Visibility below which a joint is left out; between the two it is hollow, its bones dashed."""

_LEG_BONES = (
    ("hip", "knee"),
    ("knee", "ankle"),
    ("ankle", "heel"),
    ("heel", "foot_index"),
    ("ankle", "foot_index"),
)
_SIDE_BONES = (("shoulder", "elbow"), ("elbow", "wrist"), ("shoulder", "hip"), *_LEG_BONES)
_JOINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
_CROSS_BONES = ("shoulder", "hip")


@dataclass(frozen=True, slots=True)
class AngleMark:
    """An angle to draw at its joint: an arc from its zero to the limb, and ``value`` in degrees.

    The zero is the prolonged trunk (hip_flexion) or thigh (knee_flexion), the horizontal
    (thigh_inclination) or the vertical (trunk_inclination).
    """

    kind: AngleKind
    side: Side
    value: float


@dataclass(frozen=True, slots=True)
class OverlayState:
    """What to draw beside the skeleton.

    ``rep`` of ``reps`` is the counter (0: none yet; ``reps`` 0: total unknown, as when live).
    ``phase`` is one word, ``score`` (0..100) that of the last finished repetition, None to hide.
    ``lifter``: from where to where the lifter is found in the set, as shares of the width; toasts
    keep clear of it. ``hud`` False leaves out counter and toasts. ``scale`` enlarges lines and
    letters, for pictures that will be shown small.
    """

    near_side: Side
    angles: tuple[AngleMark, ...] = ()
    rep: int = 0
    reps: int = 0
    phase: str = ""
    score: float | None = None
    toasts: tuple[Toast, ...] = ()
    lifter: tuple[float, float] | None = None
    hud: bool = True
    scale: float = 1.0


def draw(image: ImageArray, pose: FramePose | None, state: OverlayState) -> ImageArray:
    """Draw onto a copy of an RGB picture (height, width, 3); ``pose`` is in its pixels."""
    canvas = image.copy()
    draw_onto(canvas, pose, state)
    return canvas


def draw_onto(canvas: ImageArray, pose: FramePose | None, state: OverlayState) -> None:
    """Draw onto an RGB picture (height, width, 3) itself; ``pose`` is in its pixels."""
    unit = _unit(canvas) * state.scale
    if pose is not None:
        figure = _Figure(pose, unit)
        figure.draw_side(canvas, _other(state.near_side), near=False)
        figure.draw_side(canvas, state.near_side, near=True)
        if any(mark.side != state.near_side for mark in state.angles):
            figure.draw_leg(canvas, _other(state.near_side))
        for mark in state.angles:
            _draw_angle(canvas, figure, mark)
    if state.hud:
        below = _draw_counter(canvas, state, unit)
        draw_toasts(canvas, state.toasts, unit, below, state.lifter)


def _unit(image: ImageArray) -> float:
    """The size that everything scales with: 1 at 720 lines, by the shorter side in portrait."""
    height, width = image.shape[:2]
    return float(max(min(height, width * 1.35) / 720.0, 0.2))


class _Figure:
    """One pose, ready to be drawn: integer points and how sure they are."""

    def __init__(self, pose: FramePose, unit: float) -> None:
        self.unit = unit
        self.xy: FloatArray = pose.xy_px
        finite = np.isfinite(pose.xy_px).all(axis=1)
        # Lists: each point is looked up several times, which is slow in arrays.
        self.sure: list[float] = np.where(finite, np.nan_to_num(pose.visibility), 0.0).tolist()
        drawable = np.clip(np.nan_to_num(pose.xy_px), -16000, 16000)
        self._places: list[list[int]] = np.rint(drawable).astype(int).tolist()

    def visible(self, *points: Landmark) -> bool:
        """All of them are good enough to be drawn."""
        return min(self.sure[point] for point in points) >= GUESSED

    def at(self, point: Landmark) -> tuple[int, int]:
        """Pixels, rounded and kept within what OpenCV can draw."""
        x, y = self._places[point]
        return x, y

    def draw_side(self, canvas: ImageArray, side: Side, near: bool) -> None:
        """Draw the limbs of one side; the far side faint, the near side with the trunk's lines."""
        bones = [(landmark(side, a), landmark(side, b)) for a, b in _SIDE_BONES]
        if not near:
            bones += [(landmark(SIDES[0], j), landmark(SIDES[1], j)) for j in _CROSS_BONES]
        bones = [bone for bone in bones if self.visible(*bone)]
        joints = [p for p in (landmark(side, j) for j in _JOINTS) if self.visible(p)]
        if not bones and not joints:
            return
        if near:
            self._strokes(canvas, bones, joints, NEAR, 4.0)
            return
        area = self._around(bones, joints)
        before = canvas[area].copy()
        if not before.size:
            return
        self._strokes(canvas, bones, joints, FAR, 2.6)
        cv2.addWeighted(canvas[area], FAR_OPACITY, before, 1 - FAR_OPACITY, 0.0, dst=before)
        canvas[area] = before

    def draw_leg(self, canvas: ImageArray, side: Side) -> None:
        """Emphasise a working leg on the far side."""
        bones = [(landmark(side, a), landmark(side, b)) for a, b in _LEG_BONES]
        joints = [landmark(side, j) for j in ("hip", "knee", "ankle")]
        self._strokes(
            canvas,
            [bone for bone in bones if self.visible(*bone)],
            [joint for joint in joints if self.visible(joint)],
            NEAR,
            3.4,
        )

    def _strokes(
        self,
        canvas: ImageArray,
        bones: list[tuple[Landmark, Landmark]],
        joints: list[Landmark],
        colour: Colour,
        width: float,
    ) -> None:
        thick = max(round(width * self.unit), 1)
        edge = max(round(1.6 * self.unit), 1)
        for paint, extra in ((OUTLINE, 2 * edge), (colour, 0)):
            for start, end in bones:
                solid = min(self.sure[start], self.sure[end]) >= SURE
                for a, b in _pieces(self.at(start), self.at(end), solid, 10 * self.unit):
                    cv2.line(canvas, a, b, paint, thick + extra, cv2.LINE_AA)
        radius = max(round(width * 1.35 * self.unit), 2)
        for joint in joints:
            solid = self.sure[joint] >= SURE
            cv2.circle(canvas, self.at(joint), radius + edge, OUTLINE, -1, cv2.LINE_AA)
            fill = -1 if solid else max(thick // 2, 1)
            cv2.circle(canvas, self.at(joint), radius, colour, fill, cv2.LINE_AA)

    def _around(
        self, bones: list[tuple[Landmark, Landmark]], joints: list[Landmark]
    ) -> tuple[slice, slice]:
        """Rows and columns that hold some bones and joints."""
        points = np.array([self.at(p) for p in {*joints, *(p for bone in bones for p in bone)}])
        margin = round(12 * self.unit) + 3
        low = np.maximum(points.min(axis=0) - margin, 0)
        high = np.maximum(points.max(axis=0) + margin, 0)
        return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def _pieces(
    start: tuple[int, int], end: tuple[int, int], solid: bool, dash: float
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """The whole line, or its dashes of about ``dash`` pixels."""
    if solid:
        yield start, end
        return
    length = math.dist(start, end)
    count = min(max(int(length / (2 * max(dash, 2.0))), 1), 60)
    step = (end[0] - start[0]) / (2 * count), (end[1] - start[1]) / (2 * count)
    for i in range(0, 2 * count, 2):
        a = round(start[0] + i * step[0]), round(start[1] + i * step[1])
        b = round(start[0] + (i + 1) * step[0]), round(start[1] + (i + 1) * step[1])
        yield a, b


# --- the angle ----------------------------------------------------------------------------------


def _rays(figure: _Figure, mark: AngleMark) -> tuple[Landmark, FloatArray, FloatArray] | None:
    """The joint, the direction of the angle's zero and that of its limb; None when not seen."""
    shoulder, hip, knee, ankle = (
        landmark(mark.side, j) for j in ("shoulder", "hip", "knee", "ankle")
    )
    xy = figure.xy
    needed: tuple[Landmark, ...]
    match mark.kind:
        case "hip_flexion":
            needed, joint = (shoulder, hip, knee), hip
            zero, limb = xy[hip] - xy[shoulder], xy[knee] - xy[hip]
        case "knee_flexion":
            needed, joint = (hip, knee, ankle), knee
            zero, limb = xy[knee] - xy[hip], xy[ankle] - xy[knee]
        case "thigh_inclination":
            needed, joint = (hip, knee), knee
            limb = xy[hip] - xy[knee]
            zero = np.array([math.copysign(1.0, limb[0]), 0.0])
        case _:
            needed, joint = (shoulder, hip), hip
            zero, limb = np.array([0.0, -1.0]), xy[shoulder] - xy[hip]
    if not figure.visible(*needed) or not np.hypot(*limb) > 1.0 or not np.hypot(*zero) > 0.0:
        return None
    return joint, zero, limb


def _draw_angle(canvas: ImageArray, figure: _Figure, mark: AngleMark) -> None:
    rays = _rays(figure, mark)
    if rays is None or not math.isfinite(mark.value):
        return
    joint, zero, limb = rays
    centre = figure.at(joint)
    unit = figure.unit
    radius = float(np.clip(0.45 * np.hypot(*limb), 18 * unit, 72 * unit))
    first = math.degrees(math.atan2(zero[1], zero[0]))
    sweep = (math.degrees(math.atan2(limb[1], limb[0])) - first + 180) % 360 - 180
    steps = max(int(abs(sweep) / 4), 2)
    turns = np.radians(first + np.linspace(0, sweep, steps + 1))
    arc = np.stack([np.cos(turns), np.sin(turns)], axis=1) * radius + centre
    arc_px = np.round(arc).astype(np.int32).reshape(-1, 1, 2)
    reach = 1.5 * radius / float(np.hypot(*zero))
    tip = (round(centre[0] + zero[0] * reach), round(centre[1] + zero[1] * reach))
    thick = max(round(3 * unit), 1)
    for a, b in _pieces(centre, tip, False, 5 * unit):
        cv2.line(canvas, a, b, ANGLE, max(thick - 1, 1), cv2.LINE_AA)
    for colour, width in ((OUTLINE, thick + max(round(2.4 * unit), 2)), (ANGLE, thick)):
        cv2.polylines(canvas, [arc_px], False, colour, width, cv2.LINE_AA)
    number = panel(((Span(degrees(mark.value), ANGLE),),), text_size(unit))
    _place_number(canvas, number, centre, _beside(figure, mark, turns, zero), radius + 6 * unit)


def _beside(
    figure: _Figure, mark: AngleMark, turns: FloatArray, zero: FloatArray
) -> tuple[float, float]:
    """Where the number goes, seen from the joint: beyond a wide arc, beside a straight limb.

    Beside is behind the hip and in front of the knee, so that the two numbers stay apart.
    """
    heel, toe = (figure.xy[landmark(mark.side, j)] for j in ("heel", "foot_index"))
    forward = 1.0 if not toe[0] < heel[0] else -1.0
    if mark.kind == "thigh_inclination":
        return -float(zero[0]), 0.0
    way = -forward if mark.kind == "hip_flexion" else forward
    across = np.array([-zero[1], zero[0]]) / float(np.hypot(*zero))
    if mark.kind == "trunk_inclination":
        across = np.array([1.0, 0.0])
    across = across * math.copysign(1.0, float(across[0]) * way)
    share = min(abs(float(turns[-1] - turns[0])) / math.radians(60), 1.0)
    middle = float(turns[0] + turns[-1]) / 2
    mixed = share * np.array([math.cos(middle), math.sin(middle)]) + (1 - share) * across
    x, y = mixed / max(float(np.hypot(*mixed)), 1e-6)
    return float(x), float(y)


def _place_number(
    canvas: ImageArray,
    number: Panel,
    centre: tuple[int, int],
    direction: tuple[float, float],
    radius: float,
) -> None:
    """Put a number beyond its arc, inside the picture."""
    width, height = number.size
    reach = radius + 0.5 * (abs(direction[0]) * width + abs(direction[1]) * height) + 4
    left = round(centre[0] + direction[0] * reach - width / 2)
    top = round(centre[1] + direction[1] * reach - height / 2)
    left = min(max(left, 0), max(canvas.shape[1] - width, 0))
    top = min(max(top, 0), max(canvas.shape[0] - height, 0))
    blend(canvas, number, left, top)


# --- counter and verdicts -----------------------------------------------------------------------


def _draw_counter(canvas: ImageArray, state: OverlayState, unit: float) -> int:
    """Draw the counter at the upper left; gives the first row below it."""
    size = text_size(unit)
    margin = round(0.8 * size)
    total = f" / {state.reps}" if state.reps else ""
    lines: list[Line] = [
        (Span("REP ", PALE, 0.7), Span(str(state.rep), size=1.7), Span(total, PALE, 1.0)),
    ]
    words = [state.phase] if state.phase else []
    if state.score is not None and math.isfinite(state.score):
        words.append(f"last {whole_score(state.score)}")
    lines.append((Span("  ·  ".join(words) or "ready", PALE, 0.8),))
    made = panel(tuple(lines), size, width=8 * size)
    blend(canvas, made, margin, margin)
    return margin + made.size[1]


def _other(side: Side) -> Side:
    return "right" if side == "left" else "left"
