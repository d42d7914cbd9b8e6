"""report.html: one page with everything in it, for the phone first, light and dark, printable."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from formcheck import __version__, changes
from formcheck.marks import PARTIAL, whole_score
from formcheck.report import profile, words
from formcheck.report.chart import (
    NARROW,
    WIDE,
    has_limits,
    panels,
    timeline_svg,
    timeline_words,
)
from formcheck.report.files import write_text
from formcheck.report.info import RuleInfo, info_of
from formcheck.report.keyframes import KeyFrame, make_key_frames
from formcheck.report.words import MARKS, Mark
from formcheck.types import Analysis, Check, Measure, ScoredRep, Verdict


@dataclass(frozen=True, slots=True)
class _Row:
    """A verdict as a line of a table."""

    anchor: str
    title: str
    verdict: Verdict
    mark: Mark
    measured: str
    value: str
    limit: str
    time_s: float
    source_kind: str
    source_text: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class _Rep:
    """A repetition as a section of the page."""

    number: int
    side: str
    start_s: float
    end_s: float
    score: str
    level: words.Level
    frames: tuple[KeyFrame, ...]
    rows: tuple[_Row, ...]
    measures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A check as a line of the table of sources, with its verdict on each repetition."""

    anchor: str
    title: str
    limit: str
    info: RuleInfo
    verdicts: tuple[tuple[int, Verdict, Mark], ...]


SHEET_REPS = 15
"""Columns of verdicts that fit on a sheet of paper."""


@dataclass(frozen=True, slots=True)
class _Sheets:
    """The repetitions of the table of verdicts: all at once, and in parts that fit on paper.

    On a screen a wide table can be moved sideways. ``parts`` is empty where the whole fits.
    """

    whole: slice
    parts: tuple[slice, ...]

    @classmethod
    def of(cls, reps: int) -> _Sheets:
        """For a number of repetitions."""
        firsts = range(0, reps, SHEET_REPS) if reps > SHEET_REPS else ()
        return cls(slice(0, reps), tuple(slice(k, k + SHEET_REPS) for k in firsts))


def write_html(
    clip_path: str | os.PathLike[str],
    analysis: Analysis,
    out_path: str | os.PathLike[str],
    rule_info: Mapping[str, RuleInfo] | None = None,
    blur_face: bool = False,
) -> list[KeyFrame]:
    """Write the page; ``rule_info`` describes the checks by id, those missing go by their id.

    ``blur_face`` hides the lifter's head in its pictures. Gives the key frames that are in it.
    Raises ClipError when the clip cannot be read, UsageError when the page cannot be written.
    """
    frames = make_key_frames(clip_path, analysis, blur_face=blur_face)
    write_text(out_path, render_html(analysis, frames, rule_info or {}))
    return frames


def render_html(
    analysis: Analysis, frames: list[KeyFrame], rule_info: Mapping[str, RuleInfo]
) -> str:
    """Make the page's text."""
    counts = Counter({v: analysis.summary.verdict_counts.get(v, 0) for v in Verdict})
    score = analysis.summary.score
    return template("report.html.jinja").render(
        analysis=analysis,
        title=words.exercise_title(analysis.exercise.id, analysis.exercise.variant),
        family=words.exercise_title(analysis.exercise.id).lower(),
        found_by=words.found_by(analysis.exercise),
        view=words.view(analysis),
        score=_score(score),
        out_of=words.out_of(analysis.summary.score, analysis.summary.verdict_counts),
        level=words.set_level(analysis.summary),
        counts=[(v.value, MARKS[v], counts[v]) for v in Verdict],
        cues=[cue.text for cue in analysis.summary.cues],
        no_cues=words.no_cues(analysis),
        close=counts[Verdict.BORDERLINE] > 0,
        nothing_found=words.nothing_found(analysis),
        notes=words.notes(analysis),
        charts=_charts(analysis),
        chart_words=timeline_words(analysis),
        limits_shown=has_limits(analysis),
        reps=[
            _rep(n, rep, analysis, frames, rule_info)
            for n, rep in enumerate(analysis.reps, start=1)
        ],
        rules=_rules(analysis, rule_info),
        sheets=_Sheets.of(len(analysis.reps)),
        profile=profile.in_words(analysis.profile, rule_info),
        tempo=[
            (words.measure_title(name), words.amount(value, "s"))
            for name, value in analysis.summary.tempo.items()
        ],
        drift=list(_drift(analysis)),
        partial=_partial(analysis),
        version=__version__,
    )


@lru_cache(maxsize=4)
def template(name: str) -> Template:
    """A page's template by its file name: text that is put in is escaped, a gap is an error."""
    environment = Environment(
        loader=PackageLoader("formcheck.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def _charts(analysis: Analysis) -> tuple[tuple[str, Markup], ...]:
    """The chart for wide and for narrow pages, where there is anything to draw.

    Its text is made from numbers and fixed words.
    """
    if len(analysis.signals.time_s) < 2 or not (analysis.reps or panels(analysis)):
        return ()
    return tuple(
        (name, Markup(timeline_svg(analysis, shape)))
        for name, shape in (("wide", WIDE), ("narrow", NARROW))
    )


def _rep(
    number: int,
    scored: ScoredRep,
    analysis: Analysis,
    frames: list[KeyFrame],
    rule_info: Mapping[str, RuleInfo],
) -> _Rep:
    times = analysis.track.time_s
    return _Rep(
        number=number,
        side="" if scored.rep.side == "both" else f"{scored.rep.side} leg",
        start_s=float(times[scored.rep.start]),
        end_s=float(times[scored.rep.end]),
        score=_score(scored.score),
        level=words.rep_level(scored),
        frames=tuple(frame for frame in frames if frame.rep == number),
        rows=tuple(_row(check, analysis, rule_info) for check in words.by_urgency(scored.checks)),
        measures=tuple(
            (words.measure_title(name), _measure(m)) for name, m in scored.measures.items()
        ),
    )


def _row(check: Check, analysis: Analysis, rule_info: Mapping[str, RuleInfo]) -> _Row:
    info = info_of(check.id, rule_info)
    reason, advice = "", ""
    if check.verdict is Verdict.CANNOT_TELL:
        reason, advice = words.cannot_tell(check, info)
    return _Row(
        anchor=_anchor(check),
        title=info.title,
        verdict=check.verdict,
        mark=MARKS[check.verdict],
        measured=words.measured(check),
        value=words.with_error(check.value, check.margin, check.unit),
        limit=words.limit(check, info),
        time_s=float(analysis.track.time_s[check.at]),
        source_kind=info.source_kind,
        source_text=info.source_text,
        reason=reason,
        advice=advice,
    )


def _rules(analysis: Analysis, rule_info: Mapping[str, RuleInfo]) -> list[_Rule]:
    """Each check of the set once, with its verdict on every repetition."""
    first: dict[str, Check] = {}
    verdicts: dict[str, list[tuple[int, Verdict, Mark]]] = {}
    for number, scored in enumerate(analysis.reps, start=1):
        for check in scored.checks:
            first.setdefault(check.id, check)
            found = (number, check.verdict, MARKS[check.verdict])
            verdicts.setdefault(check.id, []).append(found)
    rules = []
    for name, check in first.items():
        info = info_of(name, rule_info)
        limit = words.limit_in_full(check, info)
        rules.append(_Rule(_anchor(check), info.title, limit, info, tuple(verdicts[name])))
    return rules


def _partial(analysis: Analysis) -> list[tuple[float, float, str]]:
    times = analysis.track.time_s
    return [
        (float(times[p.start]), float(times[p.end]), PARTIAL[p.reason])
        for p in analysis.partial_reps
    ]


def _anchor(check: Check) -> str:
    return "source-" + "".join(c if c.isalnum() else "-" for c in check.id)


def _score(score: float) -> str:
    return "–" if math.isnan(score) else str(whole_score(score))


def _drift(analysis: Analysis) -> Iterator[tuple[str, str]]:
    """How much each measure changed from the first to the last third of the set, in words."""
    for name, value in analysis.summary.drift.items():
        seen = [
            (rep.rep.side, rep.measures[name])
            for rep in analysis.reps
            if name in rep.measures and math.isfinite(rep.measures[name].value)
        ]
        first, last = changes.thirds([_reading(m) for _, m in seen], [leg for leg, _ in seen])
        if math.isfinite(value) and first and last:
            change = changes.between(name, changes.typical(first), changes.typical(last))
            yield words.measure_title(name), words.changed(change)


def _reading(measure: Measure) -> changes.Reading:
    error = measure.error if math.isfinite(measure.error) else None
    return measure.value, error, measure.unit


def _measure(measure: Measure) -> str:
    return words.with_error(measure.value, measure.error, measure.unit)
