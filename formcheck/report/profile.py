"""The user's own limits in the reports: as a part of report.json, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field

from formcheck.profile_note import LimitChange, ProfileNote
from formcheck.report import words
from formcheck.report.info import RuleInfo, info_of
from formcheck.report.model import Model

BOUNDS = {"max": "at most", "min": "at least"}


class ProfileLimitPart(Model):
    """A limit that the profile has moved, and what it usually is; both in ``unit``.

    ``usual_sense``: only where the profile turned the limit round, that of the usual one.
    """

    limit: float
    usual: float
    sense: Literal["max", "min"]
    unit: str
    usual_sense: Literal["max", "min"] | None = Field(
        default=None, exclude_if=lambda sense: sense is None
    )


class ProfilePart(Model):
    """The user's own limits that this set was judged by: those of its exercise, by check id."""

    name: str
    source: str
    sha256: str
    limits: dict[str, ProfileLimitPart]
    off: tuple[str, ...]


def profile_part(note: ProfileNote | None) -> ProfilePart | None:
    """The part of report.json; None without a profile."""
    if note is None:
        return None
    limits = {
        change.check: ProfileLimitPart(
            limit=change.limit,
            usual=change.usual,
            sense=change.sense,
            unit=change.unit,
            usual_sense=change.usual_sense,
        )
        for change in note.changes
    }
    return ProfilePart(
        name=note.name, source=note.source, sha256=note.sha256, limits=limits, off=note.off
    )


def profile_note(part: ProfilePart | None) -> ProfileNote | None:
    """What a part of report.json tells of the profile: the way back."""
    if part is None:
        return None
    changes = (LimitChange(check, **limit.model_dump()) for check, limit in part.limits.items())
    return ProfileNote(part.name, part.source, part.sha256, tuple(changes), part.off)


def as_judged(rule_info: Mapping[str, RuleInfo], note: ProfileNote | None) -> dict[str, RuleInfo]:
    """The rules with the limits that a profile moved as the profile's, from the usual ones."""
    moved = dict(rule_info)
    if note is None:
        return moved
    for change in note.changes:
        usual = info_of(change.check, rule_info)
        whose = f"{note.name} ({note.source})" if note.source else note.name
        before = _bound(change.usual, change.usual_sense or change.sense, change.unit)
        text = (
            f"{whose}: {_bound(change.limit, change.sense, change.unit)} instead of {before}. "
            f"The usual limit is {usual.source_kind}: {usual.source_text}"
        )
        moved[change.check] = replace(
            usual, sense=change.sense, source_kind="profile", source_text=text
        )
    return moved


@dataclass(frozen=True, slots=True)
class ProfileWords:
    """A profile on a page: the limits that it moved, and the checks that were not looked at."""

    name: str
    source: str
    moved: tuple[str, ...]
    off: tuple[str, ...]


def _bound(limit: float, sense: Literal["max", "min"], unit: str) -> str:
    return f"{BOUNDS[sense]} {words.limit_amount(limit, unit)}"


def in_words(note: ProfileNote | None, rule_info: Mapping[str, RuleInfo]) -> ProfileWords | None:
    """What a page says of a profile; None without one."""
    if note is None:
        return None
    moved = tuple(
        f"{info_of(c.check, rule_info).title}: {_bound(c.limit, c.sense, c.unit)}"
        f" (usually {_bound(c.usual, c.usual_sense or c.sense, c.unit)})"
        for c in note.changes
    )
    off = tuple(info_of(check, rule_info).title for check in note.off)
    return ProfileWords(note.name, note.source, moved, off)
