"""Kept sets to files and back: what the commands of the history export and import."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from formcheck import exports, keeping, report
from formcheck.archive import read_archive, write_archive
from formcheck.errors import HistoryError, UsageError
from formcheck.exercises import EXERCISES
from formcheck.report.files import replacing, writable_folder
from formcheck.report.profile import as_judged, profile_note
from formcheck.store import Details, History, NewSet

SET, VIDEO = "set", "video"
"""What a set can be exported as besides ``exports.FORMATS``: to be imported again, and its clip."""
SET_FILE = "set.formcheck.zip"


def check(history: History, set_ids: Sequence[int], formats: Sequence[str]) -> None:
    """Find out before anything is written whether all sets can be exported in all formats.

    Raises UsageError when there is no such set or format, or no video; HistoryError when there are
    no landmarks.
    """
    known = (SET, VIDEO, *exports.FORMATS)
    for name in formats:
        if name not in known:
            raise UsageError(f"{name!r} is none of the formats {', '.join(known)}")
    others = [name for name in formats if name in exports.FORMATS]
    exports.check(others)
    landmarks = any(exports.FORMATS[name].landmarks for name in others)
    for set_id in set_ids:
        kept = history.get(set_id)
        if VIDEO in formats and not kept.video_bytes:
            raise UsageError(
                f"the video of set {set_id} is not kept; analyze --keep-video keeps it"
            )
        if landmarks and not history.has_landmarks(set_id):
            enough = (name for name, known in exports.FORMATS.items() if not known.landmarks)
            raise HistoryError(
                f"set {set_id} came from a report alone, without landmarks; it can be written as "
                f"{SET}, {', '.join(enough)}"
            )


def export(history: History, set_id: int, formats: Sequence[str], folder: Path) -> list[Path]:
    """Write a kept set in some formats; gives the files. Raises as :func:`check` does."""
    check(history, [set_id], formats)
    kept = history.get(set_id)
    made_of_it = any(name in exports.FORMATS for name in formats)
    source = source_of(history, set_id) if made_of_it else None
    folder = writable_folder(folder)
    files = []
    for name in formats:
        if name == SET:
            file = folder / SET_FILE
            write_archive(history, set_id, file)
        elif name == VIDEO:
            file = _write_video(history, set_id, folder / Path(kept.clip_name).name)
        elif source is not None:
            file = folder / exports.format_of(name).file
            exports.write(name, source, file)
        files.append(file)
    return files


def source_of(history: History, set_id: int) -> exports.Source:
    """What the exports of a kept set are made from; raises UsageError, HistoryError."""
    kept = history.get(set_id)
    told, recording = keeping.kept_report(history, set_id), history.recording(set_id)
    usual = report.rule_info(rule for known in EXERCISES.values() for rule in known.rules)
    return exports.Source(
        report=told,
        found=None if recording is None else keeping.restored(told, recording),
        key_frames=keeping.kept_key_frames(history, set_id),
        rules=as_judged(usual, profile_note(told.profile)),
        details=kept.details,
        height_cm=_height_cm(kept.settings.get("height_cm")),
    )


def _height_cm(told: object) -> float | None:
    """The height that the analysis was told; a file from elsewhere may hold anything there."""
    return float(told) if isinstance(told, int | float) and 1 < told < math.inf else None


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The number of a set that came from a file, and why its findings are not those of the file.

    "": they are. They are not where the history has the same set with landmarks, and the file has
    none, or has findings that are newer.
    """

    set_id: int
    stays: str = ""


def take_in(history: History, file: Path, athlete: str | None = None) -> TakenIn:
    """Put an exported set, or a report.json, into a history.

    ``athlete`` is whose set it is, None: as the file says. Raises FormCheckError, one line.
    """
    if file.suffix == ".json":
        new = NewSet(report.Report.load(file), details=Details(athlete=athlete))
        return _taken_in(history, new)
    with read_archive(file) as new:
        said = new.details if athlete is None else replace(new.details, athlete=athlete)
        return _taken_in(history, replace(new, details=said))


def _taken_in(history: History, new: NewSet) -> TakenIn:
    set_id = history.add(new)
    if history.report_json(set_id) == new.report.to_json():
        return TakenIn(set_id)
    without = "it has landmarks, this file has none"
    return TakenIn(set_id, without if new.recording is None else "it was analysed later")


def _write_video(history: History, set_id: int, file: Path) -> Path:
    with replacing(file) as part, part.open("wb") as stream:
        history.write_video(set_id, stream)
    return file
