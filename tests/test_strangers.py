"""Somebody who walks by in front of the lifter is not measured in the lifter's stead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from bodies import Scene
from lifts import film_lift

from formcheck.body import sizes_px
from formcheck.clothes import clothes
from formcheck.people import Look, pose_at
from formcheck.strangers import AROUND_S, without_strangers
from formcheck.subject import without
from formcheck.types import Frame, FramePose, PoseTrack

RED, BLUE, GREY = (200, 30, 30), (30, 30, 200), (120, 120, 120)
FPS = 30.0
LIFTER = film_lift("squat", Scene(fps=FPS))
BY = slice(60, 80)
"""The frames in which somebody else is followed."""


def taken_over(scale: float, by: slice = BY) -> PoseTrack:
    """The lifter, but for a while somebody of another size around the same place."""
    xy_px = LIFTER.xy_px.copy()
    middle = xy_px[by].mean(axis=1, keepdims=True)
    xy_px[by] = middle + scale * (xy_px[by] - middle)
    return replace(LIFTER, xy_px=xy_px)


def picture(colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((LIFTER.height // 4, LIFTER.width // 4, 3), colour, np.uint8)


class Film:
    """Pictures a quarter as large in which one colour is everywhere; ``asked``: from when on."""

    def __init__(self, strange: tuple[int, int, int], by: slice = BY) -> None:
        self.colours = [RED] * len(LIFTER)
        self.colours[by] = [strange] * len(self.colours[by])
        self.asked: list[float] = []

    def __call__(self, from_s: float) -> Iterator[Frame]:
        self.asked.append(from_s)
        for index, time_s in enumerate(LIFTER.time_s):
            if time_s >= from_s:
                yield Frame(index, float(time_s), picture(self.colours[index]))


def shown(pose: FramePose, colour: tuple[int, int, int]) -> np.ndarray:
    return clothes(picture(colour), pose.xy_px / 4, pose.world_m)


def looks(others: bool = True) -> list[Look]:
    """A look a second, at each the lifter in red, and at the second one somebody else in blue."""
    found = []
    for place in range(0, len(LIFTER), int(FPS)):
        pose = pose_at(LIFTER, place)
        assert pose is not None
        people = [(pose, RED)]
        if others and place == FPS:
            people.append((replace(pose, xy_px=pose.xy_px + 300), BLUE))
        poses, worn = zip(*people, strict=True)
        found.append(Look(place / FPS, place, poses, tuple(map(shown, poses, worn))))
    return found


@pytest.mark.parametrize("colour", [BLUE, GREY])
def test_somebody_larger_in_other_clothes_is_left_out(colour):
    film = Film(colour)
    after = without_strangers(taken_over(1.3), looks(), film)
    around = int(AROUND_S * FPS)
    gone = np.flatnonzero(~after.seen)
    assert (gone[0], gone[-1]) == (BY.start - around, BY.stop - 1 + around)
    kept = after.seen
    np.testing.assert_array_equal(after.xy_px[kept], LIFTER.xy_px[kept])
    assert len(film.asked) == 1


@pytest.mark.parametrize(
    ("scale", "colour"), [(1.3, RED), (1.0, BLUE), (0.8, BLUE)], ids=["nearer", "shade", "behind"]
)
def test_the_lifter_stays(scale, colour):
    """Who steps nearer wears the same; a shadow, or a plate before the trunk, enlarges nobody."""
    before = taken_over(scale)
    assert without_strangers(before, looks(), Film(colour)) is before


def test_what_lies_between_two_glimpses_of_a_stranger_goes_too():
    film = Film(BLUE)
    film.colours[66:72] = [RED] * 6
    after = without_strangers(taken_over(1.3), looks(), film)
    assert not after.seen[BY].any()
    film.colours[62:78] = [RED] * 16  # half a second is more than a glimpse
    assert without_strangers(taken_over(1.3), looks(), film).seen[70]


def test_where_nobody_else_was_seen_no_picture_is_looked_at():
    film = Film(BLUE)
    before = taken_over(1.3)
    assert without_strangers(before, looks(others=False), film) is before
    assert without_strangers(before, [], film) is before
    assert film.asked == []


def test_who_is_not_followed_all_the_time_is_no_error():
    before = without(taken_over(1.3), np.arange(len(LIFTER)) < 50)
    assert np.isnan(sizes_px(before.xy_px, before.world_m)[:50]).all()
    after = without_strangers(before, looks(), Film(BLUE))
    assert not after.seen[BY].any()
    assert after.seen[90:].all()
