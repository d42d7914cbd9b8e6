"""A clip as a file: whether it can be read at all, its checksum, its name as text."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from formcheck.errors import ClipError

_ADDRESS = re.compile(r"[A-Za-z][\w+.-]+:/")
"""As a path it may have lost the second slash."""


def checked(path: str | os.PathLike[str]) -> Path:
    """Make sure of a readable, non-empty file; the ClipError says what is in the way."""
    file = Path(path)
    try:
        if file.is_dir():
            raise ClipError(f"{file} is a folder, not a clip")
        if not file.exists():
            if _ADDRESS.match(os.fspath(path)):
                raise ClipError(f"{os.fspath(path)} is an address: download it, or use batch")
            raise ClipError(f"{file}: no such file")
        if not file.is_file():  # to open a pipe would wait for whoever writes into it, for ever
            raise ClipError(f"{file} is a pipe or a device, not a file that can be read twice")
        with file.open("rb") as stream:
            if not stream.read(1):
                raise ClipError(f"{file} is empty")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ClipError(f"{file} cannot be read: {reason}") from error
    return file


def sha256(file: Path) -> str:
    """The checksum of a file, hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def state_of(file: Path) -> tuple[int, int]:
    """Size and time of the last change: while they stay, so does what is in the file."""
    state = file.stat()
    return state.st_size, state.st_mtime_ns


def readable(name: str) -> str:
    """The name of a file as text for people and reports: bytes that are not UTF-8 become "?"."""
    return name.encode("utf-8", "replace").decode("utf-8")
