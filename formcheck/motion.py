"""PoseTrack -> the view-free signals that repetitions are found and lifts are recognised by.

They come from the model's world landmarks, so they hold in a front view too, where image angles
do not. They are coarser than the angles of :mod:`formcheck.angles`: good enough to see *that* and
*when* somebody squats, never used to judge how well. Those that sum both sides do not mind when
the model mixes up left and right.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from formcheck.plane import leg_length_px
from formcheck.types import SIDES, FloatArray, PoseTrack, Side, Signals, landmark

HARDLY_SHARE = 0.1
"""Of the frames in which the other leg is seen: a foot that is outside the picture all the time."""


def _angle_deg(a: FloatArray, b: FloatArray) -> FloatArray:
    """Unsigned angle between vectors (..., 3), degrees."""
    cross = np.linalg.norm(np.cross(a, b), axis=-1)
    dot = (a * b).sum(axis=-1)
    angle: FloatArray = np.degrees(np.arctan2(cross, dot))
    return angle


def motion_signals(track: PoseTrack) -> Signals:
    """Posture over time from world landmarks, whatever the view.

    ``hip_flexion_*`` and ``knee_flexion_*`` (per side and mean): 180 degrees minus the 3-point
    angle. ``trunk_inclination_deg``: 0 upright, 90 lying. Heights are vertical distances above the
    lower ankle (``knee_over_ankle_*`` above the ankle of the same leg) in units of the leg's length
    (thigh + shank, median of the clip). ``stagger_ratio``: how far one leg is ahead of the other,
    by the feet, where both are seen, and the hips.
    ``*_in_picture_ratio`` are heights above the picture's lower edge and ``*_along_picture_ratio``
    distances from its left edge in the same units: world landmarks hang on the hips and do not
    show which end moves.
    """
    at = {
        (side, joint): track.world_m[:, landmark(side, joint)]
        for side in SIDES
        for joint in ("shoulder", "wrist", "hip", "knee", "ankle")
    }
    forward, leg_m = _forward(at), _leg_length_m(track)
    values = _flexion(at, forward) | _heights(at, leg_m) | _in_picture(track)
    apart = at["left", "ankle"] - at["right", "ankle"]
    values["stride_ratio"] = np.abs((apart * forward).sum(axis=1)) / leg_m
    values["shoulder_over_wrist_ratio"] = (
        values["shoulder_height_ratio"] - values["wrist_height_ratio"]
    )
    values["hip_split_deg"] = np.abs(
        values["hip_flexion_left_deg"] - values["hip_flexion_right_deg"]
    )
    values["stagger_ratio"] = np.nan_to_num(values["stride_ratio"]) + values["hip_split_deg"] / 100
    slowed = track.scene.slowed
    slowed = max(slowed, 1.0) if math.isfinite(slowed) else 1.0
    return Signals(track.time_s, values, shot=track.shot, slowed=slowed)


Joints = Mapping[tuple[Side, str], FloatArray]
"""World landmarks (N, 3) by side and joint, metres: y down."""


def _middle(at: Joints, joint: str) -> FloatArray:
    """(N, 3) midpoint of the left and right joint."""
    return (at["left", joint] + at["right", joint]) / 2


def _flexion(at: Joints, forward: FloatArray) -> dict[str, FloatArray]:
    """Hips and knees by side and as the mean, and the trunk."""
    values: dict[str, FloatArray] = {}
    signed = []
    for side in SIDES:
        trunk = at[side, "hip"] - at[side, "shoulder"]
        thigh = at[side, "knee"] - at[side, "hip"]
        shank = at[side, "ankle"] - at[side, "knee"]
        values[f"hip_flexion_{side}_deg"] = _angle_deg(trunk, thigh)
        signed.append(_signed_hip_deg(trunk, thigh, forward))
        values[f"knee_flexion_{side}_deg"] = _angle_deg(thigh, shank)
    for joint in ("hip", "knee"):
        values[f"{joint}_flexion_deg"] = _of_both(
            *(values[f"{joint}_flexion_{side}_deg"] for side in SIDES)
        )
    values["hip_flexion_signed_deg"] = _of_both(*signed)
    up = _middle(at, "shoulder") - _middle(at, "hip")
    values["trunk_inclination_deg"] = _angle_deg(up, np.broadcast_to([0.0, -1.0, 0.0], up.shape))
    return values


def _of_both(left: FloatArray, right: FloatArray) -> FloatArray:
    """(N,) the mean of both legs; of one that is hardly ever seen the other alone tells."""
    seen = [int(np.isfinite(leg).sum()) for leg in (left, right)]
    if min(seen) < HARDLY_SHARE * max(seen):
        return left if seen[0] > seen[1] else right
    mean: FloatArray = (left + right) / 2
    return mean


def _heights(at: Joints, leg_m: float) -> dict[str, FloatArray]:
    """Above the lower ankle, or the one that is seen."""
    floor = np.fmax(at["left", "ankle"][:, 1], at["right", "ankle"][:, 1])
    values = {
        f"{joint}_height_ratio": (floor - _middle(at, joint)[:, 1]) / leg_m
        for joint in ("shoulder", "wrist", "hip")
    }
    for side in SIDES:
        ankle = at[side, "ankle"][:, 1]
        values[f"ankle_height_{side}_ratio"] = (floor - ankle) / leg_m
        values[f"knee_over_ankle_{side}_ratio"] = (ankle - at[side, "knee"][:, 1]) / leg_m
    return values


def _in_picture(track: PoseTrack) -> dict[str, FloatArray]:
    """Where shoulders, hips and ankles are in the picture."""
    leg_px = leg_length_px(track)
    values = {
        f"{joint}_in_picture_ratio": (track.height - track.middle(joint)[:, 1]) / leg_px
        for joint in ("shoulder", "hip", "ankle")
    }
    for side in SIDES:
        x_px = track.point(landmark(side, "ankle"))[:, 0]
        values[f"ankle_{side}_along_picture_ratio"] = x_px / leg_px
    return values


def _signed_hip_deg(trunk: FloatArray, thigh: FloatArray, forward: FloatArray) -> FloatArray:
    """Hip flexion (N,) in the sagittal plane, degrees; negative past straight."""
    across = np.stack([forward[:, 2], np.zeros(len(forward)), -forward[:, 0]], axis=1)
    within = trunk - (trunk * across).sum(axis=1, keepdims=True) * across
    turn = (np.cross(within, thigh) * across).sum(axis=1)
    angle: FloatArray = np.degrees(np.arctan2(turn, (within * thigh).sum(axis=1)))
    return np.where(angle < -90, angle + 360, angle)


def _forward(at: Joints) -> FloatArray:
    """(N, 3) horizontal unit vector square to the hip and shoulder lines."""
    hips, shoulders = (at["left", j] - at["right", j] for j in ("hip", "shoulder"))
    across = hips + shoulders
    heading = np.arctan2(across[:, 2], across[:, 0])
    return np.stack([np.sin(heading), np.zeros(len(heading)), -np.cos(heading)], axis=1)


def _leg_length_m(track: PoseTrack) -> float:
    lengths = []
    for side in SIDES:
        hip, knee, ankle = (
            track.world_m[:, landmark(side, joint)] for joint in ("hip", "knee", "ankle")
        )
        lengths.append(np.linalg.norm(knee - hip, axis=1) + np.linalg.norm(ankle - knee, axis=1))
    both = np.concatenate(lengths)
    return float(np.nanmedian(both)) if np.isfinite(both).any() else float("nan")
