"""An empty history, in SQLite and in PostgreSQL, and sets to put into it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kept import new_set
from postgres import Server, server_programs

from formcheck import store


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    programs = server_programs()
    if programs is None:
        # Where everything has to be tested a missing server is a failure, not a reason to skip.
        assert "CI" not in os.environ, "no PostgreSQL here: apt-get install -y postgresql"
        pytest.skip("no PostgreSQL on this machine: sudo apt-get install -y postgresql")
    server = Server(programs)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'history.db'}"
    server: Server = request.getfixturevalue("postgres")
    return server.empty_database()


@pytest.fixture
def history(url: str) -> Iterator[store.History]:
    with store.open_history(url) as opened:
        yield opened


@pytest.fixture
def add(history: store.History) -> Callable[..., int]:
    """Put a set in: ``add("squat", "clip name", load_kg=100)``."""
    return lambda *what, **details: history.add(new_set(*what, **details))
