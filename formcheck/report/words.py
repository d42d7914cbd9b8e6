"""Verdicts, reasons and measured values in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from formcheck.changes import Change
from formcheck.exercises import any_of_them, meaning
from formcheck.marks import SYMBOLS, decided, few
from formcheck.report.info import RuleInfo
from formcheck.types import Analysis, Check, Recognition, ScoredRep, SetSummary, Verdict

Level = Literal["good", "fair", "poor", "none"]


@dataclass(frozen=True, slots=True)
class Mark:
    """How a verdict looks: a symbol beside its colour, so that neither is needed alone."""

    symbol: str
    word: str


MARKS: Mapping[Verdict, Mark] = {
    verdict: Mark(symbol, verdict.value.replace("_", " ").capitalize())
    for verdict, symbol in SYMBOLS.items()
}
URGENCY = (Verdict.FAIL, Verdict.BORDERLINE, Verdict.PASS, Verdict.CANNOT_TELL)

# What a value above and one below zero means, by a check's id or its name without the exercise.
_VALUES: Mapping[str, tuple[str, str]] = {
    "depth": ("hip {0} above knee level", "hip {0} below knee level"),
    "knee_dominant": ("hip {0} above knee level", "more squat than hinge by {0}"),
    "lockout": ("{0} short of own stance", "{0} straighter than own stance"),
    "hip_thrust.lockout": ("{0} short of straight", "{0} past straight"),
    "overarch": ("{0} past straight", "{0} short of straight"),
    "trunk_tibia": ("trunk leans {0} more than the shin", "trunk {0} more upright than the shin"),
    "hips_rise_first": ("trunk tips {0} forward", "trunk comes up by {0}"),
    "heel_rise": ("heel {0} up", "heel {0} lower than standing"),
    "front_heel_rise": ("heel {0} up", "heel {0} lower than standing"),
    "knee_valgus": ("knee {0} further in than own stance", "knee {0} further out than own stance"),
    "overextension": ("leaning {0} further back than own stance", "{0} forward of own stance"),
    "back_rounding": ("back {0} rounder than standing", "back {0} more arched than standing"),
    "arm_bend": ("elbow {0} more bent than own stance", "elbow {0} straighter than own stance"),
    "trunk_lean": ("leaning {0} forward", "leaning {0} back"),
    "shank_vertical": ("shin {0} off vertical", "shin {0} off vertical"),
    "range": ("hips open by {0}", "hips close by {0}"),
}
UNSURE = "view_uncertain"
TOLD_PITCH_DEG = 5.0
"""A camera that looks up or down by less is level for a reader."""
_ZERO: Mapping[str, str] = {
    "depth": "hip level with the knee",
    "knee_dominant": "hip level with the knee",
    "lockout": "as straight as own stance",
    "hip_thrust.lockout": "straight",
    "overarch": "straight",
    "trunk_tibia": "trunk and shin parallel",
    "hips_rise_first": "trunk angle held",
    "heel_rise": "heel down",
    "front_heel_rise": "heel down",
    "knee_valgus": "knee as in own stance",
    "overextension": "as upright as own stance",
    "back_rounding": "back as when standing",
    "arm_bend": "elbow as straight as own stance",
    "trunk_lean": "upright",
    "shank_vertical": "shin vertical",
}
_UNITS: Mapping[str, str] = {"deg": "°", "ratio": "", "s": " s", "m": " m", "percent": " %"}

# What a lifter calls it, where that is not the measure's own name.
_MEASURES: Mapping[str, str] = {
    "eccentric": "way down",
    "concentric": "way up",
    "hip_flexion": "hip bend",
    "knee_flexion": "knee bend",
    "trunk_inclination": "trunk lean",
}

_REASONS: Mapping[str, tuple[str, str]] = {
    "occluded": (
        "A joint was hidden at that moment (by a plate, a bench, an arm).",
        "Move the camera so that shoulder, hip, knee and ankle stay in sight.",
    ),
    "body_lost": (
        "The weight hid so much of you that the joints could not be found.",
        "Move the camera until head, shoulders and hips show beside the plates.",
    ),
    "low_confidence": (
        "The joints could not be located surely enough.",
        "More light, a camera that stands still, clothes that do not hang loose.",
    ),
    "out_of_frame": (
        "A joint was outside the picture.",
        "Step back until head and feet stay in the picture all the time.",
    ),
    "view_uncertain": (
        "The camera stood too near to your front or back, or its place is too unsure.",
        "Put the camera at your side, at hip height, and stay side-on to it.",
    ),
    "camera_rolled": (
        "The picture is turned by more than its edges tell.",
        "Level the camera, and stand in the middle of the picture.",
    ),
    "low_frame_rate": (
        "The film has too few pictures around that moment, or a hole.",
        "Film at a steady 24 pictures a second or more, and have as many looked at (--max-fps).",
    ),
    "slow_motion": (
        "The clip plays slower than life.",
        "Film at normal speed.",
    ),
    "fast_motion": (
        "The clip plays faster than life.",
        "Give the clip as it was filmed.",
    ),
    "no_upright_stance": (
        "The clip shows no upright stance to compare with.",
        "Stand tall and still for a second before the first rep.",
    ),
    "start_not_seen": (
        "The clip began, or the body was found, when the way down had begun.",
        "Stand still for a second before the first rep.",
    ),
    "top_not_seen": (
        "The clip ended, or the body was lost, before the top was surely reached.",
        "Film on for a second after the last rep, with all of you in the picture.",
    ),
    "plug_in_failed": (
        "The plug-in that measures this failed.",
        "Show the message of the program to whoever wrote the plug-in.",
    ),
    "back_line_unclear": (
        "The outline of the back could not be traced.",
        "Film exactly from the side, with a plain background and a fitted shirt.",
    ),
}


def degrees(value: float) -> str:
    """A whole number of degrees: ``14°``.

    Of the two decimals that reports keep, as all that is shown of a value: what was just found and
    what was kept of it read alike.
    """
    return f"{round(round(value, 2)) + 0:.0f}°"


def amount(value: float, name: str) -> str:
    """A value with its unit; "–" for NaN, no finer than its errors allow.

    Whole centimetres; seconds to a tenth, smaller ones to their first digit.
    """
    if math.isnan(value):
        return "–"
    if name == "deg":
        return degrees(value)
    value = round(value, 4)
    if name == "s":
        return f"{value:.1g} s" if 0 < abs(value) < 0.05 else f"{value + 0:.1f} s"
    if name == "cm":
        return f"{round(value) + 0} cm"
    return f"{value:.3g}{unit(name)}"


def unit(name: str) -> str:
    """What follows a number: ``deg`` is "°"."""
    return _UNITS.get(name, f" {name}" if name else "")


def with_error(value: float, error: float, unit: str) -> str:
    """A value ± its error: "14° ± 5°"; "–" when it was not seen."""
    text = amount(value, unit)
    return (
        text
        if math.isnan(value) or not math.isfinite(error)
        else (f"{text} ± {amount(error, unit)}")
    )


def changed(change: Change) -> str:
    """How much a measure changed ± its error: "+14° ± 7°", "-0.1 s ± 0.4 s, no change"."""
    by = round(change.difference, {"deg": 0, "cm": 0, "s": 1}.get(change.unit, 2)) + 0.0
    sign = "+" if by > 0 else ""
    call = ", no change" if change.direction == "no_change" else ""
    return f"{sign}{with_error(by, change.error, change.unit)}{call}"


def measured(check: Check) -> str:
    """What was measured, in words: "left knee 14° inward"; "not measured" for NaN."""
    words = in_words(check.id, check.value, check.unit)
    return f"{check.side} {words}" if check.side else words


def in_words(check_id: str, value: float, unit: str) -> str:
    """The same for a value of a check without its verdict."""
    if math.isnan(value):
        return "not measured"
    name = _known_as(check_id, _VALUES)
    templates = _VALUES.get(name)
    if templates is None or unit != "deg":
        return amount(value, unit)
    rounded = round(round(value, 2))
    if rounded == 0 and name in _ZERO:
        return _ZERO[name]
    return templates[0 if rounded >= 0 else 1].format(degrees(abs(value)))


def _known_as(check_id: str, table: Mapping[str, Any]) -> str:
    """What a table knows a check by; "" for one that measures nothing that ours do."""
    ours = meaning(check_id)
    return ours if ours in table else ours.rpartition(".")[2]


def limit(check: Check, info: RuleInfo) -> str:
    """The limit in words: "at most 10°"."""
    bound = {"max": "at most ", "min": "at least ", None: ""}[info.sense]
    return bound + limit_amount(check.limit, check.unit)


def limit_amount(value: float, name: str) -> str:
    """A limit with its unit, as it was set: "7.5°"; what is measured is no finer than a degree."""
    return f"{round(value, 2) + 0.0:g}°" if name == "deg" else amount(value, name)


def limit_in_full(check: Check, info: RuleInfo) -> str:
    """The limit in words, and what zero is: "at most 0° (hip level with the knee)"."""
    name = _known_as(check.id, _ZERO)
    said = check.unit == "deg" and round(check.limit) == 0 and name in _ZERO
    return limit(check, info) + (f" ({_ZERO[name]})" if said else "")


def cannot_tell(check: Check, info: RuleInfo) -> tuple[str, str]:
    """Why a check could not be judged, and how to film next time."""
    if check.reason == "view":
        where = best_view(check, info)
        return (
            f"It can only be judged from {where}.",
            f"Film a set from {where}, camera at hip height, the whole body in the picture.",
        )
    fallback = (
        f"{check.reason.replace('_', ' ').capitalize()}." if check.reason else "It was not seen.",
        "Film from the side with the whole body in the picture and good light.",
    )
    return _REASONS.get(check.reason, fallback)


def best_view(check: Check, info: RuleInfo) -> str:
    """From where a check can be judged best: "the side", or "the front or the back"."""
    views = info.views or (("front",) if check.id.endswith("valgus") else ("side",))
    ends = [f"the {end}" for end in ("front", "back") if end in views]
    side = ["the side"] if {"side", "oblique"} & set(views) else []
    return " or ".join((*side, *ends))


def level(score: float, failed: bool) -> Level:
    """The band that a score is coloured by; what failed a check, if by a hair, is never good."""
    if math.isnan(score):
        return "none"
    if score >= 80 and not failed:
        return "good"
    return "fair" if score >= 50 else "poor"


def rep_level(rep: ScoredRep) -> Level:
    """The band of a repetition's score."""
    return level(rep.score, any(check.verdict is Verdict.FAIL for check in rep.checks))


def set_level(summary: SetSummary) -> Level:
    """The band of the set's score."""
    return level(summary.score, summary.verdict_counts.get(Verdict.FAIL, 0) > 0)


def out_of(score: float | None, counts: Mapping[Any, int]) -> str:
    """What stands beside a score: how much it rests on, where that is less than half the checks.

    ``counts``: how often each verdict, or its value as text, was given in the set.
    """
    if score is None or math.isnan(score):
        return "no score"
    judged, every = decided(counts)
    return f"of 100, by {judged} of {every} checks" if few(counts) else "of 100"


def reps(count: int) -> str:
    """How many repetitions: "1 rep"."""
    return f"{count} rep{'' if count == 1 else 's'}"


def worst(checks: Sequence[Check]) -> Check | None:
    """The check that a repetition is marked by; None when there is none."""
    return next(iter(by_urgency(checks)), None)


def by_urgency(checks: Sequence[Check]) -> list[Check]:
    """What failed first, then what is borderline, passed, and cannot be told."""
    return sorted(checks, key=lambda check: URGENCY.index(check.verdict))


def no_cues(analysis: Analysis) -> str:
    """Why a set with repetitions has nothing to try next."""
    if analysis.profile is not None and analysis.all_off:
        return f"Nothing was judged: the profile “{analysis.profile.name}” turns all checks off."
    unsure = analysis.summary.verdict_counts.get(Verdict.BORDERLINE, 0)
    if math.isnan(analysis.summary.score):
        close = "All that could be measured is too close to its limit to call."
        return close if unsure else "Nothing could be judged in this clip."
    close = " Those marked borderline are too close to their limit to call." if unsure else ""
    few = ", " in out_of(analysis.summary.score, analysis.summary.verdict_counts)
    return f"No check{' that could be judged' if few else ''} failed.{close}"


def nothing_found(analysis: Analysis) -> str:
    """That there is no repetition to score; empty when there is one."""
    if analysis.exercise.id is None:
        return f"The movement was not recognised as a {any_of_them()}."
    if not analysis.reps:
        title = exercise_title(analysis.exercise.id).lower()
        if analysis.reps_source == "corrected":
            return f"No repetition of a {title} is marked: all were taken out by hand."
        return f"No complete repetition of a {title} was found in this clip."
    return ""


def notes(analysis: Analysis) -> list[str]:
    """What is to be said about the recording, besides :func:`nothing_found`."""
    return [w.message for w in analysis.capture.warnings if w.code != "exercise_unknown"]


def exercise_title(exercise_id: str | None, variant: str | None = None) -> str:
    """Name what was done: ``hip_thrust`` is "Hip thrust", its variant ``glute_bridge`` that."""
    if exercise_id is None:
        return "No exercise recognised"
    return (variant or exercise_id).replace("_", " ").capitalize()


def found_by(exercise: Recognition) -> str:
    """How the exercise is known: "recognised, 97 % sure"; never wholly sure."""
    if exercise.id is None:
        return "not recognised"
    if exercise.source == "told":
        return "as told"
    sure = round(100 * exercise.confidence)
    return f"recognised, {'over 99' if sure > 99 else sure} % sure"


def view_unsure(analysis: Analysis) -> bool:
    """Whether the camera's place is too unsure for angles seen from the side."""
    return any(warning.code == UNSURE for warning in analysis.capture.warnings)


def view_name(analysis: Analysis) -> str:
    """The camera's view in two words: "side view", and "view unsure" where it may be another."""
    return view_of(analysis.capture.view, (w.code for w in analysis.capture.warnings))


def view_of(name: str, codes: Iterable[str]) -> str:
    """The same for a view and the codes of the findings about the recording."""
    return "view unsure" if UNSURE in codes else f"{name} view"


def view(analysis: Analysis) -> str:
    """The camera's view: "side view (84° ± 10° from the front, looking down 12°)"."""
    capture, named = analysis.capture, view_name(analysis)
    if math.isnan(capture.azimuth_deg):
        return named
    # Of the one decimal that reports keep of angles of the camera.
    azimuth, off = round(capture.azimuth_deg, 1), round(capture.azimuth_error_deg, 1)
    pitch, way = round(capture.pitch_deg, 1), "down" if capture.pitch_deg > 0 else "up"
    error = "" if math.isnan(off) else f" ± {off:.0f}°"
    looking = f", looking {way} {abs(pitch):.0f}°" if abs(pitch) >= TOLD_PITCH_DEG else ""
    return f"{named} ({azimuth:.0f}°{error} from the front{looking})"


def measure_title(name: str) -> str:
    """Make words of a measure's name: ``hip_flexion_top`` is "Hip bend at the top"."""
    for suffix in ("_deg", "_ratio", "_s", "_percent", "_pct", "_m", "_cm"):
        name = name.removesuffix(suffix)
    name, where = next(
        ((name.removesuffix(f"_{end}"), f" at the {end}") for end in ("top", "bottom")
         if name.endswith(f"_{end}")),
        (name, ""),
    )  # fmt: skip
    text = _MEASURES.get(name, name.replace("_", " ")) + where
    return text[:1].upper() + text[1:]
