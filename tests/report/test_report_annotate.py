from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from formcheck import exercises
from formcheck.errors import ClipError, UsageError
from formcheck.report import write_annotated
from formcheck.report.annotate import ahead
from formcheck.report.keyframes import key_times
from formcheck.report.moments import Moments
from formcheck.types import Facing, PoseTrack, Verdict

FPS, FRAMES, SIZE = 25.0, 75, (320, 240)  # of the clip that conftest.py makes


def test_annotated_clip_has_every_frame_and_plays_in_a_browser(analysis, clip, tmp_path: Path):
    out = tmp_path / "annotated.mp4"
    shares: list[float] = []
    write_annotated(clip, analysis, out, lambda _stage, share: shares.append(share))
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == SIZE
        times = [frame.time for frame in container.decode(video=0)]
    assert len(times) == FRAMES
    np.testing.assert_allclose(times, np.arange(FRAMES) / FPS, atol=1e-3)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert [p.name for p in tmp_path.iterdir()] == ["annotated.mp4"]


def test_unwritable_output_is_a_usage_error_and_ends_its_threads(analysis, clip, tmp_path: Path):
    before = threading.active_count()
    with pytest.raises(UsageError):
        write_annotated(clip, analysis, tmp_path / "none" / "annotated.mp4")
    assert threading.active_count() == before
    assert list(tmp_path.iterdir()) == []


def test_missing_clip_is_a_clip_error(analysis, tmp_path: Path):
    with pytest.raises(ClipError):
        write_annotated(tmp_path / "none.mp4", analysis, tmp_path / "annotated.mp4")
    assert list(tmp_path.iterdir()) == []


def test_ahead_keeps_order_and_hands_on_errors():
    assert list(ahead(range(100), depth=3)) == list(range(100))

    def broken():
        yield 1
        raise ValueError("enough")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(ValueError, match="enough"):
        next(items)


def test_ahead_stops_its_thread_when_closed():
    before = threading.active_count()
    items = ahead(iter(int, 1), depth=2)
    next(items)
    items.close()
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("time_s", "rep", "phase"),
    [(0.0, 0, ""), (0.6, 1, "down"), (1.2, 1, "up"), (1.6, 1, ""), (2.0, 2, "down")],
)
def test_counter_and_phase_follow_the_reps(analysis, time_s, rep, phase):
    state = Moments(analysis, {}).state(time_s)
    assert (state.rep, state.reps, state.phase) == (rep, 2, phase)


def test_phases_of_a_lift_from_the_floor_are_the_other_way_round(analysis):
    deadlift = replace(analysis, exercise=replace(analysis.exercise, id="deadlift"))
    assert Moments(deadlift, {}).state(0.6).phase == "up"


def test_pictures_of_a_plug_in_follow_its_turn(analysis, monkeypatch):
    """A press turns at the top: no thigh is drawn there, and its bottom is the start."""
    press = replace(exercises.EXERCISES["deadlift"], id="press")
    monkeypatch.setattr(exercises, "EXERCISES", {"press": press})
    plain = tuple(replace(rep, checks=()) for rep in analysis.reps)
    pressed = replace(analysis, exercise=replace(analysis.exercise, id="press"), reps=plain)
    moments = Moments(pressed, {})
    assert moments.state(0.6).phase == "up"
    assert [mark.kind for mark in moments.state(1.0).angles] == ["hip_flexion"]
    times, rep = pressed.track.time_s, pressed.reps[0].rep
    assert key_times(pressed)[:2] == [
        (1, "bottom", times[rep.start]),
        (1, "top", times[rep.turn]),
    ]


def test_squat_shows_the_thigh_at_the_bottom_and_hip_and_knee_elsewhere(analysis):
    moments = Moments(analysis, {})
    assert [mark.kind for mark in moments.state(1.0).angles] == ["thigh_inclination"]
    assert [mark.kind for mark in moments.state(0.56).angles] == ["hip_flexion", "knee_flexion"]


def test_the_side_towards_the_camera_stands_out_though_the_lifter_turns(analysis):
    last = len(analysis.track) - 1
    ways = Facing(0, 20, "side", 90.0, 5.0, "right"), Facing(21, last, "side", 90.0, 5.0, "left")
    turned = replace(analysis, capture=replace(analysis.capture, facings=ways))
    moments, times = Moments(turned, {}), analysis.track.time_s
    assert [moments.state(times[k]).near_side for k in (10, 30)] == ["right", "left"]


def test_a_verdict_is_announced_at_its_frame_and_goes_away(analysis, rule_info):
    moments = Moments(analysis, rule_info)
    assert moments.state(0.96).toasts == ()
    first = moments.state(1.0).toasts[0]
    assert (first.verdict, first.title) == (Verdict.FAIL, "Depth")
    assert first.detail == "hip 8° above knee level"
    assert not any(t.verdict is Verdict.FAIL for t in moments.state(2.5).toasts)


def test_what_is_still_said_when_the_next_repetition_has_begun_names_its_own(analysis, rule_info):
    first, second = analysis.reps
    early = replace(second, rep=replace(second.rep, start=first.rep.turn + 5))
    moments = Moments(replace(analysis, reps=(first, early)), rule_info)
    said_s = float(analysis.track.time_s[first.checks[0].at])
    begun_s = float(analysis.track.time_s[early.rep.start])
    assert said_s < begun_s
    assert [t.title for t in moments.state(said_s).toasts][:1] == ["Depth"]
    assert "Rep 1: Depth" in [t.title for t in moments.state(begun_s).toasts]


def test_what_the_view_cannot_tell_is_said_once(analysis):
    moments = Moments(analysis, {})
    said = [t.verdict for s in (1.0, 2.24) for t in moments.state(s).toasts]
    assert said.count(Verdict.CANNOT_TELL) == 1


def test_pose_between_frames_is_interpolated_but_not_across_a_cut(analysis):
    middle = 24.5 / FPS
    track: PoseTrack = analysis.track
    between = Moments(analysis, {}).pose(middle)
    np.testing.assert_allclose(between.xy_px, (track.xy_px[24] + track.xy_px[25]) / 2)
    shot = np.where(np.arange(FRAMES) < 25, 0, 1)
    cut = replace(analysis, track=replace(track, shot=shot))
    before = Moments(cut, {}).pose(24.4 / FPS)
    np.testing.assert_array_equal(before.xy_px, track.xy_px[24])
