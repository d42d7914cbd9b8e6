"""Takes the screenshots in docs/page: ``PYTHONPATH=. python scripts/page_screenshots.py``."""

from __future__ import annotations

import io
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.page import FLAGS, film, served
from formcheck.report import Report
from formcheck.report.schema import CheckPart
from formcheck.store import Details, NewSet, open_history

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
    page.locator(".review h1").scroll_into_view_if_needed()
    page.wait_for_timeout(1200)
    take(page, f"review-{name}")
    page.locator(".review .rep").evaluate("node => node.scrollIntoView({block: 'start'})")
    page.mouse.move(200, 400)
    page.mouse.wheel(0, -250)
    page.wait_for_timeout(500)
    take(page, f"rep-{name}")


def correct(page: Page, name: str) -> None:
    """The marks of a rep that is corrected by hand, and two reps side by side."""
    page.get_by_role("button", name="Correct the reps").click()
    page.locator(".timeline").evaluate("node => node.scrollIntoView({block: 'start'})")
    page.mouse.move(200, 400)
    page.mouse.wheel(0, -250)
    page.wait_for_timeout(500)
    take(page, f"correct-{name}")
    page.get_by_role("button", name="Leave as it was").click()
    page.locator(".compare").evaluate("node => node.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(1500)
    take(page, f"compare-{name}")


def diary(data: Path) -> None:
    """Earlier sets of the same visitor, made up from the one that was analysed."""
    [file] = data.glob("visitors/*/*/report.json")
    report = Report.load(file)
    visitor = f"page {file.parent.parent.name}"
    now = datetime.now(UTC)
    with open_history(f"sqlite:///{data / 'history.db'}") as history:
        for week, shift in enumerate((14.0, 9.0, 11.0, -2.0, 1.0), start=1):
            reps = tuple(
                rep.model_copy(update={"checks": tuple(_shifted(c, shift) for c in rep.checks)})
                for rep in report.reps
            )
            clip = report.clip.model_copy(update={"sha256": f"{week:064d}"})
            whole = report.set_.model_copy(update={"score": 80.0 - 2 * shift + week})
            made_up = report.model_copy(update={"reps": reps, "clip": clip, "set_": whole})
            details = Details(
                athlete=visitor,
                performed_at=now - timedelta(weeks=6 - week),
                load_kg=60 + 5.0 * week,
                tags=("belt",) if week > 3 else (),
            )
            history.add(NewSet(made_up, details=details))


def _shifted(check: CheckPart, shift: float) -> CheckPart:
    name = check.id.rpartition(".")[2]
    if check.value is None or name not in ("depth", "lockout"):
        return check
    by = shift if name == "depth" else shift / 4
    return check.model_copy(update={"value": check.value + by})


def progress(page: Page, name: str) -> None:
    """Sets over time."""
    page.get_by_text("Progress", exact=True).click()
    page.get_by_test_id("stVegaLiteChart").nth(1).wait_for(timeout=60_000)
    page.wait_for_timeout(1000)
    take(page, f"progress-{name}")


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
                    correct(page, name)
                    if state is None:
                        diary(Path(folder))
                    page.goto(address)
                    progress(page, name)
                    page.goto(address)
                    record(page, name)
                    state = context.storage_state()
                    context.close()
            browser.close()


if __name__ == "__main__":
    main()
