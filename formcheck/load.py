"""Is the weight still in the hands? Standing up after the last deadlift is no repetition.

Landmarks cannot tell, pictures can: what is around the hands at the top looks alike in all lifts
of a set, plate, kettlebell or nothing, and different once the weight stays on the floor. Asked
where a camera that moves hides what became of the place where it lay
(:mod:`formcheck.surroundings`).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from formcheck.types import FloatArray, FramePose, ImageArray, Landmark

PATCH_PX = 60
SLACK_PX = 14
"""How far, of PATCH_PX, wrists may be found from where they were found in another lift: a third of
a trunk."""
PATCH_TORSOS = 1.375
"""Side of the square around the hands, in trunk lengths; its middle, 0.73, holds a 45 cm plate."""
ALIKE = 0.6
"""Correlation from which the other lifts of a set are taken to show the same thing."""
LIKE_ONE = 0.83
"""Correlation with the likeliest other lift from which a last lift is one of them, whatever the
others read: lifts of one set have one at 0.85 or more, real ones at 0.91. Of rendered stand-ups
without the weight 3 of 19 have, too; real ones read 0.36 to 0.52."""
ODDER = 1.3
"""Below that it is odd when it is unlike all others by this much more than they are usually unlike
each other (1 less the correlation)."""


def hands_patch(image: ImageArray, pose: FramePose) -> FloatArray | None:
    """The picture around the middle of the wrists, (PATCH_PX, PATCH_PX, 3), scaled by the body.

    None when trunk or hands are outside the picture.
    """
    xy = pose.xy_px
    hands = (xy[Landmark.LEFT_WRIST] + xy[Landmark.RIGHT_WRIST]) / 2
    shoulder = (xy[Landmark.LEFT_SHOULDER] + xy[Landmark.RIGHT_SHOULDER]) / 2
    hip = (xy[Landmark.LEFT_HIP] + xy[Landmark.RIGHT_HIP]) / 2
    half = PATCH_TORSOS * float(np.linalg.norm(shoulder - hip)) / 2
    height, width = image.shape[:2]
    if not (half > 4 and 0 <= hands[0] < width and 0 <= hands[1] < height):
        return None
    scale = PATCH_PX / (2 * half)
    blur_px = max(0.5 / scale, 0.1)
    reach = half + 3 * blur_px + 2  # what the blurred patch is made of
    left, top = (max(int(at - reach), 0) for at in hands)
    around = image[top : int(hands[1] + reach) + 1, left : int(hands[0] + reach) + 1]
    x, y = hands - (left, top)
    to_patch = np.array(
        [[scale, 0, PATCH_PX / 2 - scale * x], [0, scale, PATCH_PX / 2 - scale * y]]
    )
    patch = cv2.warpAffine(
        cv2.GaussianBlur(around, (0, 0), blur_px),
        to_patch,
        (PATCH_PX, PATCH_PX),
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.cvtColor(patch, cv2.COLOR_RGB2LAB), dtype=np.float64)


def _likeness(one: FloatArray, other: FloatArray) -> float:
    """Best correlation, -1..1, of the middle of each patch with any place in the other.

    The search makes up for wrists that are found a little off.
    """
    middle = slice(SLACK_PX, PATCH_PX - SLACK_PX)
    matches = [
        cv2.matchTemplate(
            whole.astype(np.float32),
            np.ascontiguousarray(part[middle, middle], dtype=np.float32),
            cv2.TM_CCOEFF_NORMED,
        ).max()
        for whole, part in ((one, other), (other, one))
    ]
    return float(np.mean(matches))


def empty_handed(patches: Sequence[FloatArray | None]) -> list[bool]:
    """For each lift of a set whether its hands hold something else than in the other lifts.

    Only the last can be: before it the weight has to come back into the hands.
    """
    odd = [False] * len(patches)
    others = [patch for patch in patches[:-1] if patch is not None]
    if not others or patches[-1] is None:
        return odd
    last = patches[-1]
    among = [_likeness(a, b) for k, a in enumerate(others) for b in others[:k]]
    usual = float(np.median(among)) if among else ALIKE
    own = max(_likeness(last, other) for other in others)
    odd[-1] = usual >= ALIKE and own < LIKE_ONE and 1 - own > ODDER * (1 - usual)
    return odd
