"""What an exercise is: how its repetitions show, how it is told from others, and its rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from formcheck.measures import Reader
from formcheck.reps import Turn
from formcheck.rules import Rule
from formcheck.types import SIDES, FloatArray, Leg, Rep, Side, Signals, finite_median

Feet = Literal["", "stay", "step"]


@dataclass(frozen=True, slots=True)
class Posture:
    """One repetition as recognition sees it: motion signals at its top and at its bottom.

    ``top`` and ``bottom`` map a name of :func:`formcheck.motion.motion_signals` to its value, and
    so do ``start`` and ``end``.
    """

    top: dict[str, float]
    bottom: dict[str, float]
    start: dict[str, float] = field(default_factory=dict)
    end: dict[str, float] = field(default_factory=dict)

    def change(self, name: str) -> float:
        """Bottom minus top."""
        return self.bottom[name] - self.top[name]

    def moved(self, name: str) -> tuple[float, float]:
        """How far something went from the start to the bottom, and from there to the end."""
        return self.bottom[name] - self.start[name], self.end[name] - self.bottom[name]


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to do an exercise that its movement tells.

    ``id`` is its name, words joined by ``_``. ``likeness`` says from 0 to 1 how much a repetition
    looks like it.
    """

    id: str
    likeness: Callable[[Posture], float]


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise, whole: a module of this package that defines ``EXERCISE`` adds it.

    So does a plug-in (docs/plugins.md).

    ``depth`` turns motion signals into the counting signal (N,) in degrees, large at the bottom.
    ``likeness`` says from 0 to 1 how much a repetition looks like this exercise.
    ``side`` names the working leg of a repetition; what most of a set say holds for all.
    ``headline_angle`` is drawn on the pictures.
    ``measures`` are reported and judged by no rule. ``variants`` are named and judged alike.
    ``standing``: done on the feet, so that a clip full of planks and push-ups cannot hold it, and
    a body that is drawn upside down is no part of it.
    ``back_at``: shares of the rise (0 bottom, 1 top) at which the back line is looked at.
    ``feet``: what they do from the start of a repetition to its end, so that pictures show a heel
    that rises; only for those that turn at the bottom ("": no picture is looked at).
    ``heaves``: of the body only the hips move, up and down, and the lower the deeper, so that
    pictures show the repetitions, also those of a body that the pose model loses.
    ``refines``: the exercise that this is a variant of; where repetitions look like both, it is
    taken for this one. ``origin``: what the code of a plug-in is in ("" for our own).
    """

    id: str
    title: str
    turn: Turn
    depth: Callable[[Signals], FloatArray]
    likeness: Callable[[Posture], float]
    rules: tuple[Rule, ...]
    headline_angle: str
    side: Callable[[Signals, Rep], Leg] = lambda _s, _r: "both"
    measures: Mapping[str, Reader] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    back_at: tuple[float, ...] = ()
    standing: bool = True
    feet: Feet = ""
    heaves: bool = False
    refines: str | None = None
    origin: str = ""


def ramp(value: float, zero: float, one: float) -> float:
    """0 at ``zero``, 1 at ``one``, linear between; ``zero > one`` falls instead. NaN gives 0."""
    if np.isnan(value):
        return 0.0
    return float(np.clip((value - zero) / (one - zero), 0.0, 1.0))


def all_of(*parts: float) -> float:
    """The weakest part decides."""
    return min(parts)


HINGE_SLACK = 0.16
"""Near a level trunk plates and thighs hide the hands: they are found this much too high (in leg
lengths)."""


def hinge(bottom: Mapping[str, float]) -> float:
    """How much the bottom is a hip hinge: level trunk, hips bent much further than knees."""
    return all_of(
        ramp(bottom["hip_flexion_deg"] - bottom["knee_flexion_deg"], 25, 45),
        ramp(bottom["trunk_inclination_deg"], 50, 58),
    )


def arms_hang(bottom: Mapping[str, float], zero: float, one: float) -> float:
    """How much the hands hang below the shoulders; less of it is asked for in a hip hinge."""
    slack = HINGE_SLACK * hinge(bottom)
    return ramp(bottom["shoulder_over_wrist_ratio"], zero - slack, one - slack)


FOOT_UP_RATIO = 0.4
"""One ankle higher than the other by this, in leg lengths: that foot is off the floor. (Plates make
the pose model draw one as much too high, but not in most repetitions of a set.)"""


def ankles_apart(at: Mapping[str, float]) -> float:
    """How much higher the left ankle is than the right one, in leg lengths."""
    return at["ankle_height_left_ratio"] - at["ankle_height_right_ratio"]


def standing_leg(at: Mapping[str, float], up_ratio: float = FOOT_UP_RATIO) -> Leg:
    """The leg that carries the body; both when neither foot is up or one is not seen."""
    left_up = ankles_apart(at)
    if not abs(left_up) >= up_ratio:
        return "both"
    return "right" if left_up > 0 else "left"


def leg_of_the_start(signals: Signals, rep: Rep, up_ratio: float = FOOT_UP_RATIO) -> Leg:
    """The leg that carries the first quarter of the rise to the top."""
    return _leg_over(signals, rep.start, rep.start + (rep.turn - rep.start) // 4, up_ratio)


def leg_of_the_rise(signals: Signals, rep: Rep) -> Leg:
    """The leg that carries the first and the last quarter of the rise to the top."""
    first = leg_of_the_start(signals, rep)
    quarter = (rep.turn - rep.start) // 4
    last = _leg_over(signals, rep.turn - quarter, rep.turn, FOOT_UP_RATIO)
    return first if first == last else "both"


def _leg_over(signals: Signals, first: int, last: int, up_ratio: float) -> Leg:
    names = (f"ankle_height_{side}_ratio" for side in SIDES)
    at = {name: finite_median(signals[name][first : last + 1]) for name in names}
    return standing_leg(at, up_ratio)


def lowers(posture: Posture) -> float:
    """How much somebody on their feet may have gone down: shoulders or hips do in the picture.

    In one that follows the lifter they may not, but then the feet come up, or the shoulders are as
    high over the lower one at the top as in standing, 1.5 to 1.7 leg lengths, and come nearer to
    it. On a leg press or leg extension nothing goes up but the feet, by 0.31 at most.
    """
    tall, low = (_over_the_lower_foot(at) for at in (posture.top, posture.bottom))
    return max(
        ramp(-posture.change("shoulder_in_picture_ratio"), 0.03, 0.08),
        ramp(-posture.change("hip_in_picture_ratio"), 0.10, 0.16),
        ramp(posture.change("ankle_in_picture_ratio"), 0.31, 0.36),
        all_of(ramp(tall, 1.46, 1.54), ramp(tall - low, 0.06, 0.12)),
    )


def _over_the_lower_foot(at: Mapping[str, float]) -> float:
    """How high the shoulders are over the foot that stands; the other may be on a bench."""
    middle = at["shoulder_in_picture_ratio"] - at["ankle_in_picture_ratio"]
    return middle + (at["ankle_height_left_ratio"] + at["ankle_height_right_ratio"]) / 2


MOST_OFF_A_BOX = 0.84
"""What :func:`stands_elsewhere` takes off a likeness at the most: a camera in the hand may have
been aimed anew in one repetition, which still counts (``ACCEPT_KNOWN``) beside others."""


def stands_elsewhere(posture: Posture) -> float:
    """How much higher or lower the whole body stands at the end: on a box, or down from it.

    Feet and hips then rise or sink alike; of whoever walks towards the camera the feet sink more.
    Between the start and the end of real squats a camera in the hand moves by 0.2 leg lengths.
    """
    feet, hips = (
        posture.end[f"{joint}_in_picture_ratio"] - posture.start[f"{joint}_in_picture_ratio"]
        for joint in ("ankle", "hip")
    )
    up, down = float(np.minimum(feet, hips)), float(np.minimum(-feet, -hips))
    least = max(up, down)
    alike = ramp(least / max(abs(feet), abs(hips), 1e-3), 0.6, 0.75)
    return MOST_OFF_A_BOX * all_of(ramp(least, 0.24, 0.32), alike)


def feet_rise(posture: Posture) -> float:
    """How much the feet come up to the hips instead of the hips down to the feet.

    A camera that goes down with somebody who squats shows the same; but whoever hangs stays upright
    or has the hands high above (:func:`hangs`), and whoever sinks on free feet leans, or would fall
    over backwards.
    """
    rise, beyond = _rise(posture)
    upright = ramp(posture.bottom["trunk_inclination_deg"], 18, 10)
    return max(hangs(posture), all_of(ramp(rise, 0.3, 0.45), ramp(beyond, 0.0, 0.2), upright))


def hangs(posture: Posture) -> float:
    """How much the feet come up while hands high above hold the shoulders: knees raised on a bar.

    Shoulders go up and down by 0.11 leg lengths then; who lowers a weight overhead before a camera
    that looks down, or follows half-way, sinks by 0.2 and more.
    """
    rise, beyond = _rise(posture)
    hands_up = ramp(-posture.bottom["shoulder_over_wrist_ratio"], 0.4, 0.55)
    held = ramp(posture.change("shoulder_in_picture_ratio"), -0.2, -0.12)
    return all_of(ramp(rise, 0.15, 0.25), ramp(beyond, 0.0, 0.1), hands_up, held)


def _rise(posture: Posture) -> tuple[float, float]:
    """How far the feet rise in the picture, and how much further than the hips fall."""
    rise = posture.change("ankle_in_picture_ratio")
    return rise, rise + posture.change("hip_in_picture_ratio")


def front_leg(signals: Signals, rep: Rep) -> Side:
    """The leg whose hip is more flexed around the turn, or nearest to it where it is not seen."""
    hips = {side: signals[f"hip_flexion_{side}_deg"] for side in SIDES}
    inside = np.arange(rep.start, rep.end + 1)
    seen = inside[np.isfinite(hips["left"][inside] + hips["right"][inside])]
    nearest = seen[np.argsort(np.abs(seen - rep.turn), kind="stable")[:5]]
    left, right = (finite_median(hips[side][nearest]) for side in SIDES)
    return "left" if left >= right else "right"
