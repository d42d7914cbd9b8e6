"""The accuracy benchmark on made-up results whose errors are known."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("av")
pytest.importorskip("moderngl")

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import accuracy

from gym.clip import Set, truth_of
from gym.spec import Camera, Clip, Motion, Rep, Video
from gym.truth import write_truth

BIAS_DEG = 2.0


@pytest.fixture(scope="module")
def truth() -> dict:
    motion = Motion(reps=(Rep(), Rep(thigh_inclination_deg=20.0)), seed=3)
    clip = Clip("squat", motion=motion, camera=Camera(azimuth_deg=90), video=Video(fps=15.0))
    ready = Set.prepare(clip)
    shots = [ready.lift.shot(float(t)) for t in ready.time_s]
    return truth_of(ready, shots)


def results_of(truth: dict, folder: Path, *, verdicts: bool = True) -> None:
    """Write what a program would that is ``BIAS_DEG`` off and sure of it to 3 degrees."""
    folder.mkdir(parents=True)
    frames = truth["frames"]
    with (folder / "frames.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["time_s", *frames["angles"]])
        for time, *angles in zip(frames["time_s"], *frames["angles"].values(), strict=True):
            writer.writerow([time, *(a + BIAS_DEG for a in angles)])
    reps = []
    for rep in truth["reps"]:
        checks = [
            {
                "id": name,
                "verdict": check["verdict"] if verdicts else "pass",
                "value": check["value"] + BIAS_DEG,
                "limit": check["limit"],
                "margin": 3.0,
                "reason": "",
            }
            for name, check in rep["checks"].items()
        ]
        times = {"start_s": rep["onset_s"], "turn_s": rep["turn_s"], "end_s": rep["settled_s"]}
        reps.append({"index": len(reps) + 1, **times, "measures": {}, "checks": checks})
    ghost = {"start_s": 0.0, "turn_s": 0.1, "end_s": 0.2, "measures": {}, "checks": []}
    report = {
        "exercise": {"id": "squat"},
        "capture": {"view": "side", "azimuth_deg": 85.0},
        "reps": [*reps, {**ghost, "index": 9}],
    }
    (folder / "report.json").write_text(json.dumps(report))


def score(truth: dict, tmp_path: Path, **options: bool) -> dict:
    """Run the benchmark over one made-up clip."""
    (tmp_path / "a.mp4").touch()
    write_truth(tmp_path / "a.truth.json.gz", truth)
    results_of(truth, tmp_path / "formcheck" / "full" / "a", **options)
    assert accuracy.main([str(tmp_path), "--docs", str(tmp_path / "docs")]) == 0
    return json.loads((tmp_path / "docs" / "accuracy.json").read_text())


def test_known_errors_come_out(truth, tmp_path):
    summary = score(truth, tmp_path)
    rows = {r["angle"]: r for r in summary["angles by view"]}
    for name in ("hip_flexion", "knee_flexion", "trunk_inclination"):
        row = rows[name]
        assert (row["bias"], row["mae"], row["rmse"], row["p95"]) == pytest.approx(
            (BIAS_DEG,) * 4, abs=0.02
        )
        assert row["loa_low"] == pytest.approx(BIAS_DEG, abs=0.05)
        assert row["seen"] == 1
    reps = summary["reps"][0]
    assert (reps["reps"], reps["missed"], reps["false"]) == (2, 0, 1)
    assert reps["precision"] == pytest.approx(2 / 3, abs=1e-3)
    assert reps["start_median_ms"] == reps["turn_median_ms"] == reps["end_median_ms"] == 0
    depth = next(r for r in summary["checks"] if r["check"] == "squat.depth")
    assert (depth["fail->fail"], depth["pass->pass"], depth["f1"]) == (1, 1, 1.0)
    assert depth["bias"] == pytest.approx(BIAS_DEG)
    assert "squat.knee_valgus" not in {r["check"] for r in summary["checks"]}
    assert {r["inside"] for r in summary["calibration"]} == {1.0}
    assert summary["recognition"][0]["azimuth_error_deg"] == pytest.approx(5.0)
    page = (tmp_path / "docs" / "accuracy.md").read_text()
    for name in ("accuracy_angles.png", "accuracy_agreement.png", "accuracy_checks.png"):
        assert name in page
        assert (tmp_path / "docs" / name).stat().st_size > 1000


def test_a_missed_fault_costs_f1(truth, tmp_path):
    summary = score(truth, tmp_path, verdicts=False)
    depth = next(r for r in summary["checks"] if r["check"] == "squat.depth")
    assert (depth["fail->pass"], depth["f1"]) == (1, 0.0)


def test_the_floor_of_perfect_landmarks_is_low_in_side_view(truth, tmp_path):
    rows = score(truth, tmp_path)["what perfect landmarks would give"]
    plane = {r["angle"]: r["mae"] for r in rows if r["stage"] == "image plane"}
    assert plane["trunk_inclination"] < 1
    assert np.max([plane["hip_flexion"], plane["knee_flexion"]]) < 4


def test_an_empty_folder_is_one_clear_line(tmp_path, capsys):
    assert accuracy.main([str(tmp_path)]) == 2
    assert "no clip with a truth file" in capsys.readouterr().err
