"""What the pictures of a clip tell besides the landmarks of the one who is followed."""

from __future__ import annotations

import math
from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""Part of a picture: left, top, right, bottom, in pixels or as shares of its width and height."""
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is seen in the clip.

    ``number`` counts from 1, from left to right by where they are most of the time. ``box_px``
    (left, top, right, bottom) is where they are at ``at_s``, pixels of the clip as displayed.
    ``share`` of the looks in which they were found, 0..1. ``chosen``: the one who is scored;
    ``mirror``: moves just as the chosen one does.
    """

    number: int
    box_px: Box
    at_s: float
    first_s: float
    last_s: float
    share: float
    chosen: bool = False
    mirror: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What the pictures tell besides the landmarks, from a look every second or so.

    ``brightness``: grey of the lighter quarter of the person's surroundings, 0..1. ``blur``: of the
    person, 0 sharp .. 1.
    ``roll_deg``: how far the picture is turned clockwise, by its upright edges, with its error.
    ``slowed``: how many times slower than life the file says it plays. NaN: unknown. ``damaged``:
    the file does not hold all of some picture, or ends in the middle of one.
    """

    people: tuple[Person, ...] = ()
    brightness: float = math.nan
    blur: float = math.nan
    roll_deg: float = math.nan
    roll_error_deg: float = math.nan
    slowed: float = math.nan
    damaged: bool = False


UNKNOWN_SCENE = Scene()
