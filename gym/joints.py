"""Joint centres and surface markers of a pose, by name."""

from __future__ import annotations

import numpy as np

from gym.body import Body, Pose
from gym.geometry import Array
from gym.skinning import skin

BONE_OF = {
    "hip": "upperleg01",
    "knee": "lowerleg01",
    "ankle": "foot",
    "shoulder": "upperarm01",
    "elbow": "lowerarm01",
    "wrist": "wrist",
    "toe_base": "toe1-1",
}
WORDS = {"L": "left", "R": "right"}
MARKERS = (
    *(f"{name}_{word}" for name in ("heel", "toe", "ear", "eye") for word in ("left", "right")),
    "nose",
)
JOINTS = (
    *(f"{name}_{word}" for name in BONE_OF for word in ("left", "right")),
    *MARKERS,
    *("hip_mid", "shoulder_mid", "head", "pelvis_spine", "lumbar_spine", "thoracic_spine"),
)
SPINE_BONES = {"pelvis_spine": "spine05", "lumbar_spine": "spine04", "thoracic_spine": "spine01"}


def joints_of(body: Body, pose: Pose) -> Array:
    """World positions (len(JOINTS), 3) in metres, in the order of ``JOINTS``."""
    at: dict[str, Array] = {}
    for name, bone in BONE_OF.items():
        for side, word in WORDS.items():
            at[f"{name}_{word}"] = pose.heads[body.index[f"{bone}.{side}"]]
    rows = skin(body, pose, np.array([body.markers[m] for m in MARKERS]))
    at.update(zip(MARKERS, rows, strict=True))
    at["hip_mid"] = (at["hip_left"] + at["hip_right"]) / 2
    at["shoulder_mid"] = (at["shoulder_left"] + at["shoulder_right"]) / 2
    at["head"] = pose.heads[body.index["head"]]
    for name, bone in SPINE_BONES.items():
        at[name] = pose.heads[body.index[bone]]
    return np.stack([at[name] for name in JOINTS])


def spine_deg(body: Body, pose: Pose) -> float:
    """Pitch of the thorax against the pelvis (deg), positive = rounding."""
    turn = pose.rotations[body.index["root"]].T @ pose.rotations[body.index["spine01"]]
    return float(np.degrees(np.arctan2(turn[0, 2], turn[2, 2])))
