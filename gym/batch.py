"""Rendering many clips, one process each, resumable: a clip whose truth exists is done."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from gym.clip import render
from gym.errors import GymError
from gym.samples import samples
from gym.sets import clip_of, other_of
from gym.truth import truth_path


def render_one(
    seed: int, index: int, out: Path, fps: float | None, others: bool = False
) -> tuple[str, int]:
    """Render one clip of a set; returns its name and its number of frames (0 = was there)."""
    name = f"clip_{index:03d}"
    if truth_path(out / f"{name}.mp4").exists():
        return name, 0
    clip = other_of(seed, index) if others else clip_of(seed, index)
    if fps is not None:
        clip = replace(clip, video=replace(clip.video, fps=fps))
    truth = render(clip, out / name)
    return f"{name} {clip.exercise} {clip.variant}", int(truth["clip"]["frames"])


def render_set(
    seed: int,
    clips: int,
    out: Path,
    jobs: int,
    fps: float | None = None,
    *,
    others: bool = False,
) -> None:
    """Render a whole set and say how fast it went.

    ``fps``: of all clips, instead of many rates. ``others``: movements that are none of the lifts.
    """
    out.mkdir(parents=True, exist_ok=True)
    same = {"seed": seed, "fps": fps, "others": others}
    listing = out / "set.json"
    if listing.exists():
        kept = {"others": False, **json.loads(listing.read_text())}
        if {name: kept.get(name) for name in same} != same:
            raise GymError(f"{out} holds another set ({kept}): choose another folder")
    listing.write_text(json.dumps({**same, "clips": clips}) + "\n")
    # one thread each: the software rasteriser would otherwise fight itself for the cores
    os.environ.update(LP_NUM_THREADS="1", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    began, frames = time.perf_counter(), 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context) as pool:
        work = [pool.submit(render_one, seed, k, out, fps, others) for k in range(clips)]
        for k, done in enumerate(work):
            name, count = done.result()
            frames += count
            if count:
                print(f"{k + 1}/{clips} {name}: {count} frames", flush=True)
    took = time.perf_counter() - began
    print(f"{frames} frames in {took:.0f} s ({frames / max(took, 1e-9):.1f} frames a second)")


def render_samples(out: Path) -> None:
    """Render the sample clips."""
    for name, clip in samples().items():
        truth = render(clip, out / name)
        print(f"{name}: {truth['clip']['duration_s']:.1f} s, {len(truth['reps'])} reps", flush=True)
