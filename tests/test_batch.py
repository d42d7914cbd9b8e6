"""Many clips: each is scored once, whatever happens to it, to its neighbours or to a process."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from batch_work import analyse, read_log, write_clip

from formcheck import batch, cli
from formcheck.batch import Settings, work
from formcheck.batch.sources import clip_name, expand, shown
from formcheck.errors import UsageError
from formcheck.profiles import Profile
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


def run(sources, out, **options) -> batch.Summary:
    wanted = {"workers": 2, **options}
    return batch.run([str(s) for s in sources], out, analyse=analyse, **wanted)


def scored(log: Path) -> Counter[str]:
    return Counter(line.clip for line in read_log(log) if line.what == "scored")


@pytest.mark.usefixtures("processes")
def test_every_clip_is_scored_once_and_its_result_is_whole(clips, tmp_path, log):
    out = tmp_path / "out"
    summary = run([clips], out)
    assert [row.clip for row in summary.rows] == ["a.mp4", "b.MOV", "c.webm", "d e.mp4", "ä_1.mp4"]
    assert set(scored(log).values()) == {1}
    assert len(scored(log)) == 5
    assert len({line.pid for line in read_log(log)}) <= 2
    assert summary.in_words() == "5 clips: 5 scored, 0 failed"
    for row in summary.rows:
        assert (row.status, row.exercise, row.reps, row.score) == ("scored", "squat", 3, 82.0)
        assert row.folder == f"{Path(row.clip).stem}-{row.sha256[:8]}"
        files = {path.name for path in (out / row.folder).iterdir()}
        assert files == {"report.json", "batch.json"}
    names = {path.name for path in out.iterdir()}
    assert names == {*(row.folder for row in summary.rows), "summary.csv", "summary.html"}


def test_what_is_done_is_not_done_again(clips, tmp_path, log):
    run([clips], tmp_path / "out")
    again = run([clips], tmp_path / "out")
    assert again.in_words() == "5 clips: 5 done before, 0 failed"
    assert [row.score for row in again.rows] == [82.0] * 5
    assert set(scored(log).values()) == {1}


def test_a_changed_clip_or_setting_is_scored_anew(clips, tmp_path, report, log):
    first = run([clips], tmp_path / "out")
    report["set"]["score"] = 50.0
    write_clip(clips / "a.mp4", report)
    again = run([clips], tmp_path / "out")
    assert [row.status for row in again.rows] == ["scored", *["done before"] * 4]
    assert again.rows[0].folder != first.rows[0].folder
    run([clips / "a.mp4"], tmp_path / "out", settings=Settings(model="lite"))
    assert scored(log)["a.mp4"] == 3
    [mine] = (tmp_path / "out").glob(again.rows[0].folder)
    assert json.loads((mine / "batch.json").read_text())["settings"]["model"] == "lite"


def test_the_settings_key_knows_all_that_a_result_depends_on():
    profile = Profile("p", "", {}, (), "ab")
    different = [
        Settings(),
        Settings(exercise="squat"),
        Settings(model="lite"),
        Settings(max_fps=60.0),
        Settings(height_cm=180.0),
        Settings(video=False),
        Settings(profile=profile),
        Settings(profile=Profile("p", "", {}, (), "cd")),
    ]
    assert len({settings.key() for settings in different}) == len(different)
    assert Settings(profile=profile).key() == Settings(profile=profile).key()


def test_an_error_is_a_row_and_ends_nothing(clips, tmp_path, report, log):
    write_clip(clips / "a.mp4", report, "nobody")
    write_clip(clips / "c.webm", report, "crash")
    summary = run([clips], tmp_path / "out")
    assert summary.in_words() == "5 clips: 3 scored, 2 failed"
    nobody, _, crash, *_ = summary.rows
    assert nobody.error == f"{clips / 'a.mp4'}: nobody was found in the clip"
    assert crash.error == f"{clips / 'c.webm'}: ZeroDivisionError: a bug of ours"
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith((".", "a-"))]
    write_clip(clips / "a.mp4", report)
    assert run([clips], tmp_path / "out").count("scored") == 1
    assert set(scored(log).values()) == {1}


@pytest.mark.usefixtures("processes")
def test_a_process_that_dies_costs_its_clip_at_most(clips, tmp_path, report, log):
    write_clip(clips / "a.mp4", report, "die once")
    write_clip(clips / "b.MOV", report, "die")
    summary = run([clips], tmp_path / "out")
    assert summary.in_words() == "5 clips: 4 scored, 1 failed"
    assert "its process died 2 times" in summary.rows[1].error
    assert set(scored(log).values()) == {1}


def test_a_worker_keeps_to_one_core_and_nobody_else_does():
    before = os.sched_getaffinity(0)
    bound = []

    def lane(number: int) -> None:
        batch.local.keep_to_a_core(number)
        bound.append(os.sched_getaffinity(0))

    for number in range(len(before)):
        thread = threading.Thread(target=lane, args=(number,))
        thread.start()
        thread.join()
    assert all(len(cores) == 1 for cores in bound)
    assert set().union(*bound) == before
    assert os.sched_getaffinity(0) == before


def test_two_names_of_the_same_clip_do_not_get_in_each_others_way(clips, tmp_path):
    (clips / "more" / "a.mp4").write_bytes((clips / "a.mp4").read_bytes())
    summary = run([clips / "a.mp4", clips / "more" / "a.mp4"], tmp_path / "out")
    assert summary.count("failed") == 0
    assert len({row.folder for row in summary.rows}) == 1


def test_what_a_dead_run_left_goes_and_a_living_ones_stays(clips, tmp_path):
    out = tmp_path / "out"
    for name, age_s in ((".batch-old", 48 * 3600), (".batch-new", 60)):
        (out / name / "half").mkdir(parents=True)
        then = time.time() - age_s
        os.utime(out / name, (then, then))
    run([clips / "a.mp4"], out)
    assert {path.name for path in out.glob(".batch-*")} == {".batch-new"}


def test_a_folder_in_the_way_is_not_touched(clips, tmp_path):
    first = run([clips / "a.mp4"], tmp_path / "out")
    mine = tmp_path / "out" / first.rows[0].folder
    for file in mine.iterdir():
        file.unlink()
    (mine / "diary.txt").write_text("dear")
    summary = run([clips / "a.mp4"], tmp_path / "out")
    assert "is in the way" in summary.rows[0].error
    assert [path.name for path in mine.iterdir()] == ["diary.txt"]


def test_the_tables_hold_a_row_a_clip(clips, tmp_path, report):
    write_clip(clips / "c.webm", report, "nobody")
    summary = run([clips], tmp_path / "out")
    with (tmp_path / "out" / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["clip"] for row in rows] == [row.clip for row in summary.rows]
    first = rows[0]
    assert (first["reps"], first["score"], first["failed"]) == ("3", "82.0", "0")
    assert (first["passed"], first["failed_checks"]) == ("1", "squat.depth 1")
    assert rows[2]["score"] == ""
    assert "nobody was found" in rows[2]["error"]
    page = (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    assert "<h1>5 clips: 4 scored, 1 failed</h1>" in page
    assert "Depth (4)" in page
    assert "nobody was found" in page


def test_a_page_shows_names_as_text(tmp_path, report):
    clip = write_clip(tmp_path / "<b>&x.mp4", report, "nobody")
    run([clip], tmp_path / "out")
    page = (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


def test_what_the_worker_cannot_place_is_placed_for_it(clips, tmp_path, report):
    """A worker elsewhere sees the clips, but not the folder for results."""
    out = tmp_path / "out"
    out.mkdir()
    told = Settings()
    task = work.Task(0, str(clips / "a.mp4"), out, ".batch-x", told, told.key())
    outcome = work.score(task, (), analyse)
    assert (outcome.status, outcome.placed) == ("scored", False)
    assert list(out.iterdir()) == []
    (out / task.run).mkdir()
    kept = work.keep(task, outcome)
    assert json.loads(kept.report) == report
    assert work.is_done(out / outcome.folder, task.key, outcome.sha256)
    later = dataclasses.replace(task, run=".batch-y")
    known = work.score(later, {outcome.folder}, analyse)
    assert (known.status, work.keep(later, known).report) == ("done before", kept.report)


# --- what there is to score ---------------------------------------------------------------------


def names(found: list[str]) -> list[str]:
    return [Path(clip).name for clip in found]


def test_folders_globs_lists_and_clips(clips, tmp_path, monkeypatch):
    monkeypatch.chdir(clips)
    (clips / "annotated.mp4").touch()
    (clips / ".hidden.mp4").touch()
    (clips / ".batch-1").mkdir()
    (clips / ".batch-1" / "x.mp4").touch()
    everything = ["a.mp4", "b.MOV", "c.webm", "d e.mp4", "ä=1.mp4"]
    assert names(expand(["."])) == everything
    assert names(expand([str(clips)])) == everything
    assert names(expand(["*.mp4"])) == ["a.mp4"]
    assert names(expand(["**/*.mp4"])) == ["a.mp4", "d e.mp4", "ä=1.mp4"]
    assert names(expand(["annotated.mp4", "notes.doc"])) == ["annotated.mp4", "notes.doc"]
    assert names(expand(["c.webm", ".", "c.webm"])) == ["c.webm", "a.mp4", "b.MOV", *everything[3:]]
    (tmp_path / "list.txt").write_text("# ours\n\nclips/a.mp4\n clips/more \nclips/gone.mp4\n")
    listed = ["a.mp4", "d e.mp4", "ä=1.mp4", "gone.mp4"]
    assert names(expand([str(tmp_path / "list.txt")])) == listed


def test_a_clip_with_a_glob_in_its_name_is_a_clip(clips):
    (clips / "set [1].mp4").touch()
    assert names(expand([str(clips / "set [1].mp4")])) == ["set [1].mp4"]


def test_a_missing_clip_of_a_list_is_its_own_error(clips, tmp_path):
    (tmp_path / "list.txt").write_text("clips/gone.mp4\nclips/a.mp4")
    summary = run([tmp_path / "list.txt"], tmp_path / "out")
    assert summary.in_words() == "2 clips: 1 scored, 1 failed"
    assert summary.rows[0].error == f"{clips / 'gone.mp4'}: No such file or directory"


def test_urls_are_read_through_fsspec(clips, tmp_path, log):
    archive = tmp_path / "sets.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(clips / "a.mp4", "day/a.mp4")
        packed.write(clips / "more" / "d e.mp4", "day/d e.mp4")
    chained = f"zip://day/*.mp4::file://{archive}"
    summary = run([chained, (clips / "c.webm").as_uri()], tmp_path / "out")
    assert [row.status for row in summary.rows] == ["scored"] * 3, summary.rows
    assert [row.clip for row in summary.rows] == ["a.mp4", "d e.mp4", "c.webm"]
    assert set(scored(log).values()) == {1}


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("nowhere", "nowhere: no such file or folder"),
        ("empty", "empty: there is no clip in it"),
        ("*.mp4", "there is no clip in it"),
        ("nope://x/a.mp4", "nope"),
    ],
)
def test_a_source_that_is_none_is_one_line(source, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert cli.main(["batch", source]) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.err.count("\n") == 1
    assert not (tmp_path / "formcheck-out").exists()


def test_secrets_in_a_url_are_not_written_down():
    assert shown("https://me:pw@host/a.mp4?sig=1#x") == "https://host/a.mp4"
    assert shown("/clips/a.mp4") == "/clips/a.mp4"
    assert clip_name("https://host/a%20b.mp4?sig=1") == "a_20b.mp4"
    assert clip_name("s3://bucket/x/../..mp4") == "mp4"
    assert clip_name("/x/" + "y" * 300 + ".mp4") == "y" * 80 + ".mp4"


# --- the command --------------------------------------------------------------------------------


def test_the_command_passes_on_what_was_asked_for(tmp_path, monkeypatch, capsys):
    asked = {}

    def fake(sources, out, settings, **options):
        asked.update(sources=sources, out=out, settings=settings, **options)
        rows = (batch.Row("a.mp4", "scored"), batch.Row("b.mp4", "failed", error="b.mp4: no"))
        return batch.Summary(rows, (Path(out) / "summary.csv",))

    monkeypatch.setattr(batch, "run", fake)
    profile = tmp_path / "p.toml"
    profile.write_text('name = "mine"')
    flags = "--exercise lunge --model lite --no-video --height-cm 180 --max-fps 60 --workers 3"
    command = ["batch", "x", "y", *flags.split(), "--profile", str(profile), "--out", "o"]
    assert cli.main(command) == 0
    settings = asked["settings"]
    assert settings.profile.name == "mine"
    assert settings == Settings("lunge", "lite", 60.0, 180.0, False, settings.profile)
    assert (asked["sources"], asked["workers"], asked["scheduler"]) == (["x", "y"], 3, None)
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0] == "2 clips: 1 scored, 1 failed"
    assert printed.err == "b.mp4: no\n"


def test_interrupted_it_ends_its_processes_and_goes_on_later(clips, tmp_path, report, log):
    write_clip(clips / "a.mp4", report, "hang")
    program = (
        "import signal, sys; from batch_work import analyse; from formcheck import batch, cli\n"
        "if __name__ == '__main__':\n"
        "    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the shell set\n"
        "    run = batch.run\n"
        "    batch.run = lambda *a, **k: run(*a, **{**k, 'analyse': analyse})\n"
        "    sys.exit(cli.main(sys.argv[1:]))\n"
    )
    script = tmp_path / "command.py"
    script.write_text(program)
    out = tmp_path / "out"
    command = [
        sys.executable,
        str(script),
        "batch",
        str(clips),
        "--out",
        str(out),
        "--workers",
        "2",
    ]
    here = Path(__file__).resolve().parent
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True, env=env) as process:
        _wait_until(lambda: len(scored(log)) == 4 and "a.mp4" in {x.clip for x in read_log(log)})
        process.send_signal(2)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "formcheck: interrupted\n")
    assert not list(out.glob(".batch-*"))
    hung = next(line.pid for line in read_log(log) if line.clip == "a.mp4")
    _wait_until(lambda: not Path(f"/proc/{hung}").exists())
    assert run([clips], out).in_words() == "5 clips: 1 scored, 4 done before, 0 failed"
    assert set(scored(log).values()) == {1}


def _wait_until(true, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


# --- a cluster ----------------------------------------------------------------------------------


@pytest.fixture
def cluster(tmp_path, log):
    """A scheduler and two workers as processes of their own; the address, and the workers."""
    here = Path(__file__).resolve().parent
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)]),
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
        _wait_until(address.exists)
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
        _wait_until(lambda: any(line.clip == "4.mp4" for line in read_log(log)))
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


def test_without_dask_it_says_how_to_get_it(clips, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"formcheck\[cluster\]"):
        run([clips], tmp_path / "out", workers=None, scheduler="tcp://127.0.0.1:9")
