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
    "cut_start": "its beginning is not in the picture",
    "cut_end": "its end is not in the picture",
    "given_up": "started but not finished",
}
"""Why a repetition does not count. What is cut is so by the clip's ends or, within it, by a cut
of the film, a time without frames, or a body that was lost."""
