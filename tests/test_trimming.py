"""The trimmed network gives the landmarks of the whole one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from formcheck import pose
from formcheck.models import MODELS, model_path
from formcheck.trimming import landmarks_only
from formcheck.types import FramePose
from formcheck.video import read_frames

PERSON = Path(__file__).parent.parent / "sample_videos" / "squat_clean.mp4"


def _poses(model: str) -> list[FramePose]:
    with pose.MediaPipeEstimator(model) as estimator:
        frames = zip(read_frames(PERSON, max_fps=10, max_side=480), range(5), strict=False)
        found = [estimator.detect(frame) for frame, _ in frames]
    return [one for one in found if one is not None]


@pytest.mark.parametrize("model", MODELS)
def test_landmarks_stay_the_same_to_the_last_bit(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trimmed = _poses(model)
    monkeypatch.setattr(pose, "landmarks_only", Path.read_bytes)
    whole = _poses(model)
    assert len(trimmed) == len(whole) == 5
    for one, other in zip(trimmed, whole, strict=True):
        for name in ("xy_px", "world_m", "visibility", "presence"):
            assert np.array_equal(getattr(one, name), getattr(other, name))


def test_the_rest_of_the_bundle_is_left_alone() -> None:
    file = model_path("lite")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(io.BytesIO(landmarks_only(file))) as new:
        assert new.testzip() is None
        assert [e.file_size for e in new.infolist()] == [e.file_size for e in old.infolist()]
        assert new.read("pose_detector.tflite") == old.read("pose_detector.tflite")


@pytest.mark.parametrize("what", [b"", b"PK no zip"])
def test_something_else_is_refused(what: bytes, tmp_path: Path) -> None:
    file = tmp_path / "other.task"
    file.write_bytes(what)
    with pytest.raises(ValueError, match="no pose landmarker bundle"):
        landmarks_only(file)
