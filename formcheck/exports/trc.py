"""TRC: marker positions for OpenSim and its relatives, metres."""

from __future__ import annotations

import math
from pathlib import Path

from formcheck.exports.evenly import even_times, evenly, rate_hz
from formcheck.exports.markers import NAMES, markers_of
from formcheck.exports.source import Source
from formcheck.report.files import write_text

_HEADER = (
    "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame"
    "\tOrigNumFrames"
)


def write(source: Source, path: Path) -> None:
    """Write the 33 landmarks as markers; not seen = nan."""
    track = source.analysis.track
    times = even_times(track.time_s)
    points = evenly(track.time_s, markers_of(source).reshape(len(track), -1))
    rate = f"{rate_hz(track.time_s):g}"
    count = len(times)
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        _HEADER,
        f"{rate}\t{rate}\t{count}\t{len(NAMES)}\tm\t{rate}\t1\t{count}",
        "Frame#\tTime\t" + "\t\t\t".join(NAMES) + "\t\t",
        "\t\t" + "\t".join(f"{axis}{k + 1}" for k in range(len(NAMES)) for axis in "XYZ"),
        "",
    ]
    for number, (time_s, row) in enumerate(zip(times, points, strict=True), start=1):
        # Empty cells are allowed, too, but readers that split at any space shift all that follows.
        cells = "\t".join("nan" if math.isnan(value) else f"{value:.5f}" for value in row)
        lines.append(f"{number}\t{time_s:.4f}\t{cells}")
    write_text(path, "\n".join(lines) + "\n")
