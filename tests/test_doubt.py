"""When a pose is not believed, and which of two is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Scene, hidden, perform
from lifts import LIFTS, deadlifts, film_lift, good_mornings, lunges, squats, standing

from formcheck.doubt import astray, followed, trembling
from formcheck.errors import UsageError
from formcheck.exercises import EXERCISES
from formcheck.motion import motion_signals
from formcheck.recognition import recognise
from formcheck.smoothing import smooth
from formcheck.types import Landmark, PoseTrack

SCENE = Scene(noise_px=1)


class Models:
    """Estimators that find what they are told to, and remember that they were asked."""

    def __init__(self, **tracks: PoseTrack) -> None:
        self.tracks = tracks
        self.asked: list[str] = []

    def __call__(self, name: str) -> PoseTrack:
        self.asked.append(name)
        return self.tracks[name]


def folded(track: PoseTrack, share: float) -> PoseTrack:
    """The track with the legs drawn up into the trunk for a share of its frames, from the start."""
    world = track.world_m.copy()
    legs = [Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE, Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE]
    hips = world[:, [Landmark.LEFT_HIP, Landmark.LEFT_HIP, Landmark.RIGHT_HIP, Landmark.RIGHT_HIP]]
    count = round(share * len(track))
    world[:count, legs] = hips[:count] + 0.3 * (world[:count, legs] - hips[:count])
    return replace(track, world_m=world)


@pytest.mark.parametrize("lift", LIFTS)
@pytest.mark.parametrize("azimuth", [90, 45, 0])
def test_a_whole_body_is_believed(lift, azimuth):
    assert not astray(film_lift(lift, Scene(Camera(azimuth), noise_px=1))).any()


def test_a_body_that_nobody_has_is_not_believed_and_nobody_is_no_such_body():
    track = film_lift("deadlift", SCENE)
    wrong = astray(folded(track, 0.25))
    assert wrong.mean() == pytest.approx(0.25, abs=0.02)
    assert not astray(hidden(track, slice(0, 20), list(Landmark)))[:20].any()


def test_one_leg_behind_a_plate_is_no_reason_to_doubt_the_other():
    track = film_lift("deadlift", SCENE)
    world = track.world_m.copy()
    world[:, Landmark.LEFT_KNEE] = world[:, Landmark.LEFT_HIP]
    assert not astray(replace(track, world_m=world)).any()


def test_a_clear_set_is_followed_once():
    models = Models(full=film_lift("squat", SCENE))
    assert followed("auto", None, models) == ("full", models.tracks["full"])
    assert models.asked == ["full"]


def test_a_doubtful_body_is_followed_again_with_the_larger_model():
    clear = film_lift("deadlift", SCENE)
    models = Models(full=folded(clear, 0.3), heavy=clear)
    assert followed("auto", None, models) == ("heavy", clear)
    assert models.asked == ["full", "heavy"]


def shaking(lift: str, noise_px: float) -> PoseTrack:
    return film_lift(lift, Scene(noise_px=noise_px))


@pytest.mark.parametrize("lift", LIFTS)
def test_legs_that_tremble_are_looked_at_again(lift):
    clear, shaky = shaking(lift, 1), shaking(lift, 3)
    told = EXERCISES[lift]
    assert followed("auto", told, Models(full=clear)) == ("full", clear)
    assert followed("auto", told, Models(full=shaky, heavy=clear)) == ("heavy", clear)


def test_a_second_look_that_trembles_no_less_is_not_taken():
    shaky = shaking("squat", 3)
    models = Models(full=shaky, heavy=shaking("squat", 4))
    assert followed("auto", EXERCISES["squat"], models) == ("full", shaky)
    assert models.asked == ["full", "heavy"]


def test_only_legs_in_repetitions_count():
    clear = film_lift("squat", SCENE)
    reps = recognise(EXERCISES, motion_signals(smooth(clear))).counted.reps
    before = slice(0, reps[0].start - 8)
    rng = np.random.default_rng(1)
    xy_px = clear.xy_px.copy()
    xy_px[before] += rng.normal(0, 15, xy_px[before].shape)
    xy_px[:, Landmark.LEFT_WRIST] += rng.normal(0, 15, (len(clear), 2))
    assert followed("auto", None, Models(full=replace(clear, xy_px=xy_px)))[0] == "full"
    assert trembling(smooth(clear), ()) == 0.0


def test_a_movement_among_the_repetitions_that_looks_like_another_is_looked_at_again():
    """One squat of four reads as a lunge: one foot is drawn far behind the other."""
    clear = perform(*squats(4), SCENE)
    first = clear.time_s < clear.time_s[len(clear) // 4]
    world = clear.world_m.copy()
    forward = np.array([0.45, 0.0, 0.0])
    world[first, Landmark.LEFT_ANKLE] += forward
    world[first, Landmark.RIGHT_ANKLE] -= forward
    models = Models(full=replace(clear, world_m=world), heavy=clear)
    assert followed("auto", None, models)[0] == "heavy"
    told = Models(full=replace(clear, world_m=world), heavy=clear)
    assert followed("auto", EXERCISES["squat"], told)[0] == "heavy"
    assert followed("auto", EXERCISES["squat"], Models(full=clear))[0] == "full"


def test_a_lift_whose_end_is_lost_is_looked_at_again():
    """A real deadlift of which the last 0.6 s of 3.6 were lost was no exercise at all."""
    stance, moves = deadlifts(1)
    clear = perform(stance, [(6.0, stance), *moves], SCENE)
    [rep] = recognise(EXERCISES, motion_signals(smooth(clear))).counted.reps
    ends = slice(rep.turn - 8, len(clear))
    lost = hidden(clear, ends, list(Landmark))
    assert followed("auto", None, Models(full=lost, heavy=clear)) == ("heavy", clear)
    gone = hidden(lost, slice(0, 60), list(Landmark))  # and hardly ever there
    assert followed("auto", None, Models(full=gone)) == ("full", gone)


def test_a_second_look_that_finds_less_or_loses_the_person_is_not_taken():
    clear = film_lift("deadlift", SCENE)
    doubtful = folded(clear, 0.3)
    nothing = perform(*standing(), SCENE)
    assert followed("auto", None, Models(full=doubtful, heavy=nothing))[0] == "full"
    fewer = perform(*deadlifts(2), SCENE)
    assert followed("auto", None, Models(full=doubtful, heavy=fewer))[0] == "full"
    lost = hidden(clear, slice(0, len(clear) // 10), list(Landmark))
    assert followed("auto", None, Models(full=doubtful, heavy=lost))[0] == "full"


def test_a_second_look_that_sees_two_repetitions_as_the_one_that_they_are_is_taken():
    clear = film_lift("squat", SCENE)
    found = recognise(EXERCISES, motion_signals(smooth(clear))).counted.reps
    world = clear.world_m.copy()
    upright = world[found[0].start]
    for rep in found:  # drawn standing for a moment at each bottom
        world[rep.turn - 6 : rep.turn + 7] = upright
    split = replace(clear, world_m=world)
    assert len(recognise(EXERCISES, motion_signals(smooth(split))).counted.reps) > len(found)
    doubtful = folded(split, 0.12)
    assert followed("auto", None, Models(full=doubtful, heavy=clear))[0] == "heavy"


def test_a_sure_set_is_taken_where_there_was_none_though_the_person_is_seen_less():
    clear = film_lift("squat", SCENE)
    lost = hidden(clear, slice(0, len(clear) // 10), list(Landmark))
    nothing = folded(perform(*standing(), SCENE), 1.0)
    assert followed("auto", None, Models(full=nothing, heavy=lost))[0] == "heavy"


def test_another_exercise_that_is_seen_less_often_is_not_taken():
    six = folded(perform(*squats(6), SCENE), 0.12)
    models = Models(full=six, heavy=perform(*lunges("L"), SCENE))
    assert followed("auto", None, models)[0] == "full"
    assert models.asked == ["full", "heavy"]


def test_a_second_look_that_does_not_find_whom_was_wished_for_costs_nothing():
    clear = film_lift("deadlift", SCENE)
    models = Models(full=folded(clear, 0.3))

    def estimate(name: str) -> PoseTrack:
        if name == "heavy":
            raise UsageError("--person 2: only one person was found in the clip")
        return models(name)

    assert followed("auto", None, estimate) == ("full", models.tracks["full"])


@pytest.mark.parametrize("joint", ["HIP", "SHOULDER"])
def test_hips_or_shoulders_that_fall_together_are_no_body(joint):
    track = film_lift("squat", SCENE)
    world = track.world_m.copy()
    world[:, Landmark[f"LEFT_{joint}"]] = world[:, Landmark[f"RIGHT_{joint}"]]
    assert astray(replace(track, world_m=world)).all()


def test_what_is_clearly_no_lift_is_not_looked_at_again():
    models = Models(full=perform(*good_mornings(), SCENE))
    assert followed("auto", None, models)[0] == "full"


@pytest.mark.parametrize("name", ["lite", "full", "heavy"])
def test_a_model_that_was_named_is_the_only_one(name):
    models = Models(**{name: folded(film_lift("squat", SCENE), 0.5)})
    assert followed(name, None, models)[0] == name
    assert models.asked == [name]
