"""Hip thrust (shoulders on a bench) and glute bridge (on the floor): hips from low to straight."""

from __future__ import annotations

import numpy as np

from formcheck.exercises.base import (
    Exercise,
    Posture,
    Variant,
    all_of,
    leg_of_the_rise,
    ramp,
    standing_leg,
)
from formcheck.measures import absolute, at_least_error, at_top, gain_from_bottom, negated
from formcheck.rules import SAGITTAL, Limit, Rule, Source
from formcheck.sources import PRACTICE
from formcheck.types import SIDES, FloatArray, Side, Signals, finite_median

CONTRERAS = Source(
    "study",
    "Contreras, Cronin & Schoenfeld 2011, Barbell hip thrust, Strength Cond J 33(5):58-61: "
    "full hip extension, shins vertical at the top, no over-arching. How many degrees these may be "
    "off is our own",
    "https://doi.org/10.1519/SSC.0b013e31822fa09d",
)


def depth(motion: Signals) -> FloatArray:
    """Mean hip flexion of both legs, degrees; past straight it goes on falling."""
    return motion["hip_flexion_signed_deg"]


KNEES = {
    "both": "knee_flexion_deg",
    "left": "knee_flexion_left_deg",
    "right": "knee_flexion_right_deg",
}


def likeness(posture: Posture) -> float:
    """Hips that rise straight over bent knees with the trunk lying back; one leg may be in the air.

    In sit-ups the shoulders come up instead of the hips, in kicks on all fours one leg, whose shin
    points up while the other lies on the floor. (The hips of rendered and real hip thrusts rise by
    0.14 to 0.49, but plates hide them. They sink by more than 0.1 in none of 370, but do in a
    picture that is upside down.) In crunches the world landmarks, which hang on the hips, may show
    hips that rise; in the picture the shoulders come up and the hips stay: together they change by
    0.02 and more, by -0.03 and less in hip thrusts (over the feet where the camera moves; plates
    hide these).
    """
    top = posture.top
    knee = top[KNEES[standing_leg(top)]]
    still = all_of(
        ramp(posture.change("shoulder_height_ratio"), 0.2, 0.12), ramp(top["hip_split_deg"], 45, 30)
    )
    shins = (_knee_over_ankle(posture, side) for side in SIDES)
    shoulders, hips, feet = (
        posture.change(f"{joint}_in_picture_ratio") for joint in ("shoulder", "hip", "ankle")
    )
    in_picture = min(shoulders + hips, shoulders + hips - 2 * feet)
    return all_of(
        ramp(top["trunk_inclination_deg"], 35, 50),
        ramp(knee, 40, 55),
        ramp(top["hip_flexion_deg"], 75, 55),
        ramp(knee - top["hip_flexion_deg"], 10, 25),
        max(ramp(-posture.change("hip_height_ratio"), 0.02, 0.07), still),
        ramp(posture.change("hip_flexion_deg"), 8, 18),
        ramp(posture.change("hip_height_ratio"), 0.22, 0.12),
        ramp(top["hip_height_ratio"], 0.95, 0.8),
        ramp(in_picture, 0.05, -0.02),
        max(ramp(shin, 0.10, 0.17) for shin in shins),
    )


def _knee_over_ankle(posture: Posture, side: Side) -> float:
    """Mean of top and bottom, in leg lengths: 0.4 to 0.5 where the shin stands on its foot."""
    name = f"knee_over_ankle_{side}_ratio"
    return finite_median(np.array([posture.top[name], posture.bottom[name]]))


def on_the_floor(posture: Posture) -> float:
    """Shoulders about as low as the feet.

    Rendered ones lie at -0.3 to 0.2 while the hips are low, on a bench at 0.5 to 0.8.
    """
    return ramp(posture.bottom["shoulder_height_ratio"], 0.42, 0.28)


def on_one_leg(posture: Posture) -> float:
    """One foot stays up."""
    return min(float(standing_leg(at) != "both") for at in (posture.top, posture.bottom))


VARIANTS = (
    Variant("glute_bridge", lambda p: all_of(on_the_floor(p), 1 - on_one_leg(p))),
    Variant("single_leg_bridge", lambda p: all_of(on_the_floor(p), on_one_leg(p))),
    Variant("single_leg_hip_thrust", lambda p: all_of(1 - on_the_floor(p), on_one_leg(p))),
)


PAST_STRAIGHT_ERROR_DEG = 8.0
"""A bar across the hips hides them: landmarks then sit too high, towards past straight, and that
way only, so it is the over-arching that is hard to tell. Nine of ten readings of rendered hip
thrusts are within this (docs/accuracy.md, stated errors by check: p90)."""


RULES = (
    Rule(
        id="hip_thrust.lockout",
        title="Lockout",
        angle="hip_flexion",
        measured="hip flexion left at the top",
        measure=at_top("hip_flexion"),
        limit=Limit(10.0, "max"),
        views=SAGITTAL,
        source=CONTRERAS,
        cue="Drive the hips up until thigh and trunk are in line: {amount} too low",
        cue_moved="Drive the hips further up: {amount} too low",
        weight=0.6,
        amount=True,
    ),
    Rule(
        id="hip_thrust.shank_vertical",
        title="Shins vertical at the top",
        angle="shank_inclination",
        measured="how far the shin is from vertical at the top, either way",
        measure=absolute(at_top("shank_inclination")),
        limit=Limit(15.0, "max"),
        views=SAGITTAL,
        source=CONTRERAS,
        cue="Move the feet so that the shins stand upright at the top: {amount} too far off, so "
        "further out if the knees are past the ankles, else nearer",
    ),
    Rule(
        id="hip_thrust.range",
        title="Full range",
        angle="hip_flexion",
        measured="how much the hip opens from the bottom to the top",
        measure=gain_from_bottom("hip_flexion"),
        limit=Limit(30.0, "min"),
        views=SAGITTAL,
        source=PRACTICE,
        cue="Lower the hips further before each drive: {amount} more",
    ),
    Rule(
        id="hip_thrust.overarch",
        title="No over-arching",
        angle="hip_flexion",
        measured="how far past straight the hip is at the top",
        measure=at_least_error(negated(at_top("hip_flexion")), PAST_STRAIGHT_ERROR_DEG),
        limit=Limit(10.0, "max"),
        views=SAGITTAL,
        source=PRACTICE,
        cue="Stop when the hips are straight and keep the ribs down: {amount} too far",
        amount=True,
    ),
)

EXERCISE = Exercise(
    id="hip_thrust",
    title="Hip thrust",
    turn="top",
    depth=depth,
    likeness=likeness,
    rules=RULES,
    headline_angle="hip_flexion",
    side=leg_of_the_rise,
    variants=VARIANTS,
    standing=False,
    heaves=True,
)
