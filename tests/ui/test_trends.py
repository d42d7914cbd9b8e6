"""Sets over time: what the history keeps of the page's sets, and what is said to have changed."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from formcheck import progress
from formcheck.errors import HistoryError
from formcheck.exercises import EXERCISES
from formcheck.keeping import new_set
from formcheck.store import Details, moment_in_words
from formcheck.types import Recognition, SetSummary, Verdict
from formcheck.ui import remembering, server, session, trends, work
from formcheck.ui.sets import Shelf
from tests.ui.conftest import keep

DEPTH = "squat.depth"
COLOURS = dict.fromkeys(("trace", "good", "poor", "none", "page"), "#000")


def kept(stored, analysis):
    """Write a set's findings as the background work does."""
    work._write(stored, analysis, [])
    return stored.card.kept


def squats(analysis, depth_deg, sha):
    """A set whose repetitions are all this deep."""
    reps = [
        replace(
            scored,
            checks=tuple(
                replace(c, value=depth_deg if c.id == DEPTH else math.nan) for c in scored.checks
            ),
        )
        for scored in analysis.reps
    ]
    return replace(analysis, reps=tuple(reps), clip=replace(analysis.clip, sha256=sha * 64))


@pytest.fixture
def diary(shelf, sample_clip, squat_set, tmp_path):
    """Three sets on three days: shallow, the same within the error, then clearly deeper."""
    made = []
    for number, depth in enumerate((10.0, 8.0, -6.0)):
        clip = tmp_path / f"{number}.mp4"
        clip.write_bytes(sample_clip.read_bytes() + bytes([number]))
        analysis = squats(squat_set, depth, "abc"[number])
        stored = keep(shelf, clip, analysis)
        number_kept = kept(stored, analysis)
        when = datetime(2026, 5, 1, 12, tzinfo=UTC) + timedelta(days=number)
        remembering.history().change(number_kept, Details(performed_at=when))
        made.append(stored)
    return made


def test_a_set_is_remembered_once_however_often_it_is_scored(shelf, stored, squat_set):
    first = kept(stored, squat_set)
    again = kept(stored, squats(squat_set, -20.0, "0"))
    assert first == again
    [known] = remembering.kept_sets(shelf)
    assert (known.exercise, known.reps) == ("squat", 3)
    [depth] = [v for v in remembering.values(shelf, "squat") if v.name == DEPTH]
    assert depth.value == -20.0


def test_a_set_was_done_when_its_clip_was_taken_in_until_a_day_is_said(shelf, stored, squat_set):
    """Not when it was analysed: the page would show two times of one set."""
    stored.update(made_s=1_750_000_000.0)
    number = kept(stored, squat_set)
    [known] = remembering.kept_sets(shelf)
    assert known.performed_at.timestamp() == 1_750_000_000.0
    said = datetime(2025, 5, 1, 12, tzinfo=UTC)
    remembering.history().change(number, Details(performed_at=said))
    kept(stored, squat_set)  # scored again
    [known] = remembering.kept_sets(shelf)
    assert known.performed_at == said


def test_visitors_do_not_see_each_others_progress(shelf, stored, squat_set, data):
    number = kept(stored, squat_set)
    stranger = Shelf("w" * 43, data)
    assert remembering.kept_sets(stranger) == []
    assert remembering.values(stranger, "squat") == []
    remembering.forget(stranger, number)
    assert len(remembering.kept_sets(shelf)) == 1


def test_deleting_a_set_deletes_it_from_shelf_and_history(shelf, stored, squat_set):
    kept(stored, squat_set)
    remembering.delete(shelf, stored)
    assert not stored.folder.exists()
    assert remembering.kept_sets(shelf) == []


def test_the_same_clip_with_other_wishes_keeps_the_numbers(shelf, sample_clip, squat_set, stored):
    """Both are one set in the history; it goes with the last of them."""
    with sample_clip.open("rb") as stream:
        twin = shelf.add("twin.mp4", stream, "auto", "heavy")
    twin.update(kept=kept(stored, squat_set))
    remembering.delete(shelf, stored)
    assert len(remembering.kept_sets(shelf)) == 1
    remembering.delete(shelf, twin)
    assert remembering.kept_sets(shelf) == []


def test_progress_opens_the_set_whose_numbers_it_shows(shelf, sample_clip, squat_set, stored):
    """Of two sets of one clip the newer was opened, also where the other was scored last."""
    with sample_clip.open("rb") as stream:
        twin = shelf.add("twin.mp4", stream, "squat", "heavy")
    for scored, other in ((stored, twin), (twin, stored), (stored, twin)):
        number = kept(scored, squat_set)
        other.update(kept=number)
        [known] = remembering.kept_sets(shelf)
        assert remembering.clips(shelf, [known])[number].folder == scored.folder
    again = remembering.delete(shelf, stored)
    assert again is not None  # the numbers there are those of the deleted one
    assert again.folder == twin.folder
    kept(twin, squat_set)
    assert remembering.delete(shelf, twin) is None


def test_a_set_that_is_taken_for_nothing_after_all_leaves_progress(shelf, stored, squat_set):
    """Its numbers stayed there, as of a clip that is gone, and outlived the set's deletion."""
    number = kept(stored, squat_set)
    remembering.history().change(number, Details(notes="easy"))
    unknown = replace(squat_set, exercise=Recognition(None, 0.1, "recognised"), reps=())
    assert kept(stored, unknown) == number
    [known] = remembering.kept_sets(shelf)
    assert (known.exercise, known.reps, known.notes) == (None, 0, "easy")
    assert remembering.values(shelf, "squat") == []
    kept(stored, squat_set)
    [known] = remembering.kept_sets(shelf)
    assert (known.exercise, known.notes) == ("squat", "easy")
    kept(stored, unknown)
    remembering.delete(shelf, stored)
    assert remembering.kept_sets(shelf) == []


def test_a_history_that_fails_for_once_loses_no_set(shelf, stored, squat_set, monkeypatch):
    """The page forgot its number there, and deleting the set left it in Progress."""
    number = kept(stored, squat_set)
    with monkeypatch.context() as broken:
        broken.setattr(remembering, "history", _full)
        assert kept(stored, squat_set) == number
    remembering.delete(shelf, stored)
    assert remembering.kept_sets(shelf) == []


def _full(*_, **__):
    raise HistoryError("the disk is full")


def test_a_set_deleted_while_it_is_analysed_is_not_remembered(
    shelf, stored, squat_set, monkeypatch
):
    real = remembering.remember

    def slow(kept_set, analysis):
        number = real(kept_set, analysis)
        shelf.delete(stored.folder.name)
        return number

    monkeypatch.setattr(work, "remember", slow)
    with pytest.raises(FileNotFoundError):
        kept(stored, squat_set)
    assert remembering.kept_sets(shelf) == []


def test_a_history_that_fails_costs_no_review(stored, squat_set, monkeypatch):
    def broken():
        raise HistoryError("the disk is full")

    monkeypatch.setattr(remembering, "history", broken)
    assert kept(stored, squat_set) is None
    assert stored.card.ready


def test_what_was_not_recognised_is_not_remembered(shelf, stored, squat_set):
    unknown = replace(squat_set, exercise=Recognition(None, 0.1, "recognised"), reps=())
    assert kept(stored, unknown) is None
    assert remembering.kept_sets(shelf) == []


def trend(shelf, name=DEPTH):
    goals = trends.goals(EXERCISES["squat"])
    [found] = [
        t for t in progress.trends(remembering.values(shelf, "squat"), goals) if t.name == name
    ]
    return found


@pytest.mark.usefixtures("diary")
def test_a_change_within_the_error_is_grey_and_a_larger_one_is_better(shelf):
    """Errors of 4 degrees each: 5.7 together. 10 to 8 is none, 8 to -6 is deeper."""
    points = trends.points_of(trend(shelf), "low")
    assert [p.turn for p in points] == ["first", "same", "better"]
    assert [p.value for p in points] == [10.0, 8.0, -6.0]
    spec = trends.chart(points, "Depth", 0.0, COLOURS, "deg")
    steps = spec["layer"][0]["data"]["values"]
    assert [(s["step"], s["turn"]) for s in steps] == [(2, "same")] * 2 + [(3, "better")] * 2
    bars = [(row["low"], row["high"]) for row in spec["layer"][1]["data"]["values"]]
    assert bars[2] == (-10.0, -2.0)


def test_one_set_has_no_line_and_a_score_has_a_whole_axis():
    spec = trends.chart([trends.Point(1, "1 May", 94.8, None, "first", "95")], "Score", None,
                        COLOURS, trends.OF_100)  # fmt: skip
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["rule", "point"]
    for layer in spec["layer"]:
        assert layer["encoding"]["y"]["scale"] == {"domain": [0, 100]}
        assert layer["encoding"]["y"]["axis"]["labelExpr"] == "format(datum.value, '.3~r') + \"\""


@pytest.mark.usefixtures("diary")
def test_the_newest_set_in_a_sentence(shelf):
    said = trends.in_short(trend(shelf))
    assert said.startswith("Hip 6° below knee level")
    assert "▲ 14° better than the last set" in said
    assert "▲ 16° better than the first set" in said


def test_no_change_is_said_with_its_error(shelf, diary):
    remembering.delete(shelf, diary[2])
    assert "no change beyond the error of 6° since the last set" in trends.in_short(trend(shelf))


@pytest.fixture
def own(monkeypatch):
    monkeypatch.setattr(session, "valid", lambda _token: "v" * 43)
    return AppTest.from_file(str(server.PAGE), default_timeout=60)


def test_the_page_shows_trends_and_sets(own, diary):
    own.query_params["page"] = "trends"
    own.run()
    assert not own.exception
    assert own.segmented_control("progress_of").options == ["Squat"]
    texts = [m.value for m in own.markdown]
    assert any(text.startswith("**Depth**") and "better" in text for text in texts)
    assert own.button(f"kept_{diary[0].card.kept}")
    own.button(f"kept_{diary[2].card.kept}").click().run()
    assert own.query_params["set"] == diary[2].card.id


def test_what_a_score_rests_on_is_said_with_it(
    own, shelf, stored, sample_clip, squat_set, tmp_path
):
    """... and a newer set without one is not passed over as if it were not there."""
    counts = {Verdict.PASS: 1, Verdict.CANNOT_TELL: 11}
    few = replace(squat_set, summary=SetSummary(99.53, counts, (), {}, {}), reps=squat_set.reps[:1])
    kept(stored, few)
    own.query_params["page"] = "trends"
    own.run()
    says = "100 of 100, by 1 of 12 checks, 1 rep in the last set. Hollow"
    assert [m.value for m in own.markdown if says in m.value]
    [line] = [b.label for b in own.button if "1 rep ·" in b.label]
    assert "score 100 of 100  \nby 1 of 12 checks · " in line
    clip = tmp_path / "later.mp4"
    clip.write_bytes(sample_clip.read_bytes() + b"later")
    blind = replace(squats(few, 1.0, "f"), summary=SetSummary(math.nan, {}, (), {}, {}))
    kept(keep(shelf, clip, blind), blind)
    own.run()
    assert not own.exception
    assert [m.value for m in own.markdown if "1 rep in the last set with a score." in m.value]


def test_a_point_that_rests_on_little_is_hollow():
    points = [trends.Point(1, "1 May", 95.0, None, "first", "95", few=True)]
    layer = trends.chart(points, "Score", None, COLOURS | {"page": "#fff"}, trends.OF_100)["layer"]
    assert layer[1]["encoding"]["fill"]["condition"] == {"test": "datum.few", "value": "#fff"}
    assert layer[1]["data"]["values"][0]["few"]


def test_the_exercise_of_progress_is_there_again_after_a_reload(own, stored, squat_set):
    kept(stored, squat_set)
    lunge = replace(squats(squat_set, 1.0, "e"), exercise=Recognition("lunge", 1.0, "told"))
    remembering.history().add(
        new_set(lunge, details=Details(athlete=remembering.athlete_of(stored)))
    )
    own.query_params["page"] = "trends"
    own.run()
    assert own.segmented_control("progress_of").options == ["Lunge", "Squat"]
    own.segmented_control("progress_of").set_value("squat").run()
    assert own.query_params["of"] == "squat"
    again = AppTest.from_file(str(server.PAGE), default_timeout=60)
    again.query_params.update({"page": "trends", "of": "squat"})
    again.run()
    assert not again.exception
    assert again.segmented_control("progress_of").value == "squat"
    again.button(f"kept_{stored.card.kept}").click().run()
    again.button("back").click().run()
    assert again.segmented_control("progress_of").value == "squat"


@pytest.mark.usefixtures("data")
def test_nothing_yet_is_said(own):
    own.query_params["page"] = "trends"
    own.run()
    assert not own.exception
    assert "Nothing to compare yet" in own.info[0].value


def test_a_report_that_cannot_be_read_is_told_where_the_trends_would_be(own, diary, monkeypatch):
    def unreadable(_history, _values):
        raise HistoryError(f"the report of set {diary[0].card.kept} cannot be read")

    monkeypatch.setattr(remembering, "kept_reports", unreadable)
    own.query_params["page"] = "trends"
    own.run()
    assert not own.exception
    assert "cannot be read" in own.error[0].value
    assert own.button(f"kept_{diary[0].card.kept}")  # the sets are still there


def test_numbers_stay_when_the_clip_has_gone_and_can_be_deleted(own, shelf, diary):
    number = diary[1].card.kept
    shelf.delete(diary[1].folder.name)  # as the retention does
    own.query_params["page"] = "trends"
    own.run().button(f"forget_{number}").click().run()
    assert not own.exception
    assert number not in {s.id for s in remembering.kept_sets(shelf)}


def test_load_tags_and_notes_are_kept(own, shelf, stored, squat_set):
    kept(stored, squat_set)
    own.query_params["set"] = stored.card.id
    own.session_state[f"details_{stored.card.id}"] = True  # opened
    own.run()
    own.number_input[0].set_value(100.0)
    own.text_input[0].set_value("heavy, belt,")
    own.text_area[0].set_value("felt good")
    own.button(f"FormSubmitter:say_{stored.card.id}-Keep").click().run()
    assert not own.exception
    [known] = remembering.kept_sets(shelf)
    assert (known.load_kg, known.tags, known.notes) == (100.0, ("belt", "heavy"), "felt good")


def test_what_was_said_elsewhere_is_not_lost_by_the_form(own, shelf, stored, squat_set):
    """The command takes a load and a tag that the form would not."""
    said = Details(load_kg=1200.0, tags=("easy, but long",), notes="belt")
    remembering.history().change(kept(stored, squat_set), said)
    own.query_params["set"] = stored.card.id
    own.session_state[f"details_{stored.card.id}"] = True  # opened
    own.run()
    own.text_area[0].set_value("no belt")
    own.button(f"FormSubmitter:say_{stored.card.id}-Keep").click().run()
    assert not own.exception
    [known] = remembering.kept_sets(shelf)
    assert (known.load_kg, known.tags, known.notes) == (1200.0, said.tags, "no belt")


@pytest.fixture
def berlin(monkeypatch):
    """This machine's clock: an hour before UTC in winter, two in summer."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("berlin")
def test_a_day_that_is_put_right_is_that_day_in_summer_as_in_winter(own, shelf, stored, squat_set):
    number = kept(stored, squat_set)
    july = datetime(2025, 7, 1).astimezone()  # the day alone is known
    remembering.history().change(number, Details(performed_at=july))
    own.query_params["set"] = stored.card.id
    own.session_state[f"details_{stored.card.id}"] = True  # opened
    own.run().date_input[0].set_value(date(2025, 1, 15))
    own.button(f"FormSubmitter:say_{stored.card.id}-Keep").click().run()
    assert not own.exception
    [known] = remembering.kept_sets(shelf)
    assert moment_in_words(known.performed_at) == "2025-01-15"
