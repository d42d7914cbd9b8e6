"""A benchmark set from a seed: every exercise and variant, faults on both sides of every limit.

Clip k of a seed is always the same clip, whatever the size of the set.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np

from gym.body import Body, shape_names
from gym.errors import GymError
from gym.geometry import rot_z
from gym.motion import make_lift
from gym.motion.movements import cycle_s
from gym.spec import (
    MOVEMENTS,
    OTHER,
    VARIANTS,
    Camera,
    Clip,
    Extra,
    Look,
    Motion,
    Rep,
    Scene,
    Video,
)

# Ranges of the dials, from well inside the limit to well beyond it.
DIALS: dict[str, dict[str, tuple[float, float]]] = {
    "squat": {
        "thigh_inclination_deg": (-16, 24),
        "lockout_deficit_deg": (0, 26),
        "trunk_tibia_deg": (0, 36),
        "hips_rise_first_deg": (2, 22),
        "heel_rise_deg": (0, 24),
    },
    "deadlift": {
        "lockout_deficit_deg": (0, 26),
        "overextension_deg": (0, 20),
        "spine_flexion_deg": (10, 72),
        "hips_rise_first_deg": (2, 22),
        "thigh_inclination_deg": (24, -10),
        "arm_bend_deg": (0, 45),
    },
    "lunge": {
        "thigh_inclination_deg": (-6, 36),
        "lockout_deficit_deg": (0, 34),
        "trunk_inclination_deg": (2, 48),
        "heel_rise_deg": (0, 24),
    },
    "hip_thrust": {
        "lockout_deficit_deg": (0, 30),
        "shank_inclination_deg": (0, 28),
        "range_deg": (60, 16),
        "overarch_deg": (0, 24),
    },
}
# Thigh inclinations at the bottom of reps without a fault of depth, all inside the limit. Deeper
# squats would need hips that bend by more than 160 degrees over the trunk's lean for balance.
GOOD_DEPTHS_DEG = {"squat": (-12.0, -1.0), "lunge": (-8.0, 13.0)}
CLEAN_SHARE, TWO_FAULTS_SHARE = 0.25, 0.4
SKEW = 0.6  # below 1: more draws beyond the limit than inside, because each dial is drawn rarely
VALGUS = ("knee_valgus_deg", (0.0, 22.0))
SKINS = (
    (0.72, 0.49, 0.38),
    (0.80, 0.58, 0.47),
    (0.55, 0.35, 0.24),
    (0.34, 0.20, 0.13),
    (0.17, 0.10, 0.07),
)
HAIRS = ((0.05, 0.03, 0.02), (0.22, 0.12, 0.05), (0.012, 0.01, 0.01), (0.30, 0.22, 0.12))
SIZES = ((640, 360), (640, 360), (640, 360), (360, 640), (360, 640), (480, 360), (854, 480))
FOCALS_MM = (24.0, 26.0, 28.0, 35.0)
RATES = (15.0, 24.0, 24.0, 25.0, 25.0, 30.0)
# Room a set takes in the picture: along the person's facing, and upwards (m), in statures.
EXTENT = {
    "squat": (0.9, 1.12),
    "deadlift": (0.9, 1.1),
    "lunge": (1.0, 1.1),
    "hip_thrust": (1.05, 0.75),
    OTHER: (1.2, 1.35),
}
OTHER_S = 7.0  # about how long a clip of another movement goes on


def clip_of(seed: int, index: int) -> Clip:
    """Clip ``index`` of a seed's endless set."""
    rng = np.random.default_rng([seed, index])
    exercises = list(VARIANTS)
    exercise = exercises[index % len(exercises)]
    variants = VARIANTS[exercise]
    variant = variants[(index // len(exercises)) % len(variants)]
    body = str(rng.choice(shape_names()))
    azimuth = _azimuth(rng, exercise)
    motion = _motion(rng, exercise, variant, body, abs(azimuth) < 25)
    # a lift that lies or travels is filmed in landscape
    flat = exercise == "hip_thrust" or variant == "walking"
    sizes = [s for s in SIZES if s[0] > s[1]] if flat else SIZES
    size = sizes[rng.integers(len(sizes))]
    camera = _camera(rng, exercise, variant, body, azimuth, size, len(motion.reps))
    scene = _scene(rng, motion, azimuth)
    clip = Clip(exercise, variant, body, motion, _look(rng), camera, scene, _video(rng))
    clip = _lived_in(np.random.default_rng([seed, index, 1]), clip)
    clip = _own_depth(np.random.default_rng([seed, index, 2]), clip)
    make_lift(clip)
    return clip


def other_of(seed: int, index: int) -> Clip:
    """Clip ``index`` of a seed's endless set of other movements, in which nobody does a lift."""
    rng = np.random.default_rng([seed, index, 3])
    variant = MOVEMENTS[index % len(MOVEMENTS)]
    body = str(rng.choice(shape_names()))
    azimuth = _azimuth(rng, "squat")
    pace = float(rng.uniform(0.8, 1.25))  # times as long
    cycles = max(2, round(OTHER_S / pace / cycle_s(variant)))
    down_s, turn_s, up_s, rest_s = Motion().tempo_s
    motion = Motion(
        reps=(Rep(),) * cycles,
        tempo_s=(pace * down_s, turn_s, up_s, rest_s),
        seed=int(rng.integers(1 << 30)),
    )
    camera = _camera(rng, OTHER, variant, body, azimuth, SIZES[rng.integers(len(SIZES))], cycles)
    return Clip(
        OTHER, variant, body, motion, _look(rng), camera, _scene(rng, motion, azimuth), _video(rng)
    )


def _lived_in(rng: np.random.Generator, clip: Clip) -> Clip:
    """Cloth that hangs and trails, belts, pony-tails, and backs that give a little.

    Drawn from a sequence of its own: what was drawn before stays as it was.
    """
    look = clip.look
    if look.loose_m > LOOSE_M:
        look = replace(look, swing_m=float(rng.uniform(0.02, 0.06)))
    lifts_heavy = clip.exercise in ("squat", "deadlift") and clip.variant != "bodyweight"
    if lifts_heavy and rng.random() < 0.25:
        look = replace(look, belt=True)
    if not look.bald and rng.random() < 0.25:
        look = replace(look, ponytail_m=float(rng.uniform(0.16, 0.34)))
    if clip.exercise != "deadlift":
        return replace(clip, look=look)
    # lifters who keep their back flat still flex it
    reps = tuple(
        rep if rep.spine_flexion_deg else replace(rep, spine_flexion_deg=float(rng.uniform(0, 24)))
        for rep in clip.motion.reps
    )
    motion = _reachable(replace(clip.motion, reps=reps), clip.exercise, clip.variant, clip.body)
    return replace(clip, look=look, motion=motion)


def _own_depth(rng: np.random.Generator, clip: Clip) -> Clip:
    """Good reps as deep as this lifter goes by habit, give or take; drawn from its own sequence."""
    if clip.exercise not in GOOD_DEPTHS_DEG:
        return clip
    low, high = GOOD_DEPTHS_DEG[clip.exercise]
    habit = rng.uniform(low, high)
    reps = tuple(
        rep
        if rep.thigh_inclination_deg is not None or rep.given_up is not None
        else replace(rep, thigh_inclination_deg=float(np.clip(habit + spread, low, high)))
        for rep, spread in zip(
            clip.motion.reps, rng.uniform(-2, 2, len(clip.motion.reps)), strict=True
        )
    )
    motion = replace(clip.motion, reps=reps)
    motion = _reachable(motion, clip.exercise, clip.variant, clip.body, clip.motion.reps)
    return replace(clip, motion=motion)


LOOSE_M = 0.02  # cloth farther off the body than this moves by itself


def _azimuth(rng: np.random.Generator, exercise: str) -> float:
    """Side 45 %, oblique 35 %, front 20 % (squat and lunge only), either side of the person."""
    draw = rng.random()
    side = 1 if rng.random() < 0.5 else -1
    if draw < 0.20 and exercise in ("squat", "lunge"):
        return float(side * rng.uniform(0, 18))
    if draw < 0.55:
        low, high = (30, 64) if rng.random() < 0.8 else (116, 140)
        return float(side * rng.uniform(low, high))
    return float(side * rng.uniform(76, 104))


def _motion(
    rng: np.random.Generator, exercise: str, variant: str, body: str, front: bool
) -> Motion:
    count = 2 if variant == "walking" or rng.random() < 0.4 else 3
    reps = _told_apart(tuple(_rep(rng, exercise, variant, front) for _ in range(count)))
    if rng.random() < 0.12:
        reps = (*reps[:-1], Rep(given_up=float(rng.uniform(0.3, 0.55))))
    before, after = _around(rng, exercise, variant)
    speed = float(rng.uniform(0.8, 1.3))
    motion = Motion(
        reps=reps,
        tempo_s=(1.0 * speed, float(rng.uniform(0.1, 0.5)), 0.9 * speed, 0.45),
        before=before,
        after=after,
        setup_s=0.7,
        rest_after_s=0.6,
        lead=str(rng.choice(["left", "right"])),
        load=_load(rng, exercise, variant),
        plate_radius_m=float(rng.choice([0.16, 0.19, 0.225])),
        seed=int(rng.integers(1 << 30)),
    )
    return _reachable(motion, exercise, variant, body)


def _reachable(
    motion: Motion, exercise: str, variant: str, body: str, instead: tuple[Rep, ...] = ()
) -> Motion:
    """Replace reps that this body cannot do by those ``instead`` of them, or by clean ones."""
    kept = []
    for rep, other in itertools.zip_longest(motion.reps, instead, fillvalue=Rep()):
        alone = replace(motion, reps=(rep,), before=(), after=())
        try:
            make_lift(Clip(exercise, variant, body, alone))
            kept.append(rep)
        except GymError:
            kept.append(other)
    return replace(motion, reps=tuple(kept))


def _rep(rng: np.random.Generator, exercise: str, variant: str, front: bool) -> Rep:
    """A clean rep, or one or two dials drawn from their ranges."""
    dials: dict[str, Any] = {}
    if front:
        if rng.random() < 0.65:
            name, (low, high) = VALGUS
            dials[name] = float(rng.uniform(low, high))
        return Rep(**dials)
    if rng.random() < CLEAN_SHARE:
        return Rep()
    names = [n for n in DIALS[exercise] if not (variant == "romanian" and n in _FLOOR_ONLY)]
    for name in rng.choice(names, 2 if rng.random() < TWO_FAULTS_SHARE else 1, replace=False):
        low, high = DIALS[exercise][str(name)]
        dials[str(name)] = float(low + (high - low) * rng.random() ** SKEW)
    if rng.random() < 0.5 and "shank_inclination_deg" in dials:
        dials["shank_inclination_deg"] *= -1  # knees behind the ankles fails as well
    if {"lockout_deficit_deg", "overarch_deg"} <= set(dials):
        del dials["overarch_deg"]  # short of the top and past it exclude each other
    if {"lockout_deficit_deg", "overextension_deg"} <= set(dials):
        del dials["overextension_deg"]
    return Rep(**dials)


LEAST_LOWERED_DEG = 20.0  # of hip flexion between two tops, as much as the shortest range dialled


def _told_apart(reps: tuple[Rep, ...]) -> tuple[Rep, ...]:
    """Reps of which each is lowered into: nobody could count one that starts where the last ended.

    A hip thrust of a short range starts from high up, and one that is short of the top ends low.
    """
    kept = list(reps[:1])
    for last, rep in itertools.pairwise(reps):
        top, before = (-r.overarch_deg or r.lockout_deficit_deg for r in (rep, last))
        lowered = math.inf if rep.range_deg is None else top + rep.range_deg - before
        kept.append(rep if lowered >= LEAST_LOWERED_DEG else replace(rep, range_deg=None))
    return tuple(kept)


_FLOOR_ONLY = ("thigh_inclination_deg", "hips_rise_first_deg")


def _around(
    rng: np.random.Generator, exercise: str, variant: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if exercise == "hip_thrust" or variant == "romanian" or rng.random() < 0.7:
        return (), ()
    choices = ["walk_in", "fidget"]
    if variant in ("high_bar", "low_bar", "front"):
        choices = ["unrack"]
    elif variant != "walking":
        choices.append("drink")
    after = ("rack",) if choices == ["unrack"] and rng.random() < 0.5 else ()
    return (str(rng.choice(choices)),), after


def _load(rng: np.random.Generator, exercise: str, variant: str) -> str | None:
    if exercise == "lunge":
        return str(rng.choice(["none", "dumbbells", "barbell"]))
    if exercise == "hip_thrust":
        return (
            "none" if variant == "glute_bridge" else str(rng.choice(["barbell", "barbell", "none"]))
        )
    if variant == "romanian":
        return str(rng.choice(["barbell", "dumbbells"]))
    return None


def _camera(
    rng: np.random.Generator,
    exercise: str,
    variant: str,
    body: str,
    azimuth: float,
    size: tuple[int, int],
    reps: int,
) -> Camera:
    stature = Body(body).stature_m
    along, up = (x * stature for x in EXTENT[exercise])
    if variant == "walking":
        along += 0.44 * stature * reps
    a = np.radians(azimuth)
    wide = abs(np.sin(a)) * along + abs(np.cos(a)) * 0.9
    focal_mm = float(rng.choice(FOCALS_MM))
    focal_px = max(size) * focal_mm / 36.0
    fill = rng.uniform(0.7, 0.95)
    # the near edge of the action is closer to the lens than its middle
    near = abs(np.cos(a)) * along / 2
    distance = focal_px * max(up / size[1], wide / size[0]) / fill + near
    tilted = rng.random() < 0.2
    return Camera(
        azimuth_deg=azimuth,
        height_m=float(rng.uniform(0.35, 1.4)),
        distance_m=float(np.clip(distance, 1.5, 5.0)),
        focal_mm=focal_mm,
        width=size[0],
        height=size[1],
        roll_deg=float(rng.uniform(-5, 5)) if tilted else 0.0,
        tilt_deg=float(rng.uniform(-2, 2)) if tilted else 0.0,
        handheld=1.0 if rng.random() < 0.08 else 0.0,
    )


def _scene(rng: np.random.Generator, motion: Motion, azimuth: float) -> Scene:
    people: tuple[Extra, ...] = ()
    if rng.random() < 0.15:
        # behind the lifter as the camera sees it, a little to one side
        behind = rot_z(azimuth) @ np.array([-rng.uniform(1.4, 1.9), rng.uniform(-1.2, 1.2), 0.0])
        at = (float(behind[0]), float(behind[1]))
        walk = 2.0 if rng.random() < 0.5 else 0.0
        who = str(rng.choice(shape_names()))
        people = (Extra(who, _look(rng), at, azimuth + 90.0, walk),)
    wall = str(rng.choice(["plain", "brick", "panel"]))
    tint = rng.uniform(0.2, 0.6) * rng.uniform(0.85, 1.15, 3)
    floor = str(rng.choice(["rubber", "wood", "tile"]))
    floors = {"rubber": (0.09, 0.09, 0.10), "wood": (0.32, 0.20, 0.11), "tile": (0.42, 0.42, 0.43)}
    light = str(rng.choice(["gym", "gym", "bright", "dim", "window", "backlit"]))
    r, g, b = (float(x) for x in tint)
    plate = float(rng.uniform(0.03, 0.1))
    return Scene(
        wall=wall,
        floor=floor,
        wall_rgb=(r, g, b),
        floor_rgb=floors[floor],
        light=light,
        clutter=int(rng.integers(0, 8)),
        mirror=bool(rng.random() < 0.08),
        rack="unrack" in motion.before,
        people=people,
        seed=int(rng.integers(1 << 30)),
        plate_rgb=(plate if rng.random() < 0.7 else 0.4, plate, plate),
    )


def _look(rng: np.random.Generator) -> Look:
    def colour() -> tuple[float, float, float]:
        r, g, b = rng.uniform(0.02, 0.5, 3) * rng.uniform(0.2, 1.0)
        return (float(r), float(g), float(b))

    loose = rng.random() < 0.3
    return Look(
        skin=SKINS[rng.integers(len(SKINS))],
        shirt=colour() if rng.random() < 0.93 else None,
        shorts=colour(),
        shoe=colour(),
        hair=HAIRS[rng.integers(len(HAIRS))],
        hair_length_m=float(rng.uniform(0.03, 0.16)),
        bald=bool(rng.random() < 0.1),
        tank_top=bool(rng.random() < 0.25),
        sleeve=float(rng.choice([0.2, 0.55, 0.8, 1.9])),
        hem=float(rng.choice([0.7, 0.85, 1.86])),
        loose_m=float(rng.uniform(0.022, 0.035) if loose else rng.uniform(0.007, 0.016)),
    )


def _video(rng: np.random.Generator) -> Video:
    return Video(
        fps=float(rng.choice(RATES)),
        variable=0.6 if rng.random() < 0.15 else 0.0,
        noise=float(rng.uniform(0.5, 6.0)),
        motion_blur=3 if rng.random() < 0.12 else 1,
        crf=int(rng.integers(20, 32)),
        trim_start_s=1.4 if rng.random() < 0.06 else 0.0,
    )
