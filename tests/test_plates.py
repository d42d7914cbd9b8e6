"""Pictures drawn of a stick figure with a plate at its hands, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from bodies import Camera, Scene, perform
from lifts import deadlifts, squats, thrusts

from formcheck.closeup import Look
from formcheck.pipeline import evaluate
from formcheck.plane import leg_length_px
from formcheck.plates import behind_plates
from formcheck.types import BoolArray, FloatArray, ImageArray, Landmark, PoseTrack
from formcheck.view import estimate_capture

SCENE = Scene(Camera(width=640, height=480, scale=200.0))
THRUSTS, PULLS, SQUATS = (
    perform(*played, SCENE) for played in (thrusts(3), deadlifts(3), squats(3))
)
RADIUS_LEGS = 0.28
BLACK, WALL = (25, 25, 28), (150, 140, 125)


def hands_px(track: PoseTrack, frame: int) -> FloatArray:
    return track.xy_px[frame, [Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]].mean(axis=0)


def drawn(track: PoseTrack, plate: Callable[[int], FloatArray | None], scale: float = 1.0):
    """Pictures of a room in which a plate is at a place in each frame; None: no plate."""

    def images(times_s: Sequence[float]) -> list[ImageArray]:
        made = []
        for time_s in times_s:
            frame = int(np.argmin(np.abs(track.time_s - time_s)))
            image = np.full((track.height, track.width, 3), WALL, np.uint8)
            cv2.rectangle(image, (40, 60), (130, 200), (90, 110, 160), -1)
            image[track.height - 60 :] = (90, 80, 75)
            place = plate(frame)
            if place is not None:
                radius = round(RADIUS_LEGS * leg_length_px(track))
                at = (round(place[0]), round(place[1]))
                cv2.circle(image, at, radius, BLACK, -1, cv2.LINE_AA)
                cv2.circle(image, at, radius // 6, (170, 170, 170), -1, cv2.LINE_AA)
            noisy = image + np.random.default_rng(frame).normal(0, 4, image.shape)
            whole = np.clip(noisy, 0, 255).astype(np.uint8)
            made.append(np.asarray(cv2.resize(whole, None, fx=scale, fy=scale), np.uint8))
        return made

    return images


def look(track: PoseTrack, plate: Callable[[int], FloatArray | None]) -> Look:
    return Look(drawn(track, plate), lambda times_s: [None] * len(times_s))


def hidden(
    track: PoseTrack, plate: Callable[[int], FloatArray | None], scale: float = 1.0
) -> BoolArray | None:
    reps = evaluate(track).counted.reps
    return behind_plates(track, estimate_capture(track, reps), reps, drawn(track, plate, scale))


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.5])
def test_what_a_plate_at_the_hands_covers_is_hidden_and_what_is_at_its_rim(scale: float):
    aside = np.array([20.0, -10.0])
    found = hidden(THRUSTS, lambda frame: hands_px(THRUSTS, frame) + aside, scale)
    reps = evaluate(THRUSTS).counted.reps
    assert found is not None
    during = np.arange(reps[0].start, reps[-1].end + 1)
    middle = np.stack([hands_px(THRUSTS, frame) for frame in during]) + aside
    apart = np.linalg.norm(THRUSTS.xy_px[during] - middle[:, None], axis=2)
    apart /= RADIUS_LEGS * leg_length_px(THRUSTS)
    assert found[during][apart < 1.0].all()
    assert not found[during][apart > 1.2].any()
    assert found[during].any()
    assert not found[: reps[0].start].any()  # the bar is not there yet


@pytest.mark.parametrize("track", [THRUSTS, PULLS])
def test_without_a_plate_nothing_is_hidden(track: PoseTrack):
    found = hidden(track, lambda _frame: None)
    assert found is not None
    assert not found.any()


def test_a_ball_on_the_floor_is_no_plate():
    reps = evaluate(PULLS).counted.reps
    floor = hands_px(PULLS, reps[0].start)
    shown = hidden(PULLS, lambda _frame: floor - (0.0, 40.0))
    assert shown is not None
    assert not shown.any()


def test_a_head_beside_the_hands_is_no_plate():
    ears = [Landmark.LEFT_EAR, Landmark.RIGHT_EAR]
    found = hidden(SQUATS, lambda frame: SQUATS.xy_px[frame, ears].mean(axis=0))
    assert found is not None
    assert not found.any()


def test_a_plate_is_looked_for_from_the_side_only():
    track = perform(*deadlifts(3), Scene(Camera(45, width=640, height=480, scale=200.0)))
    assert hidden(track, lambda frame: hands_px(track, frame)) is None


def test_where_no_hands_are_seen_nobody_can_tell():
    xy_px = PULLS.xy_px.copy()
    xy_px[:, [Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]] = np.nan
    reps = evaluate(PULLS).counted.reps
    blind = replace(PULLS, xy_px=xy_px)
    images = drawn(PULLS, lambda frame: hands_px(PULLS, frame))
    assert behind_plates(blind, estimate_capture(PULLS, reps), reps, images) is None


def lockout_margin(found) -> float:
    return next(c.margin for c in found.reps[1].checks if c.id == "hip_thrust.lockout")


def test_a_hidden_hip_is_less_sure_and_one_in_full_sight_is_surer():
    def over_the_hip(frame: int) -> FloatArray:
        hip, hands = THRUSTS.xy_px[frame, Landmark.RIGHT_HIP], hands_px(THRUSTS, frame)
        return hip + 0.35 * (hands - hip)

    unknown = evaluate(THRUSTS)
    clear = evaluate(THRUSTS, look=look(THRUSTS, lambda _frame: None))
    covered = evaluate(THRUSTS, look=look(THRUSTS, over_the_hip))
    assert lockout_margin(clear) < lockout_margin(unknown) < lockout_margin(covered)
