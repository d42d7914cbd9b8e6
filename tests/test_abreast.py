"""Tasks side by side: in order, not too far ahead, and stopped with whoever waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

import pytest

from formcheck.abreast import in_order

Check = Callable[[], None]


def nothing() -> None: ...


def test_results_come_in_the_order_of_the_tasks():
    second_is_done = threading.Event()

    def first(_check: Check) -> str:
        assert second_is_done.wait(20)
        return "first"

    def second(_check: Check) -> str:
        second_is_done.set()
        return "second"

    assert list(in_order([first, second], 2, nothing)) == ["first", "second"]
    assert list(in_order([], 2, nothing)) == []


@pytest.mark.parametrize("workers", [1, 3])
def test_one_task_more_than_there_are_workers_is_fetched(workers):
    fetched: list[int] = []

    def tasks() -> Iterator[Callable[[Check], int]]:
        for number in range(20):
            fetched.append(number)
            yield lambda _check, number=number: number

    for result in in_order(tasks(), workers, nothing):
        assert len(fetched) <= result + workers + 1
    assert len(fetched) == 20


def test_what_a_task_raises_is_raised_in_its_turn():
    def wrong(_check: Check) -> int:
        raise ValueError("broken")

    results = in_order([lambda _check: 1, wrong, lambda _check: 3], 2, nothing)
    assert next(results) == 1
    with pytest.raises(ValueError, match="broken"):
        next(results)


def at_work_until_stopped(began: threading.Event, check: Check) -> None:
    began.set()
    while True:
        check()


def test_who_is_told_may_stop_it():
    began = threading.Event()

    def tell() -> None:
        if began.is_set():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(in_order([partial(at_work_until_stopped, began)] * 3, 2, tell))


def test_closed_early_it_stops_what_is_at_work():
    began = threading.Event()
    tasks = [lambda _check: 1, partial(at_work_until_stopped, began)]
    with closing(in_order(tasks, 1, nothing)) as results:
        assert next(results) == 1
        assert began.wait(20)
    assert not [thread for thread in threading.enumerate() if "ThreadPool" in thread.name]
