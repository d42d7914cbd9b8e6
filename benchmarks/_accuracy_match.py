"""Laying reports beside the truth: flat records of angles, reps, checks and errors."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from _accuracy_run import truth_path
from numpy.typing import NDArray

from gym.checks import CHECKS
from gym.errors import GymError
from gym.motion.standing import FPPA_MIN_THIGH_DEG
from gym.truth import read_truth

Array = NDArray[np.float64]
TRUNK_ANGLES = ("trunk_inclination", "spine_flexion")
LIMB_ANGLES = (
    "hip_flexion",
    "knee_flexion",
    "thigh_inclination",
    "shank_inclination",
    "ankle_dorsiflexion",
    "elbow_flexion",
)
TURN_TOLERANCE_S = 0.4
PLATES = {
    "squat": ("high_bar", "low_bar", "front"),
    "deadlift": ("conventional", "sumo", "romanian"),
}


@dataclass
class Records:
    """Everything measured, one row each."""

    angles: list[dict[str, Any]] = field(default_factory=list)
    reps: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    measures: list[dict[str, Any]] = field(default_factory=list)
    clips: list[dict[str, Any]] = field(default_factory=list)
    floor: list[dict[str, Any]] = field(default_factory=list)


def collect(records: Records, clip: Path, folder: Path, model: str) -> dict[str, Any]:
    """Add one analysed clip; returns its truth."""
    truth = read_truth(truth_path(clip))
    try:
        report = json.loads((folder / "report.json").read_text())
        columns = read_frames(folder / "frames.csv")
    except (OSError, ValueError) as error:
        raise GymError(f"cannot read the results of {clip.name}: {error}") from None
    tags = {
        "clip": clip.stem,
        "model": model,
        "exercise": truth["exercise"],
        "variant": truth["variant"],
        "view": truth["camera"]["view"],
        "plates": has_plates(truth),
    }
    seen = report["exercise"]["id"]
    records.clips.append(
        {
            **tags,
            "recognised": seen,
            "seen_view": report["capture"]["view"],
            "azimuth_true_deg": truth["camera"]["azimuth_deg"],
            "azimuth_deg": report["capture"]["azimuth_deg"],
        }
    )
    _angles(records, truth, columns, tags)
    pairs = _reps(records, truth, report, tags)
    for true_rep, rep in pairs:
        if seen == truth["exercise"]:
            _checks(records, truth, true_rep, rep, tags)
            _measures(records, true_rep, rep, tags)
    return truth


def has_plates(truth: dict[str, Any]) -> bool:
    """Whether plates can hide joints in this clip."""
    load = truth["spec"]["motion"]["load"]
    if load is not None:
        return bool(load == "barbell")
    if truth["exercise"] == "hip_thrust":
        return bool(truth["variant"] == "bench")
    return truth["variant"] in PLATES.get(truth["exercise"], ())


def read_frames(path: Path) -> dict[str, Array]:
    """frames.csv as columns; an empty cell is NaN."""
    with path.open(newline="") as stream:
        rows = list(csv.reader(stream))
    values = [[float(cell) if cell else np.nan for cell in row] for row in rows[1:]]
    table = np.array(values, dtype=float).reshape(len(values), len(rows[0]))
    return {name: table[:, k] for k, name in enumerate(rows[0])}


def _angles(
    records: Records, truth: dict[str, Any], columns: dict[str, Array], tags: dict[str, Any]
) -> None:
    """Angle errors of the frames inside each rep."""
    time = columns["time_s"]
    for rep in truth["reps"]:
        inside = (time >= rep["start_s"]) & (time <= rep["end_s"])
        if inside.any():
            _angles_of_rep(records, truth, columns, inside, rep["side"], tags)


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

    def add(angle: str, names: Sequence[str], usable: NDArray[np.bool_] | None = None) -> None:
        """One row: the mean of some columns, where ``usable`` is true."""
        if any(name not in columns for name in names):
            return
        expected = np.mean([true(name) for name in names], axis=0)
        got = np.mean([columns[name][inside] for name in names], axis=0)
        error = got - expected
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
    if tags["view"] == "oblique" and working == "both":
        # the splay of the legs shifts the two sides by opposite amounts
        for angle in ("hip_flexion", "knee_flexion", "thigh_inclination"):
            add(f"{angle}, mean of both", [f"{angle}_{side}_deg" for side in ("left", "right")])


def _reps(
    records: Records, truth: dict[str, Any], report: dict[str, Any], tags: dict[str, Any]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Match reps by their turn; add hits, misses and false alarms."""
    found = list(report["reps"])
    pairs = []
    for true_rep in truth["reps"]:
        gaps = [turn_gap(true_rep, rep["turn_s"]) for rep in found]
        if gaps and min(gaps) <= TURN_TOLERANCE_S:
            rep = found.pop(int(np.argmin(gaps)))
            pairs.append((true_rep, rep))
            records.reps.append(
                {
                    **tags,
                    "kind": "hit",
                    "turn_ms": 1000 * turn_gap(true_rep, rep["turn_s"]),
                    "start_ms": 1000 * (rep["start_s"] - true_rep["onset_s"]),
                    "end_ms": 1000 * (rep["end_s"] - true_rep["settled_s"]),
                }
            )
        else:
            records.reps.append({**tags, "kind": "missed"})
    spans = [(p["start_s"], p["end_s"]) for p in truth["partial_reps"]]
    for rep in found:
        # an attempt given up, or cut by the clip, that is counted as a rep: told apart from a ghost
        attempt = any(start <= rep["turn_s"] <= end for start, end in spans)
        records.reps.append({**tags, "kind": "attempt" if attempt else "false"})
    return pairs


def turn_gap(true_rep: dict[str, Any], turn_s: float) -> float:
    """Distance (s) of a turn from the interval in which the true one holds."""
    gap: float = max(true_rep["turn_from_s"] - turn_s, turn_s - true_rep["turn_to_s"], 0.0)
    return gap


def _checks(
    records: Records,
    truth: dict[str, Any],
    true_rep: dict[str, Any],
    rep: dict[str, Any],
    tags: dict[str, Any],
) -> None:
    """One row a check that applies in this view; the limits are today's, not the file's."""
    given = {check["id"]: check for check in rep["checks"]}
    for name, true in true_rep["checks"].items():
        check = CHECKS[name]
        if truth["camera"]["view"] not in check.views:
            continue
        got = given.get(name, {"verdict": "cannot_tell", "value": None, "margin": None})
        records.checks.append(
            {
                **tags,
                "check": name,
                "true": true["value"],
                "distance": check.distance(true["value"]),
                "expected": check.verdict(true["value"]),
                "verdict": got["verdict"],
                "value": got["value"],
                "margin": got["margin"],
                "reason": got.get("reason", "absent"),
            }
        )


def _measures(
    records: Records, true_rep: dict[str, Any], rep: dict[str, Any], tags: dict[str, Any]
) -> None:
    """Stated errors of measures that the truth knows by the same name."""
    for name, got in rep["measures"].items():
        if name in true_rep["measures"] and got["value"] is not None and got["error"] is not None:
            error = got["value"] - true_rep["measures"][name]
            records.measures.append(
                {**tags, "measure": name, "error": error, "stated": got["error"]}
            )
