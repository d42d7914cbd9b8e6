"""Laying results beside the truth: flat records of angles, reps, checks and errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from _accuracy_run import Result
from numpy.typing import NDArray

from formcheck.types import Side
from gym.angles import wrap
from gym.checks import CHECKS, Check
from gym.motion.standing import FPPA_MIN_THIGH_DEG
from gym.sets import LOOSE_M
from gym.truth import MOVED_SHARE

Array = NDArray[np.float64]
FROM_THE_TOP = ("squat", "lunge")
"""Lifts that go down and back up; the others turn at the top."""
TRUNK_ANGLES = ("trunk_inclination", "spine_flexion")
LIMB_ANGLES = (
    "hip_flexion",
    "knee_flexion",
    "thigh_inclination",
    "shank_inclination",
    "ankle_dorsiflexion",
    "elbow_flexion",
)
MOMENT_ANGLES = ("hip_flexion", "knee_flexion", "thigh_inclination", "shank_inclination")
MOMENT_WINDOW_S = 0.07  # what the rules steady a value over
TURN_TOLERANCE_S = 0.4
POSE_LOST = 0.3  # share of a rep without a person above which the pose lost it
PLATES = {
    "squat": ("high_bar", "low_bar", "front"),
    "deadlift": ("conventional", "sumo", "romanian"),
}


@dataclass
class Records:
    """Everything measured, one row each."""

    angles: list[dict[str, Any]] = field(default_factory=list)
    moments: list[dict[str, Any]] = field(default_factory=list)
    reps: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    measures: list[dict[str, Any]] = field(default_factory=list)
    clips: list[dict[str, Any]] = field(default_factory=list)
    floor: list[dict[str, Any]] = field(default_factory=list)
    angles_raw: list[dict[str, Any]] = field(default_factory=list)
    joints: list[dict[str, Any]] = field(default_factory=list)
    swaps: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: Records) -> None:
        """Take in the rows of another."""
        for each in fields(self):
            getattr(self, each.name).extend(getattr(other, each.name))


def tags_of(truth: dict[str, Any], clip: str, model: str) -> dict[str, Any]:
    """What every row of a clip is grouped by."""
    return {
        "clip": clip,
        "model": model,
        "exercise": truth["exercise"],
        "variant": truth["variant"],
        "view": truth["camera"]["view"],
        "plates": has_plates(truth),
        "worn": worn(truth["spec"]["look"]),
    }


def worn(look: dict[str, Any]) -> str:
    """What of a person's look can spoil the outline of the back."""
    parts = {
        "loose": look["loose_m"] > LOOSE_M,
        "belt": look.get("belt", False),
        "pony-tail": look.get("ponytail_m", 0) > 0,
    }
    return ", ".join(name for name, there in parts.items() if there) or "close-fitting"


def collect(records: Records, truth: dict[str, Any], result: Result, tags: dict[str, Any]) -> None:
    """Add one analysed clip. A clip that was refused has lost all of its reps."""
    report = result.report
    records.clips.append(
        {
            **tags,
            "recognised": report["exercise"]["id"],
            "seen_variant": report["exercise"].get("variant"),
            "seen_view": report["capture"]["view"],
            "azimuth_true_deg": truth["camera"]["azimuth_deg"],
            "azimuth_deg": report["capture"]["azimuth_deg"],
            "pitch_true_deg": true_pitch_deg(truth),
            "pitch_deg": report["capture"].get("pitch_deg"),
        }
    )
    if result.columns:
        _angles(records, truth, result.columns, tags)
    for true_rep, rep in _reps(records, truth, result, tags):
        _checks(records, truth, true_rep, rep, tags)
        if report["exercise"]["id"] == truth["exercise"]:
            _measures(records, truth, true_rep, rep, tags)


def true_pitch_deg(truth: dict[str, Any]) -> float:
    """How far down the line from the lens to the person points, degrees."""
    up = np.array(truth["camera"]["world_to_camera"])[:3, 2]
    ray = np.nanmean(np.array(truth["frames"]["joints_camera_m"]), axis=(0, 1))
    return float(np.degrees(np.arcsin(-up @ ray / np.linalg.norm(ray))))


def has_plates(truth: dict[str, Any]) -> bool:
    """Whether plates can hide joints in this clip."""
    load = truth["spec"]["motion"]["load"]
    if load is not None:
        return bool(load == "barbell")
    if truth["exercise"] == "hip_thrust":
        return bool(truth["variant"] == "bench")
    return truth["variant"] in PLATES.get(truth["exercise"], ())


def instants(truth: dict[str, Any], rep: dict[str, Any]) -> dict[str, float]:
    """When a rep's bottom and top are judged, on the clip's clock (s)."""
    if truth["exercise"] in FROM_THE_TOP:
        return {"bottom": rep["turn_s"], "top": rep["end_s"]}
    return {"bottom": rep["start_s"], "top": rep["turn_s"]}


def legs_of(rep: dict[str, Any]) -> tuple[Side, ...]:
    """The legs that rules read: the working one, or both."""
    return ("left", "right") if rep["side"] == "both" else (rep["side"],)


def _angles(
    records: Records, truth: dict[str, Any], columns: dict[str, Array], tags: dict[str, Any]
) -> None:
    """Angle errors of the frames inside each rep, and at the instants that rules look at."""
    time = columns["time_s"]
    for rep in truth["reps"]:
        inside = (time >= rep["start_s"]) & (time <= rep["end_s"])
        if inside.any():
            _angles_of_rep(records, truth, columns, inside, rep["side"], tags)
            if tags["view"] != "front":
                _moments(records, truth, columns, rep, tags)


def _angles_of_rep(
    records: Records,
    truth: dict[str, Any],
    columns: dict[str, Array],
    inside: NDArray[np.bool_],
    working: str,
    tags: dict[str, Any],
) -> None:
    """Rows of one rep: the leg nearer to the camera, or the front leg of a lunge."""

    def true(column: str) -> Array:
        frames = truth["frames"]
        values: Array = np.interp(columns["time_s"], frames["time_s"], frames["angles"][column])
        return values[inside]

    def add(
        angle: str,
        names: Sequence[str],
        usable: NDArray[np.bool_] | None = None,
        against: Sequence[str] = (),
    ) -> None:
        """One row: the mean of some columns ``against`` those of the truth, where usable."""
        if any(name not in columns for name in names):
            return
        expected = np.mean([true(name) for name in against or names], axis=0)
        got = np.mean([columns[name][inside] for name in names], axis=0)
        error = wrap(got - expected)
        if usable is not None:
            error = np.where(usable, error, np.nan)
        records.angles.append({**tags, "angle": angle, "true": expected, "error": error})

    if tags["view"] == "front":
        for side in ("left", "right"):
            # below 20 degrees the thigh points at the camera and the angle means nothing
            upright = true(f"thigh_inclination_{side}_deg") >= FPPA_MIN_THIGH_DEG
            add("knee_valgus", [f"knee_valgus_{side}_deg"], upright)
        return
    leg = truth["camera"]["near_side"] if working == "both" else working
    for angle in TRUNK_ANGLES:
        add(angle, [f"{angle}_deg"])
    for angle in LIMB_ANGLES:
        add(angle, [f"{angle}_{leg}_deg"])
    flat = [f"knee_flexion_sagittal_{leg}_deg"]
    add("knee_flexion, from the side", [f"knee_flexion_{leg}_deg"], against=flat)
    if working == "both":
        # the splay of the legs and perspective shift the two sides by opposite amounts
        for angle in ("hip_flexion", "knee_flexion", "thigh_inclination"):
            add(f"{angle}, mean of both", [f"{angle}_{side}_deg" for side in ("left", "right")])


def _moments(
    records: Records,
    truth: dict[str, Any],
    columns: dict[str, Array],
    rep: dict[str, Any],
    tags: dict[str, Any],
) -> None:
    """Errors at the true bottom and top of a rep, as the rules read an angle."""
    for moment, at_s in instants(truth, rep).items():
        near = np.abs(columns["time_s"] - at_s) <= MOMENT_WINDOW_S
        for angle in ("trunk_inclination", *MOMENT_ANGLES):
            names = _columns_of(angle, rep)
            expected = true_at(truth, names, at_s)
            values = np.array([columns[name][near] for name in names if name in columns])
            seen = values[np.isfinite(values)]
            if not values.size:
                continue
            got = float(np.median(_mean_seen(values))) if len(seen) else np.nan
            error = wrap(np.array([got - expected]))
            row = {"moment": moment, "angle": angle, "true": np.array([expected]), "error": error}
            records.moments.append({**tags, **row})


def _mean_seen(values: Array) -> Array:
    """The mean (frames,) of what is seen of (columns, frames), frames with nothing left out."""
    some = np.isfinite(values).any(axis=0)
    mean: Array = np.nanmean(values[:, some], axis=0)
    return mean


def _columns_of(angle: str, rep: dict[str, Any]) -> list[str]:
    if angle in TRUNK_ANGLES:
        return [f"{angle}_deg"]
    return [f"{angle}_{leg}_deg" for leg in legs_of(rep)]


def true_at(truth: dict[str, Any], names: Sequence[str], at_s: float) -> float:
    """The mean of some true angles at an instant."""
    frames = truth["frames"]
    values = [np.interp(at_s, frames["time_s"], frames["angles"][name]) for name in names]
    return float(np.mean(values))


def _reps(
    records: Records, truth: dict[str, Any], result: Result, tags: dict[str, Any]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Match reps by their turn; add hits, misses and false alarms."""
    found = list(result.report["reps"])
    pairs = []
    for true_rep in truth["reps"]:
        gaps = [turn_gap(true_rep, rep["turn_s"]) for rep in found]
        row = {**tags, "turn_s": true_rep["turn_s"]}
        if gaps and min(gaps) <= TURN_TOLERANCE_S:
            rep = found.pop(int(np.argmin(gaps)))
            pairs.append((true_rep, rep))
            records.reps.append(
                {
                    **row,
                    "kind": "hit",
                    "turn_ms": 1000 * turn_gap(true_rep, rep["turn_s"]),
                    "start_ms": 1000 * (rep["start_s"] - true_rep["onset_s"]),
                    "end_ms": 1000 * (rep["end_s"] - end_of(truth, true_rep)),
                }
            )
        else:
            records.reps.append({**row, "kind": "missed", "why": why_lost(true_rep, truth, result)})
    spans = [(p["start_s"], p["end_s"]) for p in truth["partial_reps"]]
    for rep in found:
        # an attempt given up, or cut by the clip, that is counted as a rep: told apart from a ghost
        attempt = any(start <= rep["turn_s"] <= end for start, end in spans)
        kind = "attempt" if attempt else "false"
        records.reps.append({**tags, "turn_s": rep["turn_s"], "kind": kind})
    return pairs


def why_lost(true_rep: dict[str, Any], truth: dict[str, Any], result: Result) -> str:
    """The stage that lost a rep: pose, recognition, or counting."""
    if result.refused:
        return "refused"
    raw = result.raw
    if raw is not None:
        inside = (raw.time_s >= true_rep["start_s"]) & (raw.time_s <= true_rep["end_s"])
        if raw.seen[inside].mean() < 1 - POSE_LOST:
            return "pose"
    seen = result.report["exercise"]["id"]
    if seen != truth["exercise"]:
        return f"recognised as {seen or 'none'}"
    turn = true_rep["turn_s"]
    for part in result.report["partial_reps"]:
        if part["start_s"] <= turn <= part["end_s"]:
            return f"taken for partial: {part['reason']}"
    return "counting"


def turn_gap(true_rep: dict[str, Any], turn_s: float) -> float:
    """Distance (s) of a turn from the interval in which the true one holds."""
    gap: float = max(true_rep["turn_from_s"] - turn_s, turn_s - true_rep["turn_to_s"], 0.0)
    return gap


def end_of(truth: dict[str, Any], true_rep: dict[str, Any]) -> float:
    """When a rep can be seen to be over (s): arriving at the top or, where it turns there, leaving.

    FormCheck's lifts that turn at the top end when the hips go down again; the truth's end when
    they are down, which is most of a second later.
    """
    if truth["exercise"] in FROM_THE_TOP:
        return float(true_rep["settled_s"])
    time_s = np.array(truth["frames"]["time_s"])
    hips = np.array(truth["frames"]["joints_world_m"])[:, truth["joint_names"].index("hip_mid"), 2]
    bottom, top = np.interp([true_rep["start_s"], true_rep["turn_to_s"]], time_s, hips)
    left = (time_s >= true_rep["turn_to_s"]) & (abs(hips - top) >= MOVED_SHARE * abs(top - bottom))
    return float(time_s[left.argmax()] if left.any() else time_s[-1])


UNTOLD = {"verdict": "cannot_tell", "value": None, "margin": None, "reason": "not_recognised"}


def _checks(
    records: Records,
    truth: dict[str, Any],
    true_rep: dict[str, Any],
    rep: dict[str, Any],
    tags: dict[str, Any],
) -> None:
    """One row a check that applies in this view; the limits are today's, not the file's.

    A check that the report does not hold (another exercise was seen) counts as cannot_tell.
    """
    given = {check["id"]: check for check in rep["checks"]}
    for name, true in true_rep["checks"].items():
        check = CHECKS[name]
        if truth["camera"]["view"] not in check.views:
            continue
        got = given.get(name, UNTOLD)
        records.checks.append(
            {
                **tags,
                "check": name,
                "turn_s": true_rep["turn_s"],
                "true": true["value"],
                "distance": check.distance(true["value"]),
                "expected": check.verdict(true["value"]),
                "verdict": got["verdict"],
                "value": _comparable(check, true["value"], got["value"]),
                "margin": got["margin"],
                "reason": got["reason"],
            }
        )


def _comparable(check: Check, true: float, value: float | None) -> float | None:
    """A reading to be compared with the truth; None where both say that there is nothing."""
    if value is None or max(true, value) <= check.least:
        return None
    return max(value, check.least)


def _measures(
    records: Records,
    truth: dict[str, Any],
    true_rep: dict[str, Any],
    rep: dict[str, Any],
    tags: dict[str, Any],
) -> None:
    """Stated errors of the angles reported at the bottom and the top of a rep."""
    if tags["view"] == "front":
        return
    for moment, at_s in instants(truth, true_rep).items():
        for angle in ("trunk_inclination", "hip_flexion", "knee_flexion"):
            got = rep["measures"].get(f"{angle}_{moment}")
            if got is None or got["value"] is None or got["error"] is None:
                continue
            error = got["value"] - true_at(truth, _columns_of(angle, true_rep), at_s)
            row = {"measure": f"{angle}_{moment}", "error": error, "stated": got["error"]}
            records.measures.append({**tags, **row})
