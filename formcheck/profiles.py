"""Profiles: a coach's standards or a physio's restricted range, as changes to the rules' limits.

A profile is a small TOML file (docs/profiles.md). It moves limits and turns checks off; it never
changes what is measured, how well, or how repetitions are counted. Whatever it changes is shown as
the profile's, not as that of the study or rule book that the usual limit comes from.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from formcheck.errors import UsageError
from formcheck.exercises import EXERCISES, Exercise
from formcheck.profile_note import LimitChange, ProfileNote
from formcheck.rules import Limit, Rule, Source

LARGEST_DEG = 180.0


@dataclass(frozen=True, slots=True)
class Change:
    """What a profile puts in place of a rule's own: a limit, and where it is turned round a cue."""

    limit: float
    sense: Literal["max", "min"] | None = None
    cue: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """Limits by check id, and the checks that are off. ``source`` says whose they are ("" none).

    ``sha256`` is the checksum of the file, so that a report tells which state of it was used.
    """

    name: str
    source: str
    changes: Mapping[str, Change]
    off: tuple[str, ...]
    sha256: str


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


def _in_one_line(text: object) -> object:
    """A text of several lines is one: subtitles end at an empty line, and cues are sentences."""
    return " ".join(text.split()) if isinstance(text, str) else text


_Line = Annotated[str, BeforeValidator(_in_one_line)]


class _Limit(_Part):
    limit: Annotated[float, Field(ge=-LARGEST_DEG, le=LARGEST_DEG)]
    sense: Literal["max", "min"] | None = None
    cue: Annotated[_Line, Field(min_length=1, max_length=200)] | None = None


class _File(_Part):
    name: Annotated[_Line, Field(min_length=1, max_length=80)]
    source: Annotated[_Line, Field(max_length=300)] = ""
    off: list[str] = []
    limits: dict[str, _Limit] = {}


def load_profile(path: str | PathLike[str]) -> Profile:
    """Read and check a profile. Raises UsageError: one line with file, key and what is allowed."""
    file = Path(path)
    try:
        data = file.read_bytes()
        content = tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: is not a text file in UTF-8") from error
    except RecursionError as error:
        raise UsageError(f"{file}: is no valid TOML: it nests too deep") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: is no valid TOML: {error}") from error
    try:
        content["limits"] = _flat(content.get("limits", {}))
        found = _File.model_validate(content)
        changes = {
            check: Change(part.limit, part.sense, part.cue) for check, part in found.limits.items()
        }
        for check, change in changes.items():
            _check_change(check, change, found.off)
        for check in found.off:
            _rule("off", check)
    except ValidationError as error:
        raise UsageError(f"{file}: {_told(error)}") from error
    except ValueError as error:
        raise UsageError(f"{file}: {error}") from error
    digest = hashlib.sha256(data).hexdigest()
    return Profile(found.name, found.source, changes, tuple(dict.fromkeys(found.off)), digest)


def _flat(limits: Any) -> Any:  # noqa: ANN401
    """Check ids as keys: TOML reads ``squat.depth = 15`` as a table in a table."""
    if not isinstance(limits, dict):
        raise ValueError("limits: must be a table, as in [limits]")
    flat: dict[str, Any] = {}
    for name, value in limits.items():
        whole = "." in name or not isinstance(value, dict) or value.keys() & {"limit", "sense"}
        inner = {name: value} if whole else {f"{name}.{key}": part for key, part in value.items()}
        for check, part in inner.items():
            if check in flat:
                raise ValueError(f"limits.{check}: is there twice")
            flat[check] = part if isinstance(part, dict) else {"limit": part}
    return flat


def _rule(where: str, check: str) -> Rule:
    """The rule with this id; ValueError says which there are."""
    exercise = EXERCISES.get(check.partition(".")[0])
    if exercise is None:
        there = ", ".join(f"{name}.…" for name in EXERCISES)
        raise ValueError(f"{where}: {check!r} is of no known exercise; there are {there}")
    for rule in exercise.rules:
        if rule.id == check:
            return rule
    there = ", ".join(rule.id for rule in exercise.rules)
    raise ValueError(f"{where}: no check {check!r}; there are {there}")


def _check_change(check: str, change: Change, off: Iterable[str]) -> None:
    where = f"limits.{check}"
    rule = _rule(where, check)
    if check in off:
        raise ValueError(f"{where}: has a limit and is off as well; take one away")
    turned = change.sense not in (None, rule.limit.sense)
    if turned and change.cue is None:
        raise ValueError(f"{where}.cue: is needed where sense is turned round: what to try instead")
    if not _fillable(change.cue or ""):
        raise ValueError(f"{where}.cue: may hold {{amount}} and no other braces")


def _fillable(cue: str) -> bool:
    """Whether all that is to be filled in is ``{amount}``, as it is: no attribute, no width."""
    try:
        fields = [field[1:] for field in Formatter().parse(cue) if field[1] is not None]
    except ValueError:
        return False
    return all(field == ("amount", "", None) for field in fields)


def _told(error: ValidationError) -> str:
    """The first finding as ``key: what is allowed``."""
    finding = error.errors()[0]
    where = [str(part) for part in finding["loc"]]
    number = where[0] == "limits" and where[-1] == "limit" and finding["type"] != "missing"
    key = ".".join(where[:-1] if number else where)
    allowed = _Limit if where[0] == "limits" else _File
    bounds = f"a number from {-LARGEST_DEG:g} to {LARGEST_DEG:g}"
    words = {
        "extra_forbidden": f"no such key; allowed are {', '.join(allowed.model_fields)}",
        "missing": "is missing",
        "float_type": f"must be {bounds} (degrees), not {finding['input']!r}",
        "finite_number": f"must be {bounds}",
        "greater_than_equal": f"must be {bounds}",
        "less_than_equal": f"must be {bounds}",
        "literal_error": f"must be max or min, not {finding['input']!r}",
        "string_type": "must be text",
        "list_type": 'must be a list of check ids, as in ["squat.depth"]',
    }
    return f"{key}: {words.get(finding['type'], finding['msg'])}"


def apply(profile: Profile | None, exercise: Exercise) -> Exercise:
    """The exercise as the profile wants it judged; without a profile as it is. Pure."""
    if profile is None:
        return exercise
    rules = tuple(_changed(profile, r) for r in exercise.rules if r.id not in profile.off)
    return replace(exercise, rules=rules)


def _changed(profile: Profile, rule: Rule) -> Rule:
    change = profile.changes.get(rule.id)
    if change is None:
        return rule
    limit = Limit(change.limit, change.sense or rule.limit.sense)
    whose = f"{profile.name} ({profile.source})" if profile.source else profile.name
    text = (
        f"{whose}: {limit.in_words(rule.unit)} instead of {rule.limit.in_words(rule.unit)}. "
        f"The usual limit is {rule.source.kind}: {rule.source.text}"
    )
    source = Source("profile", text, rule.source.url)
    own = rule.cue_moved if limit != rule.limit and rule.cue_moved else rule.cue
    return replace(rule, limit=limit, source=source, cue=change.cue or own)


def _told_change(rule: Rule, change: Change) -> LimitChange:
    usual = rule.limit.sense
    sense = change.sense or usual
    turned = None if sense == usual else usual
    return LimitChange(rule.id, change.limit, rule.limit.value, sense, rule.unit, turned)


def note(profile: Profile, exercise: Exercise | None) -> ProfileNote:
    """What a profile changed for one exercise (None: nothing was judged), for the report."""
    rules = exercise.rules if exercise else ()
    changes = tuple(
        _told_change(rule, profile.changes[rule.id]) for rule in rules if rule.id in profile.changes
    )
    off = tuple(rule.id for rule in rules if rule.id in profile.off)
    return ProfileNote(profile.name, profile.source, profile.sha256, changes, off)
