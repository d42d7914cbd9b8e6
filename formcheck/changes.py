"""A change from one value to another, held against the errors of both. Pure.

The errors of two values are taken as independent, so that of their difference is
``sqrt(e1**2 + e2**2)`` (JCGM 100:2008, GUM, 5.1.2). A difference of no more than that is *no
change*. Where an error is not known, neither is the change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, TypeVar

Goal = Literal["low", "high", "zero"]
"""Which way is better (zero: the lower, down to 0); a measure without a goal is neither."""
Direction = Literal["up", "down", "no_change", "unknown"]
Reading = tuple[float, float | None, str]
"""Value, error (None: unknown), unit."""
MIN_REPS = 3
"""Repetitions below which a set has no first and last third."""
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Change:
    """From one value to another: ``error`` is that of the difference, NaN when unknown.

    ``better`` is None without a goal, and when there is no change that can be told.
    """

    name: str
    unit: str
    before: float
    after: float
    error: float
    direction: Direction
    better: bool | None = None

    @property
    def difference(self) -> float:
        """After minus before."""
        return self.after - self.before


def between(name: str, before: Reading, after: Reading, goal: Goal | None = None) -> Change:
    """The change from one reading to another of the same measure."""
    error = math.nan
    if before[1] is not None and after[1] is not None:
        error = math.hypot(before[1], after[1])
    difference = after[0] - before[0]
    direction: Direction = "up" if difference > 0 else "down"
    if math.isnan(error):
        direction = "unknown"
    elif abs(difference) <= error:
        direction = "no_change"
    better = None
    if goal is not None and direction in ("up", "down"):
        better = _better(before[0], after[0], error, goal)
    return Change(name, after[2], before[0], after[0], error, direction, better)


def _better(before: float, after: float, error: float, goal: Goal) -> bool | None:
    """Whether a change is for the better; None where there was none of a fault, and is none."""
    if goal == "zero":
        before, after = max(before, 0.0), max(after, 0.0)
        if abs(after - before) <= error:
            return None
    return (after > before) == (goal == "high")


def thirds(items: Sequence[_Item], legs: Sequence[str]) -> tuple[list[_Item], list[_Item]]:
    """The first and the last third, each leg's own; nothing of fewer than :data:`MIN_REPS`.

    ``legs``: on which leg each was done. One leg that goes deeper than the other is no change, in
    whatever order they take turns.
    """
    first: list[_Item] = []
    last: list[_Item] = []
    for leg in dict.fromkeys(legs):
        own = [item for item, on in zip(items, legs, strict=True) if on == leg]
        third = len(own) // 3 if len(own) >= MIN_REPS else 0
        first += own[:third]
        last += own[len(own) - third :]
    return first, last


def typical(readings: Sequence[Reading]) -> Reading:
    """Several readings as one: medians, its error unknown when one of theirs is.

    The error does not shrink with more readings: camera and pose model err the same way in all.
    """
    errors = [error for _, error, _ in readings if error is not None]
    error = median(errors) if len(errors) == len(readings) else None
    return median(value for value, _, _ in readings), error, readings[0][2]
