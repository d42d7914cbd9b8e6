"""A look around now and then while one person is followed: who else is there, how is the picture.

Runs beside the estimators that follow the person, on the frames that they get anyway.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from formcheck.clothes import clothes
from formcheck.following import Following, Plan, PoseEstimator
from formcheck.people import Cast, Look
from formcheck.pictures import PictureLook, look_at
from formcheck.scene import Box
from formcheck.subject import MARGIN, region
from formcheck.types import FloatArray, Frame, FramePose, ImageArray, PoseTrack

EVERY_S = 1.2
"""A look costs about as much as a frame: at 30 frames a second this is 2 to 3 % more."""
LEAST_LOOKS = 5
EDGE_LOOKS = 3
"""Looks at which the upright edges are sought: the camera mostly stands still."""
SHORTEST_S = 0.4
COVER = 1.12
"""How much the hull of the landmarks is stretched to cover the whole person."""

_FEW_FRAMES = 64  # in memory while a part is followed anew

Finder = Callable[[Frame], Sequence[FramePose]]
"""Finds everybody in one picture, in pixels of the clip."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: who was found in the picture, and what the picture itself is like."""

    time_s: float
    poses: tuple[FramePose, ...]
    clothes: tuple[FloatArray, ...]
    picture: PictureLook


class Lookout:
    """Collects the looks of all estimators of a clip; may be used from several threads.

    ``find`` finds people in a picture, ``size`` (width, height) is the clip's in pixels.
    """

    def __init__(self, find: Finder, size: tuple[int, int], duration_s: float) -> None:
        self._find = find
        self._width = size[0]
        self.every_s = min(max(duration_s / LEAST_LOOKS, SHORTEST_S), EVERY_S)
        self._edges_every = max(round(duration_s / self.every_s / EDGE_LOOKS), 1)
        self._lock = threading.Lock()
        self._seen: dict[int, Seen] = {}

    def beside(self, estimator: PoseEstimator) -> PoseEstimator:
        """The estimator, with a look around when it is time for one."""
        return _Beside(estimator, self)

    def period(self, time_s: float) -> int:
        """Which look a time belongs to; half a period late, as the first frames tell least."""
        return int(time_s / self.every_s + 0.5)

    def look(self, frame: Frame, followed: FramePose | None) -> None:
        """Look for others than the one who is followed; a frame that was looked at is not again."""
        edges = self.period(frame.time_s) % self._edges_every == 0
        with self._lock:
            if frame.index in self._seen:
                return
            scale = frame.image.shape[1] / self._width
            image = frame.image
            if followed is not None:
                image = covered(image, followed.xy_px * scale)
            others = self._find(Frame(frame.index, frame.time_s, image))
            poses = (() if followed is None else (followed,)) + tuple(others)
            xy_px = None if followed is None else followed.xy_px * scale
            picture = look_at(frame.image, xy_px, edges=edges)
            worn = tuple(clothes(frame.image, p.xy_px * scale, p.world_m) for p in poses)
            self._seen[frame.index] = Seen(frame.time_s, poses, worn, picture)

    def looks(self, time_s: FloatArray) -> list[Look]:
        """What was seen, in order; ``time_s`` (N,) are the times of the frames of the track."""
        seen = [self._seen[index] for index in sorted(self._seen)]
        places = [int(np.argmin(np.abs(time_s - s.time_s))) for s in seen]
        return [Look(s.time_s, k, s.poses, s.clothes) for k, s in zip(places, seen, strict=True)]

    @property
    def pictures(self) -> list[PictureLook]:
        """What the pictures looked like, in order."""
        return [self._seen[index].picture for index in sorted(self._seen)]


class _Beside:
    """Passes frames on to an estimator and looks around at every change of the period."""

    def __init__(self, estimator: PoseEstimator, lookout: Lookout) -> None:
        self._estimator, self._lookout = estimator, lookout
        self._period: int | None = None

    def detect(self, frame: Frame) -> FramePose | None:
        pose = self._estimator.detect(frame)
        period = self._lookout.period(frame.time_s)
        if self._period is not None and period != self._period:
            self._lookout.look(frame, pose)
        self._period = period
        return pose

    def close(self) -> None:
        self._estimator.close()


def covered(image: ImageArray, xy_px: FloatArray) -> ImageArray:
    """A copy of the picture with one person painted over in its mean colour."""
    hull = cv2.convexHull(xy_px.astype(np.float32)).reshape(-1, 2)
    middle = hull.mean(axis=0)
    hull = np.clip(middle + COVER * (hull - middle), -1e4, 1e4)
    copy = image.copy()
    cv2.fillConvexPoly(copy, np.round(hull).astype(np.int32), _mean_colour(image))
    return copy


class OnlySubject:
    """Passes frames on to an estimator with everything but one person's surroundings covered.

    What lies in another's box is covered, too, unless the subject is there as well. ``width`` of
    the clip in pixels; ``from_s`` is added to the frames' times.
    """

    def __init__(
        self, estimator: PoseEstimator, cast: Cast, width: int, from_s: float = 0.0
    ) -> None:
        self._estimator, self._cast, self._width, self._from_s = estimator, cast, width, from_s

    def detect(self, frame: Frame) -> FramePose | None:
        """Return the subject's pose; None while they are not there."""
        cast, scale = self._cast, frame.image.shape[1] / self._width
        time_s = frame.time_s + self._from_s
        around, close = (region(cast, cast.subject, time_s, m) for m in (MARGIN, 0.0))
        if around is None or close is None:
            return None
        alone = np.empty_like(frame.image)
        alone[:] = mean = _mean_colour(frame.image)
        _copy(frame.image, alone, around, scale)
        for who in range(len(cast.trails)):
            box = None if who == cast.subject else region(cast, who, time_s, 0.0)
            if box is not None:
                alone[_inside(box, scale, alone)] = mean
        _copy(frame.image, alone, close, scale)
        return self._estimator.detect(replace(frame, image=alone))

    def close(self) -> None:
        """Free the estimator."""
        self._estimator.close()


def _copy(image: ImageArray, onto: ImageArray, box: Box, scale: float) -> None:
    part = _inside(box, scale, image)
    onto[part] = image[part]


def _inside(box: Box, scale: float, image: ImageArray) -> tuple[slice, slice]:
    left, top, right, bottom = (max(round(side * scale), 0) for side in box)
    return slice(top, min(bottom, image.shape[0])), slice(left, min(right, image.shape[1]))


def _mean_colour(image: ImageArray) -> tuple[float, float, float]:
    red, green, blue = (float(c) for c in image[::8, ::8].reshape(-1, 3).mean(axis=0))
    return red, green, blue


def follow_only(
    cast: Cast,
    span_s: tuple[float, float],
    track: PoseTrack,
    estimator: Callable[[], PoseEstimator],
    frames: Callable[[float], Iterator[Frame]],
    workers: int,
) -> dict[int, FramePose]:
    """Follow the subject of a cast again through a part of the clip, all others covered."""
    times = track.time_s[(track.time_s >= span_s[0]) & (track.time_s <= span_s[1])]
    first_s, last_s = float(times[0]), float(times[-1])
    since_s = times - first_s

    def part(from_s: float = 0.0) -> Iterator[Frame]:
        """Frames of the part, their times counted from its first."""
        # as the track has it: the sum could be rounded to after the frame
        start_s = float(times[np.searchsorted(since_s, from_s)])
        for frame in frames(start_s):
            if frame.time_s > last_s:
                return
            yield replace(frame, time_s=frame.time_s - first_s)

    run = Following(
        Plan.of(last_s - first_s),
        lambda: OnlySubject(estimator(), cast, track.width, first_s),
        _FEW_FRAMES,
    )
    found = run.over(part(), again=part, workers=workers)
    begin = int(np.searchsorted(track.time_s, first_s))
    return {begin + place: pose for place, pose in found.items()}
