"""The tables of the history. A change here needs a migration in ``migrations/versions``.

What a list shows is in ``training_set``; what is large is in tables of its own, so that a list
never reads it. Everything hangs on its set and goes with it (``ON DELETE CASCADE``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraints have names of their own: without one SQLite cannot change them later."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC also where the database knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Before it is written."""
        del dialect
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """After it was read."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=NAMING)


def _set_key() -> Mapped[int]:
    return mapped_column(ForeignKey("training_set.id", ondelete="CASCADE"), primary_key=True)


class AthleteRow(Base):
    """Whose sets they are."""

    __tablename__ = "athlete"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)


class SetRow(Base):
    """One analysed set, as a list shows it. ``video_bytes``: 0 when the video is not kept."""

    __tablename__ = "training_set"
    __table_args__ = (
        UniqueConstraint("athlete_id", "clip_sha256"),
        Index(None, "performed_at"),
        Index(None, "exercise", "performed_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    athlete_id: Mapped[int] = mapped_column(ForeignKey("athlete.id", ondelete="CASCADE"))
    performed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    analysed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    exercise: Mapped[str | None] = mapped_column(String(100))
    load_kg: Mapped[float | None] = mapped_column(Float)
    notes: Mapped[str] = mapped_column(Text, default="")
    clip_name: Mapped[str] = mapped_column(Text)
    clip_sha256: Mapped[str] = mapped_column(String(64))
    duration_s: Mapped[float] = mapped_column(Float)
    model: Mapped[str] = mapped_column(String(50))
    view: Mapped[str] = mapped_column(String(20))
    reps: Mapped[int] = mapped_column(Integer)
    score: Mapped[float | None] = mapped_column(Float)
    video_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)


class TagRow(Base):
    """A tag of a set."""

    __tablename__ = "set_tag"

    set_id: Mapped[int] = _set_key()
    tag: Mapped[str] = mapped_column(String(100), primary_key=True)


class ReportRow(Base):
    """report.json as it was written."""

    __tablename__ = "set_report"

    set_id: Mapped[int] = _set_key()
    json: Mapped[str] = mapped_column(Text)


class ValueRow(Base):
    """A set's value of a measure (by its name) or a check (by its id): see ``progress.Typical``.

    The median over the repetitions, for trends; each repetition's own is in the report. Ordered
    by name first, so that a trend reads one stretch of the table.
    """

    __tablename__ = "set_value"
    __table_args__ = (Index(None, "set_id"), {"sqlite_with_rowid": False})

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    set_id: Mapped[int] = _set_key()
    value: Mapped[float] = mapped_column(Float)
    error: Mapped[float | None] = mapped_column(Float)
    unit: Mapped[str] = mapped_column(String(20))
    reps: Mapped[int] = mapped_column(Integer)


class LandmarksRow(Base):
    """The landmarks as they were found, and the angles: see ``blobs``."""

    __tablename__ = "set_landmarks"

    set_id: Mapped[int] = _set_key()
    npz: Mapped[bytes] = mapped_column(LargeBinary)


class PictureRow(Base):
    """A small JPEG of a key frame."""

    __tablename__ = "set_picture"

    set_id: Mapped[int] = _set_key()
    rep: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[str] = mapped_column(String(20), primary_key=True)
    time_s: Mapped[float] = mapped_column(Float)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    jpeg: Mapped[bytes] = mapped_column(LargeBinary)


class VideoRow(Base):
    """A part of the clip's file: whole it could be larger than a database takes in one piece."""

    __tablename__ = "set_video"

    set_id: Mapped[int] = _set_key()
    part: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
