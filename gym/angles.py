"""True angles from joint centres, in the conventions of docs/gym.md (degrees).

The sagittal plane is the vertical plane square to the line from the right to the left hip.
Inclinations and hip flexion are taken in it, because both need a sign; knee, elbow and ankle are
hinges and take the angle between their segments in space. ``knee_flexion_sagittal`` is the same
knee seen exactly from the side: the difference to ``knee_flexion`` is what the definition costs a
method that sees one plane only.
"""

from __future__ import annotations

import numpy as np

from gym.geometry import Array, unit
from gym.joints import JOINTS

WORDS = ("left", "right")
UP = np.array([0.0, 0.0, 1.0])
ROW = {name: k for k, name in enumerate(JOINTS)}


def between(u: Array, v: Array) -> Array:
    """Angle (deg) between vectors (..., 3)."""
    cosine = (unit(u) * unit(v)).sum(-1)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def angles_of(joints: Array, spine: Array) -> dict[str, Array]:
    """Every angle (frames,) from joints (frames, joints, 3) and the spine's pitch (frames,).

    ``spine`` must already be relative to the person's own upright stance.
    """

    def at(name: str) -> Array:
        return joints[:, ROW[name]]

    across = at("hip_left") - at("hip_right")
    left = unit(across * np.array([1, 1, 0.0]))
    ahead = np.cross(left, UP)

    def flat(v: Array) -> tuple[Array, Array]:
        """Components of v (frames, 3) along the facing direction and up."""
        return (v * ahead).sum(-1), v[:, 2]

    trunk_x, trunk_z = flat(at("shoulder_mid") - at("hip_mid"))
    trunk = np.degrees(np.arctan2(trunk_x, trunk_z))
    out = {"trunk_inclination_deg": trunk, "spine_flexion_deg": spine}
    for word in WORDS:
        medial = -left if word == "left" else left
        hip, knee, ankle = at(f"hip_{word}"), at(f"knee_{word}"), at(f"ankle_{word}")
        shoulder, elbow, wrist = (at(f"{n}_{word}") for n in ("shoulder", "elbow", "wrist"))
        toe, heel, ball = at(f"toe_{word}"), at(f"heel_{word}"), at(f"toe_base_{word}")
        thigh_x, thigh_z = flat(knee - hip)
        shank_x, shank_z = flat(knee - ankle)
        thigh_forward = np.degrees(np.arctan2(thigh_x, -thigh_z))
        shank = np.degrees(np.arctan2(shank_x, shank_z))
        foot, sole = toe - heel, unit(ball - heel)
        own = {
            "hip_flexion": wrap(trunk + thigh_forward),
            "knee_flexion": between(knee - hip, ankle - knee),
            "knee_flexion_sagittal": wrap(thigh_forward + shank),
            "ankle_dorsiflexion": 90 - between(knee - ankle, foot),
            "thigh_inclination": np.degrees(np.arctan2(-thigh_z, np.abs(thigh_x))),
            "shank_inclination": shank,
            "elbow_flexion": between(elbow - shoulder, wrist - elbow),
            "knee_valgus": fppa(hip, knee, ankle, medial),
            # heel to ball: both keep their place in the foot when the toes bend
            "foot_pitch": np.degrees(np.arcsin(np.clip(-sole[:, 2], -1, 1))),
        }
        out.update({f"{name}_{word}_deg": value for name, value in own.items()})
    return out


def fppa(hip: Array, knee: Array, ankle: Array, medial: Array) -> Array:
    """Frontal-plane projection angle (frames,), positive = knee towards the midline."""
    shank, thigh = knee - ankle, hip - knee
    lower = np.arctan2((shank * medial).sum(-1), shank[:, 2])
    upper = np.arctan2((thigh * medial).sum(-1), thigh[:, 2])
    return wrap(np.degrees(lower - upper))


def wrap(deg: Array) -> Array:
    """Degrees brought into [-180, 180)."""
    return np.asarray((deg + 180.0) % 360.0 - 180.0)
