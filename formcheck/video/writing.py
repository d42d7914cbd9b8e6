"""H.264 files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from formcheck.closing import Closing
from formcheck.errors import UsageError, reason_of
from formcheck.types import Frame

_TICKS = 90_000  # time base of written files, per second


@dataclass(frozen=True, slots=True)
class Encodable:
    """A frame in the encoder's colours, of even size. Made of one by :func:`encodable`."""

    time_s: float
    picture: av.VideoFrame


def encodable(frame: Frame) -> Encodable:
    """A frame as the encoder takes it; for threads that have time while another one encodes.

    An odd last column or row is cut off.
    """
    image = frame.image
    height, width = image.shape[:2]
    even = image[: max(height // 2 * 2, 2), : max(width // 2 * 2, 2)]
    if min(width, height) < 2:
        even = np.pad(even, ((0, height == 1), (0, width == 1), (0, 0)), mode="edge")
    planes = np.asarray(cv2.cvtColor(even, cv2.COLOR_RGB2YUV_I420), dtype=np.uint8)
    return Encodable(frame.time_s, av.VideoFrame.from_ndarray(planes, "yuv420p"))


class VideoWriter(Closing):
    """Write an H.264 file that browsers play: yuv420p, BT.601, index at the front.

    ``width`` and ``height`` (pixels) are of the frames handed in; an odd last column or row is
    cut off, since yuv420p needs even sizes. ``fps`` is a hint for players: every frame is shown
    at its own ``time_s``. Use as a context manager: the file appears under its name only when
    everything was written, and nothing stays behind when not.

    Raises UsageError when the file cannot be written.
    """

    def __init__(
        self, path: str | os.PathLike[str], width: int, height: int, fps: float = 30.0
    ) -> None:
        self._path = Path(path)
        self._part = self._path.with_name(f".{self._path.stem}.{secrets.token_hex(4)}.part")
        self._last = -1
        self._first_s: float | None = None
        with self._saying():
            self._part.touch()  # PyAV opens it only with the first frame: fail now
            self._container: Any = av.open(
                str(self._part), "w", format="mp4", options={"movflags": "+faststart"}
            )
            rate = Fraction(min(max(fps, 1.0), 240.0)).limit_denominator(1001)
            stream = self._container.add_stream("libx264", rate=rate)
            stream.width, stream.height = max(width // 2 * 2, 2), max(height // 2 * 2, 2)
            stream.pix_fmt = "yuv420p"
            # three B-frames always: to weigh their number takes longer and saves no byte
            stream.options = {"preset": "superfast", "crf": "24", "b_strategy": "0"}
            context = stream.codec_context
            context.time_base = Fraction(1, _TICKS)
            context.thread_count = 0
            context.thread_type = "FRAME"  # slices, PyAV's choice, take a third longer
            context.colorspace = 6  # BT.601, what OpenCV converts to, three times as fast as PyAV
            context.color_primaries = context.color_trc = 1
            context.color_range = 1
            self._stream = stream

    def write(self, frame: Frame | Encodable) -> None:
        """Add a frame; its ``time_s`` must be later than the one before (else it is nudged).

        Raises ValueError for a picture of another size, UsageError when the disk refuses it.
        """
        ready = frame if isinstance(frame, Encodable) else encodable(frame)
        picture, time_s = ready.picture, ready.time_s
        size, expected = (picture.width, picture.height), (self._stream.width, self._stream.height)
        if size != expected:
            raise ValueError(f"expected a picture of {expected}, got {size} (width, height)")
        if self._first_s is None:
            self._first_s = time_s
        self._last = max(round((time_s - self._first_s) * _TICKS), self._last + 1)
        picture.pts, picture.time_base = self._last, Fraction(1, _TICKS)
        with self._saying():
            self._container.mux(self._stream.encode(picture))

    def close(self) -> None:
        """Finish the file and give it its name.

        Raises UsageError when no frame was given or the disk refuses.
        """
        if self._first_s is None:
            raise UsageError(f"cannot write {self._path}: no frame was given")
        with self._saying():
            self._container.mux(self._stream.encode(None))
            self._container.close()
            self._part.replace(self._path)

    def discard(self) -> None:
        """Give up: close and delete what was written so far (nothing after :meth:`close`)."""
        with suppress(av.FFmpegError, OSError, ValueError):
            self._container.close()
        self._part.unlink(missing_ok=True)

    @contextmanager
    def _saying(self) -> Iterator[None]:
        try:
            yield
        except (av.FFmpegError, OSError) as error:
            told = error if isinstance(error, OSError) else OSError(error.errno, error.strerror)
            raise UsageError(f"cannot write {self._path}: {reason_of(told)}") from error

    def __exit__(self, kind: object = None, *_: object) -> None:
        try:
            if kind is None:
                self.close()
        finally:
            self.discard()
