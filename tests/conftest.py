"""What several tests share: an analysis made by hand, the sample clips, a browser."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, sync_playwright

from formcheck.types import (
    Analysis,
    Capture,
    CaptureWarning,
    Check,
    ClipInfo,
    Cue,
    PartialRep,
    PoseTrack,
    Recognition,
    Rep,
    ScoredRep,
    SetSummary,
    Signals,
    Verdict,
)

os.environ["FORMCHECK_EXERCISES"] = ""  # plug-ins of whoever runs the tests have no say here
ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FPS = 10.0
FRAMES = 100


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test, nor a command that it starts, may touch the history of whoever runs the tests."""
    os.environ["FORMCHECK_DATA"] = str(tmp_path_factory.mktemp("data"))
    os.environ.pop("FORMCHECK_DATABASE_URL", None)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def sample_clip() -> Path:
    """A short rendered squat with faults put in: filmed from the side."""
    return ROOT / "sample_videos" / "squat_faults.mp4"


def _check(name: str, verdict: Verdict, value: float, at: int, reason: str = "") -> Check:
    return Check(
        id=name,
        verdict=verdict,
        value=value,
        limit=0.0,
        margin=4.0,
        unit="deg",
        at=at,
        reason=reason,
        cue="Sit deeper: 12° above the knee",
    )


def _scored(start: int, verdict: Verdict, value: float, score: float) -> ScoredRep:
    checks = (
        _check("squat.depth", verdict, value, start + 10),
        _check("squat.knee_valgus", Verdict.CANNOT_TELL, math.nan, start + 10, "view"),
    )
    return ScoredRep(Rep(start, start + 10, start + 20), {}, checks, score)


def _still_person() -> PoseTrack:
    return PoseTrack(
        time_s=np.arange(FRAMES) / FPS,
        xy_px=np.full((FRAMES, 33, 2), 100.0),
        world_m=np.zeros((FRAMES, 33, 3)),
        visibility=np.ones((FRAMES, 33)),
        presence=np.ones((FRAMES, 33)),
        width=200,
        height=300,
        shot=np.zeros(FRAMES, dtype=np.int64),
    )


@pytest.fixture
def squat_set() -> Analysis:
    """Three squats of a made-up set: one fine, one shallow, one too close to call."""
    track = _still_person()
    cue = Cue("squat.depth", (2,), "Sit deeper: 12° above the knee on rep 2")
    return Analysis(
        clip=ClipInfo("clip.mp4", "0" * 64, 10.0, FPS, False, 200, 300, 0, FRAMES),
        model="full",
        model_sha256="0" * 64,
        coverage=1.0,
        side="left",
        track=track,
        signals=Signals(track.time_s, {"hip_flexion_left_deg": np.zeros(FRAMES)}),
        capture=Capture("side", 90.0, 3.0, "left", (CaptureWarning("dim", "The picture is dim."),)),
        exercise=Recognition("squat", 0.97, "recognised"),
        reps=(
            _scored(10, Verdict.PASS, -8.0, 100.0),
            _scored(40, Verdict.FAIL, 12.0, 64.0),
            _scored(70, Verdict.BORDERLINE, 2.0, math.nan),
        ),
        partial_reps=(PartialRep(91, 99, "cut_end"),),
        summary=SetSummary(82.0, {Verdict.PASS: 1}, (cue,), {}, {}),
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; nothing is downloaded."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium on this machine: sudo apt-get install -y chromium")
    os.environ.setdefault("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty data folder, and an empty folder to be in."""
    folder = tmp_path / "data"
    monkeypatch.setenv("FORMCHECK_DATA", str(folder))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return folder
