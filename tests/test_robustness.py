"""Nothing that a phone or an app does to a clip may change the answer: on landmarks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import tracks

sys.path.insert(0, str(tracks.ROOT / "benchmarks"))

from _robustness import at_rate, compare, mirrored, padded, scaled
from bodies import Camera, Scene, perform
from lifts import squats

from formcheck.pipeline import Evaluation, evaluate
from formcheck.types import Landmark, PoseTrack

CHANGES: dict[str, Callable[[PoseTrack], PoseTrack]] = {
    "mirrored": mirrored,
    "scaled down": lambda track: scaled(track, 0.5),
    "scaled up": lambda track: scaled(track, 2.0),
    "24 fps": lambda track: at_rate(track, 24.0),
    "60 fps": lambda track: at_rate(track, 60.0),
    "more border": lambda track: padded(track, 120, 80),
    "less border": lambda track: padded(track, -20, -10),
}
# Standing up with empty hands after the last deadlift shows in pictures only: one more here.
COUNTS = {
    "squat_clean": 3,
    "squat_faults": 4,
    "deadlift_clean": 4,
    "deadlift_faults": 5,
    "lunge_clean": 3,
    "lunge_faults": 4,
    "hip_thrust_clean": 3,
    "hip_thrust_faults": 4,
}
PAIRS = [(name, change) for name in COUNTS for change in CHANGES]


@cache
def track_of(name: str) -> PoseTrack:
    return tracks.load(name)


def judged(track: PoseTrack) -> Evaluation:
    return evaluate(track, model="full")


@cache
def result_of(name: str) -> Evaluation:
    return judged(track_of(name))


@pytest.mark.parametrize("name", COUNTS)
def test_the_kept_landmarks_hold_the_set(name):
    result = result_of(name)
    assert result.exercise.id == name.rsplit("_", 1)[0]
    assert len(result.reps) == COUNTS[name]


@pytest.mark.parametrize(("name", "change"), PAIRS)
def test_no_measure_moves_by_more_than_its_error(name, change):
    found = compare(result_of(name), judged(CHANGES[change](track_of(name))))
    assert found.reps_after == found.reps_before
    assert len(found.moves) >= 8 * found.reps_before  # measures and checks were really compared
    assert found.lost == 0
    assert not found.turned
    assert not found.beyond, found.beyond[:3]


def test_a_mirrored_track_has_its_sides_exchanged():
    track = track_of("lunge_clean")
    twice = mirrored(mirrored(track))
    np.testing.assert_allclose(twice.xy_px, track.xy_px)
    sides = {"left": "right", "right": "left"}
    given = [rep.rep.side for rep in result_of("lunge_clean").reps]
    seen = [rep.rep.side for rep in judged(mirrored(track)).reps]
    assert seen == [sides[side] for side in given]


def test_knees_from_the_front_read_alike_in_the_mirror():
    scene = Scene(Camera(azimuth=12, distance_m=3.5), noise_px=2.0)
    track = perform(*squats(2), scene)
    seen, mirror = evaluate(track, "squat"), evaluate(mirrored(track), "squat")
    for side, other in (("left", "right"), ("right", "left")):
        one, two = (e.signals[f"knee_valgus_{s}_deg"] for e, s in ((seen, side), (mirror, other)))
        np.testing.assert_allclose(one, two, atol=0.01)


def test_a_moved_measure_is_told():
    """The comparison itself: knees seen farther in front measure otherwise."""
    moved = scaled(track_of("squat_clean"), 1.0)
    moved.xy_px[:, [Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE], 0] -= 30.0
    assert compare(result_of("squat_clean"), judged(moved)).beyond
