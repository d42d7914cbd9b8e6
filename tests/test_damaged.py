"""Files of which a part cannot be read: what can be is read, and that it is not all is known."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from formcheck.video import probe, read_frames
from formcheck.video.reel import Reel


@pytest.mark.parametrize("max_fps", [None, 30.0])
def test_what_is_damaged_is_known(root: Path, tmp_path: Path, max_fps: float | None) -> None:
    sample = root / "sample_videos" / "squat_clean.mp4"
    data = bytearray(sample.read_bytes())
    assert probe(sample).whole
    assert not any(frame.damaged for frame in read_frames(sample, max_fps, 64))
    middle = len(data) // 2
    data[middle : middle + 40] = np.random.default_rng(0).bytes(40)
    spoiled = tmp_path / "spoiled.mp4"
    spoiled.write_bytes(data)
    assert probe(spoiled).whole
    with Reel(spoiled, tmp_path) as reel:
        read = [read_frames(path, max_fps, 64) for path in (spoiled, reel, reel)]
        told = [[frame.damaged for frame in frames] for frames in read]
    assert any(told[0])
    assert told[1] == told[2] == told[0]


def test_a_file_that_ends_in_the_middle_of_a_picture_is_known(root: Path, tmp_path: Path) -> None:
    """With its index in front, as for the web, it can be read so far."""
    whole, torn = tmp_path / "whole.mp4", tmp_path / "torn.mp4"
    with (
        av.open(str(root / "sample_videos" / "squat_clean.mp4")) as clip,
        av.open(str(whole), "w", options={"movflags": "faststart"}) as out,
    ):
        copy = out.add_stream_from_template(clip.streams.video[0])
        for packet in clip.demux(clip.streams.video[0]):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)
    torn.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    assert probe(whole).whole
    assert not probe(torn).whole
