"""Rules: a measure, a limit, a source; and the one place where a verdict is made."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from formcheck.clock import hole_s
from formcheck.types import (
    SAGITTAL_VIEWS,
    Capture,
    Check,
    Measure,
    Rep,
    Signals,
    Verdict,
    View,
)

SourceKind = Literal["standard", "study", "convention", "practice", "profile"]
SAGITTAL = SAGITTAL_VIEWS
SIDE: tuple[View, ...] = ("side",)
FRONTAL: tuple[View, ...] = ("front",)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from; ``practice`` and ``convention``: no study backs the number.

    ``profile``: the user's own limit (:mod:`formcheck.profiles`).
    """

    kind: SourceKind
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """The value that must not be exceeded (``sense="max"``) or undercut (``"min"``)."""

    value: float
    sense: Literal["max", "min"]

    @property
    def better(self) -> Literal["low", "high"]:
        """Which way is better: away from the wrong side."""
        return "low" if self.sense == "max" else "high"

    def in_words(self, unit: str) -> str:
        """``at most 10°``, for a limit in this unit."""
        bound = "at most" if self.sense == "max" else "at least"
        return f"{bound} {self.value:g}{'°' if unit == 'deg' else ' ' + unit}"

    def excess(self, value: float) -> float:
        """How far a value is on the wrong side of the limit; negative on the right side."""
        return value - self.value if self.sense == "max" else self.value - value


@dataclass(frozen=True, slots=True)
class Stance:
    """The person's own upright stance in this clip: a value by signal name (NaN: not seen).

    ``error``, by the same names: how far off the value may be. ``bend_deg``: hip and knee flexion
    together as the movement shows them, whatever the view; NaN: nobody stood.
    """

    values: dict[str, float]
    error: dict[str, float] = field(default_factory=dict)
    bend_deg: float = math.nan

    def __getitem__(self, name: str) -> float:
        return self.values.get(name, math.nan)


NO_STANCE = Stance({})


@dataclass(frozen=True, slots=True)
class RepContext:
    """What a measure may look at: one repetition in its set.

    ``bottom`` and ``top`` are frame indices: the deepest point and the most upright (or most
    extended) one that belongs to this repetition. ``rise`` is the half-open range of frames from
    the bottom to the top of the concentric phase. ``feet_apart``: the
    repetition ends in a split stance, and ``stance`` is the best top of such repetitions.
    ``top_seen``: False when the clip ended or the body was lost on the way to the top.
    ``start_seen``: False when the clip began on the way down.
    ``turning``: the first and the last frame that are as good as at the turn.
    ``start_doubt_s``: how much later than at its start one that turns at the top may have begun.
    ``heel_rise``: how far the heel is up at the bottom, where the pictures tell.
    ``locked``: the frame at which hip and knee together are straightest; None: the top.
    ``drawn``: the landmarks are a pose model's, with its habits.
    """

    signals: Signals
    rep: Rep
    bottom: int
    top: int
    rise: tuple[int, int]
    stance: Stance
    capture: Capture
    feet_apart: bool = False
    top_seen: bool = True
    start_seen: bool = True
    turning: tuple[int, int] | None = None
    start_doubt_s: float = 0.0
    heel_rise: Measure | None = None
    locked: int | None = None
    drawn: bool = False

    def beside_hole(self, first: int, last: int) -> bool:
        """Whether the film has a hole beside some frames: what is looked for may lie in it."""
        time_s = self.signals.time_s
        return hole_s(time_s, float(time_s[first]), float(time_s[last])) > 0


def capture_at(contexts: Sequence[RepContext], frame: int) -> Capture:
    """The view of the repetition next to a frame: people turn between them."""
    return min(contexts, key=lambda context: abs(context.rep.turn - frame)).capture


@dataclass(frozen=True, slots=True)
class Rule:
    """One check: what is measured, in which views, against which limit and on whose authority.

    ``angle`` names the signal that ``measure`` reads (its error comes from that angle's);
    ``measured`` says in words what is made of it, empty where it is the angle itself.
    ``cue`` is a sentence with ``{amount}`` (how far beyond the limit, rounded) for the lifter;
    ``cue_moved`` the same for another limit, where ``cue`` says in words where the usual one is;
    ``amount``: the value is how much of a fault there is, and at 0 and below there is none.
    ``full_deg`` is the excess at which the check's share of the score is used up; ``weight`` is
    that share (0..1).
    """

    id: str
    title: str
    angle: str
    measure: Callable[[RepContext], Measure]
    limit: Limit
    views: tuple[View, ...]
    source: Source
    cue: str
    full_deg: float = 20.0
    weight: float = 0.3
    unit: str = "deg"
    measured: str = ""
    cue_moved: str = ""
    amount: bool = False

    @property
    def better(self) -> Literal["low", "high", "zero"]:
        """Which way is better: away from the wrong side; of a fault there is no less than none."""
        return "zero" if self.amount and self.limit.sense == "max" else self.limit.better

    @property
    def in_words(self) -> str:
        """What is compared with the limit."""
        return self.measured or self.angle.replace("_", " ")


def judge(rule: Rule, context: RepContext) -> Check:
    """Measure and decide.

    ``cannot_tell`` outside the rule's views, without a value or an error of it, or when a finding
    about the capture makes it unmeasurable; the finding's code is then the reason.
    Within the measurement error of the limit the answer is ``borderline``: the data cannot tell
    the two sides apart.
    """
    if context.capture.view not in rule.views:
        measure = Measure(math.nan, math.nan, rule.unit, context.rep.turn, "view")
    else:
        measure = gated(context, rule.measure(context), rule.angle, rule.id.rpartition(".")[2])
    if math.isfinite(measure.value) and not math.isfinite(measure.error):
        measure = Measure(math.nan, math.nan, rule.unit, measure.at, measure.reason or "view")
    measure = _if_it_tells(rule.limit, measure)
    verdict = _verdict(rule.limit, measure)
    return Check(
        id=rule.id,
        verdict=verdict,
        value=measure.value,
        limit=rule.limit.value,
        margin=measure.error,
        unit=rule.unit,
        at=measure.at,
        reason=measure.reason,
        cue=_cue(rule, verdict, measure),
        side=measure.side,
    )


def gated(context: RepContext, measure: Measure, *names: str) -> Measure:
    """The measure, or none when the capture makes one of the named things unmeasurable."""
    code = context.capture.blocks(*names)
    return Measure(math.nan, math.nan, measure.unit, measure.at, code) if code else measure


def _if_it_tells(limit: Limit, measure: Measure) -> Measure:
    """The measure, or none where it is the least of what it may be and that does not fail."""
    if not measure.reason or math.isnan(measure.value):
        return measure
    if limit.sense == "max" and limit.excess(measure.value) > measure.error:
        return replace(measure, reason="")
    return replace(measure, value=math.nan, error=math.nan, side=None)


def _verdict(limit: Limit, measure: Measure) -> Verdict:
    if math.isnan(measure.value):
        return Verdict.CANNOT_TELL
    excess = limit.excess(measure.value)
    if abs(excess) <= measure.error:
        return Verdict.BORDERLINE
    return Verdict.FAIL if excess > 0 else Verdict.PASS


def _amount(excess: float, unit: str) -> str:
    """How far beyond the limit, in the rule's unit; "" for less than half a degree."""
    if unit != "deg":
        return f"{excess:.2g} {unit}"
    return f"{round(excess)}°" if round(excess) > 0 else ""


def _cue(rule: Rule, verdict: Verdict, measure: Measure) -> str:
    """What to try; empty where nothing was found, and on the right side of a limit that is near.

    Beyond it by less than half a degree: without the part that tells how far.
    """
    if verdict in (Verdict.PASS, Verdict.CANNOT_TELL) or rule.limit.excess(measure.value) <= 0:
        return ""
    amount = _amount(rule.limit.excess(measure.value), rule.unit)
    if amount:
        return rule.cue.format(amount=amount)
    said = rule.cue.partition(":")[0]
    return "" if "{" in said else said
