"""The files that an analysis writes anyway, made again of a kept set."""

from __future__ import annotations

from pathlib import Path

from formcheck.exports.source import Source
from formcheck.report import write_frames_csv
from formcheck.report.files import write_text
from formcheck.report.html import render_html


def write_json(source: Source, path: Path) -> None:
    """Write report.json."""
    source.report.save(path)


def write_frames(source: Source, path: Path) -> None:
    """Write frames.csv."""
    write_frames_csv(source.analysis, path)


def write_page(source: Source, path: Path) -> None:
    """Write report.html, with key frames as large as they are kept."""
    write_text(path, render_html(source.analysis, list(source.key_frames), source.rules))
