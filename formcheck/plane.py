"""PoseTrack + Capture -> the sagittal plane: where the joints are as seen from the side, how sure.

Side and oblique views: image pixels, turned back by the picture's roll, rectified to the sagittal
plane (x divided by the sine of the camera azimuth) and freed of perspective. Front and back views:
the world landmarks turned to the side, for orientation only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from formcheck.perspective import FOCAL, Sight, in_plane
from formcheck.types import (
    SAGITTAL_VIEWS,
    SIDES,
    BoolArray,
    Capture,
    Facing,
    FloatArray,
    Leg,
    PoseTrack,
    Side,
    finite_median,
    landmark,
)
from formcheck.uncertainty import APART_SHARE, MISFIT_SHARE, MOST_ERROR, landmark_error, plate_error

JOINTS = ("ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "foot_index")
LOWER = ("hip", "knee", "ankle", "heel", "foot_index")

MIN_SIN_AZIMUTH = 0.42
"""sin 25°: beyond this foreshortening a rectified angle is noise."""
LIMB_RATIO = (0.62, 1.45)
"""A limb's length over its median in the clip: joints in full view read 0.68-1.34 of it (splayed
knees and perspective included), joints behind a plate 0.2-0.6."""
OBLIQUE_SLACK = 1.5
"""A splayed knee changes the rectified length of a thigh the more, the further the camera is from
the side: both ratios are raised to the power 1 + this times the cosine of the azimuth."""
TRUNK_RATIO = (0.6, 1.6)
"""The same for the trunk, which bends and rounds."""
ZOOMED = 1.25
"""Ratio of the leg's length in a shot to that in the clip from which a cut has gone nearer or
farther; a smaller one may be how much the legs are bent in it."""
SPLAY = 0.1
"""How much farther out or in than usual (:mod:`formcheck.perspective`) knees and feet are, in leg
lengths: 0.07 in rendered squats, 0.1 in deadlifts, of which some are sumo."""
TOGETHER = 0.7
"""How far the errors of left and right go together: their correlation in rendered lifts of both
legs is 0.7 for hips (0.2 to 0.6 for knees and ankles)."""
CENTRE = ("shoulder", "hip", "ankle")
"""The line of sight, whose pitch and azimuth are known, points to the middle of these."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Landmarks in the sagittal plane: x towards where the person faces, y up, any unit.

    ``points`` maps leg and joint to (N, 2), ``confidence`` to its visibility (N,), ``error`` to how
    far off it may be (N,), in leg lengths. ``both`` is the mean of the two legs (or arms), each
    weighted by how well it is seen. ``leg_length``: hip to knee to ankle, in the points' unit.
    """

    points: Mapping[tuple[Leg, str], FloatArray]
    confidence: Mapping[tuple[Leg, str], FloatArray]
    error: Mapping[tuple[Leg, str], FloatArray]
    leg_length: float

    def middle(self, joint: str) -> FloatArray:
        """(N, 2) midpoint of the left and right joint."""
        return (self.points["left", joint] + self.points["right", joint]) / 2

    def sure(self, leg: Leg, *joints: str) -> FloatArray:
        """(N,) the least visibility of some joints."""
        least: FloatArray = np.min([self.confidence[leg, joint] for joint in joints], axis=0)
        return least


def sagittal_plane(track: PoseTrack, capture: Capture) -> Plane:
    """Landmarks as seen from the person's right side, whatever side the camera is on."""
    rectified = capture.view in SAGITTAL_VIEWS
    outside = _outside(track)
    if rectified:
        track = of_one_size(track)
        source = _in_plane(track, capture)
    else:
        source = _world_sagittal(track)
    points: dict[tuple[Leg, str], FloatArray] = {}
    confidence: dict[tuple[Leg, str], FloatArray] = {}
    for side in SIDES:
        for joint in JOINTS:
            index = landmark(side, joint)
            points[side, joint] = source[:, index]
            confidence[side, joint] = track.visibility[:, index]
    slack = 1.0
    if rectified:
        slack = 1 + OBLIQUE_SLACK * abs(float(np.cos(np.radians(capture.azimuth_deg))))
        confidence |= _without_impossible_limbs(points, confidence, slack)
    length = _leg_length(points, capture.near_side)
    error = _errors(track, outside)
    if rectified:
        error = _with_misfit(points, error, length, slack)
        error = _with_plates(track, error)
    apart = APART_SHARE if capture.view == "side" else 0.0
    splay = SPLAY * abs(float(np.cos(np.radians(capture.azimuth_deg))))
    return _with_both(Plane(points, confidence, error, length), splay, apart)


def turn_deg(start: FloatArray, end: FloatArray) -> FloatArray:
    """Signed angle (N,) that turns vector ``start`` (N, 2) into ``end``, counter-clockwise > 0."""
    cross = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]
    angle: FloatArray = np.degrees(np.arctan2(cross, (start * end).sum(axis=1)))
    return angle


def leg_length_px(track: PoseTrack) -> float:
    """Hip to knee to ankle in the picture, as long as it is mostly seen; NaN if it never is."""
    chains = [[landmark(side, j) for j in ("hip", "knee", "ankle")] for side in SIDES]
    legs = [np.linalg.norm(np.diff(track.xy_px[:, c], axis=1), axis=2).sum(axis=1) for c in chains]
    lengths = np.concatenate(legs)
    seen = lengths[np.isfinite(lengths)]
    return float(np.percentile(seen, 75)) if len(seen) else math.nan


def legs_px(track: PoseTrack) -> FloatArray:
    """(N,) the leg's length in the picture, of each shot its own: a cut may zoom."""
    legs = np.full(len(track), np.nan)
    for shot in np.unique(track.shot):
        rows = track.shot == shot
        legs[rows] = leg_length_px(replace(track, xy_px=track.xy_px[rows]))
    return legs


def of_one_size(track: PoseTrack) -> PoseTrack:
    """The track as if no cut had gone nearer or farther: limbs keep their lengths."""
    larger = legs_px(track) / leg_length_px(track)
    zoomed = (larger > ZOOMED) | ((larger > 0) & (larger < 1 / ZOOMED))  # not where it is NaN
    scale = np.where(zoomed, larger, 1.0)
    noise_px = None if track.noise_px is None else track.noise_px / scale[:, None]
    return replace(track, xy_px=track.xy_px / scale[:, None, None], noise_px=noise_px)


def _outside(track: PoseTrack) -> BoolArray:
    """(N, L) which landmarks are drawn outside the picture, where nobody sees them."""
    size = np.array([track.width, track.height])
    beyond: BoolArray = np.any((track.xy_px < 0) | (track.xy_px > size), axis=2)
    return beyond


def _errors(track: PoseTrack, outside: BoolArray) -> dict[tuple[Leg, str], FloatArray]:
    """How far off each landmark may be by itself (N,), in leg lengths.

    Those ``outside`` (N, L) the picture are guessed.
    """
    noise = track.noise_px if track.noise_px is not None else np.zeros(track.visibility.shape)
    leg_px = leg_length_px(track)
    errors: dict[tuple[Leg, str], FloatArray] = {}
    for side in SIDES:
        for joint in JOINTS:
            place = landmark(side, joint)
            error = landmark_error(joint, noise[:, place], leg_px)
            errors[side, joint] = np.where(outside[:, place], MOST_ERROR, error)
    return errors


def _with_misfit(
    points: Mapping[tuple[Leg, str], FloatArray],
    error: Mapping[tuple[Leg, str], FloatArray],
    leg_length: float,
    slack: float,
) -> dict[tuple[Leg, str], FloatArray]:
    """Errors that also hold how far a limb is from its usual length: an end of it is off so far.

    What a splayed knee changes obliquely is no error: the misfit is divided by ``slack``.
    """
    grown = dict(error)
    for side in SIDES:
        for start, end in (("shoulder", "hip"), ("hip", "knee"), ("knee", "ankle")):
            length = _limb(points, side, (start, end))
            misfit = MISFIT_SHARE * np.abs(length - finite_median(length)) / (leg_length * slack)
            # not seen: as unsure as can be, so that the other side is read alone
            off = np.nan_to_num(np.minimum(misfit, MOST_ERROR), nan=MOST_ERROR)
            for joint in (start, end):
                grown[side, joint] = np.hypot(grown[side, joint], off)
    return grown


def _with_plates(
    track: PoseTrack, error: Mapping[tuple[Leg, str], FloatArray]
) -> dict[tuple[Leg, str], FloatArray]:
    """The errors where it is known which joints a plate hides."""
    if track.hidden is None:
        return dict(error)
    hidden: dict[tuple[Leg, str], BoolArray] = {
        (side, joint): track.hidden[:, int(landmark(side, joint))]
        for side in SIDES
        for joint in JOINTS
    }
    return {place: plate_error(place[1], own, hidden[place]) for place, own in error.items()}


def _levelled(xy_px: FloatArray, capture: Capture) -> FloatArray:
    """Points (N, L, 2) turned back by the picture's roll; a roll within its error is none."""
    roll = math.radians(capture.roll_deg)
    if math.isnan(roll) or abs(capture.roll_deg) <= capture.roll_error_deg:
        return xy_px
    sine, cosine = math.sin(roll), math.cos(roll)
    turned: FloatArray = xy_px @ np.array([[cosine, -sine], [sine, cosine]])
    return turned


def _in_plane(track: PoseTrack, capture: Capture) -> FloatArray:
    """(N, L, 2) landmarks forward and up in the sagittal plane, free of roll and perspective."""
    stretch = stretches(capture, len(track))
    cosine = np.empty(len(track))
    for part in capture.facings or (capture,):
        cosine[rows_of(part)] = math.cos(math.radians(part.azimuth_deg))
    focal_px = FOCAL * math.sqrt(track.width * track.height)
    sight = Sight(1 / np.abs(stretch), cosine, capture.pitch_deg, focal_px, stretch > 0)
    facing = np.stack([np.sign(stretch), np.full(len(track), -1.0)], axis=1)
    drawn = _levelled(track.xy_px, capture) * facing[:, None]
    return in_plane(drawn, _centre(drawn), leg_length_px(track), sight)


def _centre(drawn: FloatArray) -> FloatArray:
    """(N, 2) the middle of a body: sideways of its hips at the time, upwards of all the clip."""
    middle = {
        joint: drawn[:, [landmark(side, joint) for side in SIDES]].mean(axis=1) for joint in CENTRE
    }
    heights = [finite_median(places[:, 1]) for places in middle.values()]
    seen = [height for height in heights if not math.isnan(height)]
    sideways = middle["hip"][:, 0]
    sideways = np.where(np.isnan(sideways), finite_median(sideways), sideways)
    return np.stack([sideways, np.full(len(drawn), np.mean(seen or math.nan))], axis=1)


def stretches(capture: Capture, frames: int) -> FloatArray:
    """(N,) what the picture's x is multiplied by to be forward in the sagittal plane.

    Positive with the person's right side near, otherwise negative.
    """
    stretch = np.empty(frames)
    for part in capture.facings or (capture,):
        sine = max(float(np.sin(np.radians(part.azimuth_deg))), MIN_SIN_AZIMUTH)
        stretch[rows_of(part)] = (1.0 if part.near_side == "right" else -1.0) / sine
    return stretch


def rows_of(part: Capture | Facing) -> slice:
    """The frames that a view holds for."""
    return slice(part.start, part.end + 1) if isinstance(part, Facing) else slice(None)


def _limb(
    points: Mapping[tuple[Leg, str], FloatArray], leg: Leg, joints: tuple[str, ...]
) -> FloatArray:
    """(N,) length of the chain from joint to joint."""
    chain = np.stack([points[leg, joint] for joint in joints])
    length: FloatArray = np.linalg.norm(np.diff(chain, axis=0), axis=2).sum(axis=0)
    return length


def _leg_length(points: Mapping[tuple[Leg, str], FloatArray], near: Side) -> float:
    """Of the near leg, as long as it mostly is; of the other where that is never seen whole."""
    sides = sorted(SIDES, key=lambda side: side != near)
    lengths = (finite_median(_limb(points, side, ("hip", "knee", "ankle"))) for side in sides)
    return next((length for length in lengths if not math.isnan(length)), math.nan)


def _without_impossible_limbs(
    points: Mapping[tuple[Leg, str], FloatArray],
    confidence: Mapping[tuple[Leg, str], FloatArray],
    slack: float,
) -> dict[tuple[Leg, str], FloatArray]:
    """Confidence 0 for knees and ankles that would need a limb of another length.

    Thigh and shank move in the sagittal plane, so their length in it hardly changes; behind a
    plate the model puts the joint at any place. Where the trunk has shrunk the model has lost the
    body, and nothing is believed. ``slack``: see OBLIQUE_SLACK.
    """
    changed = dict(confidence)
    for side in SIDES:
        for upper, lower in (("hip", "knee"), ("knee", "ankle")):
            possible = _usual(_limb(points, side, (upper, lower)), LIMB_RATIO, slack)
            changed[side, lower] = np.where(possible, confidence[side, lower], 0.0)
    mid = {j: (points["left", j] + points["right", j]) / 2 for j in ("shoulder", "hip")}
    trunk = np.linalg.norm(mid["shoulder"] - mid["hip"], axis=1)
    whole = _usual(trunk, TRUNK_RATIO, slack)
    return {key: np.where(whole, sure, 0.0) for key, sure in changed.items()}


def _usual(length: FloatArray, ratio: tuple[float, float], slack: float) -> BoolArray:
    """(N,) whether a length is within these ratios of its median."""
    usual = finite_median(length)
    within: BoolArray = (length > ratio[0] ** slack * usual) & (length < ratio[1] ** slack * usual)
    return within


def _with_both(plane: Plane, splay: float, apart_share: float) -> Plane:
    """The plane with the mean of the two legs and of the two arms beside them.

    ``splay``: how far knees and feet seem to be forward or back by it, in leg lengths.
    ``apart_share`` of the distance between left and right is doubt about where the mean is.
    """
    points, sure, error = dict(plane.points), dict(plane.confidence), dict(plane.error)
    for group in (LOWER, tuple(joint for joint in JOINTS if joint not in LOWER)):
        weight = _weight_left(plane, group, splay)
        for joint in group:
            left, right = (plane.points[side, joint] for side in SIDES)
            mean = weight[:, None] * left + (1 - weight[:, None]) * right
            mean = np.where(np.isnan(left), right, np.where(np.isnan(right), left, mean))
            points["both", joint] = mean
            sure["both", joint] = np.maximum(sure["left", joint], sure["right", joint])
            apart = np.nan_to_num(np.linalg.norm(left - right, axis=1)) / plane.leg_length
            own = _error_of_mean(weight, error["left", joint], error["right", joint])
            error["both", joint] = np.hypot(own, np.minimum(apart_share * apart, MOST_ERROR))
    return Plane(points, sure, error, plane.leg_length)


def _error_of_mean(weight: FloatArray, left: FloatArray, right: FloatArray) -> FloatArray:
    """(N,) of a mean in which the left one has a ``weight``, of two errors that go together."""
    one, two = weight * left, (1 - weight) * right
    error: FloatArray = np.sqrt(one**2 + two**2 + 2 * TOGETHER * one * two)
    return error


def _weight_left(plane: Plane, joints: tuple[str, ...], splay: float) -> FloatArray:
    """(N,) weight of the left side; all or nothing where one is impossible.

    The mean's error is least so, of two readings with errors of their own and ``splay``, which
    moves them by as much in opposite directions.
    """
    off = {s: np.sum([plane.error[s, joint] ** 2 for joint in joints], axis=0) for s in SIDES}
    opposite = 2 * len(joints) * splay**2
    weight = (off["right"] + opposite) / (off["left"] + off["right"] + 2 * opposite)
    lost = {s: plane.sure(s, *joints[:3]) <= 0 for s in SIDES}
    weight = np.where(lost["left"] & ~lost["right"], 0.0, weight)
    return np.where(lost["right"] & ~lost["left"], 1.0, weight)


def _world_sagittal(track: PoseTrack) -> FloatArray:
    """(N, L, 2) world landmarks turned so that x is forward of the hips and y up, metres."""
    across = track.world_m[:, landmark("left", "hip")] - track.world_m[:, landmark("right", "hip")]
    across = across + (
        track.world_m[:, landmark("left", "shoulder")]
        - track.world_m[:, landmark("right", "shoulder")]
    )
    heading = np.arctan2(across[:, 2], across[:, 0])
    forward = np.stack([np.sin(heading), -np.cos(heading)], axis=1)
    horizontal = (track.world_m[..., [0, 2]] * forward[:, None, :]).sum(axis=2)
    return np.stack([horizontal, -track.world_m[..., 1]], axis=2)
