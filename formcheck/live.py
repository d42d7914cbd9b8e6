"""Live use: frames in, landmarks and verdicts out, through the very stages that clips go through.

Landmarks are kept for the whole set; the newest of them are evaluated anew, in the background, a
few times a second. So what is said during a set is what :func:`formcheck.pipeline.evaluate` says of
its last TAIL_S, after the repetitions that were over before them, which stay as they were last
judged; what is said at its end is what it says of the whole clip. How straight somebody stands is
remembered from all of the set.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

import numpy as np

from formcheck.closing import Closing
from formcheck.following import PoseEstimator
from formcheck.machine import step_back
from formcheck.pictures import PictureLook, look_at, scene_of
from formcheck.pipeline import Evaluation, choose, evaluate
from formcheck.profiles import Profile
from formcheck.rules import Stance
from formcheck.scene import UNKNOWN_SCENE
from formcheck.stance import straighter
from formcheck.types import FloatArray, Frame, FramePose, ImageArray, Landmark, PoseTrack, ScoredRep

EVALUATE_EVERY_S = 0.4
"""Time between two evaluations; one of a minute at 30 frames a second takes about 0.2 s."""
SETTLE_S = 0.8
"""A repetition is counted at once and judged this much later, when its top has been held."""
PICTURES, PICTURE_EVERY_S = 5, 1.0
"""How many pictures are looked at for light, sharpness and the camera's roll, and how often."""
TAIL_S = 60.0
"""What is evaluated while the set goes on; one evaluation takes no longer however long that is."""
OVER_S = 35.0
"""A repetition that has been over for so long stays as it is. With the longest one (20 s) that is
less than the tail: each is judged from its start to its end before it leaves it."""
LONGEST_S = 1800.0
"""Older landmarks are forgotten: half an hour takes 150 MB, 900 MB while it is judged."""

_Row = tuple[float, FramePose | None]


@dataclass(frozen=True, slots=True)
class LiveState:
    """What is known after a frame.

    ``pose`` is this frame's (None: nobody). ``evaluation`` is the latest finished one (None: not
    yet), of the landmarks up to ``evaluated_s``; ``first`` is the set's frame that it begins with.
    ``earlier`` holds the repetitions that were over before, which stay as they are. Frames of
    repetitions, here too, are counted from the first one of the set.
    """

    time_s: float
    pose: FramePose | None
    evaluation: Evaluation | None
    evaluated_s: float
    earlier: tuple[ScoredRep, ...] = ()
    first: int = 0

    @property
    def reps(self) -> tuple[ScoredRep, ...]:
        """All repetitions of the set so far."""
        return (*self.earlier, *(scored for scored, _ in self._later))

    @property
    def settled(self) -> tuple[ScoredRep, ...]:
        """The repetitions whose verdicts stand: over for long enough to have seen their tops."""
        return (*self.earlier, *self.over_for(SETTLE_S))

    def over_for(self, seconds: float) -> tuple[ScoredRep, ...]:
        """Those after the earlier ones that have been over for so long."""
        return tuple(rep for rep, end_s in self._later if end_s <= self.evaluated_s - seconds)

    @property
    def _later(self) -> list[tuple[ScoredRep, float]]:
        """The repetitions after the earlier ones, and when they end."""
        if self.evaluation is None:
            return []
        since = self.earlier[-1].rep.end if self.earlier else -1
        times = self.evaluation.signals.time_s
        return [
            (_moved(scored, self.first), float(times[scored.rep.end]))
            for scored in self.evaluation.reps
            if self.first + scored.rep.turn > since
        ]


def _moved(scored: ScoredRep, frames: int) -> ScoredRep:
    """The same repetition so many frames later."""
    rep = scored.rep
    return replace(
        scored,
        rep=replace(rep, start=rep.start + frames, turn=rep.turn + frames, end=rep.end + frames),
        measures={name: replace(m, at=m.at + frames) for name, m in scored.measures.items()},
        checks=tuple(replace(check, at=check.at + frames) for check in scored.checks),
    )


class LiveSession(Closing):
    """One set before a camera. Use as a context manager, or call :meth:`close`.

    ``estimator`` gives the landmarks of a frame and is closed with the session. ``width`` and
    ``height`` are those of the pixels that it answers in. ``profile`` moves limits, as for a clip.
    ``model``: the pose model that the estimator draws with, as for
    :func:`formcheck.pipeline.evaluate`. Raises UsageError for an unknown exercise.
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
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="live", initializer=step_back)
        self._begin()

    def _begin(self) -> None:
        """As before the first frame of a set."""
        self._rows: list[_Row] = []
        self._gone = 0  # rows that are forgotten
        self._pending: Future[Evaluation] | None = None
        self._pending_s, self._pending_first = -np.inf, 0
        self._known = LiveState(0.0, None, None, 0.0)
        self._pictures: list[PictureLook] = []
        self._scene = UNKNOWN_SCENE
        self._stance: Stance | None = None
        self._looking: list[Future[None]] = []
        self._looked_s = -np.inf

    def watch(self, frame: Frame) -> FramePose | None:
        """Look at a frame before the set: its landmarks, which are not kept."""
        return self._estimator.detect(frame)

    def restart(self, exercise: str) -> None:
        """Forget what was seen; a new set begins. Raises UsageError for an unknown exercise."""
        choose(exercise)
        self._exercise = exercise
        self._begin()

    def push(self, frame: Frame) -> LiveState:
        """Take the next frame; answers at once with what is known so far.

        A frame that is not later than the one before it (a clock that stands still, or is put
        back) is passed over.
        """
        if self._rows and frame.time_s <= self._rows[-1][0]:
            last_s, pose = self._rows[-1]
            return replace(self._known, time_s=last_s, pose=pose)
        pose = self._estimator.detect(frame)
        self._rows.append((frame.time_s, pose))
        self._forget(frame.time_s - LONGEST_S)
        self._look(frame, pose)
        self._collect()
        if self._pending is None and frame.time_s - self._pending_s >= EVALUATE_EVERY_S:
            self._evaluate(frame.time_s)
        return replace(self._known, time_s=frame.time_s, pose=pose)

    def _forget(self, before_s: float) -> None:
        old = self._row_at(before_s)
        del self._rows[:old]
        self._gone += old

    def _row_at(self, time_s: float) -> int:
        """The first row that is not earlier."""
        return bisect_left(self._rows, time_s, key=lambda row: row[0])

    def _evaluate(self, now_s: float) -> None:
        """Begin with the next evaluation, of the tail of what the latest one has seen and the rest.

        So nothing leaves the tail unjudged when frames stop coming for a while. An exercise that
        was found stays: the tail may hold but a rest.
        """
        known = self._known
        first = self._row_at(known.evaluated_s - TAIL_S)
        found = known.evaluation.exercise.id if known.evaluation and known.earlier else None
        rows = self._rows[first:]  # stacked in the background: it takes its time
        self._pending_s, self._pending_first = now_s, self._gone + first
        stance = self._stance if self._pending_first else None  # all is seen from the first frame
        self._pending = self._worker.submit(self._judge, rows, found or self._exercise, stance)

    def _look(self, frame: Frame, pose: FramePose | None) -> None:
        if len(self._looking) == PICTURES or frame.time_s - self._looked_s < PICTURE_EVERY_S:
            return
        self._looked_s = frame.time_s
        xy_px = None if pose is None else pose.xy_px * (frame.image.shape[1] / self._size[0])
        image, pictures = frame.image.copy(), self._pictures
        self._looking.append(self._worker.submit(self._see, pictures, image, xy_px))

    def _see(
        self, pictures: list[PictureLook], image: ImageArray, xy_px: FloatArray | None
    ) -> None:
        """In the one background thread: what this and the earlier ``pictures`` of its set tell."""
        pictures.append(look_at(image, xy_px, edges=True))
        if pictures is self._pictures:
            self._scene = scene_of(pictures, ())

    def _collect(self) -> None:
        """Take a finished evaluation; what has long been over in it joins the earlier ones."""
        if self._pending is None or not self._pending.done():
            return
        evaluation = self._pending.result()
        known = replace(
            self._known,
            evaluation=evaluation,
            evaluated_s=self._pending_s,
            first=self._pending_first,
        )
        self._known = replace(known, earlier=(*known.earlier, *known.over_for(OVER_S)))
        self._pending = None
        self._stance = straighter(evaluation.stance, self._stance)

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
        """The verdict on the whole set, as far as it is kept (LONGEST_S)."""
        wait(self._looking)
        return self._judge(self._rows, self._exercise, self._stance if self._gone else None)

    def _judge(self, rows: Sequence[_Row], exercise: str, stance: Stance | None) -> Evaluation:
        track = self._stacked(rows)
        return evaluate(track, exercise, profile=self._profile, model=self._model, earlier=stance)

    def close(self) -> None:
        """Stop the background work and free the estimator; may be called twice."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        self._estimator.close()
