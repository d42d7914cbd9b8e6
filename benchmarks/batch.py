"""What a second process brings: ``python benchmarks/batch.py [--runs 2] [CLIP...]``.

Cuts of about three seconds are made of the clips (the samples when none are named) and scored by
``formcheck batch`` with one and with two workers, in turns, so that a busy machine hurts both
alike. Printed are wall-clock times and their ratio, from start to summary, start-up of the
processes included; beside them the CPU time and the cores kept busy. The CPU time must be about the
same for both: if it is, a ratio below two says that the cores were not free, not that the batch
does not scale.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from _paths import existing

from formcheck import batch
from formcheck.machine import available_cores
from formcheck.models import MODELS
from formcheck.types import Frame
from formcheck.video import VideoWriter, probe, read_frames

CUT_S = 3.0
SAMPLES = Path(__file__).resolve().parent.parent / "sample_videos"
WORKERS = (1, 2)


@dataclass(frozen=True)
class Run:
    """Seconds on the clock and on all cores together."""

    wall_s: float
    cpu_s: float


def cuts(clip: Path, folder: Path) -> Iterator[Path]:
    """Cut a clip into pieces of CUT_S, one after the other; what is left over is dropped."""
    info = probe(clip)
    for number in count():
        start_s = number * CUT_S
        if start_s + CUT_S > info.duration_s:
            return
        path = folder / f"{clip.stem}_{number}.mp4"
        with VideoWriter(path, info.width, info.height, info.fps) as writer:
            for frame in read_frames(clip, from_s=start_s):
                if frame.time_s >= start_s + CUT_S:
                    break
                writer.write(Frame(frame.index, frame.time_s - start_s, frame.image))
        yield path


def cpu_s() -> float:
    """CPU time of this process and of its children that have ended, seconds."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in used)


def measure(clips: Sequence[Path], workers: int, settings: batch.Settings) -> Run:
    """Score all clips once, into a folder that is empty."""
    with tempfile.TemporaryDirectory() as out:
        start, used = time.perf_counter(), cpu_s()
        summary = batch.run([str(clip) for clip in clips], out, settings, workers=workers)
        run = Run(time.perf_counter() - start, cpu_s() - used)
    assert summary.count("scored") == len(clips), summary.in_words()
    return run


def main() -> None:
    """Measure, and print a line a number of workers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", nargs="*", type=existing, metavar="CLIP")
    parser.add_argument("--model", default="lite", choices=list(MODELS))
    parser.add_argument("--runs", type=int, default=2, help="interleaved runs of each (2)")
    parser.add_argument("--cuts", type=int, default=24, help="how many cuts to score (24)")
    args = parser.parse_args()
    settings = batch.Settings(model=args.model, video=False)
    with tempfile.TemporaryDirectory() as folder:
        sources = args.clips or sorted(SAMPLES.glob("*.mp4"))
        pieces = (cut for clip in sources for cut in cuts(clip, Path(folder)))
        clips = list(islice(pieces, args.cuts))
        print(f"{len(clips)} clips of {CUT_S:g} s, model {args.model}, {available_cores()} cores")
        runs: dict[int, list[Run]] = {workers: [] for workers in WORKERS}
        for _ in range(args.runs):
            for workers in WORKERS:
                runs[workers].append(measure(clips, workers, settings))
    for workers, found in runs.items():
        wall, cpu = (
            statistics.median(getattr(r, name) for r in found) for name in ("wall_s", "cpu_s")
        )
        print(
            f"  {workers} worker{'s' if workers > 1 else ' '} {wall:7.1f} s "
            f"({min(r.wall_s for r in found):.1f}-{max(r.wall_s for r in found):.1f})  "
            f"{cpu:6.1f} s of CPU  {cpu / wall:.2f} cores busy"
        )
    one, two = (runs[workers] for workers in WORKERS)
    ratios = [a.wall_s / b.wall_s for a, b in zip(one, two, strict=True)]
    work = [a.cpu_s / b.cpu_s for a, b in zip(one, two, strict=True)]
    print(
        f"  1 -> 2 workers: x{statistics.median(ratios):.2f} by the clock (goal 1.8); "
        f"x{2 * statistics.median(work):.2f} by CPU time, if each worker had a core"
    )


if __name__ == "__main__":
    main()
