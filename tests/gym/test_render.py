"""Pictures: projections match what is drawn, seeds reproduce, files carry their times."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("moderngl")

import av

from gym import batch
from gym.body import Body
from gym.camera import place
from gym.clip import Set, render
from gym.errors import GymError
from gym.joints import JOINTS, joints_of
from gym.motion import Prop
from gym.motion.squat import Squat
from gym.motion.timeline import BUMPS
from gym.renderer import open_context
from gym.sets import clip_of
from gym.spec import Camera, Clip, Extra, Look, Motion, Rep, Scene, Video
from gym.truth import read_truth
from gym.wardrobe import HANG_SHARE, ponytail, swung

try:
    open_context().release()
except GymError:
    pytest.skip("no off-screen OpenGL here", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]
SHORT = Motion(reps=(Rep(tempo_s=(0.5, 0.1, 0.5, 0.1)),), setup_s=0.2, rest_after_s=0.1)
BARE = Scene(clutter=0, light="bright", exposure=0.2)
CAMERA = Camera(azimuth_deg=70, width=320, height=240, distance_m=3.2, roll_deg=4.0, height_m=1.2)


def centre_of_change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Middle of the pixels that a small bright thing changed (x, y), pixel centres at .5."""
    change = np.abs(after.astype(int) - before).sum(2).astype(float)
    change[change < 40] = 0
    y, x = np.mgrid[0 : change.shape[0], 0 : change.shape[1]]
    return np.array([(x * change).sum(), (y * change).sum()]) / change.sum() + 0.5


@pytest.mark.parametrize("azimuth", [20, 90, -60])
def test_projections_match_rendered_markers(azimuth, monkeypatch):
    from gym import meshes

    bead = meshes.box((0, 0, 0), (0.012, 0.012, 0.012), (9.0, 9.0, 9.0), 0)
    ordinary = meshes.prop
    monkeypatch.setattr(
        meshes, "prop", lambda name, *a: bead if name == "bead" else ordinary(name, *a)
    )
    camera = replace(CAMERA, azimuth_deg=azimuth)
    ready = Set.prepare(Clip("squat", motion=SHORT, camera=camera, scene=BARE))
    renderer, view = ready.renderer(), ready.view(0.0)
    shot = ready.lift.shot(0.5)
    joints = joints_of(ready.lift.body, shot.pose)
    away = replace_heads(shot.pose, np.array([50.0, 0, 0]))  # nobody hides the bead
    plain = renderer.frame(view, [away], [])
    for name in ("knee_left", "hip_right", "shoulder_left", "ankle_right", "nose"):
        row = JOINTS.index(name)
        drawn = renderer.frame(view, [away], [Prop("bead", joints[row], np.eye(3))])
        expected = view.project(joints[row])
        assert centre_of_change(plain, drawn) == pytest.approx(expected, abs=1.0)
    renderer.close()


def test_skin_is_drawn_where_its_markers_are():
    camera = replace(CAMERA, azimuth_deg=90, roll_deg=0.0)
    ready = Set.prepare(
        Clip("squat", motion=SHORT, camera=camera, scene=BARE, look=Look(bald=True))
    )
    renderer, view = ready.renderer(), ready.view(0.0)
    shot = ready.lift.shot(0.0)
    body = ready.lift.body
    away = replace_heads(shot.pose, np.array([50.0, 0, 0]))
    empty = renderer.frame(view, [away], [])
    person = renderer.frame(view, [shot.pose], [])
    renderer.close()
    rows = np.flatnonzero(np.abs(person.astype(int) - empty).sum(2).max(1) > 30)
    joints = joints_of(body, shot.pose)
    crown = view.project(joints[JOINTS.index("head")])[1]
    nose = view.project(joints[JOINTS.index("nose")])
    assert rows[0] < crown
    column = np.abs(person.astype(int) - empty).sum(2)[round(float(nose[1]))]
    front = np.flatnonzero(column > 30).min()  # seen from their left, the person faces left
    assert front == pytest.approx(nose[0], abs=1.5)


def replace_heads(pose, shift):
    return type(pose)(pose.rotations, pose.heads + shift)


def test_a_clip_and_its_truth_reproduce_and_keep_their_times(tmp_path):
    clip = Clip(
        "hip_thrust",
        "glute_bridge",
        motion=SHORT,
        camera=replace(CAMERA, handheld=1.0),
        scene=Scene(mirror=True, people=(Extra(walk_m=1.0),)),
        video=Video(fps=8.0, variable=0.5, motion_blur=2),
    )
    render(clip, tmp_path / "a")
    render(clip, tmp_path / "b")
    truth_a, truth_b = ((tmp_path / f"{name}.truth.json.gz").read_bytes() for name in "ab")
    assert truth_a == truth_b
    times, pictures = decoded(tmp_path / "a.mp4")
    times_again, pictures_again = decoded(tmp_path / "b.mp4")
    assert times == times_again
    # sums in another order round otherwise, which a pixel at an edge now and then shows
    assert np.abs(pictures - pictures_again).mean() < 0.2
    truth = read_truth(tmp_path / "a.truth.json.gz")
    assert times == pytest.approx(truth["frames"]["time_s"], abs=1e-3)
    assert len(times) == truth["clip"]["frames"]


def decoded(clip: Path):
    """Times in seconds, and the pictures as one array of float."""
    with av.open(str(clip)) as container:
        frames = list(container.decode(video=0))
    pictures = np.stack([frame.to_ndarray(format="rgb24").astype(float) for frame in frames])
    return [float(frame.pts * frame.time_base) for frame in frames], pictures


def test_a_mirror_shows_the_person_twice():
    lit = replace(BARE, exposure=1.0)
    counts = []
    for scene in (lit, replace(lit, mirror=True)):
        ready = Set.prepare(Clip("squat", motion=SHORT, camera=CAMERA, scene=scene))
        renderer, view = ready.renderer(), ready.view(0.0)
        shot = ready.lift.shot(0.0)
        away = replace_heads(shot.pose, np.array([50.0, 0, 0]))
        change = renderer.frame(view, [shot.pose], []).astype(int) - renderer.frame(
            view, [away], []
        )
        counts.append(int((np.abs(change).sum(2) > 30).sum()))
        renderer.close()
    assert counts[1] > 1.1 * counts[0]


def test_light_and_clothes_change_the_picture():
    base = Clip("squat", motion=SHORT, camera=CAMERA)
    means = {}
    for light in ("bright", "dim"):
        ready = Set.prepare(replace(base, scene=Scene(light=light)))
        renderer = ready.renderer()
        means[light] = ready.picture(renderer, ready.lift.shot(0.0), 0.0).mean()
        renderer.close()
    assert means["dim"] < 0.7 * means["bright"]


def test_loose_cloth_trails_and_hangs_but_no_farther_than_its_slack():
    now, slack = np.zeros((3, 3)), np.array([0.05, 0.05, 0.0])
    late = np.array([[1.0, 0, 0], [0, 0, 0], [1.0, 0, 0]])
    down, level = [0.0, 0, -1], [1.0, 0, 0]
    out = swung(now, late, np.array([level, down, down]), slack)
    assert out[0] == pytest.approx([0.05 / 1.05, 0, 0])  # behind the motion, less than its slack
    assert out[1] == pytest.approx([0, 0, -0.05 * HANG_SHARE])  # under a trunk that leans
    assert out[2] == pytest.approx([0, 0, 0])  # tight at neck and belt


def test_a_ponytail_hangs_down_and_trails():
    body = Squat(Body("female"), Clip("squat", body="female"))
    pose = body.shot(0.0).pose
    still = ponytail(body.body, pose, pose)
    hanging = still.rotation @ np.array([0, 0, -1.0])
    assert hanging[2] < -0.9
    assert still.position[0] < body.shot(0.0).pose.heads[body.body.index["head"], 0]
    ahead = replace_heads(pose, np.array([0.2, 0, 0]))  # it was farther ahead: moving backwards
    trailing = ponytail(body.body, pose, ahead).rotation @ np.array([0, 0, -1.0])
    assert trailing[0] > hanging[0] + 0.2


@pytest.mark.parametrize("worn", [{"belt": True}, {"ponytail_m": 0.3}])
def test_what_is_worn_shows(worn):
    pictures = []
    for look in (Look(), Look(**worn)):
        ready = Set.prepare(Clip("squat", motion=SHORT, camera=CAMERA, look=look))
        renderer = ready.renderer()
        pictures.append(ready.picture(renderer, ready.lift.shot(0.0), 0.0).astype(int))
        renderer.close()
    assert (np.abs(pictures[1] - pictures[0]).sum(2) > 30).sum() > 20


def test_errors_are_one_line(tmp_path):
    spec = tmp_path / "spec.json"
    spec.write_text('{"exercise": "curl"}')
    result = subprocess.run(
        [sys.executable, "-m", "gym", "render", str(spec), str(tmp_path / "x")],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert result.returncode == 2
    assert result.stderr.strip() == (
        "gym: unknown exercise 'curl'; known: squat, deadlift, lunge, hip_thrust, other"
    )


def test_a_camera_looks_at_its_aim():
    aim = np.array([0.1, 0.2, 0.9])
    view = place(Camera(azimuth_deg=33, roll_deg=10, height_m=1.5, width=640, height=360), aim)
    assert view.project(aim) == pytest.approx([320, 180])
    assert np.linalg.norm((view.eye - aim)[:2]) == pytest.approx(3.0)
    up = view.project(aim + np.array([0, 0, 0.1])) - view.project(aim)
    assert up[1] < 0
    tilted = place(Camera(tilt_deg=5.0), aim).project(aim)
    assert tilted[1] > 180


def test_bumps_are_flat_at_both_ends():
    for bump in BUMPS.values():
        assert bump(0.0) == pytest.approx(0, abs=1e-9)
        assert bump(1.0) == pytest.approx(0, abs=1e-9)
        assert max(bump(float(u)) for u in np.linspace(0, 1, 301)) == pytest.approx(1.0, abs=1e-3)


def test_a_set_may_have_one_rate_for_all(tmp_path, monkeypatch):
    rates = []

    def rendered(clip, _):
        rates.append(clip.video.fps)
        return {"clip": {"frames": 1}}

    monkeypatch.setattr(batch, "render", rendered)
    for fps in (12.0, None):
        batch.render_one(7, 0, tmp_path, fps)
    assert rates == [12.0, clip_of(7, 0).video.fps]


def test_another_set_is_not_rendered_into_a_folder(tmp_path):
    batch.render_set(7, 0, tmp_path, 1)
    batch.render_set(7, 0, tmp_path, 1)
    for seed, fps in ((8, None), (7, 15.0)):
        with pytest.raises(GymError, match="another set"):
            batch.render_set(seed, 0, tmp_path, 1, fps)
