"""Does the answer survive what phones and apps do to a clip? One row a clip and change.

    python benchmarks/robustness.py CLIP… [--model full] [--exercise auto]

Each clip is mirrored, scaled, put at 24 and at 60 frames a second, cropped by 5 % at every border
and coarsely re-encoded; each copy is analysed whole. No repetition may be lost or gained and no
measure may move by more than the error that was stated for it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from _accuracy_report import table  # noqa: E402
from _robustness import Comparison, compare  # noqa: E402

from formcheck.errors import FormCheckError  # noqa: E402
from formcheck.models import AUTO, MODELS  # noqa: E402
from formcheck.pipeline import analyze  # noqa: E402
from formcheck.types import ClipInfo, Frame, ImageArray  # noqa: E402
from formcheck.video import probe, read_frames  # noqa: E402
from gym.video import Writer  # noqa: E402

CROP_SHARE = 0.05
CRF, COARSE_CRF = 20, 36


@dataclass(frozen=True)
class Change:
    """What is done to a clip: to its pictures, its frame rate (None: as it was), its coding."""

    name: str
    picture: Callable[[ImageArray], ImageArray] = lambda image: image
    fps: float | None = None
    crf: int = CRF


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


CHANGES = (
    Change("re-encoded", crf=COARSE_CRF),
    Change("mirrored", lambda image: image[:, ::-1]),
    Change("scaled 0.6", _scale(0.6)),
    Change("scaled 1.5", _scale(1.5)),
    Change("24 fps", fps=24.0),
    Change("60 fps", fps=60.0),
    Change("cropped", _crop),
)


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


def row_of(clip: Path, change: Change, found: Comparison) -> dict[str, object]:
    """One row of the table."""
    shares = [m.share for m in found.moves]
    worst = max(found.moves, key=lambda m: m.share, default=None)
    return {
        "clip": clip.stem,
        "change": change.name,
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


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="robustness.py", description=__doc__)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--model", default="full", choices=[AUTO, *MODELS])
    parser.add_argument("--exercise", default="auto")
    options = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for clip in options.clips:
            try:
                info = probe(clip)
                before = analyze(clip, model=options.model, exercise=options.exercise)
                for k, change in enumerate(CHANGES):
                    copy = Path(folder) / f"{k}.mp4"
                    changed(clip, info, change, copy)
                    after = analyze(copy, model=options.model, exercise=options.exercise)
                    rows.append(row_of(clip, change, compare(before, after)))
            except FormCheckError as error:
                print(f"robustness: {clip}: {error}", file=sys.stderr)
                return 2
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
