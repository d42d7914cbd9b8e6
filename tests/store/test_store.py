"""What is put into the history comes out again, and what is deleted is gone; on both databases."""

from __future__ import annotations

import io
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from kept import analysis_of, new_set
from sqlalchemy import MetaData, create_engine, inspect, select, text

from formcheck import historyfiles, keeping, store
from formcheck.errors import HistoryError, UsageError
from formcheck.pipeline import evaluate
from formcheck.store import opening
from formcheck.store.opening import history_url
from formcheck.store.tables import Base
from formcheck.types import Landmark

MONDAY = datetime(2024, 5, 6, 18, 0, tzinfo=UTC)


def rows(url):
    """How many rows each table has, over a connection of its own."""
    engine = create_engine(history_url(url))
    meta = MetaData()
    meta.reflect(engine)
    with engine.connect() as connection:
        counts = {
            name: len(connection.execute(select(table)).all())
            for name, table in meta.tables.items()
        }
    engine.dispose()
    return counts


def test_a_set_comes_out_as_it_went_in(history):
    new = new_set("squat", "a", load_kg=102.5, notes="with a belt", tags=("heavy", "am"))
    number = history.add(new)
    kept = history.get(number)
    assert (kept.athlete, kept.exercise, kept.load_kg) == ("me", "squat", 102.5)
    assert (kept.notes, kept.tags, kept.clip_name) == ("with a belt", ("am", "heavy"), "a.mp4")
    assert (kept.reps, kept.score, kept.view) == (3, 100.0, "side")
    assert kept.settings == {"exercise": "squat"}
    assert kept.performed_at == kept.analysed_at
    assert abs(kept.analysed_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert history.report_json(number) == new.report.to_json()
    assert history.pictures(number) == new.pictures
    assert history.sets() == [kept]


def test_landmarks_come_back_finer_than_they_were_seen(history, add):
    recording = history.recording(add("squat"))
    raw = analysis_of("squat").raw
    assert np.array_equal(recording.raw.time_s, raw.time_s)
    assert np.array_equal(recording.raw.shot, raw.shot)
    assert (recording.raw.width, recording.raw.height) == (raw.width, raw.height)
    allowed = {"xy_px": 0.01, "world_m": 1e-4, "visibility": 1e-3, "presence": 1e-3}
    for name, most in allowed.items():
        np.testing.assert_allclose(getattr(recording.raw, name), getattr(raw, name), atol=most)
    signals = analysis_of("squat").signals
    assert set(recording.signals.values) == set(signals.values)
    for name, values in signals.values.items():
        np.testing.assert_allclose(recording.signals[name], values, rtol=1e-6, atol=1e-4)


def test_what_was_not_seen_comes_back_as_not_seen(history):
    raw = analysis_of("squat").raw
    xy = raw.xy_px.copy()
    xy[5:9] = np.nan
    recording = store.Recording(replace(raw, xy_px=xy), analysis_of("squat").signals)
    back = history.recording(history.add(replace(new_set(), recording=recording)))
    assert np.array_equal(np.isnan(back.raw.xy_px), np.isnan(xy))


@pytest.mark.parametrize("lift", ["squat", "deadlift", "lunge", "hip_thrust"])
def test_a_kept_set_can_be_scored_anew(tmp_path, lift):
    with store.open_history(f"sqlite:///{tmp_path / 'h.db'}") as history:
        kept = history.recording(history.add(new_set(lift)))
    before = analysis_of(lift)
    again = evaluate(kept.raw, lift, model=before.model)
    assert [rep.rep for rep in again.reps] == [rep.rep for rep in before.reps]
    for new, old in zip(again.reps, before.reps, strict=True):
        assert new.score == pytest.approx(old.score, abs=1)
        for name, measure in old.measures.items():
            assert new.measures[name].value == pytest.approx(measure.value, abs=0.1, nan_ok=True)


def test_an_analysis_that_was_kept_says_the_same(history, add):
    number = add("lunge")
    again = historyfiles.source_of(history, number).analysis
    assert keeping.new_set(again).report == keeping.kept_report(history, number)
    before = analysis_of("lunge")
    assert again.capture.near_side == before.capture.near_side
    np.testing.assert_allclose(again.track.xy_px, before.track.xy_px, atol=0.5)


def test_a_video_is_kept_only_when_told_to_and_comes_back_whole(history, tmp_path):
    clip = tmp_path / "clip.mp4"
    content = np.random.default_rng(1).bytes((5 << 20) // 2)
    clip.write_bytes(content)
    without, with_it = (
        history.add(new_set()),
        history.add(replace(new_set("lunge", "1"), video=clip)),
    )
    out = io.BytesIO()
    assert history.write_video(without, out) == 0
    assert history.get(without).video_bytes == 0
    assert history.write_video(with_it, out) == len(content) == history.get(with_it).video_bytes
    assert out.getvalue() == content


def test_sets_are_found_by_what_is_known_of_them(history, add):
    old = add("squat", "1", athlete="Ana", tags=("heavy",), performed_at=MONDAY)
    new = add("squat", "2", athlete="Ana", performed_at=MONDAY + timedelta(days=7))
    other = add("lunge", "3", athlete="Bo", performed_at=MONDAY + timedelta(days=3))

    def found(**wanted):
        return [kept.id for kept in history.sets(store.Wanted(**wanted))]

    assert found() == [new, other, old]
    assert found(exercise="squat") == [new, old]
    assert found(athlete="Bo") == [other]
    assert found(tag="heavy") == [old]
    assert found(since=MONDAY + timedelta(days=3)) == [new, other]
    assert found(until=MONDAY + timedelta(days=3)) == [old]
    assert found(athlete="Bo", exercise="squat") == []
    assert history.count(store.Wanted(exercise="squat")) == 2
    assert [kept.id for kept in history.sets(limit=1, offset=1)] == [other]
    people = {a.name: (a.sets, a.last_at) for a in history.athletes()}
    assert people == {"Ana": (2, MONDAY + timedelta(days=7)), "Bo": (1, MONDAY + timedelta(days=3))}


@pytest.mark.parametrize("asked", ["José  Lee", " Jose\u0301 Lee", "José\nLee"])
def test_a_name_is_found_however_it_was_written(history, add, asked):
    """A keyboard gives an é as one character, a file system as two; both look the same."""
    number = add("squat", "1", athlete="Jose\u0301 Lee", tags=("pre\u0301  mat",))
    assert add("squat", "1", athlete=asked) == number
    assert [kept.id for kept in history.sets(store.Wanted(athlete=asked))] == [number]
    assert [kept.id for kept in history.sets(store.Wanted(tag=" pré mat"))] == [number]
    assert history.values("squat", athlete=asked, name="squat.depth")
    history.delete_athlete(asked)
    assert history.athletes() == []


def test_what_no_database_can_hold_is_asked_for_in_vain(history, add):
    add("squat", "1", athlete="Ana")
    for wanted in ({"athlete": "A\udcff"}, {"tag": "\udcff"}, {"exercise": "squ\udcff"}):
        assert history.sets(store.Wanted(**wanted)) == []
    assert history.values("squat", name="squat.\udcff") == []


def test_a_moment_is_the_same_wherever_it_was_said(history, add):
    there = MONDAY.astimezone(timezone(timedelta(hours=-7)))
    assert history.get(add("squat", performed_at=there)).performed_at == MONDAY
    with pytest.raises(UsageError, match="time zone"):
        add("squat", "2", performed_at=datetime(2024, 5, 6))


def test_every_tag_of_a_long_list_is_shown(history, add):
    numbers = [add("squat", f"{k}", tags=(f"t{k}",)) for k in range(101)]
    assert {kept.id: kept.tags for kept in history.sets()} == {
        number: (f"t{k}",) for k, number in enumerate(numbers)
    }


def test_the_same_clip_is_the_same_set_with_new_findings(history, add, url):
    number = add("squat", "1", load_kg=80.0, notes="felt easy", tags=("am",), performed_at=MONDAY)
    before = rows(url)
    again = history.add(new_set("lunge", "1"))
    assert again == number
    kept = history.get(number)
    assert (kept.exercise, kept.load_kg, kept.notes, kept.tags) == (
        "lunge",
        80.0,
        "felt easy",
        ("am",),
    )
    assert kept.performed_at == MONDAY
    assert history.values("squat") == []
    assert {k: v for k, v in rows(url).items() if k != "set_value"} == {
        k: v for k, v in before.items() if k != "set_value"
    }
    assert add("squat", "1", athlete="Bo") != number


def test_measured_values_are_listed_oldest_first(history, add):
    second = add("squat", "2", performed_at=MONDAY + timedelta(days=1), load_kg=110.0)
    first = add("squat", "1", performed_at=MONDAY, load_kg=100.0)
    add("lunge", "3")
    values = history.values("squat", athlete="me", name="squat.depth")
    assert [(v.set_id, v.load_kg, v.reps) for v in values] == [
        (first, 100.0, 3),
        (second, 110.0, 3),
    ]
    depths = [c for rep in new_set().report.reps for c in rep.checks if c.id == "squat.depth"]
    assert values[0].value == sorted(check.value for check in depths)[1]
    assert (values[0].error, values[0].unit) == (depths[0].margin, "deg")
    names = {value.name for value in history.values("squat")}
    assert {"squat.depth", "hip_flexion_bottom", "concentric_s"} <= names
    assert "squat.knee_valgus" not in names  # not seen from the side: no value, and not 0
    assert history.values("squat", athlete="nobody") == []


def test_what_was_said_can_be_changed(history, add):
    number = add("squat", "1", load_kg=80.0, notes="a", tags=("x",))
    history.change(number, store.Details(athlete="Bo", notes="", tags=("y", "z")))
    kept = history.get(number)
    assert (kept.athlete, kept.load_kg, kept.notes, kept.tags) == ("Bo", 80.0, "", ("y", "z"))
    twin = add("squat", "1")
    with pytest.raises(UsageError, match=f"set {number}"):
        history.change(twin, store.Details(athlete="Bo"))
    assert history.get(twin).athlete == "me"


def test_what_is_deleted_leaves_nothing(history, add, url, tmp_path):
    stays = add("squat", "1", tags=("a",))
    before = rows(url)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"video" * 1000)
    gone = history.add(replace(new_set("lunge", "2", tags=("a", "b")), video=clip))
    assert all(count > before[name] for name, count in rows(url).items() if name.startswith("set_"))
    history.delete([gone])
    assert rows(url) == before
    assert [kept.id for kept in history.sets()] == [stays]
    with pytest.raises(UsageError, match=f"no set {gone}"):
        history.recording(gone)


def test_deleting_an_athlete_deletes_all_their_sets(history, add, url):
    add("squat", "1", athlete="Ana")
    kept = add("squat", "2", athlete="Bo")
    history.delete_athlete("Ana")
    assert [s.id for s in history.sets()] == [kept]
    assert [a.name for a in history.athletes()] == ["Bo"]
    assert rows(url)["set_report"] == 1
    with pytest.raises(UsageError, match="Ana"):
        history.delete_athlete("Ana")


def test_what_plates_hide_is_kept(history):
    """Joints behind a plate are moved farther: exports of a kept set had them where they were."""
    analysis = analysis_of("deadlift")
    hidden = np.zeros_like(analysis.track.visibility, dtype=bool)
    hidden[20:60, Landmark.LEFT_KNEE] = True
    seen = replace(analysis, track=replace(analysis.track, hidden=hidden))
    number = history.add(keeping.new_set(seen))
    back = keeping.restored(keeping.kept_report(history, number), history.recording(number))
    assert np.array_equal(back.track.hidden, hidden)
    without = keeping.new_set(analysis).recording
    assert store.blobs.from_bytes(store.blobs.to_bytes(without)).hidden is None


def test_one_unknown_number_and_nothing_is_deleted(history, add):
    number = add("squat")
    with pytest.raises(UsageError, match="no set 99"):
        history.delete([number, 99])
    assert history.count() == 1


def test_a_number_is_never_given_again(history, add):
    first = add("squat", "1")
    history.delete([first])
    assert add("squat", "2") != first


@pytest.mark.parametrize(
    "ask",
    [
        lambda h, n: h.get(n),
        lambda h, n: h.report_json(n),
        lambda h, n: h.recording(n),
        lambda h, n: h.pictures(n),
        lambda h, n: h.write_video(n, io.BytesIO()),
        lambda h, n: h.change(n, store.Details(notes="x")),
        lambda h, n: h.delete([n]),
    ],
)
@pytest.mark.parametrize("number", [7, -1, 10**30])
def test_a_set_that_is_not_there_is_named(history, ask, number):
    with pytest.raises(UsageError, match=f"no set {number} in"):
        ask(history, number)


def test_any_number_of_sets_may_be_asked_for(history, add):
    add("squat")
    assert len(history.sets(limit=10**30)) == 1


@pytest.mark.parametrize(
    "details",
    [
        {"athlete": " "},
        {"athlete": "x" * 201},
        {"tags": ("",)},
        {"tags": ("x" * 101,)},
        {"load_kg": -1.0},
        {"load_kg": float("nan")},
    ],
)
def test_nonsense_is_refused_and_nothing_is_kept(history, add, url, details):
    with pytest.raises(UsageError):
        add("squat", "1", **details)
    assert history.count() == 0
    assert rows(url)["athlete"] == 0


def test_any_text_can_be_kept(history, add):
    number = add(
        "squat", "1", athlete="Zoë 李 \udcff", notes="50 %\0 'quoted'; --\n🙂", tags=("é",)
    )
    kept = history.get(number)
    assert kept.athlete == "Zoë 李 ?"
    assert kept.notes == "50 % 'quoted'; --\n🙂"
    assert kept.tags == ("é",)


@pytest.mark.usefixtures("history")
def test_the_migrations_make_the_tables_that_the_code_knows(url):
    """Alembic itself finds no difference between the database and the models."""
    engine = create_engine(history_url(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    for table in set(Base.metadata.tables) - {"athlete"}:
        [key] = inspect(engine).get_foreign_keys(table)
        assert key["options"] == {"ondelete": "CASCADE"}, table
    engine.dispose()


@pytest.mark.usefixtures("history")
def test_a_history_of_a_newer_version_is_not_touched(url):
    engine = create_engine(history_url(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = rows(url)
    with pytest.raises(HistoryError, match="newer FormCheck"):
        store.open_history(url)
    assert rows(url) == before


def test_only_the_drivers_that_come_along_are_used(tmp_path):
    assert history_url(f"sqlite+aiosqlite:///{tmp_path}/h.db").drivername == "sqlite"
    assert history_url("postgresql+psycopg2://me@host/sets").drivername == "postgresql+psycopg"


def test_a_disk_that_is_full_from_the_start_is_told_in_one_line(tmp_path, monkeypatch):
    """The file is made, and SQLite has no room for its first page."""

    def full(_engine):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(opening, "_use_write_ahead_log", full)
    with pytest.raises(HistoryError, match=r"h\.db: database or disk is full"):
        store.open_history(f"sqlite:///{tmp_path}/h.db")
