"""What people say of clips beside what FormCheck says: ``python benchmarks/labels.py FOLDER``.

FOLDER holds clips and a ``labels.csv`` with the columns ``file``, ``exercise``, ``reps`` and
``faults`` (free text; rows without any are passed over). For every clip with a word on its form the
verdicts of all repetitions are printed, one row a check: ``F 63 ± 21`` is a fail at 63 degrees with
that error. Somebody has to read them; nothing is scored.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from pathlib import Path

from _labels import rows
from _paths import existing

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from formcheck.errors import FormCheckError  # noqa: E402
from formcheck.models import AUTO, MODELS  # noqa: E402
from formcheck.pipeline import analyze  # noqa: E402
from formcheck.types import Analysis, Check, Verdict  # noqa: E402

LETTERS = {
    Verdict.PASS: "P",
    Verdict.BORDERLINE: "B",
    Verdict.FAIL: "F",
    Verdict.CANNOT_TELL: "?",
}


COLUMNS = {"file", "exercise", "reps", "faults"}


def labelled(folder: Path) -> list[dict[str, str]]:
    """The rows of labels.csv that say something of the form."""
    return [row for row in rows(folder, COLUMNS) if row["faults"]]


def said(check: Check) -> str:
    """A verdict with its value and error; why there is none."""
    letter = LETTERS[check.verdict]
    if math.isnan(check.value):
        return f"{letter} {check.reason}"
    return f"{letter} {check.value:.0f} ± {check.margin:.0f}"


def lines_of(analysis: Analysis) -> Iterator[str]:
    """One line a check, the repetitions side by side."""
    limits = {check.id: check.limit for rep in analysis.reps for check in rep.checks}
    for name, limit in limits.items():
        told = [said(c) for rep in analysis.reps for c in rep.checks if c.id == name]
        yield f"    {name:28s} limit {limit:5.0f}   " + "   ".join(told)


def main() -> None:
    """Print the table; exit code 1 when a clip could not be analysed."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("folder", type=existing, metavar="FOLDER")
    parser.add_argument("--model", choices=[AUTO, *MODELS], default=AUTO)
    arguments = parser.parse_args()
    failed = False
    for row in labelled(arguments.folder):
        print(f"{row['file']}: {row['exercise']}, {row['reps']} reps. Said: {row['faults']}")
        try:
            analysis = analyze(arguments.folder / row["file"], model=arguments.model)
        except FormCheckError as error:
            print(f"    {error}")
            failed = True
            continue
        capture = analysis.capture
        print(
            f"    seen: {analysis.exercise.id}, {len(analysis.reps)} reps, {capture.view} view, "
            f"model {analysis.model}"
        )
        for line in lines_of(analysis):
            print(line)
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
