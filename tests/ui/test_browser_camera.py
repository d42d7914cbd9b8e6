"""A set recorded in a real browser, before a fake camera."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import contextmanager

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect
from visits import ANALYSIS_MS, visiting

from formcheck.video import read_frames
from tests.conftest import CHROMIUM_FLAGS

LIVE_MS = 90_000


@pytest.fixture(scope="module")
def camera(root, tmp_path_factory):
    """A squat set as the film of a fake camera, 30 pictures a second, over and over."""
    film = tmp_path_factory.mktemp("camera") / "squats.mjpeg"
    clip = root / "sample_videos" / "squat_clean.mp4"
    with film.open("wb") as output:
        for frame in read_frames(clip, max_side=640):
            picture = cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR)
            output.write(cv2.imencode(".jpg", picture)[1].tobytes())
    return film


@contextmanager
def _filming(browser, served, *flags, expected=""):
    """The page in a browser with a fake camera, at its way to record."""
    flags = [
        *CHROMIUM_FLAGS,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        *flags,
    ]
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    filming = browser.browser_type.launch(executable_path=program, args=flags)
    try:
        with visiting(filming, served, expected=expected) as page:
            page.get_by_text("Record", exact=True).click()
            yield page
    finally:
        filming.close()


def test_a_set_before_the_camera_is_counted_kept_and_reviewed(browser, served, camera):
    with _filming(browser, served, f"--use-file-for-fake-video-capture={camera}") as page:
        page.get_by_role("button", name="Turn on the camera").click()
        expect(page.locator(".advice-now")).to_have_text("Good. Ready when you are", timeout=30_000)
        page.get_by_role("button", name="Start now").click()
        three_or_more = re.compile(r"^([3-9]|\d\d+)$")  # a busy machine may count two at once
        expect(page.locator(".number")).to_have_text(three_or_more, timeout=LIVE_MS)
        expect(page.locator(".last")).not_to_be_empty(timeout=LIVE_MS)
        page.wait_for_timeout(700)
        live = int(page.locator(".number").inner_text())
        page.get_by_role("button", name="Stop").click()
        page.locator(".review .bar").first.wait_for(timeout=ANALYSIS_MS)
        assert page.locator(".review .bar").count() == live
        expect(page.locator(".review h1")).to_have_text("Squat")


def test_an_upright_picture_leaves_room_for_advice_buttons_and_count(browser, served, tmp_path):
    film = tmp_path / "upright.mjpeg"
    film.write_bytes(40 * cv2.imencode(".jpg", np.full((640, 360, 3), 128, np.uint8))[1].tobytes())
    with _filming(browser, served, f"--use-file-for-fake-video-capture={film}") as page:

        def seen(place):
            page.locator(place).wait_for()
            box = page.locator(place).bounding_box()
            return box["y"], box["y"] + box["height"]

        page.get_by_role("button", name="Turn on the camera").click()
        expect(page.locator(".advice-now")).to_have_text(re.compile("[a-z]{3}"), timeout=30_000)
        page.get_by_role("button", name="Start now").wait_for()
        assert seen(".mirror")[1] <= seen(".advice-now")[0]  # the feet are not covered
        phone = page.viewport_size
        for size in ({"width": 1280, "height": 720}, phone):
            page.set_viewport_size(size)
            assert seen(".start")[1] <= size["height"]
        page.get_by_role("button", name="Start now").click()
        expect(page.get_by_text("raise a hand")).to_be_hidden()
        assert seen(".stop")[1] <= page.viewport_size["height"]
        assert seen(".board")[0] >= seen(".mirror")[1]
        sideways = {"width": 844, "height": 390}
        page.set_viewport_size(sideways)
        expect(page.locator(".options")).to_be_hidden()
        for place in (".mirror", ".counter", ".last", ".stop"):
            box = page.locator(place).bounding_box()
            assert min(box["x"], box["y"]) >= 0
            assert box["x"] + box["width"] <= sideways["width"]
            assert box["y"] + box["height"] <= sideways["height"]
        page.set_viewport_size(phone)


def test_a_set_whose_connection_is_lost_is_kept_all_the_same(browser, served, tmp_path):
    """The tab was hidden or the server restarted: what was recorded is sent, again if need be."""
    links, sent = [], []

    def linked(link):
        links.append(link)

    def refuse(route):
        route.fulfill(status=507, body="The recording cannot be written: the disk is full.")

    def take(route):
        sent.append(route.request.url)
        route.fulfill(json={"set": "0" * 20})

    with _filming(browser, served, expected="status of 507") as page:
        page.route_web_socket("**/formcheck/live", linked)
        page.route("**/formcheck/recordings*", refuse)
        page.get_by_role("button", name="Turn on the camera").click()
        page.get_by_role("button", name="Start now").click()
        page.wait_for_timeout(1500)
        told = {"exercise": None, "title": "", "reps": 0, "last": None, "note": "It was turned."}
        links[0].send(json.dumps({"t": 0.0, "pose": None, "set": told}))
        expect(page.locator(".advice-now")).to_have_text("It was turned.")
        links[0].close()
        expect(page.locator(".advice-now")).to_contain_text("the disk is full. It is still")
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the recording").click()
        download.value.save_as(tmp_path / "set")
        assert (tmp_path / "set").stat().st_size > 1000
        assert re.fullmatch(r"set [\d-]+ [\d.]+\.(mp4|webm)", download.value.suggested_filename)
        page.unroute("**/formcheck/recordings*")
        page.route("**/formcheck/recordings*", take)
        with page.expect_response("**/formcheck/recordings*"):
            page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("button", name="Try again")).to_be_hidden()
        assert len(sent) == 1


def test_a_set_that_is_left_is_kept_all_the_same(browser, served):
    """Another part of the page is opened, or the tab is about to go: the browser asks first."""
    sent, asked = [], []

    def take(route):
        sent.append(len(route.request.post_data_buffer or b""))
        route.fulfill(json={"set": "0" * 20})

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    with _filming(browser, served) as page:
        page.on("dialog", stay)
        page.route_web_socket("**/formcheck/live", lambda _link: None)
        page.route("**/formcheck/recordings*", take)
        page.get_by_role("button", name="Turn on the camera").click()
        page.get_by_role("button", name="Start now").click()
        page.wait_for_timeout(1500)
        page.close(run_before_unload=True)
        page.wait_for_timeout(500)
        assert asked == ["beforeunload"]
        with page.expect_response("**/formcheck/recordings*"):
            page.get_by_text("Sets", exact=True).click()
        assert len(sent) == 1
        assert sent[0] > 1000
        expect(page.get_by_role("button", name="Start now")).to_have_count(0)
        page.get_by_text("Record", exact=True).click()
        page.get_by_role("button", name="Turn on the camera").wait_for()


def test_a_set_that_is_left_and_cannot_be_kept_is_saved_as_a_file(browser, served):
    with _filming(browser, served, expected="status of 507") as page:
        page.route_web_socket("**/formcheck/live", lambda _link: None)
        page.route("**/formcheck/recordings*", lambda r: r.fulfill(status=507, body="disk full"))
        page.get_by_role("button", name="Turn on the camera").click()
        page.get_by_role("button", name="Start now").click()
        page.wait_for_timeout(1500)
        with page.expect_download() as download:
            page.get_by_text("Sets", exact=True).click()
        assert re.fullmatch(r"set [\d-]+ [\d.]+\.(mp4|webm)", download.value.suggested_filename)


SLOW_CONNECTION = """
  window.sent = []; window.asked = 0;
  class Slow extends EventTarget {
    readyState = 0;
    constructor() {
      super();
      window.stand = () => { this.readyState = 1; this.dispatchEvent(new Event("open")); };
      window.lose = (code) => this.dispatchEvent(new CloseEvent("close", { code }));
    }
    send(data) { if (typeof data === "string") window.sent.push(JSON.parse(data)); }
    close() {}
  }
  window.WebSocket = new Proxy(WebSocket, { construct: (usual, given) =>
    String(given[0]).endsWith("/formcheck/live") ? new Slow() : new usual(...given) });
  const media = navigator.mediaDevices, opened = media.getUserMedia.bind(media);
  media.getUserMedia = async (wish) => {
    window.asked += 1;
    return window.camera = await opened(wish);
  };
"""


@contextmanager
def _slowly_connected(browser, served):
    """The page before its connection for live frames stands; ``stand()`` lets it."""
    with _filming(browser, served) as page:
        page.get_by_role("button", name="Turn on the camera").wait_for()
        page.wait_for_url("**=*")  # a reload stays here
        page.add_init_script(SLOW_CONNECTION)
        page.reload()
        page.get_by_role("button", name="Turn on the camera").wait_for()
        page.locator(".booth select").select_option("hip_thrust")
        yield page


def test_what_is_wished_before_the_connection_stands_is_not_lost(browser, served):
    """The set went on without being counted, and did not end by itself."""
    with _slowly_connected(browser, served) as page:
        page.get_by_role("button", name="Turn on the camera").dblclick()
        page.get_by_role("button", name="Start now").wait_for()
        assert page.evaluate("asked") == 1  # nobody would turn the other one off
        page.get_by_role("button", name="Start now").click()
        page.evaluate("stand()")
        assert page.evaluate("sent") == [{"do": "start", "exercise": "hip_thrust"}]


def test_the_exercise_that_was_chosen_first_is_known_to_the_help_with_placement(browser, served):
    """Who lies down for hip thrusts was told to hold the phone upright."""
    with _slowly_connected(browser, served) as page:
        page.get_by_role("button", name="Turn on the camera").click()
        page.get_by_role("button", name="Start now").wait_for()
        page.evaluate("stand()")
        assert page.evaluate("sent") == [{"do": "watch", "exercise": "hip_thrust"}]


def test_a_camera_that_goes_away_is_told(browser, served):
    with _slowly_connected(browser, served) as page:
        for end, told in (
            ("camera.getTracks()[0].dispatchEvent(new Event('ended'))", "The camera went away"),
            ("lose(1013)", "Too many cameras are on at once"),
            ("lose(1006)", "The connection was lost"),
        ):
            page.get_by_role("button", name="Turn on the camera").click()
            page.get_by_role("button", name="Start now").wait_for()
            page.evaluate(end)
            expect(page.locator(".advice-now")).to_contain_text(told)
            assert page.evaluate("camera.active") is False


def test_the_screen_stays_awake_also_after_the_page_was_hidden(browser, served):
    """Who looked at another app before the set had the phone lock itself in the middle of it."""
    with _slowly_connected(browser, served) as page:
        page.evaluate(
            """() => {
              window.locks = [];
              const request = async () => { locks.push({ released: false }); return locks.at(-1); };
              Object.defineProperty(navigator, "wakeLock", { value: { request } });
            }"""
        )
        page.get_by_role("button", name="Turn on the camera").click()
        page.wait_for_function("locks.length === 1")
        again = "document.dispatchEvent(new Event('visibilitychange'))"
        page.evaluate(again)
        page.evaluate(f"() => {{ locks[0].released = true; {again}; }}")
        page.wait_for_function("locks.length === 2")


def test_a_page_that_is_hidden_in_a_set_says_that_it_is_still_there(browser, served):
    """Another tab for half a minute, for music, and the set was over."""
    with _slowly_connected(browser, served) as page:
        page.evaluate("() => { const at = setInterval; setInterval = (f, ms) => at(f, ms / 20); }")
        page.get_by_role("button", name="Turn on the camera").click()
        page.get_by_role("button", name="Start now").click()
        page.evaluate("stand()")
        page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
        page.wait_for_function("sent.some((wish) => wish.do === 'wait')")
        assert page.evaluate("sent[0].do") == "start"


def test_a_camera_that_opens_after_the_page_was_left_is_turned_off(browser, served):
    """As when the question whether it is allowed is answered late."""
    with _slowly_connected(browser, served) as page:
        page.evaluate(
            """() => {
              const media = navigator.mediaDevices, opened = media.getUserMedia;
              const late = new Promise((go) => { window.allow = go; });
              media.getUserMedia = async (wish) => { await late; return opened(wish); };
            }"""
        )
        page.get_by_role("button", name="Turn on the camera").click()
        page.get_by_text("Sets", exact=True).click()
        page.get_by_role("button", name="Turn on the camera").wait_for(state="detached")
        page.evaluate("allow()")
        page.wait_for_function("window.camera && window.camera.active === false")
