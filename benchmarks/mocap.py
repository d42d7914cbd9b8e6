"""FormCheck on real motion capture, without video: landmarks -> angles -> reps -> verdicts.

    python benchmarks/mocap.py FOLDER [--azimuths 90 60 45] [--out FILE.md]

FOLDER holds ``ui_prmd_*.npz``. The recorded joints are seen through an ideal camera, so what is
left is the error of the view, the definitions, the smoothing, the counting and the rules.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from _paths import existing

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from _accuracy_mocap import Recording, pose_track, recordings  # noqa: E402
from _accuracy_tables import angle_rows, grouped, ratio  # noqa: E402

from formcheck.pipeline import evaluate  # noqa: E402
from gym.angles import angles_of  # noqa: E402
from gym.camera import place  # noqa: E402
from gym.checks import view_of  # noqa: E402
from gym.spec import Camera  # noqa: E402

ANGLES = ("hip_flexion", "knee_flexion", "thigh_inclination", "shank_inclination")
AIM = np.array([0.0, 0.0, 0.9])


def measure(recording: Recording, azimuth: float, store: dict[str, list[dict[str, Any]]]) -> None:
    """Evaluate one recording from one camera and note the errors."""
    camera = Camera(azimuth_deg=azimuth, distance_m=3.5, width=1280, height=720)
    result = evaluate(pose_track(recording, place(camera, AIM)), recording.exercise)
    true = angles_of(recording.joints_m, np.zeros(len(recording.time_s)))
    near = "left" if azimuth > 0 else "right"
    tags = {
        "clip": recording.name,
        "exercise": recording.exercise,
        "view": view_of(azimuth),
        "azimuth": azimuth,
        "correct": recording.correct,
    }
    names = [("trunk_inclination", "trunk_inclination_deg")]
    names += [(angle, f"{angle}_{near}_deg") for angle in ANGLES]
    for angle, name in names:
        error = np.asarray(result.signals[name]) - true[name]
        store["angles"].append({**tags, "angle": angle, "error": error})
    seen = np.asarray(result.signals[f"knee_flexion_{near}_deg"])
    # in space the knee's angle hangs on where its centre is put; from the side it hardly does
    flat = seen - true[f"knee_flexion_sagittal_{near}_deg"]
    store["angles"].append({**tags, "angle": "knee_flexion, from the side", "error": flat})
    if recording.exercise == "squat":
        for angle in ANGLES:
            pair = [f"{angle}_{side}_deg" for side in ("left", "right")]
            error = np.mean([np.asarray(result.signals[n]) - true[n] for n in pair], axis=0)
            store["angles"].append({**tags, "angle": f"{angle}, mean of both", "error": error})
    store["reps"].append({**tags, "found": len(result.reps)})
    for rep in result.reps:
        for check in rep.checks:
            verdict = str(check.verdict)
            store["checks"].append({**tags, "check": check.id, "verdict": verdict})


def summarise(store: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Tables."""
    keys = ("exercise", "azimuth", "correct")
    reps = []
    for key, rows in grouped(store["reps"], keys).items():
        found = Counter(min(row["found"], 2) for row in rows)
        reps.append(
            {
                **dict(zip(keys, key, strict=True)),
                "recordings": len(rows),
                "one": found[1],
                "none": found[0],
                "more": found[2],
                "right": ratio(found[1], len(rows)),
            }
        )
    checks = []
    for key, rows in grouped(store["checks"], ("exercise", "check", "azimuth", "correct")).items():
        said = Counter(row["verdict"] for row in rows)
        checks.append(
            {
                **dict(zip(("exercise", "check", "azimuth", "correct"), key, strict=True)),
                "reps": len(rows),
                **{v: said[v] for v in ("pass", "borderline", "fail", "cannot_tell")},
            }
        )
    angles = angle_rows(store["angles"], ("exercise", "azimuth", "angle"))
    return {"angles": angles, "repetitions": reps, "verdicts": checks}


def main(arguments: Sequence[str]) -> int:
    """Evaluate every recording from every camera."""
    parser = argparse.ArgumentParser(prog="mocap.py", description=__doc__)
    parser.add_argument("folder", type=existing)
    parser.add_argument("--azimuths", nargs="+", type=float, default=[90.0, 60.0, 45.0])
    parser.add_argument("--limit", type=int, help="only the first N recordings")
    parser.add_argument("--out", type=Path, help="write Markdown here and JSON beside it")
    options = parser.parse_args(arguments)
    store: dict[str, list[dict[str, Any]]] = {"angles": [], "reps": [], "checks": []}
    for k, recording in enumerate(recordings(options.folder)):
        if options.limit is not None and k >= options.limit:
            break
        for azimuth in options.azimuths:
            measure(recording, azimuth, store)
    if not store["reps"]:
        print(f"mocap: no recording in {options.folder}", file=sys.stderr)
        return 2
    from _accuracy_report import table

    summary = summarise(store)
    parts = [f"## {title}\n\n{table(rows)}\n" for title, rows in summary.items() if rows]
    page = "# Motion capture without video\n\n" + "\n".join(parts)
    if options.out is None:
        print(page)
    else:
        options.out.write_text(page)
        options.out.with_suffix(".json").write_text(json.dumps(summary, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
