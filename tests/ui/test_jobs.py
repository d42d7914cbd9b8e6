"""Work in the background of the page: one thing at a time a set, and nothing is lost."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pauses import pausing, wait

from formcheck.errors import ClipError
from formcheck.ui import jobs, server, work

pytestmark = pytest.mark.usefixtures("data")


@pytest.mark.parametrize(
    ("error", "says"),
    [(ClipError("a.mp4: not a video"), "a.mp4: not a video"),
     (OSError(28, "No space left on device"), "No space left on device"),
     (ValueError("?"), "Something went wrong")],
)  # fmt: skip
def test_what_ends_a_job_is_said(stored, monkeypatch, error, says):
    def fail(*_):
        raise error

    monkeypatch.setattr(work, "analyse", fail)
    job = jobs.Jobs().analyse(stored)
    wait(job)
    assert job.state == "failed"
    assert says in job.error


def test_a_cancelled_job_ends_at_its_next_step(stored, monkeypatch):
    def endless(_stored, tell):
        while True:
            tell("pose", 0.5)

    monkeypatch.setattr(work, "analyse", endless)
    all_jobs = jobs.Jobs()
    job = all_jobs.analyse(stored)
    all_jobs.cancel(stored)
    wait(job)
    assert job.state == "cancelled"


def test_what_waits_is_cancelled_at_once_and_nobody_waits_for_it(shelf, tmp_path, monkeypatch):
    kept = []
    for name in "abc":
        (tmp_path / name).write_bytes(name.encode())
        with (tmp_path / name).open("rb") as stream:
            kept.append(shelf.add(f"{name}.mp4", stream, "auto", "lite"))
    begun, on = pausing(monkeypatch, "analyse")
    monkeypatch.setattr(work, "draw", lambda *_: None)
    all_jobs = jobs.Jobs()
    running, second, third = (all_jobs.analyse(one) for one in kept)
    assert begun.wait(10)
    assert all_jobs.ahead_of(third) == 2
    all_jobs.cancel(kept[1])
    assert second.state == "cancelled"
    assert all_jobs.ahead_of(third) == 1
    assert all_jobs.alive_in(shelf.folder) == [running, third]
    assert all_jobs.alive_in(tmp_path) == []
    all_jobs.cancel(kept[0])
    assert not running.alive()  # though its step has not ended yet
    on.set()
    for job in (running, second, third):
        wait(job)
    assert [job.state for job in (running, second, third)] == ["cancelled", "cancelled", "done"]


def test_the_latest_wish_is_the_one_that_is_scored(stored, squat_set, monkeypatch):
    """A second correction while the first is under way is not lost."""
    asked, on = [], threading.Event()

    def rescore(kept, tell):
        asked.append(kept.card.asked)
        assert on.wait(10)
        tell("report", 0.0)
        return squat_set

    monkeypatch.setattr(work, "rescore", rescore)
    monkeypatch.setattr(work, "draw", lambda *_: None)
    all_jobs = jobs.Jobs()
    stored.update(asked="lunge")
    first = all_jobs.rescore(stored)
    stored.update(asked="deadlift")
    second = all_jobs.rescore(stored)
    on.set()
    wait(first)
    wait(second)
    assert (first.state, second.state) == ("cancelled", "done")
    assert asked[-1] == "deadlift"


def test_a_wish_during_an_analysis_begins_the_analysis_anew(stored, squat_set, monkeypatch):
    """The kept landmarks are of another person than the one who is being looked for."""
    asked, on, begun = [], threading.Event(), threading.Event()

    def analyse(kept, tell):
        asked.append((kept.card.person, kept.card.blur_face))
        begun.set()
        assert on.wait(10)
        tell("pose", 0.5)
        return squat_set

    monkeypatch.setattr(work, "analyse", analyse)
    monkeypatch.setattr(work, "rescore", lambda *_: pytest.fail("somebody else is scored"))
    monkeypatch.setattr(work, "draw", lambda *_: None)
    all_jobs = jobs.Jobs()
    stored.update(person=2)
    first = all_jobs.analyse(stored, instead=True)
    assert begun.wait(10)
    stored.update(blur_face=True)
    second = all_jobs.rescore(stored)
    stored.update(blur_face=False)
    third = all_jobs.rescore(stored)  # while the second still waits
    on.set()
    for job in (first, second, third):
        wait(job)
    assert (first.state, second.state, third.state) == ("cancelled", "cancelled", "done")
    assert asked == [(2, False), (2, False)]


def test_a_wish_after_an_analysis_was_cancelled_scores_what_is_kept(stored, squat_set, monkeypatch):
    begun, on = pausing(monkeypatch, "analyse")
    monkeypatch.setattr(work, "rescore", lambda *_: squat_set)
    monkeypatch.setattr(work, "draw", lambda *_: None)
    all_jobs = jobs.Jobs()
    all_jobs.analyse(stored)
    assert begun.wait(10)
    all_jobs.cancel(stored)
    job = all_jobs.rescore(stored)
    on.set()
    wait(job)
    assert job.state == "done"
    assert not job.whole


def test_a_clip_taken_in_again_after_its_work_was_cancelled_is_analysed(stored, monkeypatch):
    begun, on = pausing(monkeypatch, "analyse")
    all_jobs = jobs.Jobs()
    first = all_jobs.analyse(stored)
    assert begun.wait(10)
    assert all_jobs.analyse(stored) is first  # under way: not begun twice
    all_jobs.cancel(stored)
    again = all_jobs.analyse(stored)
    assert again is not first
    monkeypatch.setattr(work, "draw", lambda *_: None)
    on.set()
    wait(again)
    assert (first.state, again.state) == ("cancelled", "done")


def test_a_video_whose_drawing_was_cancelled_is_drawn_after_all(stored, squat_set, monkeypatch):
    """Cancel was pressed just as the findings came: nothing else would ever draw the video."""
    monkeypatch.setattr(work, "rescore", lambda *_: squat_set)
    begun, on = pausing(monkeypatch, "draw")
    all_jobs = jobs.Jobs()
    stored.update(drawn=False)
    job = all_jobs.rescore(stored)
    assert begun.wait(10)
    all_jobs.cancel(stored)
    on.set()
    wait(job)
    assert job.state == "cancelled"
    monkeypatch.setattr(work, "draw", lambda kept, *_: kept.publish(drawn=True))
    again = all_jobs.resume(stored)
    wait(again)
    assert stored.card.drawn
    assert all_jobs.resume(stored) is again  # and then it rests


def test_findings_and_wishes_written_at_once_are_both_kept(stored):
    """The page and the work in the background write the same card."""
    before = stored.card.rev

    def write(change):
        for i in range(100):
            change(i)

    changes = [lambda i: stored.update(score=float(i)), lambda _: stored.publish(drawn=True),
               lambda _: stored.publish(ready=True)]  # fmt: skip
    threads = [threading.Thread(target=write, args=(change,)) for change in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored.card.rev == before + 200
    assert stored.card.score == 99.0


def test_whoever_hears_that_the_work_is_over_gets_what_it_found(stored, monkeypatch):
    """The job ends between two looks of the status: an old card must not go with "not busy"."""
    job = jobs.Job(stored, "a.mp4", state="drawing")
    stored.update(drawn=False)

    def of(_stored):
        if job.state == "drawing":
            stored.publish(drawn=True)
            job.state = "done"
        return job

    monkeypatch.setattr(jobs.JOBS, "of", of)
    monkeypatch.setattr(server, "token_of", lambda _: "v" * 43)
    request = SimpleNamespace(path_params={"set_id": stored.card.id})
    with ThreadPoolExecutor(1) as own_loop:  # the browser tests keep one in the main thread
        answer = own_loop.submit(asyncio.run, server.status(request)).result()
    answer = json.loads(answer.body)
    assert not answer["busy"]
    assert answer["drawn"]
    assert answer["rev"] == stored.card.rev


def test_a_recording_is_analysed_though_nobody_waits_for_it(shelf, sample_clip, monkeypatch):
    async def stream():
        yield sample_clip.read_bytes()

    begun = []
    monkeypatch.setattr(jobs.JOBS, "analyse", begun.append)
    monkeypatch.setattr(server, "token_of", lambda _: "v" * 43)
    monkeypatch.setattr(server, "same_origin", lambda _: True)
    request = SimpleNamespace(query_params={}, stream=stream)
    with ThreadPoolExecutor(1) as own_loop:
        answer = own_loop.submit(asyncio.run, server.recording(request)).result()
    [stored] = shelf.sets()
    assert json.loads(answer.body) == {"set": stored.card.id}
    assert [one.card.id for one in begun] == [stored.card.id]


@pytest.mark.parametrize("full", ["shelf", "temporary"])
def test_a_recording_for_which_there_is_no_room_is_refused_in_a_sentence(monkeypatch, full):
    def no_room(*_arguments, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    class Body(io.BytesIO):
        write = no_room

    async def stream():
        yield b"recorded"

    if full == "shelf":
        monkeypatch.setattr(server.Shelf, "add", no_room)
    else:
        monkeypatch.setattr(server.tempfile, "TemporaryFile", Body)
    monkeypatch.setattr(server, "token_of", lambda _: "v" * 43)
    monkeypatch.setattr(server, "same_origin", lambda _: True)
    request = SimpleNamespace(query_params={}, stream=stream)
    with ThreadPoolExecutor(1) as own_loop:
        answer = own_loop.submit(asyncio.run, server.recording(request)).result()
    assert answer.status_code == 507
    assert answer.body == b"The recording cannot be written: the disk is full."


def test_what_work_still_writes_after_the_set_was_deleted_goes_too(stored, shelf, monkeypatch):
    def late(kept, _tell):
        shelf.delete(kept.folder.name)
        kept.folder.mkdir(exist_ok=True)
        (kept.folder / "report.json").write_text("{}")
        raise jobs.CancelledError

    monkeypatch.setattr(work, "analyse", late)
    wait(jobs.Jobs().analyse(stored))
    for _ in range(200):
        if not stored.folder.exists():
            break
        time.sleep(0.02)
    assert not stored.folder.exists()


def test_a_set_remembers_which_model_its_landmarks_are_of(stored, squat_set, monkeypatch):
    """... and what was asked for: another person is looked for as the first one was."""
    asked, used = [], []

    def follow(_reel, _info, model, _exercise, **_options):
        asked.append(model)
        return "heavy", squat_set.track

    def judge(_info, model, _sha, *_arguments, **_options):
        used.append(model)
        return squat_set

    monkeypatch.setattr(work, "follow", follow)
    monkeypatch.setattr(work, "to_analysis", judge)
    monkeypatch.setattr(work, "make_key_frames", lambda *_a, **_k: [])
    stored.update(model="auto")
    work.analyse(stored, lambda *_: None)
    work.rescore(stored, lambda *_: None)
    work.analyse(stored, lambda *_: None)
    assert asked == ["auto", "auto"]
    assert used == ["heavy"] * 3


def test_scoring_again_uses_the_kept_landmarks(stored, squat_set, monkeypatch):
    seen = []

    def judge(info, _model, _sha, raw, exercise, _look, reps_s):
        seen.append((raw, exercise, info.name, reps_s))
        return replace(squat_set, clip=info)

    monkeypatch.setattr(work, "follow", lambda *_a, **_k: pytest.fail("pose again"))
    monkeypatch.setattr(work, "to_analysis", judge)
    monkeypatch.setattr(work, "make_key_frames", lambda *_a, **_k: [])
    stored.update(asked="deadlift", by_hand=[[1.0, 2.0, 3.0]])
    work.rescore(stored, lambda *_: None)
    [(raw, exercise, name, reps_s)] = seen
    assert reps_s == [[1.0, 2.0, 3.0]]
    assert exercise == "deadlift"
    assert (raw.time_s == squat_set.track.time_s).all()
    assert name == stored.card.name
    assert stored.card.ready
    assert not stored.card.drawn
    assert {p.name for p in stored.folder.iterdir()} >= {"report.json", "frames.csv"}


def test_a_report_page_of_older_findings_is_not_given_out(stored, squat_set, monkeypatch):
    (stored.folder / "report.html").write_text("older")
    work._write(stored, squat_set, [])
    assert stored.file("report.html") is None
    monkeypatch.setattr(work.report, "write_annotated", lambda *_a, **_k: None)
    work.draw(stored, work.Findings(squat_set, []), lambda *_: None)
    assert "Squat" in stored.file("report.html").read_text()
    assert stored.card.drawn
