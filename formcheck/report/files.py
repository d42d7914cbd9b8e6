"""Writing result files whole: under a temporary name beside the target, then renamed."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from formcheck.errors import UsageError, reason_of


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path in the folder of ``path`` that becomes ``path`` on success.

    When the block fails the temporary file is removed and an older ``path`` stays as it was.
    Raises UsageError, naming ``path`` and the reason, when it cannot be written.
    """
    target = Path(path)
    try:
        with _replacing(target) as part:
            yield part
    except OSError as error:
        raise _unwritable(target, error) from error


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a whole UTF-8 file; raises UsageError when it cannot be written."""
    target = Path(path)
    try:
        write_whole(target, text)
    except OSError as error:
        raise _unwritable(target, error) from error


def write_whole(path: Path, text: str) -> None:
    """Write a whole UTF-8 file that a power cut leaves whole, too; raises OSError."""
    with _replacing(path) as part, part.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        part.touch(exist_ok=False)
        yield part
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


FORGOTTEN_S = 24 * 3600.0
"""Age at which a folder of unfinished work is that of a run that was killed."""


def sweep(folder: Path, prefix: str) -> None:
    """Remove the folders of unfinished work that killed runs have left in a folder."""
    for left in folder.glob(f"{prefix}*"):
        with suppress(OSError):
            if left.is_dir() and time.time() - left.stat().st_mtime > FORGOTTEN_S:
                shutil.rmtree(left, ignore_errors=True)


def writable_folder(path: str | os.PathLike[str]) -> Path:
    """Make sure of a folder that exists and takes files; raises UsageError."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"cannot write into {folder}: permission denied")
    return folder


def _unwritable(target: Path, error: OSError) -> UsageError:
    return UsageError(f"cannot write {target}: {reason_of(error)}")
