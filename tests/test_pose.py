"""Following a person: one real estimator run, the rest on stand-ins."""

from __future__ import annotations

import math
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from clips import PERSON, squatting

from formcheck import models, pose
from formcheck.cuts import CutFinder
from formcheck.errors import ModelError
from formcheck.following import Plan
from formcheck.silhouettes import Silhouettes, outlines
from formcheck.types import ClipInfo, Frame, FramePose, Landmark, PoseTrack
from formcheck.video import Reel, VideoWriter, grab_frames, probe


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a squat, small, at 12.5 frames a second."""
    return squatting(tmp_path_factory.mktemp("pose") / "squat.mp4", 4.0)


@pytest.fixture(scope="module")
def track(clip: Path) -> PoseTrack:
    return pose.estimate_track(clip, probe(clip), "lite", workers=2)


@pytest.fixture(scope="module")
def person() -> Frame:
    return next(grab_frames(PERSON, [1.0]))[1]


# --- real landmarks


def test_the_person_is_found_in_pixels_of_the_clip(track: PoseTrack, clip: Path) -> None:
    info = probe(clip)
    assert len(track) == info.frames
    assert (track.width, track.height) == (480, 270)
    assert track.seen.mean() > 0.95
    hip, nose = track.middle("hip"), track.point(Landmark.NOSE)
    assert np.nanmin(hip[:, 0]) > 0
    assert np.nanmax(hip[:, 0]) < 480
    assert np.nanmedian(nose[:, 1]) < np.nanmedian(hip[:, 1]) < 270
    assert np.all(np.diff(track.time_s) > 0)
    assert track.world_m.shape == (len(track), 33, 3)
    assert np.nanmax(track.visibility) <= 1.0
    assert set(track.shot) == {0}


def test_the_number_of_workers_changes_nothing(track: PoseTrack, clip: Path) -> None:
    alone = pose.estimate_track(clip, probe(clip), "lite", workers=1)
    for name in ("time_s", "xy_px", "world_m", "visibility", "presence", "shot"):
        assert np.array_equal(getattr(track, name), getattr(alone, name), equal_nan=True)


def test_small_frames_are_scaled_back(
    clip: Path, track: PoseTrack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pose, "POSE_SIDE_PX", 320)
    small = pose.estimate_track(clip, probe(clip), "lite")
    apart = np.linalg.norm(small.middle("hip") - track.middle("hip"), axis=1)
    assert np.nanmedian(apart) < 5


@pytest.mark.parametrize("width", [533, 531, 517])
def test_odd_widths_and_views_find_the_person(person: Frame, width: int) -> None:
    """Native code ignores strides: a padded view would be read as garbage."""
    image = person.image[:, 200 : 200 + width]
    assert not image.flags.c_contiguous
    with pose.MediaPipeEstimator("lite") as estimator:
        found = estimator.detect(Frame(0, 0.0, image))
    assert found is not None
    with pose.MediaPipeEstimator("lite") as estimator:
        copied = estimator.detect(Frame(0, 0.0, np.ascontiguousarray(image)))
    assert copied is not None
    assert np.array_equal(found.xy_px, copied.xy_px)


def test_silhouettes(person: Frame) -> None:
    with Silhouettes("lite") as silhouettes:
        result = silhouettes.segment(person)
        assert result is not None
        found, mask = result
        assert mask.shape == person.image.shape[:2]
        assert mask.dtype == np.float32
        x, y = found.xy_px[[11, 12, 23, 24]].mean(axis=0).astype(int)
        assert mask[y, x] > 0.9
        assert mask[5, 5] < 0.1
        assert silhouettes.segment(Frame(1, 0.0, np.zeros((90, 120, 3), np.uint8))) is None


@pytest.mark.parametrize("workers", [1, 3])
def test_outlines_come_in_order_whoever_makes_them(person: Frame, workers: int) -> None:
    images = [person.image, np.zeros_like(person.image), person.image[:, ::-1], person.image]
    frames = [Frame(k, k / 30, image) for k, image in enumerate(images * 3)]
    found = list(outlines(frames, "lite", workers))
    with Silhouettes("lite") as silhouettes:
        alone = [silhouettes.segment(frame) for frame in frames[:4]] * 3
    assert [outline is None for outline in found] == [False, True, False, False] * 3
    for outline, one, frame in zip(found, alone, frames, strict=True):
        if outline is not None and one is not None:
            assert outline.image is frame.image
            assert np.array_equal(outline.pose.xy_px, one[0].xy_px)
            assert np.array_equal(outline.mask, one[1])


def test_times_that_stand_still_or_go_back(person: Frame) -> None:
    with pose.MediaPipeEstimator("lite") as estimator:
        for time_s in (0.5, 0.5, 0.2, 0.5004, 9.0):
            assert estimator.detect(replace(person, time_s=time_s)) is not None
    estimator.close()


def test_nobody_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "nobody.mp4"
    noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    with VideoWriter(path, 64, 48) as writer:
        for step in range(8):
            writer.write(Frame(step, step / 25, noise))
    track = pose.estimate_track(path, probe(path), "lite")
    assert len(track) == 8
    assert not track.seen.any()
    assert np.isnan(track.xy_px).all()
    assert not track.visibility.any()


# --- the machinery, on a stand-in


class FakeEstimator:
    """Says which chunk it is in by how many frames it has seen."""

    open_now: ClassVar[int] = 0
    made: ClassVar[int] = 0
    fail_at: ClassVar[float] = np.inf
    lock: ClassVar[Any] = threading.Lock()

    def __init__(self, *_: object) -> None:
        self.seen = 0
        with self.lock:
            FakeEstimator.open_now += 1
            FakeEstimator.made += 1

    def detect(self, frame: Frame) -> FramePose | None:
        if frame.time_s >= self.fail_at:
            raise ModelError("broke down")
        self.seen += 1
        xy = np.full((33, 2), float(self.seen))
        xy[Landmark.RIGHT_FOOT_INDEX] += frame.image.shape[:2]  # as large as the picture
        return FramePose(xy, np.zeros((33, 3)), np.ones(33), np.ones(33))

    def close(self) -> None:
        with self.lock:
            FakeEstimator.open_now -= 1


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeEstimator]]:
    monkeypatch.setattr(pose, "MediaPipeEstimator", FakeEstimator)
    monkeypatch.setattr(FakeEstimator, "made", 0)
    monkeypatch.setattr(FakeEstimator, "fail_at", np.inf)
    yield FakeEstimator
    assert FakeEstimator.open_now == 0
    assert not [t for t in threading.enumerate() if t.name.startswith("pose")]


class Picture(np.ndarray):
    """An array that can be counted while it is alive."""

    __hash__ = object.__hash__


def frames_of(
    monkeypatch: pytest.MonkeyPatch, seconds: float, fps: float = 30.0
) -> tuple[str, ClipInfo]:
    def frames(*_: object, from_s: float = 0.0, **__: object) -> Iterator[Frame]:
        for index in range(math.ceil(from_s * fps - 1e-6), round(seconds * fps)):
            yield Frame(index, index / fps, np.zeros((8, 8, 3), np.uint8))

    monkeypatch.setattr(pose, "read_frames", frames)
    return "x.mp4", ClipInfo("x.mp4", "", seconds, fps, False, 8, 8, 0, round(seconds * fps))


@pytest.mark.parametrize("workers", [1, 2, 5, None])
@pytest.mark.parametrize("seconds", [0.2, 2.9, 3.0, 8.0, 31.0])
def test_every_frame_has_one_result(
    fake: type[FakeEstimator], monkeypatch: pytest.MonkeyPatch, seconds: float, workers: int | None
) -> None:
    path, info = frames_of(monkeypatch, seconds)
    told: list[tuple[float, float]] = []
    track = pose.estimate_track(
        path, info, workers=workers, progress=lambda done, total: told.append((done, total))
    )
    assert len(track) == info.frames
    assert track.seen.all()
    count = track.xy_px[:, 0, 0]
    starts = np.flatnonzero(np.diff(count) != 1) + 1
    assert len(starts) + 1 == fake.made
    assert set(count[starts]) <= {12, 13}  # 0.4 s of warming up, and the first of its own
    assert seconds < 3 or fake.made % 2 == 0
    assert told[-1] == (seconds, seconds)
    assert all(a[0] <= b[0] for a, b in pairwise(told))


def test_waiting_frames_are_bounded(
    fake: type[FakeEstimator], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, info = frames_of(monkeypatch, 120.0)
    monkeypatch.setattr(pose, "_WAITING_BYTES", 100 * 8 * 8 * 3)
    alive: weakref.WeakSet[np.ndarray] = weakref.WeakSet()
    source, detect, most = pose.read_frames, fake.detect, 0

    def watched(*_: object, **__: object) -> Iterator[Frame]:
        nonlocal most
        for frame in source(path):
            image = frame.image.view(Picture)
            alive.add(image)
            most = max(most, len(alive))
            yield replace(frame, image=image)

    def slow(self: FakeEstimator, frame: Frame) -> FramePose | None:
        time.sleep(1e-4)
        return detect(self, frame)

    monkeypatch.setattr(pose, "read_frames", watched)
    monkeypatch.setattr(fake, "detect", slow)
    assert pose.estimate_track(path, info, workers=2).seen.all()
    assert 50 < most <= 100 + 2 * 13 + 6


def test_frames_beyond_the_limit_come_from_the_reel(
    clip: Path, track: PoseTrack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second chunk can begin though the first one's frames fill the memory."""
    monkeypatch.setattr(pose, "_WAITING_BYTES", 0)
    fetched, take = [], Reel.take

    def noted(reel: Reel, place: int) -> Frame:
        fetched.append(place)
        return take(reel, place)

    monkeypatch.setattr(Reel, "take", noted)
    with Reel(clip, tmp_path) as reel:
        kept = pose.estimate_track(reel, probe(clip), "lite", workers=1)
    assert fetched
    assert len(fetched) < len(kept)
    for name in ("time_s", "xy_px", "world_m", "visibility", "presence", "shot"):
        assert np.array_equal(getattr(track, name), getattr(kept, name), equal_nan=True)


def test_the_last_chunk_is_the_shortest_and_the_clip_is_covered() -> None:
    for duration_s in (3.0, 8.0, 31.0, 600.0):
        plan = Plan.of(duration_s)
        times = np.arange(0, duration_s, 0.01)
        lengths = np.bincount([plan.main(t) for t in times]) * 0.01
        assert len(lengths) == plan.chunks
        assert lengths[:-1] == pytest.approx(plan.length_s, abs=0.02)
        assert lengths[-1] < 0.7 * plan.length_s
        assert plan.total_s == duration_s


def test_who_is_lost_at_a_chunk_start_is_followed_on(
    fake: type[FakeEstimator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only an estimator that began before 5.8 s finds the person up to 9 s (of 12, split at 6)."""
    path, info = frames_of(monkeypatch, 12.0)
    detect = fake.detect

    def cropped(self: FakeEstimator, frame: Frame) -> FramePose | None:
        pose = detect(self, frame)
        knows = self.seen > 60 or frame.time_s < 5.5
        return pose if knows and not 9 < frame.time_s < 10 else None

    monkeypatch.setattr(fake, "detect", cropped)
    tracks = [pose.estimate_track(path, info, workers=n) for n in (1, 2)]
    seen = tracks[0].seen
    assert seen[: 9 * 30].all()
    assert not seen[9 * 30 + 1 : 10 * 30].any()
    assert seen[10 * 30 :].all()
    assert np.array_equal(tracks[0].xy_px, tracks[1].xy_px, equal_nan=True)


def test_a_dense_warm_up_does_not_block(
    fake: type[FakeEstimator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pose, "_WAITING_BYTES", 0)
    path, info = frames_of(monkeypatch, 8.0, fps=240.0)
    assert pose.estimate_track(path, info, workers=1).seen.all()
    assert fake.made == 2


def test_a_failing_worker_stops_the_run(
    fake: type[FakeEstimator], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, info = frames_of(monkeypatch, 60.0)
    monkeypatch.setattr(fake, "fail_at", 20.0)
    with pytest.raises(ModelError, match="broke down"):
        pose.estimate_track(path, info, workers=2)


@pytest.mark.usefixtures("fake")
def test_an_interrupt_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    path, info = frames_of(monkeypatch, 60.0)

    def interrupt(done: float, _: float) -> None:
        if done > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pose.estimate_track(path, info, workers=2, progress=interrupt)


def test_a_model_that_mediapipe_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = tmp_path / "bad.task"
    bad.write_bytes(b"no model")
    monkeypatch.setattr(pose, "model_path", lambda _: bad)
    with pytest.raises(ModelError, match="cannot be started") as caught:
        pose.MediaPipeEstimator("full")
    assert "\n" not in str(caught.value)


def test_the_default_model_is_known() -> None:
    assert models.DEFAULT_MODEL in models.MODELS


# --- cuts


def scene(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(20, 230, (9, 16))
    return np.kron(coarse, np.ones((20, 20)))


def shots(pictures: list[np.ndarray]) -> list[int]:
    finder = CutFinder()
    for grey in pictures:
        image = np.clip(grey, 0, 255).astype(np.uint8)
        finder.push(np.repeat(image[..., None], 3, axis=2))
    return finder.shots().tolist()


def test_hard_cuts_are_found() -> None:
    pictures = [scene(1)] * 20 + [scene(2)] * 20 + [scene(3)] * 20
    assert shots(pictures) == [0] * 20 + [1] * 20 + [2] * 20


def test_what_is_no_cut() -> None:
    a, b = scene(1), scene(2)
    wide = np.hstack((a, b))
    person = [a.copy() for _ in range(40)]
    for step, picture in enumerate(person):
        top = 20 + round(60 * abs(np.sin(step * 0.6)))
        picture[top : top + 90, 130:190] = 10
    harmless = {
        "fast lift": person,
        "pan": [wide[:, 8 * s : 8 * s + 320] for s in range(40)],
        "fade": [a + (b - a) * np.clip((s - 10) / 15, 0, 1) for s in range(40)],
        "flash": [a] * 20 + [a * 0 + 255] + [a] * 20,
        "flicker": [a * (1.0 if s % 2 else 0.6) for s in range(40)],
        "light switched on": [a * 0.4] * 20 + [a] * 20,
        "black": [a * 0] * 40,
        "one": [a],
    }
    for name, pictures in harmless.items():
        assert max(shots(pictures)) == 0, name
    assert shots([]) == []
