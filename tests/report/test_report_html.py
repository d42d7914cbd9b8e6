from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from bodies import Camera, Scene
from kept import CLIP
from lifts import film_lift
from PIL import Image

from formcheck.errors import ClipError
from formcheck.pipeline import to_analysis
from formcheck.report import words, write_all, write_html
from formcheck.report.chart import WIDE, timeline_svg, traces
from formcheck.report.html import render_html
from formcheck.report.keyframes import MAX_HEIGHT_PX, key_times, make_key_frames
from formcheck.report.moments import Moments
from formcheck.types import Analysis, Capture, CaptureWarning, Landmark, Measure, Verdict

VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """Collects elements and the visible text, and checks that elements are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def text(analysis: Analysis, clip: Path, rule_info, tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_html(clip, analysis, path, rule_info)
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_page_loads_nothing_from_elsewhere(page, text):
    for tag, attributes in page.elements:
        for name in ("src", "href", "action", "data", "poster", "srcset", "xlink:href"):
            value = attributes.get(name) or ""
            inside = value.startswith(("data:", "#")) or not value
            assert inside or (tag == "a" and name == "href"), (tag, name, value[:60])
    assert page.all("script") == []
    styles = "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))
    assert "@import" not in styles
    assert "url(" not in styles
    assert {a["href"] for a in page.all("a") if not a["href"].startswith("#")} == {
        "https://example.org/rules"
    }


def test_ids_are_unique_and_every_inner_link_has_its_target(page):
    ids = [a["id"] for _, a in page.elements if a.get("id")]
    assert len(ids) == len(set(ids))
    links = [a["href"] for _, a in page.elements if (a.get("href") or "").startswith("#")]
    assert links
    assert {link[1:] for link in links} <= set(ids)


def test_two_key_frames_a_rep_with_words_for_them(page):
    images = page.all("img")
    assert len(images) == 4
    for image in images:
        assert image["src"].startswith("data:image/jpeg;base64,")
        assert re.search(r"Rep [12] at its (bottom|top)", image["alt"])
        assert int(image["height"]) <= MAX_HEIGHT_PX


def test_every_verdict_is_there_with_its_evidence(page):
    text = page.text
    assert "Hip 8° above knee level (8° ± 4°)" in text
    assert "at most 0°" in text
    assert "9° short of own stance" in text
    assert "1.00 s" in text
    assert "It can only be judged from the front." in text
    assert "Film a set from the front" in text
    assert "Federation rules" in text
    assert "standard" in text
    for word in ("Pass", "Borderline", "Fail", "Cannot tell"):
        assert word in text
    assert "nan" not in text.lower().split()


def test_cues_warnings_and_what_was_not_counted_are_there(page):
    assert "Sit deeper: 8° above the knee (rep 1)" in page.text
    assert "The camera is tilted." in page.text
    assert "2.8–3.0 s: its end is not in the picture." in page.text


def test_times_are_told_to_a_hundredth_as_no_frame_is_shorter(page):
    assert "way down 0.8 s" in " ".join(" ".join(page.words).split()).lower()


def test_tables_have_headers_and_the_chart_has_words(page):
    scopes = {a.get("scope") for a in page.all("th")}
    assert scopes == {"col", "row"}
    chart = next(a for a in page.all("div") if a.get("role") == "img")
    assert "rep 1 from 0.5 to 1.5 seconds, score 72" in chart["aria-label"]
    assert len(page.all("svg")) == 2


def test_limit_is_drawn_on_the_trace_it_applies_to(text):
    assert re.search(r'id="c\d+-limit-squat\.depth-25"', text)
    assert "limit-squat.knee_valgus" not in text


@pytest.mark.parametrize("azimuth", [80, -80])
def test_the_leg_that_works_is_shown_whichever_is_near(azimuth):
    """Lunges with the left leg in front."""
    lunged = to_analysis(CLIP, "full", "", film_lift("lunge", Scene(Camera(azimuth))), "lunge")
    [(_, trace)] = traces(lunged, "knee_flexion")
    scored = lunged.reps[0]
    np.testing.assert_array_equal(trace, lunged.signals["knee_flexion_left_deg"])
    at_s = float(lunged.track.time_s[scored.rep.turn])
    assert {mark.side for mark in Moments(lunged, {}).angles(at_s, scored)} == {"left"}


@pytest.mark.parametrize(("read_elsewhere_deg", "drawn"), [(0.0, True), (-15.0, False)])
def test_no_limit_is_drawn_on_a_trace_that_was_not_read(analysis, read_elsewhere_deg, drawn):
    """The start of a pull may be read from the trunk and the shin instead of the thigh."""
    scored = analysis.reps[0]
    depth = next(check for check in scored.checks if check.id == "squat.depth")
    (_, trace), *_ = traces(analysis, "thigh_inclination")
    value = float(trace[depth.at]) + read_elsewhere_deg
    start = replace(depth, id="deadlift.knee_dominant", value=value)
    changed = replace(analysis, reps=(replace(scored, checks=(start,)), *analysis.reps[1:]))
    text = render_html(changed, [], {})
    assert ("limit-deadlift.knee_dominant" in text) is drawn


@pytest.mark.parametrize(
    ("pitch_deg", "told"), [(12.4, ", looking down 12°"), (-8.0, ", looking up 8°"), (3.0, "")]
)
def test_a_camera_that_looks_down_is_told(analysis, pitch_deg, told):
    capture = Capture("side", 84.0, 10.0, "right", pitch_deg=pitch_deg)
    said = words.view(replace(analysis, capture=capture))
    assert said == f"side view (84° ± 10° from the front{told})"


@pytest.mark.parametrize("name", ["<script>alert(1)</script>.mp4", '"><img src=x>.mp4', "a&b.mp4"])
def test_names_are_escaped(renamed, name):
    page = Page(render_html(renamed(name), [], {}))
    assert page.all("script") == []
    assert page.all("img") == []
    assert name in page.text


def test_hostile_reasons_and_cues_are_escaped(analysis):
    rep = analysis.reps[0]
    bad = replace(rep.checks[2], reason="<b>x</b>", id="squat.<i>")
    page = Page(render_html(replace(analysis, reps=(replace(rep, checks=(bad,)),)), [], {}))
    assert page.all("b") == []


def test_unknown_exercise_says_so_and_what_to_try(unknown):
    page = Page(render_html(unknown, [], {}))
    assert "No exercise recognised" in page.text
    assert "not recognised as a deadlift, hip thrust, lunge or squat" in page.text
    assert "Film from the side" in page.text
    assert page.all("img") == []


def test_what_was_seen_comes_before_general_advice_where_nothing_was_found(unknown):
    seen = (
        CaptureWarning("exercise_unknown", "Name the exercise."),
        CaptureWarning("picture_turned", "The picture lies on its side."),
    )
    page = Page(
        render_html(replace(unknown, capture=replace(unknown.capture, warnings=seen)), [], {})
    )
    text = page.text
    assert text.index("lies on its side") < text.index("Film from the side")
    assert text.count("lies on its side") == 1
    assert "Name the exercise." not in text  # the title says so
    assert "About the recording" not in text


def test_a_named_variant_is_the_title_beside_its_lift(analysis):
    named = replace(analysis.exercise, id="lunge", variant="reverse_lunge")
    page = render_html(replace(analysis, exercise=named), [], {})
    assert "<h1>Reverse lunge</h1>" in page
    assert "<dd>lunge, recognised" in page


def test_no_reps_says_so(analysis):
    page = Page(render_html(replace(analysis, reps=()), [], {}))
    assert "No complete repetition of a squat was found" in page.text


def test_reps_that_were_taken_out_by_hand_are_no_matter_of_filming(analysis):
    page = Page(render_html(replace(analysis, reps=(), reps_source="corrected"), [], {}))
    assert "No repetition of a squat is marked" in page.text
    assert "Film from the side" not in page.text


def test_nothing_judged_is_no_failure(analysis):
    checks = tuple(c for c in analysis.reps[1].checks if c.reason)
    only = replace(analysis, reps=(replace(analysis.reps[1], checks=checks),))
    counts = {Verdict.CANNOT_TELL: len(checks)}
    summary = replace(only.summary, score=float("nan"), cues=(), verdict_counts=counts)
    text = Page(render_html(replace(only, summary=summary), [], {})).text
    assert "no score" in text
    assert "Nothing could be judged in this clip. Each check below says why" in text
    close = replace(summary, verdict_counts={Verdict.BORDERLINE: 1})
    text = Page(render_html(replace(only, summary=close), [], {})).text
    assert "All that could be measured is too close to its limit to call." in text
    assert "says why" not in text  # a borderline check has nothing to say of it


def test_a_profile_that_turns_all_checks_off_is_why_nothing_is_judged(all_off):
    page = Page(render_html(all_off, [], {}))
    assert "the profile “Counting only” turns all checks off" in page.text
    assert "says why" not in page.text
    assert "could be judged" not in page.text
    assert page.all("table") == []


def test_what_drifts_has_its_measures_unit_and_error(analysis):
    def rep(depth_deg, travel_cm):
        measures = {
            "hip_flexion_bottom": Measure(depth_deg, 5.0, "deg", 0),
            "hip_travel": Measure(travel_cm, 1.0, "cm", 0),
            "knee_flexion_top": Measure(math.nan, 5.0, "deg", 0),
        }
        return replace(analysis.reps[0], measures=measures)

    reps = (rep(100.0, 50.0), rep(90.0, 40.0), rep(99.8, 44.86))
    drift = {"hip_flexion_bottom": -0.2, "hip_travel": -5.14, "knee_flexion_top": math.nan}
    tired = replace(analysis, reps=reps, summary=replace(analysis.summary, drift=drift))
    text = Page(render_html(tired, [], {})).text
    assert "Hip bend at the bottom 0° ± 7°, no change" in text
    assert "Hip travel -5 cm ± 1 cm" in text
    assert "Knee bend at the top" not in text.partition("last third")[2]


def test_a_limit_is_dashed_in_the_legend_as_it_is_in_the_chart(browser, text):
    page = browser.new_page()
    page.set_content(text)
    shot = page.locator(".limitkey").screenshot()
    page.close()
    with Image.open(io.BytesIO(shot)) as image:
        line = np.asarray(image.convert("L"), dtype=int)[1]
    assert (np.abs(np.diff(line)) > 60).sum() >= 3  # it is interrupted


def test_key_frames_are_the_frames_that_the_checks_were_read_at(analysis):
    assert key_times(analysis)[:2] == [(1, "bottom", 1.0), (1, "top", 1.48)]


def test_key_frames_are_cropped_to_the_lifter(analysis, clip):
    frame = make_key_frames(clip, analysis, max_height=200)[0]
    assert frame.height <= 200
    assert frame.width < frame.height  # the clip is wider than high, the lifter is not


def test_front_view_and_empty_signals_make_a_page(analysis):
    front = replace(analysis, capture=Capture("front", 5.0, 3.0, "left"))
    assert Page(render_html(front, [], {})).all("svg")
    seen, unseen = (timeline_svg(a, WIDE) for a in (analysis, front))
    assert re.search(r"\d°<", seen)
    assert not re.search(r"\d°<", unseen)  # a curve, but not how many degrees
    assert "its rhythm" in unseen


def test_a_clip_that_never_shows_the_shoulders_makes_a_page_without_a_chart():
    """There is no angle in it, and so nothing to draw."""
    raw = film_lift("squat")
    presence = raw.presence.copy()
    presence[:, [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]] = 0.0
    unseen = to_analysis(CLIP, "full", "1" * 64, replace(raw, presence=presence), "squat")
    page = Page(render_html(unseen, [], {}))
    assert "Timeline" not in page.words
    assert any("No complete repetition" in text for text in page.words)


def test_write_all_gives_the_files_of_the_contract(analysis, clip, tmp_path, rule_info):
    stages = []
    folder = tmp_path / "new" / "out"
    files = write_all(
        clip, analysis, folder, rule_info=rule_info, progress=lambda s, _: stages.append(s)
    )
    names = {"report.json", "frames.csv", "report.html", "annotated.mp4"}
    assert {p.name for p in files} == names == {p.name for p in folder.iterdir()}
    assert {"report", "video"} == set(stages)


def test_write_all_without_the_video(analysis, clip, tmp_path):
    assert len(write_all(clip, analysis, tmp_path, video=False)) == 3
    assert not (tmp_path / "annotated.mp4").exists()


def test_missing_clip_leaves_no_page(analysis, tmp_path):
    with pytest.raises(ClipError):
        write_html(tmp_path / "none.mp4", analysis, tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []
