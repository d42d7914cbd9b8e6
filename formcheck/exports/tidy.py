"""CSV: one row for each value of each repetition, as statistics programs like it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from formcheck.exports.source import Source
from formcheck.report.files import replacing
from formcheck.report.schema import RepPart
from formcheck.store import moment_in_iso

COLUMNS = (
    *("athlete", "performed_at", "load_kg", "clip", "exercise", "view"),
    *("rep", "side", "start_s", "turn_s", "end_s", "score"),
    *("kind", "name", "value", "error", "unit", "limit", "verdict", "reason", "at_s"),
)


def write(source: Source, path: Path) -> None:
    """Write measures and checks of every repetition; not measured = empty."""
    report, said = source.report, source.details
    moment = moment_in_iso(said.performed_at) if said.performed_at else None
    always = [said.athlete, moment, said.load_kg, report.clip.name]
    always += [report.exercise.id, report.capture.view]
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for rep in report.reps:
            which = [rep.index, rep.side, rep.start_s, rep.turn_s, rep.end_s, rep.score]
            writer.writerows([*always, *which, *row] for row in _rows(rep))


def _rows(rep: RepPart) -> Iterator[list[object]]:
    for name, measure in rep.measures.items():
        value = [measure.value, measure.error, measure.unit]
        yield ["measure", name, *value, None, None, None, None]
    for check in rep.checks:
        value = [check.value, check.margin, check.unit]
        yield ["check", check.id, *value, check.limit, check.verdict, check.reason, check.at_s]
