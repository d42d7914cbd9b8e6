"""A squat set in the side view, made from a jointed figure whose angles are known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from formcheck.profile_note import ProfileNote
from formcheck.report import RuleInfo
from formcheck.types import (
    Analysis,
    Capture,
    CaptureWarning,
    Check,
    ClipInfo,
    Cue,
    Frame,
    Measure,
    PartialRep,
    PoseTrack,
    Recognition,
    Rep,
    ScoredRep,
    SetSummary,
    Signals,
    Verdict,
    landmark,
)
from formcheck.video import VideoWriter, probe

FPS, WIDTH, HEIGHT = 25.0, 320, 240
FRAMES = 75
DEEPEST_KNEE_DEG = 105.0
TRUNK_SHARE = 0.45  # trunk lean over knee flexion
SHANK_SHARE = 0.35


def knee_flexion(time_s: np.ndarray) -> np.ndarray:
    """Two repetitions of one second, standing between 0.5 s pauses."""
    phase = np.clip((time_s - 0.5) % 1.25, 0.0, 1.0)
    bend = DEEPEST_KNEE_DEG * np.sin(np.pi * phase) ** 2
    return np.where((time_s < 0.5) | (time_s > 2.75), 0.0, bend)


def skeleton(knee_deg: np.ndarray) -> np.ndarray:
    """(N, 33, 2) pixels of a figure that faces right, ankle fixed, from its knee flexion."""
    xy = np.full((len(knee_deg), 33, 2), np.nan)
    shank, thigh = np.radians(SHANK_SHARE * knee_deg), np.radians((1 - SHANK_SHARE) * knee_deg)
    trunk = np.radians(TRUNK_SHARE * knee_deg)
    ankle = np.stack([np.full(len(knee_deg), 150.0), np.full(len(knee_deg), 210.0)], axis=1)
    knee = ankle + 45 * np.stack([np.sin(shank), -np.cos(shank)], axis=1)
    hip = knee + 45 * np.stack([-np.sin(thigh), -np.cos(thigh)], axis=1)
    shoulder = hip + 55 * np.stack([np.sin(trunk), -np.cos(trunk)], axis=1)
    points = {
        "ankle": ankle,
        "knee": knee,
        "hip": hip,
        "shoulder": shoulder,
        "elbow": shoulder + np.array([18, 12]),
        "wrist": shoulder + np.array([34, 2]),
        "heel": ankle + np.array([-8, 8]),
        "foot_index": ankle + np.array([20, 8]),
    }
    for joint, point in points.items():
        xy[:, landmark("right", joint)] = point
        xy[:, landmark("left", joint)] = point + np.array([4, -2])
    return xy


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "squats.mp4"
    rng = np.random.default_rng(1)
    picture = np.repeat(
        np.repeat(rng.integers(60, 200, (HEIGHT // 20, WIDTH // 20, 3)), 20, 0), 20, 1
    )
    with VideoWriter(path, WIDTH, HEIGHT, FPS) as writer:
        for index in range(FRAMES):
            writer.write(Frame(index, index / FPS, picture.astype(np.uint8)))
    return path


@pytest.fixture
def squatting() -> np.ndarray:
    """(33, 2) pixels of the figure with its knee bent by 100 degrees."""
    pose: np.ndarray = skeleton(np.array([100.0]))[0]
    return pose


@pytest.fixture(scope="session")
def rule_info() -> dict[str, RuleInfo]:
    return {
        "squat.depth": RuleInfo(
            "Depth", "standard", "Federation rules", "https://example.org/rules", "max", ("side",)
        ),
        "squat.knee_valgus": RuleInfo(
            "Knees over the feet", "study", "A study", "", "max", ("front",)
        ),
    }


def checks(bottom: int, end: int, depth: float, lockout: float) -> tuple[Check, ...]:
    verdict = Verdict.FAIL if depth > 4 else Verdict.PASS
    return (
        Check("squat.depth", verdict, depth, 0.0, 4.0, "deg", bottom, "", "Sit deeper"),
        Check("squat.lockout", Verdict.BORDERLINE, lockout, 10.0, 5.0, "deg", end, "", "Stand up"),
        Check(
            "squat.knee_valgus", Verdict.CANNOT_TELL, math.nan, 10.0, math.nan, "deg", bottom,
            "view", "Knees out",
        ),
    )  # fmt: skip


def make_signals(time_s: np.ndarray, knee: np.ndarray) -> Signals:
    thigh = 90 - (1 - SHANK_SHARE) * knee
    hip = (1 - SHANK_SHARE + TRUNK_SHARE) * knee
    hidden = knee.copy()
    hidden[10:20] = np.nan
    values = {
        "hip_flexion_left_deg": hip + 1,
        "hip_flexion_right_deg": hip,
        "hip_flexion_both_deg": hip,
        "knee_flexion_left_deg": hidden,
        "knee_flexion_right_deg": knee,
        "knee_flexion_both_deg": knee,
        "thigh_inclination_right_deg": thigh,
        "thigh_inclination_both_deg": thigh,
        "trunk_inclination_deg": TRUNK_SHARE * knee,
        "hip_height_ratio": np.ones_like(knee),
    }
    return Signals(time_s, values)


@pytest.fixture(scope="session")
def analysis(clip: Path) -> Analysis:
    time_s = np.arange(FRAMES) / FPS
    knee = knee_flexion(time_s)
    xy = skeleton(knee)
    visibility = np.full((FRAMES, 33), 0.95)
    track = PoseTrack(
        time_s, xy, np.zeros((FRAMES, 33, 3)), visibility, visibility, WIDTH, HEIGHT,
        np.zeros(FRAMES, dtype=np.int64),
    )  # fmt: skip
    error = 2 / FPS
    reps = tuple(
        ScoredRep(
            Rep(start, turn, end),
            {
                "hip_flexion_bottom": Measure(115.51, 5.0, "deg", turn),
                "hip_flexion_top": Measure(math.nan, 5.0, "deg", end, "occluded"),
                "eccentric_s": Measure((turn - start) / FPS, error, "s", turn),
            },
            checks(turn, end, depth, lockout),
            score,
        )
        for start, turn, end, depth, lockout, score in (
            (13, 25, 37, 8.0, 9.0, 72.345),
            (44, 56, 68, -3.0, 12.0, math.nan),
        )
    )
    summary = SetSummary(
        score=72.345,
        verdict_counts={Verdict.PASS: 1, Verdict.FAIL: 1, Verdict.BORDERLINE: 2},
        cues=(Cue("squat.depth", (1,), "Sit deeper: 8° above the knee (rep 1)"),),
        tempo={"eccentric_s": 0.7513},
        drift={"hip_flexion_bottom": math.nan},
    )
    capture = Capture(
        "side", 85.04, 4.0, "right", (CaptureWarning("tilt", "The camera is tilted."),)
    )
    return Analysis(
        probe(clip), "full", "ab" * 32, 1.0, "right", track, make_signals(time_s, knee), capture,
        Recognition("squat", 0.98, "recognised"), reps, (PartialRep(70, 74, "cut_end"),), summary,
    )  # fmt: skip


@pytest.fixture
def all_off(analysis: Analysis) -> Analysis:
    """A set of whose exercise a profile has turned every check off."""
    return replace(
        analysis,
        reps=tuple(replace(rep, checks=(), score=math.nan) for rep in analysis.reps),
        summary=SetSummary(math.nan, {}, (), {}, {}),
        profile=ProfileNote("Counting only", "", "0" * 64, (), ("squat.depth",)),
    )


@pytest.fixture
def unknown(analysis: Analysis) -> Analysis:
    """Somebody who does something else."""
    return replace(
        analysis,
        exercise=Recognition(None, 0.2, "recognised"),
        reps=(),
        partial_reps=(),
        capture=replace(analysis.capture, azimuth_deg=math.nan, warnings=()),
        summary=SetSummary(math.nan, {}, (), {}, {}),
    )


@pytest.fixture
def renamed(analysis: Analysis) -> Callable[[str], Analysis]:
    def make(name: str) -> Analysis:
        info: ClipInfo = replace(analysis.clip, name=name)
        return replace(analysis, clip=info)

    return make
