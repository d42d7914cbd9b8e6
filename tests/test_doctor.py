"""The doctor: it finds what is missing and says how to get it; this machine is fine."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import namedtuple

import pytest
from kept import add

from formcheck import cli, doctor, models
from formcheck.doctor import Finding


def test_every_library_that_formcheck_needs_is_looked_for(root):
    """OpenCV is looked at by itself."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.match(r"[\w-]+", line).group() for line in project["dependencies"]}
    assert {*doctor.LIBRARIES, "opencv-contrib-python"} == needed


def test_only_one_distribution_provides_cv2():
    assert len(doctor.cv2_providers()) == 1


def test_this_machine_is_usable():
    findings = doctor.examine()
    assert doctor.usable(findings), [f for f in findings if f.status == "problem"]


@pytest.mark.parametrize(
    ("finding", "fix"),
    [
        (doctor.check_python((3, 10, 4)), "Python 3.11"),
        (doctor.check_libraries(["numpy", "no-such-library"]), "pip install no-such-library"),
        (doctor.check_cv2([]), "opencv-contrib-python"),
        (doctor.check_cv2(["opencv-contrib-python", "opencv-python"]), "uninstall"),
        (doctor.check_system_libraries(lambda name: name != "libEGL.so.1"), "libegl1"),
    ],
)
def test_a_problem_says_how_to_fix_it(finding, fix):
    assert finding.status == "problem"
    assert fix in finding.fix
    assert not doctor.usable([finding])


def test_each_missing_package_is_named_once():
    assert doctor.packages_for(["libglib-2.0.so.0", "libgthread-2.0.so.0"]) == ("libglib2.0-0",)


def test_a_missing_model_is_a_problem(monkeypatch, tmp_path):
    monkeypatch.setattr(models, "model_folders", lambda: (tmp_path,))
    finding = doctor.check_models()
    assert finding.status == "problem"
    assert "pose_landmarker_lite.task" in finding.detail


def test_an_engine_that_aborts_is_a_problem_and_not_the_end():
    finding = doctor.check_pose("import os, sys; print('no CPU', file=sys.stderr); os.abort()")
    assert finding.status == "problem"
    assert finding.detail == "does not start: no CPU"


def test_a_missing_decoder_is_a_problem(monkeypatch):
    monkeypatch.setattr(doctor, "DECODERS", {"no_such_codec": "Betamax"})
    finding = doctor.check_codecs()
    assert finding.status == "problem"
    assert "Betamax" in finding.detail


def test_a_full_disk_is_a_problem(monkeypatch, tmp_path):
    usage = namedtuple("usage", "total used free")(10**12, 10**12, 10**6)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _folder: usage)
    assert doctor.check_disk(tmp_path).status == "problem"


def test_a_history_that_cannot_be_read_is_a_problem(data):
    assert doctor.check_history() == Finding(
        "History", "ok", f"none yet; the first set makes {data / 'history.db'}"
    )
    assert not data.exists()
    add("squat", "1")
    assert doctor.check_history() == Finding("History", "ok", "sets: 1")
    (data / "history.db").write_text("a shopping list, long enough to be looked at " * 100)
    finding = doctor.check_history()
    assert finding.status == "problem"
    assert str(data / "history.db") in finding.detail
    assert "move it away" in finding.fix


@pytest.mark.parametrize("there", [True, False])
def test_a_history_that_cannot_be_written_is_a_problem(there, data, monkeypatch):
    if there:
        add("squat", "1")
    monkeypatch.setattr(doctor.os, "access", lambda *_args: False)
    finding = doctor.check_history()
    folder = data if there else data.parent
    assert (finding.status, finding.detail) == ("problem", f"{folder} cannot be written")


def test_a_database_that_does_not_answer_is_a_problem(monkeypatch):
    monkeypatch.setenv("FORMCHECK_DATABASE_URL", "postgresql://me:secret@/none?host=/nowhere")
    finding = doctor.check_history()
    assert finding.status == "problem"
    assert "secret" not in finding.detail
    assert "FORMCHECK_DATABASE_URL" in finding.fix


def test_no_camera_is_no_problem(tmp_path):
    assert doctor.check_camera(tmp_path).status == "info"
    (tmp_path / "video0").touch()
    assert doctor.check_camera(tmp_path) == Finding("Camera", "info", "video0")


def test_the_command_returns_1_when_something_is_missing(monkeypatch, capsys):
    broken = Finding("Codecs", "problem", "missing: H.264", "pip install av")
    monkeypatch.setattr(doctor, "examine", lambda: (broken,))
    assert cli.main(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert "problem" in printed
    assert "Codecs: pip install av" in printed


def test_the_command_returns_0_here(capsys):
    assert cli.main(["doctor"]) == 0
    assert "Ready to analyse clips." in capsys.readouterr().out


def test_the_setup_script_gets_the_missing_packages_without_any_library(root):
    command = [sys.executable, "-S", "-m", "formcheck.doctor", "--missing-packages"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")
