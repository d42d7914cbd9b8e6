"""Frames to landmarks: MediaPipe's pose landmarker over a clip, a live picture or a still.

MediaPipe is imported only when a pose is asked for. Whatever frames are given, landmarks come back
in pixels of the clip as displayed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from formcheck.bars import cut_out
from formcheck.closing import Closing
from formcheck.cuts import CutFinder
from formcheck.errors import ModelError
from formcheck.following import Following, Later, Plan, PoseEstimator, Progress
from formcheck.lookout import Lookout, follow_only
from formcheck.machine import available_cores, return_memory
from formcheck.mending import mended
from formcheck.models import DEFAULT_MODEL, model_path
from formcheck.nearer import from_near
from formcheck.people import Cast
from formcheck.pictures import scene_of
from formcheck.quiet import Quiet
from formcheck.scene import WHOLE, Box
from formcheck.strangers import without_strangers
from formcheck.subject import Wish, of_subject
from formcheck.trimming import landmarks_only
from formcheck.types import (
    ClipInfo,
    FloatArray,
    Frame,
    FramePose,
    ImageArray,
    IntArray,
    Landmark,
    PoseTrack,
)
from formcheck.video import SIDE_PX, Reel, read_frames, still

DETECTION, PRESENCE, TRACKING = 0.5, 0.3, 0.5
"""How sure the model must be. Measured on real clips: presence 0.3 instead of 0.5 keeps a person
whose head and feet are out of the picture in 94 % instead of 91 % of the frames and finds nobody
in empty gyms; 0.1 keeps them all, but sees people where there are none. Detection below 0.5 sees
people in racks and bars, tracking changes nothing in this mode."""

POSE_SIDE_PX = SIDE_PX
"""Frames are scaled to this longer side for pose. Against the full 1080p picture the landmarks
move by 0.2-0.4 % of the trunk-and-thigh length at 960 pixels, which is what re-scaling by 1 %
does too, by 0.5 % at 640 and 0.7 % at 480 (hip and knee angles by 0.3, 0.5 and 0.8 degrees at
the median); the model itself is off by some 3 degrees. Smaller frames cost no less time."""
LOOKOUT_MODEL = "lite"
"""All bundles find people with the same detector; to see who else is there this is enough."""
MOST_PEOPLE = 3
SURE_DETECTION = 0.7
"""For others than the one who is followed: at 0.5 the model sees people in plants and plates (in 16
of 27 looks at one living room, at 0.65 in 5, at 0.75 in none) and takes twice the time; everybody
who stands free in the rendered clips is found at 0.85 too."""
MOST_WORKERS = 8
_WAITING_BYTES = 60_000_000
"""Frames that wait in memory for pose; more are read again from the reel when their turn comes."""


# --- one picture at a time ----------------------------------------------------------------------


class Landmarker(Closing):
    """A native landmarker; it logs until it finds its first person, and is kept quiet so long."""

    def __init__(
        self,
        model: str,
        mode: str,
        masks: bool = False,
        people: int = 1,
        detection: float = DETECTION,
    ) -> None:
        file = model_path(model)
        self.mode = mode
        self._started = False
        with Quiet():
            try:
                from formcheck.native import BaseOptions, vision

                asset = (
                    BaseOptions(model_asset_path=str(file))
                    if masks
                    else BaseOptions(model_asset_buffer=landmarks_only(file))
                )
                options = vision.PoseLandmarkerOptions(
                    base_options=asset,
                    running_mode=vision.RunningMode[mode],
                    num_poses=people,
                    min_pose_detection_confidence=detection,
                    min_pose_presence_confidence=PRESENCE,
                    min_tracking_confidence=TRACKING,
                    output_segmentation_masks=masks,
                )
                self._native: Any = vision.PoseLandmarker.create_from_options(options)
            except (ImportError, OSError, RuntimeError, ValueError) as error:
                reason = str(error).strip().splitlines() or [type(error).__name__]
                raise ModelError(
                    f"pose model {file.name} cannot be started: {reason[0]}"
                ) from error

    def run(self, image: ImageArray, time_ms: int) -> Any:  # noqa: ANN401
        """Return the native result for an RGB picture (height, width, 3) uint8."""
        from formcheck.native import Image, ImageFormat

        # Strided views (odd widths, flips, crops) are read as garbage, so copy them.
        picture = Image(
            image_format=ImageFormat.SRGB, data=np.ascontiguousarray(image, dtype=np.uint8)
        )
        if self._started:
            return self._detect(picture, time_ms)
        with Quiet():
            result = self._detect(picture, time_ms)
        self._started = bool(result.pose_landmarks)
        return result

    def _detect(self, picture: Any, time_ms: int) -> Any:  # noqa: ANN401
        if self.mode == "VIDEO":
            return self._native.detect_for_video(picture, time_ms)
        return self._native.detect(picture)

    def close(self) -> None:
        """Free the native memory; may be called twice."""
        if self._native is not None:
            with Quiet():
                self._native.close()
            self._native = None
            return_memory()


def pose_of(
    result: Any,  # noqa: ANN401
    origin_px: FloatArray,
    span_px: FloatArray,
    who: int = 0,
) -> FramePose | None:
    """One person of a native result, whose picture begins at ``origin_px`` and is so large."""
    if len(result.pose_landmarks) <= who:
        return None
    points = result.pose_landmarks[who]
    world = result.pose_world_landmarks[who]
    shares = np.array([(p.x, p.y) for p in points], dtype=np.float64)
    return FramePose(
        xy_px=origin_px + shares * span_px,
        world_m=np.array([(p.x, p.y, p.z) for p in world], dtype=np.float64),
        visibility=np.array([p.visibility or 0.0 for p in points], dtype=np.float64),
        presence=np.array([p.presence or 0.0 for p in points], dtype=np.float64),
    )


class HoldsLandmarker(Closing):
    """Keeps a landmarker until it is closed."""

    _landmarker: Landmarker

    def close(self) -> None:
        """Free the native memory; may be called twice."""
        self._landmarker.close()


class MediaPipeEstimator(HoldsLandmarker):
    """A :class:`PoseEstimator` that follows one person through a video or a camera's pictures.

    ``size`` (width, height in pixels) is what landmarks are scaled to; None takes each frame's
    own size. ``part``: only what is inside is looked at (:func:`formcheck.bars.picture_area`).
    Times need not be even, only not run backwards (they are nudged if they do).
    Use as a context manager or call :meth:`close`. Raises ModelError when it cannot be started.
    """

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        size: tuple[int, int] | None = None,
        part: Box = WHOLE,
    ) -> None:
        self._size, self._part = size, part
        self._last_ms = -1
        self._landmarker = Landmarker(model, "VIDEO")

    def detect(self, frame: Frame) -> FramePose | None:
        """Return the landmarks of the person in the next frame, None when nobody is seen."""
        self._last_ms = max(round(frame.time_s * 1000), self._last_ms + 1)
        cut = cut_out(frame.image, self._part, self._size)
        result = self._landmarker.run(cut.image, self._last_ms)
        return pose_of(result, cut.origin_px, cut.span_px)


class PeopleFinder:
    """Everybody in single pictures, in pixels of a clip of ``size`` (width, height).

    Finds up to MOST_PEOPLE, inside a ``part`` of the pictures. Starts with the first picture, while
    other threads are at work. Call :meth:`close` at the end.
    """

    def __init__(self, size: tuple[int, int], part: Box = WHOLE) -> None:
        self._size, self._part = size, part
        self._landmarker: Landmarker | None = None

    def find(self, frame: Frame) -> list[FramePose]:
        """Return the poses, the likeliest person first; ModelError when it cannot be started."""
        if self._landmarker is None:
            self._landmarker = Landmarker(
                LOOKOUT_MODEL, "IMAGE", False, MOST_PEOPLE, SURE_DETECTION
            )
        cut = cut_out(frame.image, self._part, self._size)
        result = self._landmarker.run(cut.image, 0)
        poses = (pose_of(result, cut.origin_px, cut.span_px, who) for who in range(MOST_PEOPLE))
        return [pose for pose in poses if pose is not None]

    def close(self) -> None:
        """Free the native memory; may be called twice."""
        if self._landmarker is not None:
            self._landmarker.close()


# --- a whole clip -------------------------------------------------------------------------------


def estimate_track(
    path: str | os.PathLike[str],
    info: ClipInfo,
    model: str = DEFAULT_MODEL,
    *,
    max_fps: float | None = 30.0,
    workers: int | None = None,
    person: Wish = None,
    progress: Progress | None = None,
) -> PoseTrack:
    """Follow the person through a clip, on several cores.

    One thread decodes; the clip is cut into chunks of time, each followed by a landmarker of its
    own that starts a little early to settle. The chunks depend on the clip alone, so any
    number of ``workers`` (None: one for each core) gives the same numbers. Not more than
    ``_WAITING_BYTES`` of frames wait at a time. ``progress(done_s, total_s)`` is called in this
    thread.
    Nobody found is no error: such rows are NaN with visibility 0. Where several people are in the
    clip the one who lifts is followed, or the one of ``person``; where they were lost, once more.
    Who is lost or far away is looked for in a part of the pictures (:mod:`formcheck.nearer`).

    Raises ClipError when the clip does not decode, ModelError when the model does not start,
    UsageError when the wished person is not there.
    """

    def track(part: Box, wish: Wish) -> PoseTrack:
        return _track_in(part, path, info, model, max_fps, workers, wish, progress)

    return from_near(track, info.area, person)


def _track_in(
    part: Box,
    path: str | os.PathLike[str],
    info: ClipInfo,
    model: str,
    max_fps: float | None,
    workers: int | None,
    person: Wish,
    progress: Progress | None,
) -> PoseTrack:
    """What :func:`estimate_track` finds in a part of the pictures."""

    def frames(from_s: float = 0.0) -> Iterator[Frame]:
        return read_frames(path, max_fps=max_fps, max_side=POSE_SIDE_PX, from_s=from_s)

    size, notes = (info.width, info.height), _Notes()

    def estimator() -> PoseEstimator:
        return MediaPipeEstimator(model, size, part)

    count = min(workers or available_cores(), MOST_WORKERS)
    finder = PeopleFinder(size, part)
    try:
        lookout = Lookout(finder.find, size, info.duration_s)
        run = Following(
            Plan.of(info.duration_s),
            lambda: lookout.beside(estimator()),
            _frames_that_may_wait(info),
            progress,
            partial(_kept, path),
        )
        poses = run.over(notes.of(frames()), again=frames, workers=count)
    finally:
        finder.close()
    track = _track(np.array(notes.times_s), poses, info, notes.shots())

    def anew(cast: Cast, first_s: float, last_s: float) -> dict[int, FramePose]:
        return follow_only(cast, (first_s, last_s), track, estimator, frames, count)

    tell = partial(progress, info.duration_s, info.duration_s) if progress else lambda: None
    looks = lookout.looks(track.time_s)
    track, people = of_subject(track, looks, person, anew)
    track = mended(track, estimator, frames, partial(_kept, path), tell, count)
    track = without_strangers(track, looks, frames)
    still(path, info)
    damaged = notes.damaged or not info.whole
    scene = scene_of(lookout.pictures, people, info.slowed, damaged)
    return replace(track, scene=scene)


class _Notes:
    """What the frames of a clip tell besides poses, as they go by: times, cuts, damage."""

    def __init__(self) -> None:
        self.times_s: list[float] = []
        self.damaged = False
        self._cuts = CutFinder()

    def of(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The same frames, noted."""
        for frame in frames:
            self.times_s.append(frame.time_s)
            self.damaged |= frame.damaged
            self._cuts.push(frame.image)
            yield frame

    def shots(self) -> IntArray:
        """(N,) the number of the shot that each frame belongs to."""
        return self._cuts.shots()


def _kept(path: str | os.PathLike[str], frame: Frame) -> Later | None:
    """How to fetch a frame again that a reel has kept; None when it has not."""
    if not isinstance(path, Reel):
        return None
    place = path.place(frame.time_s, POSE_SIDE_PX)
    return None if place is None else partial(path.take, place)


def _frames_that_may_wait(info: ClipInfo) -> int:
    """How many small frames may be in memory between decoding and pose."""
    scale = min(1.0, POSE_SIDE_PX / max(info.width, info.height))
    return max(_WAITING_BYTES // max(round(info.width * info.height * scale**2 * 3), 1), 32)


def _track(
    times: FloatArray, poses: dict[int, FramePose], info: ClipInfo, shots: IntArray
) -> PoseTrack:
    """Stack the poses of all frames, NaN where there is none."""
    frames, marks = len(times), len(Landmark)
    xy, world = (np.full((frames, marks, axes), np.nan) for axes in (2, 3))
    visibility, presence = np.zeros((frames, marks)), np.zeros((frames, marks))
    for index, pose in poses.items():
        xy[index], world[index] = pose.xy_px, pose.world_m
        visibility[index], presence[index] = pose.visibility, pose.presence
    return PoseTrack(times, xy, world, visibility, presence, info.width, info.height, shots)
