"""Who is in the clip, and whom to score: people over time, from a look every second or so.

The pose model follows whoever it finds first. Here everybody who is found at a look is joined to
people over time, by place and size and by whom the model followed in between; one of them is the
subject of the whole clip: large, central, long there and moving. Frames in which the model
followed somebody else are to be followed anew, with all others covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from formcheck.scene import Box
from formcheck.types import SIDES, FloatArray, FramePose, IntArray, PoseTrack, landmark

BODY_M = 1.3
"""Trunk and leg of somebody of middling height."""
ANCHORS = ("shoulder", "hip", "ankle")
SAME = 0.3
"""How far, in lengths of trunk and leg, somebody's nearest anchor moves between two frames, or two
views of one person lie apart: in a lift shoulders or feet stay in place, two people rarely stand
closer together."""
WALK_PER_S = 0.75
"""Bodies' lengths a second: somebody who walks."""
LONGEST_GAP_S = 2.0
SIZES = 1.5
"""Two sightings of one person differ by no more than this ratio in size."""
PART = 0.5
BREAK_S = 0.5
JUMP_S, JUMP, JUMP_SIZES = 0.2, 0.35, 1.45
"""In so short a time a body's nearest anchor moves by less than this, and its size changes by less
than this ratio: 0.17 and 1.28 in lifts, 0.29 and 1.39 at most, walking and before a poor webcam. A
model that glides to another person does 0.2 to 1.2 and 1.6."""
LEAST_LOOKS = 2
LEAST_SHARE = 0.2
"""Of the looks: who is seen less often is no subject, and may be none at all."""
MOVED_DEG = 40.0
"""Bend of hips and knees between a person's straightest and deepest look: any repetition."""
HOLD = 1.15
"""Whom the model followed longest stays the subject unless another scores this much more."""


@dataclass(frozen=True, slots=True)
class Look:
    """Everybody found in one picture: its time, its place among the frames, the poses."""

    time_s: float
    place: int
    poses: tuple[FramePose, ...]


@dataclass(frozen=True, slots=True)
class Trail:
    """One person over the looks: ``at`` are indices of looks, ``poses`` the person in each."""

    at: tuple[int, ...]
    poses: tuple[FramePose, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in a clip, and who of them is to be scored.

    ``label`` (N,) says whose pose each frame of the track holds: an index into ``trails``, -1 for
    nobody known. ``trails`` run from left to right; ``subject`` is an index into them.
    """

    looks: tuple[Look, ...]
    trails: tuple[Trail, ...]
    label: IntArray
    subject: int


# --- one body in one picture ----------------------------------------------------------------------


def body_size_px(pose: FramePose) -> float:
    """Pixels of BODY_M metres at the person: how large somebody is, whatever their posture.

    From the spread of the landmarks in the picture over that of the world landmarks.
    """
    return float(_sizes_px(pose.xy_px, pose.world_m))


def _sizes_px(xy_px: FloatArray, world_m: FloatArray) -> FloatArray:
    """(...) the size of each of some bodies (..., 33, 2 and 3)."""
    inside, real = (
        np.sqrt(((p - p.mean(axis=-2, keepdims=True)) ** 2).sum(axis=(-2, -1)))
        for p in (xy_px, world_m[..., :2])
    )
    return np.asarray(BODY_M * inside / np.maximum(real, 1e-6))


def box_px(pose: FramePose) -> Box:
    """The smallest box around all landmarks."""
    low, high = pose.xy_px.min(axis=0), pose.xy_px.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _anchors(xy_px: FloatArray) -> FloatArray:
    """(..., 3, 2) the middles of shoulders, hips and ankles."""
    left, right = ([landmark(side, joint) for joint in ANCHORS] for side in SIDES)
    return np.asarray((xy_px[..., left, :] + xy_px[..., right, :]) / 2)


def apart(one: FramePose, other: FramePose) -> float:
    """How far the nearest anchors of two poses are from each other, in lengths of the body."""
    between = np.linalg.norm(_anchors(one.xy_px) - _anchors(other.xy_px), axis=1)
    return float(between.min() / max(body_size_px(one), body_size_px(other), 1.0))


def _alike(one: float, other: float, ratio: float) -> bool:
    return max(one, other) < ratio * min(one, other)


def same_body(one: FramePose, other: FramePose) -> bool:
    """Whether two poses in one picture are of one body: most landmarks lie close together."""
    between = np.linalg.norm(one.xy_px - other.xy_px, axis=1)
    return float(np.median(between)) < SAME / 2 * max(body_size_px(one), body_size_px(other))


def _distinct(poses: Sequence[FramePose]) -> list[FramePose]:
    """Each body once; the first that was found of it."""
    kept: list[FramePose] = []
    for pose in poses:
        if not any(same_body(pose, other) for other in kept):
            kept.append(pose)
    return kept


def _values(track: PoseTrack) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    return track.xy_px, track.world_m, track.visibility, track.presence


def pose_at(track: PoseTrack, place: int) -> FramePose | None:
    """The followed pose of a frame; None when nobody was found."""
    if not 0 <= place < len(track) or not track.seen[place]:
        return None
    return FramePose(*(values[place] for values in _values(track)))


# --- over time ------------------------------------------------------------------------------------


def stretches(track: PoseTrack) -> IntArray:
    """(N,) the number of the stretch in which the model followed one body without a jump; -1: none.

    A stretch ends at a cut, when nobody is found for BREAK_S, and where the body jumps or changes
    its size within JUMP_S.
    """
    number = np.full(len(track), -1, dtype=np.int64)
    bodies = _Bodies.of(track)
    recent: list[int] = []
    count = -1
    for now in np.flatnonzero(track.seen).tolist():
        if not recent or bodies.broken(recent[0], recent[-1], now):
            count += 1
            recent = []
        number[now] = count
        recent = [at for at in recent if bodies.gap_s(at, now) <= JUMP_S] or recent[-1:]
        recent.append(now)
    return number


@dataclass(frozen=True, slots=True)
class _Bodies:
    """Where the followed body is in each frame (``anchors_px``), and how large."""

    track: PoseTrack
    anchors_px: FloatArray
    sizes_px: FloatArray

    @classmethod
    def of(cls, track: PoseTrack) -> _Bodies:
        """The bodies of a track."""
        return cls(track, _anchors(track.xy_px), _sizes_px(track.xy_px, track.world_m))

    def gap_s(self, before: int, now: int) -> float:
        """The time between two frames."""
        return float(self.track.time_s[now] - self.track.time_s[before])

    def broken(self, first: int, last: int, now: int) -> bool:
        """Whether a frame does not go on from the ``first`` and ``last`` of the last JUMP_S."""
        gap_s = self.gap_s(last, now)
        if gap_s > BREAK_S or self.track.shot[now] != self.track.shot[last]:
            return True
        one, other = float(self.sizes_px[first]), float(self.sizes_px[now])
        moved = np.linalg.norm(self.anchors_px[first] - self.anchors_px[now], axis=1).min()
        far = moved / max(one, other, 1.0) > JUMP + WALK_PER_S * max(gap_s - JUMP_S, 0.0)
        return bool(far) or not _alike(one, other, JUMP_SIZES)


class _Open:
    """A trail that is still being joined."""

    def __init__(self, at: int, pose: FramePose, stretch: int, time_s: float) -> None:
        self.at, self.poses, self.stretch, self.time_s = [at], [pose], stretch, time_s
        self.sizes_px = [body_size_px(pose)]

    def add(self, at: int, pose: FramePose, stretch: int, time_s: float) -> None:
        self.at.append(at)
        self.poses.append(pose)
        self.sizes_px.append(body_size_px(pose))
        self.stretch, self.time_s = stretch, time_s

    def cost(self, pose: FramePose, stretch: int, time_s: float) -> float:
        """How little a sighting looks like this person; infinite when it cannot be."""
        usual = float(np.median(self.sizes_px))
        if not _alike(usual, body_size_px(pose), SIZES):
            return np.inf
        far = apart(self.poses[-1], pose)
        if min(stretch, self.stretch) >= 0:
            if stretch == self.stretch:  # followed all the way
                return far - 1.0
            reach = 2 * SAME  # had they walked there, the model had followed
        else:
            reach = SAME + WALK_PER_S * min(time_s - self.time_s, LONGEST_GAP_S)
        if far > reach:
            return np.inf
        # concave: one who stays is worth more than several who may have changed places
        return float(np.sqrt(far))


def _part_of(pose: FramePose, other: FramePose) -> bool:
    """Whether a pose is but a smaller part of another: what a cover has left of somebody."""
    a, b = box_px(pose), box_px(other)
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    area = max((a[2] - a[0]) * (a[3] - a[1]), 1.0)
    return shared > PART * area and body_size_px(pose) < body_size_px(other)


def _sightings(look: Look, track: PoseTrack, number: IntArray) -> list[tuple[FramePose, int]]:
    """Everybody at a look, with the stretch in which the model followed them (-1: it did not)."""
    poses = _distinct(look.poses)
    followed = pose_at(track, look.place)
    if followed is None:
        return [(pose, -1) for pose in poses]
    others = [p for p in poses if not same_body(p, followed) and not _part_of(p, followed)]
    return [(followed, int(number[look.place])), *((pose, -1) for pose in others)]


def _join(looks: Sequence[Look], track: PoseTrack, number: IntArray) -> list[Trail]:
    """Join the sightings to people; nobody is carried over a cut."""
    trails: list[_Open] = []
    first_of_shot = 0
    for k, look in enumerate(looks):
        if k and track.shot[look.place] != track.shot[looks[k - 1].place]:
            first_of_shot = len(trails)
        open_trails = trails[first_of_shot:]
        seen = _sightings(look, track, number)
        cost = np.array(
            [[trail.cost(*one, look.time_s) for one in seen] for trail in open_trails]
        ).reshape(len(open_trails), len(seen))
        taken: set[int] = set()
        if cost.size:
            never = 2.0
            for row, column in zip(
                *scipy.optimize.linear_sum_assignment(np.where(np.isfinite(cost), cost, never)),
                strict=True,
            ):
                if np.isfinite(cost[row, column]):
                    open_trails[row].add(k, *seen[column], look.time_s)
                    taken.add(int(column))
        trails += [_Open(k, *one, look.time_s) for c, one in enumerate(seen) if c not in taken]
    return [Trail(tuple(trail.at), tuple(trail.poses)) for trail in trails]


def _whole(
    trails: Sequence[Trail], looks: Sequence[Look], track: PoseTrack, number: IntArray
) -> list[Trail]:
    """The trails, those put together that the model followed as one and that never meet.

    Better one person who is two than one who is cut in two: half of a set would be lost.
    """
    kept: list[Trail] = []
    for trail in trails:
        own = _followed_in(trail, looks, track, number)
        for k, other in enumerate(kept):
            if own & _followed_in(other, looks, track, number) and not set(trail.at) & set(
                other.at
            ):
                pairs = sorted(
                    (
                        *zip(trail.at, trail.poses, strict=True),
                        *zip(other.at, other.poses, strict=True),
                    ),
                    key=lambda pair: pair[0],
                )
                kept[k] = Trail(tuple(at for at, _ in pairs), tuple(pose for _, pose in pairs))
                break
        else:
            kept.append(trail)
    return kept


def _followed_in(
    trail: Trail, looks: Sequence[Look], track: PoseTrack, number: IntArray
) -> set[int]:
    """The stretches in which the model followed somebody."""
    found = set()
    for k, pose in zip(trail.at, trail.poses, strict=True):
        followed = pose_at(track, looks[k].place)
        if followed is not None and same_body(followed, pose):
            found.add(int(number[looks[k].place]))
    return found


def labels(
    trails: Sequence[Trail], looks: Sequence[Look], track: PoseTrack, number: IntArray
) -> IntArray:
    """(N,) whose pose each frame holds.

    Known at the looks; in between, a stretch is its nearest look's person. Where a stretch glides
    from one person to another the change is put in the middle between the two looks.
    """
    label = np.full(len(track), -1, dtype=np.int64)
    known: dict[int, list[tuple[float, int]]] = {}
    for who, trail in enumerate(trails):
        for k, pose in zip(trail.at, trail.poses, strict=True):
            followed = pose_at(track, looks[k].place)
            if followed is not None and same_body(followed, pose):
                stretch = int(number[looks[k].place])
                known.setdefault(stretch, []).append((looks[k].time_s, who))
    for stretch, marks in known.items():
        places = np.flatnonzero(number == stretch)
        marks.sort()
        times = np.array([time for time, _ in marks])
        nearest = np.searchsorted((times[1:] + times[:-1]) / 2, track.time_s[places])
        label[places] = np.array([who for _, who in marks])[nearest]
    return label


# --- whom to score --------------------------------------------------------------------------------


def bend_deg(pose: FramePose) -> float:
    """Hip and knee flexion, mean of both legs, from the world landmarks."""
    w = pose.world_m
    bends = []
    for side in SIDES:
        shoulder, hip, knee, ankle = (
            w[landmark(side, joint)] for joint in ("shoulder", "hip", "knee", "ankle")
        )
        bends += [_turn(hip - shoulder, knee - hip), _turn(knee - hip, ankle - knee)]
    return float(np.mean(bends))


def _turn(a: FloatArray, b: FloatArray) -> float:
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), (a * b).sum())))


def usual_place_px(trail: Trail) -> float:
    """Where somebody's hips are most of the time, pixels from the left."""
    return float(np.median([_anchors(pose.xy_px)[1, 0] for pose in trail.poses]))


def worth(trail: Trail, looks: Sequence[Look], track: PoseTrack) -> float:
    """How much somebody looks like the subject: presence, size, place and movement, 0..1 each."""
    present = len(trail.at) / len(looks)
    size = float(np.median([body_size_px(pose) for pose in trail.poses]))
    central = 1.0 - min(abs(2 * usual_place_px(trail) / track.width - 1.0), 1.0)
    bends = [bend_deg(pose) for pose in trail.poses]
    moved = min((max(bends) - min(bends)) / MOVED_DEG, 1.0)
    large = min(size / track.height, 1.0)
    return float(present * large * (0.5 + 0.5 * central) * (0.2 + 0.8 * moved))


def cast_of(track: PoseTrack, looks: Sequence[Look]) -> Cast | None:
    """Who is in the clip and whom to score by default; None when nobody was found at any look."""
    number = stretches(track)
    joined = _whole(_join(looks, track, number), looks, track, number)
    least = max(LEAST_LOOKS, LEAST_SHARE * len(looks))
    trails = [trail for trail in joined if len(trail.at) >= least]
    trails = trails or sorted(joined, key=lambda trail: -len(trail.at))[:1]
    if not trails:
        return None
    trails.sort(key=usual_place_px)
    label = labels(trails, looks, track, number)
    worths = [worth(trail, looks, track) for trail in trails]
    worths[int(np.bincount(label[label >= 0], minlength=len(trails)).argmax())] *= HOLD
    return Cast(tuple(looks), tuple(trails), label, int(np.argmax(worths)))
