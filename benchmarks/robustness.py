"""Does the answer survive what phones and apps do to a clip? One row a clip and change.

    python benchmarks/robustness.py CLIP… [--changes mirrored cropped] [--model auto] [--jobs 2]

Each clip is mirrored, scaled, put at 24 and at 60 frames a second, cropped by 5 % at every border,
coarsely re-encoded, filmed askew, darkened with noise, robbed of its colours, fitted between black
bars into a frame of the other shape, and put into the middle of a picture 1.6 times as large, as
from farther away; each copy is analysed whole. No
repetition may be lost or gained and no measure may move by more than the error that was stated for
it. Rows are printed where one does (``--all``: all of them), then a line for each change. With
``--cache DIR`` poses are kept for the next time.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from _paths import existing

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from _accuracy_report import table  # noqa: E402
from _accuracy_run import Job, analysis_of  # noqa: E402
from _robustness import Comparison, compare  # noqa: E402

from formcheck.errors import FormCheckError  # noqa: E402
from formcheck.models import AUTO, MODELS  # noqa: E402
from formcheck.types import ClipInfo, Frame, ImageArray  # noqa: E402
from formcheck.video import probe, read_frames  # noqa: E402
from gym.video import Writer  # noqa: E402

CROP_SHARE = 0.05
CRF, COARSE_CRF = 20, 36
ASKEW_DEG = 4.0
TALL = 16 / 9
AFAR = 0.3
DARK, GAMMA, NOISE = 0.7, 1.8, 6.0


@dataclass(frozen=True)
class Change:
    """What is done to a clip: to its pictures, its frame rate (None: as it was), its coding."""

    name: str
    picture: Callable[[ImageArray], ImageArray] = lambda image: image
    fps: float | None = None
    crf: int = CRF


@dataclass(frozen=True)
class Outcome:
    """What a change did to a clip. ``exercises``: as recognised before and after."""

    clip: str
    change: str
    exercises: tuple[str | None, str | None]
    found: Comparison

    @property
    def same(self) -> bool:
        """Whether the same repetitions of the same exercise were counted."""
        before, after = self.exercises
        return before == after and self.found.reps_before == self.found.reps_after


def _scale(factor: float) -> Callable[[ImageArray], ImageArray]:
    def scale(image: ImageArray) -> ImageArray:
        how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        return np.asarray(
            cv2.resize(image, None, fx=factor, fy=factor, interpolation=how), np.uint8
        )

    return scale


def _crop(image: ImageArray) -> ImageArray:
    y, x = (round(CROP_SHARE * n) for n in image.shape[:2])
    return image[y : image.shape[0] - y, x : image.shape[1] - x]


def _askew(image: ImageArray) -> ImageArray:
    """Turned; what comes in at the corners repeats the border."""
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), ASKEW_DEG, 1.0)
    turned = cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8)


def _dark(image: ImageArray) -> ImageArray:
    """Dimmed, the shadows most, with the noise of a small sensor."""
    light = 255 * DARK * (image / 255.0) ** GAMMA
    noise = np.random.default_rng(int(image.sum())).normal(0, NOISE, image.shape)
    return np.clip(light + noise, 0, 255).astype(np.uint8)


def _grey(image: ImageArray) -> ImageArray:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)


def _barred(image: ImageArray) -> ImageArray:
    """A wide picture in a tall frame, a tall one in a wide frame."""
    height, width = image.shape[:2]
    above = round(width * TALL - height) // 2 if width >= height else 0
    beside = round(height * TALL - width) // 2 if width < height else 0
    return _bordered(image, above, beside, cv2.BORDER_CONSTANT)


def _afar(image: ImageArray) -> ImageArray:
    """The border repeated all around."""
    around = round(AFAR * max(image.shape[:2]))
    return _bordered(image, around, around, cv2.BORDER_REPLICATE)


def _bordered(image: ImageArray, above: int, beside: int, kind: int) -> ImageArray:
    bordered = cv2.copyMakeBorder(image, above, above, beside, beside, kind)
    return np.asarray(bordered, np.uint8)


CHANGES = (
    Change("re-encoded", crf=COARSE_CRF),
    Change("mirrored", lambda image: image[:, ::-1]),
    Change("scaled 0.6", _scale(0.6)),
    Change("scaled 1.5", _scale(1.5)),
    Change("24 fps", fps=24.0),
    Change("60 fps", fps=60.0),
    Change("cropped", _crop),
    Change("askew", _askew),
    Change("dark", _dark),
    Change("grey", _grey),
    Change("barred", _barred),
    Change("from afar", _afar),
)
NAMES = tuple(change.name for change in CHANGES)


def frames_at(frames: Iterator[Frame], fps: float | None) -> Iterator[tuple[ImageArray, float]]:
    """Pictures with their times; at another rate the newest picture is repeated or left out."""
    count = 0
    for frame in frames:
        if fps is None:
            yield frame.image, frame.time_s
            continue
        while count / fps <= frame.time_s + 1e-9:
            yield frame.image, count / fps
            count += 1


def changed(clip: Path, info: ClipInfo, change: Change, out: Path) -> None:
    """Write the changed copy of a clip."""
    writer: Writer | None = None
    for picture, time_s in frames_at(read_frames(clip, max_fps=None), change.fps):
        image = change.picture(picture)
        height, width = (n // 2 * 2 for n in image.shape[:2])
        if writer is None:
            writer = Writer(out, width, height, change.fps or info.fps, change.crf)
        writer.write(np.ascontiguousarray(image[:height, :width]), time_s)
    if writer is not None:
        writer.close()


def outcomes(
    clip: Path, model: str, only: Sequence[str], cache: Path | None, workers: int | None
) -> list[Outcome]:
    """What each change (``only`` some) does to a clip; ``cache``: where poses are kept."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        kept = cache or Path(folder) / "poses"
        info = probe(clip)
        before, _ = analysis_of(Job(clip, model, kept, workers=workers))
        for change in (change for change in CHANGES if change.name in only):
            copy = Path(folder) / f"{change.name}.mp4"
            changed(clip, info, change, copy)
            after, _ = analysis_of(Job(copy, model, kept, workers=workers))
            copy.unlink()
            exercises = (before.exercise.id, after.exercise.id)
            found.append(Outcome(clip.stem, change.name, exercises, compare(before, after)))
    return found


def row_of(outcome: Outcome) -> dict[str, object]:
    """One row of the table."""
    found = outcome.found
    shares = [m.share for m in found.moves]
    worst = max(found.moves, key=lambda m: m.share, default=None)
    before, after = outcome.exercises
    return {
        "clip": outcome.clip,
        "change": outcome.change,
        "exercise": before if before == after else f"{before} -> {after}",
        "reps": f"{found.reps_before} -> {found.reps_after}",
        "values": len(found.moves),
        "beyond_error": len(found.beyond),
        "no_longer_seen": found.lost,
        "verdicts_turned": ", ".join(found.turned) or "none",
        "median_share": round(float(np.median(shares)), 2) if shares else None,
        "worst": f"{worst.name}: {worst.before:.1f} -> {worst.after:.1f} (+-{worst.error:.1f})"
        if worst
        else "",
    }


def summary(all_of_them: Sequence[Outcome]) -> list[dict[str, object]]:
    """One line a change, and one for all."""
    lines = []
    for name in dict.fromkeys((*(outcome.change for outcome in all_of_them), "all")):
        mine = [o for o in all_of_them if name in (o.change, "all")]
        values = sum(len(o.found.moves) for o in mine)
        beyond = sum(len(o.found.beyond) for o in mine)
        lines.append(
            {
                "change": name,
                "clips": len(mine),
                "same_exercise_and_reps": sum(o.same for o in mine),
                "values": values,
                "within_error": round(1 - beyond / values, 3) if values else None,
                "no_longer_seen": sum(o.found.lost for o in mine),
                "verdicts_turned": sum(len(o.found.turned) for o in mine),
            }
        )
    return lines


def main(arguments: Sequence[str]) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        prog="robustness.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("clips", nargs="+", type=existing)
    parser.add_argument("--model", default=AUTO, choices=[AUTO, *MODELS])
    parser.add_argument("--changes", nargs="+", default=NAMES, choices=NAMES)
    parser.add_argument("--jobs", type=int, default=1, help="clips at a time")
    parser.add_argument("--cache", type=Path, help="where poses are kept (default: nowhere)")
    parser.add_argument("--all", action="store_true", help="print rows where all is well, too")
    options = parser.parse_args(arguments)
    work = partial(
        outcomes,
        model=options.model,
        only=options.changes,
        cache=options.cache,
        workers=1 if options.jobs > 1 else None,
    )
    context = multiprocessing.get_context("spawn")
    every: list[Outcome] = []
    with ProcessPoolExecutor(options.jobs, mp_context=context) as pool:
        tasks = {clip: pool.submit(work, clip) for clip in options.clips}
        for clip, task in tasks.items():
            try:
                every += task.result()
            except FormCheckError as error:
                pool.shutdown(cancel_futures=True)
                print(f"robustness: {clip}: {error}", file=sys.stderr)
                return 2
            print(f"{clip.name}", file=sys.stderr, flush=True)
    differing = [o for o in every if options.all or not o.same or o.found.beyond or o.found.turned]
    if differing:
        print(f"{table([row_of(o) for o in differing])}\n")
    print(table(summary(every)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
