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
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from formcheck.following import Later, PoseEstimator
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
JUMP, JUMP_PER_S = 0.1, 1.0
"""In leg lengths, and those per second of the time between two frames: mean move of the midpoints
from which a body has jumped. Of 52 rendered lifts those that are followed well all the way stay
below 0.07 with 1 per second, those in which the body is lost go beyond 0.14."""
HELD_S, SURE_SHARE = 1.5, 0.6
"""A body that neither jumps nor is lost for so long was held. Of two between which it jumps one is
wrong: sure are those that are held for that share of the time of the longest in the shot."""
SETTLED_S = 0.3
"""After it is found again a body is still drawn astray for a moment."""
LEADS_S = (0.3, 1.0, 2.0)
"""How far from a gap, among the frames that held the body, it may be taken up: the first of these
from where it is drawn as it was held, since that needs a posture that is found without help."""
ALIKE = 5
"""Frames on end that are drawn as they were show that the body is held there."""
MOST_S = 5.0
"""No further than this is a body followed into a gap: so much is in memory at a time."""

_PARTS = ("xy_px", "world_m", "visibility", "presence")


@dataclass(frozen=True, slots=True)
class Way:
    """A way into frames in which the body was lost, from frames that held it.

    ``held`` and ``lost`` are places of frames, half-open, side by side: with the held ones after
    the lost ones the way goes backwards. ``sure``: no body is held for much longer in the shot.
    """

    held: tuple[int, int]
    lost: tuple[int, int]
    sure: bool

    @property
    def backwards(self) -> bool:
        """Whether the body was held after it was lost."""
        return self.held[0] >= self.lost[1]

    @property
    def span(self) -> tuple[int, int]:
        """All the frames that the way may want, half-open."""
        return min(self.held[0], self.lost[0]), max(self.held[1], self.lost[1])


def mended(
    track: PoseTrack,
    estimator: Callable[[], PoseEstimator],
    frames: Callable[[float], Iterable[Frame]],
    later: Callable[[Frame], Later | None],
) -> PoseTrack:
    """Follow the body anew where it was lost, from the frames that held it.

    ``frames(from_s)`` gives the track's frames from a time on (asked once at most), ``later`` how
    to fetch one again. What is found takes the place of what was there as far as it goes on
    without a jump.
    """
    found: dict[bool, dict[int, FramePose]] = {True: {}, False: {}}
    held = held_stretches(track)
    for way, pictures in _with_pictures(track, ways(track, held), frames, later):
        known = found[True] if way.sure else found[True] | found[False]
        found[way.sure] |= _along(track, held, estimator, way, pictures, known)
    poses = found[False] | found[True]
    if not poses:
        return track
    values = {name: getattr(track, name).copy() for name in _PARTS}
    for place, pose in poses.items():
        for name in _PARTS:
            values[name][place] = getattr(pose, name)
    return replace(track, **values)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames ``start`` to before ``stop`` of one shot that hold a body; ``sure`` as of a Way."""

    start: int
    stop: int
    sure: bool
    shot: int


def held_stretches(track: PoseTrack) -> list[Stretch]:
    """Where a body is held for long enough, in order."""
    leg_px = _leg_px(track.xy_px)
    found: list[Stretch] = []
    for shot in np.unique(track.shot):
        rows = np.flatnonzero(track.shot == shot)
        time_s, first = track.time_s[rows], int(rows[0])
        places = middles(track.xy_px[rows]) / leg_px
        moved = np.linalg.norm(np.diff(places, axis=0), axis=2).mean(axis=1)
        whole = moved <= JUMP + JUMP_PER_S * np.diff(time_s)  # false where either is not seen
        edges = np.flatnonzero(np.diff(np.concatenate([[False], whole, [False]]).astype(int)))
        lasts_s = time_s[edges[1::2]] - time_s[edges[::2]]
        sure = lasts_s >= SURE_SHARE * lasts_s.max(initial=0.0)
        stretches = zip(edges[::2], edges[1::2], sure, strict=True)
        long = itertools.compress(stretches, lasts_s >= HELD_S)
        found += [Stretch(first + a, first + b + 1, bool(s), int(shot)) for a, b, s in long]
    return found


def ways(track: PoseTrack, held: Sequence[Stretch]) -> list[Way]:
    """The ways into what was lost before, between and after frames that held the body, in order.

    From where that is sure they go on through where it is not.
    """
    found: list[Way] = []
    for one in held:
        others = [o for o in held if o.shot == one.shot and (o.sure or not one.sure)]
        rows = np.flatnonzero(track.shot == one.shot)
        until = min((o.start for o in others if o.start >= one.stop), default=int(rows[-1]) + 1)
        since = max((o.stop for o in others if o.stop <= one.start), default=int(rows[0]))
        if until > one.stop:
            found.append(_forwards(track.time_s, one, until))
        if since < one.start:
            found.append(_backwards(track.time_s, one, since))
    return sorted(found, key=lambda way: way.span)


def _forwards(time_s: FloatArray, held: Stretch, until: int) -> Way:
    """The way from what was held before."""
    lead = int(np.searchsorted(time_s, time_s[held.stop - 1] - max(LEADS_S)))
    most = int(np.searchsorted(time_s, time_s[held.stop] + MOST_S))
    return Way((max(lead, held.start), held.stop), (held.stop, min(most, until)), held.sure)


def _backwards(time_s: FloatArray, held: Stretch, since: int) -> Way:
    """The way from what was held after."""
    settled = int(np.searchsorted(time_s, time_s[held.start] + SETTLED_S))
    lead = int(np.searchsorted(time_s, time_s[settled] + max(LEADS_S))) + 1
    most = int(np.searchsorted(time_s, time_s[settled] - MOST_S))
    return Way((settled, min(lead, held.stop)), (max(most, since), settled), held.sure)


def middles(xy_px: FloatArray) -> FloatArray:
    """(N, 4, 2) where MIDDLES are, of landmarks (N, L, 2)."""
    left, right = ([landmark(side, joint) for joint in MIDDLES] for side in SIDES)
    middle: FloatArray = (xy_px[:, left] + xy_px[:, right]) / 2
    return middle


def _leg_px(xy_px: FloatArray) -> float:
    """Hip to knee to ankle in the picture, when it is seen well; NaN when it never is."""
    length = np.linalg.norm(np.diff(middles(xy_px)[:, 1:], axis=1), axis=2).sum(axis=1)
    seen = length[length > 0]
    return float(np.percentile(seen, 75)) if len(seen) else float("nan")


Pictures = dict[int, "Frame | Later"]


def _with_pictures(
    track: PoseTrack,
    todo: Sequence[Way],
    frames: Callable[[float], Iterable[Frame]],
    later: Callable[[Frame], Later | None],
) -> Iterator[tuple[Way, Pictures]]:
    """Each way with its frames, which are read once, in order, and dropped when done with."""
    if not todo:
        return
    place = todo[0].span[0]
    stream = iter(frames(float(track.time_s[place])))
    pictures: Pictures = {}
    for way in todo:
        start, stop = way.span
        pictures = {k: frame for k, frame in pictures.items() if k >= start}
        while place < stop and (frame := next(stream, None)) is not None:
            if place >= start:
                pictures[place] = later(frame) or frame
            place += 1
        yield way, pictures


def _along(
    track: PoseTrack,
    held: Sequence[Stretch],
    estimator: Callable[[], PoseEstimator],
    way: Way,
    pictures: Pictures,
    known: Collection[int],
) -> dict[int, FramePose]:
    """What is found on a way, up to what is ``known``, from the first lead that works."""
    lost = [k for k in range(*way.lost) if k in pictures]
    lead = [k for k in range(*way.held) if k in pictures]
    if way.backwards:
        lost, lead = lost[::-1], lead[::-1]
    lost = list(itertools.takewhile(lambda k: k not in known, lost))
    others = [one for one in held if not one.start <= way.held[0] < one.stop]
    drawn = {place for other in others for place in range(other.start, other.stop)}
    tried = 0
    for lead_s in LEADS_S:
        near = [k for k in lead if abs(track.time_s[k] - track.time_s[lead[-1]]) <= lead_s]
        if not lost or len(near) == tried:
            break
        tried = len(near)
        if found := _followed(track, estimator, (near, lost), pictures, drawn):
            return found
    return {}


def _followed(
    track: PoseTrack,
    estimator: Callable[[], PoseEstimator],
    lead_and_lost: tuple[Sequence[int], Sequence[int]],
    pictures: Pictures,
    drawn: Collection[int],
) -> dict[int, FramePose]:
    """The poses of lost frames, as far as they go on from how the body was held in the lead.

    ``drawn``: the frames that hold a body; once they hold this one no more is to be found.
    """
    lead, lost = lead_and_lost
    found: dict[int, FramePose] = {}
    place_of = middles(track.xy_px) / _leg_px(track.xy_px)
    last_s, last, alike = track.time_s[lead[-1]], place_of[lead[-1]], 0
    following = estimator()
    try:
        for place in (*lead, *lost):
            waiting = pictures[place]
            frame = waiting if isinstance(waiting, Frame) else waiting()
            away_s = abs(frame.time_s - float(track.time_s[lead[0]]))
            pose = following.detect(replace(frame, time_s=away_s))
            if place in lead:
                continue
            if pose is None:
                break
            here = middles(pose.xy_px[None])[0] / _leg_px(track.xy_px)
            if not _gap(here, last) <= JUMP + JUMP_PER_S * abs(frame.time_s - last_s):
                break
            found[place], last_s, last = pose, frame.time_s, here
            alike = alike + 1 if place in drawn and _gap(here, place_of[place]) <= JUMP else 0
            if alike == ALIKE:
                break
    finally:
        following.close()
    return found


def _gap(one: FloatArray, other: FloatArray) -> float:
    """Mean distance of points (4, 2)."""
    return float(np.linalg.norm(one - other, axis=1).mean())
