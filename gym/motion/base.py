"""What every exercise gives the rest of the gym: shots over time, rep events, the own stance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from gym.body import Body, Pose
from gym.geometry import Array
from gym.motion.timeline import Timeline
from gym.rig import Rig
from gym.spec import Clip, Rep


@dataclass(frozen=True)
class Prop:
    """A thing placed in the world: mesh name, position (3,) in metres, rotation (3, 3)."""

    name: str
    position: Array
    rotation: Array


@dataclass(frozen=True)
class Shot:
    """The world at one instant."""

    pose: Pose
    props: tuple[Prop, ...]
    phase: str


@dataclass(frozen=True)
class RepEvent:
    """When a rep (or an attempt given up) happens, in seconds of the motion.

    The turn is an interval because a pause holds it: the deepest point of a squat or lunge, the
    top of a deadlift or hip thrust. ``top`` is when the lockout is judged; ``drive`` is the way
    up: from the end of the pause at the bottom to the top.
    """

    kind: str  # rep | partial
    side: str  # both | left | right: the leg that works
    start_s: float
    turn_from_s: float
    turn_to_s: float
    end_s: float
    top_s: float
    drive_from_s: float
    drive_to_s: float


class Lift(ABC):
    """One person doing one set."""

    timeline: Timeline

    def __init__(self, body: Body, clip: Clip) -> None:
        self.body, self.clip, self.motion = body, clip, clip.motion
        self.rig = Rig(body)
        self.events: list[RepEvent] = []
        rng = np.random.default_rng(self.motion.seed)
        self._phases = rng.uniform(0, 2 * np.pi, 12)
        self._rates_hz = rng.uniform(0.15, 0.5, 12)

    @property
    def duration_s(self) -> float:
        """Length of the whole motion."""
        return self.timeline.end_s

    def sway(self, time_s: float, channel: int, amplitude: float) -> float:
        """Slow postural noise of about the given amplitude."""
        rate, phase = 2 * np.pi * self._rates_hz[channel], self._phases[channel]
        slow = np.sin(rate * time_s + phase)
        fast = 0.5 * np.sin(2.3 * rate * time_s + 2 * phase)
        return float(self.motion.sway * amplitude * (slow + fast) / 1.5)

    def tempo(self, rep: Rep) -> tuple[float, float, float, float]:
        """Seconds down, at the turn, up and at rest."""
        return rep.tempo_s or self.motion.tempo_s

    @abstractmethod
    def shot(self, time_s: float) -> Shot:
        """Pose and props at a time."""

    @abstractmethod
    def stance(self) -> Pose:
        """The person's own upright stance, to which the checks compare."""

    def lockout_reference(self) -> Pose:
        """The posture that a complete lockout reaches; the own stance unless a lift differs."""
        return self.stance()

    @abstractmethod
    def aim(self) -> Array:
        """World point (3,) in the middle of the action, for the camera."""
