"""Wishes for a set that has been analysed: scored again soon, and not forgotten."""

from __future__ import annotations

import io
import time

import pytest
from pauses import pausing, wait

from formcheck.errors import UsageError
from formcheck.ui import jobs, sets, work

pytestmark = pytest.mark.usefixtures("data")


def test_scoring_again_waits_for_no_other_clip(stored, shelf, squat_set, monkeypatch):
    """Reps put right in the first of many clips were scored when the last one was analysed."""
    other = shelf.add("other.mp4", io.BytesIO(b"other"), "auto", "lite")
    begun, on = pausing(monkeypatch, "analyse", squat_set)
    monkeypatch.setattr(work, "rescore", lambda *_: squat_set)
    monkeypatch.setattr(work, "draw", lambda *_: None)
    all_jobs = jobs.Jobs()
    long = all_jobs.analyse(other)
    assert begun.wait(10)
    quick = all_jobs.rescore(stored)
    assert all_jobs.ahead_of(quick) == 0
    wait(quick)
    assert (long.state, quick.state) == ("running", "done")
    on.set()
    wait(long)


@pytest.mark.parametrize("wish", ["rescore", "analyse"])
def test_a_wish_that_the_server_did_not_get_to_is_taken_up_again(
    stored, squat_set, monkeypatch, wish
):
    """It was stopped while another clip was analysed; what was shown stayed as of before."""
    begun, on = pausing(monkeypatch, wish, squat_set)
    monkeypatch.setattr(work, "draw", lambda *_: None)
    stopped = jobs.Jobs()
    getattr(stopped, wish)(stored)
    assert begun.wait(10)
    anew = jobs.Jobs()  # as if the server had been started anew
    job = anew.resume(stored)
    assert job is not None
    assert job.whole == (wish == "analyse")
    on.set()
    wait(job)
    assert job.state == "done"
    _wait_until_settled(stored)


def _wait_until_settled(stored):
    for _ in range(200):
        if not stored.card.due:
            break
        time.sleep(0.02)
    assert jobs.Jobs().resume(stored) is None


def test_a_wish_that_failed_is_not_taken_up_again(stored, monkeypatch):
    def nobody(*_):
        raise UsageError("Nobody was found there.")

    monkeypatch.setattr(work, "analyse", nobody)
    wait(jobs.Jobs().analyse(stored, instead=True))
    _wait_until_settled(stored)


def test_a_wish_that_a_full_disk_keeps_no_note_of_ends_and_is_not_waited_for(stored, monkeypatch):
    """It ended the page with a traceback, and was shown as waiting until the server was stopped."""

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sets, "write_json", full)
    monkeypatch.setattr(work, "rescore", full)
    all_jobs = jobs.Jobs()
    job = all_jobs.rescore(stored)
    wait(job)
    assert job.state == "failed"
    assert "No space left" in job.error
