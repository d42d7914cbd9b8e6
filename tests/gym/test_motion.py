"""Forward kinematics, planted feet, gripping hands, dials that measure what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gym.angles import angles_of, fppa
from gym.body import Body, shape_names
from gym.calibrate import calibrated
from gym.checks import CHECKS, RepView, references, true_values
from gym.errors import GymError
from gym.geometry import bend, bend_at_y, minimum_jerk, rot_axis, rot_x, rot_y, rot_z
from gym.joints import JOINTS, joints_of
from gym.motion import make_lift
from gym.rig import Figure, Rig
from gym.spec import VARIANTS, Clip, Motion, Rep
from gym.track import fine_track, track_of

EVERY = [(exercise, variant) for exercise, variants in VARIANTS.items() for variant in variants]
STILL = Motion(reps=(Rep(),), sway=0.0, before=(), after=())
ROW = {name: k for k, name in enumerate(JOINTS)}


def test_rotations_turn_the_way_the_axes_say():
    assert rot_z(90) @ [1, 0, 0] == pytest.approx([0, 1, 0])
    assert rot_y(90) @ [0, 0, 1] == pytest.approx([1, 0, 0])
    assert rot_x(90) @ [0, 1, 0] == pytest.approx([0, 0, 1])
    for k, rotation in enumerate((rot_x, rot_y, rot_z)):
        assert rot_axis(np.eye(3)[k], 37.0) == pytest.approx(rotation(37.0))


def test_minimum_jerk_starts_and_ends_at_rest():
    u = np.linspace(0, 1, 1001)
    p = np.array([minimum_jerk(float(x)) for x in u])
    speed, acceleration = np.gradient(p, u), np.gradient(np.gradient(p, u), u)
    assert (p[0], p[500], p[-1]) == pytest.approx((0, 0.5, 1))
    assert abs(speed[[0, -1]]).max() < 1e-3
    assert abs(acceleration[[0, -1]]).max() < 0.1
    assert speed.max() == pytest.approx(1.875, abs=1e-3)


def test_bend_makes_a_3_4_5_triangle():
    middle, end, hinge = bend(np.zeros(3), np.array([5.0, 0, 0]), 3.0, 4.0, np.array([0, 0, 1.0]))
    assert middle == pytest.approx([1.8, 0, 2.4])
    assert end == pytest.approx([5, 0, 0])
    assert abs(hinge) == pytest.approx([0, 1, 0])


def test_bend_at_y_keeps_lengths_and_takes_the_asked_place():
    hip, ankle = np.array([-0.2, 0.1, 0.6]), np.array([0.0, 0.15, 0.08])
    knee = bend_at_y(hip, ankle, 0.42, 0.40, 0.18)
    assert np.linalg.norm(knee - hip) == pytest.approx(0.42)
    assert np.linalg.norm(knee - ankle) == pytest.approx(0.40)
    assert knee[1] == pytest.approx(0.18)
    assert knee[0] > max(hip[0], ankle[0])


def hand_made(**places: tuple[float, float, float]) -> np.ndarray:
    """Joints of one frame: a body standing straight, with some joints put elsewhere."""
    joints = np.zeros((1, len(JOINTS), 3))
    for side, y in (("left", 0.1), ("right", -0.1)):
        standing = {
            "hip": 0.9,
            "knee": 0.5,
            "ankle": 0.1,
            "shoulder": 1.4,
            "elbow": 1.1,
            "wrist": 0.8,
        }
        for name, z in standing.items():
            joints[0, ROW[f"{name}_{side}"]] = (0, y, z)
        joints[0, ROW[f"heel_{side}"]] = (-0.05, y, 0.02)
        joints[0, ROW[f"toe_{side}"]] = (0.2, y, 0.02)
        joints[0, ROW[f"toe_base_{side}"]] = (0.12, y, 0.02)
    for name, place in places.items():
        joints[0, ROW[name]] = place
    for name in ("hip", "shoulder"):
        both = joints[0, [ROW[f"{name}_left"], ROW[f"{name}_right"]]]
        joints[0, ROW[f"{name}_mid"]] = both.mean(0)
    return joints


def angle(joints: np.ndarray, name: str) -> float:
    return float(angles_of(joints, np.zeros(1))[name][0])


def test_straight_standing_is_zero_everywhere():
    joints = hand_made()
    for name in (
        "hip_flexion",
        "knee_flexion",
        "ankle_dorsiflexion",
        "shank_inclination",
        "elbow_flexion",
        "knee_valgus",
        "foot_pitch",
    ):
        assert angle(joints, f"{name}_left_deg") == pytest.approx(0, abs=1e-3)
    assert angle(joints, "trunk_inclination_deg") == pytest.approx(0)
    assert angle(joints, "thigh_inclination_left_deg") == pytest.approx(90)


def test_a_right_angled_sit_by_hand():
    # thigh level and forward, shank upright, trunk 45 degrees forward
    joints = hand_made(
        hip_left=(-0.4, 0.1, 0.5),
        hip_right=(-0.4, -0.1, 0.5),
        shoulder_left=(0.0, 0.2, 0.9),
        shoulder_right=(0.0, -0.2, 0.9),
    )
    assert angle(joints, "knee_flexion_left_deg") == pytest.approx(90)
    assert angle(joints, "thigh_inclination_left_deg") == pytest.approx(0, abs=1e-6)
    assert angle(joints, "trunk_inclination_deg") == pytest.approx(45)
    assert angle(joints, "hip_flexion_left_deg") == pytest.approx(135)


def test_signs_follow_the_conventions():
    back = hand_made(shoulder_left=(-0.1, 0.1, 1.4), shoulder_right=(-0.1, -0.1, 1.4))
    assert angle(back, "trunk_inclination_deg") == pytest.approx(-11.31, abs=0.01)
    assert angle(back, "hip_flexion_left_deg") == pytest.approx(-11.31, abs=0.01)
    knee_over_toes = hand_made(knee_left=(0.2, 0.1, 0.45))
    assert angle(knee_over_toes, "ankle_dorsiflexion_left_deg") == pytest.approx(29.74, abs=0.01)
    assert angle(knee_over_toes, "shank_inclination_left_deg") == pytest.approx(29.74, abs=0.01)


def test_valgus_is_towards_the_midline_on_both_sides():
    for side, y in (("left", 0.1), ("right", -0.1)):
        inward = hand_made(**{f"knee_{side}": (0, 0.5 * y, 0.5)})
        outward = hand_made(**{f"knee_{side}": (0, 1.5 * y, 0.5)})
        expected = 2 * np.degrees(np.arctan(0.05 / 0.4))
        assert angle(inward, f"knee_valgus_{side}_deg") == pytest.approx(expected, abs=1e-3)
        assert angle(outward, f"knee_valgus_{side}_deg") == pytest.approx(-expected, abs=1e-3)
    straight = fppa(*(np.array([[0, 0.1, z]]) for z in (0.9, 0.5, 0.1)), np.array([[0, -1.0, 0]]))
    assert straight[0] == pytest.approx(0)


@pytest.mark.parametrize("spine", [-20.0, 0.0, 35.0])
@pytest.mark.parametrize("inclination", [-95.0, 0.0, 40.0, 75.0])
def test_trunk_inclination_is_exact_for_any_spine(inclination, spine):
    body = Body("female")
    figure = Figure(Rig(body)).trunk(inclination, spine).at(np.array([0.0, 0, 1.0]))
    line = figure.carry(body.shoulder_mid) - figure.hip_mid
    assert np.degrees(np.arctan2(line[0], line[2])) == pytest.approx(inclination, abs=0.05)


def test_forward_kinematics_keeps_bone_lengths_and_spreads_the_spine():
    body = Body("male")
    rounded = Figure(Rig(body)).trunk(60.0, 40.0).at(np.array([0.0, 0, 1.0])).pose()
    for bone, parent in ((k, p) for k, p in enumerate(body.parents) if p >= 0):
        rest = np.linalg.norm(body.heads[bone] - body.heads[parent])
        assert np.linalg.norm(rounded.heads[bone] - rounded.heads[parent]) == pytest.approx(rest)
    spine = [rounded.rotations[body.index[f"spine0{k}"]] for k in (5, 4, 3, 2, 1)]
    pitch = [np.degrees(np.arctan2(r[0, 2], r[2, 2])) for r in spine]
    steps = np.diff(pitch)
    assert (steps > 0).all()
    assert steps.max() < 0.5 * 40


@pytest.mark.parametrize("name", shape_names())
def test_bodies_are_plausible(name):
    body = Body(name)
    assert 1.5 < body.stature_m < 2.0
    assert 0.22 < body.thigh_m / body.stature_m < 0.29
    assert 0.20 < body.shank_m / body.stature_m < 0.27
    assert 0.07 < body.hip_half_m < 0.13


@pytest.mark.parametrize(("exercise", "variant"), EVERY)
def test_planted_feet_stay_within_5_mm(exercise, variant):
    lift = make_lift(Clip(exercise, variant, "tall", replace(STILL, sway=1.0)))
    event = lift.events[0]
    span, feet = (event.start_s, event.end_s), ["left", "right"]
    if exercise == "lunge":
        feet = ["left"]  # the front foot; the rear one turns on its ball
        if variant in ("forward", "alternating"):
            span = (event.turn_from_s, event.turn_to_s)  # it steps out before and back after
        elif variant == "walking":
            span = (event.turn_from_s, event.end_s)
    track = track_of(lift, np.linspace(*span, 25))
    rows = [ROW[f"{name}_{side}"] for side in feet for name in ("ankle", "toe_base", "heel")]
    drift = np.ptp(track.joints_m[:, rows], axis=0).max()
    assert drift < 0.005
    assert len(track.time_s) == 25


@pytest.mark.parametrize("variant", ["conventional", "sumo", "romanian"])
def test_hands_hold_the_bar(variant):
    lift = make_lift(Clip("deadlift", variant, "female", STILL))
    event = lift.events[0]
    for time in np.linspace(event.start_s, event.turn_to_s, 9):
        shot = lift.shot(float(time))
        bar = next(p for p in shot.props if p.name == "barbell").position
        joints = joints_of(lift.body, shot.pose)
        for side in ("left", "right"):
            wrist = joints[ROW[f"wrist_{side}"]]
            assert np.hypot(*(wrist - bar)[[0, 2]]) < 0.10
    assert bar[2] > 0.4


@pytest.mark.parametrize("body", ["male", "heavy_f"])
def test_the_bar_starts_on_the_floor_and_only_rises(body):
    lift = make_lift(Clip("deadlift", "conventional", body, STILL))
    event = lift.events[0]
    times = np.linspace(event.start_s, event.turn_from_s, 40)
    bars = [lift.shot(float(t)).props[0].position[2] for t in times]
    assert bars[0] == pytest.approx(STILL.plate_radius_m, abs=0.004)
    assert np.diff(bars).min() > -0.001


@pytest.mark.parametrize(("exercise", "variant"), EVERY)
def test_motion_is_smooth(exercise, variant):
    lift = make_lift(Clip(exercise, variant, "male", STILL))
    joints = track_of(lift, np.arange(0, lift.duration_s, 0.04)).joints_m
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=2) / 0.04
    assert speed.max() < 4.0


DIALS = [
    ("squat", "bodyweight", "depth", "thigh_inclination_deg", (-12.0, 14.0)),
    ("squat", "high_bar", "lockout", "lockout_deficit_deg", (6.0, 18.0)),
    ("squat", "front", "trunk_tibia", "trunk_tibia_deg", (8.0, 27.0)),
    ("squat", "low_bar", "hips_rise_first", "hips_rise_first_deg", (5.0, 16.0)),
    ("squat", "goblet", "heel_rise", "heel_rise_deg", (5.0, 16.0)),
    ("squat", "bodyweight", "knee_valgus", "knee_valgus_deg", (6.0, 16.0)),
    ("deadlift", "conventional", "lockout", "lockout_deficit_deg", (6.0, 18.0)),
    ("deadlift", "sumo", "overextension", "overextension_deg", (5.0, 16.0)),
    ("deadlift", "romanian", "back_rounding", "spine_flexion_deg", (15.0, 45.0)),
    ("deadlift", "conventional", "hips_rise_first", "hips_rise_first_deg", (5.0, 16.0)),
    ("deadlift", "conventional", "knee_dominant", "thigh_inclination_deg", (14.0, -6.0)),
    ("deadlift", "conventional", "arm_bend", "arm_bend_deg", (10.0, 35.0)),
    ("lunge", "split", "depth", "thigh_inclination_deg", (4.0, 26.0)),
    ("lunge", "reverse", "lockout", "lockout_deficit_deg", (8.0, 24.0)),
    ("lunge", "forward", "trunk_lean", "trunk_inclination_deg", (12.0, 42.0)),
    ("lunge", "alternating", "front_heel_rise", "heel_rise_deg", (4.0, 16.0)),
    ("lunge", "split", "knee_valgus", "knee_valgus_deg", (6.0, 16.0)),
    ("hip_thrust", "bench", "lockout", "lockout_deficit_deg", (4.0, 20.0)),
    ("hip_thrust", "bench", "shank_vertical", "shank_inclination_deg", (6.0, 22.0)),
    ("hip_thrust", "glute_bridge", "range", "range_deg", (45.0, 20.0)),
    ("hip_thrust", "bench", "overarch", "overarch_deg", (5.0, 18.0)),
]


@pytest.mark.parametrize(("exercise", "variant", "check", "dial", "values"), DIALS)
def test_a_dial_sets_what_the_check_measures(exercise, variant, check, dial, values):
    reps = tuple(Rep(**{dial: value}) for value in values)
    lift = calibrated(Clip(exercise, variant, "male", replace(STILL, reps=reps)))
    track = fine_track(lift)
    own, lockout = references(lift)
    name = f"{exercise}.{check}"
    verdicts = []
    for event, value in zip(lift.events, values, strict=True):
        got = true_values(exercise, RepView(track, own, lockout, event))[name]
        assert got == pytest.approx(value, abs=1.0)
        verdicts.append(CHECKS[name].verdict(got))
    assert verdicts == ["pass", "fail"]


@pytest.mark.parametrize(("exercise", "variant"), EVERY)
@pytest.mark.parametrize("body", ["short_f"])
def test_a_clean_rep_passes_every_check(exercise, variant, body):
    lift = make_lift(Clip(exercise, variant, body, STILL))
    own, lockout = references(lift)
    rep = RepView(fine_track(lift), own, lockout, lift.events[0])
    values = true_values(exercise, rep)
    failed = {
        name: value for name, value in values.items() if CHECKS[name].verdict(value) == "fail"
    }
    assert failed == {}


def test_a_short_hip_thrust_starts_where_the_one_before_it_was_lowered_to():
    """Lowered all the way and raised a little again, it would not be short."""
    reps = (Rep(), Rep(range_deg=22.0), Rep(shank_inclination_deg=12.0))
    lift = make_lift(Clip("hip_thrust", "bench", "male", replace(STILL, reps=reps)))
    track = fine_track(lift)
    first, second, _ = lift.events
    since = track.between("hip_flexion_left_deg", first.top_s, second.top_s)
    opened = since.max() - track.at("hip_flexion_left_deg", second.top_s)
    assert opened == pytest.approx(22.0, abs=1.5)


def test_out_of_reach_is_one_clear_line():
    clip = Clip("squat", motion=Motion(reps=(Rep(knee_valgus_deg=170.0),)))
    with pytest.raises(GymError, match="out of this body's reach"):
        make_lift(clip)
