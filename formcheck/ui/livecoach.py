"""What the page says of a camera's frames: placement before the set, counts and verdicts in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from formcheck.errors import UsageError
from formcheck.live import LiveSession, LiveState
from formcheck.marks import whole_score
from formcheck.pipeline import choose
from formcheck.pose import MediaPipeEstimator
from formcheck.report import words
from formcheck.report.info import info_of
from formcheck.types import Check, Frame, FramePose, ImageArray, ScoredRep, Verdict
from formcheck.ui.placement import Steady, advise, hand_raised
from formcheck.ui.reviewing import all_rules

MODEL = "lite"
MOST_SIDE_PX = 1280
TURNED = "The picture was turned: the count begins anew. All of the set is recorded."
Json = dict[str, Any]


def decode(data: bytes) -> ImageArray | None:
    """A JPEG as an RGB picture; None when it is not one."""
    image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return None
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


class LiveCoach:
    """One camera. The landmarker starts with the first frame and goes with :meth:`close`."""

    def __init__(self) -> None:
        self._session: LiveSession | None = None
        self._size = (0, 0)
        self._count = 0
        self._counting = False
        self._turned = False
        self._exercise = "auto"
        self._steady = Steady()

    def look(self, time_s: float, image: ImageArray) -> Json:
        """What is seen in the next frame. Raises ModelError when the model does not start."""
        height, width = image.shape[:2]
        session = self._sized(width, height)
        frame = Frame(self._count, time_s, image)
        self._count += 1
        if not self._counting:
            pose = session.watch(frame)
            advice = self._steady.add(advise(pose, image, self._exercise))
            placement = {"code": advice.code, "text": advice.text, "good": advice.good}
            seen = {"placement": placement, "hand": hand_raised(pose)}
        else:
            state = session.push(frame)
            pose = state.pose
            told = _told(state)
            seen = {"set": told | {"note": TURNED if self._turned and not told["reps"] else ""}}
        return {"t": time_s, "pose": _points(pose, width, height), **seen}

    def wish(self, wish: Json) -> Json:
        """Begin a set, only watch, or wait. Answers with what was done."""
        do = str(wish.get("do"))
        if do == "wait":
            return {"doing": do}
        exercise = str(wish.get("exercise", "auto"))
        try:
            choose(exercise)
        except UsageError as error:
            return {"error": str(error)}
        if do in ("start", "watch"):
            self._exercise = exercise
        if self._session is not None and do == "start":
            self._session.restart(exercise)
        self._counting, self._turned = do == "start", False
        return {"doing": do}

    def close(self) -> None:
        """Free the landmarker."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _sized(self, width: int, height: int) -> LiveSession:
        """The session for pictures of this size; a turned phone begins a new one."""
        if self._session is None or self._size != (width, height):
            self._turned = self._counting and self._session is not None
            self.close()
            self._size = (width, height)
            estimator = MediaPipeEstimator(MODEL, self._size)
            self._session = LiveSession(estimator, width, height, self._exercise, model=MODEL)
        return self._session


def _points(pose: FramePose | None, width: int, height: int) -> list[list[float]] | None:
    """Landmarks as shares of the picture, with their visibility."""
    if pose is None:
        return None
    xy = pose.xy_px / np.array([width, height])
    return [
        [round(float(x), 4), round(float(y), 4), round(float(v), 2)]
        for (x, y), v in zip(xy, pose.visibility, strict=True)
    ]


def _told(state: LiveState) -> Json:
    """The count at once; a verdict only when the repetition is surely over."""
    evaluation, settled = state.evaluation, state.settled
    if evaluation is None:
        return {"exercise": None, "title": "", "reps": 0, "last": None}
    found = evaluation.exercise.id
    return {
        "exercise": found,
        "title": words.exercise_title(found) if found else "",
        "reps": len(state.reps),
        "last": _last(len(settled), settled[-1]) if settled else None,
    }


def _last(number: int, scored: ScoredRep) -> Json:
    """The last repetition in a few large words, and what to say aloud."""
    score = None if math.isnan(scored.score) else whole_score(scored.score)
    return {
        "n": number,
        "score": score,
        "level": words.rep_level(scored),
        **_verdict(scored.checks),
    }


def _unseen(checks: Sequence[Check]) -> str:
    """Why nothing of a repetition is told: where the camera stands, or what it sees."""
    if not checks or any(check.reason != "view" for check in checks):
        return "Not seen well enough"
    where = {words.best_view(check, info_of(check.id, all_rules())) for check in checks}
    return f"Film from {'the side' if 'the side' in where else min(where)} to have it judged"


def _verdict(checks: Sequence[Check]) -> Json:
    check = words.worst(checks)
    if check is None or check.verdict is Verdict.CANNOT_TELL:
        return {
            "verdict": "cannot_tell",
            "symbol": "?",
            "text": _unseen(checks),
            "say": "",
        }
    if check.verdict is Verdict.PASS:
        passed = sum(other.verdict is Verdict.PASS for other in checks)
        few = 2 * passed < len(checks)  # the rest was not seen
        text, say = f"{passed} of {len(checks)} checks passed" if few else "Good rep", ""
    else:
        text = f"{info_of(check.id, all_rules()).title}: {words.measured(check)}"
        say = check.cue.partition(":")[0] if check.verdict is Verdict.FAIL else ""
    return {
        "verdict": check.verdict.value,
        "symbol": words.MARKS[check.verdict].symbol,
        "text": text,
        "say": say,
    }
