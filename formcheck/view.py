"""Where the camera stands, which side is near, and what that makes measurable."""

from __future__ import annotations

import numpy as np

from formcheck.types import (
    SIDES,
    Capture,
    FloatArray,
    Landmark,
    PoseTrack,
    Side,
    View,
    CaptureWarning,
    landmark,
)

SIDE_FROM_DEG = 65.0
FRONT_BELOW_DEG = 28.0
"""Between these azimuths a view is oblique: sagittal angles hold after rectification."""


def body_azimuth_deg(track: PoseTrack) -> FloatArray:
    """(N,) signed camera azimuth from the world shoulder and hip lines, degrees.

    0: the person faces the camera; +90: faces right in the picture (right side near);
    -90: faces left; ±180: the back is towards the camera.
    """
    line = np.zeros((len(track), 3))
    for joint in ("shoulder", "hip"):
        left = track.world_m[:, landmark("left", joint)]
        right = track.world_m[:, landmark("right", joint)]
        line += left - right
    angle: FloatArray = np.degrees(np.arctan2(line[:, 2], line[:, 0]))
    return angle


def circular_median_deg(angles_deg: FloatArray) -> tuple[float, float]:
    """Median direction and robust spread (1.4826 MAD) of angles in degrees; NaN if none."""
    angles = angles_deg[np.isfinite(angles_deg)]
    if not len(angles):
        return float("nan"), float("nan")
    mean = np.degrees(np.angle(np.mean(np.exp(1j * np.radians(angles)))))
    off = (angles - mean + 180) % 360 - 180
    centre = float(np.median(off))
    spread = 1.4826 * float(np.median(np.abs(off - centre)))
    return float((mean + centre + 180) % 360 - 180), spread


def _view_of(azimuth_deg: float) -> View:
    folded = min(azimuth_deg, 180 - azimuth_deg)
    if folded >= SIDE_FROM_DEG:
        return "side"
    if folded >= FRONT_BELOW_DEG:
        return "oblique"
    return "front" if azimuth_deg < 90 else "back"
