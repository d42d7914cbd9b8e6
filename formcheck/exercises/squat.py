"""Squat: from standing down and back up on both legs (back, front, goblet, bodyweight, belt)."""

from __future__ import annotations

from formcheck.exercises.base import (
    Exercise,
    Posture,
    Variant,
    all_of,
    arms_hang,
    feet_rise,
    lowers,
    ramp,
    stands_elsewhere,
)
from formcheck.measures import (
    at_bottom,
    heel_rise,
    lean_beyond,
    short_of_straight,
    trunk_gain_first_third,
    worst_side,
)
from formcheck.rules import FRONTAL, SAGITTAL, Limit, Rule, Source
from formcheck.sources import FPPA, IPF_RULES, PRACTICE
from formcheck.types import FloatArray, Signals

IPF = Source(
    "standard",
    "International Powerlifting Federation, Technical Rules Book: the top surface of the legs at "
    "the hip joint lower than the top of the knees; knees locked at the start and the end. How "
    "many degrees still count as locked is our own",
    IPF_RULES,
)
MYER = Source(
    "study",
    "Myer et al. 2014, The back squat: a proposed assessment of functional deficits, "
    "Strength Cond J 36(6):4-27. How many degrees it may be off is our own",
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC4262933/",
)


def depth(motion: Signals) -> FloatArray:
    """Mean of hip and knee flexion of both legs, degrees."""
    signal: FloatArray = (motion["hip_flexion_deg"] + motion["knee_flexion_deg"]) / 2
    return signal


def likeness(posture: Posture) -> float:
    """Upright with straight legs, then both knees bent alike, hands not hanging to the floor.

    The feet stay: hanging from a bar, knees are raised to the same posture, and a step onto a box
    ends on top of it.
    """
    top, bottom = posture.top, posture.bottom
    hanging = all_of(
        arms_hang(bottom, 0.46, 0.54),
        ramp(bottom["wrist_height_ratio"], 0.75, 0.62),
        ramp(top["shoulder_over_wrist_ratio"], 0.44, 0.50),
    )
    return all_of(
        ramp(top["trunk_inclination_deg"], 50, 35),
        ramp(top["knee_flexion_deg"], 70, 50),
        ramp(bottom["knee_flexion_deg"], 35, 50),
        ramp(bottom["trunk_inclination_deg"], 125, 105),
        ramp(posture.change("knee_flexion_deg"), 20, 30),
        ramp(bottom["stagger_ratio"], 0.75, 0.55),
        ramp(-posture.change("hip_height_ratio"), 0.05, 0.12),
        1 - hanging,
        lowers(posture),
        1 - feet_rise(posture),
        1 - stands_elsewhere(posture),
    )


def overhead(posture: Posture) -> float:
    """The hands stay above the head; whether a bar lies on the back or in front nobody can see."""
    hands = (posture.top, posture.bottom)
    return all_of(*(ramp(-at["shoulder_over_wrist_ratio"], 0.3, 0.45) for at in hands))


RULES = (
    Rule(
        id="squat.depth",
        title="Depth",
        angle="thigh_inclination",
        measured=(
            "thigh inclination at the bottom, 0 level and positive with the hip above the knee"
        ),
        measure=at_bottom("thigh_inclination"),
        limit=Limit(0.0, "max"),
        views=SAGITTAL,
        source=IPF,
        cue="Sit deeper until the hip joint is level with the knee: {amount} above it",
        cue_moved="Sit deeper: the hip joint stays {amount} too high",
        full_deg=30.0,
        weight=0.6,
    ),
    Rule(
        id="squat.lockout",
        title="Lockout",
        angle="hip_flexion",
        measured="hip or knee flexion left at the top, over that of the own stance, "
        "and what pose models leave out of it",
        measure=short_of_straight,
        limit=Limit(10.0, "max"),
        views=SAGITTAL,
        source=IPF,
        cue="Stand all the way up before the next one: {amount} too far from straight",
        weight=0.5,
        amount=True,
    ),
    Rule(
        id="squat.trunk_tibia",
        title="Trunk and shin parallel",
        angle="trunk_inclination",
        measured="how much further the trunk leans than the shin at the bottom",
        measure=lean_beyond("trunk_inclination", "shank_inclination"),
        limit=Limit(20.0, "max"),
        views=SAGITTAL,
        source=MYER,
        cue="Keep the chest up and let the knees travel forward: the trunk leans {amount} too far",
        amount=True,
    ),
    Rule(
        id="squat.hips_rise_first",
        title="Hips and chest rise together",
        angle="trunk_inclination",
        measured="how much further the trunk leans after the first third of the way up",
        measure=trunk_gain_first_third,
        limit=Limit(10.0, "max"),
        views=SAGITTAL,
        source=PRACTICE,
        cue="Lead the way up with the chest: the trunk tips {amount} too far at the start",
        amount=True,
    ),
    Rule(
        id="squat.heel_rise",
        title="Heels stay down",
        angle="foot_pitch",
        measured="pitch of the foot at the bottom over that of the own stance, by the shoe in the "
        "pictures or, where that is less sure, by the landmarks",
        measure=heel_rise,
        limit=Limit(10.0, "max"),
        views=SAGITTAL,
        source=MYER,
        cue="Keep the whole foot on the floor: the heel lifts {amount} too far",
        amount=True,
    ),
    Rule(
        id="squat.knee_valgus",
        title="Knees over the feet",
        angle="knee_valgus",
        measured="largest knee valgus of a repetition, over that of the own stance",
        measure=worst_side("knee_valgus"),
        limit=Limit(10.0, "max"),
        views=FRONTAL,
        source=FPPA,
        cue="Push the knees out over the toes: {amount} too far inward",
        amount=True,
    ),
)

EXERCISE = Exercise(
    id="squat",
    title="Squat",
    turn="bottom",
    depth=depth,
    likeness=likeness,
    rules=RULES,
    headline_angle="hip_flexion",
    variants=(Variant("overhead_squat", overhead),),
    feet="stay",
)
