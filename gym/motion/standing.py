"""Everything done on the feet: one posture model shared by squat, deadlift, lunge and walking.

A posture holds the pelvis (hip_x, hip_z), each foot (x, lift, pitch), how far each knee is pushed
inwards, and the trunk. Feet are planted by construction: both legs are closed onto the ankles.
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from gym.body import Body, Pose
from gym.errors import GymError
from gym.geometry import SIDES, Array, bend, bend_at_y, rot_z, sign
from gym.motion.base import Lift, Prop, Shot
from gym.motion.timeline import Posture, Segment, Timeline
from gym.rig import Figure
from gym.spec import Clip

# Below this thigh inclination the thigh points at a camera in front and the frontal-plane
# projection angle means nothing; checks and dials look at frames above it only.
FPPA_MIN_THIGH_DEG = 20.0
STRAIGHT = 0.99985  # share of the leg's length that counts as a straight leg (2 degrees of flexion)
UPRIGHT_SHANK_DEG = 1.5
UPRIGHT_THIGH_DEG = 1.5
UPRIGHT_TRUNK_DEG = 2.0


class Standing(Lift):
    """A lift on two feet."""

    def __init__(self, body: Body, clip: Clip, stance_m: float, toe_out_deg: float) -> None:
        super().__init__(body, clip)
        m = self.motion
        self.toe_deg = toe_out_deg if m.toe_out_deg is None else m.toe_out_deg
        half = stance_m if m.stance_m is None else m.stance_m
        self.feet, self.balls = {}, {}
        for side in SIDES:
            ankle = np.array([0, sign(side) * half, body.ankle_height_m])
            flat = self.rig.foot_rotation(side, self.toe_deg)
            self.feet[side] = ankle
            self.balls[side] = ankle + flat @ self.rig.ball[side]
        self.midfoot_x = float(self.balls["L"][0] * 0.5)

    # -- postures --------------------------------------------------------------------------
    def upright(self) -> Posture:
        """The own upright stance: what lockouts are compared to."""
        hip = self.hip_for("L", UPRIGHT_SHANK_DEG, UPRIGHT_THIGH_DEG)
        base = {"hip_x": hip[0], "hip_z": hip[2], "trunk": UPRIGHT_TRUNK_DEG}
        zero = ("x{}", "lift{}", "pitch{}", "in{}")
        feet = {name.format(side): 0.0 for name in zero for side in SIDES}
        rest = dict.fromkeys(("spine", "shift", "roll", "yaw", "hands", "drink", "swing"), 0.0)
        return {**base, **feet, **rest}

    def hip_for(
        self,
        side: str,
        shank_deg: float,
        thigh_deg: float,
        inward_m: float = 0.0,
        pitch_deg: float = 0.0,
        foot_x: float = 0.0,
    ) -> Array:
        """Middle of the hips for exact sagittal inclinations of one leg (thigh from vertical).

        The knee's lateral place follows from the toe direction and depends on the hip, so the two
        are settled by iteration.
        """
        body = self.body
        ankle, _ = self.ankle(side, foot_x, 0.0, pitch_deg)
        hip_y = sign(side) * body.hip_half_m
        a, p = np.radians(shank_deg), np.radians(thigh_deg)
        y = (ankle[1] + hip_y) / 2
        hip = np.zeros(3)
        for _ in range(8):
            shank = np.sqrt(body.shank_m**2 - (y - ankle[1]) ** 2)
            thigh = np.sqrt(body.thigh_m**2 - (hip_y - y) ** 2)
            knee = ankle + np.array([shank * np.sin(a), y - ankle[1], shank * np.cos(a)])
            hip = knee + np.array([-thigh * np.sin(p), hip_y - y, thigh * np.cos(p)])
            y = self.knee(side, hip, ankle, inward_m)[1]
        return np.array([hip[0], 0.0, hip[2]])

    def ankle(self, side: str, x: float, lift: float, pitch_deg: float) -> tuple[Array, Array]:
        """Ankle centre and foot rotation; the foot pitches about its ball."""
        foot = self.rig.foot_rotation(side, self.toe_deg, pitch_deg)
        ball = self.balls[side] + np.array([x, 0, lift])
        return self.rig.ankle_over_ball(side, ball, foot), foot

    def knee(self, side: str, hip: Array, ankle: Array, inward_m: float) -> Array:
        """Knee in the plane of the toes, pushed ``inward_m`` towards the midline."""
        body = self.body
        pole: Array = rot_z(sign(side) * self.toe_deg) @ np.array([1.0, 0, 0.12])
        knee, _, _ = bend(hip, ankle, body.thigh_m, body.shank_m, pole)
        if abs(inward_m) < 1e-6:
            return knee
        y = knee[1] - sign(side) * inward_m
        return bend_at_y(hip, ankle, body.thigh_m, body.shank_m, y)

    # -- frames ----------------------------------------------------------------------------
    def figure(self, q: Posture, time_s: float, still: bool = False) -> Figure:
        """Trunk and legs of a posture; ``still`` leaves the postural noise out."""
        feet = self._feet(q)
        figure = self._trunk(q, feet, time_s, still)
        for side, (ankle, foot) in feet.items():
            knee = self.knee(side, figure.hip(side), ankle, q["in" + side])
            figure.leg(side, knee, ankle, foot)
            if q["pitch" + side] > 0.5:
                figure.flat_toes(side, self.toe_deg)
        return figure

    def _feet(self, q: Posture) -> dict[str, tuple[Array, Array]]:
        """Ankle centres and foot rotations of a posture."""
        return {s: self.ankle(s, q["x" + s], q["lift" + s], q["pitch" + s]) for s in SIDES}

    def _trunk(
        self, q: Posture, feet: dict[str, tuple[Array, Array]], time_s: float, still: bool
    ) -> Figure:
        """Trunk and head of a posture, as high above the feet as the legs are long."""
        noise = 0.0 if still else 1.0
        trunk = q["trunk"] + noise * self.sway(time_s, 0, 0.5)
        figure = Figure(self.rig).trunk(
            trunk,
            q["spine"],
            roll_deg=q["roll"] + noise * self.sway(time_s, 3, 0.3),
            yaw_deg=q["yaw"],
            head_deg=self.head_deg(trunk) + noise * self.sway(time_s, 1, 2.0),
        )
        side_m = q["shift"] + noise * self.sway(time_s, 2, 0.003)
        figure.at(np.array([q["hip_x"], side_m, q["hip_z"]]))
        self._lower_into_reach(figure, {side: ankle for side, (ankle, _) in feet.items()})
        return figure

    def _lower_into_reach(self, figure: Figure, ankles: dict[str, Array]) -> None:
        """Lower the pelvis until no leg has to be longer than it is."""
        limit = (self.body.thigh_m + self.body.shank_m) * STRAIGHT
        for _ in range(4):
            excess = 0.0
            for side, ankle in ankles.items():
                v = figure.hip(side) - ankle
                flat = v[0] ** 2 + v[1] ** 2
                excess = max(excess, v[2] - float(np.sqrt(max(limit**2 - flat, 0.01))))
            if excess <= 1e-6:
                return
            figure.at(figure.hip_mid - np.array([0, 0, excess]))

    def head_deg(self, trunk_deg: float) -> float:
        """Pitch of the head: the gaze follows the trunk only in part."""
        return float(np.clip(trunk_deg * 0.4, -5, 30)) + 2.0

    def shot(self, time_s: float) -> Shot:
        """Pose and props at a time."""
        segment = self.timeline.segment(time_s)
        q = self.settle(segment.at(time_s), segment)
        figure = self.figure(q, time_s)
        props = self.hands(figure, q, segment)
        return Shot(figure.pose(), tuple(props), segment.label)

    def settle(self, q: Posture, segment: Segment) -> Posture:
        """Hook: correct a posture between its keyframes."""
        return q

    def stance(self) -> Pose:
        """The own upright stance, without noise, arms hanging."""
        figure = self.figure(self.upright(), 0.0, still=True)
        self.relaxed_arms(figure, 0.0)
        return figure.pose()

    def aim(self) -> Array:
        """Middle of the body's height."""
        return np.array([0.02, 0.0, 0.5 * self.body.stature_m])

    # -- hands -----------------------------------------------------------------------------
    @abstractmethod
    def hands(self, figure: Figure, q: Posture, segment: Segment) -> list[Prop]:
        """Place both arms and return what they hold."""

    def hanging_wrist(self, figure: Figure, side: str, swing_m: float = 0.0) -> Array:
        """Wrist of an arm that hangs loosely."""
        offset = np.array(
            [0.05 - sign(side) * swing_m, sign(side) * 0.09, -self.body.arm_m * 0.965]
        )
        return np.asarray(figure.shoulder(side) + offset + np.array([0, 0, 0.3 * abs(swing_m)]))

    def relaxed_arms(self, figure: Figure, swing_m: float, drink: float = 0.0) -> list[Prop]:
        """Arms hanging, swinging in a walk; ``drink`` lifts a bottle in the right hand."""
        props = []
        for side in SIDES:
            wrist = self.hanging_wrist(figure, side, swing_m)
            if side == "R" and drink > 0:
                shoulder = figure.carry(self.body.shoulder_mid)
                mouth = shoulder + np.array([0.17, -0.07, 0.14])
                wrist = wrist + drink * (mouth - wrist)
            pole = np.array([-1, sign(side) * (0.3 + drink), -0.4 * drink])
            wrist = figure.arm(side, wrist, pole, 30.0)
            if side == "R" and drink > 0.02:
                props.append(Prop("bottle", wrist + np.array([0.02, 0.03, 0.05]), np.eye(3)))
        return props

    # -- dials -----------------------------------------------------------------------------
    def sagittal(self, side: str, q: Posture) -> tuple[float, float, float]:
        """Shank and thigh inclination (thigh from vertical) and FPPA (deg) of one leg, held still.

        Asked over and over by what searches a posture: without the legs, which take half the time.
        """
        feet = self._feet(q)
        hip, (ankle, _) = self._trunk(q, feet, 0.0, still=True).hip(side), feet[side]
        knee = self.knee(side, hip, ankle, q["in" + side])
        shank, thigh = knee - ankle, hip - knee
        shank_deg = np.degrees(np.arctan2(shank[0], shank[2]))
        thigh_deg = np.degrees(np.arctan2(-thigh[0], thigh[2]))
        lean = np.arctan2(shank[1], shank[2]) - np.arctan2(thigh[1], thigh[2])
        return float(shank_deg), float(thigh_deg), float(np.degrees(lean)) * -sign(side)

    def inward_for_fppa(self, top: Posture, bottom: Posture, sides: str, fppa_deg: float) -> float:
        """Inward push of the knees (m) whose largest FPPA on the way down is ``fppa_deg`` over own.

        Bisection over the same path that the motion takes, so that the dial is what is measured.
        """
        own = self._largest_fppa(self.upright(), self.upright(), sides[0])

        def gain(push: float) -> float:
            low = {**bottom, **{"in" + s: push for s in sides}}
            return max(self._largest_fppa(top, low, s) for s in sides) - own

        lo, hi = 0.0, 0.25
        if gain(hi) < fppa_deg:
            raise GymError(f"knee_valgus_deg {fppa_deg:g} is out of this body's reach")
        for _ in range(14):
            middle = (lo + hi) / 2
            lo, hi = (middle, hi) if gain(middle) < fppa_deg else (lo, middle)
        return hi

    def _largest_fppa(self, top: Posture, low: Posture, side: str) -> float:
        segment = Segment(0.0, 1.0, top, low, "", {}, {})
        largest = -90.0
        for u in np.linspace(0.2, 1, 13):
            q = segment.at(float(u))
            _, thigh, fppa = self.sagittal(side, q)
            if 90 - abs(thigh) >= FPPA_MIN_THIGH_DEG:
                largest = max(largest, fppa)
        return largest

    def start_timeline(self, first: Posture) -> Timeline:
        """A timeline that begins in a posture."""
        self.timeline = Timeline(first)
        return self.timeline


def rise_bump(fall_deg: float, gain_deg: float) -> float:
    """Amplitude of an early hump on the trunk so that it gains ``gain_deg`` in the first third.

    ``fall_deg`` is how much the trunk rights itself over the whole way up.
    """
    u = np.linspace(0, 1 / 3, 200)
    ease = u**3 * (10 - 15 * u + 6 * u * u)
    hump = 729 / 16 * u**2 * (1 - u) ** 4
    lo, hi = 0.0, 90.0
    for _ in range(40):
        middle = (lo + hi) / 2
        reached = float(np.max(middle * hump - fall_deg * ease))
        lo, hi = (middle, hi) if reached < gain_deg else (lo, middle)
    return hi
