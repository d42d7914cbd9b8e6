"""PoseTrack -> PoseTrack: from where the pose models draw joints to where their centres are.

A pose model errs in the same way each time it sees the same posture: it draws the shoulder at the
acromion, above the joint's centre, and what a plate hides at some usual place. How far, rendered
people have taught, whose joints are known: kernel ridge regression on a subset of regressors
(Rasmussen & Williams 2006, Gaussian Processes for Machine Learning, section 8.3.1) from where the
model draws the whole body to how far shoulders, hips, knees, ankles and feet are from there.
`benchmarks/joints.py` learns it, on another set than the one that accuracy is measured on, and says
how well. (Elbows and wrists stay as drawn: behind a bar they are guessed, and what is learnt of
them makes bent arms straighter.)

What is learnt of a posture is what is usual in it, which draws faults towards good form. So a
landmark is moved the more, the more it trembles: one that is seen well tells more by itself. In a
posture unlike all that were learnt nothing is moved; where such a body trembles as well, the model
has lost the lifter, and nobody was seen there.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

import numpy as np

from formcheck.models import MODELS
from formcheck.plane import JOINTS, LOWER, legs_px, rows_of, stretches
from formcheck.smoothing import in_time, smooth
from formcheck.types import (
    SAGITTAL_VIEWS,
    SIDES,
    BoolArray,
    Capture,
    FloatArray,
    IntArray,
    Landmark,
    PoseTrack,
    landmark,
)

FILE = Path(__file__).with_name("joints.npz")
MOVED = ("shoulder", *LOWER)
WIDTH = 0.7
"""Of the kernel, in standard deviations of a coordinate, times the root of their number."""
FURTHEST = 4.0
"""Coordinates are cut off at so many standard deviations."""
UNLIKE, LIKE = 0.3, 0.6
"""Likeness to the most alike example up to which nothing is moved, and from which all is. Real
lifts have 0.65 to 0.98, a body with its joints exchanged at random 0.2."""
TREMBLING = 0.001
"""Half of what is learnt is believed of a landmark that smoothing has to move by so much, in leg
lengths. Joints in full sight are moved by about that, joints behind a plate by five times as
much."""
STRANGE = 0.7
"""Likeness below which a body may be one that nobody has, which it is if ..."""
ASTRAY = 0.015
"""... smoothing has to move its landmarks by more than so much, in the mean, in leg lengths. Of
25,000 frames of rendered lifts that are 0.9 %; in 93 of 100 of them joints are off by more than
15 % of the leg in the mean. An unusual posture in full sight, with arms overhead or one leg behind,
trembles as little as any (0.1 to 0.5 %)."""
SEEN_SHARE = 0.9
"""Share of a body's landmarks without which nobody can say what its posture is like."""
BLOCK = 512
"""Frames at a time: a clip of any length takes the same memory."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What was learnt of the pose models, which draw much alike.

    ``mean``, ``spread`` (D,) of the postures' coordinates; ``examples`` (M, D) in these units;
    ``weights`` (M, 24): forward and upward of MOVED, near side and far, in leg lengths.
    """

    mean: FloatArray
    spread: FloatArray
    examples: FloatArray
    weights: FloatArray

    def moves(self, postures: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(N, 12, 2) how far the joints' centres are from where they are drawn, in leg lengths.

        And (N,) how like a posture (N, D) is to the most alike example; NaN where too little of it
        is seen to say.
        """
        moves = np.zeros((len(postures), self.weights.shape[1]))
        alike = np.full(len(postures), np.nan)
        for start in range(0, len(postures), BLOCK):
            rows = slice(start, start + BLOCK)
            likeness = likenesses(standard(postures[rows], self.mean, self.spread), self.examples)
            alike[rows] = likeness.max(axis=1)
            moves[rows] = likeness @ self.weights
        alike[np.isfinite(postures).mean(axis=1) < SEEN_SHARE] = np.nan
        known = np.clip((np.nan_to_num(alike) - UNLIKE) / (LIKE - UNLIKE), 0.0, 1.0)
        return (known[:, None] * moves).reshape(len(postures), -1, 2), alike


def standard(postures: FloatArray, mean: FloatArray, spread: FloatArray) -> FloatArray:
    """(N, D) postures in standard deviations from the mean; what is not seen is taken as usual."""
    scaled = np.nan_to_num((postures - mean) / spread)
    return np.clip(scaled, -FURTHEST, FURTHEST)


def likenesses(postures: FloatArray, examples: FloatArray) -> FloatArray:
    """(N, M) the kernel between postures (N, D) and examples (M, D): 1 the same, 0 unlike."""
    squares = (postures**2).sum(axis=1)[:, None] + (examples**2).sum(axis=1)
    apart = np.maximum(squares - 2 * postures @ examples.T, 0.0)
    likeness: FloatArray = np.exp(-apart / (2 * WIDTH**2 * examples.shape[1]))
    return likeness


@cache
def lessons() -> Lessons:
    """What rendered people have taught."""
    with np.load(FILE, allow_pickle=False) as kept:
        return Lessons(**{part.name: kept[part.name].astype(float) for part in fields(Lessons)})


def steadied(raw: PoseTrack, model: str | None) -> PoseTrack:
    """The smoothed track, in time where a model drew it of which is known how late it draws."""
    track = smooth(raw)
    return in_time(track) if model in MODELS else track


def centred(track: PoseTrack, capture: Capture, model: str | None) -> PoseTrack:
    """The track with shoulders and legs where the joints' centres are, and no body that nobody has.

    ``model`` drew it. What one of which nothing was learnt drew, and what is not seen, stays. So
    does what is seen from the front or behind: too few such lifts were learnt from, and the angle
    of the knee that is read there gets worse by it.
    """
    leg_px = legs_px(track)
    sagittal = np.zeros(len(track), bool)
    for part in capture.facings or (capture,):
        sagittal[rows_of(part)] = part.view in SAGITTAL_VIEWS
    known = sagittal & np.isfinite(leg_px)
    if model not in MODELS or not known.any():
        return track
    order = near_first(track, capture, MOVED)[..., None]
    noise_px = np.zeros(track.visibility.shape) if track.noise_px is None else track.noise_px
    noise_px = np.nan_to_num(np.take_along_axis(noise_px[..., None], order, axis=1))
    tremble_px = TREMBLING * leg_px[:, None, None]
    share = noise_px[known] ** 2 / (noise_px[known] ** 2 + tremble_px[known] ** 2)
    scale = leg_px[known, None, None] * axes(track, capture)[known]
    if track.hidden is not None:
        behind = np.take_along_axis(track.hidden[..., None], order, axis=1)[known]
        share = np.where(behind, 1.0, share)
    moves, alike = lessons().moves(postures(track, capture)[known])
    xy_px = track.xy_px.copy()
    places = np.take_along_axis(xy_px, order, axis=1)
    places[known] += share * moves * scale
    np.put_along_axis(xy_px, order, places, axis=1)
    lost = known.copy()
    lost[known] = (alike < STRANGE) & (_trembling(track)[known] > ASTRAY * leg_px[known])
    return without(replace(track, xy_px=xy_px), lost)


def _trembling(track: PoseTrack) -> FloatArray:
    """(N,) how far smoothing moved the landmarks of a posture, in the mean, in pixels."""
    if track.noise_px is None:
        return np.zeros(len(track))
    chosen = [Landmark.NOSE, *(landmark(side, joint) for side in SIDES for joint in JOINTS)]
    trembling: FloatArray = np.nan_to_num(track.noise_px[:, chosen]).mean(axis=1)
    return trembling


def without(track: PoseTrack, rows: BoolArray) -> PoseTrack:
    """The track with nobody in some frames (N,)."""
    if not rows.any():
        return track
    gone = rows[:, None]
    return replace(
        track,
        xy_px=np.where(gone[..., None], np.nan, track.xy_px),
        world_m=np.where(gone[..., None], np.nan, track.world_m),
        visibility=np.where(gone, 0.0, track.visibility),
        presence=np.where(gone, 0.0, track.presence),
    )


def postures(track: PoseTrack, capture: Capture) -> FloatArray:
    """(N, D) where a body's landmarks are: forward of the mid-hip and up, in leg lengths.

    The near side's JOINTS, the far side's, and the nose; NaN what is not seen.
    """
    nose = np.full((len(track), 1), int(Landmark.NOSE))
    order = np.concatenate([near_first(track, capture, JOINTS), nose], axis=1)
    points = np.take_along_axis(track.xy_px, order[..., None], axis=1)
    apart = (points - track.middle("hip")[:, None]) / legs_px(track)[:, None, None]
    return (apart * axes(track, capture)).reshape(len(track), -1)


def near_first(track: PoseTrack, capture: Capture, joints: tuple[str, ...]) -> IntArray:
    """(N, 2 J) the landmarks of the near side, then those of the far side."""
    left, right = ([int(landmark(side, joint)) for joint in joints] for side in SIDES)
    right_near = stretches(capture, len(track))[:, None] > 0
    return np.where(right_near, [right + left], [left + right])


def axes(track: PoseTrack, capture: Capture) -> FloatArray:
    """(N, 1, 2) what turns pixels, x right and y down, to forward and up, and back."""
    forward = np.sign(stretches(capture, len(track)))
    signs: FloatArray = np.stack([forward, np.full(len(track), -1.0)], axis=1)[:, None]
    return signs
