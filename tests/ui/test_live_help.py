"""Placement help, live verdicts and the socket that carries them."""

from __future__ import annotations

import json
import math
import time
from contextlib import ExitStack
from dataclasses import replace

import cv2
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from formcheck.live import SETTLE_S, LiveState
from formcheck.pipeline import Evaluation
from formcheck.reps import Counted
from formcheck.types import FramePose, Landmark, Verdict
from formcheck.ui import livecoach, livesocket
from formcheck.ui.placement import ADVICE, Steady, advise, hand_raised
from tests.report.conftest import skeleton

WIDTH, HEIGHT = 320, 240
BRIGHT = np.full((HEIGHT, WIDTH, 3), 128, dtype=np.uint8)


def standing(shift=(0.0, 0.0), scale=1.0, side_on=True):
    """Somebody upright in the middle of the picture, seen from the side or from the front."""
    xy = skeleton(np.array([0.0]))[0] * scale + np.array(shift)
    head = xy[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=0)
    xy[Landmark.NOSE] = head - np.array([0.0, 20.0 * scale])
    world = np.zeros((33, 3))
    world[Landmark.LEFT_SHOULDER] = (0.02, -0.5, 0.2) if side_on else (0.2, -0.5, 0.02)
    world[Landmark.RIGHT_SHOULDER] = -world[Landmark.LEFT_SHOULDER]
    return FramePose(xy, world, np.ones(33), np.ones(33))


@pytest.mark.parametrize(
    ("pose", "image", "code"),
    [
        (standing(), BRIGHT, "good"),
        (standing(), BRIGHT // 6, "dark"),
        (None, BRIGHT, "nobody"),
        (standing(shift=(0, 25)), BRIGHT, "feet"),
        (standing(shift=(0, -60)), BRIGHT, "head"),
        (standing(shift=(-145, 0)), BRIGHT, "edge"),
        (standing(scale=0.4), BRIGHT, "far"),
        (standing(side_on=False), BRIGHT, "front"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_one_thing_to_change(pose, image, code):
    advice = advise(pose, image)
    assert advice.code == code
    assert advice.good == (code == "good")


def test_a_phone_on_its_side_is_noticed_but_lying_down_to_thrust_is_not():
    pose = standing()
    lying = replace(pose, xy_px=pose.xy_px[:, ::-1] * np.array([1.0, 0.9]))
    assert advise(lying, BRIGHT, "squat").code == "tilted"
    assert advise(lying, BRIGHT, "hip_thrust").code == "good"
    # on a bench, with the exercise left to be found out, it was "Hold the phone upright" for ever
    assert advise(lying, BRIGHT).text == "Hold the phone upright, or choose hip thrust"


def test_words_do_not_flicker():
    steady = Steady(5)
    said = [steady.add(ADVICE[code]).code for code in ("good",) * 5 + ("far", "good", "far")]
    assert said == ["good"] * 8
    assert [steady.add(ADVICE["far"]).code for _ in range(2)][-1] == "far"


def test_a_raised_hand():
    pose = standing()
    assert not hand_raised(pose)
    assert not hand_raised(None)
    xy = pose.xy_px.copy()
    xy[Landmark.LEFT_WRIST] = xy[Landmark.NOSE] - np.array([0.0, 40.0])
    assert hand_raised(replace(pose, xy_px=xy))
    assert not hand_raised(replace(pose, xy_px=xy, visibility=np.zeros(33)))


def _state(analysis, evaluated_s):
    evaluation = Evaluation(
        analysis.track, analysis.track, analysis.signals, analysis.capture, analysis.exercise,
        Counted((), ()), analysis.reps, analysis.summary,
    )  # fmt: skip
    return LiveState(evaluated_s, None, evaluation, evaluated_s)


def test_a_rep_is_counted_at_once_and_judged_when_it_is_over(squat_set):
    ends = [squat_set.track.time_s[r.rep.end] for r in squat_set.reps]
    told = livecoach._told(_state(squat_set, ends[1] + SETTLE_S + 0.01))
    assert told["reps"] == 3
    assert told["title"] == "Squat"
    assert told["last"]["n"] == 2
    assert told["last"]["verdict"] == Verdict.FAIL.value
    assert told["last"]["text"] == "Depth: hip 12° above knee level"
    assert told["last"]["say"] == "Sit deeper"
    last = livecoach._told(_state(squat_set, math.inf))["last"]
    assert (last["n"], last["verdict"], last["score"]) == (3, "borderline", None)
    json.dumps(told, allow_nan=False)
    soon = livecoach._told(_state(squat_set, ends[1] + SETTLE_S - 0.01))
    assert soon["last"]["n"] == 1


def test_a_rep_of_which_little_was_seen_is_not_called_good(squat_set):
    first = squat_set.reps[0]
    unseen = tuple(replace(c, verdict=Verdict.CANNOT_TELL) for c in first.checks[1:])
    rep = replace(first, checks=(first.checks[0], *unseen))
    assert livecoach._last(1, rep)["text"] == "Good rep"
    few = livecoach._last(1, replace(rep, checks=(*rep.checks, *unseen, *unseen)))
    assert (few["verdict"], few["text"]) == ("pass", "1 of 4 checks passed")


@pytest.mark.parametrize(
    ("reason", "says"),
    [("view", "Film from the side to have it judged"), ("occluded", "Not seen well enough")],
)
def test_a_rep_seen_from_the_wrong_side_is_not_badly_seen(squat_set, reason, says):
    first = squat_set.reps[0]
    unseen = [replace(c, verdict=Verdict.CANNOT_TELL, reason=reason) for c in first.checks]
    assert livecoach._last(1, replace(first, checks=tuple(unseen)))["text"] == says


def test_reps_that_are_long_over_are_told_with_the_others(squat_set):
    state = _state(squat_set, math.inf)
    first, later = squat_set.reps[0], replace(state.evaluation, reps=squat_set.reps[1:])
    told = livecoach._told(replace(state, evaluation=later, earlier=(first, first)))
    assert (told["reps"], told["last"]["n"]) == (4, 4)


def test_before_anything_is_known():
    assert livecoach._told(LiveState(0.0, None, None, 0.0))["reps"] == 0
    assert livecoach.decode(b"no picture") is None


class _Eyes:
    """A landmarker that sees the same pose in every picture."""

    made: list[_Eyes] = []  # noqa: RUF012

    def __init__(self, _model, size):
        self.size, self.closed = size, 0
        self.made.append(self)

    def detect(self, _frame):
        return standing()

    def close(self):
        self.closed += 1


def test_one_landmarker_a_camera_closed_with_it(monkeypatch):
    monkeypatch.setattr(livecoach, "MediaPipeEstimator", _Eyes)
    _Eyes.made.clear()
    coach = livecoach.LiveCoach()
    seen = coach.look(0.0, BRIGHT)
    assert seen["placement"]["good"]
    assert len(seen["pose"]) == 33
    assert coach.wish({"do": "start", "exercise": "squat"}) == {"doing": "start"}
    assert coach.wish({"do": "wait"}) == {"doing": "wait"}
    assert coach.look(0.1, BRIGHT)["set"]["reps"] == 0
    assert "Unknown exercise" in coach.wish({"do": "start", "exercise": "plank"})["error"]
    assert len(_Eyes.made) == 1
    coach.look(0.2, np.ascontiguousarray(BRIGHT[:, :200]))
    assert [eyes.closed for eyes in _Eyes.made] == [1, 0]
    coach.close()
    coach.close()
    assert [eyes.closed for eyes in _Eyes.made] == [1, 1]


def test_a_picture_that_is_turned_in_a_set_is_told(monkeypatch):
    """The count begins anew with it: nobody should wonder where their repetitions are."""
    monkeypatch.setattr(livecoach, "MediaPipeEstimator", _Eyes)
    coach = livecoach.LiveCoach()
    coach.look(0.0, BRIGHT)
    turned = np.ascontiguousarray(BRIGHT[:, :200])
    coach.look(0.1, turned)  # before the set it changes nothing
    coach.wish({"do": "start", "exercise": "squat"})
    assert coach.look(0.2, turned)["set"]["note"] == ""
    assert coach.look(0.3, BRIGHT)["set"]["note"] == livecoach.TURNED
    coach.wish({"do": "start", "exercise": "squat"})
    assert coach.look(0.4, BRIGHT)["set"]["note"] == ""
    coach.close()


def _socket(served, origin, cookie="formcheck_visitor=" + "v" * 43):
    host = served.address.partition("://")[2]
    headers = {"Cookie": cookie} if cookie else {}
    return connect(
        f"ws://{host}/formcheck/live", origin=origin, additional_headers=headers,
        open_timeout=20, proxy=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("origin", "cookie"),
    [("http://elsewhere.example", "formcheck_visitor=" + "v" * 43), (None, "formcheck_visitor=x")],
)
def test_other_sites_and_strangers_get_no_live_frames(served, origin, cookie):
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        _socket(served, origin or served.address, cookie).recv(timeout=10)


def test_one_camera_too_many_is_told_why(served):
    """Refused before the socket was open, a browser only learned that the connection was lost."""
    with ExitStack() as held:
        sockets = [
            held.enter_context(_socket(served, served.address))
            for _ in range(livesocket.MOST_SESSIONS + 1)
        ]
        with pytest.raises(ConnectionClosed) as closed:
            sockets[-1].recv(timeout=10)
    assert closed.value.rcvd.code == livesocket.BUSY


def test_frames_that_are_too_large_end_the_talk(served):
    with _socket(served, served.address) as socket:
        socket.send(bytes(livesocket.FRAME_MAX_BYTES + 1))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
        assert closed.value.rcvd.code == livesocket.TOO_BIG


def test_what_is_no_picture_is_dropped_and_a_picture_is_answered(served):
    with _socket(served, served.address) as socket:
        socket.send(bytes(8) + b"no picture")
        assert json.loads(socket.recv(timeout=20)) == {"dropped": True}
        time.sleep(2 * livesocket.LEAST_GAP_S)
        jpeg = cv2.imencode(".jpg", BRIGHT)[1].tobytes()
        socket.send(np.array([1.5]).astype("<f8").tobytes() + jpeg)
        answer = json.loads(socket.recv(timeout=30))
        assert answer["t"] == 1.5
        assert answer["placement"]["code"] == "nobody"
        socket.send(json.dumps({"do": "start", "exercise": "squat"}))
        assert json.loads(socket.recv(timeout=20)) == {"doing": "start"}
