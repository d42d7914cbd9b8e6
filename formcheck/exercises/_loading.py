"""Plug-in exercises: loaded, checked, and kept from breaking anything but themselves."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar, get_args

import numpy as np

from formcheck.exercises.base import Exercise, Posture, Variant
from formcheck.measures import Reader, not_seen
from formcheck.plugins import LOG, PlugIn
from formcheck.reps import Turn
from formcheck.rules import Rule
from formcheck.types import FloatArray, Signals, View
from formcheck.uncertainty import USUAL_SEGMENTS

FAILED = "plug_in_failed"
"""The reason of a check whose measure raised."""
ANGLES = (*USUAL_SEGMENTS, "spine_flexion")
"""The angles whose error is known."""
_ID = re.compile(r"[a-z][a-z0-9_]*")
_T = TypeVar("_T")


def load(
    plug_ins: Iterable[PlugIn], ours: Collection[str]
) -> tuple[dict[str, Exercise], tuple[str, ...]]:
    """The exercises of the plug-ins by id, and a line about each that had to be left out."""
    found: dict[str, Exercise] = {}
    problems: list[str] = []
    for plug_in in plug_ins:
        try:
            exercise = _exercise(plug_in.load())
            _check(plug_in, exercise, ours, found)
            guarded = _guarded(replace(exercise, origin=plug_in.state))
        except (Exception, SystemExit) as error:
            problems.append(f"plug-in {plug_in.where} is left out: {_line(error)}")
        else:
            found[exercise.id] = guarded
    return found, tuple(problems)


def _line(error: BaseException) -> str:
    """An error in one line; ours speak for themselves."""
    text = " ".join(str(error).split())
    return text if type(error) is ValueError and text else f"{type(error).__name__}: {text}"


def _exercise(loaded: object) -> Exercise:
    exercise = getattr(loaded, "EXERCISE", loaded)
    if not isinstance(exercise, Exercise):
        raise ValueError("it defines no EXERCISE of the type formcheck.exercises.Exercise")
    return exercise


def _check(
    plug_in: PlugIn, exercise: Exercise, ours: Collection[str], others: Collection[str]
) -> None:
    """Raises ValueError with the first thing that would not work."""
    name = exercise.id
    if not _ID.fullmatch(name) or name == "auto":
        raise ValueError(f"the id {name!r} must be lower case words joined by _")
    if name in ours:
        raise ValueError(f"the id {name!r} is that of an exercise of FormCheck; choose another")
    if name in others:
        raise ValueError(f"the id {name!r} is taken by another plug-in")
    if name != plug_in.id:
        raise ValueError(f"it defines {name!r}; its file or entry point must have the same name")
    if exercise.turn not in get_args(Turn):
        raise ValueError(f"turn is {exercise.turn!r}; it must be bottom or top")
    if exercise.refines is not None and exercise.refines not in ours:
        raise ValueError(f"it refines {exercise.refines!r}; it must be one of {', '.join(ours)}")
    if exercise.headline_angle not in ANGLES:
        raise ValueError(f"headline_angle: no angle {exercise.headline_angle!r}; {_angles()}")
    _check_variants(exercise)
    ids = [rule.id for rule in exercise.rules]
    if len(set(ids)) < len(ids):
        raise ValueError("two of its rules have the same id")
    for rule in exercise.rules:
        _check_rule(name, rule)


def _check_variants(exercise: Exercise) -> None:
    for variant in exercise.variants:
        if not isinstance(variant, Variant) or not callable(variant.likeness):
            raise ValueError("variants must be formcheck.exercises.base.Variant with a likeness")
        if not _ID.fullmatch(variant.id):
            raise ValueError(f"the variant {variant.id!r} must be lower case words joined by _")
    if len({variant.id for variant in exercise.variants}) < len(exercise.variants):
        raise ValueError("two of its variants have the same id")


def _check_rule(exercise: str, rule: Rule) -> None:
    if rule.id.partition(".")[0] != exercise or not _ID.fullmatch(rule.id.partition(".")[2]):
        raise ValueError(f"the id of rule {rule.id!r} must be {exercise}.<check>")
    if rule.angle not in ANGLES:
        raise ValueError(f"rule {rule.id}: no angle {rule.angle!r}; {_angles()}")
    if not rule.views or not set(rule.views) <= set(get_args(View)):
        raise ValueError(f"rule {rule.id}: views must be some of {', '.join(get_args(View))}")
    if rule.limit.sense not in ("max", "min") or not math.isfinite(rule.limit.value):
        raise ValueError(f"rule {rule.id}: the limit must be a number with sense max or min")
    if not (0 < rule.weight <= 1 and rule.full_deg > 0):
        raise ValueError(f"rule {rule.id}: weight must be in 0..1 and full_deg above 0")
    try:
        (rule.cue + rule.cue_moved).format(amount="1°")
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(f"rule {rule.id}: the cue may hold {{amount}} only") from error


def _angles() -> str:
    return f"there are {', '.join(ANGLES)}"


def _guarded(exercise: Exercise) -> Exercise:
    """The exercise with all its own code fenced in: what raises is told once and counts nothing."""

    def fenced(
        what: str, function: Callable[..., _T], otherwise: Callable[..., _T]
    ) -> Callable[..., _T]:
        return _fenced(f"plug-in {exercise.id}: {what}", function, otherwise)

    def alike(what: str, likeness: Callable[[Posture], float]) -> Callable[[Posture], float]:
        return fenced(what, partial(_share, likeness), lambda _posture: 0.0)

    def reader(name: str, measure: Reader) -> Reader:
        return fenced(name, measure, lambda context: not_seen(context.rep.turn, FAILED))

    return replace(
        exercise,
        depth=fenced(
            "depth", partial(_depth, exercise.depth), lambda motion: np.zeros(len(motion.time_s))
        ),
        likeness=alike("likeness", exercise.likeness),
        side=fenced("side", exercise.side, lambda _motion, _rep: "both"),
        variants=tuple(replace(v, likeness=alike(v.id, v.likeness)) for v in exercise.variants),
        measures={name: reader(name, measure) for name, measure in exercise.measures.items()},
        rules=tuple(replace(r, measure=reader(r.id, r.measure)) for r in exercise.rules),
    )


def _fenced(
    what: str, function: Callable[..., _T], otherwise: Callable[..., _T]
) -> Callable[..., _T]:
    """The function; where it raises, that is told the first time and ``otherwise`` answers."""
    told: list[BaseException] = []

    def call(*args: Any) -> _T:  # noqa: ANN401
        try:
            return function(*args)
        except Exception as error:
            if not told:
                LOG.warning("%s", f"formcheck: {what} failed: {_line(error)}")
            told.append(error)
            return otherwise(*args)

    return call


def _depth(depth: Callable[[Signals], FloatArray], motion: Signals) -> FloatArray:
    values: FloatArray = np.asarray(depth(motion), dtype=np.float64)
    if values.shape != motion.time_s.shape:
        raise ValueError(f"its shape is {values.shape}, not {motion.time_s.shape}")
    return values


def _share(likeness: Callable[[Posture], float], posture: Posture) -> float:
    value = float(likeness(posture))
    return 0.0 if math.isnan(value) else min(max(value, 0.0), 1.0)
