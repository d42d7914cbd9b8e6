"""Native log lines stay off the terminal, and no word of ours is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path

import pytest
from clips import ROOT, squatting

from formcheck.quiet import Quiet


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first second of a squat, small."""
    return squatting(tmp_path_factory.mktemp("quiet") / "squat.mp4", 1.0)


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_no_native_noise_and_no_word_of_ours_lost(clip: Path) -> None:
    code = f"""
import os, sys
from formcheck.pose import MediaPipeEstimator, estimate_track
from formcheck.silhouettes import Silhouettes
from formcheck.quiet import Quiet
from formcheck.video import probe, read_frames
assert "mediapipe" not in sys.modules, "heavy import at start"
def said(done, total):
    pass
track = estimate_track({str(clip)!r}, probe({str(clip)!r}), "lite", progress=said)
with Silhouettes("lite") as s:
    s.segment(next(read_frames({str(clip)!r})))
held = MediaPipeEstimator("lite")  # left open on purpose
with Quiet():
    print("from python", file=sys.stderr)
    os.write(2, b"W0000 00:00:1795412454.811093   27455 x.cc:121] noise\\nINFO: noise\\n")
    os.write(2, b"from a library")
sys.exit(int(track.seen.mean() < 0.9))
"""
    done = _run(code)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "from python\nfrom a library"


def _any_order(first: list[str], second: list[str]) -> Iterator[str]:
    """Two lines written in pieces by two threads: everything that can come out."""
    total = len(first) + len(second)
    for places in combinations(range(total), len(first)):
        mine, others = iter(first), iter(second)
        yield "".join(next(mine if place in places else others) for place in range(total))


@pytest.mark.parametrize("said", ["ERROR: [x.cc:84] broken\n", "WARNING: look here\n", "a\n"])
def test_noise_of_two_threads_in_any_order(said: str, capfd: pytest.CaptureFixture[str]) -> None:
    lines = [
        ["INFO: ", "Created TensorFlow Lite XNNPACK delegate for CPU.", "\n"],
        ["INFO: ", "[compiled_model.cc:1022] Flatbuffer model initialized.", "\n"],
        ["WARNING: ", "[model.cc:4] two at once", "\n"],
        ["W0000 00:00:1795412454.811093   27455 x.cc:121] noise\n"],
    ]
    for first, second in product(lines, repeat=2):
        for noise in _any_order(first, second):
            with Quiet():
                os.write(2, noise.encode())
            assert capfd.readouterr().err == "", noise
    with Quiet():
        os.write(2, said.encode())
    assert capfd.readouterr().err == said


def test_an_error_is_still_seen(clip: Path) -> None:
    done = _run(
        "from formcheck import pose\nfrom formcheck.video import probe\n"
        f"def stop(*_): raise RuntimeError('stop here')\n"
        f"pose.estimate_track({str(clip)!r}, probe({str(clip)!r}), 'lite', progress=stop)\n"
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("RuntimeError: stop here\n")


def test_a_closed_stderr_is_no_problem() -> None:
    done = _run(
        "import os; os.close(2)\nfrom formcheck import pose\n"
        "pose.MediaPipeEstimator('lite').close(); print('fine')"
    )
    assert (done.returncode, done.stdout) == (0, "fine\n")
