"""How quick the page is: ``python benchmarks/page.py`` prints it.

First paint of the review of a stored 60-second set, from the address to bars and video picture,
by itself and while another tab records a set; live frames answered a second at 640×360 with the
lite model, and their round trips, measured in the browser. Needs Chromium and nothing from outside;
the set and the camera's film are samples.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from formcheck.types import Frame
from formcheck.ui import launch, work
from formcheck.ui.sets import Shelf
from formcheck.ui.visitor import COOKIE, new_token
from formcheck.video import VideoWriter, read_frames

ROOT = Path(__file__).resolve().parent.parent
CLIP = ROOT / "sample_videos" / "squat_clean.mp4"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
SET_S = 60.0
READY = """() => {
  const roots = [...document.querySelectorAll('*')].map(n => n.shadowRoot).filter(Boolean);
  const video = roots.map(r => r.querySelector('video')).find(Boolean);
  return video && video.readyState >= 2 && roots.some(r => r.querySelector('.bar'));
}"""


@contextmanager
def served(data: Path) -> Iterator[str]:
    """The page on a free port, with a data folder of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        launch.command("127.0.0.1", port),
        cwd=data,
        env={**os.environ, "FORMCHECK_DATA": str(data), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                    break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def long_clip(path: Path) -> None:
    """The sample over and over, for a minute."""
    frames = list(read_frames(CLIP, max_side=960))
    length = frames[-1].time_s + (frames[1].time_s - frames[0].time_s)
    height, width = frames[0].image.shape[:2]
    with VideoWriter(path, width, height, 25.0) as writer:
        for turn in range(round(SET_S / length)):
            for frame in frames:
                writer.write(Frame(frame.index, turn * length + frame.time_s, frame.image))


def film(path: Path) -> None:
    """The sample as what a fake camera shows, 640 by 360."""
    with path.open("wb") as output:
        for frame in read_frames(CLIP, max_side=640):
            picture = cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR)
            output.write(cv2.imencode(".jpg", picture)[1].tobytes())


def stored_set(data: Path, clip: Path) -> tuple[str, str]:
    """A set that has been analysed (lite: the review does not care): its visitor and its id."""
    visitor = new_token()
    with clip.open("rb") as stream:
        stored = Shelf(visitor, data).add(clip.name, stream, "squat", "lite")
    work.draw(stored, work.analyse(stored, lambda *_: None), lambda *_: None)
    return visitor, stored.card.id


def first_paint(context: BrowserContext, address: str, stored: str, times: int) -> list[float]:
    """Seconds from the address of a stored set to bars and a picture of the video."""
    place = f"{address}/?set={stored}"
    found = []
    for _ in range(times):
        page = context.new_page()
        started = time.perf_counter()
        page.goto(place, wait_until="commit")
        page.wait_for_function(READY)
        found.append(time.perf_counter() - started)
        page.close()
    return found


def own(browser: Browser, address: str, visitor: str) -> BrowserContext:
    """A browser that has nothing of the page yet but the visitor's cookie."""
    context = browser.new_context()
    context.add_cookies([{"name": COOKIE, "value": visitor, "url": address}])
    return context


def in_short(paints: list[float]) -> str:
    """Median and worst; the first load, with nothing cached, is among them."""
    return f"{statistics.median(paints):.2f} s (worst {max(paints):.2f})"


def live(page: Page, address: str, seconds: float) -> tuple[float, list[float]]:
    """Frames answered a second in a set, and the round trips in milliseconds."""
    page.goto(address)
    page.get_by_text("Record", exact=True).click()
    page.get_by_role("button", name="Turn on the camera").click()
    page.locator(".advice-now").get_by_text("Good").wait_for(timeout=60_000)
    page.get_by_role("button", name="Start now").click()
    page.wait_for_timeout(1000)
    booth = page.locator(".booth")
    booth.evaluate("node => { node.stats.trips.length = 0; node.stats.answered = 0; }")
    started = time.perf_counter()
    page.wait_for_timeout(1000 * seconds)
    trips: list[float] = booth.evaluate("node => [...node.stats.trips]")
    answered: int = booth.evaluate("node => node.stats.answered")
    return answered / (time.perf_counter() - started), trips


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="loads of the review")
    parser.add_argument("--seconds", type=float, default=15.0, help="length of the live set")
    asked = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        long_clip(folder / "set.mp4")
        film(folder / "film.mjpeg")
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={folder / 'film.mjpeg'}"]
        os.environ["FORMCHECK_DATA"] = str(folder / "data")  # also for the history
        visitor, stored = stored_set(folder / "data", folder / "set.mp4")
        with served(folder / "data") as address:
            browser: Browser = playwright.chromium.launch(executable_path=program, args=flags)
            recording = browser.new_page()
            rate, trips = live(recording, address, asked.seconds)
            busy_paints = first_paint(own(browser, address, visitor), address, stored, asked.times)
            recording.close()
            paints = first_paint(own(browser, address, visitor), address, stored, asked.times)
            browser.close()
    trips.sort()
    print(f"load of the machine         {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"first paint, 60 s set       {in_short(paints)}")
    print(f"the same during a live set  {in_short(busy_paints)}")
    print(f"live frames answered        {rate:.1f} a second at 640×360, lite")
    print(f"round trip                  median {statistics.median(trips):.0f} ms, "
          f"p95 {trips[int(0.95 * len(trips))]:.0f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
