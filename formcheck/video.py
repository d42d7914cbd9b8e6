"""Clips in and out: frames with their real timestamps and the right way up, and H.264 files.

The only module that uses PyAV. Everything streams: memory does not grow with the clip's length.
Times are seconds from the first frame that decodes, taken from the container, never frame / fps.
"""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
from av.container import InputContainer
from av.video.reformatter import Colorspace, Interpolation

from formcheck.clipfile import checked, sha256
from formcheck.errors import ClipError, UsageError
from formcheck.types import ClipInfo, FloatArray, Frame, ImageArray

_NOT_CLIPS = frozenset({"tty", "concat", "hls", "dash", "ffmetadata", "webvtt", "srt"})
_VARIABLE = 0.1  # spread of the frame intervals, as a share of their mean
_TICKS = 90_000  # time base of written files, per second
_BACK_STEP_S = 0.5  # a timestamp further back than this starts a new timeline


def probe(path: str | os.PathLike[str]) -> ClipInfo:
    """Read what a clip is: size as displayed, duration, rate, rotation, checksum.

    Only the first two frames are decoded; the rest is told from the packets. ``fps`` is the
    average over the clip, ``variable_frame_rate`` is judged by the real frame intervals,
    ``rotation_deg`` (0, 90, 180, 270) is how far the stored picture is turned clockwise for
    display; ``width`` and ``height`` are after that turn and with square pixels.

    Raises ClipError when the file is missing, no video, or has no two frames that decode.
    """
    file = checked(path)
    first = _first_frames(file)
    times, interval = _packet_times(file)
    width, height = first.size
    frames = len(times)
    span = float(times[-1] - times[0]) if frames > 1 else interval
    intervals = np.diff(times)
    mean = span / max(frames - 1, 1)
    # A coarse time base (GIF: 10 ms, WebM: 1 ms) makes even intervals look uneven by one tick.
    excess = np.maximum(np.abs(intervals - np.median(intervals)) - first.tick, 0.0)
    spread = float(np.sqrt(np.mean(excess**2))) / mean if frames > 2 and mean > 0 else 0.0
    return ClipInfo(
        name=file.name,
        sha256=sha256(file),
        duration_s=span + mean if frames > 1 else interval,
        fps=1.0 / mean if mean > 0 else 1.0 / interval,
        variable_frame_rate=spread > _VARIABLE,
        width=width,
        height=height,
        rotation_deg=(-90 * first.quarter_turns) % 360,
        frames=frames,
        camera_fps=_camera_fps(file),
    )


def read_frames(
    path: str | os.PathLike[str],
    max_fps: float | None = 30.0,
    max_side: int | None = None,
    from_s: float = 0.0,
) -> Iterator[Frame]:
    """Stream the frames of a clip in order: RGB, upright, C-contiguous, first time 0.

    Above ``max_fps`` frames are left out by their timestamps, evenly: 60 becomes 30, 50 becomes
    25, 25 and up to 37 stay. ``max_side`` (pixels) scales down, never up. ``Frame.index`` counts
    the decoded frames of the source, so it has gaps where frames were left out. Frames before
    ``from_s`` are passed over, otherwise the choice is the same. Broken packets are skipped.
    Raises ClipError when nothing decodes.
    """
    file = checked(path)
    least = 0.0 if max_fps is None else _least_interval(file, max_fps)
    last = -math.inf
    for index, time_s, picture, shape in _decoded(file):
        if time_s - last < least:
            continue
        last = time_s
        if time_s >= from_s:
            yield Frame(index, time_s, _rgb(picture, shape, max_side))


def grab_frames(
    path: str | os.PathLike[str], times_s: Iterable[float], max_side: int | None = None
) -> Iterator[tuple[float, Frame]]:
    """Pick the frames nearest to some times (seconds) in one pass: ``(asked time, frame)``.

    In order of time. A time before the first or after the last frame gets the first or the last.
    Only the picture in hand is kept; decoding stops after the last time that is asked for.
    """
    wanted = sorted(set(times_s))
    before: tuple[int, float, av.VideoFrame, _Shape] | None = None
    done = 0
    for now in _decoded(checked(path)) if wanted else ():
        while done < len(wanted) and wanted[done] <= now[1]:
            near = now
            if before is not None and wanted[done] - before[1] <= now[1] - wanted[done]:
                near = before
            yield wanted[done], Frame(near[0], near[1], _rgb(near[2], near[3], max_side))
            done += 1
        if done == len(wanted):
            return
        before = now
    if before is not None:
        last = Frame(before[0], before[1], _rgb(before[2], before[3], max_side))
        for time_s in wanted[done:]:
            yield time_s, last


@dataclass(frozen=True, slots=True)
class _Shape:
    """How to turn a stored picture into a displayed one; fixed for the clip by its first frame.

    ``width`` and ``height`` (pixels) are of the picture as stored but with square pixels.
    ``quarter_turns`` is counter-clockwise. ``tick`` is the time base in seconds.
    """

    width: int
    height: int
    quarter_turns: int
    tick: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as displayed."""
        return (self.height, self.width) if self.quarter_turns % 2 else (self.width, self.height)

    @classmethod
    def of(cls, picture: av.VideoFrame, stream: av.VideoStream) -> _Shape:
        ratio = stream.sample_aspect_ratio or Fraction(1)
        if not Fraction(1, 4) <= ratio <= 4:
            ratio = Fraction(1)
        turns = round(picture.rotation / 90) % 4
        tick = float(stream.time_base or 0)
        return cls(max(round(picture.width * ratio), 1), picture.height, turns, tick)


class _Clock:
    """Strictly increasing seconds from whatever timestamps a stream has."""

    def __init__(self, stream: av.VideoStream) -> None:
        self._interval = _nominal_interval(stream)
        self._base: float | None = None
        self._last = 0.0

    def at(self, stamp_s: float | None) -> float:
        """Give the next frame its time, from its own timestamp or None."""
        if self._base is None:
            self._base = stamp_s if stamp_s is not None else 0.0
            return 0.0
        time_s = self._last + self._interval if stamp_s is None else stamp_s - self._base
        if time_s <= self._last:
            if time_s < self._last - _BACK_STEP_S:  # the stream started its count anew
                self._base += time_s - (self._last + self._interval)
                time_s = self._last + self._interval
            else:
                time_s = self._last + 1e-3
        self._last = time_s
        return time_s


@contextmanager
def _opened(file: Path) -> Iterator[tuple[InputContainer, av.VideoStream]]:
    """Open the container and its best video stream, with frame threading; local files only."""
    try:
        container = av.open(
            f"file:{file}", options={"protocol_whitelist": "file"}, metadata_errors="replace"
        )
    except (av.FFmpegError, ValueError, OSError) as error:
        raise ClipError(f"{file} is not a video that can be read (damaged or cut off?)") from error
    with container:
        if _NOT_CLIPS.intersection(container.format.name.split(",")):
            raise ClipError(f"{file} is not a video")
        stream = container.streams.best("video")
        if not isinstance(stream, av.VideoStream):
            kind = "only sound" if container.streams.audio else "no pictures"
            raise ClipError(f"{file} holds {kind}, not a video")
        stream.thread_type = "AUTO"
        yield container, stream


def _pictures(container: InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """Every picture that decodes; packets that do not are skipped."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:  # the file ends in the middle of a packet
            return
        if packet is None:
            return
        with suppress(av.FFmpegError):
            yield from packet.decode()


def _decoded(file: Path) -> Iterator[tuple[int, float, av.VideoFrame, _Shape]]:
    """(index, time in seconds, stored picture, shape) of every frame that decodes."""
    with _opened(file) as (container, stream):
        clock = _Clock(stream)
        shape = None
        for index, picture in enumerate(_pictures(container, stream)):
            shape = shape or _Shape.of(picture, stream)
            yield index, clock.at(picture.time), picture, shape
        if shape is None:
            raise ClipError(f"{file}: no frame of this video can be decoded (damaged or cut off?)")


def _first_frames(file: Path) -> _Shape:
    """Find the shape of a clip; a ClipError unless two frames decode."""
    shape = None
    for index, _, _, shape in _decoded(file):
        if index == 1:
            return shape
    raise ClipError(f"{file} is a still picture; a form check needs a moving clip")


def _nominal_interval(stream: av.VideoStream) -> float:
    """Seconds from frame to frame as the container claims, 1/30 when it does not."""
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    return 1.0 / rate if 1.0 <= rate <= 1000.0 else 1.0 / 30.0


def _packet_times(file: Path) -> tuple[FloatArray, float]:
    """List the times (seconds, sorted) of all packets undecoded, and the nominal interval."""
    stamps: list[float] = []
    count = 0
    with _opened(file) as (container, stream):
        interval = _nominal_interval(stream)
        with suppress(av.FFmpegError):
            for packet in container.demux(stream):
                if packet.size == 0 or packet.is_discard:
                    continue
                count += 1
                stamp = packet.pts if packet.pts is not None else packet.dts
                if stamp is not None and packet.time_base is not None:
                    stamps.append(float(stamp * packet.time_base))
    if len(set(stamps)) < 0.9 * count:  # missing or repeated: fall back on the claimed rate
        return np.arange(count, dtype=np.float64) * interval, interval
    return np.unique(np.asarray(stamps, dtype=np.float64)), interval


def _camera_fps(file: Path) -> float:
    """Pictures a second that the camera took, as Android phones note it; NaN when none does.

    More than the clip plays in a second: it is slow motion.
    """
    with _opened(file) as (container, _):
        try:
            return float(container.metadata.get("com.android.capture.fps", "nan"))
        except ValueError:
            return math.nan


def _least_interval(file: Path, max_fps: float) -> float:
    """Frames closer together than this (seconds) are left out to stay near ``max_fps``.

    Half a source interval of slack on either side makes the choice immune to jitter: the usual
    (median) interval decides that every k-th frame stays, k = 2 for 50, 59.94 and 60 at 30.
    """
    times, interval = _packet_times(file)
    if len(times) > 1:
        interval = float(np.median(np.diff(times)))
    period = 1.0 / max_fps
    every = max(math.ceil(period / interval - 0.25), 1)
    return max((every - 0.5) * interval, min(0.6 * period, 0.9 * every * interval))


def _rgb(picture: av.VideoFrame, shape: _Shape, max_side: int | None) -> ImageArray:
    """(height, width, 3) uint8: scaled by swscale, then turned upright, C-contiguous.

    PyAV hands out a view into padded rows for widths that are no multiple of 32 or so; native
    code that ignores strides reads garbage from it, so a contiguous copy is made always.
    """
    scale = min(1.0, max_side / max(shape.width, shape.height)) if max_side else 1.0
    small = picture.reformat(
        width=max(round(shape.width * scale), 1),
        height=max(round(shape.height * scale), 1),
        # shrinking first and taking the colours of fewer pixels is a third quicker
        format=picture.format.name if scale < 1.0 else "rgb24",
        interpolation=Interpolation.AREA if scale < 1.0 else Interpolation.BILINEAR,
    ).reformat(format="rgb24")
    image: ImageArray = np.ascontiguousarray(np.rot90(small.to_ndarray(), shape.quarter_turns))
    return image


class VideoWriter:
    """Write an H.264 file that browsers play: yuv420p, BT.709, index at the front.

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
        self._size = (width, height)
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
            stream.options = {"preset": "superfast", "crf": "24"}
            context = stream.codec_context
            context.time_base = Fraction(1, _TICKS)
            context.thread_count = 0
            context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
            context.color_range = 1
            self._stream = stream

    def write(self, frame: Frame) -> None:
        """Add a frame; its ``time_s`` must be later than the one before (else it is nudged)."""
        image, time_s = frame.image, frame.time_s
        width, height = self._size
        if image.shape != (height, width, 3):
            raise ValueError(f"expected a picture of {height} x {width}, got {image.shape}")
        if self._first_s is None:
            self._first_s = time_s
        even = image[: self._stream.height, : self._stream.width]
        if min(width, height) < 2:
            even = np.pad(even, ((0, height == 1), (0, width == 1), (0, 0)), mode="edge")
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), "rgb24")
        picture = picture.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
        self._last = max(round((time_s - self._first_s) * _TICKS), self._last + 1)
        picture.pts, picture.time_base = self._last, Fraction(1, _TICKS)
        with self._saying():
            self._container.mux(self._stream.encode(picture))

    def close(self) -> None:
        """Finish the file and give it its name."""
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
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"cannot write {self._path}: {reason}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.close()
        finally:
            self.discard()
