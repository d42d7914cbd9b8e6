"""Verdicts -> scores and ranked cues.

A check's quality is 1 until its value is beyond the limit by more than the measurement error; from
there it falls from FAILED in a straight line to 0 at ``full_deg``. Doubt is the lifter's. The score
of a repetition is 100 times the product over its judged checks of ``1 - weight * (1 - quality)``;
the set's is the mean of its repetitions. So a score never rises with a deviation, and a check that
cannot tell multiplies by 1: it costs nothing. Where all is in doubt there is no score: 100 would be
praise for what nobody has seen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from formcheck.changes import thirds
from formcheck.clock import frame_step_s
from formcheck.reps import MAX_HOLD_S
from formcheck.rules import Rule
from formcheck.types import (
    Check,
    Cue,
    Measure,
    Rep,
    ScoredRep,
    SetSummary,
    Signals,
    Verdict,
    finite_median,
)

FAILED = 0.9
"""Quality of what fails by a hair: a repetition with a failed check is not full marks."""
TEMPO_ERROR_S = 0.25
"""Where a slow movement begins and ends is uncertain by about this much, however fast the film."""


def quality(rule: Rule, check: Check) -> float:
    """1 up to limit and error, FAILED to 0 from there to ``full_deg``. The value must be seen."""
    excess = rule.limit.excess(check.value) - check.margin
    if excess <= 0:
        return 1.0
    return FAILED * float(np.clip(1 - excess / rule.full_deg, 0.0, 1.0))


def score_rep(rules: Sequence[Rule], checks: Sequence[Check]) -> float:
    """0..100; NaN when no check passed or failed."""
    judged = [
        (rule, check)
        for rule, check in zip(rules, checks, strict=True)
        if check.verdict is not Verdict.CANNOT_TELL
    ]
    if all(check.verdict is Verdict.BORDERLINE for _, check in judged):
        return math.nan
    return 100 * math.prod(1 - rule.weight * (1 - quality(rule, check)) for rule, check in judged)


def summarise(rules: Sequence[Rule], reps: Sequence[ScoredRep]) -> SetSummary:
    """Score, verdict counts, cues by what they cost most, tempo and drift of the set."""
    scores = [rep.score for rep in reps if not math.isnan(rep.score)]
    counts = Counter(check.verdict for rep in reps for check in rep.checks)
    return SetSummary(
        score=float(np.mean(scores)) if scores else math.nan,
        verdict_counts={verdict: counts.get(verdict, 0) for verdict in Verdict},
        cues=_cues(rules, reps),
        tempo=_medians([rep.measures for rep in reps], unit="s"),
        drift=_drift(reps),
    )


def _cues(rules: Sequence[Rule], reps: Sequence[ScoredRep]) -> tuple[Cue, ...]:
    """One sentence a failed check, the costliest first, with the worst repetition's amount.

    Where the others are less far off, the sentence says which one it is of.
    """
    found: list[tuple[float, Cue]] = []
    for k, rule in enumerate(rules):
        failed = [
            (number, rep.checks[k])
            for number, rep in enumerate(reps, start=1)
            if rep.checks[k].verdict is Verdict.FAIL
        ]
        if not failed:
            continue
        cost = sum(rule.weight * (1 - quality(rule, check)) for _, check in failed)
        which, worst = max(failed, key=lambda pair: rule.limit.excess(pair[1].value))
        numbers = tuple(number for number, _ in failed)
        alike = len({check.cue for _, check in failed}) == 1
        where = spoken(numbers) + ("" if alike else f", most in {spoken([which])}")
        found.append((cost, Cue(rule.id, numbers, f"{worst.cue or rule.title} ({where})")))
    return tuple(cue for _, cue in sorted(found, key=lambda pair: -pair[0]))


def spoken(numbers: Sequence[int]) -> str:
    """``rep 2``, ``reps 3–5``, ``reps 1, 3 and 4``: repetition numbers as one says them."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts: list[str] = []
    for run in runs:
        parts += [f"{run[0]}–{run[-1]}"] if len(run) > 2 else [str(n) for n in run]
    text = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return f"rep {text}" if len(numbers) == 1 else f"reps {text}"


def _medians(measures: Sequence[Mapping[str, Measure]], unit: str) -> dict[str, float]:
    names = [name for name, m in measures[0].items() if m.unit == unit] if measures else []
    return {name: finite_median(np.array([m[name].value for m in measures])) for name in names}


def _drift(reps: Sequence[ScoredRep]) -> dict[str, float]:
    """Median of the last third minus median of the first third, by measure, where it was seen."""
    drift: dict[str, float] = {}
    for name in reps[0].measures if reps else ():
        seen = [rep for rep in reps if not math.isnan(rep.measures[name].value)]
        first, last = thirds(
            [rep.measures[name].value for rep in seen], [rep.rep.side for rep in seen]
        )
        if first and last:
            drift[name] = float(np.median(last) - np.median(first))
    return drift


def tempo(
    rep: Rep,
    turning: tuple[int, int] | None,
    signals: Signals,
    start_doubt_s: float = 0.0,
) -> dict[str, Measure]:
    """Durations of one repetition in seconds.

    ``turning``: the first and last frame at the bottom of one that turns there; a pause belongs by
    halves to the way down and the way up, and is doubt about both. None: it turns at the top, and
    ``start_doubt_s`` is doubt about the way there.
    """
    time_s = signals.time_s
    error_s = max(2 * frame_step_s(time_s), TEMPO_ERROR_S)
    names, turn_s = ("concentric_s", "hold_s"), float(time_s[rep.turn])
    if turning is not None:
        names, (first, last) = ("eccentric_s", "concentric_s"), time_s[list(turning)]
        turn_s, error_s = float(first + last) / 2, max(error_s, float(last - first) / 2)
    spans = (turn_s - float(time_s[rep.start]), float(time_s[rep.end]) - turn_s)
    errors_s = (max(error_s, start_doubt_s), error_s)
    read = {
        name: Measure(value, off_s, "s", rep.turn)
        for name, value, off_s in zip(names, spans, errors_s, strict=True)
    }
    if turning is None and spans[1] > MAX_HOLD_S - frame_step_s(time_s):  # cut there, not over
        read["hold_s"] = Measure(math.nan, math.nan, "s", rep.turn, "held_on")
    return read
