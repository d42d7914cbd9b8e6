"""Work in the background, so that the page stays responsive: one clip after the other.

The review opens as soon as there are findings; report.html and the annotated video follow.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from formcheck.errors import FormCheckError
from formcheck.ui import work
from formcheck.ui.sets import StoredSet

State = Literal["waiting", "running", "drawing", "done", "failed", "cancelled"]
OVER: tuple[State, ...] = ("done", "failed", "cancelled")
_SURE_FROM = 0.06  # share done from which the rest of the time can be told
_log = logging.getLogger(__name__)


class CancelledError(Exception):
    """The visitor does not want to wait any longer."""


@dataclass(slots=True)
class Job:
    """What happens to one set. ``share`` of the findings is there, from 0 to 1."""

    stored: StoredSet
    name: str
    state: State = "waiting"
    stage: str = ""
    share: float = 0.0
    error: str = ""
    started: float = 0.0
    cancelled: threading.Event = field(default_factory=threading.Event)
    whole: bool = False
    """Whether it looks for landmarks, too, and does not only score those that are kept."""

    def under_way(self) -> bool:
        """Whether it still looks for findings, and is wanted."""
        return self.state in ("waiting", "running") and not self.cancelled.is_set()

    def alive(self) -> bool:
        """Whether anything is still done, and is wanted."""
        return self.state not in OVER and not self.cancelled.is_set()

    def left_s(self) -> float | None:
        """How long it will take until there are findings; None when that is not known yet."""
        if self.state != "running" or self.share < _SURE_FROM:
            return None
        return (time.monotonic() - self.started) / self.share * (1 - self.share)

    def tell(self, stage: str, share: float) -> None:
        """Take note of progress; the place at which a cancelled job ends."""
        if self.cancelled.is_set():
            raise CancelledError
        title = work.TITLES.get(stage, stage)
        if stage == "second look" and title != self.stage:  # it begins anew, and so does the clock
            self.started = time.monotonic()
        self.stage = title
        if stage in work.SHARES:
            first, last = work.SHARES[stage]
            self.share = first + (last - first) * min(max(share, 0.0), 1.0)


class Jobs:
    """All work of this server: one clip is analysed at a time, since it keeps all cores busy.

    What is only scored again, in seconds, does not wait behind clips that take minutes.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="analyse")
        self._scorer = ThreadPoolExecutor(1, thread_name_prefix="score")
        self._painter = ThreadPoolExecutor(1, thread_name_prefix="draw")
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def of(self, stored: StoredSet) -> Job | None:
        """The latest job of a set."""
        return self._jobs.get(str(stored.folder))

    def alive_in(self, shelf: Path) -> list[Job]:
        """What is being done about the sets in a folder, in its order."""
        with self._lock:
            jobs = list(self._jobs.values())
        return [job for job in jobs if job.stored.folder.parent == shelf and job.alive()]

    def ahead_of(self, job: Job) -> int:
        """How many clips are analysed, or scored again, before this one."""
        waiting = itertools.takewhile(lambda other: other is not job, self._busy())
        return sum(1 for other in waiting if other.whole == job.whole)

    def says(self, job: Job) -> str:
        """What is being done about it, in words."""
        if job.state != "waiting":
            return job.stage or "Opening the clip"
        ahead = self.ahead_of(job)
        return f"Waiting for {ahead} other clip{'' if ahead == 1 else 's'}" if ahead else "Starting"

    def _busy(self) -> Iterator[Job]:
        with self._lock:
            jobs = list(self._jobs.values())
        return (job for job in jobs if job.state in ("waiting", "running"))

    def analyse(self, stored: StoredSet, *, instead: bool = False) -> Job:
        """Find everything out about a set; go on with what is under way, or begin ``instead``."""
        return self._start(stored, whole=True, instead=instead)

    def rescore(self, stored: StoredSet) -> Job:
        """Score the kept landmarks as the set's card asks now, whatever else is under way.

        When new landmarks are being looked for, perhaps of somebody else, that begins anew: the
        kept ones are not those that the card asks for.
        """
        return self._start(stored, whole=False, instead=True)

    def resume(self, stored: StoredSet) -> Job | None:
        """The latest job of a set; takes up again what ended before the video was drawn.

        That is when the server was stopped, or the drawing was cancelled. A wish that the server
        had not got to then is still on the card, and what is shown is of before.
        """
        job = self.of(stored)  # before the card: a job that is over has written its card
        card = stored.card
        if not card.ready or (job is not None and job.state not in ("done", "cancelled")):
            return job
        if job is None and card.due == "follow":
            return self.analyse(stored)
        if not card.drawn or (job is None and card.due):
            return self.rescore(stored)
        return job

    def cancel(self, stored: StoredSet) -> None:
        """End a set's work at its next step; what still waits, at once."""
        with self._lock:
            job = self.of(stored)
            if job is None:
                return
            job.cancelled.set()
            if job.state == "waiting":
                job.state = "cancelled"

    def _start(self, stored: StoredSet, *, whole: bool, instead: bool) -> Job:
        key = str(stored.folder)
        job = Job(stored, stored.card.name, whole=whole)
        with self._lock:
            old = self._jobs.get(key)
            if old is not None and old.under_way():
                if not instead:
                    return old
                job.whole = whole or old.whole
            if old is not None:
                old.cancelled.set()
                del self._jobs[key]  # the new one waits behind all others
            self._jobs[key] = job
        with suppress(OSError):  # a full disk, or deleted meanwhile: the job itself will tell
            if stored.card.ready:
                stored.update(due="follow" if job.whole else "score")
        (self._pool if job.whole else self._scorer).submit(self._run, job)
        return job

    def _run(self, job: Job) -> None:
        def body() -> None:
            job.state, job.started = "running", time.monotonic()
            find = work.analyse if job.whole else work.rescore
            found = find(job.stored, job.tell)
            job.share, job.state = 1.0, "drawing"
            self._painter.submit(self._draw, job, found)

        with self._turns[str(job.stored.folder)]:  # an older job of the set may not have ended
            _guarded(job, body)
        if job.state != "cancelled":
            self._settle(job)

    def _settle(self, job: Job) -> None:
        """Nothing more is due, unless a newer job has taken this one's place."""
        with self._lock:
            newest = self._jobs.get(str(job.stored.folder)) is job
        with suppress(OSError):  # deleted meanwhile, or a full disk, of which the job has told
            if newest and job.stored.card.due:
                job.stored.update(due="")

    def _draw(self, job: Job, found: work.Findings) -> None:
        def body() -> None:
            work.draw(job.stored, found, job.tell)
            job.state = "done"

        _guarded(job, body)


def _guarded(job: Job, body: Callable[[], None]) -> None:
    """Run; whatever ends it early becomes the job's state and one line."""
    try:
        if job.cancelled.is_set():
            raise CancelledError
        body()
    except CancelledError:
        job.state = "cancelled"
    except FormCheckError as error:
        said = str(error).replace(str(job.stored.clip), job.name)  # nobody chose that path
        job.state, job.error = "failed", said
    except OSError as error:
        job.state = "failed"
        job.error = f"The results could not be written: {error.strerror or error}"
    except Exception as error:  # the page must be able to say that it ended
        _log.exception("analysis of %s failed", job.name)
        job.state, job.error = "failed", f"Something went wrong ({type(error).__name__})."
    finally:
        job.stored.tidy()


JOBS = Jobs()
"""Shared by all sessions of the server; each only reaches its own sets."""
