"""Kept sets to files and back: what the commands of the history export and import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from formcheck import exports, keeping, report
from formcheck.archive import read_archive, write_archive
from formcheck.errors import UsageError
from formcheck.exercises import EXERCISES
from formcheck.report.files import replacing, writable_folder
from formcheck.store import Details, History, NewSet

SET, VIDEO = "set", "video"
"""What a set can be exported as besides ``exports.FORMATS``: to be imported again, and its clip."""
SET_FILE = "set.formcheck.zip"


def check(formats: Sequence[str]) -> None:
    """Find out before the work whether a set can be exported so; raises UsageError."""
    exports.check([name for name in formats if name not in (SET, VIDEO)])


def export(history: History, set_id: int, formats: Sequence[str], folder: Path) -> list[Path]:
    """Write a kept set in some formats; gives the files.

    Raises UsageError when there is no such set or format, or nothing kept to make it of.
    """
    check(formats)
    kept = history.get(set_id)
    folder = writable_folder(folder)
    files = []
    source = None
    for name in formats:
        if name == SET:
            file = folder / SET_FILE
            write_archive(history, set_id, file)
        elif name == VIDEO:
            file = _write_video(history, set_id, folder / Path(kept.clip_name).name)
        else:
            source = source or source_of(history, set_id)
            file = folder / exports.format_of(name).file
            exports.write(name, source, file)
        files.append(file)
    return files


def source_of(history: History, set_id: int) -> exports.Source:
    """What the exports of a kept set are made from; raises UsageError, HistoryError."""
    kept = history.get(set_id)
    told, recording = keeping.kept_report(history, set_id), history.recording(set_id)
    return exports.Source(
        report=told,
        found=None if recording is None else keeping.restored(told, recording),
        key_frames=keeping.kept_key_frames(history, set_id),
        rules=report.rule_info(rule for known in EXERCISES.values() for rule in known.rules),
        details=Details(kept.athlete, kept.load_kg, kept.notes, kept.tags, kept.performed_at),
    )


def take_in(history: History, file: Path, athlete: str | None = None) -> int:
    """Put an exported set, or a report.json, into a history; gives the set's number.

    ``athlete`` is whose set it is, None: as the file says. Raises FormCheckError, one line.
    """
    if file.suffix == ".json":
        return history.add(NewSet(report.Report.load(file), details=Details(athlete=athlete)))
    with read_archive(file) as new:
        said = new.details if athlete is None else replace(new.details, athlete=athlete)
        return history.add(replace(new, details=said))


def _write_video(history: History, set_id: int, file: Path) -> Path:
    if not history.get(set_id).video_bytes:
        raise UsageError(f"the video of set {set_id} is not kept; analyze --keep-video keeps it")
    with replacing(file) as part, part.open("wb") as stream:
        history.write_video(set_id, stream)
    return file
