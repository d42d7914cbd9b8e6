"""Keyframed posture numbers: minimum-jerk from one posture to the next, with pauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gym.geometry import minimum_jerk

Posture = dict[str, float]


def early_bump(u: float) -> float:
    """A smooth hump over [0, 1], one at u = 1/3 and flat at both ends."""
    return 729 / 16 * u**2 * (1 - u) ** 4


def middle_bump(u: float) -> float:
    """A smooth hump over [0, 1], one at u = 1/2 and flat at both ends."""
    return 64 * u**3 * (1 - u) ** 3


BUMPS = {"early": early_bump, "middle": middle_bump}


@dataclass(frozen=True)
class Segment:
    """One phase: from the posture before it to ``target`` in ``duration_s``.

    ``warp`` bends a number's own time course: p ** w for w > 0, its mirror for w < 0.
    ``bump`` adds amplitude times a named hump.
    """

    start_s: float
    duration_s: float
    origin: Posture
    target: Posture
    label: str
    warp: Mapping[str, float] = field(default_factory=dict)
    bump: Mapping[str, tuple[float, str]] = field(default_factory=dict)

    def at(self, time_s: float) -> Posture:
        """Posture at a time inside (or clamped to) the segment."""
        u = self.progress(time_s)
        ease = minimum_jerk(u)
        out: Posture = {}
        for name, end in self.target.items():
            w = self.warp.get(name, 1.0)
            p = ease**w if w > 0 else 1 - (1 - ease) ** -w
            out[name] = self.origin[name] + (end - self.origin[name]) * p
        for name, (amplitude, shape) in self.bump.items():
            out[name] += amplitude * BUMPS[shape](u)
        return out

    def progress(self, time_s: float) -> float:
        """Share of the duration that has passed, 0..1."""
        if self.duration_s <= 0:
            return 1.0
        return float(np.clip((time_s - self.start_s) / self.duration_s, 0.0, 1.0))


class Timeline:
    """Phases one after another; ``end_s`` grows as they are added."""

    def __init__(self, first: Posture) -> None:
        self.segments: list[Segment] = []
        self.last = dict(first)
        self.end_s = 0.0

    def add(
        self,
        duration_s: float,
        change: Mapping[str, float],
        label: str,
        *,
        warp: Mapping[str, float] | None = None,
        bump: Mapping[str, tuple[float, str]] | None = None,
    ) -> float:
        """Append a phase; numbers absent from ``change`` stay. Returns the new end time."""
        if duration_s > 0:
            target = {**self.last, **change}
            segment = Segment(
                self.end_s, duration_s, self.last, target, label, warp or {}, bump or {}
            )
            self.segments.append(segment)
            self.last = target
            self.end_s += duration_s
        return self.end_s

    def segment(self, time_s: float) -> Segment:
        """The phase that holds a time."""
        for segment in self.segments:
            if time_s <= segment.start_s + segment.duration_s:
                return segment
        return self.segments[-1]
