"""Motion capture for the benchmark: joint centres by hand, and what a camera sees of them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from _accuracy_mocap import joint_centres, pose_track, recordings, upright_frame

from formcheck.types import Landmark
from gym.camera import place
from gym.joints import JOINTS
from gym.spec import Camera

ROW = {name: k for k, name in enumerate(JOINTS)}
PELVIS = {"LASI": (0.1, 0.12, 1.0), "LPSI": (-0.05, 0.05, 1.0)}
LEG = {
    "LKNE": (0.0, 0.15, 0.5),
    "LANK": (0.0, 0.13, 0.1),
    "LHEE": (-0.05, 0.1, 0.03),
    "LTOE": (0.2, 0.1, 0.03),
}
ARM = {
    "LSHO": (0.0, 0.2, 1.5),
    "LELB": (0.0, 0.25, 1.2),
    "LWRA": (0.02, 0.27, 0.95),
    "LWRB": (-0.02, 0.27, 0.95),
}
HEAD = {"LFHD": (0.1, 0.07, 1.7), "LBHD": (-0.1, 0.07, 1.7)}


def standing(frames: int = 3) -> tuple[np.ndarray, list[str]]:
    """Markers (frames, markers, 3) of a symmetric person facing +x, and their names."""
    left = {**PELVIS, **LEG, **ARM, **HEAD}
    right = {"R" + name[1:]: (x, -y, z) for name, (x, y, z) in left.items()}
    both = {**left, **right}
    return np.tile(np.array(list(both.values())), (frames, 1, 1)), list(both)


def test_hip_knee_and_ankle_centres_by_hand():
    joints = joint_centres(*standing())[0]
    # Harrington: width 0.24, depth 0.15
    assert joints[ROW["hip_left"]] == pytest.approx([0.0541, 0.0865, 0.9171], abs=1e-4)
    assert joints[ROW["hip_right"]] == pytest.approx([0.0541, -0.0865, 0.9171], abs=1e-4)
    assert joints[ROW["knee_left"]] == pytest.approx([0.0, 0.10, 0.5])
    assert joints[ROW["ankle_right"]] == pytest.approx([0.0, -0.094, 0.1])
    assert joints[ROW["shoulder_mid"]] == pytest.approx([0.0, 0.0, 1.45])


def test_the_person_is_turned_to_face_x_over_the_origin():
    joints = joint_centres(*standing())
    turn = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]])
    moved = joints @ turn.T + np.array([3.0, -2.0, 0.0])
    assert upright_frame(moved) == pytest.approx(upright_frame(joints), abs=1e-9)


def test_a_recording_becomes_a_track_of_33_landmarks(tmp_path):
    markers, names = standing(20)
    data = {
        "m01_s01_e01_correct": np.round(markers * 5000).astype(np.int16),
        "m01_s01_e02_incorrect": np.zeros((20, len(names), 3), np.int16),
    }
    np.savez(tmp_path / "ui_prmd_m01.npz", markers=np.array(names), **data)
    kept = list(recordings(tmp_path))
    assert [(r.exercise, r.correct, r.person) for r in kept] == [("squat", True, "s01")]
    view = place(Camera(azimuth_deg=90, width=1280, height=720), np.array([0, 0, 0.9]))
    track = pose_track(kept[0], view)
    assert track.xy_px.shape == (len(kept[0].time_s), 33, 2)
    assert np.isfinite(track.xy_px).all()
    hip, knee = (track.xy_px[0, getattr(Landmark, f"LEFT_{n}")] for n in ("HIP", "KNEE"))
    assert hip[1] < knee[1]
    # seen from their left, people face left: the toes are left of the heels
    assert track.xy_px[0, Landmark.LEFT_FOOT_INDEX, 0] < track.xy_px[0, Landmark.LEFT_HEEL, 0]
    assert abs(track.world_m[0, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(0)).max() < 1e-9
