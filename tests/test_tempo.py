"""How long a repetition and its parts take."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from bodies import perform
from lifts import Tempo, squats, thrusts

from formcheck.pipeline import evaluate


def test_what_is_filmed_slowly_takes_long():
    """Eight times slower a squat of 4 s takes 32 s of film."""
    track = perform(*squats(tempo=Tempo(2, 0.5, 1.5)))
    rows = np.arange(0, len(track) - 1, 1 / 8)

    def slowly(values: np.ndarray) -> np.ndarray:
        columns = values.reshape(len(values), -1).T
        slow = [np.interp(rows, np.arange(len(track)), column) for column in columns]
        return np.stack(slow, axis=1).reshape(len(rows), *values.shape[1:])

    named = ("xy_px", "world_m", "visibility", "presence")
    values = {name: slowly(getattr(track, name)) for name in named}
    shot, scene = np.zeros(len(rows), np.int64), replace(track.scene, slowed=8.0)
    slow = replace(track, time_s=np.arange(len(rows)) / 30, shot=shot, scene=scene, **values)
    assert len(evaluate(slow).reps) == 3


@pytest.mark.parametrize(("held_s", "told"), [(1.0, True), (2.5, True), (6.0, False)])
def test_a_hold_that_is_not_seen_to_its_end_is_not_told(held_s, told):
    found = evaluate(perform(*thrusts(2, tempo=Tempo(1, 0.5, 1, held_s))))
    hold = found.reps[0].measures["hold_s"]
    assert abs(hold.value - held_s) <= hold.error + 0.1 if told else math.isnan(hold.value)
    assert hold.reason == ("" if told else "held_on")
