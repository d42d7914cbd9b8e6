"""What the commands of the history print: plain columns, one fact a line, no wider than needed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from formcheck.changes import Change, Direction
from formcheck.errors import UsageError
from formcheck.marks import SYMBOLS, few, whole_score
from formcheck.progress import Fatigue, SetValue, Trend
from formcheck.store import moment_in_iso, moment_in_words
from formcheck.terminal import MEANING, STYLES, repetitions, section, short_name
from formcheck.terminal_columns import print_columns
from formcheck.types import Verdict

if TYPE_CHECKING:
    from formcheck.report.schema import Report, RepPart
    from formcheck.store import KeptSet, Wanted

WORDS: dict[Direction, str] = {
    "up": "up",
    "down": "down",
    "no_change": "no change",
    "unknown": "cannot tell",
}
FEW = "*"
"""Stands beside a score that says little."""
_NAMED = (Verdict.FAIL, Verdict.BORDERLINE)
_UNITS = {"deg": "°", "percent": " %", "ratio": ""}


def print_sets(
    out: Console,
    sets: Sequence[KeptSet],
    total: int,
    wanted: Wanted,
    few: Collection[int] = (),
) -> None:
    """A line a set, the newest first; ``total`` says how many there are of those ``wanted``.

    ``few``: the numbers of those whose score rests on less than half their checks.
    """
    if not sets:
        out.print(Text(_none(wanted)))
        return
    print_columns(
        out,
        ("id", "date", "athlete", "exercise", "load", "reps", "score", "clip", "tags"),
        (_listed(kept, FEW if kept.id in few else "") for kept in sets),
        shorten=("athlete", "exercise", "clip", "tags"),
        drop=("tags", "clip", "athlete"),
    )
    if few:
        out.print(Text(f"{FEW} by less than half the checks", style="dim"))
    if len(sets) < total:
        out.print(Text(f"{len(sets)} of {total} sets; --limit {total} shows all", style="dim"))


def on_few_checks(sets: Iterable[KeptSet], report_json: Callable[[int], str]) -> frozenset[int]:
    """The numbers of those whose score rests on less than half their checks.

    ``report_json`` gives the report of a set; one that cannot be read, or has gone, says nothing.
    """
    found = set()
    for kept in sets:
        with suppress(ValueError, LookupError, TypeError, UsageError):
            counts = json.loads(report_json(kept.id))["set"]["verdict_counts"]
            if kept.score is not None and few(counts):
                found.add(kept.id)
    return frozenset(found)


def _listed(kept: KeptSet, mark: str) -> tuple[str, ...]:
    return (
        str(kept.id),
        moment_in_words(kept.performed_at),
        kept.athlete,
        _exercise(kept),
        _load(kept.load_kg),
        str(kept.reps),
        "–" if kept.score is None else f"{whole_score(kept.score)}{mark}",
        kept.clip_name,
        ", ".join(kept.tags),
    )


def sets_json(sets: Sequence[KeptSet]) -> str:
    """The list for programs: an array, moments in ISO 8601, a day without a time as the day."""

    def plain(value: object) -> object:
        return moment_in_iso(value, UTC) if isinstance(value, datetime) else value

    rows = [{name: plain(value) for name, value in asdict(kept).items()} for kept in sets]
    return json.dumps(rows, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def print_set(
    out: Console, kept: KeptSet, report: Report, fatigue: Fatigue, titles: Mapping[str, str]
) -> None:
    """One set: what the user said, what was found, and what changed over its repetitions.

    ``titles``: the name of each check by its id.
    """
    from formcheck.manners import manner
    from formcheck.report import words

    line = Text(f"Set {kept.id} · {_exercise(kept)}", style="bold")
    line.append(f" · {kept.athlete} · {moment_in_words(kept.performed_at)}", style="not bold")
    out.print(line)
    view = words.view_of(kept.view, (w.code for w in report.capture.warnings))
    how = manner(report)
    about = [how] if how != words.exercise_title(kept.exercise) else []
    about += [kept.clip_name, view, f"model {kept.model}"]
    about += [f"profile {report.profile.name}"] if report.profile else []
    about += [_load(kept.load_kg)] if kept.load_kg is not None else []
    about += [f"tags: {', '.join(kept.tags)}"] if kept.tags else []
    about += [f"video kept, {kept.video_bytes / 1e6:.1f} MB"] if kept.video_bytes else []
    out.print(Text(" · ".join(about)))
    if kept.notes:
        out.print(Text(kept.notes))
    out_of = words.out_of(report.set_.score, report.set_.verdict_counts)
    score = out_of if kept.score is None else f"score {whole_score(kept.score)} {out_of}"
    by_hand = ", corrected by hand" if report.reps_source == "corrected" else ""
    out.print(Text(f"{repetitions(kept.reps)}{by_hand}, {score}"))
    for rep in report.reps:
        out.print(_rep(rep, titles))
    if any(check.verdict in _NAMED for rep in report.reps for check in rep.checks):
        out.print(Text(f"  {MEANING}", style="dim"))
    section(out, "Try next", (cue.text for cue in report.set_.cues))
    section(out, "From the first to the last repetitions", _tired(fatigue))
    section(out, "About the recording", (w.message for w in report.capture.warnings))


def print_comparison(
    out: Console, before: KeptSet, after: KeptSet, changes: Sequence[Change], unlike: str = ""
) -> None:
    """A line a measure: the value in both sets, and what is to be made of it.

    ``unlike``: a sentence where they were not done alike.
    """
    out.print(Text(f"Set {before.id} → set {after.id} · {_exercise(after)}", style="bold"))
    loads = f"{_load(before.load_kg)} → {_load(after.load_kg)}"
    moments = " → ".join(moment_in_words(kept.performed_at) for kept in (before, after))
    out.print(f"{moments} · load {loads}")
    if not changes:
        out.print("Nothing was measured in both of them.")
        return
    print_columns(
        out,
        ("measure", "before", "after", "change", ""),
        map(_compared, changes),
        drop=("before", "change"),
    )
    _print_notes(out, unlike)


def print_trends(
    out: Console, trends: Sequence[Trend], *, one_by_one: bool, unlike: str = ""
) -> None:
    """A line a measure, or ``one_by_one`` a line a set; ``unlike`` as for a comparison."""
    if one_by_one:
        for trend in trends:
            _print_trend(out, trend)
        if unlike:
            out.print(Text(unlike))
        return
    sets = max(len(trend.points) for trend in trends)
    out.print(Text(f"{sets} set{'s' if sets > 1 else ''}", style="bold"))
    print_columns(
        out,
        ("measure", "first", "last", "since the first", "", "best"),
        map(_course, trends),
        drop=("best", "first", "since the first"),
    )
    _print_notes(out, unlike)


def _print_notes(out: Console, unlike: str) -> None:
    out.print(Text("Less than both errors together (±) is no change.", style="dim"))
    if unlike:
        out.print(Text(unlike))


def _course(trend: Trend) -> tuple[str, ...]:
    change = trend.since_first
    return (
        trend.name,
        _amount(trend.points[0].value, trend.unit),
        _amount(trend.last.value, trend.unit),
        "–" if change is None else _difference(_as_shown(change)),
        "one set" if change is None else _verdict(change),
        _best(trend),
    )


def _print_trend(out: Console, trend: Trend) -> None:
    out.print(Text(trend.name, style="bold"))
    rows = [
        (
            str(point.set_id),
            moment_in_words(point.performed_at),
            _load(point.load_kg),
            _with_error(point, trend.unit),
            "best" if point is trend.best else "",
        )
        for point in trend.points
    ]
    print_columns(out, ("set", "date", "load", "value", ""), rows)
    for words, change in (("first", trend.since_first), ("set before", trend.since_last)):
        if change is not None:
            out.print(f"Since the {words}: {_difference(_as_shown(change))}, {_verdict(change)}")


def _compared(change: Change) -> tuple[str, ...]:
    before, after = (_amount(value, change.unit) for value in (change.before, change.after))
    return change.name, before, after, _difference(_as_shown(change)), _verdict(change)


def _best(trend: Trend) -> str:
    if trend.best is None:
        return ""
    return f"{_amount(trend.best.value, trend.unit)} (set {trend.best.set_id})"


def _tired(fatigue: Fatigue) -> Iterable[str]:
    drifts = (("Depth", fatigue.depth), ("Lockout", fatigue.lockout), ("Speed", fatigue.speed))
    for title, drift in drifts:
        if drift is not None:
            yield f"{title} ({drift.name}): {_difference(drift)}, {_verdict(drift)}"
    if fatigue.speed_loss_percent is not None:
        error = fatigue.speed_loss_error
        shown = "" if error is None else f" ± {error:.0f}"
        loss = f"{fatigue.speed_loss_percent:.0f}{shown} %"
        yield f"Speed lost from the fastest repetition to the last: {loss}"


def _rep(rep: RepPart, titles: Mapping[str, str]) -> Text:
    score = "  –" if rep.score is None else f"{whole_score(rep.score):3}"
    side = "" if rep.side == "both" else f" {rep.side:<5}"
    line = Text(f"  {rep.index:>2}  {rep.start_s:.1f}–{rep.end_s:.1f} s{side}  {score}")
    for verdict in _NAMED:
        for check in rep.checks:
            if check.verdict == verdict.value:
                name = titles.get(check.id) or short_name(check.id)
                line.append(f"  {SYMBOLS[verdict]} {name}", style=STYLES[verdict])
    return line


def _none(wanted: Wanted) -> str:
    """Why a list is empty: nothing is kept, or nothing of what was asked for."""
    asked = (("athlete", wanted.athlete), ("exercise", wanted.exercise), ("tag", wanted.tag))
    said = " ".join(f"--{name} {value}" for name, value in asked if value is not None)
    if said:
        return f"No set matches {said}; formcheck history list shows all there are."
    return "No sets yet: formcheck analyze keeps each one it analyses."


def _exercise(kept: KeptSet) -> str:
    return (kept.exercise or "not recognised").replace("_", " ")


def _load(load_kg: float | None) -> str:
    return "–" if load_kg is None else f"{load_kg:g} kg"


def _amount(value: float, unit: str) -> str:
    digits = _digits(unit)
    return f"{round(value, digits) + 0.0:.{digits}f}{_UNITS.get(unit, ' ' + unit)}"


def _digits(unit: str) -> int:
    """As in the report: the errors allow no finer ones."""
    return {"deg": 0, "deg/s": 0, "cm": 0, "s": 1}.get(unit, 2)


def _as_shown(change: Change) -> Change:
    """The change between both values as they are shown, where they stand beside it."""
    digits = _digits(change.unit)
    return replace(change, before=round(change.before, digits), after=round(change.after, digits))


def _with_error(point: SetValue, unit: str) -> str:
    error = "" if point.error is None else f" ± {_amount(point.error, unit)}"
    return _amount(point.value, unit) + error


def _difference(change: Change) -> str:
    by = round(change.difference, _digits(change.unit))
    error = "" if math.isnan(change.error) else f" ± {_amount(change.error, change.unit)}"
    return f"{'+' if by >= 0 else '-'}{_amount(abs(by), change.unit)}{error}"


def _verdict(change: Change) -> str:
    judged = {True: ", better", False: ", worse", None: ""}[change.better]
    return WORDS[change.direction] + judged
