"""The page as people meet it: a real browser, a real server, real analysis of sample clips."""

from __future__ import annotations

import contextlib
import json
import math
import re

import pytest
from playwright.sync_api import TimeoutError as NotInTime
from playwright.sync_api import expect
from visits import ANALYSIS_MS, open_notes, visiting

from formcheck.report import words
from formcheck.ui.sets import Shelf

FRAME_S = 1 / 24


def _report(page, served):
    """report.json of the set that is shown."""
    name = re.search(r"set=([0-9a-f]{20})", page.url)[1]
    [file] = served.data.glob(f"visitors/*/{name}/report.json")
    return json.loads(file.read_text())


def _reps(page, served):
    return _report(page, served)["reps"]


@pytest.fixture(scope="module")
def reviewed(browser, served):
    """A visitor who pressed on a sample; one click from nothing to the review."""
    with visiting(browser, served) as page:
        page.get_by_role("button", name="Squat, with faults").click()
        page.locator(".review .bar").first.wait_for(timeout=ANALYSIS_MS)
        page.locator("a[data-file='annotated.mp4']").wait_for(timeout=ANALYSIS_MS)
        page.wait_for_function(_VIDEO + ".readyState >= 2", timeout=20_000)
        yield page


_VIDEO = (
    "[...document.querySelectorAll('*')].map(n => n.shadowRoot).filter(Boolean)"
    ".map(r => r.querySelector('video')).find(Boolean)"
)


def _video_time(page):
    page.wait_for_function(f"!{_VIDEO}.seeking")
    return page.evaluate(f"{_VIDEO}.currentTime")


def test_the_nth_bar_shows_that_reps_start(reviewed, served):
    reps = _reps(reviewed, served)
    assert reviewed.locator(".review .bar").count() == len(reps) >= 4
    for number in (4, 1, 3):
        reviewed.locator(f".bar[data-rep='{number}']").click()
        assert _video_time(reviewed) == pytest.approx(reps[number - 1]["start_s"], abs=FRAME_S)
        expect(reviewed.locator(".rep h3")).to_have_text(f"Rep {number}")


def test_a_verdict_shows_its_very_frame(reviewed, served):
    check = _reps(reviewed, served)[1]["checks"][0]
    mark = reviewed.locator(".glance tbody tr").first.locator("button").nth(1)
    mark.click()
    assert _video_time(reviewed) == pytest.approx(check["at_s"], abs=FRAME_S)


def test_what_to_try_is_seen_before_the_timeline_on_a_phone(reviewed):
    cues = reviewed.locator(".cues").bounding_box()
    assert cues["y"] + cues["height"] < reviewed.locator(".timeline").bounding_box()["y"]
    reviewed.evaluate("scrollTo(0, 0)")


def test_keys_step_frames_and_reps(reviewed, served):
    reps = _reps(reviewed, served)
    reviewed.locator(".bar[data-rep='1']").click()
    reviewed.locator(".stage").focus()
    start = _video_time(reviewed)
    reviewed.keyboard.press("ArrowRight")
    assert 0 < _video_time(reviewed) - start < 2 * FRAME_S
    reviewed.keyboard.press("ArrowDown")
    assert _video_time(reviewed) == pytest.approx(reps[1]["start_s"], abs=FRAME_S)
    reviewed.keyboard.press("ArrowUp")
    assert _video_time(reviewed) == pytest.approx(reps[0]["start_s"], abs=FRAME_S)


def test_playing_moves_the_cursor(reviewed):
    cursor = reviewed.locator(".cursor")
    reviewed.locator(".bar[data-rep='1']").click()
    before = cursor.bounding_box()["x"]
    reviewed.locator(".stage .play").click()
    reviewed.wait_for_function(f"{_VIDEO}.currentTime > 1.5")
    reviewed.locator(".stage .play").click()
    assert cursor.bounding_box()["x"] > before + 3


def test_the_trace_is_pressed_and_the_video_goes_there(reviewed):
    box = reviewed.locator(".panel .chart").first.bounding_box()
    duration = reviewed.evaluate(f"{_VIDEO}.duration")
    panel = reviewed.locator(".panel .chart").first
    panel.click(position={"x": box["width"] * 0.5, "y": box["height"] * 0.5})
    assert _video_time(reviewed) == pytest.approx(duration / 2, abs=0.3)


def test_reloading_keeps_the_set(reviewed):
    count = reviewed.locator(".review .bar").count()
    reviewed.reload()
    reviewed.locator(".review .bar").first.wait_for(timeout=20_000)
    assert reviewed.locator(".review .bar").count() == count


def test_everything_can_be_taken_along(reviewed, tmp_path):
    for name in ("report.html", "report.json", "frames.csv", "annotated.mp4"):
        with reviewed.expect_download() as download:
            reviewed.locator(f"a[data-file='{name}']").click()
        file = tmp_path / name
        download.value.save_as(file)
        assert file.stat().st_size > 500
        assert download.value.suggested_filename.endswith(name)


def test_a_rep_is_corrected_by_keys_and_scored_again(reviewed, served):
    before = _reps(reviewed, served)
    reviewed.locator(".bar[data-rep='4']").click()
    reviewed.get_by_role("button", name="Correct the reps").click()
    start = reviewed.get_by_role("slider", name="Start of rep 4")
    start.focus()
    for _ in range(3):
        reviewed.keyboard.press("ArrowRight")
    moved = float(start.get_attribute("aria-valuenow"))
    assert moved == pytest.approx(before[3]["start_s"] + 3 * FRAME_S, abs=FRAME_S)
    assert _video_time(reviewed) == pytest.approx(moved, abs=FRAME_S)
    reviewed.get_by_role("button", name="Score again").click()
    said = reviewed.locator(".state")
    expect(said).to_contain_text("Scoring again")
    assert 0 < said.bounding_box()["y"] < 844  # on a phone as well
    expect(reviewed.locator(".facts")).to_contain_text("corrected by hand", timeout=ANALYSIS_MS)
    report = _report(reviewed, served)
    assert report["reps_source"] == "corrected"
    assert report["reps"][3]["start_s"] == pytest.approx(moved, abs=0.006)
    assert [r["turn_s"] for r in report["reps"]] == [r["turn_s"] for r in before]


def test_a_rep_is_dragged_deleted_added_and_all_is_taken_back(reviewed, served):
    number = len(_reps(reviewed, served))
    turn = _reps(reviewed, served)[0]["turn_s"]
    bars = reviewed.locator(".review .bar")
    reviewed.locator("a[data-file='annotated.mp4']").wait_for(timeout=ANALYSIS_MS)
    reviewed.locator(".bar[data-rep='2']").click()
    reviewed.get_by_role("button", name="Correct the reps").click()
    reviewed.get_by_role("button", name="Correct rep 1", exact=True).click()
    end = reviewed.get_by_role("slider", name="End of rep 1")
    end.scroll_into_view_if_needed()
    old, box = float(end.get_attribute("aria-valuenow")), end.locator("i").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    reviewed.mouse.move(x, y)
    reviewed.mouse.down()
    reviewed.mouse.move(x - 8, y, steps=4)
    reviewed.mouse.up()
    assert float(end.get_attribute("aria-valuenow")) < old
    reviewed.get_by_role("button", name="Delete rep 1").click()
    reviewed.get_by_role("button", name="Score again").click()
    expect(bars).to_have_count(number - 1, timeout=ANALYSIS_MS)

    reviewed.get_by_role("button", name="Correct the reps").click()
    add = reviewed.get_by_role("button", name="Add a rep")
    reviewed.locator(".review .mark").first.click()  # the video goes to the turn of a marked rep
    add.click()
    expect(reviewed.locator(".editor .hint")).to_contain_text("missed rep")
    slider = reviewed.get_by_label("Position in the clip, by frame")
    slider.fill(str(round(turn / FRAME_S)))
    add.click()
    expect(reviewed.locator(".review .mark")).to_have_count(number)
    reviewed.get_by_role("button", name="Score again").click()
    expect(bars).to_have_count(number, timeout=ANALYSIS_MS)
    assert _reps(reviewed, served)[0]["turn_s"] == pytest.approx(turn, abs=0.1)

    reviewed.get_by_role("button", name="Correct the reps").click()
    reviewed.get_by_role("button", name="Back to the counted reps").click()
    expect(reviewed.locator(".facts")).not_to_contain_text("by hand", timeout=ANALYSIS_MS)
    assert "reps_source" not in _report(reviewed, served)


_PAIR = (
    "[...document.querySelectorAll('*')].map(n => n.shadowRoot).filter(Boolean)"
    ".flatMap(r => [...r.querySelectorAll('.compare video')])"
)


def _pair_times(page):
    page.wait_for_function(
        f"{_PAIR}.length === 2 && {_PAIR}.every(v => v.readyState && !v.seeking)"
    )
    return page.evaluate(f"{_PAIR}.map(v => v.currentTime)")


def test_two_reps_side_by_side_show_the_same_moment(reviewed, served):
    reps = _reps(reviewed, served)
    scores = [rep["score"] for rep in reps]
    best, worst = scores.index(max(scores)), len(scores) - 1 - scores[::-1].index(min(scores))
    reviewed.locator(".compare").scroll_into_view_if_needed()
    turns = [reps[best]["turn_s"], reps[worst]["turn_s"]]
    assert _pair_times(reviewed) == pytest.approx(turns, abs=FRAME_S)
    reviewed.locator(".phase").fill("-0.4")
    assert _pair_times(reviewed) == pytest.approx([t - 0.4 for t in turns], abs=FRAME_S + 0.01)
    reviewed.get_by_label("Second rep").first.select_option("2")
    turns[1] = reps[1]["turn_s"]
    assert _pair_times(reviewed) == pytest.approx(turns, abs=FRAME_S)


def test_pictures_side_by_side_are_whole(reviewed):
    """Captions are drawn into them: what is cut off is lost."""
    for width in (390, 1280):
        reviewed.set_viewport_size({"width": width, "height": 844})
        reviewed.locator(".compare").scroll_into_view_if_needed()
        _pair_times(reviewed)  # they are loaded when they come into view
        whole = reviewed.evaluate(
            f"{_PAIR}.map(v => [v.clientWidth / v.clientHeight, v.videoWidth / v.videoHeight])"
        )
        assert len(whole) == 2
        for shown, taken in whole:
            assert shown == pytest.approx(taken, rel=0.02)
        sides = reviewed.locator(".compare .one")
        first, second = (sides.nth(n).bounding_box() for n in range(2))
        assert (first["y"] == second["y"]) is (width > 600)
    reviewed.set_viewport_size({"width": 390, "height": 844})


def test_differences_within_the_error_are_grey(reviewed, served):
    reps = _reps(reviewed, served)
    rows = reviewed.locator(".differences tbody tr")
    first, second = (
        int(reviewed.get_by_label(f"{n} rep").first.input_value()) for n in ("First", "Second")
    )
    shown = 0
    for name, measure in reps[first - 1]["measures"].items():
        other = reps[second - 1]["measures"][name]
        if measure["value"] is None or other["value"] is None:
            continue
        beyond = abs(other["value"] - measure["value"]) > math.hypot(
            measure["error"], other["error"]
        )
        row = rows.filter(has_text=words.measure_title(name)).first
        assert ("sure" in row.get_attribute("class").split()) is beyond, name
        shown += 1
    assert shown > 5


def test_the_video_comes_even_when_the_work_ends_between_two_looks(browser, served):
    """The status said "not busy" with an old revision once; the page must not stop there."""
    told = []

    def status(route):
        answer = route.fetch()
        said = answer.json()
        if len(told) < 2:
            said |= {"busy": False, "drawn": False, "rev": told[0]["rev"] if told else said["rev"]}
        told.append(said)
        route.fulfill(response=answer, json=said)

    with visiting(browser, served) as page:
        page.route("**/status", status)
        page.get_by_role("button", name="Lunge, with faults").click()
        page.locator(".review .bar").first.wait_for(timeout=ANALYSIS_MS)
        page.locator("a[data-file='annotated.mp4']").wait_for(timeout=ANALYSIS_MS)
        assert len(told) > 2


def test_another_exercise_is_scored_at_once(reviewed):
    title = reviewed.locator(".review h1")
    for exercise in ("Lunge", "Squat"):
        field = reviewed.locator("[class*=st-key-correct_] input")
        field.scroll_into_view_if_needed()
        option = reviewed.get_by_role("option", name=exercise, exact=True)
        for _ in range(5):  # the list closes when the page still scrolls
            field.click()
            with contextlib.suppress(NotInTime):
                option.click(timeout=2_000)
                break
        expect(title).to_have_text(exercise, timeout=20_000)
    expect(reviewed.locator(".review .bar").first).to_be_visible()


def test_what_a_lifter_says_of_a_set_is_kept(reviewed):
    for before, load in (("", "80"), ("80.00", "82.5"), ("82.50", ""), ("", "75")):
        if before or load == "75":
            reviewed.reload()
        field = reviewed.get_by_label("Load, kg")
        open_notes(reviewed, field)
        expect(field).to_have_value(before)
        field.fill(load)
        told = reviewed.get_by_text("Kept: see Progress.")
        for _ in range(3):  # a click is lost while the page below still moves
            reviewed.get_by_role("button", name="Keep", exact=True).click()
            with contextlib.suppress(AssertionError):
                expect(told).to_be_visible(timeout=7_000)
                break
        expect(told).to_be_visible()


def test_what_was_written_outlasts_a_closed_form(reviewed):
    reviewed.reload()
    head, notes = reviewed.get_by_text("Load, tags and notes"), reviewed.get_by_label("Notes")
    open_notes(reviewed, notes)
    notes.fill("felt easy")
    head.click()
    reviewed.wait_for_timeout(1_500)  # the page has run once more
    expect(notes).to_be_hidden()
    head.click()
    expect(notes).to_have_value("felt easy")


def test_a_reviewed_set_is_under_progress_and_opens_from_there(reviewed, served):
    name = re.search(r"set=([0-9a-f]{20})", reviewed.url)[0]
    reviewed.goto(served.address)
    reviewed.get_by_text("Progress", exact=True).click()
    chart = reviewed.get_by_test_id("stVegaLiteChart").first
    expect(chart).to_be_visible(timeout=30_000)
    expect(reviewed.get_by_text("Depth", exact=True)).to_be_visible()
    reviewed.get_by_role("button", name="squat_faults.mp4").click()
    reviewed.locator(".review .bar").first.wait_for(timeout=20_000)
    assert name in reviewed.url


def test_reloading_stays_under_progress(browser, served):
    with visiting(browser, served) as page:
        page.get_by_text("Progress", exact=True).click()
        expect(page.get_by_text("Nothing to compare yet")).to_be_visible()
        page.reload()
        expect(page.get_by_text("Nothing to compare yet")).to_be_visible()


def test_the_face_is_hidden_in_the_video_when_asked(reviewed, served):
    name = re.search(r"set=([0-9a-f]{20})", reviewed.url)[1]
    [folder] = served.data.glob(f"visitors/*/{name}")
    reviewed.locator("a[data-file='annotated.mp4']").wait_for(timeout=ANALYSIS_MS)
    before = (folder / "annotated.mp4").stat().st_mtime_ns
    reviewed.get_by_text("Blur the face").click()
    expect(reviewed.locator(".screen .note")).to_have_text("Drawing the skeleton …", timeout=60_000)
    expect(reviewed.locator(".screen .note")).to_have_text("", timeout=ANALYSIS_MS)
    assert json.loads((folder / "set.json").read_text())["blur_face"]
    assert (folder / "annotated.mp4").stat().st_mtime_ns > before


def test_an_uploaded_clip_that_was_seen_before_opens_at_once(reviewed, served, root):
    name = re.search(r"set=([0-9a-f]{20})", reviewed.url)[0]
    reviewed.goto(served.address)
    clip = root / "sample_videos" / "squat_faults.mp4"
    reviewed.locator("input[type=file]").set_input_files(str(clip))
    reviewed.locator(".review .bar").first.wait_for(timeout=20_000)
    assert name in reviewed.url
    reviewed.locator(".bar[data-rep='4']").click()
    start = _reps(reviewed, served)[3]["start_s"]
    assert _video_time(reviewed) == pytest.approx(start, abs=FRAME_S)


def test_two_browsers_do_not_see_each_others_sets(reviewed, browser, served):
    with visiting(browser, served, width=1440) as other:
        other.goto(reviewed.url)
        expect(other.get_by_text("another browser")).to_be_visible(timeout=15_000)
        name = re.search(r"set=([0-9a-f]{20})", reviewed.url)[1]
        answer = other.request.get(f"{served.address}/formcheck/sets/{name}/report.json")
        assert answer.status == 404
        own = reviewed.request.get(
            f"{served.address}/formcheck/sets/{name}/clip.mp4",
            headers={"Range": "bytes=0-99"},
        )
        assert own.status == 206
        assert len(own.body()) == 100


def test_a_file_that_is_no_video_is_said_in_one_line(browser, served, tmp_path):
    clip = tmp_path / "notes.mp4"
    clip.write_bytes(b"these are notes, not a video")
    with visiting(browser, served) as page:
        page.locator("input[type=file]").set_input_files(str(clip))
        expect(page.get_by_test_id("stAlert")).to_contain_text("notes.mp4", timeout=30_000)


def test_a_deleted_set_is_gone(reviewed, served):
    name = re.search(r"set=([0-9a-f]{20})", reviewed.url)[1]
    assert list(served.data.glob(f"visitors/*/{name}"))
    reviewed.get_by_role("button", name="Delete").first.click()
    reviewed.get_by_role("button", name="Delete this set").click()
    expect(reviewed.get_by_text("Try a sample")).to_be_visible(timeout=15_000)
    assert not list(served.data.glob(f"visitors/*/{name}"))


def test_no_shelf_is_named_after_its_secret(served):
    assert not (served.data / "visitors" / "x").exists()
    assert Shelf("x", served.data).folder.name != "x"
