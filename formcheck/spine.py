"""The back line from the silhouette: what landmarks, which have no mid-spine, cannot show.

In a side view the outline of the person between hip and neck is the back. Its distance from the
hip-shoulder line, as a function of the place along that line, is fitted by a parabola; the turn of
the parabola's tangent from end to end is the curvature of the back in degrees. Less the same
person's curvature standing upright it is the spine flexion: 0 as in standing, positive rounded.

A standing back is hollow and a hinged one flattens, so neutral lifters read up to about 40 degrees
here and visibly rounded ones about 60. Rendered people, whose skin follows the spine less, read
about 0.6 of the rotation of thorax against pelvis.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.types import FloatArray, FramePose, Landmark, Side

FROM, TO = 0.0, 1.05
"""The part of the hip-shoulder line that is looked at, in lengths of that line."""
SAMPLES = 43
REACH = 0.9
"""How far from the line the outline is looked for, in lengths of that line."""
MAX_RESIDUAL = 0.03
"""Root mean square distance from the parabola, in trunk lengths, above which it is no back line:
a torn mask, an arm or a plate behind the trunk."""
MIN_FOUND = 0.8
"""Share of the SAMPLES at which an outline has to be found."""


def back_curvature_deg(mask: NDArray[np.float32], pose: FramePose, near_side: Side) -> float:
    """Curvature of the back line, degrees; positive bulging out, negative hollow. NaN: unusable.

    ``mask`` (height, width) in 0..1 and ``pose`` in pixels of the same picture, seen from the
    person's ``near_side``.
    """
    hip = _middle(pose, Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
    shoulder = _middle(pose, Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)
    length = float(np.linalg.norm(shoulder - hip))
    if not length > 10:
        return math.nan
    along, offset = back_line(mask, hip, shoulder, near_side)
    found = np.isfinite(offset)
    if found.mean() < MIN_FOUND:
        return math.nan
    fit = np.polynomial.Polynomial.fit(along[found], offset[found], 2).convert()
    residual = float(np.sqrt(np.mean((fit(along[found]) - offset[found]) ** 2)))
    if residual > MAX_RESIDUAL:
        return math.nan
    slope = fit.deriv()
    return float(np.degrees(slope(FROM) - slope(TO)))


def back_line(
    mask: NDArray[np.float32], hip: FloatArray, shoulder: FloatArray, near_side: Side
) -> tuple[FloatArray, FloatArray]:
    """The outline behind the trunk: place along the line and distance from it, in its lengths.

    Distance NaN where the line itself lies outside the person or the outline was not reached.
    """
    trunk = shoulder - hip
    length = float(np.linalg.norm(trunk))
    unit = trunk / length
    backwards = np.array([unit[1], -unit[0]]) * (1 if near_side == "right" else -1)
    along = np.linspace(FROM, TO, SAMPLES)
    steps = np.arange(0.0, REACH, 0.005)
    starts = hip + along[:, None] * trunk
    rays = starts[:, None, :] + steps[None, :, None] * length * backwards
    inside = (
        cv2.remap(
            mask,
            rays[..., 0].astype(np.float32),
            rays[..., 1].astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
        )
        > 0.5
    )
    left = np.argmin(inside, axis=1)
    known = inside[:, 0] & ~inside.all(axis=1)
    return along, np.where(known, steps[left], np.nan)


def _middle(pose: FramePose, left: Landmark, right: Landmark) -> FloatArray:
    middle: FloatArray = (pose.xy_px[left] + pose.xy_px[right]) / 2
    return middle
