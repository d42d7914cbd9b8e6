"""Lunges: split squat, forward, reverse, walking, alternating sides."""

from __future__ import annotations

import numpy as np

from gym.body import Body, Pose
from gym.geometry import SIDES, Array, sign
from gym.motion.around import add_action, shifted, starts_at
from gym.motion.base import Prop, RepEvent
from gym.motion.standing import UPRIGHT_TRUNK_DEG, Standing
from gym.motion.timeline import Posture, Segment
from gym.rig import Figure
from gym.spec import Clip, Rep

CLEAN_THIGH_DEG = 4.0
FRONT_SHANK_DEG = 6.0
CLEAN_TRUNK_DEG = 6.0
REAR_PITCH_TOP_DEG = 38.0
REAR_PITCH_LOW_DEG = 58.0
STEP_S = 0.8
WORDS = {"L": "left", "R": "right"}


class Lunge(Standing):
    """A rep goes from standing (or the split stance's top) down and back up."""

    def __init__(self, body: Body, clip: Clip) -> None:
        super().__init__(body, clip, body.hip_half_m + 0.02, 5.0)
        self.step_m = self.motion.step_m or 0.44 * body.stature_m
        self._build()

    def front(self, index: int) -> str:
        """Front side of a rep."""
        lead = "L" if self.motion.lead == "left" else "R"
        other = "R" if lead == "L" else "L"
        swaps = self.clip.variant in ("alternating", "walking")
        return other if swaps and index % 2 else lead

    def _build(self) -> None:
        m, home = self.motion, self.upright()
        line = self.start_timeline(shifted(home, starts_at(m.before[0]) if m.before else 0.0))
        for action in m.before:
            add_action(line, action, home, self._crouch(), loaded=m.load == "dumbbells")
        line.add(m.setup_s, home, "setup")
        if self.clip.variant == "split":
            line.add(
                0.9, self.split_top(self.front(0), 0.0), "step", bump=self._lift(self.front(0))
            )
            line.add(0.5, {}, "rest")
        self.base_x = 0.0
        for k, rep in enumerate(m.reps):
            self._add_rep(rep, k)
        if self.clip.variant == "split":
            line.add(0.9, home, "step", bump=self._lift(self.front(0)))
        for action in m.after:
            add_action(line, action, shifted(home, self.base_x), self._crouch(), loaded=False)
        line.add(m.rest_after_s, {}, "after")

    def _crouch(self) -> Posture:
        hip = self.hip_for("L", 25.0, 60.0)
        return {**self.upright(), "hip_x": hip[0], "hip_z": hip[2], "trunk": 48.0}

    @staticmethod
    def _lift(side: str) -> dict[str, tuple[float, str]]:
        return {"lift" + side: (0.09, "middle")}

    def _add_rep(self, rep: Rep, index: int) -> None:
        line, front = self.timeline, self.front(index)
        rear = "R" if front == "L" else "L"
        down_s, turn_s, up_s, rest_s = self.tempo(rep)
        variant = self.clip.variant
        base = self.base_x
        bottom = shifted_by(self.bottom(rep, front), self._frame() + base)
        before = dict(line.last)
        start = line.end_s
        if rep.given_up is not None:
            share = rep.given_up
            bottom = {k: before[k] + (v - before[k]) * share for k, v in bottom.items()}
        if variant == "split":
            turn = line.add(down_s, bottom, "down")
            drive = line.add(turn_s, {}, "turn")
            end = line.add(up_s, self.split_top(front, rep.lockout_deficit_deg), "up")
        else:
            moved = rear if variant == "reverse" else front
            turn = self._step_down(before, bottom, moved, down_s)
            drive = line.add(turn_s, {}, "turn")
            if variant == "walking" and rep.given_up is None:
                self.base_x += self.step_m
                back, moved = rear, rear
            else:
                back = moved
            home = shifted(self.stand(rep), self.base_x)
            end = line.add(up_s + 0.3, home, "up", bump=self._lift(back))
        line.add(rest_s, {}, "rest")
        kind = "rep" if rep.given_up is None else "partial"
        side = WORDS[front]
        self.events.append(RepEvent(kind, side, start, turn, drive, end, end, drive, end))

    def _step_down(self, before: Posture, bottom: Posture, moved: str, down_s: float) -> float:
        """Step out and go down in one movement: the foot lands before the pelvis arrives."""
        line = self.timeline
        landing = dict(bottom)
        for name in ("hip_x", "hip_z", "trunk", "inL", "inR", "spine", "shift", "roll"):
            landing[name] = before[name] + 0.45 * (bottom[name] - before[name])
        rear = "R" if moved == "L" else "L"
        for side in (moved, rear):
            if bottom["pitch" + side] > 20:
                landing["pitch" + side] = 0.6 * bottom["pitch" + side]
            else:
                landing["pitch" + side] = 0.0
        line.add(STEP_S, landing, "step", bump=self._lift(moved))
        return line.add(down_s * 0.7, bottom, "down")

    def _frame(self) -> float:
        """Where a split stance lies along x: forward lunges step ahead, reverse ones back."""
        return -self.step_m if self.clip.variant == "reverse" else 0.0

    # -- postures --------------------------------------------------------------------------
    def stand(self, rep: Rep) -> Posture:
        """Feet together again; a deficit leaves hip and knee bent."""
        d = rep.lockout_deficit_deg
        if not d:
            return self.upright()
        hip = self.hip_for("L", 1.5 + 0.4 * d, 1.5 + 0.6 * d)
        trunk = UPRIGHT_TRUNK_DEG + 0.4 * d
        return {**self.upright(), "hip_x": hip[0], "hip_z": hip[2], "trunk": trunk}

    def split_top(self, front: str, deficit_deg: float) -> Posture:
        """Top of the split stance, rear leg straight; the deficit bends the front hip exactly."""
        body = self.body
        rear = "R" if front == "L" else "L"
        pitch = REAR_PITCH_TOP_DEG
        behind, _ = self.ankle(rear, 0.0, 0.0, pitch)
        hip_x = 0.5 * self.step_m
        reach = (body.thigh_m + body.shank_m) * 0.998
        highest = behind[2] + float(np.sqrt(reach**2 - (hip_x - behind[0]) ** 2)) - 0.002
        q = {
            **self.upright(),
            "hip_x": hip_x,
            "hip_z": highest,
            "x" + front: self.step_m,
            "pitch" + rear: pitch,
        }

        def front_hip(hip_z: float) -> float:
            lowered = {**q, "hip_z": hip_z}
            return self.sagittal(front, lowered)[1]

        goal = front_hip(highest) + deficit_deg
        lo, hi = 0.6 * highest, highest
        for _ in range(30 if deficit_deg else 0):
            middle = (lo + hi) / 2
            lo, hi = (middle, hi) if front_hip(middle) > goal else (lo, middle)
        return {**q, "hip_z": hi}

    def lockout_reference(self) -> Pose:
        """A split squat comes back to its own split stance, the others to standing."""
        if self.clip.variant != "split":
            return self.stance()
        figure = self.figure(self.split_top(self.front(0), 0.0), 0.0, still=True)
        self.relaxed_arms(figure, 0.0)
        return figure.pose()

    def bottom(self, rep: Rep, front: str) -> Posture:
        """The deepest point: front thigh and trunk inclination exact."""
        depth = CLEAN_THIGH_DEG if rep.thigh_inclination_deg is None else rep.thigh_inclination_deg
        trunk = CLEAN_TRUNK_DEG if rep.trunk_inclination_deg is None else rep.trunk_inclination_deg
        pitch = rep.heel_rise_deg
        hip = self.hip_for(front, FRONT_SHANK_DEG, 90 - depth, pitch_deg=pitch, foot_x=self.step_m)
        rear = "R" if front == "L" else "L"
        q = {
            **self.upright(),
            "hip_x": hip[0],
            "hip_z": hip[2],
            "x" + front: self.step_m,
            "pitch" + front: pitch,
            "pitch" + rear: REAR_PITCH_LOW_DEG,
            "trunk": trunk,
            "spine": rep.spine_flexion_deg,
            "shift": rep.shift_m,
            "roll": rep.roll_deg,
        }
        if rep.knee_valgus_deg:
            top = {**q, **self.split_top(front, 0.0)}
            for _ in range(2):
                push = self.inward_for_fppa(top, q, front, rep.knee_valgus_deg)
                hip = self.hip_for(front, FRONT_SHANK_DEG, 90 - depth, push, pitch, self.step_m)
                q = {**q, "hip_x": hip[0], "hip_z": hip[2]}
            q["in" + front] = self.inward_for_fppa(top, q, front, rep.knee_valgus_deg)
        return q

    def aim(self) -> Array:
        """Middle of the path."""
        middle = {"reverse": -0.25, "walking": 0.5 * len(self.motion.reps)}
        x = middle.get(self.clip.variant, 0.45) * self.step_m
        return np.array([x, 0.0, 0.5 * self.body.stature_m])

    # -- hands -----------------------------------------------------------------------------
    def hands(self, figure: Figure, q: Posture, segment: Segment) -> list[Prop]:
        """Dumbbells at the sides, a bar on the back, or hands on the hips."""
        load = self.motion.load
        if load == "dumbbells":
            return self._dumbbells(figure)
        if load == "barbell":
            return self._barbell(figure)
        if segment.label in ("walk", "drink", "fidget") or q["drink"] > 0:
            return self.relaxed_arms(figure, q["swing"], q["drink"])
        body = self.body
        for side in SIDES:
            s = sign(side)
            offset = np.array([0.06, s * (body.hip_half_m + 0.045), 0.13])
            wrist = figure.carry(np.array([body.hip_mid[0], 0, body.hip_mid[2]]) + offset, "root")
            figure.arm(side, wrist, np.array([-0.5, s * 1.0, 0.0]), 25.0)
        return []

    def _dumbbells(self, figure: Figure) -> list[Prop]:
        props = []
        for side in SIDES:
            offset = np.array([0.02, sign(side) * 0.10, -self.body.arm_m * 0.985])
            pole = np.array([-1, sign(side) * 0.2, 0.0])
            wrist = figure.arm(side, figure.shoulder(side) + offset, pole, 70.0)
            props.append(Prop("dumbbell_along", wrist + np.array([0, 0, -0.08]), np.eye(3)))
        return props

    def _barbell(self, figure: Figure) -> list[Prop]:
        rotation = figure.rotations["spine01"]
        bar = figure.carry(self.rig.high_bar)
        for side in SIDES:
            s = sign(side)
            offset = np.array([-0.045, s * (self.body.shoulder_half_m + 0.25), -0.05])
            figure.arm(
                side, bar + rotation @ offset, rotation @ np.array([-0.55, s * 0.15, -1.0]), 65.0
            )
        return [Prop("barbell", bar, rotation)]


def shifted_by(q: Posture, x: float) -> Posture:
    """A split posture moved along x."""
    return {**q, **{name: q[name] + x for name in ("hip_x", "xL", "xR")}}
