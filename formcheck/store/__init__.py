"""The history of sets, in a database: an SQLite file by default, or PostgreSQL.

::

    from formcheck import store

    with store.open_history() as history:            # or open_history("postgresql://…")
        set_id = history.add(store.NewSet(report, details=store.Details(load_kg=100)))
        for kept in history.sets(store.Wanted(exercise="squat"), limit=20):
            print(kept.id, kept.performed_at, kept.athlete, kept.load_kg, kept.score, kept.tags)
        text = history.report_json(set_id)           # report.json
        recording = history.recording(set_id)        # raw landmarks and angles; None: not kept
        pictures = history.pictures(set_id)          # small JPEGs of the key frames
        history.change(set_id, store.Details(notes="belt", tags=("heavy",)))
        values = history.values("squat", athlete="me", name="squat.depth")   # for trends
        history.delete([set_id])                     # with everything that belongs to it

``formcheck.progress`` makes trends of the values. ``formcheck.keeping`` makes a NewSet of an
Analysis, and an Analysis of a kept set again.

Which database: FORMCHECK_DATABASE_URL, else ``history.db`` in the data folder (FORMCHECK_DATA).
Every call is one transaction. A History may be shared by threads; errors are HistoryError (the
database cannot) and UsageError (no such set), one line each. Migrations run at opening, safely
also when several processes open a new database at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from formcheck.store.blobs import Recording
from formcheck.store.records import (
    ALL_SETS,
    DEFAULT_ATHLETE,
    NOTHING_SAID,
    AthleteSets,
    Details,
    KeptSet,
    NewSet,
    Picture,
    Value,
    Wanted,
    as_kept,
    day_alone,
    day_of,
    moment_in_iso,
    moment_in_words,
    on_day,
    said_moment,
    whole_day,
)

if TYPE_CHECKING:
    from formcheck.store.history import History as History
    from formcheck.store.history import open_history as open_history

__all__ = [
    "ALL_SETS",
    "DEFAULT_ATHLETE",
    "NOTHING_SAID",
    "AthleteSets",
    "Details",
    "History",
    "KeptSet",
    "NewSet",
    "Picture",
    "Recording",
    "Value",
    "Wanted",
    "as_kept",
    "day_alone",
    "day_of",
    "moment_in_iso",
    "moment_in_words",
    "on_day",
    "open_history",
    "said_moment",
    "whole_day",
]


def __getattr__(name: str) -> object:
    """What needs the database library, which takes a quarter of a second to import, comes late."""
    if name not in ("History", "open_history"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.history"), name)
    return found
