"""PoseTrack -> PoseTrack: repair swapped sides, drop outliers, fill short gaps, low-pass.

All steps work inside one shot (between two cuts) and never across it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import scipy

from formcheck.clock import frame_step_s, frames_in
from formcheck.types import (
    SIDES,
    BoolArray,
    FloatArray,
    IntArray,
    Landmark,
    PoseTrack,
    landmark,
)

MAX_GAP_S = 0.3
"""Longest gap that is filled: a fifth of a fast repetition (1.5 s)."""

CUTOFF_HZ = 6.0
"""Low-pass cut-off, usual for lifting kinematics (Winter, Biomechanics and Motor Control of Human
Movement, 4th ed., ch. 3). On the sample clips the error hardly depends on it (3.1 degrees near the
turns from 2 Hz to none: `benchmarks/smoothing.py`), the frame-to-frame jitter does (1.2 degrees at
6 Hz, 2.5 without); lower cut-offs flatten repetitions of 0.6 s.
"""

ORDER = 2
"""Order of the Butterworth filter, doubled by running it forwards and backwards."""

HAMPEL_WINDOW_S = 0.17
"""Five frames at 30 a second: longer windows flatten the bottom of a repetition of 0.6 s."""
HAMPEL_SIGMAS = 4.0
NOISE_WINDOW_S = 0.3
MIN_PRESENCE = 0.3
"""Below this the model itself says that the landmark is outside the picture."""

SWAP_COST_PER_S = 4.0
"""Price of doubting the model's left and right for a second, in squared torso lengths of travel."""

BACKWARDS_DEG = {"knee": 30.0, "hip": 60.0}
BACKWARDS_COST_PER_S = 30.0
"""Price of believing it for a second while both knees, or both hips, bend backwards by more than
this: left and right are exchanged then, for however long. Of 38 real lifts one shows that, in 0.4 %
of its frames."""

LATE_S = 0.015
"""How late the pose models draw a body that they follow, by their own smoothing: in rendered lifts
at 15, 24 and 30 frames a second alike hips, knees and trunks are nearest to the truth of so long
before (by 3, 1.5 and 2.5 %)."""

COLUMNS = 11
"""Coordinates at a time (66 and 99 there are): the steps on the way to a result are as large as it,
and of ten minutes they would be the most that an analysis holds."""

LEGS = ("hip", "knee", "ankle", "heel", "foot_index")
ARMS = ("shoulder", "elbow", "wrist", "pinky", "index", "thumb")


def smooth(track: PoseTrack) -> PoseTrack:
    """The whole clean-up, zero-phase. Pixels and metres are treated alike.

    How far it had to move the landmarks is kept in ``noise_px``.
    """
    repaired = repair_swaps(track)
    smoothed = low_pass(fill_gaps(drop_outliers(repaired)))
    return replace(smoothed, noise_px=_noise_px(repaired, smoothed))


def in_time(track: PoseTrack) -> PoseTrack:
    """What a pose model draws LATE_S later; what is drawn last, or before a gap, stays."""

    def ahead(time_s: FloatArray, values: FloatArray) -> FloatArray:
        before = np.searchsorted(time_s, time_s + LATE_S, side="right") - 1
        after = np.minimum(before + 1, len(time_s) - 1)
        beyond = time_s + LATE_S - time_s[before]
        share = (beyond / np.append(np.diff(time_s), np.inf)[before])[:, None]
        moved = values[before] + share * (values[after] - values[before])
        return np.where(np.isfinite(moved), moved, values)

    return _map_columns(track, ahead)


def _noise_px(track: PoseTrack, smoothed: PoseTrack) -> FloatArray:
    """(N, L) distance to the smoothed landmarks, its running median over NOISE_WINDOW_S."""
    moved = np.nan_to_num(np.linalg.norm(track.xy_px - smoothed.xy_px, axis=2))
    frames = frames_in(NOISE_WINDOW_S, track.time_s) | 1
    noise: FloatArray = scipy.ndimage.median_filter(moved, size=(frames, 1), mode="nearest")
    return noise


def shots(track: PoseTrack) -> list[slice]:
    """The uninterrupted stretches of the track as slices."""
    if not len(track):
        return []
    edges = [0, *(np.flatnonzero(np.diff(track.shot)) + 1), len(track)]
    return [slice(int(a), int(b)) for a, b in itertools.pairwise(edges)]


def _pairs(joints: tuple[str, ...]) -> tuple[list[int], list[int]]:
    left = [int(Landmark[f"LEFT_{j}".upper()]) for j in joints]
    right = [int(Landmark[f"RIGHT_{j}".upper()]) for j in joints]
    return left, right


def _backwards(track: PoseTrack, line: str) -> BoolArray:
    """(N,) whether nobody can be bent so who faces as the line across hips or shoulders says.

    Both knees (or both hips) bend backwards; what is not seen does not.
    """
    world = track.world_m
    across = world[:, landmark("left", line)] - world[:, landmark("right", line)]
    axis = np.stack([across[:, 0], np.zeros(len(across)), across[:, 2]], axis=1)
    axis /= np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-6)
    absurd: BoolArray = np.zeros(len(track), dtype=bool)
    for chain, sign in ((("hip", "knee", "ankle"), 1.0), (("shoulder", "hip", "knee"), -1.0)):
        bends = []
        for side in SIDES:
            upper, joint, lower = (world[:, landmark(side, place)] for place in chain)
            first, second = joint - upper, lower - joint
            turn = sign * (np.cross(first, second) * axis).sum(axis=1)
            bends.append(np.degrees(np.arctan2(turn, (first * second).sum(axis=1))))
        absurd |= np.maximum(*bends) < -BACKWARDS_DEG[chain[1]]
    return absurd


def _swap_states(
    points: FloatArray, step_s: float, left: list[int], right: list[int], absurd: BoolArray
) -> BoolArray:
    """(N,) whether left and right are exchanged, by the cheapest path through two states.

    ``points`` (N, L, 3): pixels in units of the body's size and the world depth beside them. A
    frame's cost is how far both limbs travel from the frame before, plus SWAP_COST_PER_S for
    doubting the model's labels: what it says for long is believed, a short exchange is undone.
    Unless what it says is ``absurd`` (N,).
    """
    n = len(points)
    seen = np.flatnonzero(np.isfinite(points[:, left + right]).all(axis=(1, 2)))
    as_said, exchanged = points[seen][:, left + right], points[seen][:, right + left]
    staying, changing = (
        (((now - as_said[:-1]) ** 2).sum(axis=(1, 2))).tolist()
        for now in (as_said[1:], exchanged[1:])
    )
    doubt = SWAP_COST_PER_S * step_s
    wrong = (BACKWARDS_COST_PER_S * step_s * absurd[seen]).tolist()
    cost = [wrong[0], doubt] if len(seen) else [0.0, 0.0]
    back = np.tile([0, 1], (n, 1))  # where nobody is seen nothing changes
    for i, stay, change, off in zip(seen[1:], staying, changing, wrong[1:], strict=True):
        ways = [[stay + cost[0], change + cost[1]], [change + cost[0], stay + cost[1]]]
        back[i] = [int(one < other) for other, one in ways]
        cost = [min(ways[0]) + off, min(ways[1]) + doubt]
    path = np.zeros(n, dtype=int)
    state = int(cost[1] < cost[0])
    for i in range(n - 1, -1, -1):
        path[i] = state
        state = int(back[i, state])
    return path.astype(bool)


def _body_size_px(track: PoseTrack) -> float:
    torso = np.linalg.norm(track.middle("shoulder") - track.middle("hip"), axis=1)
    size = float(np.nanmedian(torso)) if np.isfinite(torso).any() else 1.0
    return max(size, 1.0)


def repair_swaps(track: PoseTrack) -> PoseTrack:
    """Exchange left and right where the model has mixed them up for a few frames."""
    if not len(track):
        return track
    xy, world = track.xy_px.copy(), track.world_m.copy()
    visibility, presence = track.visibility.copy(), track.presence.copy()
    flat = np.concatenate([xy / _body_size_px(track), world[..., 2:]], axis=2)
    absurd = _backwards(track, "hip") & _backwards(track, "shoulder")  # not the depth of one alone
    for joints in (LEGS, ARMS):
        left, right = _pairs(joints)
        for part in shots(track):
            step_s = frame_step_s(track.time_s[part])
            states = _swap_states(flat[part], step_s, left, right, absurd[part])
            swapped = np.flatnonzero(states) + part.start
            for values in (xy, world, visibility, presence):
                block = values[np.ix_(swapped, left + right)]
                values[np.ix_(swapped, right + left)] = block
    return replace(track, xy_px=xy, world_m=world, visibility=visibility, presence=presence)


def drop_outliers(track: PoseTrack) -> PoseTrack:
    """Hampel filter: a point further than 4 robust sigmas from the running median becomes NaN.

    The window is a time, not a number of frames: at 10 fps seven frames hold a whole descent.
    """
    xy, world = track.xy_px.copy(), track.world_m.copy()
    floor = 0.05 * _body_size_px(track)
    for part in shots(track):
        if part.stop - part.start < 5:
            continue
        window = (max(3, frames_in(HAMPEL_WINDOW_S, track.time_s[part])) // 2 * 2 + 1, 1, 1)
        block = xy[part]
        bridged = _bridged(block)
        median = scipy.ndimage.median_filter(bridged, size=window, mode="nearest")
        deviation = np.abs(bridged - median)
        spread = 1.4826 * scipy.ndimage.median_filter(deviation, size=window, mode="nearest")
        bad = (deviation > HAMPEL_SIGMAS * spread + floor).any(axis=2)
        block[bad] = np.nan
        world[part][bad] = np.nan
    absent = track.presence < MIN_PRESENCE
    xy[absent] = np.nan
    world[absent] = np.nan
    return replace(track, xy_px=xy, world_m=world)


def _bridged(values: FloatArray) -> FloatArray:
    """(n, ...) with straight lines over all gaps; a median filter makes anything of a NaN."""
    out = values.copy()
    for column in out.reshape(len(out), -1).T:
        seen = np.flatnonzero(np.isfinite(column))
        if 0 < len(seen) < len(column):
            column[:] = np.interp(np.arange(len(column)), seen, column[seen])
    return out


def _runs(mask: BoolArray, torn: IntArray | tuple[()] = ()) -> list[tuple[int, int]]:
    """Half-open index ranges in which the mask is true; a new one begins at each of ``torn``."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    runs: list[tuple[int, int]] = []
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        inside = [int(at) for at in torn if a < at < b]
        runs += itertools.pairwise([int(a), *inside, int(b)])
    return runs


def _fill(time_s: FloatArray, values: FloatArray) -> FloatArray:
    """Linear fill of gaps up to MAX_GAP_S in the columns of (n, k); longer ones stay NaN."""
    out = values.copy()
    for column in out.T:
        missing = np.isnan(column)
        if not missing.any() or missing.all():
            continue
        for a, b in _runs(missing):
            inside = a > 0 and b < len(column)
            if inside and time_s[b] - time_s[a - 1] <= MAX_GAP_S + 1e-9:
                column[a:b] = np.interp(time_s[a:b], time_s[[a - 1, b]], [column[a - 1], column[b]])
    return out


def fill_gaps(track: PoseTrack) -> PoseTrack:
    """Interpolate gaps of up to 0.3 s; a longer one stays "not seen"."""
    return _map_columns(track, _fill)


def low_pass(track: PoseTrack, cutoff_hz: float = CUTOFF_HZ) -> PoseTrack:
    """Zero-phase Butterworth low-pass of every coordinate, on an even time grid."""
    return _map_columns(track, lambda t, v: _filter(t, v, cutoff_hz))


def _map_columns(
    track: PoseTrack, function: Callable[[FloatArray, FloatArray], FloatArray]
) -> PoseTrack:
    xy, world = track.xy_px.copy(), track.world_m.copy()
    for part in shots(track):
        for values in (xy, world):
            columns = values.reshape(len(values), -1)[part]
            for some in (slice(k, k + COLUMNS) for k in range(0, columns.shape[1], COLUMNS)):
                columns[:, some] = function(track.time_s[part], columns[:, some])
    return replace(track, xy_px=xy, world_m=world)


def _filter(time_s: FloatArray, values: FloatArray, cutoff_hz: float) -> FloatArray:
    """Low-pass each run of finite rows of (n, k). Runs too short to filter stay as they are.

    No run goes over a time without frames: on one even grid there would be too few for the rest.
    """
    out = values.copy()
    if len(time_s) < 3:
        return out

    step_s = frame_step_s(time_s)
    torn = np.flatnonzero(np.diff(time_s) > max(MAX_GAP_S, 3 * step_s)) + 1
    rate_hz = 1 / step_s
    cutoff_hz = min(0.45 * rate_hz, cutoff_hz)
    pad = int(np.ceil(1.5 * rate_hz / cutoff_hz))
    alike: dict[bytes, list[int]] = {}  # columns that are seen in the same rows
    finite = np.isfinite(out)
    for k, column in enumerate(finite.T):
        alike.setdefault(column.tobytes(), []).append(k)
    for columns in alike.values():
        for a, b in _runs(finite[:, columns[0]], torn):
            if b - a > pad + 1:
                out[a:b, columns] = _even_filter(
                    time_s[a:b], out[a:b, columns], cutoff_hz / rate_hz, pad
                )
    return out


def _even_filter(
    time_s: FloatArray, values: FloatArray, cutoff_share: float, pad: int
) -> FloatArray:
    """Low-pass (n, k) on an even grid; ``cutoff_share`` is the cut-off as a share of the rate."""
    even = np.linspace(time_s[0], time_s[-1], len(time_s))
    uneven = bool(np.abs(even - time_s).max() > 1e-3)
    resampled = _interpolate(even, time_s, values) if uneven else values

    filtered = _butterworth(resampled, cutoff_share, pad)
    return _interpolate(time_s, even, filtered) if uneven else filtered


def _butterworth(values: FloatArray, cutoff_share: float, pad: int) -> FloatArray:
    """The digital Butterworth filter of ORDER, forwards and backwards, on the columns of (n, k).

    Both ways its gain is the square of the magnitude that defines it, under the bilinear transform
    (Oppenheim and Schafer, Discrete-Time Signal Processing, 3rd ed., ch. 7), without a phase. The
    ends go on turned by half about the last value, ``pad`` rows far or a few more, and from there
    mirrored, as a cosine transform takes it. scipy.signal has the same filter, but takes half a
    second to import, and twice as long.
    """
    rows = scipy.fft.next_fast_len(len(values) + 2 * pad, real=True)
    ends = (pad, rows - len(values) - pad)
    longer = np.pad(values.T, ((0, 0), ends), mode="reflect", reflect_type="odd")
    warped = np.tan(np.pi * np.arange(rows) / (2 * rows)) / np.tan(np.pi * cutoff_share)
    spectrum = scipy.fft.dct(longer) / (1 + warped ** (2 * ORDER))
    return np.asarray(scipy.fft.idct(spectrum)[:, pad : pad + len(values)].T)


def _interpolate(at_s: FloatArray, time_s: FloatArray, values: FloatArray) -> FloatArray:
    return np.stack([np.interp(at_s, time_s, column) for column in values.T], axis=1)
