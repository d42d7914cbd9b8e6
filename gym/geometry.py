"""Rotations, two-bone closure and easing. Gym axes: x facing, y the person's left, z up; metres.

Angles are degrees unless a name says otherwise. Positive rotation about y tips z towards x, so a
positive pitch leans a standing person forward.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SIDES = ("L", "R")


def sign(side: str) -> int:
    """+1 on the person's left (positive y), -1 on the right."""
    return 1 if side == "L" else -1


def cross(a: Array, b: Array) -> Array:
    """Cross product of two single vectors (3,); ``numpy.cross`` takes ten times as long."""
    return np.array(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    )


def unit(v: Array) -> Array:
    """Vectors scaled to length one along the last axis."""
    length: Array = np.linalg.norm(v, axis=-1, keepdims=True)
    return np.asarray(v / (length + 1e-12))


def rot_x(deg: float) -> Array:
    """Rotation about x (3, 3)."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def rot_y(deg: float) -> Array:
    """Rotation about y (3, 3)."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def rot_z(deg: float) -> Array:
    """Rotation about z (3, 3)."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


def rot_axis(axis: Array, deg: float) -> Array:
    """Rotation about an arbitrary axis (Rodrigues)."""
    a = unit(np.asarray(axis, float))
    k = np.array([[0, -a[2], a[1]], [a[2], 0, -a[0]], [-a[1], a[0], 0]])
    r = np.radians(deg)
    return np.asarray(np.eye(3) + np.sin(r) * k + (1 - np.cos(r)) * k @ k)


def frame(direction: Array, hinge: Array) -> Array:
    """Right-handed axes (3, 3) whose last column is ``direction`` and second is near ``hinge``."""
    d = unit(direction)
    n = unit(hinge - d * np.dot(hinge, d))
    return np.stack([cross(n, d), n, d], 1)


def bend(a: Array, c: Array, l1: float, l2: float, pole: Array) -> tuple[Array, Array, Array]:
    """Close a two-bone chain from ``a`` to ``c``, bent towards ``pole``.

    Returns the middle joint, the end reached (``c`` unless it is out of reach) and the hinge axis.
    """
    v = c - a
    r = float(np.linalg.norm(v))
    d = v / r
    r = float(np.clip(r, abs(l1 - l2) + 1e-4, (l1 + l2) * 0.99999))
    p = unit(pole - d * np.dot(pole, d))
    x = (l1 * l1 - l2 * l2 + r * r) / (2 * r)
    y = np.sqrt(max(l1 * l1 - x * x, 0.0))
    return a + d * x + p * y, a + d * r, cross(p, d)


def bend_at_y(a: Array, c: Array, l1: float, l2: float, y: float) -> Array:
    """Middle joint of a two-bone chain whose lateral coordinate is ``y``, bent forwards (+x).

    When the circle of possible joints does not reach ``y``, its nearest point is returned.
    """
    v = c - a
    r = float(np.linalg.norm(v))
    d = v / r
    r = min(r, (l1 + l2) * 0.99999)
    x = (l1 * l1 - l2 * l2 + r * r) / (2 * r)
    radius = np.sqrt(max(l1 * l1 - x * x, 0.0))
    centre = a + d * x
    side = unit(np.array([0, 1.0, 0]) - d * d[1])
    front = cross(side, d)
    if front[0] + 1e-3 * front[2] < 0:
        front = -front
    wanted = (y - centre[1]) / max(radius * side[1], 1e-9)
    s = float(np.clip(wanted, -0.98, 0.98))
    return np.asarray(centre + radius * (s * side + np.sqrt(1 - s * s) * front))


def minimum_jerk(u: float) -> float:
    """Minimum-jerk ease from 0 to 1 (Flash & Hogan 1985), clamped outside [0, 1]."""
    u = min(max(u, 0.0), 1.0)
    return min(u**3 * (10 - 15 * u + 6 * u * u), 1.0)
