"""Errors meant for the user: one line that says what is wrong, where, and what to do."""

from __future__ import annotations


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
