"""What a clip is, its frames in order, and single frames of it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from formcheck.bars import picture_area
from formcheck.clipfile import checked, readable, sha256, state_of
from formcheck.clock import HOLE_S
from formcheck.errors import ClipError
from formcheck.scene import WHOLE, Box
from formcheck.types import ClipInfo, FloatArray, Frame
from formcheck.video.decoding import Picture, decoded
from formcheck.video.opening import opened
from formcheck.video.reel import Reel, chosen
from formcheck.video.timing import Timeline

_AREA_SIDE_PX, _AREA_LOOKS = 240, 8
_LEAST_FPS = 20.0  # of a film that plays; slower is what a phone takes in the dark
_VARIABLE = 0.1  # spread of the frame intervals, as a share of their mean


def probe(path: str | os.PathLike[str]) -> ClipInfo:
    """Read what a clip is: size as displayed, duration, rate, rotation, checksum.

    Only the first two frames are decoded (and a few more where black bars are around them); the
    rest is told from the packets. ``fps`` is the
    average over the clip, ``variable_frame_rate`` is judged by the real frame intervals,
    ``rotation_deg`` (0, 90, 180, 270) is how far the stored picture is turned clockwise for
    display; ``width`` and ``height`` are after that turn and with square pixels.

    Raises ClipError when the file is missing, no video, or has no two frames that decode.
    """
    file = checked(path)
    state, digest = state_of(file), sha256(file)
    second = _second_picture(file)
    first = second.shape
    timeline = Timeline.of(file)
    times = timeline.times_s
    width, height = first.size
    frames = len(times)
    span = float(times[-1] - times[0]) if frames > 1 else timeline.interval_s
    intervals = np.diff(times)
    mean = span / max(frames - 1, 1)
    # A coarse time base (GIF: 10 ms, WebM: 1 ms) makes even intervals look uneven by one tick.
    excess = np.maximum(np.abs(intervals - np.median(intervals)) - first.tick_s, 0.0)
    spread = float(np.sqrt(np.mean(excess**2))) / mean if frames > 2 and mean > 0 else 0.0
    return ClipInfo(
        name=readable(file.name),
        sha256=digest,
        duration_s=span + mean if frames > 1 else timeline.interval_s,
        fps=1.0 / mean if mean > 0 else 1.0 / timeline.interval_s,
        variable_frame_rate=spread > _VARIABLE,
        width=width,
        height=height,
        rotation_deg=(-90 * first.quarter_turns) % 360,
        frames=frames,
        slowed=_slowed(file, intervals),
        area=_area(file, second, span),
        whole=timeline.whole,
        state=state,
    )


def still(path: str | os.PathLike[str], info: ClipInfo) -> None:
    """Make sure that a clip is as it was probed, by size and time of the file or its checksum.

    Raises ClipError when it is not: what was read of it is partly that of another file.
    """
    if info.state is None:
        return
    file = checked(path)
    if state_of(file) != info.state and sha256(file) != info.sha256:
        raise ClipError(f"{file} has changed while it was read: analyse it again when it is whole")


def read_frames(
    path: str | os.PathLike[str],
    max_fps: float | None = 30.0,
    max_side: int | None = None,
    from_s: float = 0.0,
) -> Iterator[Frame]:
    """Stream the frames of a clip in order: RGB, upright, C-contiguous, first time 0.

    Above ``max_fps`` frames are left out by their timestamps, evenly: 60 becomes 30, 50 becomes
    25, 25 and up to 37 stay. ``max_side`` (pixels) scales down, never up. ``Frame.index`` counts
    the frames of the source, so it has gaps where frames were left out. Frames before
    ``from_s`` are passed over, otherwise the choice is the same. Broken packets are skipped.
    A :class:`Reel` gives what it has kept. Raises ClipError when nothing decodes.
    """
    if isinstance(path, Reel):
        yield from path.frames(max_fps, max_side, from_s)
        return
    for picture in chosen(checked(path), max_fps, from_s):
        yield _frame(picture, max_side)


def grab_frames(
    path: str | os.PathLike[str], times_s: Iterable[float], max_side: int | None = None
) -> Iterator[tuple[float, Frame]]:
    """Pick the frames nearest to some times (seconds) in one pass: ``(asked time, frame)``.

    In order of time. A time before the first or after the last frame gets the first or the last.
    Only the picture in hand is kept; decoding stops after the last time that is asked for, and is
    not begun when a :class:`Reel` has kept all of them.
    """
    wanted = sorted(set(times_s))
    reel = path if isinstance(path, Reel) else None
    places = {time_s: reel.place(time_s, max_side) for time_s in wanted} if reel else {}
    missing = [time_s for time_s in wanted if places.get(time_s) is None]
    decoding = _nearest(checked(path), missing)
    for time_s in wanted:
        place = places.get(time_s)
        if reel is not None and place is not None:
            yield time_s, reel.take(place)
        else:
            yield time_s, _frame(next(decoding), max_side)


def _nearest(file: Path, times_s: list[float]) -> Iterator[Picture]:
    """The picture nearest to each of some times, which ascend."""
    if not times_s:
        return
    timeline = Timeline.of(file)
    left = iter(times_s)
    time_s: float | None = next(left)
    before: Picture | None = None
    for now in decoded(file, timeline, frozenset(timeline.around(times_s))):
        while time_s is not None and time_s <= now.time_s:
            nearer = before is not None and time_s - before.time_s <= now.time_s - time_s
            yield before if nearer and before is not None else now
            time_s = next(left, None)
        if time_s is None:
            return
        before = now
    while time_s is not None and before is not None:
        yield before
        time_s = next(left, None)


def _frame(picture: Picture, max_side: int | None) -> Frame:
    small = picture.shape.scaled(picture.stored, max_side)
    image = picture.shape.upright(small)
    return Frame(picture.index, picture.time_s, image, picture.damaged)


def _second_picture(file: Path) -> Picture:
    """The second picture of a clip; a ClipError unless two decode."""
    for count, picture in enumerate(decoded(file)):
        if count == 1:
            return picture
    raise ClipError(f"{file} is a still picture; a form check needs a moving clip")


def _area(file: Path, second: Picture, span_s: float) -> Box:
    """Where between black bars the picture is; looked for only if they are there at the start."""
    if picture_area([_frame(second, _AREA_SIDE_PX).image]) == WHOLE:
        return WHOLE
    times_s = np.linspace(0.0, span_s, _AREA_LOOKS)
    return picture_area(f.image for _, f in grab_frames(file, times_s, _AREA_SIDE_PX))


def _slowed(file: Path, intervals_s: FloatArray) -> float:
    """How many times slower than life a clip plays, by what its phone notes; NaN: unknown.

    In the dark phones take fewer pictures than they note: fewer than any film plays with are no
    slow motion. Nor are times without a picture.
    """
    steady_s = intervals_s[intervals_s <= HOLE_S]
    if not len(steady_s) or steady_s.mean() > 1 / _LEAST_FPS:
        return math.nan
    return _camera_fps(file) * float(steady_s.mean())


def _camera_fps(file: Path) -> float:
    """Pictures a second that the camera took, as Android phones note it; NaN when none does."""
    with opened(file) as (container, _):
        try:
            return float(container.metadata.get("com.android.capture.fps", "nan"))
        except ValueError:
            return math.nan
