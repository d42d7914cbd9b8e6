"""frames.csv: a row a frame, a column an angle."""

from __future__ import annotations

import csv
import math
import os

import numpy as np

from formcheck.report.files import replacing
from formcheck.report.words import UNSURE
from formcheck.types import SAGITTAL_VIEWS, Analysis, BoolArray, Capture, Facing, FloatArray

ANGLE_SUFFIX = "_deg"
FRONTAL = "knee_valgus"
"""The angle that is seen from the front."""


def angle_names(analysis: Analysis) -> list[str]:
    """The columns after ``time_s``: signals that are angles, in the order of the signals.

    The mean of both legs is what verdicts are read from; its angles are in report.json.
    """
    names = analysis.signals.values
    return [n for n in names if n.endswith(ANGLE_SUFFIX) and not n.endswith(f"_both{ANGLE_SUFFIX}")]


def as_seen(analysis: Analysis, name: str) -> FloatArray:
    """(N,) a signal, NaN where the view does not show the angle, or is too unsure to.

    What the pose model guesses of it there tells a rhythm, and is 20 degrees and more off.
    """
    values = analysis.signals[name]
    if not name.endswith(ANGLE_SUFFIX) or name.startswith(FRONTAL):
        return values
    return np.where(_sideways(analysis.capture, len(values)), values, np.nan)


def _sideways(capture: Capture, frames: int) -> BoolArray:
    """(N,) where angles seen from the side show; the history keeps no errors to tell it by."""
    shown: BoolArray = np.zeros(frames, bool)
    for part in capture.facings or (capture,):
        rows = slice(part.start, part.end + 1) if isinstance(part, Facing) else slice(None)
        unsure = any(warning.code == UNSURE for warning in part.warnings)
        shown[rows] = part.view in SAGITTAL_VIEWS and not unsure
    return shown


def write_frames_csv(analysis: Analysis, path: str | os.PathLike[str]) -> None:
    """Write ``time_s`` (3 decimals) and every angle (degrees, 2 decimals; empty: not seen).

    Not seen are angles that the view does not show, too.
    Raises UsageError when the file cannot be written.
    """
    names = angle_names(analysis)
    # As precise as the history keeps them: what is made of a kept set is rounded alike.
    columns = [as_seen(analysis, name).astype(np.float32).tolist() for name in names]
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["time_s", *names])
        for time_s, *angles in zip(analysis.signals.time_s.tolist(), *columns, strict=True):
            writer.writerow([f"{time_s:.3f}", *map(_cell, angles)])


def _cell(angle: float) -> str:
    return f"{round(angle, 2) + 0.0:.2f}" if math.isfinite(angle) else ""
