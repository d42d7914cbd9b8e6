"""Who is in the clip, and whom to score: people over time, from a look every second or so.

The pose model follows whoever it finds first. Here everybody who is found at a look is joined to
people over time, by place, size and clothes and by whom the model followed in between; one of them
is the subject of the whole clip: large, central, long there and moving. Frames in which the model
followed somebody else are to be followed anew, with all others covered.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy

from formcheck.body import (
    SAME,
    alike,
    anchors,
    apart,
    bend_deg,
    body_size_px,
    part_of,
    same_body,
    sizes_px,
)
from formcheck.clothes import NOTHING_KNOWN, unlike, usual
from formcheck.types import FloatArray, FramePose, IntArray, PoseTrack

WALK_PER_S = 0.75
"""Bodies' lengths a second: somebody who walks."""
LONGEST_GAP_S = 2.0
FOLLOWED = 0.15
"""What it counts for that the model followed somebody from one look to the next, as the root of a
way in lengths of the body: less than that the one stays where they were, or goes on walking, and
the other as well. The model glides from a lifter to a passer-by in front of them."""
CLOTHES = 1.2
"""What wholly other clothes count for, as the root of a way: more than one who stays and one who
walks by gain by changing places."""
NEW = 1.4
"""What it counts for that somebody was not seen before, as the root of a way: as much as the
longest, so that no two who were seen change places for it."""
ALIKE = 0.25
"""Usual clothes that differ by less are one person's: those of rendered people by 0.6 and more."""
WORN = 3
"""Looks back at which the clothes may be alike: plates and arms hide them at some."""
SIZES = 1.5
"""Two sightings of one person differ by no more than this ratio in size."""
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
    """Everybody found in one picture: its time, its place among the frames, the poses.

    ``clothes``: what each of them wears (``formcheck.clothes``); none where that is not known.
    """

    time_s: float
    place: int
    poses: tuple[FramePose, ...]
    clothes: tuple[FloatArray, ...] = ()

    @property
    def worn(self) -> tuple[FloatArray, ...]:
        """What each of the people wears, NaN where that is not known."""
        return self.clothes or (NOTHING_KNOWN,) * len(self.poses)


@dataclass(frozen=True, slots=True)
class Trail:
    """One person over the looks: ``at`` are indices of looks, ``poses`` the person in each.

    ``clothes``: what they wear in each (``formcheck.clothes``).
    """

    at: tuple[int, ...]
    poses: tuple[FramePose, ...]
    clothes: tuple[FloatArray, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in a clip, and who of them is to be scored.

    ``trails`` run from left to right; ``subject`` is an index into them. ``fleeting`` are those who
    are seen too seldom to be counted. ``label`` (N,) says whose pose each frame of the track holds:
    an index into ``everybody``, -1 for nobody known.
    """

    looks: tuple[Look, ...]
    trails: tuple[Trail, ...]
    label: IntArray
    subject: int
    fleeting: tuple[Trail, ...] = ()

    @property
    def everybody(self) -> tuple[Trail, ...]:
        """The trails and the fleeting ones after them."""
        return (*self.trails, *self.fleeting)


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
        return cls(track, anchors(track.xy_px), sizes_px(track.xy_px, track.world_m))

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
        return bool(far) or not alike(one, other, JUMP_SIZES)


@dataclass(frozen=True, slots=True)
class _Sighting:
    """Somebody at one look, by its index and time.

    ``stretch``: in which the model followed them, -1: it did not.
    """

    at: int
    time_s: float
    pose: FramePose
    stretch: int
    clothes: FloatArray


class _Open:
    """A trail that is still being joined."""

    def __init__(self, first: _Sighting) -> None:
        self.seen = [first]
        self._sizes_px = [body_size_px(first.pose)]

    def add(self, sighting: _Sighting) -> None:
        self.seen.append(sighting)
        self._sizes_px.append(body_size_px(sighting.pose))

    def cost(self, new: _Sighting) -> float:
        """How little a sighting looks like this person; infinite when it cannot be."""
        last = self.seen[-1]
        usual_px, now_px = float(np.median(self._sizes_px)), body_size_px(new.pose)
        if not alike(usual_px, now_px, SIZES):
            return np.inf
        far = apart(last.pose, new.pose)
        # concave: one who stays is worth more than several who may have changed places
        cost = math.sqrt(min(far, apart(self._walked_on(new.time_s), new.pose)))
        cost += CLOTHES * min(unlike(one.clothes, new.clothes) for one in self.seen[-WORN:])
        cost += abs(math.log(now_px / usual_px))
        if min(new.stretch, last.stretch) >= 0:
            if new.stretch == last.stretch:  # followed all the way
                return cost - FOLLOWED
            reach = 2 * SAME  # had they walked there, the model had followed
        else:
            reach = SAME + WALK_PER_S * min(new.time_s - last.time_s, LONGEST_GAP_S)
        return cost if far <= reach else np.inf

    def _walked_on(self, time_s: float) -> FramePose:
        """The last pose, moved on at the pace of the last two: as it was of one who stands."""
        last = self.seen[-1]
        if len(self.seen) == 1:
            return last.pose
        before = self.seen[-2]
        steps_px = anchors(last.pose.xy_px) - anchors(before.pose.xy_px)
        step_px = steps_px[np.linalg.norm(steps_px, axis=1).argmin()]  # feet stay in a lift
        share = min(time_s - last.time_s, LONGEST_GAP_S) / (last.time_s - before.time_s)
        return replace(last.pose, xy_px=last.pose.xy_px + share * step_px)


def _sightings(at: int, look: Look, track: PoseTrack, number: IntArray) -> list[_Sighting]:
    """Everybody at a look, whom the model followed first."""
    followed = pose_at(track, look.place)
    found = [(pose, -1, worn) for pose, worn in zip(look.poses, look.worn, strict=True)]
    if followed is not None:
        others = [one for one in found if not part_of(one[0], followed)]
        own = [worn for pose, _, worn in found if same_body(pose, followed)]
        stretch = int(number[look.place])
        found = [(followed, stretch, own[0] if own else NOTHING_KNOWN), *others]
    kept: list[_Sighting] = []
    for pose, stretch, worn in found:
        if not any(same_body(pose, one.pose) for one in kept):
            kept.append(_Sighting(at, look.time_s, pose, stretch, worn))
    return kept


def _join(looks: Sequence[Look], track: PoseTrack, number: IntArray) -> list[Trail]:
    """Join the sightings to people; nobody is carried over a cut."""
    trails: list[_Open] = []
    first_of_shot = 0
    for k, look in enumerate(looks):
        if k and track.shot[look.place] != track.shot[looks[k - 1].place]:
            first_of_shot = len(trails)
        open_trails = trails[first_of_shot:]
        seen = _sightings(k, look, track, number)
        cost = np.array([[trail.cost(one) for one in seen] for trail in open_trails])
        cost = cost.reshape(len(open_trails), len(seen))
        taken: set[int] = set()
        pairs = scipy.optimize.linear_sum_assignment(np.where(np.isfinite(cost), cost, NEW))
        for row, column in zip(*pairs, strict=True):
            if np.isfinite(cost[row, column]):
                open_trails[row].add(seen[column])
                taken.add(int(column))
        trails += [_Open(one) for column, one in enumerate(seen) if column not in taken]
    return [
        Trail(
            tuple(one.at for one in trail.seen),
            tuple(one.pose for one in trail.seen),
            tuple(one.clothes for one in trail.seen),
        )
        for trail in trails
    ]


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
            both = own & _followed_in(other, looks, track, number)
            if both and not set(trail.at) & set(other.at):
                kept[k] = _together(trail, other)
                break
        else:
            kept.append(trail)
    return kept


def _found_again(trails: Sequence[Trail]) -> list[Trail]:
    """The trails, those put together that never meet and are dressed alike, as nobody else is."""
    kept: list[Trail] = []
    for trail in trails:
        like = [k for k, other in enumerate(kept) if _dressed_alike(trail, other)]
        if len(like) == 1 and not set(trail.at) & set(kept[like[0]].at):
            kept[like[0]] = _together(trail, kept[like[0]])
        else:
            kept.append(trail)
    return kept


def _together(one: Trail, other: Trail) -> Trail:
    """One person of two trails that never meet."""
    both = [(t.at[k], t.poses[k], t.clothes[k]) for t in (one, other) for k in range(len(t.at))]
    both.sort(key=lambda sighting: sighting[0])
    return Trail(*(tuple(part) for part in zip(*both, strict=True)))


def _dressed_alike(one: Trail, other: Trail) -> bool:
    """Whether two trails are of one size and of the same clothes, where these are known."""
    (worn, size), (others, other_size) = ((usual(t.clothes), _size_px(t)) for t in (one, other))
    known = bool(np.isfinite((worn, others)).all())
    return known and unlike(worn, others) < ALIKE and alike(size, other_size, SIZES)


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


def usual_place_px(trail: Trail) -> float:
    """Where somebody's hips are most of the time, pixels from the left."""
    return float(np.median([anchors(pose.xy_px)[1, 0] for pose in trail.poses]))


def _size_px(trail: Trail) -> float:
    return float(np.median([body_size_px(pose) for pose in trail.poses]))


def worth(trail: Trail, looks: Sequence[Look], track: PoseTrack) -> float:
    """How much somebody looks like the subject: presence, size, place and movement, 0..1 each."""
    present = len(trail.at) / len(looks)
    central = 1.0 - min(abs(2 * usual_place_px(trail) / track.width - 1.0), 1.0)
    bends = [bend_deg(pose) for pose in trail.poses]
    moved = min((max(bends) - min(bends)) / MOVED_DEG, 1.0)
    large = min(_size_px(trail) / track.height, 1.0)
    return float(present * large * (0.5 + 0.5 * central) * (0.2 + 0.8 * moved))


def cast_of(track: PoseTrack, looks: Sequence[Look]) -> Cast | None:
    """Who is in the clip and whom to score by default; None when nobody was found at any look."""
    number = stretches(track)
    joined = _found_again(_whole(_join(looks, track, number), looks, track, number))
    least = max(LEAST_LOOKS, LEAST_SHARE * len(looks))
    trails = [trail for trail in joined if len(trail.at) >= least]
    trails = trails or sorted(joined, key=lambda trail: -len(trail.at))[:1]
    if not trails:
        return None
    fleeting = tuple(trail for trail in joined if not any(trail is one for one in trails))
    trails.sort(key=usual_place_px)
    label = labels((*trails, *fleeting), looks, track, number)
    worths = [worth(trail, looks, track) for trail in trails]
    followed = [np.count_nonzero(label == who) for who in range(len(trails))]
    worths[int(np.argmax(followed))] *= HOLD
    return Cast(tuple(looks), tuple(trails), label, int(np.argmax(worths)), fleeting)
