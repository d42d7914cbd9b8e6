"""Hip thrust on a bench and glute bridge on the floor."""

from __future__ import annotations

import numpy as np

from gym.body import Body, Pose
from gym.errors import GymError
from gym.geometry import SIDES, Array, bend, rot_z, sign
from gym.motion.base import Lift, Prop, RepEvent, Shot
from gym.motion.timeline import Posture, Timeline
from gym.rig import Figure
from gym.spec import Clip, Rep

BENCH_M = 0.40
BOTTOM_HIP_M = {"bench": 0.24, "glute_bridge": 0.115}
MAT_M = 0.02
BAR_PAD_M = 0.04
TOE_OUT_DEG = 10.0


class HipThrust(Lift):
    """Reps from the bottom to the top and back; the shoulder blades pivot on the bench's edge."""

    def __init__(self, body: Body, clip: Clip) -> None:
        super().__init__(body, clip)
        self.on_bench = clip.variant == "bench"
        height = min(BENCH_M, body.shank_m + body.ankle_height_m - 0.06) if self.on_bench else MAT_M
        self.pivot = np.array([0.0, 0.0, height])
        half = self.motion.stance_m or body.hip_half_m + 0.02
        self.toe_deg = TOE_OUT_DEG if self.motion.toe_out_deg is None else self.motion.toe_out_deg
        self.half_m = half
        self.bottom_hip_m = BOTTOM_HIP_M[clip.variant]
        self._build()

    def _build(self) -> None:
        m = self.motion
        tops = [self.top(rep) for rep in m.reps]
        bottoms = [self.bottom(rep, top) for rep, top in zip(m.reps, tops, strict=True)]
        line = self.timeline = Timeline(bottoms[0])
        line.add(m.setup_s, {}, "setup")
        for rep, top, bottom, after in zip(
            m.reps, tops, bottoms, [*bottoms[1:], bottoms[-1]], strict=True
        ):
            self._add_rep(rep, top, bottom, after)
        line.add(m.rest_after_s, {}, "after")

    def _add_rep(self, rep: Rep, top: Posture, bottom: Posture, after: Posture) -> None:
        """``after``: as far down as the next rep starts from; deeper would be part of it."""
        line = self.timeline
        down_s, turn_s, up_s, rest_s = self.tempo(rep)
        if rep.given_up is not None:
            top = {k: bottom[k] + (v - bottom[k]) * rep.given_up for k, v in top.items()}
        start = line.end_s
        turn = line.add(up_s, top, "up")
        lower = line.add(max(turn_s, 0.2), {}, "hold")
        end = line.add(down_s, {**after, "foot_x": bottom["foot_x"]}, "down")
        moved = abs(after["foot_x"] - bottom["foot_x"]) > 1e-3
        lift = {"lift": (0.03, "middle")} if moved else {}
        line.add(max(rest_s, 0.5 if moved else 0.1), after, "rest", bump=lift)
        kind = "rep" if rep.given_up is None else "partial"
        self.events.append(RepEvent(kind, "both", start, turn, lower, end, turn, start, turn))

    # -- postures --------------------------------------------------------------------------
    def top(self, rep: Rep) -> Posture:
        """The top: hip flexion and shank inclination exact; the feet follow from them."""
        arch = rep.overarch_deg
        flexion = -arch if arch else rep.lockout_deficit_deg
        # a hip past straight is mostly a lumbar spine that arches with it
        spine = -arch
        shank = rep.shank_inclination_deg or 0.0
        trunk, foot_x = self._solve_top(flexion, spine, shank)
        return {
            "trunk": trunk,
            "spine": spine,
            "foot_x": foot_x,
            "lift": 0.0,
            "head": -42.0,
            "inward": 0.05 * rep.knee_valgus_deg / 10,
            "shift": rep.shift_m,
            "roll": rep.roll_deg,
        }

    def _solve_top(self, flexion: float, spine: float, shank: float) -> tuple[float, float]:
        """Trunk inclination and ankle x at which thigh and shank meet: scan, then bisection."""

        def gap(trunk: float) -> float:
            hip = self._hip_mid(trunk, spine)
            return float(self._knee_from_hip(hip, flexion - trunk)[2] - self._knee_z(shank))

        scan = np.arange(-150.0, -40.0, 1.0)
        values = np.array([gap(float(t)) for t in scan])
        roots = np.flatnonzero(np.sign(values[:-1]) != np.sign(values[1:]))
        if not len(roots):
            raise GymError(f"hip thrust of {flexion:g} deg cannot be reached by {self.body.name!r}")
        level = 90 if self.on_bench else 118
        root = roots[np.argmin(np.abs(scan[roots] + level))]
        lo, hi = float(scan[root]), float(scan[root + 1])
        rising = values[root] < 0
        for _ in range(40):
            middle = (lo + hi) / 2
            below = gap(middle) < 0
            lo, hi = (middle, hi) if below == rising else (lo, middle)
        hip = self._hip_mid(hi, spine)
        knee = self._knee_from_hip(hip, flexion - hi)
        return hi, float(knee[0] - self._flat_shank() * np.sin(np.radians(shank)))

    def _lateral_knee(self) -> float:
        return self.half_m + 0.02

    def _flat_shank(self) -> float:
        return float(np.sqrt(self.body.shank_m**2 - (self._lateral_knee() - self.half_m) ** 2))

    def _knee_from_hip(self, hip: Array, thigh_deg: float) -> Array:
        across = self._lateral_knee() - self.body.hip_half_m
        length = np.sqrt(self.body.thigh_m**2 - across**2)
        t = np.radians(thigh_deg)
        return np.asarray(hip + length * np.array([np.sin(t), 0, -np.cos(t)]))

    def _knee_z(self, shank: float) -> float:
        return self.body.ankle_height_m + self._flat_shank() * float(np.cos(np.radians(shank)))

    def bottom(self, rep: Rep, top: Posture) -> Posture:
        """The bottom: hips near the floor, or as far down from the top as the asked range goes."""
        trunks = np.linspace(top["trunk"] + 1.0, 0.0, 241)
        spine = 4.0 + rep.spine_flexion_deg
        if rep.range_deg is None:
            heights = np.array([self._hip_mid(float(t), spine)[2] for t in trunks])
            trunk = first_crossing(trunks, heights - self.bottom_hip_m)
        else:
            goal = rep.range_deg + (-rep.overarch_deg or rep.lockout_deficit_deg)
            flexions = np.array([self._flexion(float(t), spine, top["foot_x"]) for t in trunks])
            trunk = first_crossing(trunks, flexions - goal)
        low = {
            "trunk": trunk,
            "spine": spine,
            "inward": 0.0,
            "shift": 0.0,
            "roll": 0.0,
            "head": -20.0,
        }
        return {**top, **low}

    def _flexion(self, trunk: float, spine: float, foot_x: float) -> float:
        """Sagittal hip flexion (deg) for a trunk inclination with the feet in place."""
        figure = self._trunk_figure(
            {"trunk": trunk, "spine": spine, "roll": 0.0, "shift": 0.0, "head": 0.0}
        )
        hip = figure.hip("L")
        knee = self._knee("L", hip, self._ankle("L", foot_x, 0.0), 0.0)
        thigh = knee - hip
        return trunk + float(np.degrees(np.arctan2(thigh[0], -thigh[2])))

    # -- frames ----------------------------------------------------------------------------
    def _hip_mid(self, trunk: float, spine: float) -> Array:
        """Where the hips are with the shoulder blades on the pivot."""
        scapula = Figure(self.rig).trunk(trunk, spine).carry(self.rig.scapula)
        return np.asarray(self.pivot - np.array([scapula[0], 0, scapula[2]]))

    def _trunk_figure(self, q: Posture) -> Figure:
        hip = self._hip_mid(q["trunk"], q["spine"])
        figure = Figure(self.rig).trunk(
            q["trunk"], q["spine"], roll_deg=q["roll"], head_deg=q["head"]
        )
        return figure.at(hip + np.array([0, q["shift"], 0]))

    def _ankle(self, side: str, foot_x: float, lift: float) -> Array:
        return np.array([foot_x, sign(side) * self.half_m, self.body.ankle_height_m + lift])

    def _knee(self, side: str, hip: Array, ankle: Array, inward_m: float) -> Array:
        across = sign(side) * (self._lateral_knee() - inward_m)
        body = self.body
        first, _, _ = bend(hip, ankle, body.thigh_m, body.shank_m, np.array([0.3, 0, 1.0]))
        pole = first - (hip + ankle) / 2
        pole[1] = across - (hip[1] + ankle[1]) / 2
        knee, _, _ = bend(hip, ankle, body.thigh_m, body.shank_m, pole)
        return knee

    def _figure(self, q: Posture, time_s: float) -> Figure:
        noisy = {
            **q,
            "trunk": q["trunk"] + self.sway(time_s, 0, 0.2),
            "head": q["head"] + self.sway(time_s, 1, 2.0),
        }
        figure = self._trunk_figure(noisy)
        for side in SIDES:
            ankle = self._ankle(side, q["foot_x"], q["lift"])
            knee = self._knee(side, figure.hip(side), ankle, q["inward"])
            figure.leg(side, knee, ankle, self.rig.foot_rotation(side, self.toe_deg))
        return figure

    def shot(self, time_s: float) -> Shot:
        """Pose and props at a time."""
        segment = self.timeline.segment(time_s)
        figure = self._figure(segment.at(time_s), time_s)
        props = [Prop("bench", self.pivot, np.eye(3))] if self.on_bench else []
        props += self._hands(figure)
        return Shot(figure.pose(), tuple(props), segment.label)

    def _hands(self, figure: Figure) -> list[Prop]:
        load = self.motion.load or ("barbell" if self.on_bench else "none")
        lap = figure.carry(self.rig.lap + np.array([BAR_PAD_M, 0, -0.02]), "root")
        lap[1] = 0.0
        body = self.body
        for side in SIDES:
            s = sign(side)
            if load != "none":
                wrist = lap + np.array([-0.05, s * (body.hip_half_m + 0.17), 0.035])
                figure.arm(side, wrist, np.array([-0.3, s * 1.0, -0.5]), 60.0)
            elif self.on_bench:
                wrist = figure.carry(body.shoulder_mid + np.array([0.22, -s * 0.03, -0.14]))
                figure.arm(side, wrist, np.array([0, s * 1.0, -0.6]), 30.0)
            else:
                shoulder = figure.shoulder(side)
                wrist = np.array([shoulder[0] + 0.93 * body.arm_m, shoulder[1] + s * 0.09, 0.035])
                figure.arm(side, wrist, np.array([0, s * 1.0, 0.1]), 12.0)
        if load == "barbell":
            return [Prop("barbell", lap, np.eye(3)), Prop("pad", lap, np.eye(3))]
        return [Prop("dumbbell_across", lap, np.eye(3))] if load == "dumbbell" else []

    def stance(self) -> Pose:
        """Upright, arms hanging: the neutral spine that the checks compare to."""
        body = self.body
        figure = Figure(self.rig).trunk(2.0)
        figure.at(np.array([0.0, 0.0, body.ankle_height_m + (body.thigh_m + body.shank_m) * 0.999]))
        for side in SIDES:
            ankle = np.array([-0.01, sign(side) * self.half_m, body.ankle_height_m])
            hip = figure.hip(side)
            pole = rot_z(sign(side) * self.toe_deg) @ np.array([1.0, 0, 0])
            knee, ankle, _ = bend(hip, ankle, body.thigh_m, body.shank_m, pole)
            figure.leg(side, knee, ankle, self.rig.foot_rotation(side, self.toe_deg))
        return figure.pose()

    def aim(self) -> Array:
        """Between bench and feet."""
        return np.array([0.42 if self.on_bench else 0.35, 0.0, 0.45 if self.on_bench else 0.35])


def first_crossing(x: Array, y: Array) -> float:
    """First x at which y changes sign (linear between samples), or the nearest approach to zero."""
    change = np.flatnonzero(np.sign(y[:-1]) != np.sign(y[1:]))
    if not len(change):
        return float(x[np.argmin(np.abs(y))])
    k = change[0]
    return float(x[k] + (x[k + 1] - x[k]) * y[k] / (y[k] - y[k + 1]))
