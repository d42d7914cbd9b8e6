"""What a report says of the user's own limits; part of the types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A limit that a profile has moved: what it is, and what it usually is (both ``unit``).

    ``usual_sense``: that of the usual limit where the profile turned it round; None: as ``sense``.
    """

    check: str
    limit: float
    usual: float
    sense: Literal["max", "min"]
    unit: str
    usual_sense: Literal["max", "min"] | None = None


@dataclass(frozen=True, slots=True)
class ProfileNote:
    """The profile that a set was judged by, and what it changed for this exercise.

    ``off`` holds the ids of the checks that were left out; ``sha256`` is the file's checksum.
    """

    name: str
    source: str
    sha256: str
    changes: tuple[LimitChange, ...]
    off: tuple[str, ...]
