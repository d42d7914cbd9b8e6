"""How far the camera looks down on the person, told by the lines across shoulders and hips.

They are level. From above, the nearer end of a level line is the lower one in the picture, by its
length times the sines of the camera's azimuth and pitch. What lies in the sagittal plane is sheared
by the same pitch: a body that lies and points away from the camera rises in the picture.
"""

from __future__ import annotations

import math

import numpy as np

from formcheck.plane import Plane, sagittal_plane, stretches
from formcheck.types import SAGITTAL_VIEWS, Capture, FloatArray, IntArray, PoseTrack, finite_median

WIDTHS = {"shoulder": 0.43, "hip": 0.276}
"""Left to right, in leg lengths (hip to knee to ankle): the model's own bodies."""
STEEPEST_DEG = 50.0
USUAL_PITCH_DEG = 7.0
PITCH_SHARE = 0.65
"""Of what is read beyond the usual; the rest is the usual. Read so, the pitch of rendered clips in
side and oblique views is 4 degrees off on average, nine of ten within 8 (docs/accuracy.md)."""


def camera_pitch_deg(track: PoseTrack, capture: Capture, frames: IntArray) -> float:
    """Pitch of the line from the camera to the person, degrees; positive looking down.

    ``frames``: the indices that are read. NaN in front and back views, in which the lines across
    the body have no depth, and where nobody is seen.
    """
    if capture.view not in SAGITTAL_VIEWS or not len(frames):
        return math.nan
    plane = sagittal_plane(track, capture)
    stretch = stretches(capture, len(track))
    lower = stretch * _left_over_right(plane)
    for part in capture.facings:
        if part.view not in SAGITTAL_VIEWS:
            lower[part.start : part.end + 1] = math.nan
    read = finite_median(lower[frames]) / sum(WIDTHS.values()) / plane.leg_length
    if math.isnan(read):
        return math.nan
    steepest = math.sin(math.radians(STEEPEST_DEG))
    read_deg = math.degrees(math.asin(min(max(read, -steepest), steepest)))
    return USUAL_PITCH_DEG + PITCH_SHARE * (read_deg - USUAL_PITCH_DEG)


def _left_over_right(plane: Plane) -> FloatArray:
    """(N,) how much higher the left ends of the lines are than the right ones, together."""
    ends = [plane.points["left", j][:, 1] - plane.points["right", j][:, 1] for j in WIDTHS]
    together: FloatArray = np.sum(ends, axis=0)
    return together
