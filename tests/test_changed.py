"""Clips that change while they are read: what was read of them is of no clip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from clips import squatting
from films import make

from formcheck import job
from formcheck.errors import ClipError
from formcheck.pipeline import analyze
from formcheck.video import probe, still


def test_a_clip_is_the_same_while_its_content_is(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mp4")
    info = probe(clip)
    still(clip, info)
    os.utime(clip, (1, 1))  # as a sync does at its end
    still(clip, info)
    clip.write_bytes(clip.read_bytes()[:-1])
    with pytest.raises(ClipError, match="has changed"):
        still(clip, info)


def test_half_a_clip_is_not_told_as_the_whole(tmp_path: Path) -> None:
    clip = squatting(tmp_path / "a.mp4", 3)
    whole = clip.read_bytes()

    def cut(_stage: str, _done: float) -> None:
        clip.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(ClipError):
        analyze(clip, model="lite", progress=cut)


def test_a_report_is_not_of_another_clip(tmp_path: Path) -> None:
    clip = squatting(tmp_path / "a.mp4", 3)
    other = make(tmp_path / "b.mp4").read_bytes()

    def replace(stage: str, _done: float) -> None:
        if stage == job.STAGES["report"]:
            clip.write_bytes(other)

    with pytest.raises(ClipError, match="has changed"):
        job.run(clip, tmp_path / "out", job.Settings(model="lite", video=False), progress=replace)
    assert not list((tmp_path / "out").glob("*"))
