from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from kept import analysis_of

from formcheck.errors import UsageError
from formcheck.report import write_frames_csv


@pytest.fixture
def rows(analysis, tmp_path: Path) -> list[dict[str, str]]:
    path = tmp_path / "frames.csv"
    write_frames_csv(analysis, path)
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_columns_are_time_and_every_angle_of_a_side_or_of_none(rows, analysis):
    angles = [n for n in analysis.signals.values if n.endswith("_deg") and "_both_" not in n]
    assert list(rows[0]) == ["time_s", *angles]
    assert "hip_height_ratio" not in rows[0]


def test_a_row_a_frame_with_fixed_decimals(rows, analysis):
    assert len(rows) == len(analysis.track)
    assert rows[25]["time_s"] == "1.000"
    assert (
        rows[25]["knee_flexion_right_deg"]
        == f"{analysis.signals['knee_flexion_right_deg'][25]:.2f}"
    )
    assert rows[0]["knee_flexion_right_deg"] == "0.00"


def test_a_kept_set_is_rounded_as_it_was(analysis, tmp_path: Path):
    """The history keeps 32 bits: 75.305 of 64 was 75.30 from analyze and 75.31 from the history."""
    at = 75.30499999
    for name, kept in (("now.csv", at), ("kept.csv", float(np.float32(at)))):
        values = {"trunk_inclination_deg": np.full(len(analysis.track), kept)}
        write_frames_csv(
            replace(analysis, signals=replace(analysis.signals, values=values)), tmp_path / name
        )
    assert (tmp_path / "now.csv").read_text() == (tmp_path / "kept.csv").read_text()


def test_not_seen_is_empty(rows):
    assert [row["knee_flexion_left_deg"] for row in rows[10:20]] == [""] * 10
    assert rows[20]["knee_flexion_left_deg"]


def test_failed_write_keeps_the_older_file(analysis, tmp_path: Path, monkeypatch):
    path = tmp_path / "frames.csv"
    path.write_text("older")

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("formcheck.report.table._cell", full)
    with pytest.raises(UsageError, match="the disk is full"):
        write_frames_csv(analysis, path)
    assert path.read_text() == "older"
    assert len(list(tmp_path.iterdir())) == 1


def test_every_column_is_explained(root):
    """Those of a real set: every angle there is."""
    explained = (root / "docs" / "report.md").read_text(encoding="utf-8")
    sides = re.compile(r"(_left|_right|_both)?_deg$")
    angles = {sides.sub("", n) for n in analysis_of("squat").signals.values if n.endswith("_deg")}
    assert [angle for angle in sorted(angles) if f"\n| `{angle}`" not in explained] == []
