"""Reading clips, on small clips made here."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from films import BLUE, GREEN, RED, make, make_turned, near

from formcheck.errors import ClipError
from formcheck.video import Reel, grab_frames, probe, read_frames
from formcheck.video.decoding import Shape, decoded
from formcheck.video.timing import Clock, Timeline

# --- kinds of clips


@pytest.mark.parametrize(
    ("name", "codec", "more"),
    [
        ("a.mp4", "libx264", {}),
        ("a.mov", "libx264", {}),
        ("a.mkv", "libx264", {}),
        ("a.mp4", "libx265", {"options": {"x265-params": "log-level=none"}}),
        ("a.webm", "libvpx-vp9", {"tick": Fraction(1, 1000)}),
        ("a.avi", "mjpeg", {"pix_fmt": "yuvj420p", "tick": Fraction(1, 25)}),
        ("a.avi", "mpeg4", {"tick": Fraction(1, 25)}),
        ("a.gif", "gif", {"pix_fmt": "rgb8", "tick": Fraction(1, 100)}),
        ("a.ts", "libx264", {}),
    ],
)
def test_kinds_of_clips(tmp_path: Path, name: str, codec: str, more: dict[str, Any]) -> None:
    clip = make(tmp_path / name, codec=codec, **more)
    info = probe(clip)
    frames = list(read_frames(clip))
    assert (info.width, info.height, info.rotation_deg) == (96, 64, 0)
    assert info.frames == len(frames) == 10
    assert info.fps == pytest.approx(25, rel=0.01)
    assert info.duration_s == pytest.approx(0.4, abs=0.011)
    assert not info.variable_frame_rate
    assert len(info.sha256) == 64
    assert [f.time_s for f in frames] == pytest.approx(np.arange(10) / 25, abs=0.006)
    assert [f.index for f in frames] == list(range(10))
    for frame in frames:
        assert frame.image.shape == (64, 96, 3)
        assert frame.image.flags.c_contiguous
        assert near(frame.image[4, 4], RED)
        assert near(frame.image[4, -4], GREEN)
        assert near(frame.image[-4, 4], BLUE)


def test_a_name_that_is_not_utf8_is_text_all_the_same(tmp_path: Path) -> None:
    """Reports are UTF-8: half a character in the name would end them after all the work."""
    clip = make(tmp_path / os.fsdecode(b"caf\xe9.mp4"))
    assert probe(clip).name == "caf?.mp4"


def test_transparent_gifs(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    from PIL import Image

    pages = []
    for step in range(6):
        rgba = np.zeros((32, 40, 4), np.uint8)
        rgba[4:20, 2 * step : 2 * step + 10] = (255, 0, 0, 255)
        pages.append(Image.fromarray(rgba))
    clip = tmp_path / "a.gif"
    pages[0].save(clip, save_all=True, append_images=pages[1:], duration=40, disposal=2)
    frames = list(read_frames(clip))
    assert len(frames) == 6
    assert near(frames[3].image[10, 12], RED)
    assert frames[0].image.shape == (32, 40, 3)


@pytest.mark.parametrize("size", [(97, 63), (101, 101), (33, 51), (333, 201)])
def test_odd_sizes_come_contiguous_and_whole(tmp_path: Path, size: tuple[int, int]) -> None:
    clip = make(tmp_path / "a.mp4", size=size, pix_fmt="yuv444p")
    first = next(read_frames(clip))
    assert first.image.shape == (size[1], size[0], 3)
    assert first.image.flags.c_contiguous
    assert first.image.strides == (size[0] * 3, 3, 1)
    assert near(first.image[2, 2], RED)
    assert near(first.image[2, -3], GREEN)
    assert near(first.image[-3, 2], BLUE)
    assert near(first.image[-3, -3], (20, 20, 20))


@pytest.mark.parametrize(
    ("stored", "told", "corners"),
    [  # where red, green and blue end up: (row, column) signs
        (90, 270, [(-1, 0), (0, 0), (-1, -1)]),
        (-90, 90, [(0, -1), (-1, -1), (0, 0)]),
        (180, 180, [(-1, -1), (-1, 0), (0, -1)]),
    ],
)
def test_rotation(tmp_path: Path, stored: int, told: int, corners: list[tuple[int, int]]) -> None:
    clip = make(tmp_path / "a.mp4", rotation=stored)
    info = probe(clip)
    image = next(read_frames(clip)).image
    assert info.rotation_deg == told
    assert (info.height, info.width, 3) == image.shape
    assert image.shape[:2] == ((64, 96) if stored == 180 else (96, 64))
    assert image.flags.c_contiguous
    for colour, (row, column) in zip((RED, GREEN, BLUE), corners, strict=True):
        assert near(image[3 if row == 0 else -4, 3 if column == 0 else -4], colour)


def test_rotation_agrees_with_opencv(tmp_path: Path) -> None:
    import cv2

    clip = make(tmp_path / "a.mp4", rotation=-90)
    capture = cv2.VideoCapture(str(clip))
    there, image = capture.read()
    capture.release()
    assert there
    ours = next(read_frames(clip)).image
    assert ours.shape == image.shape
    assert np.abs(ours.astype(int) - image[..., ::-1]).mean() < 5


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mp4", aspect=Fraction(4, 3))
    assert (probe(clip).width, probe(clip).height) == (128, 64)
    assert next(read_frames(clip)).image.shape == (64, 128, 3)


def test_scaling_goes_down_only(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mp4", rotation=90)
    assert next(read_frames(clip, max_side=48)).image.shape == (48, 32, 3)
    assert next(read_frames(clip, max_side=4800)).image.shape == (96, 64, 3)


def test_pictures_that_turn_in_the_middle_are_fitted_in_whole(tmp_path: Path) -> None:
    """Pulled to the size of the first, all angles after it would be wrong."""
    clip = make_turned(tmp_path / "a.mkv", [(96, 64)] * 3 + [(64, 96)] * 3 + [(48, 32)] * 3)
    with Reel(clip, tmp_path) as reel:
        for frames in (list(read_frames(source)) for source in (clip, reel, reel)):
            assert {frame.image.shape for frame in frames} == {(64, 96, 3)}
            for frame in (*frames[:3], *frames[6:]):
                assert near(frame.image[4, 4], RED)
                assert near(frame.image[4, -4], GREEN)
            for frame in frames[3:6]:
                inside = frame.image[:, 27:69]  # 43 x 64 pixels: black beside it
                assert frame.image[:, :25].max() < 30
                assert frame.image[:, -25:].max() < 30
                assert near(inside[4, 4], RED)
                assert near(inside[4, -4], GREEN)
                assert near(inside[-4, 4], BLUE)


# --- time


@pytest.mark.parametrize(
    ("fps", "kept"),
    [(10, 10), (25, 25), (30, 30), (50, 25), (59.94, 29.97), (60, 30), (120, 30), (240, 30)],
)
def test_frames_above_the_limit_are_left_out_evenly(
    tmp_path: Path, fps: float, kept: float
) -> None:
    rng = np.random.default_rng(1)
    count = round(fps)
    times = (np.arange(count) + rng.uniform(-0.15, 0.15, count)) / fps
    clip = make(tmp_path / "a.mp4", times - times[0], size=(32, 32))
    frames = list(read_frames(clip))
    assert set(np.diff([f.index for f in frames])) == {round(fps / kept)}
    assert len(list(read_frames(clip, max_fps=None))) == count
    assert probe(clip).fps == pytest.approx(fps, rel=0.03)


def test_a_later_start_picks_the_same_frames(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mp4", np.arange(60) / 60)
    whole = [f.index for f in read_frames(clip)]
    assert [f.index for f in read_frames(clip, from_s=0.4)] == whole[12:]


def test_variable_frame_rate(tmp_path: Path) -> None:
    times = np.cumsum([0.0] + [1 / 60, 1 / 60, 1 / 20] * 12)
    clip = make(tmp_path / "a.mp4", times)
    info = probe(clip)
    assert info.variable_frame_rate
    assert info.frames == 37
    assert info.fps == pytest.approx(36 / times[-1], rel=1e-3)
    every = list(read_frames(clip, max_fps=None))
    assert [f.time_s for f in every] == pytest.approx(times, abs=1e-4)
    some = np.array([f.time_s for f in read_frames(clip, max_fps=30)])
    assert np.diff(some).min() > 0.025
    assert np.diff(some).max() < 0.051


def test_a_late_start_counts_from_zero(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mkv", 5 + np.arange(10) / 25, tick=Fraction(1, 1000))
    assert [f.time_s for f in read_frames(clip)] == pytest.approx(np.arange(10) / 25, abs=2e-3)
    assert probe(clip).duration_s == pytest.approx(0.4, abs=5e-3)


def test_streams_without_timestamps(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.h264", rate=25)
    times = [f.time_s for f in read_frames(clip, max_fps=None)]
    assert len(times) == 10
    assert np.all(np.diff(times) > 0)
    assert probe(clip).frames == 10


class _Stream:
    average_rate = Fraction(25)
    guessed_rate = Fraction(25)


@pytest.mark.parametrize(
    ("stamps", "times"),
    [
        ([None, None, None], [0, 0.04, 0.08]),
        ([1.0, 1.04, None, 1.12], [0, 0.04, 0.08, 0.12]),
        ([0.0, 0.04, 0.04, 0.08], [0, 0.04, 0.041, 0.08]),
        ([0.0, 0.08, 0.04, 0.12], [0, 0.08, 0.081, 0.12]),
        ([7.0, 7.04, 0.0, 0.04], [0, 0.04, 0.08, 0.12]),  # two files joined
        ([9.0, 9.04, 9.8, 1.0, 1.04], [0, 0.04, 0.8, 0.84, 0.88]),
    ],
)
def test_timestamps_are_repaired(stamps: list[float | None], times: list[float]) -> None:
    clock = Clock(_Stream())  # type: ignore[arg-type]
    assert [clock.at(stamp) for stamp in stamps] == pytest.approx(times)


# --- picking frames


def test_grab_frames(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mp4")
    got = list(grab_frames(clip, [0.21, -1.0, 0.0, 99.0, 0.19, 0.19]))
    assert [t for t, _ in got] == [-1.0, 0.0, 0.19, 0.21, 99.0]
    assert [f.index for _, f in got] == [0, 0, 5, 5, 9]
    assert got[2][1].time_s == pytest.approx(0.2)
    assert list(grab_frames(clip, [])) == []
    assert next(grab_frames(clip, [0.1], max_side=48))[1].image.shape == (32, 48, 3)


def test_frames_that_no_one_needs_are_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half the frames of such a clip are needed by no other one, and those are left out."""
    options = {"bf": "3", "x264-params": "b-adapt=0:b-pyramid=normal:keyint=250:scenecut=0"}
    clip = make(tmp_path / "a.mp4", np.arange(61) / 60, options=options)
    some = list(read_frames(clip))
    every = list(read_frames(clip, max_fps=None))
    assert [f.index for f in some] == list(range(0, 61, 2))
    for frame in some:
        assert frame.time_s == every[frame.index].time_s
        assert np.array_equal(frame.image, every[frame.index].image)
    pictures: list[av.VideoFrame] = []
    upright = Shape.upright

    def seen(shape: Shape, picture: av.VideoFrame) -> np.ndarray:
        pictures.append(picture)
        return upright(shape, picture)

    monkeypatch.setattr(Shape, "upright", seen)
    timeline = Timeline.of(clip)
    wanted = frozenset(timeline.apart(0.025))
    assert len(list(decoded(clip, timeline, wanted))) < 40
    grabbed = [frame for _, frame in grab_frames(clip, [0.05, 0.5])]
    assert len(pictures) == 2
    for frame in grabbed:
        assert np.array_equal(frame.image, every[frame.index].image)


# --- bad clips


def _one_line(action: Any) -> str:
    with pytest.raises(ClipError) as caught:
        action()
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.fixture
def bad(tmp_path: Path) -> dict[str, Path]:
    files = {name: tmp_path / name for name in ("empty.mp4", "text.txt", "note.mp4", "noise.mp4")}
    files["empty.mp4"].write_bytes(b"")
    files["text.txt"].write_text("squat\n" * 500)
    files["note.mp4"].write_text("this is no video\n" * 50)
    files["noise.mp4"].write_bytes(np.random.default_rng(0).bytes(50_000))
    whole = make(tmp_path / "whole.mp4", np.arange(60) / 25).read_bytes()
    files["truncated.mp4"] = tmp_path / "truncated.mp4"
    files["truncated.mp4"].write_bytes(whole[: len(whole) // 2])
    files["one.mp4"] = make(tmp_path / "one.mp4", [0.0])
    files["still.png"] = make(tmp_path / "still.png", [0.0], codec="png", pix_fmt="rgb24")
    files["still.jpg"] = make(tmp_path / "still.jpg", [0.0], codec="mjpeg", pix_fmt="yuvj420p")
    files["sound.wav"] = tmp_path / "sound.wav"
    with av.open(str(files["sound.wav"]), "w") as out:
        stream: Any = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        sound.rate = 8000
        out.mux(stream.encode(sound))
    files["folder"] = tmp_path / "folder"
    files["folder"].mkdir()
    files["missing.mp4"] = tmp_path / "missing.mp4"
    return files


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("empty.mp4", "empty"),
        ("text.txt", "not a video"),
        ("note.mp4", "not a video"),
        ("noise.mp4", "not a video|no frame"),
        ("truncated.mp4", "cut off"),
        ("one.mp4", "moving clip"),
        ("still.png", "moving clip"),
        ("still.jpg", "moving clip"),
        ("sound.wav", "only sound"),
        ("folder", "a folder"),
        ("missing.mp4", "no such file"),
    ],
)
def test_bad_clips(bad: dict[str, Path], name: str, says: str) -> None:
    import re

    assert re.search(says, _one_line(lambda: probe(bad[name])))
    if says != "moving clip":
        assert re.search(says, _one_line(lambda: list(read_frames(bad[name]))))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "is a pipe" in _one_line(lambda: probe(tmp_path / "pipe.mp4"))


def test_a_name_with_a_zero_byte() -> None:
    assert _one_line(lambda: probe("a\0.mp4"))


def test_names_are_never_patterns_or_addresses(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mp4")
    for name in ("set %03d.mp4", "concat:a.mp4", "pipe:0", "größe ü.mp4"):
        odd = tmp_path / name
        odd.write_bytes(clip.read_bytes())
        assert probe(odd).frames == 10
        assert probe(odd).name == name


def test_broken_ends_keep_what_is_there(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mkv", np.arange(50) / 25)
    data = clip.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: int(len(data) * 0.7)])
    assert 10 < len(list(read_frames(tmp_path / "cut.mkv"))) < 50
    clip = make(tmp_path / "b.ts", np.arange(50) / 25)
    data = bytearray(clip.read_bytes())
    data[-2000:-200] = np.random.default_rng(0).bytes(1800)
    (tmp_path / "bad.ts").write_bytes(data)
    frames = list(read_frames(tmp_path / "bad.ts"))
    assert len(frames) > 20
    assert np.all(np.diff([f.time_s for f in frames]) > 0)


def test_no_library_noise_on_the_terminal(bad: dict[str, Path], tmp_path: Path) -> None:
    names = [str(bad[n]) for n in ("noise.mp4", "truncated.mp4", "note.mp4", "one.mp4")]
    cut = make(tmp_path / "a.ts", np.arange(50) / 25)
    data = bytearray(cut.read_bytes())
    data[2000:5000] = bytes(3000)
    cut.write_bytes(data)
    code = (
        "import sys\nfrom formcheck.video import *\nfrom formcheck.errors import ClipError\n"
        f"for p in {[*names, str(cut)]!r}:\n"
        "    try: probe(p); list(read_frames(p))\n"
        "    except ClipError: pass\n"
        "with VideoWriter(sys.argv[1], 96, 64) as w:\n"
        "    for f in read_frames(sys.argv[2]): w.write(f)\n"
    )
    clip = make(tmp_path / "b.mp4")
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "out.mp4"), str(clip)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
