"""Tasks side by side whose results come in order, so that the number of workers changes nothing."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

POLL_S = 0.1

Result = TypeVar("Result")
Task = Callable[[Callable[[], None]], Result]
"""Calls what it is given now and then, which raises once nobody waits for the result any more."""


def in_order(
    tasks: Iterable[Task[Result]], workers: int, tell: Callable[[], None]
) -> Generator[Result]:
    """The results of tasks, in their order; at most ``workers`` are at work.

    One more is fetched from ``tasks`` meanwhile. ``tell`` is called in the caller's thread while it
    waits, and may raise. What a task raises is raised here. Closed early it stops the tasks.
    """
    waiting: deque[Future[Result]] = deque()
    stopped = threading.Event()

    def check() -> None:
        if stopped.is_set():
            raise RuntimeError("stopped")

    with ThreadPoolExecutor(workers) as pool:
        try:
            for task in tasks:
                waiting.append(pool.submit(task, check))
                if len(waiting) > workers:
                    yield _result(waiting.popleft(), tell)
            while waiting:
                yield _result(waiting.popleft(), tell)
        finally:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _result(task: Future[Result], tell: Callable[[], None]) -> Result:
    tell()
    while wait([task], timeout=POLL_S).not_done:
        tell()
    return task.result()
