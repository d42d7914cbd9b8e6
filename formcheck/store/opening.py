"""Opening the database: which one, with which settings, and brought up to date.

SQLite: one file, a write-ahead log so that readers never wait, foreign keys on, and writers that
queue up instead of failing. PostgreSQL: as the server is set up.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from formcheck.errors import HistoryError, UsageError
from formcheck.paths import data_folder

REVISION = "0001"
"""The newest migration. Known here so that an up-to-date database is opened without Alembic."""
BUSY_S = 60.0
"""How long a writer waits for the others before it gives up."""
_FILE = "history.db"
_WRITES = "formcheck_writes"
_LOCK_KEY = 0x464F524D


def history_url(told: str | None = None) -> URL:
    """The database: ``told``, else FORMCHECK_DATABASE_URL, else a file in the data folder.

    Raises UsageError when it is neither SQLite nor PostgreSQL.
    """
    given = told or os.environ.get("FORMCHECK_DATABASE_URL")
    if not given:
        return URL.create("sqlite", database=str(data_folder() / _FILE))
    try:
        url = make_url(given)
        if "@" in (url.host or ""):
            raise ValueError("what is left of a password")
    except (ArgumentError, ValueError):
        # Not a word of it, nor what was wrong: a password with an unescaped sign may be in there.
        raise UsageError(
            "the database's URL cannot be read; it looks like postgresql://user@host/name, and "
            "an @ in a password is written as %40"
        ) from None
    kind = url.get_backend_name()
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite")
    raise UsageError(f"a history is kept in an SQLite file or in PostgreSQL, not in {kind}")


def open_engine(url: URL) -> Engine:
    """An engine on a database that exists and is up to date; raises HistoryError."""
    with explained(url):
        if url.get_backend_name() == "sqlite":
            _make_file(Path(str(url.database)))
        engine = _engine(url)
        try:
            _bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Raise what a database complains of as a HistoryError that names it, without its password."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        reason = str(error.orig) if isinstance(error, DBAPIError) and error.orig else str(error)
        where = url.database if url.get_backend_name() == "sqlite" else url.render_as_string()
        line = " ".join(reason.split()) or type(error).__name__
        raise HistoryError(f"the history in {where}: {line}") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise HistoryError(f"the history in {url.database}: {reason}") from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: all of it happens, or nothing."""
    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


def shrink(engine: Engine) -> None:
    """Give back what an SQLite file no longer needs, and empty its log.

    Put off to the next time when somebody else is busy with the file.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        # A script is run to its end: one call of execute would free a single page.
        with suppress(sqlite3.Error):
            cursor.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);")
    finally:
        connection.close()


def _make_file(path: Path) -> None:
    """Make an empty file that only its owner reads: it will hold pictures of people."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        try:
            return create_engine(url, pool_pre_ping=True)
        except ModuleNotFoundError as error:
            raise HistoryError(
                "PostgreSQL needs its driver: pip install 'formcheck[postgres]'"
            ) from error
    engine = create_engine(url, connect_args={"timeout": BUSY_S, "isolation_level": None})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    # What was deleted is overwritten: nobody finds a deleted picture in the file.
    connection.execute("PRAGMA secure_delete = ON")


def _begin(connection: Connection) -> None:
    # A writer takes its turn at the start. One that began as a reader would be refused, not
    # queued, when another wrote in between.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(engine: Engine) -> None:
    if _revision(engine) == REVISION:
        return
    from formcheck.store.migrating import upgrade

    if engine.dialect.name == "sqlite":
        _use_write_ahead_log(engine)
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        upgrade(connection)


def _revision(engine: Engine) -> str | None:
    """The migration that the database is at; None when it has no tables yet."""
    with engine.connect() as connection:
        if not engine.dialect.has_table(connection, "alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def _use_write_ahead_log(engine: Engine) -> None:
    """Set what the file itself remembers; the order matters while it is empty.

    Changing to the log does not wait for others as a transaction does, so it is tried again.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
        last_try = time.monotonic() + BUSY_S
        while True:
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError:
                if time.monotonic() > last_try:
                    raise
                time.sleep(0.05)
    finally:
        connection.close()
