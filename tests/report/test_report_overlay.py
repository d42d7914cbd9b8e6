from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from formcheck.report.overlay import AngleMark, OverlayState, draw
from formcheck.report.toasts import VERDICT_COLOURS, Toast
from formcheck.types import FramePose, Verdict, landmark

WIDTH, HEIGHT = 320, 240
PLAIN = OverlayState("right", hud=False)


@pytest.fixture
def picture() -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), 128, dtype=np.uint8)


@pytest.fixture
def pose(squatting: np.ndarray) -> FramePose:
    sure = np.full(33, 0.95)
    return FramePose(squatting, np.zeros((33, 3)), sure, sure)


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return (before != after).any(axis=2)


def test_input_is_not_changed_and_the_result_is_another_picture(picture, pose):
    before = picture.copy()
    after = draw(picture, pose, replace(PLAIN, hud=True, toasts=(Toast(Verdict.FAIL, "Depth"),)))
    np.testing.assert_array_equal(picture, before)
    assert after.shape == picture.shape
    assert after.dtype == np.uint8
    assert changed(picture, after).any()


def test_nothing_to_draw_leaves_the_picture_as_it_is(picture):
    np.testing.assert_array_equal(draw(picture, None, PLAIN), picture)


def test_skeleton_changes_pixels_only_around_the_person(picture, pose):
    where = np.argwhere(changed(picture, draw(picture, pose, PLAIN)))
    seen = pose.xy_px[np.isfinite(pose.xy_px).all(axis=1)]
    assert (where.min(axis=0)[::-1] > seen.min(axis=0) - 12).all()
    assert (where.max(axis=0)[::-1] < seen.max(axis=0) + 12).all()


def test_near_side_stands_out_more_than_the_far_side(picture, pose):
    wide = pose.xy_px.copy()
    wide[list(range(0, 33, 2))] += [-60, 0]  # even landmarks are on the right
    after = draw(picture, replace(pose, xy_px=wide), PLAIN).astype(int)
    strength = {
        side: np.abs(after[y - 2 : y + 3, x - 2 : x + 3] - 128).sum()
        for side in ("left", "right")
        for x, y in [np.round(wide[landmark(side, "knee")]).astype(int)]
    }
    assert strength["right"] > 1.5 * strength["left"]


def test_unseen_joints_are_left_out_and_guessed_ones_are_hollow(picture, pose):
    wrist = landmark("right", "wrist")
    x, y = np.round(pose.xy_px[wrist]).astype(int)

    def at_wrist(visibility: float) -> np.ndarray:
        sure = pose.visibility.copy()
        sure[[wrist, landmark("left", "wrist")]] = [visibility, 0.0]
        return draw(picture, replace(pose, visibility=sure), PLAIN)[y, x]

    assert (at_wrist(0.1) == 128).all()
    solid, hollow = at_wrist(0.9), at_wrist(0.4)
    assert solid[2] > 180
    assert hollow[2] < solid[2]


@pytest.mark.parametrize(
    "kind", ["hip_flexion", "knee_flexion", "thigh_inclination", "trunk_inclination"]
)
def test_angle_is_drawn_at_its_joint(picture, pose, kind):
    marked = replace(PLAIN, angles=(AngleMark(kind, "right", 87.4),))
    where = np.argwhere(changed(draw(picture, pose, PLAIN), draw(picture, pose, marked)))[:, ::-1]
    joint = landmark("right", "knee" if kind[0] in "kt" and "trunk" not in kind else "hip")
    assert np.linalg.norm(where - pose.xy_px[joint], axis=1).max() < 90
    assert len(where) > 60


def test_angle_that_is_not_known_is_not_drawn(picture, pose):
    marked = replace(PLAIN, angles=(AngleMark("hip_flexion", "right", math.nan),))
    np.testing.assert_array_equal(draw(picture, pose, marked), draw(picture, pose, PLAIN))


def test_verdicts_differ_in_more_than_colour(picture):
    shapes = set()
    for verdict in Verdict:
        after = draw(picture, None, OverlayState("right", toasts=(Toast(verdict, "Depth"),)))
        bright = after[180:, :60].min(axis=2) > 200
        shapes.add(bright.tobytes())
    assert len(shapes) == len(Verdict)


def test_counter_is_readable_over_white_and_black():
    for level in (0, 255):
        picture = np.full((HEIGHT, WIDTH, 3), level, dtype=np.uint8)
        corner = draw(picture, None, OverlayState("right", rep=3, reps=5))[5:50, 5:90].max(axis=2)
        assert corner.max() > 220
        assert np.median(corner) < 90


@pytest.mark.parametrize("size", [(240, 426), (640, 360), (37, 41), (1, 1)])
def test_any_size_and_poses_far_outside_are_drawn(size, pose):
    picture = np.zeros((*size, 3), dtype=np.uint8)
    far = replace(pose, xy_px=pose.xy_px + np.array([1e6, -1e6]))
    state = OverlayState(
        "left", (AngleMark("hip_flexion", "right", 5.0),), 1, 2, "down", 88.0,
        (Toast(Verdict.PASS, "A rather long title of a check", "and a long detail with it"),),
    )  # fmt: skip
    for given in (pose, far, None):
        assert draw(picture, given, state).shape == picture.shape


def test_nobody_seen_draws_no_skeleton(picture, pose):
    nowhere = replace(pose, xy_px=np.full((33, 2), np.nan))
    np.testing.assert_array_equal(draw(picture, nowhere, PLAIN), picture)


@pytest.mark.parametrize("size", [(540, 960), (1080, 1920), (360, 640), (720, 900), (270, 480)])
def test_verdicts_in_an_upright_picture_leave_the_lifters_legs_free(size):
    width, height = size
    picture = np.full((height, width, 3), 128, dtype=np.uint8)
    verdicts = Verdict.FAIL, Verdict.BORDERLINE, Verdict.PASS
    said = tuple(Toast(v, "Trunk tilt", "leans 12° more than the shin") for v in verdicts)
    state = OverlayState("right", rep=2, reps=3, phase="up", score=60.0, toasts=said)
    drawn = draw(picture, None, state)
    rows = changed(picture, drawn).any(axis=1)
    assert not rows[height // 4 : height - height // 8].any()
    for verdict in verdicts:
        assert (drawn == VERDICT_COLOURS[verdict]).all(axis=2).any(), verdict


@pytest.mark.parametrize(
    ("lifter", "free"), [((0.45, 0.6), (0.45, 1.0)), ((0.1, 0.5), (0.0, 0.5)), (None, (0.7, 1.0))]
)
def test_verdicts_in_a_wide_picture_keep_beside_the_lifter(lifter, free):
    picture = np.full((540, 960, 3), 128, dtype=np.uint8)
    said = tuple(
        Toast(v, "Trunk and shin parallel", "trunk leans 12° more than the shin")
        for v in (Verdict.FAIL, Verdict.BORDERLINE, Verdict.PASS)
    )
    plain = OverlayState("right", rep=2, reps=3)
    before = draw(picture, None, plain)
    drawn = draw(picture, None, replace(plain, toasts=said, lifter=lifter))
    columns = changed(before, drawn).any(axis=0)
    assert columns.any()
    assert not columns[round(free[0] * 960) : round(free[1] * 960)].any()


def test_verdicts_that_fit_on_neither_side_are_shown_all_the_same():
    picture = np.full((540, 960, 3), 128, dtype=np.uint8)
    said = (Toast(Verdict.FAIL, "Trunk and shin parallel", "trunk leans 40° more than the shin"),)
    state = OverlayState("right", toasts=said)
    walking = replace(state, lifter=(0.02, 0.97))
    np.testing.assert_array_equal(draw(picture, None, walking), draw(picture, None, state))
