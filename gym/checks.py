"""The checks: their limits (one table), their true values, and the verdict each should get.

The limits are the contract's (docs/gym.md lists them). They are compared to the *measured* truth of
the finished motion, never to what was asked of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gym.geometry import Array
from gym.joints import JOINTS
from gym.motion import Lift, RepEvent
from gym.motion.standing import FPPA_MIN_THIGH_DEG
from gym.track import Track, reference_track

SIDE_VIEWS = ("side", "oblique")
FRONT_VIEWS = ("front",)


@dataclass(frozen=True)
class Check:
    """A row of the table: which measure fails on which side of its limit, and where it is seen.

    ``least``: the truth is never below; what lies below is another fault's business.
    """

    id: str
    limit: float
    unit: str
    fails: str  # above | below
    views: tuple[str, ...]
    least: float = -math.inf

    def distance(self, value: float) -> float:
        """How far a value is beyond the limit; negative = on the passing side."""
        return value - self.limit if self.fails == "above" else self.limit - value

    def verdict(self, value: float) -> str:
        """``pass`` or ``fail``, without a margin: the truth has no error."""
        return "fail" if self.distance(value) > 0 else "pass"


CHECKS = {
    check.id: check
    for check in (
        Check("squat.depth", 0.0, "deg", "above", SIDE_VIEWS),
        Check("squat.lockout", 10.0, "deg", "above", SIDE_VIEWS),
        Check("squat.trunk_tibia", 20.0, "deg", "above", SIDE_VIEWS),
        Check("squat.hips_rise_first", 10.0, "deg", "above", SIDE_VIEWS),
        Check("squat.heel_rise", 10.0, "deg", "above", SIDE_VIEWS),
        Check("squat.knee_valgus", 10.0, "deg", "above", FRONT_VIEWS),
        Check("deadlift.lockout", 10.0, "deg", "above", SIDE_VIEWS),
        Check("deadlift.overextension", 10.0, "deg", "above", SIDE_VIEWS),
        Check("deadlift.back_rounding", 32.0, "deg", "above", ("side",)),
        Check("deadlift.hips_rise_first", 10.0, "deg", "above", SIDE_VIEWS),
        Check("deadlift.knee_dominant", 0.0, "deg", "below", SIDE_VIEWS),
        Check("deadlift.arm_bend", 20.0, "deg", "above", SIDE_VIEWS),
        Check("lunge.depth", 15.0, "deg", "above", SIDE_VIEWS),
        Check("lunge.lockout", 15.0, "deg", "above", SIDE_VIEWS),
        Check("lunge.trunk_lean", 30.0, "deg", "above", SIDE_VIEWS),
        Check("lunge.front_heel_rise", 10.0, "deg", "above", SIDE_VIEWS),
        Check("lunge.knee_valgus", 10.0, "deg", "above", FRONT_VIEWS),
        Check("hip_thrust.lockout", 10.0, "deg", "above", SIDE_VIEWS),
        Check("hip_thrust.shank_vertical", 15.0, "deg", "above", SIDE_VIEWS),
        Check("hip_thrust.range", 30.0, "deg", "below", SIDE_VIEWS),
        Check("hip_thrust.overarch", 10.0, "deg", "above", SIDE_VIEWS, least=0.0),
    )
}


@dataclass(frozen=True)
class RepView:
    """One rep seen through its track and the person's references."""

    track: Track
    own: Track  # the own upright stance
    lockout: Track  # what a complete lockout reaches
    event: RepEvent

    @property
    def turn_s(self) -> float:
        """Middle of the turn."""
        return (self.event.turn_from_s + self.event.turn_to_s) / 2

    @property
    def sides(self) -> tuple[str, ...]:
        """The legs that work."""
        return ("left", "right") if self.event.side == "both" else (self.event.side,)

    def mean(self, name: str, time_s: float) -> float:
        """An angle of the working side(s) at an instant, averaged over both if both work."""
        return float(np.mean([self.track.at(f"{name}_{s}_deg", time_s) for s in self.sides]))

    def mean_of(self, reference: Track, name: str) -> float:
        """An angle of a reference posture, averaged like ``mean``."""
        return float(np.mean([reference.angles[f"{name}_{s}_deg"][0] for s in self.sides]))

    def short_of(self, name: str) -> float:
        """Flexion left at the top over what a complete lockout reaches."""
        return self.mean(name, self.event.top_s) - self.mean_of(self.lockout, name)

    def peak(self, name: str, start_s: float, end_s: float) -> float:
        """Largest value in an interval over the working sides."""
        sides = [self.track.between(f"{name}_{s}_deg", start_s, end_s) for s in self.sides]
        return float(max(side.max() for side in sides))


def _deepest_thigh(r: RepView) -> float:
    e = r.event
    names = [f"thigh_inclination_{s}_deg" for s in r.sides]
    both = np.mean([r.track.between(n, e.turn_from_s, e.turn_to_s) for n in names], axis=0)
    return float(both.min())


def _lockout(r: RepView) -> float:
    return max(r.short_of("hip_flexion"), r.short_of("knee_flexion"))


def _trunk_tibia(r: RepView) -> float:
    trunk = r.track.at("trunk_inclination_deg", r.turn_s)
    return trunk - r.mean("shank_inclination", r.turn_s)


def _hips_rise_first(r: RepView) -> float:
    """Trunk inclination gained until the shoulders have risen by a third of their way up."""
    e, track = r.event, r.track
    height = track.joints_m[:, JOINTS.index("shoulder_mid"), 2]
    times = np.linspace(e.drive_from_s, e.drive_to_s, 301)
    rise = np.interp(times, track.time_s, height)
    third = times[int(np.argmax(rise >= rise[0] + (rise.max() - rise[0]) / 3))]
    trunk = track.between("trunk_inclination_deg", e.drive_from_s, float(third))
    return float(trunk.max() - trunk[0])


def _heel_rise(r: RepView) -> float:
    own = r.mean_of(r.own, "foot_pitch")
    # a step lifts the whole foot: look at it where the rep is deep
    return r.peak("foot_pitch", r.event.turn_from_s, r.event.turn_to_s) - own


def _knee_valgus(r: RepView) -> float:
    largest = -90.0
    for side in r.sides:
        own = r.own.angles[f"knee_valgus_{side}_deg"][0]
        span = (r.event.start_s, r.event.end_s)
        thigh = r.track.between(f"thigh_inclination_{side}_deg", *span)
        value = r.track.between(f"knee_valgus_{side}_deg", *span)
        seen = value[thigh >= FPPA_MIN_THIGH_DEG]
        if len(seen):
            largest = max(largest, float(seen.max() - own))
    return largest


def _lean_back(r: RepView) -> float:
    own = float(r.own.angles["trunk_inclination_deg"][0])
    return own - r.track.at("trunk_inclination_deg", r.event.top_s)


def _rounding(r: RepView) -> float:
    """Largest spine flexion from the start of the pull until the hands pass the knees."""
    e, track = r.event, r.track
    row = {name: k for k, name in enumerate(JOINTS)}
    hands = track.joints_m[:, [row["wrist_left"], row["wrist_right"]], 2].mean(1)
    knees = track.joints_m[:, [row["knee_left"], row["knee_right"]], 2].mean(1)
    low = (track.time_s >= e.drive_from_s) & (track.time_s <= e.drive_to_s) & (hands < knees)
    start = track.at("spine_flexion_deg", e.drive_from_s)
    spine: Array = track.angles["spine_flexion_deg"][low]
    return float(max(start, spine.max(initial=start)))


def _arm_bend(r: RepView) -> float:
    return r.peak("elbow_flexion", r.event.drive_from_s, r.event.drive_to_s)


def _knee_dominant(r: RepView) -> float:
    """Hips over the knees or, if less, the trunk's lean beyond the shin's: both 0 in a squat."""
    at_s = r.event.drive_from_s
    lean = r.track.at("trunk_inclination_deg", at_s) - r.mean("shank_inclination", at_s)
    return min(r.mean("thigh_inclination", at_s), lean)


def _range(r: RepView) -> float:
    return r.mean("hip_flexion", r.event.drive_from_s) - r.mean("hip_flexion", r.event.top_s)


def _overarch(r: RepView) -> float:
    spine = -r.track.at("spine_flexion_deg", r.event.top_s)
    least = CHECKS["hip_thrust.overarch"].least
    return max(-r.mean("hip_flexion", r.event.top_s), spine, least)


MEASURES: dict[str, Callable[[RepView], float]] = {
    "squat.depth": _deepest_thigh,
    "squat.lockout": _lockout,
    "squat.trunk_tibia": _trunk_tibia,
    "squat.hips_rise_first": _hips_rise_first,
    "squat.heel_rise": _heel_rise,
    "squat.knee_valgus": _knee_valgus,
    "deadlift.lockout": _lockout,
    "deadlift.overextension": _lean_back,
    "deadlift.back_rounding": _rounding,
    "deadlift.hips_rise_first": _hips_rise_first,
    "deadlift.knee_dominant": _knee_dominant,
    "deadlift.arm_bend": _arm_bend,
    "lunge.depth": _deepest_thigh,
    "lunge.lockout": lambda r: r.short_of("hip_flexion"),
    "lunge.trunk_lean": lambda r: r.track.at("trunk_inclination_deg", r.turn_s),
    "lunge.front_heel_rise": _heel_rise,
    "lunge.knee_valgus": _knee_valgus,
    "hip_thrust.lockout": lambda r: r.mean("hip_flexion", r.event.top_s),
    "hip_thrust.shank_vertical": lambda r: abs(r.mean("shank_inclination", r.event.top_s)),
    "hip_thrust.range": _range,
    "hip_thrust.overarch": _overarch,
}


def references(lift: Lift) -> tuple[Track, Track]:
    """The own stance and the lockout reference as tracks."""
    own = reference_track(lift, lift.stance())
    return own, reference_track(lift, lift.lockout_reference())


def true_values(exercise: str, rep: RepView) -> dict[str, float]:
    """The measured value of every check of an exercise for one rep."""
    ids = [name for name in CHECKS if name.split(".")[0] == exercise]
    return {name: MEASURES[name](rep) for name in ids}


def view_of(azimuth_deg: float) -> str:
    """The contract's name of a camera azimuth: front < 25, side 65..115, back > 155 degrees."""
    a = abs((azimuth_deg + 180.0) % 360.0 - 180.0)
    if a < 25:
        return "front"
    if a > 155:
        return "back"
    return "side" if 65 <= a <= 115 else "oblique"
