"""Clips of a few painted pictures, of any kind, size and timing."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def picture(width: int = 96, height: int = 64, step: int = 0) -> np.ndarray:
    """Red top left, green top right, blue bottom left; elsewhere grey, lighter each ``step``."""
    image = np.full((height, width, 3), 20 + step % 200, np.uint8)
    image[: height // 4, : width // 4] = RED
    image[: height // 4, -(width // 4) :] = GREEN
    image[-(height // 4) :, : width // 4] = BLUE
    return image


def make(
    path: Path,
    times_s: Any = None,
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (96, 64),
    pix_fmt: str = "yuv420p",
    rotation: int = 0,
    options: dict[str, str] | None = None,
    rate: int = 25,
    tick: Fraction | None = None,
    aspect: Fraction | None = None,
) -> Path:
    times = np.arange(10) / rate if times_s is None else times_s
    base = tick or Fraction(1, 12800)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.codec_context.time_base = base
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        for step, time_s in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(*size, 3 * step), "rgb24")
            frame.pts, frame.time_base = round(time_s / base), base
            out.mux(stream.encode(frame.reformat(format=pix_fmt)))
        out.mux(stream.encode(None))
    return path


def make_turned(path: Path, sizes: Sequence[tuple[int, int]], rate: int = 25) -> Path:
    """A clip whose pictures change their size, as one that a phone goes on with when turned."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("mjpeg", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *sizes[0], "yuvj420p"
        for step, size in enumerate(sizes):
            encoder: Any = av.CodecContext.create("mjpeg", "w")
            encoder.width, encoder.height, encoder.pix_fmt = *size, "yuvj420p"
            encoder.time_base = Fraction(1, rate)
            frame = av.VideoFrame.from_ndarray(picture(*size), "rgb24").reformat(format="yuvj420p")
            frame.pts = step
            for packet in (*encoder.encode(frame), *encoder.encode(None)):
                packet.stream = stream
                out.mux(packet)
    return path


def near(pixel: np.ndarray, colour: tuple[int, int, int], tolerance: int = 60) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() <= tolerance)
