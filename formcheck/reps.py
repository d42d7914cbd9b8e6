"""Signals -> repetitions. Counting only: no limit of any rule is known here.

A repetition is a swing of one signal, "how far down", between the top zone and a turning point
that stands out of the set. What is enough is relative to the set's own range, so a shallow
repetition among deep ones counts (and is failed later), and noise while standing does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import scipy

from formcheck.errors import UsageError
from formcheck.types import FloatArray, IntArray, PartialRep, Rep
from formcheck.unbroken import MIN_REP_S, Unbroken, bridged, steady, unbroken

Turn = Literal["bottom", "top"]

TOP_ZONE_SHARE = 0.57
"""A repetition ends only where the signal has come back into this share of the range."""
EDGE_SHARE = 0.08
"""Start and end: where the signal leaves and re-enters the resting level by this share."""
STEP_IN_SHARE, STEP_IN_RATIO = 0.5, 1.2
"""A repetition starts or ends at the set's usual top rather than at a straighter stance if going
from one to the other takes longer than the one share of the way down or up, and than the other
times what it would take at the same pace: passing by takes a quarter of it in a minimum-jerk
motion, and more where the usual top is half-way down, as in a set of one-and-a-half squats."""
ARRIVAL_SHARE = 0.03
"""A top is reached where this share of the rise is left."""
STAY_SHARE, STEADY_SHARE, AS_DEEP_SHARE = 0.2, 0.7, 0.02
"""A stay at the bottom lasts while no more than the first share of the way down is missing; the
bottom is where the running median over the second share of the stay is deepest but for the third
(of the way down). More than a fifth would make one of two dips."""
SINKING_DEG = 200.0
"""What sinking by a leg length in the picture counts beside the depth where the bottom is looked
for: the rear knee of a lunge stays bent on the way up while the foot is brought forward. Of 345
rendered squats and lunges two turn more than 0.25 s off the true middle; by the depth alone 18 do.
"""
NEAR_TOP_SHARE = 0.35
SEEN_BEFORE_S = 0.07
"""How long somebody has to be seen before a repetition for its start to be one."""
CUT_SHARE = 0.6
"""Share of the usual time down that must be seen of a repetition that a clip or shot begins in: so
much is left, in a minimum-jerk motion with a pause at the bottom, when half of the depth is."""
MIN_RISE_S = 0.33
"""What turns at the top is the way up and a hold, half of a movement. Film that plays at twice its
speed shows pulls of 0.35 s."""
MAX_REP_S = 20.0
"""Of life: who sits down and stays there does not squat."""
MAX_HOLD_S = 3.0
"""The longest hold at a top that is the repetition's: longer ones are standing around."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found: whole repetitions and those cut by the clip or given up."""

    reps: tuple[Rep, ...] = ()
    partial: tuple[PartialRep, ...] = ()


@dataclass(frozen=True, slots=True)
class _Extreme:
    index: int
    value: float
    high: bool


def by_hand(time_s: FloatArray, spans_s: Sequence[Sequence[float]]) -> tuple[Rep, ...]:
    """Repetitions that somebody has marked: (start, turn, end) in seconds, in any order.

    ``time_s`` (N,): each time becomes the nearest frame. Raises UsageError when start, turn and
    end do not follow each other or two repetitions overlap.
    """
    reps: list[Rep] = []
    for number, span in enumerate(sorted(tuple(span) for span in spans_s), start=1):
        start, turn, end = (int(np.argmin(np.abs(time_s - t))) for t in span)
        if not start < turn <= end:
            raise UsageError(f"Rep {number}: start, turn and end must come in this order.")
        if reps and start < reps[-1].end:
            raise UsageError(f"Rep {number} begins before rep {number - 1} is over.")
        reps.append(Rep(start, turn, end))
    return tuple(reps)


def count(
    time_s: FloatArray,
    depth_deg: FloatArray,
    turn: Turn,
    shot: IntArray | None = None,
    hip_height_ratio: FloatArray | None = None,
    slowed: float = 1.0,
) -> Counted:
    """Find repetitions in ``depth_deg`` (N,), large at the bottom of the movement.

    ``turn="bottom"``: from the top down and back up (squat, lunge). ``turn="top"``: from the
    bottom up to the top; what follows the top is not needed (deadlift, hip thrust). NaN: not seen;
    bridged up to MAX_UNSEEN_S, a longer stretch splits the signal. So does a cut (``shot`` (N,), as
    in a PoseTrack) over which the posture does not go on. ``hip_height_ratio`` (N,) in the picture,
    leg lengths: tells the bottom more exactly. ``slowed``: how many times slower than life the film
    plays.
    """
    whole = unbroken(time_s, depth_deg, shot)
    if not whole.stretches:
        return Counted()
    low, high, swing = whole.low, whole.high, whole.swing
    lowest = _lowest(time_s, whole, shot, hip_height_ratio)
    reps: list[Rep] = []
    partial: list[PartialRep] = []
    turns = [_zigzag(values, swing) for _, values in whole.stretches]
    top_zone = _top_zone(turns, low, high, swing)
    finder = _find_dips if turn == "bottom" else _find_rises
    least_s = MIN_REP_S if turn == "bottom" else MIN_RISE_S
    for (offset, values), zigzag in zip(whole.stretches, turns, strict=True):
        extremes, given_up = _merge_bounces(zigzag, top_zone, turn)
        found = finder(values, extremes, top_zone)
        partial += [
            PartialRep(low.index + offset, turned.index + offset, "given_up")
            for low, turned in given_up
        ]
        for rep in found.reps:
            moved = Rep(rep.start + offset, rep.turn + offset, rep.end + offset)
            if turn == "top":
                moved = replace(moved, end=_last_held(time_s, moved))
            else:
                moved = replace(moved, turn=_bottom(time_s, lowest, moved))
            if least_s <= time_s[moved.end] - time_s[moved.start] <= MAX_REP_S * slowed:
                reps.append(moved)
        partial += [PartialRep(p.start + offset, p.end + offset, p.reason) for p in found.partial]
    if turn == "bottom":
        missed = [rep for rep in reps if _mostly_missed(rep, reps, time_s, whole)]
        partial += [PartialRep(rep.start, rep.end, "cut_start") for rep in missed]
        reps = [rep for rep in reps if rep not in missed]
    return Counted(tuple(reps), tuple(sorted(partial, key=lambda p: p.start)))


def _top_zone(turns: list[list[_Extreme]], low: float, high: float, swing: float) -> float:
    """Below this the movement has come back to its top; by the usual turns, not the widest.

    Where a set has tops of its own, between repetitions, these count: before and after a split
    squat somebody stands straighter.
    """
    lows = [turned.value for part in turns for turned in part if not turned.high] or [low]
    highs = [turned.value for part in turns for turned in part if turned.high] or [high]
    inner = [turned.value for part in turns for turned in part[1:-1] if not turned.high]
    tops = [value for value in inner if value < (low + high) / 2]
    usual_low = np.percentile(tops if len(tops) > 1 else lows, 30, method="nearest")
    usual_high = np.percentile(highs, 70, method="nearest")
    return float(usual_low + max(TOP_ZONE_SHARE * (usual_high - usual_low), swing))


def _last_held(time_s: FloatArray, rep: Rep) -> int:
    """The end of a repetition at its top: standing around afterwards is not part of it."""
    held = np.flatnonzero(time_s - time_s[rep.turn] <= MAX_HOLD_S + 1e-6)
    return min(rep.end, int(held[-1]))


def _mostly_missed(rep: Rep, reps: list[Rep], time_s: FloatArray, whole: Unbroken) -> bool:
    """Whether the picture came in when the way down was mostly over, so that it was not seen.

    That is: the rep starts with the first seen frame of the clip or after a break, not near the
    top, and its way down lasts less than CUT_SHARE of the usual one.
    """
    depth_deg, since = whole.depth_deg, whole.since(rep.start)
    near_top = whole.low + NEAR_TOP_SHARE * (whole.high - whole.low)
    first = since + int(np.flatnonzero(np.isfinite(depth_deg[since : rep.start + 1]))[0])
    before = (time_s >= time_s[rep.start] - SEEN_BEFORE_S) & (time_s < time_s[rep.start])
    waited = time_s[rep.start] - time_s[first] > SEEN_BEFORE_S
    begins_seen = waited and np.isfinite(depth_deg[before]).all()
    if begins_seen or depth_deg[rep.start] < near_top:
        return False
    others = [time_s[r.turn] - time_s[r.start] for r in reps if r is not rep]
    if not others:
        return False
    return bool(time_s[rep.turn] - time_s[rep.start] < CUT_SHARE * np.median(others))


def _zigzag(values: FloatArray, swing: float) -> list[_Extreme]:
    """Alternating extremes whose neighbours differ by at least ``swing``; the ends included."""
    lowest = highest = 0
    extremes: list[_Extreme] = []
    rising: bool | None = None
    for i, value in enumerate(values):
        if value < values[lowest]:
            lowest = i
        if value > values[highest]:
            highest = i
        if rising is not False and value <= values[highest] - swing:
            if rising is None and values[highest] - values[0] >= swing:
                lowest = int(np.argmin(values[: highest + 1]))
                extremes.append(_Extreme(lowest, float(values[lowest]), high=False))
            extremes.append(_Extreme(highest, float(values[highest]), high=True))
            rising, lowest, highest = False, i, i
        elif rising is not True and value >= values[lowest] + swing:
            if rising is None and values[0] - values[lowest] >= swing:
                highest = int(np.argmax(values[: lowest + 1]))
                extremes.append(_Extreme(highest, float(values[highest]), high=True))
            extremes.append(_Extreme(lowest, float(values[lowest]), high=False))
            rising, lowest, highest = True, i, i
    if rising is not None:
        last = highest if rising else lowest
        extremes.append(_Extreme(last, float(values[last]), high=rising))
    return extremes


def _merge_bounces(
    extremes: list[_Extreme], top_zone: float, turn: Turn
) -> tuple[list[_Extreme], list[tuple[_Extreme, _Extreme]]]:
    """Drop interior lows that never reached the top zone: a bounce at the bottom, not a rep.

    Of the highs around one the deeper is the bottom of a dip. A rise begins at the later one: what
    came before was given up, and comes second, each as its high and its low.
    """
    merged: list[_Extreme] = []
    given_up: list[tuple[_Extreme, _Extreme]] = []
    for i, extreme in enumerate(extremes):
        inside = 0 < i < len(extremes) - 1
        if not extreme.high and inside and extreme.value > top_zone:
            if turn == "top":
                given_up.append((extremes[i - 1], extreme))
        elif merged and merged[-1].high and extreme.high:
            deeper = max(merged[-1], extreme, key=lambda e: e.value)
            merged[-1] = extreme if turn == "top" else deeper
        else:
            merged.append(extreme)
    return merged, given_up


def _leaves(values: FloatArray, rest: int, turn: int, rest_deg: float | None = None) -> int:
    """The last index near the resting level on the way from ``rest`` to ``turn``.

    ``rest_deg``: that level, if it is not what is read at ``rest``.
    """
    step = 1 if turn > rest else -1
    path = np.arange(rest, turn + step, step)
    low = values[rest] if rest_deg is None else rest_deg
    level = low + EDGE_SHARE * (values[turn] - low)
    resting = (values[path] - level) * np.sign(values[turn] - low) <= 0
    return int(path[np.flatnonzero(resting)[-1]]) if resting.any() else rest


def _leaves_top(values: FloatArray, rest: int, turn: int, usual_deg: float) -> int:
    """Where a dip leaves the top that it comes from or goes to: the usual one of the set.

    Somebody who first stands and then steps into a split stays there before going down. Who only
    stops short of straight between repetitions passes that level, and starts from standing.
    """
    own = _leaves(values, rest, turn)
    if not usual_deg > values[rest]:
        return own
    usual = _leaves(values, rest, turn, usual_deg)
    pace = (usual_deg - values[rest]) / max(values[turn] - usual_deg, 1e-9)
    stays = max(STEP_IN_SHARE, STEP_IN_RATIO * pace) * abs(turn - usual)
    return usual if abs(usual - own) > stays else own


def _arrives(values: FloatArray, rest: int, leaves: int, turn: int) -> int:
    """The first index that is as good as at ``turn`` once ``rest`` was left for it."""
    path = np.arange(leaves, turn + 1)
    level = values[turn] + ARRIVAL_SHARE * (values[rest] - values[turn])
    return int(path[np.argmax(values[path] <= level)])


def _lowest(
    time_s: FloatArray, whole: Unbroken, shot: IntArray | None, hip_height_ratio: FloatArray | None
) -> list[FloatArray]:
    """What tells the bottom, (N,) each and the best first; NaN at a cut, which moves the camera."""
    if hip_height_ratio is None:
        return [whole.depth_deg]
    sunk = whole.depth_deg - SINKING_DEG * bridged(time_s, hip_height_ratio, whole.torn)
    if shot is not None:
        sunk[np.flatnonzero(np.diff(shot)) + 1] = np.nan
    return [sunk, whole.depth_deg]


def _bottom(time_s: FloatArray, lowest: Sequence[FloatArray], rep: Rep) -> int:
    """The middle of the time at the bottom: with a tremor the deepest frame is chance.

    Of what is left of the way down for the most of a stay, so that a jerk is not the bottom, but
    the end of a slow sinking is. ``lowest`` (N,) tell the bottom, the best first: the first that is
    seen all through the repetition is taken.
    """
    rows = slice(rep.start, rep.end + 1)
    tells = next(values[rows] for values in lowest if np.isfinite(values[rows]).all())
    inside = steady(time_s[rows], tells)
    below = inside.max() - inside
    stays, _ = scipy.ndimage.label(below <= STAY_SHARE * below.max())
    stay = np.flatnonzero(stays == stays[inside.argmax()])
    usual = scipy.ndimage.median_filter(inside, round(STEADY_SHARE * len(stay)) | 1, mode="nearest")
    low = stay[usual[stay] >= usual[stay].max() - AS_DEEP_SHARE * below.max()]
    return rep.start + int(low[np.argmin(np.abs(low - (low[0] + low[-1]) / 2))])


def _find_dips(values: FloatArray, extremes: list[_Extreme], top_zone: float) -> Counted:
    """Top -> bottom -> top."""
    reps: list[Rep] = []
    partial: list[PartialRep] = []
    last = len(values) - 1
    between = [e.value for e in extremes[1:-1] if not e.high]
    usual_deg = float(np.median(between)) if between else -np.inf
    for i, bottom in enumerate(extremes):
        if not bottom.high:
            continue
        before = extremes[i - 1] if i else None
        after = extremes[i + 1] if i + 1 < len(extremes) else None
        start = _leaves_top(values, before.index, bottom.index, usual_deg) if before else 0
        end = _leaves_top(values, after.index, bottom.index, usual_deg) if after else last
        if before is None:
            partial.append(PartialRep(0, end, "cut_start"))
        elif after is None:
            partial.append(PartialRep(start, last, "cut_end"))
        elif after.value > top_zone:
            reason: Literal["cut_end", "given_up"] = (
                "cut_end" if after.index >= last - 2 else "given_up"
            )
            partial.append(PartialRep(start, end, reason))
        else:
            reps.append(Rep(start, bottom.index, end))
    return Counted(tuple(reps), tuple(partial))


def _find_rises(values: FloatArray, extremes: list[_Extreme], top_zone: float) -> Counted:
    """Bottom -> top. The top counts once the signal has settled or gone down again."""
    reps: list[Rep] = []
    partial: list[PartialRep] = []
    last = len(values) - 1
    for i, top in enumerate(extremes):
        if top.high:
            continue
        if i == 0:
            continue
        bottom = extremes[i - 1]
        after = extremes[i + 1] if i + 1 < len(extremes) else None
        start = _leaves(values, bottom.index, top.index)
        arrival = _arrives(values, bottom.index, start, top.index)
        if top.value > top_zone:
            partial.append(PartialRep(start, top.index, "cut_end"))
        elif after is None and not _settled(values, top.index, bottom.value):
            partial.append(PartialRep(start, last, "cut_end"))
        else:
            end = _leaves(values, top.index, after.index) if after else last
            reps.append(Rep(start, arrival, max(end, arrival)))
    return Counted(tuple(reps), tuple(partial))


def _settled(values: FloatArray, top: int, bottom_value: float) -> bool:
    """Whether the rise had ended before the clip did."""
    room = EDGE_SHARE * (bottom_value - values[top])
    near = values <= values[top] + room
    return bool(near[max(top - 4, 0) :].all()) or top < len(values) - 3
