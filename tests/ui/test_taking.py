"""Clips that are handed to the page: several at once, named oddly, or refused."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from formcheck.errors import UsageError
from formcheck.ui import jobs, server, session, sets
from formcheck.ui.progress import plain
from formcheck.ui.sets import Shelf


@pytest.fixture
def own(data, monkeypatch):
    """The page, with the visitor whose shelf is ``shelf``; nothing is analysed."""
    assert not data.exists()
    monkeypatch.setattr(session, "valid", lambda _token: "v" * 43)
    monkeypatch.setattr(jobs.JOBS, "analyse", lambda _stored: None)
    return AppTest.from_file(str(server.PAGE), default_timeout=60).run()


def _give(own, *clips):
    field = next(f for f in own.file_uploader if f.label == "Your clips")
    field.set_value([(name, content, "video/mp4") for name, content in clips]).run()
    assert not own.exception


def test_a_clip_that_is_given_twice_at_once_is_one_set(own, shelf):
    """Under both names it had the same buttons, which ended the page with a traceback."""
    _give(own, ("a.mp4", b"one"), ("copy of a.mp4", b"one"), ("b.mp4", b"two"))
    assert len(shelf.sets()) == 2
    assert len([b for b in own.button if "Not analysed" in b.label]) == 2


def test_of_several_clips_those_that_are_refused_stay_named(own, shelf, monkeypatch):
    """What was said of them was gone as soon as the others were taken in."""
    monkeypatch.setattr(sets, "CLIP_MAX_BYTES", 5)
    real = Shelf.add

    def add(kept, name, stream, *wishes):
        if name == "c.mp4":
            raise OSError(28, "No space left on device")
        return real(kept, name, stream, *wishes)

    monkeypatch.setattr(Shelf, "add", add)
    _give(own, ("a.mp4", b"too large"), ("b.mp4", b"two"), ("c.mp4", b"three"))
    assert len(shelf.sets()) == 1
    large, full = (e.value for e in own.error)
    assert plain("a.mp4") in large
    assert "larger than" in large
    assert plain("c.mp4") in full
    assert "No space left" in full
    monkeypatch.setattr(Shelf, "add", real)
    _give(own, ("d.mp4", b"four"))
    own.query_params.pop("set")
    own.run()
    assert not own.error


def test_what_is_wrong_with_a_clip_is_said_in_the_list(own, shelf, monkeypatch):
    _give(own, ("a.mp4", b"one"), ("b.mp4", b"two"))
    [broken] = [s for s in shelf.sets() if s.card.name == "a.mp4"]
    job = jobs.Job(broken, "a.mp4", state="failed", error="cannot read a.mp4")
    monkeypatch.setattr(jobs.JOBS, "_jobs", {str(broken.folder): job})
    own.run()
    assert plain("cannot read a.mp4") in own.button(f"wait_{broken.card.id}").label


def test_one_clip_that_is_refused_is_named(own, shelf, monkeypatch):
    def refuse(*_):
        raise UsageError("It is too large.")

    monkeypatch.setattr(Shelf, "add", refuse)
    _give(own, ("a.mp4", b"one"))
    assert "too large" in own.error[0].value
    assert shelf.sets() == []


@pytest.mark.parametrize(
    ("written", "markdown"),
    [
        ("2 sets $10 *easy*.mp4", r"2 sets \$10 \*easy\*\.mp4"),
        ("1. :red[hot] `a`", r"1\. \:red\[hot\] \`a\`"),
        ("two\nlines", "two lines"),
        ("Kniebeuge äöü 膝", "Kniebeuge äöü 膝"),
    ],
)
def test_what_somebody_wrote_is_no_markdown(written, markdown):
    assert plain(written) == markdown
