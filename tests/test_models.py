"""The registry of models: what is shipped is found, anything else is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from formcheck import models
from formcheck.errors import ModelError, UsageError


@pytest.mark.parametrize("name", sorted(models.MODELS))
def test_shipped_models_are_found_and_right(name: str) -> None:
    assert models.model_path(name).name == models.MODELS[name].file
    assert models.model_sha256(name) in models.MODELS[name].sha256


def test_the_readme_names_every_checksum() -> None:
    text = (Path(__file__).parent.parent / "models" / "README.md").read_text()
    for model in models.MODELS.values():
        assert all(checksum in text for checksum in model.sha256)


def test_an_unknown_name_tells_the_choices() -> None:
    with pytest.raises(UsageError, match="lite, full, heavy"):
        models.model_path("huge")


def test_a_missing_model_says_where_to_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "model_folders", lambda: (tmp_path,))
    with pytest.raises(ModelError, match=r"put pose_landmarker_full\.task into") as caught:
        models.model_path("full")
    assert "\n" not in str(caught.value)


def test_a_damaged_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "model_folders", lambda: (tmp_path,))
    good = models.MODELS["lite"]
    (tmp_path / good.file).write_bytes(b"not a model")
    with pytest.raises(ModelError, match="damaged") as caught:
        models.model_path("lite")
    assert "\n" not in str(caught.value)


def test_a_repaired_model_is_checked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = models.model_path("lite")
    monkeypatch.setattr(models, "model_folders", lambda: (tmp_path,))
    file = tmp_path / source.name
    file.write_bytes(b"half a download")
    with pytest.raises(ModelError):
        models.model_path("lite")
    file.write_bytes(source.read_bytes())
    assert models.model_path("lite") == file
