"""What perfect landmarks would give: the error that the view and the definition cost on their own.

The true joints, projected exactly, go through the same formulas a one-camera method uses. What is
left of FormCheck's error above this floor is lost by the pose model or by the smoothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from _accuracy_match import Array, Records, true_pitch_deg

from formcheck.angles import compute_signals
from formcheck.types import LEGS, SIDES, Capture, Landmark, Leg, PoseTrack, Side, landmark
from gym.angles import wrap

JOINTS = ("shoulder", "hip", "knee", "ankle")
STEEPEST_DEG = 20.0  # nearer to the front than this nothing can be rectified


def add_floor(records: Records, truth: dict[str, Any], tags: dict[str, Any]) -> None:
    """Rows named after the stage: definition, image plane, image plane rectified."""
    frames = truth["frames"]
    time = np.array(frames["time_s"])
    inside = np.zeros(len(time), bool)
    for rep in truth["reps"]:
        inside |= (time >= rep["start_s"]) & (time <= rep["end_s"])
    if not inside.any():
        return
    near, azimuth = truth["camera"]["near_side"], truth["camera"]["azimuth_deg"]
    true = {k: np.array(v)[inside] for k, v in frames["angles"].items()}
    pixels = np.array(frames["joints_px"])[inside]
    names = truth["joint_names"]
    facing = 1.0 if near == "right" else -1.0  # seen from their left, people face left
    stages = {"image plane": image_angles(pixels, names, near, facing)}
    foreshortening = abs(np.sin(np.radians(azimuth)))
    if foreshortening > np.sin(np.radians(STEEPEST_DEG)):
        flat = {leg: image_angles(pixels, names, leg, facing / foreshortening) for leg in SIDES}
        stages["rectified"] = flat[near]
        level = without_pitch(pixels, true_pitch_deg(truth), azimuth, facing)
        upright = {leg: image_angles(level, names, leg, facing / foreshortening) for leg in SIDES}
        stages["rectified, pitch taken out"] = upright[near]
        freed = free_of_perspective(truth, pixels, names)
        stages["perspective taken out"] = freed[near]
        means = {
            "rectified": mean_of(flat),
            "rectified, pitch taken out": mean_of(upright),
            "perspective taken out": freed["both"],
        }
        for angle in ("hip_flexion", "knee_flexion"):
            mean = (true[f"{angle}_left_deg"] + true[f"{angle}_right_deg"]) / 2
            for stage, got in means.items():
                row = {"stage": f"{stage}, mean of both legs", "angle": angle}
                if truth["exercise"] != "lunge":
                    records.floor.append({**tags, **row, "error": got[angle] - mean})
    sagittal = true[f"knee_flexion_sagittal_{near}_deg"]
    stages["definition (knee seen from the side)"] = {"knee_flexion": sagittal}
    for stage, angles in stages.items():
        for angle, value in angles.items():
            name = f"{angle}_deg" if angle == "trunk_inclination" else f"{angle}_{near}_deg"
            error = wrap(value - true[name])
            records.floor.append({**tags, "stage": stage, "angle": angle, "error": error})


def without_pitch(pixels: Array, pitch_deg: float, azimuth_deg: float, facing: float) -> Array:
    """Pixels (frames, joints, 2) without the shear of what points away from the camera."""
    pitch, azimuth = np.radians(pitch_deg), np.radians(azimuth_deg)
    shear = facing * np.sin(pitch) * np.cos(azimuth) / abs(np.sin(azimuth))
    x, y = pixels[..., 0], pixels[..., 1]
    return np.stack([x, (y - shear * x) / np.cos(pitch)], axis=-1)


def mean_of(legs: Mapping[Side, dict[str, Array]]) -> dict[str, Array]:
    """The mean of both legs' angles."""
    return {angle: (legs["left"][angle] + legs["right"][angle]) / 2 for angle in legs["left"]}


def free_of_perspective(
    truth: dict[str, Any], pixels: Array, names: list[str]
) -> dict[Leg, dict[str, Array]]:
    """Each leg's angles (frames,), and both legs', as FormCheck reads them of perfect landmarks.

    With the true azimuth and pitch.
    """
    count, landmarks = len(pixels), len(Landmark)
    xy_px = np.full((count, landmarks, 2), np.nan)
    for leg in SIDES:
        for joint in JOINTS:
            xy_px[:, landmark(leg, joint)] = pixels[:, names.index(f"{joint}_{leg}")]
    clip, camera = truth["clip"], truth["camera"]
    sure = np.ones((count, landmarks))
    track = PoseTrack(
        time_s=np.arange(count) / clip["fps"],
        xy_px=xy_px,
        world_m=np.full((count, landmarks, 3), np.nan),
        visibility=sure,
        presence=sure,
        width=clip["width"],
        height=clip["height"],
        shot=np.zeros(count, np.int64),
    )
    azimuth, pitch = abs(camera["azimuth_deg"]), true_pitch_deg(truth)
    capture = Capture("oblique", azimuth, 0.0, camera["near_side"], pitch_deg=pitch)
    read = compute_signals(track, capture)
    angles: dict[Leg, dict[str, Array]] = {}
    for which in LEGS:
        angles[which] = {
            a: np.asarray(read[f"{a}_{which}_deg"]) for a in ("hip_flexion", "knee_flexion")
        }
        angles[which]["trunk_inclination"] = np.asarray(read["trunk_inclination_deg"])
    return angles


def image_angles(pixels: Array, names: list[str], leg: str, stretch: float) -> dict[str, Array]:
    """Hip, knee and trunk (frames,) from pixels (frames, joints, 2), x stretched (signed) first."""
    at = {n: pixels[:, k] * np.array([stretch, -1.0]) for k, n in enumerate(names)}
    trunk = at["shoulder_mid"] - at["hip_mid"]
    thigh = at[f"knee_{leg}"] - at[f"hip_{leg}"]
    shank = at[f"knee_{leg}"] - at[f"ankle_{leg}"]
    trunk_deg = np.degrees(np.arctan2(trunk[:, 0], trunk[:, 1]))
    thigh_deg = np.degrees(np.arctan2(thigh[:, 0], -thigh[:, 1]))
    shank_deg = np.degrees(np.arctan2(shank[:, 0], shank[:, 1]))
    hip = (trunk_deg + thigh_deg + 180) % 360 - 180
    knee = (thigh_deg + shank_deg + 180) % 360 - 180
    return {"trunk_inclination": trunk_deg, "hip_flexion": hip, "knee_flexion": knee}
