"""From the front the angles of the side view show a rhythm: no file tells them in degrees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pypdf
import pytest
from bodies import Camera, Scene
from kept import CLIP, analysis_of
from lifts import film_lift

from formcheck import exports, keeping
from formcheck.pipeline import to_analysis
from formcheck.report import build_report
from formcheck.report.chart import panels
from formcheck.store.blobs import from_bytes, to_bytes
from formcheck.types import CaptureWarning

SIDEWAYS = ("hip_flexion_left_deg", "knee_flexion_right_deg", "trunk_inclination_deg")


@pytest.fixture(scope="module")
def source():
    raw = film_lift("squat", Scene(Camera(azimuth=0)))
    analysis = to_analysis(CLIP, "full", "1" * 64, raw, "squat")
    assert analysis.capture.view == "front"
    assert analysis.reps
    assert all(np.isfinite(analysis.signals[name]).any() for name in SIDEWAYS)
    return exports.Source(build_report(analysis), analysis)


def test_what_this_view_does_not_show_is_empty(source, tmp_path):
    exports.write("frames", source, tmp_path / "frames.csv")
    exports.write("parquet", source, tmp_path / "signals.parquet")
    for table in (
        pd.read_csv(tmp_path / "frames.csv"),
        pd.read_parquet(tmp_path / "signals.parquet"),
    ):
        assert table[list(SIDEWAYS)].isna().all(axis=None)
        assert table["knee_valgus_left_deg"].notna().any()


def test_nor_is_what_a_view_is_too_unsure_for(tmp_path):
    """Checks and measures were left out, the same angles written in degrees."""
    seen = analysis_of("squat")
    unsure = CaptureWarning("view_uncertain", "Unsure.", ("hip_flexion",))
    analysis = replace(seen, capture=replace(seen.capture, warnings=(unsure,)))
    exports.write("frames", exports.Source(build_report(analysis), analysis), tmp_path / "f.csv")
    assert pd.read_csv(tmp_path / "f.csv")[list(SIDEWAYS)].isna().all(axis=None)
    assert not any(panel.to_scale for panel in panels(analysis))
    assert all(panel.to_scale for panel in panels(seen))


def test_nor_does_a_kept_set_hold_it(source, tmp_path):
    """The history keeps the angles without their errors."""
    new = keeping.new_set(source.analysis)
    kept = keeping.restored(new.report, from_bytes(to_bytes(new.recording)))
    exports.write("frames", source, tmp_path / "now.csv")
    exports.write("frames", exports.Source(new.report, kept), tmp_path / "kept.csv")
    assert (tmp_path / "kept.csv").read_text() == (tmp_path / "now.csv").read_text()


def test_opensim_gets_the_angles_of_this_view_alone(source, tmp_path):
    exports.write("mot", source, tmp_path / "angles.mot")
    header = (tmp_path / "angles.mot").read_text(encoding="utf-8").splitlines()[7]
    assert header.split("\t") == ["time", "knee_valgus_l", "knee_valgus_r"]


def test_the_chart_of_the_pdf_has_no_degrees(source, tmp_path):
    exports.write("pdf", source, tmp_path / "report.pdf")
    text = pypdf.PdfReader(tmp_path / "report.pdf").pages[0].extract_text()
    assert "its rhythm; how far, this view does not show" in text
    assert "0 = straight" not in text
