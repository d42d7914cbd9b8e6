from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pytest
from bodies import Scene, perform
from lifts import PULL_BOTTOM, PULL_TOP, film_lift

from formcheck.mending import Way, held_stretches, mended, ways
from formcheck.people import pose_at
from formcheck.types import Frame, FramePose, PoseTrack

FPS = 15.0
PICTURE = np.zeros((4, 4, 3), np.uint8)
ELSEWHERE_PX = 400.0


def pulls() -> PoseTrack:
    """Bent over the bar, up, down again, up: what a deadlift clip that begins late shows."""
    moves = [(1.2, PULL_BOTTOM), (1.0, PULL_TOP), (2.5, PULL_TOP), (1.2, PULL_BOTTOM)]
    return perform(
        PULL_BOTTOM, [*moves, (1.0, PULL_BOTTOM), (1.0, PULL_TOP), (2.0, PULL_TOP)], Scene(fps=FPS)
    )


TRUTH = pulls()
HEIGHT_PX = TRUTH.middle("ankle")[:, 1] - TRUTH.middle("shoulder")[:, 1]
UPRIGHT = 0.95 * HEIGHT_PX.max() < HEIGHT_PX


@dataclass
class Estimator:
    """Finds an upright body at once, and a bent one elsewhere until it stands up.

    A body that it holds it follows in any posture, but loses it at the frames of ``blind``.
    """

    truth: PoseTrack = TRUTH
    upright: np.ndarray = field(default_factory=lambda: UPRIGHT)
    blind: frozenset[int] = frozenset()
    right: bool | None = None
    given: list[int] = field(default_factory=list)
    closed: bool = False

    def detect(self, frame: Frame) -> FramePose | None:
        assert not self.given or frame.time_s > 0
        self.given.append(frame.index)
        if frame.index in self.blind:
            self.right = None
            return None
        if self.right is None or self.upright[frame.index]:
            self.right = bool(self.upright[frame.index])
        pose = pose_at(self.truth, frame.index)
        assert pose is not None
        return pose if self.right else replace(pose, xy_px=pose.xy_px + ELSEWHERE_PX)

    def close(self) -> None:
        self.closed = True


def frames(from_s: float = 0.0) -> Iterator[Frame]:
    for index, time_s in enumerate(TRUTH.time_s):
        if time_s >= from_s:
            yield Frame(index, float(time_s), PICTURE)


def drawn(truth: PoseTrack = TRUTH, blind: frozenset[int] = frozenset()) -> PoseTrack:
    """What the estimator draws of the clip from its beginning."""
    estimator = Estimator(truth, blind=blind)
    xy_px, visibility = np.full_like(truth.xy_px, np.nan), np.zeros_like(truth.visibility)
    for frame in frames():
        pose = estimator.detect(frame)
        if pose is not None:
            xy_px[frame.index], visibility[frame.index] = pose.xy_px, pose.visibility
    return replace(truth, xy_px=xy_px, visibility=visibility)


def mend(
    track: PoseTrack, blind: frozenset[int] = frozenset()
) -> tuple[PoseTrack, list[Estimator]]:
    used: list[Estimator] = []

    def estimator() -> Estimator:
        used.append(Estimator(blind=blind))
        return used[-1]

    return mended(track, estimator, frames, lambda _frame: None), used


def ways_of(track: PoseTrack) -> list[Way]:
    return ways(track, held_stretches(track))


def astray_px(track: PoseTrack) -> np.ndarray:
    return np.linalg.norm(track.xy_px - TRUTH.xy_px, axis=2).max(axis=1)


def test_a_bent_start_is_followed_back_from_the_upright_body():
    before = drawn()
    assert astray_px(before)[:15].min() > 100
    after, used = mend(before)
    assert astray_px(after).max() < 1e-6
    assert all(estimator.closed for estimator in used)


def test_a_body_that_is_lost_on_the_way_is_followed_on():
    bent = int(np.flatnonzero(~UPRIGHT[40:])[4]) + 40
    before = drawn(blind=frozenset({bent}))
    assert np.isnan(astray_px(before)[bent])
    assert np.nanmax(astray_px(before)[bent:]) > 100
    after, _ = mend(before)
    assert astray_px(after).max() < 1e-6


def test_it_goes_as_far_as_the_body_is_not_lost_again():
    before = drawn()
    after, _ = mend(before, blind=frozenset({8}))
    np.testing.assert_array_equal(after.xy_px[:9], before.xy_px[:9])
    assert astray_px(after)[9:].max() < 1e-6


def test_visibility_and_depth_come_along():
    dim = drawn()
    dim.visibility[:15] = 0.1
    dim.world_m[:15] = 0.0
    after, _ = mend(dim)
    np.testing.assert_array_equal(after.visibility[:15], TRUTH.visibility[:15])
    np.testing.assert_array_equal(after.world_m[:15], TRUTH.world_m[:15])


@pytest.mark.parametrize("name", ["squat", "deadlift", "lunge", "hip_thrust"])
def test_a_body_that_is_held_is_left_alone(name: str):
    for fps in (15.0, 30.0):
        track = film_lift(name, Scene(fps=fps, noise_px=2.0))
        assert ways_of(track) == []
        after, used = mend(track)
        assert after is track
        assert used == []


def test_exchanged_sides_are_no_jump():
    track = film_lift("squat")
    pairs = np.arange(33)
    pairs[11:33] = np.arange(11, 33).reshape(-1, 2)[:, ::-1].ravel()
    track.xy_px[40:50] = track.xy_px[40:50][:, pairs]
    assert ways_of(track) == []


def test_a_cut_is_no_jump():
    track = film_lift("squat")
    half = len(track) // 2
    track.xy_px[half:] += ELSEWHERE_PX
    jumped = ways_of(replace(track, shot=np.zeros(len(track), np.int64)))
    assert jumped == []  # held on both sides: nothing was lost in between
    track.xy_px[half + 20 : half + 30] += ELSEWHERE_PX
    lost = ways_of(replace(track, shot=(np.arange(len(track)) >= half).astype(np.int64)))
    assert lost
    assert all(way.span[0] >= half for way in lost)


def test_a_body_that_the_search_does_not_find_is_followed_back():
    before = drawn()
    before.xy_px[:15] = np.nan
    after, _ = mend(before)
    assert astray_px(after).max() < 1e-6


def test_where_nobody_is_found_nobody_is_drawn():
    away = drawn()
    gone = frozenset(range(95, 110))
    away.xy_px[list(gone)] = np.nan
    assert any(way.backwards for way in ways_of(away) if way.lost[0] == min(gone))
    after, used = mend(away, blind=gone)
    assert not after.seen[list(gone)].any()
    looked = [index for estimator in used for index in estimator.given if index in gone]
    assert 0 < len(looked) <= 6


def test_a_hole_in_the_clip_is_no_error():
    track = drawn()
    later = replace(track, time_s=track.time_s + 20.0 * (np.arange(len(track)) >= 110))
    later.xy_px[110:] = np.nan
    assert [way.lost[0] for way in ways_of(later)] == [0]


def test_nobody_is_no_error():
    track = replace(TRUTH, xy_px=np.full_like(TRUTH.xy_px, np.nan))
    assert mend(track)[0] is track


def test_pictures_are_read_once_and_in_order():
    asked: list[float] = []

    def once(from_s: float) -> Iterator[Frame]:
        asked.append(from_s)
        return frames(from_s)

    bent = int(np.flatnonzero(~UPRIGHT[40:])[4]) + 40
    blind = frozenset({bent})
    after = mended(drawn(blind=blind), Estimator, once, lambda frame: lambda: frame)
    assert len(asked) == 1
    assert astray_px(after).max() < 1e-6


def test_whoever_is_held_for_long_is_not_overwritten():
    """A partner who stands there for longer than the set lasts."""
    track = film_lift("squat", Scene(fps=FPS))
    jump = int(4.2 * FPS)
    track.xy_px[jump:] += ELSEWHERE_PX
    assert ways_of(track) == []
    early = slice(0, int(2 * FPS))  # two seconds of another body are no set
    other = film_lift("squat", Scene(fps=FPS))
    other.xy_px[early] += ELSEWHERE_PX
    assert [way.lost[0] for way in ways_of(other)] == [0]


def test_who_is_lost_time_and_again_is_not_followed_for_ever():
    long = perform(PULL_TOP, [(600.0, PULL_TOP)], Scene(fps=10))
    for start in range(0, len(long), 22):
        long.xy_px[start : start + 4 : 2] += ELSEWHERE_PX
    looked: list[int] = []

    @dataclass
    class Blind:
        def detect(self, frame: Frame) -> FramePose | None:
            looked.append(frame.index)
            return None

        def close(self) -> None: ...

    assert mended(long, Blind, partial(pictures_of, long), lambda _frame: None) is long
    assert len(looked) < 0.55 * len(long)


def test_pictures_that_end_early_are_no_error():
    track = drawn()
    assert mended(track, Estimator, lambda _from_s: iter(()), lambda _frame: None) is track


def test_whoever_stops_it_finds_the_estimator_closed():
    used: list[Estimator] = []
    told = threading.Event()

    class Waiting(Estimator):
        def detect(self, frame: Frame) -> FramePose | None:
            told.wait(10)
            return super().detect(frame)

    def estimator() -> Estimator:
        used.append(Waiting())
        return used[-1]

    def stop() -> None:
        if used:
            told.set()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mended(drawn(), estimator, frames, lambda _frame: None, stop)
    assert used[-1].closed
    assert len(used[-1].given) < 15


def lost_time_and_again() -> tuple[PoseTrack, PoseTrack]:
    """Somebody who stands there for a minute, as it is and as it is drawn."""
    truth = perform(PULL_TOP, [(60.0, PULL_TOP)], Scene(fps=FPS))
    before = replace(truth, xy_px=truth.xy_px.copy())
    for start in range(90, len(truth) - 90, 120):
        before.xy_px[start : start + 20 : 2] += ELSEWHERE_PX
    return truth, before


def pictures_of(track: PoseTrack, from_s: float) -> Iterator[Frame]:
    """Pictures that tell which frame they are of."""
    for index, time_s in enumerate(track.time_s):
        if time_s >= from_s - 1e-9:
            yield Frame(index, float(time_s), np.full((4, 4, 3), index % 256, np.uint8))


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_any_number_of_workers_mends_the_same(workers: int):
    truth, before = lost_time_and_again()

    class Reading(Estimator):
        def detect(self, frame: Frame) -> FramePose | None:
            assert frame.image[0, 0, 0] == frame.index % 256
            return super().detect(frame)

    def estimator() -> Estimator:
        return Reading(truth, np.ones(len(truth), bool))

    after = mended(
        before, estimator, partial(pictures_of, truth), lambda _frame: None, workers=workers
    )
    np.testing.assert_array_equal(after.xy_px, truth.xy_px)


def test_ways_apart_are_followed_at_the_same_time():
    truth, before = lost_time_and_again()
    both_at_work = threading.Barrier(2, timeout=20)
    met: list[int] = []

    class Meeting(Estimator):
        def detect(self, frame: Frame) -> FramePose | None:
            if not met:
                met.append(both_at_work.wait())
            return super().detect(frame)

    def estimator() -> Estimator:
        return Meeting(truth, np.ones(len(truth), bool))

    mended(before, estimator, partial(pictures_of, truth), lambda _frame: None, workers=2)
    assert met


def test_few_pictures_are_in_memory_at_a_time():
    long = perform(PULL_TOP, [(60.0, PULL_TOP)], Scene(fps=30))
    truth = replace(long, xy_px=long.xy_px.copy())
    long.xy_px[600:1200:2] += ELSEWHERE_PX
    alive: set[int] = set()
    most = 0

    class Counted(np.ndarray):
        def __del__(self) -> None:
            alive.discard(id(self))

    def pictures(from_s: float) -> Iterator[Frame]:
        nonlocal most
        for index, time_s in enumerate(long.time_s):
            if time_s >= from_s - 1e-9:
                image = PICTURE.copy().view(Counted)
                alive.add(id(image))
                most = max(most, len(alive))
                yield Frame(index, float(time_s), image)

    mended(long, lambda: Estimator(truth, np.ones(len(long), bool)), pictures, lambda _frame: None)
    assert most <= 3  # the others wait on the disk
