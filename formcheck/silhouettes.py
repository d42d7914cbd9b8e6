"""Single pictures to the outline of the person in them, on several cores."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from formcheck.machine import available_cores
from formcheck.models import DEFAULT_MODEL
from formcheck.pose import MOST_WORKERS, HoldsLandmarker, Landmarker, pose_of
from formcheck.types import Frame, FramePose, ImageArray

Mask = NDArray[np.float32]


class Silhouettes(HoldsLandmarker):
    """The outline of the person in single pictures, unaffected by the pictures before.

    Use as a context manager or call :meth:`close`. Raises ModelError when it cannot be started.
    """

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        self._landmarker = Landmarker(model, "IMAGE", masks=True)

    def segment(self, frame: Frame) -> tuple[FramePose, Mask] | None:
        """Return the pose in the frame's pixels and the mask (height, width) float32 0..1.

        The mask is the likelihood that a pixel belongs to the person. None: nobody is seen.
        """
        result = self._landmarker.run(frame.image, 0)
        height, width = frame.image.shape[:2]
        pose = pose_of(result, np.zeros(2), np.array([width, height]))
        if pose is None or not result.segmentation_masks:
            return None
        mask = np.array(result.segmentation_masks[0].numpy_view(), dtype=np.float32)
        return pose, mask.reshape(height, width)


@dataclass(frozen=True, slots=True)
class Outline:
    """A picture, the pose in its pixels and the mask of the person (see :class:`Silhouettes`)."""

    image: ImageArray
    pose: FramePose
    mask: Mask


def outlines(
    frames: Iterable[Frame], model: str = DEFAULT_MODEL, workers: int | None = None
) -> Iterator[Outline | None]:
    """Look at single pictures on several cores; one answer each, in their order.

    None: nobody is seen. A few pictures for each of the ``workers`` (None: one for each core) are
    in memory at a time. Raises ModelError when the model does not start.
    """
    count = min(workers or available_cores(), MOST_WORKERS)
    idle: queue.SimpleQueue[Silhouettes | None] = queue.SimpleQueue()

    def look(frame: Frame) -> Outline | None:
        silhouettes = idle.get()
        try:
            if silhouettes is None:  # the first of each thread: they start at the same time
                silhouettes = stack.enter_context(Silhouettes(model))
            person = silhouettes.segment(frame)
        finally:
            idle.put(silhouettes)
        return Outline(frame.image, *person) if person else None

    with ExitStack() as stack, ThreadPoolExecutor(count, thread_name_prefix="outline") as pool:
        for _ in range(count):
            idle.put(None)
        waiting: deque[Future[Outline | None]] = deque()
        for frame in frames:
            waiting.append(pool.submit(look, frame))
            if len(waiting) > 2 * count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
