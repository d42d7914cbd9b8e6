"""A writer that is killed leaves no half of anything; several at once do not disturb each other."""

from __future__ import annotations

import io
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from kept import new_set

from formcheck import keeping, store

EARLY_KILLS = 8
KILLS = 16
LATEST_S = 0.2


@pytest.fixture(scope="module")
def writer(root):
    """The writing process; ``ask(line)`` sends it a line and gives its answer."""
    program = Path(__file__).with_name("writer.py")
    path = os.pathsep.join([str(root), str(root / "tests")])
    started = subprocess.Popen(
        [sys.executable, str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )

    def ask(line: str = "") -> str:
        if line:
            started.stdin.write(line + "\n")
            started.stdin.flush()
        return started.stdout.readline().strip()

    yield ask
    started.stdin.close()
    started.stdout.close()
    assert started.wait(timeout=60) == 0


def assert_every_set_is_whole(history):
    wanted = new_set(tags=("a", "b"))
    for kept in history.sets():
        assert kept.tags == ("a", "b")
        out = io.BytesIO()
        assert history.write_video(kept.id, out) == kept.video_bytes == 1_280_000
        assert keeping.kept_report(history, kept.id).reps == wanted.report.reps
        assert len(history.recording(kept.id).raw) == len(wanted.recording.raw)
        assert history.pictures(kept.id) == wanted.pictures
    values = history.values("squat")
    assert len(values) == len({v.name for v in values}) * history.count()


def test_a_writer_killed_at_any_moment_leaves_a_whole_history(url, writer):
    """The first ones are killed while they make the tables, the others in the next sets."""
    chance = random.Random(7)
    counts = []
    for k in range(KILLS):
        child = int(writer(f"write {url}"))
        if k >= EARLY_KILLS:
            assert writer() == "kept"
        time.sleep(chance.uniform(0, LATEST_S))
        os.kill(child, signal.SIGKILL)
        while (answer := writer()) != "dead":
            assert answer == "kept"
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        with store.open_history(url) as history:
            counts.append(history.count())
    assert counts == sorted(counts)
    assert counts[-1] >= KILLS - EARLY_KILLS
    with store.open_history(url) as history:
        assert_every_set_is_whole(history)
        history.add(new_set())


@pytest.mark.parametrize("writers", [6])
def test_several_processes_open_a_new_history_at_once_and_write(url, writer, writers):
    assert writer(f"race {url} {writers}").split() == ["0"] * writers
    with store.open_history(url) as history:
        assert history.count() == 3 * writers
        assert_every_set_is_whole(history)


def test_an_sqlite_history_is_one_file_when_nobody_has_it_open(tmp_path):
    path = tmp_path / "new" / "history.db"
    with store.open_history(f"sqlite:///{path}") as history:
        history.add(new_set())
    assert [file.name for file in path.parent.iterdir()] == ["history.db"]
    assert path.stat().st_mode & 0o077 == 0  # for its owner's eyes only
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_is_deleted_cannot_be_found_in_the_file(tmp_path):
    """Neither in the file nor in a log beside it, while somebody still has it open."""
    path = tmp_path / "history.db"
    secret = "the knee hurts since Tuesday"
    with store.open_history(f"sqlite:///{path}") as history:
        stays = history.add(new_set(clip="1"))
    size = path.stat().st_size
    with store.open_history(f"sqlite:///{path}") as history:
        number = history.add(new_set(clip="2", notes=secret))
        assert any(secret.encode() in file.read_bytes() for file in tmp_path.iterdir())
        history.delete([number])
        for file in tmp_path.iterdir():
            assert secret.encode() not in file.read_bytes(), file.name
        assert [kept.id for kept in history.sets()] == [stays]
    assert path.stat().st_size == size
