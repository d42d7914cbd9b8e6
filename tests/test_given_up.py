"""A pull that is given up, and the one that follows."""

from __future__ import annotations

import pytest
from swings import DEEP, FPS, TOP, a_set, swings

from formcheck.reps import Counted, count


def pulls(*keys: tuple[float, float]) -> Counted:
    """What is counted after two good ones; the last key ends in standing."""
    return count(*swings(*a_set(DEEP, DEEP), *keys, (0.5, TOP)), "top")


@pytest.mark.parametrize("bottom", [DEEP - 10, DEEP, DEEP + 10])
def test_the_next_pull_begins_where_the_weight_lies_again(bottom):
    """Also where the hips stay higher than at the bottom of the attempt."""
    found = pulls((1.0, DEEP), (0.8, 70), (0.8, bottom), (0.5, bottom), (1.0, TOP))
    (given_up,), last = found.partial, found.reps[-1]
    assert given_up.reason == "given_up"
    assert given_up.end < last.start
    assert (last.turn - last.start) / FPS == pytest.approx(0.8, abs=0.25)
