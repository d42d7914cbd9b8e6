"""Where to look for a lifter who is lost or far away: the part of the pictures that they are in.

The pose model's detector sees the whole picture scaled down to 224 pixels. Somebody at the far end
of a gym, or between black bars, is too small for it, above all bent over the bar.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from formcheck.errors import UsageError
from formcheck.scene import WHOLE, Box
from formcheck.subject import Point, Wish
from formcheck.types import FloatArray, PoseTrack

WELL_SEEN, FAR = 0.9, 0.25
"""Who is found in fewer frames than the one share, or whose landmarks reach over less than the
other of the longer side of what was looked at, may be found better in a smaller part. Between the
bars of a wide clip in a tall frame lifters were lost in 39 to 100 % of the frames, and in none once
the bars were gone."""
SELDOM, TILE_STEP = 0.5, 0.75
"""Who is found in fewer frames than that is looked for in squares of the picture, this share of
their side apart: of two views side by side the model may find neither, and take a bush for
somebody."""
STILL = 0.05
"""In body lengths: what half of the landmarks of a picture on the wall stay below, and those of
somebody who lifts do not."""
USUAL_PERCENT = (2.0, 98.0)
"""Landmarks outside of these are glitches."""
ROOM = 0.7
"""Around where the body was seen, in lengths of the body: it may stand up, or go on."""
WORTH = 0.7
"""A part whose longer side is more than this share of the one before is hardly nearer."""
LOST_SHARE = 0.05
"""More of the frames than this must not be lost by it, of somebody far away;"""
STILL_SHARE = 0.5
"""and of somebody near no more than this part of those that were lost before."""
APART = 0.3
"""Half-way between the hips of the same body, drawn twice (under 0.1 body lengths apart) and of two
who stand next to each other."""

Estimate = Callable[[Box, Wish], PoseTrack]
"""Follows whoever is wished for in a part (shares) of the pictures; may raise UsageError."""


def from_near(estimate: Estimate, area: Box, wish: Wish) -> PoseTrack:
    """The track of the whole pictures or, where that sees too little, of a nearer look or two.

    First without the bars around the ``area`` that shows something, then around the body alone.
    Who is hardly found is looked for all over the area.
    Raises UsageError when the wished person is not there.
    """
    part = WHOLE
    try:
        track = estimate(part, wish)
    except UsageError:
        if area == WHOLE:
            raise
        part = area
        track = estimate(part, wish)
    track = _approached(estimate, track, part, area, wish)
    if wish is None and track.seen.mean() < SELDOM:
        inside, tile = _in_tiles(estimate, track, area)
        if inside is not track:
            return _approached(estimate, inside, tile, area, wish)
    return track


def _approached(
    estimate: Estimate, track: PoseTrack, part: Box, area: Box, wish: Wish
) -> PoseTrack:
    """The track of a ``part``, or of nearer and nearer parts of it while these see more."""
    while (nearer := nearer_part(track, part, area)) is not None:
        try:
            inside = estimate(nearer, _same(track, wish))
        except UsageError:  # who was followed is not found like this
            break
        if not _better(inside, track, part) or (wish is not None and _apart(inside, track)):
            break
        track, part = _among(inside, track), nearer
    return track


def _in_tiles(estimate: Estimate, track: PoseTrack, area: Box) -> tuple[PoseTrack, Box]:
    """The track in the first square that holds somebody well, or the best; with its part.

    The one that was there, of the whole ``area``, if none is much better. Somebody who never moves
    may be a picture on the wall.
    """
    found = track, area
    for tile in tiles(area, (track.width, track.height)):
        inside = estimate(tile, None)
        if inside.seen.mean() > found[0].seen.mean() and _moves(inside):
            found = inside, tile
        if found[0].seen.mean() >= WELL_SEEN:
            break
    lost, still_lost = (1 - float(one.seen.mean()) for one in (track, found[0]))
    return found if still_lost <= STILL_SHARE * lost else (track, area)


def _moves(track: PoseTrack) -> bool:
    low, high = np.percentile(track.xy_px[track.seen], USUAL_PERCENT, axis=0)
    return float(np.median(np.linalg.norm(high - low, axis=1))) > STILL * _body_px(track)


def tiles(area: Box, size: tuple[int, int]) -> list[Box]:
    """Overlapping squares that cover the area (shares) of a picture (width, height), in a row.

    None where the area is a square itself.
    """
    low, high = np.array(area[:2]) * size, np.array(area[2:]) * size
    along, side_px = int(np.argmax(high - low)), float((high - low).min())
    room_px = float((high - low).max()) - side_px
    count = math.ceil(room_px / (TILE_STEP * side_px)) + 1 if room_px > 0 else 0
    found: list[Box] = []
    for offset_px in np.linspace(0, room_px, count):
        corner = low.copy()
        corner[along] += offset_px
        (left, top), (right, bottom) = corner / size, (corner + side_px) / size
        found.append((float(left), float(top), float(right), float(bottom)))
    return found


def nearer_part(track: PoseTrack, part: Box, area: Box) -> Box | None:
    """What to look at after ``part``; None: nothing, since the body was seen well or is nowhere."""
    size = np.array([track.width, track.height])
    longer_px = _longer_px(part, size)
    seen, body_px = track.seen, _body_px(track)
    if seen.mean() >= WELL_SEEN and not _far(track, part):
        return None
    if part == WHOLE != area:
        return area
    if not seen.any():
        return None
    points = track.xy_px[seen].reshape(-1, 2)
    low, high = np.nanpercentile(points, USUAL_PERCENT, axis=0)
    left, top = np.maximum((low - ROOM * body_px) / size, part[:2])
    right, bottom = np.minimum((high + ROOM * body_px) / size, part[2:])
    box = float(left), float(top), float(right), float(bottom)
    return box if _longer_px(box, size) < WORTH * longer_px else None


def _better(inside: PoseTrack, track: PoseTrack, part: Box) -> bool:
    """Whether a nearer look is worth more than the one at ``part``.

    Somebody near who is lost nearly as often in it may be drawn worse: behind plates the model goes
    by what is around.
    """
    lost, still_lost = (1 - float(one.seen.mean()) for one in (track, inside))
    if lost == 1:  # whatever is found is more
        return True
    return still_lost <= (lost + LOST_SHARE if _far(track, part) else STILL_SHARE * lost)


def _far(track: PoseTrack, part: Box) -> bool:
    size = np.array([track.width, track.height])
    return _body_px(track) < FAR * _longer_px(part, size)


def _body_px(track: PoseTrack) -> float:
    """How far the landmarks of the body reach, up or across; NaN when it is not seen."""
    points = track.xy_px[track.seen]
    return float(np.median(np.ptp(points, axis=1), axis=0).max()) if len(points) else float("nan")


def _longer_px(part: Box, size: FloatArray) -> float:
    return float(((np.array(part[2:]) - part[:2]) * size).max())


def _same(track: PoseTrack, wish: Wish) -> Wish:
    """A wish for the one who was followed: others may be out of a nearer look, and not counted."""
    chosen = next((person for person in track.scene.people if person.chosen), None)
    if chosen is None:
        return wish
    left, top, right, bottom = chosen.box_px
    return Point((left + right) / 2, (top + bottom) / 2, chosen.at_s, guessed=wish is None)


def _apart(inside: PoseTrack, track: PoseTrack) -> bool:
    """Whether a nearer look follows somebody else than was wished for.

    One box may reach over two people. Without a wish it may: what was followed from farther away
    was perhaps nobody.
    """
    both = inside.seen & track.seen
    if not both.any():
        return False
    hips_px = (inside.middle("hip") - track.middle("hip"))[both]
    away_px = float(np.median(np.linalg.norm(hips_px, axis=1)))
    return away_px > APART * max(_body_px(inside), _body_px(track))


def _among(inside: PoseTrack, whole: PoseTrack) -> PoseTrack:
    """The nearer track, with those who were seen beside the lifter from farther away."""
    people = max(inside.scene.people, whole.scene.people, key=len)
    return replace(inside, scene=replace(inside.scene, people=people))
