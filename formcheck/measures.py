"""What rules measure: small readers of one repetition, each giving value, error, unit and frame.

A value is the median over a short window around its frame. Where the landmarks that it needs were
not seen it is NaN, with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from formcheck.rules import RepContext, gated
from formcheck.types import SIDES, FloatArray, Measure, Side, finite_median
from formcheck.uncertainty import undrawn_deg

WINDOW_S = 0.07
MIN_CONFIDENCE = 0.4
"""Visibility below which nothing is read. Below a half the model rather guesses than sees (its
model card), but the errors that are stated hold as often down to this, and no verdict of rendered
people turns wrong by it, as one does from 0.3 on."""
MAX_STANCE_DEG = 15.0
"""Flexion that an upright stance may read and still be taken for standing straight.

Landmark hips and knees of people who stand straight read up to about 15 degrees of flexion; more
than that is a soft stance and is not credited.
"""

SAME_ANGLE_SHARE = 0.7
"""A change of one angle of one person errs less than the angle: what is constant cancels."""
HIDDEN_BELOW_SHARE = 0.85
"""From the side plates may hide joints at the bottom that are seen at the top: less cancels."""
SAME_POSE_SHARE = 0.55
"""... and less still in the same pose, as at the top of a lift in the own upright stance, seen from
the side. (Obliquely bodies that are nearly straight are drawn straighter than they are.)"""
SAME_FRAME_SHARE = 0.75
"""Two segments of one body in one picture, seen from the side: what turns all of it cancels."""
SAME_RISE_SHARE = 0.65
"""... and within a third of a second: the view and the occlusion hardly change."""

Reader = Callable[[RepContext], Measure]


def not_seen(at: int, reason: str) -> Measure:
    """A measure that could not be taken."""
    return Measure(math.nan, math.nan, "deg", at, reason)


def window(context: RepContext, at: int) -> slice:
    """Frames within WINDOW_S of one, in which a value is steadied."""
    time_s = context.signals.time_s
    lo = int(np.searchsorted(time_s, time_s[at] - WINDOW_S))
    hi = int(np.searchsorted(time_s, time_s[at] + WINDOW_S, side="right"))
    return slice(lo, hi)


def working_side(context: RepContext) -> Side:
    """The leg to look at: the one that works, or of two the one towards the camera."""
    return context.capture.near_side if context.rep.side == "both" else context.rep.side


def _name(context: RepContext, angle: str, side: Side) -> str:
    """The signal that an angle is read from: in a lift of both legs the mean of the two.

    So of both arms, whichever leg works.
    """
    if f"{angle}_deg" in context.signals.values:
        return f"{angle}_deg"
    both, of_both = f"{angle}_both_deg", context.rep.side == "both" or angle == "elbow_flexion"
    if of_both and both in context.signals.values:
        return both
    return f"{angle}_{side}_deg"


def _signal(context: RepContext, angle: str, side: Side) -> tuple[FloatArray, FloatArray]:
    """Values and confidence (N,) of an angle."""
    name = _name(context, angle, side)
    return context.signals.values[name], context.signals.confidence[name]


def error_deg(context: RepContext, angle: str, frames: slice, side: Side | None = None) -> float:
    """The stated error of one angle over some frames, degrees: the median of what was seen."""
    name = _name(context, angle, side or working_side(context))
    return finite_median(context.signals.error[name][frames])


def read(context: RepContext, angle: str, at: int, side: Side | None = None) -> Measure:
    """An angle at one frame."""
    if context.beside_hole(at, at):
        return not_seen(at, "low_frame_rate")
    values, confidence = _signal(context, angle, side or working_side(context))
    frames = window(context, at)
    value = finite_median(values[frames])
    if math.isnan(value):
        return not_seen(at, "occluded")
    if finite_median(confidence[frames]) < MIN_CONFIDENCE:
        return not_seen(at, "low_confidence")
    return Measure(value, error_deg(context, angle, frames, side), "deg", at)


def stance_value(context: RepContext, angle: str, side: Side | None = None) -> float:
    """The angle in the person's own upright stance; NaN where no stance was seen."""
    return context.stance[_name(context, angle, side or working_side(context))]


def stance_error(context: RepContext, angle: str, side: Side | None = None) -> float:
    """How far off that may be; 0 where it is not known."""
    error = context.stance.error.get(_name(context, angle, side or working_side(context)), 0.0)
    return 0.0 if math.isnan(error) else error


def at_bottom(angle: str) -> Reader:
    """The angle at the deepest point."""
    return lambda context: read(context, angle, context.bottom)


def at_top(angle: str) -> Reader:
    """The angle at the most extended point."""
    return lambda context: _read_top(context, angle)


def _read_top(context: RepContext, angle: str, side: Side | None = None) -> Measure:
    if not context.top_seen:
        return not_seen(context.top, "top_not_seen")
    return read(context, angle, context.top, side)


def short_of_straight(context: RepContext) -> Measure:
    """Hip or knee flexion left at the top against the own upright stance.

    That is the larger of the two, within an error that holds the larger of both whichever that
    is: a knee that is surely straight does not pass a lockout whose hip is unsure. Where only one
    is seen that is the least of what it may be: it can fail a lockout, but not pass it.
    """
    angles = ("hip_flexion", "knee_flexion")
    if context.locked is not None:
        context = replace(context, top=context.locked)
    return _larger([gated(context, _short(context, angle), angle) for angle in angles])


def _larger(measures: Sequence[Measure]) -> Measure:
    """The larger of some, within an error that holds the largest whichever that is.

    With the reason why another is not seen: it is the least of what it may be then.
    """
    seen = [m for m in measures if not math.isnan(m.value)]
    if not seen:
        return measures[0]
    unseen = next((m.reason for m in measures if m.reason), "")
    least, most = (max(m.value + sign * m.error for m in seen) for sign in (-1, 1))
    larger = max(seen, key=lambda m: m.value)
    return replace(larger, value=(least + most) / 2, error=(most - least) / 2, reason=unseen)


def hip_short_of_straight(context: RepContext) -> Measure:
    """Hip flexion left at the top against the own upright stance."""
    return _short(context, "hip_flexion")


def front_hip_short_of_straight(context: RepContext) -> Measure:
    """Hip flexion left at the top of a lunge, of the front leg.

    With the feet together again both legs are as straight: where the one that was in front is
    hidden behind the other, the other is measured.
    """
    front = hip_short_of_straight(context)
    if not math.isnan(front.value) or context.feet_apart:
        return front
    near = _short(context, "hip_flexion", context.capture.near_side)
    return front if math.isnan(near.value) else near


def _short_share(context: RepContext, stance_deg: float) -> float:
    """What share of the error is left of an angle less the same one in the own stance."""
    if math.isnan(stance_deg):
        return 1.0
    return SAME_POSE_SHARE if context.capture.view == "side" else SAME_ANGLE_SHARE


def _short(context: RepContext, angle: str, side: Side | None = None) -> Measure:
    """How much is left; with feet apart any amount of flexion may be put down to the stance."""
    measure = _read_top(context, angle, side)
    stance = stance_value(context, angle, side)
    most = math.inf if context.feet_apart else MAX_STANCE_DEG
    credit = 0.0 if math.isnan(stance) else min(stance, most)
    error = _short_share(context, stance) * max(measure.error, stance_error(context, angle, side))
    left = measure.value - credit
    more = undrawn_deg(left, context.capture.azimuth_deg) if context.drawn else 0.0
    return Measure(left + more, error, "deg", measure.at, measure.reason)


def difference(first: Reader, second: Reader) -> Reader:
    """First minus second, two angles of one moment."""

    def measure(context: RepContext) -> Measure:
        a, b = first(context), second(context)
        share = SAME_FRAME_SHARE if context.capture.view == "side" else 1.0
        error = share * math.hypot(a.error, b.error)
        return Measure(a.value - b.value, error, "deg", a.at, a.reason or b.reason)

    return measure


def lean_beyond(angle: str, other: str) -> Reader:
    """How much more one angle is than another at the bottom, where the clip shows both."""
    more = difference(at_bottom(angle), at_bottom(other))
    return lambda context: gated(context, more(context), angle, other)


def trunk_gain_first_third(context: RepContext) -> Measure:
    """How much further the trunk leans in the first third of the rise of the shoulders."""
    first, last = context.rise
    if context.beside_hole(first, last):
        return not_seen(first, "low_frame_rate")
    trunk, confidence = _signal(context, "trunk_inclination", working_side(context))
    progress = context.signals["shoulder_height"][first : last + 1]
    if len(progress) < 4 or not np.isfinite(progress).all():
        return not_seen(context.bottom, "occluded")
    third = progress[0] + (progress.max() - progress[0]) / 3
    reached = int(np.argmax(progress >= third))
    part = trunk[first : first + max(reached, 2) + 1]
    if not np.isfinite(part).all():
        return not_seen(first, "occluded")
    if finite_median(confidence[first : last + 1]) < MIN_CONFIDENCE:
        return not_seen(first, "low_confidence")
    at = first + int(np.argmax(part))
    error = SAME_RISE_SHARE * error_deg(context, "trunk_inclination", slice(first, at + 1))
    return Measure(float(part.max() - part[0]), error, "deg", at)


def largest(angle: str, share: tuple[float, float] = (0.0, 1.0)) -> Reader:
    """The largest value in a part of the rise, as a robust maximum (90th percentile)."""

    def measure(context: RepContext) -> Measure:
        first, last = context.rise
        span = last - first
        lo, hi = first + round(share[0] * span), first + round(share[1] * span) + 1
        values, confidence = _signal(context, angle, working_side(context))
        part = values[lo:hi]
        if np.isfinite(part).mean() < 0.5:
            return not_seen(lo, "occluded")
        if finite_median(confidence[lo:hi]) < MIN_CONFIDENCE:
            return not_seen(lo, "low_confidence")
        value = float(np.nanpercentile(part, 90))
        at = lo + int(np.nanargmin(np.abs(part - value)))
        error = error_deg(context, angle, window(context, at))
        return Measure(value, error, "deg", at, _holed(context, lo, hi - 1))

    return measure


def _holed(context: RepContext, first: int, last: int) -> str:
    """Why the largest value of some frames is the least that it may have been, or ""."""
    return "low_frame_rate" if context.beside_hole(first, last) else ""


def back_in_rise(context: RepContext) -> Measure:
    """Median spine flexion of the looked-at frames of the rise; side view only."""
    first, last = context.rise
    looked_at = np.isfinite(context.signals.error["spine_flexion_deg"][first : last + 1])
    values = context.signals["spine_flexion_deg"][first : last + 1]
    values = np.where(looked_at, values, np.nan)  # standing frames are looked at for another end
    finite = values[np.isfinite(values)]
    if context.capture.view != "side":
        return not_seen(first, "view")
    holed = _holed(context, first, last)
    if holed or not len(finite):
        return not_seen(first, holed or "back_line_unclear")
    value = float(np.median(finite))
    at = first + int(np.nanargmin(np.abs(values - value)))
    return Measure(value, error_deg(context, "spine_flexion", slice(at, at + 1)), "deg", at)


def over_stance(
    angle: str, reader: Reader, least_deg: float = -math.inf, most_deg: float = math.inf
) -> Reader:
    """A measure less the same angle in the own upright stance.

    A stance that reads beyond ``least_deg`` and ``most_deg`` is taken to read just that: more is
    not how this person looks when straight, but the very fault that is looked for.
    """

    def measure(context: RepContext) -> Measure:
        value = reader(context)
        stance = stance_value(context, angle)
        if math.isnan(stance):
            return not_seen(value.at, value.reason or "no_upright_stance")
        over = value.value - min(max(stance, least_deg), most_deg)
        error = max(value.error, stance_error(context, angle))
        return replace(value, value=over, error=SAME_ANGLE_SHARE * error)

    return measure


def heel_rise(context: RepContext) -> Measure:
    """How far the heel is up at the bottom: by the foot's landmarks or, where surer, the pictures.

    Where both differ by more than their errors, one of them reads something else (a floor's lines,
    what stands before the foot): then their difference is the error. Where the foot is hidden,
    pictures that stay the same show what hides it.
    """
    drawn = over_stance("foot_pitch", at_bottom("foot_pitch"))(context)
    pictured = context.heel_rise
    if pictured is None or not pictured.error < drawn.error:
        return drawn
    apart = abs(pictured.value - drawn.value)
    return pictured if apart <= pictured.error + drawn.error else replace(pictured, error=apart)


def negated(reader: Reader) -> Reader:
    """The measure with its sign turned."""
    return _changed(reader, lambda m: replace(m, value=-m.value))


def at_least_error(reader: Reader, least_deg: float) -> Reader:
    """The measure with an error of no less than ``least_deg``."""
    return _changed(reader, lambda m: replace(m, error=max(m.error, least_deg)))


def absolute(reader: Reader) -> Reader:
    """The size of the measure."""
    return _changed(reader, lambda m: replace(m, value=abs(m.value)))


def _changed(reader: Reader, change: Callable[[Measure], Measure]) -> Reader:
    return lambda context: change(reader(context))


def worst_side(angle: str) -> Reader:
    """The largest rise over the own stance of either working knee, while its thigh is in view.

    Of both, one that surely stays out does not pass the other, be that unsure or not seen. Which
    one it is of is told unless the other is as large within the error of either.
    """

    def measure(context: RepContext) -> Measure:
        sides = SIDES if context.rep.side == "both" else (context.rep.side,)
        over = [_over_rep(context, angle, side) for side in sides]
        larger = _larger(over)
        alike = any(
            m.side != larger.side and larger.value - m.value <= max(larger.error, m.error)
            for m in over
        )
        return replace(larger, side=None) if alike else larger

    return measure


def _over_rep(context: RepContext, angle: str, side: Side) -> Measure:
    """The largest value over stance between start and end, as a 90th percentile."""
    first, last = context.rep.start, context.rep.end
    values = context.signals[f"{angle}_{side}_deg"][first : last + 1]
    sure = context.signals.confidence[f"{angle}_{side}_deg"][first : last + 1] >= MIN_CONFIDENCE
    own = context.stance[f"{angle}_{side}_deg"]
    over = np.where(sure, values - own, np.nan)
    if np.isfinite(over).sum() < MIN_FRAMES:
        if math.isnan(own):
            return not_seen(first, "no_upright_stance")
        return not_seen(first, "occluded" if sure.any() else "low_confidence")
    value = float(np.nanpercentile(over, 90))
    at = first + int(np.nanargmin(np.abs(over - value)))
    error = error_deg(context, angle, slice(at, at + 1), side)
    return Measure(value, error, "deg", at, _holed(context, first, last), side)


def or_if_negative(reader: Reader, second: Reader) -> Reader:
    """The first measure; where the second is below zero, the one that is more surely the lesser.

    For a fault that either of two readings shows below zero, of which the second says nothing when
    it is above.
    """

    def measure(context: RepContext) -> Measure:
        a, b = reader(context), second(context)
        if b.value < 0 and not a.value + a.error <= b.value + b.error:
            return b
        return a

    return measure


MIN_FRAMES = 4
"""A largest value of fewer frames is one frame's guess."""


def gain_from_bottom(angle: str) -> Reader:
    """How much an angle opens from the bottom to the top."""
    bottom, top = at_bottom(angle), at_top(angle)

    def measure(context: RepContext) -> Measure:
        a, b = bottom(context), top(context)
        side_view = context.capture.view == "side"
        share = HIDDEN_BELOW_SHARE if side_view else SAME_ANGLE_SHARE
        error = share * math.hypot(a.error, b.error)
        return Measure(a.value - b.value, error, "deg", a.at, a.reason or b.reason)

    return measure
