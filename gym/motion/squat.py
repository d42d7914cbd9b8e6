"""Squats: bodyweight, high bar, low bar, front, goblet."""

from __future__ import annotations

import numpy as np

from gym.body import Body
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

BARBELL = ("high_bar", "low_bar", "front")
CLEAN_THIGH_DEG = -4.0
DEEP_SHANK_DEG = 31.0
SIDES_OF = {"both": "LR", "left": "L", "right": "R"}


class Squat(Standing):
    """Reps from standing down and back up."""

    def __init__(self, body: Body, clip: Clip) -> None:
        super().__init__(body, clip, body.hip_half_m + 0.06, 18.0)
        self.loaded = clip.variant in BARBELL
        self._build()

    def _build(self) -> None:
        m, home = self.motion, self.upright()
        first = starts_at(m.before[0]) if m.before else 0.0
        line = self.start_timeline(shifted(home, first))
        hinge = {**self.bottom(Rep(thigh_inclination_deg=8.0)), "trunk": 55.0}
        for action in m.before:
            add_action(line, action, home, hinge, loaded=self.loaded)
        line.add(m.setup_s, home, "setup")
        for rep in m.reps:
            self._add_rep(rep)
        line.add(0.6, home, "settle")
        for action in m.after:
            add_action(line, action, home, hinge, loaded=self.loaded)
        line.add(m.rest_after_s, {}, "after")

    def _add_rep(self, rep: Rep) -> None:
        line = self.timeline
        down_s, turn_s, up_s, rest_s = self.tempo(rep)
        top, bottom = self.top(rep), self.bottom(rep)
        if rep.given_up is not None:
            origin = line.last
            bottom = {k: origin[k] + (v - origin[k]) * rep.given_up for k, v in bottom.items()}
        start = line.end_s
        heels = {"pitchL": 2.0, "pitchR": 2.0}
        turn = line.add(down_s, bottom, "down", warp=heels)
        drive = line.add(turn_s, {}, "turn")
        bump = {}
        if rep.hips_rise_first_deg is not None:
            amplitude = rise_bump(bottom["trunk"] - top["trunk"], rep.hips_rise_first_deg)
            bump["trunk"] = (amplitude, "early")
        end = line.add(up_s, top, "up", warp={k: -w for k, w in heels.items()}, bump=bump)
        line.add(rest_s, {}, "rest")
        kind = "rep" if rep.given_up is None else "partial"
        self.events.append(RepEvent(kind, "both", start, turn, drive, end, end, drive, end))

    def top(self, rep: Rep) -> Posture:
        """Standing, with knees and hips both short of the own stance by the deficit."""
        d = rep.lockout_deficit_deg
        hip = self.hip_for("L", UPRIGHT_SHANK_DEG + 0.4 * d, UPRIGHT_THIGH_DEG + 0.6 * d)
        trunk = UPRIGHT_TRUNK_DEG + 0.4 * d
        return {**self.upright(), "hip_x": hip[0], "hip_z": hip[2], "trunk": trunk}

    def bottom(self, rep: Rep) -> Posture:
        """The deepest point: thigh and shank inclination exact, trunk balanced over mid-foot."""
        depth = CLEAN_THIGH_DEG if rep.thigh_inclination_deg is None else rep.thigh_inclination_deg
        # the higher the squat, the less the ankle bends
        shank = DEEP_SHANK_DEG * float(np.clip(1.0 - 0.011 * max(depth, 0.0), 0.35, 1.0))
        hip = self.hip_for("L", shank, 90 - depth, pitch_deg=rep.heel_rise_deg)
        q = {
            **self.upright(),
            **{"hip_x": hip[0], "hip_z": hip[2], "spine": rep.spine_flexion_deg},
            **{"pitchL": rep.heel_rise_deg, "pitchR": rep.heel_rise_deg},
            **{"shift": rep.shift_m, "roll": rep.roll_deg, "hands": 1.0},
        }
        if rep.trunk_tibia_deg is None:
            q["trunk"] = self._balanced_trunk(q, shank)
        else:
            q["trunk"] = shank + rep.trunk_tibia_deg
        if rep.knee_valgus_deg:
            sides = SIDES_OF[rep.valgus_side]
            push = self.inward_for_fppa(self.upright(), q, sides, rep.knee_valgus_deg)
            # pushing the knees in lengthens the way: find the hips again for the same inclinations
            hip = self.hip_for(sides[0], shank, 90 - depth, push, rep.heel_rise_deg)
            if len(sides) == 2:
                q.update(hip_x=hip[0], hip_z=hip[2])
            push = self.inward_for_fppa(self.upright(), q, sides, rep.knee_valgus_deg)
            q.update({"in" + s: push for s in sides})
        return q

    def _balanced_trunk(self, q: Posture, shank_deg: float) -> float:
        """Trunk inclination that puts the load over mid-foot, within what people do."""
        hip = np.array([q["hip_x"], 0, q["hip_z"]])
        knee_x = float(self.body.shank_m * np.sin(np.radians(shank_deg)))
        trunk = 30.0
        for _ in range(12):
            figure = Figure(self.rig).trunk(trunk, q["spine"]).at(hip)
            shoulder_x = figure.carry(self.body.shoulder_mid)[0]
            trunk_x = hip[0] + 0.55 * (shoulder_x - hip[0])
            load_x = 0.66 * trunk_x + 0.24 * (hip[0] + knee_x) / 2 + 0.05 * knee_x
            if self.loaded:
                load_x = 0.7 * figure.carry(self._bar_rest())[0] + 0.3 * load_x
            elif self.clip.variant == "goblet":
                load_x += 0.05
            else:
                load_x += 0.035
            trunk += float(
                np.clip(np.degrees((self.midfoot_x - load_x) / self.body.trunk_m), -8, 8)
            )
        return float(np.clip(trunk, shank_deg - 12.0, shank_deg + 14.0))

    # -- hands -----------------------------------------------------------------------------
    def _bar_rest(self) -> Array:
        points = {"low_bar": self.rig.low_bar, "front": self.rig.front_bar}
        return points.get(self.clip.variant, self.rig.high_bar)

    def hands(self, figure: Figure, q: Posture, segment: Segment) -> list[Prop]:
        """Arms and load of the variant."""
        if self.loaded:
            return self._hold_bar(figure)
        if segment.label in ("walk", "drink", "fidget") or q["drink"] > 0:
            return self.relaxed_arms(figure, q["swing"], q["drink"])
        if self.clip.variant == "goblet":
            return self._hold_goblet(figure)
        return self._reach_forward(figure, q["hands"])

    def _hold_bar(self, figure: Figure) -> list[Prop]:
        rotation = figure.rotations["spine01"]
        bar = figure.carry(self._bar_rest())
        wide = self.body.shoulder_half_m
        for side in SIDES:
            s = sign(side)
            if self.clip.variant == "front":
                offset, pole = (
                    np.array([0.04, s * (wide + 0.04), 0.04]),
                    np.array([1.0, s * 0.2, -0.25]),
                )
            else:
                offset = np.array([-0.045, s * (wide + 0.25), -0.05])
                pole = np.array([-0.55, s * 0.15, -1.0])
            figure.arm(side, bar + rotation @ offset, rotation @ pole, 65.0)
        return [Prop("barbell", bar, rotation)]

    def _hold_goblet(self, figure: Figure) -> list[Prop]:
        body = self.body
        chest = figure.carry(body.shoulder_mid + np.array([0.27, 0, -0.16]))
        for side in SIDES:
            wrist = chest + np.array([-0.03, sign(side) * 0.06, 0.0])
            figure.arm(side, wrist, np.array([-0.2, sign(side) * 0.5, -1.0]), 40.0)
        return [Prop("dumbbell_upright", chest + np.array([0.05, 0, -0.03]), np.eye(3))]

    def _reach_forward(self, figure: Figure, share: float) -> list[Prop]:
        reach = self.body.arm_m * 0.97
        raised = np.radians(12 + 75 * share)
        for side in SIDES:
            s = sign(side)
            forward = np.array(
                [np.sin(raised) * reach, s * (0.07 - 0.10 * share), -np.cos(raised) * reach]
            )
            figure.arm(side, figure.shoulder(side) + forward, np.array([0, s * 0.4, -1.0]), 15.0)
        return []
