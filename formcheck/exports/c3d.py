"""C3D: marker positions and the events of the repetitions, millimetres, through ezc3d."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path

import numpy as np

from formcheck.exports.evenly import evenly, rate_hz
from formcheck.exports.markers import NAMES, markers_of
from formcheck.exports.source import Source
from formcheck.report.files import replacing

_MM = 1000.0
_MOST_FRAMES = 65_535
"""What the format counts up to."""
_MOST_ITEMS = 255
"""Entries of one parameter; by the format's custom more go on in one named with a 2, and so on."""
_BLOCK_BYTES, _POINT_BYTES = 512, 16
_EVENTS = (("Start", "start_s"), ("Turn", "turn_s"), ("End", "end_s"))


def write(source: Source, path: Path) -> None:
    """Write the landmarks as markers."""
    import ezc3d

    track = source.analysis.track
    points = evenly(track.time_s, markers_of(source).reshape(len(track), -1))
    # A set of more frames than the format counts is written with every second, third ... of them.
    every = -(-len(points) // _MOST_FRAMES)
    points = points[::every].reshape(-1, len(NAMES), 3) * _MM
    count = len(points)
    data = np.ones((4, len(NAMES), count))
    data[:3] = points.transpose(2, 1, 0)
    c3d = ezc3d.c3d()
    c3d["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    c3d["parameters"]["POINT"]["RATE"]["value"] = [rate_hz(track.time_s) / every]
    c3d["parameters"]["POINT"]["LABELS"]["value"] = list(NAMES)
    c3d["data"]["points"] = data
    residuals = np.where(np.isfinite(data[:3]).all(axis=0), 0.0, -1.0)
    c3d["data"]["meta_points"] = {
        "residuals": residuals[None],
        "camera_masks": np.zeros((7, len(NAMES), count), dtype=bool),
    }
    _add_events(c3d, source)
    with replacing(path) as part, tempfile.TemporaryDirectory(dir=path.parent) as folder:
        # ezc3d writes to names that end in .c3d only.
        whole = Path(folder) / "markers.c3d"
        c3d.write(str(whole))
        _must_hold(whole, count)
        whole.replace(part)


def _must_hold(file: Path, frames: int) -> None:
    """Raises OSError for a file without all frames: of a full disk ezc3d says nothing."""
    with file.open("rb") as stream:
        data_block = int.from_bytes(stream.read(18)[16:], "little")
    wanted = (data_block - 1) * _BLOCK_BYTES + frames * len(NAMES) * _POINT_BYTES
    if not data_block or file.stat().st_size < wanted:
        raise OSError(errno.ENOSPC, "not all of it was written")


def _add_events(c3d: object, source: Source) -> None:
    events = [
        (label, getattr(rep, at), rep.side.capitalize().replace("Both", "General"))
        for rep in source.report.reps
        for label, at in _EVENTS
    ]
    if not events:
        return
    add = c3d.add_parameter  # type: ignore[attr-defined]
    # Readers go by the first parameters alone and must not be sent past their ends. No list: ezc3d
    # writes the numbers of one as real ones, and who takes them for whole ones reads no event.
    add("EVENT", "USED", min(len(events), _MOST_ITEMS))
    for first in range(0, len(events), _MOST_ITEMS):
        part, number = events[first : first + _MOST_ITEMS], first // _MOST_ITEMS + 1
        suffix = "" if number == 1 else str(number)
        add("EVENT", f"LABELS{suffix}", [label for label, _, _ in part])
        add("EVENT", f"CONTEXTS{suffix}", [context for _, _, context in part])
        # By the format's custom a time is split into minutes and seconds.
        add("EVENT", f"TIMES{suffix}", np.array([[t // 60, t % 60] for _, t, _ in part]).T)
