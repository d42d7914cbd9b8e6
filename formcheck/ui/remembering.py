"""The page's sets in the history: each visitor is an athlete there, whom no other visitor sees.

The shelf holds clips for a while; the history keeps what was measured until the set is deleted.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from formcheck.errors import FormCheckError
from formcheck.keeping import kept_reports, new_set
from formcheck.paths import data_folder
from formcheck.report import Report
from formcheck.store import Details, History, KeptSet, Value, Wanted, open_history
from formcheck.types import Analysis
from formcheck.ui.sets import Shelf, StoredSet

_log = logging.getLogger(__name__)
_BY = "set"
"""Among the settings of a kept set: which of the visitor's sets its findings are of."""


def history() -> History:
    """The history of this server's data folder, or the database that FORMCHECK_DATABASE_URL names.

    Raises HistoryError when it cannot be opened.
    """
    return _opened(os.environ.get("FORMCHECK_DATABASE_URL"), str(data_folder()))


@lru_cache(maxsize=2)
def _opened(url: str | None, _folder: str) -> History:
    return open_history(url)


def athlete_of(stored: StoredSet) -> str:
    """Under whose name the history keeps a visitor's set."""
    return _athlete(stored.folder.parent.name)


def _athlete(shelf_name: str) -> str:
    return f"page {shelf_name}"


def remember(stored: StoredSet, analysis: Analysis) -> int | None:
    """Keep what was found in a set; gives its number. None: nothing was, or it cannot be kept.

    A set that is there already is put right also when nothing is found in it any more: the numbers
    of before would stay in Progress, and what was said of it goes with them when it is deleted.
    It was done when its clip was taken in, unless the history knows better by now.
    A history that cannot be written does not cost the visitor the review.
    """
    card, athlete = stored.card, athlete_of(stored)
    if analysis.exercise.id is None and card.kept is None:
        return None
    settings = {"exercise": card.asked, "model": card.model, _BY: card.id}
    try:
        known = history().sets(Wanted(athlete=athlete))
        new = all(one.clip_sha256 != analysis.clip.sha256 for one in known)
        taken_in = datetime.fromtimestamp(card.made_s, UTC) if new else None
        details = Details(athlete=athlete, performed_at=taken_in)
        return history().add(new_set(analysis, settings=settings, details=details))
    except FormCheckError as error:
        _log.warning("%s is not in the history: %s", card.name, error)
        return card.kept


def delete(shelf: Shelf, stored: StoredSet) -> StoredSet | None:
    """Delete a set from shelf and history; raises HistoryError, and then nothing is deleted.

    The same clip with other wishes is one set in the history. Another one of it that stays is
    given when the numbers there were those of the deleted one: it is to be scored again.
    """
    name, kept = stored.folder.name, stored.card.kept
    own = None if kept is None else next((s for s in kept_sets(shelf) if s.id == kept), None)
    others = [s for s in shelf.sets() if s.card.kept == kept and s.folder.name != name]
    if own is not None and not others:
        history().delete([own.id])
    shelf.delete(name)
    return others[0] if others and own is not None and own.settings.get(_BY) == name else None


def clips(shelf: Shelf, known: Iterable[KeptSet]) -> dict[int, StoredSet]:
    """The visitor's sets whose clips are still there, by the number of what the history keeps.

    Of several of one clip it is the one whose numbers are kept.
    """
    by = {one.id: one.settings.get(_BY) for one in known}
    found: dict[int, StoredSet] = {}
    for stored in shelf.sets():
        kept = stored.card.kept
        if kept is not None and (kept not in found or by.get(kept) == stored.folder.name):
            found[kept] = stored
    return found


def forget(shelf: Shelf, kept: int) -> None:
    """Delete one of the visitor's own sets from the history, if it is still there."""
    if any(known.id == kept for known in kept_sets(shelf)):
        history().delete([kept])


def kept_sets(shelf: Shelf) -> list[KeptSet]:
    """All sets that the history has of a visitor, the newest first; raises HistoryError."""
    return history().sets(Wanted(athlete=_athlete(shelf.folder.name)))


def values(shelf: Shelf, exercise: str) -> list[Value]:
    """What the visitor's sets of an exercise measured, oldest first; raises HistoryError."""
    return history().values(exercise, athlete=_athlete(shelf.folder.name))


def reports(known: Iterable[Value]) -> dict[int, Report]:
    """What was found in the sets that some values are from, by number; raises HistoryError."""
    numbers = {value.set_id: value for value in known}
    found = kept_reports(history(), numbers.values())
    return dict(zip(sorted(numbers), found, strict=True))
