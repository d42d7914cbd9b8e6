from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formcheck.exercises import EXERCISES
from formcheck.rules import Limit, RepContext, Rule, Source, Stance, judge
from formcheck.scoring import quality, score_rep, spoken, summarise, tempo
from formcheck.types import Capture, Check, Measure, Rep, ScoredRep, Signals, Verdict

NAN = math.nan
steady = settings(max_examples=100, deadline=None, derandomize=True)
REP = Rep(0, 30, 60)
CONTEXT = RepContext(
    Signals(np.arange(90) / 30, {}),
    REP,
    30,
    60,
    (30, 60),
    Stance({}),
    Capture("side", 90, 5, "left"),
)


def rule(name: str, value: float, weight: float = 0.4, error: float = 3.0, sense="max") -> Rule:
    """A rule with limit 10 whose measure is fixed."""
    measure = Measure(value, error, "deg", 30, "occluded" if math.isnan(value) else "")
    return Rule(
        id=name,
        title=name,
        angle="hip_flexion",
        measure=lambda _context: measure,
        limit=Limit(10, sense),
        views=("side",),
        source=Source("study", "A study"),
        cue=f"Mind {name}: {{amount}} too far",
        weight=weight,
    )


def scored(*rules: Rule) -> ScoredRep:
    checks = tuple(judge(r, CONTEXT) for r in rules)
    return ScoredRep(REP, {}, checks, score_rep(rules, checks))


def a_set(*reps: list[Rule]) -> tuple[list[Rule], list[ScoredRep]]:
    return reps[0], [scored(*rules) for rules in reps]


FINE = rule("fine", 0)
values = st.floats(-90, 120)
weights = st.floats(0.05, 0.95)


@steady
@given(st.lists(st.tuples(values, weights), min_size=1, max_size=6), st.floats(0, 60), st.data())
def test_a_larger_deviation_never_raises_the_score(checks, more, data):
    worse_at = data.draw(st.integers(0, len(checks) - 1))
    rules = [FINE, *(rule(str(k), value, weight) for k, (value, weight) in enumerate(checks))]
    worse = list(rules)
    worse[1 + worse_at] = rule("w", checks[worse_at][0] + more, checks[worse_at][1])
    assert scored(*worse).score <= scored(*rules).score
    assert 0 <= scored(*worse).score <= 100


@steady
@given(values, st.floats(0, 60))
def test_a_lower_limit_is_deviated_from_downwards(value, more):
    assert scored(FINE, rule("a", value - more, sense="min")).score <= (
        scored(FINE, rule("a", value, sense="min")).score
    )


@steady
@given(st.lists(values, min_size=1, max_size=6), st.integers(1, 4))
def test_what_cannot_be_told_costs_nothing(seen, unseen):
    rules = [FINE, *(rule(str(k), value) for k, value in enumerate(seen))]
    hidden = [rule(f"h{k}", NAN, weight=0.9) for k in range(unseen)]
    assert scored(*rules, *hidden).score == scored(*rules).score


@pytest.mark.parametrize("lift", EXERCISES)
def test_the_real_rules_score_monotonously(lift):
    for real in EXERCISES[lift].rules:
        sign = 1 if real.limit.sense == "max" else -1
        beyond = [real.limit.value + sign * excess for excess in (-5, 0, 5, 10, 20, 40, 80)]
        checks = [Check(real.id, Verdict.FAIL, v, 0, 2, "deg", 0, "", "") for v in beyond]
        scores = [score_rep([real], [check]) for check in checks]
        assert scores == sorted(scores, reverse=True)
        assert scores[0] == 100
        assert scores[-1] < 100


def test_doubt_is_the_lifters():
    """Up to limit and error the score is full; beyond it falls in a straight line to the weight."""
    assert scored(FINE, rule("a", 13.0)).score == 100
    assert scored(rule("a", 13.1)).score < 97
    assert quality(*_judged(rule("a", 23.0))) == pytest.approx(0.45)
    assert scored(rule("a", 33.0, weight=0.4)).score == pytest.approx(60)
    assert scored(rule("a", 90.0, weight=0.4)).score == pytest.approx(60)


def _judged(one: Rule) -> tuple[Rule, Check]:
    return one, judge(one, CONTEXT)


def test_faults_multiply():
    both = scored(rule("a", 90, weight=0.4), rule("b", 90, weight=0.5)).score
    assert both == pytest.approx(100 * 0.6 * 0.5)


@pytest.mark.parametrize("others", [[], [rule("b", NAN)], [rule("b", 8.0), rule("c", NAN)]])
def test_where_all_is_in_doubt_there_is_no_score(others):
    assert math.isnan(scored(rule("a", 12.0), *others).score)
    assert scored(rule("a", 12.0), *others, FINE).score == 100


def test_nothing_judged_has_no_score():
    assert math.isnan(scored(rule("a", NAN), rule("b", NAN)).score)
    unjudged = summarise(*a_set([rule("a", NAN)], [rule("a", NAN)]))
    assert math.isnan(unjudged.score)
    assert unjudged.cues == ()
    assert unjudged.verdict_counts[Verdict.CANNOT_TELL] == 2
    assert math.isnan(summarise([rule("a", 1)], []).score)


def test_the_set_is_the_mean_of_its_judged_repetitions():
    summary = summarise(*a_set([rule("a", 0)], [rule("a", 90)], [rule("a", NAN)]))
    assert summary.score == pytest.approx((100 + 60) / 2)
    assert summary.verdict_counts == {
        Verdict.PASS: 1,
        Verdict.BORDERLINE: 0,
        Verdict.FAIL: 1,
        Verdict.CANNOT_TELL: 1,
    }


def test_cues_name_repetitions_and_the_costliest_comes_first():
    fine, small, big = (rule("cheap", v, weight=0.1) for v in (0, 40, 60))
    good, bad = rule("dear", 0, weight=0.8), rule("dear", 45, weight=0.8)
    summary = summarise(*a_set([small, good], [big, bad], [small, bad], [fine, bad]))
    assert [cue.check for cue in summary.cues] == ["dear", "cheap"]
    assert summary.cues[0].reps == (2, 3, 4)
    assert summary.cues[0].text == "Mind dear: 35° too far (reps 2–4)"
    assert summary.cues[1].text == "Mind cheap: 50° too far (reps 1–3, most in rep 2)"


def test_borderline_gives_no_cue():
    assert summarise(*a_set([rule("a", 12)], [rule("a", 8)])).cues == ()


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((2,), "rep 2"),
        ((1, 2), "reps 1 and 2"),
        ((3, 4, 5), "reps 3–5"),
        ((1, 3, 4), "reps 1, 3 and 4"),
        ((1, 3, 5), "reps 1, 3 and 5"),
        ((1, 2, 3, 5), "reps 1–3 and 5"),
        ((1, 3, 4, 5, 8), "reps 1, 3–5 and 8"),
        ((1, 2, 3, 5, 6, 7), "reps 1–3 and 5–7"),
    ],
)
def test_repetitions_as_one_says_them(numbers, text):
    assert spoken(numbers) == text


def measured(knee: float, down_s: float) -> ScoredRep:
    measures = {
        "knee_flexion_bottom": Measure(knee, 5, "deg", 0),
        "eccentric_s": Measure(down_s, 0.07, "s", 0),
    }
    return ScoredRep(REP, measures, (), NAN)


def test_tempo_is_the_median_and_drift_the_change_over_the_set():
    reps = [measured(120 - 3 * k, 1 + 0.1 * k) for k in range(6)]
    summary = summarise([], reps)
    assert summary.tempo == {"eccentric_s": pytest.approx(1.25)}
    assert summary.drift["knee_flexion_bottom"] == pytest.approx(-12)
    assert summary.drift["eccentric_s"] == pytest.approx(0.4)


@pytest.mark.parametrize("legs", ["LLLRRR", "LRLRLR", "LRLRLRLRLR", "LLLLRRR"])
@pytest.mark.parametrize("tires", [0, 12])
def test_a_leg_that_bends_less_than_the_other_is_no_drift(legs, tires):
    reps, done = [], {"L": 0, "R": 0}
    for leg in legs:
        own = done[leg] / (legs.count(leg) - 1)  # 0 to 1 over the repetitions of this leg
        rep = measured({"L": 120, "R": 95}[leg] - tires * own, 1)
        reps.append(replace(rep, rep=replace(REP, side="left" if leg == "L" else "right")))
        done[leg] += 1
    assert summarise([], reps).drift["knee_flexion_bottom"] == pytest.approx(-tires, abs=1)


def test_two_repetitions_of_each_leg_have_no_drift():
    reps = [measured(120 - 20 * k, 1) for k in range(4)]
    legs = ("left", "right", "left", "right")
    turns = [replace(r, rep=replace(REP, side=leg)) for r, leg in zip(reps, legs, strict=True)]
    assert summarise([], turns).drift == {}


def test_two_repetitions_have_no_drift_and_unseen_ones_do_not_count():
    assert summarise([], [measured(120, 1), measured(90, 2)]).drift == {}
    reps = [measured(NAN, 1), measured(110, 1), measured(100, 1)]
    assert "knee_flexion_bottom" not in summarise([], reps).drift


@pytest.mark.parametrize(
    ("turning", "names"),
    [((30, 30), ["eccentric_s", "concentric_s"]), (None, ["concentric_s", "hold_s"])],
)
def test_tempo_of_a_repetition(turning, names):
    signals = Signals(np.arange(90) / 30, {})
    found = tempo(Rep(0, 30, 75), turning, signals)
    assert [(n, m.value, m.unit) for n, m in found.items()] == [
        (names[0], pytest.approx(1.0), "s"),
        (names[1], pytest.approx(1.5), "s"),
    ]


def test_a_pause_at_the_bottom_is_no_matter_of_its_deepest_frame():
    signals = Signals(np.arange(120) / 30, {})
    early, late = (tempo(Rep(0, turn, 105), (30, 75), signals) for turn in (32, 74))
    assert early["eccentric_s"].value == late["eccentric_s"].value == pytest.approx(1.75)
    assert early["eccentric_s"].error == pytest.approx(0.75)
