"""The exercises: every module of this package that defines ``EXERCISE`` is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from formcheck.exercises.base import Exercise


def _discover() -> Mapping[str, Exercise]:
    found: dict[str, Exercise] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        exercise = getattr(importlib.import_module(f"{__name__}.{module.name}"), "EXERCISE", None)
        if isinstance(exercise, Exercise):
            found[exercise.id] = exercise
    return MappingProxyType(found)


EXERCISES: Mapping[str, Exercise] = _discover()

__all__ = ["EXERCISES", "Exercise"]
