"""Deadlift: a pull from the floor, or from the bottom of a hinge, up to standing."""

from __future__ import annotations

from formcheck.exercises.base import (
    HINGE_SLACK,
    Exercise,
    Posture,
    Variant,
    all_of,
    ankles_apart,
    arms_hang,
    hinge,
    leg_of_the_start,
    lowers,
    ramp,
)
from formcheck.measures import (
    at_bottom,
    at_least_error,
    at_top,
    back_in_rise,
    largest,
    lean_beyond,
    negated,
    or_if_negative,
    over_stance,
    short_of_straight,
    trunk_gain_first_third,
)
from formcheck.rules import SAGITTAL, SIDE, Limit, Rule, Source
from formcheck.sources import IPF_RULES, PRACTICE
from formcheck.types import FloatArray, Leg, Rep, Signals, finite_median

IPF = Source(
    "standard",
    "International Powerlifting Federation, Technical Rules Book: knees locked and shoulders back "
    "at the end of the lift. How many degrees still count as locked is our own",
    IPF_RULES,
)
START = Source(
    "study",
    "Start posture of the conventional deadlift with the hips above the knees",
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC3878967/",
)
ROUNDING = Source(
    "study",
    "Lifters who try to stay neutral still flex the lumbar spine by 60-70 % of its range of some "
    "60 degrees (review of lumbar flexion in lifting, Barbell Medicine); 40 is beyond that. The "
    "limit on the outline of the back is our own: sets labelled rounded read 56-64 degrees (two "
    "lifts of one of them 30), sets labelled good up to 45",
)


def depth(motion: Signals) -> FloatArray:
    """Mean hip flexion of both legs, degrees; past straight it goes on falling."""
    return motion["hip_flexion_signed_deg"]


STAGGER_SLACK = 0.6
"""With a level trunk and the hands near the floor nobody lunges, and a wide stance seen obliquely
reads as a stride of up to a leg's length."""


REAR_FOOT_UP_RATIO = 0.3
"""In a shallow hinge on one leg the other foot rises no higher, in leg lengths."""
LEAST_SPLIT_DEG = 30.0
"""... but its hip is straighter by this. Plates may draw a foot as high, but no hip as straight."""


def likeness(posture: Posture) -> float:
    """Standing with hanging arms, after a hinge or squat that takes the hands to the knees.

    The straighter the legs of the hinge, the higher the hands may stay: a Romanian deadlift. On one
    leg the other one rises behind.
    """
    top, bottom = posture.top, posture.bottom
    slack = HINGE_SLACK * hinge(bottom)
    bent_over = all_of(
        ramp(bottom["trunk_inclination_deg"], 50, 62),
        ramp(bottom["wrist_height_ratio"], 0.55, 0.45),
    )
    one_leg = all_of(
        single_leg(posture),
        ramp(bottom["trunk_inclination_deg"], 35, 50),
        ramp(bottom["knee_flexion_deg"], 75, 60),
    )
    return all_of(
        ramp(top["trunk_inclination_deg"], 50, 35),
        ramp(top["hip_flexion_deg"], 70, 52),
        ramp(posture.change("hip_flexion_deg"), 22, 35),
        lowers(posture),
        arms_hang(bottom, 0.38, 0.48),
        ramp(top["shoulder_over_wrist_ratio"], 0.34 - slack, 0.44 - slack),
        ramp(bottom["wrist_height_ratio"], 0.80 + slack, 0.66 + slack),
        ramp(bottom["trunk_inclination_deg"], 15, 25),
        max(ramp(bottom["stagger_ratio"] - STAGGER_SLACK * bent_over, 0.75, 0.55), one_leg),
    )


def single_leg(posture: Posture) -> float:
    """Down on one leg, the other foot well off the floor."""
    bottom = posture.bottom
    return all_of(
        ramp(abs(ankles_apart(bottom)), REAR_FOOT_UP_RATIO - 0.05, 0.4),
        ramp(bottom["hip_split_deg"], LEAST_SPLIT_DEG - 5, 40),
    )


def side(motion: Signals, rep: Rep) -> Leg:
    """The leg that stands where the other one, its hip straighter, has left the floor."""
    early = slice(rep.start, rep.start + (rep.turn - rep.start) // 4 + 1)
    if not finite_median(motion["hip_split_deg"][early]) >= LEAST_SPLIT_DEG:
        return "both"
    return leg_of_the_start(motion, rep, REAR_FOOT_UP_RATIO)


def romanian(posture: Posture) -> float:
    """A hinge with knees that stay nearly straight and hands that stay off the floor."""
    bottom = posture.bottom
    return all_of(
        ramp(bottom["knee_flexion_deg"], 50, 40),
        ramp(bottom["wrist_height_ratio"], 0.3, 0.4),
        1 - single_leg(posture),
    )


MOST_LEAN_BACK_DEG = -7.0
"""Upright people read down to this (rendered people who stand straight do); further is leaning."""

MOST_BENT_DEG = 12.0
"""Straight hanging arms read 10-20; no more of that than this is put down to the reading."""

BEHIND_PLATES_DEG = 12.0
"""Plates on the floor hide the knees: seven of eight rendered starts read within this."""
HIPS_OVER_KNEES = at_least_error(at_bottom("thigh_inclination"), BEHIND_PLATES_DEG)
TRUNK_OVER_SHIN = at_least_error(
    lean_beyond("trunk_inclination", "shank_inclination"), BEHIND_PLATES_DEG
)
"""By geometry as much as the hips bend more than the knees: below zero it is the start of a squat,
with the hips above the knees or not. Real pulls start at 9 to 50, a squat with a kettlebell at -27.
"""


RULES = (
    Rule(
        id="deadlift.lockout",
        title="Lockout",
        angle="hip_flexion",
        measured="hip or knee flexion left at the top, over that of the own stance, "
        "and what pose models leave out of it",
        measure=short_of_straight,
        limit=Limit(10.0, "max"),
        views=SAGITTAL,
        source=IPF,
        cue="Drive the hips through at the top: {amount} too far from straight",
        weight=0.6,
        amount=True,
    ),
    Rule(
        id="deadlift.overextension",
        title="No leaning back",
        angle="trunk_inclination",
        measured="how much further back the trunk leans at the top than in the own stance",
        measure=negated(
            over_stance(
                "trunk_inclination", at_top("trunk_inclination"), least_deg=MOST_LEAN_BACK_DEG
            )
        ),
        limit=Limit(10.0, "max"),
        views=SAGITTAL,
        source=PRACTICE,
        cue="Finish tall instead of leaning back: {amount} too far",
        amount=True,
    ),
    Rule(
        id="deadlift.back_rounding",
        title="Flat back",
        angle="spine_flexion",
        measured="spine flexion on the way up, over that of the own stance",
        measure=back_in_rise,
        limit=Limit(40.0, "max"),
        views=SIDE,
        source=ROUNDING,
        cue="Brace and keep the back as flat as when you stand: {amount} too round",
        full_deg=30.0,
        weight=0.6,
        amount=True,
    ),
    Rule(
        id="deadlift.hips_rise_first",
        title="Hips and chest rise together",
        angle="trunk_inclination",
        measured="how much further the trunk leans after the first third of the way up",
        measure=trunk_gain_first_third,
        limit=Limit(10.0, "max"),
        views=SAGITTAL,
        source=PRACTICE,
        cue="Push the floor away and keep the chest up: the trunk tips {amount} too far",
        amount=True,
    ),
    Rule(
        id="deadlift.knee_dominant",
        title="A hinge at the start, no squat",
        angle="thigh_inclination",
        measured=(
            "thigh inclination at the start, or how much further the trunk leans than the shin"
        ),
        measure=or_if_negative(HIPS_OVER_KNEES, TRUNK_OVER_SHIN),
        limit=Limit(0.0, "min"),
        views=SAGITTAL,
        source=START,
        cue="Start with the hips higher and the trunk over the bar: {amount} too much of a squat",
    ),
    Rule(
        id="deadlift.arm_bend",
        title="Straight arms",
        angle="elbow_flexion",
        measured="largest elbow flexion on the way up, over that of the own stance",
        measure=over_stance("elbow_flexion", largest("elbow_flexion"), most_deg=MOST_BENT_DEG),
        limit=Limit(20.0, "max"),
        views=SAGITTAL,
        source=PRACTICE,
        cue="Let the arms hang like ropes: the elbows bend {amount} too far",
        weight=0.2,
        amount=True,
    ),
)

EXERCISE = Exercise(
    id="deadlift",
    title="Deadlift",
    turn="top",
    depth=depth,
    likeness=likeness,
    rules=RULES,
    headline_angle="hip_flexion",
    side=side,
    variants=(Variant("romanian_deadlift", romanian), Variant("single_leg_deadlift", single_leg)),
    back_at=(0.0, 0.08, 0.16, 0.24, 0.32),
)
