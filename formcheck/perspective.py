"""A picture's points -> the sagittal plane, free of perspective: what is nearer is drawn larger.

A picture tells on which ray from the lens a joint lies, and how far joints are to the left and
right of the body's middle differs little between people. The joint is where the ray meets the plane
at that distance from the sagittal one (back-projection to rays: Hartley & Zisserman 2004, Multiple
View Geometry, section 6.2). Without that, exact landmarks of rendered lifts give hips that are
straighter than they are by 2 degrees in lifts of both legs and by 5 in lunges at azimuths of 28 to
64 degrees; with it, by 0.2 and 0.6.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from formcheck.types import SIDES, BoolArray, FloatArray, landmark

FOCAL = 1.05
"""Focal length, in square roots of the picture's area. Phones' videos of 16 by 9 (26 to 28 mm,
reckoned for film 36 mm wide) have 0.96 to 1.04, more where they are stabilised, and webcams that
see 78 degrees corner to corner 0.95. It matters little: with 0.85 or 1.35 the angles of rendered
lifts change by 0.5 degrees at the most in the mean."""
ASIDE: Mapping[str, float] = {
    "ear": 0.09,
    "shoulder": 0.215,
    "elbow": 0.245,
    "wrist": 0.272,
    "hip": 0.11,
    "knee": 0.15,
    "ankle": 0.15,
    "heel": 0.15,
    "foot_index": 0.15,
}
"""How far joints are from the sagittal plane, in leg lengths (hip to knee to ankle). Hip joints are
0.72 of the distance of the iliac spines apart (Bell, Pedersen & Brand 1990, J Biomech 23:617-621),
some 18 cm for a leg of 84; shoulders as the models draw them (:mod:`formcheck.pitch`); feet a
little wider than the hips, as for a lunge. Squats and sumo deadlifts are wider: the mean of both
legs is free of that."""
NEAREST, FARTHEST = 0.64, 1.36
"""Distances of a joint, by that of the body's middle, beyond which its place is corrected no
further. Who fits upright into a usual lens's picture is 1.4 body lengths away at least, and reaches
nearer or farther than their middle by half a length at most."""
ROUNDS = 4
"""A place needs its depth, which needs its place. Each round brings both nearer by a factor of five
or more."""


@dataclass(frozen=True, slots=True)
class Sight:
    """How the camera sees a body in each of N frames.

    ``sine``, ``cosine`` (N,) of the azimuth, ``pitch_deg`` of the line to the body (NaN: as good as
    level), ``focal_px``, and whether the right side is the near one (N,).
    """

    sine: FloatArray
    cosine: FloatArray
    pitch_deg: float
    focal_px: float
    right_near: BoolArray


def in_plane(drawn: FloatArray, centre: FloatArray, leg: float, sight: Sight) -> FloatArray:
    """(N, L, 2) how far forward and up landmarks are, in pixels at the body's distance.

    ``drawn`` (N, L, 2) in an upright picture, x in the direction that the person faces and y up, in
    pixels; ``centre`` (N, 2) of the body, at which the line of sight points; ``leg``: its length in
    pixels, NaN where none is seen.
    """
    x, y = np.moveaxis(drawn - centre[:, None], 2, 0)
    sine, cosine = sight.sine[:, None], sight.cosine[:, None]
    pitch = 0.0 if math.isnan(sight.pitch_deg) else math.radians(sight.pitch_deg)
    nearer = (0.0 if math.isnan(leg) else leg) * _nearer(sight.right_near, drawn.shape[1])
    distance = np.ones_like(x)
    for _ in range(ROUNDS):
        forward = (x * distance + cosine * nearer) / sine
        away = -(cosine * forward + sine * nearer)
        up = (y * distance - math.sin(pitch) * away) / math.cos(pitch)
        depth = math.cos(pitch) * away - math.sin(pitch) * up
        distance = np.clip(1 + depth / sight.focal_px, NEAREST, FARTHEST)
    return np.stack([forward + centre[:, :1] / sine, up + centre[:, 1:]], axis=2)


def _nearer(right_near: BoolArray, landmarks: int) -> FloatArray:
    """(N, L) how far landmarks are from the sagittal plane to the near side, in leg lengths."""
    aside = np.zeros((len(right_near), landmarks))
    for joint, share in ASIDE.items():
        for side in SIDES:
            own_near = right_near == (side == "right")
            aside[:, landmark(side, joint)] = np.where(own_near, share, -share)
    return aside
