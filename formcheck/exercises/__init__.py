"""The exercises: every module of this package that defines ``EXERCISE`` is found by itself.

So are plug-ins (:mod:`formcheck.plugins`); one that does not work is told in a line and left out.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from formcheck import plugins
from formcheck.exercises._loading import load
from formcheck.exercises.base import Exercise
from formcheck.reps import Turn


def _discover() -> dict[str, Exercise]:
    found: dict[str, Exercise] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        exercise = getattr(importlib.import_module(f"{__name__}.{module.name}"), "EXERCISE", None)
        if isinstance(exercise, Exercise):
            found[exercise.id] = exercise
    return found


_ours = _discover()
_added, PROBLEMS = load(plugins.find(), _ours)
EXERCISES: Mapping[str, Exercise] = MappingProxyType(_ours | _added)
"""All exercises by id, those of plug-ins last (their ``origin`` is not empty)."""
for _problem in PROBLEMS:
    plugins.LOG.warning("formcheck: %s", _problem)


def turn_of(exercise: str | None) -> Turn:
    """Where repetitions of an exercise turn; of one that is not known (any more), at the bottom."""
    known = EXERCISES.get(exercise or "")
    return known.turn if known else "bottom"


def _meant(ours: Mapping[str, Exercise], added: Mapping[str, Exercise]) -> dict[str, str]:
    """Each check by the one of ours that measures the same: of plug-ins by its name and words."""

    def told(known: Mapping[str, Exercise]) -> dict[str, tuple[str, str]]:
        rules = (rule for exercise in known.values() for rule in exercise.rules)
        return {rule.id: (rule.id.rpartition(".")[2], rule.in_words) for rule in rules}

    own = told(ours)
    by_words = {what: check for check, what in own.items()}
    same = {check: by_words[what] for check, what in told(added).items() if what in by_words}
    return same | {check: check for check in own}


_MEANT: Mapping[str, str] = MappingProxyType(_meant(_ours, _added))


def meaning(check: str) -> str:
    """The check of ours that measures what this one does, itself if it is ours; "" for none.

    Two checks of one name may measure different things: the depth of a push-up is no hip.
    """
    return _MEANT.get(check, "")


def titles() -> dict[str, str]:
    """What every exercise and every check is called, by its id."""
    checks = {rule.id: rule.title for known in EXERCISES.values() for rule in known.rules}
    return {name: known.title for name, known in EXERCISES.items()} | checks


def any_of_them() -> str:
    """The exercises in words: "deadlift, hip thrust, lunge or squat"."""
    *names, last = (exercise.title.lower() for exercise in EXERCISES.values())
    return f"{', '.join(names)} or {last}"


__all__ = ["EXERCISES", "PROBLEMS", "Exercise", "any_of_them", "meaning", "titles", "turn_of"]
