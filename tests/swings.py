"""Signals of repetitions: how far down somebody is, over time."""

from __future__ import annotations

import numpy as np
from bodies import play_back

TOP, DEEP = 10.0, 110.0
FPS = 30.0


def swings(
    *keys: tuple[float, float], fps: float = FPS, start: float = TOP, noise: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Times and depth of a signal that goes in each ``seconds`` to the next ``degrees``."""
    at = np.concatenate([[0.0], np.cumsum([seconds for seconds, _ in keys])])
    time_s = np.arange(0, at[-1] + 0.5 / fps, 1 / fps)
    depth = play_back(time_s, at, np.array([start, *(value for _, value in keys)])[:, None])[:, 0]
    return time_s, depth + np.random.default_rng(1).normal(0, noise, len(depth))


def rep(bottom: float = DEEP, down: float = 1.2, pause: float = 0.2, up: float = 1.0, top=0.5):
    return [(down, bottom), (max(pause, 1e-3), bottom), (up, TOP), (max(top, 1e-3), TOP)]


def a_set(*bottoms: float, quiet: float = 1.0, **tempo: float) -> list[tuple[float, float]]:
    return [(quiet, TOP), *(k for b in bottoms for k in rep(b, **tempo)), (quiet, TOP)]
