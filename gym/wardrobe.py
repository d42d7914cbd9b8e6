"""Dressing a body: skin, eyes, shirt, shorts, shoes and hair as shells around one mesh.

Every shell is the body's own mesh, smoothed and pushed outwards, so it moves with the same
skinning; the fragment shader cuts it by anatomical coordinates (how far along the arm or leg).
Loose cloth has slack besides: it hangs off where it faces the floor, and trails behind the motion.
A pony-tail hangs from the head and trails as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gym.body import Body, Pose
from gym.geometry import SIDES, Array, rot_axis, sign, unit
from gym.motion import Prop
from gym.skinning import Floats
from gym.spec import Look

SKIN, SHIRT, SHORTS, SHOES, EYES, HAIR = range(6)
LEGGINGS_HEM = 1.2
BELT_OVER_WAIST_M, BELT_HALF_M, BELT_M = 0.075, 0.055, 0.016
BELT_RGB = (0.09, 0.045, 0.02)
NO_BELT = -9.0
HANG_SHARE = 0.8  # of the slack that cloth facing straight down hangs off
TRAIL_S = 0.12  # how far loose cloth and hair are behind the body
TAIL_LEAN, TAIL_TRAIL = 0.35, 2.5  # of a pony-tail: backwards, and against the motion (1/m)


# Vertices closer than this are drawn as one: at a few millimetres a pixel nobody sees more, and a
# software rasteriser pays for every triangle.
CELL_M = 0.013
FINE_CELL_M = 0.009  # head and hands


@dataclass(frozen=True)
class Layer:
    """One shell: rest vertices and normals (n, 3), their mesh rows (n,), triangles, limb data.

    ``slack`` (n,): how far (m) the cloth may leave its place.
    """

    kind: int
    vertices: Array
    normals: Array
    rows: NDArray[np.int_]
    triangles: NDArray[np.int32]
    limb: Array
    slack: Array


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
    slack = _slack(body, look, arm, leg)
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
        free = slack.get(kind, np.zeros(len(body.vertices)))[rows]
        layers.append(Layer(kind, shells[kind][rows], turned[rows], rows, triangles, data, free))
    return layers


def _shells(body: Body, look: Look, soft: Array, leg: Array) -> dict[int, Array]:
    """Rest vertices of every shell: the body smoothed and pushed outwards."""
    v = body.vertices
    smooth = {n: body.neighbours_mean(v, n) for n in (3, 4, 7, 8)}
    tights = look.hem >= LEGGINGS_HEM
    flare = 0.0 if tights else look.loose_m * np.clip(leg, 0, 1)[:, None]
    belly = np.clip((body.shoulder_mid[2] - v[:, 2]) / 0.4, 0, 1)[:, None]
    off = look.loose_m + 0.4 * look.loose_m * belly
    if look.belt:
        off = np.where(_under_belt(body, BELT_HALF_M)[:, None], BELT_M, off)
    shoes = smooth[7] + soft * 0.014
    shoes[:, 2] = np.maximum(shoes[:, 2], 0.001)
    return {
        SHORTS: smooth[3] + soft * ((0.006 if tights else 0.010) + flare),
        SHIRT: smooth[4] + soft * off,
        SHOES: shoes,
        HAIR: smooth[8] + soft * 0.016,
        EYES: v,
        SKIN: v,
    }


def waist_m(body: Body) -> float:
    """Height (m) of the waist in the rest pose."""
    return float(body.hip_mid[2] + 0.06)


def _under_belt(body: Body, half_m: float) -> NDArray[np.bool_]:
    """Which vertices of the trunk lie within ``half_m`` of the middle of a belt."""
    away = np.abs(body.vertices[:, 2] - waist_m(body) - BELT_OVER_WAIST_M)
    return np.asarray((away < half_m) & (body.masks["arm"] < 0.5))


def _slack(body: Body, look: Look, arm: Array, leg: Array) -> dict[int, Array]:
    """How far (m) each vertex of the clothes may hang off and trail; none at neck and belt."""
    v, m = body.vertices, body.masks
    below_neck = np.clip((body.shoulder_mid[2] - v[:, 2]) / 0.35, 0, 1)
    sleeve = 0.5 * np.clip(arm / max(look.sleeve, 0.2), 0, 1)
    shirt = look.swing_m * np.where(m["arm"] > 0.5, sleeve, below_neck)
    if look.belt:
        shirt = np.where(_under_belt(body, 1.6 * BELT_HALF_M), 0.0, shirt)
    tights = look.hem >= LEGGINGS_HEM
    shorts = (0.0 if tights else 0.6 * look.swing_m) * np.clip(leg, 0, 1)
    return {SHIRT: shirt, SHORTS: shorts}


def swung(now: Floats, late: Floats, normals: Floats, slack: Floats) -> Floats:
    """Where loose cloth (n, 3) is: trailing towards where it was, hanging where it faces down.

    Neither way takes a vertex farther than its slack (n,).
    """
    behind = late - now
    far = np.linalg.norm(behind, axis=1)
    trailing = behind * (slack / (slack + far + 1e-9))[:, None]
    hanging = HANG_SHARE * slack * np.maximum(-normals[:, 2], 0)
    return np.asarray(now + trailing - np.outer(hanging, [0.0, 0.0, 1.0]))


def ponytail(body: Body, pose: Pose, late: Pose) -> Prop:
    """The pony-tail of a head in a pose; ``late`` is the pose shortly before."""
    v = body.vertices[body.masks["skull"] > 0.5]
    level = v[np.abs(v[:, 2] - (0.35 * v[:, 2].min() + 0.65 * v[:, 2].max())) < 0.015]
    root = np.array([level[:, 0].min() + 0.004, 0.0, level[:, 2].mean()])
    head = body.index["head"]

    def at(p: Pose) -> Array:
        return np.asarray(p.heads[head] + p.rotations[head] @ (root - body.heads[head]))

    backwards = pose.rotations[head] @ np.array([-1.0, 0, 0])
    behind = at(late) - at(pose)
    down = np.array([0, 0, -1.0])
    along = unit(down + TAIL_LEAN * backwards + TAIL_TRAIL * behind)
    axis = np.cross(down, along)
    turn = float(np.degrees(np.arctan2(np.linalg.norm(axis), down @ along)))
    rotation = rot_axis(unit(axis), turn) if turn > 0.1 else np.eye(3)
    return Prop("ponytail", at(pose), rotation)


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
        "waist": waist_m(body),
        "belt": waist_m(body) + BELT_OVER_WAIST_M if look.belt else NO_BELT,
        "belt_half": BELT_HALF_M,
        "belt_rgb": BELT_RGB,
        "neck": float(body.shoulder_mid[2] + 0.075),
        "tank": -1.0 if look.shirt is None else float(look.tank_top),
        "head_at": head_at,
        "hair_len": look.hair_length_m,
    }
