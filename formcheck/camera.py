"""Frames from a camera or a stream, as they come: the newest one, never a queue of old ones."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2

from formcheck.errors import ClipError
from formcheck.types import Frame, ImageArray
from formcheck.video import read_frames

SIDE_PX = 640
WAIT_S = 5.0
"""How long a camera may stay silent."""
LAST_READ_S = 1.0
"""How long the last picture is waited for when a set is over; a stalled stream sends none."""
JUMP_S = 1.0
"""A stream that is so far off its own clock has stalled, or its clock was set anew."""


def watch(source: str) -> Iterator[Frame]:
    """Stream frames from ``source``: a camera's number, the URL of a stream, or a video file.

    A camera gives its newest picture whenever the last one has been dealt with; a file gives all
    of them. A stream that comes many seconds at once (HLS, a clip behind a URL) is played as
    quickly as it was filmed. Times are seconds from the first frame. Raises ClipError when nothing
    comes.
    """
    if sends(source):
        yield from _newest(source)
    elif Path(source).exists():
        yield from read_frames(source, max_side=SIDE_PX)
    else:
        raise ClipError(f"{source}: no such file, and neither a camera's number nor a URL")


def sends(source: str) -> bool:
    """Whether it is a camera or a stream, which goes on, and no file."""
    return _is_number(source) or "://" in source or Path(source).is_char_device()


def _is_number(source: str) -> bool:
    return source.isascii() and source.isdigit() and len(source) < 10


def _newest(source: str) -> Iterator[Frame]:
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # read once, with the first stream
    capture = cv2.VideoCapture(int(source) if _is_number(source) else source)
    if not capture.isOpened():
        if "://" in source:
            raise ClipError(f"{source} does not open: is the address right, and does it send?")
        raise ClipError(f"Camera {source} does not open: is it plugged in, and free?")
    slot: list[tuple[float, ImageArray]] = []
    fresh, stop = threading.Condition(), threading.Event()
    pace = Pace() if _comes_at_once(source, capture) else None

    def read() -> None:
        try:
            while not stop.is_set():
                ok, image = capture.read()
                if ok and pace:
                    stream_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                    stop.wait(pace.early_s(stream_s, time.monotonic()))
                with fresh:
                    if not ok:
                        stop.set()
                    else:
                        slot[:] = [(time.monotonic(), _small_rgb(image))]
                    fresh.notify()
        finally:  # here alone: one that is released while it waits for a picture crashes
            capture.release()

    reader = threading.Thread(target=read, name="camera", daemon=True)
    reader.start()
    try:
        yield from _taken(slot, fresh, stop)
    finally:
        stop.set()
        reader.join(LAST_READ_S)


def _comes_at_once(source: str, capture: cv2.VideoCapture) -> bool:
    """Whether pictures may come quicker than they were filmed, and bear times that are true.

    Those of a camera that sends JPEGs over HTTP come when they are taken, and bear none.
    """
    kind = int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little", signed=True)
    return source.startswith(("http://", "https://")) and kind.lower() != b"mjpg"


class Pace:
    """By how much the pictures of a stream are ahead of its own clock."""

    def __init__(self) -> None:
        self._behind_s: float | None = None

    def early_s(self, stream_s: float, now_s: float) -> float:
        """How long to hold back the picture of this time, now."""
        behind_s = now_s - stream_s
        if self._behind_s is None or abs(self._behind_s - behind_s) > JUMP_S:
            self._behind_s = behind_s
        return max(self._behind_s - behind_s, 0.0)


def _taken(
    slot: list[tuple[float, ImageArray]], fresh: threading.Condition, stop: threading.Event
) -> Iterator[Frame]:
    """Each picture that is in the slot when asked for, once."""
    start_s: float | None = None
    index = 0
    while True:
        with fresh:
            came = fresh.wait_for(lambda: slot or stop.is_set(), WAIT_S)
            if not came or not slot:
                return
            taken_s, image = slot.pop()
        start_s = taken_s if start_s is None else start_s
        yield Frame(index, taken_s - start_s, image)
        index += 1


def _small_rgb(image: ImageArray) -> ImageArray:
    height, width = image.shape[:2]
    scale = min(1.0, SIDE_PX / max(height, width))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    rgb: ImageArray = cv2.cvtColor(small, cv2.COLOR_BGR2RGB).astype("uint8")
    return rgb
