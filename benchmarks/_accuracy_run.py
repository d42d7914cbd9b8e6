"""Running FormCheck over a folder of clips, keeping what it writes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gym.truth import read_truth

TRUTH = ".truth.json.gz"


def find_clips(folder: Path) -> list[Path]:
    """Clips (mp4) that have a truth file, by name."""
    truths = sorted(folder.glob(f"*{TRUTH}"))
    clips = [t.with_name(t.name.removesuffix(TRUTH) + ".mp4") for t in truths]
    return [clip for clip in clips if clip.exists()]


def truth_path(clip: Path) -> Path:
    """The truth file of a clip."""
    return clip.with_name(clip.stem + TRUTH)


def analyse_all(
    clips: Sequence[Path], work: Path, model: str, command: Sequence[str], told: bool, jobs: int
) -> list[tuple[Path, Path]]:
    """Analyse every clip not analysed yet; returns the pairs (clip, results) that worked."""

    def one(clip: Path) -> tuple[Path, Path] | None:
        out = work / clip.stem
        if not (out / "report.json").exists():
            call = [*command, "analyze", str(clip), "--out", str(out), "--no-video"]
            call += ["--model", model]
            if told:
                call += ["--exercise", read_truth(truth_path(clip))["exercise"]]
            result = subprocess.run(call, capture_output=True, text=True, check=False)
            if result.returncode:
                said = (result.stderr.strip() or "no message").splitlines()[-1]
                print(f"{clip.name}: exit {result.returncode}: {said}", flush=True)
                return None
        return clip, out

    done = []
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        for k, pair in enumerate(pool.map(one, clips)):
            if pair:
                done.append(pair)
            if sys.stderr.isatty() or (k + 1) % 16 == 0:
                print(f"{model}: {k + 1}/{len(clips)}", file=sys.stderr, flush=True)
    return done
