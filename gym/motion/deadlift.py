"""Deadlifts: conventional and sumo from the floor, Romanian from the top."""

from __future__ import annotations

import numpy as np

from gym.body import Body
from gym.errors import GymError
from gym.geometry import SIDES, Array, sign
from gym.motion.around import add_action, shifted, starts_at
from gym.motion.base import Prop, RepEvent
from gym.motion.standing import (
    UPRIGHT_SHANK_DEG,
    UPRIGHT_THIGH_DEG,
    UPRIGHT_TRUNK_DEG,
    Standing,
    rise_bump,
)
from gym.motion.timeline import Posture, Segment
from gym.rig import Figure
from gym.spec import Clip, Rep

START_THIGH_DEG = {"conventional": 22.0, "sumo": 14.0}
START_SHANK_DEG = {"conventional": 13.0, "sumo": 8.0}
SQUATTED_SHANK_DEG = 26.0  # shank of a start with the hips at the height of the knees
ROMANIAN_RANGE_DEG = 85.0
GRIPPING = ("up", "hold", "lower", "floor", "brace", "rest", "hinge", "turn")


class Deadlift(Standing):
    """A rep is the pull; from the floor the lowering follows, in the Romanian it precedes."""

    def __init__(self, body: Body, clip: Clip) -> None:
        sumo = clip.variant == "sumo"
        stance, toes = (0.40, 35.0) if sumo else (body.hip_half_m + 0.02, 8.0)
        super().__init__(body, clip, stance, toes)
        self.romanian = clip.variant == "romanian"
        self.grip_y = body.shoulder_half_m + (0.0 if sumo else 0.10)
        self.floor_z = self.motion.plate_radius_m
        self.floor_x = 0.04 if sumo else 0.10
        self._build()

    def _build(self) -> None:
        m, home = self.motion, {**self.upright(), "bar_x": 0.14, "elbow": 0.0}
        self.home = home
        first = starts_at(m.before[0]) if m.before else 0.0
        line = self.start_timeline(shifted(home, first))
        loaded = {**home, "hands": 1.0}
        if self.romanian:
            line = self.start_timeline(loaded)
            line.add(m.setup_s, {}, "setup")
            for rep in m.reps:
                self._add_hinge(rep)
        else:
            for action in m.before:
                add_action(line, action, home, home, loaded=False)
            line.add(m.setup_s, home, "setup")
            line.add(1.3, {**self.bottom(m.reps[0]), "hands": 1.0}, "reach", warp=self._down_warp())
            line.add(0.5, {}, "brace")
            for k, rep in enumerate(m.reps):
                self._add_pull(rep, m.reps[min(k + 1, len(m.reps) - 1)])
            line.add(1.2, {**home, "hands": 0.0}, "leave", warp=self._up_warp())
            for action in m.after:
                add_action(line, action, home, home, loaded=False)
        line.add(m.rest_after_s, {}, "after")

    def _up_warp(self) -> dict[str, float]:
        # the knees open first so that the bar passes them; the trunk rights itself late
        return {"hip_z": 0.85, "trunk": 1.3, "spine": 2.0, "bar_x": 1.5}

    def _down_warp(self) -> dict[str, float]:
        return {name: -w for name, w in self._up_warp().items()}

    def _add_pull(self, rep: Rep, following: Rep) -> None:
        line = self.timeline
        down_s, turn_s, up_s, rest_s = self.tempo(rep)
        top, bottom = self.top(rep), {**line.last}
        if rep.given_up is not None:
            top = {k: bottom[k] + (v - bottom[k]) * rep.given_up for k, v in top.items()}
        bump, warp = {}, self._up_warp()
        if rep.hips_rise_first_deg is not None:
            warp = {**warp, "trunk": 1.0}
            amplitude = rise_bump(bottom["trunk"] - top["trunk"], rep.hips_rise_first_deg)
            bump["trunk"] = (amplitude, "early")
        start = line.end_s
        if rep.arm_bend_deg:
            bump["elbow"] = (rep.arm_bend_deg, "middle")
        turn = line.add(up_s, top, "up", warp=warp, bump=bump)
        lower = line.add(max(turn_s, 0.3), {}, "hold")
        back = {**self.bottom(rep), "hands": 1.0}
        end = line.add(down_s, back, "lower", warp=self._down_warp())
        after = {**self.bottom(following), "hands": 1.0}
        line.add(max(rest_s, 0.2), after, "floor")
        kind = "rep" if rep.given_up is None else "partial"
        self.events.append(RepEvent(kind, "both", start, turn, lower, end, turn, start, turn))

    def _add_hinge(self, rep: Rep) -> None:
        line = self.timeline
        down_s, turn_s, up_s, rest_s = self.tempo(rep)
        top, bottom = {**self.top(rep), "hands": 1.0}, {**self.hinged(rep), "hands": 1.0}
        if rep.given_up is not None:
            origin = line.last
            bottom = {k: origin[k] + (v - origin[k]) * rep.given_up for k, v in bottom.items()}
        lower = line.end_s
        line.add(down_s, bottom, "hinge", warp={"spine": 2.0})
        start = line.add(max(turn_s, 0.1), {}, "turn")
        bump = {"elbow": (rep.arm_bend_deg, "middle")} if rep.arm_bend_deg else {}
        turn = line.add(up_s, top, "up", warp={"spine": -2.0}, bump=bump)
        held = line.add(rest_s, {}, "rest")
        kind = "rep" if rep.given_up is None else "partial"
        begin = start if kind == "rep" else lower
        self.events.append(RepEvent(kind, "both", begin, turn, held, held, turn, start, turn))

    # -- postures --------------------------------------------------------------------------
    def top(self, rep: Rep) -> Posture:
        """Standing with the bar; short of the own stance or leaning back past it."""
        d = rep.lockout_deficit_deg
        hip = self.hip_for("L", UPRIGHT_SHANK_DEG + 0.3 * d, UPRIGHT_THIGH_DEG + 0.7 * d)
        trunk = UPRIGHT_TRUNK_DEG + 0.3 * d - rep.overextension_deg
        bar = {"bar_x": hip[0] + 0.14, "elbow": 0.0}
        return {
            **self.upright(),
            **bar,
            "hip_x": hip[0],
            "hip_z": hip[2],
            "trunk": trunk,
            "hands": 1.0,
        }

    def bottom(self, rep: Rep) -> Posture:
        """Start of the pull: thigh inclination exact, trunk where straight arms reach the bar."""
        variant = self.clip.variant
        clean = START_THIGH_DEG.get(variant, 22.0)
        thigh = clean if rep.thigh_inclination_deg is None else rep.thigh_inclination_deg
        squatted = float(np.clip((clean - thigh) / clean, 0.0, 1.3))
        shank = START_SHANK_DEG.get(variant, 13.0)
        shank += squatted * (SQUATTED_SHANK_DEG - shank)
        hip = self.hip_for("L", shank, 90 - thigh)
        q = {
            **self.home,
            "hip_x": hip[0],
            "hip_z": hip[2],
            "spine": rep.spine_flexion_deg,
            "bar_x": self.floor_x,
            "shift": rep.shift_m,
            "roll": rep.roll_deg,
        }
        lo, hi = -5.0, 95.0
        if self._bar_z({**q, "trunk": hi}) > self.floor_z + 0.002:
            raise GymError(
                f"start_thigh {thigh:g} deg leaves the bar out of reach for body {self.body.name!r}"
            )
        for _ in range(40):
            middle = (lo + hi) / 2
            over = self._bar_z({**q, "trunk": middle}) > self.floor_z
            lo, hi = (middle, hi) if over else (lo, middle)
        return {**q, "trunk": hi}

    def hinged(self, rep: Rep) -> Posture:
        """Bottom of a Romanian deadlift: hip flexion exact, shanks near vertical."""
        flexion = rep.range_deg if rep.range_deg is not None else ROMANIAN_RANGE_DEG
        flexion += UPRIGHT_THIGH_DEG + UPRIGHT_TRUNK_DEG
        thigh = 0.30 * flexion
        hip = self.hip_for("L", 2.0, thigh)
        return {
            **self.home,
            "hip_x": hip[0],
            "hip_z": hip[2],
            "trunk": flexion - thigh,
            "spine": rep.spine_flexion_deg,
            "bar_x": 0.09,
            "shift": rep.shift_m,
            "roll": rep.roll_deg,
        }

    def _bar_z(self, q: Posture) -> float:
        figure = Figure(self.rig).trunk(q["trunk"], q["spine"])
        figure.at(np.array([q["hip_x"], 0.0, q["hip_z"]]))
        return self._hang_z(figure, "L", q)

    def _hang_z(self, figure: Figure, side: str, q: Posture) -> float:
        """Height at which a hanging fist meets the bar's vertical plane."""
        shoulder = figure.shoulder(side)
        reach = figure.reach_m(q["elbow"])
        dx, dy = shoulder[0] - q["bar_x"], shoulder[1] - sign(side) * self.grip_y
        return float(shoulder[2] - np.sqrt(max(reach**2 - dx**2 - dy**2, 0.01)))

    def settle(self, q: Posture, segment: Segment) -> Posture:
        """While the hands hold the bar, raise the hips as far as keeps it off the floor."""
        if self.romanian or q["hands"] < 0.999 or segment.label not in GRIPPING:
            return q
        short = self.floor_z - self._bar_z(q)
        return {**q, "hip_z": q["hip_z"] + short} if short > 0 else q

    # -- hands -----------------------------------------------------------------------------
    def hands(self, figure: Figure, q: Posture, segment: Segment) -> list[Prop]:
        """Hands on the bar, on their way to it, or hanging."""
        rest = self._bar_on_floor()
        if q["hands"] <= 1e-3:
            return [
                Prop("barbell", rest, np.eye(3)),
                *self.relaxed_arms(figure, q["swing"], q["drink"]),
            ]
        fists = []
        for side in SIDES:
            target = np.array([q["bar_x"], sign(side) * self.grip_y, self._hang_z(figure, side, q)])
            if q["hands"] >= 0.999:
                fists.append(figure.hang(side, target, q["elbow"]))
                continue
            loose = self.hanging_wrist(figure, side) - np.array([0, 0, 0.085])
            figure.hang(side, loose + q["hands"] * (target - loose), 3.0, 30 + 45 * q["hands"])
        if not fists:
            return [Prop("barbell", rest, np.eye(3))]
        bar = (fists[0] + fists[1]) / 2
        load = self.motion.load or "barbell"
        if load == "dumbbells":
            return [Prop("dumbbell_across", f, np.eye(3)) for f in fists]
        if not self.romanian:
            bar[2] = max(bar[2], self.floor_z)
        return [Prop("barbell", bar, np.eye(3))]

    def _bar_on_floor(self) -> Array:
        return np.array([self.floor_x, 0.0, self.floor_z])
