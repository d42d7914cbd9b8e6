"""Movements that are none of the lifts: angles as asked, whole limbs, set down on the floor."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import lookalikes
from _accuracy_run import NOTHING, Job, Result

from gym import batch
from gym.errors import GymError
from gym.joints import JOINTS, joints_of
from gym.motion import make_lift
from gym.motion.movements import DESCRIBED
from gym.motion.postures import mirrored, posture
from gym.sets import other_of
from gym.skinning import skin
from gym.spec import MOVEMENTS, OTHER, Clip, Motion, Rep
from gym.track import fine_track
from gym.truth import TRUTH_VERSION, write_truth

STILL = Motion(reps=(Rep(),), sway=0.0)
ROW = {name: k for k, name in enumerate(JOINTS)}


@pytest.fixture(scope="module", params=MOVEMENTS)
def movement(request):
    return make_lift(Clip(OTHER, request.param, motion=STILL))


@pytest.fixture(scope="module")
def track(movement):
    return fine_track(movement)


def test_every_movement_is_described():
    assert set(DESCRIBED) == set(MOVEMENTS)


def test_hips_and_knees_bend_as_asked(movement, track):
    for segment in movement.timeline.segments:
        if segment.target["apart"] > 5:  # seen from the side a spread leg reads otherwise
            continue
        at = min(segment.start_s + segment.duration_s, track.time_s[-1])
        for side, word in (("L", "left"), ("R", "right")):
            knee = track.at(f"knee_flexion_{word}_deg", at)
            hip = track.at(f"hip_flexion_{word}_deg", at)
            assert knee == pytest.approx(segment.target["knee" + side], abs=1.5)
            assert hip == pytest.approx(segment.target["hip" + side], abs=2.5)


def test_limbs_keep_their_length(movement, track):
    body, joints = movement.body, track.joints_m
    for a, b, metres in (
        ("hip_left", "knee_left", body.thigh_m),
        ("knee_right", "ankle_right", body.shank_m),
        ("shoulder_left", "elbow_left", body.upper_arm_m),
        ("elbow_right", "wrist_right", body.forearm_m),
    ):
        length = np.linalg.norm(joints[:, ROW[a]] - joints[:, ROW[b]], axis=1)
        assert length == pytest.approx(metres, abs=0.002)


def test_the_body_rests_on_the_floor(movement):
    """No part of the mesh hovers or sinks by more than flesh gives."""
    described = movement.movement
    lifted = any(q["lift"] for q in (described.start, *(q for _, q in described.cycle)))
    held = lifted or described.seat  # by something that is not drawn, or in the air for a while
    every = np.arange(len(movement.body.vertices))
    for time_s in np.linspace(0, movement.duration_s, 9):
        pose = movement.shot(float(time_s)).pose
        lowest_m = skin(movement.body, pose, every)[:, 2].min()
        assert lowest_m > -0.06
        assert held or lowest_m < 0.05


def test_who_sits_has_the_hips_on_the_bench():
    seated = make_lift(Clip(OTHER, "leg_press", motion=STILL))
    hips = fine_track(seated).joints_m[:, ROW["hip_mid"]]
    assert np.ptp(hips[:, 2]) < 1e-6
    shot = seated.shot(1.0)
    bench = next(p for p in shot.props if p.name == "bench")
    assert 0.05 < hips[0, 2] - bench.position[2] < 0.15


def test_a_posture_knows_its_names():
    with pytest.raises(KeyError, match="hipl"):
        posture(hip_l=40)


def test_what_is_mirrored_is_done_by_the_other_leg():
    left = posture(hip_L=80, knee_R=20, arm_L=40)
    right = mirrored(left)
    assert (right["hipR"], right["kneeL"], right["armR"]) == (80, 20, 40)
    assert right["hipL"] == left["hipR"]
    assert mirrored(right) == left


def test_a_pace_of_half_takes_half_as_long():
    whole, half = (
        make_lift(Clip(OTHER, "sit_up", motion=replace(STILL, tempo_s=(down_s, 0.3, 1.1, 0.6))))
        for down_s in (1.3, 0.65)
    )
    still_s = STILL.setup_s + STILL.rest_after_s
    assert half.duration_s - still_s == pytest.approx((whole.duration_s - still_s) / 2)


def test_nothing_is_a_repetition(movement):
    assert movement.events == []
    assert np.isfinite(joints_of(movement.body, movement.stance())).all()


def test_a_set_of_others_shows_every_movement_and_is_the_same_again():
    clips = [other_of(5, k) for k in range(len(MOVEMENTS))]
    assert [c.variant for c in clips] == list(MOVEMENTS)
    assert other_of(5, 3) == clips[3] != other_of(6, 3)


def test_others_are_not_rendered_into_a_set_of_lifts(tmp_path):
    batch.render_set(7, 0, tmp_path, 1)
    with pytest.raises(GymError, match="another set"):
        batch.render_set(7, 0, tmp_path, 1, others=True)


def test_invented_repetitions_are_told(tmp_path):
    truth = {"truth_version": TRUTH_VERSION, "variant": "plank", "camera": {"view": "side"}}
    clip = tmp_path / "clip_000.mp4"
    write_truth(tmp_path / "clip_000.truth.json.gz", truth)
    job = Job(clip, "full", tmp_path)
    squats = {**NOTHING, "exercise": {"id": "squat", "confidence": 0.7}, "reps": [{}, {}]}
    rows = [lookalikes.row(job, Result(report, {})) for report in (NOTHING, squats)]
    assert [(r["taken for"], r["reps"]) for r in rows] == [("–", 0), ("squat", 2)]
    (line,) = lookalikes.summary(rows)
    assert (line["clips"], line["taken for a lift"], line["reps invented"]) == (2, 1, 2)
    assert line["movements"] == "plank"
