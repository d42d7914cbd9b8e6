"""Trends as charts: one measure over the sets, with errors, limit, and what really changed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from formcheck.changes import Change, Goal
from formcheck.exercises import EXERCISES, Exercise
from formcheck.progress import SetValue, Trend, change
from formcheck.report import words
from formcheck.store import day_of

Turn = Literal["first", "better", "worse", "changed", "same"]
HEADLINES = ("depth", "range", "lockout")
"""The checks that are shown first, by the last part of their id."""
HEIGHT_PX = 190
OF_100 = "of 100"
"""The unit of a score: its axis is whole, so that a few points do not look like a leap."""
_SIGNS: Mapping[Turn, str] = {"better": "▲", "worse": "▼", "changed": "◆"}
_SHAPES: Mapping[Turn, str] = {
    "first": "circle", "better": "triangle-up", "worse": "triangle-down",
    "changed": "diamond", "same": "circle",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """One set in a chart: ``turn`` is what changed from the set before it, ``says`` its words.

    ``few``: the value rests on less than half the checks, and is drawn hollow.
    """

    order: int
    day: str
    value: float
    error: float | None
    turn: Turn
    says: str
    few: bool = False


def goals(exercise: Exercise) -> dict[str, Goal]:
    """Which way is better, by check."""
    return {rule.id: rule.better for rule in exercise.rules}


def headlines(exercise: Exercise) -> list[str]:
    """The checks of an exercise that are shown first."""
    return [rule.id for rule in exercise.rules if rule.id.rpartition(".")[2] in HEADLINES]


def title_of(name: str) -> str:
    """A measure or check in words."""
    for exercise in EXERCISES.values():
        for rule in exercise.rules:
            if rule.id == name:
                return rule.title
    return words.measure_title(name)


def limit_of(name: str) -> float | None:
    """The limit of a check; None for what no rule judges."""
    limits = {rule.id: rule.limit.value for e in EXERCISES.values() for rule in e.rules}
    return limits.get(name)


def turn_of(changed: Change) -> Turn:
    """What a change is; ``same`` when it is within the error, or that is not known."""
    if changed.direction in ("no_change", "unknown"):
        return "same"
    return "changed" if changed.better is None else "better" if changed.better else "worse"


def points_of(trend: Trend, goal: Goal | None) -> list[Point]:
    """The sets of a trend, each held against the one before it."""
    found: list[Point] = []
    before: SetValue | None = None
    for order, value in enumerate(trend.points, start=1):
        turn: Turn = "first" if before is None else turn_of(change(before, value, goal))
        says = words.with_error(value.value, value.error or float("nan"), value.unit)
        day = f"{day_of(value.performed_at):%d %b}".lstrip("0")
        found.append(Point(order, day, value.value, value.error, turn, says))
        before = value
    return found


def in_short(trend: Trend) -> str:
    """The newest set in words, and what changed since the first and the last one."""
    last = trend.last
    now = words.in_words(last.name, last.value, last.unit)
    parts = [f"{now[:1].upper()}{now[1:]}"]
    for changed, since in ((trend.since_last, "last set"), (trend.since_first, "first set")):
        if changed is not None and not (since == "first set" and len(trend.points) == 2):
            parts.append(_since(changed, since))
    return " · ".join(parts)


def _since(changed: Change, since: str) -> str:
    turn = turn_of(changed)
    size = words.amount(abs(changed.difference), changed.unit)
    if turn == "same":
        error = words.amount(changed.error, changed.unit)
        beyond = "" if error == "–" else f" beyond the error of {error}"
        return f"no change{beyond} since the {since}"
    word = {"better": "better", "worse": "worse"}.get(turn, "different")
    return f"{_SIGNS[turn]} {size} {word} than the {since}"


def chart(
    points: Sequence[Point],
    title: str,
    limit: float | None,
    colours: Mapping[str, str],
    unit: str,
) -> dict[str, Any]:
    """Points with error bars, joined; grey where nothing changed beyond the error.

    A Vega-Lite specification; ``colours`` are those of report.html by name.
    """
    tones: Mapping[Turn, str] = {
        "first": colours["trace"], "better": colours["good"], "worse": colours["poor"],
        "changed": colours["trace"], "same": colours["none"],
    }  # fmt: skip
    days = json.dumps({str(p.order): p.day for p in points})
    axis = {"labelExpr": f"{days}[datum.value]", "labelAngle": 0, "labelOverlap": True}
    rows = {"values": [_row(p) for p in points]}
    both = {
        "x": {"field": "order", "type": "ordinal", "title": None, "axis": axis},
        "color": _by_turn(tones),
    }
    hollow = {"test": "datum.few", "value": colours["page"]}
    tips = [{"field": "day", "title": "Set"}, {"field": "says", "title": title}]
    lines: list[dict[str, Any]] = [
        {"data": {"values": _steps(points)}, "mark": {"type": "line", "strokeWidth": 2},
         "encoding": both | {"y": _height("value", unit), "detail": {"field": "step"}}},
    ]  # fmt: skip
    layers = (lines if len(points) > 1 else []) + [
        {"data": rows, "mark": {"type": "rule", "strokeWidth": 6, "opacity": 0.35},
         "encoding": both | {"y": _height("low", unit), "y2": {"field": "high"}}},
        {"data": rows, "mark": {"type": "point", "size": 90, "filled": True, "opacity": 1},
         "encoding": both
         | {"y": _height("value", unit), "shape": _by_turn(_SHAPES), "tooltip": tips,
            "stroke": _by_turn(tones), "fill": _by_turn(tones) | {"condition": hollow}}},
    ]  # fmt: skip
    if limit is not None:
        layers.append(
            {"data": {"values": [{"limit": limit}]}, "encoding": {"y": _height("limit", unit)},
             "mark": {"type": "rule", "strokeDash": [5, 4], "color": colours["poor"]}}
        )  # fmt: skip
    return {"height": HEIGHT_PX, "layer": layers}


def _height(field: str, unit: str) -> dict[str, Any]:
    after = "" if unit == OF_100 else words.unit(unit)
    axis = {"labelExpr": f"format(datum.value, '.3~r') + {json.dumps(after)}"}
    scale = {"domain": [0, 100]} if unit == OF_100 else {"zero": False}
    return {"field": field, "type": "quantitative", "title": None, "scale": scale, "axis": axis}


def _by_turn(looks: Mapping[Turn, str]) -> dict[str, Any]:
    scale = {"domain": list(looks), "range": list(looks.values())}
    return {"field": "turn", "type": "nominal", "legend": None, "scale": scale}


def _row(point: Point) -> dict[str, Any]:
    error = point.error or 0.0
    return {
        "order": point.order,
        "day": point.day,
        "value": point.value,
        "low": point.value - error,
        "high": point.value + error,
        "turn": point.turn,
        "says": point.says,
        "few": point.few,
    }


def _steps(points: Sequence[Point]) -> list[dict[str, Any]]:
    """Each line from a set to the next, in the colour of what changed at its end."""
    return [
        {"order": p.order, "value": p.value, "turn": b.turn, "step": b.order}
        for a, b in itertools.pairwise(points)
        for p in (a, b)
    ]
