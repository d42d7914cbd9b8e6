"""The data that flows from stage to stage: frozen, typed, with shapes and units.

N is the number of analysed frames, L = 33 the landmarks of MediaPipe's pose model.
Arrays are never changed after they have been put into one of these types. NaN means "not seen".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from formcheck.profile_note import ProfileNote
from formcheck.scene import UNKNOWN_SCENE, WHOLE, Box, Scene

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
ImageArray = NDArray[np.uint8]

Side = Literal["left", "right"]
View = Literal["side", "oblique", "front", "back"]
SAGITTAL_VIEWS: tuple[View, ...] = ("side", "oblique")
"""In which flexion and inclination show."""
Leg = Literal["left", "right", "both"]
SIDES: tuple[Side, Side] = ("left", "right")
LEGS: tuple[Leg, ...] = ("left", "right", "both")
"""One leg (or arm), or the mean of the two."""


def finite_median(values: FloatArray) -> float:
    """The median of what was seen; NaN when nothing was."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")


class Landmark(IntEnum):
    """Order of the 33 landmarks of the MediaPipe pose landmarker (its model card)."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


def landmark(side: Side, joint: str) -> Landmark:
    """The landmark of a joint on one side: ``landmark("left", "knee")``."""
    return Landmark[f"{side}_{joint}".upper()]


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """What the container says of a clip. ``width`` and ``height`` are as displayed, in pixels.

    ``slowed``: how many times slower than life it plays, NaN: unknown. ``area``: between black
    bars. ``whole``: not cut off in the middle of a packet. ``state``: of the file when it was
    looked at (:func:`formcheck.clipfile.state_of`).
    """

    name: str
    sha256: str
    duration_s: float
    fps: float
    variable_frame_rate: bool
    width: int
    height: int
    rotation_deg: int
    frames: int
    slowed: float = math.nan
    area: Box = WHOLE
    whole: bool = True
    state: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture: RGB, uint8, (height, width, 3), upright; ``time_s`` from the first frame.

    ``damaged``: the file does not hold all of it.
    """

    index: int
    time_s: float
    image: ImageArray
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class FramePose:
    """The landmarks of one person in one frame.

    ``xy_px`` (L, 2) pixels, x right, y down. ``world_m`` (L, 3) metres about the mid-hip, x right,
    y down, z away from the camera. ``visibility`` and ``presence`` (L,) in 0..1.
    """

    xy_px: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    presence: FloatArray


@dataclass(frozen=True, slots=True)
class PoseTrack:
    """One person over time.

    ``time_s`` (N,), ``xy_px`` (N, L, 2), ``world_m`` (N, L, 3), ``visibility`` and ``presence``
    (N, L): as in :class:`FramePose`, rows of NaN (visibility 0) where nobody was found.
    ``shot`` (N,) counts the uninterrupted shots: it grows by one at each cut. ``noise_px`` (N, L):
    how far smoothing has moved the landmarks; None before it. ``hidden`` (N, L): what a plate
    hides; None where nobody has looked.
    """

    time_s: FloatArray
    xy_px: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    presence: FloatArray
    width: int
    height: int
    shot: IntArray
    scene: Scene = UNKNOWN_SCENE
    noise_px: FloatArray | None = None
    hidden: BoolArray | None = None

    def __len__(self) -> int:
        return len(self.time_s)

    @property
    def seen(self) -> BoolArray:
        """(N,) true where a person was found."""
        found: BoolArray = np.isfinite(self.xy_px[:, Landmark.LEFT_HIP, 0])
        return found

    def point(self, index: Landmark) -> FloatArray:
        """(N, 2) pixels of one landmark."""
        return self.xy_px[:, index]

    def middle(self, joint: str) -> FloatArray:
        """(N, 2) pixels of the midpoint of the left and right joint."""
        return (self.point(landmark("left", joint)) + self.point(landmark("right", joint))) / 2


@dataclass(frozen=True, slots=True)
class CaptureWarning:
    """Something about the capture that limits what can be measured: a code and a sentence.

    ``affects`` names what it makes unmeasurable: angles (``knee_flexion``), the last part of a
    check's id (``hips_rise_first``), or ``tempo``.
    """

    code: str
    message: str
    affects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facing:
    """As :class:`Capture`, over a stretch of frames: ``start`` to ``end`` inclusive."""

    start: int
    end: int
    view: View
    azimuth_deg: float
    azimuth_error_deg: float
    near_side: Side
    warnings: tuple[CaptureWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Capture:
    """How the camera sees the person, over the whole set.

    ``azimuth_deg``: 0 = camera in front, 90 = at the person's side, 180 = behind; NaN unknown.
    ``near_side`` is the side of the body towards the camera. ``roll_deg``: the picture is turned
    clockwise by so much; NaN unknown. ``pitch_deg``: how far down the line from the camera to the
    person points; NaN unknown. ``facings``: where the person turns between repetitions, one for
    each, in order; empty when they keep facing one way.
    """

    view: View
    azimuth_deg: float
    azimuth_error_deg: float
    near_side: Side
    warnings: tuple[CaptureWarning, ...] = ()
    roll_deg: float = math.nan
    roll_error_deg: float = math.nan
    pitch_deg: float = math.nan
    facings: tuple[Facing, ...] = ()

    def blocks(self, *names: str) -> str:
        """The code of the first finding that makes any of these unmeasurable; "" for none."""
        for warning in self.warnings:
            if set(names) & set(warning.affects):
                return warning.code
        return ""


@dataclass(frozen=True, slots=True)
class Signals:
    """Angles and lengths over time, by name; units are in the names.

    ``values[name]`` has shape (N,). ``confidence[name]`` (N,) in 0..1 is the least visibility of
    the landmarks that a value was computed from. ``error[name]`` (N,), in the value's unit: nine of
    ten values are that near to the truth. ``shot`` (N,) as in :class:`PoseTrack`; None: one shot.
    ``slowed``: how many times slower than life the film plays, as far as it is known.
    """

    time_s: FloatArray
    values: Mapping[str, FloatArray]
    confidence: Mapping[str, FloatArray] = field(default_factory=dict)
    error: Mapping[str, FloatArray] = field(default_factory=dict)
    shot: IntArray | None = None
    slowed: float = 1.0

    def __getitem__(self, name: str) -> FloatArray:
        return self.values[name]

    def index_at(self, time_s: float) -> int:
        """The index of the frame nearest to a time in seconds."""
        return int(np.argmin(np.abs(self.time_s - time_s)))


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition, in frame indices of the track. ``turn``: its deepest point, or its top.

    ``side``: the front leg of a lunge, the leg that stands of a lift on one leg, otherwise "both".
    """

    start: int
    turn: int
    end: int
    side: Leg = "both"


@dataclass(frozen=True, slots=True)
class PartialRep:
    """A repetition whose beginning or end is not in the picture, or given up (frame indices)."""

    start: int
    end: int
    reason: Literal["cut_start", "cut_end", "given_up"]


class Verdict(StrEnum):
    """The answer of a check. ``borderline``: within the measurement error of the limit."""

    PASS = "pass"
    BORDERLINE = "borderline"
    FAIL = "fail"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured value with its error (same unit) and the frame that it was read at.

    ``value`` is NaN when it could not be measured; ``reason`` then says why. A value with a reason
    is the least of what it may be: part of it was not seen. ``side``: which of two it is of.
    """

    value: float
    error: float
    unit: str
    at: int
    reason: str = ""
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A rule's verdict on one repetition. ``cue``: what to try; "" where nothing was found."""

    id: str
    verdict: Verdict
    value: float
    limit: float
    margin: float
    unit: str
    at: int
    reason: str
    cue: str
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class ScoredRep:
    """A repetition with what was measured, the verdicts and the score (0..100, NaN: unjudged)."""

    rep: Rep
    measures: Mapping[str, Measure]
    checks: tuple[Check, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Cue:
    """What to try next: one sentence for one check; ``reps`` holds rep numbers from 1."""

    check: str
    reps: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class SetSummary:
    """The whole set: score (NaN: unjudged), verdicts, ranked cues, tempo and drift.

    ``tempo`` and ``drift`` are medians over the repetitions and the change from the first to the
    last third of the set, by name; those of ``tempo`` carry the unit, a ``drift`` is in its
    measure's.
    """

    score: float
    verdict_counts: Mapping[Verdict, int]
    cues: tuple[Cue, ...]
    tempo: Mapping[str, float]
    drift: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Recognition:
    """Which exercise this is: ``id`` is None when it is none that we know, or unsure.

    ``variant``: how it was done, where the movement tells.
    """

    id: str | None
    confidence: float
    source: Literal["recognised", "told"]
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that the analysis of one clip found; what reports and pages are made from.

    ``track`` is the cleaned pose with joints' centres in it (:mod:`formcheck.joints`), ``signals``
    the angles (names end in ``_deg``) of its frames. ``coverage`` is the share of analysed frames
    with a person. ``reps_source``: counted in the movement, or corrected by hand. ``raw`` is the
    pose as it was found, before it was cleaned, to be scored anew from; None where nobody kept it.
    ``profile``: None for usual limits.
    """

    clip: ClipInfo
    model: str
    model_sha256: str
    coverage: float
    side: Literal["left", "right", "both"]
    track: PoseTrack
    signals: Signals
    capture: Capture
    exercise: Recognition
    reps: tuple[ScoredRep, ...]
    partial_reps: tuple[PartialRep, ...]
    summary: SetSummary
    reps_source: Literal["counted", "corrected"] = "counted"
    raw: PoseTrack | None = None
    profile: ProfileNote | None = None

    @property
    def all_off(self) -> bool:
        """Whether a profile turned all checks off, so that no repetition has one."""
        off = self.profile is not None and bool(self.profile.off)
        return off and bool(self.reps) and not any(scored.checks for scored in self.reps)
