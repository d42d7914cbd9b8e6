"""Looking nearer at somebody far away; the pose model is a stand-in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Scene, hidden, perform
from lifts import deadlifts

from formcheck.errors import UsageError
from formcheck.nearer import FAR, from_near, nearer_part, tiles
from formcheck.scene import WHOLE, Box, Person
from formcheck.subject import Point, Wish
from formcheck.types import Landmark, PoseTrack

NEAR = perform(*deadlifts(2), Scene(Camera(width=640, height=360, scale=150.0)))
DISTANT = perform(*deadlifts(2), Scene(Camera(width=640, height=360, scale=45.0)))
BARS: Box = (0.0, 0.1, 1.0, 0.9)


def lost(track: PoseTrack, share: float) -> PoseTrack:
    """Nobody is found in the first frames."""
    return hidden(track, slice(0, round(share * len(track))), list(Landmark))


class Model:
    """Sees one track in the whole picture and others in the parts, in order."""

    def __init__(self, *tracks: PoseTrack | UsageError) -> None:
        self.tracks, self.asked = list(tracks), []

    def __call__(self, part: Box, wish: Wish) -> PoseTrack:
        self.asked.append((part, wish))
        track = self.tracks[len(self.asked) - 1]
        if isinstance(track, UsageError):
            raise track
        return track


def test_who_is_seen_well_and_near_is_looked_at_once():
    model = Model(NEAR)
    assert from_near(model, WHOLE, None) is NEAR
    assert model.asked == [(WHOLE, None)]
    assert from_near(Model(NEAR), BARS, None) is NEAR


def test_a_distant_lifter_is_looked_at_from_near():
    part = nearer_part(DISTANT, WHOLE, WHOLE)
    assert part is not None
    places = DISTANT.xy_px / (DISTANT.width, DISTANT.height)
    low, high = np.array(part[:2]), np.array(part[2:])
    assert (np.nanmin(places, axis=(0, 1)) > low).all()
    assert (np.nanmax(places, axis=(0, 1)) < high).all()
    assert ((high - low) * (DISTANT.width, DISTANT.height)).max() < 0.7 * DISTANT.width


def test_nearer_looks_end():
    """A body that is large in its part is near; a part that is hardly smaller is not worth it."""
    part = nearer_part(DISTANT, WHOLE, WHOLE)
    assert part is not None
    assert nearer_part(DISTANT, part, WHOLE) is None
    assert nearer_part(lost(DISTANT, 0.5), part, WHOLE) is None


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_who_is_lost_between_bars_is_looked_for_without_them(share):
    model = Model(lost(NEAR, share), NEAR)
    assert np.array_equal(from_near(model, BARS, None).xy_px, NEAR.xy_px, equal_nan=True)
    assert [part for part, _ in model.asked] == [WHOLE, BARS]


def test_who_is_nowhere_is_looked_for_all_over_the_picture_and_no_more():
    nobody = lost(NEAR, 1.0)
    model = Model(*[nobody] * 4)
    assert from_near(model, WHOLE, None) is nobody
    assert [part for part, _ in model.asked[1:]] == tiles(WHOLE, (NEAR.width, NEAR.height))
    assert from_near(Model(nobody), WHOLE, 1) is nobody


@pytest.mark.parametrize("share", [0.7, 1.0])
def test_of_two_views_side_by_side_one_is_followed(share):
    """Both are too small in the whole picture, where the model may take something for somebody."""
    lost_there = [lost(NEAR, share)] * (1 if share == 1 else 2)
    model = Model(*lost_there, lost(NEAR, 0.8), NEAR)
    assert from_near(model, WHOLE, None) is NEAR
    assert model.asked[-1] == (tiles(WHOLE, (NEAR.width, NEAR.height))[1], None)


def test_a_part_in_which_the_lifter_is_lost_as_often_is_not_taken():
    seldom = lost(NEAR, 0.7)
    model = Model(seldom, UsageError("not there"), *[lost(NEAR, 0.5)] * 3)
    assert from_near(model, WHOLE, None) is seldom
    assert len(model.asked) == 5


def test_a_picture_on_the_wall_is_not_the_lifter():
    seldom = lost(NEAR, 0.7)
    poster = replace(NEAR, xy_px=np.broadcast_to(NEAR.xy_px[0], NEAR.xy_px.shape))
    model = Model(seldom, UsageError("not there"), poster, poster, poster)
    assert from_near(model, WHOLE, None) is seldom
    model = Model(seldom, UsageError("not there"), poster, NEAR)
    assert from_near(model, WHOLE, None) is NEAR


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (1920, 540), (500, 400)])
def test_tiles_are_squares_that_cover_the_picture(size):
    found = tiles(WHOLE, size)
    sides = np.array([np.array(tile).reshape(2, 2) * size for tile in found])
    np.testing.assert_allclose(sides[:, 1] - sides[:, 0], min(size))
    along = int(np.argmax(size))
    assert sides[0, 0].tolist() == [0, 0]
    assert sides[-1, 1] == pytest.approx(size)
    assert (np.diff(sides[:, 0, along]) <= 0.75 * min(size) + 1e-9).all()
    assert tiles(WHOLE, (400, 400)) == []
    inside = tiles(BARS, (640, 640))
    assert [tile[1::2] for tile in inside] == [pytest.approx((0.1, 0.9))] * 2


def test_a_nearer_look_that_loses_the_lifter_is_not_taken():
    assert from_near(Model(DISTANT, lost(DISTANT, 0.2)), WHOLE, None) is DISTANT
    assert from_near(Model(DISTANT, UsageError("not there")), WHOLE, None) is DISTANT


def test_the_one_who_was_followed_is_followed_from_near_and_others_are_told():
    people = (
        Person(1, (10.0, 20.0, 30.0, 60.0), 1.5, 0.0, 5.0, 1.0, chosen=True),
        Person(2, (90.0, 20.0, 99.0, 60.0), 1.5, 0.0, 5.0, 1.0),
    )
    far = replace(DISTANT, scene=replace(DISTANT.scene, people=people))
    model = Model(far, DISTANT)
    found = from_near(model, WHOLE, 1)
    assert model.asked[1][1] == Point(20.0, 40.0, 1.5)
    assert found.scene.people == people


def test_a_person_who_is_not_there_is_told():
    missing = UsageError("only one person was found")
    with pytest.raises(UsageError):
        from_near(Model(missing), WHOLE, 2)
    assert from_near(Model(missing, NEAR), BARS, 2) is NEAR
    with pytest.raises(UsageError):
        from_near(Model(missing, missing), BARS, 2)


def test_the_limit_of_far_is_a_share_of_what_was_looked_at():
    height = np.ptp(NEAR.xy_px, axis=1).max(axis=1)
    assert np.median(height) > FAR * NEAR.width
    assert nearer_part(NEAR, WHOLE, WHOLE) is None
    wide = replace(NEAR, width=4 * NEAR.width, height=4 * NEAR.height)
    assert nearer_part(wide, WHOLE, WHOLE) is not None
    assert nearer_part(wide, (0.0, 0.0, 0.25, 0.25), WHOLE) is None


def test_a_nearer_look_at_somebody_else_is_not_taken():
    """The box around the one who is wished for may reach over another, found better in it."""
    beside = replace(DISTANT, xy_px=DISTANT.xy_px + np.array([60.0, 0.0]))
    assert from_near(Model(DISTANT, beside), WHOLE, 2) is DISTANT
    nudged = replace(DISTANT, xy_px=DISTANT.xy_px + 2.0)
    assert np.array_equal(from_near(Model(DISTANT, nudged), WHOLE, 2).xy_px, nudged.xy_px)


def test_who_is_scored_by_default_may_be_found_elsewhere():
    """From far away the model may follow nobody."""
    lifter = replace(DISTANT, xy_px=DISTANT.xy_px + np.array([60.0, 0.0]))
    assert np.array_equal(from_near(Model(DISTANT, lifter), WHOLE, None).xy_px, lifter.xy_px)


@pytest.mark.parametrize(("share", "taken"), [(0.2, False), (0.1, True)])
def test_a_nearer_look_at_somebody_near_has_to_find_them(share, taken):
    """Behind plates it may see a little more, and draw it worse."""
    before, inside = lost(NEAR, 0.3), lost(NEAR, share)
    found = from_near(Model(before, inside, inside), BARS, None)
    assert (found is not before) == taken
