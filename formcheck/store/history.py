"""The history: put sets in, find them, change what the user said of them, delete them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    delete,
    exists,
    func,
    select,
    update,
)

from formcheck.closing import Closing
from formcheck.errors import UsageError
from formcheck.store import blobs
from formcheck.store.inserting import athlete_id, insert_set, say
from formcheck.store.opening import explained, history_url, open_engine, shrink, writing
from formcheck.store.records import (
    ALL_SETS,
    AthleteSets,
    Details,
    KeptSet,
    NewSet,
    Picture,
    Value,
    Wanted,
    as_kept,
    plain,
)
from formcheck.store.tables import (
    AthleteRow,
    LandmarksRow,
    PictureRow,
    ReportRow,
    SetRow,
    TagRow,
    ValueRow,
    VideoRow,
)

_MOST = 2**63 - 1
"""The largest number that a database takes; there are no more sets than that."""
_LISTED = [c for c in SetRow.__table__.columns if c.name != "athlete_id"]


class History(Closing):
    """An open history. To be shared by threads; each process opens its own.

    Every method is one transaction. They raise HistoryError when the database cannot do it, and
    UsageError, with the set's number, when there is no such set.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Let go of the database. The last to let go leaves one single file (SQLite)."""
        self._engine.dispose()

    def add(self, new: NewSet) -> int:
        """Keep a set, whole or not at all; gives its number.

        The same clip of the same athlete is the same set: its findings are replaced, what the
        user said of it (load, notes, tags) stays where ``new`` says nothing. Findings with
        landmarks are not replaced by some without.
        """
        with self._writing() as connection:
            return insert_set(connection, new)

    def sets(
        self,
        wanted: Wanted = ALL_SETS,
        *,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[KeptSet]:
        """The sets that are wanted, the newest first."""
        query = _listed().where(*_conditions(wanted))
        query = query.order_by(SetRow.performed_at.desc(), SetRow.id.desc())
        with self._reading() as connection:
            most = None if limit is None else min(limit, _MOST)
            rows = connection.execute(query.limit(most).offset(offset)).all()
            few = [row.id for row in rows] if len(rows) <= 100 else None
            return _kept(rows, _tags(connection, few))

    def count(self, wanted: Wanted = ALL_SETS) -> int:
        """How many sets are wanted."""
        query = select(func.count()).select_from(SetRow).join(AthleteRow)
        with self._reading() as connection:
            return connection.scalar(query.where(*_conditions(wanted))) or 0

    def get(self, set_id: int) -> KeptSet:
        """One set by its number."""
        with self._reading() as connection:
            _must_be(connection, set_id)
            row = connection.execute(_listed().where(SetRow.id == set_id)).one()
            return _kept([row], _tags(connection, [set_id]))[0]

    def report_json(self, set_id: int) -> str:
        """The text of report.json."""
        return str(self._part(set_id, select(ReportRow.json).where(ReportRow.set_id == set_id)))

    def recording(self, set_id: int) -> blobs.Recording | None:
        """Landmarks and angles; None when none are kept (a set that came from a report)."""
        query = select(LandmarksRow.npz).where(LandmarksRow.set_id == set_id)
        packed = self._part(set_id, query)
        return None if packed is None else blobs.from_bytes(packed)

    def has_landmarks(self, set_id: int) -> bool:
        """Whether :meth:`recording` gives any, without reading them."""
        query = select(LandmarksRow.set_id).where(LandmarksRow.set_id == set_id)
        return self._part(set_id, query) is not None

    def pictures(self, set_id: int) -> tuple[Picture, ...]:
        """The key frames, by repetition."""
        table = PictureRow.__table__
        columns = [table.c[name] for name in Picture.__slots__]
        query = select(*columns).where(table.c.set_id == set_id)
        with self._reading() as connection:
            _must_be(connection, set_id)
            rows = connection.execute(query.order_by(table.c.rep, table.c.position))
            return tuple(Picture(*row) for row in rows)

    def write_video(self, set_id: int, stream: IO[bytes]) -> int:
        """Write the kept clip into ``stream``; gives its size in bytes, 0: it is not kept."""
        query = select(VideoRow.part).where(VideoRow.set_id == set_id).order_by(VideoRow.part)
        size = 0
        with self._reading() as connection:
            _must_be(connection, set_id)
            for part in connection.scalars(query).all():
                one = select(VideoRow.data).where(VideoRow.set_id == set_id, VideoRow.part == part)
                size += stream.write(connection.scalars(one).one())
        return size

    def values(
        self, exercise: str, *, athlete: str | None = None, name: str | None = None
    ) -> list[Value]:
        """The values of every set of an exercise, oldest first; ``name`` picks one measure."""
        query = (
            select(
                SetRow.id,
                SetRow.performed_at,
                SetRow.load_kg,
                ValueRow.name,
                ValueRow.value,
                ValueRow.error,
                ValueRow.unit,
                ValueRow.reps,
            )
            .join_from(SetRow, ValueRow, ValueRow.set_id == SetRow.id)
            .join(AthleteRow, AthleteRow.id == SetRow.athlete_id)
            .where(*_conditions(Wanted(athlete, exercise)))
            .order_by(SetRow.performed_at, SetRow.id, ValueRow.name)
        )
        if name is not None:
            query = query.where(ValueRow.name == plain(name))
        with self._reading() as connection:
            return [Value(*row) for row in connection.execute(query)]

    def athletes(self) -> list[AthleteSets]:
        """Everybody with a set, or once with one, by name."""
        query = (
            select(AthleteRow.name, func.count(SetRow.id), func.max(SetRow.performed_at))
            .outerjoin(SetRow, SetRow.athlete_id == AthleteRow.id)
            .group_by(AthleteRow.id, AthleteRow.name)
            .order_by(AthleteRow.name)
        )
        with self._reading() as connection:
            return [AthleteSets(*row) for row in connection.execute(query)]

    def change(self, set_id: int, details: Details) -> None:
        """Write down what the user says of a set now; None leaves what is there."""
        with self._writing() as connection:
            _must_be(connection, set_id)
            if details.athlete is not None:
                _hand_over(connection, set_id, details.athlete)
            say(connection, set_id, details)

    def delete(self, set_ids: Sequence[int]) -> None:
        """Delete sets with all that belongs to them: all of these, or none when one is unknown."""
        with self._writing() as connection:
            for set_id in set_ids:
                _must_be(connection, set_id)
                connection.execute(delete(SetRow).where(SetRow.id == set_id))
        self._give_back_room()

    def delete_athlete(self, name: str) -> None:
        """Delete somebody with all their sets; raises UsageError when there is nobody so named."""
        with self._writing() as connection:
            known = AthleteRow.name == as_kept(name)
            gone = connection.execute(delete(AthleteRow).where(known))
            if gone.rowcount == 0:
                raise UsageError(f"there is no athlete {name!r} in the history")
        self._give_back_room()

    def _part(self, set_id: int, query: Select[Any]) -> Any:  # noqa: ANN401
        with self._reading() as connection:
            _must_be(connection, set_id)
            return connection.scalar(query)

    def _give_back_room(self) -> None:
        """Make the file smaller, and the log forget what was deleted."""
        if self._engine.dialect.name == "sqlite":
            shrink(self._engine)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self._engine.url), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with explained(self._engine.url), writing(self._engine) as connection:
            yield connection


def open_history(url: str | None = None) -> History:
    """Open the history, making it when there is none, and bring it up to date.

    ``url`` is an SQLAlchemy URL; without it FORMCHECK_DATABASE_URL, else ``history.db`` in the
    data folder. Raises HistoryError, UsageError.
    """
    return History(open_engine(history_url(url)))


def _listed() -> Select[Any]:
    return select(*_LISTED, AthleteRow.name.label("athlete")).join_from(
        SetRow, AthleteRow, AthleteRow.id == SetRow.athlete_id
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.athlete is not None:
        found.append(AthleteRow.name == wanted.athlete)
    if wanted.exercise is not None:
        found.append(SetRow.exercise == wanted.exercise)
    if wanted.tag is not None:
        found.append(exists().where(TagRow.set_id == SetRow.id, TagRow.tag == wanted.tag))
    if wanted.since is not None:
        found.append(SetRow.performed_at >= wanted.since)
    if wanted.until is not None:
        found.append(SetRow.performed_at < wanted.until)
    if wanted.clip_sha256 is not None:
        found.append(SetRow.clip_sha256 == wanted.clip_sha256)
    return found


def _tags(connection: Connection, set_ids: Sequence[int] | None) -> dict[int, list[str]]:
    """The tags of some sets, or of all."""
    query = select(TagRow.set_id, TagRow.tag).order_by(TagRow.tag)
    if set_ids is not None:
        query = query.where(TagRow.set_id.in_(set_ids))
    found = defaultdict(list)
    for set_id, tag in connection.execute(query):
        found[set_id].append(tag)
    return found


def _kept(rows: Sequence[Row[Any]], tags: dict[int, list[str]]) -> list[KeptSet]:
    return [KeptSet(**row._mapping, tags=tuple(tags.get(row.id, ()))) for row in rows]


def _hand_over(connection: Connection, set_id: int, athlete: str) -> None:
    """Give a set to another athlete; raises UsageError when that one has the same clip."""
    to = athlete_id(connection, athlete)
    clip = select(SetRow.clip_sha256).where(SetRow.id == set_id).scalar_subquery()
    twin = connection.scalar(
        select(SetRow.id).where(
            SetRow.athlete_id == to, SetRow.clip_sha256 == clip, SetRow.id != set_id
        )
    )
    if twin is not None:
        raise UsageError(f"{athlete} has this clip already, as set {twin}")
    connection.execute(update(SetRow).where(SetRow.id == set_id).values(athlete_id=to))


def _must_be(connection: Connection, set_id: int) -> None:
    """Raises UsageError when there is no such set."""
    query = select(SetRow.id).where(SetRow.id == set_id)
    if abs(set_id) > _MOST or connection.scalar(query) is None:
        raise UsageError(f"there is no set {set_id} in the history")
