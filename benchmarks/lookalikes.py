"""What FormCheck takes other movements for: one row a clip in which nobody does a lift.

    python -m gym set --others --seed 12 --clips 33 --out DIR
    python benchmarks/lookalikes.py DIR [--models auto]

Nothing should be recognised and nothing counted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from _paths import existing

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from _accuracy_report import table  # noqa: E402
from _accuracy_run import Job, Result, analyse_all, find_clips  # noqa: E402

from formcheck.models import AUTO, MODELS  # noqa: E402
from gym.spec import OTHER  # noqa: E402
from gym.truth import read_truth, truth_path  # noqa: E402

NOTHING = "–"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folder", type=existing, help="clips of other movements with their truth files"
    )
    parser.add_argument("--models", nargs="+", default=[AUTO], choices=(AUTO, *MODELS))
    parser.add_argument("--cache", type=Path, help="where poses are kept (default: DIR/formcheck)")
    parser.add_argument("--only", default="", metavar="REGEX", help="only clips of such a name")
    parser.add_argument("--jobs", type=int, default=1, help="clips at a time")
    parser.add_argument("--all", action="store_true", help="print clips without a finding as well")
    return parser.parse_args(arguments)


def row(job: Job, result: Result) -> dict[str, Any]:
    """What was found in one clip."""
    truth = read_truth(truth_path(job.clip))
    exercise = result.report["exercise"]
    return {
        "model": job.model,
        "clip": job.clip.stem,
        "movement": truth["variant"],
        "view": truth["camera"]["view"],
        "taken for": exercise["id"] or NOTHING,
        "reps": len(result.report["reps"]),
        "confidence": round(exercise.get("confidence") or 0.0, 2),
    }


def summary(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One line a model."""
    rows = list(rows)
    out = []
    for model in dict.fromkeys(r["model"] for r in rows):
        mine = [r for r in rows if r["model"] == model]
        taken = [r for r in mine if r["taken for"] != NOTHING]
        out.append(
            {
                "model": model,
                "clips": len(mine),
                "taken for a lift": len(taken),
                "reps invented": sum(r["reps"] for r in mine),
                "movements": ", ".join(sorted({r["movement"] for r in taken})) or NOTHING,
            }
        )
    return out


def main(arguments: Sequence[str]) -> int:
    """Analyse and print."""
    options = parse(arguments)
    clips = [
        clip
        for clip in find_clips(options.folder, options.only)
        if read_truth(truth_path(clip))["exercise"] == OTHER
    ]
    if not clips:
        print(f"lookalikes: no clip of another movement in {options.folder}", file=sys.stderr)
        return 2
    cache = options.cache or options.folder / "formcheck"
    workers = 1 if options.jobs > 1 else None
    jobs = [Job(clip, model, cache, workers=workers) for model in options.models for clip in clips]
    rows = [row(job, result) for job, result in analyse_all(jobs, options.jobs)]
    found = [r for r in rows if r["taken for"] != NOTHING or options.all]
    if found:
        print(f"{table(found)}\n")
    print(table(summary(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
