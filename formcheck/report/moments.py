"""What to show at a moment of the set: angle, counter, phase and the verdicts just made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from formcheck.exercises import turn_of
from formcheck.report import words
from formcheck.report.info import RuleInfo, info_of
from formcheck.report.overlay import AngleKind, AngleMark, OverlayState
from formcheck.report.toasts import Toast
from formcheck.types import (
    Analysis,
    Check,
    FloatArray,
    FramePose,
    Leg,
    ScoredRep,
    Side,
    Verdict,
)
from formcheck.view import seen_at

TOAST_S = 1.4
MOST_TOASTS = 3
DEEP_S = 0.3
"""Time around the deepest point in which a squat's or lunge's thigh is what matters."""
OUTERMOST_PERCENT = (1, 99)
"""Of the joints, beyond which single ones are no sign of where the lifter is."""
MAX_GAP_S = 0.2
"""Frames further apart than this are not interpolated between."""


@dataclass(frozen=True, slots=True)
class _Announcement:
    time_s: float
    rep: int
    toast: Toast


HIDDEN = 0.4
"""Visibility that a joint behind a plate is drawn with: hollow, and its bones dashed."""


class Moments:
    """Looks up an analysis by time, in seconds."""

    def __init__(self, analysis: Analysis, rule_info: Mapping[str, RuleInfo]) -> None:
        self._analysis = analysis
        self._times: FloatArray = analysis.track.time_s
        self._said = _announcements(analysis, rule_info)
        self._lifter = _extent(analysis)

    def state(self, time_s: float) -> OverlayState:
        """Everything that is drawn beside the skeleton."""
        reps = self._analysis.reps
        number = sum(self._times[r.rep.start] <= time_s for r in reps)
        current = reps[number - 1] if number else None
        done = [r for r in reps if self._times[r.rep.end] <= time_s]
        return OverlayState(
            near_side=self._near_side(time_s),
            angles=self.angles(time_s, current),
            rep=number,
            reps=len(reps),
            phase=self._phase(time_s, current),
            score=done[-1].score if done else None,
            toasts=self._toasts(time_s, number),
            lifter=self._lifter,
        )

    def _near_side(self, time_s: float) -> Side:
        """The side towards the camera: people turn between repetitions."""
        frame = int(np.searchsorted(self._times, time_s))
        return seen_at(self._analysis.capture, frame).near_side

    def pose(self, time_s: float) -> FramePose | None:
        """The landmarks at a time, in pixels of the track; between frames interpolated."""
        track = self._analysis.track
        if not len(track):
            return None
        after = int(np.searchsorted(self._times, time_s))
        before = max(after - 1, 0)
        after = min(after, len(self._times) - 1)
        gap = float(self._times[after] - self._times[before])
        share = float(np.clip((time_s - self._times[before]) / gap, 0, 1)) if gap > 0 else 0.0
        if gap > MAX_GAP_S or track.shot[before] != track.shot[after]:
            share = float(round(share))
        xy = _mix(track.xy_px[before], track.xy_px[after], share)
        if not np.isfinite(xy).any():
            return None
        near = after if share >= 0.5 else before
        sure = track.visibility[near]
        if track.hidden is not None:
            sure = np.where(track.hidden[near], np.minimum(sure, HIDDEN), sure)
        return FramePose(xy, track.world_m[near], sure, track.presence[near])

    def angles(self, time_s: float, scored: ScoredRep | None) -> tuple[AngleMark, ...]:
        """The angles that matter now, by exercise and phase, as far as this view shows them."""
        side = self._near_side(time_s)
        kinds: tuple[AngleKind, ...] = ("hip_flexion",)
        if scored is not None and scored.rep.side != "both":
            side = scored.rep.side
        if scored is not None and turn_of(self._analysis.exercise.id) == "bottom":
            deep = abs(time_s - self._times[scored.rep.turn]) <= DEEP_S
            kinds = ("thigh_inclination",) if deep else ("hip_flexion", "knee_flexion")
        if self._analysis.exercise.id is None:
            kinds = ()
        together = {s.rep.side for s in self._analysis.reps} == {"both"}
        leg: Leg = "both" if together else side
        marks = (AngleMark(kind, side, self._value(kind, leg, time_s)) for kind in kinds)
        return tuple(mark for mark in marks if math.isfinite(mark.value))

    def _value(self, kind: AngleKind, leg: Leg, time_s: float) -> float:
        signals = self._analysis.signals
        if not len(signals.time_s) or self._analysis.capture.blocks(kind):
            return math.nan
        at = signals.index_at(time_s)
        for name in (f"{kind}_{leg}_deg", f"{kind}_deg"):
            if name in signals.values:
                bounded = name not in signals.error or math.isfinite(signals.error[name][at])
                return float(signals[name][at]) if bounded else math.nan
        return math.nan

    def _phase(self, time_s: float, scored: ScoredRep | None) -> str:
        if scored is None or time_s > self._times[scored.rep.end]:
            return ""
        first, second = "down", "up"
        if turn_of(self._analysis.exercise.id) == "top":
            first, second = "up", "top"
        return first if time_s < self._times[scored.rep.turn] else second

    def _toasts(self, time_s: float, current: int) -> tuple[Toast, ...]:
        """What was just said; of an earlier repetition with its number, as the counter goes on."""
        now = [a for a in self._said if 0 <= time_s - a.time_s < TOAST_S]
        toasts = [
            a.toast if a.rep >= current else replace(a.toast, title=f"Rep {a.rep}: {a.toast.title}")
            for a in now
        ]
        return tuple(sorted(toasts, key=lambda t: words.URGENCY.index(t.verdict))[:MOST_TOASTS])


def _announcements(
    analysis: Analysis, rule_info: Mapping[str, RuleInfo]
) -> tuple[_Announcement, ...]:
    """Each verdict at its frame; what this view can never tell is said once."""
    said: list[_Announcement] = []
    once: set[str] = set()
    for number, scored in enumerate(analysis.reps, start=1):
        for check in scored.checks:
            if check.verdict is Verdict.CANNOT_TELL:
                if check.id in once:
                    continue
                once.add(check.id)
            info = info_of(check.id, rule_info)
            toast = Toast(check.verdict, info.title, _detail(check, info))
            said.append(_Announcement(float(analysis.track.time_s[check.at]), number, toast))
    return tuple(said)


def _detail(check: Check, info: RuleInfo) -> str:
    if check.verdict is not Verdict.CANNOT_TELL:
        return words.measured(check)
    if check.reason == "view":
        return f"film from {words.best_view(check, info)}"
    return check.reason.replace("_", " ")


def _mix(first: FloatArray, second: FloatArray, share: float) -> FloatArray:
    """Interpolate; where one of the two was not seen, the nearer one decides."""
    mixed = first * (1 - share) + second * share
    nearer = second if share >= 0.5 else first
    result: FloatArray = np.where(np.isfinite(mixed), mixed, nearer)
    return result


def scaled(pose: FramePose, scale: float, left: float = 0.0, top: float = 0.0) -> FramePose:
    """The pose in pixels of a picture that was cropped at (left, top) and then scaled."""
    xy = (pose.xy_px - np.array([left, top])) * scale
    return FramePose(xy, pose.world_m, pose.visibility, pose.presence)


def _extent(analysis: Analysis) -> tuple[float, float] | None:
    """From where to where the lifter is found during the repetitions, as shares of the width."""
    track = analysis.track
    spans = [track.xy_px[r.rep.start : r.rep.end + 1, :, 0] for r in analysis.reps]
    x = np.concatenate(spans) if spans else np.empty((0, 1))
    x = x[np.isfinite(x)]
    if not x.size:
        return None
    low, high = np.percentile(x, OUTERMOST_PERCENT) / track.width
    return float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1))
