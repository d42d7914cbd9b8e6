"""What the batch's tests share: a folder of clips that are scored in no time, and a log of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from batch_work import write_clip

from formcheck import batch
from formcheck.batch import work
from formcheck.report import build_report


@pytest.fixture(autouse=True)
def log(tmp_path, monkeypatch) -> Path:
    file = tmp_path / "log"
    monkeypatch.setenv("FORMCHECK_TEST_LOG", str(file))
    return file


@pytest.fixture
def processes() -> None:
    """For tests of the processes themselves; the others score in this one, which is quicker."""


@pytest.fixture(autouse=True)
def _in_this_process(request, monkeypatch):
    if "processes" not in request.fixturenames:

        def here(tasks, _workers, how):
            return (work.score(task, (), how) for task in tasks)

        monkeypatch.setattr(batch.local, "outcomes", here)


@pytest.fixture
def report(squat_set) -> dict:
    return json.loads(build_report(squat_set).to_json())


@pytest.fixture
def clips(tmp_path, report) -> Path:
    """A folder with five clips."""
    folder = tmp_path / "clips"
    (folder / "more").mkdir(parents=True)
    for name in ("a.mp4", "b.MOV", "c.webm", "more/d e.mp4", "more/ä=1.mp4"):
        write_clip(folder / name, report)
    (folder / "notes.doc").write_text("no clip")
    return folder
