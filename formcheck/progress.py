"""Progress from set to set, and fatigue within one. Pure; every change is held against its error.

A set's value of a measure is the median over its repetitions; where legs take turns, the mean of
the two legs' medians. Its error is the median of the stated errors and does not shrink with more
repetitions: camera and pose model err the same way in all of them.

**Change.** As in :mod:`formcheck.changes`: the errors of two sets are independent (another camera
place, other clothes).

**Fatigue.** The median of the last third of the repetitions minus that of the first third, as in
``set.drift`` of the report, with the same rule; where legs take turns, of the thirds of each leg.
Within one set the camera's own error is much the same at both ends, so this rule calls small drifts
no change rather than making them up. Concentric speed is the mean angular speed of the hip,
``(top - bottom) / concentric_s``, with the error ``v * sqrt((eR / R)**2 + (et / t)**2)``. Speed
loss is that from the fastest repetition to the last, on the leg of that, in percent of the fastest
(Sanchez-Medina & Gonzalez-Badillo 2011, Med Sci Sports Exerc 43(9):1725-1734, for the speed of the
bar; over one range of motion the two are proportional).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import mean, median
from typing import TYPE_CHECKING, Protocol

from formcheck import changes
from formcheck.changes import MIN_REPS, Change, Goal, Reading

if TYPE_CHECKING:
    from formcheck.report.schema import Report, RepPart


OnLeg = tuple[str, Reading]
"""What was read of a repetition, and the leg that it was done on."""


@dataclass(frozen=True, slots=True)
class Typical:
    """A set's value of one measure: the median over ``reps`` repetitions.

    ``name`` is a measure's name or a check's id; ``error`` is in the same unit, None: unknown.
    """

    name: str
    value: float
    error: float | None
    unit: str
    reps: int


class SetValue(Protocol):
    """A typical value with its set: ``formcheck.store.Value`` is one."""

    @property
    def set_id(self) -> int:
        """The set's number."""

    @property
    def performed_at(self) -> datetime:
        """When it was done."""

    @property
    def load_kg(self) -> float | None:
        """What was lifted; None when nobody said."""

    @property
    def name(self) -> str:
        """The measure's name or the check's id."""

    @property
    def value(self) -> float:
        """The median over the repetitions."""

    @property
    def error(self) -> float | None:
        """Its error in the same unit; None when unknown."""

    @property
    def unit(self) -> str:
        """The unit of both."""


@dataclass(frozen=True, slots=True)
class Trend:
    """One measure over the sets, oldest first. ``best`` is None without a goal.

    ``since_first`` and ``since_last`` are the changes of the newest set from the oldest and from
    the one before it; None when there is only one set.
    """

    name: str
    unit: str
    points: tuple[SetValue, ...]
    best: SetValue | None
    since_first: Change | None
    since_last: Change | None

    @property
    def last(self) -> SetValue:
        """The newest."""
        return self.points[-1]


@dataclass(frozen=True, slots=True)
class Fatigue:
    """What changes over the repetitions of one set; None: too few repetitions saw it.

    ``speed`` is in degrees a second. ``speed_loss_percent`` is the loss from the fastest to the
    last repetition, 0..100, ``speed_loss_error`` its error in percent points.
    """

    depth: Change | None
    lockout: Change | None
    speed: Change | None
    speed_loss_percent: float | None
    speed_loss_error: float | None


def typical(report: Report) -> tuple[Typical, ...]:
    """The set's value of every measure and check that was seen in at least one repetition."""
    found: dict[str, list[OnLeg]] = defaultdict(list)
    for rep in report.reps:
        for name, reading in _readings(rep):
            found[name].append((rep.side, reading))
    return tuple(Typical(name, *_of_all_legs(seen), len(seen)) for name, seen in found.items())


def _of_all_legs(seen: Sequence[OnLeg]) -> Reading:
    """The median; of legs that take turns the mean of each leg's own.

    A leg that goes deeper than the other would else be the set's, or not, by one repetition more.
    """
    _, error, unit = changes.typical([reading for _, reading in seen])
    legs = dict.fromkeys(leg for leg, _ in seen)
    values = [median(value for leg, (value, *_) in seen if leg == own) for own in legs]
    return mean(values), error, unit


def change(before: SetValue | Typical, after: SetValue | Typical, goal: Goal | None) -> Change:
    """The change from one set's value to another's of the same measure."""
    return changes.between(
        after.name,
        (before.value, before.error, before.unit),
        (after.value, after.error, after.unit),
        goal,
    )


def agreed(goals: Mapping[str, Goal], reports: Iterable[Report]) -> dict[str, Goal]:
    """The goals without those of checks whose limit the profile of a report turns round.

    Deeper is better in a squat, but not for somebody who is to stay above a range: then which way
    is better is not ours to say.
    """
    turned = {
        check
        for report in reports
        if report.profile is not None
        for check, limit in report.profile.limits.items()
        if limit.usual_sense is not None
    }
    return {check: goal for check, goal in goals.items() if check not in turned}


def trends(values: Iterable[SetValue], goals: Mapping[str, Goal]) -> tuple[Trend, ...]:
    """A trend for each measure, by name; ``goals`` says which way is better, by name.

    Sets that have it in another unit than the newest one are left out: a plug-in may have changed.
    """
    found: dict[str, list[SetValue]] = defaultdict(list)
    for value in values:
        found[value.name].append(value)
    return tuple(_trend(found[name], goals.get(name)) for name in sorted(found))


def compare(before: Report, after: Report, goals: Mapping[str, Goal]) -> tuple[Change, ...]:
    """One set against another: the change of each measure that both of them have."""
    known = {value.name: value for value in typical(before)}
    return tuple(
        change(known[value.name], value, goals.get(value.name))
        for value in typical(after)
        if value.name in known and known[value.name].unit == value.unit
    )


def fatigue(report: Report, goals: Mapping[str, Goal]) -> Fatigue:
    """Drift of depth, lockout and concentric speed over the repetitions of a set.

    ``goals`` says which way is better, by name.
    """
    exercise = report.exercise.id
    speeds = [(rep.side, speed) for rep in report.reps if (speed := _speed(rep)) is not None]
    loss, error = _loss(speeds)
    return Fatigue(
        depth=_drift(report.reps, (f"{exercise}.depth", "hip_flexion_bottom"), goals),
        lockout=_drift(report.reps, (f"{exercise}.lockout", "hip_flexion_top"), goals),
        speed=_thirds("concentric_speed", speeds, goals),
        speed_loss_percent=loss,
        speed_loss_error=error,
    )


def _trend(points: Sequence[SetValue], goal: Goal | None) -> Trend:
    ordered = sorted(points, key=lambda point: (point.performed_at, point.set_id))
    last = ordered[-1]
    ordered = [point for point in ordered if point.unit == last.unit]
    best = None
    if goal is not None:
        least = 0.0 if goal == "zero" else -math.inf
        pick = max if goal == "high" else min
        best = pick(ordered, key=lambda point: max(point.value, least))
    several = len(ordered) > 1
    return Trend(
        name=last.name,
        unit=last.unit,
        points=tuple(ordered),
        best=best,
        since_first=change(ordered[0], last, goal) if several else None,
        since_last=change(ordered[-2], last, goal) if several else None,
    )


def _readings(rep: RepPart) -> Iterator[tuple[str, Reading]]:
    for name, measure in rep.measures.items():
        if measure.value is not None:
            yield name, (measure.value, measure.error, measure.unit)
    for check in rep.checks:
        if check.value is not None:
            yield check.id, (check.value, check.margin, check.unit)


def _drift(
    reps: Sequence[RepPart], names: Sequence[str], goals: Mapping[str, Goal]
) -> Change | None:
    """The drift of the first of some measures that enough repetitions have."""
    for name in names:
        seen = [(r.side, reading) for r in reps for found, reading in _readings(r) if found == name]
        if len(seen) >= MIN_REPS:
            return _thirds(name, seen, goals)
    return None


def _thirds(name: str, seen: Sequence[OnLeg], goals: Mapping[str, Goal]) -> Change | None:
    first, last = changes.thirds([reading for _, reading in seen], [leg for leg, _ in seen])
    if not first:
        return None
    return changes.between(name, changes.typical(first), changes.typical(last), goals.get(name))


def _speed(rep: RepPart) -> Reading | None:
    """Mean angular speed of the hip on the way up, degrees a second."""
    found = dict(_readings(rep))
    parts = [found.get(name) for name in ("hip_flexion_bottom", "hip_flexion_top", "concentric_s")]
    bottom, top, time = parts
    if bottom is None or top is None or time is None or time[0] <= 0:
        return None
    travel = abs(bottom[0] - top[0])
    speed = travel / time[0]
    if not travel or bottom[1] is None or top[1] is None or time[1] is None:
        return speed, None, "deg/s"
    error = speed * math.hypot(math.hypot(bottom[1], top[1]) / travel, time[1] / time[0])
    return speed, error, "deg/s"


def _loss(seen: Sequence[OnLeg]) -> tuple[float | None, float | None]:
    """The loss from the fastest repetition to the last, on the leg of that, percent; its error."""
    speeds = [speed for leg, speed in seen if leg == seen[-1][0]]
    if len(speeds) < MIN_REPS:
        return None, None
    fastest, last = max(speeds, key=lambda speed: speed[0]), speeds[-1]
    if not fastest[0]:
        return None, None
    share = last[0] / fastest[0]
    if last is fastest:
        return 0.0, None
    if fastest[1] is None or last[1] is None:
        return 100 * (1 - share), None
    error = math.hypot(last[1] / fastest[0], share * fastest[1] / fastest[0])
    return 100 * (1 - share), 100 * error
