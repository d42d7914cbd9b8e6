from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from swings import DEEP, FPS, TOP, a_set, rep, swings

from formcheck.reps import Counted, count

steady = settings(max_examples=60, deadline=None, derandomize=True)


def dips(*keys: tuple[float, float], **more: float) -> Counted:
    return count(*swings(*keys, **more), "bottom")


def rises(*keys: tuple[float, float], **more: float) -> Counted:
    return count(*swings(*keys, **more), "top")


def reasons(counted: Counted) -> list[str]:
    return [p.reason for p in counted.partial]


@pytest.mark.parametrize("n", [1, 2, 5, 12])
@pytest.mark.parametrize("turn", ["bottom", "top"])
def test_plain_repetitions(n, turn):
    counted = count(*swings(*a_set(*[DEEP] * n)), turn)
    assert len(counted.reps) == n
    assert counted.partial == ()


@pytest.mark.parametrize("fps", [10, 24, 30, 60])
def test_a_repetition_lies_where_it_was_played(fps):
    time_s, depth = swings(*a_set(DEEP), fps=fps)
    (found,) = count(time_s, depth, "bottom").reps
    assert time_s[found.start] == pytest.approx(1.0, abs=0.45)
    assert time_s[found.turn] == pytest.approx(2.3, abs=0.2)
    assert time_s[found.end] == pytest.approx(3.4, abs=0.45)
    (found,) = count(time_s, depth, "top").reps
    assert time_s[found.start] == pytest.approx(2.4, abs=0.4)
    assert time_s[found.turn] == pytest.approx(3.4, abs=0.45)


def test_the_bottom_is_where_the_hips_are_low_too():
    """In a reverse lunge the rear knee is still bent when the foot is brought forward again."""
    time_s, depth = swings(*a_set(DEEP, pause=0.8))
    _, sunk = swings((1.0, 0), (1.2, 0.4), (0.2, 0.4), (1.6, 0), (1.5, 0), start=0.0)
    by_depth, by_both = (
        count(time_s, depth, "bottom", hip_height_ratio=hips).reps[0]
        for hips in (None, 1.5 - sunk[: len(depth)])
    )
    assert time_s[by_depth.turn] == pytest.approx(2.6, abs=0.05)
    assert time_s[by_both.turn] == pytest.approx(2.35, abs=0.1)
    assert (by_both.start, by_both.end) == (by_depth.start, by_depth.end)


def test_hips_that_are_not_in_the_picture_tell_nothing():
    time_s, depth = swings(*a_set(DEEP, DEEP))
    assert count(time_s, depth, "bottom", hip_height_ratio=np.full(len(depth), np.nan)) == count(
        time_s, depth, "bottom"
    )


def test_a_cut_that_moves_the_camera_is_no_sinking_of_the_hips():
    time_s, depth = swings(*a_set(DEEP, DEEP))
    shot = (time_s > 2.9).astype(int)
    hips = np.where(shot, 0.3, 1.0)
    by_depth = count(time_s, depth, "bottom", shot)
    assert count(time_s, depth, "bottom", shot, hips).reps[0] == by_depth.reps[0]


def test_stepping_into_a_split_is_no_part_of_a_repetition():
    """Standing, a step, and a split whose tops are less straight than standing."""
    split = TOP + 20
    dip = [(1.2, DEEP), (0.2, DEEP), (1.0, split), (0.8, split)]
    time_s, depth = swings((1.0, TOP), (0.6, split), (1.0, split), *dip, *dip, (0.6, TOP), (1, TOP))
    first, last = count(time_s, depth, "bottom").reps
    assert time_s[first.start] == pytest.approx(2.6, abs=0.45)
    assert time_s[last.end] == pytest.approx(8.2, abs=0.45)


def test_a_set_of_soft_tops_still_starts_from_standing():
    soft = TOP + 25
    first, last = dips(
        *[(1.0, TOP), (1.2, DEEP), (0.2, DEEP), (1.0, soft), (0.1, soft)],
        *[(1.2, DEEP), (0.2, DEEP), (1.0, TOP), (1.0, TOP)],
    ).reps
    assert first.start / FPS == pytest.approx(1.0, abs=0.45)
    assert last.end / FPS == pytest.approx(5.9, abs=0.45)


@pytest.mark.parametrize("half", [55.0, 62.0])
def test_one_and_a_half_squats_start_and_end_in_standing(half):
    """Down, half-way up, and again: passing the half-way top is no step into a stance."""
    one = [(1.3, DEEP), (0.1, DEEP), (0.6, half), (0.6, DEEP), (0.1, DEEP), (1.1, TOP), (0.5, TOP)]
    reps = dips((1.0, TOP), *one, *one, *one, (1.0, TOP)).reps
    assert len(reps) == 6
    for first, last, since_s in zip(reps[::2], reps[1::2], (1.0, 5.3, 9.6), strict=True):
        assert first.start / FPS == pytest.approx(since_s, abs=0.3)
        assert last.end / FPS == pytest.approx(since_s + 3.8, abs=0.3)


def test_a_split_set_has_tops_of_its_own():
    """One repetition ends soft, the next is shallow: the split's top counts, not standing."""
    split, soft, bottoms = 25.0, 47.0, [102.0, 73.0, 60.0]
    counted = dips(
        *[(1.0, 11.0), (0.5, split), (0.7, split), (1.2, bottoms[0]), (0.2, bottoms[0])],
        *[(1.0, soft), (0.4, soft), (1.0, bottoms[1]), (0.2, bottoms[1]), (1.0, split)],
        *[
            (0.4, split),
            (1.0, bottoms[2]),
            (0.2, bottoms[2]),
            (1.0, split),
            (0.5, 11.0),
            (1.0, 11.0),
        ],
        start=11.0,
    )
    assert len(counted.reps) == 3


@pytest.mark.parametrize("turn", ["bottom", "top"])
def test_a_glitch_while_standing_is_no_repetition(turn):
    time_s, depth = swings(*a_set(DEEP, DEEP, DEEP, top=2.0))
    standing = np.flatnonzero((time_s > 4.6) & (time_s < 4.7))
    depth[standing] += 2 * DEEP
    assert len(count(time_s, depth, turn).reps) == 3


def test_a_fast_repetition_keeps_its_depth():
    time_s, depth = swings(*a_set(DEEP, DEEP, down=0.3, pause=0.0, up=0.3, top=0.3))
    found = count(time_s, depth, "bottom").reps
    assert len(found) == 2
    assert [depth[rep.turn] for rep in found] == pytest.approx([DEEP, DEEP], abs=3)


@pytest.mark.parametrize("shallow", [45, 60, 85])
def test_a_shallow_repetition_among_deep_ones_counts(shallow):
    assert len(dips(*a_set(DEEP, shallow, DEEP, DEEP)).reps) == 4
    assert len(dips(*a_set(DEEP, DEEP, shallow)).reps) == 3


def test_all_shallow_repetitions_count():
    assert len(dips(*a_set(45, 48, 44)).reps) == 3


@pytest.mark.parametrize("pause", [0.0, 1.0, 3.0])
def test_pauses_at_the_bottom(pause):
    assert len(dips(*a_set(DEEP, DEEP, DEEP, pause=pause)).reps) == 3


@pytest.mark.parametrize("seed", range(4))
def test_the_turn_of_a_long_pause_is_its_middle_wherever_noise_is_deepest(seed):
    time_s, depth = swings(*a_set(DEEP, pause=2.0))
    (found,) = count(
        time_s, depth + np.random.default_rng(seed).normal(0, 2, len(depth)), "bottom"
    ).reps
    assert time_s[found.turn] == pytest.approx(1.0 + 1.2 + 1.0, abs=0.25)


def test_who_sinks_slowly_turns_at_the_end_of_it():
    time_s, depth = swings((1.0, TOP), (0.8, 100.0), (3.0, DEEP), (1.0, TOP), (0.5, TOP))
    (found,) = count(time_s, depth, "bottom").reps
    assert depth[found.turn] == pytest.approx(DEEP, abs=0.8)


@pytest.mark.parametrize("rest", [0.0, 2.0, 8.0])
def test_pauses_at_the_top(rest):
    assert len(dips(*a_set(DEEP, DEEP, DEEP, top=rest)).reps) == 3


def test_a_double_bounce_at_the_bottom_is_one_repetition():
    bounce = [(1.2, DEEP), (0.4, 82.0), (0.4, DEEP), (1.0, TOP), (0.5, TOP)]
    time_s, depth = swings((1.0, TOP), *bounce, *bounce, (1.0, TOP))
    counted = count(time_s, depth, "bottom")
    assert [depth[rep.turn] for rep in counted.reps] == pytest.approx([DEEP, DEEP], abs=2)
    assert counted.partial == ()


@pytest.mark.parametrize("seconds", [0.6, 1.0, 2.0, 5.0, 10.0])
@pytest.mark.parametrize("turn", ["bottom", "top"])
def test_tempo_from_fast_to_slow(seconds, turn):
    tempo = {"down": seconds / 2, "pause": 0, "up": seconds / 2, "top": 0.3}
    assert len(count(*swings(*a_set(*[DEEP] * 3, **tempo)), turn).reps) == 3


def test_a_set_that_slows_down():
    keys = [(1.0, TOP)]
    for seconds in (0.6, 0.9, 1.5, 2.5, 4.0):
        keys += rep(down=seconds, up=seconds)
    assert len(dips(*keys, (1.0, TOP)).reps) == 5


def test_a_clip_that_starts_at_the_bottom():
    """A pull from the floor is whole; of a squat the way down was not seen."""
    keys = [(0.8, DEEP), (1.0, TOP), (0.5, TOP), *rep(), *rep(), (1.0, TOP)]
    assert len(rises(*keys, start=DEEP).reps) == 3
    squat = dips(*keys, start=DEEP)
    assert len(squat.reps) == 2
    assert reasons(squat) == ["cut_start"]


def test_a_clip_that_starts_in_mid_descent():
    keys = [(0.3, DEEP), (0.2, DEEP), (1.0, TOP), (0.5, TOP), *rep(), *rep(), (1.0, TOP)]
    counted = dips(*keys, start=80)
    assert len(counted.reps) == 2
    assert reasons(counted) == ["cut_start"]


@pytest.mark.parametrize(("first_deg", "whole"), [(48, 3), (57, 3), (70, 2), (100, 2)])
def test_a_clip_that_starts_on_the_way_down(first_deg, whole):
    """It is a repetition if more than half of the depth is seen to come."""
    time_s, depth = swings(*a_set(DEEP, DEEP, DEEP))
    seen = slice(int(np.argmax(depth >= first_deg)), None)
    counted = count(time_s[seen], depth[seen], "bottom")
    assert len(counted.reps) == whole
    assert reasons(counted) == ["cut_start"] * (3 - whole)


@pytest.mark.parametrize("fps", [12, 15, 24, 30, 60])
def test_a_clip_may_start_just_before_the_first_repetition(fps):
    """Seen for an instant only, and quickly half way down."""
    time_s, depth = swings(
        (0.2, 50), (0.5, DEEP), (1.0, TOP), (0.5, TOP), *rep(), fps=fps, start=45
    )
    assert len(count(time_s, depth, "bottom").reps) == 2


@pytest.mark.parametrize("last", [[(1.2, DEEP)], [(1.2, DEEP), (0.3, DEEP), (0.3, 85)]])
def test_a_clip_that_ends_at_the_bottom(last):
    counted = dips((1.0, TOP), *rep(), *rep(), *last)
    assert len(counted.reps) == 2
    assert reasons(counted) == ["cut_end"]


def test_a_pull_that_is_given_up_is_no_repetition():
    keys = [(0.5, DEEP), (1.0, TOP), (1.0, DEEP), (0.3, DEEP), (1.0, 70), (1.0, DEEP), (1.0, DEEP)]
    assert len(rises(*keys, start=DEEP).reps) == 1


def test_a_squat_that_gets_stuck_half_way_up():
    counted = dips((1.0, TOP), *rep(), (1.2, DEEP), (1.0, 75), (2.0, 75))
    assert len(counted.reps) == 1
    assert len(counted.partial) == 1


def test_a_pull_that_the_clips_end_cuts():
    counted = rises((0.5, DEEP), (1.0, TOP), (1.0, DEEP), (0.5, 55), start=DEEP)
    assert len(counted.reps) == 1
    assert reasons(counted) == ["cut_end"]


@pytest.mark.parametrize("noise", [0.5, 2.0, 4.0])
@pytest.mark.parametrize("turn", ["bottom", "top"])
def test_standing_gives_none(noise, turn):
    counted = count(*swings((20.0, TOP), noise=noise), turn)
    assert counted == Counted()


@pytest.mark.parametrize("seconds", [0.0, 1.5])
def test_touch_and_go_and_dead_stop(seconds):
    pull = [(1.0, TOP), (0.2, TOP), (0.9, DEEP), (max(seconds, 1e-3), DEEP)]
    counted = rises((1.0, DEEP), *pull, *pull, *pull, (0.5, DEEP), start=DEEP)
    assert len(counted.reps) == 3


@pytest.mark.parametrize("hold", [0.3, 2.0])
def test_a_last_deadlift_that_is_not_lowered_counts(hold):
    keys = [(1.0, DEEP), (1.0, TOP), (0.3, TOP), (1.0, DEEP), (0.3, DEEP), (1.0, TOP), (hold, TOP)]
    counted = rises(*keys, start=DEEP)
    assert len(counted.reps) == 2
    assert counted.partial == ()


@pytest.mark.parametrize("frames", [2, 30])
def test_a_gap_between_repetitions_costs_none(frames):
    time_s, depth = swings((1.0, TOP), *rep(top=2.0), *rep(), *rep(), (1.0, TOP))
    at = int(4.5 * FPS)
    depth[at : at + frames] = np.nan
    assert len(count(time_s, depth, "bottom").reps) == 3


def test_a_repetition_hidden_by_a_gap_is_not_made_up():
    time_s, depth = swings(*a_set(DEEP, DEEP, DEEP))
    second = (time_s > 4.3) & (time_s < 6.1)
    depth[second] = np.nan
    counted = count(time_s, depth, "bottom")
    assert len(counted.reps) == 2


@pytest.mark.parametrize("turn", ["bottom", "top"])
def test_nothing_seen_gives_nothing(turn):
    time_s = np.arange(50) / FPS
    assert count(time_s, np.full(50, np.nan), turn) == Counted()
    assert count(time_s[:0], time_s[:0], turn) == Counted()
    assert count(time_s[:1], np.full(1, TOP), turn) == Counted()


sets = st.lists(
    st.fixed_dictionaries(
        {
            "bottom": st.floats(75, 130),
            "down": st.floats(0.4, 4),
            "pause": st.floats(0, 2),
            "up": st.floats(0.4, 4),
            "top": st.floats(0.25, 3),
        }
    ),
    min_size=1,
    max_size=7,
)
rates = st.sampled_from([15.0, 24.0, 25.0, 30.0, 50.0, 60.0])
noises = st.floats(0, 2)
turns = st.sampled_from(["bottom", "top"])


def played(reps: list[dict[str, float]]) -> list[tuple[float, float]]:
    return [(1.0, TOP), *(key for r in reps for key in rep(**r)), (1.0, TOP)]


@steady
@given(sets, rates, noises, turns)
def test_the_count_is_what_was_played(reps, fps, noise, turn):
    counted = count(*swings(*played(reps), fps=fps, noise=noise), turn)
    assert len(counted.reps) == len(reps)


@steady
@given(sets, rates, noises, turns)
def test_repetitions_are_in_order_and_do_not_overlap(reps, fps, noise, turn):
    time_s, depth = swings(*played(reps), fps=fps, noise=noise)
    found = count(time_s, depth, turn).reps
    for one in found:
        assert 0 <= one.start <= one.turn <= one.end < len(time_s)
    for one, following in itertools.pairwise(found):
        assert one.end <= following.start


@steady
@given(sets, st.floats(-50, 3600), turns)
def test_the_clock_does_not_matter(reps, shift, turn):
    time_s, depth = swings(*played(reps), noise=1)
    here, there = count(time_s, depth, turn), count(time_s + shift, depth, turn)
    assert [(r.start, r.end) for r in here.reps] == [(r.start, r.end) for r in there.reps]


@steady
@given(sets, st.floats(0, 20), st.floats(0, 20), turns)
def test_quiet_standing_around_the_set_changes_nothing(reps, before, after, turn):
    bare = count(*swings(*played(reps)), turn)
    padded = count(*swings((before + 1e-3, TOP), *played(reps), (after + 1e-3, TOP)), turn)
    assert len(padded.reps) == len(bare.reps)
    assert padded.partial == bare.partial == ()


def test_a_pull_that_turns_back_is_reported_as_given_up():
    found = rises(
        *a_set(DEEP, DEEP), *[(1.0, DEEP), (0.8, 70), (0.8, DEEP), (1.0, TOP), (0.5, TOP)]
    )
    assert len(found.reps) == 3
    assert [part.reason for part in found.partial] == ["given_up"]


@pytest.mark.parametrize("height", np.arange(66.5, 68.25, 0.25))
def test_a_turn_back_beside_the_top_zone_keeps_the_repetition_in_order(height):
    found = rises(
        *a_set(DEEP, DEEP, DEEP),
        *[(1.0, DEEP + 2), (0.3, DEEP + 2), (0.8, height), (0.3, height)],
        *[(0.8, DEEP), (0.3, DEEP), (0.8, height - 0.8), (0.3, height - 0.8)],
        *[(0.8, DEEP), (1.0, TOP), (0.5, TOP)],
    )
    assert len(found.reps) >= 4
    for one in found.reps:
        assert one.start <= one.turn <= one.end


@pytest.mark.parametrize("turn", ["bottom", "top"])
def test_film_that_plays_at_twice_its_speed(turn):
    time_s, depth = swings(*a_set(*[DEEP] * 8, down=0.35, pause=0.05, up=0.4, top=0.02))
    assert len(count(time_s, depth, turn).reps) == 8
