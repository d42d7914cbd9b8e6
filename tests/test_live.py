from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import tracks
from bodies import Scene, both, perform
from lifts import (
    HANDS_UP,
    SQUAT_BOTTOM,
    SQUAT_TOP,
    THRUST_BOTTOM,
    Tempo,
    film_lift,
    reps,
    thrusts,
)
from test_pictures import room

from formcheck import live
from formcheck.errors import UsageError
from formcheck.live import EVALUATE_EVERY_S, TAIL_S, LiveSession
from formcheck.machine import STEP, step_back
from formcheck.pipeline import evaluate
from formcheck.types import Frame, FramePose


@pytest.fixture(scope="module", autouse=True)
def unhurried():
    """The tests wait for what is judged: to give way to the rest of the machine is to wait longer.

    On a busy one most of their time.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "step_back", lambda: None)
        yield


class Replay:
    """Answers with the poses of a known track, one a frame."""

    def __init__(self, track):
        self.track = track
        self.closed = 0

    def detect(self, frame):
        i = frame.index
        if not self.track.seen[i]:
            return None
        return FramePose(
            self.track.xy_px[i],
            self.track.world_m[i],
            self.track.visibility[i],
            self.track.presence[i],
        )

    def close(self):
        self.closed += 1


def frames(track):
    blank = np.zeros((2, 2, 3), dtype=np.uint8)
    return [Frame(i, float(t), blank) for i, t in enumerate(track.time_s)]


@pytest.fixture(scope="module")
def track():
    return film_lift("squat")


def test_a_clock_that_stands_still_or_is_put_back_counts_nothing_twice(track):
    """Frames of one moment were divided by no time at all."""
    with LiveSession(Replay(track), track.width, track.height) as session:
        for frame in frames(track):
            session.push(frame)
            session.push(frame)
        for frame in frames(track):
            state = session.push(frame)
        live = session.finish()
    assert state.time_s == track.time_s[-1]
    assert [r.rep for r in live.reps] == [r.rep for r in evaluate(track).reps]


def test_a_live_set_ends_with_the_verdicts_of_the_clip(track):
    with LiveSession(Replay(track), track.width, track.height) as session:
        for frame in frames(track):
            session.push(frame)
        live, clip = session.finish(), evaluate(track)
    assert [r.rep for r in live.reps] == [r.rep for r in clip.reps]
    assert [r.checks for r in live.reps] == [r.checks for r in clip.reps]
    assert live.summary == clip.summary


def test_a_live_set_is_measured_between_the_joints_centres_that_a_clip_is():
    drawn = tracks.load("squat_clean")
    session = LiveSession(Replay(drawn), drawn.width, drawn.height, "squat", model="full")
    with session:
        for frame in frames(drawn):
            session.push(frame)
        live = session.finish()
    clip, undone = (evaluate(drawn, "squat", model=model) for model in ("full", None))
    angle = "knee_flexion_both_deg"
    np.testing.assert_array_equal(live.signals[angle], clip.signals[angle])
    assert not np.array_equal(live.signals[angle], undone.signals[angle])


def test_a_camera_that_is_not_level_is_told_and_made_up_for(track):
    sine, cosine = np.sin(np.radians(6.0)), np.cos(np.radians(6.0))
    clockwise = track.xy_px @ np.array([[cosine, sine], [-sine, cosine]])
    turned = replace(track, xy_px=clockwise)
    with LiveSession(Replay(turned), track.width, track.height) as session:
        for i, time_s in enumerate(track.time_s):
            session.push(Frame(i, float(time_s), room(6.0)))
        live, level = session.finish(), evaluate(track)
    assert live.capture.roll_deg == pytest.approx(6, abs=1)
    for one, other in zip(live.reps, level.reps, strict=True):
        depth = one.measures["trunk_inclination_bottom"].value
        assert depth == pytest.approx(other.measures["trunk_inclination_bottom"].value, abs=1)


def test_a_new_set_is_not_read_by_the_pictures_of_the_one_before(track):
    """The phone was level again, and the roll of the first set was taken out of the second."""
    with LiveSession(Replay(track), track.width, track.height) as session:
        for roll_deg in (6.0, 0.0):
            session.restart("auto")
            for i, time_s in enumerate(track.time_s):
                session.push(Frame(i, float(time_s), room(roll_deg)))
            found = session.finish()
            assert found.capture.roll_deg == pytest.approx(roll_deg, abs=1)


def test_reps_are_counted_while_the_set_goes_on(track):
    counts = []
    with LiveSession(Replay(track), track.width, track.height, "squat") as session:
        for frame in frames(track):
            state = session.push(frame)
            if session._pending is not None:
                session._pending.result()
            counts.append(len(state.evaluation.reps) if state.evaluation else 0)
            assert state.evaluated_s >= state.time_s - 3 * EVALUATE_EVERY_S
    assert counts[0] == 0
    assert sorted(counts) == counts
    assert counts[-1] >= len(evaluate(track, "squat").reps) - 1


def test_nobody_in_the_picture_is_no_error(track):
    blank = film_lift("squat")
    blank.xy_px[:] = np.nan
    with LiveSession(Replay(blank), track.width, track.height) as session:
        states = [session.push(frame) for frame in frames(blank)[:60]]
    assert all(state.pose is None for state in states)


def test_the_estimator_is_freed_with_the_session(track):
    replay = Replay(track)
    with LiveSession(replay, track.width, track.height):
        pass
    assert replay.closed == 1


def test_an_unknown_exercise_is_refused(track):
    with pytest.raises(UsageError, match="curl"):
        LiveSession(Replay(track), 10, 10, "curl")


def test_a_rep_is_judged_only_after_its_top(track):
    with LiveSession(Replay(track), track.width, track.height, "squat") as session:
        for frame in frames(track):
            state = session.push(frame)
            if session._pending is not None:
                session._pending.result()
            for scored in state.settled:
                assert track.time_s[scored.rep.end] < state.evaluated_s


LONG = Scene(fps=10)


def pushed(session, track, every_s=4.0):
    """The states after each frame of a long set, judged every few seconds: that is enough."""
    waited_s = 0.0
    for frame in frames(track):
        state = session.push(frame)
        if session._pending is not None and frame.time_s - waited_s > every_s:
            session._pending.result()
            waited_s = frame.time_s
        yield state


@pytest.fixture(scope="module")
def long_set():
    """The states of over three and a half minutes of hip thrusts without a rest, and the whole."""
    set_ = perform(*thrusts(70), LONG)
    with LiveSession(Replay(set_), set_.width, set_.height) as session:
        return list(pushed(session, set_)), session.finish()


def test_a_long_set_is_counted_to_its_end(long_set):
    states, whole = long_set
    counts = [len(state.reps) for state in states]
    assert sorted(counts) == counts
    assert counts[-1] >= 68
    assert len(whole.reps) == 70
    told = [scored.rep.turn for scored in states[-1].settled]
    assert told == pytest.approx([s.rep.turn for s in whole.reps[: len(told)]], abs=2)


def test_a_verdict_that_was_told_stays_when_the_rep_is_long_over(long_set):
    states, _ = long_set
    assert len(states[-1].earlier) > 50
    for state in states[::50]:
        assert states[-1].earlier[: len(state.earlier)] == state.earlier
    for scored in states[-1].earlier:
        at = [scored.rep.turn, *(check.at for check in scored.checks)]
        assert scored.rep.start <= min(at) <= max(at) <= scored.rep.end


def test_what_is_judged_at_a_time_does_not_grow_with_the_set(long_set):
    later = [state for state in long_set[0] if state.first]
    assert later
    times = [state.evaluation.track.time_s for state in later]
    assert max(time_s[-1] - time_s[0] for time_s in times) < TAIL_S + 10.0


def test_reps_before_a_long_rest_are_not_forgotten():
    start, moves = thrusts(3)
    resting = [(2 * TAIL_S, THRUST_BOTTOM)]
    set_ = perform(start, [*moves, *resting, *thrusts(2, tempo=Tempo(up=1.5))[1]], LONG)
    with LiveSession(Replay(set_), set_.width, set_.height) as session:
        states = list(pushed(session, set_))
    assert len(states[-1].earlier) == 3
    assert len(states[-1].reps) >= 4
    since = [state.evaluation.exercise.id for state in states if state.earlier]
    assert set(since) == {"hip_thrust"}  # also while the tail holds but the rest


def test_reps_before_a_time_without_pictures_are_not_forgotten():
    set_ = perform(*thrusts(6), LONG)
    late = np.where(np.arange(len(set_)) > len(set_) / 2, 3 * TAIL_S, 0.0)
    torn = replace(set_, time_s=set_.time_s + late)
    with LiveSession(Replay(torn), torn.width, torn.height) as session:
        *_, state = pushed(session, torn, every_s=1.0)
        whole = session.finish()
    assert len(state.earlier) >= 3
    assert len(state.reps) == len(whole.reps) == 6


def test_how_straight_somebody_stands_is_remembered_for_longer_than_a_minute():
    """Lockouts 21 degrees short read as 9 short a minute after the last straight one."""
    short = both(10, 24, 22, **HANDS_UP)
    start, moves = reps(SQUAT_TOP, [SQUAT_BOTTOM] * 32, tops=[SQUAT_TOP] * 6 + [short] * 26)
    set_ = perform(start, moves[:-1], LONG)
    with LiveSession(Replay(set_), set_.width, set_.height, "squat") as session:
        *_, state = pushed(session, set_)
        whole = session.finish()
    shortfalls = [
        [next(c.value for c in scored.checks if c.id == "squat.lockout") for scored in done]
        for done in (state.settled, whole.reps)
    ]
    live, clip = shortfalls
    assert len(live) >= 30
    assert live[:6] == pytest.approx([0] * 6, abs=3)
    assert live == pytest.approx(clip[: len(live)], abs=3)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
def test_only_the_thread_that_steps_back_gives_way():
    here = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    with ThreadPoolExecutor(1, initializer=step_back) as background:
        assert background.submit(priority).result() == max(STEP, here)
    with ThreadPoolExecutor(1) as usual:
        assert usual.submit(priority).result() == priority() == here
