"""Pictures that are wanted later wait on the disk: minutes of them do not fit in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import IO

import numpy as np

from formcheck.closing import Closing
from formcheck.types import Frame, ImageArray

_NOTHING: ImageArray = np.empty((0, 0, 3), np.uint8)


class Shelf(Closing):
    """Keeps frames by their place in a nameless file, which is as large as the most at a time.

    Use as a context manager. Where the disk refuses, frames stay in memory.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._size = 0
        self._slots: dict[int, int] = {}
        self._free: list[int] = []
        with suppress(OSError):
            self._file = tempfile.TemporaryFile(prefix=".formcheck-")  # noqa: SIM115

    def put(self, place: int, frame: Frame) -> Frame | Callable[[], Frame]:
        """Keep a frame under a place that is free: how to fetch it, or the frame itself."""
        data = np.ascontiguousarray(frame.image)
        self._size = self._size or data.nbytes
        if self._file is None or data.nbytes > self._size:
            return frame
        slot = self._free.pop() if self._free else len(self._slots)
        try:
            self._file.seek(slot * self._size)
            self._file.write(data.data)
        except OSError:
            self._free.append(slot)
            return frame
        self._slots[place] = slot
        return partial(self._taken, slot, data.shape, replace(frame, image=_NOTHING))

    def drop(self, place: int) -> None:
        """Make room: what was kept under a place, if anything, is not wanted any more."""
        slot = self._slots.pop(place, None)
        if slot is not None:
            self._free.append(slot)

    def _taken(self, slot: int, shape: tuple[int, ...], frame: Frame) -> Frame:
        if self._file is None:
            raise ValueError("the shelf is closed")
        self._file.seek(slot * self._size)
        image = np.frombuffer(self._file.read(int(np.prod(shape))), np.uint8)
        return replace(frame, image=image.reshape(shape))

    def close(self) -> None:
        """Give the disk back what was kept; may be called twice."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None
