"""Whom to score: the user's wish or the best guess, where they are, and following only them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from formcheck.body import bend_deg, body_size_px, box_px
from formcheck.clothes import unlike, usual
from formcheck.errors import UsageError
from formcheck.people import (
    BREAK_S,
    MOVED_DEG,
    Cast,
    Look,
    Trail,
    cast_of,
    labels,
    stretches,
    usual_place_px,
)
from formcheck.scene import Box, Person
from formcheck.types import BoolArray, FramePose, PoseTrack

MARGIN = 0.2
"""Room around somebody's boxes, in lengths of the body: arms that go up between two looks."""
OTHERWISE = 0.5
"""Usual clothes that differ by more are not one person's: those of halves of a clip do by up to
0.31, those of two rendered people by 0.59 and more."""
MIRROR_LOOKS = 3
"""Looks in which both are seen, below which nobody is told to be a mirror image."""
MIRROR_DEG = 15.0
MIRROR_LIKENESS = 0.85
"""Who bends as much as the subject, within so much in the median, and in step with them (by the
correlation) is their image in a mirror."""

Anew = Callable[[Cast, float, float], dict[int, FramePose]]
"""Follows only the subject of a cast from one time to another: poses by place in the track."""


def of_subject(
    track: PoseTrack, looks: Sequence[Look], wish: Wish, anew: Anew
) -> tuple[PoseTrack, tuple[Person, ...]]:
    """The track with nobody but the subject in it, and everybody who is in the clip.

    With one person in the clip the track is left as it is. Raises UsageError when the one who is
    wished for is not there.
    """
    cast = cast_of(track, looks)
    if cast is None:
        return track, ()
    cast = wished(cast, wish)
    chosen = wish is not None and not (isinstance(wish, Point) and wish.guessed)
    span = _span(cast, track, chosen)
    if span is not None:
        track = _with(without(track, strange(cast, track, chosen)), anew(cast, *span))
        cast = replace(cast, label=labels(cast.everybody, cast.looks, track, stretches(track)))
    return without(track, strange(cast, track, chosen)), people_of(cast)


def strange(cast: Cast, track: PoseTrack, chosen: bool) -> BoolArray:
    """(N,) where the track holds somebody who is not the subject.

    Somebody who was seen beside the subject, or, where there are such, somebody unknown who is
    elsewhere. Who is never seen at the same time may be the same person, found again; where the
    user has ``chosen`` the subject not in other clothes.
    """
    subject = cast.trails[cast.subject]
    rivals = [
        who
        for who, trail in enumerate(cast.everybody)
        if who != cast.subject
        and (set(subject.at) & set(trail.at) or (chosen and _dressed_otherwise(trail, subject)))
    ]
    wrong: BoolArray = np.isin(cast.label, rivals)
    hips = track.middle("hip")
    for place in np.flatnonzero(track.seen & (cast.label < 0)) if rivals else ():
        box = region(cast, cast.subject, float(track.time_s[place]))
        wrong[place] = box is not None and not _holds(box, *hips[place])
    return wrong


def _dressed_otherwise(one: Trail, other: Trail) -> bool:
    return unlike(usual(one.clothes), usual(other.clothes)) > OTHERWISE


def _holds(box: Box, x_px: float, y_px: float) -> bool:
    return box[0] <= x_px <= box[2] and box[1] <= y_px <= box[3]


def _with(track: PoseTrack, poses: dict[int, FramePose]) -> PoseTrack:
    """The track with other poses at some places."""
    xy, world = track.xy_px.copy(), track.world_m.copy()
    visibility, presence = track.visibility.copy(), track.presence.copy()
    for place, pose in poses.items():
        xy[place], world[place] = pose.xy_px, pose.world_m
        visibility[place], presence[place] = pose.visibility, pose.presence
    return replace(track, xy_px=xy, world_m=world, visibility=visibility, presence=presence)


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the picture (pixels of the clip as displayed) at a time in seconds.

    ``guessed``: no user points there, but the best guess from farther away.
    """

    x_px: float
    y_px: float
    time_s: float
    guessed: bool = False


Wish = int | Point | None
"""Whom to score: a number from the left, who is at a point, or None for the best guess."""


def wish_of(text: str) -> Wish:
    """Read ``2`` or ``640,300@1.5``; raises UsageError."""
    place, at, time = text.partition("@")
    try:
        if not at:
            number = int(place)
            if number < 1:
                raise ValueError(text)
            return number
        x_px, y_px = (float(part) for part in place.split(","))
        point = Point(x_px, y_px, float(time))
    except ValueError:
        raise UsageError(
            f"--person {text!r}: give a number counted from the left, as 2, or a place in pixels "
            "and a time in seconds, as 640,300@1.5"
        ) from None
    if not all(math.isfinite(v) for v in (point.x_px, point.y_px, point.time_s)):
        raise UsageError(f"--person {text!r}: numbers must be finite")
    return point


def wished(cast: Cast, wish: Wish) -> Cast:
    """The cast with the subject whom the user wants; UsageError when they are not there."""
    if wish is None:
        return cast
    if isinstance(wish, int):
        if wish > len(cast.trails):
            count = len(cast.trails)
            seen = "only one person was" if count == 1 else f"only {count} people were"
            raise UsageError(f"--person {wish}: {seen} found in the clip")
        return replace(cast, subject=wish - 1)
    found = _there(cast, wish, range(len(cast.trails)))
    if not found and (seldom := _there(cast, wish, range(len(cast.trails), len(cast.everybody)))):
        cast, who = _counted(cast, min(seldom)[1])
        return replace(cast, subject=who)
    if not found:
        raise UsageError(
            f"--person: nobody was found at {wish.x_px:g},{wish.y_px:g} at {wish.time_s:g} s; "
            + "; ".join(_whereabouts(person) for person in people_of(cast))
        )
    return replace(cast, subject=min(found)[1])


def _there(cast: Cast, point: Point, among: range) -> list[tuple[float, int]]:
    """Who is at a point: how far from it their middle is, and their index in ``everybody``."""
    return [
        (abs((box[0] + box[2]) / 2 - point.x_px), who)
        for who in among
        if (box := region(cast, who, point.time_s)) is not None
        and _holds(box, point.x_px, point.y_px)
    ]


def _counted(cast: Cast, who: int) -> tuple[Cast, int]:
    """The cast with somebody fleeting among the counted, and their new place there."""
    chosen = cast.everybody[who]
    trails = (*sorted((*cast.trails, chosen), key=usual_place_px),)
    fleeting = tuple(trail for trail in cast.fleeting if trail is not chosen)
    now = [id(trail) for trail in (*trails, *fleeting)]
    place = np.array([now.index(id(trail)) for trail in cast.everybody] + [-1])  # -1: nobody known
    subject = int(place[cast.subject])
    cast = Cast(cast.looks, trails, place[cast.label], subject, fleeting)
    return cast, int(place[who])


def _whereabouts(person: Person) -> str:
    left, top, right, bottom = person.box_px
    return (
        f"person {person.number} is around {(left + right) / 2:.0f},{(top + bottom) / 2:.0f}"
        f"@{person.at_s:.1f}"
    )


def region(cast: Cast, who: int, time_s: float, margin: float = MARGIN) -> Box | None:
    """Where somebody is around a time: the boxes of the looks before and after it, and a margin.

    The margin is in lengths of the body.
    None when they are not there: more than a look before their first or after their last one.
    """
    trail = cast.everybody[who]
    times = np.array([cast.looks[k].time_s for k in trail.at])
    all_times = np.array([look.time_s for look in cast.looks])
    slack = float(np.median(np.diff(all_times))) if len(all_times) > 1 else 1.0
    if not times[0] - slack <= time_s <= times[-1] + slack:
        return None
    after = int(np.searchsorted(times, time_s))
    poses = [trail.poses[k] for k in {max(after - 1, 0), min(after, len(times) - 1)}]
    boxes = np.array([box_px(pose) for pose in poses])
    room = margin * max(body_size_px(pose) for pose in poses)
    left, top = boxes[:, :2].min(axis=0) - room
    right, bottom = boxes[:, 2:].max(axis=0) + room
    return float(left), float(top), float(right), float(bottom)


def people_of(cast: Cast) -> tuple[Person, ...]:
    """Everybody, from left to right, for the report."""
    return tuple(_person(cast, who) for who in range(len(cast.trails)))


def _person(cast: Cast, who: int) -> Person:
    trail, looks = cast.trails[who], cast.looks
    middle = len(trail.at) // 2
    return Person(
        number=who + 1,
        box_px=box_px(trail.poses[middle]),
        at_s=looks[trail.at[middle]].time_s,
        first_s=looks[trail.at[0]].time_s,
        last_s=looks[trail.at[-1]].time_s,
        share=len(trail.at) / len(looks),
        chosen=who == cast.subject,
        mirror=who != cast.subject and _mirrors(trail, cast.trails[cast.subject]),
    )


def _mirrors(trail: Trail, subject: Trail) -> bool:
    """Whether somebody bends just as and when the subject does, and is no larger."""
    common = sorted(set(trail.at) & set(subject.at))
    if len(common) < MIRROR_LOOKS:
        return False
    bends = np.array([[bend_deg(t.poses[t.at.index(k)]) for k in common] for t in (trail, subject)])
    sizes = [float(np.median([body_size_px(pose) for pose in t.poses])) for t in (trail, subject)]
    moved = bool((np.ptp(bends, axis=1) > MOVED_DEG / 2).all())
    return (
        moved
        and sizes[0] < sizes[1]
        and float(np.median(np.abs(bends[0] - bends[1]))) < MIRROR_DEG
        and float(np.corrcoef(bends)[0, 1]) > MIRROR_LIKENESS
    )


def without(track: PoseTrack, rows: BoolArray) -> PoseTrack:
    """The track with nobody in some frames (N,)."""
    if not rows.any():
        return track
    xy, world = track.xy_px.copy(), track.world_m.copy()
    visibility, presence = track.visibility.copy(), track.presence.copy()
    xy[rows], world[rows], visibility[rows], presence[rows] = np.nan, np.nan, 0.0, 0.0
    return replace(track, xy_px=xy, world_m=world, visibility=visibility, presence=presence)


def _span(cast: Cast, track: PoseTrack, chosen: bool) -> tuple[float, float] | None:
    """First and last second to be followed again for the subject's sake; None: nothing to do."""
    wrong = track.time_s[strange(cast, track, chosen)]
    there = [t for t in wrong if region(cast, cast.subject, float(t)) is not None]
    return (float(there[0]) - BREAK_S, float(there[-1]) + BREAK_S) if there else None
