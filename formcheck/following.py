"""Follow one person through a clip with several estimators at once.

An estimator that follows a person needs the frames in order, so one clip keeps one core busy.
Here a clip is cut into chunks of time, and each chunk has an estimator of its own. Which frame
goes to which estimator depends on the clip alone, so the number of workers changes no result.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol

from formcheck.machine import return_memory
from formcheck.types import Frame, FramePose

Progress = Callable[[float, float], None]

_CHUNK_S = 6.0
_SPLIT_FROM_S = 3.0
_LAST_SHARE = 0.6
"""Length of the last chunk against the others. Reckoned for two cores and decoding at 0.2 to 0.9 of
the pose's cost, some 10 % are saved against equal ones, with 4 to 10 % left of the cores idle."""
_WARM_UP_S = 0.4
_GIVE_UP_AFTER = 5  # frames without a person, when going on past a chunk's end
_POLL_S = 0.1
_TIDY_EVERY_S = 2.0
"""Freed memory goes back so often; left alone it grows by 100 MB between the threads until a chunk
ends. Every half a second took 5 % of the time that a short clip takes."""


class PoseEstimator(Protocol):
    """Finds one person in one frame after another of the same scene."""

    def detect(self, frame: Frame) -> FramePose | None:
        """Return the person's landmarks in pixels, or None when nobody is found."""

    def close(self) -> None:
        """Free what is held; no call may follow."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a clip is cut: ``chunks`` pieces of ``length_s`` seconds, an even number if any.

    About six seconds each, so that the 0.4 s of warming up cost some 5 %; from three seconds on
    there are two, so that a second core has something to do. The last one is shorter: frames come
    in order, so it starts late, and would keep one core at work when the others are done.
    """

    chunks: int
    length_s: float
    total_s: float

    @classmethod
    def of(cls, duration_s: float) -> Plan:
        """Plan for a clip of this length."""
        if not duration_s >= _SPLIT_FROM_S:
            whole_s = max(duration_s, 1e-3)
            return cls(1, whole_s, whole_s)
        chunks = 2 * max(round(duration_s / (2 * _CHUNK_S)), 1)
        return cls(chunks, duration_s / (chunks - 1 + _LAST_SHARE), duration_s)

    def main(self, time_s: float) -> int:
        """Return the chunk that a frame's result is taken from."""
        return min(int(time_s / self.length_s), self.chunks - 1)

    def last(self, time_s: float) -> int:
        """Return the last chunk that wants to see a frame: its own, or the next to warm up."""
        return self.main(time_s + _WARM_UP_S)


Later = Callable[[], Frame]
"""Fetches a frame again that need not stay in memory until its turn comes."""
_Item = tuple[int, Frame | Later] | None
_Start = tuple[int, float]  # place and time of a first frame


@dataclass(slots=True)
class Following:
    """One run over a clip: the workers and what goes to and fro between them and the caller.

    ``make`` gives a fresh estimator. At most ``waiting`` frames are kept in memory (and those of
    one warm-up); for more, ``later`` tells how to fetch a frame again when it is needed, or None
    when it cannot be, and then no more are read for a while. ``progress(done_s, total_s)`` is
    called in the caller's thread.
    """

    plan: Plan
    make: Callable[[], PoseEstimator]
    waiting: int
    progress: Progress | None = None
    later: Callable[[Frame], Later | None] = lambda _frame: None
    _poses: dict[int, FramePose] = field(default_factory=dict)
    _queues: list[queue.SimpleQueue[_Item]] = field(default_factory=list)
    _tasks: list[Future[None]] = field(default_factory=list)
    _done_s: list[float] = field(default_factory=list)
    _slots: threading.Semaphore = field(default_factory=threading.Semaphore)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _starts_seen: set[int] = field(default_factory=set)
    _kept: dict[int, PoseEstimator] = field(default_factory=dict)
    _tidied_s: float = 0.0

    def over(
        self,
        frames: Iterator[Frame],
        again: Callable[[float], Iterable[Frame]],
        workers: int,
    ) -> dict[int, FramePose]:
        """Return the poses by the place of their frame, none where nobody was found.

        ``again(from_s)`` gives the frames from a time on once more; it is only called when a
        chunk began without the person whom the chunk before it still had.
        """
        count = self.plan.chunks
        self._slots = threading.Semaphore(self.waiting)
        self._queues = [queue.SimpleQueue() for _ in range(count)]
        self._done_s = [0.0] * count
        try:
            with ThreadPoolExecutor(min(workers, count), thread_name_prefix="pose") as pool:
                try:
                    self._tasks = [pool.submit(self._follow, chunk) for chunk in range(count)]
                    starts = self._feed(frames)
                    self._wait()
                finally:
                    self._stop()
            self._go_on(starts, again)
        finally:
            for estimator in self._kept.values():
                estimator.close()
        if self.progress:
            self.progress(self.plan.total_s, self.plan.total_s)
        return self._poses

    def _feed(self, frames: Iterator[Frame]) -> list[_Start]:
        """Hand each frame to its chunk, and to the next one while that warms up.

        Returns where each chunk starts.
        """
        starts: list[_Start] = []
        place = -1
        for place, frame in enumerate(frames):
            main = self.plan.main(frame.time_s)
            while len(starts) <= main:
                if starts:
                    self._queues[len(starts) - 1].put(None)
                starts.append((place, frame.time_s))
            # Only a chunk's own frames count as waiting: those that warm up the next chunk may
            # come before a worker is free for it, and would block the one that it waits for.
            self._queues[main].put((place, self._waiting(frame)))
            for chunk in range(main + 1, self.plan.last(frame.time_s) + 1):
                self._queues[chunk].put((place, self.later(frame) or frame))
            self._look()
        for chunk in range(max(len(starts) - 1, 0), self.plan.chunks):
            self._queues[chunk].put(None)
        return starts + [(place + 1, math.inf)] * (self.plan.chunks - len(starts))

    def _waiting(self, frame: Frame) -> Frame | Later:
        """The frame once there is room for it, or how to fetch it again."""
        if self._slots.acquire(blocking=False):
            return frame
        if (later := self.later(frame)) is not None:
            return later
        while not self._slots.acquire(timeout=_POLL_S):
            self._look()
        return frame

    def _wait(self) -> None:
        while wait(self._tasks, timeout=_POLL_S).not_done:
            self._look()
        self._look()

    def _stop(self) -> None:
        """Make the workers return soon, whatever they are at."""
        self._stopped.set()
        for task in self._tasks:
            task.cancel()
        for waiting in self._queues:
            waiting.put(None)

    def _look(self) -> None:
        """Raise what a worker raised; tell how far they are; tidy up now and then."""
        for task in self._tasks:
            if task.done():
                task.result()
        if self.progress:
            self.progress(min(sum(self._done_s), self.plan.total_s), self.plan.total_s)
        if (now_s := time.monotonic()) > self._tidied_s + _TIDY_EVERY_S:
            return_memory()
            self._tidied_s = now_s

    def _follow(self, chunk: int) -> None:
        """Follow the person through one chunk; keep the estimator if it may have to go on."""
        estimator = self.make()
        held = False
        try:
            held = self._through(chunk, estimator)
        finally:
            if not held:
                estimator.close()
        if held:
            with self._lock:
                self._kept[chunk] = estimator
            self._release()

    def _through(self, chunk: int, estimator: PoseEstimator) -> bool:
        """Take the frames of a chunk; true when the person is still there at its end."""
        begin = chunk * self.plan.length_s
        pose: FramePose | None = None
        first = True
        while (item := self._queues[chunk].get()) is not None and not self._stopped.is_set():
            place, waited = item
            frame = waited if isinstance(waited, Frame) else waited()
            pose = estimator.detect(frame)
            if self.plan.main(frame.time_s) != chunk:
                continue
            if waited is frame:
                self._slots.release()
            self._done_s[chunk] = frame.time_s - begin
            if pose is not None:
                self._poses[place] = pose
                if first:
                    self._starts_seen.add(chunk)
                    self._release()
            first = False
        return pose is not None

    def _release(self) -> None:
        """Close the kept estimators whose next chunk found the person by itself."""
        with self._lock:
            for chunk in list(self._kept):
                if chunk + 1 in self._starts_seen or chunk + 1 == self.plan.chunks:
                    self._kept.pop(chunk).close()

    def _go_on(self, starts: list[_Start], again: Callable[[float], Iterable[Frame]]) -> None:
        """Let estimators go on past their chunk where the next one began without the person.

        A person who is half out of the picture can be followed long after a fresh estimator
        would no longer find them.
        """
        for chunk in sorted(self._kept):
            place, time_s = starts[chunk + 1]
            missed = 0
            for here, frame in enumerate(again(time_s), place):
                if here in self._poses or missed == _GIVE_UP_AFTER:
                    break
                pose = self._kept[chunk].detect(frame)
                missed = 0 if pose else missed + 1
                if pose is not None:
                    self._poses[here] = pose
