"""What people do around a set: walking in, fidgeting, drinking, picking up and putting down.

Each action appends phases to a timeline and ends in the posture in which it began, so that the
set follows without a jump. None of them is a rep.
"""

from __future__ import annotations

from gym.errors import GymError
from gym.motion.timeline import Posture, Timeline

STEP_M = 0.5
STEP_S = 0.55
SWING_M = 0.18


def add_action(line: Timeline, name: str, home: Posture, hinge: Posture, *, loaded: bool) -> None:
    """Append one action; ``hinge`` is a posture whose hands reach the floor."""
    if name == "walk_in":
        walk(line, home, -2.0, 0.0, swing=0.0 if loaded else SWING_M)
    elif name == "walk_out":
        walk(line, home, 0.0, 1.5, swing=0.0 if loaded else SWING_M)
    elif name == "unrack":
        dip = {"hip_z": home["hip_z"] - 0.07, "hip_x": home["hip_x"] + 0.49}
        line.add(0.6, dip, "unrack")
        line.add(0.5, {"hip_z": home["hip_z"], "hip_x": home["hip_x"] + 0.5}, "unrack")
        walk(line, home, 0.5, 0.0, swing=0.0)
    elif name == "rack":
        walk(line, home, 0.0, 0.5, swing=0.0)
        line.add(0.5, {"hip_z": home["hip_z"] - 0.07}, "rack")
    elif name == "fidget":
        fidget(line, home)
    elif name == "drink":
        line.add(0.9, {**home, "drink": 1.0}, "drink")
        line.add(1.0, {}, "drink")
        line.add(0.8, {"drink": 0.0}, "drink")
    elif name in ("pick_up", "put_down"):
        line.add(0.9, {**hinge, "hands": line.last["hands"]}, name)
        line.add(0.3, {"hands": 1.0 if name == "pick_up" else 0.0}, name)
        line.add(0.9, {**home, "hands": line.last["hands"]}, name)
    else:
        raise GymError(f"unknown action {name!r}")


def starts_at(name: str) -> float:
    """Where along x an action begins, if it has to begin somewhere else than at the set."""
    return {"walk_in": -2.0, "unrack": 0.5}.get(name, 0.0)


def shifted(home: Posture, x: float) -> Posture:
    """A posture moved along x, feet and all."""
    move = {"hip_x": home["hip_x"] + x, "xL": home["xL"] + x, "xR": home["xR"] + x}
    return {**home, **move}


def walk(line: Timeline, home: Posture, start: float, stop: float, *, swing: float) -> None:
    """Steps from ``start`` to ``stop`` (m along x, relative to the set's place)."""
    count = max(2, round(abs(stop - start) / STEP_M))
    feet = {"L": start, "R": start}
    for k in range(count + 1):
        side, other = ("L", "R") if k % 2 == 0 else ("R", "L")
        ahead = start + (stop - start) * (k + 1) / count
        feet[side] = stop if k >= count - 1 else ahead
        middle = (feet[side] + feet[other]) / 2
        last = k == count
        target = {
            "hip_x": home["hip_x"] + middle,
            "x" + side: home["x" + side] + feet[side],
            "swing": 0.0 if last else (swing if side == "L" else -swing),
        }
        lift = {"lift" + side: (0.07, "middle")}
        line.add(STEP_S, target, "walk", bump=lift)


def fidget(line: Timeline, home: Posture) -> None:
    """Shifting weight, looking round and loosening the knees: movement without a rep."""
    line.add(0.6, {"shift": 0.05, "roll": -2.0, "yaw": 8.0}, "fidget")
    line.add(0.7, {"shift": -0.04, "roll": 2.0, "yaw": -10.0}, "fidget")
    line.add(0.4, {"hip_z": home["hip_z"] - 0.04, "trunk": home["trunk"] + 8.0}, "fidget")
    line.add(0.5, dict(home), "fidget")
