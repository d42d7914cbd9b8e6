"""Errors meant for the user: one line that says what is wrong, where, and what to do."""

from __future__ import annotations

import errno

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EEXIST: "it is a file, and a folder is needed",
    errno.ENOTDIR: "a part of its path is a file, and a folder is needed",
}
"""Where the system's own words do not tell a user what to do."""


class FormCheckError(Exception):
    """Base of all errors that a user can act on. ``exit_code`` is what the command returns."""

    exit_code = 1


class UsageError(FormCheckError):
    """The request itself is off (an unknown name, an output that cannot be written)."""

    exit_code = 2


class ClipError(FormCheckError):
    """The clip cannot be read as a video."""

    exit_code = 3


class NobodyError(FormCheckError):
    """No person was found in the clip."""

    exit_code = 4


class ModelError(FormCheckError):
    """A pose model is missing, damaged or cannot be started."""

    exit_code = 1


class HistoryError(FormCheckError):
    """The history of sets cannot be opened, read or written."""

    exit_code = 1


def reason_of(error: OSError) -> str:
    """Why the system did not do it, in words for a user."""
    known = _REASONS.get(error.errno or 0)
    return known or error.strerror or str(error) or type(error).__name__
