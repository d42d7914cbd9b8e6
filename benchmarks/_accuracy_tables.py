"""Statistics of the records: plain rows (dicts of numbers) that Markdown, JSON and plots share."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from _accuracy_match import Records

DEFAULT_MARGIN_DEG = 5.0  # around a limit when FormCheck states no margin
Row = dict[str, Any]


def grouped(rows: Sequence[Row], keys: Sequence[str]) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by the values of some keys, sorted."""
    out: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        out[tuple(row[k] for k in keys)].append(row)
    return dict(sorted(out.items(), key=lambda item: tuple(map(str, item[0]))))


def agreement(rows: Sequence[Row]) -> Row:
    """Bias, MAE, RMSE, 95th percentile and limits of agreement of angle rows (degrees)."""
    error = np.concatenate([row["error"] for row in rows])
    seen = error[np.isfinite(error)]
    out: Row = {"clips": len({row["clip"] for row in rows}), "frames": len(error)}
    out["seen"] = round(float(len(seen) / max(len(error), 1)), 3)
    if not len(seen):
        return {**out, **dict.fromkeys(("bias", "mae", "rmse", "p95", "loa_low", "loa_high"))}
    bias, sd = float(seen.mean()), float(seen.std())
    numbers = {
        "bias": bias,
        "mae": float(np.abs(seen).mean()),
        "rmse": float(np.sqrt((seen**2).mean())),
        "p95": float(np.percentile(np.abs(seen), 95)),
        "loa_low": bias - 1.96 * sd,
        "loa_high": bias + 1.96 * sd,
    }
    return {**out, **{name: round(value, 2) for name, value in numbers.items()}}


def angle_rows(angles: Sequence[Row], keys: Sequence[str]) -> list[Row]:
    """Agreement by some keys."""
    groups = grouped(angles, keys)
    return [
        {**dict(zip(keys, key, strict=True)), **agreement(rows)} for key, rows in groups.items()
    ]


def rep_rows(records: Records, keys: Sequence[str]) -> list[Row]:
    """Precision, recall and boundary errors of reps."""
    out = []
    for key, rows in grouped(records.reps, keys).items():
        kinds = Counter(row["kind"] for row in rows)
        hits = [row for row in rows if row["kind"] == "hit"]
        row: Row = {**dict(zip(keys, key, strict=True)), "reps": kinds["hit"] + kinds["missed"]}
        row.update(missed=kinds["missed"], false=kinds["false"], attempts=kinds["attempt"])
        row["precision"] = ratio(kinds["hit"], kinds["hit"] + kinds["false"])
        row["recall"] = ratio(kinds["hit"], kinds["hit"] + kinds["missed"])
        for name in ("start_ms", "turn_ms", "end_ms"):
            values = np.abs([hit[name] for hit in hits])
            row[f"{name[:-3]}_median_ms"] = round(float(np.median(values))) if hits else None
        out.append(row)
    return out


def ratio(part: int, whole: int) -> float | None:
    """A share, or None of nothing."""
    return round(part / whole, 3) if whole else None


def clear_of_margin(row: Row) -> bool:
    """Whether the truth is farther from the limit than the stated margin."""
    margin: float = DEFAULT_MARGIN_DEG if row["margin"] is None else row["margin"]
    return bool(abs(row["distance"]) > margin)


def check_rows(records: Records, keys: Sequence[str]) -> list[Row]:
    """Confusion of verdicts, and F1 of ``fail`` away from the margin."""
    out = []
    for key, rows in grouped(records.checks, keys).items():
        row: Row = {**dict(zip(keys, key, strict=True)), "reps": len(rows)}
        cells = Counter((r["expected"], r["verdict"]) for r in rows)
        for expected in ("fail", "pass"):
            for verdict in ("fail", "borderline", "pass", "cannot_tell"):
                row[f"{expected}->{verdict}"] = cells[expected, verdict]
        told = [r for r in rows if r["verdict"] != "cannot_tell"]
        clear = [r for r in told if clear_of_margin(r)]
        hit = sum(r["expected"] == "fail" and r["verdict"] == "fail" for r in clear)
        false = sum(r["expected"] == "pass" and r["verdict"] == "fail" for r in clear)
        missed = sum(r["expected"] == "fail" and r["verdict"] != "fail" for r in clear)
        row["told"] = ratio(len(told), len(rows))
        row["clear"] = len(clear)
        row["f1"] = ratio(2 * hit, 2 * hit + false + missed)
        errors = np.array([r["value"] - r["true"] for r in told if r["value"] is not None])
        row["bias"] = round(float(errors.mean()), 2) if len(errors) else None
        row["mae"] = round(float(np.abs(errors).mean()), 2) if len(errors) else None
        out.append(row)
    return out


def calibration_rows(records: Records) -> list[Row]:
    """How often the truth lies within value +- stated error, per check and for the measures."""
    out = []
    stated = [r for r in records.checks if r["value"] is not None and r["margin"] is not None]
    for key, rows in grouped(stated, ("model", "check")).items():
        inside = [abs(r["value"] - r["true"]) <= r["margin"] for r in rows]
        margin = float(np.median([r["margin"] for r in rows]))
        out.append(
            {
                "model": key[0],
                "what": key[1],
                "n": len(rows),
                "stated": round(margin, 2),
                "inside": round(float(np.mean(inside)), 3),
            }
        )
    for key, rows in grouped(records.measures, ("model", "measure")).items():
        inside = [abs(r["error"]) <= r["stated"] for r in rows]
        margin = float(np.median([r["stated"] for r in rows]))
        out.append(
            {
                "model": key[0],
                "what": key[1],
                "n": len(rows),
                "stated": round(margin, 2),
                "inside": round(float(np.mean(inside)), 3),
            }
        )
    return out


def clip_rows(records: Records) -> list[Row]:
    """Recognition of exercise and view."""
    out = []
    for key, rows in grouped(records.clips, ("model", "exercise")).items():
        right = sum(r["recognised"] == r["exercise"] for r in rows)
        views = sum(r["seen_view"] == r["view"] for r in rows)
        gaps = [
            abs(abs(r["azimuth_deg"]) - abs(r["azimuth_true_deg"]))
            for r in rows
            if r["azimuth_deg"] is not None
        ]
        median = round(float(np.median(gaps)), 1) if gaps else None
        out.append(
            {
                "model": key[0],
                "exercise": key[1],
                "clips": len(rows),
                "recognised": ratio(right, len(rows)),
                "view": ratio(views, len(rows)),
                "azimuth_error_deg": median,
            }
        )
    return out


def summarise(records: Records) -> dict[str, list[Row]]:
    """Every table."""
    main = ("hip_flexion", "knee_flexion", "trunk_inclination")
    side = [r for r in records.angles if r["view"] == "side" and r["angle"] in main]
    return {
        "angles by view": angle_rows(records.angles, ("model", "view", "angle")),
        "what perfect landmarks would give": angle_rows(records.floor, ("view", "stage", "angle")),
        "angles by exercise and view": angle_rows(
            records.angles, ("model", "angle", "exercise", "view")
        ),
        "side view, with and without plates": angle_rows(
            side, ("model", "angle", "exercise", "plates")
        ),
        "reps": rep_rows(records, ("model", "exercise", "view")),
        "reps, all": rep_rows(records, ("model",)),
        "checks": check_rows(records, ("model", "check")),
        "checks by view": check_rows(records, ("model", "check", "view")),
        "calibration": calibration_rows(records),
        "recognition": clip_rows(records),
    }
