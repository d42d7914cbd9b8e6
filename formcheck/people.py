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
from scipy.optimize import linear_sum_assignment

from formcheck.types import (
    SIDES,
    BoolArray,
    FloatArray,
    FramePose,
    IntArray,
    PoseTrack,
    landmark,
)

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""

ANCHORS = ("shoulder", "hip", "ankle")
SAME = 0.3
"""How far, in lengths of trunk and leg, somebody's nearest anchor moves between two frames, or two
views of one person lie apart: in a lift shoulders or feet stay in place, two people rarely stand
closer together."""
WALK_PER_S = 0.6
"""Bodies' lengths (1.3 m) a second: somebody who walks."""
LONGEST_GAP_S = 2.0
SIZES = 1.7
"""Two sightings of one person differ by no more than this ratio in size."""
FOLLOWED_GAIN = 0.5
PART = 0.5
BREAK_S = 0.5
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

    @property
    def strange(self) -> BoolArray:
        """(N,) where the track holds somebody who is not the subject."""
        wrong: BoolArray = (self.label >= 0) & (self.label != self.subject)
        return wrong


# --- one body in one picture ----------------------------------------------------------------------


def body_size_px(pose: FramePose) -> float:
    """Length of trunk, thigh and shank together, pixels; of the longer leg."""
    xy = pose.xy_px
    mid = {j: (xy[landmark("left", j)] + xy[landmark("right", j)]) / 2 for j in ("shoulder", "hip")}
    legs = []
    for side in SIDES:
        hip, knee, ankle = (xy[landmark(side, joint)] for joint in ("hip", "knee", "ankle"))
        legs.append(np.linalg.norm(hip - knee) + np.linalg.norm(knee - ankle))
    return float(np.linalg.norm(mid["shoulder"] - mid["hip"]) + max(legs))


def box_px(pose: FramePose) -> Box:
    """The smallest box around all landmarks."""
    low, high = pose.xy_px.min(axis=0), pose.xy_px.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _anchors(xy_px: FloatArray) -> FloatArray:
    """(3, 2) the middles of shoulders, hips and ankles."""
    return np.stack(
        [(xy_px[landmark("left", j)] + xy_px[landmark("right", j)]) / 2 for j in ANCHORS]
    )


def apart(one: FramePose, other: FramePose) -> float:
    """How far the nearest anchors of two poses are from each other, in lengths of the body."""
    between = np.linalg.norm(_anchors(one.xy_px) - _anchors(other.xy_px), axis=1)
    return float(between.min() / max(body_size_px(one), body_size_px(other), 1.0))


def _alike_in_size(one: FramePose, other: FramePose) -> bool:
    a, b = body_size_px(one), body_size_px(other)
    return max(a, b) < SIZES * min(a, b)


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


def pose_at(track: PoseTrack, place: int) -> FramePose | None:
    """The followed pose of a frame; None when nobody was found."""
    if not 0 <= place < len(track) or not track.seen[place]:
        return None
    return FramePose(
        track.xy_px[place], track.world_m[place], track.visibility[place], track.presence[place]
    )


# --- over time ------------------------------------------------------------------------------------


def stretches(track: PoseTrack) -> IntArray:
    """(N,) the number of the stretch in which the model followed one body without a jump; -1: none.

    A stretch ends at a cut, when nobody is found for BREAK_S, or when all anchors jump.
    """
    number = np.full(len(track), -1, dtype=np.int64)
    last: tuple[int, FramePose] | None = None
    count = -1
    for place in np.flatnonzero(track.seen):
        pose = pose_at(track, int(place))
        assert pose is not None
        if last is None or _broken(track, last, (int(place), pose)):
            count += 1
        number[place] = count
        last = (int(place), pose)
    return number


def _broken(track: PoseTrack, last: tuple[int, FramePose], now: tuple[int, FramePose]) -> bool:
    gap_s = float(track.time_s[now[0]] - track.time_s[last[0]])
    cut = track.shot[now[0]] != track.shot[last[0]]
    jump = apart(last[1], now[1]) > SAME + WALK_PER_S * gap_s
    return bool(cut or gap_s > BREAK_S or jump or not _alike_in_size(last[1], now[1]))


class _Open:
    """A trail that is still being joined."""

    def __init__(self, at: int, pose: FramePose, stretch: int, time_s: float) -> None:
        self.at, self.poses, self.stretch, self.time_s = [at], [pose], stretch, time_s

    def add(self, at: int, pose: FramePose, stretch: int, time_s: float) -> None:
        self.at.append(at)
        self.poses.append(pose)
        self.stretch, self.time_s = stretch, time_s

    def cost(self, pose: FramePose, stretch: int, time_s: float) -> float:
        """How little a sighting looks like this person; infinite when it cannot be."""
        if not _alike_in_size(self.poses[-1], pose):
            return np.inf
        far = apart(self.poses[-1], pose)
        followed = stretch >= 0 and stretch == self.stretch
        reach = SAME + WALK_PER_S * min(time_s - self.time_s, LONGEST_GAP_S)
        if far > reach + (FOLLOWED_GAIN if followed else 0.0):
            return np.inf
        return far - (FOLLOWED_GAIN if followed else 0.0)


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
            never = 1e3
            for row, column in zip(
                *linear_sum_assignment(np.where(np.isfinite(cost), cost, never)), strict=True
            ):
                if np.isfinite(cost[row, column]):
                    open_trails[row].add(k, *seen[column], look.time_s)
                    taken.add(int(column))
        trails += [_Open(k, *one, look.time_s) for c, one in enumerate(seen) if c not in taken]
    return [Trail(tuple(trail.at), tuple(trail.poses)) for trail in trails]


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
            if followed is not None and (followed is pose or same_body(followed, pose)):
                stretch = int(number[looks[k].place])
                known.setdefault(stretch, []).append((looks[k].time_s, who))
    for stretch, marks in known.items():
        places = np.flatnonzero(number == stretch)
        marks.sort()
        times = np.array([time for time, _ in marks])
        nearest = np.abs(track.time_s[places][:, None] - times).argmin(axis=1)
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
    joined = _join(looks, track, number)
    least = max(LEAST_LOOKS, LEAST_SHARE * len(looks))
    trails = [trail for trail in joined if len(trail.at) >= least] or joined
    if not trails:
        return None
    trails.sort(key=usual_place_px)
    label = labels(trails, looks, track, number)
    worths = [worth(trail, looks, track) for trail in trails]
    held = int(np.bincount(label[label >= 0], minlength=len(trails)).argmax())
    worths[held] *= HOLD
    return Cast(tuple(looks), tuple(trails), label, int(np.argmax(worths)))
