"""What goes into the history and what comes out of it: plain frozen data, no database in it."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from formcheck.errors import UsageError
from formcheck.store.blobs import Recording

if TYPE_CHECKING:
    from formcheck.report.schema import Report

DEFAULT_ATHLETE = "me"
NAME_MAX = 200
TAG_MAX = 100
FIRST_YEAR = 1900
"""No set is older. At the ends of the calendar a moment has no time in another time zone."""

_OF_A_DAY = time(12, 0, 0, 1, tzinfo=UTC)
"""When a day without a time is kept: noon in UTC is on the same day nearly everywhere, so that it
stands among other sets where it belongs, and nobody says a microsecond. Its own midnight would be
the day before, late in the evening, as soon as the clock is of a time zone further west."""


def plain(text: str) -> str:
    """The text without what a database cannot hold: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def whole_day(day: date) -> datetime:
    """The moment as which a day without a time is kept."""
    return datetime.combine(day, _OF_A_DAY)


def day_alone(moment: datetime) -> bool:
    """Whether only the day is known; it must not be shown with a time that nobody said.

    Midnight on this machine's clock is taken for that, too: hardly any set begins then.
    """
    return _is_whole_day(moment) or moment.astimezone().time() == time()


def day_of(moment: datetime) -> date:
    """The day by this machine's calendar; that which was said where it is all that is known."""
    return moment.astimezone(UTC if _is_whole_day(moment) else None).date()


def _is_whole_day(moment: datetime) -> bool:
    return moment.astimezone(UTC).timetz() == _OF_A_DAY


def moment_in_words(moment: datetime) -> str:
    """Day and time on this machine's clock; the day alone where that is all that is known."""
    return f"{day_of(moment)}" if day_alone(moment) else f"{moment.astimezone():%Y-%m-%d %H:%M}"


def moment_in_iso(moment: datetime, zone: tzinfo | None = None) -> str:
    """A moment for programs, as ISO 8601: with its time and zone (None: this machine's), or a day.

    A day that is kept as one is given as such, as no time of it was said.
    """
    return f"{day_of(moment)}" if _is_whole_day(moment) else moment.astimezone(zone).isoformat()


def said_moment(moment: datetime) -> datetime:
    """A moment as the user says it, with its time zone; one without is this machine's.

    A midnight without a time zone is a day without a time. Raises UsageError when no set can have
    been done then: tomorrow is let pass, since a set is kept where it is already another day, too.
    """
    last = datetime.now().astimezone().date() + timedelta(days=1)
    if not date(FIRST_YEAR, 1, 1) <= moment.date() <= last:
        raise UsageError(f"{moment.date()} is no day on which a set was done")
    if moment.tzinfo is None and moment.time() == time():
        return whole_day(moment.date())
    return moment if _is_whole_day(moment) else moment.astimezone()


def on_day(moment: datetime, day: date) -> datetime:
    """The same time by this machine's clock on another day, which may be of another offset."""
    if day_alone(moment):
        return whole_day(day)
    return datetime.combine(day, moment.astimezone().time()).astimezone()


def as_kept(text: str) -> str:
    """A name or tag as it is kept: in one line, without needless space, and an é as one character.

    Keyboards and file systems differ in the latter, and both look the same in a list.
    """
    return unicodedata.normalize("NFC", " ".join(plain(text).split()))


def _word(text: str, most: int, what: str) -> str:
    """A short text as it is kept."""
    word = as_kept(text)
    if not word or len(word) > most:
        raise UsageError(f"{what} has 1 to {most} characters")
    return word


@dataclass(frozen=True, slots=True)
class Details:
    """What the user says of a set. None: nothing was said, so that what is known stays.

    ``performed_at`` carries its time zone; when it was never said it is the time of the analysis,
    and where only the day is known :func:`whole_day`.
    ``no_load`` takes back a load that was said, as empty notes and tags do with theirs. Raises
    UsageError for what cannot be kept or cannot be true.
    """

    athlete: str | None = None
    load_kg: float | None = None
    notes: str | None = None
    tags: tuple[str, ...] | None = None
    performed_at: datetime | None = None
    no_load: bool = False

    def __post_init__(self) -> None:
        if self.athlete is not None:
            object.__setattr__(self, "athlete", _word(self.athlete, NAME_MAX, "an athlete's name"))
        if self.load_kg is not None and not 0 <= self.load_kg < math.inf:
            raise UsageError(f"a load is 0 kg or more, not {self.load_kg:g}")
        if self.load_kg is not None and self.no_load:
            raise UsageError("say a load, or that there is none, not both")
        if self.notes is not None:
            object.__setattr__(self, "notes", plain(self.notes))
        if self.tags is not None:
            tags = sorted({_word(tag, TAG_MAX, "a tag") for tag in self.tags})
            object.__setattr__(self, "tags", tuple(tags))
        if self.performed_at is not None:
            if self.performed_at.tzinfo is None:
                raise UsageError("the time of a set needs its time zone")
            if not FIRST_YEAR <= self.performed_at.year < MAXYEAR:
                raise UsageError(f"no set was done in the year {self.performed_at.year}")

    def over(self, known: Details) -> Details:
        """What is said here and, where nothing is, what is known already."""
        said = {name: getattr(self, name) for name in self.__slots__}
        changes = {name: value for name, value in said.items() if value is not None}
        if self.no_load:
            changes["load_kg"] = None
        return replace(known, **changes)


NOTHING_SAID = Details()


@dataclass(frozen=True, slots=True)
class Picture:
    """A small JPEG of a key frame: repetition from 1, ``bottom`` or ``top``, time in seconds."""

    rep: int
    position: str
    time_s: float
    width: int
    height: int
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class NewSet:
    """A set to be kept. ``settings`` is what the analysis was asked for, as plain JSON values.

    ``video`` is the clip's file when the user wants it kept, too; ``analysed_at`` None means now.
    ``spares_newer``: findings that are kept and newer than it stay, as those of a file may be old
    (not for an analysis, as clocks differ). Raises UsageError for a moment that cannot be.
    """

    report: Report
    settings: Mapping[str, Any] = field(default_factory=dict)
    details: Details = NOTHING_SAID
    recording: Recording | None = None
    pictures: tuple[Picture, ...] = ()
    video: Path | None = None
    analysed_at: datetime | None = None
    spares_newer: bool = False

    def __post_init__(self) -> None:
        if self.analysed_at is not None and not FIRST_YEAR <= self.analysed_at.year < MAXYEAR:
            raise UsageError(f"no set was analysed in the year {self.analysed_at.year}")


@dataclass(frozen=True, slots=True)
class KeptSet:
    """A set as a list shows it. ``score`` 0..100, None: nothing could be judged.

    ``reps`` counts repetitions; moments are in UTC; ``video_bytes`` is 0 when no video is kept.
    """

    id: int
    athlete: str
    performed_at: datetime
    analysed_at: datetime
    exercise: str | None
    load_kg: float | None
    notes: str
    clip_name: str
    clip_sha256: str
    duration_s: float
    model: str
    view: str
    reps: int
    score: float | None
    video_bytes: int
    settings: Mapping[str, Any]
    tags: tuple[str, ...] = ()

    @property
    def details(self) -> Details:
        """What was said of it."""
        return Details(self.athlete, self.load_kg, self.notes, self.tags, self.performed_at)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sets: those that fit everything that is said; None asks for nothing.

    Names and tags are found however they were written when they were kept.
    """

    athlete: str | None = None
    exercise: str | None = None
    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    clip_sha256: str | None = None

    def __post_init__(self) -> None:
        for name, written in (("athlete", as_kept), ("tag", as_kept), ("exercise", plain)):
            text = getattr(self, name)
            if text is not None:
                object.__setattr__(self, name, written(text))


ALL_SETS = Wanted()


@dataclass(frozen=True, slots=True)
class Value:
    """A kept set's value of one measure: the median over ``reps`` repetitions, with its error.

    ``name`` is a measure's name or a check's id; ``error`` is None when unknown.
    """

    set_id: int
    performed_at: datetime
    load_kg: float | None
    name: str
    value: float
    error: float | None
    unit: str
    reps: int


@dataclass(frozen=True, slots=True)
class AthleteSets:
    """An athlete, how many sets are kept, and when the last one was done (None: no set)."""

    name: str
    sets: int
    last_at: datetime | None
