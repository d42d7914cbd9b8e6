from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import Scene
from lifts import LIFTS, film_lift

from formcheck.angles import _of_frames
from formcheck.jumps import with_jumps
from formcheck.pipeline import evaluate
from formcheck.types import PoseTrack

FILM = Scene(noise_px=1)
TOP, HALF, BOTTOM, NEXT_TOP = 4.0, 4.75, 5.5, 6.8  # seconds, of the second of three squats


def cut_out(track: PoseTrack, first_s: float, last_s: float) -> PoseTrack:
    """The film without a part; the camera stands, so that no picture shows the cut."""
    kept = np.flatnonzero((track.time_s < first_s) | (track.time_s >= last_s))
    return replace(_of_frames(track, kept), time_s=track.time_s[: len(kept)])


@pytest.mark.parametrize("part", [(HALF, BOTTOM), (TOP, BOTTOM), (BOTTOM, NEXT_TOP)])
def test_a_squat_that_a_cut_breaks_off_is_not_counted_and_told_of(part):
    result = evaluate(cut_out(film_lift("squat", FILM), *part))
    assert result.exercise.id == "squat"
    assert len(result.reps) == 2
    assert "cuts" in [warning.code for warning in result.capture.warnings]


def test_a_cut_from_the_bottom_to_the_top_is_no_pull():
    result = evaluate(cut_out(film_lift("deadlift", FILM), 6.5, 7.75))
    assert (result.exercise.id, len(result.reps)) == ("deadlift", 2)


def test_a_cut_beside_the_only_whole_repetition_is_told_of():
    film = film_lift("squat", FILM)
    result = evaluate(_of_frames(cut_out(film, HALF, BOTTOM), np.arange(0, 170)))
    assert len(result.reps) == 1
    assert "cuts" in [warning.code for warning in result.capture.warnings]


@pytest.mark.parametrize("fps", [10, 24, 60])
@pytest.mark.parametrize("lift", LIFTS)
def test_a_lift_does_not_jump(lift, fps):
    track = film_lift(lift, Scene(fps=fps, noise_px=2))
    assert with_jumps(track) is track


@pytest.mark.parametrize("frames", [1, 2, 9])
def test_a_glitch_is_no_cut(frames):
    track = film_lift("squat", FILM)
    xy = track.xy_px.copy()
    xy[60 : 60 + frames] = xy[20] + [30, 0]
    assert not with_jumps(replace(track, xy_px=xy)).shot.any()


def test_whoever_is_out_of_sight_may_come_back_in_another_posture():
    track = film_lift("squat", FILM)
    xy = track.xy_px.copy()
    xy[40:52] = np.nan
    assert with_jumps(replace(track, xy_px=xy)).shot.max() == 0


def test_nobody_or_hardly_anybody_does_not_jump():
    track = film_lift("squat", FILM)
    nobody = replace(track, xy_px=np.full_like(track.xy_px, np.nan))
    assert with_jumps(nobody) is nobody
    few = _of_frames(track, np.arange(4))
    assert with_jumps(few) is few
