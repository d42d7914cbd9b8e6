"""What the review shows of an analysis, as plain JSON: the component only draws it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from formcheck.exercises import EXERCISES, turn_of
from formcheck.marks import PARTIAL, whole_score, without_options
from formcheck.report import chart, words
from formcheck.report.info import RuleInfo, info_of, rule_info
from formcheck.report.keyframes import KeyFrame
from formcheck.types import Analysis, Check, FloatArray, ScoredRep, Verdict, finite_median

Json = dict[str, Any]
USUAL_ERROR_DEG = 5.0
"""Of an angle over time, where nothing that was measured of it has an error of its own."""


def all_rules() -> dict[str, RuleInfo]:
    """Every rule by its check id."""
    return rule_info(rule for known in EXERCISES.values() for rule in known.rules)


def review_of(analysis: Analysis, frames: Sequence[KeyFrame]) -> Json:
    """Everything that the player, the timeline and the cards of a set show."""
    rules = all_rules()
    times = analysis.track.time_s
    summary = analysis.summary
    return {
        "title": words.exercise_title(analysis.exercise.id, analysis.exercise.variant),
        "exercise": analysis.exercise.id,
        "lift": words.exercise_title(analysis.exercise.id).lower()
        if analysis.exercise.variant
        else "",
        "turn": turn_of(analysis.exercise.id),
        "corrected": analysis.reps_source == "corrected",
        "people": [
            {"n": p.number, "t": _number(p.at_s, 3), "chosen": p.chosen}
            for p in analysis.track.scene.people
        ],
        "told": analysis.exercise.source == "told",
        "sure": _number(analysis.exercise.confidence, 2),
        "clip": analysis.clip.name,
        "width": analysis.clip.width,
        "height": analysis.clip.height,
        "duration": _number(analysis.clip.duration_s, 3),
        "view": words.view(analysis),
        "model": analysis.model,
        "coverage": _number(analysis.coverage, 3),
        "score": _score(summary.score),
        "out_of": words.out_of(summary.score, summary.verdict_counts),
        "level": words.set_level(summary),
        "counts": [
            {"verdict": v.value, **_mark(v), "count": int(summary.verdict_counts.get(v, 0))}
            for v in Verdict
        ],
        "no_cues": words.no_cues(analysis),
        "cues": [{"text": c.text, "check": c.check, "reps": list(c.reps)} for c in summary.cues],
        "nothing_found": words.nothing_found(analysis),
        "warnings": [without_options(note) for note in words.notes(analysis)],
        "times": _numbers(times, 3),
        "traces": _traces(analysis),
        "reps": [
            _rep(number, scored, analysis, frames, rules)
            for number, scored in enumerate(analysis.reps, start=1)
        ],
        "partial": [
            {"start": _number(times[p.start], 3), "end": _number(times[p.end], 3),
             "why": PARTIAL[p.reason]}
            for p in analysis.partial_reps
        ],
        "words": chart.timeline_words(analysis),
    }  # fmt: skip


def key_name(frame: KeyFrame) -> str:
    """The file that a key frame is kept in."""
    return f"key-{frame.rep}-{frame.position}.jpg"


def _mark(verdict: Verdict) -> dict[str, str]:
    return {"symbol": words.MARKS[verdict].symbol, "word": words.MARKS[verdict].word}


def _traces(analysis: Analysis) -> list[Json]:
    found = []
    for panel in chart.panels(analysis):
        lines = [
            {"label": label, "values": _numbers(values, 1)}
            for label, values in chart.traces(analysis, panel.angle)
        ]
        found.append(
            {
                "angle": panel.angle,
                "title": panel.title,
                "hint": panel.hint,
                "error": _number(_error(analysis, panel.angle), 1) if panel.to_scale else None,
                "lines": lines,
                "limits": _limits(analysis, panel.angle),
            }
        )
    return found


def _error(analysis: Analysis, angle: str) -> float:
    """The stated error of an angle, typical of this set."""
    errors = [
        measure.error
        for scored in analysis.reps
        for name, measure in scored.measures.items()
        if name.startswith(angle) and measure.unit == "deg" and math.isfinite(measure.error)
    ]
    errors += [
        check.margin
        for scored in analysis.reps
        for check in scored.checks
        if chart.limit_level(analysis, check, angle) is not None and math.isfinite(check.margin)
    ]
    return finite_median(np.array(errors)) if errors else USUAL_ERROR_DEG


def _limits(analysis: Analysis, angle: str) -> list[Json]:
    return [
        {"t": _number(analysis.track.time_s[check.at], 3), "level": _number(level, 1),
         "rep": number, "check": check.id}
        for number, scored in enumerate(analysis.reps, start=1)
        for check in scored.checks
        if (level := chart.limit_level(analysis, check, angle)) is not None
    ]  # fmt: skip


def _rep(
    number: int,
    scored: ScoredRep,
    analysis: Analysis,
    frames: Sequence[KeyFrame],
    rules: Mapping[str, RuleInfo],
) -> Json:
    times, rep, worst = analysis.track.time_s, scored.rep, words.worst(scored.checks)
    return {
        "n": number,
        "start": _number(times[rep.start], 3),
        "turn": _number(times[rep.turn], 3),
        "end": _number(times[rep.end], 3),
        "span": f"{times[rep.start]:.1f}–{times[rep.end]:.1f} s",
        "score": _score(scored.score),
        "level": words.rep_level(scored),
        "symbol": words.MARKS[worst.verdict if worst else Verdict.CANNOT_TELL].symbol,
        "side": "" if rep.side == "both" else f"{rep.side} leg",
        "frames": [
            {"position": f.position, "t": _number(f.time_s, 3), "at": _at(f.time_s),
             "file": key_name(f), "width": f.width, "height": f.height}
            for f in frames
            if f.rep == number
        ],
        "checks": [_check(check, analysis, rules) for check in scored.checks],
        "measures": [
            {"name": name, "title": words.measure_title(name), "unit": m.unit,
             "text": words.with_error(m.value, m.error, m.unit),
             "value": _number(m.value, 3), "error": _number(m.error, 3)}
            for name, m in scored.measures.items()
        ],
    }  # fmt: skip


def _check(check: Check, analysis: Analysis, rules: Mapping[str, RuleInfo]) -> Json:
    info = info_of(check.id, rules)
    reason, advice = "", ""
    if check.verdict is Verdict.CANNOT_TELL:
        reason, advice = words.cannot_tell(check, info)
    measured = words.measured(check)
    return {
        "id": check.id,
        "title": info.title,
        "verdict": check.verdict.value,
        **_mark(check.verdict),
        "measured": measured[:1].upper() + measured[1:],
        "value": words.with_error(check.value, check.margin, check.unit),
        "number": _number(check.value, 3),
        "margin": _number(check.margin, 3),
        "unit": check.unit,
        "limit": words.limit_in_full(check, info),
        "t": _number(analysis.track.time_s[check.at], 3),
        "at": _at(analysis.track.time_s[check.at]),
        "kind": info.source_kind,
        "source": info.source_text,
        "url": info.url if info.url.startswith("https://") else "",
        "reason": reason,
        "advice": without_options(advice),
        "cue": check.cue if check.verdict is Verdict.FAIL else "",
    }


def _at(time_s: float) -> str:
    """A moment as report.html has it: rounded once, and halves as there."""
    return f"{time_s:.2f} s"


def _score(score: float) -> int | None:
    return None if math.isnan(score) else whole_score(score)


def _number(value: float, digits: int) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def _numbers(values: FloatArray, digits: int) -> list[float | None]:
    return [_number(value, digits) for value in values]
