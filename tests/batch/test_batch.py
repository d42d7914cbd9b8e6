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
from pathlib import Path

import pytest
from batch_work import analyse, read_log, run, scored, wait_until, write_clip

from formcheck import batch, cli
from formcheck.batch import Settings, work
from formcheck.batch.summary import Row, _groups
from formcheck.errors import UsageError
from formcheck.profiles import Profile


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


@pytest.mark.parametrize("end", [KeyboardInterrupt(), UsageError("no Dask scheduler answers")])
@pytest.mark.parametrize("there", [True, False])
def test_a_batch_that_ends_before_its_first_result_leaves_no_folder(
    end, there, clips, tmp_path, monkeypatch
):
    def outcomes(*_arguments):
        assert list((tmp_path / "new" / "out").iterdir())  # the work in progress
        raise end

    out = tmp_path / "new" / "out"
    if there:
        out.mkdir(parents=True)
    monkeypatch.setattr(batch.local, "outcomes", outcomes)
    code = cli.main(["batch", str(clips), "--out", str(out)])
    assert code == (cli.INTERRUPTED if isinstance(end, KeyboardInterrupt) else 2)
    assert out.parent.exists() == there
    assert not there or list(out.iterdir()) == []


def test_the_command_hides_faces_where_that_is_asked_for(clips, tmp_path, monkeypatch):
    asked = []

    def outcomes(tasks, *_options):
        asked.extend(task.settings for task in tasks)
        raise KeyboardInterrupt

    monkeypatch.setattr(batch.local, "outcomes", outcomes)
    cli.main(["batch", str(clips), "--out", str(tmp_path / "out"), "--blur-face"])
    assert set(asked) == {Settings(blur_face=True)}


def test_what_is_done_is_not_done_again(clips, tmp_path, log):
    run([clips], tmp_path / "out")
    again = run([clips], tmp_path / "out")
    assert again.in_words() == "5 clips: 5 done before, 0 failed"
    assert [row.score for row in again.rows] == [82.0] * 5
    assert set(scored(log).values()) == {1}


def test_a_name_that_is_not_utf8_costs_no_summary(clips, tmp_path, report):
    name = os.fsdecode(b"caf\xe9")
    write_clip(clips / f"{name}.mp4", report)
    write_clip(clips / f"{name} bad.mp4", report, "nobody")
    summary = run([clips], tmp_path / "out")
    assert summary.in_words() == "7 clips: 6 scored, 1 failed"
    with (tmp_path / "out" / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["clip"]: row for row in csv.DictReader(file)}
    assert rows["caf_.mp4"]["source"] == f"{clips}/caf?.mp4"
    assert rows["caf_ bad.mp4"]["error"] == f"{clips}/caf? bad.mp4: nobody was found in the clip"


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


def test_where_no_thread_may_be_bound_it_is_not(monkeypatch):
    """As in some containers."""

    def denied(_thread, _cores):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setaffinity", denied)
    batch.local.keep_to_a_core(0)


@pytest.mark.usefixtures("processes")
def test_what_no_process_can_be_given_is_an_error_and_no_waiting(clips, tmp_path):
    told = Settings()
    task = work.Task(0, str(clips / "a.mp4"), tmp_path, ".batch-x", told, told.key())
    outcomes: list[work.Outcome] = []

    def score() -> None:
        outcomes.extend(batch.local.outcomes([task], 1, lambda *_, **_options: None))

    thread = threading.Thread(target=score, daemon=True)
    thread.start()
    thread.join(60)
    assert [outcome.status for outcome in outcomes] == ["failed"]
    assert "pickle" in outcomes[0].error


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


def test_a_score_that_rests_on_few_checks_is_marked_as_in_the_history(tmp_path, report):
    """A squat from the front has a score by its knees alone."""
    write_clip(tmp_path / "side.mp4", report)
    report["set"]["verdict_counts"]["cannot_tell"] = 20
    write_clip(tmp_path / "front.mp4", report)
    run([tmp_path], tmp_path / "out")
    page = (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    assert (page.count(">82*<"), page.count(">82<")) == (1, 2)  # the median as well
    assert "* by less than half the checks" in page


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
    assert printed.err == "formcheck: b.mp4: no\n"


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
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parents[1])])}
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True, env=env) as process:
        wait_until(lambda: len(scored(log)) == 4 and "a.mp4" in {x.clip for x in read_log(log)})
        process.send_signal(2)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "formcheck: interrupted\n")
    assert not list(out.glob(".batch-*"))
    hung = next(line.pid for line in read_log(log) if line.clip == "a.mp4")
    wait_until(lambda: not Path(f"/proc/{hung}").exists())
    assert run([clips], out).in_words() == "5 clips: 1 scored, 4 done before, 0 failed"
    assert set(scored(log).values()) == {1}


def test_a_check_is_called_in_the_table_what_reports_call_it():
    """Trunk tibia, as its id says, stood on no other page."""
    rows = [
        Row("a.mp4", "scored", "squat", reps=3, failed_checks="squat.trunk_tibia 2, squat.gone 1")
    ]
    [group] = _groups(rows)
    assert group.faults == ("Trunk and shin parallel (2)", "Gone (1)")
