"""A pinhole camera. Its frame is OpenCV's: x right, y down, z forward; pixels from the top left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gym import spec
from gym.errors import GymError
from gym.geometry import Array, rot_axis, unit

NEAR_M, FAR_M = 0.05, 60.0
SENSOR_MM = 36.0
LOWEST_LENS_M = 0.12


@dataclass(frozen=True)
class View:
    """A placed camera: world -> camera is ``rotation @ point + shift``."""

    rotation: Array
    shift: Array
    eye: Array
    focal_px: float
    width: int
    height: int

    def to_camera(self, points: Array) -> Array:
        """Camera coordinates (..., 3) of world points (..., 3), metres."""
        return np.asarray(points @ self.rotation.T + self.shift)

    def project(self, points: Array) -> Array:
        """Pixels (..., 2) of world points (..., 3)."""
        c = self.to_camera(points)
        centre = np.array([self.width / 2, self.height / 2])
        return np.asarray(centre + self.focal_px * c[..., :2] / c[..., 2:])

    def clip_matrix(self) -> Array:
        """World -> OpenGL clip space (4, 4)."""
        world = np.eye(4)
        flip = np.array([1.0, -1.0, -1.0])
        world[:3, :3] = self.rotation * flip[:, None]
        world[:3, 3] = self.shift * flip
        p = np.zeros((4, 4))
        p[0, 0], p[1, 1] = 2 * self.focal_px / self.width, 2 * self.focal_px / self.height
        p[2, 2] = -(FAR_M + NEAR_M) / (FAR_M - NEAR_M)
        p[2, 3], p[3, 2] = -2 * FAR_M * NEAR_M / (FAR_M - NEAR_M), -1.0
        return np.asarray(p @ world)


def place(camera: spec.Camera, aim: Array, wobble: tuple[float, float] = (0.0, 0.0)) -> View:
    """Put a camera at its azimuth, height and distance, looking at ``aim``.

    ``wobble`` is a hand's tremor: pan and tilt in degrees.
    """
    if camera.width % 2 or camera.height % 2:
        raise GymError("width and height must be even for H.264")
    a = np.radians(camera.azimuth_deg)
    eye = aim + camera.distance_m * np.array([np.cos(a), np.sin(a), 0.0])
    eye[2] = max(aim[2] if camera.height_m is None else camera.height_m, LOWEST_LENS_M)
    forward = unit(aim - eye)
    right = unit(np.cross(forward, [0.0, 0.0, 1.0]))
    forward = rot_axis(right, camera.tilt_deg + wobble[1]) @ forward
    forward = rot_axis(np.array([0, 0, 1.0]), wobble[0]) @ forward
    right = unit(np.cross(forward, [0.0, 0.0, 1.0]))
    right = rot_axis(forward, camera.roll_deg) @ right
    rotation = np.stack([right, np.cross(forward, right), forward])
    focal = max(camera.width, camera.height) * camera.focal_mm / SENSOR_MM
    return View(rotation, -rotation @ eye, eye, focal, camera.width, camera.height)
