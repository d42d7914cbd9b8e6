"""Work in the background that is stopped and waited for."""

from __future__ import annotations

import threading
import time

import pytest

from formcheck.ui import jobs, work


def wait(job):
    """Until it is over."""
    for _ in range(200):
        if job.state in jobs.OVER:
            return
        time.sleep(0.02)
    pytest.fail(f"still {job.state}")


def pausing(monkeypatch, name, result=None):
    """Stop a step of the work until told to go on; gives (begun, go on)."""
    begun, on = threading.Event(), threading.Event()

    def step(*arguments):
        begun.set()
        assert on.wait(10)
        arguments[-1]("video", 1.0)
        return result

    monkeypatch.setattr(work, name, step)
    return begun, on
