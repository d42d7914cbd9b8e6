"""PoseTrack -> PoseTrack: where the body was lost, it is followed again from where it was held.

An estimator that follows a person looks near where they were in the frame before; only the first
frame, and the one after a loss, is searched without that help. In a posture that it seldom meets
(bent over a bar, on a bench behind plates) it then finds another body than the one that is there,
and keeps it until it loses that, too. Followed from a moment at which the body was held, forwards
or backwards, the same estimator draws the same posture well. A body does not jump: where it does,
or is not seen, it was lost.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from formcheck.abreast import in_order
from formcheck.following import Later, PoseEstimator
from formcheck.shelf import Pictures, ReadOnce, Shelf
from formcheck.types import (
    SIDES,
    FloatArray,
    Frame,
    FramePose,
    PoseTrack,
    landmark,
)

MIDDLES = ("shoulder", "hip", "knee", "ankle")
"""Midpoints of left and right: exchanging the sides is no jump."""
JUMP, JUMP_PER_S = 0.08, 1.0
"""In leg lengths, and those per second of the time between two frames: mean move of the midpoints
from which a body has jumped. Of 52 rendered lifts those that are followed well all the way stay
below 0.07 with 1 per second, those in which the body is lost go beyond 0.14."""
HELD_S = 1.5
"""A body that neither jumps nor is lost for so long was held."""
SURE_SHARE, SURE_S = 0.6, 4.0
"""Of two bodies between which it jumps one is wrong: sure are those that are held for that share of
the time of the longest in the shot, or for so long."""
LEAST_S = 0.2
"""What is lost for less is left to the smoothing, which drops glitches and fills gaps."""
DRAWN_SHARE = 0.5
"""Where nobody is found in more of the frames than that, the body is followed back only: forwards
it was lost already, and each frame was searched since. The search misses postures and bodies that
are near or cut off, which somebody who follows still holds; where nobody is, the first look back
finds nobody."""
SETTLED_S = 0.3
"""After it is found again a body is still drawn astray for a moment."""
LEADS_S = (0.3, 1.0, 2.0)
"""How far from a gap, among the frames that held the body, it may be taken up: the first of these
from where it is drawn as it was held, since that needs a posture that is found without help."""
ALIKE = 5
"""Frames on end that are drawn as they were show that the body is held there."""
MOST_S, MOST_FRAMES = 5.0, 180
"""No further than this is a body followed: its frames are kept at a time."""
LEAST_BUDGET, BUDGET_SHARE = 600, 0.5
"""After so many frames that were looked at again, or that share of all if it is more, no more ways
are begun: who is lost time and again is not found better."""

_PARTS = ("xy_px", "world_m", "visibility", "presence")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames ``start`` to before ``stop`` of a shot that hold a body; ``sure``: see SURE_SHARE.

    ``first`` and ``last`` frame of the shot, half-open.
    """

    start: int
    stop: int
    sure: bool
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Way:
    """A way into frames in which the body was lost, from frames that held it.

    ``lead`` and ``lost`` are places of frames, half-open, side by side: with the lead after the
    lost ones the way goes backwards. ``held`` is where the lead is from.
    """

    lead: tuple[int, int]
    lost: tuple[int, int]
    held: Stretch

    @property
    def backwards(self) -> bool:
        """Whether the body was held after it was lost."""
        return self.lead[0] >= self.lost[1]

    @property
    def span(self) -> tuple[int, int]:
        """The frames that the way may want, half-open.

        Of more than MOST_FRAMES those farthest from where the body was held are left out.
        """
        start, stop = min(self.lead[0], self.lost[0]), max(self.lead[1], self.lost[1])
        if self.backwards:
            return max(start, stop - MOST_FRAMES), stop
        return start, min(stop, start + MOST_FRAMES)


def mended(
    track: PoseTrack,
    estimator: Callable[[], PoseEstimator],
    frames: Callable[[float], Iterable[Frame]],
    later: Callable[[Frame], Later | None],
    tell: Callable[[], None] = lambda: None,
    workers: int = 1,
) -> PoseTrack:
    """Follow the body anew where it was lost, from the frames that held it.

    ``frames(from_s)`` gives the track's frames from a time on (asked once at most), ``later`` how
    to fetch one again; ``tell`` is called now and then, in this thread, and may raise to stop. What
    is found takes the place of what was there as far as it goes on without a jump. Any number of
    ``workers`` finds the same.
    """
    held = held_stretches(track)
    todo = _apart(ways(track, held))
    if not todo:
        return track
    budget = max(LEAST_BUDGET, round(BUDGET_SHARE * len(track)))
    follower = _Follower(track, estimator, places(track), held, budget)
    first = _span(todo[0])[0]
    poses: dict[int, FramePose] = {}
    spent = 0
    with Shelf() as shelf:
        pictures = ReadOnce(frames(float(track.time_s[first])), first, later, shelf)
        tasks = (
            partial(follower.through, together, pictures.between(*_span(together)))
            for together in todo
        )
        with closing(in_order(tasks, workers, tell)) as results:
            for done, (found, looked) in enumerate(results, 1):
                poses |= found
                spent += looked
                if spent >= budget:
                    break
                if done < len(todo):
                    pictures.drop_before(_span(todo[done])[0])
    return _with_poses(track, poses)


def _with_poses(track: PoseTrack, poses: dict[int, FramePose]) -> PoseTrack:
    if not poses:
        return track
    values = {name: getattr(track, name).copy() for name in _PARTS}
    for place, pose in poses.items():
        for name in _PARTS:
            values[name][place] = getattr(pose, name)
    return replace(track, **values)


def held_stretches(track: PoseTrack) -> list[Stretch]:
    """Where a body is held for long enough, in order."""
    found: list[Stretch] = []
    where = places(track)
    for shot in np.unique(track.shot):
        rows = np.flatnonzero(track.shot == shot)
        first, last = int(rows[0]), int(rows[-1]) + 1
        time_s = track.time_s[rows]
        moved = np.linalg.norm(np.diff(where[rows], axis=0), axis=2).mean(axis=1)
        whole = moved <= JUMP + JUMP_PER_S * np.diff(time_s)  # false where either is not seen
        edges = np.flatnonzero(np.diff(np.concatenate([[False], whole, [False]]).astype(int)))
        lasts_s = time_s[edges[1::2]] - time_s[edges[::2]]
        sure_s = min(SURE_SHARE * lasts_s.max(initial=0.0), SURE_S)
        for a, b, held_s in zip(edges[::2], edges[1::2], lasts_s, strict=True):
            if held_s >= HELD_S:
                start, stop = first + int(a), first + int(b) + 1
                found.append(Stretch(start, stop, bool(held_s >= sure_s), first, last))
    return found


def ways(track: PoseTrack, held: Sequence[Stretch]) -> list[Way]:
    """The ways into what was lost before, between and after frames that held the body, in order.

    From where that is sure they go on through where it is not.
    """
    found: list[Way] = []
    for one in held:
        others = [o for o in held if o.first == one.first and (o.sure or not one.sure)]
        until = min((o.start for o in others if o.start >= one.stop), default=one.last)
        since = max((o.stop for o in others if o.stop <= one.start), default=one.first)
        time_s = track.time_s
        if time_s[until - 1] - time_s[one.stop - 1] >= LEAST_S:
            found.append(_forwards(time_s, one, until))
        if time_s[one.start] - time_s[since] >= LEAST_S:
            found.append(_backwards(time_s, one, since))
    worth_it = [
        way for way in found if way.backwards or track.seen[slice(*way.lost)].mean() >= DRAWN_SHARE
    ]
    return sorted(worth_it, key=lambda way: way.span)


def _apart(found: Sequence[Way]) -> list[list[Way]]:
    """The ways, together where they may find the same frames; one does not wait for another."""
    groups: list[list[Way]] = []
    until = -1
    for way in sorted(found, key=lambda way: way.lost):
        if way.lost[0] >= until:
            groups.append([])
        groups[-1].append(way)
        until = max(until, way.lost[1])
    return sorted((sorted(group, key=lambda way: way.span) for group in groups), key=_span)


def _span(together: Sequence[Way]) -> tuple[int, int]:
    """The frames that some ways want, half-open."""
    starts, stops = zip(*(way.span for way in together), strict=True)
    return min(starts), max(stops)


def _forwards(time_s: FloatArray, held: Stretch, until: int) -> Way:
    """The way from what was held before."""
    edge = held.stop
    lead = int(np.searchsorted(time_s, time_s[edge - 1] - max(LEADS_S)))
    most = int(np.searchsorted(time_s, time_s[edge - 1] + MOST_S))
    return Way((max(lead, held.start), edge), (edge, max(min(most, until), edge + 1)), held)


def _backwards(time_s: FloatArray, held: Stretch, since: int) -> Way:
    """The way from what was held after."""
    edge = int(np.searchsorted(time_s, time_s[held.start] + SETTLED_S))
    lead = int(np.searchsorted(time_s, time_s[edge] + max(LEADS_S))) + 1
    most = int(np.searchsorted(time_s, time_s[edge] - MOST_S))
    return Way((edge, min(lead, held.stop)), (max(most, since), edge), held)


def places(track: PoseTrack) -> FloatArray:
    """(N, 4, 2) where MIDDLES are, in leg lengths of the shot."""
    where = middles(track.xy_px)
    for shot in np.unique(track.shot):
        rows = track.shot == shot
        where[rows] /= _leg_px(where[rows])
    return where


def middles(xy_px: FloatArray) -> FloatArray:
    """(N, 4, 2) where MIDDLES are, of landmarks (N, L, 2)."""
    left, right = ([landmark(side, joint) for joint in MIDDLES] for side in SIDES)
    middle: FloatArray = (xy_px[:, left] + xy_px[:, right]) / 2
    return middle


def _leg_px(middle: FloatArray) -> float:
    """Hip to knee to ankle of MIDDLES (N, 4, 2), when seen well; NaN when they never are."""
    length = np.linalg.norm(np.diff(middle[:, 1:], axis=1), axis=2).sum(axis=1)
    seen = length[length > 0]
    return float(np.percentile(seen, 75)) if len(seen) else float("nan")


@dataclass(slots=True)
class _Looks:
    """What one thread looks at: pictures by their place, and how many it has looked at."""

    pictures: Pictures
    check: Callable[[], None]
    taken: int = field(default=0, init=False)

    def take(self, following: PoseEstimator, place: int, began_s: float) -> FramePose | None:
        """What the estimator sees in a frame, with times that go on whichever way it goes."""
        self.check()
        self.taken += 1
        waiting = self.pictures[place]
        frame = waiting if isinstance(waiting, Frame) else waiting()
        return following.detect(replace(frame, time_s=abs(frame.time_s - began_s)))


@dataclass(frozen=True, slots=True)
class _Follower:
    """Follows a body along ways; several threads may ask for ways apart from each other.

    ``where``: :func:`places` of the track; ``held``: all that is held. No lead is tried once
    ``most`` frames were looked at for the ways that are together.
    """

    track: PoseTrack
    estimator: Callable[[], PoseEstimator]
    where: FloatArray
    held: Sequence[Stretch]
    most: int

    def through(
        self, together: Sequence[Way], pictures: Pictures, check: Callable[[], None]
    ) -> tuple[dict[int, FramePose], int]:
        """What is found on ways, from sure frames first of all, and how many were looked at.

        ``check`` is called for each frame and raises to stop.
        """
        found: dict[bool, dict[int, FramePose]] = {True: {}, False: {}}
        looks = _Looks(pictures, check)
        for way in together:
            sure = way.held.sure
            known = found[True] if sure else found[True] | found[False]
            found[sure] |= self.along(way, looks, known)
        return found[False] | found[True], looks.taken

    def along(self, way: Way, looks: _Looks, known: Collection[int]) -> dict[int, FramePose]:
        """What is found on a way, up to what is ``known``, from the lead that leads furthest."""
        start, stop = way.span
        lost, lead = (
            [k for k in range(max(part[0], start), min(part[1], stop)) if k in looks.pictures]
            for part in (way.lost, way.lead)
        )
        drawn = [one for one in self.held if one is not way.held]
        if way.backwards:
            lost, lead = lost[::-1], lead[::-1]
        lost = list(itertools.takewhile(lambda k: k not in known, lost))
        best: dict[int, FramePose] = {}
        tried = 0
        for lead_s in LEADS_S if lost and lead else ():
            near = [k for k in lead if abs(self._time_s(k) - self._time_s(lead[-1])) <= lead_s]
            if len(near) == tried or looks.taken >= self.most:
                break
            tried = len(near)
            found = self._followed(near, lost, looks, drawn)
            best = max(best, found, key=len)
            if best and abs(self._time_s(list(best)[-1]) - self._time_s(lost[0])) >= SETTLED_S:
                break
        return best

    def _time_s(self, place: int) -> float:
        return float(self.track.time_s[place])

    def _followed(
        self,
        lead: Sequence[int],
        lost: Sequence[int],
        looks: _Looks,
        drawn: Sequence[Stretch],
    ) -> dict[int, FramePose]:
        """The poses of lost frames, as far as they go on from how the body was held.

        ``drawn``: other frames that hold a body; once they hold this one the way is at its end.
        """
        found: dict[int, FramePose] = {}
        rows = self.track.shot == self.track.shot[lead[0]]
        leg_px = _leg_px(middles(self.track.xy_px[rows]))
        last, alike = lead[-1], 0
        before = self.where[last]
        following = self.estimator()
        try:
            for place in (*lead, *lost):
                pose = looks.take(following, place, self._time_s(lead[0]))
                if place in lead:
                    continue
                if pose is None:
                    break
                here = middles(pose.xy_px[None])[0] / leg_px
                between_s = abs(self._time_s(place) - self._time_s(last))
                if not _gap(here, before) <= JUMP + JUMP_PER_S * between_s:
                    break
                found[place], last, before = pose, place, here
                held = any(one.start <= place < one.stop for one in drawn)
                alike = alike + 1 if held and _gap(here, self.where[place]) <= JUMP else 0
                if alike == ALIKE:
                    break
        finally:
            following.close()
        return found


def _gap(one: FloatArray, other: FloatArray) -> float:
    """Mean distance of points (4, 2)."""
    return float(np.linalg.norm(one - other, axis=1).mean())
