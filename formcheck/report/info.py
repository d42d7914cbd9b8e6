"""What the pages need to know about a rule, without knowing the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Sense = Literal["max", "min"]


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """A rule as a reader sees it.

    ``title`` names it in a few words, ``source_kind`` is standard, study, convention, practice or
    profile, ``source_text`` says who claims it and ``url`` where ("" when nowhere). ``sense`` tells
    whether the limit must not be exceeded or not undercut, ``views`` from where it can be judged.
    """

    title: str
    source_kind: str = ""
    source_text: str = ""
    url: str = ""
    sense: Sense | None = None
    views: tuple[str, ...] = ()


class _Source(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def url(self) -> str: ...


class _Limit(Protocol):
    @property
    def sense(self) -> Sense: ...


class RuleLike(Protocol):
    """The parts of a rule that are shown."""

    @property
    def id(self) -> str:
        """The check id, ``<exercise>.<name>``."""

    @property
    def title(self) -> str:
        """A few words."""

    @property
    def source(self) -> _Source:
        """Whose claim it is."""

    @property
    def limit(self) -> _Limit:
        """The bound."""

    @property
    def views(self) -> Sequence[str]:
        """The camera views in which it can be judged."""


def rule_info(rules: Iterable[RuleLike]) -> dict[str, RuleInfo]:
    """Describe rules by their check id, in their order."""
    return {
        rule.id: RuleInfo(
            title=rule.title,
            source_kind=rule.source.kind,
            source_text=rule.source.text,
            url=rule.source.url,
            sense=rule.limit.sense,
            views=tuple(rule.views),
        )
        for rule in rules
    }


def info_of(check_id: str, known: Mapping[str, RuleInfo]) -> RuleInfo:
    """The description of a check; one made from its id when nothing is known of it."""
    found = known.get(check_id)
    if found is not None:
        return found
    name = check_id.rpartition(".")[2].replace("_", " ")
    return RuleInfo(title=name[:1].upper() + name[1:])
