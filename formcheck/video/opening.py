"""Opening clips: local files that are videos, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer

from formcheck.errors import ClipError

_NOT_CLIPS = frozenset({"tty", "concat", "hls", "dash", "ffmetadata", "webvtt", "srt"})


@contextmanager
def opened(file: Path) -> Iterator[tuple[InputContainer, av.VideoStream]]:
    """Open the container and its best video stream, with frame threading; local files only.

    Raises ClipError when it is no video.
    """
    try:
        container = av.open(
            f"file:{file}", options={"protocol_whitelist": "file"}, metadata_errors="replace"
        )
    except (av.FFmpegError, ValueError, OSError) as error:
        raise ClipError(f"{file} is not a video that can be read (damaged or cut off?)") from error
    with container:
        if _NOT_CLIPS.intersection(container.format.name.split(",")):
            raise ClipError(f"{file} is not a video")
        stream = container.streams.best("video")
        if not isinstance(stream, av.VideoStream):
            kind = "only sound" if container.streams.audio else "no pictures"
            raise ClipError(f"{file} holds {kind}, not a video")
        stream.thread_type = "AUTO"
        yield container, stream
