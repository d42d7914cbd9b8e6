"""What is printed where the terminal has no such character."""

from __future__ import annotations

import codecs

NAME = "formcheck.standins"
"""How streams ask for it: ``stream.reconfigure(errors=NAME)``."""
_STAND_INS = {
    "✓": "+",
    "≈": "~",
    "✕": "x",
    "–": "-",
    "·": "-",
    "→": "->",
    "…": "...",
    "°": " deg",
    "±": "+/-",
    "“": "'",
    "”": "'",
}
"""None of them ends a string of JSON, which is printed as well."""


def _instead(error: UnicodeError) -> tuple[str | bytes, int]:
    """Stand-ins for a run of characters; a byte of a path that is no text is given as it is."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    first = error.object[error.start]
    if 0xDC80 <= ord(first) <= 0xDCFF:
        return bytes([ord(first) - 0xDC00]), error.start + 1
    return _STAND_INS.get(first, "?"), error.start + 1


def register() -> None:
    """Make the handler known by its name."""
    codecs.register_error(NAME, _instead)
