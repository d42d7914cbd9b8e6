"""A lifter who turns between repetitions is measured from where they stand in each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Scene
from lifts import film_lift

from formcheck.pipeline import evaluate
from formcheck.types import PoseTrack, Verdict
from formcheck.view import seen_at


def in_a_row(*azimuths: float) -> PoseTrack:
    """The same squats seen from one side after the other, the lifter turning between the sets."""
    parts = [film_lift("squat", Scene(Camera(azimuth), noise_px=1)) for azimuth in azimuths]
    named = ("xy_px", "world_m", "visibility", "presence", "shot")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in named}
    return replace(parts[0], **joined, time_s=np.arange(sum(map(len, parts))) / 30)


@pytest.mark.parametrize(("usual", "odd"), [(0, 90), (90, 0)])
def test_each_repetition_has_the_errors_of_its_own_view(usual: float, odd: float):
    found = evaluate(in_a_row(usual, usual, odd), "squat")
    shown = {"front": "squat.knee_valgus", "side": "squat.depth"}
    assert len(found.capture.facings) == len(found.reps)
    for scored in found.reps:
        view = seen_at(found.capture, scored.rep.turn).view
        checks = {check.id: check for check in scored.checks}
        for check in checks.values():
            told = check.verdict is not Verdict.CANNOT_TELL
            assert np.isfinite(check.margin) == told
        assert checks[shown[view]].verdict is not Verdict.CANNOT_TELL
        [hidden] = [name for at, name in shown.items() if at != view]
        assert checks[hidden].reason == "view"


def test_a_turned_repetition_is_as_unsure_as_one_seen_so_all_the_time():
    mixed = evaluate(in_a_row(80, 80, 40), "squat")
    alone = evaluate(film_lift("squat", Scene(Camera(40), noise_px=1)), "squat")
    margin = [rep.checks[0].margin for rep in (mixed.reps[-1], alone.reps[-1])]
    assert margin[0] == pytest.approx(margin[1], rel=0.25)
