"""A contact sheet: six sharp frames spread over a clip."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from gym.clip import Set
from gym.spec import Clip

SHARES = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8)


def contact_sheet(clip: Clip, png: Path) -> None:
    """Write the sheet."""
    ready = Set.prepare(clip)
    renderer = ready.renderer()
    images = []
    for share in SHARES:
        time = float(ready.time_s[int(share * (len(ready.time_s) - 1))])
        images.append(ready.picture(renderer, ready.lift.shot(time + ready.offset_s), time))
    renderer.close()
    rows = [np.hstack(images[:3]), np.hstack(images[3:])]
    cv2.imwrite(str(png), np.vstack(rows)[..., ::-1])
