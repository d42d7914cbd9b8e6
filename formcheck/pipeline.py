"""The stages joined: clip or camera -> Analysis. Both ways run the very same functions.

``evaluate`` is the pure part, from landmarks to verdicts; everything before it only fetches
landmarks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from formcheck import profiles, recognition, remarks, scoring
from formcheck.angles import as_both, compute_signals
from formcheck.closeup import Look, look_closely, still_loaded, with_spine
from formcheck.doubt import followed
from formcheck.errors import NobodyError, UsageError
from formcheck.exercises import EXERCISES, Exercise
from formcheck.feet import heel_rises
from formcheck.heave import body_lost, heaved_in_pictures, nobody
from formcheck.joints import centred, steadied
from formcheck.judging import rep_contexts, score
from formcheck.jumps import with_jumps
from formcheck.looking import look_into
from formcheck.models import AUTO, SECOND_MODEL, model_path, model_sha256, models_of
from formcheck.motion import motion_signals
from formcheck.plates import behind_plates
from formcheck.pose import estimate_track
from formcheck.profiles import Profile
from formcheck.recognition import Found
from formcheck.reps import Counted
from formcheck.rules import NO_STANCE, RepContext, Stance
from formcheck.stance import (
    feet_together,
    remembered,
    split_tops,
    standing_frames,
    upright_stance,
)
from formcheck.subject import Wish
from formcheck.types import (
    SAGITTAL_VIEWS,
    Analysis,
    Capture,
    ClipInfo,
    IntArray,
    PoseTrack,
    Recognition,
    Rep,
    ScoredRep,
    SetSummary,
    Signals,
)
from formcheck.uncertainty import MODEL_SHARE, MODEL_SURENESS
from formcheck.video import probe
from formcheck.view import estimate_capture, facing_alike

Progress = Callable[[str, float], None]
MIN_COVERAGE = 0.02
"""Share of frames with a person below which there is nobody in the clip."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What follows from the landmarks; ``raw``: as given, with the cuts that the body shows.

    ``stance``: the person's own upright one in them, where the exercise is known.
    """

    raw: PoseTrack
    track: PoseTrack
    signals: Signals
    capture: Capture
    exercise: Recognition
    counted: Counted
    reps: tuple[ScoredRep, ...]
    summary: SetSummary
    stance: Stance = NO_STANCE


@dataclass(frozen=True, slots=True)
class _Lifted:
    """A set as it is counted: the body with its ``motion``, and what was ``found``.

    ``known``: the exercise that was found, with the user's limits. ``lost``: pictures have counted
    what the drawn body does not show, and there is nobody in the track.
    """

    track: PoseTrack
    motion: Signals
    found: Found
    known: Exercise | None
    lost: bool = False

    def as_marked(self, reps_s: Sequence[Sequence[float]] | None) -> _Lifted:
        """With the repetitions that somebody has marked, if so and the exercise is known."""
        if self.known is None or reps_s is None:
            return self
        return replace(self, found=recognition.marked(self.known, self.motion, self.found, reps_s))


@dataclass(frozen=True)
class _Watched:
    """What repetitions are judged by: where the body is, its angles, and the pictures (``look``).

    ``motion``: the signals that need no view, ``signals`` those that do; ``capture``: the view.
    """

    track: PoseTrack
    motion: Signals
    signals: Signals
    capture: Capture
    look: Look | None

    @property
    def sagittal(self) -> bool:
        """Whether flexion and inclination show."""
        return self.capture.view in SAGITTAL_VIEWS

    @cached_property
    def standing(self) -> IntArray:
        """The frames in which the person stands, facing as in the repetitions."""
        return facing_alike(standing_frames(self.motion), self.track, self.capture)

    @cached_property
    def stance(self) -> Stance:
        """The own upright stance in them."""
        return upright_stance(self.standing, self.signals, self.motion)


def choose(exercise: str) -> Exercise | None:
    """The exercise by its id; None for ``auto``. Raises UsageError for an unknown one."""
    if exercise == "auto":
        return None
    if exercise not in EXERCISES:
        raise UsageError(f"Unknown exercise '{exercise}': use auto, {', '.join(EXERCISES)}.")
    return EXERCISES[exercise]


def evaluate(
    raw: PoseTrack,
    exercise: str = "auto",
    look: Look | None = None,
    height_cm: float | None = None,
    reps_s: Sequence[Sequence[float]] | None = None,
    profile: Profile | None = None,
    model: str | None = None,
    earlier: Stance | None = None,
) -> Evaluation:
    """Landmarks -> angles, repetitions, verdicts and scores.

    ``look`` fetches pictures at some times: for plates, heels, the back line, and when hip thrusts
    turn; a body that the pose model has lost is then left out of the track. Without it these are
    not seen. ``profile`` moves the limits. Pure but for ``look``. ``reps_s``: the repetitions as
    somebody has marked them, (start, turn, end) in seconds, instead of those that are counted.
    ``model``: the pose model that drew the landmarks; where its habits are known
    (:mod:`formcheck.joints`), angles are those between the joints' centres, in time. ``earlier``:
    the own stance before these landmarks, measured against where none is as straight. Raises
    UsageError when the repetitions are out of order or nobody is seen in one.
    """
    raw = with_jumps(raw, look.plainly) if look else raw
    drawn = steadied(raw, model)
    lifted = _lifted(raw, drawn, choose(exercise), profile, look).as_marked(reps_s)
    track, known, found = lifted.track, lifted.known, lifted.found
    capture = _capture(drawn, lifted)
    reps = found.counted.reps
    if look is not None and not lifted.lost:
        track = replace(track, hidden=behind_plates(track, capture, reps, look.plainly))
    centres = centred(track, capture, model)
    signals = _doubted(compute_signals(centres, capture), model)
    scored: tuple[ScoredRep, ...] = ()
    stance = NO_STANCE
    if known:
        watched = _Watched(track, lifted.motion, signals, capture, look)
        contexts = _contexts(known, reps, watched, earlier, marked=reps_s is not None)
        contexts = [replace(context, drawn=model is not None) for context in contexts]
        reps = tuple(context.rep for context in contexts)
        scored = tuple(score(known, context, height_cm) for context in contexts)
        signals, stance = _as_judged(contexts, watched), watched.stance
    counted = replace(found.counted, reps=reps)
    summary = scoring.summarise(known.rules if known else (), scored)
    return Evaluation(
        raw, centres, signals, capture, found.recognition, counted, scored, summary, stance
    )


def _lifted(
    raw: PoseTrack,
    drawn: PoseTrack,
    chosen: Exercise | None,
    profile: Profile | None,
    look: Look | None,
) -> _Lifted:
    """What is lifted in a clip, counted, by the exercise with the limits of the profile."""
    motion = motion_signals(drawn)
    found = recognition.told(chosen, motion) if chosen else recognition.recognise(EXERCISES, motion)
    usual = EXERCISES.get(found.recognition.id) if found.recognition.id else None
    known = profiles.apply(profile, usual) if usual else None
    heaved = heaved_in_pictures(raw, known, motion, look.plainly) if known and look else None
    if known is None or heaved is None:
        return _Lifted(drawn, motion, found, known)
    found = heaved.counted_in(found, known, motion)
    if heaved.believed:
        return _Lifted(drawn, motion, found, known)
    track = nobody(drawn)
    return _Lifted(track, motion_signals(track), found, heaved.seen_in(known), lost=True)


def _capture(drawn: PoseTrack, lifted: _Lifted) -> Capture:
    """How the set is seen, and what is to be said of the recording; ``drawn``: lost or not."""
    found, known = lifted.found, lifted.known
    reps, tops = found.counted.reps, known is not None and known.turn == "top"
    capture = estimate_capture(drawn, reps, tops, found.counted.partial)
    also = remarks.other_exercises(found, drawn.time_s, lifted.motion)
    capture = remarks.leaning(drawn, capture, lifted.motion)
    capture = replace(capture, warnings=(*capture.warnings, *also))
    return body_lost(capture) if lifted.lost else capture


def _doubted(signals: Signals, model: str | None) -> Signals:
    """The signals with the errors and confidence that what this pose model draws asks for."""
    share, sureness = (of.get(model or "", 1.0) for of in (MODEL_SHARE, MODEL_SURENESS))
    return replace(
        signals,
        error={name: share * error for name, error in signals.error.items()},
        confidence={
            name: np.minimum(sureness * sure, 1.0) for name, sure in signals.confidence.items()
        },
    )


def _contexts(
    exercise: Exercise,
    reps: tuple[Rep, ...],
    watched: _Watched,
    earlier: Stance | None,
    *,
    marked: bool,
) -> list[RepContext]:
    """What the rules look at, with what only pictures show where the exercise asks for it.

    Without the repetitions that these show to be none, unless somebody has ``marked`` them.
    """
    motion, signals, capture = watched.motion, watched.signals, watched.capture
    if watched.sagittal:
        reps = recognition.with_sides_seen(exercise, motion, signals, reps)
    standing, stance = watched.standing, remembered(watched.stance, earlier)
    contexts = rep_contexts(exercise, reps, motion, signals, capture, stance)
    contexts = split_tops(contexts, motion)
    if watched.look is None or not contexts:
        return contexts
    if exercise.feet and exercise.turn == "bottom" and watched.sagittal:
        flat = feet_together(standing, motion) if exercise.feet == "step" else None
        rises = heel_rises(contexts, watched.track, watched.look.plainly, flat)
        contexts = [replace(c, heel_rise=up) for c, up in zip(contexts, rises, strict=True)]
    if not exercise.back_at:
        return contexts
    seen = look_closely(exercise, contexts, standing, watched.track, watched.look)
    loaded = still_loaded(exercise, contexts, seen)
    contexts = [c for c, held in zip(contexts, loaded, strict=True) if held or marked]
    if any(context.capture.view == "side" for context in contexts):
        signals = with_spine(signals, exercise, contexts, standing, seen)
    return [replace(context, signals=signals) for context in contexts]


def _as_judged(contexts: Sequence[RepContext], watched: _Watched) -> Signals:
    """The signals that verdicts were read from; of both legs' mean where all is done with both."""
    if not contexts:
        return watched.signals
    signals = contexts[0].signals
    together = all(context.rep.side == "both" for context in contexts)
    return as_both(signals) if watched.sagittal and together else signals


def to_analysis(
    clip: ClipInfo,
    model: str,
    model_sha256: str,
    raw: PoseTrack,
    exercise: str,
    look: Look | None = None,
    height_cm: float | None = None,
    reps_s: Sequence[Sequence[float]] | None = None,
    profile: Profile | None = None,
) -> Analysis:
    """Evaluate and put the result beside what is known of clip and model.

    Raises NobodyError when hardly anybody is in the track, UsageError as :func:`evaluate` does.
    """
    coverage = float(raw.seen.mean()) if len(raw) else 0.0
    if coverage < MIN_COVERAGE:
        raise NobodyError(
            f"{clip.name}: nobody was found in the clip. Film the whole body, well lit, from the "
            "side."
        )
    result = evaluate(raw, exercise, look, height_cm, reps_s, profile, model)
    capture = result.capture
    usual = EXERCISES.get(result.exercise.id) if result.exercise.id else None
    if not result.reps:
        also = remarks.nothing_counted(raw, known=result.exercise.id is not None)
        capture = replace(capture, warnings=(*capture.warnings, *also))
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
        reps_source="counted" if reps_s is None or usual is None else "corrected",
        raw=result.raw,
        profile=profiles.note(profile, usual) if profile else None,
    )


def analyze(
    clip: str | os.PathLike[str],
    *,
    exercise: str = "auto",
    model: str = AUTO,
    workers: int | None = None,
    max_fps: float | None = 30.0,
    height_cm: float | None = None,
    profile: Profile | None = None,
    person: Wish = None,
    progress: Progress | None = None,
) -> Analysis:
    """Analyse a clip: video -> pose -> smoothing, joints -> angles -> reps -> rules -> scores.

    ``exercise`` is ``auto`` or an id of :data:`formcheck.exercises.EXERCISES`; ``model`` a name of
    :data:`formcheck.models.MODELS`, or ``auto``: see :func:`follow`. ``height_cm``, the lifter's
    height, adds lengths to the measures; ``profile`` (:func:`formcheck.load_profile`)
    moves limits; ``person`` tells whom to score; ``progress`` is called with the stage's name and
    its share done (0..1).

    Raises ClipError (unreadable), NobodyError (no person), ModelError, UsageError.
    """
    info = probe(clip)
    model, raw = follow(
        clip,
        info,
        model,
        exercise,
        max_fps=max_fps,
        workers=workers,
        person=person,
        progress=progress,
    )
    look = look_into(clip, model, progress, workers)
    return to_analysis(
        info, model, model_sha256(model), raw, exercise, look, height_cm, profile=profile
    )


def follow(
    clip: str | os.PathLike[str],
    info: ClipInfo,
    model: str,
    exercise: str,
    *,
    max_fps: float | None = 30.0,
    workers: int | None = None,
    person: Wish = None,
    progress: Progress | None = None,
) -> tuple[str, PoseTrack]:
    """The raw pose of a clip, and the name of the model that found it.

    For ``auto`` that is the default model or, where its pose or the movement is doubtful, the
    second one (:mod:`formcheck.doubt`). Raises as :func:`formcheck.pose.estimate_track`.
    """
    for name in models_of(model):
        model_path(name)  # what is missing is told before the work, not in the middle of it

    def estimate(name: str) -> PoseTrack:
        stage = "second look" if model == AUTO and name == SECOND_MODEL else "pose"

        def tell(done_s: float, total_s: float) -> None:
            if progress and total_s > 0:
                progress(stage, min(done_s / total_s, 1.0))

        return estimate_track(
            clip, info, name, max_fps=max_fps, workers=workers, person=person, progress=tell
        )

    return followed(model, choose(exercise), estimate)
