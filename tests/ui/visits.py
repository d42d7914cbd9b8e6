"""A browser on the page, which must ask nobody else for anything and complain of nothing."""

from __future__ import annotations

import contextlib

ANALYSIS_MS = 150_000


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


def _is_stranger(url, host):
    return not url.startswith(("data:", "blob:")) and f"://{host}/" not in url
