"""How wrong is FormCheck? Scores it on a rendered set whose truth is known.

    python benchmarks/accuracy.py DIR [--models lite full heavy] [--jobs 2] [--docs docs]

DIR holds ``NAME.mp4`` with ``NAME.truth.json.gz`` beside it (``python -m gym set``). The pose of a
clip is estimated once and kept in ``--cache`` (default: DIR/formcheck), so scoring again after a
change of angles, counting or rules takes a minute at most. Prints the headline tables; with
``--docs`` all of them go to accuracy.md, accuracy.json and plots there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from _paths import existing

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from _accuracy_floor import add_floor  # noqa: E402
from _accuracy_match import Records, collect, tags_of  # noqa: E402
from _accuracy_raw import add_raw  # noqa: E402
from _accuracy_report import body, heading, table, write_report  # noqa: E402
from _accuracy_run import Job, Result, analyse_all, find_clips  # noqa: E402
from _accuracy_tables import details, headlines, listed, lost_rows  # noqa: E402

from gym.errors import GymError  # noqa: E402
from gym.truth import read_truth, truth_path  # noqa: E402

MODELS = ("auto", "lite", "full", "heavy")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="accuracy.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=existing, help="clips with their truth files")
    parser.add_argument("--models", "--model", nargs="+", default=["auto"], choices=MODELS)
    parser.add_argument("--docs", type=Path, help="write tables and plots into this folder")
    parser.add_argument("--cache", type=Path, help="where poses are kept (default: DIR/formcheck)")
    parser.add_argument("--stale", action="store_true", help="use poses of an older pose stage")
    parser.add_argument("--only", default="", metavar="REGEX", help="only clips of such a name")
    parser.add_argument("--limit", type=int, help="only the first N clips")
    parser.add_argument("--jobs", type=int, default=1, help="clips at a time")
    parser.add_argument("--told", action="store_true", help="tell FormCheck the exercise")
    parser.add_argument(
        "--list", default="", metavar="REGEX", help="print every rep of such a check (its id)"
    )
    return parser.parse_args(arguments)


def add_clip(records: Records, job: Job, result: Result, *, floor: bool) -> None:
    """All records of one result; ``floor``: those of perfect landmarks as well."""
    truth = read_truth(truth_path(job.clip))
    tags = tags_of(truth, job.clip.stem, job.model)
    collect(records, truth, result, tags)
    if result.raw is not None and result.track is not None:
        add_raw(records, truth, result.raw, result.track, tags)
    if floor:
        add_floor(records, truth, {"clip": job.clip.stem, "view": tags["view"]})


def show(records: Records, pattern: str) -> None:
    """Print the headline tables, the lost reps and the checks asked for."""
    for title, rows in headlines(records).items():
        if rows:
            print(f"## {heading(title)}\n\n{body(title, rows)}")
    for title, rows in (
        ("Reps lost or invented", lost_rows(records)),
        ("Reps", listed(records, pattern) if pattern else []),
    ):
        if rows:
            print(f"## {title}\n\n{table(rows)}\n")


def main(arguments: Sequence[str]) -> int:
    """Analyse, compare, print or write."""
    options = parse(arguments)
    clips = find_clips(options.folder, options.only)[: options.limit]
    if not clips:
        print(f"accuracy: no clip with a truth file in {options.folder}", file=sys.stderr)
        return 2
    cache = options.cache or options.folder / "formcheck"
    workers = 1 if options.jobs > 1 else None
    jobs = [
        Job(clip, model, cache, options.told, options.stale, workers)
        for model in options.models
        for clip in clips
    ]
    records = Records()
    try:
        for job, result in analyse_all(jobs, options.jobs):
            add_clip(records, job, result, floor=job.model == options.models[0])
    except GymError as error:
        print(f"accuracy: {error}", file=sys.stderr)
        return 2
    show(records, options.list)
    if options.docs:
        write_report(headlines(records), details(records), records, options.docs)
        print(f"{options.docs / 'accuracy.md'}: {len(clips)} clips, {', '.join(options.models)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
