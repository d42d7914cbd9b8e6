"""Pictures of a clip fetched for what landmarks do not show: plain, or with the person in them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from formcheck.bars import Cut, cut_out
from formcheck.closeup import Look, Seen
from formcheck.machine import return_memory
from formcheck.scene import Box
from formcheck.silhouettes import Outline, outlines
from formcheck.types import Frame, ImageArray
from formcheck.video import SIDE_PX, grab_frames


def look_into(
    clip: str | os.PathLike[str],
    model: str,
    progress: Callable[[str, float], None] | None = None,
    workers: int | None = None,
) -> Look:
    """What fetches a clip's pictures at some times, for :func:`formcheck.pipeline.evaluate`.

    ``progress`` is called with the stage's name and its share done (0..1).
    """

    def plainly(times_s: Sequence[float]) -> Iterator[ImageArray]:
        for _, frame in grab_frames(clip, times_s, max_side=SIDE_PX):
            yield frame.image
        return_memory()  # hundreds of pictures, before the angles of a long clip need as much

    def closely(times_s: Sequence[float]) -> Iterator[Seen | None]:
        frames = (frame for _, frame in grab_frames(clip, times_s, max_side=SIDE_PX))
        for done, person in enumerate(outlines(frames, model, workers), start=1):
            yield Seen(person.image, person.pose, person.mask) if person else None
            if progress:
                progress("back line", done / len(times_s))

    def alone(times_s: Sequence[float], boxes: Sequence[Box]) -> Iterator[Seen | None]:
        whole: deque[tuple[ImageArray, Cut]] = deque()

        def parts() -> Iterator[Frame]:
            pictures = grab_frames(clip, times_s, max_side=SIDE_PX)
            for (_, frame), box in zip(pictures, boxes, strict=True):
                whole.append((frame.image, cut_out(frame.image, box)))
                yield replace(frame, image=whole[-1][1].image)

        for person in outlines(parts(), model, workers):
            image, cut = whole.popleft()
            yield _in_the_whole(image, cut, person) if person else None

    return Look(plainly, closely, alone)


def _in_the_whole(image: ImageArray, cut: Cut, person: Outline) -> Seen:
    """What was seen in a part of a picture, as a part of it."""
    mask = np.zeros(image.shape[:2], np.float32)
    (left, top), (height, width) = cut.origin_px.astype(int), person.mask.shape
    mask[top : top + height, left : left + width] = person.mask
    return Seen(image, replace(person.pose, xy_px=person.pose.xy_px + cut.origin_px), mask)
