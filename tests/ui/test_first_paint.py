"""What keeps the review waiting: work that could be done before, or after, the first picture."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.testing.v1 import AppTest

from formcheck.errors import HistoryError
from formcheck.ui import remembering, reviewpage, server, session, warming, work
from tests.ui.conftest import TOKEN

_RUN = """
import gc, json, sys
from streamlit.testing.v1 import AppTest
from formcheck.ui import server, session, warming
warming.warm_up()
known, frozen = set(sys.modules), gc.get_freeze_count()
session.valid = lambda _: sys.argv[1]
page = AppTest.from_file(str(server.PAGE), default_timeout=60)
page.query_params["set"] = sys.argv[2]
page.run()
late = sorted({name.partition(".")[0] for name in set(sys.modules) - known})
print(json.dumps([late, frozen, len(gc.get_objects()), [e.value for e in page.exception]]))
"""


def _in_a_thread(act):
    """The browser tests' event loop may be running in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(act).result()


@pytest.fixture
def review(stored, squat_set, monkeypatch):
    """The page of a set that is in the history, as its own visitor opens it."""
    work._write(stored, squat_set, [])
    stored.publish(drawn=True)
    monkeypatch.setattr(session, "valid", lambda _token: TOKEN)
    page = AppTest.from_file(str(server.PAGE), default_timeout=60)
    page.query_params["set"] = stored.card.id
    return page


def test_after_the_warm_up_a_review_needs_nothing_large(stored, root):
    done = subprocess.run(
        [sys.executable, "-c", _RUN, TOKEN, stored.card.id],
        capture_output=True, check=True, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    late, frozen, seen_by_the_collector, exceptions = json.loads(done.stdout.splitlines()[-1])
    assert exceptions == []
    assert not {"formcheck", "pandas", "pyarrow", "numpy", "scipy", "sqlalchemy"} & set(late)
    assert frozen > 10 * seen_by_the_collector  # nearly all that there is was imported


def test_the_server_warms_up_while_it_already_answers(monkeypatch):
    warmed = []

    async def serve():
        async with warming.lifespan(None):
            for _ in range(500):
                if warmed:
                    return
                await asyncio.sleep(0.01)

    monkeypatch.setattr(warming, "warm_up", lambda: warmed.append(True))
    _in_a_thread(lambda: asyncio.run(serve()))
    assert warmed == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no uvloop")
def test_small_answers_are_not_held_back():
    """Streamlit's listening socket names no protocol: the standard loop then leaves Nagle's
    algorithm on, and the second part of an answer waits 40 ms for the first to be acknowledged."""
    import uvloop

    option = None

    class Peer(asyncio.Protocol):
        def connection_made(self, transport):
            nonlocal option
            sock = transport.get_extra_info("socket")
            option = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            transport.close()

    async def connect():
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        async with await asyncio.get_running_loop().create_server(Peer, sock=listening):
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            await reader.read()
            writer.close()
            await writer.wait_closed()

    def run():
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(connect())

    _in_a_thread(run)
    assert option


def test_what_is_closed_does_not_ask_the_history(review, monkeypatch):
    def fail(_shelf):
        raise HistoryError("asked")

    monkeypatch.setattr(remembering, "kept_sets", fail)
    assert not review.run().exception
    assert len(review.error) == 0


def test_the_review_goes_ahead_of_the_controls_once(review, monkeypatch):
    waits, sleep = [], time.sleep
    monkeypatch.setattr(reviewpage, "AHEAD_S", 0.0123)
    monkeypatch.setattr(time, "sleep", lambda s: (waits.append(s), sleep(s)))
    for _ in range(2):
        review.run()
        assert waits.count(0.0123) == 1
    assert not review.exception
    assert review.button("delete")


@pytest.mark.parametrize("gone", [True, False])
def test_what_the_history_cannot_give_is_said_in_the_opened_form(review, stored, monkeypatch, gone):
    def kept_sets(_shelf):
        if gone:
            return []
        raise HistoryError("the history cannot be opened")

    monkeypatch.setattr(remembering, "kept_sets", kept_sets)
    review.session_state[f"details_{stored.card.id}"] = True
    review.run()
    assert not review.exception
    said = review.info if gone else review.error
    assert "history" in said[0].value
    assert len(review.number_input) == 0
