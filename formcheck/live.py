"""Live use: frames in, landmarks and verdicts out, through the very stages that clips go through.

Landmarks are kept for the whole set and evaluated anew, in the background, a few times a second.
So what is said during a set is what :func:`formcheck.pipeline.evaluate` says of the landmarks so
far, and what is said at its end is what it says of the whole clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np

from formcheck.following import PoseEstimator
from formcheck.machine import step_back
from formcheck.pictures import PictureLook, look_at, scene_of
from formcheck.pipeline import Evaluation, choose, evaluate
from formcheck.profiles import Profile
from formcheck.scene import UNKNOWN_SCENE
from formcheck.types import FloatArray, Frame, FramePose, ImageArray, Landmark, PoseTrack, ScoredRep

EVALUATE_EVERY_S = 0.4
"""Time between two evaluations; one of a minute at 30 frames a second takes about 0.2 s."""
SETTLE_S = 0.8
"""A repetition is counted at once and judged this much later, when its top has been held."""
PICTURES, PICTURE_EVERY_S = 5, 1.0
"""How many pictures are looked at for light, sharpness and the camera's roll, and how often."""
LONGEST_S = 180.0
"""Older landmarks are forgotten: no set lasts longer."""

_Row = tuple[float, FramePose | None]


@dataclass(frozen=True, slots=True)
class LiveState:
    """What is known after a frame.

    ``pose`` is this frame's (None: nobody). ``evaluation`` is the latest finished one (None: not
    yet), of the landmarks up to ``evaluated_s``.
    """

    time_s: float
    pose: FramePose | None
    evaluation: Evaluation | None
    evaluated_s: float

    @property
    def settled(self) -> tuple[ScoredRep, ...]:
        """The repetitions whose verdicts stand: over for long enough to have seen their tops."""
        if self.evaluation is None:
            return ()
        times = self.evaluation.signals.time_s
        return tuple(
            scored
            for scored in self.evaluation.reps
            if times[scored.rep.end] <= self.evaluated_s - SETTLE_S
        )


class LiveSession:
    """One set before a camera. Use as a context manager, or call :meth:`close`.

    ``estimator`` gives the landmarks of a frame and is closed with the session. ``width`` and
    ``height`` are those of the pixels that it answers in. ``profile`` moves limits, as for a clip.
    ``model``: the pose model that the estimator draws with, as for :func:`pipeline.evaluate`.
    Raises UsageError for an unknown exercise.
    """

    def __init__(
        self,
        estimator: PoseEstimator,
        width: int,
        height: int,
        exercise: str = "auto",
        profile: Profile | None = None,
        model: str | None = None,
    ) -> None:
        choose(exercise)
        self._model = model
        self._profile = profile
        self._estimator = estimator
        self._size = (width, height)
        self._exercise = exercise
        self._rows: list[_Row] = []
        self._pictures: list[PictureLook] = []
        self._scene = UNKNOWN_SCENE
        self._looking: list[Future[None]] = []
        self._looked_s = -np.inf
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="live", initializer=step_back)
        self._pending: Future[Evaluation] | None = None
        self._pending_s = -np.inf
        self._latest: Evaluation | None = None
        self._latest_s = 0.0

    def watch(self, frame: Frame) -> FramePose | None:
        """Look at a frame before the set: its landmarks, which are not kept."""
        return self._estimator.detect(frame)

    def restart(self, exercise: str) -> None:
        """Forget what was seen; a new set begins. Raises UsageError for an unknown exercise."""
        choose(exercise)
        self._exercise = exercise
        self._rows.clear()
        self._pending, self._pending_s = None, -np.inf
        self._latest, self._latest_s = None, 0.0

    def push(self, frame: Frame) -> LiveState:
        """Take the next frame, in order of time; answers at once with what is known so far."""
        pose = self._estimator.detect(frame)
        self._rows.append((frame.time_s, pose))
        while self._rows[0][0] < frame.time_s - LONGEST_S:
            self._rows.pop(0)
        self._look(frame, pose)
        self._collect()
        if self._pending is None and frame.time_s - self._pending_s >= EVALUATE_EVERY_S:
            self._pending_s = frame.time_s
            rows = list(self._rows)  # stacked in the background: a long set takes its time
            self._pending = self._worker.submit(self._judge, rows, self._exercise)
        return LiveState(frame.time_s, pose, self._latest, self._latest_s)

    def _look(self, frame: Frame, pose: FramePose | None) -> None:
        if len(self._looking) == PICTURES or frame.time_s - self._looked_s < PICTURE_EVERY_S:
            return
        self._looked_s = frame.time_s
        xy_px = None if pose is None else pose.xy_px * (frame.image.shape[1] / self._size[0])
        self._looking.append(self._worker.submit(self._see, frame.image.copy(), xy_px))

    def _see(self, image: ImageArray, xy_px: FloatArray | None) -> None:
        """In the one background thread: what this and the earlier pictures tell."""
        self._pictures.append(look_at(image, xy_px, edges=True))
        self._scene = scene_of(self._pictures, ())

    def _collect(self) -> None:
        if self._pending is not None and self._pending.done():
            self._latest, self._latest_s = self._pending.result(), self._pending_s
            self._pending = None

    def track(self) -> PoseTrack:
        """All landmarks so far, as the pose stage of a clip would give them."""
        return self._stacked(self._rows)

    def _stacked(self, rows: Sequence[_Row]) -> PoseTrack:
        n, joints = len(rows), len(Landmark)
        xy, world = np.full((n, joints, 2), np.nan), np.full((n, joints, 3), np.nan)
        visibility, presence = np.zeros((n, joints)), np.zeros((n, joints))
        seen = [(i, pose) for i, (_, pose) in enumerate(rows) if pose is not None]
        if seen:
            places = [i for i, _ in seen]
            xy[places] = [pose.xy_px for _, pose in seen]
            world[places] = [pose.world_m for _, pose in seen]
            visibility[places] = [pose.visibility for _, pose in seen]
            presence[places] = [pose.presence for _, pose in seen]
        time_s = np.array([time for time, _ in rows])
        shot = np.zeros(n, dtype=np.int64)
        return PoseTrack(time_s, xy, world, visibility, presence, *self._size, shot, self._scene)

    def finish(self) -> Evaluation:
        """The verdict on the whole set."""
        wait(self._looking)
        return self._judge(self._rows, self._exercise)

    def _judge(self, rows: Sequence[_Row], exercise: str) -> Evaluation:
        track = self._stacked(rows)
        return evaluate(track, exercise, profile=self._profile, model=self._model)

    def close(self) -> None:
        """Stop the background work and free the estimator; may be called twice."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        self._estimator.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
