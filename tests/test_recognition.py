from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Scene, both, perform, planted
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from lifts import (
    HANDS_UP,
    LIFTS,
    LUNGE_BOTTOM,
    ONE_LEG_BOTTOM,
    ONE_LEGGED,
    OTHERS,
    PULL_BOTTOM,
    PULL_TOP,
    SPLIT_TOP,
    VARIANTS,
    VIEWS,
    film_lift,
    found_in,
    lifts,
    lunges,
    reps,
    standing,
)

from formcheck.exercises import EXERCISES
from formcheck.motion import motion_signals
from formcheck.recognition import Found, finite_medians, postures, recognise, told, with_sides
from formcheck.smoothing import smooth
from formcheck.types import Landmark, Rep, finite_median


@pytest.mark.parametrize("azimuth", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("lift", LIFTS)
def test_each_lift_is_recognised_from_every_side(lift, azimuth):
    found = found_in(film_lift(lift, Scene(Camera(azimuth), noise_px=2)))
    assert found.recognition.id == lift
    assert found.recognition.source == "recognised"
    assert 0.5 <= found.recognition.confidence <= 1
    assert len(found.counted.reps) == 3


@pytest.mark.parametrize("azimuth", [90, 60])
def test_a_split_squat_whose_rear_thigh_is_drawn_beside_the_front_one(azimuth):
    """The feet stay apart at the top; at the bottom the rear leg is drawn under the body."""
    drawn = LUNGE_BOTTOM.but(hip_left=92, knee_left=100, hip_right=70, knee_right=112)
    played = reps(SPLIT_TOP, [drawn] * 3)
    found = found_in(perform(*played, Scene(Camera(azimuth), noise_px=2)))
    assert found.recognition.id == "lunge"
    assert len(found.counted.reps) == 3


def test_a_shallow_split_squat_is_counted():
    shallow = both(5, 0, 0, **HANDS_UP).but(
        hip_left=52, knee_left=52, hip_right=-20, knee_right=56, foot_right=45
    )
    played = reps(SPLIT_TOP, [LUNGE_BOTTOM, shallow, LUNGE_BOTTOM])
    found = found_in(perform(*played, Scene(noise_px=2)))
    assert (found.recognition.id, len(found.counted.reps)) == ("lunge", 3)


@pytest.mark.parametrize("azimuth", [120, 90, 60])
def test_a_step_into_the_split_is_no_lunge(azimuth):
    """The knees bend on the way, but the hips stay as low as they are once the feet stand."""
    step = SPLIT_TOP.but(hip_left=43, knee_left=55, hip_right=-15, knee_right=24)
    upright = both(0, 5, 8, **HANDS_UP)
    _, moves = reps(SPLIT_TOP, [LUNGE_BOTTOM] * 3)
    walked_in = [(1.0, upright), (0.5, step), (0.4, SPLIT_TOP), *moves]
    found = found_in(perform(upright, walked_in, Scene(Camera(azimuth), noise_px=2)))
    assert (found.recognition.id, len(found.counted.reps)) == ("lunge", 3)


@pytest.mark.parametrize("azimuth", [90, 50, 0])
@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_belong_to_their_lift(variant, azimuth):
    lift, count, played = VARIANTS[variant]
    found = found_in(perform(*played, Scene(Camera(azimuth), noise_px=2)))
    assert found.recognition.id == lift
    assert len(found.counted.reps) == count
    assert found.others == ()


@pytest.mark.parametrize("azimuth", [90, 50, 0])
@pytest.mark.parametrize("other", OTHERS)
def test_other_movements_are_no_lift(other, azimuth):
    found = found_in(perform(*OTHERS[other](), Scene(Camera(azimuth), noise_px=2)))
    assert found.recognition.id is None
    assert found.counted.reps == ()
    assert found.counted.partial == ()


def test_a_repetition_of_which_nothing_was_seen_looks_like_nothing():
    motion = motion_signals(smooth(film_lift("deadlift")))
    unseen = np.full(len(motion.time_s), np.nan)
    posture = postures(EXERCISES["deadlift"], motion, unseen, Rep(100, 120, 140))
    assert EXERCISES["deadlift"].likeness(posture) == 0


@pytest.mark.parametrize("fps", [10, 24, 60])
def test_the_frame_rate_does_not_matter(fps):
    for lift in LIFTS:
        found = found_in(film_lift(lift, Scene(fps=fps, noise_px=1)))
        assert (found.recognition.id, len(found.counted.reps)) == (lift, 3)


@pytest.mark.parametrize("azimuth", [90, -90, 45, 0])
def test_the_working_leg_of_each_lunge(azimuth):
    found = found_in(perform(*lunges("LRRL"), Scene(Camera(azimuth), noise_px=2)))
    assert [rep.side for rep in found.counted.reps] == ["left", "right", "right", "left"]


@pytest.mark.parametrize("azimuth", [90, -90, 45, 0])
@pytest.mark.parametrize("variant", ["single-leg deadlift", "single-leg thrust", "straight leg up"])
def test_the_leg_that_stands_works(variant, azimuth):
    _, _, (start, moves) = VARIANTS[variant]
    other = start.mirrored(), [(seconds, posture.mirrored()) for seconds, posture in moves]
    for side, played in (("left", (start, moves)), ("right", other)):
        found = found_in(perform(*played, Scene(Camera(azimuth), noise_px=2)))
        assert {rep.side for rep in found.counted.reps} == {side}


def test_a_low_rear_foot_is_a_single_leg_deadlift_as_well():
    low = ONE_LEG_BOTTOM.but(hip_right=40, knee_right=40)
    found = found_in(perform(*reps(PULL_TOP, [low] * 3), Scene(noise_px=2)))
    assert found.recognition.variant == "single_leg_deadlift"
    assert [rep.side for rep in found.counted.reps] == ["left"] * 3


@pytest.mark.parametrize(
    ("said", "sides"),
    [
        (["left", "both", "left"], ["left", "left", "left"]),
        (["left", "both", "right", "right"], ["left", "left", "right", "right"]),
        (["both", "left", "both"], ["both", "both", "both"]),
        (["both", "both", "left", "left"], ["both", "both", "left", "left"]),
        (["both", "left", "right", "both"], ["both", "left", "right", "both"]),
        (["left", "right"], ["left", "right"]),
        ([], []),
    ],
)
def test_most_of_a_set_say_on_how_many_legs_it_is_done(said, sides):
    counted = [Rep(10 * k, 10 * k + 5, 10 * k + 9) for k in range(len(said))]
    exercise = replace(EXERCISES["deadlift"], side=lambda _motion, rep: said[rep.start // 10])
    found = with_sides(exercise, motion_signals(film_lift("squat")), counted)
    assert [rep.side for rep in found] == sides


@pytest.mark.parametrize("pitch", [0, 15])
@pytest.mark.parametrize("azimuth", [90, 45, 0])
def test_both_legs_work_in_the_other_lifts(azimuth, pitch):
    for variant, (lift, _, played) in VARIANTS.items():
        if lift == "lunge" or variant in ONE_LEGGED:
            continue
        scene = Scene(Camera(azimuth, pitch=pitch), noise_px=2)
        assert {rep.side for rep in found_in(perform(*played, scene)).counted.reps} == {"both"}


@pytest.mark.parametrize("lift", LIFTS)
def test_a_told_exercise_is_believed(lift):
    found = told(EXERCISES[lift], motion_signals(smooth(film_lift(lift))))
    assert found.recognition.id == lift
    assert found.recognition.source == "told"
    assert found.recognition.confidence == 1
    assert len(found.counted.reps) == 3


def test_telling_does_not_make_repetitions_of_standing():
    track = perform(*standing(), Scene(noise_px=2))
    for exercise in EXERCISES.values():
        assert told(exercise, motion_signals(smooth(track))).counted.reps == ()


NAMES = {
    "overhead squat": "overhead_squat",
    "romanian deadlift": "romanian_deadlift",
    "stiff-legged deadlift": "romanian_deadlift",  # off the floor it is one
    "single-leg deadlift": "single_leg_deadlift",
    "single-leg deadlift, knee bent": "single_leg_deadlift",
    "split squat": "split_squat",
    "bulgarian split squat": "bulgarian_split_squat",
    "bulgarian with dumbbells": "bulgarian_split_squat",
    "glute bridge": "glute_bridge",
    "single-leg thrust": "single_leg_hip_thrust",
    "straight leg up": "single_leg_hip_thrust",
}


@pytest.mark.parametrize("azimuth", [90, -90, 50])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_is_named_where_the_movement_tells(variant, azimuth):
    lift, _, played = VARIANTS[variant]
    motion = motion_signals(smooth(perform(*played, Scene(Camera(azimuth), noise_px=2))))
    assert recognise(EXERCISES, motion).recognition.variant == NAMES.get(variant)
    assert told(EXERCISES[lift], motion).recognition.variant == NAMES.get(variant)


LEFT, RIGHT = Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE
TURN_S, NEXT_S = 2.4, 3.6 + 0.25
"""Of the first lunge of a set; the next one begins after a stand of half a second."""


@pytest.mark.parametrize(
    ("feet", "name"),
    [
        ([(0, RIGHT)], "forward_lunge"),
        ([(0, LEFT)], "reverse_lunge"),
        ([(0, RIGHT), (TURN_S, LEFT), (NEXT_S, RIGHT), (NEXT_S + 1.8, LEFT)], "walking_lunge"),
    ],
    ids=["forward", "reverse", "walking"],
)
@pytest.mark.parametrize("azimuth", [90, -90, 50])
def test_the_feet_tell_how_somebody_lunges(feet, name, azimuth):
    filmed = perform(*lunges("LL"), Scene(Camera(azimuth), noise_px=1))
    found = found_in(planted(filmed, *feet))
    assert (found.recognition.id, found.recognition.variant) == ("lunge", name)


def test_from_the_front_nobody_sees_where_the_feet_go():
    filmed = perform(*lunges("LL"), Scene(Camera(0), noise_px=1))
    assert found_in(planted(filmed, (0, RIGHT))).recognition.variant is None


def test_a_first_pull_from_the_floor_counts():
    start, moves = lifts(both(1, 2, 2), [both(62, 122, 68, arm=5)] * 2)
    found = found_in(perform(start, moves))
    assert found.recognition.id == "deadlift"
    assert len(found.counted.reps) == 2


def test_a_bad_repetition_among_good_ones_counts():
    squatted = both(18, 105, 96, arm=5)
    found = found_in(perform(*lifts(PULL_TOP, [PULL_BOTTOM, squatted, PULL_BOTTOM, PULL_BOTTOM])))
    assert found.recognition.id == "deadlift"
    assert len(found.counted.reps) == 4


@pytest.mark.parametrize(("rear_hip", "count"), [(74, 4), (100, 3)], ids=["misread", "a squat"])
def test_a_repetition_that_goes_as_those_around_it_counts(rear_hip, count):
    """The rear thigh of a lunge is drawn a little farther forward than those of the others."""
    lunge = LUNGE_BOTTOM.but(hip_left=100, knee_left=108, hip_right=62, knee_right=110)
    other = lunge.but(hip_right=rear_hip)
    played = reps(both(0, 3, 4, **HANDS_UP), [lunge, lunge, other, lunge])
    found = found_in(perform(*played, Scene(noise_px=1)))
    assert (found.recognition.id, len(found.counted.reps)) == ("lunge", count)


def test_a_last_deadlift_that_stays_up_counts():
    found = found_in(perform(*lifts(both(1, 2, 2), [both(62, 122, 68, arm=5)] * 3, lowered=False)))
    assert len(found.counted.reps) == 3


def test_a_body_that_is_drawn_upside_down_half_way_up_makes_no_second_repetition():
    track = film_lift("squat")
    first, second, _ = found_in(track).counted.reps
    middle = (3 * second.turn + second.end) // 4
    glitch = slice(middle - 6, middle + 7)
    for values in (track.world_m, track.xy_px):
        over = values[first.start + 4].copy()  # nearly straight
        over[:, 1] = 2 * over[:, 1].mean() - over[:, 1]
        values[glitch] = over
    assert len(found_in(track).counted.reps) == 3


def assert_apart(found: Found) -> None:
    for rep in found.counted.reps:
        for other in found.others:
            assert all(o.end <= rep.start or rep.end <= o.start for o in other.reps)


def test_what_clearly_is_another_lift_is_no_bad_repetition():
    start, moves = lifts(PULL_TOP, [PULL_BOTTOM] * 3, lowered=False)
    low_hands = both(25, 122.5, 110, arm=20, elbow=60)
    again, more = reps(both(3, 3, 3, arm=20, elbow=60), [low_hands] * 2)
    found = found_in(perform(start, [*moves, (1.5, again), *more], Scene(noise_px=2)))
    assert (found.recognition.id, len(found.counted.reps)) == ("deadlift", 3)
    assert [(other.exercise.id, len(other.reps)) for other in found.others] == [("squat", 2)]
    assert_apart(found)


@pytest.mark.parametrize("second", LIFTS)
@pytest.mark.parametrize("first", LIFTS)
def test_a_set_of_another_lift_in_the_clip_is_told_and_not_counted(first, second):
    (start, moves), (again, more) = LIFTS[first](), LIFTS[second]()
    played = (start, [*moves, (1.5, again), *more])
    found = found_in(perform(*played, Scene(noise_px=2)))
    names = [other.exercise.id for other in found.others]
    if first == second:
        assert names == []
        return
    assert {found.recognition.id, *names} == {first, second}
    (other,) = found.others
    assert len(other.reps) in (2, 3, 4)  # getting up from the bench may look like a squat
    assert_apart(found)


VALUES = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf]))


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(0, 5), st.integers(0, 9)),
        elements=VALUES,
    )
)
def test_medians_of_rows_are_those_of_each_row(rows):
    np.testing.assert_array_equal(finite_medians(rows), [finite_median(row) for row in rows])
