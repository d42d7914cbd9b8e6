"""Postures of a body that does no lift, and how they make a movement.

A posture holds the inclination of the trunk and the angles of hips, knees, shoulders and elbows,
with the signs of ``docs/gym.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gym.geometry import SIDES
from gym.motion.timeline import Posture


def posture(
    trunk: float = 2.0, hip: float = 2.0, knee: float = 2.0, arm: float = 4.0, **more: float
) -> Posture:
    """A posture with both sides alike; ``hip_L`` and the like set one side.

    ``arm``: of the upper arm from hanging in space, forwards positive; ``out``: arms spread
    sideways; ``apart``: legs spread; ``foot``: heel above the toes; ``lift``: metres above the
    floor. Degrees otherwise. ``spine``: thorax against pelvis, ``head``: its own pitch. Raises
    KeyError for a name that is none of these.
    """
    alike = {"hip": hip, "knee": knee, "arm": arm, "elbow": 8.0, "foot": 0.0, "out": 6.0}
    q = {"trunk": trunk, "spine": 0.0, "apart": 2.0, "lift": 0.0, "head": 0.4 * trunk}
    for name, value in {**alike, **more}.items():
        q |= {name + side: value for side in SIDES} if name in alike else {}
    own = {name.replace("_", ""): value for name, value in more.items() if name not in alike}
    if unknown := set(own) - set(q):
        raise KeyError(f"a posture has no {sorted(unknown)[0]!r}")
    return q | own


def mirrored(q: Posture) -> Posture:
    """Left and right exchanged."""
    other = {"L": "R", "R": "L"}
    return {
        name[:-1] + other[name[-1]] if name[-1] in other else name: value
        for name, value in q.items()
    }


@dataclass(frozen=True)
class Movement:
    """Where it starts, and the cycle that repeats: seconds to get to each posture.

    ``load``: dumbbells, bar (in the hands) or bar_on_back. ``seat``: the hips rest on a bench,
    ``SEAT_M`` high.
    """

    start: Posture
    cycle: Sequence[tuple[float, Posture]]
    load: str = ""
    seat: bool = False
