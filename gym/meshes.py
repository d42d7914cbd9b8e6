"""Triangle meshes of props and room: arrays (vertices, 11) of position, normal, paint, shine.

Paint is linear RGB plus a number: the strength of the grain on props, the material on the room.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gym.geometry import Array, rot_z, unit
from gym.spec import Scene

Mesh = NDArray[np.float32]
Colour = tuple[float, float, float]
STEEL: Colour = (0.62, 0.62, 0.64)
RUBBER: Colour = (0.07, 0.07, 0.075)
FRAME: Colour = (0.30, 0.30, 0.32)
FLOOR, WALL, PLAIN, GLOW, GLASS = 1.0, 2.0, 3.0, 4.0, 5.0
BAR_HALF_M = 0.655  # middle to the collar
ROOM_M = 6.0


def _pack(points: Array, normals: Array, rgb: Colour, kind: float, shine: float) -> Mesh:
    out = np.zeros((len(points), 11), np.float32)
    out[:, :3], out[:, 3:6], out[:, 6:9] = points, normals, rgb
    out[:, 9], out[:, 10] = kind, shine
    return out


def box(
    centre: Array | tuple[float, float, float],
    size: tuple[float, float, float],
    rgb: Colour,
    kind: float = 1.0,
    shine: float = 0.05,
) -> Mesh:
    """An axis-aligned box."""
    c, s = np.asarray(centre, float), np.asarray(size, float) / 2
    points, normals = [], []
    for axis in range(3):
        for sign in (1, -1):
            n, u = np.zeros(3), np.zeros(3)
            n[axis], u[(axis + 1) % 3] = sign, 1
            v = np.cross(n, u)
            q = [c + s * (n + a * u + b * v) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
            points += [q[0], q[1], q[2], q[0], q[2], q[3]]
            normals += [n] * 6
    return _pack(np.array(points), np.array(normals), rgb, kind, shine)


def cylinder(
    centre: Array | tuple[float, float, float],
    axis: tuple[float, float, float],
    radius: float,
    length: float,
    rgb: Colour,
    kind: float = 1.0,
    shine: float = 0.05,
    sides: int = 28,
) -> Mesh:
    """A closed cylinder."""
    c, d = np.asarray(centre, float), unit(np.asarray(axis, float))
    a = unit(np.cross(d, [0.31, 0.52, 0.79]))
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.outer(np.cos(angle), a) + np.outer(np.sin(angle), np.cross(d, a))
    low, high = c - d * length / 2, c + d * length / 2
    points, normals = [], []
    for p, q in pairwise(ring):
        lo_p, lo_q, hi_p, hi_q = (
            low + radius * p,
            low + radius * q,
            high + radius * p,
            high + radius * q,
        )
        points += [lo_p, lo_q, hi_q, lo_p, hi_q, hi_p, high, hi_p, hi_q, low, lo_q, lo_p]
        normals += [p, q, q, p, q, p] + [d] * 3 + [-d] * 3
    return _pack(np.array(points), np.array(normals), rgb, kind, shine)


def barbell(plate_radius: float, rgb: Colour) -> Mesh:
    """A bar along y with one plate a side."""
    y = (0.0, 1.0, 0.0)
    parts = [cylinder((0, 0, 0), y, 0.014, 2 * BAR_HALF_M, STEEL, 0, 0.5)]
    hub: Colour = (rgb[0] * 0.5 + 0.08, rgb[1] * 0.5 + 0.08, rgb[2] * 0.5 + 0.08)
    for s in (1, -1):
        parts.append(cylinder((0, s * (BAR_HALF_M + 0.2), 0), y, 0.025, 0.41, STEEL, 0, 0.5))
        parts.append(cylinder((0, s * BAR_HALF_M, 0), y, 0.038, 0.03, STEEL, 0, 0.5))
        at = (0.0, s * (BAR_HALF_M + 0.04), 0.0)
        parts.append(cylinder(at, y, plate_radius, 0.045, rgb, 1, 0.1, 40))
        parts.append(cylinder(at, y, plate_radius * 0.45, 0.050, hub, 0, 0.1, 30))
        parts.append(cylinder(at, y, 0.045, 0.054, STEEL, 0, 0.5, 20))
    return np.concatenate(parts)


def dumbbell(axis: tuple[float, float, float], radius: float, length: float) -> Mesh:
    """A dumbbell along an axis."""
    parts = [cylinder((0, 0, 0), axis, 0.015, length, STEEL, 0, 0.5, 14)]
    for s in (1, -1):
        at = np.asarray(axis) * s * length * 0.36
        parts.append(cylinder(at, axis, radius, length * 0.26, RUBBER, 1, 0.1, 20))
    return np.concatenate(parts)


def ponytail(length: float, rgb: Colour) -> Mesh:
    """Hair tied at the origin and hanging down, thinner towards its end."""
    parts, pieces = [], 6
    for k in range(pieces):
        at = (0.0, 0.0, -length * (k + 0.5) / pieces)
        radius = 0.026 * (1 - 0.55 * k / (pieces - 1)) * (0.6 if k == 0 else 1.0)
        parts.append(cylinder(at, (0, 0, 1), radius, 1.15 * length / pieces, rgb, 1, 0.1, 12))
    return np.concatenate(parts)


def bench() -> Mesh:
    """A flat bench whose front top edge is the origin."""
    parts = [box((-0.16, 0, -0.045), (0.30, 1.15, 0.09), (0.06, 0.06, 0.07), 1, 0.15)]
    for s in (1, -1):
        parts.append(box((-0.16, s * 0.42, -0.24), (0.06, 0.06, 0.32), FRAME, 0, 0.2))
        parts.append(box((-0.16, s * 0.42, -0.38), (0.40, 0.07, 0.04), FRAME, 0, 0.2))
    return np.concatenate(parts)


def rack(height: float) -> Mesh:
    """Squat stand with its hooks at ``height``; stands in front of the set's place."""
    parts = []
    for s in (1, -1):
        parts.append(box((0.62, s * 0.57, 0.95), (0.07, 0.07, 1.9), (0.10, 0.10, 0.12), 0, 0.2))
        parts.append(box((0.62, s * 0.57, 0.02), (0.9, 0.08, 0.04), (0.10, 0.10, 0.12), 0, 0.2))
        parts.append(box((0.55, s * 0.57, height - 0.04), (0.10, 0.05, 0.03), FRAME, 0, 0.2))
    parts.append(box((0.98, 0, 0.3), (0.06, 1.14, 0.06), (0.10, 0.10, 0.12), 0, 0.2))
    return np.concatenate(parts)


@lru_cache(maxsize=64)
def prop(name: str, plate_radius: float, plate_rgb: Colour) -> Mesh:
    """Mesh of a prop by the name that the motion gives it."""
    if name == "barbell":
        return barbell(plate_radius, plate_rgb)
    simple = {
        "dumbbell_along": lambda: dumbbell((1, 0, 0), 0.065, 0.30),
        "dumbbell_across": lambda: dumbbell((0, 1, 0), 0.075, 0.36),
        "dumbbell_upright": lambda: dumbbell((0, 0, 1), 0.07, 0.28),
        "pad": lambda: cylinder((0, 0, 0), (0, 1, 0), 0.05, 0.42, (0.08, 0.08, 0.09), 1),
        "bottle": lambda: cylinder((0, 0, 0), (0, 0, 1), 0.035, 0.2, (0.1, 0.35, 0.6), 0, 0.3),
        "bench": bench,
    }
    return simple[name]()


def floor_patch(centre: Array, half: float, darkness: float) -> Mesh:
    """The square of floor that takes shadows."""
    x, y = centre[0], centre[1]
    corners = [(-1, -1), (1, -1), (1, 1), (-1, -1), (1, 1), (-1, 1)]
    points = np.array([[x + a * half, y + b * half, 0.0] for a, b in corners])
    up = np.tile([0, 0, 1.0], (6, 1))
    return _pack(points, up, (darkness, 0, 0), FLOOR, 0.0)


def walls(azimuth_deg: float, distance: float) -> tuple[list[Mesh], int, float]:
    """Four walls, none between camera and person; the far wall's axis and signed place."""
    view = np.array([np.cos(np.radians(azimuth_deg)), np.sin(np.radians(azimuth_deg))])
    out = []
    for axis in (0, 1):
        for s in (1, -1):
            behind = view[axis] * s <= 0.25
            place = s * (distance + (0.6 if axis == 0 else 0.0) if behind else ROOM_M - 0.3)
            centre = np.array([0.0, 0.0, 1.6])
            centre[axis] = place + s * 0.05
            size = [12.0, 12.0, 3.2]
            size[axis] = 0.1
            out.append(box(centre, (size[0], size[1], size[2]), (1, 1, 1), WALL, 0.03))
    far = int(np.argmax(np.abs(view)))
    return out, far, float(-np.sign(view[far]) * (distance + (0.6 if far == 0 else 0.0)))


def room(scene: Scene, azimuth_deg: float, distance: float = 2.4) -> tuple[Mesh, int, float]:
    """Floor, ceiling, walls, clutter and pictures behind the person as the camera sees it."""
    rng = np.random.default_rng(scene.seed)
    parts, far, place = walls(azimuth_deg, distance)
    parts.append(floor_patch(np.zeros(3), ROOM_M, 1.0))
    parts.append(box((0, 0, 3.25), (12.5, 12.5, 0.1), (0.5, 0.5, 0.5), PLAIN, 0.0))
    back = rot_z(azimuth_deg) @ np.array([-1.0, 0, 0])
    across = np.array([-back[1], back[0], 0])
    for _ in range(scene.clutter):
        at = back * rng.uniform(1.6, 2.0) + across * rng.uniform(-2.6, 2.6)
        at = np.clip(at, -distance + 0.25, distance - 0.25) * np.array([1, 1, 0])
        parts.append(_clutter(rng, at))
    for k in range(3 if scene.clutter else 0):
        centre = np.zeros(3)
        centre[far], centre[1 - far] = (
            place - np.sign(place) * (0.02 + 0.01 * k),
            rng.uniform(-2.3, 2.3),
        )
        centre[2] = rng.uniform(1.5, 2.2)
        size = [0.7, 0.7, 0.9]
        size[far] = 0.02
        r, g, b = rng.uniform(0.2, 1.0, 3)
        parts.append(box(centre, (size[0], size[1], size[2]), (r, g, b), GLOW if k == 0 else PLAIN))
    if scene.mirror:
        centre, size = np.zeros(3), [3.0, 3.0, 1.9]
        centre[far], centre[2], size[far] = place - np.sign(place) * 0.05, 1.15, 0.02
        parts.append(box(centre, (size[0], size[1], size[2]), (0.3, 0.32, 0.34), GLASS))
    return np.concatenate(parts), far, place


def _clutter(rng: np.random.Generator, at: Array) -> Mesh:
    kind = int(rng.integers(0, 5))
    r, g, b = rng.uniform(0.03, 0.35, 3)
    rgb: Colour = (float(r), float(g), float(b))
    dark: Colour = (0.10, 0.10, 0.12)
    if kind == 0:
        return box(at + np.array([0, 0, 0.4]), (0.35, 0.35, 0.8), rgb, PLAIN)
    if kind == 1:
        parts = [
            box(at + np.array([s * 0.44, 0, 0.5]), (0.04, 0.3, 1.0), dark, PLAIN) for s in (1, -1)
        ]
        for z in (0.25, 0.6, 0.95):
            parts.append(box(at + np.array([0, 0, z]), (0.9, 0.3, 0.04), dark, PLAIN))
            parts += [
                cylinder(at + np.array([x, 0, z + 0.08]), (0, 1, 0), 0.06, 0.26, RUBBER, PLAIN)
                for x in (-0.35, -0.15, 0.05, 0.25)
            ]
        return np.concatenate(parts)
    if kind == 2:
        posts = [
            box(at + np.array([s * 0.55, 0, 1.1]), (0.07, 0.07, 2.2), dark, PLAIN, 0.2)
            for s in (1, -1)
        ]
        return np.concatenate(
            [*posts, box(at + np.array([0, 0, 2.17]), (1.17, 0.07, 0.07), dark, PLAIN, 0.2)]
        )
    if kind == 3:
        bell = cylinder(at + np.array([0, 0, 0.11]), (0, 0, 1), 0.11, 0.2, rgb, PLAIN)
        return np.concatenate(
            [bell, cylinder(at + np.array([0, 0, 0.26]), (1, 0, 0), 0.06, 0.03, rgb, PLAIN)]
        )
    bright: Colour = (float(2 * r), float(2 * g), float(2 * b))
    return cylinder(at + np.array([0, 0, 0.32]), (0, 0, 1), 0.31, 0.64, bright, PLAIN, 0.1, 32)
