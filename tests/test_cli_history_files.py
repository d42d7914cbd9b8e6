"""Sets of the history that leave it as files, and come back."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from kept import add, jpeg, kept, new_set

from formcheck import cli, exports, historyfiles, store
from formcheck.errors import HistoryError, UsageError
from formcheck.store import blobs

pytestmark = pytest.mark.usefixtures("data")


def test_export_writes_every_format(capsys):
    number = add("squat", "1", athlete="Ana")
    formats = [word for name in exports.FORMATS for word in ("--format", name)]
    assert cli.main(["history", "export", str(number), *formats]) == 0
    files = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert [file.name for file in files] == [known.file for known in exports.FORMATS.values()]
    assert all(file.stat().st_size > 0 for file in files)
    assert {file.parent for file in files} == {Path("formcheck-out") / f"set-{number}"}
    assert sorted(files) == sorted(files[0].parent.iterdir())


@pytest.mark.parametrize(
    ("asked", "code", "says"),
    [
        (["99"], UsageError.exit_code, "set 99"),
        (["1", "99"], UsageError.exit_code, "set 99"),
        (["1", "--format", "xls"], UsageError.exit_code, "none of the formats set, video, csv"),
        (["1", "--format", "csv", "--format", "video"], UsageError.exit_code, "--keep-video"),
        (["1", "2", "--format", "trc"], HistoryError.exit_code, "set 2 came from a report alone"),
    ],
)
def test_what_cannot_be_exported_is_one_line_and_leaves_nothing(asked, code, says, capsys):
    add("squat", "1")
    with store.open_history() as history:
        history.add(store.NewSet(new_set("squat", "2").report))
    assert cli.main(["history", "export", *asked]) == code
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert says in printed.err
    assert list(Path.cwd().iterdir()) == []


def test_a_set_moves_to_another_history_whole(tmp_path, monkeypatch, capsys):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"video" * 1000)
    new = replace(
        new_set("lunge", "1", athlete="Ana", load_kg=20.0, notes="a\nb", tags=("x", "y")),
        video=clip, pictures=(store.Picture(2, "top", 1.5, 8, 6, jpeg()),),
    )  # fmt: skip
    with store.open_history() as history:
        number = history.add(new)
        before = history.get(number)
    assert cli.main(["history", "export", str(number)]) == 0
    file = capsys.readouterr().out.strip()
    monkeypatch.setenv("FORMCHECK_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    assert cli.main(["history", "import", file]) == 0
    with store.open_history() as history:
        [after] = history.sets()
        same = {name: getattr(before, name) for name in before.__slots__}
        del same["id"]
        assert {name: getattr(after, name) for name in same} == same
        assert history.pictures(after.id) == new.pictures
        assert history.report_json(after.id) == new.report.to_json()
        raw = history.recording(after.id).raw
        assert len(raw) == len(new.recording.raw)
        out = (tmp_path / "out").open("w+b")
        with out:
            assert history.write_video(after.id, out) == 5000


def test_an_old_file_takes_nothing_that_came_later(tmp_path, capsys):
    """Findings put right since, notes and tags were gone without a word."""
    number = add("squat", "1", athlete="Ana", load_kg=80.0)
    assert cli.main(["history", "export", str(number), "--out", str(tmp_path)]) == 0
    file = capsys.readouterr().out.strip()
    new = new_set("squat", "1", athlete="Ana", notes="deeper", tags=("belt",))
    later = new.report.model_copy(update={"reps": new.report.reps[:2]})
    with store.open_history() as history:
        assert history.add(replace(new, report=later)) == number
        assert cli.main(["history", "import", file]) == 0
        assert capsys.readouterr().out.endswith(
            f": set {number}, as it was: it was analysed later\n"
        )
        assert history.report_json(number) == later.to_json()
        one = history.get(number)
        assert (one.reps, one.notes, one.tags, one.load_kg) == (2, "deeper", ("belt",), 80.0)
        history.delete([number])
    assert cli.main(["history", "import", file]) == 0
    assert [one.reps for one in kept()] == [3]


def test_a_file_of_an_earlier_version_is_taken_in(tmp_path):
    """It does not say when the set was analysed."""
    old = broken(tmp_path, "", None)
    with zipfile.ZipFile(old) as archive:
        card = json.loads(archive.read("set.json"))
    del card["analysed_at"]
    assert cli.main(["history", "import", str(broken(tmp_path, "set.json", json.dumps(card)))]) == 0
    assert [one.reps for one in kept()] == [3]


def test_a_report_of_an_earlier_analysis_can_be_imported(tmp_path):
    new_set("squat", "7").report.save(tmp_path / "report.json")
    assert cli.main(["history", "import", str(tmp_path / "report.json"), "--athlete", "Bo"]) == 0
    [one] = kept()
    assert (one.athlete, one.clip_name, one.reps) == ("Bo", "7.mp4", 3)
    assert cli.main(["history", "show", str(one.id)]) == 0
    assert cli.main(["history", "export", str(one.id), "--format", "csv"]) == 0
    assert cli.main(["history", "export", str(one.id), "--format", "pdf"]) == HistoryError.exit_code


def test_a_report_that_nests_too_deep_is_no_report(tmp_path, capsys):
    (tmp_path / "report.json").write_text("[" * 100_000)
    assert cli.main(["history", "import", str(tmp_path / "report.json")]) == 1
    assert capsys.readouterr().err.endswith("is not a FormCheck report: no valid JSON\n")


def test_a_report_with_half_a_character_is_no_report(tmp_path, capsys):
    """JSON can hold it, the database cannot: it ended the command with a traceback."""
    file = tmp_path / "report.json"
    text = new_set("squat", "7").report.to_json()
    file.write_text(text.replace('"7.mp4"', '"7\\ud800.mp4"'), encoding="utf-8")
    assert cli.main(["history", "import", str(file)]) == 1
    assert "half a character" in capsys.readouterr().err
    assert kept() == []


def test_a_report_takes_no_landmarks_and_pictures_from_a_set(tmp_path, capsys):
    number = add("squat", "7", athlete="Bo")
    other = new_set("squat", "7").report.model_copy(update={"formcheck_version": "0.0.1"})
    other.save(tmp_path / "report.json")
    assert cli.main(["history", "import", str(tmp_path / "report.json"), "--athlete", "Bo"]) == 0
    assert f"set {number}, as it was" in capsys.readouterr().out
    with store.open_history() as history:
        assert history.has_landmarks(number)
        assert len(history.pictures(number)) == 1
        assert history.report_json(number) == new_set("squat", "7").report.to_json()
    assert cli.main(["history", "export", str(number), "--format", "parquet"]) == 0


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("performed_at", "0001-01-01T00:00:00Z", "no set was done in the year"),
        ("performed_at", "9999-12-31T23:59:59Z", "no set was done in the year"),
        ("analysed_at", "0001-01-01T00:00:00+14:00", "no set was analysed in the year"),
        ("load_kg", -5, "a load is 0 kg or more, not -5"),
        ("athlete", " ", "an athlete's name has 1 to 200 characters"),
        ("tags", ["x" * 101], "a tag has 1 to 100 characters"),
    ],
)
def test_what_nobody_may_say_is_refused_in_a_file_too(key, value, says, tmp_path, capsys):
    """Of many files it was not told which one it was."""
    bad = broken(tmp_path, "", None)
    with zipfile.ZipFile(bad) as archive:
        card = json.loads(archive.read("set.json"))
    bad = broken(tmp_path, "set.json", json.dumps(card | {key: value}))
    assert cli.main(["history", "import", str(bad)]) == HistoryError.exit_code
    assert capsys.readouterr().err.startswith(f"formcheck: {bad}: {says}")
    assert kept() == []


def test_what_a_set_from_elsewhere_holds_is_text_to_the_terminal(capsys):
    """It could clear the screen, or change the title of the window; a name of two lines was two."""
    new = new_set("squat", "1", athlete="A\x1b[31m", notes="\x1b]0;x\x07", tags=("\x9b2J",))
    clip = new.report.clip.model_copy(update={"name": "a\nb\x1b[2J.mp4"})
    with store.open_history() as history:
        history.add(replace(new, report=new.report.model_copy(update={"clip": clip})))
    assert cli.main(["history", "list"]) == 0
    listed = capsys.readouterr().out
    assert cli.main(["history", "show", "1"]) == 0
    printed = listed + capsys.readouterr().out
    assert not set(printed) & {"\x1b", "\x07", "\x9b"}
    assert len(listed.splitlines()) == 2
    assert "A\ufffd[31m" in listed


def broken(tmp_path, name, content):
    """An exported set with one of its files replaced; None: left out."""
    number = add("squat", "1")
    with store.open_history() as history:
        [file] = historyfiles.export(history, number, ["set"], tmp_path / "export")
        history.delete([number])
    bad = tmp_path / "bad.formcheck.zip"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
            elif content is not None:
                new.writestr(entry, content)
    return bad


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("set.json", None, "set.json"),
        ("set.json", "{}", "is no set of FormCheck: set.json: formcheck_set: Field required"),
        ("set.json", "[" * 100_000, "is no set of FormCheck: set.json: Invalid JSON"),
        ("report.json", "no json", "is not a FormCheck report: no valid JSON"),
        ("report.json", "[" * 100_000, "is not a FormCheck report: no valid JSON"),
        ("report.json", '{"schema_version": 1}', "is not a valid report: formcheck_version: Field"),
        ("report.json", None, "report.json"),
        ("landmarks.npz", b"PK no zip", "the kept landmarks are damaged"),
        ("landmarks.npz", None, "landmarks.npz"),
        ("pictures/1-bottom.jpg", b"no picture", "pictures/1-bottom.jpg is no picture"),
        ("pictures/1-bottom.jpg", b"\0" * (9 << 20), "is larger than 8 MB"),
    ],
)
def test_a_broken_set_is_refused_whole(name, content, says, tmp_path, capsys):
    bad = broken(tmp_path, name, content)
    assert cli.main(["history", "import", str(bad)]) == HistoryError.exit_code
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert says in printed.err
    assert str(bad) in printed.err
    assert "pydantic" not in printed.err
    assert kept() == []


@pytest.mark.parametrize("name", ["set.json", "report.json"])
def test_a_set_of_a_newer_formcheck_is_taken_in(name, tmp_path):
    with zipfile.ZipFile(broken(tmp_path, "", None)) as archive:
        known = json.loads(archive.read(name))
    newer = broken(tmp_path, name, json.dumps(known | {"new": {"field": 1}}))
    assert cli.main(["history", "import", str(newer)]) == 0
    [one] = kept()
    assert (one.clip_name, one.reps) == ("1.mp4", 3)


def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path, capsys):
    """A few bytes may promise billions of pixels."""
    vast = bytearray(jpeg())
    frame = vast.index(b"\xff\xc0")
    vast[frame + 5 : frame + 9] = struct.pack(">HH", 65_500, 65_500)
    bad = broken(tmp_path, "pictures/1-bottom.jpg", bytes(vast))
    assert cli.main(["history", "import", str(bad)]) == HistoryError.exit_code
    assert capsys.readouterr().err.count("\n") == 1
    assert kept() == []


@pytest.mark.parametrize(
    "changed",
    [
        lambda arrays: arrays | {"time_s": np.array(0.0)},
        lambda arrays: arrays | {"xy_px": arrays["xy_px"][:, :5]},
        lambda arrays: arrays | {"world_m": arrays["world_m"][..., :2]},
        lambda arrays: arrays | {"size": np.array(640)},
        lambda arrays: arrays | {"hidden": np.zeros((3, 33), dtype=bool)},
        lambda arrays: arrays | {"size": np.array([0, 360])},
        lambda arrays: arrays | {"scene": np.array("3")},
        lambda arrays: arrays | {"time_s": arrays["time_s"][::-1]},
        lambda arrays: arrays | {"time_s": arrays["time_s"] * np.nan},
        lambda arrays: {k: a if k in ("size", "scene") else a[:0] for k, a in arrays.items()},
    ],
)
def test_landmarks_of_another_shape_are_damaged(changed):
    with np.load(io.BytesIO(blobs.to_bytes(new_set("squat", "1").recording))) as block:
        arrays = dict(block)
    packed = io.BytesIO()
    np.savez_compressed(packed, **changed(arrays))
    with pytest.raises(HistoryError, match="the kept landmarks are damaged") as told:
        blobs.from_bytes(packed.getvalue())
    assert "\n" not in str(told.value)


def _damaged(file, name, change):
    """The archive with the bytes of one of its files changed: ``change`` gets them and header."""
    with zipfile.ZipFile(file) as archive:
        entry = archive.getinfo(name)
    data = bytearray(file.read_bytes())
    local = entry.header_offset
    start = (
        local + 30 + len(entry.filename) + int.from_bytes(data[local + 28 : local + 30], "little")
    )
    change(data, local, start)
    file.write_bytes(data)


def _garbled(data, _local, start):
    data[start : start + 40] = b"\xff" * 40


def _encrypted(data, local, _start):
    data[local + 6] |= 1
    for at in range(len(data) - 4):
        if data[at : at + 4] == b"PK\x01\x02":
            data[at + 8] |= 1


@pytest.mark.parametrize("change", [_garbled, _encrypted])
@pytest.mark.parametrize("name", ["set.json", "report.json"])
def test_what_cannot_be_unpacked_is_one_line(change, name, tmp_path, capsys):
    bad = broken(tmp_path, "", None)
    _damaged(bad, name, change)
    assert cli.main(["history", "import", str(bad)]) == HistoryError.exit_code
    error = capsys.readouterr().err
    assert error.startswith(f"formcheck: {bad} is no set of FormCheck: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("change", [_garbled, _encrypted])
def test_landmarks_that_cannot_be_unpacked_are_damaged(change, tmp_path):
    block = tmp_path / "landmarks.npz"
    block.write_bytes(blobs.to_bytes(new_set("squat", "1").recording))
    _damaged(block, "xy_px.npy", change)
    with pytest.raises(HistoryError, match="the kept landmarks are damaged"):
        blobs.from_bytes(block.read_bytes())


@pytest.mark.parametrize("content", [b"", b"no zip at all", None])
def test_a_file_that_is_no_set_is_refused(content, tmp_path, capsys):
    file = tmp_path / "file.formcheck.zip"
    if content is not None:
        file.write_bytes(content)
    assert cli.main(["history", "import", str(file)]) == HistoryError.exit_code
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert str(file) in printed.err
