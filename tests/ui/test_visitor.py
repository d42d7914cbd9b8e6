"""A browser keeps its cookie, and with it its sets, however it comes to the page."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from visits import visiting

from formcheck.ui.visitor import COOKIE

TOKEN = "v" * 43
OWN = f"{COOKIE}={TOKEN}"


def _given(served, path="/", **headers):
    """The visitor that an answer names, and its status."""
    link = http.client.HTTPConnection(urlsplit(served.address).netloc, timeout=20)
    try:
        link.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = link.getresponse()
        answer.read()
        cookie = answer.headers["set-cookie"] or ""
        return cookie.partition("=")[2].partition(";")[0], answer
    finally:
        link.close()


def _visitor(context, served):
    [token] = [c["value"] for c in context.cookies(served.address) if c["name"] == COOKIE]
    return token


@pytest.fixture
def elsewhere(served):
    """Another site (by its name), with a link to the page."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(f'<a href="{served.address}/">my sets</a>'.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://localhost:{site.server_port}/"
        site.shutdown()


def test_whoever_follows_a_link_to_the_page_is_still_the_same_visitor(browser, served, elsewhere):
    """A cookie that is held back then is replaced by a new one: all sets would be out of reach."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(served.address)
        first = _visitor(context, served)
        page.goto(elsewhere)
        page.get_by_text("my sets").click()
        page.get_by_text("Try a sample").wait_for(timeout=20_000)
        assert _visitor(context, served) == first
    finally:
        context.close()


def test_each_visit_renews_the_own_cookie(served):
    """Numbers are kept until they are deleted: a cookie that ended would end them, too."""
    token, answer = _given(served, cookie=OWN)
    assert token == TOKEN
    assert "Max-Age=31536000" in answer.headers["set-cookie"]


def test_cookies_of_other_programs_on_this_machine_cost_nobody_their_own(served):
    """Cookies know no ports; some hold what Python's own reader gives up at."""
    token, _ = _given(served, cookie=f'prefs={{"theme": "dark"}}; {OWN}')
    assert token == TOKEN


def test_a_page_that_the_browser_has_already_comes_with_a_cookie(served):
    _, answer = _given(served)
    known = {"if_none_match": answer.headers["etag"], "accept": "text/html,*/*;q=0.8"}
    token, answer = _given(served, **known)
    assert answer.status == 304
    assert len(token) == 43


@pytest.mark.parametrize("path", ["/formcheck/sets/x/report.html", "/favicon.png"])
def test_what_is_not_the_page_gives_no_cookie(served, path):
    token, _ = _given(served, path, accept="*/*")
    assert token == ""


def test_the_cookie_is_not_for_scripts(browser, served):
    with visiting(browser, served) as page:
        assert COOKIE not in page.evaluate("document.cookie")
