"""Reading UI-PRMD motion capture: surface markers -> joint centres -> what a camera would see.

UI-PRMD (Vakanski et al. 2018, Data 3(1):2; public domain, PDDL 1.0): deep squats and inline lunges
of ten people, done correctly and deliberately incorrectly, Plug-in-Gait markers at 50 Hz.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gym.camera import View
from gym.geometry import rot_z, unit
from gym.joints import JOINTS

Array = NDArray[np.float64]
MM_PER_UNIT = 0.2  # int16 fifths of a millimetre
RATE_HZ = 50.0
HOLD_S = 0.5  # the recordings are cut close: hold the first and the last frame
KNEE_HALF_M, ANKLE_HALF_M, SHOULDER_DROP_M = 0.050, 0.036, 0.05
EXERCISES = {"m01": "squat", "m03": "lunge"}
UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Recording:
    """One repetition: joints (frames, joints, 3) in metres, facing +x on average."""

    name: str
    exercise: str
    person: str
    correct: bool
    time_s: Array
    joints_m: Array


def recordings(folder: Path) -> Iterator[Recording]:
    """Every usable recording of the folder."""
    for path in sorted(folder.glob("ui_prmd_*.npz")):
        with np.load(path, allow_pickle=False) as data:
            names = [str(n) for n in data["markers"]]
            for key in data.files:
                if key == "markers":
                    continue
                movement, person, _, quality = key.split("_")
                markers = data[key].astype(float) * MM_PER_UNIT / 1000
                # a marker that the cameras lost is written as zeros
                if (np.abs(markers).sum(2) == 0).any():
                    continue
                joints = held(upright_frame(joint_centres(markers, names)))
                time = np.arange(len(joints)) / RATE_HZ
                good = quality == "correct"
                yield Recording(key, EXERCISES[movement], person, good, time, joints)


def held(joints: Array) -> Array:
    """The recording with its ends held."""
    count = round(HOLD_S * RATE_HZ)
    return np.concatenate([joints[:1].repeat(count, 0), joints, joints[-1:].repeat(count, 0)])


def joint_centres(markers: Array, names: list[str]) -> Array:
    """Joints (frames, joints, 3) in the gym's order from markers (frames, markers, 3), metres.

    Hips by the regression of Harrington et al. 2007 (J Biomech 40:595); knees and ankles half a
    joint width inside the lateral marker, along the line of the hips.
    """
    m = {name: markers[:, k] for k, name in enumerate(names)}
    front, back = (m["LASI"] + m["RASI"]) / 2, (m["LPSI"] + m["RPSI"]) / 2
    left = unit(m["LASI"] - m["RASI"])
    ahead = unit(front - back - left * ((front - back) * left).sum(1, keepdims=True))
    above = np.cross(ahead, left)
    width = np.linalg.norm(m["LASI"] - m["RASI"], axis=1, keepdims=True)
    depth = np.linalg.norm(front - back, axis=1, keepdims=True)
    out = np.zeros((len(markers), len(JOINTS), 3))
    at: dict[str, Array] = {}
    for side, letter, out_sign in (("left", "L", 1.0), ("right", "R", -1.0)):
        inward = -out_sign * left
        at[f"hip_{side}"] = (
            front
            + ahead * (-0.24 * depth - 0.0099)
            + above * (-0.30 * width - 0.0109)
            - inward * (0.33 * width + 0.0073)
        )
        at[f"knee_{side}"] = m[letter + "KNE"] + KNEE_HALF_M * inward
        at[f"ankle_{side}"] = m[letter + "ANK"] + ANKLE_HALF_M * inward
        at[f"shoulder_{side}"] = m[letter + "SHO"] - SHOULDER_DROP_M * UP
        at[f"elbow_{side}"] = m[letter + "ELB"]
        at[f"wrist_{side}"] = (m[letter + "WRA"] + m[letter + "WRB"]) / 2
        at[f"heel_{side}"], at[f"toe_{side}"] = m[letter + "HEE"], m[letter + "TOE"]
        at[f"toe_base_{side}"] = m[letter + "TOE"]
        at[f"ear_{side}"] = (m[letter + "FHD"] + m[letter + "BHD"]) / 2
        at[f"eye_{side}"] = m[letter + "FHD"]
    at["nose"] = (m["LFHD"] + m["RFHD"]) / 2
    for name in ("hip", "shoulder"):
        at[f"{name}_mid"] = (at[f"{name}_left"] + at[f"{name}_right"]) / 2
    for k, name in enumerate(JOINTS):
        out[:, k] = at.get(name, at["hip_mid"])
    return out


def upright_frame(joints: Array) -> Array:
    """The recording turned to face +x on average and moved over the origin."""
    row = {name: k for k, name in enumerate(JOINTS)}
    across = (joints[:, row["hip_left"]] - joints[:, row["hip_right"]]).mean(0)
    heading = np.degrees(np.arctan2(across[1], across[0])) - 90
    feet = joints[:, [row["ankle_left"], row["ankle_right"]]].mean((0, 1)) * [1, 1, 0]
    return np.asarray((joints - feet) @ rot_z(-heading).T)


def pose_track(recording: Recording, view: View) -> Any:
    """A PoseTrack as a flawless landmarker would give it through a camera."""
    from formcheck.types import Landmark, PoseTrack

    count, landmarks = len(recording.time_s), len(Landmark)
    pixels, world = np.full((count, landmarks, 2), np.nan), np.full((count, landmarks, 3), np.nan)
    row = {name: k for k, name in enumerate(JOINTS)}
    middle = recording.joints_m[:, row["hip_mid"]][:, None]
    projected = view.project(recording.joints_m)
    turned = (recording.joints_m - middle) @ view.rotation.T
    for landmark in Landmark:
        side, _, joint = landmark.name.lower().partition("_")
        source = {"nose": "nose"}.get(side) or f"{SOURCE.get(joint, joint)}_{side}"
        if source not in row:  # mouth: between the ears, in front
            source = "nose"
        pixels[:, landmark], world[:, landmark] = projected[:, row[source]], turned[:, row[source]]
    sure = np.ones((count, landmarks))
    shot = np.zeros(count, np.int64)
    return PoseTrack(recording.time_s, pixels, world, sure, sure, view.width, view.height, shot)


SOURCE = {
    "eye_inner": "eye",
    "eye_outer": "eye",
    "pinky": "wrist",
    "index": "wrist",
    "thumb": "wrist",
    "foot_index": "toe",
}
