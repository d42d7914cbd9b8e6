from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, still
from lifts import STANDING

from formcheck.lookout import EVERY_S, Lookout, OnlySubject, covered, follow_only
from formcheck.people import Look, cast_of, pose_at
from formcheck.types import Frame, FramePose

CAMERA = Camera(width=1280, height=720)
LEFT = still(STANDING, CAMERA, 300)
LEFT.xy_px[..., 0] -= 300
RIGHT = still(STANDING, CAMERA, 300)
RIGHT.xy_px[..., 0] += 300
PICTURE = np.random.default_rng(0).integers(0, 255, (360, 640, 3), dtype=np.uint8)
MEAN = PICTURE[::8, ::8].reshape(-1, 3).mean(axis=0)


def at(track, place: int) -> FramePose:
    pose = pose_at(track, place)
    assert pose is not None
    return pose


class Follower:
    """Always finds the person on the left; keeps the pictures that it was given."""

    def __init__(self) -> None:
        self.pictures: list[np.ndarray] = []
        self.closed = False

    def detect(self, frame: Frame) -> FramePose | None:
        self.pictures.append(frame.image)
        return at(LEFT, min(frame.index, 299))

    def close(self) -> None:
        self.closed = True


def frames(count: int, fps: float = 30.0) -> list[Frame]:
    return [Frame(k, k / fps, PICTURE) for k in range(count)]


def watched(count: int, *, twice: bool = False) -> tuple[list[Look], list[np.ndarray]]:
    shown: list[np.ndarray] = []

    def find(frame: Frame) -> list[FramePose]:
        shown.append(frame.image)
        return [at(RIGHT, 0)]

    lookout = Lookout(find, (1280, 720), count / 30)
    for _ in range(1 + twice):
        estimator = lookout.beside(Follower())
        for frame in frames(count):
            assert estimator.detect(frame) is not None
        estimator.close()
    return lookout.looks(np.arange(count) / 30), shown


def test_it_looks_around_every_second_or_so():
    looks, shown = watched(300)
    assert len(shown) == len(looks) == round(10 / EVERY_S)
    assert np.diff([look.time_s for look in looks]) == pytest.approx(EVERY_S, abs=0.04)
    assert [len(look.poses) for look in looks] == [2] * len(looks)
    assert all(look.place == round(look.time_s * 30) for look in looks)


def test_what_everybody_wears_is_seen_in_the_picture_as_it_is():
    picture = np.zeros((360, 640, 3), dtype=np.uint8)
    picture[:, :320], picture[:, 320:] = (200, 30, 30), (30, 200, 30)
    lookout = Lookout(lambda _: [at(RIGHT, 0)], (1280, 720), 1.0)
    lookout.look(Frame(0, 0.0, picture), at(LEFT, 0))
    (look,) = lookout.looks(np.zeros(1))
    (_, red, _), (_, green, _) = (colours[0] for colours in look.clothes)
    assert red > 40
    assert green < -40


def test_a_short_clip_is_looked_at_several_times():
    assert len(watched(75)[0]) >= 4


def test_no_frame_is_looked_at_twice():
    """Where one estimator takes over from another both see some frames."""
    assert len(watched(300, twice=True)[1]) == len(watched(300)[1])


def test_the_followed_person_is_covered_and_the_others_are_not():
    hidden = covered(PICTURE, at(LEFT, 0).xy_px / 2)
    x, y = (int(v) for v in at(LEFT, 0).xy_px[23:25].mean(axis=0) / 2)
    assert np.abs(hidden[y, x] - MEAN).max() <= 1
    x, y = (int(v) for v in at(RIGHT, 0).xy_px[23:25].mean(axis=0) / 2)
    assert (hidden[y, x] == PICTURE[y, x]).all()
    assert not np.shares_memory(hidden, PICTURE)


def both_cast():
    return cast_of(LEFT, [Look(k / 30, k, (at(LEFT, k), at(RIGHT, k))) for k in range(0, 300, 36)])


def test_only_the_subject_is_left_in_the_picture():
    cast = both_cast()
    assert cast is not None
    follower = Follower()
    only = OnlySubject(follower, cast, 1280, from_s=2.0)
    assert only.detect(frames(1)[0]) is not None
    (shown,) = follower.pictures
    for track, same in ((LEFT, True), (RIGHT, False)):
        x, y = (int(v) for v in at(track, 0).xy_px[23:25].mean(axis=0) / 2)
        assert bool((shown[y, x] == PICTURE[y, x]).all()) is same
    assert only.detect(Frame(0, 99.0, PICTURE)) is None
    only.close()
    assert follower.closed


class Numbering(Follower):
    """Puts everybody where the number of the frame is."""

    def detect(self, frame: Frame) -> FramePose | None:
        super().detect(frame)
        return replace(at(LEFT, 0), xy_px=np.full((33, 2), float(frame.index)))


@pytest.mark.parametrize("workers", [1, 2])
def test_of_a_part_that_is_followed_again_each_frame_keeps_its_place(workers):
    followers: list[Numbering] = []

    def estimator() -> Numbering:
        followers.append(Numbering())
        return followers[-1]

    def read(from_s: float) -> Iterator[Frame]:
        return (frame for frame in frames(300) if frame.time_s >= from_s)

    found = follow_only(both_cast(), (1.99, 8.01), LEFT, estimator, read, workers)
    assert sorted(found) == list(range(60, 241))
    assert all((pose.xy_px == place).all() for place, pose in found.items())
    assert all(follower.closed for follower in followers)
    x, y = (int(v) for v in at(RIGHT, 0).xy_px[23:25].mean(axis=0) / 2)
    pictures = [picture for follower in followers for picture in follower.pictures]
    assert not any((picture[y, x] == PICTURE[y, x]).all() for picture in pictures)
