"""Pictures in which plates go up and down, and a drawn body that moves otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from bodies import Camera, Scene, hidden, perform
from kept import CLIP
from lifts import squats, thrusts

from formcheck.closeup import Look
from formcheck.exercises import EXERCISES
from formcheck.heave import heaved_in_pictures
from formcheck.keeping import new_set, restored
from formcheck.motion import motion_signals
from formcheck.pipeline import evaluate, to_analysis
from formcheck.plates import Images
from formcheck.smoothing import smooth
from formcheck.types import SIDES, FloatArray, ImageArray, Landmark, PoseTrack, Verdict, landmark

SCENE = Scene(Camera(width=640, height=480, scale=200.0))
THRUSTS = perform(*thrusts(3), SCENE)
REPS = evaluate(THRUSTS, "hip_thrust").counted.reps
CHANCE = np.random.default_rng(5)
ROOM = cv2.GaussianBlur(CHANCE.integers(40, 200, (600, 800, 3)).astype(np.uint8), (0, 0), 6)
NOISE = CHANCE.normal(0, 4, (480, 640, 3)).astype(np.int16)


def on_the_hips(frame: int) -> FloatArray:
    return THRUSTS.middle("hip")[frame]


def stays(frame: int) -> FloatArray:
    return on_the_hips(0 * frame)


def pictures(
    place: Callable[[int], FloatArray] = on_the_hips,
    camera: Callable[[int], FloatArray] = lambda _frame: np.zeros(2),
    grey: int = 20,
    room: ImageArray = ROOM,
    scale: float = 1.0,
) -> Images:
    """A room with a plate at a place in each frame, seen by a camera that may be elsewhere."""

    def images(times_s: Sequence[float]) -> list[ImageArray]:
        made = []
        for time_s in times_s:
            frame = int(np.argmin(np.abs(THRUSTS.time_s - time_s)))
            left, top = np.array([80, 60]) + camera(frame)
            image = room[round(top) : round(top) + 480, round(left) : round(left) + 640].copy()
            x, y = place(frame) - camera(frame)
            cv2.circle(image, (round(x), round(y)), 50, (grey,) * 3, -1, cv2.LINE_AA)
            noisy = image + np.roll(NOISE, 37 * frame)
            whole = np.clip(noisy, 0, 255).astype(np.uint8)
            made.append(np.asarray(cv2.resize(whole, None, fx=scale, fy=scale), np.uint8))
        return made

    return images


def lost(track: PoseTrack, share: float = 0.2) -> PoseTrack:
    """A body that does everything twice as fast, then rests, drawn as nobody's now and then."""
    frames = np.minimum(2 * np.arange(len(track)), len(track) - 1)
    fast = replace(track, xy_px=track.xy_px[frames], world_m=track.world_m[frames])
    return nobodys(fast, share)


def nobodys(track: PoseTrack, share: float) -> PoseTrack:
    """A body whose hips are one for a share of its frames, from the start."""
    world_m = track.world_m.copy()
    left, right = (int(landmark(side, "hip")) for side in SIDES)
    some = slice(round(share * len(track)))
    world_m[some, left] = world_m[some, right]
    return replace(track, world_m=world_m)


def heaved(track: PoseTrack, images: Images, exercise: str = "hip_thrust"):
    return heaved_in_pictures(track, EXERCISES[exercise], motion_signals(smooth(track)), images)


def look(images: Images) -> Look:
    return Look(images, lambda times_s: [None] * len(times_s))


@pytest.mark.parametrize("grey", [20, 230])
def test_repetitions_of_a_lost_body_are_counted_by_the_plates(grey: int):
    found = evaluate(lost(THRUSTS), "hip_thrust", look(pictures(grey=grey)))
    turns_s = [THRUSTS.time_s[rep.turn] for rep in found.counted.reps]
    assert turns_s == pytest.approx([THRUSTS.time_s[rep.turn] for rep in REPS], abs=0.3)


def test_how_they_were_done_cannot_be_told():
    found = evaluate(lost(THRUSTS), "hip_thrust", look(pictures()))
    checks = [check for rep in found.reps for check in rep.checks]
    assert {check.verdict for check in checks} == {Verdict.CANNOT_TELL}
    assert {check.reason for check in checks} == {"body_lost"}
    assert all(np.isnan(rep.score) for rep in found.reps)
    assert not found.track.seen.any()
    assert [warning.code for warning in found.capture.warnings] == ["body_lost"]


def test_what_the_film_shows_after_somebody_was_last_seen_ends_no_repetition():
    """A card after the film ends at the top of a thrust."""
    gone = slice(REPS[-1].turn - 5, None)
    body = hidden(THRUSTS, gone, list(Landmark))
    found = heaved(body, pictures())
    assert found.believed
    assert np.isnan(found.depth_deg[gone]).all()
    assert len(evaluate(body, "hip_thrust", look(pictures())).counted.reps) == 2


def test_what_a_view_of_the_lost_body_would_ask_for_is_not_told():
    film = perform(*thrusts(3), Scene(Camera(20, width=640, height=480, scale=200.0)))
    found = evaluate(lost(film), "hip_thrust", look(pictures()))
    assert [warning.code for warning in found.capture.warnings] == ["body_lost"]


@pytest.mark.parametrize("scale", [0.5, 1.5])
def test_pictures_may_be_of_another_scale(scale: float):
    found = evaluate(lost(THRUSTS), "hip_thrust", look(pictures(scale=scale)))
    assert len(found.counted.reps) == 3


def test_marked_repetitions_of_a_lost_body_stay_as_they_are_marked():
    """The pictures show what happens while nobody is seen."""
    body = lost(THRUSTS)
    gone = slice(140, 170)
    body.xy_px[gone], body.world_m[gone], body.visibility[gone] = np.nan, np.nan, 0.0
    spans_s = [tuple(body.time_s[[rep.start, rep.turn, rep.end]]) for rep in REPS[:2]]
    found = evaluate(body, "hip_thrust", look(pictures()), reps_s=spans_s)
    assert [(rep.start, rep.turn, rep.end) for rep in found.counted.reps] == [
        (rep.start, rep.turn, rep.end) for rep in REPS[:2]
    ]
    assert {check.verdict for rep in found.reps for check in rep.checks} == {Verdict.CANNOT_TELL}


def test_of_a_lost_body_no_lengths_are_told_either():
    found = evaluate(lost(THRUSTS), "hip_thrust", look(pictures()), height_cm=180)
    travels = [rep.measures["hip_travel"] for rep in found.reps]
    assert all(np.isnan(travel.value) for travel in travels)
    assert {travel.reason for travel in travels} == {"occluded"}


def test_a_set_that_is_kept_comes_back_without_the_lost_body():
    body = lost(THRUSTS)
    there = look(pictures())
    analysis = to_analysis(CLIP, "full", "1" * 64, body, "hip_thrust", there)
    kept = new_set(analysis)
    assert kept.recording is not None
    again = restored(kept.report, kept.recording)
    assert not again.track.seen.any()
    assert again.capture.warnings == analysis.capture.warnings


def test_a_body_that_moves_as_the_plates_do_is_believed_however_odd_it_looks():
    body = nobodys(THRUSTS, 0.2)
    found = evaluate(body, "hip_thrust", look(pictures()))
    assert found.track.seen.all()
    assert [rep.score for rep in found.reps] == [
        rep.score for rep in evaluate(body, "hip_thrust").reps
    ]


def test_when_a_believed_body_moves_is_told_by_the_plates():
    """It is drawn a third of a second late."""
    late = np.maximum(np.arange(len(THRUSTS)) - 10, 0)
    body = replace(THRUSTS, xy_px=THRUSTS.xy_px[late], world_m=THRUSTS.world_m[late])
    found = evaluate(body, "hip_thrust", look(pictures()))
    assert [THRUSTS.time_s[rep.turn] for rep in found.counted.reps] == pytest.approx(
        [THRUSTS.time_s[rep.turn] for rep in REPS], abs=0.2
    )
    assert np.isfinite([rep.score for rep in found.reps]).all()


def test_a_repetition_that_the_plates_do_not_show_is_counted_by_a_believed_body():
    def stopping(frame: int) -> FloatArray:
        return on_the_hips(min(frame, REPS[1].end + 60))

    found = evaluate(THRUSTS, "hip_thrust", look(pictures(stopping)))
    assert len(found.counted.reps) == 3


def test_a_whole_body_is_believed_where_the_pictures_show_something_else():
    assert heaved(lost(THRUSTS, share=0.0), pictures()) is None


def test_what_moves_to_the_side_tells_nothing():
    def passing(frame: int) -> FloatArray:
        return np.array([640 * frame / len(THRUSTS), 200.0])

    assert heaved(lost(THRUSTS), pictures(passing)) is None


def test_a_camera_that_goes_up_and_down_tells_nothing():
    def nodding(frame: int) -> FloatArray:
        return np.array([0.0, 0.4 * (on_the_hips(frame) - on_the_hips(0))[1]])

    assert heaved(lost(THRUSTS), pictures(stays, nodding)) is None


def test_where_nothing_is_seen_around_the_lifter_the_camera_may_have_moved():
    wall = np.full_like(ROOM, 120)
    assert heaved(lost(THRUSTS), pictures(room=wall)) is None
    near = replace(THRUSTS, xy_px=(THRUSTS.xy_px - [320, 240]) * 9 + [320, 240])
    assert heaved(lost(near), pictures()) is None


@pytest.mark.parametrize("sways_px", [0.0, 1.0, 1.5])
def test_breathing_is_no_repetition(sways_px: float):
    def breathing(frame: int) -> FloatArray:
        down_px = sways_px * np.sin(THRUSTS.time_s[frame] * np.pi / 2)
        return stays(frame) + np.array([0.0, down_px])

    assert heaved(lost(THRUSTS), pictures(breathing)) is None


@pytest.mark.parametrize("frames", [*range(2, 9), 20])
def test_who_is_hardly_seen_is_not_looked_for(frames: int):
    body = lost(THRUSTS, share=1.0)
    hardly = np.arange(len(body)) >= frames
    body.xy_px[hardly], body.world_m[hardly] = np.nan, np.nan
    assert heaved(body, pictures()) is None


def test_a_body_that_is_drawn_outside_the_picture_shows_no_region_to_look_at():
    body = lost(THRUSTS)
    assert heaved(replace(body, xy_px=body.xy_px + 2000), pictures()) is None
    assert heaved(replace(body, xy_px=320 + 0.01 * body.xy_px), pictures()) is None


def test_a_drawn_body_that_does_not_move_is_not_believed():
    still = np.zeros(len(THRUSTS), dtype=int)
    frozen = replace(THRUSTS, xy_px=THRUSTS.xy_px[still], world_m=THRUSTS.world_m[still])
    found = evaluate(nobodys(frozen, 0.2), "hip_thrust", look(pictures()))
    assert len(found.counted.reps) == 3
    assert not found.track.seen.any()


def test_over_a_cut_the_pictures_are_not_compared():
    cut = replace(lost(THRUSTS), shot=(np.arange(len(THRUSTS)) > 60).astype(np.int64))
    assert heaved(cut, pictures()) is None


def test_only_exercises_that_say_so_are_counted_by_the_pictures():
    squat = perform(*squats(3), SCENE)
    assert heaved(lost(squat), pictures(), "squat") is None
