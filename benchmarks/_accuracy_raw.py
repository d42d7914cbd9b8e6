"""What the pose model itself gets wrong: raw landmarks beside what FormCheck makes of them.

Places are compared with the true joint centres projected into the picture, and given in
centimetres at the joint's distance from the camera.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from _accuracy_floor import image_angles
from _accuracy_match import Array, Records, legs_of

from formcheck.types import SIDES, PoseTrack, Side, landmark
from gym.angles import wrap

JOINTS = ("shoulder", "hip", "knee", "ankle")
RAW_ANGLES = ("hip_flexion", "knee_flexion", "trunk_inclination")
APART = 0.12
"""Distance of the two knees, or ankles, in trunk lengths of the picture, from which left and right
can be told apart in it."""


def add_raw(
    records: Records, truth: dict[str, Any], raw: PoseTrack, track: PoseTrack, tags: dict[str, Any]
) -> None:
    """Rows of one clip: places, angles and swaps, as drawn and as angles are taken between them."""
    pixels = resampled(truth, raw.time_s, "joints_px")
    depth = resampled(truth, raw.time_s, "joints_camera_m")[..., 2]
    for rep in truth["reps"]:
        inside = (raw.time_s >= rep["start_s"]) & (raw.time_s <= rep["end_s"])
        if not inside.any():
            continue
        side = truth["camera"]["near_side"] if rep["side"] == "both" else legs_of(rep)[0]
        for stage, pose in (("raw", raw), ("used", track)):
            row = {**tags, "stage": stage}
            _places(records, truth, pose, pixels, depth, inside, side, row)
            _swaps(records, truth, pose, pixels, inside, row)
    if tags["view"] == "side":
        _raw_angles(records, truth, raw, tags)


def resampled(truth: dict[str, Any], time_s: Array, name: str) -> Array:
    """A field of the frames (frames, joints, k) at other times: the nearest frame's."""
    times = np.array(truth["frames"]["time_s"])
    nearest = np.abs(times[None, :] - time_s[:, None]).argmin(axis=1)
    return np.asarray(np.array(truth["frames"][name])[nearest], dtype=float)


def _places(
    records: Records,
    truth: dict[str, Any],
    pose: PoseTrack,
    pixels: Array,
    depth: Array,
    inside: Array,
    side: Side,
    tags: dict[str, Any],
) -> None:
    """Distance of each joint of one side from its true place, cm."""
    for joint in JOINTS:
        k = truth["joint_names"].index(f"{joint}_{side}")
        away = (pose.point(landmark(side, joint)) - pixels[:, k])[inside]
        scale = (100 * depth[:, k] / truth["camera"]["focal_px"])[inside]
        off = away * scale[:, None]
        records.joints.append({**tags, "joint": joint, "off_cm": off})


def _swaps(
    records: Records,
    truth: dict[str, Any],
    pose: PoseTrack,
    pixels: Array,
    inside: Array,
    tags: dict[str, Any],
) -> None:
    """In how many of the frames in which it can be told the legs are exchanged."""
    names = truth["joint_names"]
    trunk = np.linalg.norm(
        pixels[:, names.index("shoulder_mid")] - pixels[:, names.index("hip_mid")], axis=1
    )
    for joint in ("knee", "ankle"):
        true = {s: pixels[:, names.index(f"{joint}_{s}")] for s in SIDES}
        seen = {s: pose.point(landmark(s, joint)) for s in SIDES}
        apart = np.linalg.norm(true["left"] - true["right"], axis=1) > APART * trunk
        straight = _gap(seen["left"], true["left"]) + _gap(seen["right"], true["right"])
        crossed = _gap(seen["left"], true["right"]) + _gap(seen["right"], true["left"])
        told = inside & apart & np.isfinite(straight)
        swapped = int((crossed < straight)[told].sum())
        row = {"joint": joint, "frames": int(told.sum()), "swapped": swapped}
        records.swaps.append({**tags, **row})


def _gap(a: Array, b: Array) -> Array:
    return np.asarray(np.linalg.norm(a - b, axis=1))


def _raw_angles(
    records: Records, truth: dict[str, Any], raw: PoseTrack, tags: dict[str, Any]
) -> None:
    """Side view: angles straight from the raw landmarks of the near leg, as most programs do."""
    near = truth["camera"]["near_side"]
    names = [f"{j}_{s}" for s in SIDES for j in JOINTS] + ["shoulder_mid", "hip_mid"]
    points = [raw.point(landmark(s, j)) for s in SIDES for j in JOINTS]
    pixels = np.stack([*points, raw.middle("shoulder"), raw.middle("hip")], axis=1)
    frames = truth["frames"]
    for rep in truth["reps"]:
        inside = (raw.time_s >= rep["start_s"]) & (raw.time_s <= rep["end_s"])
        if not inside.any():
            continue
        leg = near if rep["side"] == "both" else rep["side"]
        angles = image_angles(pixels[inside], names, leg, 1.0 if near == "right" else -1.0)
        for angle in RAW_ANGLES:
            name = f"{angle}_deg" if angle == "trunk_inclination" else f"{angle}_{leg}_deg"
            true = np.interp(raw.time_s[inside], frames["time_s"], frames["angles"][name])
            error = wrap(angles[angle] - true)
            row = {**tags, "stage": "raw landmarks", "angle": angle}
            records.angles_raw.append({**row, "true": true, "error": error})
