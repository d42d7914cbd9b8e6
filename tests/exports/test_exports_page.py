"""How the page of the PDF is laid out: where its words stand on the paper."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import pypdf
import pytest
from kept import analysis_of
from PIL import Image

from formcheck import exports
from formcheck.exercises import EXERCISES
from formcheck.report import build_report
from formcheck.report.keyframes import KeyFrame
from formcheck.types import Verdict


def page_of(analysis, tmp_path, frames=()):
    exports.write("pdf", exports.Source(build_report(analysis), analysis, frames), tmp_path / "a")
    [page] = pypdf.PdfReader(tmp_path / "a").pages
    return page


def heights(page):
    """How high each text stands on the paper, points from its foot."""
    places = {}
    page.extract_text(visitor_text=lambda text, m, *_: places.setdefault(text.strip(), m[5]))
    return places


def picture(width, height, rep=1, position="bottom", time_s=1.0):
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, "JPEG")
    uri = "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
    return KeyFrame(rep, position, time_s, uri, width, height)


@pytest.mark.parametrize(("more", "says"), [(1, "1 more repetition is"), (2, "2 more repetitions")])
def test_repetitions_beyond_the_page_are_counted_as_one_says_it(more, says, tmp_path):
    analysis = analysis_of("squat")
    long = replace(analysis, reps=(analysis.reps * 5)[: 12 + more])
    assert says in page_of(long, tmp_path).extract_text()


@pytest.mark.parametrize("size", [(400, 300), (300, 400), (300, 900)])
def test_the_words_below_a_picture_are_right_below_it(size, tmp_path):
    """Those of who lies on a bench stood an inch below."""
    places = heights(page_of(analysis_of("squat"), tmp_path, [picture(*size)]))
    width_pt = 0.96 * 0.86 / 5 * 8.27 * 72
    shown_pt = min(width_pt * size[1] / size[0], 0.19 * 11.69 * 72)
    gap_pt = places["Key frames"] - places["rep 1, bottom, 1.0 s"] - shown_pt
    assert gap_pt < 30


def test_the_names_of_the_traces_stand_above_them(tmp_path):
    """In a hip thrust the knee's trace ran through its own name."""
    places = heights(page_of(analysis_of("squat"), tmp_path))
    title = places["Angles over time: degrees (0 = straight) by seconds"]
    assert abs(places["Hip"] - title) < 12


def test_a_long_name_leaves_room_for_the_view_and_the_model(tmp_path):
    """They were cut off behind it."""
    analysis = analysis_of("squat")
    named = replace(analysis, clip=replace(analysis.clip, name="long_" * 47 + "ago.mp4"))
    text = " ".join(page_of(named, tmp_path).extract_text().split())
    assert "long_ago.mp4 · side view" in text
    assert "pose model full" in text


@pytest.mark.parametrize(
    ("lift", "changes", "shown"),
    [
        ("squat", {}, "bottom"),
        ("deadlift", {}, "bottom"),  # where the back is looked at
        ("hip_thrust", {}, "top"),
        ("hip_thrust", {"id": "press"}, "top"),
    ],
)
def test_the_page_shows_where_the_faults_are_of_plug_ins_too(
    lift, changes, shown, tmp_path, monkeypatch
):
    known = replace(EXERCISES[lift], **changes)
    monkeypatch.setattr("formcheck.exports.pdf.EXERCISES", {known.id: known})
    analysis = analysis_of("squat")
    named = replace(analysis, exercise=replace(analysis.exercise, id=known.id))
    frames = [picture(8, 6, position=position) for position in ("bottom", "top")]
    text = page_of(named, tmp_path, frames).extract_text()
    assert f"rep 1, {shown}, 1.0 s" in text
    assert text.count("rep 1, ") == 1


@pytest.mark.parametrize(
    ("failed", "shown"), [("start", "bottom"), ("turn", "top"), ("both", "bottom")]
)
def test_the_page_shows_what_failed(failed, shown, tmp_path):
    """A deadlift that failed at its top only was shown at its bottom."""
    analysis = analysis_of("deadlift")
    first, second, *others = analysis.reps
    start, turn = second.rep.start, second.rep.turn
    at = {"start": [start], "turn": [turn], "both": [start, turn]}[failed]
    passed = [replace(check, verdict=Verdict.PASS, at=turn) for check in second.checks]
    checks = [replace(passed[k], verdict=Verdict.FAIL, at=frame) for k, frame in enumerate(at)]
    checks += passed[len(at) :]
    told = replace(
        analysis, reps=(first, replace(second, checks=tuple(checks), score=10.0), *others)
    )
    times = analysis.track.time_s
    frames = [
        picture(8, 6, 2, position, float(times[frame]) + 0.1)
        for position, frame in (("bottom", start), ("top", turn))
    ]
    assert f"rep 2, {shown}, " in page_of(told, tmp_path, frames).extract_text()
