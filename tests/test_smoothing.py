from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.signal
from bodies import Camera, Scene, both, film, hidden, perform, still, swapped, timeline
from lifts import HANDS_UP, SQUAT_BOTTOM, SQUAT_TOP, STANDING, Tempo, film_lift, lunges, squats

from formcheck.angles import compute_signals
from formcheck.smoothing import (
    CUTOFF_HZ,
    LATE_S,
    MAX_GAP_S,
    ORDER,
    drop_outliers,
    in_time,
    repair_swaps,
    shots,
    smooth,
)
from formcheck.types import Capture, Landmark, PoseTrack

SIDE_VIEW = Capture("side", 90, 5, "right")
ALL = list(Landmark)
KNEE = Landmark.RIGHT_KNEE
FAST = Tempo(down=0.4, bottom=0, up=0.4, top=0.3)
BODY = slice(Landmark.LEFT_SHOULDER, None)


def knee_deg(track: PoseTrack) -> np.ndarray:
    return compute_signals(track, SIDE_VIEW)["knee_flexion_right_deg"]


def swaying(fps: float) -> PoseTrack:
    """A standing person whose every point goes to and fro in a sine, once a second."""
    track = still(STANDING, frames=int(6 * fps))
    time_s = np.arange(len(track)) / fps
    sway = 40 * np.sin(2 * np.pi * time_s)
    return replace(
        track,
        time_s=time_s,
        xy_px=track.xy_px + sway[:, None, None],
        world_m=track.world_m + sway[:, None, None] / 300,
    )


def distance_px(one: PoseTrack, other: PoseTrack) -> np.ndarray:
    return np.linalg.norm(one.xy_px - other.xy_px, axis=2)


@pytest.mark.parametrize("fps", [10, 24, 30, 60])
def test_a_slow_sine_keeps_phase_and_height(fps):
    track = swaying(fps)
    clean = smooth(track)
    inner = slice(fps, -fps)
    for before, after in (
        (track.xy_px[inner, KNEE, 0], clean.xy_px[inner, KNEE, 0]),
        (track.world_m[inner, KNEE, 0], clean.world_m[inner, KNEE, 0]),
    ):
        assert np.std(after) == pytest.approx(np.std(before), rel=0.03)
        quarter = np.gradient(before - before.mean()) / (2 * np.pi / fps)
        lag = np.mean((after - after.mean()) * quarter) / np.mean(quarter**2)
        assert abs(lag) < 0.02  # radians of the sine's phase


def test_a_time_without_frames_changes_nothing_around_it():
    track = perform(*squats(3), Scene(noise_px=1))
    late = np.where(np.arange(len(track)) > len(track) / 2, 120.0, 0.0)
    torn = smooth(replace(track, time_s=track.time_s + late))
    near = distance_px(torn, smooth(track))[:, KNEE]
    assert np.median(near) < 0.01
    assert near.max() < 3


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_the_bottom_of_a_fast_lift_is_kept_within_4_degrees(fps):
    track = perform(*squats(3, tempo=FAST), Scene(fps=fps, noise_px=1))
    deepest = knee_deg(smooth(track)).max()
    assert deepest == pytest.approx(SQUAT_BOTTOM.knee_right, abs=4)


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_the_low_pass_is_the_butterworth_filter_of_the_textbooks(fps):
    track = perform(*squats(2), Scene(fps=fps, noise_px=1))
    sections = scipy.signal.butter(ORDER, CUTOFF_HZ, fs=fps, output="sos")
    expected = scipy.signal.sosfiltfilt(sections, track.xy_px, axis=0)
    hips = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
    assert smooth(track).xy_px[:, hips] == pytest.approx(expected[:, hips], abs=0.1)


@pytest.mark.parametrize("fps", [10, 24, 30, 60])
def test_noise_gets_smaller(fps):
    quiet = perform(*squats(), Scene(fps=fps))
    noisy = perform(*squats(), Scene(fps=fps, noise_px=4))
    before, after = (distance_px(track, quiet).mean() for track in (noisy, smooth(noisy)))
    assert after < (0.95 if fps == 10 else 0.8) * before


@pytest.mark.parametrize("fps", [10, 24, 30, 60])
def test_spikes_are_removed(fps):
    clean = perform(*squats(), Scene(fps=fps))
    spiky = replace(clean, xy_px=clean.xy_px.copy(), world_m=clean.world_m.copy())
    at = np.arange(5, len(clean) - 5, 23)
    spiky.xy_px[at, KNEE] += [180, -120]
    off = distance_px(smooth(spiky), clean)[:, KNEE]
    assert np.nanmax(off) < 20
    assert np.isfinite(off).all()


@pytest.mark.parametrize("fps", [10, 24, 30, 60])
def test_gaps_up_to_the_limit_are_filled_and_longer_ones_stay(fps):
    clean = perform(*squats(), Scene(fps=fps))
    missing = int(round(MAX_GAP_S * fps, 6)) - 1  # seen again MAX_GAP_S after it was last seen
    at = int(1.5 * fps)
    filled = smooth(hidden(clean, slice(at, at + missing), [KNEE]))
    assert np.isfinite(filled.xy_px).all()
    assert distance_px(filled, clean)[:, KNEE].max() < 25
    longer = smooth(hidden(clean, slice(at, at + missing + 1), [KNEE]))
    inside = np.isnan(longer.xy_px[:, KNEE]).any(axis=1)
    np.testing.assert_array_equal(np.flatnonzero(inside), np.arange(at, at + missing + 1))
    np.testing.assert_array_equal(np.isnan(longer.world_m[:, KNEE, 0]), inside)


def test_a_gap_takes_nothing_from_the_frames_beside_it():
    clean = perform(*squats(tempo=Tempo(0.6, 0.2, 0.6)), Scene(fps=60))
    for at in range(30, 100, 3):
        lost = np.arange(at, at + 8)
        kept = drop_outliers(hidden(clean, lost, [KNEE]))
        np.testing.assert_array_equal(np.flatnonzero(np.isnan(kept.xy_px[:, KNEE, 0])), lost)


@pytest.mark.parametrize("fps", [25, 30, 50])
def test_when_the_clock_begins_changes_nothing(fps):
    """Half of a window may be a whole number of frames and a half."""
    clip = perform(*squats(), Scene(noise_px=2, fps=fps))
    later = smooth(replace(clip, time_s=clip.time_s + 1000.0))
    for name in ("xy_px", "noise_px"):
        np.testing.assert_allclose(getattr(later, name), getattr(smooth(clip), name), atol=1e-6)


def test_a_gap_hides_no_other_joint():
    track = hidden(film_lift("squat"), slice(50, 80), [KNEE])
    others = [k for k in ALL if k != KNEE]
    assert np.isfinite(smooth(track).xy_px[:, others]).all()


def test_nobody_at_the_clips_ends_is_not_made_up():
    track = hidden(film_lift("squat"), slice(0, 5), ALL)
    cleaned = smooth(hidden(track, slice(-5, None), ALL))
    assert not cleaned.seen[:5].any()
    assert not cleaned.seen[-5:].any()
    assert cleaned.seen[5:-5].all()


def test_what_the_model_calls_absent_is_not_used():
    track = film_lift("squat")
    track.presence[:, Landmark.LEFT_HEEL] = 0.05
    cleaned = smooth(track)
    assert np.isnan(cleaned.xy_px[:, Landmark.LEFT_HEEL]).all()
    assert np.isfinite(cleaned.xy_px[:, Landmark.RIGHT_HEEL]).all()


def test_nothing_crosses_a_cut():
    """Each shot comes out as if it were alone, and a gap at the cut is not bridged."""
    one = film_lift("squat", Scene(noise_px=1))
    moved = replace(one, xy_px=one.xy_px + 400)
    joined = replace(
        one,
        time_s=np.arange(2 * len(one)) / 30,
        shot=np.repeat([0, 1], len(one)),
        **{
            name: np.concatenate([getattr(one, name), getattr(moved, name)])
            for name in ("xy_px", "world_m", "visibility", "presence")
        },
    )
    cleaned, alone = smooth(joined), smooth(one)
    assert [part.start for part in shots(joined)] == [0, len(one)]
    np.testing.assert_allclose(cleaned.xy_px[: len(one)], alone.xy_px, atol=0.01)
    np.testing.assert_allclose(cleaned.xy_px[len(one) :], alone.xy_px + 400, atol=0.01)
    gap = slice(len(one) - 2, len(one) + 2)
    assert not smooth(hidden(joined, gap, ALL)).seen[gap].any()


@pytest.mark.parametrize("azimuth", [0, 35, 60, 90])
@pytest.mark.parametrize("frames", [1, 3, 8])
def test_a_short_swap_of_left_and_right_is_undone(azimuth, frames):
    clean = film_lift("lunge", Scene(Camera(azimuth), noise_px=1))
    repaired = repair_swaps(swapped(clean, slice(60, 60 + frames)))
    for name in ("xy_px", "world_m", "visibility", "presence"):
        after, before = getattr(repaired, name), getattr(clean, name)
        np.testing.assert_array_equal(after[:, BODY], before[:, BODY])


@pytest.mark.parametrize("azimuth", [90, -90, 45, 0])
@pytest.mark.parametrize("fps", [10, 30])
def test_truly_alternating_lunges_are_left_alone(azimuth, fps):
    track = perform(*lunges("LRLR"), Scene(Camera(azimuth), fps=fps, noise_px=2))
    np.testing.assert_array_equal(repair_swaps(track).xy_px, track.xy_px)


def test_uneven_frame_times_do_not_shift_the_lift():
    """A phone's frames come late or early; the angle belongs to the frame's own time."""
    _, even = timeline(*squats(), 30)
    random = np.random.default_rng(3)
    picks = np.sort(random.choice(len(even), int(0.7 * len(even)), replace=False))
    track = film(picks / 30, even[picks])
    read, truth = knee_deg(smooth(track)), knee_deg(track)
    assert np.abs(read - truth).max() < 4
    np.testing.assert_array_equal(smooth(track).time_s, picks / 30)


@pytest.mark.parametrize("frames", [0, 1, 2, 3, 5, 8])
def test_short_tracks_come_through(frames):
    track = still(both(10, 20, 30, **HANDS_UP), frames=frames)
    cleaned = smooth(track)
    assert len(cleaned) == frames
    np.testing.assert_allclose(cleaned.xy_px, track.xy_px, atol=1e-6)


def test_a_track_of_nobody_stays_empty():
    cleaned = smooth(hidden(still(SQUAT_TOP, frames=40), slice(None), ALL))
    assert np.isnan(cleaned.xy_px).all()
    assert len(cleaned) == 40


def test_the_given_track_is_not_changed():
    track = hidden(film_lift("squat", Scene(noise_px=3)), slice(30, 34), [KNEE])
    copies = track.xy_px.copy(), track.world_m.copy(), track.visibility.copy()
    smooth(track)
    for before, after in zip(copies, (track.xy_px, track.world_m, track.visibility), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("fps", [15, 24, 30, 60, 120])
def test_what_is_drawn_late_is_brought_in_time(fps):
    """A knee on its way that is drawn 15 ms late is off by more than two degrees."""
    late_by = round(LATE_S * 1200)
    dense = perform(*squats(), Scene(Camera(90), fps=1200))
    every = 1200 // fps
    rows = np.arange(late_by, len(dense) - late_by, every)

    def at(places: np.ndarray) -> PoseTrack:
        parts = {
            name: getattr(dense, name)[places]
            for name in ("xy_px", "world_m", "visibility", "presence")
        }
        return replace(dense, time_s=dense.time_s[rows], shot=dense.shot[rows], **parts)

    truth, late = at(rows), at(rows - late_by)
    off = np.abs(knee_deg(late) - knee_deg(truth))
    left = np.abs(knee_deg(in_time(late)) - knee_deg(truth))[:-1]
    assert off.max() > 2
    assert left.max() < (0.5 if fps > 20 else 1.2)


def test_bringing_in_time_keeps_gaps_and_cuts():
    track = still(STANDING, frames=60)
    track.xy_px[20:25] = np.nan
    moved = replace(track, shot=(np.arange(60) >= 40).astype(np.int64))
    moved.xy_px[40:] += 300
    after = in_time(moved)
    np.testing.assert_allclose(after.xy_px, moved.xy_px)
