"""Clips that are mirrored, joined of several, or say how they were filmed."""

from __future__ import annotations

import math
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import BLUE, GREEN, RED, make, near
from PIL import Image

from formcheck.errors import ClipError
from formcheck.video import Reel, grab_frames, probe, read_frames

TOP_LEFT, TOP_RIGHT, LOW_LEFT, LOW_RIGHT = (4, 4), (4, -5), (-5, 4), (-5, -5)


def _shown(clip: Path, matrix: tuple[int, int, int, int]) -> Path:
    """The clip with another matrix for showing it: x and y of its own x, then of its own y."""
    data = bytearray(clip.read_bytes())
    right, down, across, below = (value * 65536 for value in matrix)
    at = data.find(b"tkhd") + 44
    struct.pack_into(">9i", data, at, right, down, 0, across, below, 0, 0, 0, 1 << 30)
    clip.write_bytes(data)
    return clip


@pytest.mark.parametrize(
    ("matrix", "corners"),
    [  # where red, green and blue of the stored top left, top right and low left are to be seen
        ((-1, 0, 0, 1), (TOP_RIGHT, TOP_LEFT, LOW_RIGHT)),
        ((1, 0, 0, -1), (LOW_LEFT, LOW_RIGHT, TOP_LEFT)),
        ((0, 1, 1, 0), (TOP_LEFT, LOW_LEFT, TOP_RIGHT)),
        ((0, -1, -1, 0), (LOW_RIGHT, TOP_RIGHT, LOW_LEFT)),
    ],
)
def test_clips_to_be_shown_mirrored(
    tmp_path: Path, matrix: tuple[int, int, int, int], corners: tuple[tuple[int, int], ...]
) -> None:
    """Phones note it so for the front camera; left out, a wide one stood on its head."""
    clip = _shown(make(tmp_path / "a.mp4"), matrix)
    info = probe(clip)
    with Reel(clip, tmp_path) as reel:
        images = [next(read_frames(source)).image for source in (clip, reel, reel)]
    for image in images:
        assert image.shape == (info.height, info.width, 3)
        assert image.flags.c_contiguous
        for colour, corner in zip((RED, GREEN, BLUE), corners, strict=True):
            assert near(image[corner], colour)


@pytest.mark.parametrize("later_s", [0.0, 0.513, 1.013, 5.0])
@pytest.mark.parametrize("max_fps", [None, 15])
def test_joined_files_are_one_clip(tmp_path: Path, later_s: float, max_fps: float | None) -> None:
    """The second begins to count anew: its times are neither lost nor mixed with the first's."""
    times = np.arange(60) / 30
    first = make(tmp_path / "a.ts", times + later_s, rate=30, options={"bf": "3"})
    second = make(tmp_path / "b.ts", times, rate=30, options={"bf": "3"})
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    info = probe(joined)
    assert info.frames == 120
    assert info.duration_s == pytest.approx(4, abs=0.05)
    assert not info.variable_frame_rate
    frames = list(read_frames(joined, max_fps=max_fps))
    every = 1 if max_fps is None else 2
    assert [frame.index for frame in frames] == list(range(0, 120, every))
    assert np.diff([frame.time_s for frame in frames]).max() < every / 30 + 0.01
    ((_, picked),) = grab_frames(joined, [3.0])
    assert picked.index == 90


@pytest.mark.parametrize(
    ("noted", "times_s", "slowed"),
    [
        ("240", np.arange(30) / 30, 8.0),
        ("30", np.arange(30) / 30, 1.0),
        ("30", np.arange(30) / 15, math.nan),  # a phone takes so few in the dark
        ("30", np.arange(60) / 30 + np.repeat([0, 9], 30), 1.0),  # a hole is no slow motion
        ("3", np.arange(30) / 30, 0.1),
        ("many", np.arange(30) / 30, math.nan),
        ("", np.arange(30) / 30, math.nan),
    ],
)
def test_what_a_phone_notes_of_its_camera(
    tmp_path: Path, noted: str, times_s: np.ndarray, slowed: float
) -> None:
    whole = make(tmp_path / "a.mp4", times_s, rate=30, tick=Fraction(1, 30))
    clip = tmp_path / "noted.mp4"
    with (
        av.open(str(whole)) as source,
        av.open(str(clip), "w", options={"movflags": "use_metadata_tags"}) as out,
    ):
        out.metadata["com.android.capture.fps"] = noted
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    assert probe(clip).slowed == pytest.approx(slowed, rel=0.02, nan_ok=True)


def test_an_animated_webp_is_not_told_to_be_damaged(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (32, 32), (8 * step, 0, 0)) for step in range(5)]
    clip = tmp_path / "a.webp"
    pictures[0].save(clip, save_all=True, append_images=pictures[1:], duration=40)
    with pytest.raises(ClipError, match="an animated WebP: save it as"):
        probe(clip)


@pytest.mark.parametrize("address", ["https://example.org/a.mp4", "s3:/bucket/a.mp4"])
def test_an_address_is_told_to_be_one(address: str) -> None:
    for path in (address, Path(address)):
        with pytest.raises(ClipError, match="is an address"):
            probe(path)
