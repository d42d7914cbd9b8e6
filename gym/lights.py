"""Light of the room: a key light that casts the shadows, a fill, sky and floor bounce."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gym.errors import GymError
from gym.geometry import Array, rot_z, unit
from gym.spec import Scene

SHADOW_HALF_M = 2.1  # half width of the shadow map
GRAIN_PX = 256
Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """Directions are for a camera at azimuth 90 and turn with it, so that no view is unlit."""

    key_dir: Rgb
    key: float
    sky: float
    ground: float
    fill: float
    tint: Rgb


LIGHTS = {
    "gym": Light((-0.35, -0.45, -1.0), 1.15, 0.62, 0.30, 0.25, (1.0, 0.98, 0.95)),
    "bright": Light((0.3, -0.6, -0.9), 1.5, 0.75, 0.42, 0.3, (1.0, 1.0, 1.0)),
    "dim": Light((-0.2, -0.5, -1.0), 0.45, 0.26, 0.12, 0.10, (1.0, 0.88, 0.72)),
    "window": Light((0.9, -0.5, -0.55), 1.6, 0.36, 0.22, 0.12, (1.0, 0.96, 0.88)),
    "backlit": Light((0.1, 0.9, -0.6), 1.5, 0.34, 0.2, 0.12, (1.0, 0.97, 0.92)),
}


def lighting(scene: Scene, azimuth_deg: float) -> dict[str, tuple[float, ...]]:
    """Uniforms of every lit shader."""
    if scene.light not in LIGHTS:
        raise GymError(f"unknown light {scene.light!r}; known: {', '.join(LIGHTS)}")
    light = LIGHTS[scene.light]
    turn = rot_z(azimuth_deg - 90)
    tint = np.array(light.tint) * scene.exposure
    values = {
        "key_dir": unit(turn @ np.array(light.key_dir)),
        "key": light.key * tint,
        "sky": light.sky * np.array([0.95, 0.98, 1.02]) * tint,
        "ground": light.ground * tint,
        "fill_dir": unit(turn @ np.array([0.3, -1.0, -0.2])),
        "fill": light.fill * tint,
    }
    return {name: tuple(float(x) for x in value) for name, value in values.items()}


def shadow_matrix(key_dir: Array, centre: Array) -> Array:
    """World -> light clip space (4, 4) of an orthographic shadow map round ``centre``."""
    d = unit(key_dir)
    right = unit(np.cross(d, [0.0, 0.3, 1.0]))
    up = np.cross(right, d)
    eye = centre - 6.0 * d
    view = np.eye(4)
    view[:3, :3] = np.stack([right, up, -d])
    view[:3, 3] = -view[:3, :3] @ eye
    scale = np.diag([1 / SHADOW_HALF_M, 1 / SHADOW_HALF_M, -2 / 12.0, 1.0])
    scale[2, 3] = -1.0
    return np.asarray(scale @ view)


def grain() -> Array:
    """A tileable texture (GRAIN_PX, GRAIN_PX, 4) of smooth noise in 0..1, the channels independent.

    The same one each time.
    """
    rng = np.random.default_rng(7)
    frequency = np.fft.fftfreq(GRAIN_PX)
    radius = np.hypot(frequency[:, None], frequency[None, :])
    radius[0, 0] = 1.0
    amplitude = radius**-1.1 * (radius < 0.25)
    amplitude[0, 0] = 0.0
    channels = []
    for _ in range(4):
        noise = np.fft.ifft2(np.fft.fft2(rng.normal(size=(GRAIN_PX, GRAIN_PX))) * amplitude).real
        channels.append(np.clip(0.5 + 0.22 * noise / noise.std(), 0, 1))
    return np.stack(channels, -1)
