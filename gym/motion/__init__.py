"""How the person moves: one class an exercise, all driven by the same keyframed postures."""

from __future__ import annotations

from gym.body import Body
from gym.motion.base import Lift, Prop, RepEvent, Shot
from gym.motion.deadlift import Deadlift
from gym.motion.hip_thrust import HipThrust
from gym.motion.lunge import Lunge
from gym.motion.other import Other
from gym.motion.squat import Squat
from gym.spec import OTHER, Clip

LIFTS: dict[str, type[Squat] | type[Deadlift] | type[Lunge] | type[HipThrust] | type[Other]] = {
    "squat": Squat,
    "deadlift": Deadlift,
    "lunge": Lunge,
    "hip_thrust": HipThrust,
    OTHER: Other,
}


def make_lift(clip: Clip) -> Lift:
    """The motion of a clip."""
    return LIFTS[clip.exercise](Body(clip.body), clip)


__all__ = ["Lift", "Prop", "RepEvent", "Shot", "make_lift"]
