"""How sets were done, as far as that is known: where it differs, a change may be that alone. Pure.

A trend is of an exercise, and an exercise may be done in several ways: the set on the left leg and
that on the right, split squats and reverse lunges are all lunges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from formcheck.report import words

if TYPE_CHECKING:
    from formcheck.report.schema import Report

_LEGS = {"left": "left leg", "right": "right leg"}


def manner(report: Report) -> str:
    """How a set was done: ``Reverse lunge, left leg``; ``Squat`` where no more is known of it."""
    title = words.exercise_title(report.exercise.id, report.exercise.variant)
    sides = {rep.side for rep in report.reps} - {"both"}
    leg = _LEGS[next(iter(sides))] if len(sides) == 1 else "legs in turn" if sides else ""
    return f"{title}, {leg}" if leg else title


def noted(reports: Iterable[Report], counted: Counter[str]) -> Iterator[Report]:
    """The reports one after the other: thousands need not be held to count their manners."""
    for report in reports:
        if report.reps:
            counted[manner(report)] += 1
        yield report


def unlike(counted: Counter[str]) -> str:
    """A sentence where not all sets are known to have been done alike, how many how; else ""."""
    if len(counted) < 2:
        return ""
    parts = [f"{how} ({n} set{'s' if n > 1 else ''})" for how, n in counted.most_common()]
    return f"Not all done alike, which may be what changed: {'; '.join(parts)}."
