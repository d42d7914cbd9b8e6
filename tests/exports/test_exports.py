"""Each format is opened by a reader that is not ours, and says what the set says."""

from __future__ import annotations

import base64
import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import ezc3d
import numpy as np
import pandas as pd
import pypdf
import pysubs2
import pytest
from bodies import Camera, Scene, perform
from kept import CLIP, analysis_of, jpeg
from lifts import squats
from pyarrow import parquet
from trc import TRCData

from formcheck import exports, report
from formcheck.errors import HistoryError, UsageError
from formcheck.exercises import EXERCISES
from formcheck.exports.evenly import even_times, evenly
from formcheck.exports.markers import NAMES, markers_m, metres_per_pixel
from formcheck.pipeline import to_analysis
from formcheck.profile_note import LimitChange, ProfileNote
from formcheck.report import build_report
from formcheck.report.keyframes import KeyFrame
from formcheck.report.profile import as_judged
from formcheck.store import Details
from formcheck.types import CaptureWarning, Cue, Landmark, Verdict

RULES = report.rule_info(rule for known in EXERCISES.values() for rule in known.rules)
SAID = Details("Ana $5 & $6", 102.5, "felt ok", ("heavy",), datetime(2024, 5, 6, 18, tzinfo=UTC))


def source_of(analysis, details=SAID):
    return exports.Source(build_report(analysis), analysis, (), RULES, details)


@pytest.fixture(scope="module")
def source():
    return source_of(analysis_of("squat"))


@pytest.fixture
def written(source, tmp_path):
    """``written("trc")`` is the path of the set in that format."""

    def write(name, of=source):
        path = tmp_path / exports.FORMATS[name].file
        exports.write(name, of, path)
        assert [file.name for file in tmp_path.iterdir()] == [path.name]
        return path

    return write


def test_csv_is_tidy(written, source):
    table = pd.read_csv(written("csv"))
    reps = source.report.reps
    assert len(table) == sum(len(rep.measures) + len(rep.checks) for rep in reps)
    assert set(table["rep"]) == {1, 2, 3}
    assert (table["athlete"] == "Ana $5 & $6").all()
    assert (table["load_kg"] == 102.5).all()
    assert (pd.to_datetime(table["performed_at"]) == SAID.performed_at).all()
    depth = table[(table["name"] == "squat.depth") & (table["rep"] == 2)].iloc[0]
    [check] = [check for check in reps[1].checks if check.id == "squat.depth"]
    assert (depth["kind"], depth["value"], depth["limit"]) == ("check", check.value, check.limit)
    assert (depth["error"], depth["verdict"]) == (check.margin, check.verdict)
    valgus = table[table["name"] == "squat.knee_valgus"]
    assert valgus["value"].isna().all()  # not seen from the side: empty, not 0
    assert set(valgus["verdict"]) == {"cannot_tell"}


def test_json_is_the_report(written, source):
    assert report.Report.load(written("json")) == source.report


def test_frames_are_as_analyze_writes_them(written, source, tmp_path):
    frames = written("frames").read_text(encoding="utf-8")
    report.write_frames_csv(source.analysis, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_text(encoding="utf-8") == frames


def test_parquet_holds_every_signal(written, source):
    path = written("parquet")
    table = pd.read_parquet(path)
    signals = source.analysis.signals
    assert np.array_equal(table["time_s"], signals.time_s)
    assert set(table.columns) == {"time_s", "rep", *signals.values}
    for name, values in signals.values.items():
        assert np.array_equal(table[name].to_numpy(dtype=float), values, equal_nan=True)
    second = table[table["rep"] == 2]["time_s"]
    rep = source.report.reps[1]
    assert (second.min(), second.max()) == pytest.approx((rep.start_s, rep.end_s), abs=1e-3)
    assert table["rep"].isna().any()
    kept = parquet.read_schema(path).metadata[b"formcheck.report"]
    assert json.loads(kept)["clip"]["sha256"] == source.report.clip.sha256


def test_trc_is_read_by_a_trc_reader(written, source):
    data = TRCData()
    data.load(written("trc"))
    track = source.analysis.track
    assert data["Markers"] == list(NAMES)
    assert (data["Units"], data["NumMarkers"]) == ("m", 33)
    assert data["DataRate"] == pytest.approx(30.0, abs=0.01)
    points = evenly(track.time_s, markers_m(track).reshape(len(track), -1)).reshape(-1, 33, 3)
    assert len(data["Frame#"]) == data["NumFrames"] == len(points)
    for number in (1, 50, len(points)):
        time_s, markers = data[number]
        assert time_s == pytest.approx(even_times(track.time_s)[number - 1], abs=1e-4)
        np.testing.assert_allclose(markers, points[number - 1], atol=1e-5)


def test_markers_stand_on_the_floor_and_move_as_the_lifter_does(source):
    """The hips of a squat go down by most of a thigh, the feet stay."""
    track, rep = source.analysis.track, source.analysis.reps[0].rep
    points = markers_m(track)
    hip, ankle, heel = Landmark.LEFT_HIP, Landmark.LEFT_ANKLE, Landmark.LEFT_HEEL
    top, bottom = points[rep.start], points[rep.turn]
    assert top[heel, 1] == pytest.approx(0.0, abs=0.05)
    assert np.nanmax(np.ptp(points[:, ankle, :2], axis=0)) < 0.06
    thigh = np.linalg.norm(top[hip, :2] - top[Landmark.LEFT_KNEE, :2])
    assert 0.3 < thigh < 0.6
    assert top[hip, 1] - bottom[hip, 1] > 0.6 * thigh
    assert top[Landmark.NOSE, 1] > top[hip, 1] > top[ankle, 1]


@pytest.mark.parametrize("pixels_a_metre", [150.0, 300.0])
def test_the_length_of_a_pixel_is_found_from_the_body(pixels_a_metre):
    track = perform(*squats(1), Scene(Camera(scale=pixels_a_metre)))
    assert metres_per_pixel(track) == pytest.approx(1 / pixels_a_metre, rel=0.02)


def read_mot(path):
    """As pandas reads it, below the header."""
    lines = path.read_text(encoding="utf-8").splitlines()
    end = lines.index("endheader")
    head = dict(line.split("=") for line in lines[1:end])
    return head, pd.read_csv(path, sep="\t", skiprows=end + 1)


def test_mot_has_opensims_names_and_the_angles_of_the_set(written, source):
    head, table = read_mot(written("mot"))
    assert head["inDegrees"] == "yes"
    assert (int(head["nRows"]), int(head["nColumns"])) == table.shape
    signals = source.analysis.signals
    at = even_times(signals.time_s)
    assert np.allclose(table["time"], at, atol=1e-4)
    knee = signals["knee_flexion_left_deg"]
    near = np.interp(at, signals.time_s, knee)
    seen = np.isfinite(near)
    np.testing.assert_allclose(table["knee_angle_l"][seen], near[seen], atol=1e-3)
    assert {"hip_flexion_r", "ankle_angle_l", "trunk_inclination"} <= set(table.columns)
    assert "knee_valgus_l" not in table.columns  # never seen from the side


def test_c3d_is_read_by_ezc3d(written, source):
    c3d = ezc3d.c3d(str(written("c3d")))
    point, event = c3d["parameters"]["POINT"], c3d["parameters"]["EVENT"]
    assert point["LABELS"]["value"] == list(NAMES)
    assert point["UNITS"]["value"] == ["mm"]
    track = source.analysis.track
    points = evenly(track.time_s, markers_m(track).reshape(len(track), -1)).reshape(-1, 33, 3)
    np.testing.assert_allclose(
        c3d["data"]["points"][:3].transpose(2, 1, 0), points * 1000, atol=0.1
    )
    reps = source.report.reps
    assert event["USED"]["value"] == [3 * len(reps)]
    assert event["USED"]["type"] == point["USED"]["type"]  # a whole number, or others read none
    assert event["LABELS"]["value"] == ["Start", "Turn", "End"] * len(reps)
    wanted = [t for rep in reps for t in (rep.start_s, rep.turn_s, rep.end_s)]
    minutes, seconds = event["TIMES"]["value"]
    np.testing.assert_allclose(minutes * 60 + seconds, wanted, atol=1e-3)


def test_what_was_not_seen_is_not_seen_in_any_format(tmp_path):
    analysis = analysis_of("squat")
    xy = analysis.track.xy_px.copy()
    xy[10:20, Landmark.NOSE] = np.nan
    source = source_of(replace(analysis, track=replace(analysis.track, xy_px=xy)))
    exports.write("trc", source, tmp_path / "a.trc")
    exports.write("c3d", source, tmp_path / "a.c3d")
    data = TRCData()
    data.load(tmp_path / "a.trc")
    assert np.isnan(data[15][1][0]).all()
    assert np.isfinite(data[15][1][11]).all()
    c3d = ezc3d.c3d(str(tmp_path / "a.c3d"))
    assert np.isnan(c3d["data"]["points"][:3, 0, 14]).all()
    assert c3d["data"]["meta_points"]["residuals"][0, 0, 14] == -1


def test_subtitles_tell_each_repetition_and_then_the_cues(written, source):
    analysis = source.analysis
    failed = replace(analysis.reps[1].checks[0], verdict=Verdict.FAIL)
    rep = replace(analysis.reps[1], checks=(failed, *analysis.reps[1].checks[1:]), score=60.0)
    reps = (analysis.reps[0], rep, analysis.reps[2])
    told = source_of(replace(analysis, reps=reps))
    cue = report.schema.CuePart(check="squat.depth", reps=(2,), text="Sit deeper")
    told = replace(
        told, report=told.report.model_copy(
            update={"set_": told.report.set_.model_copy(update={"cues": (cue,)})}
        )
    )  # fmt: skip
    subtitles = pysubs2.load(str(written("srt", told)))
    assert len(subtitles) == 4
    for subtitle, part in zip(subtitles, told.report.reps, strict=False):
        assert (subtitle.start, subtitle.end) == pytest.approx(
            (part.start_s * 1000, part.end_s * 1000), abs=1
        )
    assert all(a.end <= b.start for a, b in pairwise(subtitles))
    assert subtitles[1].plaintext.startswith("Rep 2 · 60 of 100\n✕ Depth")
    assert subtitles[3].plaintext == "Sit deeper"


def test_the_pdf_is_one_page_that_says_it_all(written):
    document = pypdf.PdfReader(written("pdf"))
    assert len(document.pages) == 1
    text = document.pages[0].extract_text()
    for part in ("Squat", "100 of 100", "Ana $5 & $6", "102.5 kg", "felt ok", "Tags: heavy",
                 "Depth", "at most 0°", "not measured", "does not prevent injury"):  # fmt: skip
        assert part in text, part
    assert document.metadata.title == "Squat: clip.mp4"


@pytest.mark.parametrize(("hour", "shown"), [(0, "2024-05-06 ·"), (7, "2024-05-06 07:00 ·")])
def test_the_pdf_has_a_time_only_when_there_is_one(hour, shown, tmp_path):
    when = datetime(2024, 5, 6, hour).astimezone()
    exports.write(
        "pdf", source_of(analysis_of("squat"), Details(performed_at=when)), tmp_path / "a.pdf"
    )
    assert shown in pypdf.PdfReader(tmp_path / "a.pdf").pages[0].extract_text()


def test_the_page_of_a_long_set_with_long_notes_is_still_one_page(tmp_path):
    analysis = analysis_of("squat")
    told = source_of(
        replace(analysis, reps=analysis.reps * 7),
        Details("N" * 200, notes="word " * 500, tags=tuple(f"tag{k}" for k in range(40))),
    )
    exports.write("pdf", told, tmp_path / "a.pdf")
    [page] = pypdf.PdfReader(tmp_path / "a.pdf").pages
    assert "9 more repetitions" in page.extract_text()


def page_of(told, tmp_path):
    """The text of the PDF, its lines joined."""
    exports.write("pdf", told, tmp_path / "a.pdf")
    [page] = pypdf.PdfReader(tmp_path / "a.pdf").pages
    return " ".join(page.extract_text().split())


def profile(off=(), *changes):
    return ProfileNote("Knee", "Plan of the physio", "0" * 64, tuple(changes), tuple(off))


def test_the_page_tells_whose_limits_they_are_and_what_was_put_right(tmp_path):
    moved = LimitChange("squat.depth", 15.0, 0.0, "min", "deg", "max")
    analysis = replace(analysis_of("squat"), profile=profile(["squat.heel_rise"], moved),
                       reps_source="corrected")  # fmt: skip
    text = page_of(source_of(analysis), tmp_path)
    assert "3 repetitions · corrected by hand" in text
    assert "Profile “Knee” · Plan of the physio" in text
    assert "Depth: at least 15° (usually at most 0°); Not judged: Heels stay down" in text


def test_rules_are_explained_in_full_where_there_is_room(source, tmp_path):
    moved = [LimitChange(rule.id, 15, 0, "min", "deg") for rule in EXERCISES["squat"].rules]
    rules = as_judged(RULES, replace(profile([], *moved), source="Plan of the physio, " * 8))
    text = page_of(replace(source, rules=rules), tmp_path)
    for rule in EXERCISES["squat"].rules:
        assert " ".join(rules[rule.id].source_text.split()) in text


def test_however_much_there_is_to_say_the_foot_of_the_page_is_free(tmp_path):
    """The last line above the foot, by its place on the paper."""
    analysis = analysis_of("squat")
    told = replace(analysis.summary, cues=(Cue("squat.depth", (1,), "Sit much deeper " * 20),) * 4)
    capture = replace(analysis.capture, warnings=(CaptureWarning("x", "It is dark. " * 20),) * 4)
    moved = [LimitChange(rule.id, 15, 0, "min", "deg") for rule in EXERCISES["squat"].rules]
    busy = replace(analysis, summary=told, capture=capture, profile=profile([], *moved))
    uri = "data:image/jpeg;base64," + base64.b64encode(jpeg()).decode()
    frames = [KeyFrame(1, "bottom", 1.0, uri, 8, 6)]
    whole = replace(source_of(busy, replace(SAID, notes="word " * 500)), key_frames=frames)
    exports.write("pdf", whole, tmp_path / "a.pdf")
    [page] = pypdf.PdfReader(tmp_path / "a.pdf").pages
    places = []
    page.extract_text(visitor_text=lambda text, m, *_: places.append((text.strip(), m[5])))
    [foot] = [y for text, y in places if text.startswith("FormCheck 0")]
    assert min(y for text, y in places if "deeper" in text or "dark" in text) > foot + 10


def test_a_profile_that_turns_all_checks_off_is_why_nothing_is_judged(tmp_path):
    analysis = analysis_of("squat")
    reps = tuple(replace(rep, checks=(), score=math.nan) for rep in analysis.reps)
    summary = replace(analysis.summary, score=math.nan, verdict_counts={}, cues=())
    off = replace(analysis, reps=reps, summary=summary, profile=profile(["squat.depth"]))
    text = page_of(source_of(off), tmp_path)
    assert text.count("the profile “Knee” turns all checks off") == 1
    assert "Try next" not in text
    assert "typical ± error" not in text


def test_a_name_in_any_script_makes_a_page(tmp_path):
    exports.write("pdf", source_of(analysis_of("squat"), Details("李雷 🏋")), tmp_path / "a.pdf")
    assert len(pypdf.PdfReader(tmp_path / "a.pdf").pages) == 1


@pytest.mark.parametrize("name", exports.FORMATS)
def test_a_clip_without_repetitions_is_written_too(name, tmp_path):
    analysis = to_analysis(CLIP, "full", "1" * 64, analysis_of("squat").raw, "hip_thrust")
    assert not analysis.reps
    path = tmp_path / exports.FORMATS[name].file
    exports.write(name, source_of(analysis, Details()), path)
    assert path.is_file()


@pytest.mark.parametrize("name", exports.FORMATS)
@pytest.mark.parametrize("outside", [("HEEL", "FOOT_INDEX"), ("SHOULDER",)])
def test_a_clip_that_never_shows_a_part_of_the_body_is_written_too(name, outside, tmp_path):
    """Without shoulders there is no angle at all, without feet no floor."""
    raw = analysis_of("squat").raw
    presence = raw.presence.copy()
    presence[:, [mark for mark in Landmark if mark.name.endswith(outside)]] = 0.0
    analysis = to_analysis(CLIP, "full", "1" * 64, replace(raw, presence=presence), "squat")
    path = tmp_path / exports.FORMATS[name].file
    exports.write(name, source_of(analysis, Details()), path)
    assert path.is_file()


def test_without_feet_the_floor_is_the_lowest_that_was_seen():
    track = analysis_of("squat").track
    xy = track.xy_px.copy()
    xy[:, [mark for mark in Landmark if mark.name.endswith(("HEEL", "FOOT_INDEX"))]] = np.nan
    height_m = markers_m(replace(track, xy_px=xy))[:, :, 1]
    assert np.nanmin(height_m) == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("name", exports.FORMATS)
def test_a_report_alone_is_enough_or_the_error_says_for_what(name, source, tmp_path):
    alone = replace(source, found=None)
    path = tmp_path / exports.FORMATS[name].file
    if not exports.FORMATS[name].landmarks:
        exports.write(name, alone, path)
        assert path.stat().st_size > 0
        return
    with pytest.raises(HistoryError, match="json, csv and srt"):
        exports.write(name, alone, path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_named(source, tmp_path):
    with pytest.raises(UsageError, match="'xls' is none of the formats csv,"):
        exports.write("xls", source, tmp_path / "a.xls")


def test_even_steps_follow_uneven_frames_but_not_across_gaps():
    """A straight line, seen at uneven times, with half a second missing and one frame unseen."""
    time_s = np.concatenate([np.arange(0, 1, 0.1), np.arange(1.5, 2.5, 0.1)])
    time_s[3] += 0.04
    line = (2 * time_s)[:, None].copy()
    line[7] = np.nan
    even, at = evenly(time_s, line)[:, 0], even_times(time_s)
    assert np.allclose(np.diff(at), 0.1)
    seen = np.isfinite(even)
    np.testing.assert_allclose(even[seen], 2 * at[seen], atol=1e-9)
    unseen = {round(t, 1) for t in at[~seen]}
    assert unseen == {0.7, 1.0, 1.1, 1.2, 1.3, 1.4}
    assert math.isclose(at[-1], time_s[-1], abs_tol=1e-6)
