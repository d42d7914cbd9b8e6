"""Raw landmarks of the sample clips as the pose model gave them, so that tests need no video.

Written by ``python tests/tracks.py``: pixels to a tenth, metres to a millimetre, model full.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
FILE = Path(__file__).parent / "data/sample_tracks.npz"
PX, M, SURE = 10.0, 1000.0, 255.0
UNSEEN = np.iinfo(np.int16).min

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from formcheck.types import PoseTrack  # noqa: E402


def names() -> list[str]:
    """The samples whose landmarks are kept."""
    with np.load(FILE) as data:
        return sorted({key.split("/")[0] for key in data.files})


def load(name: str) -> PoseTrack:
    """The raw track of one sample."""
    with np.load(FILE) as data:
        part = {key.split("/")[1]: data[key] for key in data.files if key.startswith(f"{name}/")}
    width, height = (int(n) for n in part["size"])
    return PoseTrack(
        part["time_s"],
        _number(part["xy"], PX),
        _number(part["world"], M),
        part["visibility"] / SURE,
        part["presence"] / SURE,
        width,
        height,
        part["shot"].astype(np.int64),
    )


def _number(whole: np.ndarray, scale: float) -> np.ndarray:
    return np.where(whole == UNSEEN, np.nan, whole / scale)


def _whole(values: np.ndarray, scale: float) -> np.ndarray:
    limited = np.clip(np.round(values * scale), -32000, 32000)
    return np.where(np.isnan(values), UNSEEN, limited).astype(np.int16)


def packed(track: PoseTrack) -> dict[str, np.ndarray]:
    """A track in small whole numbers."""
    return {
        "time_s": track.time_s,
        "xy": _whole(track.xy_px, PX),
        "world": _whole(track.world_m, M),
        "visibility": np.round(track.visibility * SURE).astype(np.uint8),
        "presence": np.round(track.presence * SURE).astype(np.uint8),
        "shot": track.shot.astype(np.int16),
        "size": np.array([track.width, track.height], np.int16),
    }


def main() -> None:
    """Estimate the poses of all samples anew and keep them."""
    from formcheck.pose import estimate_track
    from formcheck.video import probe

    out = {}
    for clip in sorted((ROOT / "sample_videos").glob("*.mp4")):
        track = estimate_track(clip, probe(clip))
        out.update({f"{clip.stem}/{key}": value for key, value in packed(track).items()})
    np.savez_compressed(FILE, **out)


if __name__ == "__main__":
    main()
