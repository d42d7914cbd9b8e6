"""Landmarks and angles as one compressed block of bytes (NumPy's npz), and back.

Positions are kept to a fraction of what the pose model resolves: 1/64 pixel, an eighth of a
millimetre, a thousandth of a visibility. Rounding to powers of two makes the block 40 % smaller.
Times keep all their digits.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import asdict, dataclass

import numpy as np

from formcheck.errors import HistoryError
from formcheck.scene import Scene
from formcheck.types import BoolArray, Landmark, PoseTrack, Signals

_STEPS = {"xy_px": 64, "world_m": 8192, "visibility": 1024, "presence": 1024}
"""How many steps a unit is kept in; powers of two, which leave most bits of a float empty."""
_WHOLE = ("time_s", "shot")
MAX_BYTES = 1 << 30
"""What landmarks may fill unpacked: hours of them fit, a block made to fill the memory does not."""
BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,  # encrypted; with NotImplementedError, an unknown way to pack
    ValueError,
    KeyError,
    EOFError,
    OSError,
)
"""What reading a zip of unknown origin may raise."""
_SIGNAL, _HIDDEN = "signal/", "hidden"


@dataclass(frozen=True, slots=True)
class Recording:
    """What was seen, without the pictures.

    ``raw`` (N frames) holds the landmarks as they were found, not cleaned: a set can be scored
    anew from them. ``signals`` holds the angles of the same frames, back line included, which
    only the pictures show. ``hidden`` (N, L): what plates were seen to hide; None: not looked for.
    """

    raw: PoseTrack
    signals: Signals
    hidden: BoolArray | None = None


def to_bytes(recording: Recording) -> bytes:
    """Pack a recording."""
    raw, signals = recording.raw, recording.signals
    arrays = {name: getattr(raw, name) for name in _WHOLE}
    arrays |= {
        name: (np.round(getattr(raw, name) * steps) / steps).astype(np.float32)
        for name, steps in _STEPS.items()
    }
    arrays |= {_SIGNAL + name: v.astype(np.float32) for name, v in signals.values.items()}
    if recording.hidden is not None:
        arrays[_HIDDEN] = recording.hidden
    packed = io.BytesIO()
    scene = np.array(scene_text(raw.scene))
    np.savez_compressed(packed, size=np.array([raw.width, raw.height]), scene=scene, **arrays)
    return packed.getvalue()


def from_bytes(packed: bytes) -> Recording:
    """Unpack what :func:`to_bytes` made; raises HistoryError for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_BYTES:
            raise ValueError(f"{size >> 20} MB are too many")
        with np.load(io.BytesIO(packed), allow_pickle=False) as kept:
            width, height = (int(side) for side in kept["size"])
            scene = scene_of(str(kept["scene"]))
            whole = {name: kept[name] for name in _WHOLE}
            whole["time_s"] = whole["time_s"].astype(np.float64)
            small = {name: kept[name].astype(np.float64) for name in _STEPS}
            values = {
                name.removeprefix(_SIGNAL): kept[name].astype(np.float64)
                for name in kept.files
                if name.startswith(_SIGNAL)
            }
            # Sets of earlier versions are kept without.
            hidden = kept[_HIDDEN].astype(bool) if _HIDDEN in kept.files else None
    except (*BROKEN_ZIP, TypeError) as error:
        reason = " ".join(str(error).split())
        raise HistoryError(f"the kept landmarks are damaged: {reason}") from error
    raw = PoseTrack(width=width, height=height, scene=scene, **whole, **small)
    _must_fit(raw, values)
    if hidden is not None and hidden.shape != raw.visibility.shape:
        raise HistoryError("the kept landmarks are damaged: they do not fit together")
    return Recording(raw, Signals(raw.time_s, values), hidden)


def scene_text(scene: Scene) -> str:
    """A scene as JSON."""
    return json.dumps(asdict(scene))


def scene_of(text: str) -> Scene:
    """The scene that :func:`scene_text` has written; raises ValueError for anything else."""
    from pydantic import TypeAdapter

    return TypeAdapter(Scene).validate_python(json.loads(text))


def _must_fit(raw: PoseTrack, values: dict[str, np.ndarray]) -> None:
    """Make sure that all arrays are of the same frames, with the shapes of their types."""
    marks = (raw.time_s.size, len(Landmark))
    wanted = {"xy_px": (*marks, 2), "world_m": (*marks, 3), "visibility": marks, "presence": marks}
    found = [(getattr(raw, name).shape, shape) for name, shape in wanted.items()]
    found += [(array.shape, marks[:1]) for array in (raw.time_s, raw.shot, *values.values())]
    in_order = bool((np.diff(raw.time_s.ravel()) >= 0).all())
    sized = min(raw.width, raw.height) > 0
    if not (raw.time_s.size and in_order and sized) or any(shape != fits for shape, fits in found):
        raise HistoryError("the kept landmarks are damaged: they do not fit together")
