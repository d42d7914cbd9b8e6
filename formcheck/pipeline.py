"""The stages joined: clip or camera -> Analysis. Both ways run the very same functions.

``evaluate`` is the pure part, from landmarks to verdicts; everything before it only fetches
landmarks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from formcheck import recognition, scoring
from formcheck.angles import compute_signals
from formcheck.errors import NobodyError, UsageError
from formcheck.exercises import EXERCISES, Exercise
from formcheck.measures import at_bottom, at_top
from formcheck.models import DEFAULT_MODEL, model_sha256
from formcheck.motion import motion_signals
from formcheck.pose import estimate_track
from formcheck.rules import RepContext, Stance, judge
from formcheck.smoothing import smooth
from formcheck.types import (
    SIDES,
    Analysis,
    Capture,
    CaptureWarning,
    ClipInfo,
    FloatArray,
    IntArray,
    Measure,
    PoseTrack,
    Recognition,
    Rep,
    ScoredRep,
    Signals,
)
from formcheck.video import probe
from formcheck.view import estimate_capture

Progress = Callable[[str, float], None]
MIN_COVERAGE = 0.02
"""Share of frames with a person below which there is nobody in the clip."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What follows from the landmarks alone."""

    track: PoseTrack
    signals: Signals
    capture: Capture
    exercise: Recognition
    counted: recognition.Counted
    reps: tuple[ScoredRep, ...]
    summary: scoring.SetSummary


def choose(exercise: str) -> Exercise | None:
    """The exercise by its id; None for ``auto``."""
    if exercise == "auto":
        return None
    if exercise not in EXERCISES:
        raise UsageError(f"Unknown exercise '{exercise}': use auto, {', '.join(EXERCISES)}.")
    return EXERCISES[exercise]


def evaluate(raw: PoseTrack, exercise: str = "auto") -> Evaluation:
    """Landmarks -> angles, repetitions, verdicts and scores. Pure."""
    chosen = choose(exercise)
    track = smooth(raw)
    motion = motion_signals(track)
    found = (
        recognition.told(chosen, motion) if chosen else recognition.recognise(EXERCISES, motion)
    )
    known = EXERCISES.get(found.recognition.id) if found.recognition.id else None
    capture = estimate_capture(track, _frames_of(found.counted.reps))
    signals = compute_signals(track, capture)
    scored: tuple[ScoredRep, ...] = ()
    if known:
        stance = upright_stance(known, motion, signals)
        contexts = rep_contexts(known, found.counted.reps, motion, signals, capture, stance)
        scored = tuple(score(known, context) for context in contexts)
    rules = known.rules if known else ()
    return Evaluation(
        track,
        signals,
        capture,
        found.recognition,
        found.counted,
        scored,
        scoring.summarise(rules, scored, signals),
    )


def _frames_of(reps: tuple[Rep, ...]) -> IntArray | None:
    """Indices of all frames inside repetitions; None without any."""
    if not reps:
        return None
    return np.concatenate([np.arange(rep.start, rep.end + 1) for rep in reps])


def upright_stance(exercise: Exercise, motion: Signals, signals: Signals) -> Stance:
    """The person's own upright stance: medians over the most extended tenth of the standing time.

    For lying exercises there is none: all NaN.
    """
    flexion = motion["hip_flexion_deg"] + motion["knee_flexion_deg"]
    standing = (motion["trunk_inclination_deg"] < STANDING_TRUNK_DEG) & (flexion < STANDING_DEG)
    del exercise
    if not standing.any():
        return Stance({})
    limit = np.percentile(flexion[standing], 10)
    frames = standing & (flexion <= limit + 1e-9)
    values: dict[str, float] = {}
    for name, signal in signals.values.items():
        finite = signal[frames][np.isfinite(signal[frames])]
        values[name] = float(np.median(finite)) if len(finite) else math.nan
    return Stance(values)


STANDING_TRUNK_DEG = 35.0
STANDING_DEG = 80.0
"""Hip and knee flexion together below which somebody stands rather than squats."""


def rep_contexts(
    exercise: Exercise,
    reps: tuple[Rep, ...],
    motion: Signals,
    signals: Signals,
    capture: Capture,
    stance: Stance,
) -> list[RepContext]:
    """What the rules of each repetition may look at."""
    depth = exercise.depth(motion)
    contexts = []
    for k, rep in enumerate(reps):
        until = reps[k + 1].start if k + 1 < len(reps) else len(depth) - 1
        bottom, top = _bottom_and_top(exercise, rep, depth, signals.time_s, until)
        contexts.append(
            RepContext(signals, rep, bottom, top, (bottom, max(top, bottom + 1)), stance, capture)
        )
    return contexts


TOP_SEARCH_S = 0.7
"""How long after a repetition's end its most upright moment may still come."""


def _bottom_and_top(
    exercise: Exercise, rep: Rep, depth: FloatArray, time_s: FloatArray, until: int
) -> tuple[int, int]:
    if exercise.turn == "top":
        return rep.start, rep.turn
    last = int(np.searchsorted(time_s, time_s[rep.end] + TOP_SEARCH_S))
    last = max(min(last, until, len(depth) - 1), rep.end)
    after = depth[rep.turn : last + 1]
    return rep.turn, rep.turn + int(np.nanargmin(after))


def score(exercise: Exercise, context: RepContext) -> ScoredRep:
    """All checks, measures and the score of one repetition."""
    checks = tuple(judge(rule, context) for rule in exercise.rules)
    return ScoredRep(
        context.rep, _measures(exercise, context), checks, scoring.score_rep(exercise.rules, checks)
    )


def _measures(exercise: Exercise, context: RepContext) -> Mapping[str, Measure]:
    """Values that are reported and judged by no rule: angles at bottom and top, and the tempo."""
    measures: dict[str, Measure] = {}
    for angle in ("hip_flexion", "knee_flexion", "trunk_inclination"):
        measures[f"{angle}_bottom"] = at_bottom(angle)(context)
        measures[f"{angle}_top"] = at_top(angle)(context)
    measures |= {name: reader(context) for name, reader in exercise.measures.items()}
    return measures | scoring.tempo(context.rep, exercise.turn, context.signals)


def to_analysis(
    clip: ClipInfo, model: str, model_sha256: str, raw: PoseTrack, exercise: str
) -> Analysis:
    """Evaluate and put the result beside what is known of clip and model."""
    coverage = float(raw.seen.mean()) if len(raw) else 0.0
    if coverage < MIN_COVERAGE:
        raise NobodyError(
            f"{clip.name}: nobody was found in the clip. Film the whole body, well lit, from the "
            "side."
        )
    result = evaluate(raw, exercise)
    capture = result.capture
    if result.exercise.id is None:
        warning = CaptureWarning(
            "exercise_unknown",
            "The movement was not recognised as a squat, deadlift, lunge or hip thrust, so nothing "
            "was counted. Name the exercise if it is one of them.",
        )
        capture = replace(capture, warnings=(*capture.warnings, warning))
    side: Literal["left", "right", "both"] = capture.near_side
    return Analysis(
        clip=clip,
        model=model,
        model_sha256=model_sha256,
        coverage=coverage,
        side="both" if capture.view in ("front", "back") else side,
        track=result.track,
        signals=result.signals,
        capture=capture,
        exercise=result.exercise,
        reps=result.reps,
        partial_reps=result.counted.partial,
        summary=result.summary,
    )


def analyze(
    clip: Path,
    *,
    exercise: str = "auto",
    model: str = DEFAULT_MODEL,
    workers: int | None = None,
    max_fps: float | None = 30.0,
    progress: Progress | None = None,
) -> Analysis:
    """Analyse a clip: video -> pose -> smoothing -> angles -> repetitions -> rules -> scores.

    ``exercise`` is ``auto`` or an id of :data:`formcheck.exercises.EXERCISES`; ``progress`` is
    called with the stage's name and its share done (0..1).

    Raises ClipError (unreadable), NobodyError (no person), ModelError, UsageError.
    """
    choose(exercise)
    info = probe(clip)

    def pose_progress(done_s: float, total_s: float) -> None:
        if progress and total_s > 0:
            progress("pose", min(done_s / total_s, 1.0))

    raw = estimate_track(
        clip, info, model, max_fps=max_fps, workers=workers, progress=pose_progress
    )
    return to_analysis(info, model, model_sha256(model), raw, exercise)
