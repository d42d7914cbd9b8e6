"""How verdicts and repetitions that do not count are told, on every screen and page alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from formcheck.types import Verdict

SYMBOLS: Mapping[Verdict, str] = {
    Verdict.PASS: "✓",
    Verdict.BORDERLINE: "≈",
    Verdict.FAIL: "✕",
    Verdict.CANNOT_TELL: "?",
}
PARTIAL: Mapping[Literal["cut_start", "cut_end", "given_up"], str] = {
    "cut_start": "the clip starts in the middle of it",
    "cut_end": "the clip ends before it does",
    "given_up": "started but not finished",
}
"""Why a repetition does not count."""
