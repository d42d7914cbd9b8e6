"""Repetitions + signals -> measures, verdicts and scores, one repetition at a time.

Also which moments of a repetition are looked at (bottom, top, where a pull begins).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from formcheck import scoring
from formcheck.clock import frames_in, hole_s
from formcheck.exercises import Exercise
from formcheck.measures import (
    MAX_STANCE_DEG,
    MIN_CONFIDENCE,
    at_bottom,
    at_top,
    short_of_straight,
)
from formcheck.rises import last_still, pull_start
from formcheck.rules import RepContext, Stance, gated, judge
from formcheck.types import (
    LEGS,
    SAGITTAL_VIEWS,
    Capture,
    FloatArray,
    Leg,
    Measure,
    Rep,
    ScoredRep,
    Signals,
    finite_median,
)
from formcheck.view import seen_at

TURNING_SHARE = 0.03
"""Of a repetition's depth: what is that near to its deepest is the turn, as in counting."""
START_SHARE = 0.1
"""Of the way up: what is no further from the start may still be the setting up."""
SUSTAINED_S = 0.3
"""What is kept for so long is held; what is shorter is passed through."""
OPENING_DEG = 5.0
"""Hips that move by more than this within SUSTAINED_S are on their way, not at their top."""
RISING_SHARE = 0.03
"""... and so are hips that rise by more than this within half of it, in leg lengths: arriving at a
top they rise by 0.01, half a second before it by 0.06."""
AS_STRAIGHT_DEG = 1.0
AS_SURE = 1.1
"""Moments of a lockout that differ by less are as straight as each other, and those whose errors
differ by less than this factor as sure: of these the straightest is the top."""
BEGUN_SHARE = 0.15
"""Of the way down, done in the first frame that is seen: when it began nobody knows."""
SEEN_BESIDE_SHARE = 0.7
"""Of half of SUSTAINED_S before a top and after it: with less than that seen, the hips have to rest
there."""
TOP_SEARCH_S, TOP_SEARCH_SHARE = 0.7, 0.3
"""How long after a repetition's end its most upright moment may still come: so long, or this share
of the way up, as what is left of a minimum-jerk motion that is 8 % short of its end, as a
repetition's is..."""
HELD_S, HELD_DEG = 0.7, 3.0
HELD_SHARE = 0.35
"""... unless the last repetition has ended before: in this upper part of its way, without getting
straighter by more than this for so long. Who stands up straight after that does so to walk away.
Before another repetition it is a sticking point."""


def rep_contexts(
    exercise: Exercise,
    reps: tuple[Rep, ...],
    motion: Signals,
    signals: Signals,
    capture: Capture,
    stance: Stance,
) -> list[RepContext]:
    """What the rules of each repetition may look at."""
    if not reps:
        return []
    depth = exercise.depth(motion)
    hips = {s: _sustained(signals.time_s, signals[f"hip_flexion_{s}_deg"]) for s in LEGS}
    bends = {s: _larger_bend(signals, stance, s) for s in LEGS}
    contexts = []
    for k, rep in enumerate(reps):
        until = reps[k + 1].start + 1 if k + 1 < len(reps) else len(depth)
        own = seen_at(capture, rep.turn)
        hip = hips[rep.side]
        start = pull_start(signals, rep, reps[k - 1].end if k else 0)
        bottom, last = _bottom_and_last(exercise, rep, start, depth, signals.time_s[:until])
        off = signals.error[f"hip_flexion_{rep.side}_deg"]
        after = slice(rep.turn, last + 1)
        top = _top(rep, after, depth, hip, off)
        turning = _turning(depth, rep) if exercise.turn == "bottom" else None
        up = last_still(signals, rep, top) if turning else bottom
        contexts.append(
            RepContext(
                signals=signals,
                rep=rep,
                bottom=bottom,
                top=top,
                locked=_locked(rep, after, depth, bends[rep.side], top),
                top_seen=_seen_to_the_top(signals, rep, depth, top),
                start_seen=exercise.turn == "top" or _seen_from_the_top(depth, rep),
                turning=turning,
                start_doubt_s=_start_doubt_s(depth, rep, signals.time_s)
                if exercise.turn == "top"
                else 0.0,
                rise=(up, max(top if turning else rep.turn, up + 1)),
                stance=stance,
                capture=own,
            )
        )
    return contexts


def _sustained(time_s: FloatArray, values: FloatArray) -> FloatArray:
    """The running median over SUSTAINED_S: what is held, not what is passed through.

    Of the frames that were seen; NaN where a frame itself was not.
    """
    half = _half_window(time_s)
    padded = np.pad(values, half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    held = np.full(len(values), np.nan)
    seen = np.isfinite(values)
    held[seen] = np.nanmedian(windows[seen], axis=1)
    return held


def _half_window(time_s: FloatArray) -> int:
    """Half of SUSTAINED_S in frames."""
    return frames_in(SUSTAINED_S / 2, time_s)


def _bottom_and_last(
    exercise: Exercise, rep: Rep, pull_start: int, depth: FloatArray, time_s: FloatArray
) -> tuple[int, int]:
    """Frames of the deepest point, and of the last one that still belongs to the repetition."""
    if exercise.turn == "top":
        return pull_start, rep.end
    search_s = max(TOP_SEARCH_S, TOP_SEARCH_SHARE * float(time_s[rep.end] - time_s[rep.turn]))
    last = max(int(np.searchsorted(time_s, time_s[rep.end] + search_s)) - 1, rep.end)
    if len(time_s) == len(depth):  # no other repetition follows
        last = _held_until(rep, depth, time_s, last)
    return rep.turn, last


def _top(
    rep: Rep, after: slice, depth: FloatArray, hip_deg: FloatArray, error_deg: FloatArray
) -> int:
    """The frame of the straightest hip; of those that are as straight the one that is surest.

    Of the least depth where the hip is not seen near the top: one that is seen at the bottom only
    is nowhere straight. The turn where nobody is seen from there on.
    """
    seen = np.isfinite(hip_deg[after]) & (depth[after] <= _near_top(rep, depth))
    straightness = (hip_deg if seen.any() else depth)[after]
    if not np.isfinite(straightness).any():
        return rep.turn
    alike = np.flatnonzero(straightness <= np.nanmin(straightness) + AS_STRAIGHT_DEG)
    off = error_deg[after][alike]
    off = np.where(np.isnan(off), np.inf, off)
    sure = alike[off <= AS_SURE * off.min()]
    return int(after.start) + int(sure[np.argmin(straightness[sure])])


def _larger_bend(signals: Signals, stance: Stance, leg: Leg) -> FloatArray:
    """(N,) the larger of hip and knee flexion over the own stance, as it is held.

    NaN where one of them is not seen well.
    """
    bends = []
    for name in (f"{joint}_flexion_{leg}_deg" for joint in ("hip", "knee")):
        own = stance[name]
        credit = 0.0 if math.isnan(own) else min(own, MAX_STANCE_DEG)
        sure = signals.confidence[name] >= MIN_CONFIDENCE
        held = _sustained(signals.time_s, signals[name])
        bends.append(np.where(sure, held - credit, np.nan))
    larger: FloatArray = np.maximum(*bends)
    return larger


def _locked(rep: Rep, after: slice, depth: FloatArray, bend_deg: FloatArray, top: int) -> int:
    """The frame near the top at which hip and knee together are straightest.

    The top itself, where the hip is, unless they surely are straighter at another: knees may lock
    after the hips have.
    """
    near = np.where(depth[after] <= _near_top(rep, depth), bend_deg[after], np.nan)
    if math.isnan(bend_deg[top]) or not np.isfinite(near).any():
        return top
    best = int(after.start) + int(np.nanargmin(near))
    return best if bend_deg[best] < bend_deg[top] - OPENING_DEG else top


def _near_top(rep: Rep, depth: FloatArray) -> float:
    """The depth in a repetition above which the hips are near the top."""
    whole = depth[rep.start : rep.end + 1]
    return float(np.nanmin(whole) + HELD_SHARE * (np.nanmax(whole) - np.nanmin(whole)))


def _turning(depth: FloatArray, rep: Rep) -> tuple[int, int]:
    """The first and the last frame that are as deep as the deepest, but for TURNING_SHARE.

    The turn itself where somebody has put it elsewhere.
    """
    deep = depth[rep.start : rep.end + 1]
    if not np.isfinite(deep).any():
        return rep.turn, rep.turn
    level = np.nanmax(deep) - TURNING_SHARE * (np.nanmax(deep) - np.nanmin(deep))
    low = rep.start + np.flatnonzero(deep >= level)
    first, last = int(low[0]), int(low[-1])
    return (first, last) if first <= rep.turn <= last else (rep.turn, rep.turn)


def _start_doubt_s(depth: FloatArray, rep: Rep, time_s: FloatArray) -> float:
    """How long a rise stays near its start: who rocks over the bar has begun to pull, or has not.

    Until the depth has left what it was at the start by START_SHARE of the way for good.
    """
    rise = depth[rep.start : rep.turn + 1]
    if not np.isfinite(rise[[0, -1]]).all():
        return 0.0
    near = np.flatnonzero(rise >= rise[0] - START_SHARE * (rise[0] - rise[-1]))
    return float(time_s[rep.start + near[-1]] - time_s[rep.start]) if len(near) else 0.0


def _seen_to_the_top(signals: Signals, rep: Rep, depth: FloatArray, top: int) -> bool:
    """Whether the hips came to rest before the clip ended or the body was lost, or was found again.

    By the depth where the hips of this side are not seen at all: what is hidden is not lost. By how
    high they are as well: an angle that trembles may seem to rest on the way.
    """
    half = _half_window(signals.time_s)
    hip_deg = signals[f"hip_flexion_{rep.side}_deg"]
    height_ratio = signals["hip_height"] / finite_median(signals["leg_length"])
    around = slice(max(top - half, 0), top + half + 1)
    opening = hip_deg if np.isfinite(hip_deg[around]).any() else depth
    beside = opening[max(top - half, 0) : top], opening[top + 1 : top + half + 1]
    if min(np.isfinite(part).sum() for part in beside) > SEEN_BESIDE_SHARE * half:
        return True
    opens, rises = _spread(opening[around]), _spread(height_ratio[around])
    return opens <= OPENING_DEG and not rises > RISING_SHARE


def _spread(values: FloatArray) -> float:
    """Greatest less least of what was seen; NaN where nothing was."""
    seen = values[np.isfinite(values)]
    return float(np.ptp(seen)) if len(seen) else math.nan


def _seen_from_the_top(depth: FloatArray, rep: Rep) -> bool:
    """Whether the body was seen before it went down, or else still as high as at its highest."""
    if rep.start >= 2 and np.isfinite(depth[rep.start - 2 : rep.start]).all():
        return True
    way = depth[rep.start : rep.end + 1]
    begun = depth[rep.start] - np.nanmin(way)
    return bool(begun <= BEGUN_SHARE * (np.nanmax(way) - np.nanmin(way)))


def _held_until(rep: Rep, depth: FloatArray, time_s: FloatArray, last: int) -> int:
    """The frame until which the first standing still after the bottom surely lasts."""
    near_top = depth[rep.start] + HELD_SHARE * (depth[rep.turn] - depth[rep.start])
    for frame in range(rep.turn, last):
        held = int(np.searchsorted(time_s, time_s[frame] + HELD_S))
        if held >= last:
            break
        if depth[frame] <= near_top and depth[frame] - depth[frame : held + 1].min() < HELD_DEG:
            return held
    return last


def score(exercise: Exercise, context: RepContext, height_cm: float | None = None) -> ScoredRep:
    """All checks, measures and the score of one repetition."""
    checks = tuple(judge(rule, context) for rule in exercise.rules)
    measures = _measures(exercise, context)
    if height_cm is not None:
        feet_stay = exercise.feet == "stay"
        measures["hip_travel"] = hip_travel(context, height_cm, feet_stay=feet_stay)
    return ScoredRep(context.rep, measures, checks, scoring.score_rep(exercise.rules, checks))


def _measures(exercise: Exercise, context: RepContext) -> dict[str, Measure]:
    """Values that are reported and judged by no rule: angles at bottom and top, and the tempo."""
    measures: dict[str, Measure] = {}
    for angle in ("hip_flexion", "knee_flexion", "trunk_inclination"):
        top = context if angle == "trunk_inclination" else _at_lockout(exercise, context)
        for end, measure in (("bottom", at_bottom(angle)(context)), ("top", at_top(angle)(top))):
            measures[f"{angle}_{end}"] = _in_view(gated(context, measure, angle))
    measures |= {name: _in_view(reader(context)) for name, reader in exercise.measures.items()}
    tempo = scoring.tempo(context.rep, context.turning, context.signals, context.start_doubt_s)
    tempo = _as_unsure_as_seen(context, tempo)
    if not context.start_seen:
        tempo["eccentric_s"] = _unseen(tempo["eccentric_s"], "start_not_seen")
    if not context.top_seen:
        last = "hold_s" if context.turning is None else "concentric_s"
        tempo[last] = _unseen(tempo[last], "top_not_seen")
    return measures | {name: gated(context, m, "tempo") for name, m in tempo.items()}


def _as_unsure_as_seen(context: RepContext, tempo: dict[str, Measure]) -> dict[str, Measure]:
    """The tempo, no surer than the lifter was seen for as the one way ends and the next begins."""
    time_s, rep = context.signals.time_s, context.rep
    seen_s = time_s[np.isfinite(context.signals["hip_height"])]
    unseen_s = [hole_s(seen_s, *[float(time_s[k])] * 2) for k in (rep.start, rep.turn, rep.end)]
    why = "low_frame_rate" if context.beside_hole(rep.start, rep.end) else "occluded"
    found = {}
    for (name, measure), *doubts_s in zip(tempo.items(), unseen_s, unseen_s[1:], strict=False):
        told = replace(measure, error=max(measure.error, *doubts_s))
        surely = not any(doubts_s) or told.error < told.value
        found[name] = told if surely else _unseen(measure, why)
    return found


def _at_lockout(exercise: Exercise, context: RepContext) -> RepContext:
    """The top of a repetition as its lockout is read, so that the angles told are those judged."""
    judged = any(rule.measure is short_of_straight for rule in exercise.rules)
    return replace(context, top=context.locked) if judged and context.locked else context


def _in_view(measure: Measure) -> Measure:
    """The measure, or none where its error has no bound: a view that does not show the angle.

    Nor where it is the least of what it may be: beside values it would read as one.
    """
    seen = math.isnan(measure.value) or (math.isfinite(measure.error) and not measure.reason)
    return measure if seen else _unseen(measure, measure.reason or "view")


def _unseen(measure: Measure, reason: str) -> Measure:
    return Measure(math.nan, math.nan, measure.unit, measure.at, reason)


LEG_SHARE = 0.491
"""Hip to ankle in body heights: thigh 0.245 and shank 0.246 (Drillis & Contini 1966, as given in
Winter, Biomechanics and Motor Control of Human Movement)."""
HEIGHT_ERROR_SHARE = 0.07
"""People's proportions differ from that table by about this much: with it 23 of 25 ways of the
sample clips' lifters are as far as is said."""


def hip_travel(context: RepContext, height_cm: float, *, feet_stay: bool) -> Measure:
    """How far the hips move up or down between bottom and top, centimetres.

    Over the feet where these stay on the floor and are seen: a camera that follows the lifter moves
    the whole picture. Its error holds those of hips and feet at both ends.
    """
    if not context.top_seen:
        return Measure(math.nan, math.nan, "cm", context.top, "top_not_seen")
    if context.capture.view not in SAGITTAL_VIEWS:
        return Measure(math.nan, math.nan, "cm", context.top, "view")
    if any(context.beside_hole(end, end) for end in (context.bottom, context.top)):
        return Measure(math.nan, math.nan, "cm", context.rep.turn, "low_frame_rate")
    signals, ends = context.signals, [context.bottom, context.top]
    leg = finite_median(signals["leg_length"])
    if math.isnan(leg):
        return Measure(math.nan, math.nan, "cm", context.top, "occluded")
    body_cm = LEG_SHARE * height_cm / leg
    heights, errors = signals["hip_height"][ends], signals.error["hip_height"][ends]
    if feet_stay and _feet_seen(context, ends):
        heights = heights - signals["ankle_height"][ends]
        errors = np.hypot(errors, signals.error["ankle_height"][ends])
    value = body_cm * float(abs(heights[1] - heights[0]))
    if not math.isfinite(value):
        return Measure(math.nan, math.nan, "cm", context.rep.turn, "occluded")
    error = math.hypot(HEIGHT_ERROR_SHARE * value, body_cm * float(np.hypot(*errors)))
    return Measure(value, error, "cm", context.rep.turn)


def _feet_seen(context: RepContext, frames: list[int]) -> bool:
    """Whether it is seen where the ankles are; outside the picture they are guessed."""
    sure = context.signals.confidence["ankle_height"][frames]
    return bool(sure.min() >= MIN_CONFIDENCE) and not context.capture.blocks("shank_inclination")
