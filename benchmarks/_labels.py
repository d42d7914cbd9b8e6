"""The labels of a folder of clips: ``labels.csv``, a row a clip."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

FILE = "labels.csv"


def rows(folder: Path, columns: Collection[str]) -> list[dict[str, str]]:
    """The rows of the folder's labels.csv; SystemExit where it or one of the columns is missing."""
    file = folder / FILE
    if not file.is_file():
        raise SystemExit(f"{file} is not there: it holds the labels.")
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = set(columns) - set(reader.fieldnames or ())
        if missing:
            raise SystemExit(f"{file} has no column {', '.join(sorted(missing))}.")
        return list(reader)
