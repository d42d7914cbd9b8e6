"""What is written of an analysis: report.json, frames.csv, annotated.mp4, report.html.

``write_all`` makes them in a folder; the parts can be used alone. Drawing on a picture, live or
not, is ``formcheck.report.overlay.draw``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from formcheck.report.annotate import write_annotated
from formcheck.report.files import writable_folder
from formcheck.report.html import write_html
from formcheck.report.info import RuleInfo, rule_info
from formcheck.report.keyframes import KeyFrame
from formcheck.report.schema import SCHEMA_VERSION, Report, build_report, json_schema
from formcheck.report.table import write_frames_csv
from formcheck.types import Analysis

REPORT_JSON = "report.json"
FRAMES_CSV = "frames.csv"
REPORT_HTML = "report.html"
ANNOTATED_MP4 = "annotated.mp4"
FILES = frozenset({REPORT_JSON, FRAMES_CSV, REPORT_HTML, ANNOTATED_MP4})
"""The names of all that is written."""


def write_all(
    clip_path: str | os.PathLike[str],
    analysis: Analysis,
    out_dir: str | os.PathLike[str],
    *,
    video: bool = True,
    rule_info: Mapping[str, RuleInfo] | None = None,
    progress: Callable[[str, float], None] | None = None,
    on_key_frames: Callable[[list[KeyFrame]], object] | None = None,
    blur_face: bool = False,
) -> list[Path]:
    """Write every file into ``out_dir`` (made when missing); gives their paths.

    ``rule_info`` describes the checks by their id, ``progress`` is called with the name of the
    stage ("report", "video") and its share done (0..1), ``on_key_frames`` with the pictures of the
    page, which took a pass over the clip. ``blur_face`` hides the lifter's head in video and
    pictures. Each file appears whole or not at all.

    Raises UsageError when something cannot be written, ClipError when the clip is gone.
    """
    folder = writable_folder(out_dir)
    files = [folder / REPORT_JSON, folder / FRAMES_CSV, folder / REPORT_HTML]
    tell = progress or (lambda _stage, _share: None)
    tell("report", 0.0)
    build_report(analysis).save(files[0])
    write_frames_csv(analysis, files[1])
    with ThreadPoolExecutor(1, thread_name_prefix="page") as pool:
        page = pool.submit(write_html, clip_path, analysis, files[2], rule_info, blur_face)
        if video:
            files.append(folder / ANNOTATED_MP4)
            write_annotated(clip_path, analysis, files[-1], progress, rule_info, blur_face)
        key_frames = page.result()
    if on_key_frames is not None:
        on_key_frames(key_frames)
    tell("report", 1.0)
    return files


__all__ = [
    "SCHEMA_VERSION",
    "Report",
    "RuleInfo",
    "build_report",
    "json_schema",
    "rule_info",
    "write_all",
    "write_annotated",
    "write_frames_csv",
    "write_html",
]
