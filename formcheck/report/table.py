"""frames.csv: a row a frame, a column an angle."""

from __future__ import annotations

import csv
import math
import os

import numpy as np

from formcheck.report.files import replacing
from formcheck.types import Analysis, FloatArray, Signals

ANGLE_SUFFIX = "_deg"


def angle_names(analysis: Analysis) -> list[str]:
    """The columns after ``time_s``: signals that are angles, in the order of the signals.

    The mean of both legs is what verdicts are read from; its angles are in report.json.
    """
    names = analysis.signals.values
    return [n for n in names if n.endswith(ANGLE_SUFFIX) and not n.endswith(f"_both{ANGLE_SUFFIX}")]


def as_seen(signals: Signals, name: str) -> FloatArray:
    """(N,) a signal, NaN where its error has no bound: in a view that does not show the angle.

    What the pose model guesses of it there tells a rhythm, and is 20 degrees and more off.
    """
    values = signals[name]
    error = signals.error.get(name)
    return values if error is None else np.where(np.isinf(error), np.nan, values)


def write_frames_csv(analysis: Analysis, path: str | os.PathLike[str]) -> None:
    """Write ``time_s`` (3 decimals) and every angle (degrees, 2 decimals; empty: not seen).

    Not seen are angles that the view does not show, too.
    Raises UsageError when the file cannot be written.
    """
    names = angle_names(analysis)
    columns = [as_seen(analysis.signals, name).tolist() for name in names]
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["time_s", *names])
        for time_s, *angles in zip(analysis.signals.time_s.tolist(), *columns, strict=True):
            writer.writerow([f"{time_s:.3f}", *map(_cell, angles)])


def _cell(angle: float) -> str:
    return f"{round(angle, 2) + 0.0:.2f}" if math.isfinite(angle) else ""
