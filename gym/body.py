"""One person's body: rest mesh, skeleton and the measures the motion needs.

Shapes come prebuilt from ``gym/data/bodies.npz`` (see ``build_bodies``). A pose is one *global*
rotation per bone relative to the rest pose, so that segment directions are set exactly and the
true angles follow from the joint centres.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gym.errors import GymError
from gym.geometry import SIDES, Array, sign, unit

DATA = Path(__file__).parent / "data/bodies.npz"
SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
NECK = ("neck01", "neck02", "neck03", "head")
ARM_BONES = ("upperarm", "lowerarm", "wrist", "finger")
LEG_BONES = ("upperleg", "lowerleg", "foot", "toe")


@lru_cache(maxsize=1)
def _bundle() -> dict[str, NDArray[Any]]:
    with np.load(DATA, allow_pickle=False) as data:
        return dict(data)


def shape_names() -> list[str]:
    """Names of the shapes that ship with the gym."""
    return [str(name) for name in _bundle()["shapes"]]


@dataclass(frozen=True)
class Pose:
    """A posed skeleton: global bone rotations (bones, 3, 3) and bone heads (bones, 3) in metres."""

    rotations: Array
    heads: Array


class Body:
    """Rest geometry of one shape; lengths in metres, rest pose upright at the origin facing +x."""

    def __init__(self, name: str) -> None:
        data = _bundle()
        if name not in shape_names():
            raise GymError(f"unknown body {name!r}; known: {', '.join(shape_names())}")
        self.name = name
        scale = float(data["unit_m"])
        self.vertices: Array = data[f"vertices_{name}"].astype(float) * scale
        self.heads: Array = data[f"heads_{name}"].astype(float) * scale
        self.faces: NDArray[np.int32] = data["faces"].astype(np.int32)
        self.bones = [str(b) for b in data["bones"]]
        self.index = {b: i for i, b in enumerate(self.bones)}
        self.parents = data["parents"].astype(int)
        self.bone_index = data["bone_index"].astype(int)
        self.bone_weight: Array = data["bone_weight"].astype(float) / 255
        self.masks = self._region_masks(data)
        self._recentre_joints()
        self._measure()
        self.markers = self._find_markers()

    def joint(self, bone: str) -> Array:
        """Rest position of a bone's head (a view: the recentring writes through it)."""
        head: Array = self.heads[self.index[bone]]
        return head

    def _region_masks(self, data: dict[str, NDArray[Any]]) -> dict[str, Array]:
        """Share of each vertex (vertices,) that belongs to a region, 0..1."""

        def share(*prefixes: str, side: str = "") -> Array:
            hit = [b.startswith(prefixes) and b.endswith(side) for b in self.bones]
            return np.asarray((np.array(hit)[self.bone_index] * self.bone_weight).sum(1))

        masks = {
            "head": share("head", "neck"),
            "skull": share("head"),
            "arm": np.maximum(share(*ARM_BONES, side=".L"), share(*ARM_BONES, side=".R")),
            "hand": share("wrist", "finger"),
            "leg": share(*LEG_BONES),
            "foot": share("foot", "toe"),
            "eye": data["eye"] / 255.0,
        }
        for k, name in enumerate(("lips", "eyelids", "ears")):
            masks[name] = data["face_masks"][:, k] / 255.0
        return masks

    def _recentre_joints(self) -> None:
        """Move the rig's hip and knee pivots to the anatomical joint centres.

        The MakeHuman rig puts the hip some 3 cm too far back and lateral and the knee slightly
        high, so that a standing body would read 8 degrees of knee flexion. Hip: 45 % of the
        front-to-back depth at its level and 0.82 of the rig's half width; knee: middle of the
        leg's cross-section 12 mm below the rig's joint.
        """
        v, m = self.vertices, self.masks
        for side in SIDES:
            lateral = v[:, 1] * sign(side)
            hip = self.joint("upperleg01." + side)
            near = np.abs(v[:, 2] - hip[2]) < 0.035
            slab = v[near & (lateral > 0.02) & (m["arm"] < 0.1)]
            hip[0] = slab[:, 0].max() - 0.45 * np.ptp(slab[:, 0])
            hip[1] *= 0.82
            knee = self.joint("lowerleg01." + side)
            knee[2] -= 0.012
            slab = v[(np.abs(v[:, 2] - knee[2]) < 0.015) & (lateral > 0) & (m["leg"] > 0.5)]
            knee[:2] = (slab[:, :2].max(0) + slab[:, :2].min(0)) / 2

    def _measure(self) -> None:
        def length(a: str, b: str) -> float:
            return float(np.linalg.norm(self.joint(a) - self.joint(b)))

        self.thigh_m = length("upperleg01.L", "lowerleg01.L")
        self.shank_m = length("lowerleg01.L", "foot.L")
        self.upper_arm_m = length("upperarm01.L", "lowerarm01.L")
        self.forearm_m = length("lowerarm01.L", "wrist.L")
        self.arm_m = self.upper_arm_m + self.forearm_m
        self.hip_half_m = float(abs(self.joint("upperleg01.L")[1]))
        self.shoulder_half_m = float(abs(self.joint("upperarm01.L")[1]))
        self.hip_mid = (self.joint("upperleg01.L") + self.joint("upperleg01.R")) / 2
        self.shoulder_mid = (self.joint("upperarm01.L") + self.joint("upperarm01.R")) / 2
        self.trunk_m = float(np.linalg.norm(self.shoulder_mid - self.hip_mid))
        self.ankle_height_m = float(self.joint("foot.L")[2])
        self.stature_m = float(np.ptp(self.vertices[:, 2]))

    def _find_markers(self) -> dict[str, int]:
        """Vertices that stand for surface landmarks: heels, toes, ears, eyes, nose."""
        v, m = self.vertices, self.masks
        found: dict[str, int] = {}

        def pick(name: str, rows: NDArray[np.bool_], score: Array) -> None:
            index = np.flatnonzero(rows)
            found[name] = int(index[np.argmax(score[index])])

        for side, word in zip(SIDES, ("left", "right"), strict=True):
            own = v[:, 1] * sign(side) > 0
            pick(f"heel_{word}", own & (m["foot"] > 0.5), -(v[:, 0] + 0.3 * v[:, 2]))
            pick(f"toe_{word}", own & (m["foot"] > 0.5), v[:, 0])
            pick(f"ear_{word}", own & (m["skull"] > 0.5), v[:, 1] * sign(side))
            pick(f"eye_{word}", own & (m["eye"] > 0.5), v[:, 0])
        pick("nose", (m["skull"] > 0.5) & (np.abs(v[:, 1]) < 0.02), v[:, 0])
        return found

    def pose(self, rotations: dict[str, Array], hip_mid: Array) -> Pose:
        """Forward kinematics: a bone without a rotation of its own keeps its parent's."""
        count = len(self.bones)
        r, h = np.zeros((count, 3, 3)), np.zeros((count, 3))
        for bone, name in enumerate(self.bones):
            parent = self.parents[bone]
            own = rotations.get(name)
            if parent < 0:
                r[bone] = np.eye(3) if own is None else own
                h[bone] = hip_mid + r[bone] @ (self.heads[bone] - self.hip_mid)
            else:
                r[bone] = r[parent] if own is None else own
                h[bone] = h[parent] + r[parent] @ (self.heads[bone] - self.heads[parent])
        return Pose(r, h)

    def neighbours_mean(self, values: Array, times: int) -> Array:
        """Laplacian smoothing of per-vertex values (vertices, k), half a step each time."""
        f = self.faces
        edges = np.concatenate([f[:, [0, 1]], f[:, [1, 2]], f[:, [2, 0]]])
        edges = np.concatenate([edges, edges[:, ::-1]])
        degree = np.maximum(np.bincount(edges[:, 0], minlength=len(values)), 1)[:, None]
        out = values.copy()
        for _ in range(times):
            columns = [
                np.bincount(edges[:, 0], out[edges[:, 1], k], len(out)) for k in range(out.shape[1])
            ]
            out = 0.5 * out + 0.5 * np.stack(columns, 1) / degree
        return out

    def normals(self) -> Array:
        """Area-weighted rest normals (vertices, 3)."""
        v, f = self.vertices, self.faces
        face = np.cross(v[f[:, 1]] - v[f[:, 0]], v[f[:, 2]] - v[f[:, 0]])
        out = np.zeros_like(v)
        for corner in range(3):
            np.add.at(out, f[:, corner], face)
        return unit(out)
