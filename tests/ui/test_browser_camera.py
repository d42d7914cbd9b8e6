"""A set recorded in a real browser, before a fake camera."""

from __future__ import annotations

import re
import shutil

import cv2
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


def test_a_set_before_the_camera_is_counted_kept_and_reviewed(browser, served, camera):
    flags = [
        *CHROMIUM_FLAGS,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    ]
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    filming = browser.browser_type.launch(executable_path=program, args=flags)
    try:
        with visiting(filming, served) as page:
            page.get_by_text("Record", exact=True).click()
            page.get_by_role("button", name="Turn on the camera").click()
            expect(page.locator(".advice-now")).to_have_text(
                "Good. Ready when you are", timeout=30_000
            )
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
    finally:
        filming.close()
