from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from bodies import Scene
from lifts import LIFTS, film_lift

from formcheck.angles import _of_frames
from formcheck.closeup import Look
from formcheck.jumps import Pictures, with_jumps
from formcheck.pipeline import evaluate
from formcheck.types import ImageArray, PoseTrack

FILM = Scene(noise_px=1)
TOP, HALF, BOTTOM, NEXT_TOP = 4.0, 4.75, 5.5, 6.8  # seconds, of the second of three squats


def cut_out(track: PoseTrack, first_s: float, last_s: float) -> PoseTrack:
    """The film without a part; the camera stands, so that the whole picture shows no cut."""
    kept = np.flatnonzero((track.time_s < first_s) | (track.time_s >= last_s))
    return replace(_of_frames(track, kept), time_s=track.time_s[: len(kept)])


def film_of(track: PoseTrack) -> Pictures:
    """Pictures of whoever moves as in the track: a light body in a grey room."""

    def pictures(times_s: Sequence[float]) -> Iterator[ImageArray]:
        for time_s in times_s:
            image = np.full((track.height // 4, track.width // 4, 3), 90, np.uint8)
            body = track.xy_px[int(np.argmin(np.abs(track.time_s - time_s)))] / 4
            cv2.fillConvexPoly(image, cv2.convexHull(body.astype(np.int32)), (220, 220, 220))
            yield image

    return pictures


def look_at(track: PoseTrack) -> Look:
    return Look(film_of(track), lambda times_s: [None] * len(times_s))


@pytest.mark.parametrize("part", [(HALF, BOTTOM), (TOP, BOTTOM), (BOTTOM, NEXT_TOP)])
def test_a_squat_that_a_cut_breaks_off_is_not_counted_and_told_of(part):
    track = cut_out(film_lift("squat", FILM), *part)
    result = evaluate(track, look=look_at(track))
    assert result.exercise.id == "squat"
    assert len(result.reps) == 2
    assert "cuts" in [warning.code for warning in result.capture.warnings]


def test_a_cut_from_the_bottom_to_the_top_is_no_pull():
    track = cut_out(film_lift("deadlift", FILM), 6.5, 7.75)
    result = evaluate(track, look=look_at(track))
    assert (result.exercise.id, len(result.reps)) == ("deadlift", 2)


def test_a_cut_beside_the_only_whole_repetition_is_told_of():
    track = _of_frames(cut_out(film_lift("squat", FILM), HALF, BOTTOM), np.arange(0, 170))
    result = evaluate(track, look=look_at(track))
    assert len(result.reps) == 1
    assert "cuts" in [warning.code for warning in result.capture.warnings]


def test_the_cut_stays_known_where_the_pictures_are_not_looked_at_again():
    track = cut_out(film_lift("deadlift", FILM), 6.5, 7.75)
    first = evaluate(track, look=look_at(track))
    again = evaluate(first.raw)
    assert [scored.rep for scored in again.reps] == [scored.rep for scored in first.reps]


def test_a_body_that_is_lost_and_found_is_no_cut():
    """The model draws it in another place from one frame on; the pictures go on as before."""
    track = film_lift("squat", FILM)
    xy = track.xy_px.copy()
    xy[150:] = track.xy_px[120:-30]
    lost = replace(track, xy_px=xy)
    assert with_jumps(lost, film_of(lost)).shot.max() == 1
    assert with_jumps(lost, film_of(track)).shot.max() == 0


@pytest.mark.parametrize("fps", [10, 24, 60])
@pytest.mark.parametrize("lift", LIFTS)
def test_a_lift_does_not_jump(lift, fps):
    track = film_lift(lift, Scene(fps=fps, noise_px=2))
    assert with_jumps(track, film_of(track)) is track


def test_whoever_is_out_of_sight_may_come_back_in_another_posture():
    track = film_lift("squat", FILM)
    xy = track.xy_px.copy()
    xy[40:52] = np.nan
    assert with_jumps(replace(track, xy_px=xy), film_of(track)).shot.max() == 0


def test_a_frame_without_anybody_beside_the_cut():
    track = cut_out(film_lift("squat", FILM), HALF, BOTTOM)
    xy = track.xy_px.copy()
    xy[142] = np.nan
    assert with_jumps(replace(track, xy_px=xy), film_of(track)).shot.max() == 1


def test_nobody_or_hardly_anybody_does_not_jump():
    track = film_lift("squat", FILM)
    nobody = replace(track, xy_px=np.full_like(track.xy_px, np.nan))
    assert with_jumps(nobody, film_of(track)) is nobody
    few = _of_frames(track, np.arange(4))
    assert with_jumps(few, film_of(track)) is few
