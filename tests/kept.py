"""Sets to put into a history, made from the landmarks of a stick figure."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

from lifts import film_lift
from PIL import Image

from formcheck import keeping, store
from formcheck.pipeline import to_analysis
from formcheck.types import Analysis, ClipInfo

CLIP = ClipInfo("clip.mp4", "0" * 64, 10.0, 30.0, False, 1280, 720, 0, 300)


@cache
def analysis_of(lift: str) -> Analysis:
    """A clean set of three repetitions, from the landmarks of a stick figure."""
    return to_analysis(CLIP, "full", "1" * 64, film_lift(lift), lift)


@cache
def new_set(lift: str = "squat", clip: str = "0", **details: object) -> store.NewSet:
    """A set to be kept; ``clip`` makes it another clip."""
    analysis = analysis_of(lift)
    named = replace(CLIP, name=f"{clip}.mp4", sha256=clip.rjust(64, "0"))
    picture = store.Picture(1, "bottom", 1.5, 8, 6, jpeg())
    new = keeping.new_set(
        replace(analysis, clip=named), settings={"exercise": lift}, details=store.Details(**details)
    )
    return replace(new, pictures=(picture,))


@cache
def jpeg() -> bytes:
    """A picture of 8 by 6 pixels."""
    out = io.BytesIO()
    Image.new("RGB", (8, 6)).save(out, "JPEG")
    return out.getvalue()


def add(*what, **details):
    with store.open_history() as history:
        return history.add(new_set(*what, **details))


def kept():
    with store.open_history() as history:
        return history.sets()
