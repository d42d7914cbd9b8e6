"""How verdicts, scores and repetitions that do not count are told, on every screen alike."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Literal

from formcheck.types import Verdict

SYMBOLS: Mapping[Verdict, str] = {
    Verdict.PASS: "✓",
    Verdict.BORDERLINE: "≈",
    Verdict.FAIL: "✕",
    Verdict.CANNOT_TELL: "?",
}
PARTIAL: Mapping[Literal["cut_start", "cut_end", "given_up"], str] = {
    "cut_start": "its beginning is not in the picture",
    "cut_end": "its end is not in the picture",
    "given_up": "started but not finished",
}
"""Why a repetition does not count. What is cut is so by the clip's ends or, within it, by a cut
of the film, a time without frames, or a body that was lost."""


_OPTION = re.compile(r"(, and have [a-z]+( [a-z]+)? looked at)? \(--[a-z][^)]*\)")


def without_options(text: str) -> str:
    """A message without the options of ``analyze``, for the page and live sets, which lack them.

    Nor do they look at more pictures a second than they do, so that nobody can have that done.
    """
    return _OPTION.sub("", text)


def whole_score(score: float) -> int:
    """A score as it is shown: half up, of the one decimal that reports and the history keep.

    So the same is shown of what was just found and of what was kept of it.
    """
    return math.floor(round(score, 1) + 0.5)


def decided(counts: Mapping[Any, int]) -> tuple[int, int]:
    """How many checks a score rests on, and how many there are.

    ``counts``: how often each verdict, or its value as text, was given in the set.
    """
    named = {Verdict(name): count for name, count in counts.items()}
    return named.get(Verdict.PASS, 0) + named.get(Verdict.FAIL, 0), sum(named.values())


def few(counts: Mapping[Any, int]) -> bool:
    """Whether a score rests on less than half the checks."""
    judged, every = decided(counts)
    return 2 * judged < every
