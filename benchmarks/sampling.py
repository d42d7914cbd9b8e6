"""What looking at 30 frames a second instead of all of them does to the answer.

    python benchmarks/sampling.py CLIP…

For clips above 30 frames a second: repetitions both ways, and how much the reported angles at the
bottom and the top of the repetitions move.
"""

from __future__ import annotations

import argparse

import numpy as np
from _paths import existing

from formcheck.models import DEFAULT_MODEL
from formcheck.pipeline import evaluate
from formcheck.pose import estimate_track
from formcheck.video import probe


def main() -> None:
    """Print a row a clip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="+", type=existing)
    print("| clip | fps | reps at 30 | reps at all | median change | 90th percentile |")
    print("|---|---|---|---|---|---|")
    for clip in parser.parse_args().clips:
        info = probe(clip)
        few, every = (
            evaluate(estimate_track(clip, info, max_fps=max_fps), model=DEFAULT_MODEL)
            for max_fps in (30.0, None)
        )
        changes = [
            abs(one.measures[name].value - other.measures[name].value)
            for one, other in zip(few.reps, every.reps, strict=False)
            for name, measure in one.measures.items()
            if measure.unit == "deg"
        ]
        print(
            f"| {clip.name} | {info.fps:.0f} | {len(few.reps)} | {len(every.reps)} "
            f"| {np.nanmedian(changes):.1f}° | {np.nanpercentile(changes, 90):.1f}° |"
        )


if __name__ == "__main__":
    main()
