"""Other movements, in which nothing may be counted: the look-alikes of the four lifts.

The postures of :mod:`gym.motion.movements` in turn; the body is set down so that its lowest part
touches the floor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gym.body import Body, Pose
from gym.geometry import SIDES, Array, sign, unit
from gym.motion.base import Lift, Prop, Shot
from gym.motion.movements import DESCRIBED, STAND
from gym.motion.timeline import Posture, Timeline
from gym.rig import GRIP_M, Figure
from gym.spec import Clip, Motion

TOE_OUT_DEG = 8.0
HEEL_BEHIND_M, TOES_M = 0.05, 0.06  # from the ankle, from the ball of the foot
FLESH_M = {"hip": 0.10, "knee": 0.055, "shoulder": 0.07, "elbow": 0.045, "fist": 0.04}
"""How far the skin is from a joint's centre, about: the body rests on it."""
SEAT_M = 0.42


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
