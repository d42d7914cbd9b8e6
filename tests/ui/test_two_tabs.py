"""One set in two tabs of a browser: what is done in one is not undone from the other."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from visits import ANALYSIS_MS, reviewing

_BACK = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture(scope="module")
def tabs(browser, served):
    """A reviewed sample, and the same set in a second tab."""
    with reviewing(browser, served, expected="404") as page:
        other = page.context.new_page()
        other.goto(page.url)
        other.locator("a[data-file='annotated.mp4']").wait_for(timeout=ANALYSIS_MS)
        yield page, other


def _delete_a_rep(page):
    page.get_by_role("button", name="Correct the reps").click()
    page.get_by_role("button", name=re.compile("^Delete rep")).click()


def test_reps_put_right_in_another_tab_are_seen_in_this_one(tabs):
    """Scored again from here, the reps as they were counted took the place of those by hand."""
    first, second = tabs
    bars = second.locator(".review .bar").count()
    _delete_a_rep(first)
    first.get_by_role("button", name="Score again").click()
    expect(first.locator(".facts")).to_contain_text("by hand", timeout=ANALYSIS_MS)
    second.evaluate(_BACK)
    expect(second.locator(".facts")).to_contain_text("by hand", timeout=ANALYSIS_MS)
    expect(second.locator(".review .bar")).to_have_count(bars - 1)


def test_marks_of_a_squat_are_none_of_a_deadlift(tabs):
    """They turn at the bottom; shown as tops, they would be scored as such."""
    first, second = tabs
    first.locator("a[data-file='annotated.mp4']").wait_for(timeout=ANALYSIS_MS)
    _delete_a_rep(first)
    field = second.locator("[class*=st-key-correct_] input")
    option = second.get_by_role("option", name="Deadlift", exact=True)
    field.scroll_into_view_if_needed()
    for _ in range(5):  # the list closes when the page still scrolls
        field.click()
        second.wait_for_timeout(1_000)
        if option.count():
            option.click()
            break
    expect(second.locator(".review h1")).to_have_text("Deadlift", timeout=ANALYSIS_MS)
    first.evaluate(_BACK)
    expect(first.locator(".review h1")).to_have_text("Deadlift", timeout=ANALYSIS_MS)
    expect(first.get_by_role("button", name="Correct the reps")).to_be_visible()


def test_a_set_that_was_deleted_in_another_tab_is_said_to_be(tabs):
    first, second = tabs
    second.get_by_role("button", name="Delete").first.click()
    second.get_by_role("button", name="Delete this set").click()
    expect(second.get_by_text("Try a sample")).to_be_visible(timeout=15_000)
    first.evaluate(_BACK)
    expect(first.locator(".state")).to_contain_text("not here any more", timeout=15_000)
