"""MOT: angles over time for OpenSim, degrees.

Where an angle is what OpenSim's full-body models (Rajagopal 2016) call a coordinate, it has that
name; their signs are ours. ``hip_flexion`` is thigh against trunk here, not against the pelvis.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from formcheck.exports.evenly import even_times, evenly
from formcheck.exports.source import Source
from formcheck.report.files import write_text
from formcheck.report.table import ANGLE_SUFFIX, angle_names, as_seen

_COORDINATES = {
    "knee_flexion": "knee_angle",
    "ankle_dorsiflexion": "ankle_angle",
    "elbow_flexion": "elbow_flex",
}
_SIDES = {"left": "l", "right": "r"}


def column(name: str) -> str:
    """The column of a signal: ``knee_flexion_left_deg`` is ``knee_angle_l``."""
    angle = name.removesuffix(ANGLE_SUFFIX)
    stem, _, side = angle.rpartition("_")
    if side not in _SIDES:
        return angle
    return f"{_COORDINATES.get(stem, stem)}_{_SIDES[side]}"


def write(source: Source, path: Path) -> None:
    """Write every angle that was seen at all; not seen = nan."""
    signals = source.analysis.signals
    seen = {name: as_seen(source.analysis, name) for name in angle_names(source.analysis)}
    names = [name for name, values in seen.items() if np.isfinite(values).any()]
    times = even_times(signals.time_s)
    columns = np.array([seen[name] for name in names]).T
    # The shape is said for a clip in which no angle was seen: time alone is left.
    angles = evenly(signals.time_s, columns.reshape(len(signals.time_s), len(names)))
    lines = [
        path.stem,
        "inDegrees=yes",
        f"nColumns={len(names) + 1}",
        f"nRows={len(times)}",
        # Up to version 1 OpenSim's reader stops at the first nan.
        "DataType=double",
        "version=3",
        "endheader",
        "\t".join(["time", *map(column, names)]),
    ]
    for time_s, row in zip(times, angles, strict=True):
        cells = ("nan" if math.isnan(value) else f"{value:.4f}" for value in row)
        lines.append("\t".join([f"{time_s:.4f}", *cells]))
    write_text(path, "\n".join(lines) + "\n")
