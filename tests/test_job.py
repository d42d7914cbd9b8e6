"""A job leaves all files of a report or none, and tells how far it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from formcheck import job
from formcheck.errors import UsageError

CLIP = Path("clip.mp4")


@pytest.fixture(autouse=True)
def found(monkeypatch, squat_set):
    def analyze(_clip, *, progress, **_options):
        progress("pose", 1.5)
        return squat_set

    monkeypatch.setattr(job.pipeline, "analyze", analyze)


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
    assert [path.read_text() for path in (tmp_path / "out").iterdir()] == ["new"]


def test_a_report_that_cannot_be_finished_leaves_the_one_before(monkeypatch, tmp_path):
    _writing(monkeypatch, fails=True)
    (tmp_path / "report.json").write_text("old", encoding="utf-8")
    with pytest.raises(UsageError):
        job.run(CLIP, tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


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
