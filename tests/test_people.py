"""Who is scored when several people are in a clip: stick figures at known places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Scene, perform, still
from lifts import STANDING, squats

from formcheck.errors import UsageError
from formcheck.people import Cast, Look, cast_of, pose_at, stretches
from formcheck.subject import Point, of_subject, people_of, region, wish_of, wished
from formcheck.types import FloatArray, FramePose, PoseTrack

LIFTER = perform(*squats())
TIMES = LIFTER.time_s
EVERY = 36
PLACES = range(18, len(LIFTER), EVERY)


def moved(track: PoseTrack, shift_px: FloatArray | float, scale: float = 1.0) -> PoseTrack:
    """The track with its person elsewhere: made larger about the floor's middle, then shifted."""
    foot = np.array([track.width / 2, track.height * 0.9])
    xy = foot + scale * (track.xy_px - foot)
    shift = np.broadcast_to(shift_px, len(track)).astype(float)
    xy[..., 0] += shift[:, None]
    return replace(track, xy_px=xy)


BYSTANDER = still(STANDING, Camera(0), len(LIFTER))


def pose(track: PoseTrack, place: int) -> FramePose:
    found = pose_at(track, place)
    assert found is not None
    return found


def looks_at(
    *people: PoseTrack | tuple[PoseTrack, float, float], dressed: bool = False
) -> list[Look]:
    """What the looks see; a person may be there from one time to another only.

    ``dressed``: each in clothes of their own, the first in green, the second in red.
    """
    seen = []
    for place in PLACES:
        there, clothes = [], []
        for one, green_red in zip(people, np.linspace(-50, 50, len(people)), strict=True):
            track, first, last = one if isinstance(one, tuple) else (one, -1.0, 1e9)
            if first <= TIMES[place] <= last:
                there.append(pose(track, place))
                clothes.append(np.array([[50.0, green_red, 0.0]] * 2))
        worn = tuple(clothes) if dressed else ()
        seen.append(Look(float(TIMES[place]), place, tuple(there), worn))
    return seen


def without_first(look: Look) -> Look:
    """The look without its first person, who is hidden or away."""
    return replace(look, poses=look.poses[1:], clothes=look.clothes[1:])


def pieced(*parts: tuple[PoseTrack, float]) -> PoseTrack:
    """What a model follows that goes from one person to the next at some times (seconds)."""
    xy, world = LIFTER.xy_px.copy(), LIFTER.world_m.copy()
    begin = 0.0
    for track, until in parts:
        rows = (begin <= TIMES) & (until > TIMES)
        xy[rows], world[rows] = track.xy_px[rows], track.world_m[rows]
        begin = until
    return replace(LIFTER, xy_px=xy, world_m=world)


def never(*_: object) -> dict[int, FramePose]:
    raise AssertionError("nothing had to be followed anew")


def anew_from(track: PoseTrack, asked: list[tuple[float, float]]):
    """Following anew finds what is there."""

    def anew(_: Cast, first_s: float, last_s: float) -> dict[int, FramePose]:
        asked.append((first_s, last_s))
        rows = np.flatnonzero((first_s <= TIMES) & (last_s >= TIMES))
        return {int(k): pose(track, int(k)) for k in rows}

    return anew


def test_one_person_alone_is_left_as_followed():
    track, people = of_subject(LIFTER, looks_at(LIFTER), None, never)
    assert track is LIFTER
    assert [(p.chosen, p.share) for p in people] == [(True, 1.0)]


def test_nobody_at_any_look_is_no_error():
    track, people = of_subject(LIFTER, [], None, never)
    assert track is LIFTER
    assert people == ()


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.3])
def test_the_one_who_moves_through_repetitions_is_scored(scale):
    """Even when the model followed a larger bystander from the start."""
    other = moved(BYSTANDER, -400, scale)
    asked: list[tuple[float, float]] = []
    track, people = of_subject(other, looks_at(other, LIFTER), None, anew_from(LIFTER, asked))
    assert len(asked) == 1
    np.testing.assert_allclose(track.xy_px, LIFTER.xy_px)
    assert [person.chosen for person in people] == [False, True]


def test_a_passer_by_in_front_does_not_take_over():
    passer = moved(BYSTANDER, np.interp(TIMES, [2.0, 5.0], [-900, 900]), 1.6)
    followed = pieced((LIFTER, 3.0), (passer, 4.2), (LIFTER, 99.0))
    asked: list[tuple[float, float]] = []
    seen = looks_at(LIFTER, (passer, 2.0, 5.0))
    track, _ = of_subject(followed, seen, None, anew_from(LIFTER, asked))
    ((first_s, last_s),) = asked
    assert first_s <= 3.0
    assert last_s >= 4.2 - EVERY / 30
    assert last_s - first_s < 0.5 * TIMES[-1]
    np.testing.assert_allclose(track.xy_px, LIFTER.xy_px)


@pytest.mark.parametrize("crossed_s", [5.0, 6.3, 7.4])
@pytest.mark.parametrize(
    ("speed_px_s", "dressed"),
    [(-120, False), (120, False), (-360, True), (-240, True), (240, True), (360, True)],
)
def test_a_model_that_glides_to_a_passer_by_in_front_does_not_make_them_the_lifter(
    speed_px_s, dressed, crossed_s
):
    """It goes along with them, without a jump, from where they hide the lifter until they leave."""
    passer = moved(BYSTANDER, np.clip((TIMES - crossed_s) * speed_px_s, -1200, 1200))
    half_s = LIFTER.width / 2 / abs(speed_px_s)
    followed = pieced((LIFTER, crossed_s), (passer, crossed_s + half_s), (LIFTER, 99.0))
    seen = looks_at(LIFTER, (passer, crossed_s - half_s, crossed_s + half_s), dressed=dressed)
    track, people = of_subject(followed, seen, None, anew_from(LIFTER, []))
    assert len(people) == 2
    right = np.isclose(track.xy_px, LIFTER.xy_px).all(axis=(1, 2))
    assert np.mean(right) > 0.85
    assert np.mean(right | ~track.seen) > 0.95


@pytest.mark.parametrize("beside_px", [-300, 200])
@pytest.mark.parametrize("speed_px_s", [120, 300])
def test_a_lifter_who_walks_in_past_somebody_stays_the_lifter(speed_px_s, beside_px):
    lifter = moved(LIFTER, np.clip((TIMES - 3.2) * speed_px_s, -1200, 0))
    there_s = 3.2 - LIFTER.width / 2 / speed_px_s
    seen = looks_at(moved(BYSTANDER, beside_px), (lifter, there_s, 99.0))
    track, people = of_subject(lifter, seen, None, anew_from(lifter, []))
    assert len(people) == 2
    assert track.seen[TIMES > 3.2].all()
    np.testing.assert_allclose(track.xy_px[track.seen], lifter.xy_px[track.seen])


def test_who_was_there_before_the_lifter_came_is_not_scored():
    before = moved(BYSTANDER, -450)
    followed = pieced((before, 3.2), (LIFTER, 99.0))
    seen = looks_at((before, 0.0, 3.1), (LIFTER, 2.0, 99.0))
    track, people = of_subject(followed, seen, None, anew_from(LIFTER, []))
    assert [person.chosen for person in people] == [False, True]
    assert not track.seen[TIMES < 1.0].any()
    assert track.seen[TIMES > 3.2].all()


def test_who_is_never_seen_beside_another_may_be_the_same():
    """Found again elsewhere, as after a pan of the camera: nothing is thrown away."""
    elsewhere = moved(LIFTER, -450)
    followed = pieced((elsewhere, 5.0), (LIFTER, 99.0))
    seen = looks_at((elsewhere, 0.0, 4.9), (LIFTER, 5.0, 99.0))
    track, _ = of_subject(followed, seen, None, never)
    assert track.seen.all()


def test_a_mirror_image_is_known_as_one():
    image = moved(LIFTER, 420, 0.6)
    _, people = of_subject(LIFTER, looks_at(LIFTER, image), None, never)
    assert [(p.chosen, p.mirror) for p in people] == [(True, False), (False, True)]


def test_one_who_stands_beside_is_no_mirror_image():
    _, people = of_subject(LIFTER, looks_at(LIFTER, moved(BYSTANDER, 420, 0.9)), None, never)
    assert not any(person.mirror for person in people)


def test_a_part_of_the_followed_person_is_nobody():
    part = moved(LIFTER, 10, 0.5)
    _, people = of_subject(LIFTER, looks_at(LIFTER, part), None, never)
    assert len(people) == 1


def test_somebody_seen_once_is_nobody():
    once = moved(BYSTANDER, 400)
    _, people = of_subject(LIFTER, looks_at(LIFTER, (once, 2.0, 2.1 + EVERY / 30)), None, never)
    assert len(people) == 1


def test_a_jump_of_the_model_ends_a_stretch():
    followed = pieced((LIFTER, 3.0), (moved(BYSTANDER, 400), 99.0))
    number = stretches(followed)
    assert len(set(number[TIMES < 2.9])) == 1
    assert number[0] != number[-1]
    assert set(stretches(LIFTER)) == {0}


@pytest.fixture
def pair() -> Cast:
    cast = cast_of(LIFTER, looks_at(LIFTER, moved(BYSTANDER, -400)))
    assert cast is not None
    return cast


def test_people_are_numbered_from_the_left(pair):
    assert [person.number for person in people_of(pair)] == [1, 2]
    assert pair.subject == 1


@pytest.mark.parametrize(("wish", "subject"), [(None, 1), (1, 0), (2, 1)])
def test_a_number_chooses(pair, wish, subject):
    assert wished(pair, wish).subject == subject


def test_a_place_and_a_time_choose(pair):
    left, top, right, bottom = region(pair, 0, 2.0, 0.0)
    at = Point((left + right) / 2, (top + bottom) / 2, 2.0)
    assert wished(pair, at).subject == 0


@pytest.mark.parametrize("wish", [3, Point(5, 5, 2.0)])
def test_who_is_not_there_cannot_be_chosen(pair, wish):
    with pytest.raises(UsageError, match="person"):
        wished(pair, wish)


@pytest.mark.parametrize(
    ("text", "wish"), [("2", 2), ("640,300@1.5", Point(640, 300, 1.5)), (" 1 ", 1)]
)
def test_wishes_are_read(text, wish):
    assert wish_of(text) == wish


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "640@1", "640,300", "a,b@c", "nan,1@1"])
def test_what_is_no_wish_is_one_clear_line(text):
    with pytest.raises(UsageError, match="--person"):
        wish_of(text)


def test_somebody_who_squats_towards_the_camera_stays_one_person():
    """Seen from the front a deep squat halves the length of trunk and legs in the picture."""
    front = perform(*squats(), Scene(Camera(0)))
    seen = [Look(look.time_s, look.place, (pose(front, look.place),)) for look in looks_at(LIFTER)]
    track, people = of_subject(front, seen, None, never)
    assert track is front
    assert len(people) == 1


def test_somebody_who_is_seen_too_seldom_to_be_counted_is_not_scored():
    """In front for a second, in which there is one look."""
    passer = moved(BYSTANDER, np.interp(TIMES, [3.2, 4.5], [-500, 500]), 1.4)
    followed = pieced((LIFTER, 3.8), (passer, 4.7), (LIFTER, 99.0))
    seen = looks_at(LIFTER, (passer, 3.9, 4.7))
    track, people = of_subject(followed, seen, None, anew_from(LIFTER, []))
    assert len(people) == 1
    np.testing.assert_allclose(track.xy_px, LIFTER.xy_px)


def test_a_passer_by_who_is_half_in_the_picture_first_is_not_exchanged_for_the_lifter():
    """Too small then to be the one in front, whom the model follows later."""
    way_px = (TIMES - 4.2) * 100
    passer, cut = moved(BYSTANDER, way_px, 1.3), moved(BYSTANDER, way_px, 0.8)
    followed = pieced((LIFTER, 2.8), (passer, 4.6), (LIFTER, 99.0))
    seen = looks_at(LIFTER, (passer, 2.0, 5.0), dressed=True)
    seen[1] = looks_at(LIFTER, cut, dressed=True)[1]
    seen = [replace(look, clothes=tuple(0.12 * worn for worn in look.clothes)) for look in seen]
    track, _ = of_subject(followed, seen, None, anew_from(LIFTER, []))
    np.testing.assert_allclose(track.xy_px[track.seen], LIFTER.xy_px[track.seen])
    assert track.seen[TIMES > 4.6].all()


def test_a_lifter_who_was_away_for_a_while_is_the_same_one():
    """Meanwhile the model takes up somebody who stands beside, and stays with them."""
    before, beside, back = moved(LIFTER, -400), moved(BYSTANDER, 0, 0.9), moved(LIFTER, 400)
    lifter = pieced((before, 5.0), (back, 99.0))
    seen = looks_at(lifter, beside, dressed=True)
    seen[3:5] = [without_first(look) for look in seen[3:5]]
    followed = pieced((before, 4.0), (beside, 99.0))
    track, people = of_subject(followed, seen, None, anew_from(lifter, []))
    assert len(people) == 2
    there = (TIMES < 3.5) | (TIMES > 6.0)
    np.testing.assert_allclose(track.xy_px[there], lifter.xy_px[there])


def test_who_stops_in_front_of_the_lifter_for_a_while_does_not_become_the_lifter():
    """Hiding them: there is nobody else then, and the model goes over without a jump."""
    passer = moved(BYSTANDER, np.interp(TIMES, [1.6, 3.6, 7.2, 9.2], [-640, 0, 0, 640]), 1.15)
    followed = pieced((LIFTER, 3.4), (passer, 8.0), (LIFTER, 99.0))
    seen = looks_at(LIFTER, (passer, 1.6, 9.2), dressed=True)
    seen = [without_first(look) if 3.4 < look.time_s < 7.4 else look for look in seen]
    track, people = of_subject(followed, seen, None, anew_from(LIFTER, []))
    assert len(people) == 2
    right = np.isclose(track.xy_px, LIFTER.xy_px).all(axis=(1, 2))
    assert right[TIMES < 3.0].all()
    assert right[TIMES > 8.2].all()
    assert np.mean(right | ~track.seen) > 0.9


def test_who_is_seen_too_seldom_to_be_counted_can_be_pointed_at():
    """As one of several lifters of a long clip."""
    other = moved(LIFTER, -400, 0.9)
    seen = looks_at((other, 3.9, 4.7), moved(BYSTANDER, 0), (moved(LIFTER, 400), -1.0, 99.0))
    at = pose(other, 126).xy_px.mean(axis=0)
    wish = Point(float(at[0]), float(at[1]), 4.2)
    followed = moved(LIFTER, 400)
    assert len(of_subject(followed, seen, None, anew_from(other, []))[1]) == 2
    track, people = of_subject(followed, seen, wish, anew_from(other, []))
    assert [person.chosen for person in people] == [True, False, False]
    rows = (TIMES > 3.6) & (TIMES < 4.8)
    np.testing.assert_allclose(track.xy_px[rows], other.xy_px[rows])
    assert not track.seen[TIMES < 2.0].any()


@pytest.mark.parametrize(
    ("wish", "kept"),
    [(None, 1.0), (Point(340, 400, 2.0, guessed=True), 1.0), (1, 0.5), (2, 0.5)],
)
def test_who_lifts_before_or_after_the_chosen_one_in_other_clothes_is_not_scored(wish, kept):
    """Without a wish it may be the same one, changed by light or turned round."""
    first, second = moved(LIFTER, -300), moved(LIFTER, 300)
    seen = looks_at((first, -1.0, 5.7), (second, 5.7, 99.0), dressed=True)
    followed = pieced((first, 5.7), (second, 99.0))
    track, _ = of_subject(followed, seen, wish, lambda *_: {})
    assert np.mean(track.seen) == pytest.approx(kept, abs=0.1)
