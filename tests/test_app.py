"""The page: as a script with Streamlit's tester, and as people meet it in a browser."""

from __future__ import annotations

import dataclasses
import io
import math
import socket
import subprocess
import tempfile
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from formcheck import job
from formcheck.errors import ClipError, UsageError
from formcheck.types import Recognition, SetSummary
from formcheck.ui import launch, work

START_S = 60.0
ANALYSIS_MS = 240_000


@pytest.fixture
def page(root):
    return AppTest.from_file(str(root / "app.py"), default_timeout=60).run()


def _press_a_sample(page, monkeypatch, result):
    def analyse(*_args):
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(work, "analyse", analyse)
    return page.button("sample_squat_01_male_side").click().run()


def _texts(page):
    return [element.value for kind in (page.markdown, page.caption) for element in kind]


def test_the_first_look(page):
    assert not page.exception
    assert page.title[0].value == "FormCheck"
    assert any("Nothing leaves this machine" in text for text in _texts(page))
    assert page.button("analyse").disabled
    assert page.selectbox("exercise").options[0] == "Find out"


def test_a_sample_shows_score_cues_reps_and_files(page, squat_set, monkeypatch):
    outcome = work.Outcome(squat_set, {"report.html": b"<html>", "report.json": b"{}"})
    page = _press_a_sample(page, monkeypatch, outcome)
    assert not page.exception
    assert {m.label: m.value for m in page.metric} == {
        "Score": "82",
        "Repetitions": "3",
        "View": "Side",
    }
    assert any("Sit deeper" in text for text in _texts(page))
    assert page.warning[0].value == "The picture is dim."
    table = page.table[0].value
    assert list(table.loc["Score"]) == ["100", "64", "–"]
    assert [mark[-2] for mark in table.loc["Depth"]] == ["✓", "✗", "≈"]


def test_what_could_not_be_judged_is_not_praised(page, squat_set, monkeypatch):
    unseen = dataclasses.replace(
        squat_set,
        reps=tuple(dataclasses.replace(r, checks=r.checks[1:]) for r in squat_set.reps),
        summary=SetSummary(math.nan, {}, (), {}, {}),
    )
    page = _press_a_sample(page, monkeypatch, work.Outcome(unseen, {}))
    assert page.metric[0].value == "–"
    assert not page.success
    assert page.info[0].value == "Nothing could be judged in this clip."


def test_no_exercise_is_said(page, squat_set, monkeypatch):
    nothing = dataclasses.replace(squat_set, exercise=Recognition(None, 0.1, "recognised"), reps=())
    page = _press_a_sample(page, monkeypatch, work.Outcome(nothing, {}))
    assert page.subheader[0].value == "No exercise recognised"
    assert "No repetition was found" in page.info[0].value


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ClipError("clip.mp4: not a video"), "clip.mp4: not a video"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_an_error_is_one_line_on_the_page(page, monkeypatch, error, says):
    page = _press_a_sample(page, monkeypatch, error)
    assert not page.exception
    assert says in page.error[0].value
    assert not page.metric


def test_an_error_takes_the_results_before_it_away(page, squat_set, monkeypatch):
    page = _press_a_sample(page, monkeypatch, work.Outcome(squat_set, {}))
    assert page.metric
    page = _press_a_sample(page, monkeypatch, ClipError("clip.mp4: not a video"))
    assert page.error
    assert not page.metric


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_of_a_clip_stays_on_the_disk(fails, squat_set, monkeypatch, tmp_path):
    seen = []

    def run(clip, out_dir, **_options):
        seen.append(clip)
        assert clip.read_bytes() == b"a clip"
        if fails:
            raise ClipError("broken")
        out_dir.mkdir()
        (out_dir / "report.json").write_bytes(b"{}")
        return job.Done(squat_set, (out_dir / "report.json",))

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(job, "run", run)
    try:
        outcome = work.analyse("a.mp4", io.BytesIO(b"a clip"), "auto", "full", lambda *_: None)
        assert outcome.files == {"report.json": b"{}"}
    except ClipError:
        assert fails
    assert seen[0].is_relative_to(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("my set.mp4", "my set.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\clips\\a.mov", "a.mov"),
        ("..", "clip.mp4"),
        ("", "clip.mp4"),
        ("x" * 400 + ".mp4", "x" * work.NAME_MAX + ".mp4"),
    ],
)
def test_an_uploaded_name_stays_in_its_folder(name, safe):
    assert work.safe_name(name) == safe


def test_both_ways_to_start_are_as_private(root):
    config = tomllib.loads((root / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    flat = {f"{a}.{b}": value for a, group in config.items() for b, value in group.items()}
    assert flat == {**launch.OPTIONS, "server.address": "127.0.0.1"}
    assert flat["browser.gatherUsageStats"] is False


def test_a_port_in_use_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"127.0.0.1:{port}"):
            launch.serve("127.0.0.1", port)


@pytest.fixture(scope="module")
def served(root, tmp_path_factory):
    """The address of the page, served as ``formcheck app`` serves it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("served") / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            launch.command("127.0.0.1", port), cwd=root, stdout=output, stderr=output
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the page did not start: {log.read_text()}")


@pytest.mark.parametrize("width", [390, 1440])
def test_a_clip_in_a_real_browser(width, served, browser, sample_clip, tmp_path):
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    strangers = []
    page.on(
        "request",
        lambda r: r.url.startswith(("http", "ws")) and served not in r.url and strangers.append(r),
    )
    page.goto(served)
    page.locator("input[type=file]").set_input_files(str(sample_clip))
    page.get_by_role("button", name="Analyse").click()
    score = page.get_by_test_id("stMetric").filter(has_text="Score")
    score.wait_for(timeout=ANALYSIS_MS)
    assert 0 <= int(score.get_by_test_id("stMetricValue").inner_text()) <= 100
    page.wait_for_function("document.querySelector('video')?.readyState >= 2", timeout=20_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Report").click()
    download.value.save_as(tmp_path / "report.html")
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [request.url for request in strangers] == []
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    context.close()
