"""The history as a user meets it: analyze keeps; list, show, trend, edit and delete."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from kept import add, kept, new_set

from formcheck import (
    changes,
    cli,
    cli_history,
    exports,
    job,
    progress,
    report,
    store,
    terminal_history,
)
from formcheck.errors import HistoryError, UsageError
from formcheck.report.profile import ProfilePart

COMMANDS = {command.name or command.callback.__name__ for command in
            cli_history.app.registered_commands}  # fmt: skip


HEAVY = ("alembic", "cv2", "mediapipe", "matplotlib")


pytestmark = pytest.mark.usefixtures("data")


@pytest.fixture
def clip(tmp_path, monkeypatch, squat_set):
    """A clip whose analysis is known: three squats."""

    def run(_clip, out_dir, _settings, **_options):
        path = Path(out_dir) / "report.json"
        path.write_text('{"schema_version": 1}', encoding="utf-8")
        return job.Done(squat_set, (path,))

    monkeypatch.setattr(job, "run", run)
    path = tmp_path / "my set.mp4"
    path.write_bytes(b"the clip itself")
    return path


def test_a_difference_is_that_of_the_values_beside_it():
    change = changes.between("depth", (133.4, 5.0, "deg"), (134.6, 5.0, "deg"))
    assert terminal_history._compared(change)[1:4] == ("133°", "135°", "+2° ± 7°")


def test_a_drift_that_is_shown_as_nothing_has_no_minus():
    drift = changes.between("squat.depth", (10.3, 3.0, "deg"), (10.0, 3.0, "deg"), "low")
    fatigue = progress.Fatigue(drift, None, None, None, None)
    assert list(terminal_history._tired(fatigue)) == ["Depth (squat.depth): +0° ± 4°, no change"]


def test_analyze_keeps_the_set_with_what_was_said(clip, capsys):
    said = ["--athlete", "Ana", "--load-kg", "102.5", "--notes", "belt", "--tag", "b", "--tag", "a"]
    assert (
        cli.main(["analyze", str(clip), *said, "--date", "2024-05-06T18:30", "--model", "lite"])
        == 0
    )
    printed = capsys.readouterr()
    assert printed.err == ""
    [one] = kept()
    assert f"set {one.id}: formcheck history show {one.id}" in printed.out
    assert (one.athlete, one.load_kg, one.notes, one.tags) == ("Ana", 102.5, "belt", ("a", "b"))
    assert one.performed_at == datetime(2024, 5, 6, 18, 30).astimezone()
    assert one.settings == job.Settings(model="lite").told() | {"exports": []}
    assert one.video_bytes == 0


@pytest.mark.parametrize("said", [["--date", "2024-05-06", "--load-kg", "80"], []])
def test_an_export_of_analyze_is_that_of_the_history(said, tmp_path, monkeypatch, squat_set):
    """Also of a clip that is analysed again, with nothing said: what was said before stays."""

    def write_all(_clip, analysis, out_dir, **_options):
        path = Path(out_dir) / "report.json"
        report.build_report(analysis).save(path)
        return [path]

    monkeypatch.setattr(job.pipeline, "analyze", lambda *_a, **_o: squat_set)
    monkeypatch.setattr(job.report, "write_all", write_all)
    (tmp_path / "clip.mp4").write_bytes(b"clip")
    analyze = ["analyze", str(tmp_path / "clip.mp4"), "--out", "out", "--export", "csv"]
    for more in (said, []):
        assert cli.main([*analyze, *more]) == 0
        [one] = kept()
        assert cli.main(["history", "export", str(one.id), "--format", "csv", "--out", "."]) == 0
        exported = Path(f"set-{one.id}", "reps.csv").read_text(encoding="utf-8")
        assert Path("out", "reps.csv").read_text(encoding="utf-8") == exported


def test_a_set_may_be_done_where_it_is_tomorrow_already(clip):
    tomorrow = date.today() + timedelta(days=1)
    assert cli.main(["analyze", str(clip), "--date", str(tomorrow)]) == 0
    assert kept()[0].performed_at.astimezone().date() == tomorrow


def test_the_clip_is_kept_only_when_told_to(clip, tmp_path):
    assert cli.main(["analyze", str(clip), "--keep-video"]) == 0
    [one] = kept()
    assert (
        cli.main(["history", "export", str(one.id), "--format", "video", "--out", str(tmp_path)])
        == 0
    )
    assert (tmp_path / f"set-{one.id}" / "clip.mp4").read_bytes() == b"the clip itself"


def test_analyze_keeps_nothing_when_told_so(clip, data):
    assert cli.main(["analyze", str(clip), "--no-history"]) == 0
    assert not data.exists()


def test_json_stays_pure(clip, capsys):
    assert cli.main(["analyze", str(clip), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"schema_version": 1}
    assert printed.err == ""
    assert len(kept()) == 1


TROUBLES = ("a folder in the way", "not a database", "unreachable", "a password with an @")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_history_that_cannot_be_opened_does_not_cost_the_analysis(
    trouble, clip, data, monkeypatch, capsys
):
    data.mkdir()
    if trouble == "a folder in the way":
        (data / "history.db").mkdir()
    elif trouble == "not a database":
        (data / "history.db").write_text("a shopping list, long enough to be looked at " * 100)
    else:
        unescaped = "with" in trouble
        url = f"postgresql://me:{'x@secret' if unescaped else 'secret'}@/none?host=/nowhere"
        monkeypatch.setenv("FORMCHECK_DATABASE_URL", url)
    assert cli.main(["analyze", str(clip)]) == 0
    printed = capsys.readouterr()
    assert "report.json" in printed.out
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("formcheck: the set was not kept in the history: ")
    assert "secret" not in printed.err
    assert cli.main(["history"]) in (HistoryError.exit_code, UsageError.exit_code)
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--load-kg", "-5"], "--load-kg"),
        (["--load-kg", "nan"], "'nan' is not a number"),
        (["--load-kg", "inf"], "load"),
        (["--athlete", " "], "athlete"),
        (["--tag", "x" * 101], "tag"),
        (["--date", "yesterday"], "yesterday"),
        (["--date", "0001-01-01"], "0001-01-01 is no day"),
        (["--date", "9999-12-31T23:59"], "9999-12-31 is no day"),
        (["--date", "2999-01-01"], "2999-01-01 is no day"),
        (["--export", "xls"], "xls"),
    ],
)
def test_nonsense_is_found_before_the_work(options, says, clip, monkeypatch, capsys):
    monkeypatch.setattr(job, "run", lambda *_a, **_o: pytest.fail("the work was started"))
    assert cli.main(["analyze", str(clip), *options]) == UsageError.exit_code
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert says in printed.err
    assert list(Path.cwd().iterdir()) == []


def test_a_list_has_a_line_a_set_and_says_when_there_are_more(capsys):
    for k in range(3):
        add("squat", str(k), athlete="Ana", load_kg=100.0 + k, tags=("x",))
    add("lunge", "9", athlete="Bo")
    assert cli.main(["history", "list", "--athlete", "Ana", "--limit", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[1].split()[3:] == ["Ana", "squat", "102", "kg", "3", "100", "2.mp4", "x"]
    assert "2 of 3" in lines[3]
    assert cli.main(["history", "list", "--exercise", "lunge", "--json"]) == 0
    [one] = json.loads(capsys.readouterr().out)
    assert (one["athlete"], one["exercise"], one["tags"]) == ("Bo", "lunge", [])


@pytest.mark.parametrize("wanted", [[], ["--athlete", "Ana"]])
def test_an_empty_history_says_how_to_fill_it(wanted, capsys):
    assert cli.main(["history", "list", *wanted]) == 0
    assert "formcheck analyze" in capsys.readouterr().out


def test_a_filter_that_matches_nothing_is_told_as_such(capsys):
    add("squat", "1")
    assert cli.main(["history", "list", "--athlete", "Bo", "--tag", "heavy"]) == 0
    assert capsys.readouterr().out.startswith("No set matches --athlete Bo --tag heavy;")


def test_a_set_done_on_a_day_is_shown_without_a_time(capsys):
    add("squat", "1", performed_at=datetime(2024, 5, 6).astimezone())
    assert cli.main(["history", "show", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith(" 2024-05-06")
    assert cli.main(["history", "edit", "1", "--date", "2024-05-06T07:05"]) == 0
    assert cli.main(["history", "list"]) == 0
    assert "2024-05-06 07:05" in capsys.readouterr().out


def test_show_tells_of_one_set(capsys):
    number = add("squat", "1", athlete="Ana", notes="felt easy", load_kg=100.0)
    assert cli.main(["history", "show", str(number)]) == 0
    printed = capsys.readouterr().out
    for part in (f"Set {number} · squat · Ana", "felt easy", "100 kg", "3 repetitions, score 100",
                 "Depth (squat.depth): ", "no change"):  # fmt: skip
        assert part in printed, part
    assert cli.main(["history", "show", str(number), "--json"]) == 0
    assert capsys.readouterr().out == new_set("squat", "1").report.to_json()


def test_show_tells_what_got_worse_within_a_set_and_whose_reps_they_are(capsys):
    new = new_set("squat", "1")
    told = json.loads(new.report.to_json())
    for check in told["reps"][-1]["checks"]:
        if check["id"] == "squat.lockout":
            check |= {"value": check["value"] + 40, "verdict": "fail"}
    told["reps_source"] = "corrected"
    with store.open_history() as history:
        number = history.add(replace(new, report=report.Report.model_validate(told)))
    assert cli.main(["history", "show", str(number)]) == 0
    printed = capsys.readouterr().out
    assert "3 repetitions, corrected by hand, score" in printed
    [line] = [s for s in printed.splitlines() if s.startswith("  Lockout (")]
    assert line.endswith(", up, worse")
    assert "✕ Lockout" in printed
    assert "✕ fail" in printed  # what the mark means


def test_trends_and_comparisons_say_no_change_where_there_is_none(capsys):
    first, second = (add("squat", str(k), athlete="Ana", load_kg=100.0 + k) for k in (1, 2))
    assert cli.main(["history", "trend", "squat"]) == 0
    table = capsys.readouterr().out
    [depth] = [line for line in table.splitlines() if line.startswith("squat.depth ")]
    assert "no change" in depth
    assert f"(set {first})" in depth
    assert cli.main(["history", "trend", "squat", "--measure", "squat.depth"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[2:4]] == [str(first), str(second)]
    assert cli.main(["history", "compare", str(first), str(second)]) == 0
    printed = capsys.readouterr().out
    assert "load 101 kg → 102 kg" in printed
    assert "worse" not in printed
    other = add("lunge", "3", athlete="Ana")
    assert cli.main(["history", "compare", str(first), str(other)]) == UsageError.exit_code


def test_an_athlete_whose_sets_were_all_handed_over_is_not_asked_for(capsys):
    """As when the first sets were kept without a name: nobody but Ana has any."""
    number = add("squat", "1")
    assert cli.main(["history", "edit", str(number), "--athlete", "Ana"]) == 0
    assert cli.main(["history", "trend", "squat"]) == 0
    assert capsys.readouterr().out.startswith("1 set")


def test_a_trend_asks_whose_sets_when_it_cannot_know(capsys):
    add("squat", "1", athlete="Ana")
    add("squat", "2", athlete="Bo")
    assert cli.main(["history", "trend", "squat"]) == UsageError.exit_code
    assert "--athlete Ana | Bo" in capsys.readouterr().err
    assert cli.main(["history", "trend", "squat", "--athlete", "Bo"]) == 0
    capsys.readouterr()
    assert cli.main(["history", "trend", "squat", "--athlete", "Cy"]) == UsageError.exit_code
    assert "no set of Cy with squat" in (said := capsys.readouterr().err)
    assert "--athlete Ana | Bo" in said
    assert cli.main(["history", "trend", "lunge", "--athlete", "Bo"]) == UsageError.exit_code
    assert "--athlete" not in capsys.readouterr().err
    assert cli.main(["history", "trend", "yoga"]) == UsageError.exit_code
    said = capsys.readouterr().err
    assert "'yoga' is not an exercise; there are deadlift" in said


def test_sets_without_a_repetition_are_told_as_such(capsys):
    new = new_set("squat", "1", athlete="Ana")
    empty = new.report.model_copy(update={"reps": ()})
    with store.open_history() as history:
        history.add(replace(new, report=empty))
    assert cli.main(["history", "trend", "squat"]) == UsageError.exit_code
    assert "sets of Ana with squat: they hold no repetition" in capsys.readouterr().err
    add("squat", "2", athlete="Ana")
    assert cli.main(["history", "trend", "squat", "--measure", "yaw"]) == UsageError.exit_code
    assert "'yaw' was not measured in squat; there are concentric_s, " in capsys.readouterr().err


def test_a_set_that_was_judged_by_a_profile_names_it(capsys):
    new = new_set("squat", "1")
    profile = ProfilePart(name="Knee", source="", sha256="0" * 64, limits={}, off=())
    with store.open_history() as history:
        history.add(replace(new, report=new.report.model_copy(update={"profile": profile})))
    add("squat", "2")
    for number, named in ((1, True), (2, False)):
        assert cli.main(["history", "show", str(number)]) == 0
        assert (" · profile Knee" in capsys.readouterr().out) == named


def test_a_view_that_may_be_another_is_not_named_by_show_either(capsys):
    new = new_set("squat", "1")
    unsure = report.schema.WarningPart(code="view_uncertain", message="Unsure.")
    seen = new.report.capture.model_copy(update={"warnings": (unsure,)})
    with store.open_history() as history:
        history.add(replace(new, report=new.report.model_copy(update={"capture": seen})))
    assert cli.main(["history", "show", "1"]) == 0
    assert "1.mp4 · view unsure · model" in capsys.readouterr().out


def test_edit_changes_what_was_said():
    number = add("squat", "1", load_kg=80.0)
    assert cli.main(["history", "edit", str(number), "--load-kg", "85", "--tag", "pr"]) == 0
    [one] = kept()
    assert (one.load_kg, one.tags) == (85.0, ("pr",))
    assert cli.main(["history", "edit", str(number)]) == UsageError.exit_code


def test_edit_takes_back_what_was_said(capsys):
    number = str(add("squat", "1", load_kg=80.0, tags=("pr", "belt")))
    assert cli.main(["history", "edit", number, "--no-load"]) == 0
    [one] = kept()
    assert (one.load_kg, one.tags) == (None, ("belt", "pr"))
    assert cli.main(["history", "edit", number, "--load-kg", "70", "--no-tags"]) == 0
    [one] = kept()
    assert (one.load_kg, one.tags) == (70.0, ())
    for both in (["--no-load", "--load-kg", "5"], ["--no-tags", "--tag", "x"]):
        capsys.readouterr()
        assert cli.main(["history", "edit", number, *both]) == UsageError.exit_code
        assert "not both" in capsys.readouterr().err


def test_a_load_taken_back_is_not_what_was_known():
    known = store.Details("Ana", 80.0, "belt")
    assert store.Details(no_load=True).over(known).load_kg is None
    assert store.Details(notes="").over(known) == store.Details("Ana", 80.0, "")


def test_delete_takes_numbers_or_an_athlete():
    first, second, third = (add("squat", str(k), athlete="Ana") for k in range(3))
    add("squat", "9", athlete="Bo")
    assert cli.main(["history", "delete", str(first), str(second), str(first)]) == 0
    assert {one.id for one in kept()} > {third}
    assert cli.main(["history", "delete", str(first)]) == UsageError.exit_code
    assert cli.main(["history", "delete"]) == UsageError.exit_code
    assert cli.main(["history", "delete", str(third), "--athlete", "Bo"]) == UsageError.exit_code
    assert cli.main(["history", "delete", "--athlete", "Ana"]) == 0
    assert [one.athlete for one in kept()] == ["Bo"]


def test_an_up_to_date_history_is_opened_without_alembic(root):
    add("squat", "1")
    program = (
        "import sys; from formcheck.cli import main; code = main(['history', 'list']);"
        f"print(code, [m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=root,
        env=dict(os.environ), check=True,
    )  # fmt: skip
    assert done.stdout.endswith("0 []\n")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_docs_tell_of_every_command_and_option(command, root, capsys):
    text = (root / "docs" / "history.md").read_text(encoding="utf-8")
    [row] = re.findall(rf"^\| `formcheck history {command}\b.*$", text, re.MULTILINE)
    cli.main(["history", command, "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert options == set(re.findall(r"--[a-z-]+", row))


def test_the_docs_tell_of_every_format(root):
    text = (root / "docs" / "history.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z0-9]+)` \| `([a-z.0-9]+)`", text, re.MULTILINE))
    for name, known in exports.FORMATS.items():
        assert told[name] == known.file


def test_help_of_edit_does_not_promise_to_change_what_is_not_said(capsys):
    """It said of the date "If not told: now", and of the athlete "if not told: me"."""
    assert cli.main(["history", "edit", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "The rest stays." in said
    assert "not told" not in said
