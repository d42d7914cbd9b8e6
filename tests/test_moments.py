"""A day without a time is the same day on every machine."""

from __future__ import annotations

import csv
import json
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from kept import add, kept

from formcheck import cli, store

pytestmark = pytest.mark.usefixtures("data")


@pytest.fixture
def move_to(monkeypatch):
    def move(zone):
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


ZONES = ("Europe/Berlin", "America/Los_Angeles", "Asia/Tokyo", "Pacific/Kiritimati", "UTC")


@pytest.mark.parametrize("here", ZONES)
def test_a_day_that_was_said_is_that_day_in_every_time_zone(here, move_to, tmp_path, capsys):
    """Further west it was shown as the evening before."""
    move_to(here)
    add("squat", "1")
    assert cli.main(["history", "edit", "1", "--date", "2024-05-06"]) == 0
    for there in ZONES:
        move_to(there)
        [line] = list_of(capsys)
        assert line.split()[1:3] == ["2024-05-06", "me"]
        assert cli.main(["history", "list", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)[0]["performed_at"] == "2024-05-06"
        out = tmp_path / there.replace("/", "_")
        assert cli.main(["history", "export", "1", "--format", "csv", "--out", str(out)]) == 0
        capsys.readouterr()
        with (out / "set-1" / "reps.csv").open(encoding="utf-8") as stream:
            assert next(csv.DictReader(stream))["performed_at"] == "2024-05-06"


def list_of(capsys):
    assert cli.main(["history", "list"]) == 0
    return capsys.readouterr().out.splitlines()[1:]


def test_a_day_moves_with_its_set_to_another_history(move_to, tmp_path, monkeypatch, capsys):
    move_to("Europe/Berlin")
    add("squat", "1")
    assert cli.main(["history", "edit", "1", "--date", "2024-05-06"]) == 0
    assert cli.main(["history", "export", "1", "--out", str(tmp_path / "out")]) == 0
    move_to("America/New_York")
    monkeypatch.setenv("FORMCHECK_DATA", str(tmp_path / "elsewhere"))
    file = tmp_path / "out" / "set-1" / "set.formcheck.zip"
    assert cli.main(["history", "import", str(file)]) == 0
    capsys.readouterr()
    assert list_of(capsys)[0].split()[1:3] == ["2024-05-06", "me"]


def test_a_day_that_has_no_midnight_is_no_other_day(move_to, capsys):
    """In Chile the clocks go forward at midnight: the day before was shown, at 23:00."""
    move_to("America/Santiago")
    add("squat", "1")
    assert cli.main(["history", "edit", "1", "--date", "2024-09-08"]) == 0
    assert list_of(capsys)[0].split()[1:3] == ["2024-09-08", "me"]


@pytest.mark.parametrize("zone", ZONES[:3])
def test_a_day_stands_between_the_evening_before_and_the_morning_after(zone, move_to):
    move_to(zone)
    for name, said in (("1", "2024-05-05T21:00"), ("2", "2024-05-06"), ("3", "2024-05-07T07:00")):
        add("squat", name, performed_at=store.said_moment(datetime.fromisoformat(said)))
    assert [one.clip_name for one in kept()] == ["3.mp4", "2.mp4", "1.mp4"]


def test_a_time_that_was_said_is_a_time(move_to, capsys):
    """Eight in the evening in New York is midnight in UTC."""
    move_to("America/New_York")
    add("squat", "1")
    for said in ("2024-05-06T20:00", "2024-05-06T08:00"):
        assert cli.main(["history", "edit", "1", "--date", said]) == 0
        assert said.replace("T", " ") in list_of(capsys)[0]


def test_a_day_kept_as_a_midnight_is_shown_as_the_day():
    midnight = datetime(2024, 5, 6).astimezone()
    assert store.moment_in_words(midnight) == "2024-05-06"
    moved = store.on_day(midnight, date(2024, 1, 6))
    assert moved == store.whole_day(date(2024, 1, 6))
    assert store.said_moment(moved) == moved
    assert store.moment_in_iso(midnight + timedelta(hours=7), UTC).startswith("2024-05-06T")
