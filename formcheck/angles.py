"""PoseTrack + Capture -> Signals: every angle of the contract, one table row an angle.

Conventions (signs, zeros) as in docs/angles.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from formcheck.frontal import knee_valgus, knee_valgus_error_deg
from formcheck.plane import LOWER, Plane, of_one_size, rows_of, sagittal_plane, turn_deg
from formcheck.types import (
    LEGS,
    SAGITTAL_VIEWS,
    SIDES,
    BoolArray,
    Capture,
    Facing,
    FloatArray,
    IntArray,
    Leg,
    PoseTrack,
    Signals,
)
from formcheck.uncertainty import (
    SPINE_ERROR_DEG,
    angle_share,
    segment_error_deg,
    view_error_deg,
)


def _from_up(vector: FloatArray) -> FloatArray:
    """Lean of a vector from vertical up, forward positive, degrees."""
    angle: FloatArray = np.degrees(np.arctan2(vector[:, 0], vector[:, 1]))
    return angle


def hip_flexion(plane: Plane, side: Leg) -> FloatArray:
    """Thigh against the trunk line (mid-shoulder to mid-hip); 0 straight, negative past straight.

    A thigh-trunk angle, not the pelvis-femur angle: the lumbar spine is part of it.
    """
    trunk = plane.middle("hip") - plane.middle("shoulder")
    thigh = plane.points[side, "knee"] - plane.points[side, "hip"]
    flexion = turn_deg(trunk, thigh)
    return np.where(flexion < -90, flexion + 360, flexion)


def knee_flexion(plane: Plane, side: Leg) -> FloatArray:
    """Shank against thigh: 0 straight, positive when the heel comes to the seat."""
    thigh = plane.points[side, "knee"] - plane.points[side, "hip"]
    shank = plane.points[side, "ankle"] - plane.points[side, "knee"]
    flexion = turn_deg(shank, thigh)
    return np.where(flexion < -90, flexion + 360, flexion)


def thigh_inclination(plane: Plane, side: Leg) -> FloatArray:
    """0 thigh horizontal; positive when the hip joint is above the knee joint."""
    thigh = plane.points[side, "hip"] - plane.points[side, "knee"]
    angle: FloatArray = np.degrees(np.arctan2(thigh[:, 1], np.abs(thigh[:, 0])))
    return angle


def shank_inclination(plane: Plane, side: Leg) -> FloatArray:
    """0 vertical; positive when the knee is forward of the ankle."""
    return _from_up(plane.points[side, "knee"] - plane.points[side, "ankle"])


def foot_pitch(plane: Plane, side: Leg) -> FloatArray:
    """Slope of the foot from toe to heel: positive when the heel is above the toe."""
    foot = plane.points[side, "heel"] - plane.points[side, "foot_index"]
    angle: FloatArray = np.degrees(np.arctan2(foot[:, 1], -foot[:, 0]))
    return angle


def ankle_dorsiflexion(plane: Plane, side: Leg) -> FloatArray:
    """0 with the shank square to the foot; positive with the knee over the toes."""
    return shank_inclination(plane, side) + foot_pitch(plane, side)


def elbow_flexion(plane: Plane, side: Leg) -> FloatArray:
    """0 with the arm straight; unsigned."""
    upper = plane.points[side, "elbow"] - plane.points[side, "shoulder"]
    fore = plane.points[side, "wrist"] - plane.points[side, "elbow"]
    return np.abs(turn_deg(upper, fore))


def trunk_inclination(plane: Plane) -> FloatArray:
    """Mid-hip to mid-shoulder from vertical; leaning forward is positive, lying on the back < 0."""
    return _from_up(plane.middle("shoulder") - plane.middle("hip"))


Segment = tuple[str, str]
TRUNK: Segment = ("shoulder", "hip")
THIGH: Segment = ("hip", "knee")
SHANK: Segment = ("knee", "ankle")
FOOT: Segment = ("heel", "foot_index")


@dataclass(frozen=True, slots=True)
class _SideAngle:
    """An angle of one leg or arm: the direction of a segment, or the turn from one to the next."""

    name: str
    function: Callable[[Plane, Leg], FloatArray]
    segments: tuple[Segment, ...]

    @property
    def joints(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(joint for segment in self.segments for joint in segment))


SIDE_ANGLES = (
    _SideAngle("hip_flexion", hip_flexion, (TRUNK, THIGH)),
    _SideAngle("knee_flexion", knee_flexion, (THIGH, SHANK)),
    _SideAngle("ankle_dorsiflexion", ankle_dorsiflexion, (SHANK, FOOT)),
    _SideAngle("thigh_inclination", thigh_inclination, (THIGH,)),
    _SideAngle("shank_inclination", shank_inclination, (SHANK,)),
    _SideAngle("foot_pitch", foot_pitch, (FOOT,)),
    _SideAngle("elbow_flexion", elbow_flexion, (("shoulder", "elbow"), ("elbow", "wrist"))),
)


POSSIBLE_DEG = {
    "hip_flexion": (-60.0, 170.0),
    "knee_flexion": (-40.0, 170.0),
    "foot_pitch": (-60.0, 120.0),
}
"""Beyond these no joint goes: hips bend by 120 degrees and go back by 30, knees bend by 135 and go
back by 10, a foot points up by 20 and down by 50 degrees from square (AAOS 1965, Joint Motion:
Method of Measuring and Recording), on a shank that leans by 40, and the rest is left to what a
spine adds and to the error of a reading. What reads more is no body."""


def _possible(angle: str, values: FloatArray) -> BoolArray:
    """(N,) whether a joint can be bent like this."""
    low, high = POSSIBLE_DEG.get(angle, (-math.inf, math.inf))
    possible: BoolArray = (values >= low) & (values <= high)
    return possible


def _some_body(plane: Plane) -> BoolArray:
    """(N,) whether one hip at least can be bent as it is drawn; not seen counts as possible.

    Where neither can, trunk or legs are drawn where they are not, and nobody can say which.
    """
    hips = [hip_flexion(plane, side) for side in SIDES]
    body: BoolArray = np.any([np.isnan(h) | _possible("hip_flexion", h) for h in hips], axis=0)
    return body


def _error_deg(
    plane: Plane, capture: Capture, angle: str, leg: Leg, segments: tuple[Segment, ...]
) -> FloatArray:
    """(N,) how far off an angle may be: by its landmarks and by the camera's azimuth."""
    if capture.view not in SAGITTAL_VIEWS:
        return np.full(len(plane.points[leg, "hip"]), np.inf)
    places, vectors = [], []
    for start, end in segments:
        if (start, end) == TRUNK:
            vector = plane.middle(end) - plane.middle(start)
        else:
            vector = plane.points[leg, end] - plane.points[leg, start]
        ends = (plane.error[leg, start], plane.error[leg, end])
        places.append(segment_error_deg(vector, ends, plane.leg_length))
        vectors.append(vector)
    placed = angle_share(angle, capture.view) * np.sqrt(np.square(places).sum(axis=0))
    seen = view_error_deg(
        vectors, capture.azimuth_deg, capture.azimuth_error_deg, capture.pitch_deg
    )
    error: FloatArray = np.hypot(placed, seen)
    return error


def compute_signals(track: PoseTrack, capture: Capture) -> Signals:
    """All angles over time. ``<angle>_left_deg``, ``<angle>_right_deg``, ``trunk_inclination_deg``.

    ``<angle>_both_deg`` is the angle of the mean of both legs: the splay of the knees shifts the
    two by opposite amounts, which cancels in the mean of their places.
    ``knee_valgus`` is NaN except in a front or back view. ``shoulder_height``, ``hip_height``,
    ``ankle_height`` and ``leg_length`` share one unit: pixels of the rectified picture, or metres
    in a front view.
    Where the person turns between repetitions, each is measured as the camera sees it then.
    """
    if not capture.facings:
        return _as_seen(track, capture)
    parts = [_facing_signals(track, capture, facing) for facing in capture.facings]

    def joined(of: Callable[[Signals], Mapping[str, FloatArray]]) -> dict[str, FloatArray]:
        return {name: np.concatenate([of(part)[name] for part in parts]) for name in of(parts[0])}

    return Signals(
        track.time_s,
        joined(lambda part: part.values),
        joined(lambda part: part.confidence),
        joined(lambda part: part.error),
    )


def _facing_signals(track: PoseTrack, capture: Capture, facing: Facing) -> Signals:
    """The signals of one stretch, seen with all others that show the sagittal plane, or do not.

    How long a limb usually is can be told from those alone.
    """
    kind = facing.view in SAGITTAL_VIEWS
    alike = [f for f in capture.facings if (f.view in SAGITTAL_VIEWS) == kind]
    rows = [np.arange(f.start, f.end + 1) for f in alike]
    ends = np.cumsum([len(part) for part in rows]).tolist()
    starts = [0, *ends[:-1]]
    seen = replace(
        capture,
        view=facing.view,
        azimuth_deg=facing.azimuth_deg,
        azimuth_error_deg=facing.azimuth_error_deg,
        near_side=facing.near_side,
        facings=tuple(
            replace(f, start=start, end=end - 1)
            for f, start, end in zip(alike, starts, ends, strict=True)
        ),
    )
    own = rows_of(seen.facings[alike.index(facing)])
    whole = _as_seen(_of_frames(track, np.concatenate(rows)), seen)

    def of_own(values: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        return {name: every[own] for name, every in values.items()}

    return Signals(
        whole.time_s[own], of_own(whole.values), of_own(whole.confidence), of_own(whole.error)
    )


def _of_frames(track: PoseTrack, rows: IntArray) -> PoseTrack:
    """The track of some frames only."""
    return replace(
        track,
        time_s=track.time_s[rows],
        xy_px=track.xy_px[rows],
        world_m=track.world_m[rows],
        visibility=track.visibility[rows],
        presence=track.presence[rows],
        shot=track.shot[rows],
        noise_px=None if track.noise_px is None else track.noise_px[rows],
        hidden=None if track.hidden is None else track.hidden[rows],
    )


def _as_seen(track: PoseTrack, capture: Capture) -> Signals:
    """The signals of frames that are seen in one view."""
    plane = sagittal_plane(track, capture)
    body = _some_body(plane)
    values: dict[str, FloatArray] = {}
    confidence: dict[str, FloatArray] = {}
    error: dict[str, FloatArray] = {}
    for angle in SIDE_ANGLES:
        for leg in LEGS:
            name = f"{angle.name}_{leg}_deg"
            drawn = angle.function(plane, leg)
            possible = body & _possible(angle.name, drawn)
            sure = np.where(possible, plane.sure(leg, *angle.joints), 0.0)
            confidence[name] = sure
            values[name] = np.where(sure > 0, drawn, np.nan)
            error[name] = _error_deg(plane, capture, angle.name, leg, angle.segments)
    frontal: BoolArray = np.full(len(track), capture.view in ("front", "back"))
    azimuth = capture.azimuth_deg * (1 if capture.near_side == "right" else -1)
    alike = of_one_size(track)
    for side in SIDES:
        name = f"knee_valgus_{side}_deg"
        values[name] = np.where(frontal, knee_valgus(alike, side, azimuth), np.nan)
        confidence[name] = plane.sure(side, "hip", "knee", "ankle")
        error[name] = knee_valgus_error_deg(alike, plane, side)
    name = "trunk_inclination_deg"
    confidence[name] = np.where(body, plane.sure("both", *TRUNK), 0.0)
    values[name] = np.where(confidence[name] > 0, trunk_inclination(plane), np.nan)
    error[name] = _error_deg(plane, capture, "trunk_inclination", "both", (TRUNK,))
    values["shoulder_height"] = plane.middle("shoulder")[:, 1]
    for joint, places in (("hip", plane.middle("hip")), ("ankle", plane.points["both", "ankle"])):
        values[f"{joint}_height"] = places[:, 1]
        confidence[f"{joint}_height"] = plane.sure("both", joint)
        error[f"{joint}_height"] = plane.leg_length * plane.error["both", joint]
    values["leg_length"] = np.full(len(track), plane.leg_length)
    values["spine_flexion_deg"] = np.full(len(track), np.nan)
    confidence["spine_flexion_deg"] = np.zeros(len(track))
    error["spine_flexion_deg"] = np.full(len(track), SPINE_ERROR_DEG)
    return Signals(track.time_s, values, confidence, error)


def as_both(signals: Signals) -> Signals:
    """The signals with each leg's angles replaced by those of both legs' mean.

    For a lift in which both legs do the same, seen from the side or obliquely: by itself each leg's
    angle is off by the splay of its knee (docs/angles.md), or by what hides it, and that is what a
    table or a chart would show.
    """
    legs = [a.name for a in SIDE_ANGLES if set(a.joints) <= {"shoulder", *LOWER}]

    def shared(own: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        both = {f"{a}_{side}_deg": own[f"{a}_both_deg"] for a in legs for side in SIDES}
        return {**own, **both}

    return replace(
        signals,
        values=shared(signals.values),
        confidence=shared(signals.confidence),
        error=shared(signals.error),
    )
