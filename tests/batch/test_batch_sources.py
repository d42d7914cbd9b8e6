"""What a batch takes for a clip: folders, globs, lists, URLs."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from batch_work import run, scored
from fsspec.spec import AbstractFileSystem

from formcheck import cli
from formcheck.batch import Settings, sources, work
from formcheck.batch.sources import clip_name, expand, shown
from formcheck.errors import UsageError


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
    assert summary.rows[0].error == f"{clips / 'gone.mp4'}: no such file"


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


class Web(AbstractFileSystem):
    """As fsspec's own for the web, whose packages need not be here; there is nothing on it."""

    protocol = ("http", "https")

    @classmethod
    def _strip_protocol(cls, path):
        return path

    def ls(self, path, **_options):
        raise FileNotFoundError(path)


class Shelf(Web):
    """A page that lists two clips, one of them further down, and something else."""

    def isdir(self, path):
        return path.endswith("/")

    def find(self, path, **_options):
        return [f"{path}a.mp4", f"{path}more/b.mov", f"{path}readme.txt"]


def test_a_folder_of_a_web_server_is_one(monkeypatch):
    """It was taken for a clip, which could not be read."""
    monkeypatch.setattr(sources, "filesystem", lambda source: (Shelf(), source))
    found = ["https://host/day/a.mp4", "https://host/day/more/b.mov"]
    assert expand(["https://host/day/"]) == found
    assert expand(["https://host/day/a.mp4"]) == found[:1]


def test_a_signed_address_is_one_clip_and_no_pattern(monkeypatch):
    monkeypatch.setattr(sources, "filesystem", lambda source: (Web(), source))
    signed = "https://host/a.mp4?X-Sig=a*b[1]&x=1"
    assert expand([signed]) == [signed]
    with pytest.raises(UsageError, match=r"^https://host/\*.mp4: there is no clip in it$"):
        expand(["https://host/*.mp4?X-Sig=1"])


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("nowhere", "nowhere: no such file or folder"),
        ("empty", "empty: there is no clip in it"),
        ("*.mp4", "there is no clip in it"),
        ("nope://x/a.mp4", "nope"),
        ("", "a source is empty"),
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


@pytest.mark.parametrize(
    ("source", "written", "name"),
    [
        ("zip://d/a.mp4::https://me:pw@host/x.zip?sig=pw", "zip://d/a.mp4::https://host/x.zip",
         "a.mp4"),
        ("simplecache::sftp://me:pw@host/a.mp4", "simplecache::sftp://host/a.mp4", "a.mp4"),
        ("ftp://me:#pw@host/a.mp4", "ftp://host/a.mp4", "a.mp4"),
        ("https://host?sig=/me@pw", "https://host", "host"),
        ("s3://bucket/set #1.mp4", "s3://bucket/set #1.mp4", "set _1.mp4"),
        ("zip://set#2.mp4::x.zip", "zip://set#2.mp4::x.zip", "set_2.mp4"),
    ],
)  # fmt: skip
def test_a_url_is_written_down_whole_but_for_its_secrets(source, written, name):
    """Of a chained one the password stayed; of a name with a "#" in it the rest was gone."""
    assert shown(source) == written
    assert clip_name(source) == name


class Refused(Web):
    """What is not there is named with its whole address, as fsspec does."""

    def get_file(self, rpath, *_arguments, **_options):
        raise FileNotFoundError(rpath)


def test_what_cannot_be_fetched_is_told_without_secrets(tmp_path, monkeypatch):
    url = "https://me:pw@host/a.mp4?sig=pw"
    monkeypatch.setattr(work, "filesystem", lambda source: (Refused(), source))
    told = Settings()
    outcome = work.score(work.Task(0, url, tmp_path, ".batch-x", told, told.key()))
    assert outcome.error == "https://host/a.mp4: cannot be fetched: https://host/a.mp4"


def test_a_host_that_does_not_answer_is_named(tmp_path, monkeypatch, capsys):
    """Some file systems connect as soon as they are made; which of the sources it was, was open."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["batch", "ftp://me:pw@127.0.0.1:9/a.mp4"]) == 2
    assert capsys.readouterr().err == "formcheck: ftp://127.0.0.1:9/a.mp4: Connection refused\n"


def test_secrets_are_not_told_either_when_a_clip_fails(tmp_path):
    told = Settings()
    task = work.Task(0, "https://me:pw@host/a.mp4?sig=1", tmp_path, ".batch-x", told, told.key())
    assert work.failed_at(task, "no").error == "https://host/a.mp4: no"
