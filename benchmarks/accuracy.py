"""How wrong is FormCheck? Scores it on a rendered set whose truth is known.

    python benchmarks/accuracy.py DIR [--models lite full heavy] [--docs docs]

DIR holds ``NAME.mp4`` with ``NAME.truth.json.gz`` beside it (``python -m gym set``). Every clip
goes through ``formcheck analyze``; report.json and frames.csv are kept in ``--work`` and not made
again. Writes ``docs/accuracy.md`` with tables and plots, and the same numbers as ``accuracy.json``.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from _accuracy_floor import add_floor  # noqa: E402
from _accuracy_match import Records, collect  # noqa: E402
from _accuracy_report import write_report  # noqa: E402
from _accuracy_run import analyse_all, find_clips  # noqa: E402
from _accuracy_tables import summarise  # noqa: E402

from gym.errors import GymError  # noqa: E402


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="accuracy.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="clips with their truth files")
    parser.add_argument("--models", nargs="+", default=["full"], choices=["lite", "full", "heavy"])
    parser.add_argument("--docs", type=Path, default=HERE.parent / "docs")
    parser.add_argument("--work", type=Path, help="where reports go (default: DIR/formcheck)")
    parser.add_argument("--limit", type=int, help="only the first N clips")
    parser.add_argument("--jobs", type=int, default=1, help="clips at a time")
    parser.add_argument(
        "--told",
        action="store_true",
        help="tell FormCheck the exercise",
    )
    parser.add_argument(
        "--command",
        default=f"{shlex.quote(sys.executable)} -m formcheck",
        help="how FormCheck is started",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Analyse, compare, write."""
    options = parse(arguments)
    clips = find_clips(options.folder)[: options.limit]
    if not clips:
        print(f"accuracy: no clip with a truth file in {options.folder}", file=sys.stderr)
        return 2
    work = options.work or options.folder / "formcheck"
    records = Records()
    try:
        for model in options.models:
            command = shlex.split(options.command)
            done = analyse_all(clips, work / model, model, command, options.told, options.jobs)
            for clip, folder in done:
                truth = collect(records, clip, folder, model)
                if model == options.models[0]:
                    add_floor(records, truth, {"clip": clip.stem, "view": truth["camera"]["view"]})
        summary = summarise(records)
        options.docs.mkdir(parents=True, exist_ok=True)
        write_report(summary, records, options.docs)
    except GymError as error:
        print(f"accuracy: {error}", file=sys.stderr)
        return 2
    print(f"{options.docs / 'accuracy.md'}: {len(clips)} clips, models {', '.join(options.models)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
