"""A job leaves all files of a report or none, and tells how far it is."""

from __future__ import annotations

import csv
import errno
import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from formcheck import job
from formcheck.errors import UsageError
from formcheck.job import Settings
from formcheck.profiles import Change, Profile
from formcheck.report import files

CLIP = Path("clip.mp4")


@pytest.fixture(autouse=True)
def found(monkeypatch, squat_set):
    def analyze(_clip, *, progress, **_options):
        progress("pose", 1.5)
        return squat_set

    monkeypatch.setattr(job.pipeline, "analyze", analyze)


LATE = ("mediapipe", "scipy.ndimage", "scipy.fft", "scipy.signal", "matplotlib", "sqlalchemy")


def test_a_job_begins_without_what_only_its_later_stages_need(root):
    program = f"import sys, formcheck.job;print([name for name in {LATE!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=root
    )
    assert done.stdout.strip() == "[]"


def _writing(monkeypatch, fails):
    def write_all(_clip, _analysis, out_dir, **_options):
        first = Path(out_dir) / "report.json"
        first.write_text("new", encoding="utf-8")
        if fails:
            raise UsageError("the disk is full")
        return [first]

    monkeypatch.setattr(job.report, "write_all", write_all)


def test_the_files_are_in_the_folder_and_nothing_else_is(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=False)
    done = job.run(CLIP, tmp_path / "out")
    assert done.files == (tmp_path / "out" / "report.json",)
    assert (tmp_path / "out" / "report.json").read_text(encoding="utf-8") == "new"
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.json", job.WRITTEN}


def test_a_report_that_cannot_be_finished_leaves_the_one_before(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=True)
    old = '{"formcheck_version": "0.1.0"}'
    (tmp_path / "report.json").write_text(old, encoding="utf-8")
    with pytest.raises(UsageError):
        job.run(CLIP, tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == [old]


def _earlier_result(folder, listed=job.FILES):
    """A result with everything, what of it is listed, and a file of the user's beside it."""
    for name in (*job.FILES, "notes.txt"):
        (folder / name).write_text('{"formcheck_version": "0.1.0"}', encoding="utf-8")
    (folder / job.WRITTEN).write_text("\n".join(listed), encoding="utf-8")


def _names(folder):
    return {path.name for path in folder.iterdir()} - {job.WRITTEN}


def test_a_result_takes_the_place_of_the_whole_of_the_one_before(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=False)
    _earlier_result(tmp_path)
    job.run(CLIP, tmp_path, Settings(exports=("csv",)))
    assert _names(tmp_path) == {"report.json", "reps.csv", "notes.txt"}
    job.run(CLIP, tmp_path)
    assert _names(tmp_path) == {"report.json", "notes.txt"}


def test_a_file_of_the_users_beside_a_result_stays_whatever_its_name(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=False)
    job.run(CLIP, tmp_path, Settings(exports=("srt",)))
    for name in ("reps.csv", "report.pdf", "annotated.mp4"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    job.run(CLIP, tmp_path, Settings(video=False))
    assert _names(tmp_path) == {"report.json", "reps.csv", "report.pdf", "annotated.mp4"}


@pytest.mark.parametrize("unread", [None, b"\xff\xfe"])
def test_a_result_without_a_list_is_replaced_and_nothing_is_taken_away(
    monkeypatch, tmp_path, unread
):
    """One of before there were lists, or copied without what is hidden."""
    _writing(monkeypatch, fails=False)
    _earlier_result(tmp_path)
    (tmp_path / job.WRITTEN).unlink()
    if unread:
        (tmp_path / job.WRITTEN).write_bytes(unread)
    job.run(CLIP, tmp_path)
    assert (tmp_path / "report.json").read_text(encoding="utf-8") == "new"
    assert _names(tmp_path) == {*job.FILES, "notes.txt"}


def test_a_list_takes_away_only_what_a_result_may_have(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=False)
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "notes.txt").touch()
    _earlier_result(out, listed=(*job.FILES, "notes.txt", "../notes.txt"))
    job.run(CLIP, out)
    assert _names(out) == {"report.json", "notes.txt"}
    assert (tmp_path / "notes.txt").exists()


@pytest.mark.parametrize("beside_a_result", [False, True])
def test_a_file_of_the_users_is_not_replaced_but_told_of_before_any_work(
    monkeypatch, tmp_path, beside_a_result
):
    _writing(monkeypatch, fails=False)
    if beside_a_result:
        job.run(CLIP, tmp_path)
    (tmp_path / "reps.csv").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(job.pipeline, "analyze", lambda *_a, **_o: pytest.fail("work was begun"))
    with pytest.raises(UsageError, match=r"reps\.csv is not a file that FormCheck wrote"):
        job.run(CLIP, tmp_path, Settings(exports=("csv",)))
    assert (tmp_path / "reps.csv").read_text(encoding="utf-8") == "mine"


def test_a_failed_run_takes_nothing_of_the_result_before(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=True)
    _earlier_result(tmp_path)
    with pytest.raises(UsageError):
        job.run(CLIP, tmp_path)
    assert _names(tmp_path) == {*job.FILES, "notes.txt"}
    assert set((tmp_path / job.WRITTEN).read_text(encoding="utf-8").split()) == job.FILES


def test_where_no_result_was_a_file_of_such_a_name_is_the_users(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=False)
    (tmp_path / "report.pdf").write_text("the tax report", encoding="utf-8")
    job.run(CLIP, tmp_path)
    assert _names(tmp_path) == {"report.json", "report.pdf"}


def test_the_clip_itself_never_goes(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=False)
    _earlier_result(tmp_path)
    job.run(tmp_path / "annotated.mp4", tmp_path, Settings(video=False))
    assert (tmp_path / "annotated.mp4").exists()


@pytest.mark.parametrize(
    ("name", "options"),
    [("annotated.mp4", {}), ("reps.srt", {"exports": ("srt",)}), ("report.html", {"video": False})],
)
def test_a_clip_that_a_result_would_replace_is_refused_before_any_work(
    monkeypatch, tmp_path, name, options
):
    monkeypatch.setattr(job.pipeline, "analyze", lambda *_a, **_o: pytest.fail("work was begun"))
    (tmp_path / name).write_bytes(b"the clip")
    (tmp_path / "link.mp4").symlink_to(tmp_path / name)
    for clip in (tmp_path / name, tmp_path / "link.mp4", tmp_path / "." / name):
        with pytest.raises(UsageError, match="would be replaced"):
            job.run(clip, tmp_path, Settings(**options))
    assert (tmp_path / name).read_bytes() == b"the clip"


@pytest.mark.parametrize("name", ["reps.csv", "report.json", job.WRITTEN])
def test_a_folder_in_the_place_of_a_result_is_told_of_before_any_work(monkeypatch, tmp_path, name):
    monkeypatch.setattr(job.pipeline, "analyze", lambda *_a, **_o: pytest.fail("work was begun"))
    (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match=rf"{name} is a folder, and a file of that name"):
        job.run(CLIP, tmp_path, Settings(exports=("csv",)))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_no_result_needs_the_place_of_is_no_matter(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=False)
    (tmp_path / "reps.csv").mkdir()
    (tmp_path / "annotated.mp4").mkdir()
    job.run(CLIP, tmp_path, Settings(video=False))
    assert _names(tmp_path) == {"report.json", "reps.csv", "annotated.mp4"}


@pytest.mark.parametrize("kind", [UsageError, OSError])
def test_what_cannot_be_written_is_named_by_its_last_place(monkeypatch, tmp_path, kind):
    def write_all(_clip, _analysis, out_dir, **_options):
        file = Path(out_dir) / "annotated.mp4"
        if kind is OSError:
            raise OSError(errno.ENOSPC, "No space left on device", str(file))
        raise UsageError(f"cannot write {file}: the disk is full")

    monkeypatch.setattr(job.report, "write_all", write_all)
    with pytest.raises(UsageError) as error:
        job.run(CLIP, tmp_path)
    assert str(error.value) == f"cannot write {tmp_path / 'annotated.mp4'}: the disk is full"
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_has_left_goes_a_day_later(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=False)
    for name, age_s in (("old", 2 * files.FORGOTTEN_S), ("new", 60)):
        left = tmp_path / f"{job.UNFINISHED}{name}"
        left.mkdir()
        (left / "report.json").touch()
        os.utime(left, (time.time() - age_s,) * 2)
    job.run(CLIP, tmp_path)
    assert _names(tmp_path) == {"report.json", ".formcheck-new"}


def test_an_export_has_the_date_of_the_analysis_when_none_was_told(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=False)
    done = job.run(CLIP, tmp_path, Settings(exports=("csv",)))
    with (tmp_path / "reps.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert datetime.fromisoformat(row["performed_at"]) == done.analysed_at
    assert row["athlete"] == "me"


def test_progress_is_told_in_words_and_never_beyond_the_end(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=False)
    told = []
    job.run(CLIP, tmp_path, progress=lambda stage, share: told.append((stage, share)))
    assert told == [("Following the body", 1.0)]


def test_every_rule_is_explained_in_the_report(monkeypatch, tmp_path):
    given = {}
    monkeypatch.setattr(job.report, "write_all", lambda *_a, **options: given.update(options) or [])
    job.run(CLIP, tmp_path)
    ids = {rule.id for exercise in job.EXERCISES.values() for rule in exercise.rules}
    assert set(given["rule_info"]) == ids


def test_checks_that_are_off_are_named_and_moved_limits_are_the_profiles(monkeypatch, tmp_path):
    given = {}
    monkeypatch.setattr(job.report, "write_all", lambda *_a, **options: given.update(options) or [])
    moved = {"squat.depth": Change(15.0, "min", "Stop earlier")}
    profile = Profile("Knee", "", moved, ("squat.heel_rise",), "0" * 64)
    job.run(CLIP, tmp_path, Settings(profile=profile))
    rules = given["rule_info"]
    assert rules["squat.heel_rise"].title == "Heels stay down"
    assert (rules["squat.depth"].source_kind, rules["squat.depth"].sense) == ("profile", "min")
