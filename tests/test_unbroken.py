"""Repetitions over cuts: broken off where the posture jumps, else going on."""

from __future__ import annotations

import numpy as np
import pytest
from swings import DEEP, FPS, TOP, a_set, swings

from formcheck.reps import Counted, count


def cut_short(at_s: float, missing_s: float, *keys: tuple[float, float]) -> list[np.ndarray]:
    """Times, depth and shots of a signal of which a part was cut out."""
    time_s, depth = swings(*keys)
    kept = (time_s < at_s) | (time_s >= at_s + missing_s)
    shot = (time_s >= at_s).astype(np.int64)[kept]
    return [np.arange(kept.sum()) / FPS, depth[kept], shot]


def test_a_cut_from_the_bottom_to_the_top_is_no_pull():
    time_s, depth, shot = cut_short(2.0, 1.0, (2.0, DEEP), (1.0, TOP), (2.0, TOP))
    depth[shot == 0] = DEEP
    assert count(time_s, depth, "top", shot) == Counted()


@pytest.mark.parametrize("at_s", [4.3, 4.7, 5.6])
def test_a_repetition_that_a_cut_breaks_off_is_not_counted(at_s):
    time_s, depth, shot = cut_short(at_s, 0.6, *a_set(*[DEEP] * 3))
    counted = count(time_s, depth, "bottom", shot)
    assert len(counted.reps) == 2
    assert all(shot[found.start] == shot[found.end] for found in counted.reps)
    assert {p.reason for p in counted.partial} <= {"cut_start", "cut_end"}
    assert counted.partial


@pytest.mark.parametrize("turn", ["bottom", "top"])
@pytest.mark.parametrize("at_s", [1.7, 2.3, 3.0, 4.0])
def test_a_repetition_goes_on_where_the_film_only_goes_nearer(turn, at_s):
    time_s, depth, shot = cut_short(at_s, 0.0, *a_set(*[DEEP] * 3))
    assert count(time_s, depth, turn, shot) == count(time_s, depth, turn)


def test_nothing_is_bridged_from_one_posture_to_another_over_a_cut():
    """A title stands between somebody at the bottom and somebody at the top."""
    time_s, depth, shot = cut_short(2.4, 0.0, *a_set(*[DEEP] * 2))
    unseen = (time_s > 2.2) & (time_s < 3.6)
    counted = count(time_s, np.where(unseen, np.nan, depth), "bottom", shot)
    assert len(counted.reps) == 1
