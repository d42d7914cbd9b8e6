"""Pictures that are wanted later wait on the disk: minutes of them do not fit in memory."""

from __future__ import annotations

import itertools
import tempfile
import threading
from collections.abc import Callable, Iterable
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

    Use as a context manager. Where the disk refuses, frames stay in memory. Several threads may
    fetch frames.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._size = 0
        self._slots: dict[int, int] = {}
        self._free: list[int] = []
        self._lock = threading.Lock()
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
            with self._lock:
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
        with self._lock:
            self._file.seek(slot * self._size)
            data = self._file.read(int(np.prod(shape)))
        image = np.frombuffer(data, np.uint8)
        return replace(frame, image=image.reshape(shape))

    def close(self) -> None:
        """Give the disk back what was kept; may be called twice."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None


Pictures = dict[int, Frame | Callable[[], Frame]]
"""Frames by their place, or how to fetch them."""


class ReadOnce:
    """Frames from place ``first`` on, read once and in order, kept as long as they may be wanted.

    ``later`` tells how to fetch one again that need not be kept; the others are kept on a shelf.
    """

    def __init__(
        self,
        frames: Iterable[Frame],
        first: int,
        later: Callable[[Frame], Callable[[], Frame] | None],
        shelf: Shelf,
    ) -> None:
        self._stream, self._later, self._shelf = enumerate(frames, first), later, shelf
        self._next = first
        self._kept: Pictures = {}

    def between(self, start: int, stop: int) -> Pictures:
        """Frames ``start`` to before ``stop``, if there are any; no later start goes back."""
        for place, frame in itertools.islice(self._stream, max(stop - self._next, 0)):
            if place >= start:
                self._kept[place] = self._later(frame) or self._shelf.put(place, frame)
        self._next = max(self._next, stop)
        return {k: kept for k, kept in self._kept.items() if start <= k < stop}

    def drop_before(self, start: int) -> None:
        """Frames before this one are not wanted any more."""
        for done in [k for k in self._kept if k < start]:
            del self._kept[done]
            self._shelf.drop(done)
