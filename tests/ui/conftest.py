"""A served page, and sets that need no analysis."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from formcheck.types import Analysis
from formcheck.ui import component, launch
from formcheck.ui.reviewing import review_of
from formcheck.ui.sets import Shelf, StoredSet

START_S = 60.0
TOKEN = "v" * 43


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder."""
    monkeypatch.setenv("FORMCHECK_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def shelf(data: Path) -> Shelf:
    return Shelf(TOKEN, data)


def keep(shelf: Shelf, clip: Path, analysis: Analysis) -> StoredSet:
    """Put a set on a shelf as if it had been analysed."""
    with clip.open("rb") as stream:
        stored = shelf.add(clip.name, stream, "auto", "lite")
    stored.save_track(analysis.track)
    review = review_of(analysis, [])
    stored.save_review(review)
    stored.publish(
        ready=True, drawn=True, exercise=analysis.exercise.id, title=review["title"],
        reps=len(analysis.reps), score=review["score"], out_of=review["out_of"],
    )  # fmt: skip
    return stored


@pytest.fixture
def stored(shelf: Shelf, sample_clip: Path, squat_set: Analysis) -> StoredSet:
    return keep(shelf, sample_clip, squat_set)


@pytest.fixture(scope="module")
def run(browser: Browser) -> Iterator[Callable[..., Any]]:
    """Call a function of the components with JSON in and out, in the browser."""
    page = browser.new_page()
    parts = (*component._SCRIPTS["review"][:-1], "record_logic.js")
    source = "".join(component._static(name) for name in parts)

    def call(name: str, *arguments: object) -> Any:
        wanted = ", ".join(json.dumps(argument) for argument in arguments)
        return page.evaluate(f"() => {{ {source}; return ({name})({wanted}); }}")

    yield call
    page.close()


@dataclass(frozen=True)
class Served:
    address: str
    data: Path


@pytest.fixture(scope="session")
def served(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page as ``formcheck app`` serves it, with a data folder of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("served")
    with (folder / "log").open("wb") as output:
        server = subprocess.Popen(
            launch.command("127.0.0.1", port), cwd=folder, stdout=output, stderr=output,
            env={**os.environ, "FORMCHECK_DATA": str(folder / "data"), "PYTHONPATH": str(root)},
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/_stcore/health", folder / "log")
        yield Served(address, folder / "data")
        assert "Traceback" not in (folder / "log").read_text()
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the page did not start: {log.read_text()}")
