"""Lunge: one leg in front (forward, reverse, split, walking, alternating sides)."""

from __future__ import annotations

import numpy as np

from formcheck.exercises.base import (
    Exercise,
    Posture,
    Variant,
    all_of,
    ankles_apart,
    front_leg,
    hangs,
    lowers,
    ramp,
    stands_elsewhere,
)
from formcheck.measures import (
    at_bottom,
    at_least_error,
    front_hip_short_of_straight,
    heel_rise,
    worst_side,
)
from formcheck.rules import FRONTAL, SAGITTAL, Limit, Rule, Source
from formcheck.sources import FPPA, PRACTICE
from formcheck.types import SIDES, FloatArray, Signals

CONVENTION = Source(
    "convention", "Front thigh about parallel to the floor, front knee about 90 degrees"
)
FRONT_KNEE_ERROR_DEG = 16.0
"""Nine of ten readings of 51 rendered lunges from the front are within this of the truth, which
they hardly follow (correlation 0.2): pose models draw the front knee where knees usually are."""


def depth(motion: Signals) -> FloatArray:
    """Mean knee flexion of both legs, degrees."""
    return motion["knee_flexion_deg"]


def likeness(posture: Posture) -> float:
    """Upright, the hips sink between two legs of which one is forward and the other back.

    Behind the front leg the rear thigh is often drawn as far forward as the front one, the more the
    deeper: who stands with feet apart before and after has not brought them together. Much farther
    apart than at the bottom they are where a leg swings.
    """
    top, bottom = posture.top, posture.bottom
    edges = min(edge["stagger_ratio"] for edge in (posture.start, posture.end))
    return all_of(
        ramp(top["trunk_inclination_deg"], 55, 40),
        ramp(top["knee_flexion_deg"], 70, 50),
        ramp(bottom["knee_flexion_deg"], 30, 45),
        ramp(max(bottom["stagger_ratio"], edges), 0.52, 0.70),
        ramp(bottom["stagger_ratio"] - edges, -0.8, -0.5),
        ramp(-posture.change("hip_height_ratio"), 0.04, 0.10),
        ramp(_sinks_and_rises(posture), 0.0, 0.06),
        ramp(bottom["trunk_inclination_deg"], 65, 50),
        lowers(posture),
        1 - hangs(posture),
        1 - stands_elsewhere(posture),
    )


def _sinks_and_rises(posture: Posture) -> float:
    """How much further the hips sink and come up than one stance is lower than the other.

    In leg lengths. Who steps into a split, to stay there, bends the knees on the way, and is about
    as low afterwards. Real lunges give 0.25 and more, the steps of rendered people less than 0.
    """
    edges = posture.start["hip_height_ratio"], posture.end["hip_height_ratio"]
    lower, higher = float(np.fmin(*edges)), float(np.fmax(*edges))
    return lower - posture.bottom["hip_height_ratio"] - (higher - lower)


def feet_moved(posture: Posture) -> tuple[tuple[float, float], tuple[float, float]]:
    """How far the front and the rear foot went in the picture, on the way down and up."""
    left, right = (posture.moved(f"ankle_{side}_along_picture_ratio") for side in SIDES)
    left_ahead = posture.bottom["hip_flexion_left_deg"] >= posture.bottom["hip_flexion_right_deg"]
    return (left, right) if left_ahead else (right, left)


def steps(ratio: float) -> float:
    """How much a foot was moved: seen from the side a step is 0.4 to 0.9 leg lengths long."""
    return ramp(abs(ratio), 0.2, 0.3)


def stays(ratio: float) -> float:
    """How much it was not; a foot that is not seen does neither."""
    return ramp(abs(ratio), 0.3, 0.2)


def forward(posture: Posture) -> float:
    """The front foot steps out and back."""
    front, rear = feet_moved(posture)
    return all_of(*map(steps, front), *map(stays, rear))


def reverse(posture: Posture) -> float:
    """The rear foot steps back and returns."""
    front, rear = feet_moved(posture)
    return all_of(*map(steps, rear), *map(stays, front))


def walking(posture: Posture) -> float:
    """The front foot steps out and stays, the rear foot follows."""
    front, rear = feet_moved(posture)
    return all_of(steps(front[0]), stays(front[1]), steps(rear[1]), stays(rear[0]))


def split(posture: Posture) -> float:
    """Both feet stay where they are all the time, one ahead of the other."""
    front, rear = feet_moved(posture)
    strides = (ramp(edge["stride_ratio"], 0.2, 0.3) for edge in (posture.start, posture.end))
    return all_of(*map(stays, front), *map(stays, rear), *strides)


def rear_foot_up(posture: Posture) -> float:
    """The rear foot is on a bench throughout."""
    throughout = (posture.start, posture.bottom, posture.end)
    return all_of(*(ramp(abs(ankles_apart(at)), 0.2, 0.32) for at in throughout))


VARIANTS = (
    Variant("forward_lunge", forward),
    Variant("reverse_lunge", reverse),
    Variant("walking_lunge", walking),
    Variant("split_squat", lambda posture: all_of(split(posture), 1 - rear_foot_up(posture))),
    Variant("bulgarian_split_squat", rear_foot_up),
)

RULES = (
    Rule(
        id="lunge.depth",
        title="Depth",
        angle="thigh_inclination",
        measured=(
            "thigh inclination of the front leg at the bottom, 0 level and positive with the "
            "hip above the knee"
        ),
        measure=at_bottom("thigh_inclination"),
        limit=Limit(15.0, "max"),
        views=SAGITTAL,
        source=CONVENTION,
        cue="Sink until the front thigh is near level: {amount} further",
        cue_moved="Sink deeper: the front thigh stays {amount} too steep",
        full_deg=30.0,
        weight=0.6,
    ),
    Rule(
        id="lunge.lockout",
        title="Lockout",
        angle="hip_flexion",
        measured="hip flexion of the front leg left at the top, over that of the own stance, "
        "and what pose models leave out of it",
        measure=front_hip_short_of_straight,
        limit=Limit(15.0, "max"),
        views=SAGITTAL,
        source=PRACTICE,
        cue="Finish by squeezing the front hip straight: {amount} too bent",
        weight=0.5,
        amount=True,
    ),
    Rule(
        id="lunge.trunk_lean",
        title="Upright trunk",
        angle="trunk_inclination",
        measured="trunk inclination at the bottom",
        measure=at_bottom("trunk_inclination"),
        limit=Limit(30.0, "max"),
        views=SAGITTAL,
        source=PRACTICE,
        cue="Stay taller over the hips: the trunk leans {amount} too far",
        amount=True,
    ),
    Rule(
        id="lunge.front_heel_rise",
        title="Front heel stays down",
        angle="foot_pitch",
        measured=(
            "pitch of the front foot at the bottom over that of the own stance, by the shoe in the "
            "pictures or, where that is less sure, by the landmarks"
        ),
        measure=heel_rise,
        limit=Limit(10.0, "max"),
        views=SAGITTAL,
        source=PRACTICE,
        cue="Press through the whole front foot: the heel lifts {amount} too far",
        amount=True,
    ),
    Rule(
        id="lunge.knee_valgus",
        title="Front knee over the foot",
        angle="knee_valgus",
        measured="largest knee valgus of a repetition, over that of the own stance",
        measure=at_least_error(worst_side("knee_valgus"), FRONT_KNEE_ERROR_DEG),
        limit=Limit(10.0, "max"),
        views=FRONTAL,
        source=FPPA,
        cue="Keep the front knee over the toes: {amount} too far inward",
        amount=True,
    ),
)

EXERCISE = Exercise(
    id="lunge",
    title="Lunge",
    turn="bottom",
    depth=depth,
    likeness=likeness,
    rules=RULES,
    headline_angle="knee_flexion",
    side=front_leg,
    variants=VARIANTS,
    feet="step",
)
