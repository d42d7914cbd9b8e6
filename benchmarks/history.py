"""How long a history of thousands of sets takes to open its list and its trends.

    python benchmarks/history.py [--sets 5000] [--url postgresql://…]

Without ``--url`` the history is a new SQLite file in a temporary folder. The sets are those of a
stick figure, in three exercises. Times are the best of five, each with a newly opened history.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from kept import new_set

from formcheck import progress, store
from formcheck.store import History, NewSet

LIFTS = ("squat", "deadlift", "lunge")
LIST_MS, TREND_MS = 300.0, 1000.0
"""What the page is to be opened in."""
FIRST_DAY = datetime(2022, 1, 1, tzinfo=UTC)
REPEATS = 5


def main() -> int:
    """Fill a history, print the times, and say whether they are within what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sets", type=int, default=5000)
    parser.add_argument("--url", help="an empty database; it is filled and left as it is")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{folder}/history.db"
        seconds = fill(url, asked.sets)
        each = 1000 * seconds / asked.sets
        print(f"{asked.sets} sets written in {seconds:.0f} s, {each:.1f} ms each")
        if asked.url is None:
            print(f"file: {Path(folder, 'history.db').stat().st_size / 1e6:.0f} MB")
        found = [
            told("list, all sets", LIST_MS, best(url, lambda history: history.sets())),
            told("list, the first 50", LIST_MS, best(url, lambda history: history.sets(limit=50))),
            told("trend, one measure", TREND_MS, best(url, one_trend)),
            told("trends, every measure", TREND_MS, best(url, every_trend)),
        ]
    return 0 if all(found) else 1


def fill(url: str, count: int) -> float:
    """Write the sets; seconds that it took."""
    rng = np.random.default_rng(5)
    made = [new_set(lift) for lift in LIFTS]
    start = time.perf_counter()
    with store.open_history(url) as history:
        for k in range(count):
            history.add(one_of_many(made[0] if k % 5 < 3 else made[k % 5 - 2], k, rng))
    return time.perf_counter() - start


def one_of_many(new: NewSet, number: int, rng: np.random.Generator) -> NewSet:
    """The set as another clip of another day, with another load."""
    clip = new.report.clip.model_copy(
        update={"name": f"clip{number}.mp4", "sha256": f"{number:064x}"}
    )
    details = store.Details(
        load_kg=float(rng.integers(8, 60)) * 2.5,
        tags=("heavy",) if number % 4 == 0 else None,
        performed_at=FIRST_DAY + timedelta(hours=7 * number),
    )
    return replace(new, report=new.report.model_copy(update={"clip": clip}), details=details)


def one_trend(history: History) -> object:
    """One measure of one exercise, over all sets."""
    return progress.trends(history.values("squat", name="squat.depth"), {"squat.depth": "low"})


def every_trend(history: History) -> object:
    """All measures of one exercise, over all sets."""
    return progress.trends(history.values("squat"), {"squat.depth": "low"})


def best(url: str, ask: Callable[[History], object]) -> float:
    """The shortest of some times, milliseconds, with opening the history."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        with store.open_history(url) as history:
            ask(history)
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


def told(what: str, most_ms: float, found_ms: float) -> bool:
    """Print one line."""
    print(f"{what:24} {found_ms:7.0f} ms   (wanted: at most {most_ms:.0f} ms)")
    return found_ms <= most_ms


if __name__ == "__main__":
    sys.exit(main())
