"""Findings that change while somebody reads them: what they chose, opened and are at stays."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from visits import ANALYSIS_MS, reviewing

_FOCUS = (
    "[...document.querySelectorAll('*')].map(n => n.shadowRoot).filter(Boolean)"
    ".map(r => r.activeElement).find(Boolean)"
)


@pytest.fixture(scope="module")
def reviewed(browser, served):
    with reviewing(browser, served) as page:
        yield page


def _score_again(page, by):
    """Score the set without one of its reps, or as it was counted; ``by``: is it by hand then."""
    page.get_by_role("button", name="Correct the reps").click()
    if by:
        page.get_by_role("button", name=re.compile("^Delete rep")).click()
    act = page.get_by_role("button", name="Score again" if by else "Back to the counted reps")
    act.focus()
    page.keyboard.press("Enter")
    return page.locator(".facts").filter(has_text="by hand")


def test_who_uses_keys_is_where_they_were_after_scoring(reviewed):
    """The focus went to the top of the page, twice: as the button went, and with the findings."""
    expect(_score_again(reviewed, by=True)).to_be_visible(timeout=ANALYSIS_MS)
    assert reviewed.evaluate(f"{_FOCUS}?.textContent") == "Correct the reps"
    reviewed.locator("a[data-file='annotated.mp4']").wait_for(timeout=ANALYSIS_MS)
    assert reviewed.evaluate(f"{_FOCUS}?.textContent") == "Correct the reps"


def test_what_is_open_and_compared_stays_when_the_findings_change(reviewed):
    reviewed.locator("a[data-file='annotated.mp4']").wait_for(timeout=ANALYSIS_MS)
    reviewed.get_by_text("All measurements of rep").click()
    reviewed.get_by_text("Source:").nth(1).click()
    second = reviewed.get_by_label("Second rep").first
    kept = next(n for n in "123" if n != second.input_value())
    second.select_option(kept)
    expect(_score_again(reviewed, by=False)).to_have_count(0, timeout=ANALYSIS_MS)
    assert second.input_value() == kept
    assert reviewed.locator(".rep details[open]").count() == 2
    reviewed.locator("a[data-file='annotated.mp4']").wait_for(timeout=ANALYSIS_MS)
    assert second.input_value() == kept
    assert reviewed.locator(".rep details[open]").count() == 2


def test_a_video_that_plays_slowly_goes_on_when_the_findings_change(reviewed):
    """It stopped, at full speed, as the skeleton was drawn; so did the two side by side."""
    reviewed.locator("a[data-file='annotated.mp4']").wait_for(timeout=ANALYSIS_MS)
    changed = _score_again(reviewed, by=True)
    stage, pair = reviewed.locator(".stage"), reviewed.locator(".compare")
    stage.get_by_label("Speed").select_option("0.1")
    pair.get_by_label("Speed").select_option("0.5")
    pair.get_by_label("Seconds from the turn").fill("0.3")
    stage.get_by_role("button", name="Play (space)").click()
    expect(changed).to_be_visible(timeout=ANALYSIS_MS)
    reviewed.locator("a[data-file='annotated.mp4']").wait_for(timeout=ANALYSIS_MS)
    expect(stage.get_by_role("button", name="Pause (space)")).to_be_visible()
    assert stage.get_by_label("Speed").input_value() == "0.1"
    assert stage.locator("video").evaluate("v => [v.paused, v.playbackRate]") == [False, 0.1]
    assert pair.get_by_label("Speed").input_value() == "0.5"
    rates = pair.locator("video").evaluate_all("all => all.map((v) => v.defaultPlaybackRate)")
    assert rates == [0.5, 0.5]
    assert pair.get_by_label("Seconds from the turn").input_value() == "0.3"


def test_the_controls_of_the_marks_fit_the_narrowest_window(reviewed):
    """A phone of 320 pixels, or a window at 400 %: *Here* was cut off."""
    reviewed.set_viewport_size({"width": 320, "height": 640})
    reviewed.get_by_role("button", name="Correct the reps").click()
    reviewed.locator(".editor button").first.wait_for()
    card = reviewed.locator(".timeline").bounding_box()
    for control in reviewed.locator(".editor button").all():
        box = control.bounding_box()
        assert box["x"] + box["width"] <= card["x"] + card["width"]
    reviewed.get_by_role("button", name="Leave as it was").click()
    reviewed.set_viewport_size({"width": 390, "height": 844})
