"""Writing clips: whole or not at all, and as others read them."""

from __future__ import annotations

import errno
from pathlib import Path

import av
import numpy as np
import pytest
from films import BLUE, GREEN, RED, near, picture

from formcheck.errors import UsageError
from formcheck.types import Frame
from formcheck.video import VideoWriter, probe, read_frames


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    times = [0.0, 0.01, 0.05, 0.051, 0.3, 0.7]
    out = tmp_path / "out.mp4"
    with VideoWriter(out, 101, 67, 30) as writer:
        for step, time_s in enumerate(times):
            writer.write(Frame(step, time_s, picture(101, 67, 10 * step)))
        assert not out.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]
    back = list(read_frames(out, max_fps=None))
    assert [f.time_s for f in back] == pytest.approx(times, abs=2e-5)
    assert back[0].image.shape == (66, 100, 3)
    assert near(back[3].image[4, 4], RED, 20)
    assert near(back[3].image[4, -4], GREEN, 20)
    assert near(back[3].image[-4, 4], BLUE, 20)
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_nothing_stays_behind_after_a_failure(tmp_path: Path) -> None:
    def failing() -> None:
        with VideoWriter(tmp_path / "out.mp4", 64, 48) as writer:
            writer.write(Frame(0, 0.0, picture(64, 48)))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        failing()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match="cannot write"):
        VideoWriter(tmp_path / "nowhere" / "out.mp4", 64, 48)
    with (
        pytest.raises(ValueError, match="expected a picture"),
        VideoWriter(tmp_path / "out.mp4", 64, 48) as writer,
    ):
        writer.write(Frame(0, 0.0, picture(32, 32)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [av.FFmpegError, av.error.OSError, OSError])
def test_a_full_disk_is_called_that(tmp_path: Path, kind: type[Exception]) -> None:
    def refused() -> None:
        with VideoWriter(tmp_path / "out.mp4", 64, 48) as writer, writer._saying():
            raise kind(errno.ENOSPC, "No space left on device", "hidden")

    with pytest.raises(UsageError) as error:
        refused()
    assert str(error.value) == f"cannot write {tmp_path / 'out.mp4'}: the disk is full"
    assert list(tmp_path.iterdir()) == []


def test_an_old_file_survives_a_failed_write(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    out.write_bytes(b"old")

    def interrupted() -> None:
        with VideoWriter(out, 64, 48) as writer:
            writer.write(Frame(0, 0.0, picture(64, 48)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert out.read_bytes() == b"old"


def test_writing_nothing_or_tiny_pictures(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no frame"), VideoWriter(tmp_path / "no.mp4", 64, 48):
        pass
    assert list(tmp_path.iterdir()) == []
    with VideoWriter(tmp_path / "tiny.mp4", 1, 1) as writer:
        for step in range(3):
            writer.write(Frame(step, step / 25, np.zeros((1, 1, 3), np.uint8)))
    assert probe(tmp_path / "tiny.mp4").frames == 3
