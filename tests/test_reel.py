"""A reel: the pictures of a clip, kept so that it is decoded once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from films import make

from formcheck.types import Frame
from formcheck.video import Reel, grab_frames, probe, read_frames


@pytest.mark.parametrize(
    ("name", "codec", "more"),
    [
        ("a.mp4", "libx264", {}),
        ("odd.mp4", "libx264", {"size": (97, 65), "pix_fmt": "yuv444p"}),
        ("odd_when_small.mp4", "libx264", {"size": (96, 46)}),  # 23 pixels high
        ("turned.mp4", "libx264", {"rotation": 90}),
        ("a.avi", "mjpeg", {"pix_fmt": "yuvj420p", "tick": Fraction(1, 25)}),
        ("a.mp4", "libx264", {"pix_fmt": "yuv420p10le"}),
        ("a.gif", "gif", {"pix_fmt": "rgb8", "tick": Fraction(1, 100)}),
    ],
)
@pytest.mark.parametrize("max_side", [None, 48])
def test_a_reel_gives_the_same_pictures_without_decoding(
    tmp_path: Path, name: str, codec: str, more: dict[str, Any], max_side: int | None
) -> None:
    clip = make(tmp_path / name, codec=codec, **more)
    first = list(read_frames(clip, max_side=max_side))
    with Reel(clip, tmp_path) as reel:
        while_kept = list(read_frames(reel, max_side=max_side))
        picked = list(grab_frames(clip, [0.0, first[3].time_s], max_side=max_side))
        clip.rename(tmp_path / "moved")
        again = list(read_frames(reel, max_side=max_side))
        later = list(read_frames(reel, max_side=max_side, from_s=first[4].time_s))
        (tmp_path / "moved").rename(clip)
        kept_picks = list(grab_frames(reel, [0.0, first[3].time_s], max_side=max_side))
    for frames in (while_kept, again, first[:4] + later):
        same_frames(frames, first)
    same_frames([f for _, f in kept_picks], [f for _, f in picked])


def same_frames(some: list[Frame], others: list[Frame]) -> None:
    assert len(some) == len(others)
    for one, other in zip(some, others, strict=True):
        assert (one.index, one.time_s) == (other.index, other.time_s)
        assert np.array_equal(one.image, other.image)


def test_what_a_reel_has_no_room_for_is_decoded_anew(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mp4")
    first = list(read_frames(clip))
    with Reel(clip, tmp_path, most_bytes=4 * 96 * 64 * 3) as reel:
        for _ in range(2):
            same_frames(list(read_frames(reel)), first)
        same_frames(list(read_frames(reel, from_s=0.3)), [f for f in first if f.time_s >= 0.3])
        same_frames(
            [f for _, f in grab_frames(reel, [f.time_s for f in first])],
            [f for _, f in grab_frames(clip, [f.time_s for f in first])],
        )


def test_a_reel_that_was_read_in_part_or_otherwise_is_still_whole(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mp4", np.arange(30) / 60)
    first = list(read_frames(clip))
    with Reel(clip, tmp_path) as reel:
        started = read_frames(reel)
        same_frames([next(started), next(started)], first[:2])
        started.close()  # type: ignore[attr-defined]
        same_frames(list(read_frames(reel)), first)
        every = list(read_frames(clip, max_fps=None))
        same_frames(list(read_frames(reel, max_fps=None)), every)
        same_frames(list(read_frames(reel, max_side=32)), list(read_frames(clip, max_side=32)))


def test_a_reel_leaves_nothing_behind_and_needs_no_folder(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mp4")
    first = list(read_frames(clip))
    with Reel(clip, tmp_path) as reel:
        list(read_frames(reel))
        assert (probe(reel).name, probe(reel).sha256) == (clip.name, probe(clip).sha256)
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]
    with Reel(clip, tmp_path / "nowhere") as reel:
        for _ in range(2):
            same_frames(list(read_frames(reel)), first)
