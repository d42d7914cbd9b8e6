"""What the stick figure of :mod:`bodies` can do: four lifts, their faults, and other movements.

A set is ``(start, moves)`` for :func:`bodies.perform`; every set begins and ends at rest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bodies import Camera, Move, Posture, Scene, both, perform, shown

from formcheck.angles import compute_signals
from formcheck.exercises import EXERCISES
from formcheck.motion import motion_signals
from formcheck.recognition import Found, recognise
from formcheck.smoothing import smooth
from formcheck.types import Capture, PoseTrack, Side, Signals, View

Played = tuple[Posture, list[Move]]

HANDS_UP = {"arm": 30.0, "elbow": 130.0}
STANDING = both(2, 2, 2)
SQUAT_TOP = both(3, 3, 3, **HANDS_UP)
SQUAT_BOTTOM = both(40, 138, 123, **HANDS_UP)  # thigh 8 below level, shank 25
PULL_TOP = both(1, 2, 2)
PULL_BOTTOM = both(62, 122, 68, arm=5)  # thigh 30 above level, shank 8
RDL_BOTTOM = both(75, 93, 18, arm=5)
LUNGE_TOP = both(3, 5, 5, **HANDS_UP)
LUNGE_BOTTOM = both(8, 0, 0, **HANDS_UP).but(  # left leg in front
    hip_left=88, knee_left=92, hip_right=-12, knee_right=80, foot_right=60
)
THRUST_BOTTOM = both(-55, 62, 118, arm=0, elbow=20)
THRUST_TOP = both(-85, 0, 87, arm=0, elbow=20)
BRIDGE_BOTTOM = both(-90, 43, 131, arm=-90)
BRIDGE_TOP = both(-110, 1, 111, arm=-110)
HINGE_BOTTOM = both(78, 90, 14, **HANDS_UP)  # good morning: the bar stays on the back
FRONT_RACK = {"arm": 75.0, "elbow": 150.0}
OVERHEAD = {"arm": 175.0, "elbow": 5.0}
GOBLET = {"arm": 15.0, "elbow": 140.0}
SUMO_BOTTOM = both(45, 112, 80, arm=5, leg_out=28)
ONE_LEG_BOTTOM = both(75, 0, 0, arm=5).but(  # stands on the left leg, the right one rises behind
    hip_left=90, knee_left=15, hip_right=5, knee_right=10, foot_right=75
)
BULGARIAN_TOP = both(5, 0, 0, **HANDS_UP).but(  # the right foot on a bench behind
    hip_left=12, knee_left=12, hip_right=-10, knee_right=85, foot_right=80
)
BULGARIAN_BOTTOM = both(15, 0, 0, **HANDS_UP).but(
    hip_left=100, knee_left=95, hip_right=-5, knee_right=112, foot_right=60
)
SPLIT_TOP = both(3, 0, 0, **HANDS_UP).but(
    hip_left=28, knee_left=8, hip_right=-22, knee_right=12, foot_right=30
)
LYING = both(-88, 45, 100, arm=-80, elbow=60)
ALL_FOURS = both(85, 85, 90, arm=0, foot=80)


@dataclass(frozen=True)
class Tempo:
    """Seconds of the phases of one repetition."""

    down: float = 1.3
    bottom: float = 0.2
    up: float = 1.1
    top: float = 0.5


EASY = Tempo()
PLAIN = Scene()


def reps(
    top: Posture,
    bottoms: Sequence[Posture],
    tempo: Tempo = EASY,
    tops: Sequence[Posture] | None = None,
    quiet: tuple[float, float] = (1.0, 1.0),
) -> Played:
    """From the top down and back up, once a bottom; ``tops``: where each repetition ends."""
    moves: list[Move] = [(quiet[0], top)] if quiet[0] else []
    for k, bottom in enumerate(bottoms):
        end = tops[k] if tops else top
        moves += [(tempo.down, bottom), (tempo.bottom, bottom), (tempo.up, end), (tempo.top, end)]
    return top, [*moves, (quiet[1], top)] if quiet[1] else moves


def lifts(
    top: Posture,
    bottoms: Sequence[Posture],
    tempo: Tempo = EASY,
    lowered: bool = True,
) -> Played:
    """From the bottom up and back down, once a bottom, with a second's rest at both ends.

    Not ``lowered``: the clip ends at the last top.
    """
    moves: list[Move] = [(1.0, bottoms[0])]
    for k, bottom in enumerate(bottoms):
        after = bottoms[min(k + 1, len(bottoms) - 1)]
        moves += [(0.01, bottom), (tempo.up, top), (tempo.top, top)]
        moves += [(tempo.down, after), (tempo.bottom, after)]
    moves = moves[:-2] if not lowered else moves
    return bottoms[0], [*moves, (1.0, moves[-1][1])]


def squats(count: int = 3, bottom: Posture = SQUAT_BOTTOM, tempo: Tempo = EASY) -> Played:
    return reps(SQUAT_TOP, [bottom] * count, tempo)


def deadlifts(count: int = 3, bottom: Posture = PULL_BOTTOM, tempo: Tempo = EASY) -> Played:
    """From standing down to the bar first, as most clips begin."""
    start, moves = lifts(PULL_TOP, [bottom] * count, tempo)
    return PULL_TOP, [(1.0, PULL_TOP), (1.5, start), *moves, (1.5, PULL_TOP), (0.5, PULL_TOP)][:-2]


def lunges(fronts: str = "LLL", bottom: Posture = LUNGE_BOTTOM, tempo: Tempo = EASY) -> Played:
    """One letter a repetition: the leg in front."""
    bottoms = [bottom if front == "L" else bottom.mirrored() for front in fronts]
    return reps(LUNGE_TOP, bottoms, tempo)


def thrusts(count: int = 3, top: Posture = THRUST_TOP, tempo: Tempo = EASY) -> Played:
    return lifts(top, [THRUST_BOTTOM] * count, tempo)


def bridges(count: int = 3) -> Played:
    return lifts(BRIDGE_TOP, [BRIDGE_BOTTOM] * count)


LIFTS = {"squat": squats, "deadlift": deadlifts, "lunge": lunges, "hip_thrust": thrusts}


def single_leg_thrusts(free_hip: tuple[float, float], free_knee: float) -> Played:
    """On the left leg; the right hip's flexion at the top and at the bottom, and its knee's."""
    top, bottom = (
        posture.but(hip_right=hip, knee_right=free_knee)
        for posture, hip in zip((THRUST_TOP, THRUST_BOTTOM), free_hip, strict=True)
    )
    return lifts(top, [bottom] * 3)


HANDS_DOWN = {"arm": 0.0, "elbow": 0.0}
BENT_BEHIND = ONE_LEG_BOTTOM.but(hip_right=20, knee_right=60)
VARIANTS: dict[str, tuple[str, int, Played]] = {
    "half squat": ("squat", 4, squats(4, both(28, 80, 75, **HANDS_UP))),
    "slow squat": ("squat", 2, squats(2, tempo=Tempo(4, 1, 4, 1))),
    "low-bar squat": ("squat", 3, squats(3, both(55, 148, 115, **HANDS_UP))),
    "arms ahead": (
        "squat",
        3,
        reps(SQUAT_TOP.but(arm=85, elbow=0), [SQUAT_BOTTOM.but(arm=80, elbow=0)] * 3),
    ),
    "front squat": (
        "squat",
        3,
        reps(both(3, 3, 3, **FRONT_RACK), [both(28, 128, 125, **FRONT_RACK)] * 3),
    ),
    "goblet squat": (
        "squat",
        3,
        reps(both(3, 3, 3, **GOBLET), [both(25, 125, 125, **GOBLET)] * 3),
    ),
    "overhead squat": (
        "squat",
        3,
        reps(both(3, 3, 3, **OVERHEAD), [both(35, 133, 123, **OVERHEAD)] * 3),
    ),
    "romanian deadlift": ("deadlift", 3, deadlifts(3, RDL_BOTTOM)),
    "stiff-legged deadlift": ("deadlift", 3, deadlifts(3, both(88, 96, 8, arm=2))),
    "sumo deadlift": ("deadlift", 3, deadlifts(3, SUMO_BOTTOM)),
    "single-leg deadlift": ("deadlift", 3, reps(PULL_TOP, [ONE_LEG_BOTTOM] * 3)),
    "single-leg deadlift, knee bent": ("deadlift", 3, reps(PULL_TOP, [BENT_BEHIND] * 3)),
    "alternating lunge": ("lunge", 4, lunges("LRLR")),
    "lunge with dumbbells": (
        "lunge",
        3,
        reps(LUNGE_TOP.but(**HANDS_DOWN), [LUNGE_BOTTOM.but(**HANDS_DOWN)] * 3),
    ),
    "split squat": ("lunge", 3, reps(SPLIT_TOP, [LUNGE_BOTTOM] * 3)),
    "bulgarian split squat": ("lunge", 3, reps(BULGARIAN_TOP, [BULGARIAN_BOTTOM] * 3)),
    "bulgarian with dumbbells": (
        "lunge",
        3,
        reps(BULGARIAN_TOP.but(**HANDS_DOWN), [BULGARIAN_BOTTOM.but(**HANDS_DOWN)] * 3),
    ),
    "glute bridge": ("hip_thrust", 4, bridges(4)),
    "single-leg thrust": ("hip_thrust", 3, single_leg_thrusts((70, 130), 90)),
    "straight leg up": ("hip_thrust", 3, single_leg_thrusts((5, 60), 5)),
}
"""Lift, number of repetitions and motion by name."""
ONE_LEGGED = (
    "single-leg deadlift",
    "single-leg deadlift, knee bent",
    "single-leg thrust",
    "straight leg up",
)


def film_lift(name: str, scene: Scene = PLAIN) -> PoseTrack:
    """A clean set of three repetitions."""
    return perform(*LIFTS[name](), scene)


def signals(posture: Posture, camera: Camera, pitch_deg: float = math.nan) -> Signals:
    """Of a moment, in a clip in which somebody mostly stands, as long as they are."""
    near: Side = "right" if camera.azimuth > 0 else "left"
    view: View = "side" if abs(camera.azimuth) > 65 else "oblique"
    track = shown([posture, *[STANDING] * 4], camera)
    return compute_signals(track, Capture(view, abs(camera.azimuth), 5, near, pitch_deg=pitch_deg))


def standing(seconds: float = 8.0) -> Played:
    return STANDING, [(seconds, STANDING)]


def good_mornings(count: int = 4) -> Played:
    return reps(SQUAT_TOP, [HINGE_BOTTOM] * count)


def walking(steps: int = 12) -> Played:
    stride = both(5, 0, 0).but(hip_left=30, knee_left=8, hip_right=-8, knee_right=25, foot_right=25)
    passing = both(5, 5, 5).but(hip_right=30, knee_right=50)
    cycle = [stride, passing, stride.mirrored(), passing.mirrored()]
    return STANDING, [(0.28, cycle[k % 4]) for k in range(2 * steps)]


def leg_swings(count: int = 8) -> Played:
    ahead, back = STANDING.but(hip_left=65), STANDING.but(hip_left=-20)
    return STANDING, [(0.6, p) for _ in range(count) for p in (ahead, back)]


def jumping_jacks(count: int = 8) -> Played:
    together, apart = STANDING, STANDING.but(arm_out=150, leg_out=25)
    air = STANDING.but(arm_out=80, leg_out=12, lift=0.12)
    return together, [(0.22, p) for _ in range(count) for p in (air, apart, air, together)]


PLANK = both(78, 0, 0, arm=0, foot=75)


def plank(seconds: float = 8.0) -> Played:
    return PLANK, [(seconds, PLANK)]


def push_ups(count: int = 5) -> Played:
    return reps(PLANK, [both(88, 0, 0, arm=-45, elbow=90, foot=80)] * count)


def step_ups(count: int = 4) -> Played:
    """The left foot on a box, up onto it, and back down."""
    foot_on = STANDING.but(hip_left=85, knee_left=88, trunk=12, knee_right=8)
    pushing = STANDING.but(hip_right=25, knee_right=40)
    one = [(0.6, foot_on), (1.0, pushing), (0.4, STANDING), (1.0, foot_on), (0.6, STANDING)]
    return STANDING, [move for _ in range(count) for move in (*one, (0.4, STANDING))]


def box_jumps(count: int = 4) -> Played:
    """From a half squat onto a box, and down again one foot after the other."""
    landing, high = SQUAT_TOP.but(hip=70, knee=80, trunk=30, lift=0.5), SQUAT_TOP.but(lift=0.5)
    dip = SQUAT_BOTTOM.but(hip=85, knee=85, trunk=30)
    down = SQUAT_TOP.but(hip_left=30, knee_left=50, lift=0.2)
    one = [(0.6, dip), (0.35, landing), (0.5, high), (0.6, high), (0.5, down), (0.4, SQUAT_TOP)]
    return SQUAT_TOP, [move for _ in range(count) for move in (*one, (0.5, SQUAT_TOP))]


def leg_presses(count: int = 4) -> Played:
    """Sitting back at 45 degrees, pushing a sled away."""
    return reps(both(-45, 60, 10, arm=0), [both(-45, 115, 105, arm=0)] * count)


def burpees(count: int = 5) -> Played:
    crouch, lowest = both(55, 150, 130, arm=0), both(88, 0, 0, arm=-45, elbow=90, foot=80)
    jump = STANDING.but(arm=170, lift=0.2)
    down, up = [(0.5, crouch), (0.35, PLANK), (0.4, lowest)], [(0.4, PLANK), (0.4, crouch)]
    return STANDING, [*down, *up, (0.4, jump), (0.3, STANDING)] * count


def rows(count: int = 5) -> Played:
    """Bent over, the elbows pull back."""
    bent = both(60, 75, 15, arm=5)
    return reps(bent, [bent.but(arm=-60, elbow=100)] * count)


def rowing(count: int = 5) -> Played:
    """On a rowing machine."""
    finish, catch = both(-10, 70, 5, arm=20, elbow=90), both(20, 140, 125, arm=70)
    return reps(finish, [catch] * count)


def sit_ups(count: int = 5) -> Played:
    return reps(LYING, [both(-25, 110, 100, arm=20, elbow=60)] * count)


def crunches(count: int = 6) -> Played:
    return reps(LYING, [both(-65, 68, 100, arm=-60, elbow=120)] * count)


def donkey_kicks(count: int = 5) -> Played:
    """On all fours, one heel goes up."""
    return reps(ALL_FOURS, [ALL_FOURS.but(hip_left=-5, knee_left=90)] * count)


def knee_raises(count: int = 5) -> Played:
    """Hanging from a bar: the hips stay where they are."""
    hanging = both(0, 5, 5, arm=180, lift=0.4)
    return reps(hanging, [both(-5, 100, 100, arm=180, lift=0.85)] * count)


def swings(count: int = 6) -> Played:
    """A kettlebell goes from between the legs to the height of the shoulders."""
    top, bottom = both(0, 0, 2, arm=85), both(65, 85, 30, arm=-10)
    return reps(top, [bottom] * count, Tempo(0.6, 0.05, 0.6, 0.1))


def running(steps: int = 12) -> Played:
    push = both(8, 0, 0, arm=10, elbow=90).but(
        hip_left=50, knee_left=60, hip_right=-15, knee_right=40, foot_right=50
    )
    swing = both(8, 0, 0, arm=10, elbow=90).but(
        knee_left=25, hip_right=25, knee_right=100, foot_right=60
    )
    return STANDING, [(0.18, p) for p in (push, swing, push.mirrored(), swing.mirrored())] * steps


OTHERS = {
    "standing": standing,
    "good morning": good_mornings,
    "walking": walking,
    "leg swing": leg_swings,
    "jumping jack": jumping_jacks,
    "plank": plank,
    "push-up": push_ups,
    "step-up": step_ups,
    "box jump": box_jumps,
    "leg press": leg_presses,
    "burpee": burpees,
    "row": rows,
    "rowing machine": rowing,
    "sit-up": sit_ups,
    "crunch": crunches,
    "donkey kick": donkey_kicks,
    "hanging knee raise": knee_raises,
    "kettlebell swing": swings,
    "running": running,
}


VIEWS = {"side": 90, "left side": -90, "oblique": 50, "rear oblique": 130, "front": 0, "back": 180}


def found_in(track: PoseTrack) -> Found:
    """What recognition makes of it."""
    return recognise(EXERCISES, motion_signals(smooth(track)))
