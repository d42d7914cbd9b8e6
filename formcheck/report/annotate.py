"""annotated.mp4: the clip again with skeleton, angle, counter and verdicts.

Decoding, drawing and encoding run in three threads with short queues between them, so that the
slowest of them sets the pace.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import TypeVar

from formcheck.machine import return_memory
from formcheck.report.info import RuleInfo
from formcheck.report.moments import Moments, scaled
from formcheck.report.overlay import draw_onto
from formcheck.report.privacy import Heads, hide
from formcheck.types import Analysis, Frame
from formcheck.video import SIDE_PX, VideoWriter, encodable, read_frames

Progress = Callable[[str, float], None]
STAGE = "video"
MAX_FPS = 30.0
_DEPTH = 8  # pictures that wait between two threads
_TIDY_EVERY = 300  # pictures, before freed memory is given back
_POLL_S = 0.2  # for a thread to see that nobody takes its pictures any more
_Item = TypeVar("_Item")


def write_annotated(
    clip_path: str | os.PathLike[str],
    analysis: Analysis,
    out_path: str | os.PathLike[str],
    progress: Progress | None = None,
    rule_info: Mapping[str, RuleInfo] | None = None,
    blur_face: bool = False,
) -> None:
    """Write the annotated clip: H.264, at the clip's own times, up to 30 fps and 960 pixels.

    ``progress`` is called with the stage's name and the share done (0..1). ``blur_face`` hides the
    lifter's head.
    Raises ClipError when the clip cannot be read, UsageError when the output cannot be written;
    nothing half-written remains.
    """
    source = read_frames(clip_path, max_fps=MAX_FPS, max_side=SIDE_PX)
    fps = min(analysis.clip.fps, MAX_FPS)
    moments = Moments(analysis, rule_info or {})
    heads = Heads(analysis.track) if blur_face else None
    with (
        closing(ahead(source)) as frames,
        closing(ahead(map(encodable, _drawn(frames, moments, analysis, heads)))) as done,
    ):
        first = next(done)
        with VideoWriter(out_path, first.picture.width, first.picture.height, fps) as writer:
            writer.write(first)
            for count, frame in enumerate(done):
                writer.write(frame)
                if progress and count % 10 == 0:
                    progress(STAGE, min(frame.time_s / max(analysis.clip.duration_s, 1e-3), 1.0))
                if count % _TIDY_EVERY == 0:
                    return_memory()  # frames that one thread makes and another frees leave holes
    if progress:
        progress(STAGE, 1.0)


def _drawn(
    frames: Iterable[Frame], moments: Moments, analysis: Analysis, heads: Heads | None
) -> Iterator[Frame]:
    """The frames with everything drawn on them; they are nobody else's."""
    for frame in frames:
        scale = frame.image.shape[1] / analysis.track.width
        pose = moments.pose(frame.time_s)
        if pose is not None:
            pose = scaled(pose, scale)
        image = hide(frame.image, heads.at(frame.time_s), scale) if heads else frame.image
        draw_onto(image, pose, moments.state(frame.time_s))
        yield replace(frame, image=image)


class _Failure:
    """An exception on its way to the thread that asked for the items."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


_END = object()


def ahead(items: Iterable[_Item], depth: int = _DEPTH) -> Generator[_Item, None, None]:
    """Run an iterable in a thread of its own, at most ``depth`` items ahead of the consumer.

    Its exceptions are raised here. Closing this generator ends the thread and waits for it.
    """
    waiting: queue.Queue[object] = queue.Queue(depth)
    stop = threading.Event()

    def put(item: object) -> bool:
        while not stop.is_set():
            try:
                waiting.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(_END)
        except BaseException as error:  # handed on to the consumer
            put(_Failure(error))

    thread = threading.Thread(target=work, name="formcheck-ahead", daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not _END:
            if isinstance(item, _Failure):
                raise item.error
            yield item  # type: ignore[misc]
    finally:
        stop.set()
        thread.join()
