"""Of sets that were not done alike it is told that a change may be just that."""

from __future__ import annotations

from collections import Counter

import pytest
from kept import new_set

from formcheck import cli, manners, store
from formcheck.report import Report

pytestmark = pytest.mark.usefixtures("data")


def lunges(number: int, variant: str | None, legs: str) -> store.NewSet:
    """A kept set of lunges that were done so; a letter a repetition."""
    new = new_set("lunge", str(number))
    told = new.report.model_dump(mode="json")
    told["exercise"]["variant"] = variant
    rep = told["reps"][0]
    sides = {"L": "left", "R": "right", "B": "both"}
    told["reps"] = [rep | {"index": k, "side": sides[leg]} for k, leg in enumerate(legs, start=1)]
    return store.NewSet(Report.model_validate(told))


@pytest.mark.parametrize(
    ("variant", "legs", "says"),
    [
        ("split_squat", "LLL", "Split squat, left leg"),
        ("reverse_lunge", "RR", "Reverse lunge, right leg"),
        (None, "LRLR", "Lunge, legs in turn"),
        ("bulgarian_split_squat", "BB", "Bulgarian split squat"),
        (None, "", "Lunge"),
    ],
)
def test_a_set_is_told_by_variant_and_leg(variant, legs, says):
    assert manners.manner(lunges(1, variant, legs).report) == says


def test_show_tells_how_a_set_was_done(capsys):
    with store.open_history() as history:
        for number, variant in ((1, "split_squat"), (2, None)):
            history.add(lunges(number, variant, "LLL" if variant else "BB"))
    assert cli.main(["history", "show", "1"]) == 0
    assert "\nSplit squat, left leg · " in capsys.readouterr().out
    assert cli.main(["history", "show", "2"]) == 0
    assert "Lunge · " not in capsys.readouterr().out


def test_a_set_on_the_other_leg_is_told_as_such(capsys):
    """The left leg on Monday and the right one after it were told as a worse depth."""
    with store.open_history() as history:
        for number, legs in ((1, "LLL"), (2, "RRR"), (3, "LLL")):
            history.add(lunges(number, "split_squat", legs))
    told = (
        "Not all done alike, which may be what changed: "
        "Split squat, left leg (2 sets); Split squat, right leg (1 set)."
    )
    for asked in (["trend", "lunge"], ["trend", "lunge", "--measure", "lunge.depth"]):
        assert cli.main(["history", *asked]) == 0
        assert " ".join(capsys.readouterr().out.split()).endswith(told)
    assert cli.main(["history", "compare", "1", "2"]) == 0
    assert "Not all done alike" in capsys.readouterr().out
    assert cli.main(["history", "compare", "1", "3"]) == 0
    assert "alike" not in capsys.readouterr().out


def test_sets_that_have_no_measure_in_common_are_told_as_such(capsys):
    """There was a table without a row."""
    with store.open_history() as history:
        history.add(lunges(1, None, "LLL"))
        history.add(lunges(2, None, ""))
    assert cli.main(["history", "compare", "1", "2"]) == 0
    assert capsys.readouterr().out.endswith("\nNothing was measured in both of them.\n")


def test_sets_without_a_repetition_are_of_no_manner():
    reports = [lunges(1, "split_squat", "LL").report, lunges(2, None, "").report]
    done: Counter[str] = Counter()
    assert list(manners.noted(reports, done)) == reports
    assert manners.unlike(done) == ""
