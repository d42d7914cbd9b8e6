"""Other movements, in which nothing may be counted: the look-alikes of the four lifts.

A movement is a start and a cycle of postures, which repeats as often as the clip has reps. A
posture holds the inclination of the trunk and the angles of hips, knees, shoulders and elbows, with
the signs of ``docs/gym.md``; the body is then set down so that its lowest part touches the floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gym.body import Body, Pose
from gym.geometry import SIDES, Array, sign, unit
from gym.motion.base import Lift, Prop, Shot
from gym.motion.timeline import Posture, Timeline
from gym.rig import GRIP_M, Figure
from gym.spec import Clip, Motion

TOE_OUT_DEG = 8.0
HEEL_BEHIND_M, TOES_M = 0.05, 0.06  # from the ankle, from the ball of the foot
FLESH_M = {"hip": 0.10, "knee": 0.055, "shoulder": 0.07, "elbow": 0.045, "fist": 0.04}
"""How far the skin is from a joint's centre, about: the body rests on it."""
SEAT_M = 0.42


def posture(
    trunk: float = 2.0, hip: float = 2.0, knee: float = 2.0, arm: float = 4.0, **more: float
) -> Posture:
    """A posture with both sides alike; ``hip_L`` and the like set one side.

    ``arm``: of the upper arm from hanging in space, forwards positive; ``out``: arms spread
    sideways; ``apart``: legs spread; ``foot``: heel above the toes; ``lift``: metres above the
    floor. Degrees otherwise. ``spine``: thorax against pelvis, ``head``: its own pitch. Raises
    KeyError for a name that is none of these.
    """
    alike = {"hip": hip, "knee": knee, "arm": arm, "elbow": 8.0, "foot": 0.0, "out": 6.0}
    q = {"trunk": trunk, "spine": 0.0, "apart": 2.0, "lift": 0.0, "head": 0.4 * trunk}
    for name, value in {**alike, **more}.items():
        q |= {name + side: value for side in SIDES} if name in alike else {}
    own = {name.replace("_", ""): value for name, value in more.items() if name not in alike}
    if unknown := set(own) - set(q):
        raise KeyError(f"a posture has no {sorted(unknown)[0]!r}")
    return q | own


def mirrored(q: Posture) -> Posture:
    """Left and right exchanged."""
    other = {"L": "R", "R": "L"}
    return {
        name[:-1] + other[name[-1]] if name[-1] in other else name: value
        for name, value in q.items()
    }


@dataclass(frozen=True)
class Movement:
    """Where it starts, and the cycle that repeats: seconds to get to each posture.

    ``load``: dumbbells, bar (in the hands) or bar_on_back. ``seat``: the hips rest on a bench,
    ``SEAT_M`` high.
    """

    start: Posture
    cycle: Sequence[tuple[float, Posture]]
    load: str = ""
    seat: bool = False


STAND = posture()
STRIDE = posture(5, hip_L=30, knee_L=8, hip_R=-8, knee_R=25, foot_R=25, arm_L=-18, arm_R=22)
PASSING = posture(5, 5, 5, hip_R=30, knee_R=50)
RUN_PUSH = posture(
    8, elbow=90, hip_L=50, knee_L=60, hip_R=-15, knee_R=40, foot_R=50, arm_L=-30, arm_R=35
)
RUN_SWING = posture(8, elbow=90, hip_L=0, knee_L=25, hip_R=25, knee_R=100, foot_R=60)
HIGH_KNEE = posture(4, elbow=80, hip_L=90, knee_L=95, arm_R=40, arm_L=-10)
PLANK = posture(76, 2, 2, 0, elbow=2, foot=70, head=60)
LOW_PLANK = posture(86, 2, 2, -40, elbow=95, foot=75, head=75)
CROUCH = posture(55, 148, 130, 5)
JUMP = posture(0, 0, 2, 165, lift=0.2, foot=30)
LYING = posture(-86, 45, 100, -130, elbow=115, head=-75)
ON_BACK = posture(-88, 2, 4, -86, elbow=4, head=-80)
ALL_FOURS = posture(84, 85, 92, 0, elbow=4, foot=80, head=60)
BENT_OVER = posture(58, 75, 18, 4, elbow=4)
SEATED = posture(0, 90, 90, 4)
RECLINED = posture(-42, 62, 14, 6, head=-20)
HANGING = posture(0, 4, 6, 172, lift=0.35, elbow=6)
RACKED = posture(0, 90, 90, 10, elbow=140, out=20)
PRESSED = posture(-88, -6, 90, 172, elbow=4, head=-85)


def _sides(a: Posture, b: Posture, seconds: float) -> list[tuple[float, Posture]]:
    """One step, the other, and both again with left and right exchanged."""
    return [(seconds, q) for q in (a, b, mirrored(a), mirrored(b))]


def _to(
    target: Posture, back: Posture, seconds: float = 0.9, rest: float = 0.3
) -> list[tuple[float, Posture]]:
    """There and back, with a rest before it begins anew."""
    return [(seconds, target), (0.15, target), (seconds, back), (rest, back)]


DESCRIBED: dict[str, Movement] = {
    "walking": Movement(STAND, _sides(STRIDE, PASSING, 0.3)),
    "running": Movement(STAND, _sides(RUN_PUSH, RUN_SWING, 0.18)),
    "high_knees": Movement(STAND, _sides(HIGH_KNEE, STAND, 0.28)),
    "leg_swing": Movement(
        STAND, [(0.6, posture(hip_L=62, knee_L=8)), (0.6, posture(hip_L=-22, knee_L=12))]
    ),
    "jumping_jack": Movement(STAND, [(0.45, posture(apart=25, out=150)), (0.45, posture(apart=2))]),
    "calf_raise": Movement(STAND, _to(posture(foot=32), STAND, 0.6)),
    "biceps_curl": Movement(STAND, _to(posture(elbow=130), STAND), "dumbbells"),
    "shoulder_press": Movement(
        posture(arm=10, elbow=140, out=20),
        _to(posture(arm=165, elbow=10, out=8), posture(arm=10, elbow=140, out=20)),
        "dumbbells",
    ),
    "lateral_raise": Movement(STAND, _to(posture(out=88), STAND), "dumbbells"),
    "front_raise": Movement(STAND, _to(posture(arm=90), STAND), "dumbbells"),
    "good_morning": Movement(
        posture(arm=20, elbow=140),
        _to(posture(74, 86, 14, 20, elbow=140), posture(arm=20, elbow=140), 1.2),
        "bar_on_back",
    ),
    "bent_over_row": Movement(
        BENT_OVER, _to(posture(58, 75, 18, -55, elbow=100), BENT_OVER), "bar"
    ),
    "upright_row": Movement(STAND, _to(posture(arm=30, elbow=125, out=60), STAND), "dumbbells"),
    "kettlebell_swing": Movement(
        posture(0, 0, 2, 84, elbow=4),
        [(0.6, posture(62, 82, 28, -8, elbow=4)), (0.6, posture(0, 0, 2, 84, elbow=4))],
    ),
    "step_up": Movement(
        STAND,
        [
            (0.6, posture(12, 4, 8, hip_L=82, knee_L=84)),
            (1.0, posture(4, 2, 2, hip_R=25, knee_R=40, lift=0.3)),
            (0.4, posture(lift=0.3)),
            (1.0, posture(12, 4, 8, hip_L=82, knee_L=84)),
            (0.6, STAND),
        ],
    ),
    "plank": Movement(PLANK, [(3.0, PLANK)]),
    "push_up": Movement(PLANK, _to(LOW_PLANK, PLANK, 0.8)),
    "mountain_climber": Movement(
        PLANK,
        _sides(posture(76, 2, 2, 0, elbow=2, foot=70, head=60, hip_L=95, knee_L=100), PLANK, 0.3),
    ),
    "burpee": Movement(
        STAND,
        [
            (0.5, CROUCH),
            (0.35, PLANK),
            (0.4, LOW_PLANK),
            (0.4, PLANK),
            (0.4, CROUCH),
            (0.4, JUMP),
            (0.4, STAND),
        ],
    ),
    "sit_up": Movement(LYING, _to(posture(-22, 112, 100, 25, elbow=60), LYING)),
    "crunch": Movement(
        LYING, _to(posture(-68, 62, 100, -115, elbow=115, spine=25, head=-35), LYING, 0.6)
    ),
    "leg_raise": Movement(ON_BACK, _to(posture(-88, 88, 8, -86, elbow=4, head=-80), ON_BACK)),
    "russian_twist": Movement(
        posture(-42, 70, 75, 40, elbow=60),
        _sides(
            posture(-42, 70, 75, elbow=60, arm_L=55, arm_R=15),
            posture(-42, 70, 75, 40, elbow=60),
            0.4,
        ),
    ),
    "donkey_kick": Movement(
        ALL_FOURS,
        _to(posture(84, 85, 92, 0, elbow=4, foot=80, head=60, hip_L=-5, knee_L=90), ALL_FOURS),
    ),
    "bird_dog": Movement(
        ALL_FOURS,
        _to(
            posture(84, 85, 92, 0, elbow=4, foot=80, head=60, hip_L=2, knee_L=8, arm_R=150),
            ALL_FOURS,
        ),
    ),
    "rowing_machine": Movement(
        posture(-14, 72, 6, 20, elbow=95, lift=0.12),
        [
            (1.1, posture(22, 138, 124, 70, elbow=4, lift=0.12)),
            (0.8, posture(-14, 72, 6, 20, elbow=95, lift=0.12)),
        ],
    ),
    "leg_press": Movement(
        RECLINED, _to(posture(-42, 112, 104, 6, head=-20), RECLINED, 1.1), seat=True
    ),
    "leg_extension": Movement(SEATED, _to(posture(0, 90, 8), SEATED), seat=True),
    "seated_press": Movement(
        RACKED,
        _to(posture(0, 90, 90, 165, elbow=10, out=8), RACKED),
        "dumbbells",
        seat=True,
    ),
    "bench_press": Movement(
        PRESSED,
        _to(posture(-88, -6, 90, 95, elbow=80, out=40, head=-85), PRESSED),
        "bar",
        seat=True,
    ),
    "pull_up": Movement(
        HANGING, _to(posture(0, 4, 20, 130, elbow=125, out=25, lift=0.75), HANGING, 1.1)
    ),
    "hanging_knee_raise": Movement(
        HANGING, _to(posture(-6, 98, 100, 172, lift=0.80, elbow=6), HANGING)
    ),
    "box_jump": Movement(
        STAND,
        [
            (0.5, posture(35, 85, 85, -20)),
            (0.4, posture(30, 80, 85, 60, lift=0.5)),
            (0.5, posture(lift=0.5)),
            (0.5, posture(lift=0.5)),
            (0.5, posture(8, hip_L=35, knee_L=55, lift=0.2)),
            (0.4, STAND),
            (0.4, STAND),
        ],
    ),
}


def cycle_s(variant: str) -> float:
    """How long one cycle of a movement takes at the usual tempo."""
    return sum(seconds for seconds, _ in DESCRIBED[variant].cycle)


@dataclass(frozen=True)
class Placed:
    """A figure with its hips at a point, how low it comes, and where its fists are."""

    figure: Figure
    lowest_m: float
    ankle_x: float
    fists: tuple[Array, ...]


class Other(Lift):
    """A movement that is none of the lifts; as fast as ``tempo_s`` says by its first number."""

    def __init__(self, body: Body, clip: Clip) -> None:
        super().__init__(body, clip)
        self.movement = DESCRIBED[clip.variant]
        line = self.timeline = Timeline(self.movement.start)
        line.add(self.motion.setup_s, {}, "setup")
        pace = self.motion.tempo_s[0] / Motion().tempo_s[0]
        for _ in self.motion.reps:
            for seconds, target in self.movement.cycle:
                line.add(pace * seconds, target, "move")
        line.add(self.motion.rest_after_s, {}, "after")

    def shot(self, time_s: float) -> Shot:
        """Pose and props at a time."""
        segment = self.timeline.segment(time_s)
        figure, props = self._figure(segment.at(time_s), time_s)
        return Shot(figure.pose(), tuple(props), segment.label)

    def stance(self) -> Pose:
        """Upright, arms hanging."""
        return self._figure(STAND, 0.0)[0].pose()

    def aim(self) -> Array:
        """Between hips and shoulders, over all of the movement."""
        times = np.linspace(0, self.duration_s, 12)
        figures = [self._figure(self.timeline.segment(t).at(t), t)[0] for t in times]
        middle = [f.carry(self.body.shoulder_mid) + f.hip_mid for f in figures]
        return np.asarray(np.mean(middle, axis=0) / 2)

    def _figure(self, q: Posture, time_s: float) -> tuple[Figure, list[Prop]]:
        """The body in a posture, set down where it is supported, and what it holds."""
        hanging = self._placed(q, time_s, np.zeros(3))
        seated = self.movement.seat and q is not STAND
        height = SEAT_M + FLESH_M["hip"] if seated else q["lift"] - hanging.lowest_m
        at = np.array([-hanging.ankle_x, self.sway(time_s, 2, 0.004), height])
        placed = self._placed(q, time_s, at)
        props = _props(placed, self.movement.load)
        if seated:
            edge = placed.figure.hip_mid + np.array([0.12, 0, SEAT_M - height])
            props.append(Prop("bench", edge, np.eye(3)))
        return placed.figure, props

    def _placed(self, q: Posture, time_s: float, at: Array) -> Placed:
        """The figure with the middle of its hips at a point."""
        trunk = q["trunk"] + self.sway(time_s, 0, 0.5)
        head = q["head"] + self.sway(time_s, 1, 2.0)
        figure = Figure(self.rig).trunk(trunk, q["spine"], head_deg=head).at(at)
        lowest, ankles, fists = [], [], []
        for side in SIDES:
            ankle, leg_m = self._leg(figure, side, q)
            fist, arm_m = self._arm(figure, side, q)
            ankles.append(float(ankle[0]))
            fists.append(fist)
            hip, shoulder = figure.hip(side)[2], figure.shoulder(side)[2]
            lowest += [leg_m, arm_m, hip - FLESH_M["hip"], shoulder - FLESH_M["shoulder"]]
        return Placed(figure, float(min(lowest)), sum(ankles) / 2, tuple(fists))

    def _leg(self, figure: Figure, side: str, q: Posture) -> tuple[Array, float]:
        """Place a leg; returns its ankle and how low it comes."""
        body = self.body
        thigh_deg = q["hip" + side] - q["trunk"]
        shank_deg = thigh_deg - q["knee" + side]
        knee = figure.hip(side) + _swung(thigh_deg, q["apart"], side, body.thigh_m)
        ankle = knee + _swung(shank_deg, q["apart"], side, body.shank_m)
        foot = self.rig.foot_rotation(side, TOE_OUT_DEG, q["foot" + side])
        figure.leg(side, knee, ankle, foot)
        ball = ankle + foot @ self.rig.ball[side]
        toe = ball + foot @ np.array([TOES_M, 0, 0])
        heel = ankle + foot @ np.array([-HEEL_BEHIND_M, 0, -body.ankle_height_m])
        return ankle, float(min(toe[2], heel[2], knee[2] - FLESH_M["knee"]))

    def _arm(self, figure: Figure, side: str, q: Posture) -> tuple[Array, float]:
        """Place an arm; returns where its fist is and how low it comes."""
        body = self.body
        upper_deg, fore_deg = q["arm" + side], q["arm" + side] + q["elbow" + side]
        shoulder = figure.shoulder(side)
        elbow = shoulder + _swung(upper_deg, q["out" + side], side, body.upper_arm_m)
        wrist = elbow + _swung(fore_deg, q["out" + side], side, body.forearm_m)
        figure.arm(side, wrist, unit(elbow - (shoulder + wrist) / 2), 60.0)
        fist = wrist + GRIP_M * unit(wrist - elbow)
        return fist, float(min(elbow[2] - FLESH_M["elbow"], fist[2] - FLESH_M["fist"]))


def _swung(forward_deg: float, out_deg: float, side: str, length_m: float) -> Array:
    """A limb that hangs down, swung forward and then spread to its side (3,)."""
    forward, out = np.radians(forward_deg), np.radians(out_deg)
    down = np.array([np.sin(forward) * np.cos(out), 0, -np.cos(forward) * np.cos(out)])
    return np.asarray(length_m * (down + np.array([0, sign(side) * np.sin(out), 0])))


def _props(placed: Placed, load: str) -> list[Prop]:
    """What is in the hands or on the back."""
    if load == "dumbbells":
        return [Prop("dumbbell_across", fist, np.eye(3)) for fist in placed.fists]
    if load == "bar":
        return [Prop("barbell", (placed.fists[0] + placed.fists[1]) / 2, np.eye(3))]
    if load == "bar_on_back":
        figure = placed.figure
        bar = figure.carry(figure.rig.high_bar)
        return [Prop("barbell", bar, figure.rotations["spine01"])]
    return []
