"""Streams: their pictures are given as quickly as they were filmed, however they come."""

from __future__ import annotations

import itertools
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from films import make

from formcheck import camera, coach
from formcheck.video import read_frames


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def address(tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_stream_that_comes_at_once_is_played_as_quickly_as_it_was_filmed(tmp_path, address):
    """It was taken as quickly as it came: of a set in an HLS stream no repetition was left."""
    make(tmp_path / "a.ts", np.arange(25) / 25)
    times_s = [frame.time_s for frame in camera.watch(f"{address}/a.ts")]
    assert len(times_s) >= 5  # a busy machine takes fewer
    assert times_s[-1] == pytest.approx(24 / 25, abs=0.4)


def test_the_pace_of_a_stream():
    pace = camera.Pace()
    assert pace.early_s(5.0, 100.0) == 0.0
    assert pace.early_s(5.2, 100.0) == pytest.approx(0.2)
    assert pace.early_s(5.2, 100.3) == 0.0
    assert pace.early_s(5.4, 103.0) == 0.0  # it has stalled: what follows is not hurried
    assert pace.early_s(5.6, 103.0) == pytest.approx(0.2)
    assert pace.early_s(900.0, 103.4) == 0.0  # its clock was set anew
    assert pace.early_s(900.1, 103.4) == pytest.approx(0.1)


class _Stalled:
    """A camera that gives one picture and then none; notes what is done to it meanwhile."""

    def __init__(self, _source):
        self.given = self.reading = self.released_in_read = False
        self.goes_on, self.released = threading.Event(), threading.Event()

    def isOpened(self):  # noqa: N802
        return True

    def get(self, _property):
        return 0.0

    def read(self):
        if not self.given:
            self.given = True
            return True, np.zeros((4, 4, 3), np.uint8)
        self.reading = True
        self.goes_on.wait(20)
        self.reading = False
        return False, None

    def release(self):
        self.released_in_read = self.reading
        self.released.set()


def test_a_stream_that_has_stalled_is_not_released_while_it_is_read(monkeypatch):
    """OpenCV crashed when its read came back, before a long set was judged, and took it along."""
    stalled = _Stalled("0")
    monkeypatch.setattr(camera.cv2, "VideoCapture", lambda _source: stalled)
    monkeypatch.setattr(camera, "WAIT_S", 0.2)
    assert len(list(camera.watch("0"))) == 1
    assert not stalled.released.is_set()
    stalled.goes_on.set()
    assert stalled.released.wait(10)
    assert not stalled.released_in_read


def test_a_camera_that_sends_no_more_is_told(root, monkeypatch):
    """The summary came without a word on why, while the lifter lifted on."""
    clip = str(root / "sample_videos" / "squat_clean.mp4")
    pictures = list(itertools.islice(read_frames(clip, max_fps=5, max_side=320), 10))
    monkeypatch.setattr(coach, "frames_of", lambda _source: iter(pictures))
    for source, told in (("0", ["camera_stopped"]), (clip, [])):
        *_, whole = coach.watch(source, "squat", "lite")
        codes = [note.code for note in whole.capture.warnings]
        assert [code for code in codes if code == "camera_stopped"] == told
