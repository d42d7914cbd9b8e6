"""The tables of the history on terminals of all widths."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from kept import add, new_set
from rich.console import Console

from formcheck import changes, cli, store, terminal, terminal_history
from formcheck.report import words

pytestmark = pytest.mark.usefixtures("data")


def _on_a_terminal(width, *arguments, monkeypatch):
    """The lines that a command prints on a terminal of so many columns."""
    out = Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False)
    monkeypatch.setattr(terminal, "console", lambda **_: out)
    assert cli.main(["history", *arguments]) == 0
    lines = out.file.getvalue().splitlines()
    assert all(len(line) <= width for line in lines), lines
    return lines


@pytest.fixture
def dozen(data):
    """Twelve sets; of the last ones the id has two digits."""
    del data  # they go there
    name = "a_monday_in_spring_with_new_shoes_"
    for k in range(12):
        add("squat", f"{name}{k}", athlete="Anastasia", load_kg=102.5, tags=("heavy", "belt"))


@pytest.mark.usefixtures("dozen")
@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (160, "id date athlete exercise load reps score clip tags"),
        (100, "id date athlete exercise load reps score clip tags"),
        (80, "id date athlete exercise load reps score clip"),
        (60, "id date athlete exercise load reps score"),
        (50, "id date exercise load reps score"),
    ],
)
def test_a_list_fits_the_terminal_and_cuts_no_figure(width, titles, monkeypatch):
    head, *lines = _on_a_terminal(width, "list", monkeypatch=monkeypatch)
    assert head.split() == titles.split()
    assert [int(line.split()[0]) for line in lines] == list(range(12, 0, -1))
    for line in lines:
        assert " 102.5 kg " in line
        assert line[head.index("reps") :].split()[:2] == ["3", "100"]
        assert ("a_monday" in line) == ("clip" in head)
        assert ("…" in line) == ("clip" in head and width < 160)


@pytest.mark.usefixtures("dozen")
def test_a_list_on_a_terminal_too_narrow_for_columns_is_words(monkeypatch):
    printed = " ".join(" ".join(_on_a_terminal(30, "list", monkeypatch=monkeypatch)).split())
    assert printed.count(" 102.5 kg ") == 12
    assert printed.count(" 3 100 ") == 12


@pytest.mark.parametrize("width", [120, 100, 80, 60, 50, 40])
@pytest.mark.parametrize("command", [("trend", "squat"), ("compare", "1", "2")])
def test_names_of_measures_are_whole_on_any_terminal(width, command, monkeypatch):
    for k in (1, 2):
        add("squat", str(k), athlete="Ana")
    wide = _on_a_terminal(500, *command, monkeypatch=monkeypatch)
    names = [line.split()[0] for line in wide if "no change" in line and "°" in line]
    assert len(names) > 5
    narrow = _on_a_terminal(width, *command, monkeypatch=monkeypatch)
    assert {name for line in narrow for name in line.split()} >= set(names)


def test_the_list_marks_a_score_that_says_little(capsys):
    """A set from the front that passed 1 of 6 checks was a 100 like any other."""
    new = new_set("squat", "1")
    counts = {"pass": 1, "borderline": 0, "fail": 0, "cannot_tell": 5}
    little = new.report.set_.model_copy(update={"verdict_counts": counts})
    with store.open_history() as history:
        history.add(replace(new, report=new.report.model_copy(update={"set_": little})))
    add("squat", "2")
    assert cli.main(["history"]) == 0
    _, second, first, legend = capsys.readouterr().out.splitlines()
    assert (" 100 " in second, " 100* " in first) == (True, True)
    assert legend == "* by less than half the checks"


@pytest.mark.parametrize(
    ("before", "after", "error", "unit", "says"),
    [
        (51.59, 48.32, 8.1, "cm", ("52 cm", "48 cm", "-4 cm ± 11 cm")),
        (1.12, 1.21, 0.3, "s", ("1.1 s", "1.2 s", "+0.1 s ± 0.4 s")),
    ],
)
def test_the_history_rounds_as_the_report_does(before, after, error, unit, says):
    """A way of the hips of 51.59 cm ± 8.46 cm was 51.6 cm in the report."""
    change = changes.between("a", (before, error, unit), (after, error, unit))
    assert terminal_history._compared(change)[1:4] == says
    assert (words.amount(before, unit), words.amount(after, unit)) == says[:2]
