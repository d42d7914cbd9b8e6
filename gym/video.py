"""Writing H.264 with real timestamps, fixed or variable, and adding sensor noise."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from gym.errors import GymError
from gym.geometry import Array
from gym.spec import Video

TICKS_PER_S = 90_000
MARGIN_PX = 61


def frame_times(video: Video, duration_s: float, seed: int) -> Array:
    """Presentation times (frames,) in seconds from zero, whole ticks; jittered when variable."""
    if video.fps <= 0 or not 0 <= video.variable < 1:
        raise GymError("fps must be positive and variable between 0 and 1")
    count = int(np.floor(duration_s * video.fps + 1e-9))
    if count < 2:
        raise GymError("the clip is too short: trimmed away or too few frames a second")
    jitter = np.random.default_rng(seed).uniform(-0.5, 0.5, count) * video.variable
    jitter[0] = 0.0
    ticks = np.round((np.arange(count) + jitter) / video.fps * TICKS_PER_S)
    return np.asarray(ticks / TICKS_PER_S)


class Noise:
    """Sensor noise: one plate, shifted at random (fresh normals cost more than rendering)."""

    def __init__(self, sigma: float, width: int, height: int, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.size = (height, width)
        shape = (height + MARGIN_PX, width + MARGIN_PX)
        grey = self.rng.normal(0, sigma, (*shape, 1)) + self.rng.normal(0, 0.5 * sigma, (*shape, 3))
        self.plate = np.clip(np.round(grey), -60, 60).astype(np.int16)

    def add(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The image with noise."""
        y, x = self.rng.integers(0, MARGIN_PX, 2)
        grain = self.plate[y : y + self.size[0], x : x + self.size[1]]
        noisy: NDArray[np.uint8] = np.clip(image.astype(np.int16) + grain, 0, 255).astype(np.uint8)
        return noisy


class Writer:
    """An MP4 file that takes RGB pictures with their times."""

    def __init__(self, path: Path, width: int, height: int, fps: float, crf: int) -> None:
        self.container = av.open(str(path), "w")
        rate = Fraction(fps).limit_denominator(1001)
        stream: Any = self.container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {
            "crf": str(crf),
            "preset": "veryfast",
            "threads": "1",
            # x264's macroblock tree decides by what lies beside a picture in memory: with it the
            # same pictures make another file now and then.
            "x264-params": "mbtree=0",
        }
        stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
        stream.time_base = Fraction(1, TICKS_PER_S)
        self.stream = stream

    def write(self, image: NDArray[np.uint8], time_s: float) -> None:
        """Append a picture."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame.pts = round(time_s * TICKS_PER_S)
        frame.time_base = Fraction(1, TICKS_PER_S)
        self.container.mux(self.stream.encode(frame))

    def close(self) -> None:
        """Flush and close."""
        self.container.mux(self.stream.encode())
        self.container.close()
