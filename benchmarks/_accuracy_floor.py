"""What perfect landmarks would give: the error that the view and the definition cost on their own.

The true joints, projected exactly, go through the same formulas a one-camera method uses. What is
left of FormCheck's error above this floor is lost by the pose model or by the smoothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from _accuracy_match import Array, Records

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
    stages = {"image plane": image_angles(pixels, truth["joint_names"], near, 1.0)}
    foreshortening = abs(np.sin(np.radians(azimuth)))
    if foreshortening > np.sin(np.radians(STEEPEST_DEG)):
        stages["rectified"] = image_angles(pixels, truth["joint_names"], near, foreshortening)
    sagittal = true[f"knee_flexion_sagittal_{near}_deg"]
    stages["definition (knee seen from the side)"] = {"knee_flexion": sagittal}
    for stage, angles in stages.items():
        for angle, value in angles.items():
            name = f"{angle}_deg" if angle == "trunk_inclination" else f"{angle}_{near}_deg"
            error = value - true[name]
            records.floor.append({**tags, "stage": stage, "angle": angle, "error": error})


def image_angles(
    pixels: Array, names: list[str], near: str, foreshortening: float
) -> dict[str, Array]:
    """Hip, knee and trunk (frames,) from pixels (frames, joints, 2); x is stretched back first."""
    facing = 1.0 if near == "right" else -1.0  # seen from their left, people face left
    at = {n: pixels[:, k] * np.array([facing / foreshortening, -1.0]) for k, n in enumerate(names)}
    trunk = at["shoulder_mid"] - at["hip_mid"]
    thigh = at[f"knee_{near}"] - at[f"hip_{near}"]
    shank = at[f"knee_{near}"] - at[f"ankle_{near}"]
    trunk_deg = np.degrees(np.arctan2(trunk[:, 0], trunk[:, 1]))
    thigh_deg = np.degrees(np.arctan2(thigh[:, 0], -thigh[:, 1]))
    shank_deg = np.degrees(np.arctan2(shank[:, 0], shank[:, 1]))
    hip = (trunk_deg + thigh_deg + 180) % 360 - 180
    knee = (thigh_deg + shank_deg + 180) % 360 - 180
    return {"trunk_inclination": trunk_deg, "hip_flexion": hip, "knee_flexion": knee}
