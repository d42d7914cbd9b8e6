"""Where results go, while other runs make and take away the same folders."""

from pathlib import Path

import pytest

from formcheck.cli_options import output_folder


def test_another_run_may_make_the_folder_at_the_same_moment(tmp_path, monkeypatch):
    make = Path.mkdir

    def late(self, *args, **kwargs):
        make(self)
        make(self, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", late)
    with pytest.raises(KeyboardInterrupt), output_folder(tmp_path / "results" / "clip"):
        raise KeyboardInterrupt
    assert (tmp_path / "results" / "clip").is_dir()  # it is the other run's


def test_another_run_may_take_its_folder_away(tmp_path, monkeypatch):
    make, outer = Path.mkdir, tmp_path / "results"
    outer.mkdir()

    def robbed(self, *args, **kwargs):
        if self.name == "clip" and outer.is_dir():
            outer.rmdir()
            monkeypatch.setattr(Path, "mkdir", make)
        make(self, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", robbed)
    with output_folder(outer / "clip"):
        assert (outer / "clip").is_dir()


def test_a_folder_for_nothing_goes_again_and_what_was_there_stays(tmp_path):
    with pytest.raises(KeyboardInterrupt), output_folder(tmp_path / "results" / "clip"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_where_no_folder_can_be_made_it_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError), output_folder(tmp_path / "file" / "clip"):
        pass
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError), output_folder(tmp_path / "link"):
        pass
