"""Takes the screenshots in docs/page: ``PYTHONPATH=. python scripts/page_screenshots.py``."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.page import FLAGS, film, served

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "page"
SIZES = {390: 844, 1440: 900}
SCHEMES = ("light", "dark")
SAMPLE = "Squat, with faults"


def take(page: Page, name: str) -> None:
    """One picture of the window, as WebP."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.save(OUT / f"{name}.webp", quality=80, method=6)


def record(page: Page, name: str) -> None:
    """Placement help, then a set that goes on."""
    page.get_by_text("Record", exact=True).click()
    page.get_by_role("button", name="Turn on the camera").click()
    page.locator(".advice-now").get_by_text("Good").wait_for(timeout=60_000)
    take(page, f"placement-{name}")
    page.get_by_role("button", name="Start now").click()
    page.locator(".last").get_by_text("1").first.wait_for(timeout=60_000)
    page.wait_for_timeout(2500)
    take(page, f"record-{name}")


def review(page: Page, name: str) -> None:
    """A sample, analysed the first time and opened at once after that."""
    page.get_by_role("button", name=SAMPLE).click()
    page.locator(".review .bar").first.wait_for(timeout=120_000)
    page.locator("a[data-file='annotated.mp4']").wait_for(timeout=120_000)
    page.locator(".bar[data-rep='3']").click()
    page.wait_for_timeout(1200)
    take(page, f"review-{name}")
    page.locator(".review .rep").scroll_into_view_if_needed()
    page.mouse.wheel(0, 500)
    page.wait_for_timeout(500)
    take(page, f"rep-{name}")


def main() -> None:
    """All pages, both widths, both schemes."""
    OUT.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        film(Path(folder) / "film.mjpeg")
        camera = f"--use-file-for-fake-video-capture={folder}/film.mjpeg"
        with served(Path(folder)) as address:
            browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS, camera])
            state = None
            for scheme in SCHEMES:
                for width, height in SIZES.items():
                    context = browser.new_context(
                        viewport={"width": width, "height": height},
                        color_scheme=scheme,
                        storage_state=state,
                    )
                    page = context.new_page()
                    name = f"{width}-{scheme}"
                    page.goto(address)
                    page.get_by_role("button", name=SAMPLE).wait_for()
                    page.wait_for_timeout(800)
                    take(page, f"home-{name}")
                    review(page, name)
                    page.goto(address)
                    record(page, name)
                    state = context.storage_state()
                    context.close()
            browser.close()


if __name__ == "__main__":
    main()
