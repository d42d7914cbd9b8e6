"""docs/accuracy.md, accuracy.json and the plots."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from _accuracy_match import Records
from _accuracy_tables import Row, grouped

mpl.use("Agg")
from matplotlib import pyplot as plt

INTRODUCTION = """# Accuracy

Written by `python benchmarks/accuracy.py DIR --docs docs` on a set rendered by `python -m gym set`
(see [gym.md](gym.md)); do not edit. Errors are FormCheck minus truth, in degrees, over the frames
inside repetitions, of the leg nearer to the camera (lunge: the front leg); in two-legged lifts the
mean of both is what is read. The people are rendered: clothing, light and bodies vary, but real
footage can be harder.
"""
NOTES = {
    "hip, knee and trunk": "`seen`: share of frames with a value. `median`, `p95`: of the "
    "absolute error. `loa`: limits of agreement, bias +- 1.96 standard deviations. `knee_flexion` "
    "is against the angle in space; `from the side` against the same knee seen exactly from there, "
    "which is all that one camera can see (knees that point outwards read less).",
    "angles where the rules read them": "At the true bottom and top of each repetition, the median "
    "over 0.14 s, both legs together where both work.",
    "what perfect landmarks would give": "The true joints projected exactly and put through the "
    "formulas of a one-camera method: in the image plane as it is, stretched by the true azimuth "
    "(rectified), without the shear of the true pitch, and without perspective as FormCheck takes "
    "it out, with a usual lens. `definition`: the knee seen exactly from the side against its "
    "angle in space. What FormCheck loses beyond this it loses in the pose or the smoothing.",
    "raw landmarks and what becomes of them, side view": "Angles of the near leg straight from the "
    "landmarks as the pose model gives them, beside those of FormCheck. Plates hide the knee of a "
    "deadlift and the hip of a hip thrust.",
    "reps, all": "A rep is found when its turn lies within 0.4 s of the true one. `start` and "
    "`end` are compared with the instants at which the hips have covered 5 % of their way and are "
    "within 5 % of its end; lifts that turn at the top end when the hips have left it by 5 %. "
    "`attempts`: reps given up or cut by the clip that were counted; `false`: reps where there "
    "was none. `precision` leaves attempts out.",
    "verdicts by view": "Over all checks that can be judged in the view; `f1` away from the stated "
    "margin.",
    "checks": "In the views in which a check applies. `false_pass` counts faulty reps that passed, "
    "`false_fail` good ones that failed. `f1` is of the verdict fail, over the `clear` reps: told, "
    "and farther from the limit than the stated margin. `f1_beyond_5deg` takes all reps farther "
    "than 5 degrees from the limit, and counts borderline and cannot_tell as missed, so a wide "
    "margin cannot flatter it. `mae`, `bias`: of the checked value.",
    "stated errors by view": "`inside`: how often the truth lies within value +- stated error. "
    "`stated`: its median; `p90`: the error that nine of ten readings keep.",
    "back line": "Spine flexion from the silhouette against the true pitch of thorax on pelvis "
    "over the own stance, at the frames at which the outline was looked at. `slope`: degrees read "
    "for a true degree.",
    "recognition": "Exercise and view found without being told; median error of the azimuth and "
    "the pitch of the camera.",
    "variants": "Clips whose variant is `named` as it is, where the movement alone tells it, and "
    "those that get the name of another. Overhead, single-leg and Bulgarian ones are not rendered.",
    "places of joints": "Distance of a landmark from the projected joint centre, near leg (lunge: "
    "working leg), in centimetres at the joint's depth.",
    "left and right exchanged": "In frames in which knees or ankles are far enough apart in the "
    "picture to tell.",
}


def write_report(
    first: dict[str, list[Row]], rest: dict[str, list[Row]], records: Records, docs: Path
) -> None:
    """Write the page, the numbers and the plots."""
    docs.mkdir(parents=True, exist_ok=True)
    (docs / "accuracy.json").write_text(json.dumps({**first, **rest}, indent=1) + "\n")
    checks = first["checks"]
    plots = [plot_angles(records, docs), plot_agreement(records, docs), plot_checks(checks, docs)]
    parts = [INTRODUCTION, f"{len({r['clip'] for r in records.clips})} clips.\n"]
    parts += [
        f"## {heading(title)}\n\n{body(title, rows)}" for title, rows in first.items() if rows
    ]
    parts += [f"![{path.stem}]({path.name})\n" for path in plots]
    if (docs / FINDINGS).exists():
        parts.append((docs / FINDINGS).read_text())
    parts.append("## Details\n")
    for title, rows in rest.items():
        if rows:
            summary = f"<details><summary>{heading(title)}</summary>"
            parts.append(f"{summary}\n\n{body(title, rows)}\n</details>\n")
    (docs / "accuracy.md").write_text("\n".join(parts))


FINDINGS = "accuracy_findings.md"
"""Written by hand: what stands behind the numbers. Put into the page when it is there."""


def heading(title: str) -> str:
    """The title with a capital."""
    return title[0].upper() + title[1:]


def body(title: str, rows: list[Row]) -> str:
    """Note and table."""
    note = NOTES.get(title)
    return (f"{note}\n\n" if note else "") + table(rows) + "\n"


def table(rows: list[Row]) -> str:
    """A Markdown table."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(cell(row.get(name)) for name in names) + " |" for row in rows]
    return "\n".join(lines)


def cell(value: Any) -> str:
    """One cell."""
    if value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def plot_angles(records: Records, docs: Path) -> Path:
    """Absolute error of hip, knee and trunk by view: boxes over frames."""
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True)
    for axis, angle in zip(axes, ("hip_flexion", "knee_flexion", "trunk_inclination"), strict=True):
        rows = [r for r in records.angles if r["angle"] == angle]
        groups = grouped(rows, ("view", "model"))
        errors = [np.abs(np.concatenate([r["error"] for r in g])) for g in groups.values()]
        finite = [e[np.isfinite(e)] for e in errors]
        if finite:
            axis.boxplot(finite, whis=(5, 95), showfliers=False)
            axis.set_xticks(range(1, len(groups) + 1), [f"{v}\n{m}" for v, m in groups])
        axis.set_title(angle.replace("_", " "))
        axis.axhline(5, color="0.7", linewidth=0.8)
    axes[0].set_ylabel("absolute error (deg)")
    return save(figure, docs / "accuracy_angles.png")


def plot_agreement(records: Records, docs: Path) -> Path:
    """Error against the true angle in the side view (Bland-Altman style), a sample of frames."""
    rng = np.random.default_rng(0)
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True)
    for axis, angle in zip(axes, ("hip_flexion", "knee_flexion", "trunk_inclination"), strict=True):
        rows = [r for r in records.angles if r["angle"] == angle and r["view"] == "side"]
        for (exercise,), group in grouped(rows, ("exercise",)).items():
            true = np.concatenate([r["true"] for r in group])
            error = np.concatenate([r["error"] for r in group])
            pick = rng.permutation(len(true))[:1500]
            axis.plot(true[pick], error[pick], ".", markersize=1.5, label=exercise)
        axis.axhline(0, color="0.5", linewidth=0.8)
        axis.set(title=angle.replace("_", " "), xlabel="true angle (deg)", ylim=(-30, 30))
    axes[0].set_ylabel("error (deg)")
    axes[-1].legend(markerscale=6, fontsize=7)
    return save(figure, docs / "accuracy_agreement.png")


def plot_checks(checks: list[Row], docs: Path) -> Path:
    """F1 by check."""
    rows = [r for r in checks if r["f1"] is not None]
    figure, axis = plt.subplots(figsize=(8, 0.28 * max(len(rows), 4) + 1))
    labels = [f"{r['check']} ({r['model']})" for r in rows]
    axis.barh(labels, [r["f1"] for r in rows], color="tab:blue")
    axis.axvline(0.9, color="0.4", linewidth=0.8)
    axis.set(xlim=(0, 1), xlabel="F1 of the verdict fail, away from the margin")
    axis.invert_yaxis()
    return save(figure, docs / "accuracy_checks.png")


def save(figure: Any, path: Path) -> Path:
    """Save and close."""
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
    return path
