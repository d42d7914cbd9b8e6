"""What a batch found, a row a clip: summary.csv for programs, summary.html for people."""

from __future__ import annotations

import csv
import io
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from urllib.parse import quote

from formcheck import __version__
from formcheck.batch.sources import clip_name, shown
from formcheck.batch.work import Outcome, Status
from formcheck.exercises import titles
from formcheck.marks import few, whole_score
from formcheck.report import REPORT_HTML, Report, words
from formcheck.report.files import write_text
from formcheck.report.html import template

SUMMARY_CSV = "summary.csv"
SUMMARY_HTML = "summary.html"


@dataclass(frozen=True, slots=True)
class Row:
    """One clip. None and "": not known, as there is no report or nothing could be judged.

    ``passed`` … ``cannot_tell`` count verdicts over all repetitions, ``failed_checks`` the failed
    ones by check: ``squat.depth 2, squat.lockout 1``. ``folder`` is where the result lies.
    """

    clip: str
    status: Status
    exercise: str = ""
    confidence: float | None = None
    view: str = ""
    duration_s: float | None = None
    reps: int | None = None
    score: float | None = None
    passed: int | None = None
    borderline: int | None = None
    failed: int | None = None
    cannot_tell: int | None = None
    failed_checks: str = ""
    first_cue: str = ""
    profile: str = ""
    error: str = ""
    folder: str = ""
    sha256: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole batch: a row a clip, in the order of the sources, and the files that hold them."""

    rows: tuple[Row, ...]
    files: tuple[Path, ...] = ()

    def count(self, status: Status) -> int:
        """How many clips ended so."""
        return sum(row.status == status for row in self.rows)

    def in_words(self) -> str:
        """``24 clips: 20 scored, 3 done before, 1 failed``."""
        counts = ((self.count("scored"), "scored"), (self.count("done before"), "done before"))
        parts = [f"{count} {what}" for count, what in counts if count]
        parts.append(f"{self.count('failed')} failed")
        return f"{len(self.rows)} clip{'s' if len(self.rows) != 1 else ''}: {', '.join(parts)}"


def row_of(outcome: Outcome) -> Row:
    """What is known of a clip."""
    name, source = clip_name(outcome.source), shown(outcome.source)
    if outcome.status == "failed":
        return Row(name, "failed", error=outcome.error, source=source)
    try:
        report = Report.model_validate_json(outcome.report)
    except ValueError:
        error = f"{source}: the report in {outcome.folder} is damaged; remove it and run again"
        return Row(name, "failed", error=error, folder=outcome.folder, source=source)
    counts = report.set_.verdict_counts
    failed = Counter(c.id for rep in report.reps for c in rep.checks if c.verdict == "fail")
    return Row(
        clip=name,
        status=outcome.status,
        exercise=report.exercise.id or "",
        confidence=report.exercise.confidence,
        view=report.capture.view,
        duration_s=report.clip.duration_s,
        reps=len(report.reps),
        score=report.set_.score,
        passed=counts.get("pass", 0),
        borderline=counts.get("borderline", 0),
        failed=counts.get("fail", 0),
        cannot_tell=counts.get("cannot_tell", 0),
        failed_checks=", ".join(f"{check} {count}" for check, count in failed.most_common()),
        first_cue=report.set_.cues[0].text if report.set_.cues else "",
        profile=report.profile.name if report.profile else "",
        folder=outcome.folder,
        sha256=outcome.sha256,
        source=source,
    )


def write(rows: Sequence[Row], out: Path) -> Summary:
    """Write both tables, each whole; raises UsageError when that cannot be done."""
    summary = Summary(tuple(rows), (out / SUMMARY_CSV, out / SUMMARY_HTML))
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(field.name for field in fields(Row))
    table.writerows(["" if cell is None else cell for cell in astuple(row)] for row in rows)
    write_text(out / SUMMARY_CSV, text.getvalue())
    write_text(out / SUMMARY_HTML, _page(summary, out))
    return summary


@dataclass(frozen=True, slots=True)
class _Group:
    """The clips of one exercise together."""

    title: str
    clips: int
    reps: int
    score: str
    faults: tuple[str, ...]


def _page(summary: Summary, out: Path) -> str:
    links = {
        row.folder: f"{quote(row.folder)}/{REPORT_HTML}"
        for row in summary.rows
        if row.folder and (out / row.folder / REPORT_HTML).is_file()
    }
    return template("summary.html.jinja").render(
        headline=summary.in_words(),
        groups=_groups(summary.rows),
        rows=summary.rows,
        links=links,
        title=words.exercise_title,
        level=_level,
        whole=whole_score,
        few=_few,
        few_shown=any(map(_few, summary.rows)),
        version=__version__,
    )


def _level(row: Row) -> words.Level:
    return words.level(float("nan") if row.score is None else row.score, bool(row.failed))


def _few(row: Row) -> bool:
    """Whether a score rests on less than half the checks."""
    if row.score is None:
        return False
    found = {"pass": row.passed, "borderline": row.borderline, "fail": row.failed,
             "cannot_tell": row.cannot_tell}  # fmt: skip
    return few({name: count or 0 for name, count in found.items()})


def _groups(rows: Sequence[Row]) -> list[_Group]:
    groups, known = [], titles()
    for exercise in sorted({row.exercise for row in rows if row.exercise}):
        mine = [row for row in rows if row.exercise == exercise]
        scores = [row.score for row in mine if row.score is not None]
        faults: Counter[str] = Counter()
        for part in (part for row in mine for part in row.failed_checks.split(", ") if part):
            check, _, count = part.rpartition(" ")
            faults[known.get(check) or words.measure_title(check.partition(".")[2])] += int(count)
        groups.append(
            _Group(
                title=words.exercise_title(exercise),
                clips=len(mine),
                reps=sum(row.reps or 0 for row in mine),
                score=str(whole_score(statistics.median(scores))) if scores else "–",
                faults=tuple(f"{name} ({count})" for name, count in faults.most_common(3)),
            )
        )
    return groups
