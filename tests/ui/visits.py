"""A browser on the page, which must ask nobody else for anything and complain of nothing."""

from __future__ import annotations

import contextlib
from urllib.parse import urlsplit

import pytest
import tracks
from playwright.sync_api import expect

from formcheck.ui import work
from formcheck.ui.sets import Shelf
from formcheck.ui.visitor import COOKIE, new_token

ANALYSIS_MS = 150_000
SAMPLE = "squat_clean"


@contextlib.contextmanager
def visiting(browser, served, width=390, expected="", **options):
    """A new visitor's page; in the end nothing went elsewhere and nothing was complained of.

    ``expected``: what belongs to the test in a complaint of the browser.
    """
    context = browser.new_context(viewport={"width": width, "height": 844}, **options)
    page = context.new_page()
    strangers, complaints = [], []
    host = served.address.partition("://")[2]
    page.on("request", lambda r: _is_stranger(r.url, host) and strangers.append(r.url))
    page.on("websocket", lambda w: _is_stranger(w.url, host) and strangers.append(w.url))
    page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        page.goto(served.address)
        yield page
        assert strangers == [], strangers
        unexpected = [c for c in complaints if not expected or expected not in c]
        assert unexpected == [], unexpected
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        context.close()


@contextlib.contextmanager
def reviewing(browser, served, **options):
    """A visitor who has had a sample analysed: from its kept landmarks, which is quicker."""
    visitor = new_token()
    clip = tracks.ROOT / "sample_videos" / f"{SAMPLE}.mp4"
    with pytest.MonkeyPatch.context() as patch, clip.open("rb") as stream:
        patch.setenv("FORMCHECK_DATA", str(served.data))  # for the history
        stored = Shelf(visitor, served.data).add(clip.name, stream, "auto", "full")
        stored.save_track(tracks.load(SAMPLE))
        stored.update(used="full")
        work.draw(stored, work.rescore(stored, lambda *_: None), lambda *_: None)
    host = urlsplit(served.address).hostname
    cookie = {"name": COOKIE, "value": visitor, "domain": host, "path": "/"}
    state = {"cookies": [cookie], "origins": []}
    with visiting(browser, served, storage_state=state, **options) as page:
        page.goto(f"{served.address}/?set={stored.card.id}")
        page.locator("a[data-file='annotated.mp4']").wait_for(timeout=ANALYSIS_MS)
        yield page


def open_notes(page, field):
    """Open load, tags and notes of a set, until a field of theirs is seen."""
    for _ in range(3):  # a click is lost while the page is drawn
        page.get_by_text("Load, tags and notes").click()
        with contextlib.suppress(AssertionError):
            expect(field).to_be_visible(timeout=7_000)
            return
    expect(field).to_be_visible()


def _is_stranger(url, host):
    return not url.startswith(("data:", "blob:")) and f"://{host}/" not in url
