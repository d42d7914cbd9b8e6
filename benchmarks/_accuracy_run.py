"""Running FormCheck over a folder of clips: poses from the cache, everything after them anew."""

from __future__ import annotations

import multiprocessing
import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from _accuracy_cache import Cache
from numpy.typing import NDArray

from formcheck.doubt import followed
from formcheck.errors import FormCheckError
from formcheck.models import model_sha256
from formcheck.pipeline import choose, to_analysis
from formcheck.report import build_report
from formcheck.report.table import angle_names
from formcheck.types import Analysis, PoseTrack
from formcheck.video import probe
from gym.truth import SUFFIX, read_truth, truth_path

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Result:
    """What FormCheck says of a clip: report.json and the columns of frames.csv as data.

    ``raw`` are the landmarks as the model gave them, ``track`` what became of them.
    ``refused``: why there is no result; ``report`` then holds nothing.
    """

    report: dict[str, Any]
    columns: dict[str, Array]
    raw: PoseTrack | None = None
    track: PoseTrack | None = None
    refused: str = ""


NOTHING: dict[str, Any] = {
    "exercise": {"id": None},
    "capture": {"view": None, "azimuth_deg": None, "warnings": []},
    "reps": [],
    "partial_reps": [],
}


@dataclass(frozen=True)
class Job:
    """One clip to analyse. ``told``: the exercise is named, not recognised."""

    clip: Path
    model: str
    cache: Path
    told: bool = False
    stale: bool = False
    workers: int | None = None


def find_clips(folder: Path, only: str = "") -> list[Path]:
    """Clips (mp4) that have a truth file, by name; ``only``: a regular expression of the name."""
    truths = sorted(folder.glob(f"*{SUFFIX}"))
    clips = [t.with_name(t.name.removesuffix(SUFFIX) + ".mp4") for t in truths]
    return [clip for clip in clips if clip.exists() and re.search(only, clip.stem)]


def analyse(job: Job) -> Result:
    """The pipeline over a clip's kept pose."""
    try:
        return result_of(*analysis_of(job))
    except FormCheckError as error:
        return Result(NOTHING, {}, refused=str(error))


def analysis_of(job: Job) -> tuple[Analysis, PoseTrack]:
    """The analysis, and the landmarks as the model gave them; raises FormCheckError."""
    exercise = read_truth(truth_path(job.clip))["exercise"] if job.told else "auto"

    def kept(model: str) -> Cache:
        return Cache(job.cache, model, stale=job.stale)

    def estimate(model: str) -> PoseTrack:
        return kept(model).pose(job.clip, job.workers)

    info = probe(job.clip)
    model, raw = followed(job.model, choose(exercise), estimate)
    look = kept(model).look(job.clip, info)
    return to_analysis(info, model, model_sha256(model), raw, exercise, look), raw


def result_of(analysis: Analysis, raw: PoseTrack) -> Result:
    """An analysis as the data that would be written of it."""
    report = build_report(analysis).model_dump(mode="json")
    columns = {name: np.asarray(analysis.signals[name]) for name in angle_names(analysis)}
    return Result(report, {"time_s": raw.time_s, **columns}, raw, analysis.track)


def analyse_all(jobs: Sequence[Job], processes: int) -> Iterator[tuple[Job, Result]]:
    """Every job's result, in order, on some processes."""
    if processes == 1:
        yield from _told_of(jobs, map(analyse, jobs))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from _told_of(jobs, pool.map(analyse, jobs))


def _told_of(jobs: Sequence[Job], results: Iterator[Result]) -> Iterator[tuple[Job, Result]]:
    for k, (job, result) in enumerate(zip(jobs, results, strict=True)):
        if result.refused:
            print(f"{job.clip.name}, {job.model}: {result.refused}", file=sys.stderr, flush=True)
        if (k + 1) % 16 == 0:
            print(f"{k + 1}/{len(jobs)}", file=sys.stderr, flush=True)
        yield job, result
