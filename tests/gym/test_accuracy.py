"""The accuracy benchmark on made-up results whose errors are known."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("moderngl")

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import accuracy
import smoothing
import tracks
from _accuracy_floor import add_floor
from _accuracy_match import Records, collect, tags_of
from _accuracy_raw import add_raw
from _accuracy_report import write_report
from _accuracy_run import NOTHING, Result, result_of
from _accuracy_tables import details, headlines

from formcheck.closeup import Look, Seen
from formcheck.pipeline import to_analysis
from formcheck.types import (
    SIDES,
    ClipInfo,
    FramePose,
    ImageArray,
    Landmark,
    PoseTrack,
    landmark,
)
from gym.clip import Set, truth_of
from gym.spec import Camera, Clip, Motion, Rep, Video
from gym.truth import read_truth, truth_path

BIAS_DEG = 2.0


def truth_from(azimuth_deg: float, exercise: str = "squat") -> dict:
    """The truth of two repetitions seen from somewhere, without pictures."""
    second = Rep(thigh_inclination_deg=20.0) if exercise == "squat" else Rep()
    motion = Motion(reps=(Rep(), second), seed=3)
    camera = Camera(azimuth_deg=azimuth_deg)
    ready = Set.prepare(Clip(exercise, motion=motion, camera=camera, video=Video(fps=15.0)))
    shots = [ready.lift.shot(float(t)) for t in ready.time_s]
    return truth_of(ready, shots)


@pytest.fixture(scope="module")
def truth() -> dict:
    return truth_from(90)


def made_up(truth: dict, *, verdicts: bool = True) -> Result:
    """What a program would say that is ``BIAS_DEG`` off and sure of it to 3 degrees."""
    frames = truth["frames"]
    columns = {name: np.array(a) + BIAS_DEG for name, a in frames["angles"].items()}
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
        "partial_reps": [],
    }
    return Result(report, {"time_s": np.array(frames["time_s"]), **columns})


def records_of(truth: dict, result: Result) -> Records:
    """The rows of one made-up clip."""
    records = Records()
    tags = tags_of(truth, "a", "full")
    collect(records, truth, result, tags)
    add_floor(records, truth, {"clip": "a", "view": tags["view"]})
    return records


def test_known_errors_come_out(truth, tmp_path):
    records = records_of(truth, made_up(truth))
    first, rest = headlines(records), details(records)
    rows = {r["angle"]: r for r in rest["angles by view"]}
    for name in ("hip_flexion", "knee_flexion", "trunk_inclination"):
        row = rows[name]
        assert (row["bias"], row["mae"], row["rmse"], row["p95"]) == pytest.approx(
            (BIAS_DEG,) * 4, abs=0.02
        )
        assert row["loa_low"] == pytest.approx(BIAS_DEG, abs=0.05)
        assert row["seen"] == 1
    for row in rest["angles where the rules read them"]:
        assert row["bias"] == pytest.approx(BIAS_DEG, abs=0.4), row
    reps = rest["reps"][0]
    assert (reps["reps"], reps["missed"], reps["false"]) == (2, 0, 1)
    assert reps["precision"] == pytest.approx(2 / 3, abs=1e-3)
    assert reps["start_median_ms"] == reps["turn_median_ms"] == reps["end_median_ms"] == 0
    depth = next(r for r in first["checks"] if r["check"] == "squat.depth")
    assert (depth["faulty"], depth["false_pass"], depth["false_fail"], depth["f1"]) == (1, 0, 0, 1)
    assert (depth["borderline"], depth["cannot_tell"]) == (0, 0)
    assert depth["bias"] == pytest.approx(BIAS_DEG)
    assert "squat.knee_valgus" not in {r["check"] for r in first["checks"]}
    assert {r["inside"] for r in first["stated errors by view"]} == {1.0}
    assert first["recognition"][0]["azimuth_error_deg"] == pytest.approx(5.0)
    write_report(first, rest, records, tmp_path)
    page = (tmp_path / "accuracy.md").read_text()
    for name in ("accuracy_angles.png", "accuracy_agreement.png", "accuracy_checks.png"):
        assert name in page
        assert (tmp_path / name).stat().st_size > 1000
    assert json.loads((tmp_path / "accuracy.json").read_text())["checks"] == first["checks"]


@pytest.mark.parametrize("exercise", ["deadlift", "hip_thrust"])
def test_a_rep_that_turns_at_the_top_ends_where_the_hips_leave_it(exercise):
    """It was compared with the return to the floor: 0.6 s of definition among those of error."""
    truth = truth_from(90, exercise)
    result = made_up(truth)
    times = np.array(truth["frames"]["time_s"])
    hips = np.array(truth["frames"]["joints_world_m"])[:, truth["joint_names"].index("hip_mid"), 2]
    for rep, true in zip(result.report["reps"], truth["reps"], strict=False):
        held = (times >= true["turn_from_s"]) & (times <= true["turn_to_s"])
        lowered = (times > true["turn_to_s"]) & (hips < hips[held].mean() - 0.02)
        rep["end_s"] = float(times[lowered.argmax()])
        assert true["settled_s"] - rep["end_s"] > 0.3
    (row,) = headlines(records_of(truth, result))["reps, all"]
    assert row["end_median_ms"] <= 1000 / truth["clip"]["fps"]


def test_a_missed_fault_costs_f1(truth):
    first = headlines(records_of(truth, made_up(truth, verdicts=False)))
    depth = next(r for r in first["checks"] if r["check"] == "squat.depth")
    assert (depth["false_pass"], depth["f1"], depth["f1_beyond_5deg"]) == (1, 0.0, 0.0)


def test_a_wide_margin_cannot_flatter_the_strict_f1(truth):
    result = made_up(truth)
    for rep in result.report["reps"]:
        for check in rep["checks"]:
            check.update(margin=90.0, verdict="borderline")
    depth = next(
        r for r in headlines(records_of(truth, result))["checks"] if r["check"] == "squat.depth"
    )
    assert depth["borderline"] == 1
    assert (depth["clear"], depth["f1"], depth["f1_beyond_5deg"]) == (0, None, 0.0)


def test_a_refused_clip_loses_its_reps(truth):
    records = records_of(truth, Result(NOTHING, {}, refused="nobody"))
    assert [(r["kind"], r["why"]) for r in records.reps] == [("missed", "refused")] * 2
    assert headlines(records)["reps, all"][0]["recall"] == 0


def test_the_floor_of_perfect_landmarks_is_low_in_side_view(truth):
    rows = details(records_of(truth, made_up(truth)))["what perfect landmarks would give"]
    plane = {r["angle"]: r["mae"] for r in rows if r["stage"] == "image plane"}
    assert plane["trunk_inclination"] < 1
    assert np.max([plane["hip_flexion"], plane["knee_flexion"]]) < 4


def perfect_track(truth: dict, *, swapped: slice = slice(0, 0), off_px: float = 0.0) -> PoseTrack:
    """Landmarks in their true places, the legs exchanged in some frames, all moved sideways."""
    pixels, names = np.array(truth["frames"]["joints_px"]), truth["joint_names"]
    xy = np.zeros((len(pixels), len(Landmark), 2))
    for side in SIDES:
        for joint in ("shoulder", "hip", "knee", "ankle"):
            xy[:, landmark(side, joint)] = pixels[:, names.index(f"{joint}_{side}")]
    for joint in ("knee", "ankle"):
        left, right = landmark("left", joint), landmark("right", joint)
        xy[swapped, left], xy[swapped, right] = xy[swapped, right], xy[swapped, left].copy()
    xy[..., 0] += off_px
    time_s, ones = np.array(truth["frames"]["time_s"]), np.ones(xy.shape[:2])
    world = np.zeros((*xy.shape[:2], 3))
    return PoseTrack(time_s, xy, world, ones, ones, 640, 360, np.zeros(len(xy), np.int64))


def test_places_and_swaps_of_landmarks_are_told():
    truth = truth_from(45)
    records, tags = Records(), tags_of(truth, "a", "full")
    everywhere = slice(0, len(truth["frames"]["time_s"]))
    raw = perfect_track(truth, swapped=everywhere, off_px=10.0)
    add_raw(records, truth, raw, perfect_track(truth), tags)
    tables = details(records)
    hip = next(r for r in tables["places of joints"] if r["joint"] == "hip")
    expected_cm = 100 * 10 * 3.0 / truth["camera"]["focal_px"]  # the aim is 3 m away
    assert hip["raw_mean_cm"] == pytest.approx(expected_cm, rel=0.1)
    assert hip["used_mean_cm"] == 0
    (swaps,) = tables["left and right exchanged"]
    assert swaps["frames"] > 50
    assert (swaps["raw_swapped"], swaps["used_swapped"]) == (1.0, 0.0)


def test_the_back_line_is_compared_where_it_was_looked_at():
    truth = truth_from(90)
    count = len(truth["frames"]["time_s"])
    spine = np.linspace(0, 50, count)
    truth["frames"]["angles"]["spine_flexion_deg"] = spine.tolist()
    result = made_up(truth)
    read = np.full(count, np.nan)
    read[::5] = 0.5 * spine[::5]
    result.columns["spine_flexion_deg"] = read
    (row,) = headlines(records_of(truth, result))["back line"]
    assert row["looks"] < count / 4
    assert (row["correlation"], row["slope"]) == (1.0, 0.5)
    assert row["bias"] == pytest.approx(-row["mae"])


def test_a_kept_pose_is_not_estimated_again(tmp_path, monkeypatch, truth):
    import _accuracy_cache as cached

    info = ClipInfo("a.mp4", "ab" * 32, 1.0, 15.0, False, 640, 360, 0, 15)
    calls = []
    monkeypatch.setattr(cached, "probe", lambda _clip: info)

    def estimate(*_args: object, **_options: object) -> PoseTrack:
        calls.append(1)
        return perfect_track(truth)

    monkeypatch.setattr(cached, "estimate_track", estimate)
    for _ in range(2):
        track = cached.Cache(tmp_path, "full").pose(tmp_path / "a.mp4")
    assert len(calls) == 1
    np.testing.assert_array_equal(track.xy_px, perfect_track(truth).xy_px)
    assert (track.width, track.height) == (640, 360)


def test_a_change_of_whatever_fetches_poses_makes_new_ones():
    """Of the trimmed models, and of looks at the lifter alone, the old ones were taken."""
    import _accuracy_cache as cached

    room = Path(cached.formcheck.__file__).parent
    known = {*cached.POSE_MODULES, *cached.CHANGE_NO_POSE, "video.py"}
    assert {"looking.py", "models.py", "trimming.py"} <= set(cached.POSE_MODULES)
    for module in cached.POSE_MODULES:
        tree = ast.parse((room / module).read_text())
        names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        inner = [n.removeprefix("formcheck.") for n in names if n.startswith("formcheck.")]
        assert {f"{name.replace('.', '/')}.py" for name in inner} <= known, module


def test_a_kept_look_comes_back_as_it_was(tmp_path, monkeypatch):
    import _accuracy_cache as cached

    info = ClipInfo("a.mp4", "ab" * 32, 1.0, 15.0, False, 64, 36, 0, 15)
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (36, 64, 3), dtype=np.uint8)
    mask = np.round(rng.random((36, 64)) * 255).astype(np.float32) / 255
    pose = FramePose(rng.random((33, 2)), rng.random((33, 3)), rng.random(33), rng.random(33))
    asked = []

    def look_into(_clip: Path, _model: str) -> Look:
        def plainly(times_s: Sequence[float]) -> list[ImageArray]:
            asked.extend(times_s)
            return [image for _ in times_s]

        def closely(times_s: Sequence[float]) -> list[Seen | None]:
            asked.extend(times_s)
            return [Seen(image, pose, mask) if t < 1 else None for t in times_s]

        return Look(plainly, closely)

    monkeypatch.setattr(cached.looking, "look_into", look_into)
    look = cached.Cache(tmp_path, "full").look(tmp_path / "a.mp4", info)
    look.closely([0.1])
    seen, nobody = look.closely([0.1, 2.0])
    look.plainly([0.1])
    plain, _ = look.plainly([0.1, 0.2])
    assert asked == [0.1, 2.0, 0.1, 0.2]
    np.testing.assert_array_equal(plain, image)
    assert nobody is None
    np.testing.assert_array_equal(seen.image, image)
    np.testing.assert_allclose(seen.mask, mask, atol=1e-6)
    np.testing.assert_array_equal(seen.pose.xy_px, pose.xy_px)


MOST_MAE_DEG = {"hip_flexion": 5.5, "knee_flexion": 5.5, "trunk_inclination": 3.0}


def test_the_sample_clips_are_scored_from_their_kept_landmarks():
    """Side view, model full: what the last change did to angles, counts and verdicts."""
    records = Records()
    for name in tracks.names():
        truth = read_truth(truth_path(tracks.ROOT / f"sample_videos/{name}.mp4"))
        raw = tracks.load(name)
        span_s = float(raw.time_s[-1])
        info = ClipInfo(name, "", span_s, 25.0, False, raw.width, raw.height, 0, len(raw))
        analysis = to_analysis(info, "full", "", raw, "auto")
        collect(records, truth, result_of(analysis, raw), tags_of(truth, name, "full"))
    first = headlines(records)
    mae = {r["angle"]: r["mae"] for r in first["hip, knee and trunk"]}
    for angle, most in MOST_MAE_DEG.items():
        assert mae[angle] < most, angle
    (reps,) = first["reps, all"]
    assert (reps["reps"], reps["missed"]) == (28, 0)
    assert {r["recognised"] for r in first["recognition"]} == {1.0}
    for row in first["checks"]:
        assert (row["false_pass"], row["false_fail"]) == (0, 0), row["check"]


@pytest.mark.parametrize("benchmark", [accuracy, smoothing])
def test_an_empty_folder_is_one_clear_line(benchmark, tmp_path, capsys):
    assert benchmark.main([str(tmp_path)]) == 2
    assert "no clip with a truth file" in capsys.readouterr().err
