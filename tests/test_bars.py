"""Black bars around a picture, and what is cut out between them."""

from __future__ import annotations

import numpy as np
import pytest
from clips import PERSON
from hypothesis import given
from hypothesis import strategies as st

from formcheck.bars import cut_out, picture_area
from formcheck.pose import estimate_track
from formcheck.scene import WHOLE
from formcheck.types import Frame
from formcheck.video import VideoWriter, grab_frames, probe

RNG = np.random.default_rng(0)


def barred(left: int, top: int, right: int, bottom: int, level: int = 16) -> np.ndarray:
    image = np.full((120, 200, 3), level, np.uint8)
    image[top:bottom, left:right] = RNG.integers(40, 256, (bottom - top, right - left, 3))
    return image


def test_a_picture_that_fills_its_frame():
    assert picture_area([barred(0, 0, 200, 120)]) == WHOLE


@pytest.mark.parametrize("level", [0, 16])
def test_bars_on_any_side(level):
    assert picture_area([barred(60, 0, 160, 120, level)]) == (0.3, 0.0, 0.8, 1.0)
    assert picture_area([barred(0, 30, 200, 90, level)]) == (0.0, 0.25, 1.0, 0.75)


def test_narrow_bars_are_not_worth_a_change():
    assert picture_area([barred(8, 0, 192, 120)]) == WHOLE


def test_what_is_lit_in_any_picture_is_no_bar():
    """A dark corner that somebody walks into."""
    assert picture_area([barred(100, 0, 200, 120), barred(0, 0, 200, 120)]) == WHOLE


def test_a_grey_wall_is_no_bar():
    assert picture_area([barred(60, 0, 160, 120, level=60)]) == WHOLE


def test_a_clip_that_is_black_has_no_picture():
    assert picture_area([np.zeros((20, 20, 3), np.uint8)]) == WHOLE
    assert picture_area([]) == WHOLE


share = st.floats(0, 1)


@given(share, share, share, share, st.integers(1, 40), st.integers(1, 40))
def test_a_part_lies_where_it_is_said_to(a, b, c, d, width, height):
    """Each pixel of the part tells its own place in the whole, in the pixels asked for."""
    box = (min(a, b), min(c, d), max(a, b), max(c, d))
    rows, columns = np.indices((height, width))
    image = np.stack([columns, rows, rows], axis=2).astype(np.uint8)
    cut = cut_out(image, box, (3 * width, 2 * height))
    assert cut.image.size > 0
    assert (cut.image[0, 0, :2] * (3, 2) == cut.origin_px).all()
    assert ((cut.image[-1, -1, :2] + 1) * (3, 2) == cut.origin_px + cut.span_px).all()


def test_a_lifter_in_a_narrow_picture_is_found_where_they_are(tmp_path):
    """A wide clip in a tall frame: the landmarks are those of the clip, moved into its middle."""
    small = next(grab_frames(PERSON, [1.0], max_side=300))[1].image[:, :300]
    height, width = (n // 2 * 2 for n in small.shape[:2])
    small = small[:height, :width]
    tall = np.zeros((6 * height, width, 3), np.uint8)
    tall[2 * height : 3 * height] = small
    tracks = []
    for name, image in (("small", small), ("tall", tall)):
        clip = tmp_path / f"{name}.mp4"
        with VideoWriter(clip, image.shape[1], image.shape[0], 10.0) as writer:
            for frame in range(12):
                writer.write(Frame(frame, frame / 10, np.ascontiguousarray(image)))
        tracks.append(estimate_track(clip, probe(clip), "lite"))
    alone, framed = tracks
    assert alone.seen.all()
    assert framed.seen.all()
    assert (framed.width, framed.height) == (width, 6 * height)
    apart = np.abs(framed.xy_px - (0, 2 * height) - alone.xy_px)
    assert np.median(apart) < 0.02 * height
