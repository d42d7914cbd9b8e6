"""One clip of many: fetched, looked up, scored, and put in its place; runs in whatever process.

A result is a folder that appears by one rename, so that a worker that dies leaves either all of it
or nothing. The folder's ``batch.json`` says of which clip and settings it is.
"""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from fsspec.implementations.local import LocalFileSystem

from formcheck import __version__, job
from formcheck.batch.sources import clip_name, filesystem, reason_of, shown, without_secrets
from formcheck.clipfile import checked, readable, sha256
from formcheck.errors import ClipError, FormCheckError, UsageError
from formcheck.job import Settings
from formcheck.report import REPORT_JSON
from formcheck.report.files import write_text

BATCH_JSON = "batch.json"
Status = Literal["scored", "done before", "failed"]
Analyse = Callable[..., object]
"""Called as :func:`formcheck.job.run` is: it writes the report files of a clip into a folder."""


@dataclass(frozen=True, slots=True)
class Task:
    """One clip to score. ``run`` is the folder in ``out`` where this run's work lies meanwhile."""

    number: int
    source: str
    out: Path
    run: str
    settings: Settings
    key: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a clip. ``folder`` is the result's name in ``out``.

    ``report`` is the text of report.json; ``placed``: the result lies in ``out`` (False when the
    worker does not reach it, so that whoever asked has to write the report).
    """

    number: int
    source: str
    status: Status
    folder: str = ""
    sha256: str = ""
    report: str = ""
    placed: bool = True
    error: str = ""


def score(task: Task, done: Collection[str] = (), analyse: Analyse = job.run) -> Outcome:
    """Score one clip unless that has been done; an error becomes an outcome, too.

    ``done`` names result folders that hold what is asked for, for a worker that does not see them.
    """
    try:
        with _fetched(task.source) as clip:
            try:
                return _scored(task, clip, done, analyse)
            except FormCheckError as error:
                return failed(task, _told_of(task.source, clip, str(error)))
    except FormCheckError as error:
        return failed(task, str(error))
    except OSError as error:
        return failed_at(task, error.strerror or str(error))
    except Exception as error:  # one clip must not end the others
        return failed_at(task, f"{type(error).__name__}: {error}")


def failed(task: Task, error: str) -> Outcome:
    """The outcome of a clip that could not be scored, for a reason of one line."""
    line = without_secrets(" ".join(readable(error).split()))
    return Outcome(task.number, task.source, "failed", error=line)


def failed_at(task: Task, reason: str) -> Outcome:
    """The same, with the clip before the reason, without the secrets that its address may hold."""
    return failed(task, f"{shown(task.source)}: {reason}")


def _told_of(source: str, clip: Path, error: str) -> str:
    """An error with the clip's source in it: by its name alone two clips may look the same."""
    whole = shown(source)
    told = readable(error).replace(readable(str(clip)), whole)
    return told if whole in told else f"{whole}: {told.removeprefix(f'{readable(clip.name)}: ')}"


@contextmanager
def _fetched(source: str) -> Iterator[Path]:
    """The clip as a local file: itself, or a copy that goes when the block ends."""
    system, path = filesystem(source)
    if isinstance(system, LocalFileSystem):
        yield Path(path)
        return
    with tempfile.TemporaryDirectory(prefix="formcheck-") as folder:
        copy = Path(folder) / clip_name(source)
        try:
            system.get_file(path, str(copy))
        except Exception as error:  # every remote file system has errors of its own
            raise ClipError(f"{shown(source)}: cannot be fetched: {reason_of(error)}") from error
        yield copy


def _scored(task: Task, clip: Path, done: Collection[str], analyse: Analyse) -> Outcome:
    name = clip_name(task.source)
    digest = sha256(checked(clip))
    folder = f"{Path(name).stem}-{digest[:8]}"
    about = (task.number, task.source)
    if folder in done or is_done(task.out / folder, task.key, digest):
        text = report_text(task.out / folder)
        # This run's own work comes back when a worker dies after it and before it could tell.
        own = _marker(task.out / folder).get("run") == task.run
        status: Status = "scored" if own else "done before"
        return Outcome(*about, status, folder, digest, text, placed=bool(text))
    meanwhile = task.out / task.run
    if not meanwhile.is_dir():
        with tempfile.TemporaryDirectory(prefix="formcheck-") as elsewhere:
            analyse(clip, Path(elsewhere), replace(task.settings, video=False), workers=1)
            text = report_text(Path(elsewhere))
        return Outcome(*about, "scored", folder, digest, text, placed=False)
    with _placing(task, folder, digest) as staging:
        analyse(clip, staging, task.settings, workers=1)
    return Outcome(*about, "scored", folder, digest, report_text(task.out / folder))


def keep(task: Task, outcome: Outcome) -> Outcome:
    """The outcome with its report at hand; a report that the worker could not place is placed."""
    if outcome.status == "failed" or outcome.placed:
        return outcome
    if outcome.status == "done before":
        return replace(outcome, report=report_text(task.out / outcome.folder), placed=True)
    with _placing(task, outcome.folder, outcome.sha256) as staging:
        write_text(staging / REPORT_JSON, outcome.report)
    return replace(outcome, placed=True)


@contextmanager
def _placing(task: Task, folder: str, digest: str) -> Iterator[Path]:
    """A folder to be filled, that becomes the result when the block succeeds and else goes."""
    staging = task.out / task.run / f"{folder}.{secrets.token_hex(4)}"
    staging.mkdir()
    try:
        yield staging
        _write_marker(staging, task, digest)
        _place(staging, task.out / folder, task.key, digest)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def report_text(folder: Path) -> str:
    """A result's report.json; "" when it is not there (another machine's disk)."""
    try:
        return (folder / REPORT_JSON).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _write_marker(folder: Path, task: Task, digest: str) -> None:
    """Say what a result is of: the last of its files to be written."""
    marker = {
        "sha256": digest,
        "settings_key": task.key,
        "run": task.run,
        "source": shown(task.source),
        "formcheck_version": __version__,
        "settings": task.settings.told(),
    }
    write_text(folder / BATCH_JSON, json.dumps(marker, indent=2) + "\n")


def is_done(folder: Path, key: str, digest: str | None = None) -> bool:
    """Whether a folder holds the result for these settings (and this clip), as far as one sees."""
    marker = _marker(folder)
    return marker.get("settings_key") == key and digest in (None, marker.get("sha256"))


def _marker(folder: Path) -> dict[str, Any]:
    """What a result says of itself; nothing when it is none, or on another machine's disk."""
    try:
        marker = json.loads((folder / BATCH_JSON).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return marker if isinstance(marker, dict) else {}


def _place(staging: Path, final: Path, key: str, digest: str) -> None:
    """Put a result in its place, whole; an older one goes. Somebody's same result is as good."""
    if is_done(final, key, digest):
        return
    if final.exists() and not (final / BATCH_JSON).is_file():
        raise UsageError(f"{final} is in the way: it is no result of a batch")
    old = staging.with_name(f"{staging.name}.old")
    with suppress(FileNotFoundError):
        final.rename(old)
    try:
        staging.rename(final)
    except OSError:
        if not is_done(final, key, digest):
            raise
    shutil.rmtree(old, ignore_errors=True)
