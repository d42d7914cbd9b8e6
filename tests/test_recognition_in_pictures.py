"""What the picture has to say in recognition: what goes up or down, and what the camera does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import SHANK, THIGH, Camera, Scene, both, perform
from lifts import (
    LIFTS,
    LUNGE_BOTTOM,
    LUNGE_TOP,
    OVERHEAD,
    SQUAT_BOTTOM,
    SQUAT_TOP,
    VARIANTS,
    VIEWS,
    film_lift,
    found_in,
    lunges,
    reps,
)

from formcheck.exercises import EXERCISES
from formcheck.exercises.base import Posture
from formcheck.motion import motion_signals
from formcheck.recognition import postures, recognise
from formcheck.smoothing import smooth
from formcheck.types import Landmark, PoseTrack


def followed(track: PoseTrack, joint: str, share: float) -> PoseTrack:
    """As a camera films it that goes up and down with a joint, by a share of its way."""
    height = track.middle(joint)[:, 1:]
    return replace(track, xy_px=track.xy_px - [0, share] * (height - height[:1])[:, None])


@pytest.mark.parametrize("lift", ["squat", "deadlift", "lunge"])
@pytest.mark.parametrize("feet_up", [0.0, 0.3])
def test_who_sits_does_no_lift_on_the_feet(lift, feet_up):
    """On a machine the body model may draw any lift, but in the picture nothing sinks."""
    track, sitting = film_lift(lift, Scene(noise_px=1)), both(0, 90, 90)
    picture = perform(sitting, [(track.time_s[-1] + 1, sitting)], Scene(noise_px=1)).xy_px
    picture = picture[: len(track.time_s)].copy()
    fallen = track.middle("shoulder")[:, 1] - track.middle("shoulder")[0, 1]
    leg_px = (THIGH + SHANK) * Scene().camera.scale
    picture[:, Landmark.LEFT_ANKLE :, 1] -= feet_up * leg_px * (fallen / fallen.max())[:, None]
    assert found_in(replace(track, xy_px=picture)).recognition.id is None


@pytest.mark.parametrize("azimuth", [90, 50])
@pytest.mark.parametrize(("top", "bottom"), [(SQUAT_TOP, SQUAT_BOTTOM), (LUNGE_TOP, LUNGE_BOTTOM)])
def test_steps_onto_a_box_and_down_again_are_no_lifts(top, bottom, azimuth):
    played = reps(top, [bottom.but(lift=0.17)] * 4, tops=[top.but(lift=0.35), top] * 2)
    found = found_in(perform(*played, Scene(Camera(azimuth), noise_px=1)))
    assert found.recognition.id is None


@pytest.mark.parametrize("height_m", [0.5, 1.1, 2.0])
def test_lunges_walked_towards_the_camera(height_m):
    """The feet sink in the picture with every step, the hips less."""
    start, moves = lunges("LRLR")
    filmed = [
        perform(start, moves, Scene(Camera(0, distance_m=metres, height_m=height_m), noise_px=1))
        for metres in (5.0, 2.6)
    ]
    nearer = np.linspace(0, 1, len(filmed[0].time_s))[:, None, None]
    walked = (1 - nearer) * filmed[0].xy_px + nearer * filmed[1].xy_px
    found = found_in(replace(filmed[0], xy_px=walked))
    assert (found.recognition.id, len(found.counted.reps)) == ("lunge", 4)


@pytest.mark.parametrize("azimuth", [90, 50])
def test_knees_raised_on_a_bar_with_one_foot_drawn_behind_are_no_lunges(azimuth):
    hanging = both(0, 5, 5, arm=178, lift=0.4)
    raised = hanging.but(hip_left=95, knee_left=95, hip_right=5, knee_right=75, lift=0.62)
    found = found_in(perform(*reps(hanging, [raised] * 3), Scene(Camera(azimuth), noise_px=1)))
    assert found.recognition.id is None


def test_shoulders_that_come_up_instead_of_the_hips_are_a_crunch():
    """World landmarks hang on the hips and do not show which end moves; the picture does."""
    track = film_lift("hip_thrust", Scene(noise_px=1))
    assert found_in(track).recognition.id == "hip_thrust"
    hips = track.middle("hip")[:, 1]
    moved = track.xy_px.copy()
    moved[:, : Landmark.LEFT_HIP, 1] -= (hips - hips.min())[:, None]
    moved[:, Landmark.LEFT_HIP : Landmark.LEFT_KNEE, 1] -= (hips - hips.min())[:, None]
    assert found_in(replace(track, xy_px=moved)).recognition.id is None


def test_a_shin_that_does_not_stand_is_no_hip_thrust():
    """On all fours one leg kicks, up or back, and the other one kneels."""
    motion = motion_signals(smooth(film_lift("hip_thrust", Scene(noise_px=1))))
    exercise = EXERCISES["hip_thrust"]
    rep = recognise(EXERCISES, motion).counted.reps[0]
    posture = postures(exercise, motion, exercise.depth(motion), rep)
    assert exercise.likeness(posture) == 1
    names = ("knee_over_ankle_left_ratio", "knee_over_ankle_right_ratio")
    kneeling = dict(zip(names, (0.01, 0.05), strict=True))
    for legs in ((-0.4, 0.0), (0.01, 0.13)):  # a kick with a bent knee, or straight back
        kicking = posture.top | dict(zip(names, legs, strict=True))
        assert exercise.likeness(Posture(kicking, posture.bottom | kneeling)) == 0
    unseen = dict.fromkeys(kneeling, np.nan)
    assert exercise.likeness(replace(posture, bottom=posture.bottom | unseen)) == 1


@pytest.mark.parametrize("joint", ["hip", "shoulder"])
@pytest.mark.parametrize("share", [0.5, 0.85, 0.95, 1.0])
@pytest.mark.parametrize("variant", sorted(set(VARIANTS) - {"overhead squat"}))
def test_a_camera_that_follows_the_lifter_up_and_down(variant, share, joint):
    """Held in a hand, or by a gimbal: hips or shoulders stay where they are in the picture.

    With the hands overhead that shows the same as knees raised on a bar.
    """
    lift, count, played = VARIANTS[variant]
    track = perform(*played, Scene(noise_px=1))
    found = found_in(followed(track, joint, share))
    assert (found.recognition.id, len(found.counted.reps)) == (lift, count)


@pytest.mark.parametrize("azimuth", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_lunge_with_the_weight_overhead(share, azimuth):
    """Hands high above are no bar to hang from: the shoulders sink."""
    top, bottom = LUNGE_TOP.but(**OVERHEAD), LUNGE_BOTTOM.but(**OVERHEAD)
    track = perform(*reps(top, [bottom] * 3), Scene(Camera(azimuth), noise_px=1))
    found = found_in(followed(track, "shoulder", share))
    assert (found.recognition.id, len(found.counted.reps)) == ("lunge", 3)


@pytest.mark.parametrize("distance_m", [1.6, 2.5])
@pytest.mark.parametrize("azimuth", [0, 30])
def test_a_lunge_towards_a_camera_near_the_floor(azimuth, distance_m):
    """Coming nearer raises the shoulders in the picture as far as sinking lowers them."""
    camera = Camera(azimuth, distance_m=distance_m, height_m=0.3)
    start, moves = lunges()
    track = perform(start, moves, Scene(camera, noise_px=1))
    found = found_in(track)
    assert (found.recognition.id, len(found.counted.reps)) == ("lunge", 3)


def test_a_camera_that_is_aimed_anew_in_one_repetition():
    track = film_lift("squat", Scene(noise_px=1))
    second = found_in(track).counted.reps[1]
    share = np.clip((np.arange(len(track.time_s)) - second.start) / 30, 0, 1)
    shifted = track.xy_px + np.stack([0 * share, 110 * share], axis=1)[:, None]
    found = found_in(replace(track, xy_px=shifted))
    assert (found.recognition.id, len(found.counted.reps)) == ("squat", 3)


@pytest.mark.parametrize("azimuth", [90, 50])
@pytest.mark.parametrize("lift", LIFTS)
def test_a_picture_that_is_upside_down_shows_no_lift(lift, azimuth):
    """The hips of a bridge sink in it; all angles between the limbs are as ever."""
    track = film_lift(lift, Scene(Camera(azimuth), noise_px=1))
    turned = replace(
        track,
        xy_px=[track.width, track.height] - track.xy_px,
        world_m=track.world_m * [-1, -1, 1],
    )
    found = found_in(turned)
    assert (found.recognition.id, found.counted.reps) == (None, ())
