"""A second person in the picture: standing about, or walking to and fro."""

from __future__ import annotations

import numpy as np

from gym.body import Body, Pose
from gym.geometry import Array, rot_z
from gym.motion.base import Prop
from gym.motion.squat import Squat
from gym.motion.timeline import Posture, Segment
from gym.rig import Figure
from gym.spec import Clip, Extra, Motion, Rep

STEP_RATE_HZ = 1.7  # steps a second
STEP_M = 0.55


class Bystander(Squat):
    """Someone who does no exercise; placed in the world by ``pose``."""

    def __init__(self, extra: Extra, seed: int) -> None:
        clip = Clip("squat", body=extra.body, motion=Motion(reps=(Rep(),), sway=2.5, seed=seed))
        super().__init__(Body(extra.body), clip)
        self.extra = extra

    def pose(self, time_s: float) -> Pose:
        """The world pose at a time."""
        q = self.upright()
        turn, origin = self.extra.yaw_deg, np.array([*self.extra.at_m, 0.0])
        if self.extra.walk_m > 0:
            along, turn_back = self._path(time_s)
            q = self._gait(time_s)
            direction = rot_z(turn) @ np.array([1.0, 0, 0])
            origin = origin + direction * along
            turn += turn_back
        figure = self.figure(q, time_s)
        self.relaxed_arms(figure, q["swing"])
        return moved(figure.pose(), rot_z(turn), origin)

    def _path(self, time_s: float) -> tuple[float, float]:
        """Distance along the path (to and fro) and the extra turn on the way back."""
        length = self.extra.walk_m
        travelled = (time_s * STEP_RATE_HZ * STEP_M) % (2 * length)
        return (travelled, 0.0) if travelled < length else (2 * length - travelled, 180.0)

    def _gait(self, time_s: float) -> Posture:
        """A walk on the spot: the feet slide under the pelvis as fast as the path moves on."""
        q = self.upright()
        phase = np.pi * STEP_RATE_HZ * time_s
        for side, shift in (("L", 0.0), ("R", np.pi)):
            swing = np.sin(phase + shift)
            q["x" + side] = float(0.5 * STEP_M * np.cos(phase + shift))
            q["lift" + side] = float(0.08 * max(-swing, 0.0))
        q["swing"] = float(0.15 * np.cos(phase + np.pi))
        return q

    def hands(self, figure: Figure, q: Posture, segment: Segment) -> list[Prop]:
        """Nothing in the hands."""
        return self.relaxed_arms(figure, q["swing"])


def moved(pose: Pose, turn: Array, origin: Array) -> Pose:
    """A pose turned about the world's vertical and shifted."""
    return Pose(turn @ pose.rotations, pose.heads @ turn.T + origin)
