"""Pictures drawn of a stick figure that lifts a plate, or leaves it on the floor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from bodies import Camera, Scene, perform
from lifts import deadlifts

from formcheck.closeup import Look, Seen
from formcheck.people import pose_at
from formcheck.pipeline import evaluate
from formcheck.scene import Box
from formcheck.types import FloatArray, ImageArray, Landmark, PoseTrack

WRISTS = [Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]
SCENE = Scene(Camera(width=640, height=360, scale=150.0))
TRACK, TWO = perform(*deadlifts(4), SCENE), perform(*deadlifts(2), SCENE)
PLATE_PX = 30
REPS = evaluate(TRACK, "deadlift").counted.reps


def hands_px(track: PoseTrack, frame: int) -> tuple[int, int]:
    x, y = track.xy_px[frame, WRISTS].mean(axis=0)
    return int(x), int(y)


def looks(holds: Callable[[int], bool], track: PoseTrack = TRACK) -> Look:
    """Pictures in which the plate is in the hands at the frames that ``holds``, else on the floor.

    The body is as wide as what it hides of the room behind it.
    """
    floor = hands_px(track, REPS[0].start)

    def closely(times_s: Sequence[float]) -> list[Seen | None]:
        seen: list[Seen | None] = []
        for time_s in times_s:
            frame = int(np.argmin(np.abs(track.time_s - time_s)))
            pose = pose_at(track, frame)
            assert pose is not None
            image = np.full((track.height, track.width, 3), (150, 140, 125), np.uint8)
            cv2.rectangle(image, (250, 50), (310, 350), (90, 110, 90), -1)
            joints = pose.xy_px[[Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP, Landmark.LEFT_KNEE]]
            feet = pose.xy_px[[Landmark.LEFT_ANKLE]]
            body = np.concatenate([joints, feet]).astype(np.int32)
            cv2.polylines(image, [body], isClosed=False, color=(40, 60, 120), thickness=30)
            place = hands_px(track, frame) if holds(frame) else floor
            cv2.circle(image, place, PLATE_PX, (20, 20, 25), -1)
            cv2.circle(image, place, PLATE_PX // 4, (160, 160, 160), -1)
            noise = np.random.default_rng(frame).normal(0, 4, image.shape)
            noisy = np.clip(image + noise, 0, 255).astype(np.uint8)
            seen.append(Seen(noisy, pose, np.zeros(image.shape[:2], np.float32)))
        return seen

    def plainly(times_s: Sequence[float]) -> list[ImageArray]:
        return [seen.image for seen in closely(times_s) if seen]

    return Look(plainly, closely)


def test_a_set_that_is_lifted_to_its_end_keeps_all_its_repetitions():
    assert len(REPS) == 4
    found = evaluate(TRACK, "deadlift", looks(lambda _frame: True))
    assert [rep.turn for rep in found.counted.reps] == [rep.turn for rep in REPS]


@pytest.mark.parametrize("frames_early", [0, 10])
def test_standing_up_from_the_weight_is_no_repetition(frames_early: int):
    left = REPS[-1].start - frames_early
    found = evaluate(TRACK, "deadlift", looks(lambda frame: frame < left))
    assert [rep.turn for rep in found.counted.reps] == [rep.turn for rep in REPS[:-1]]


def test_one_other_lift_tells_that_the_last_is_standing_up_from_the_weight():
    first, _ = evaluate(TWO, "deadlift").counted.reps
    found = evaluate(TWO, "deadlift", looks(lambda frame: frame <= first.end, TWO))
    assert [rep.turn for rep in found.counted.reps] == [first.turn]


def test_a_camera_that_moves_at_the_last_top_is_not_believed_at_the_first():
    """Before a wall that is nowhere plain the first top is like the bottoms, weight or not."""
    first, last = evaluate(TWO, "deadlift").counted.reps
    pan_s = TWO.time_s[[last.start, last.turn]]

    def pan_px(time_s: float | FloatArray) -> FloatArray:
        return np.round(np.interp(time_s, pan_s, [0.0, 60.0]))

    panned = TWO.xy_px + np.stack([pan_px(TWO.time_s), np.zeros(len(TWO))], axis=1)[:, None]
    steady = looks(lambda _frame: True, TWO)
    grain = np.random.default_rng(0).normal(0, 1000, (TWO.height, TWO.width, 1))
    wall = np.clip(cv2.GaussianBlur(grain, None, 6.0), -80, 80)[..., None]

    def closely(times_s: Sequence[float]) -> list[Seen | None]:
        seen: list[Seen | None] = []
        for time_s, one in zip(times_s, steady.closely(times_s), strict=True):
            assert one is not None
            grainy = np.clip(one.image + wall, 0, 255).astype(np.uint8)
            image = np.roll(grainy, int(pan_px(time_s)), axis=1)
            pose = replace(one.pose, xy_px=one.pose.xy_px + np.array([pan_px(time_s), 0.0]))
            seen.append(replace(one, image=image, pose=pose))
        return seen

    found = evaluate(replace(TWO, xy_px=panned), "deadlift", Look(steady.plainly, closely))
    assert [rep.turn for rep in found.counted.reps] == [first.turn, last.turn]


def test_nobody_in_the_pictures_drops_nothing():
    plainly = looks(lambda _frame: True).plainly
    found = evaluate(TRACK, "deadlift", Look(plainly, lambda times_s: [None] * len(times_s)))
    assert len(found.counted.reps) == 4


def test_a_picture_in_which_another_body_is_drawn_tells_nothing_of_the_weight():
    """Before a camera in the hand, where only what the hands hold can tell."""
    steady = looks(lambda _frame: True)
    last_s = TRACK.time_s[REPS[-1].start]

    def shaken(astray_px: float) -> Look:
        def closely(times_s: Sequence[float]) -> list[Seen | None]:
            seen: list[Seen | None] = []
            for time_s, one in zip(times_s, steady.closely(times_s), strict=True):
                assert one is not None
                off_px = np.random.default_rng(round(1000 * time_s)).integers(-25, 26, 2)
                away_px = astray_px if time_s > last_s else 0.0
                pose = replace(one.pose, xy_px=one.pose.xy_px + off_px + (away_px, 0.0))
                image = np.roll(one.image, off_px[::-1], axis=(0, 1))
                seen.append(replace(one, image=image, pose=pose))
            return seen

        return Look(steady.plainly, closely)

    for astray_px in (0.0, 110.0):
        found = evaluate(TRACK, "deadlift", shaken(astray_px))
        assert [rep.turn for rep in found.counted.reps] == [rep.turn for rep in REPS]


def test_somebody_else_in_the_pictures_is_left_out_and_the_lifter_looked_at_again():
    """Beside a bystander whom the model finds first the weight on the floor is seen as well."""
    steady = looks(lambda frame: frame < REPS[-1].start)

    def bystander(times_s: Sequence[float]) -> list[Seen | None]:
        pictures = [one for one in steady.closely(times_s) if one is not None]
        beside = [
            replace(one.pose, xy_px=one.pose.xy_px + np.array([200.0, 0.0])) for one in pictures
        ]
        return [replace(one, pose=p) for one, p in zip(pictures, beside, strict=True)]

    def alone(times_s: Sequence[float], boxes: Sequence[Box]) -> list[Seen | None]:
        seen = list(steady.closely(times_s))
        for one, (left, top, right, bottom) in zip(seen, boxes, strict=True):
            assert one is not None
            x, y = (one.pose.xy_px / (TRACK.width, TRACK.height)).T
            assert left < x.min() < x.max() < right
            assert top < y.min() < y.max() < bottom
            assert right - left < 0.6
        return seen

    apart = evaluate(TRACK, "deadlift", Look(steady.plainly, bystander))
    assert len(apart.counted.reps) == len(REPS)
    covered = evaluate(TRACK, "deadlift", Look(steady.plainly, bystander, alone))
    assert [rep.turn for rep in covered.counted.reps] == [rep.turn for rep in REPS[:-1]]
