"""What a clip should show: frozen dataclasses, read from JSON with one-line errors.

Angles are degrees in the conventions of ``docs/gym.md``; lengths are metres; times are seconds.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from gym.errors import GymError

VARIANTS: dict[str, tuple[str, ...]] = {
    "squat": ("bodyweight", "high_bar", "low_bar", "front", "goblet"),
    "deadlift": ("conventional", "sumo", "romanian"),
    "lunge": ("split", "forward", "reverse", "walking", "alternating"),
    "hip_thrust": ("bench", "glute_bridge"),
}
OTHER = "other"
MOVEMENTS = (
    "walking",
    "running",
    "high_knees",
    "leg_swing",
    "jumping_jack",
    "calf_raise",
    "biceps_curl",
    "shoulder_press",
    "lateral_raise",
    "front_raise",
    "good_morning",
    "bent_over_row",
    "upright_row",
    "kettlebell_swing",
    "step_up",
    "plank",
    "push_up",
    "mountain_climber",
    "burpee",
    "sit_up",
    "crunch",
    "leg_raise",
    "russian_twist",
    "donkey_kick",
    "bird_dog",
    "rowing_machine",
    "leg_press",
    "leg_extension",
    "seated_press",
    "bench_press",
    "pull_up",
    "hanging_knee_raise",
    "box_jump",
    "lat_pulldown",
    "dip",
    "bench_dip",
    "nordic_curl",
    "back_extension",
    "kickback",
    "cycling",
    "elliptical",
    "jump_rope",
    "cable_row",
    "battle_ropes",
    "boxing",
    "bicycle_crunch",
    "flutter_kick",
    "dead_bug",
    "hip_abduction",
    "leg_curl",
    "seated_leg_curl",
    "kneeling_crunch",
    "half_kneeling_pulldown",
    "ab_wheel",
    "inverted_row",
    "farmers_walk",
    "stair_climber",
    "inchworm",
    "reverse_crunch",
    "v_up",
    "down_dog",
    "ball_slam",
    "marching",
    "squat_thrust",
    "bear_squat",
)
"""What ``other`` clips show: none of the lifts."""
KINDS = {**VARIANTS, OTHER: MOVEMENTS}
T = TypeVar("T")


@dataclass(frozen=True)
class Rep:
    """One repetition's dials; ``None`` means the clean value for the exercise and the body.

    Every dial is reached exactly at the instant at which the check measures it.
    """

    thigh_inclination_deg: float | None = (
        None  # squat, lunge: at the bottom; deadlift: at the start
    )
    lockout_deficit_deg: float = 0.0  # short of the own upright stance (hip thrust: of straight)
    trunk_tibia_deg: float | None = None  # squat: trunk minus shank inclination at the bottom
    trunk_inclination_deg: float | None = None  # lunge: at the bottom
    hips_rise_first_deg: float | None = None  # squat, deadlift: trunk gained in the first third up
    heel_rise_deg: float = 0.0  # squat, lunge: pitch of the foot at the bottom
    knee_valgus_deg: float = 0.0  # squat, lunge: largest FPPA over the own stance
    valgus_side: str = "both"  # both | left | right
    spine_flexion_deg: float = 0.0  # thorax against pelvis over the own stance, at the bottom
    overextension_deg: float = 0.0  # deadlift: leaning back at the top
    arm_bend_deg: float = 0.0  # deadlift: elbow flexion in the pull
    shank_inclination_deg: float | None = None  # hip thrust: at the top
    range_deg: float | None = None  # hip thrust, Romanian deadlift: hip flexion top to bottom
    overarch_deg: float = 0.0  # hip thrust: hip past straight, the lumbar spine arching with it
    shift_m: float = 0.0  # pelvis to the person's left at the bottom
    roll_deg: float = 0.0  # trunk leaning sideways at the bottom
    given_up: float | None = None  # 0..1 of the way to the turn, then back: a partial rep
    tempo_s: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Motion:
    """The set: its reps and what happens around it."""

    reps: tuple[Rep, ...] = (Rep(), Rep(), Rep())
    tempo_s: tuple[float, float, float, float] = (1.3, 0.3, 1.1, 0.6)  # down, turn, up, rest
    before: tuple[str, ...] = ()  # walk_in | fidget | drink | unrack | pick_up
    after: tuple[str, ...] = ()  # rack | put_down | fidget | drink | walk_out
    setup_s: float = 0.8
    rest_after_s: float = 0.8
    lead: str = "left"  # lunge: the front leg of the first rep
    load: str | None = None  # barbell | dumbbells | dumbbell | none; None = the variant's own
    plate_radius_m: float = 0.225
    stance_m: float | None = None  # ankle to the middle
    toe_out_deg: float | None = None
    step_m: float | None = None  # lunge: length of the step
    sway: float = 1.0  # scale of the postural noise
    seed: int = 0


@dataclass(frozen=True)
class Look:
    """Skin, hair and clothes; colours are linear RGB 0..1."""

    skin: tuple[float, float, float] = (0.72, 0.49, 0.38)
    shirt: tuple[float, float, float] | None = (0.05, 0.16, 0.38)
    shorts: tuple[float, float, float] = (0.02, 0.02, 0.025)
    shoe: tuple[float, float, float] = (0.7, 0.7, 0.72)
    hair: tuple[float, float, float] = (0.05, 0.03, 0.02)
    hair_length_m: float = 0.06
    bald: bool = False
    tank_top: bool = False
    sleeve: float = 0.55  # along the arm: 1 = elbow, 2 = wrist
    hem: float = 0.8  # along the leg: 1 = knee, 1.86 = leggings
    loose_m: float = 0.015  # cloth off the body
    swing_m: float = 0.0  # how far loose cloth hangs off and trails behind the motion
    belt: bool = False  # a lifting belt over the shirt
    ponytail_m: float = 0.0  # length; 0 = none


@dataclass(frozen=True)
class Camera:
    """A pinhole camera aimed at the middle of the action."""

    azimuth_deg: float = 90.0  # 0 = in front, 90 = their left side, -90 = their right
    height_m: float | None = None  # of the lens; None = level with the aim
    distance_m: float = 3.0
    tilt_deg: float = 0.0  # added to aiming at the target, positive up
    roll_deg: float = 0.0
    focal_mm: float = 26.0  # 35-mm equivalent along the long side
    width: int = 640
    height: int = 360
    handheld: float = 0.0  # 1 = a hand's slow tremor


@dataclass(frozen=True)
class Extra:
    """A second person: standing still or walking to and fro behind the set."""

    body: str = "female"
    look: Look = field(default_factory=Look)
    at_m: tuple[float, float] = (-1.2, -1.35)
    yaw_deg: float = 0.0
    walk_m: float = 0.0  # length of the path walked


@dataclass(frozen=True)
class Scene:
    """The room, its light and what stands in it."""

    wall: str = "plain"  # plain | brick | panel
    floor: str = "rubber"  # rubber | wood | tile
    wall_rgb: tuple[float, float, float] = (0.55, 0.56, 0.58)
    floor_rgb: tuple[float, float, float] = (0.09, 0.09, 0.10)
    light: str = "gym"  # gym | bright | dim | window | backlit
    exposure: float = 1.0
    clutter: int = 6
    mirror: bool = False
    rack: bool = False
    people: tuple[Extra, ...] = ()
    plate_rgb: tuple[float, float, float] = (0.05, 0.05, 0.06)
    seed: int = 0


@dataclass(frozen=True)
class Video:
    """Timing, sensor noise and compression."""

    fps: float = 25.0
    variable: float = 0.0  # spread of the frame spacing, 0..0.9 of a frame
    noise: float = 2.0  # standard deviation, 8-bit levels
    motion_blur: int = 1  # sub-frames averaged over half the frame time
    crf: int = 23
    trim_start_s: float = 0.0
    trim_end_s: float = 0.0


ABOVE_ZERO = {"camera": ("distance_m", "focal_mm", "width", "height"), "video": ("fps",)}
"""Of which there is no picture at 0."""


@dataclass(frozen=True)
class Clip:
    """Everything about one clip."""

    exercise: str
    variant: str = ""
    body: str = "male"
    motion: Motion = field(default_factory=Motion)
    look: Look = field(default_factory=Look)
    camera: Camera = field(default_factory=Camera)
    scene: Scene = field(default_factory=Scene)
    video: Video = field(default_factory=Video)

    def __post_init__(self) -> None:
        if self.exercise not in KINDS:
            raise GymError(f"unknown exercise {self.exercise!r}; known: {', '.join(KINDS)}")
        variant = self.variant or KINDS[self.exercise][0]
        object.__setattr__(self, "variant", variant)
        if variant not in KINDS[self.exercise]:
            known = ", ".join(KINDS[self.exercise])
            raise GymError(f"unknown variant {variant!r} of {self.exercise}; known: {known}")
        if not self.motion.reps:
            raise GymError("a clip needs at least one rep")
        for part, names in ABOVE_ZERO.items():
            for name in names:
                if not getattr(getattr(self, part), name) > 0:
                    raise GymError(f"spec.{part}.{name}: expected a number above 0")
        _check_tempo(self.motion.tempo_s, "spec.motion.tempo_s")
        for k, rep in enumerate(self.motion.reps):
            where = f"spec.motion.reps[{k}]"
            _check_tempo(rep.tempo_s or self.motion.tempo_s, f"{where}.tempo_s")
            if rep.given_up is not None and not 0 < rep.given_up < 1:
                raise GymError(f"{where}.given_up: expected a number between 0 and 1")


def _check_tempo(tempo_s: tuple[float, float, float, float], where: str) -> None:
    """Ways take time: what is done in none is not done, and its rep would be no rep."""
    down_s, turn_s, up_s, rest_s = tempo_s
    if min(down_s, up_s) <= 0 or min(turn_s, rest_s) < 0:
        raise GymError(f"{where}: down and up take more than 0 s, turn and rest 0 s or more")


def to_dict(value: Any) -> dict[str, Any]:
    """A spec as plain JSON data."""
    data: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(value)))
    return data


def from_dict(data: dict[str, Any]) -> Clip:
    """A spec from plain JSON data; unknown or mistyped keys raise ``GymError``."""
    return _build(Clip, data, "spec")


def load(path: Path) -> Clip:
    """Read a spec file."""
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise GymError(f"cannot read the spec {path}: {error}") from None
    return from_dict(data)


def _build(cls: type[T], data: Any, where: str) -> T:
    if not isinstance(data, dict):
        raise GymError(f"{where}: expected an object, got {data!r}")
    hints = typing.get_type_hints(cls)
    unknown = sorted(set(data) - set(hints))
    if unknown:
        raise GymError(f"{where}: unknown key {unknown[0]!r}")
    try:
        return cls(**{k: _convert(hints[k], v, f"{where}.{k}") for k, v in data.items()})
    except TypeError as error:
        raise GymError(f"{where}: {error}") from None


def _convert(hint: Any, value: Any, where: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _convert(next(a for a in args if a is not type(None)), value, where)
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise GymError(f"{where}: expected a list, got {value!r}")
        kinds = [args[0]] * len(value) if args[-1] is Ellipsis else args
        if len(kinds) != len(value):
            raise GymError(f"{where}: expected {len(kinds)} values, got {len(value)}")
        return tuple(_convert(k, v, where) for k, v in zip(kinds, value, strict=True))
    if dataclasses.is_dataclass(hint):
        return _build(typing.cast("type[Any]", hint), value, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint):
        raise GymError(f"{where}: expected {hint.__name__}, got {value!r}")
    if isinstance(value, float) and not math.isfinite(value):
        raise GymError(f"{where}: expected a number, got {value!r}")
    return value
