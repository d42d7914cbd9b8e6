"""Skinning: dual quaternions (Kavan 2008; they keep the volume of knees) blended with linear.

Done on the processor: a software rasteriser is slower at it, and so the truth's markers and the
rendered mesh share one implementation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from gym.body import Body, Pose
from gym.geometry import Array

Floats = NDArray[np.floating[Any]]
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


def bone_transforms(body: Body, pose: Pose) -> Array:
    """Per bone (bones, 20): the affine map row by row, then the dual quaternion's two halves."""
    shift = pose.heads - np.einsum("bij,bj->bi", pose.rotations, body.heads)
    affine = np.concatenate([pose.rotations, shift[:, :, None]], 2).reshape(-1, 12)
    q = quaternions(pose.rotations, body.parents)
    w, v = q[:, :1], q[:, 1:]
    turned = w * shift + np.cross(shift, v)
    dual = 0.5 * np.concatenate([-(shift * v).sum(1, keepdims=True), turned], 1)
    return np.concatenate([affine, q, dual], 1)


def vertex_maps(blended: Floats) -> Floats:
    """Affine maps (vertices, 3, 4) from blended bone transforms (vertices, 20)."""
    q, d = blended[:, 12:16], blended[:, 16:20]
    length = 1 / np.sqrt((q * q).sum(1))
    w, x, y, z = (q * length[:, None]).T
    dw, dx, dy, dz = (d * length[:, None]).T
    out = np.empty((len(blended), 12), blended.dtype)
    out[:, 0], out[:, 5], out[:, 10] = (
        1 - 2 * (y * y + z * z),
        1 - 2 * (x * x + z * z),
        1 - 2 * (x * x + y * y),
    )
    out[:, 1], out[:, 2] = 2 * (x * y - w * z), 2 * (x * z + w * y)
    out[:, 4], out[:, 6] = 2 * (x * y + w * z), 2 * (y * z - w * x)
    out[:, 8], out[:, 9] = 2 * (x * z - w * y), 2 * (y * z + w * x)
    out[:, 3] = 2 * (w * dx - dw * x + y * dz - z * dy)
    out[:, 7] = 2 * (w * dy - dw * y + z * dx - x * dz)
    out[:, 11] = 2 * (w * dz - dw * z + x * dy - y * dx)
    out *= DUAL_SHARE
    out += (1 - DUAL_SHARE) * blended[:, :12]
    return out.reshape(-1, 3, 4)


class Skinner:
    """Moves rest points (points, 3) and normals that follow mesh vertices (points,)."""

    def __init__(self, body: Body, points: Array, normals: Array, rows: NDArray[np.int_]) -> None:
        self.body = body
        self.used, self.place = np.unique(rows, return_inverse=True)
        count = len(self.used)
        columns = body.bone_index[self.used].ravel()
        row = np.repeat(np.arange(count), body.bone_index.shape[1])
        weights = body.bone_weight[self.used].ravel().astype(np.float32)
        self.weights = csr_matrix((weights, (row, columns)), shape=(count, len(body.bones)))
        self.points = points.astype(np.float32)
        self.normals = normals.astype(np.float32)

    def move(self, pose: Pose) -> NDArray[np.float32]:
        """Positions and normals (points, 6) in the world."""
        bones = bone_transforms(self.body, pose).astype(np.float32)
        maps = vertex_maps(self.weights @ bones)[self.place]
        turn = maps[:, :, :3]
        out = np.empty((len(self.points), 6), np.float32)
        out[:, :3] = np.matmul(turn, self.points[:, :, None])[:, :, 0] + maps[:, :, 3]
        out[:, 3:] = np.matmul(turn, self.normals[:, :, None])[:, :, 0]
        return out


def skin(body: Body, pose: Pose, vertices: NDArray[np.int_]) -> Array:
    """World positions (len(vertices), 3) of some mesh vertices, in double precision."""
    weight = body.bone_weight[vertices]
    blended = np.einsum(
        "vk,vkj->vj", weight, bone_transforms(body, pose)[body.bone_index[vertices]]
    )
    maps = vertex_maps(blended)
    turned = np.einsum("vij,vj->vi", maps[:, :, :3], body.vertices[vertices])
    return np.asarray(turned + maps[:, :, 3])
