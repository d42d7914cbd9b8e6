"""Pictures of a clip fetched for what landmarks do not show: plain, or with the person in them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from formcheck.closeup import Look, Seen
from formcheck.lookout import alone_in
from formcheck.machine import return_memory
from formcheck.people import Box
from formcheck.pose import outlines
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
        whole: deque[ImageArray] = deque()

        def covered() -> Iterator[Frame]:
            pictures = grab_frames(clip, times_s, max_side=SIDE_PX)
            for (_, frame), (left, top, right, bottom) in zip(pictures, boxes, strict=True):
                whole.append(frame.image)
                height, width = frame.image.shape[:2]
                box = (left * width, top * height, right * width, bottom * height)
                yield replace(frame, image=alone_in(frame.image, box))

        for person in outlines(covered(), model, workers):
            image = whole.popleft()
            yield Seen(image, person.pose, person.mask) if person else None

    return Look(plainly, closely, alone)
