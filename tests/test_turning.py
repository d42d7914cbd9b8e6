"""A lifter who turns between repetitions is measured from where they stand in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from bodies import Camera, Scene, swapped
from lifts import film_lift

from formcheck.closeup import Look, Seen
from formcheck.people import pose_at
from formcheck.pipeline import evaluate
from formcheck.types import SIDES, ImageArray, PoseTrack, Verdict, landmark
from formcheck.view import seen_at


def in_a_row(*azimuths: float, lift: str = "squat") -> PoseTrack:
    """The same set seen from one side after the other, the lifter turning between the sets."""
    parts = [film_lift(lift, Scene(Camera(azimuth), noise_px=1)) for azimuth in azimuths]
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


def rounded_backs(track: PoseTrack, near: list[str]) -> Look:
    """Silhouettes of a trunk that bulges out behind while it is bent over."""

    def mask(frame: int) -> np.ndarray:
        joints = track.xy_px[frame]
        hip, shoulder = (
            joints[[landmark(side, joint) for side in SIDES]].mean(axis=0)
            for joint in ("hip", "shoulder")
        )
        trunk = shoulder - hip
        length = float(np.linalg.norm(trunk))
        behind = np.array([trunk[1], -trunk[0]]) / length * (1 if near[frame] == "right" else -1)
        bent_over = abs(np.degrees(np.arctan2(trunk[0], -trunk[1]))) > 25
        along = np.linspace(-0.2, 1.25, 60)[:, None]
        bulge = 0.22 * length * (1 - (2 * along - 1) ** 2) * bent_over
        outer, inner = (hip + along * trunk + (bulge + b * length) * behind for b in (0.25, -0.25))
        drawn = np.zeros((track.height, track.width), np.uint8)
        cv2.fillPoly(drawn, [np.concatenate([outer, inner[::-1]]).astype(np.int32)], 1)
        return drawn.astype(np.float32)

    def plainly(times_s: Sequence[float]) -> list[ImageArray]:
        return [np.zeros((track.height, track.width, 3), np.uint8) for _ in times_s]

    def closely(times_s: Sequence[float]) -> list[Seen | None]:
        frames = [int(np.argmin(np.abs(track.time_s - time_s))) for time_s in times_s]
        poses = [pose_at(track, frame) for frame in frames]
        images = zip(plainly(times_s), frames, poses, strict=True)
        return [Seen(image, pose, mask(at)) if pose else None for image, at, pose in images]

    return Look(plainly, closely)


def test_a_rounded_back_is_one_whichever_way_the_lifter_faces():
    """The back of who has turned round is on the other side of the picture."""
    track = in_a_row(90, -90, lift="deadlift")
    turns = len(track) // 2
    found = evaluate(track, "deadlift", rounded_backs(track, ["right"] * turns + ["left"] * turns))
    whole = [rep for rep in found.reps if not rep.rep.start <= turns <= rep.rep.end]
    backs = [c for rep in whole for c in rep.checks if c.id == "deadlift.back_rounding"]
    assert {seen_at(found.capture, rep.rep.turn).near_side for rep in whole} == set(SIDES)
    assert {check.verdict for check in backs} == {Verdict.FAIL}


@pytest.mark.parametrize("lift", ["squat", "hip_thrust"])
@pytest.mark.parametrize("azimuth", [90, -90, 55])
def test_left_and_right_mixed_up_all_through_a_repetition_turn_nobody_round(lift, azimuth):
    """Knees and hips, which bend one way only, tell which side is which."""
    track = film_lift(lift, Scene(Camera(azimuth), noise_px=0.5))
    usual = evaluate(track, lift)
    second = usual.counted.reps[1]
    found = evaluate(swapped(track, slice(second.start - 5, second.end + 6)), lift)
    told = [[[c.verdict for c in rep.checks] for rep in one.reps] for one in (usual, found)]
    assert not found.capture.facings
    assert told[0] == told[1]
