"""Statistics of the records: plain rows (dicts of numbers) that Markdown, JSON and plots share."""

from __future__ import annotations

import re
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
        names = ("bias", "mae", "median", "rmse", "p95", "loa_low", "loa_high")
        return {**out, **dict.fromkeys(names)}
    bias, sd = float(seen.mean()), float(seen.std())
    numbers = {
        "bias": bias,
        "mae": float(np.abs(seen).mean()),
        "median": float(np.median(np.abs(seen))),
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


STRICT_DEG = 5.0
"""A distance from the limit beyond which a coach would want the right verdict, whatever error is
stated."""


def clear_of_margin(row: Row) -> bool:
    """Whether the truth is farther from the limit than the stated margin."""
    margin: float = DEFAULT_MARGIN_DEG if row["margin"] is None else row["margin"]
    return bool(abs(row["distance"]) > margin)


def f1_of(rows: Sequence[Row]) -> float | None:
    """F1 of the verdict fail; a true fault that is borderline or cannot_tell is missed."""
    hit = sum(r["expected"] == "fail" and r["verdict"] == "fail" for r in rows)
    false = sum(r["expected"] == "pass" and r["verdict"] == "fail" for r in rows)
    missed = sum(r["expected"] == "fail" and r["verdict"] != "fail" for r in rows)
    return ratio(2 * hit, 2 * hit + false + missed)


def share(rows: Sequence[Row], verdict: str) -> float | None:
    """How often a verdict was given."""
    return ratio(sum(r["verdict"] == verdict for r in rows), len(rows))


def check_rows(records: Records, keys: Sequence[str]) -> list[Row]:
    """Rates of verdicts, false ones, and F1 of ``fail`` away from the margin."""
    out = []
    for key, rows in grouped(records.checks, keys).items():
        told = [r for r in rows if r["verdict"] != "cannot_tell"]
        clear = [r for r in told if clear_of_margin(r)]
        strict = [r for r in rows if abs(r["distance"]) > STRICT_DEG]
        cells = Counter((r["expected"], r["verdict"]) for r in rows)
        errors = np.array([r["value"] - r["true"] for r in told if r["value"] is not None])
        out.append(
            {
                **dict(zip(keys, key, strict=True)),
                "reps": len(rows),
                "faulty": sum(r["expected"] == "fail" for r in rows),
                "false_fail": cells["pass", "fail"],
                "false_pass": cells["fail", "pass"],
                "borderline": share(rows, "borderline"),
                "cannot_tell": share(rows, "cannot_tell"),
                "clear": len(clear),
                "clear_faulty": sum(r["expected"] == "fail" for r in clear),
                "f1": f1_of(clear),
                "f1_beyond_5deg": f1_of(strict),
                "bias": round(float(errors.mean()), 2) if len(errors) else None,
                "mae": round(float(np.abs(errors).mean()), 2) if len(errors) else None,
            }
        )
    return out


def confusion_rows(records: Records, keys: Sequence[str]) -> list[Row]:
    """Every verdict against the truth."""
    out = []
    for key, rows in grouped(records.checks, keys).items():
        cells = Counter((r["expected"], r["verdict"]) for r in rows)
        row: Row = {**dict(zip(keys, key, strict=True)), "reps": len(rows)}
        for expected in ("fail", "pass"):
            for verdict in ("fail", "borderline", "pass", "cannot_tell"):
                row[f"{expected}->{verdict}"] = cells[expected, verdict]
        out.append(row)
    return out


def verdict_rows(records: Records) -> list[Row]:
    """Rates over all checks of a view that can be judged in it."""
    out = []
    for (model, view), rows in grouped(records.checks, ("model", "view")).items():
        reasons = Counter(r["reason"] for r in rows if r["verdict"] == "cannot_tell")
        clear = [r for r in rows if r["verdict"] != "cannot_tell" and clear_of_margin(r)]
        out.append(
            {
                "model": model,
                "view": view,
                "checks": len(rows),
                "borderline": share(rows, "borderline"),
                "cannot_tell": share(rows, "cannot_tell"),
                "f1": f1_of(clear),
                "reasons": ", ".join(f"{name} {n}" for name, n in reasons.most_common(4)),
            }
        )
    return out


def calibration_rows(rows: Sequence[Row], keys: Sequence[str]) -> list[Row]:
    """How often the truth lies within value +- stated error."""
    out = []
    for key, group in grouped(rows, keys).items():
        inside = [abs(r["error"]) <= r["stated"] for r in group]
        out.append(
            {
                **dict(zip(keys, key, strict=True)),
                "n": len(group),
                "stated": round(float(np.median([r["stated"] for r in group])), 1),
                "p90": round(float(np.percentile([abs(r["error"]) for r in group], 90)), 1),
                "inside": round(float(np.mean(inside)), 3),
            }
        )
    return out


def stated_rows(records: Records) -> list[Row]:
    """Checks and measures whose error is stated, in one shape."""
    checks = [
        {**r, "what": r["check"], "error": r["value"] - r["true"], "stated": r["margin"]}
        for r in records.checks
        if r["value"] is not None and r["margin"] is not None
    ]
    return checks + [{**r, "what": r["measure"]} for r in records.measures]


def lost_rows(records: Records) -> list[Row]:
    """Every rep that was lost or invented, and the stage that lost it."""
    names = ("model", "clip", "exercise", "variant", "view", "turn_s", "kind")
    rows = [r for r in records.reps if r["kind"] in ("missed", "false", "attempt")]
    return [
        {**{n: r[n] for n in names}, "turn_s": round(r["turn_s"], 2), "why": r.get("why", "")}
        for r in rows
    ]


def place_rows(records: Records) -> list[Row]:
    """Distance of joints from their true place, as drawn and as angles are taken between them."""
    out = []
    keys = ("model", "exercise", "plates", "view", "joint")
    for key, rows in grouped(records.joints, keys).items():
        row: Row = dict(zip(keys, key, strict=True))
        for stage in ("raw", "used"):
            off = np.concatenate([r["off_cm"] for r in rows if r["stage"] == stage])
            seen = off[np.isfinite(off).all(axis=1)]
            away = np.linalg.norm(seen, axis=1)
            some = len(seen) > 0
            row[f"{stage}_seen"] = ratio(len(seen), len(off))
            row[f"{stage}_mean_cm"] = round(float(away.mean()), 1) if some else None
            row[f"{stage}_p95_cm"] = round(float(np.percentile(away, 95)), 1) if some else None
        out.append(row)
    return out


def swap_rows(records: Records) -> list[Row]:
    """Share of frames in which left and right are exchanged, as drawn and as used."""
    out = []
    keys = ("model", "exercise", "view")
    for key, rows in grouped(records.swaps, keys).items():
        row: Row = dict(zip(keys, key, strict=True))
        for stage in ("raw", "used"):
            own = [r for r in rows if r["stage"] == stage]
            frames = sum(r["frames"] for r in own)
            row[f"{stage}_swapped"] = ratio(sum(r["swapped"] for r in own), frames)
        row["frames"] = frames
        out.append(row)
    return out


def raw_beside_formcheck(records: Records) -> list[Row]:
    """Side view: the error of angles from raw landmarks beside FormCheck's, by plates."""
    kept = [r for r in records.angles if r["view"] == "side" and r["angle"] in MAIN]
    rows = records.angles_raw + [{**r, "stage": "FormCheck"} for r in kept]
    out = []
    keys = ("model", "angle", "exercise", "plates")
    for key, group in grouped(rows, keys).items():
        row: Row = dict(zip(keys, key, strict=True))
        for stage, name in (("raw landmarks", "raw"), ("FormCheck", "formcheck")):
            own = [r for r in group if r["stage"] == stage]
            if own:
                numbers = agreement(own)
                row.update({f"{name}_{k}": numbers[k] for k in ("seen", "bias", "mae", "p95")})
        out.append(row)
    return [row for row in out if "formcheck_mae" in row and "raw_mae" in row]


def clip_rows(records: Records) -> list[Row]:
    """Recognition of exercise and view."""
    out = []
    for key, rows in grouped(records.clips, ("model", "exercise")).items():
        right = sum(r["recognised"] == r["exercise"] for r in rows)
        views = sum(r["seen_view"] == r["view"] for r in rows)
        out.append(
            {
                "model": key[0],
                "exercise": key[1],
                "clips": len(rows),
                "recognised": ratio(right, len(rows)),
                "view": ratio(views, len(rows)),
                "azimuth_error_deg": _median_gap(rows, "azimuth"),
                "pitch_error_deg": _median_gap(rows, "pitch"),
            }
        )
    return out


VARIANT_NAMES = {
    "romanian": "romanian_deadlift",
    "forward": "forward_lunge",
    "alternating": "forward_lunge",
    "reverse": "reverse_lunge",
    "walking": "walking_lunge",
    "split": "split_squat",
    "glute_bridge": "glute_bridge",
}
"""What FormCheck calls the gym's variants; of the others the movement tells no name."""


def variant_rows(records: Records) -> list[Row]:
    """How often a variant is called by its name, and by another's."""
    out = []
    for (model, exercise, variant), rows in grouped(
        records.clips, ("model", "exercise", "variant")
    ).items():
        name, seen = VARIANT_NAMES.get(variant), [r["seen_variant"] for r in rows]
        row = {"model": model, "exercise": exercise, "variant": variant, "clips": len(rows)}
        right = seen.count(name) if name else None
        wrong = sum(other not in (None, name) for other in seen)
        out.append({**row, "named": right, "misnamed": wrong})
    return out


def _median_gap(rows: Sequence[Row], name: str) -> float | None:
    """How far a camera angle is off at the median; None where it was never read."""
    gaps = [
        # The azimuth's sign is the side that is near, told by another field.
        abs(abs(r[f"{name}_deg"]) - abs(r[f"{name}_true_deg"]))
        if name == "azimuth"
        else abs(r[f"{name}_deg"] - r[f"{name}_true_deg"])
        for r in rows
        if r[f"{name}_deg"] is not None
    ]
    return round(float(np.median(gaps)), 1) if gaps else None


def back_rows(records: Records, keys: Sequence[str]) -> list[Row]:
    """The back line against thorax-on-pelvis, at the frames at which it was looked at."""
    rows = [r for r in records.angles if r["angle"] == "spine_flexion" and r["view"] != "front"]
    out = []
    for key, group in grouped(rows, keys).items():
        error, true = (np.concatenate([r[name] for r in group]) for name in ("error", "true"))
        seen = np.isfinite(error)
        if seen.sum() < 3:
            continue
        value = true[seen] + error[seen]
        spread = true[seen].std() > 1 and value.std() > 0
        row: Row = dict(zip(keys, key, strict=True))
        row.update(clips=len({r["clip"] for r in group}), looks=int(seen.sum()))
        row["true_max"] = round(float(true[seen].max()), 1)
        row["correlation"] = (
            round(float(np.corrcoef(true[seen], value)[0, 1]), 3) if spread else None
        )
        row["slope"] = round(float(np.polyfit(true[seen], value, 1)[0]), 2) if spread else None
        row["bias"] = round(float(error[seen].mean()), 2)
        row["mae"] = round(float(np.abs(error[seen]).mean()), 2)
        out.append(row)
    return out


MAIN = ("hip_flexion", "knee_flexion", "trunk_inclination")


def headlines(records: Records) -> dict[str, list[Row]]:
    """The tables that answer the first questions."""
    main = [r for r in records.angles if r["angle"] in (*MAIN, "knee_flexion, from the side")]
    stated = stated_rows(records)
    return {
        "hip, knee and trunk": angle_rows(main, ("model", "view", "angle")),
        "reps, all": rep_rows(records, ("model",)),
        "verdicts by view": verdict_rows(records),
        "checks": check_rows(records, ("model", "check")),
        "stated errors by view": calibration_rows(stated, ("model", "view")),
        "raw landmarks and what becomes of them, side view": raw_beside_formcheck(records),
        "back line": back_rows(records, ("model", "exercise", "view")),
        "recognition": clip_rows(records),
    }


def details(records: Records) -> dict[str, list[Row]]:
    """Everything else."""
    stated = stated_rows(records)
    return {
        "variants": variant_rows(records),
        "angles where the rules read them": angle_rows(
            records.moments, ("model", "moment", "angle", "exercise", "view")
        ),
        "angles by view": angle_rows(records.angles, ("model", "view", "angle")),
        "angles by exercise and view": angle_rows(
            records.angles, ("model", "angle", "exercise", "view")
        ),
        "what perfect landmarks would give": angle_rows(records.floor, ("view", "stage", "angle")),
        "reps": rep_rows(records, ("model", "exercise", "view")),
        "reps lost or invented": lost_rows(records),
        "checks by view": check_rows(records, ("model", "check", "view")),
        "confusion": confusion_rows(records, ("model", "check", "view")),
        "stated errors by check and view": calibration_rows(stated, ("model", "what", "view")),
        "back line by what is worn": back_rows(records, ("model", "exercise", "view", "worn")),
        "places of joints": place_rows(records),
        "left and right exchanged": swap_rows(records),
    }


def listed(records: Records, pattern: str) -> list[Row]:
    """Every rep of the checks whose id matches a regular expression, worst error first."""
    where = ("model", "check", "clip", "variant", "view", "plates", "turn_s")
    names = (*where, "true", "value", "margin", "expected", "verdict", "reason")
    rows = [r for r in records.checks if re.search(pattern, r["check"])]
    rows.sort(key=lambda r: -abs(r["value"] - r["true"]) if r["value"] is not None else -999.0)
    return [{n: r[n] for n in names} | {"turn_s": round(r["turn_s"], 2)} for r in rows]
