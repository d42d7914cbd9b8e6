"""Dressing a body: skin, eyes, shirt, shorts, shoes and hair as shells around one mesh.

Every shell is the body's own mesh, smoothed and pushed outwards, so it moves with the same
skinning; the fragment shader cuts it by anatomical coordinates (how far along the arm or leg).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gym.body import Body
from gym.geometry import SIDES, Array, sign, unit
from gym.spec import Look

SKIN, SHIRT, SHORTS, SHOES, EYES, HAIR = range(6)
LEGGINGS_HEM = 1.2


# Vertices closer than this are drawn as one: at a few millimetres a pixel nobody sees more, and a
# software rasteriser pays for every triangle.
CELL_M = 0.013
FINE_CELL_M = 0.009  # head and hands


@dataclass(frozen=True)
class Layer:
    """One shell: rest vertices and normals (n, 3), their mesh rows (n,), triangles, limb data."""

    kind: int
    vertices: Array
    normals: Array
    rows: NDArray[np.int_]
    triangles: NDArray[np.int32]
    limb: Array


def limb_coordinates(body: Body) -> tuple[Array, Array]:
    """Per vertex: place along the arm (1 = elbow, 2 = wrist) and the leg (1 = knee, 2 = ankle)."""
    v = body.vertices

    def along(a: str, b: str, c: str) -> Array:
        per_side = []
        for side in SIDES:
            p, q, r = (body.joint(f"{name}.{side}") for name in (a, b, c))
            first = (v - p) @ unit(q - p) / np.linalg.norm(q - p)
            second = 1 + (v - q) @ unit(r - q) / np.linalg.norm(r - q)
            per_side.append(np.where(first < 1, first, np.maximum(second, 1)))
        return np.where(v[:, 1] > 0, per_side[0], per_side[1])

    arm = along("upperarm01", "lowerarm01", "wrist")
    leg = along("upperleg01", "lowerleg01", "foot")
    leg = np.where((body.masks["leg"] < 0.02) & (v[:, 2] > body.hip_mid[2]), 0, leg)
    return arm, leg


def brows(body: Body) -> Array:
    """Per vertex 0..1: an arch of skin above each eye."""
    v, m = body.vertices, body.masks
    out = np.zeros(len(v))
    for side in SIDES:
        s = sign(side)
        eye = v[(m["eye"] > 0.9) & (v[:, 1] * s > 0)].mean(0)
        across, above = (v[:, 1] - eye[1]) * s, v[:, 2] - eye[2]
        arch = 0.024 - 12 * np.maximum(across - 0.012, 0) ** 2
        near = (np.abs(across - 0.003) < 0.026) & (v[:, 0] > eye[0] - 0.02) & (m["eye"] < 0.1)
        out = np.maximum(out, near * np.clip(1.4 - np.abs(above - arch) / 0.006, 0, 1))
    return out


def iris(body: Body) -> Array:
    """Per vertex: distance from the eye's forward axis over the eye's radius; 1 off the front."""
    v, m = body.vertices, body.masks
    out = np.ones(len(v))
    for side in SIDES:
        rows = np.flatnonzero((m["eye"] > 0.9) & (v[:, 1] * sign(side) > 0))
        offset = v[rows] - v[rows].mean(0)
        radius = np.linalg.norm(offset, axis=1).max()
        flat = np.linalg.norm(offset[:, 1:], axis=1) / radius
        out[rows] = np.where(offset[:, 0] > 0, flat, 1)
    return out


def representatives(body: Body) -> NDArray[np.int_]:
    """Per vertex: the vertex that stands for its cell (same bone, same small cube)."""
    m = body.masks
    fine = (m["skull"] > 0.5) | (m["hand"] > 0.5)
    size = np.where(fine, FINE_CELL_M, CELL_M)[:, None]
    cell = np.floor(body.vertices / size).astype(int)
    eye = (m["eye"] > 0.5).astype(int)
    owner = body.bone_index[:, 0] * 2 + eye
    key = np.column_stack([cell, owner])
    _, group = np.unique(key, axis=0, return_inverse=True)
    group = group.ravel()
    count = np.bincount(group)
    centre = np.stack([np.bincount(group, body.vertices[:, k]) / count for k in range(3)], 1)
    off = np.linalg.norm(body.vertices - centre[group], axis=1)
    order = np.lexsort((off, group))
    first = order[np.searchsorted(group[order], np.arange(len(count)))]
    own = np.arange(len(group))
    # the eyes are small and round: keep every vertex of theirs
    return np.where(m["eye"] > 0.5, own, first[group])


def dress(body: Body, look: Look) -> list[Layer]:
    """The shells of a person, clothes first: they hide most of the skin from the depth test on."""
    stand_in = representatives(body)
    arm, leg = limb_coordinates(body)
    normals = body.normals()
    soft = unit(body.neighbours_mean(normals, 6))
    shells = _shells(body, look, soft, leg)
    limb = np.stack([arm, leg], 1)
    eyes = np.stack([iris(body), leg], 1)
    layers = []
    for kind, faces in _covers(body, look, leg).items():
        a, b, c = (stand_in[body.faces[faces][:, k]] for k in range(3))
        distinct = (a != b) & (b != c) & (c != a)
        rows, local = np.unique(np.stack([a, b, c], 1)[distinct], return_inverse=True)
        turned = normals if kind in (SKIN, EYES) else soft
        data = (eyes if kind == EYES else limb)[rows]
        triangles = local.reshape(-1, 3).astype(np.int32)
        layers.append(Layer(kind, shells[kind][rows], turned[rows], rows, triangles, data))
    return layers


def _shells(body: Body, look: Look, soft: Array, leg: Array) -> dict[int, Array]:
    """Rest vertices of every shell: the body smoothed and pushed outwards."""
    v = body.vertices
    smooth = {n: body.neighbours_mean(v, n) for n in (3, 4, 7, 8)}
    tights = look.hem >= LEGGINGS_HEM
    flare = 0.0 if tights else look.loose_m * np.clip(leg, 0, 1)[:, None]
    belly = np.clip((body.shoulder_mid[2] - v[:, 2]) / 0.4, 0, 1)[:, None]
    shoes = smooth[7] + soft * 0.014
    shoes[:, 2] = np.maximum(shoes[:, 2], 0.001)
    return {
        SHORTS: smooth[3] + soft * ((0.006 if tights else 0.010) + flare),
        SHIRT: smooth[4] + soft * (look.loose_m + 0.4 * look.loose_m * belly),
        SHOES: shoes,
        HAIR: smooth[8] + soft * 0.016,
        EYES: v,
        SKIN: v,
    }


def _covers(body: Body, look: Look, leg: Array) -> dict[int, NDArray[np.bool_]]:
    """Which faces each shell is made of, in drawing order; the shader cuts them to shape."""
    v, m = body.vertices, body.masks
    around_hips = np.abs(v[:, 2] - body.hip_mid[2]) < 0.25
    upper = (v[:, 2] > body.hip_mid[2] - 0.12) & (m["head"] < 0.6)
    skull = v[m["skull"] > 0.5][:, 2]
    crown = (m["skull"] > 0.5) & (v[:, 2] > (skull.min() + skull.max()) / 2 - 0.12)

    def touching(values: Array, limit: float) -> NDArray[np.bool_]:
        return np.asarray(values[body.faces].max(1) > limit)

    hand = m["hand"]
    eye = m["eye"][body.faces].min(1) > 0.9
    covers = {
        SHORTS: touching(np.maximum(m["leg"], around_hips), 0.2) & ~touching(hand, 0.3),
        SHIRT: touching(upper * 1.0, 0.5) & ~touching(hand, 0.2),
        SHOES: touching(np.maximum(m["foot"], (leg > 1.6) * m["leg"]), 0.2),
        HAIR: touching(crown * 1.0, 0.5) & ~eye,
        EYES: eye,
        SKIN: ~eye & ~_hidden(body, look, leg),
    }
    if look.shirt is None:
        del covers[SHIRT]
    if look.bald:
        del covers[HAIR]
    return covers


def _hidden(body: Body, look: Look, leg: Array) -> NDArray[np.bool_]:
    """Faces of the skin that clothes cover for good, a hand's breadth from every edge."""
    v, m = body.vertices, body.masks
    shod = (m["foot"] > 0.9) & (v[:, 2] < 0.08)
    thigh = (m["leg"] > 0.9) & (leg > 0.05) & (leg < look.hem - 0.2)
    covered = shod | thigh
    if look.shirt is not None and not look.tank_top:
        torso = (v[:, 2] > body.hip_mid[2] + 0.12) & (v[:, 2] < body.shoulder_mid[2] - 0.03)
        covered |= torso & (m["arm"] < 0.1)
    return np.asarray(covered[body.faces].all(1))


def colours(body: Body, look: Look) -> dict[str, float | tuple[float, ...]]:
    """Uniforms of the body shader."""
    v = body.vertices[body.masks["skull"] > 0.5]
    head_at = (float(v[:, 0].mean()), 0.0, float((v[:, 2].min() + v[:, 2].max()) / 2))
    return {
        "skin_rgb": look.skin,
        "shirt": look.shirt or (0.1, 0.1, 0.1),
        "shorts": look.shorts,
        "shoe": look.shoe,
        "hair": look.hair,
        "sleeve": look.sleeve,
        "hem": look.hem,
        "waist": float(body.hip_mid[2] + 0.06),
        "neck": float(body.shoulder_mid[2] + 0.075),
        "tank": -1.0 if look.shirt is None else float(look.tank_top),
        "head_at": head_at,
        "hair_len": look.hair_length_m,
    }
