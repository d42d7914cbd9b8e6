"""Writing one set into its tables, all within the transaction that it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from formcheck.errors import UsageError
from formcheck.progress import typical
from formcheck.store import blobs
from formcheck.store.records import DEFAULT_ATHLETE, Details, NewSet, plain
from formcheck.store.tables import (
    AthleteRow,
    Base,
    LandmarksRow,
    PictureRow,
    ReportRow,
    SetRow,
    TagRow,
    ValueRow,
    VideoRow,
)

if TYPE_CHECKING:
    from formcheck.report.schema import Report

VIDEO_PART_BYTES = 1 << 20
_FOUND = (ReportRow, ValueRow, LandmarksRow, PictureRow)
"""What an analysis found; it is replaced when the same clip is analysed again."""


def insert_set(connection: Connection, new: NewSet) -> int:
    """Write a set; the same clip of the same athlete replaces what was found in it before.

    What the user said of it then, and its video, stay unless something new is said. Findings with
    landmarks stay, too, when ``new`` comes without any: the parts of an analysis belong together.
    So do newer findings, if ``new`` is to spare them.
    """
    athlete = athlete_id(connection, new.details.athlete or DEFAULT_ATHLETE)
    known = connection.execute(
        select(SetRow.id, SetRow.video_bytes, SetRow.analysed_at).where(
            SetRow.athlete_id == athlete, SetRow.clip_sha256 == new.report.clip.sha256
        )
    ).first()
    analysed_at = new.analysed_at or datetime.now(UTC)
    found = _columns(new.report) | {"settings": dict(new.settings), "analysed_at": analysed_at}
    if known is None:
        said = {"performed_at": analysed_at, "notes": "", "video_bytes": 0}
        row = insert(SetRow).values(athlete_id=athlete, **said, **found).returning(SetRow.id)
        set_id = connection.execute(row).scalar_one()
        _insert_parts(connection, set_id, new)
    else:
        set_id = known.id
        poorer = new.recording is None and _has_landmarks(connection, set_id)
        older = new.spares_newer and known.analysed_at > analysed_at
        if not poorer and not older:
            connection.execute(update(SetRow).where(SetRow.id == set_id).values(**found))
            for part in _FOUND:
                connection.execute(delete(part).where(part.__table__.c.set_id == set_id))
            _insert_parts(connection, set_id, new)
    say(connection, set_id, new.details)
    if new.video is not None and not (known and known.video_bytes):
        _insert_video(connection, set_id, new.video)
    return set_id


def athlete_id(connection: Connection, name: str) -> int:
    """The athlete by name, made when new, and held until the transaction's end.

    Raises UsageError for one who is deleted in this very moment.
    """
    wanted = select(AthleteRow.id).where(AthleteRow.name == name).with_for_update()
    found = connection.scalar(wanted)
    if found is None:
        try:
            with connection.begin_nested():
                connection.execute(insert(AthleteRow).values(name=name))
        except IntegrityError:
            pass  # somebody else was quicker
        found = connection.scalar(wanted)
    if found is None:  # pragma: no cover - only when it is deleted in this very moment
        raise UsageError(f"the athlete {name!r} has just been deleted")
    return found


def say(connection: Connection, set_id: int, details: Details) -> None:
    """Write down what the user says of a set; None leaves what is there."""
    said = {name: getattr(details, name) for name in ("load_kg", "notes", "performed_at")}
    values = {name: value for name, value in said.items() if value is not None}
    if details.no_load:
        values["load_kg"] = None
    if values:
        connection.execute(update(SetRow).where(SetRow.id == set_id).values(**values))
    if details.tags is not None:
        connection.execute(delete(TagRow).where(TagRow.set_id == set_id))
        _insert(connection, TagRow, [{"set_id": set_id, "tag": tag} for tag in details.tags])


def _columns(report: Report) -> dict[str, Any]:
    return {
        "exercise": report.exercise.id,
        "clip_name": plain(report.clip.name),
        "clip_sha256": report.clip.sha256,
        "duration_s": report.clip.duration_s,
        "model": report.pose.model,
        "view": report.capture.view,
        "reps": len(report.reps),
        "score": report.set_.score,
    }


def _has_landmarks(connection: Connection, set_id: int) -> bool:
    query = select(LandmarksRow.set_id).where(LandmarksRow.set_id == set_id)
    return connection.scalar(query) is not None


def _insert_parts(connection: Connection, set_id: int, new: NewSet) -> None:
    _insert(connection, ReportRow, [{"set_id": set_id, "json": new.report.to_json()}])
    values = [{"set_id": set_id, **asdict(value)} for value in typical(new.report)]
    _insert(connection, ValueRow, values)
    if new.recording is not None:
        npz = blobs.to_bytes(new.recording)
        _insert(connection, LandmarksRow, [{"set_id": set_id, "npz": npz}])
    pictures = [{"set_id": set_id, **asdict(picture)} for picture in new.pictures]
    _insert(connection, PictureRow, pictures)


def _insert_video(connection: Connection, set_id: int, path: Path) -> None:
    size, part = 0, 0
    with path.open("rb") as stream:
        while data := stream.read(VIDEO_PART_BYTES):
            _insert(connection, VideoRow, [{"set_id": set_id, "part": part, "data": data}])
            size, part = size + len(data), part + 1
    connection.execute(update(SetRow).where(SetRow.id == set_id).values(video_bytes=size))


def _insert(connection: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
