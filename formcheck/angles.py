"""PoseTrack + Capture -> Signals: every angle of the contract, one table row an angle.

Conventions (signs, zeros) as in docs/angles.md. Side and oblique views: image pixels, rectified to
the sagittal plane (x divided by the sine of the camera azimuth). Front and back views: sagittal
angles from the world landmarks, for orientation only (no rule judges them there).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from formcheck.types import (
    SIDES,
    BoolArray,
    Capture,
    Facing,
    FloatArray,
    PoseTrack,
    Side,
    Signals,
    finite_median,
    landmark,
)

MIN_SIN_AZIMUTH = 0.42
"""sin 25°: beyond this foreshortening a rectified angle is noise."""


LIMB_RATIO = (0.62, 1.45)
"""A limb's length over its median in the clip: joints in full view read 0.68-1.34 of it (splayed
knees and perspective included), joints behind a plate 0.2-0.6."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Landmarks in the sagittal plane: x towards where the person faces, y up, any unit.

    ``left`` and ``right`` map a joint name to (N, 2); ``confidence`` to its visibility (N,).
    """

    points: dict[tuple[Side, str], FloatArray]
    confidence: dict[tuple[Side, str], FloatArray]

    def middle(self, joint: str) -> FloatArray:
        """(N, 2) midpoint of the left and right joint."""
        return (self.points["left", joint] + self.points["right", joint]) / 2

    def sure(self, side: Side, *joints: str) -> FloatArray:
        """(N,) the least visibility of some joints."""
        least: FloatArray = np.min([self.confidence[side, joint] for joint in joints], axis=0)
        return least


JOINTS = ("ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "foot_index")


def sagittal_plane(track: PoseTrack, capture: Capture) -> Plane:
    """Landmarks as seen from the person's right side, whatever side the camera is on."""
    rectified = capture.view in ("side", "oblique")
    if rectified:
        stretch = _stretch(capture, len(track))
        source = track.xy_px * np.stack([stretch, -np.ones(len(track))], axis=1)[:, None]
    else:
        source = _world_sagittal(track)
    points: dict[tuple[Side, str], FloatArray] = {}
    confidence: dict[tuple[Side, str], FloatArray] = {}
    for side in SIDES:
        for joint in JOINTS:
            index = landmark(side, joint)
            points[side, joint] = source[:, index]
            confidence[side, joint] = track.visibility[:, index]
    plane = Plane(points, confidence)
    return _without_impossible_limbs(plane) if rectified else plane


def _stretch(capture: Capture, frames: int) -> FloatArray:
    """(N,) what the picture's x is multiplied by to be forward in the sagittal plane."""
    stretch = np.empty(frames)
    for part in capture.facings or (capture,):
        sine = max(float(np.sin(np.radians(part.azimuth_deg))), MIN_SIN_AZIMUTH)
        rows = slice(part.start, part.end + 1) if isinstance(part, Facing) else slice(None)
        stretch[rows] = (1.0 if part.near_side == "right" else -1.0) / sine
    return stretch


def _without_impossible_limbs(plane: Plane) -> Plane:
    """Confidence 0 for knees and ankles that would need a limb of another length.

    Thigh and shank move in the sagittal plane, so their length in it hardly changes; behind a
    plate the model puts the joint at any place.
    """
    confidence = dict(plane.confidence)
    for side in SIDES:
        for upper, lower in (("hip", "knee"), ("knee", "ankle")):
            limb = plane.points[side, lower] - plane.points[side, upper]
            length = np.linalg.norm(limb, axis=1)
            usual = finite_median(length)
            possible = (length > LIMB_RATIO[0] * usual) & (length < LIMB_RATIO[1] * usual)
            confidence[side, lower] = np.where(possible, confidence[side, lower], 0.0)
    return Plane(plane.points, confidence)


def _world_sagittal(track: PoseTrack) -> FloatArray:
    """(N, L, 2) world landmarks turned so that x is forward of the hips and y up, metres."""
    across = track.world_m[:, landmark("left", "hip")] - track.world_m[:, landmark("right", "hip")]
    across = across + (
        track.world_m[:, landmark("left", "shoulder")]
        - track.world_m[:, landmark("right", "shoulder")]
    )
    heading = np.arctan2(across[:, 2], across[:, 0])
    forward = np.stack([np.sin(heading), -np.cos(heading)], axis=1)
    horizontal = (track.world_m[..., [0, 2]] * forward[:, None, :]).sum(axis=2)
    return np.stack([horizontal, -track.world_m[..., 1]], axis=2)


def turn_deg(start: FloatArray, end: FloatArray) -> FloatArray:
    """Signed angle (N,) that turns vector ``start`` (N, 2) into ``end``, counter-clockwise > 0."""
    cross = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]
    angle: FloatArray = np.degrees(np.arctan2(cross, (start * end).sum(axis=1)))
    return angle


def _from_up(vector: FloatArray) -> FloatArray:
    """Lean of a vector from vertical up, forward positive, degrees."""
    angle: FloatArray = np.degrees(np.arctan2(vector[:, 0], vector[:, 1]))
    return angle


def hip_flexion(plane: Plane, side: Side) -> FloatArray:
    """Thigh against the trunk line (mid-shoulder to mid-hip); 0 straight, negative past straight.

    A thigh-trunk angle, not the pelvis-femur angle: the lumbar spine is part of it.
    """
    trunk = plane.middle("hip") - plane.middle("shoulder")
    thigh = plane.points[side, "knee"] - plane.points[side, "hip"]
    flexion = turn_deg(trunk, thigh)
    return np.where(flexion < -90, flexion + 360, flexion)


def knee_flexion(plane: Plane, side: Side) -> FloatArray:
    """Shank against thigh: 0 straight, positive when the heel comes to the seat."""
    thigh = plane.points[side, "knee"] - plane.points[side, "hip"]
    shank = plane.points[side, "ankle"] - plane.points[side, "knee"]
    flexion = turn_deg(shank, thigh)
    return np.where(flexion < -90, flexion + 360, flexion)


def thigh_inclination(plane: Plane, side: Side) -> FloatArray:
    """0 thigh horizontal; positive when the hip joint is above the knee joint."""
    thigh = plane.points[side, "hip"] - plane.points[side, "knee"]
    angle: FloatArray = np.degrees(np.arctan2(thigh[:, 1], np.abs(thigh[:, 0])))
    return angle


def shank_inclination(plane: Plane, side: Side) -> FloatArray:
    """0 vertical; positive when the knee is forward of the ankle."""
    return _from_up(plane.points[side, "knee"] - plane.points[side, "ankle"])


def foot_pitch(plane: Plane, side: Side) -> FloatArray:
    """Slope of the foot from toe to heel: positive when the heel is above the toe."""
    foot = plane.points[side, "heel"] - plane.points[side, "foot_index"]
    angle: FloatArray = np.degrees(np.arctan2(foot[:, 1], -foot[:, 0]))
    return angle


def ankle_dorsiflexion(plane: Plane, side: Side) -> FloatArray:
    """0 with the shank square to the foot; positive with the knee over the toes."""
    return shank_inclination(plane, side) + foot_pitch(plane, side)


def elbow_flexion(plane: Plane, side: Side) -> FloatArray:
    """0 with the arm straight; unsigned."""
    upper = plane.points[side, "elbow"] - plane.points[side, "shoulder"]
    fore = plane.points[side, "wrist"] - plane.points[side, "elbow"]
    return np.abs(turn_deg(upper, fore))


def trunk_inclination(plane: Plane) -> FloatArray:
    """Mid-hip to mid-shoulder from vertical; leaning forward is positive, lying on the back < 0."""
    return _from_up(plane.middle("shoulder") - plane.middle("hip"))


@dataclass(frozen=True, slots=True)
class _SideAngle:
    name: str
    function: Callable[[Plane, Side], FloatArray]
    joints: tuple[str, ...]


SIDE_ANGLES = (
    _SideAngle("hip_flexion", hip_flexion, ("shoulder", "hip", "knee")),
    _SideAngle("knee_flexion", knee_flexion, ("hip", "knee", "ankle")),
    _SideAngle("ankle_dorsiflexion", ankle_dorsiflexion, ("knee", "ankle", "heel", "foot_index")),
    _SideAngle("thigh_inclination", thigh_inclination, ("hip", "knee")),
    _SideAngle("shank_inclination", shank_inclination, ("knee", "ankle")),
    _SideAngle("foot_pitch", foot_pitch, ("heel", "foot_index")),
    _SideAngle("elbow_flexion", elbow_flexion, ("shoulder", "elbow", "wrist")),
)


def knee_valgus(track: PoseTrack, side: Side) -> FloatArray:
    """Frontal plane projection angle in the picture: positive with the knee towards the midline."""
    hip, knee, ankle = (track.point(landmark(side, j)) for j in ("hip", "knee", "ankle"))
    bend = turn_deg(knee - hip, ankle - knee)
    towards_middle = np.sign((track.middle("hip") - hip)[:, 0])
    return bend * towards_middle


def _leg_length(plane: Plane, side: Side) -> FloatArray:
    """Thigh and shank together, in the units of the plane."""
    hip, knee, ankle = (plane.points[side, joint] for joint in ("hip", "knee", "ankle"))
    length: FloatArray = np.linalg.norm(knee - hip, axis=1) + np.linalg.norm(ankle - knee, axis=1)
    return length


def compute_signals(track: PoseTrack, capture: Capture) -> Signals:
    """All angles over time. ``<angle>_left_deg``, ``<angle>_right_deg``, ``trunk_inclination_deg``.

    ``knee_valgus`` is NaN except in a front or back view. ``shoulder_height``, ``hip_height`` and
    ``leg_length`` share one unit: pixels of the rectified picture, or metres in a front view.
    """
    plane = sagittal_plane(track, capture)
    values: dict[str, FloatArray] = {}
    confidence: dict[str, FloatArray] = {}
    for angle in SIDE_ANGLES:
        for side in SIDES:
            name = f"{angle.name}_{side}_deg"
            confidence[name] = plane.sure(side, *angle.joints)
            seen = confidence[name] > 0
            values[name] = np.where(seen, angle.function(plane, side), np.nan)
    frontal: BoolArray = np.full(len(track), capture.view in ("front", "back"))
    for side in SIDES:
        name = f"knee_valgus_{side}_deg"
        values[name] = np.where(frontal, knee_valgus(track, side), np.nan)
        confidence[name] = plane.sure(side, "hip", "knee", "ankle")
    values["trunk_inclination_deg"] = trunk_inclination(plane)
    confidence["trunk_inclination_deg"] = plane.sure(capture.near_side, "shoulder", "hip")
    values["shoulder_height"] = plane.middle("shoulder")[:, 1]
    confidence["shoulder_height"] = plane.sure(capture.near_side, "shoulder")
    values["hip_height"] = plane.middle("hip")[:, 1]
    values["leg_length"] = _leg_length(plane, capture.near_side)
    values["spine_flexion_deg"] = np.full(len(track), np.nan)
    confidence["spine_flexion_deg"] = np.zeros(len(track))
    return Signals(track.time_s, values, confidence)
