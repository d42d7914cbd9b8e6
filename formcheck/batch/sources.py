"""What to score: folders, globs, lists and single clips, local or anywhere that fsspec reaches."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from formcheck.clipfile import readable
from formcheck.errors import UsageError
from formcheck.report import ANNOTATED_MP4

_FORMATS = "mp4 mov m4v webm mkv avi gif 3gp mpg mpeg ts mts m2ts wmv ogv"
CLIP_SUFFIXES = frozenset(f".{name}" for name in _FORMATS.split())
"""What is taken for a clip in a folder; whatever is named outright is tried, whatever its name."""
LIST_SUFFIXES = frozenset({".txt", ".lst"})
_WEB = ("http:", "https:")
_MAGIC = re.compile(r"[*?\[]")
_URL = re.compile(r"\w[\w+.:-]*://[^\s'\"<>]+")
_UNSAFE = re.compile(r"[^\w .()+-]")
_NAME_MAX = 80


def expand(sources: Iterable[str]) -> list[str]:
    """All clips, each once, as absolute local paths or URLs: in the order of the sources.

    Raises UsageError for a source that is not there, that fsspec cannot read, or without any clip.
    """
    found: dict[str, None] = {}
    for source in sources:
        if not str(source).strip():  # a shell's variable that was never set, not this folder
            raise UsageError("a source is empty; name a folder, a glob, a list or a clip")
        is_list = Path(source).suffix.lower() in LIST_SUFFIXES and Path(source).is_file()
        parts = list(_listed(Path(source))) if is_list else _one(source, told=True)
        if not parts:
            raise UsageError(f"{shown(source)}: there is no clip in it")
        found.update(dict.fromkeys(parts))
    return list(found)


def _listed(file: Path) -> Iterator[str]:
    """The clips of a list: a source a line, relative to the list; empty lines and # are skipped."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the list {file}: {error}") from error
    for line in (line.strip() for line in lines):
        if line and not line.startswith("#"):
            yield from _one(line if "://" in line else str(file.parent / line), told=False)


def filesystem(source: str) -> tuple[Any, str]:
    """The fsspec file system of a path or URL, and the path in it; raises UsageError."""
    try:
        system, path = fsspec.core.url_to_fs(source)
    except Exception as error:  # no such protocol, its package is missing, or no such host
        raise UsageError(f"{shown(source)}: {reason_of(error)}") from error
    return system, path


def _one(source: str, *, told: bool) -> list[str]:
    """The clips of one source that is no list. ``told``: by the user, so it has to be there."""
    system, path = filesystem(source)
    local, web = isinstance(system, LocalFileSystem), source.startswith(_WEB)
    # What follows the "?" of an address, its signature mostly, is no pattern.
    pattern = bool(_MAGIC.search(path.partition("?")[0] if web else path))
    if local and not system.exists(path) and not pattern:
        if told:
            raise UsageError(f"{source}: no such file or folder")
        return [path]
    try:
        if pattern and not (local and system.exists(path)):
            paths = _clips(system.glob(path))
        elif (not web or path.endswith("/")) and system.isdir(path):
            paths = _clips(system.find(path), below=path)
        else:
            return [path if local else source]
    except Exception as error:  # whatever a remote file system has to say
        raise UsageError(f"{shown(source)}: {reason_of(error)}") from error
    return [found if local else _url(source, system, found) for found in paths]


def _clips(paths: Iterable[str], below: str = "") -> list[str]:
    """Those that are clips by their name: nothing hidden, and no video that FormCheck has drawn."""
    return sorted(
        path
        for path in paths
        if posixpath.splitext(path)[1].lower() in CLIP_SUFFIXES
        and posixpath.basename(path) != ANNOTATED_MP4
        and not any(part.startswith(".") for part in path.removeprefix(below).split("/"))
    )


def _url(source: str, system: Any, path: str) -> str:  # noqa: ANN401
    """The URL of a path that was found; what a chained URL is read through stays."""
    if "::" not in source:
        return str(system.unstrip_protocol(path))
    head, _, rest = source.partition("::")
    return f"{head.partition('://')[0]}://{path}::{rest}"


def shown(source: str) -> str:
    """A source as it may be written down: in UTF-8, a URL without passwords and signatures.

    What it is read through, behind each "::", may hold some as well.
    """
    return "::".join(_without_secrets(part) for part in readable(source).split("::"))


def reason_of(error: Exception) -> str:
    """What a file system complains of, in one line; whole addresses are in many such words."""
    told = getattr(error, "strerror", None) or " ".join(str(error).split())
    return without_secrets(told) or type(error).__name__


def without_secrets(text: str) -> str:
    """A text with each URL in it as it may be written down."""
    return _URL.sub(lambda found: shown(found[0]), text)


def _without_secrets(url: str) -> str:
    protocol, is_url, rest = url.partition("://")
    if not is_url:
        return url
    authority, slash, path = rest.partition("/")
    host = authority.rpartition("@")[2]
    place = _without_query(host, url)
    return f"{protocol}://{place}{slash + _without_query(path, url) if place == host else ''}"


def _without_query(text: str, url: str) -> str:
    """Without what follows a "?". On the web a "#" ends the address, elsewhere it is of a name."""
    text = text.partition("?")[0]
    return text.partition("#")[0] if url.startswith(_WEB) else text


def clip_name(source: str) -> str:
    """The file name of a clip, fit for any disk."""
    # A cache before the address ("simplecache::s3://…") has no name of its own.
    plain = next((part for part in source.split("::") if "://" in part), source)
    if "://" in plain:
        place = _without_secrets(plain).partition("://")[2]
        plain = place.partition("/")[2] or place
    name = posixpath.basename(plain.replace("\\", "/"))
    stem, suffix = posixpath.splitext(_UNSAFE.sub("_", name).lstrip("."))
    return f"{stem[:_NAME_MAX].strip() or 'clip'}{suffix[:10]}"
