"""Where plug-in exercises lie: files in a folder, and packages that bring some. Nothing is run.

The name of a file or entry point is the id of its exercise. :mod:`formcheck.exercises` loads and
checks them.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from formcheck.paths import data_folder

GROUP = "formcheck.exercises"
"""The group of entry points in which packages name their exercises."""
FOLDERS = "FORMCHECK_EXERCISES"
"""The environment variable with folders that take the place of the one in the data folder."""
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PlugIn:
    """An exercise of somebody else's: its id, where it is, and how to get at it.

    ``state`` changes when the code does. ``load`` runs that code and returns what it defines; it
    may raise anything.
    """

    id: str
    where: str
    state: str
    load: Callable[[], object]


def folders() -> tuple[Path, ...]:
    """The folders in which files are looked for."""
    told = os.environ.get(FOLDERS)
    if told is None:
        return (data_folder() / "exercises",)
    found = tuple(Path(part) for part in told.split(os.pathsep) if part)
    for folder in found:
        if not folder.is_dir():
            LOG.warning("formcheck: %s names %s, which is no folder", FOLDERS, folder)
    return found


def find() -> tuple[PlugIn, ...]:
    """All plug-ins, those of packages first, each kind by name."""
    return (*_packaged(), *_files())


def _packaged() -> Iterator[PlugIn]:
    points = importlib.metadata.entry_points(group=GROUP)
    for point in sorted(points, key=lambda p: p.name):
        version = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        yield PlugIn(point.name, f"package {version} ({point.value})", version, point.load)


def _files() -> Iterator[PlugIn]:
    for folder in folders():
        for file in sorted(folder.glob("*.py")):
            if not file.name.startswith(("_", ".")):
                yield PlugIn(file.stem, str(file), _digest(file), partial(_run, file))


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    except OSError:
        return "unreadable"


def _run(file: Path) -> object:
    """Import a file by its path, once for each state of the interpreter."""
    name = f"formcheck_plugin_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot be imported: {file}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their own module up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
