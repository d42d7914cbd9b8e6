"""What the stick figure of :mod:`bodies` can do: four lifts, their faults, and other movements.

A set is ``(start, moves)`` for :func:`bodies.perform`; every set begins and ends at rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bodies import Move, Posture, Scene, both, perform

from formcheck.types import PoseTrack

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
    tops: Sequence[Posture] | None = None,
    lowered: bool = True,
) -> Played:
    """From the bottom up and back down, once a bottom, with a second's rest at both ends.

    Not ``lowered``: the clip ends at the last top.
    """
    moves: list[Move] = [(1.0, bottoms[0])]
    for k, bottom in enumerate(bottoms):
        end = tops[k] if tops else top
        after = bottoms[min(k + 1, len(bottoms) - 1)]
        moves += [(0.01, bottom), (tempo.up, end), (tempo.top, end)]
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


def bridges(count: int = 3, tempo: Tempo = EASY) -> Played:
    return lifts(BRIDGE_TOP, [BRIDGE_BOTTOM] * count, tempo)


LIFTS = {"squat": squats, "deadlift": deadlifts, "lunge": lunges, "hip_thrust": thrusts}


def film_lift(name: str, scene: Scene = PLAIN) -> PoseTrack:
    """A clean set of three repetitions."""
    return perform(*LIFTS[name](), scene)


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


OTHERS = {
    "standing": standing,
    "good morning": good_mornings,
    "walking": walking,
    "leg swing": leg_swings,
    "jumping jack": jumping_jacks,
    "plank": plank,
    "push-up": push_ups,
}
