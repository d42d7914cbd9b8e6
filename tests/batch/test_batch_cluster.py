"""A batch on a Dask cluster: each clip once, whatever happens to a worker."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from batch_work import analyse, read_log, run, scored, wait_until, write_clip

from formcheck import batch, cli
from formcheck.batch import Settings, work
from formcheck.errors import UsageError


@pytest.fixture
def cluster(tmp_path, log):
    """A scheduler and two workers as processes of their own; the address, and the workers."""
    here = Path(__file__).resolve().parent
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(here), str(here.parents[1])]),
        "FORMCHECK_TEST_LOG": str(log),
    }
    address = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": env}
    dask = [sys.executable, "-m", "distributed.cli"]
    common = ["--scheduler-file", str(address), "--no-dashboard"]
    local = ["--host", "127.0.0.1"]
    scheduler = [f"{dask[2]}.dask_scheduler", "--port", "0", *local, *common]
    worker = [f"{dask[2]}.dask_worker", "--nthreads", "1", "--no-nanny", *local, *common]
    folder = ["--local-directory", str(tmp_path)]
    processes = [subprocess.Popen([*dask[:2], *scheduler], **quiet)]
    try:
        wait_until(address.exists)
        processes += [subprocess.Popen([*dask[:2], *worker, *folder], **quiet) for _ in range(2)]
        yield json.loads(address.read_text())["address"], processes[1:]
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def test_a_worker_is_killed_and_every_clip_is_scored_exactly_once(cluster, tmp_path, report, log):
    address, workers = cluster
    folder = tmp_path / "clips"
    folder.mkdir()
    for number in range(10):
        write_clip(folder / f"{number}.mp4", report, "hang" if number == 4 else "score")

    def kill() -> None:
        """The worker that hangs in the middle of a clip."""
        wait_until(lambda: any(line.clip == "4.mp4" for line in read_log(log)))
        [hung] = {line.pid for line in read_log(log) if line.clip == "4.mp4"}
        next(worker for worker in workers if worker.pid == hung).kill()

    def both_are_there(line: str) -> None:
        assert address in line

    killer = threading.Thread(target=kill)
    killer.start()
    summary = run([folder], tmp_path / "out", workers=None, scheduler=address, note=both_are_there)
    killer.join()
    assert sum(worker.poll() is not None for worker in workers) == 1
    assert summary.in_words() == "10 clips: 10 scored, 0 failed"
    assert scored(log) == Counter({f"{n}.mp4": 1 for n in range(10)})
    begun = Counter(line.clip for line in read_log(log) if line.what == "begun")
    assert begun["4.mp4"] == 2
    assert len({row.folder for row in summary.rows}) == 10
    assert all((tmp_path / "out" / row.folder / "report.json").is_file() for row in summary.rows)
    again = run([folder], tmp_path / "out", workers=None, scheduler=address)
    assert again.in_words() == "10 clips: 10 done before, 0 failed"
    assert set(scored(log).values()) == {1}


def test_a_clip_that_comes_back_after_it_was_done_is_not_scored_again(clips, tmp_path, log):
    """Dask asks again for what a worker had finished but not told before it died."""
    out, told = tmp_path / "out", Settings()
    task = work.Task(0, str(clips / "a.mp4"), out, ".batch-x", told, told.key())
    (out / task.run).mkdir(parents=True)
    first, again = (work.score(task, (), analyse) for _ in range(2))
    assert again == first
    assert again.status == "scored"
    assert scored(log)["a.mp4"] == 1
    later = dataclasses.replace(task, run=".batch-y")
    assert work.score(later, (), analyse).status == "done before"


def test_no_scheduler_is_one_line(clips, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(batch.cluster, "CONNECT_S", 1)
    command = ["batch", str(clips), "--out", str(tmp_path / "out")]
    assert cli.main([*command, "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err
    assert cli.main([*command, "--scheduler", "tcp://127.0.0.1:9", "--workers", "2"]) == 2
    assert "leave out" in capsys.readouterr().err


def test_something_else_at_the_address_is_not_waited_for(clips, tmp_path, monkeypatch):
    """Such as the dashboard, whose port is the next one: it says nothing that ends the wait."""
    monkeypatch.setattr(batch.cluster, "CONNECT_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(UsageError, match=f"no Dask scheduler answers at {address}$"):
            run([clips], tmp_path / "out", workers=None, scheduler=address)
    with pytest.raises(UsageError, match=r"no Dask scheduler answers at nonsense$"):
        run([clips], tmp_path / "out", workers=None, scheduler="nonsense")


def test_without_dask_it_says_how_to_get_it(clips, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"formcheck\[cluster\]"):
        run([clips], tmp_path / "out", workers=None, scheduler="tcp://127.0.0.1:9")
