"""A motion sampled in time: joints, spine and angles at given instants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gym.angles import angles_of
from gym.body import Pose
from gym.geometry import Array
from gym.joints import joints_of, spine_deg
from gym.motion import Lift

FINE_HZ = 50.0


@dataclass(frozen=True)
class Track:
    """Joints (frames, joints, 3) in metres and angles {name: (frames,)} in degrees over time."""

    time_s: Array
    joints_m: Array
    angles: dict[str, Array]

    def at(self, name: str, time_s: float) -> float:
        """An angle at one instant, linear between samples."""
        return float(np.interp(time_s, self.time_s, self.angles[name]))

    def between(self, name: str, start_s: float, end_s: float) -> Array:
        """An angle's samples in a closed interval, its ends included."""
        inside = (self.time_s > start_s) & (self.time_s < end_s)
        ends = [self.at(name, start_s), self.at(name, end_s)]
        return np.concatenate([ends[:1], self.angles[name][inside], ends[1:]])


def track_poses(lift: Lift, time_s: Array, poses: list[Pose]) -> Track:
    """Angles of poses, the spine relative to the person's own upright stance."""
    body = lift.body
    own = spine_deg(body, lift.stance())
    joints = np.stack([joints_of(body, pose) for pose in poses])
    spine = np.array([spine_deg(body, pose) for pose in poses]) - own
    return Track(time_s, joints, angles_of(joints, spine))


def track_of(lift: Lift, time_s: Array) -> Track:
    """Sample a motion."""
    return track_poses(lift, time_s, [lift.shot(float(t)).pose for t in time_s])


def fine_track(lift: Lift) -> Track:
    """The whole motion at 50 Hz."""
    return track_of(lift, np.arange(0.0, lift.duration_s, 1.0 / FINE_HZ))


def reference_track(lift: Lift, pose: Pose) -> Track:
    """A single posture as a track, to compare with."""
    return track_poses(lift, np.zeros(1), [pose])
