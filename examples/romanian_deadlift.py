"""The Romanian deadlift as a plug-in: copy this file into the folder of your plug-ins.

From standing, the hips go back with the knees only a little bent, the bar slides down the thighs
until the hamstrings stop it, and the hips come forward again. docs/plugins.md explains each part.
"""

from formcheck.exercises.base import Exercise, Posture, all_of, arms_hang, ramp
from formcheck.measures import at_bottom, at_top, back_in_rise, over_stance, short_of_straight
from formcheck.rules import SAGITTAL, SIDE, Limit, Rule
from formcheck.sources import PRACTICE
from formcheck.types import FloatArray, Signals


def depth(motion: Signals) -> FloatArray:
    """What is counted: a signal over time that is large at the bottom, in degrees."""
    return motion["hip_flexion_signed_deg"]


def likeness(posture: Posture) -> float:
    """From 0 to 1: upright, then a deep hinge with hanging arms and knees that stay nearly open."""
    top, bottom = posture.top, posture.bottom
    return all_of(
        ramp(top["trunk_inclination_deg"], 50, 35),
        ramp(top["knee_flexion_deg"], 45, 30),
        ramp(posture.change("hip_flexion_deg"), 20, 32),
        arms_hang(bottom, 0.38, 0.48),
        ramp(top["shoulder_over_wrist_ratio"], 0.34, 0.44),  # a swing takes the hands up
        ramp(bottom["knee_flexion_deg"], 60, 48),
        ramp(bottom["hip_flexion_deg"] - bottom["knee_flexion_deg"], 10, 25),
        ramp(bottom["stagger_ratio"], 0.75, 0.55),
    )


RULES = (
    Rule(
        id="romanian_deadlift.hinge",
        title="Hips go back",
        angle="hip_flexion",
        measured="hip flexion at the bottom",
        measure=at_bottom("hip_flexion"),
        limit=Limit(60.0, "min"),
        views=SAGITTAL,
        source=PRACTICE,
        cue="Push the hips further back: the hinge is {amount} short",
        weight=0.5,
    ),
    Rule(
        id="romanian_deadlift.soft_knees",
        title="Knees stay nearly straight",
        angle="knee_flexion",
        measured="knee flexion at the bottom",
        measure=at_bottom("knee_flexion"),
        limit=Limit(35.0, "max"),
        views=SAGITTAL,
        source=PRACTICE,
        cue="Keep the knees soft but still, it is a hinge and no squat: {amount} too bent",
    ),
    Rule(
        id="romanian_deadlift.lockout",
        title="Lockout",
        angle="hip_flexion",
        measured="hip or knee flexion left at the top, over that of the own stance, "
        "and what pose models leave out of it",
        measure=short_of_straight,
        limit=Limit(10.0, "max"),
        views=SAGITTAL,
        source=PRACTICE,
        cue="Stand up all the way: {amount} too far from straight",
        amount=True,
    ),
    Rule(
        id="romanian_deadlift.back_rounding",
        title="Flat back",
        angle="spine_flexion",
        measured="spine flexion on the way up, over that of the own stance",
        measure=back_in_rise,
        limit=Limit(45.0, "max"),
        views=SIDE,
        source=PRACTICE,
        cue="Brace and keep the back as flat as when you stand: {amount} too round",
        full_deg=30.0,
        weight=0.6,
        amount=True,
    ),
)

EXERCISE = Exercise(
    id="romanian_deadlift",
    title="Romanian deadlift",
    turn="bottom",
    depth=depth,
    likeness=likeness,
    rules=RULES,
    headline_angle="hip_flexion",
    back_at=(0.05, 0.15, 0.3),
    refines="deadlift",
    measures={
        "trunk_over_stance_top": over_stance("trunk_inclination", at_top("trunk_inclination"))
    },
)
