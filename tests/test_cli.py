"""The commands as a user meets them: what they print, what they return, what they leave behind."""

from __future__ import annotations

import errno
import io
import json
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from formcheck import __version__, cli, cli_options, exports, job, store, terminal
from formcheck.errors import ClipError, NobodyError
from formcheck.exercises import EXERCISES
from formcheck.profile_note import ProfileNote
from formcheck.types import SetSummary, Verdict

HEAVY = ("sqlalchemy", "alembic", "mediapipe", "streamlit", "scipy", "av", "cv2", "numpy")
COMMANDS = ("analyze", "batch", "live", "rules", "doctor", "app", "history")


def _fake_job(monkeypatch, analyse):
    """Put a job in place that finds what the test says and writes a report."""

    def run(clip, out_dir, settings, **options):
        path = Path(out_dir) / "report.json"
        analysis = analyse(clip, settings=settings, **options)
        path.write_text('{"schema_version": 1}', encoding="utf-8")
        return job.Done(analysis, (path,))

    monkeypatch.setattr(job, "run", run)


@pytest.fixture
def clip(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "my set.mp4"
    path.write_bytes(b"not looked at")
    return path


def _raising(error):
    def analyse(*_args, **_options):
        raise error

    return analyse


def test_help_loads_nothing_heavy(root):
    program = (
        "import sys; from formcheck.cli import main; code = main(['--help']);"
        f"print('LOADED', [m for m in {HEAVY!r} if m in sys.modules], code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, cwd=root
    )
    assert done.stdout.strip().endswith("LOADED [] 0"), done.stdout + done.stderr
    assert done.stderr == ""


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"formcheck {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["analyze"], 2, "CLIP"),
        (["dance"], 2, "dance"),
        (["analyze", "clip.mp4", "--dance"], 2, "--dance"),
        (["analyze", "clip.mp4", "--exercise", "yoga"], 2, "hip_thrust"),
        (["analyze", "clip.mp4", "--model", "huge"], 2, "heavy"),
        (["analyze", "clip.mp4", "--workers", "0"], 2, "--workers"),
        (["analyze", "clip.mp4", "--height-cm", "nan"], 2, "'nan' is not a number"),
        (["analyze", "clip.mp4", "--load-kg", "heavy"], 2, "'heavy' is not a number"),
        (["analyze", "clip.mp4", "--date", "yesterday"], 2, "such as 2026-05-06"),
        (["rules", "yoga"], 2, "none of deadlift"),
        (["analyze", "nowhere.mp4"], 3, "nowhere.mp4"),
        (["analyze", "."], 3, "folder"),
    ],
)
def test_mistakes_are_one_line_and_a_code(arguments, code, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("formcheck: ")
    assert says in printed.err
    assert "Value error" not in printed.err
    assert list(tmp_path.iterdir()) == []


def test_the_command_alone_shows_its_help_and_no_error(capsys):
    assert cli.main([]) == 2
    printed = capsys.readouterr()
    assert "Usage: formcheck" in printed.out
    assert printed.err == ""


@pytest.mark.parametrize("command", ["analyze", "batch"])
def test_a_file_in_the_place_of_the_folder_is_called_one(command, clip, capsys):
    (clip.parent / "taken").touch()
    assert cli.main([command, str(clip), "--out", "taken"]) == 2
    assert "taken: it is a file, and a folder is needed\n" in capsys.readouterr().err


def test_the_help_names_every_format_that_there_is(capsys):
    cli.main(["analyze", "--help"])
    told = " ".join(capsys.readouterr().out.replace("│", " ").split())
    [formats] = re.findall(r"One of (.*) are written anyway", told)
    assert set(re.findall(r"\w+", formats)) - {"and"} == set(exports.FORMATS)


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (ClipError("clip.mp4: not a video"), 3, "not a video"),
        (NobodyError("nobody in\nclip.mp4"), 4, "nobody in clip.mp4"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (OSError(errno.ENOSPC, "No space left on device", "report.json"), 2, "disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "out"), 2, "out: Permission denied"),
    ],
)
def test_failures_leave_nothing_behind(error, code, says, clip, monkeypatch, capsys):
    _fake_job(monkeypatch, _raising(error))
    assert cli.main(["analyze", str(clip)]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert says in printed.err
    assert list(clip.parent.iterdir()) == [clip]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_end_it_is_interrupted_and_leaves_nothing_behind(end, clip, monkeypatch, capsys):
    def run(_clip, out_dir, _settings, **_options):
        with tempfile.TemporaryDirectory(dir=out_dir):
            assert signal.getsignal(end) is not signal.SIG_DFL
            os.kill(os.getpid(), end)
            time.sleep(5)

    monkeypatch.setattr(job, "run", run)
    before = signal.signal(end, signal.SIG_DFL)
    try:
        assert cli.main(["analyze", str(clip)]) == cli.INTERRUPTED
        assert signal.getsignal(end) is signal.SIG_DFL
    finally:
        signal.signal(end, before)
    assert capsys.readouterr().err == "formcheck: interrupted\n"
    assert list(clip.parent.iterdir()) == [clip]


def test_a_signal_that_is_ignored_stays_so(clip, monkeypatch):
    """Whoever starts it with nohup wants it to outlive the terminal."""
    seen = []
    monkeypatch.setattr(job, "run", lambda *_a, **_o: seen.append(signal.getsignal(signal.SIGHUP)))
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with pytest.raises(AttributeError):  # there is no result
            cli.main(["analyze", str(clip), "--no-history"])
    finally:
        signal.signal(signal.SIGHUP, before)
    assert seen == [signal.SIG_IGN]


def test_a_path_that_is_not_utf8_is_printed_as_it_is(clip, squat_set, monkeypatch, capsysbinary):
    _fake_job(monkeypatch, lambda *_args, **_options: squat_set)
    other = clip.rename(clip.with_name(os.fsdecode(b"caf\xe9.mp4")))
    assert cli.main(["analyze", other.name, "--no-history"]) == 0
    assert b"formcheck-out/caf\xe9/report.json" in capsysbinary.readouterr().out


def test_a_name_that_no_disk_takes_is_a_clip_that_cannot_be_read(capsys):
    assert cli.main(["analyze", "x" * 300]) == 3
    assert "File name too long" in capsys.readouterr().err


def test_a_clip_that_may_not_be_read_is_one_that_cannot_be(clip, monkeypatch, capsys):
    def forbid(_path, *_args, **_options):
        raise PermissionError(errno.EACCES, "Permission denied", str(clip))

    monkeypatch.setattr(os, "access", lambda *_args, **_options: False)
    monkeypatch.setattr(Path, "open", forbid)
    assert cli.main(["analyze", str(clip)]) == ClipError.exit_code
    assert capsys.readouterr().err == f"formcheck: {clip} cannot be read: Permission denied\n"


def test_a_failure_keeps_what_was_in_the_folder(clip, monkeypatch):
    _fake_job(monkeypatch, _raising(NobodyError("nobody")))
    out = clip.parent / "out"
    out.mkdir()
    assert cli.main(["analyze", str(clip), "--out", str(out)]) == 4
    assert out.is_dir()


def test_an_output_that_cannot_be_written_is_found_before_the_work(clip, monkeypatch, capsys):
    def analyse(*_args, **_options):
        pytest.fail("the work was started")

    _fake_job(monkeypatch, analyse)
    in_the_way = clip.parent / "file"
    in_the_way.write_text("")
    assert cli.main(["analyze", str(clip), "--out", str(in_the_way / "out")]) == 2
    assert str(in_the_way) in capsys.readouterr().err


def test_analyze_passes_on_what_was_asked_for(clip, squat_set, monkeypatch):
    asked = {}

    def analyse(path, **options):
        asked.update(options, path=path)
        return squat_set

    _fake_job(monkeypatch, analyse)
    flags = (
        "--exercise lunge --model lite --workers 3 --height-cm 180 --max-fps 60 --person 2 "
        "--blur-face"
    )
    assert cli.main(["analyze", str(clip), *flags.split()]) == 0
    assert asked == {
        "path": clip,
        "settings": job.Settings(
            "lunge", "lite", max_fps=60.0, height_cm=180.0, person=2, blur_face=True
        ),
        "workers": 3,
        "details": store.NOTHING_SAID,
        "recall": None,
        "progress": None,
    }
    assert (clip.parent / "formcheck-out" / "my set" / "report.json").is_file()


def test_no_limit_of_the_frame_rate_is_kept_as_json_can_say_it(clip, squat_set, monkeypatch):
    asked = {}

    def analyse(_path, **options):
        asked.update(options)
        return squat_set

    _fake_job(monkeypatch, analyse)
    assert cli.main(["analyze", str(clip), "--max-fps", "inf"]) == 0
    assert json.loads(json.dumps(asked["settings"].told(), allow_nan=False))["max_fps"] is None


def test_json_is_the_report_and_nothing_else(clip, squat_set, monkeypatch, capsys):
    _fake_job(monkeypatch, lambda *_a, **_o: squat_set)
    assert cli.main(["analyze", str(clip), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"schema_version": 1}
    assert printed.err == ""


def test_the_summary_in_a_pipe_is_plain_and_whole(clip, squat_set, monkeypatch, capsys):
    _fake_job(monkeypatch, lambda *_a, **_o: squat_set)
    assert cli.main(["analyze", str(clip)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "\x1b" not in printed.out
    lines = printed.out.splitlines()
    assert lines[0] == "Squat (recognised, 97 % sure) · side view · clip.mp4"
    named = replace(squat_set, exercise=replace(squat_set.exercise, variant="overhead_squat"))
    _fake_job(monkeypatch, lambda *_a, **_o: named)
    assert cli.main(["analyze", str(clip)]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "Overhead squat (squat recognised, 97 % sure) · side view · clip.mp4"
    assert lines[1] == "Score 82 of 100 · 3 repetitions"
    assert [line.split()[0] for line in lines[2:5]] == ["1", "2", "3"]
    assert lines[2].endswith("100  ✓ 1  ? 1")
    assert "✕ Depth" in lines[3]
    assert "64" in lines[3]
    assert "≈ Depth" in lines[4]
    assert "  Sit deeper: 12° above the knee on rep 2" in lines
    assert "  9.1–9.9 s: its end is not in the picture" in lines
    assert "  The picture is dim." in lines
    assert lines[-1].endswith("report.json")


def test_the_summary_on_a_terminal_has_colours(squat_set):
    out = Console(file=io.StringIO(), force_terminal=True, width=100, color_system="standard")
    terminal.print_summary(out, squat_set, [], {"squat": "Squat"})
    assert "\x1b[1;32m100" in out.file.getvalue()
    failed = replace(squat_set.reps[1], score=95.0)
    out = Console(file=io.StringIO(), force_terminal=True, width=100, color_system="standard")
    terminal.print_summary(out, replace(squat_set, reps=(failed,)), [], {"squat": "Squat"})
    assert "\x1b[1;33m 95" in out.file.getvalue()  # it failed a check: not green


def test_a_profile_that_turns_all_checks_off_is_named_as_the_reason(squat_set):
    reps = tuple(replace(rep, checks=(), score=math.nan) for rep in squat_set.reps)
    off = ProfileNote("Counting only", "", "0" * 64, (), ("squat.depth",))
    summary = SetSummary(math.nan, {}, (), {}, {})
    out = Console(file=io.StringIO(), width=100)
    counted = replace(squat_set, reps=reps, summary=summary, profile=off)
    terminal.print_summary(out, counted, [], {"squat": "Squat"})
    assert "3 repetitions, no score: the profile turns all checks off" in out.file.getvalue()


def test_a_summary_claims_no_more_than_the_report(squat_set):
    counts = {Verdict.PASS: 1, Verdict.BORDERLINE: 2, Verdict.CANNOT_TELL: 15}
    few = replace(squat_set, summary=SetSummary(100.0, counts, (), {}, {}))
    out = Console(file=io.StringIO(), width=100)
    terminal.print_summary(out, few, [], {"squat": "Squat"})
    lines = out.file.getvalue().splitlines()
    assert lines[1] == "Score 100 of 100, by 1 of 18 checks · 3 repetitions"
    assert "  No check that could be judged failed." in "\n".join(lines)
    none = SetSummary(math.nan, Counter({Verdict.CANNOT_TELL: 18}), (), {}, {})
    terminal.print_summary(out, replace(few, summary=none), [], {"squat": "Squat"})
    assert "no score: nothing could be judged in this clip" in out.file.getvalue()


def test_rules_shows_every_rule_with_limit_and_source(capsys):
    assert cli.main(["rules"]) == 0
    printed = capsys.readouterr().out
    for exercise in EXERCISES.values():
        assert exercise.title in printed
        for rule in exercise.rules:
            assert rule.id in printed
            assert rule.source.text in printed


def test_rules_of_one_exercise(capsys):
    assert cli.main(["rules", "lunge"]) == 0
    printed = capsys.readouterr().out
    assert "lunge.depth" in printed
    assert "squat.depth" not in printed


def test_a_reader_that_has_seen_enough_ends_it_quietly(root):
    done = subprocess.run(
        f"{sys.executable} -m formcheck rules | head -n 1",
        shell=True,
        check=False,
        capture_output=True,
        text=True,
        cwd=root,
    )
    assert done.stderr == ""


def test_the_exercises_to_choose_from_are_those_there_are():
    assert set(cli_options.exercise_names()) == set(EXERCISES)


def test_the_readme_and_the_help_name_the_same_commands(root, capsys):
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `formcheck (\w+)", readme, re.MULTILINE)) == set(COMMANDS)
    cli.main(["--help"])
    listed = re.findall(r"^│ (\w+)  ", capsys.readouterr().out, re.MULTILINE)
    assert set(listed) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_names_every_option(command, root, capsys):
    readme = (root / "README.md").read_text(encoding="utf-8")
    cli.main([command, "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    [row] = re.findall(rf"^\| `formcheck {command}.*$", readme, re.MULTILINE)
    assert options == set(re.findall(r"--[a-z-]+", row))


def test_a_sample_clip_from_end_to_end(sample_clip, tmp_path, root):
    """Also on a fresh account, whose home cannot be written: nothing on stderr."""
    command = [sys.executable, "-m", "formcheck", "analyze", str(sample_clip), "--json"]
    done = subprocess.run(
        [*command, "--model", "lite", "--out", str(tmp_path / "out")],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "HOME": str(tmp_path / "nowhere"), "MPLCONFIGDIR": "/proc/nowhere"},
        cwd=root,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert report["exercise"]["id"] == "squat"
    assert report["reps"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "report.json",
        "report.html",
        "frames.csv",
        "annotated.mp4",
        ".formcheck-files",
    }
