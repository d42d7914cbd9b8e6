"""Landmarks as markers in the laboratory's axes, metres.

Axes as OpenSim has them, with the camera for a laboratory: x to the right of the picture, y up,
z towards the camera. The pose model gives positions about the middle of the hips only; where the
hips are in the room comes from the picture, in metres by the length of the body in both. The
floor (y = 0) is the lowest the feet were seen or, where they never were, anything was. Depth is
the pose model's guess from one camera, and so is how tall somebody is, unless it was told.
"""

from __future__ import annotations

import numpy as np

from formcheck.exports.source import Source
from formcheck.judging import LEG_SHARE
from formcheck.types import (
    SAGITTAL_VIEWS,
    Facing,
    FloatArray,
    Landmark,
    PoseTrack,
    finite_median,
)

NAMES = tuple(mark.name.lower() for mark in Landmark)
"""The marker names: MediaPipe's own, lower case."""
_LENGTHS = (
    (Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP),
    (Landmark.RIGHT_SHOULDER, Landmark.RIGHT_HIP),
    (Landmark.LEFT_HIP, Landmark.LEFT_KNEE),
    (Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE),
    (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE),
    (Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE),
)
_FEET = [mark for mark in Landmark if mark.name.endswith(("HEEL", "FOOT_INDEX"))]
_FLOOR_PERCENTILE = 2.0
"""Of the heights of the feet: a single one that is drawn too low is not the floor."""


def markers_of(source: Source) -> FloatArray:
    """(N, L, 3) metres of a set's markers, of the lifter's height where that was told."""
    return markers_m(source.analysis.track) * _stretch(source)


def markers_m(track: PoseTrack) -> FloatArray:
    """(N, L, 3) metres, as large as the pose model draws; NaN where a landmark was not seen."""
    scale = metres_per_pixel(track)
    hips = track.middle("hip") * scale
    placed = track.world_m.copy()
    placed[:, :, :2] += hips[:, None, :]
    turned = placed * np.array([1.0, -1.0, -1.0])
    # Where the hips were not seen a marker has no place, though its depth is known.
    known = np.isfinite(track.xy_px).all(axis=2) & np.isfinite(turned).all(axis=2)
    turned[~known] = np.nan
    seen = turned[np.isfinite(turned[:, :, 0])]
    if len(seen):
        turned[:, :, 0] -= finite_median(seen[:, 0])
        feet = turned[:, _FEET, 1]
        standing = feet[np.isfinite(feet)]
        lowest = standing if len(standing) else seen[:, 1]
        turned[:, :, 1] -= np.percentile(lowest, _FLOOR_PERCENTILE)
    return np.asarray(turned)


def _stretch(source: Source) -> float:
    """How many times larger the lifter is than drawn, by the legs that hip_travel goes by.

    The model draws nearly everybody with legs of 0.75 m. 1 without a height, or legs.
    """
    analysis = source.analysis
    length = analysis.signals.values.get("leg_length")
    if source.height_cm is None or length is None:
        return 1.0
    sagittal = np.zeros(len(length), bool)
    for part in analysis.capture.facings or (analysis.capture,):
        rows = slice(part.start, part.end + 1) if isinstance(part, Facing) else slice(None)
        sagittal[rows] = part.view in SAGITTAL_VIEWS
    # In pixels where the sagittal plane shows, else in the model's metres.
    drawn_m = finite_median(length)
    if sagittal.any():
        drawn_m = finite_median(length[sagittal]) * metres_per_pixel(analysis.track)
    return LEG_SHARE * source.height_cm / 100 / drawn_m if drawn_m > 0 else 1.0


def metres_per_pixel(track: PoseTrack) -> float:
    """How long a pixel is where the person stands; NaN when nobody was seen.

    Of each frame what is seen in it: a foot that is cut all through a clip must not take all else.
    """
    metres = np.array([_length(track.world_m[:, :, :2], pair) for pair in _LENGTHS])
    pixels = np.array([_length(track.xy_px, pair) for pair in _LENGTHS])
    seen = np.isfinite(metres) & np.isfinite(pixels)
    summed_m, summed_px = (np.where(seen, part, 0.0).sum(axis=0) for part in (metres, pixels))
    found = summed_px > 0
    return finite_median(summed_m[found] / summed_px[found])


def _length(points: FloatArray, pair: tuple[Landmark, Landmark]) -> FloatArray:
    difference = points[:, pair[0]] - points[:, pair[1]]
    return np.asarray(np.hypot(difference[:, 0], difference[:, 1]))
