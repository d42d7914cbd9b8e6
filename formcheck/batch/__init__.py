"""Many clips: the cores of this machine, or a Dask cluster; resumable, an error a clip at most."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from formcheck import job
from formcheck.batch import cluster, local, summary
from formcheck.batch.sources import expand
from formcheck.batch.summary import Row, Summary
from formcheck.batch.work import BATCH_JSON, Analyse, Outcome, Task, is_done, keep
from formcheck.errors import UsageError
from formcheck.job import USUAL, Settings
from formcheck.machine import available_cores
from formcheck.models import model_path, models_of
from formcheck.pipeline import choose
from formcheck.report.files import sweep, writable_folder

RUN = ".batch-"
"""What the folder begins with in which a run's unfinished work lies."""
Tell = Callable[[int, int, Outcome], object]

__all__ = ["Row", "Settings", "Summary", "run"]


def run(
    sources: Iterable[str],
    out: str | PathLike[str],
    settings: Settings = USUAL,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    tell: Tell | None = None,
    note: Callable[[str], object] | None = None,
    analyse: Analyse = job.run,
) -> Summary:
    """Score all clips of the sources (folders, globs, lists, clips; paths or fsspec URLs).

    Each result is a folder ``<clip>-<checksum>`` in ``out``; a clip whose result for these settings
    is there is not scored again. ``workers`` clips at a time on this machine (None: one a core), or
    the Dask cluster of ``scheduler``. ``tell`` is called with clips done, clips in all and what
    became of one; ``note`` with a line about the cluster. ``analyse`` is what scores one clip.

    A clip that cannot be scored is a row with its error. Raises UsageError when the request is off
    and ModelError when the model is missing or damaged.
    """
    choose(settings.exercise)
    for model in models_of(settings.model):
        model_path(model)
    if scheduler is not None and workers is not None:
        raise UsageError("workers are those of the cluster; leave out their number")
    clips = expand(sources)
    folder = writable_folder(out).resolve()
    key = settings.key()
    outcomes: list[Outcome] = []
    with _run_folder(folder) as name:
        tasks = [Task(n, clip, folder, name, settings, key) for n, clip in enumerate(clips)]
        if scheduler is None:
            stream = local.outcomes(tasks, workers or available_cores(), analyse)
        else:
            done = _done(folder, key)
            stream = cluster.outcomes(tasks, scheduler, done, analyse, note or (lambda _line: None))
        for outcome in stream:
            outcomes.append(keep(tasks[outcome.number], outcome))
            if tell:
                tell(len(outcomes), len(tasks), outcomes[-1])
    outcomes.sort(key=lambda outcome: outcome.number)
    return summary.write([summary.row_of(outcome) for outcome in outcomes], folder)


@contextmanager
def _run_folder(out: Path) -> Iterator[str]:
    """The name of a folder for work in progress; with it go those that dead runs have left."""
    sweep(out, RUN)
    folder = out / f"{RUN}{secrets.token_hex(6)}"
    folder.mkdir()
    try:
        yield folder.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _done(out: Path, key: str) -> frozenset[str]:
    """The results that are there for these settings, by their folders' names."""
    markers = out.glob(f"*/{BATCH_JSON}")
    return frozenset(marker.parent.name for marker in markers if is_done(marker.parent, key))
