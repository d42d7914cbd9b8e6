"""The names for programs: light to import, and the examples of docs/api.md run as they are."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from clips import small

import formcheck

NAMES = {"analyze", "LiveSession", "Report", "EXERCISES", "load_profile"}


def test_importing_the_package_loads_nothing(root):
    program = (
        "import sys; before = set(sys.modules); import formcheck; "
        "print(sorted(m for m in set(sys.modules) - before if '.' not in m))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=root
    )
    loaded = re.findall(r"'(\w+)'", done.stdout)
    assert "formcheck" in loaded
    assert not set(loaded) & {"numpy", "scipy", "pydantic", "mediapipe", "cv2", "av", "matplotlib"}


def test_the_names_are_those_of_their_modules():
    from formcheck import exercises, live, pipeline, profiles, report

    assert set(formcheck.__all__) == NAMES
    assert set(dir(formcheck)) >= NAMES
    assert formcheck.analyze is pipeline.analyze
    assert formcheck.LiveSession is live.LiveSession
    assert formcheck.Report is report.Report
    assert formcheck.EXERCISES is exercises.EXERCISES
    assert formcheck.load_profile is profiles.load_profile


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        _ = formcheck.analyse


def test_the_examples_of_the_documentation_run(root, tmp_path, monkeypatch, sample_clip, capsys):
    page = (root / "docs" / "api.md").read_text(encoding="utf-8")
    small(sample_clip, tmp_path / sample_clip.name)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "examples"}
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", page, re.DOTALL)):
        exec(compile(block, f"docs/api.md, example {number + 1}", "exec"), names)
    said = capsys.readouterr().out
    count = len(names["analysis"].reps)
    assert said.startswith("squat side ")
    assert f"\n{count} repetitions\n" in said
    assert {row.status for row in names["summary"].rows} == {"scored"}
    assert (tmp_path / "results" / "summary.html").is_file()
