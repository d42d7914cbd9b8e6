"""Real times from whatever timestamps a clip has, and which frames to take at a lower rate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from formcheck.types import FloatArray
from formcheck.video.opening import opened

_BACK_STEP_S = 0.5  # a timestamp further back than this starts a new timeline


class Clock:
    """Strictly increasing seconds from whatever timestamps a stream has."""

    def __init__(self, stream: av.VideoStream) -> None:
        self._interval = nominal_interval_s(stream)
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


def nominal_interval_s(stream: av.VideoStream) -> float:
    """Seconds from frame to frame as the container claims, 1/30 when it does not."""
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    return 1.0 / rate if 1.0 <= rate <= 1000.0 else 1.0 / 30.0


@dataclass(frozen=True)
class Timeline:
    """The frames of a clip by their timestamps, in order, before anything is decoded.

    ``stamps`` are in ticks of ``tick_s`` seconds. They are ``sound`` when every frame has one of
    its own; otherwise times are only an estimate. ``interval_s`` is what the container claims.
    ``whole``: the file does not end in the middle of a packet.
    """

    stamps: NDArray[np.int64]
    tick_s: float
    interval_s: float
    sound: bool
    whole: bool = True

    @classmethod
    def of(cls, file: Path) -> Timeline:
        """Read the timestamps of all packets of a clip, once for each state of the file."""
        state = file.stat()
        return _timeline(file, state.st_size, state.st_mtime_ns)

    @classmethod
    def read(cls, file: Path) -> Timeline:
        """Read the timestamps of all packets of a clip."""
        parts: list[list[int]] = [[]]
        count = 0
        with opened(file) as (container, stream):
            interval_s, tick_s = nominal_interval_s(stream), float(stream.time_base or 0)
            missing = torn = whole = False
            latest: int | None = None
            with suppress(av.FFmpegError):
                for packet in container.demux(stream):
                    if packet.size == 0 or packet.is_discard:
                        continue
                    count += 1
                    torn = torn or packet.is_corrupt
                    stamp = packet.pts if packet.pts is not None else packet.dts
                    missing = missing or packet.pts is None
                    if packet.dts is not None:
                        if latest is not None and (latest - packet.dts) * tick_s > _BACK_STEP_S:
                            parts.append([])
                        latest = packet.dts
                    if stamp is not None:
                        parts[-1].append(stamp)
                whole = not torn
        unique = _joined(parts, round(interval_s / tick_s) if tick_s else 1)
        missing = missing or len(parts) > 1
        if len(unique) < 0.9 * count or not tick_s:  # fall back on the claimed rate
            tick_s, unique = interval_s, np.arange(count, dtype=np.int64)
            missing = True
        return cls(unique, tick_s, interval_s, not missing and len(unique) == count, whole)

    @cached_property
    def times_s(self) -> FloatArray:
        """Seconds from the first frame."""
        times: FloatArray = (self.stamps - self.stamps[:1]).astype(np.float64) * self.tick_s
        return times

    @cached_property
    def places(self) -> dict[int, int]:
        """Which frame of the clip a timestamp belongs to."""
        return {stamp: place for place, stamp in enumerate(self.stamps.tolist())}

    def least_interval_s(self, max_fps: float) -> float:
        """Frames closer together than this are left out to stay near ``max_fps``.

        Half a source interval of slack on either side makes the choice immune to jitter: the usual
        (median) interval decides that every k-th frame stays, k = 2 for 50, 59.94 and 60 at 30.
        """
        usual_s = self.interval_s
        if len(self.stamps) > 1:
            usual_s = float(np.median(np.diff(self.times_s)))
        period = 1.0 / max_fps
        every = max(math.ceil(period / usual_s - 0.25), 1)
        return max((every - 0.5) * usual_s, min(0.6 * period, 0.9 * every * usual_s))

    def apart(self, least_s: float) -> Iterator[int]:
        """The timestamps that remain when frames closer than this are left out."""
        last = -math.inf
        for stamp, time_s in zip(self.stamps.tolist(), self.times_s.tolist(), strict=True):
            if time_s - last >= least_s:
                last = time_s
                yield stamp

    def around(self, times_s: Iterable[float]) -> Iterator[int]:
        """The timestamps on either side of some times (seconds)."""
        after = np.searchsorted(self.times_s, list(times_s))
        last = len(self.stamps) - 1
        for place in {*after.tolist(), *(after - 1).tolist(), *(after + 1).tolist()}:
            yield int(self.stamps[min(max(place, 0), last)])


def _joined(parts: Sequence[Sequence[int]], interval: int) -> NDArray[np.int64]:
    """The timestamps of a stream (ticks), each of them once, in the order of its pictures.

    Each part is a count of its own, as in files that were joined; it goes on from the one before.
    """
    whole: list[NDArray[np.int64]] = []
    for part in parts:
        stamps = np.unique(np.array(part, dtype=np.int64))
        if whole and len(stamps):
            stamps = stamps + (whole[-1][-1] + interval - stamps[0])
        if len(stamps):
            whole.append(stamps)
    return np.concatenate(whole) if whole else np.array([], dtype=np.int64)


@lru_cache(maxsize=4)
def _timeline(file: Path, _size: int, _mtime_ns: int) -> Timeline:
    return Timeline.read(file)
