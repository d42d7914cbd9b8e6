"""Landmarks and angles as one compressed block of bytes (NumPy's npz), and back.

Positions are kept as 32-bit floats: the pose model gives no more. Times keep all their digits.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import numpy as np

from formcheck.errors import HistoryError
from formcheck.types import PoseTrack, Signals

_SMALL = ("xy_px", "world_m", "visibility", "presence")
_WHOLE = ("time_s", "shot")
_SIGNAL = "signal/"


@dataclass(frozen=True, slots=True)
class Recording:
    """What was seen, without the pictures.

    ``raw`` (N frames) holds the landmarks as they were found, not cleaned: a set can be scored
    anew from them. ``signals`` holds the angles of the same frames, back line included, which
    only the pictures show.
    """

    raw: PoseTrack
    signals: Signals


def to_bytes(recording: Recording) -> bytes:
    """Pack a recording."""
    raw, signals = recording.raw, recording.signals
    arrays = {name: getattr(raw, name) for name in _WHOLE}
    arrays |= {name: getattr(raw, name).astype(np.float32) for name in _SMALL}
    arrays |= {_SIGNAL + name: v.astype(np.float32) for name, v in signals.values.items()}
    packed = io.BytesIO()
    np.savez_compressed(packed, size=np.array([raw.width, raw.height]), **arrays)
    return packed.getvalue()


def from_bytes(packed: bytes) -> Recording:
    """Unpack what :func:`to_bytes` made; raises HistoryError for anything else."""
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as kept:
            width, height = (int(side) for side in kept["size"])
            whole = {name: kept[name] for name in _WHOLE}
            small = {name: kept[name].astype(np.float64) for name in _SMALL}
            values = {
                name.removeprefix(_SIGNAL): kept[name].astype(np.float64)
                for name in kept.files
                if name.startswith(_SIGNAL)
            }
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise HistoryError(f"the kept landmarks are damaged: {error}") from error
    raw = PoseTrack(width=width, height=height, **whole, **small)
    _same_length(raw, values)
    return Recording(raw, Signals(raw.time_s, values))


def _same_length(raw: PoseTrack, values: dict[str, np.ndarray]) -> None:
    arrays = [getattr(raw, name) for name in (*_WHOLE, *_SMALL)] + list(values.values())
    if len({len(array) for array in arrays}) != 1:
        raise HistoryError("the kept landmarks are damaged: their lengths differ")
