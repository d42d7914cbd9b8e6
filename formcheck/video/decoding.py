"""From packets to pictures: decoded once, scaled, the right way up."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.video.reformatter import Interpolation, VideoReformatter

from formcheck.errors import ClipError
from formcheck.types import ImageArray
from formcheck.video.opening import opened
from formcheck.video.timing import Clock, Timeline


class _Scalers(threading.local):
    """What scales and what colours pictures, one of each for a thread.

    A frame's own ``reformat`` sets up anew, with threads of its own, for every single picture;
    beside pose those threads wait for a core longer than they work.
    """

    def __init__(self) -> None:
        self.size = VideoReformatter()
        self.colours = VideoReformatter()


_SCALERS = _Scalers()
_ROUNDED = 0.02
"""Share of a side that may be missing where a later picture has the proportions of the first."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How to turn a stored picture into a displayed one; as the first one of the clip tells.

    ``width`` and ``height`` (pixels) are of the picture as stored but with square pixels.
    ``quarter_turns`` is counter-clockwise. ``tick_s`` is the time base. ``pixel`` is the width of a
    stored pixel by its height. ``mirrored``: top and bottom are exchanged before it is turned, as
    phones note it that show the front camera's picture as a mirror does.
    """

    width: int
    height: int
    quarter_turns: int
    tick_s: float
    pixel: Fraction = Fraction(1)
    mirrored: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as displayed."""
        return (self.height, self.width) if self.quarter_turns % 2 else (self.width, self.height)

    @classmethod
    def of(cls, picture: av.VideoFrame, stream: av.VideoStream) -> Shape:
        """The shape of a clip by its first picture."""
        ratio = stream.sample_aspect_ratio or Fraction(1)
        if not Fraction(1, 4) <= ratio <= 4:
            ratio = Fraction(1)
        turns = round(picture.rotation / 90) % 4
        tick_s = float(stream.time_base or 0)
        width = max(round(picture.width * ratio), 1)
        return cls(width, picture.height, turns, tick_s, ratio, _is_mirrored(picture))

    def scaled(self, picture: av.VideoFrame, max_side: int | None) -> av.VideoFrame:
        """Bring a picture to square pixels and a longer side of ``max_side``, never larger.

        One of other proportions than the first, as after a phone was turned, is fitted in whole,
        with black beside it: pulled to the size of the first, its angles would all be wrong.
        """
        scale = min(1.0, max_side / max(self.width, self.height)) if max_side else 1.0
        width, height = max(round(self.width * scale), 1), max(round(self.height * scale), 1)
        own_width = picture.width * self.pixel
        share = min(width / own_width, Fraction(height, picture.height))
        inside = max(round(own_width * share), 1), max(round(picture.height * share), 1)
        if _nearly(inside[0], width) and _nearly(inside[1], height):
            return _resized(picture, (width, height), smaller=scale < 1.0)
        return _amid_black(_resized(picture, inside, smaller=share < 1), width, height)

    def upright(self, picture: av.VideoFrame) -> ImageArray:
        """RGB (height, width, 3) uint8, turned upright, C-contiguous.

        PyAV hands out a view into padded rows for widths that are no multiple of 32 or so; native
        code that ignores strides reads garbage from it, so a contiguous copy is made always.
        """
        pixels = coloured(picture).to_ndarray()
        if self.mirrored:
            pixels = pixels[::-1]
        image: ImageArray = np.ascontiguousarray(np.rot90(pixels, self.quarter_turns))
        return image


def _is_mirrored(picture: av.VideoFrame) -> bool:
    """Whether the way that a picture is to be shown turns left into right besides turning it."""
    matrix: Any = picture.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return False
    a, b, _, c, d = np.frombuffer(matrix, np.int32, 5).astype(np.float64)
    return bool(a * d < b * c)


def _nearly(part_px: int, whole_px: int) -> bool:
    """Whether all that is missing may be from rounding."""
    return whole_px - part_px <= max(1, _ROUNDED * whole_px)


def _resized(picture: av.VideoFrame, size: tuple[int, int], *, smaller: bool) -> av.VideoFrame:
    return _SCALERS.size.reformat(
        picture,
        width=size[0],
        height=size[1],
        # shrinking first and taking the colours of fewer pixels is a third quicker
        format=picture.format.name,
        interpolation=Interpolation.AREA if smaller else Interpolation.BILINEAR,
        threads=1,
    )


def _amid_black(inside: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
    """A picture in the middle of a black one of this size, in RGB."""
    whole = np.zeros((height, width, 3), dtype=np.uint8)
    top, left = (height - inside.height) // 2, (width - inside.width) // 2
    pixels = coloured(inside).to_ndarray()
    whole[top : top + inside.height, left : left + inside.width] = pixels
    return av.VideoFrame.from_ndarray(whole, format="rgb24")


def coloured(picture: av.VideoFrame) -> av.VideoFrame:
    """The picture in RGB, 8 bits a channel."""
    return _SCALERS.colours.reformat(picture, format="rgb24", threads=1)


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture as stored: its place among the clip's frames and its time.

    ``damaged``: the decoder misses data for it, or for what came just before.
    """

    index: int
    time_s: float
    stored: av.VideoFrame
    shape: Shape
    damaged: bool = False


def decoded(
    file: Path, timeline: Timeline | None = None, wanted: Collection[int] | None = None
) -> Iterator[Picture]:
    """Every frame of a clip that decodes; ClipError when none does or the file is no video.

    With the timestamps of those that are ``wanted`` others may be missing: the decoder passes over
    pictures that it needs for no other one.
    """
    places = timeline.places if timeline and timeline.sound else {}
    with opened(file) as (container, stream):
        clock = Clock(stream)
        shape = None
        pictures = _pictures(container, stream, wanted if places else None)
        for count, (stored, damaged) in enumerate(pictures):
            shape = shape or Shape.of(stored, stream)
            index = places.get(stored.pts, count) if stored.pts is not None else count
            yield Picture(index, clock.at(stored.time), stored, shape, damaged)
        if shape is None:
            if container.format.name == "webp_pipe":  # stills only are decoded
                raise ClipError(f"{file} is an animated WebP: save it as MP4 or GIF")
            raise ClipError(f"{file}: no frame of this video can be decoded (damaged or cut off?)")


def _pictures(
    container: InputContainer, stream: av.VideoStream, wanted: Collection[int] | None
) -> Iterator[tuple[av.VideoFrame, bool]]:
    """Every picture that decodes, and whether data are missing; packets that do not are skipped."""
    packets = container.demux(stream)
    skipped = False
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:  # the file ends in the middle of a packet
            return
        if packet is None:
            return
        if wanted is not None:
            needed = packet.pts is None or packet.pts in wanted
            stream.codec_context.skip_frame = "DEFAULT" if needed else "NONREF"
        try:
            pictures = packet.decode()
        except av.FFmpegError:
            skipped = True
            continue
        for picture in pictures:
            yield picture, skipped or picture.is_corrupt
            skipped = False
