"""Skinning shared by the truth (a few marker vertices) and the renderer (on the GPU).

A blend of dual-quaternion skinning (Kavan 2008; keeps the volume of buttocks and knees) and
linear skinning. ``shaders.SKIN`` does the same in GLSL; a test compares the two in pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gym.body import Body, Pose
from gym.geometry import Array

DUAL_SHARE = 0.85  # the rest is linear


def quaternions(rotations: Array, parents: NDArray[np.int_]) -> Array:
    """Unit quaternions (bones, 4) as w, x, y, z, each in its parent's hemisphere."""
    m = rotations
    trace = np.stack(
        [
            1 + m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2],
            1 + m[:, 0, 0] - m[:, 1, 1] - m[:, 2, 2],
            1 - m[:, 0, 0] + m[:, 1, 1] - m[:, 2, 2],
            1 - m[:, 0, 0] - m[:, 1, 1] + m[:, 2, 2],
        ],
        1,
    )
    xy, xz, yz = m[:, 0, 1] + m[:, 1, 0], m[:, 0, 2] + m[:, 2, 0], m[:, 1, 2] + m[:, 2, 1]
    wx, wy, wz = m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]
    t = trace
    forms = np.stack(
        [
            np.stack([t[:, 0], wx, wy, wz], 1),
            np.stack([wx, t[:, 1], xy, xz], 1),
            np.stack([wy, xy, t[:, 2], yz], 1),
            np.stack([wz, xz, yz, t[:, 3]], 1),
        ],
        1,
    )
    q = forms[np.arange(len(m)), np.argmax(trace, 1)]
    q = q / np.linalg.norm(q, axis=1, keepdims=True)
    for bone, parent in enumerate(parents):
        if parent >= 0 and q[bone] @ q[parent] < 0:
            q[bone] = -q[bone]
    return np.asarray(q)


def bone_transforms(body: Body, pose: Pose) -> tuple[Array, Array, Array]:
    """Per bone: the affine map (bones, 3, 4) and the dual quaternion's two halves (bones, 4)."""
    shift = pose.heads - np.einsum("bij,bj->bi", pose.rotations, body.heads)
    affine = np.concatenate([pose.rotations, shift[:, :, None]], 2)
    q = quaternions(pose.rotations, body.parents)
    w, v = q[:, :1], q[:, 1:]
    dual = 0.5 * np.concatenate([-(shift * v).sum(1, keepdims=True), w * shift + np.cross(shift, v)], 1)
    return affine, q, dual


def skin(body: Body, pose: Pose, vertices: NDArray[np.int_]) -> Array:
    """World positions (len(vertices), 3) of some mesh vertices."""
    affine, real, dual = bone_transforms(body, pose)
    weight = body.bone_weight[vertices]
    bones = body.bone_index[vertices]
    rest = body.vertices[vertices]
    matrix = np.einsum("vk,vkij->vij", weight, affine[bones])
    linear = np.einsum("vij,vj->vi", matrix[:, :, :3], rest) + matrix[:, :, 3]
    q = np.einsum("vk,vkj->vj", weight, real[bones])
    d = np.einsum("vk,vkj->vj", weight, dual[bones])
    length = np.linalg.norm(q, axis=1, keepdims=True)
    q, d = q / length, d / length
    w, v = q[:, :1], q[:, 1:]
    turned = rest + 2 * np.cross(v, np.cross(v, rest) + w * rest)
    moved = turned + 2 * (w * d[:, 1:] - d[:, :1] * v + np.cross(v, d[:, 1:]))
    return np.asarray(DUAL_SHARE * moved + (1 - DUAL_SHARE) * linear)
