"""A clip whose small pictures are kept on the disk, so that it is decoded only once."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import threading
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import av
import numpy as np

from formcheck.clipfile import checked
from formcheck.closing import Closing
from formcheck.types import Frame
from formcheck.video.decoding import Picture, Shape, coloured, decoded
from formcheck.video.timing import Timeline

SIDE_PX = 960
"""The one longer side of pictures for pose, close looks, key frames and the annotated clip, so that
a reel serves them all."""
MOST_BYTES = 1_500_000_000
"""What a reel may take on the disk: a minute of a clip at 30 frames a second and 960 pixels."""
_FREE_SHARE = 0.25
_PLANAR = frozenset({"yuv420p", "yuvj420p"})


def chosen(file: Path, max_fps: float | None, from_s: float = 0.0) -> Iterator[Picture]:
    """The frames that stay at ``max_fps``, from a time on."""
    timeline = wanted = None
    least_s = 0.0
    if max_fps is not None:
        timeline = Timeline.of(file)
        least_s = timeline.least_interval_s(max_fps)
        wanted = frozenset(timeline.apart(least_s))
    last_s = -math.inf
    for picture in decoded(file, timeline, wanted):
        if picture.time_s - last_s < least_s:
            continue
        last_s = picture.time_s
        if picture.time_s >= from_s:
            yield picture


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where a picture lies in the file, and what its bytes mean."""

    index: int
    time_s: float
    at: int
    size: int
    width: int
    height: int
    kind: str
    colours: tuple[int, int]
    damaged: bool


class Reel(Closing, os.PathLike[str]):
    """The path of a clip, which remembers the pictures that were read from it.

    Use it in place of the path, as a context manager. The first time that the frames are read at
    some rate and size (from the start), the scaled pictures are kept in a nameless file in
    ``folder``; later readings at that rate and size take them from there. At most ``most_bytes``
    are kept, and a quarter of what is free on that disk; what goes beyond is decoded anew, and so
    is everything when the disk refuses. The pictures are the same in either case.
    """

    def __init__(
        self,
        clip: str | os.PathLike[str],
        folder: str | os.PathLike[str],
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._clip = os.fspath(clip)
        self._lock = threading.Lock()
        self._kept: list[_Kept] = []
        self._kind: tuple[float | None, int | None] | None = None
        self._shape: Shape | None = None
        self._whole = False
        self._in_colour: bool | None = None
        self._end = self._most = 0
        self._file: IO[bytes] | None = None
        with suppress(OSError):
            self._most = min(most_bytes, int(shutil.disk_usage(folder).free * _FREE_SHARE))
            self._file = tempfile.TemporaryFile(prefix=".formcheck-", dir=folder)  # noqa: SIM115

    def __fspath__(self) -> str:
        return self._clip

    def frames(self, max_fps: float | None, max_side: int | None, from_s: float) -> Iterator[Frame]:
        """Stream the frames as :func:`formcheck.video.read_frames` does."""
        with self._lock:
            first = self._kind is None and from_s <= 0 and self._file is not None
            if first:
                self._kind = (max_fps, max_side)
            known = not first and self._kind == (max_fps, max_side)
            kept, whole = (list(self._kept), self._whole) if known else ([], False)
        last_s = -math.inf
        for one in kept:
            last_s = one.time_s
            if one.time_s >= from_s:
                yield self._taken(one)
        if whole:
            return
        for picture in chosen(checked(self._clip), max_fps, from_s):
            if picture.time_s > last_s:
                small = picture.shape.scaled(picture.stored, max_side)
                first = first and self._keep(picture, small)
                image = picture.shape.upright(small)
                yield Frame(picture.index, picture.time_s, image, picture.damaged)
        self._whole = self._whole or first

    def place(self, time_s: float, max_side: int | None) -> int | None:
        """Which of the kept frames has just this time and size; None when none has."""
        with self._lock:
            if self._kind is None or self._kind[1] != max_side:
                return None
            place = bisect_left(self._kept, time_s, key=lambda one: one.time_s)
            fits = place < len(self._kept) and self._kept[place].time_s == time_s
            return place if fits else None

    def take(self, place: int) -> Frame:
        """The kept frame at a place that :meth:`place` gave."""
        return self._taken(self._kept[place])

    def _keep(self, picture: Picture, small: av.VideoFrame) -> bool:
        """Write a picture down; false when no more can be kept."""
        if self._in_colour is None:
            self._in_colour = not _comes_back(small)
        if self._in_colour:
            small = coloured(small)
        planes = [_rows(plane, small.format.name) for plane in small.planes]
        size = sum(rows.size for rows in planes)
        if self._file is None or self._end + size > self._most:
            return False
        one = _Kept(
            picture.index,
            picture.time_s,
            self._end,
            size,
            small.width,
            small.height,
            small.format.name,
            _colours_of(small),
            picture.damaged,
        )
        with self._lock:
            try:
                self._file.seek(self._end)
                for rows in planes:
                    self._file.write(np.ascontiguousarray(rows).data)
            except OSError:
                return False
            self._end += size
            self._shape = picture.shape
            self._kept.append(one)
        return True

    def _taken(self, one: _Kept) -> Frame:
        """Read a picture back."""
        with self._lock:
            if self._file is None or self._shape is None:
                raise ValueError("the reel is closed")
            self._file.seek(one.at)
            data = self._file.read(one.size)
        picture = _picture_of(data, one.width, one.height, one.kind, one.colours)
        return Frame(one.index, one.time_s, self._shape.upright(picture), one.damaged)

    def close(self) -> None:
        """Give the disk back what was kept; may be called twice."""
        with self._lock:
            if self._file is not None:
                with suppress(OSError):
                    self._file.close()
                self._file = None


def _comes_back(small: av.VideoFrame) -> bool:
    """Whether a picture has the same colours when it is made of its bytes again.

    What says where the chroma of a pixel lies is not among them; the converter goes by it where
    the height is odd.
    """
    if small.format.name not in _PLANAR:
        return False
    again = _picture_of(
        _bytes_of(small), small.width, small.height, small.format.name, _colours_of(small)
    )
    return np.array_equal(coloured(small).to_ndarray(), coloured(again).to_ndarray())


def _bytes_of(picture: av.VideoFrame) -> bytes:
    return b"".join(_rows(plane, picture.format.name).tobytes() for plane in picture.planes)


def _colours_of(picture: av.VideoFrame) -> tuple[int, int]:
    return picture.colorspace, picture.color_range


def _picture_of(
    data: bytes, width: int, height: int, kind: str, colours: tuple[int, int]
) -> av.VideoFrame:
    picture = av.VideoFrame(width, height, kind)
    picture.colorspace, picture.color_range = colours
    left = np.frombuffer(data, np.uint8)
    for plane in picture.planes:
        rows = _rows(plane, kind)
        rows[:] = left[: rows.size].reshape(rows.shape)
        left = left[rows.size :]
    return picture


def _rows(plane: Any, kind: str) -> Any:  # noqa: ANN401
    """The rows of a plane without their padding, as a view (height, bytes) uint8."""
    width = plane.width * (1 if kind in _PLANAR else 3)
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, :width]
