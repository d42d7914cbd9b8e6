"""The formats of motion analysis at their limits: odd clocks, parts unseen, very long sets."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import ezc3d
import numpy as np
import pytest
from bodies import Camera, Scene
from kept import CLIP, analysis_of, new_set
from lifts import film_lift

from formcheck import exports, historyfiles, store
from formcheck.errors import UsageError
from formcheck.exports import c3d as c3d_format
from formcheck.exports.evenly import even_times, evenly, rate_hz
from formcheck.exports.markers import markers_m
from formcheck.judging import LEG_SHARE
from formcheck.pipeline import to_analysis
from formcheck.report import build_report, files
from formcheck.types import Landmark


@pytest.mark.parametrize(
    ("rate", "digits"),
    [(30000 / 1001, 9), (24000 / 1001, 6), (60000 / 1001, 5), (30.0, 3), (24000 / 1001, 3)],
)
def test_a_frame_seen_alone_is_kept_at_any_rate(rate, digits):
    """The back is looked at in single frames; some containers round times to milliseconds."""
    time_s = np.round(np.arange(1000) / rate, digits)
    looks = np.full((1000, 1), np.nan)
    looks[7::50, 0] = time_s[7::50]
    even = evenly(time_s, looks)[:, 0]
    assert rate_hz(time_s) == pytest.approx(rate, rel=1e-4)
    assert len(even) == 1000
    assert np.isfinite(even).sum() == 20
    seen = np.isfinite(even)
    np.testing.assert_allclose(even[seen], even_times(time_s)[seen], atol=0.004)


def test_a_missing_frame_does_not_change_the_rate():
    time_s = np.delete(np.arange(300) / 25, [40, 41, 120])
    assert rate_hz(time_s) == pytest.approx(25.0)
    assert len(even_times(time_s)) == 300


def test_a_marker_has_all_three_coordinates_or_none():
    """Where the hips are in the room comes from the picture; depth is known without it."""
    track = analysis_of("squat").track
    xy = track.xy_px.copy()
    xy[10:20, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]] = np.nan
    markers = markers_m(replace(track, xy_px=xy))
    assert np.isnan(markers[10:20]).all()
    seen = np.isfinite(markers)
    assert (seen.all(axis=2) == seen.any(axis=2)).all()
    assert seen[30].all()


@pytest.mark.parametrize("part", ["ANKLE", "KNEE", "SHOULDER"])
def test_a_part_that_is_never_seen_takes_no_other_marker(part):
    """The length of a pixel was asked of all parts at once: not one marker was left."""
    track = analysis_of("squat").track
    gone = [mark for mark in Landmark if mark.name.endswith(part)]
    stay = [mark for mark in Landmark if mark not in gone]
    xy, world_m = track.xy_px.copy(), track.world_m.copy()
    xy[:, gone] = world_m[:, gone] = np.nan
    markers = markers_m(replace(track, xy_px=xy, world_m=world_m))
    assert np.isnan(markers[:, gone]).all()
    np.testing.assert_allclose(markers[:, stay], markers_m(track)[:, stay], atol=0.05)


@pytest.mark.parametrize("azimuth", [90, 60, 0])
def test_markers_are_of_the_height_that_was_told(azimuth, tmp_path):
    """They were as large as the pose model draws everybody, and hip_travel was by the height."""
    film = film_lift("squat", Scene(Camera(azimuth)))
    analysis = to_analysis(CLIP, "full", "1" * 64, film, "squat", height_cm=200.0)
    source = exports.Source(build_report(analysis), analysis, height_cm=200.0)
    exports.write("trc", source, tmp_path / "a.trc")
    table = np.loadtxt(tmp_path / "a.trc", skiprows=6)
    points = table[:, 2:].reshape(len(table), -1, 3)
    chain = [Landmark.LEFT_HIP, Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE]
    legs_m = np.linalg.norm(np.diff(points[:, chain], axis=1), axis=2).sum(axis=1)
    assert np.median(legs_m) == pytest.approx(2.0 * LEG_SHARE, rel=0.05)
    hips_cm = 100 * points[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP], 1].mean(axis=1)
    for scored in analysis.reps:
        travel = scored.measures["hip_travel"]
        way_cm = np.ptp(hips_cm[scored.rep.start : scored.rep.end + 1])
        assert way_cm == pytest.approx(travel.value, abs=2.0) or np.isnan(travel.value)


@pytest.mark.parametrize("kept", [{}, {"height_cm": None}, {"height_cm": "tall"}])
def test_without_a_height_a_kept_set_is_as_drawn(kept, tmp_path):
    with store.open_history(f"sqlite:///{tmp_path / 'a.db'}") as history:
        number = history.add(replace(new_set(), settings=kept))
        tall = history.add(replace(new_set("squat", "2"), settings={"height_cm": 200}))
        assert historyfiles.source_of(history, number).height_cm is None
        assert historyfiles.source_of(history, tall).height_cm == 200.0


def _c3d_of(analysis, tmp_path):
    exports.write("c3d", exports.Source(build_report(analysis), analysis), tmp_path / "a.c3d")
    return ezc3d.c3d(str(tmp_path / "a.c3d"))


def test_a_set_of_a_hundred_repetitions_is_written_with_all_events(tmp_path):
    """A parameter of C3D holds 255 entries; more of them made a file that nothing reads."""
    analysis = analysis_of("squat")
    c3d = _c3d_of(replace(analysis, reps=analysis.reps[:1] * 100), tmp_path)
    event = c3d["parameters"]["EVENT"]
    assert event["USED"]["value"] == [255]
    assert event["LABELS"]["value"] == ["Start", "Turn", "End"] * 85
    assert event["LABELS2"]["value"] == ["Start", "Turn", "End"] * 15
    assert event["TIMES"]["value"].shape == (2, 255)
    assert event["TIMES2"]["value"].shape == (2, 45)
    assert len(event["CONTEXTS2"]["value"]) == 45


def test_more_frames_than_c3d_counts_are_thinned_out(monkeypatch, tmp_path):
    analysis = analysis_of("squat")
    whole = _c3d_of(analysis, tmp_path)
    count = whole["data"]["points"].shape[2]
    monkeypatch.setattr(c3d_format, "_MOST_FRAMES", count // 2)
    thin = _c3d_of(analysis, tmp_path)
    (rate,) = thin["parameters"]["POINT"]["RATE"]["value"]
    every = round(whole["parameters"]["POINT"]["RATE"]["value"][0] / rate)
    assert every == (2 if count % 2 == 0 else 3)
    np.testing.assert_allclose(
        thin["data"]["points"][:3], whole["data"]["points"][:3, :, ::every], atol=1e-3
    )


def test_a_c3d_that_the_disk_had_no_room_for_is_not_kept(monkeypatch, tmp_path):
    """ezc3d says nothing when it cannot write."""
    write = ezc3d.c3d.write

    def cut(c3d, path):
        write(c3d, path)
        os.truncate(path, Path(path).stat().st_size - 600)

    monkeypatch.setattr(ezc3d.c3d, "write", cut)
    with pytest.raises(UsageError, match="disk is full"):
        _c3d_of(analysis_of("squat"), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("name", ["csv", "json", "srt", "pdf", "trc", "mot", "parquet"])
def test_a_full_disk_is_told_as_such_in_every_format(name, monkeypatch, tmp_path):
    @contextmanager
    def full(_path):
        with suppress(OSError):
            (tmp_path / "full").symlink_to("/dev/full")
        yield tmp_path / "full"

    monkeypatch.setattr(files, "_replacing", full)
    analysis = analysis_of("squat")
    source = exports.Source(build_report(analysis), analysis)
    with pytest.raises(UsageError, match="disk is full"):
        exports.write(name, source, tmp_path / exports.FORMATS[name].file)
