"""What must not change the answer: the same set mirrored, scaled, at another frame rate.

Changes of landmarks (seconds, used by the tests) and the comparison of two results, which
`robustness.py` uses on whole videos as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from formcheck.types import (
    FloatArray,
    IntArray,
    Landmark,
    Measure,
    PoseTrack,
    ScoredRep,
    Signals,
    Verdict,
)

SAME_REP_S = 0.4


class Result(Protocol):
    """What an evaluation and an analysis have in common."""

    @property
    def reps(self) -> tuple[ScoredRep, ...]:
        """The repetitions."""

    @property
    def signals(self) -> Signals:
        """The angles."""


@dataclass(frozen=True, slots=True)
class Move:
    """A measure before and after. ``error`` is what was stated before."""

    name: str
    turn_s: float
    before: float
    after: float
    error: float

    @property
    def share(self) -> float:
        """How far it moved, in stated errors."""
        return abs(self.after - self.before) / max(self.error, 1e-9)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two results of the same set. ``turned``: checks that went from pass to fail or back."""

    reps_before: int
    reps_after: int
    moves: tuple[Move, ...]
    turned: tuple[str, ...]
    lost: int

    @property
    def beyond(self) -> list[Move]:
        """The measures that moved by more than their stated error, the worst first."""
        return sorted((m for m in self.moves if m.share > 1), key=lambda m: -m.share)


def compare(before: Result, after: Result) -> Comparison:
    """Repetition by repetition, matched by the time of their turn."""
    moves: list[Move] = []
    turned: list[str] = []
    lost = 0
    for rep, other in _pairs(before, after):
        turn_s = float(before.signals.time_s[rep.rep.turn])
        for name, one, two in _measures(rep, other):
            if np.isfinite(one.value) and np.isfinite(two.value) and np.isfinite(one.error):
                moves.append(Move(name, turn_s, one.value, two.value, one.error))
            elif np.isfinite(one.value):
                lost += 1
        verdicts = {check.id: check.verdict for check in other.checks}
        turned.extend(
            f"{check.id} at {turn_s:.1f} s"
            for check in rep.checks
            if {check.verdict, verdicts.get(check.id)} == {Verdict.PASS, Verdict.FAIL}
        )
    return Comparison(len(before.reps), len(after.reps), tuple(moves), tuple(turned), lost)


def _pairs(before: Result, after: Result) -> Iterator[tuple[ScoredRep, ScoredRep]]:
    turns = np.array([after.signals.time_s[rep.rep.turn] for rep in after.reps])
    for rep in before.reps:
        away = np.abs(turns - before.signals.time_s[rep.rep.turn])
        if len(away) and away.min() <= SAME_REP_S:
            yield rep, after.reps[int(np.argmin(away))]


def _measures(one: ScoredRep, two: ScoredRep) -> Iterator[tuple[str, Measure, Measure]]:
    """Values of measures and of checks, where both results hold them."""
    for name, measure in one.measures.items():
        if name in two.measures:
            yield name, measure, two.measures[name]
    others = {check.id: check for check in two.checks}
    for check in one.checks:
        if check.id in others:
            pair = (check, others[check.id])
            first, second = (Measure(c.value, c.margin, c.unit, c.at) for c in pair)
            yield check.id, first, second


# --- changes of landmarks -------------------------------------------------------------------------


def mirrored(track: PoseTrack) -> PoseTrack:
    """As if the picture had been flipped left to right: left becomes right."""
    order = _exchanged()
    xy = track.xy_px[:, order] * np.array([-1, 1]) + np.array([track.width, 0])
    world = track.world_m[:, order] * np.array([-1, 1, 1])
    return replace(
        track,
        xy_px=xy,
        world_m=world,
        visibility=track.visibility[:, order],
        presence=track.presence[:, order],
    )


def _exchanged() -> IntArray:
    """The landmarks' order with left and right exchanged."""
    names = {"LEFT": "RIGHT", "RIGHT": "LEFT"}
    order = []
    for mark in Landmark:
        words = [names.get(word, word) for word in mark.name.split("_")]
        order.append(int(Landmark["_".join(words)]))
    return np.array(order, dtype=np.int64)


def scaled(track: PoseTrack, factor: float) -> PoseTrack:
    """As if filmed in another resolution."""
    width, height = (round(n * factor) for n in (track.width, track.height))
    return replace(track, xy_px=track.xy_px * factor, width=width, height=height)


def padded(track: PoseTrack, left_px: int, top_px: int) -> PoseTrack:
    """As if the borders had been cropped less (or more, when negative) on the left and the top."""
    return replace(
        track,
        xy_px=track.xy_px + np.array([left_px, top_px]),
        width=track.width + left_px,
        height=track.height + top_px,
    )


def at_rate(track: PoseTrack, fps: float) -> PoseTrack:
    """As if filmed at another frame rate; seen only where both neighbours are."""
    time_s = np.arange(track.time_s[0], track.time_s[-1], 1 / fps)
    nearest = np.abs(track.time_s[None] - time_s[:, None]).argmin(axis=1)

    def between(values: FloatArray) -> FloatArray:
        flat = values.reshape(len(values), -1)
        columns = [np.interp(time_s, track.time_s, column) for column in flat.T]
        return np.stack(columns, axis=1).reshape(len(time_s), *values.shape[1:])

    return replace(
        track,
        time_s=time_s,
        shot=track.shot[nearest],
        xy_px=between(track.xy_px),
        world_m=between(track.world_m),
        visibility=between(track.visibility),
        presence=between(track.presence),
    )
