"""The frontal plane: where the knee goes, seen from the front or from behind."""

from __future__ import annotations

import math

import numpy as np
import scipy

from formcheck.clock import frames_in
from formcheck.plane import Plane, leg_length_px, turn_deg
from formcheck.types import (
    SIDES,
    FloatArray,
    IntArray,
    PoseTrack,
    Side,
    finite_median,
    landmark,
)
from formcheck.uncertainty import ANGLE_SHARE, segment_error_deg

THIGH, SHANK = ("hip", "knee"), ("knee", "ankle")
LEAST_DROP = 0.5
"""How far the knee has to be below the hip in the picture, in lengths of the thigh as standing
shows it. A thigh that points to the camera is a few pixels short, and which way it points is
anything. Of rendered squats from the front valgus errs by 4 degrees in the mean where the knee is
lower than 0.7, by 7 down to 0.5, by 17 down to 0.4, and by 40 and more below."""
STANDING_WITHIN_S = 4.0
"""How long before or after it the thigh is seen in its length: repetitions go through standing, and
who walks towards the camera grows."""

DEEP_SHARE, ALIKE_SHARE = 0.5, 0.6
"""The thighs of a squat reach to the camera by at least this share of their length, and both by as
much within this share."""
LYING_SHARE = 0.5
"""Who leans back by this share of the trunk lies, and does not show how long the thighs are. In six
real squats from the front nobody does by more than 0.04."""
LEAST_FRAMES = 5
"""Fewer of them may be a misread moment."""


def knee_valgus(track: PoseTrack, side: Side, signed_azimuth_deg: float = 0.0) -> FloatArray:
    """Frontal plane projection angle: positive with the knee towards the midline.

    Measured in the picture, less what limbs that reach to the camera are turned sideways when it is
    not quite in front. ``signed_azimuth_deg``: positive with the right side near. NaN where the
    thigh points to the camera (:data:`LEAST_DROP`).
    """
    aside = np.sin(np.radians(signed_azimuth_deg))
    thigh, shank = (_limb_px(track.xy_px, side, joints) for joints in (THIGH, SHANK))
    shows = thigh[:, 1] >= LEAST_DROP * _standing_px(thigh, track.time_s)
    thigh[:, 0] -= aside * _ahead_px(track, side, THIGH, signed_azimuth_deg)
    shank[:, 0] -= aside * _ahead_px(track, side, SHANK, signed_azimuth_deg)
    other: Side = "left" if side == "right" else "right"
    hip, other_hip = (track.xy_px[:, landmark(s, "hip"), 0] for s in (side, other))
    inwards = np.sign(other_hip - hip)
    return np.where(shows, turn_deg(thigh, shank) * inwards, np.nan)


def _ahead_px(
    track: PoseTrack, side: Side, joints: tuple[str, str], signed_azimuth_deg: float
) -> FloatArray:
    """(N,) how far in front of its start a limb ends.

    The mean of what the landmarks' world depth says, which is too flat, and what the length says
    that the limb has lost in the picture, which does not know to or from.
    """
    azimuth = np.radians(signed_azimuth_deg)
    start, end = (track.world_m[:, landmark(side, joint)] for joint in joints)
    behind_m = (end - start)[:, 2] * np.cos(azimuth) - (end - start)[:, 0] * np.sin(azimuth)
    in_world = -behind_m * _px_per_m(track)
    in_picture = _depth_px(_limb_px(track.xy_px, side, joints), track.time_s)
    ahead: FloatArray = (in_world + np.copysign(in_picture, in_world)) / 2
    return ahead


def _limb_px(xy_px: FloatArray, side: Side, joints: tuple[str, str]) -> FloatArray:
    """(N, 2) a limb in the picture."""
    start, end = (landmark(side, joint) for joint in joints)
    vector: FloatArray = xy_px[:, end] - xy_px[:, start]
    return vector


def _standing_px(limb_px: FloatArray, time_s: FloatArray) -> FloatArray:
    """(N,) how long a limb (N, 2) is when it does not point to the camera."""
    length = np.nan_to_num(np.linalg.norm(limb_px, axis=1))
    standing: FloatArray = scipy.ndimage.maximum_filter1d(
        length, 2 * frames_in(STANDING_WITHIN_S, time_s) + 1
    )
    return standing


def knees_azimuth_deg(track: PoseTrack, frames: IntArray) -> float:
    """The signed camera azimuth of a lift done with both legs, seen from the front; else NaN.

    In a squat the knees come forward side by side: how far their middle then lies beside those of
    hips and ankles, against how much shorter thighs and shanks look, is the tangent of the azimuth.
    Hips that shift to one side bring as much to the one as they take from the other. Who lies, as
    in a hip thrust, tells nothing.
    """
    time_s, xy_px = track.time_s[frames], track.xy_px[frames]
    (left_thigh, right_thigh), (left_shank, right_shank) = (
        [_limb_px(xy_px, side, joints) for side in SIDES] for joints in (THIGH, SHANK)
    )
    left, right = (_depth_px(thigh, time_s) for thigh in (left_thigh, right_thigh))
    depth = left + right + _depth_px(left_shank, time_s) + _depth_px(right_shank, time_s)
    aside = (left_thigh + right_thigh - left_shank - right_shank)[:, 0]
    deep = np.minimum(left, right) >= DEEP_SHARE * _standing_px(left_thigh, time_s)
    alike = np.minimum(left, right) >= ALIKE_SHARE * np.maximum(left, right)
    shoulders, hips, knees = (
        track.world_m[frames][:, [landmark(side, joint) for side in SIDES]]
        for joint in ("shoulder", *THIGH)
    )
    trunk = (shoulders - hips).mean(axis=1)
    upright = trunk[:, 2] < LYING_SHARE * np.linalg.norm(trunk, axis=1)
    told = deep & alike & upright & (knees < hips)[..., 2].all(axis=1)
    if told.sum() < LEAST_FRAMES:
        return math.nan
    return float(np.degrees(np.median(np.arctan2(aside[told], depth[told]))))


def _depth_px(limb_px: FloatArray, time_s: FloatArray) -> FloatArray:
    """(N,) how far a limb (N, 2) reaches to or from the camera, by how much shorter it looks."""
    squares = _standing_px(limb_px, time_s) ** 2 - (limb_px**2).sum(axis=1)
    depth: FloatArray = np.sqrt(np.maximum(squares, 0.0))
    return depth


def knee_valgus_error_deg(track: PoseTrack, plane: Plane, side: Side) -> FloatArray:
    """(N,) how far off knee valgus may be: the deeper the knee bends, the shorter the thigh looks.

    By its landmarks alone, and a share for what the depth correction leaves.
    """
    leg_px = leg_length_px(track)
    turns = []
    for start, end in (THIGH, SHANK):
        ends = (plane.error[side, start], plane.error[side, end])
        turns.append(segment_error_deg(_limb_px(track.xy_px, side, (start, end)), ends, leg_px))
    error: FloatArray = ANGLE_SHARE["knee_valgus"] * np.hypot(*turns)
    return error


def _px_per_m(track: PoseTrack) -> float:
    """Scale of the picture at the person, by the trunk on both sides; 0 if never seen."""
    shoulder, hip = ([landmark(side, joint) for side in SIDES] for joint in ("shoulder", "hip"))
    trunk_px = np.linalg.norm(track.xy_px[:, shoulder] - track.xy_px[:, hip], axis=-1)
    trunk_m = np.linalg.norm((track.world_m[:, shoulder] - track.world_m[:, hip])[..., :2], axis=-1)
    scale = finite_median(trunk_px) / finite_median(trunk_m)
    return scale if np.isfinite(scale) else 0.0
