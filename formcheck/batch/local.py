"""Many clips on this machine: processes that live as long as the batch, a clip at a time each.

Each process keeps to one core, so that N workers use N cores and no more. It also keeps every
library in it (decoder, encoder, OpenCV, BLAS) from starting a thread for each core of the machine:
unbound, a process used 1.1 cores for its clip, and the threads of all of them fought for the rest.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection

from formcheck.batch.work import Analyse, Outcome, Task, failed_at, score

ATTEMPTS = 2
"""How often a clip is tried whose process dies: memory may have been short once."""
STOP_S = 5.0


def outcomes(tasks: Sequence[Task], workers: int, analyse: Analyse) -> Iterator[Outcome]:
    """Score all tasks, one outcome each, in the order in which they are done.

    A process that dies (out of memory, a broken decoder) is replaced and costs no other clip. When
    the iteration is left early, or fails, all processes end.
    """
    todo: queue.SimpleQueue[Task] = queue.SimpleQueue()
    for task in tasks:
        todo.put(task)
    done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    lanes = [_Lane(todo, done, analyse, number) for number in range(min(workers, len(tasks)))]
    try:
        for lane in lanes:
            lane.start()
        for _ in tasks:
            yield done.get()
    finally:
        for lane in lanes:
            lane.stop()


class _Lane(threading.Thread):
    """Feeds one process after another, mostly the first for all the time."""

    def __init__(
        self,
        todo: queue.SimpleQueue[Task],
        done: queue.SimpleQueue[Outcome],
        analyse: Analyse,
        number: int,
    ) -> None:
        super().__init__(name=f"batch lane {number}", daemon=True)
        self._todo, self._done, self._analyse, self._number = todo, done, analyse, number
        self._stopped = False
        self._worker: _Worker | None = None

    def run(self) -> None:
        keep_to_a_core(self._number)
        while not self._stopped:
            try:
                task = self._todo.get_nowait()
            except queue.Empty:
                return
            self._done.put(self._score(task))

    def _score(self, task: Task) -> Outcome:
        for _ in range(ATTEMPTS):
            try:
                worker = self._worker = self._worker or _Worker(self._analyse)
                if self._stopped:  # while the process was being started
                    self._end_worker()
                    break
                return worker.score(task)
            except (EOFError, OSError):
                self._end_worker()
                if self._stopped:
                    break
            except Exception as error:  # nobody else answers for the clip, and it is waited for
                self._end_worker()
                return failed_at(task, f"{type(error).__name__}: {error}")
        return failed_at(task, f"its process died {ATTEMPTS} times (out of memory?)")

    def stop(self) -> None:
        """End the process, in the middle of a clip if need be."""
        self._stopped = True
        self._end_worker()

    def _end_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()


def keep_to_a_core(number: int) -> None:
    """Bind this thread, and the processes that it starts, to one of the cores it may use.

    Two batches at once mostly begin at different cores. Does nothing where the system cannot.
    """
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        with suppress(OSError):  # not allowed, as in some containers
            os.sched_setaffinity(0, {cores[(os.getpid() + number) % len(cores)]})


class _Worker:
    """A process that scores clips. Its modules and models are loaded once."""

    def __init__(self, analyse: Analyse) -> None:
        context = multiprocessing.get_context("spawn")  # threads and native code do not fork well
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, analyse), daemon=True)
        self._process.start()
        theirs.close()

    def score(self, task: Task) -> Outcome:
        """Raises EOFError or OSError when the process dies."""
        self._pipe.send(task)
        outcome: Outcome = self._pipe.recv()
        return outcome

    def end(self) -> None:
        """End the process; whoever waits for it in :meth:`score` is then told so."""
        self._process.terminate()
        self._process.join(STOP_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _serve(pipe: Connection, analyse: Analyse) -> None:
    """The process: scores what comes until nothing comes any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started this
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(1))  # so that files are cleared
    while True:
        try:
            task: Task = pipe.recv()
        except EOFError:
            return
        pipe.send(score(task, (), analyse))
