"""The wheel is what people get: everything that is needed is inside, and works far from here."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from formcheck.models import MODELS


def _run(*command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    _run(*pip, "--wheel-dir", str(folder), str(root), cwd=folder)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder that holds the package as installed from the wheel."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    _run(*pip, "--target", str(folder), str(wheel), cwd=folder)
    return folder


def test_the_wheel_holds_what_is_needed_and_no_more(wheel, root):
    inside = set(zipfile.ZipFile(wheel).namelist())
    source = {
        str(path.relative_to(root))
        for path in (root / "formcheck").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert source <= inside
    assert {f"formcheck/models/{model.file}" for model in MODELS.values()} <= inside
    clips = {f"formcheck/sample_videos/{p.name}" for p in (root / "sample_videos").glob("*.mp4")}
    assert clips
    assert clips <= inside
    assert "formcheck/py.typed" in inside
    tops = {name.split("/")[0] for name in inside}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"formcheck"}
    assert any(name.endswith("licenses/LICENSE") for name in inside)


def test_the_installed_package_finds_its_models_and_samples(installed):
    program = (
        "from formcheck.models import MODELS, model_path; from formcheck.ui.work import"
        " sample_clips; print(*map(model_path, MODELS), *sample_clips(), sep='\\n')"
    )
    found = _run(sys.executable, "-c", program, cwd=installed, PYTHONPATH=str(installed))
    paths = [Path(line) for line in found.splitlines()]
    assert len(paths) > len(MODELS)
    assert all(path.is_relative_to(installed) and path.is_file() for path in paths)


def test_the_installed_command_analyses_a_clip(installed, tmp_path, sample_clip):
    clip = tmp_path / sample_clip.name
    shutil.copy(sample_clip, clip)
    command = [sys.executable, "-m", "formcheck", "analyze", clip.name, "--model", "lite"]
    told = _run(*command, cwd=tmp_path, PYTHONPATH=str(installed))
    assert "Squat" in told
    assert (tmp_path / "formcheck-out" / clip.stem / "report.html").is_file()


def test_the_installed_package_makes_and_migrates_a_history(installed, tmp_path):
    command = [sys.executable, "-m", "formcheck", "history"]
    told = _run(
        *command, cwd=tmp_path, PYTHONPATH=str(installed), FORMCHECK_DATA=str(tmp_path / "data")
    )
    assert "No sets yet" in told
    with closing(sqlite3.connect(tmp_path / "data" / "history.db")) as history:
        assert history.execute("SELECT version_num FROM alembic_version").fetchall()
        assert history.execute("SELECT count(*) FROM training_set").fetchone() == (0,)


def test_nothing_in_the_checkout_is_made_by_building(wheel, root):
    assert wheel.is_file()
    assert not (root / "build").exists()
    assert not (root / "dist").exists()


def test_the_setup_script_can_be_run(root):
    for script in ("scripts/setup.sh", ".ci/run"):
        assert os.access(root / script, os.X_OK)
        _run("bash", "-n", str(root / script), cwd=root)
