"""From drawn landmarks to joints' centres: what is learnt helps, and far from it nothing moves."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import tracks

sys.path.insert(0, str(tracks.ROOT / "benchmarks"))

from _robustness import mirrored, scaled
from joints import TRUE_NAMES, Clip, learn

from formcheck.angles import compute_signals
from formcheck.joints import MOVED, centred, postures
from formcheck.pipeline import evaluate
from formcheck.plane import leg_length_px
from formcheck.smoothing import in_time, smooth
from formcheck.types import SIDES, Capture, Facing, FloatArray, PoseTrack, landmark
from gym.truth import read_truth, truth_path

MOVING = [landmark(side, joint) for side in SIDES for joint in MOVED]


@cache
def seen(name: str) -> tuple[PoseTrack, Capture]:
    """A sample's smoothed landmarks as the model drew them, and the view."""
    result = evaluate(tracks.load(name))
    return result.track, result.capture


def moves(track: PoseTrack, capture: Capture) -> FloatArray:
    """(N, L, 2) how far the landmarks are moved, in leg lengths."""
    away = centred(track, capture, "full").xy_px - track.xy_px
    return away / leg_length_px(track)


def true_px(name: str, track: PoseTrack) -> FloatArray:
    """(N, 12, 2) where the moving joints really are in the picture."""
    truth = read_truth(truth_path(tracks.ROOT / "sample_videos" / f"{name}.mp4"))
    times, pixels = np.array(truth["frames"]["time_s"]), np.array(truth["frames"]["joints_px"])
    names = [
        truth["joint_names"].index(f"{TRUE_NAMES.get(joint, joint)}_{side}")
        for side in SIDES
        for joint in MOVED
    ]
    return np.stack(
        [[np.interp(track.time_s, times, pixels[:, k, axis]) for axis in range(2)] for k in names]
    ).transpose(2, 0, 1)


@pytest.mark.parametrize("name", tracks.names())
def test_joints_come_closer_to_where_they_are(name):
    track, capture = seen(name)
    true = true_px(name, track)
    before = np.linalg.norm(track.xy_px[:, MOVING] - true, axis=2)
    after = np.linalg.norm(centred(track, capture, "full").xy_px[:, MOVING] - true, axis=2)
    assert np.nanmean(after) < 0.9 * np.nanmean(before)


@pytest.mark.parametrize("name", ["squat_faults", "hip_thrust_clean", "lunge_clean"])
def test_the_other_side_of_the_body_is_moved_alike(name):
    track, capture = seen(name)
    turned = evaluate(mirrored(tracks.load(name)))
    there = mirrored(centred(turned.track, turned.capture, "full"))
    np.testing.assert_allclose(centred(track, capture, "full").xy_px, there.xy_px, atol=0.02)


def test_a_larger_picture_moves_them_by_as_much_of_the_leg():
    track, capture = seen("deadlift_clean")
    larger = evaluate(scaled(tracks.load("deadlift_clean"), 3.0))
    there = moves(larger.track, larger.capture)
    np.testing.assert_allclose(moves(track, capture), there, atol=1e-3)


def test_what_is_seen_well_stays_where_it_is_drawn():
    track, capture = seen("deadlift_clean")
    steady = replace(track, noise_px=np.zeros_like(track.visibility))
    np.testing.assert_array_equal(centred(steady, capture, "full").xy_px, track.xy_px)
    trembling = replace(track, noise_px=np.full_like(track.visibility, 100.0))
    assert np.abs(moves(trembling, capture)).mean() > np.abs(moves(track, capture)).mean()


def test_only_shoulders_and_legs_move():
    moved = np.abs(moves(*seen("squat_clean"))).max(axis=(0, 2)) > 0
    assert set(np.flatnonzero(moved)) == set(MOVING)


def test_nothing_moves_in_a_posture_unlike_all_that_was_learnt():
    track, capture = seen("squat_clean")
    tangled = replace(track, xy_px=np.random.default_rng(1).permutation(track.xy_px, axis=1))
    assert np.abs(moves(tangled, capture)).max() == 0
    assert np.abs(moves(track, capture)).max() > 0.02


def turned_round(track: PoseTrack, rows: slice, tremble_px: float) -> PoseTrack:
    """The track with, in some frames, the body drawn the other way round, as steady as told."""
    other = mirrored(track)
    middle = 2 * track.middle("hip")[:, None, 0] - track.width
    other_xy = other.xy_px + np.stack([middle, np.zeros_like(middle)], axis=2)
    xy, noise = track.xy_px.copy(), track.noise_px.copy()
    xy[rows], noise[rows] = other_xy[rows], tremble_px
    return replace(track, xy_px=xy, noise_px=noise)


def test_a_body_that_nobody_has_is_nobody_seen():
    track, capture = seen("squat_clean")
    bottom = evaluate(tracks.load("squat_clean")).reps[1].rep.turn
    rows = slice(bottom - 3, bottom + 4)
    drawn = turned_round(track, rows, tremble_px=0.05 * leg_length_px(track))
    after = centred(drawn, capture, "full")
    there = np.ones(len(track), bool)
    there[rows] = False
    np.testing.assert_array_equal(after.seen, there & track.seen)
    assert np.isnan(after.world_m[rows]).all()
    assert not after.visibility[rows].any()
    assert np.isnan(compute_signals(after, capture)["hip_flexion_both_deg"][rows]).all()


def test_an_unusual_posture_that_is_drawn_steadily_is_seen():
    track, capture = seen("squat_clean")
    bottom = evaluate(tracks.load("squat_clean")).reps[1].rep.turn
    drawn = turned_round(track, slice(bottom - 3, bottom + 4), tremble_px=0.0)
    np.testing.assert_array_equal(centred(drawn, capture, "full").seen, track.seen)


def test_somebody_whose_raised_arms_tremble_is_seen():
    track, capture = seen("squat_clean")
    xy, noise = track.xy_px.copy(), track.noise_px.copy()
    up = leg_length_px(track) * np.array([0.0, -1.0])
    for side in SIDES:
        shoulder = xy[:, landmark(side, "shoulder")]
        xy[:, landmark(side, "elbow")] = shoulder + 0.33 * up
        xy[:, landmark(side, "wrist")] = shoulder + 0.66 * up
        noise[:, landmark(side, "wrist")] = 0.1 * leg_length_px(track)
    overhead = replace(track, xy_px=xy, noise_px=noise)
    np.testing.assert_array_equal(centred(overhead, capture, "full").seen, track.seen)


@pytest.mark.parametrize("model", [None, "another"])
def test_landmarks_that_no_known_model_drew_are_taken_as_they_are(model):
    raw = tracks.load("squat_clean")
    np.testing.assert_array_equal(evaluate(raw, model=model).track.xy_px, smooth(raw).xy_px)


def test_of_a_body_without_hips_nothing_is_known():
    track, capture = seen("hip_thrust_clean")
    xy = track.xy_px.copy()
    xy[3, landmark("left", "hip")] = np.nan
    after = centred(replace(track, xy_px=xy), capture, "full").xy_px
    np.testing.assert_array_equal(after[3], xy[3])
    assert not np.array_equal(after[4], xy[4])


def test_what_is_seen_from_the_front_stays_where_it_is_drawn():
    track, capture = seen("squat_clean")
    last = len(track) - 1
    parts = (
        Facing(0, 99, "side", 90.0, 5.0, capture.near_side),
        Facing(100, last, "front", 5.0, 5.0, capture.near_side),
    )
    away = moves(track, replace(capture, facings=parts))
    assert np.abs(away[:100]).max() > 0.01
    assert not away[100:].any()


def test_a_cut_that_zooms_in_moves_them_by_as_much_of_the_leg():
    track, capture = seen("deadlift_clean")
    half = len(track) // 2
    shot = np.where(np.arange(len(track)) < half, 0, 1)
    cut = replace(track, shot=shot)
    zoom = np.where(shot == 1, 2.0, 1.0)
    zoomed = replace(
        cut, xy_px=cut.xy_px * zoom[:, None, None], noise_px=cut.noise_px * zoom[:, None]
    )
    usual, after = (centred(t, capture, "full").xy_px - t.xy_px for t in (cut, zoomed))
    np.testing.assert_allclose(usual * zoom[:, None, None], after, atol=1e-6)


def test_what_is_not_seen_stays_unseen():
    track, capture = seen("squat_clean")
    xy = track.xy_px.copy()
    xy[5, landmark("left", "ankle")] = np.nan
    xy[7] = np.nan
    after = centred(replace(track, xy_px=xy), capture, "full").xy_px
    np.testing.assert_array_equal(np.isnan(after), np.isnan(xy))


def test_somebody_who_is_never_seen_is_left_alone():
    track, capture = seen("squat_clean")
    nobody = replace(track, xy_px=np.full_like(track.xy_px, np.nan))
    assert centred(nobody, capture, "full") is nobody


def test_the_analysis_measures_between_centres_of_a_known_model_in_time():
    raw = tracks.load("squat_clean")
    drawn, known = evaluate(raw), evaluate(raw, model="full")
    moved = centred(in_time(drawn.track), known.capture, "full")
    np.testing.assert_array_equal(known.track.xy_px, moved.xy_px)
    angle = "knee_flexion_both_deg"
    expected = compute_signals(moved, known.capture)[angle]
    np.testing.assert_allclose(known.signals[angle], expected, equal_nan=True)
    turns = ([rep.rep.turn for rep in found.reps] for found in (known, drawn))
    np.testing.assert_allclose(*turns, atol=1)


def test_an_offset_that_goes_with_the_posture_is_learnt():
    rng = np.random.default_rng(2)
    track, capture = seen("squat_clean")
    body = postures(track, capture)
    clips = []
    for _ in range(5):
        there = body + rng.normal(0, 0.02, (1, body.shape[1]))
        offset = np.tile(0.05 * there[:, :1], (1, 24))
        clips.append(Clip(there, offset))
    found, _ = learn(clips[:4], examples=200).moves(clips[4].postures)
    assert (
        np.abs(found.reshape(-1, 24) - clips[4].moves).mean() < 0.2 * np.abs(clips[4].moves).mean()
    )
