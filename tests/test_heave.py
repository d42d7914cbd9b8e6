"""Pictures in which plates go up and down, and a drawn body that moves otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from bodies import Camera, Scene, perform
from lifts import squats, thrusts

from formcheck.closeup import Look
from formcheck.exercises import EXERCISES
from formcheck.heave import heaved_in_pictures
from formcheck.motion import motion_signals
from formcheck.pipeline import evaluate
from formcheck.plates import Images
from formcheck.smoothing import smooth
from formcheck.types import SIDES, FloatArray, ImageArray, PoseTrack, Verdict, landmark

SCENE = Scene(Camera(width=640, height=480, scale=200.0))
THRUSTS = perform(*thrusts(3), SCENE)
REPS = evaluate(THRUSTS, "hip_thrust").counted.reps
ROOM = cv2.GaussianBlur(
    np.random.default_rng(5).integers(40, 200, (600, 800, 3)).astype(np.uint8), (0, 0), 6
)


def on_the_hips(frame: int) -> FloatArray:
    return THRUSTS.middle("hip")[frame]


def stays(frame: int) -> FloatArray:
    return on_the_hips(0 * frame)


def pictures(
    place: Callable[[int], FloatArray] = on_the_hips,
    camera: Callable[[int], FloatArray] = lambda _frame: np.zeros(2),
    grey: int = 20,
) -> Images:
    """A room with a plate at a place in each frame, seen by a camera that may be elsewhere."""

    def images(times_s: Sequence[float]) -> list[ImageArray]:
        made = []
        for time_s in times_s:
            frame = int(np.argmin(np.abs(THRUSTS.time_s - time_s)))
            left, top = np.array([80, 60]) + camera(frame)
            image = ROOM[round(top) : round(top) + 480, round(left) : round(left) + 640].copy()
            x, y = place(frame) - camera(frame)
            cv2.circle(image, (round(x), round(y)), 50, (grey,) * 3, -1, cv2.LINE_AA)
            noisy = image + np.random.default_rng(frame).normal(0, 4, image.shape)
            made.append(np.clip(noisy, 0, 255).astype(np.uint8))
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
    assert {check.reason for check in checks} == {"occluded"}
    assert all(np.isnan(rep.score) for rep in found.reps)
    assert not found.track.seen.any()
    assert [warning.code for warning in found.capture.warnings].count("occluded") == 1


def test_marked_repetitions_of_a_lost_body_stay_as_they_are_marked():
    body = lost(THRUSTS)
    spans_s = [(1.0, 1.5, 2.0), (3.0, 3.6, 4.0)]
    found = evaluate(body, "hip_thrust", look(pictures()), reps_s=spans_s)
    assert [body.time_s[rep.turn] for rep in found.counted.reps] == pytest.approx(
        [1.5, 3.6], abs=0.05
    )
    assert {check.verdict for rep in found.reps for check in rep.checks} == {Verdict.CANNOT_TELL}


def test_a_body_that_moves_as_the_plates_do_is_believed():
    assert heaved(nobodys(THRUSTS, 0.2), pictures()) is None


def test_a_whole_body_is_believed_whatever_the_pictures_show():
    assert heaved(lost(THRUSTS, share=0.0), pictures()) is None


def test_what_moves_to_the_side_tells_nothing():
    def passing(frame: int) -> FloatArray:
        return np.array([640 * frame / len(THRUSTS), 200.0])

    assert heaved(lost(THRUSTS), pictures(passing)) is None


def test_a_camera_that_goes_up_and_down_tells_nothing():
    def nodding(frame: int) -> FloatArray:
        return np.array([0.0, 0.4 * (on_the_hips(frame) - on_the_hips(0))[1]])

    assert heaved(lost(THRUSTS), pictures(stays, nodding)) is None


def test_still_pictures_tell_nothing():
    assert heaved(lost(THRUSTS), pictures(stays)) is None


def test_over_a_cut_the_pictures_are_not_compared():
    cut = replace(lost(THRUSTS), shot=(np.arange(len(THRUSTS)) > 60).astype(np.int64))
    assert heaved(cut, pictures()) is None


def test_lifts_that_are_done_standing_move_all_of_the_body():
    squat = perform(*squats(3), SCENE)
    assert heaved(lost(squat), pictures(), "squat") is None
