"""A set in the formats that the field's tools open: one small module a format.

``write("trc", source, path)`` writes one; ``FORMATS`` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from formcheck.errors import UsageError
from formcheck.exports.source import Source


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the name of its file in a folder of results, what is in it, and who writes it.

    ``landmarks``: it is made of them, so that the report alone is not enough.
    """

    file: str
    what: str
    module: str
    function: str = "write"
    landmarks: bool = True


FORMATS: Mapping[str, Format] = {
    "csv": Format("reps.csv", "a row for each value of each repetition", "tidy", landmarks=False),
    "frames": Format("frames.csv", "a row a frame, the angles", "asis", "write_frames"),
    "json": Format("report.json", "the report for programs", "asis", "write_json", landmarks=False),
    "html": Format("report.html", "the report for people", "asis", "write_page"),
    "pdf": Format("report.pdf", "one page to print or to file", "pdf"),
    "srt": Format("reps.srt", "subtitles: repetitions and cues", "srt", landmarks=False),
    "parquet": Format("signals.parquet", "every signal over time", "parquet"),
    "trc": Format("markers.trc", "OpenSim: landmarks as markers", "trc"),
    "mot": Format("angles.mot", "OpenSim: angles over time", "mot"),
    "c3d": Format("markers.c3d", "landmarks as markers, with events", "c3d"),
}
"""The formats by their name."""


def format_of(name: str) -> Format:
    """A format by its name; raises UsageError."""
    if name not in FORMATS:
        raise UsageError(f"{name!r} is none of the formats {', '.join(FORMATS)}")
    return FORMATS[name]


def check(names: Collection[str]) -> None:
    """Find out before the work whether some formats can be written; raises UsageError."""
    for name in names:
        format_of(name)
    if "c3d" in names and find_spec("ezc3d") is None:
        raise UsageError("C3D needs its library: pip install 'formcheck[c3d]'")


def write(name: str, source: Source, path: Path) -> None:
    """Write a set in a format, whole or not at all; raises UsageError."""
    check([name])
    wanted = format_of(name)
    module = import_module(f"formcheck.exports.{wanted.module}")
    writer: Callable[[Source, Path], None] = getattr(module, wanted.function)
    writer(source, path)


__all__ = ["FORMATS", "Format", "Source", "check", "format_of", "write"]
