from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from bodies import Scene, perform
from films import picture
from lifts import squats
from test_live import Replay, frames

from formcheck import cli, coach, doctor, live, terminal
from formcheck.coach import RepSeen
from formcheck.errors import ClipError, NobodyError, UsageError
from formcheck.exercises import titles
from formcheck.live import LiveSession
from formcheck.pipeline import Evaluation
from formcheck.reps import Counted
from formcheck.types import CaptureWarning, Check, Frame, Rep, ScoredRep, Verdict
from formcheck.video import VideoWriter


def test_a_set_is_told_rep_by_rep_and_then_as_a_whole(root):
    told = list(coach.watch(str(root / "sample_videos" / "squat_clean.mp4"), "auto", "lite"))
    *reps, whole = told
    assert [news.number for news in reps if isinstance(news, RepSeen)] == [1, 2, 3]
    assert whole.exercise.id == "squat"
    assert len(whole.reps) == 3


def test_an_exercise_that_there_is_not_is_told_before_anything_is_opened(monkeypatch):
    monkeypatch.setattr(coach, "MediaPipeEstimator", lambda _m: pytest.fail("it was started"))
    with pytest.raises(UsageError, match="yoga"):
        list(coach.watch("nofile.mp4", "yoga", "lite"))


def test_a_camera_that_is_not_there_is_one_line():
    with pytest.raises(ClipError, match="does not open"):
        list(coach.watch("63", "auto", "lite"))


def test_a_stream_that_does_not_answer_is_one_line_about_its_address(root):
    url = "http://127.0.0.1:9/x"
    done = subprocess.run(
        [sys.executable, "-m", "formcheck", "live", "--camera", url],
        check=False,
        capture_output=True,
        text=True,
        cwd=root,
    )
    assert done.returncode == ClipError.exit_code
    [line] = done.stderr.splitlines()
    assert line == f"formcheck: {url} does not open: is the address right, and does it send?"


def test_a_set_without_anybody_is_told_as_that_and_nothing_else(tmp_path, capsys):
    frames = [Frame(step, step / 10, picture(320, 240, step)) for step in range(12)]
    with VideoWriter(tmp_path / "empty.mp4", 320, 240) as writer:
        for frame in frames:
            writer.write(frame)
    assert cli.main(["live", "--camera", str(tmp_path / "empty.mp4")]) == NobodyError.exit_code
    printed = capsys.readouterr()
    assert "nobody was in the picture" in printed.err
    assert "Filmed from" not in printed.out


@pytest.mark.parametrize("source", ["nofile.mp4", "no/such/file.mp4", "²", "9" * 20, "front"])
def test_what_is_neither_a_camera_nor_a_file_is_said(source):
    with pytest.raises(ClipError, match=f"{source}: no such file"):
        list(coach.watch(source, "auto", "lite"))


def rep(start, turn, end):
    return ScoredRep(Rep(start, turn, end), {}, (), 60.0)


def test_reps_are_told_once_whatever_becomes_of_their_numbers():
    told, time_s = coach._Told(), [float(frame) for frame in range(100)]

    def news(exercise, *reps):
        return [(n.number, n.rep.rep.turn) for n in told.news(exercise, reps, time_s)]

    assert news("squat", rep(0, 5, 9), rep(9, 15, 20)) == [(1, 5), (2, 15)]
    assert news(None) == []
    assert news("squat", rep(0, 6, 9), rep(10, 14, 20), rep(20, 25, 29)) == [(3, 25)]
    assert news("squat", rep(10, 14, 20), rep(20, 25, 29), rep(30, 35, 39)) == [(3, 35)]
    deadlifts = rep(40, 45, 45), rep(45, 50, 50), rep(50, 55, 60)
    assert news("deadlift", *deadlifts) == [(1, 45), (2, 50), (3, 55)]
    assert news("squat", rep(10, 14, 20)) == news("deadlift", *deadlifts) == []
    assert news("deadlift", rep(30, 35, 40), *deadlifts) == [(1, 35)]


class Patient(LiveSession):
    """Waits for each evaluation, so that a set that is played at once is judged as it goes on."""

    def push(self, frame):
        state = super().push(frame)
        if self._pending is not None:
            self._pending.result()
        return state


def test_of_a_set_that_is_too_long_the_summary_says_what_it_leaves_out(monkeypatch):
    """After 78 repetitions numbers began anew, and "38 repetitions" was all that was said."""
    start, moves = squats(12)
    set_ = perform(start, moves[:-1], Scene(fps=8))  # the last one is told with the summary
    shorter = {"OVER_S": 6.0, "TAIL_S": 16.0, "LONGEST_S": 25.0, "EVALUATE_EVERY_S": 1.6}
    for name, seconds in shorter.items():
        monkeypatch.setattr(live, name, seconds)
    monkeypatch.setattr(live, "step_back", lambda: None)  # what is waited for need not give way
    monkeypatch.setattr(coach, "LiveSession", Patient)
    monkeypatch.setattr(coach, "MediaPipeEstimator", lambda _model: Replay(set_))
    monkeypatch.setattr(coach, "frames_of", lambda _source: iter(frames(set_)))
    *told, whole = coach.watch("clip.mp4", "squat", "lite")
    assert [news.number for news in told] == list(range(1, 13))
    assert len(whole.reps) < 9
    assert whole.capture.warnings[0].code == "set_too_long"


def test_another_exercise_than_was_told_first_is_counted_anew(capsys):
    seen = [RepSeen(n, rep(0, 5, 9), "squat") for n in (1, 2)] + [RepSeen(1, rep(0, 5, 9), "lunge")]
    terminal.print_live(terminal.console(), seen, titles())
    _, *lines = capsys.readouterr().out.splitlines()
    assert [line.strip() for line in lines] == ["1", "2", "Lunge: counted anew", "1"]


def test_a_fault_is_told_with_its_evidence(capsys):
    check = Check(
        "squat.depth", Verdict.FAIL, 12.4, 0.0, 6.7, "deg", 40, "", "Sit deeper: 12° more"
    )
    lean = replace(check, id="squat.x", value=0.123, limit=0.1, margin=0.02, unit="ratio", cue="Up")
    deep = replace(check, value=-0.3, limit=15.0, cue="Stop earlier")  # by a profile
    seen = RepSeen(1, ScoredRep(Rep(0, 40, 80), {}, (check, lean, deep), 60.0))
    terminal.print_live(terminal.console(), [seen], titles())
    printed = capsys.readouterr().out
    assert "Sit deeper: 12° more (12° ± 7°, limit 0°)" in printed
    assert "Up (0.123 ± 0.02, limit 0.1)" in printed
    assert "Stop earlier (0° ± 7°, limit 15°)" in printed


def test_a_live_set_is_told_no_option_that_live_lacks(capsys, squat_set):
    note = CaptureWarning("low_frame_rate", "Film at 24 or more (--max-fps).")
    capture = replace(squat_set.capture, warnings=(note,))
    whole = Evaluation(
        squat_set.track, squat_set.track, squat_set.signals, capture, squat_set.exercise,
        Counted((), ()), squat_set.reps, squat_set.summary,
    )  # fmt: skip
    terminal.print_live(terminal.console(), [whole], titles())
    assert capsys.readouterr().out.splitlines()[-1].strip() == "Film at 24 or more."


def test_a_cue_that_looks_like_markup_is_told_as_it_is(capsys):
    cue = "Go [/lower] now :eyes:"
    check = Check("squat.depth", Verdict.FAIL, 12.4, 0.0, 6.7, "deg", 40, "", cue)
    seen = RepSeen(1, ScoredRep(Rep(0, 40, 80), {}, (check,), 60.0))
    terminal.print_live(terminal.console(), [seen], titles())
    assert f"{cue} (12°" in capsys.readouterr().out


def test_a_path_in_the_doctors_table_is_told_as_it_is(capsys):
    finding = doctor.Finding("data folder", "ok", "/data/[/me]/[bold]")
    terminal.print_findings(terminal.console(), [finding])
    assert "/data/[/me]/[bold]" in capsys.readouterr().out
