"""The page's script itself: Streamlit's tester on the wrapper would pass and run nothing."""

from __future__ import annotations

import ast
import shutil
import socket
import subprocess
import sys
import time
import tomllib

import pytest
from streamlit.testing.v1 import AppTest

from formcheck.errors import UsageError
from formcheck.subject import Point
from formcheck.ui import jobs, launch, reviewpage, server, session, work
from formcheck.ui.component import colours
from formcheck.ui.progress import plain, time_left

pytestmark = pytest.mark.usefixtures("data")


@pytest.fixture
def page():
    return AppTest.from_file(str(server.PAGE), default_timeout=60)


@pytest.fixture
def own(page, monkeypatch):
    """The page, with the visitor whose shelf is ``shelf``."""
    monkeypatch.setattr(session, "valid", lambda _token: "v" * 43)
    return page


def _texts(page):
    return [e.value for kind in (page.markdown, page.caption, page.title, page.info) for e in kind]


def test_the_first_look(page):
    page.run()
    assert not page.exception
    assert page.title[0].value == "FormCheck"
    assert any("Nothing leaves this machine" in text for text in _texts(page))
    assert page.selectbox("exercise").options[0] == "Find out"
    assert page.button("sample_squat_clean")


@pytest.mark.parametrize(
    ("days", "says"),
    [("30", "kept here for 30 days, what"), ("1", "kept here for 1 day, what"),
     ("0", "kept here until you delete them"), ("a month", "kept here until you delete them")],
)  # fmt: skip
def test_how_long_sets_are_kept_is_said_as_it_is(page, monkeypatch, days, says):
    monkeypatch.setenv("FORMCHECK_KEEP_DAYS", days)
    page.run()
    assert not page.exception
    assert any(says in text for text in _texts(page))


def test_a_sample_is_one_click_from_its_analysis(own, monkeypatch):
    asked = []
    monkeypatch.setattr(jobs.JOBS, "analyse", asked.append)
    own.run().button("sample_squat_clean").click().run()
    assert not own.exception
    [stored] = asked
    assert stored.card.name == "squat_clean.mp4"
    assert own.query_params["set"] == stored.card.id


def test_a_set_seen_before_opens_at_once(own, stored, monkeypatch):
    monkeypatch.setattr(jobs.JOBS, "analyse", lambda _: pytest.fail("analysed again"))
    own.query_params["set"] = stored.card.id
    own.run()
    assert not own.exception
    assert own.selectbox(f"correct_{stored.card.id}").value == "squat"


@pytest.mark.parametrize(
    ("wish", "kept"), [({"person": 2}, 2), ({"person": [320, 200.5, 1.5]}, [320.0, 200.5, 1.5])]
)
def test_somebody_else_in_the_clip_is_followed_anew(stored, monkeypatch, wish, kept):
    asked = []
    monkeypatch.setattr(jobs.JOBS, "analyse", lambda s, **_: asked.append(s.card.person))
    monkeypatch.setattr(reviewpage.st, "rerun", lambda: None)
    stored.update(by_hand=[[1.0, 2.0, 3.0]])
    reviewpage._follow(stored, wish)
    assert asked == [kept]
    assert stored.card.by_hand is None


@pytest.mark.parametrize("wish", [{"person": [1, 2]}, {"person": "2"}, {"person": None}, 5])
def test_what_names_nobody_changes_nothing(stored, monkeypatch, wish):
    monkeypatch.setattr(jobs.JOBS, "analyse", lambda *_a, **_k: pytest.fail("analysed"))
    reviewpage._follow(stored, wish)
    assert stored.card.person is None


def test_the_wished_for_person_is_looked_for_and_an_empty_place_is_said(stored, monkeypatch):
    asked = []

    def estimate(*_arguments, person, **_options):
        asked.append(person)
        raise UsageError("--person: nobody was found at 5,6 at 1.5 s")

    monkeypatch.setattr(work, "follow", estimate)
    for person, wish in ((2, 2), ([5.0, 6.0, 1.5], Point(5.0, 6.0, 1.5))):
        stored.update(person=person)
        with pytest.raises(UsageError, match=r"^Nobody was found there"):
            work.analyse(stored, lambda *_: None)
        assert asked.pop() == wish
        assert stored.card.person is None
        assert stored.card.ready  # what was found before is still there


def test_another_visitors_set_is_not_shown(page, stored):
    page.query_params["set"] = stored.card.id
    page.run()
    assert not page.exception
    assert "another browser" in page.info[0].value


def test_my_sets_are_listed_and_open(own, stored):
    own.run()
    own.query_params["page"] = "sets"
    own.run()
    assert not own.exception
    line = own.button(f"list_{stored.card.id}")
    assert "Squat" in line.label
    assert "3 reps · score 82 of 100" in line.label
    assert f"{time.localtime(stored.card.made_s).tm_year}, " in line.label  # phones have no tooltip
    line.click().run()
    assert own.query_params["set"] == stored.card.id


@pytest.mark.parametrize("way", ["upload", "sets"])
def test_only_what_is_being_analysed_is_said_to_be(own, stored, monkeypatch, way):
    """It was said of clips that were cancelled, or whose server was started anew, as well."""
    stored.update(ready=False)
    job = jobs.Job(stored, "a.mp4", state="waiting")
    known = {str(stored.folder): job}
    monkeypatch.setattr(jobs.JOBS, "_jobs", known)
    own.query_params["page"] = way
    own.run()
    assert not own.exception
    assert own.button(f"cancel_{stored.card.id}")  # a session that never heard of it
    assert not [b for b in own.button if plain(stored.card.name) in b.label]
    own.button(f"cancel_{stored.card.id}").click().run()
    [line] = [b for b in own.button if plain(stored.card.name) in b.label]
    assert "Not analysed" in line.label
    known.clear()  # the server was started anew
    own.run()
    [line] = [b for b in own.button if plain(stored.card.name) in b.label]
    assert "Not analysed" in line.label


def test_a_cancelled_clip_can_be_analysed_though_its_step_has_not_ended(own, stored, monkeypatch):
    stored.update(ready=False)
    job = jobs.Job(stored, "a.mp4", state="running")
    job.cancelled.set()
    monkeypatch.setattr(jobs.JOBS, "of", lambda _: job)
    own.query_params["set"] = stored.card.id
    own.run()
    assert "Cancelled" in own.info[0].value
    assert own.button("again")


@pytest.mark.parametrize(
    ("address", "way"), [("trends", "trends"), ("sets", "sets"), ("nowhere", "upload")]
)
def test_the_address_says_which_way_in_is_shown(page, address, way):
    page.query_params["page"] = address
    page.run()
    assert page.session_state["way"] == way
    page.button_group("way").set_value("record").run()
    assert page.query_params["page"] == "record"
    page.button_group("way").set_value("upload").run()
    assert "page" not in page.query_params


def test_what_is_chosen_for_clips_outlasts_a_visit_of_the_sets(own, stored):
    own.run().selectbox("exercise").select("lunge").run()
    own.selectbox("model").select("lite").run()
    own.button_group("way").set_value("sets").run()
    own.button(f"list_{stored.card.id}").click().run()
    own.button("back").click().run()
    own.button_group("way").set_value("upload").run()
    assert not own.exception
    assert (own.selectbox("exercise").value, own.selectbox("model").value) == ("lunge", "lite")


def test_one_leaves_a_set_to_where_it_was_opened(own, stored):
    own.query_params["page"] = "sets"
    own.query_params["set"] = stored.card.id
    own.run()
    assert own.button("back").label.endswith("Sets")
    own.button("back").click().run()
    assert "set" not in own.query_params
    assert own.button(f"list_{stored.card.id}")


def test_the_exercise_is_corrected_by_hand(own, stored, monkeypatch):
    asked = []
    monkeypatch.setattr(jobs.JOBS, "rescore", lambda s: asked.append(s.card.asked))
    stored.update(by_hand=[[1.0, 2.0, 3.0]])
    own.query_params["set"] = stored.card.id
    own.run().selectbox(f"correct_{stored.card.id}").select("lunge").run()
    assert not own.exception
    assert asked == ["lunge"]
    assert stored.card.by_hand == [[1.0, 2.0, 3.0]]  # a lunge turns at the bottom as well
    own.selectbox(f"correct_{stored.card.id}").select("deadlift").run()
    assert stored.card.by_hand is None
    own.selectbox(f"correct_{stored.card.id}").select("auto").run()
    assert not own.exception
    assert asked == ["lunge", "deadlift", "auto"]


def test_a_blurred_face_is_asked_for(own, stored, monkeypatch):
    asked = []
    monkeypatch.setattr(jobs.JOBS, "rescore", lambda s: asked.append(s.card.blur_face))
    own.query_params["set"] = stored.card.id
    own.run().toggle(f"blur_{stored.card.id}").set_value(True).run()
    assert not own.exception
    assert asked == [True]


@pytest.mark.parametrize(
    ("wish", "kept"),
    [({"reps": [[1, 2, 3]]}, [[1.0, 2.0, 3.0]]), ({"reps": None}, None), ({"reps": []}, [])],
)
def test_repetitions_marked_in_the_browser_are_kept_and_scored(stored, monkeypatch, wish, kept):
    asked = []
    monkeypatch.setattr(jobs.JOBS, "rescore", lambda s: asked.append(s.card.by_hand))
    monkeypatch.setattr(reviewpage.st, "rerun", lambda: None)
    reviewpage._correct(stored, wish)
    assert asked == [kept]


@pytest.mark.parametrize("wish", [{"reps": [[1, 2]]}, {"reps": [["a", 1, 2]]}, {"reps": 5},
                                  {"reps": [[1, 2, float("nan")]]}])  # fmt: skip
def test_what_is_no_repetition_is_not_kept(stored, monkeypatch, wish):
    monkeypatch.setattr(jobs.JOBS, "rescore", lambda _: pytest.fail("scored"))
    reviewpage._correct(stored, wish)
    assert stored.card.by_hand is None


def test_a_deleted_set_is_gone_from_the_disk(own, stored):
    own.query_params["set"] = stored.card.id
    own.run().button("delete").click().run()
    assert not own.exception
    assert not stored.folder.exists()
    assert "set" not in own.query_params


@pytest.mark.parametrize("control", ["exercise", "blur"])
def test_what_is_chosen_for_a_set_that_was_deleted_in_another_tab_is_no_error(own, stored, control):
    own.query_params["set"] = name = stored.card.id
    own.run()
    shutil.rmtree(stored.folder)
    if control == "exercise":
        own.selectbox(f"correct_{name}").select("deadlift").run()
    else:
        own.toggle(f"blur_{name}").set_value(True).run()
    assert not own.exception
    assert "not here" in own.info[0].value


def test_a_failure_is_one_line_and_can_be_tried_again(own, stored, monkeypatch):
    stored.update(ready=False)
    job = jobs.Job(stored, "a.mp4", state="failed", error="a.mp4: not a video")
    monkeypatch.setattr(jobs.JOBS, "of", lambda _: job)
    own.query_params["set"] = stored.card.id
    own.run()
    assert own.error[0].value == plain("a.mp4: not a video")
    assert own.button("again")


def test_the_wrapper_spells_out_what_streamlit_looks_for(root):
    found = []
    for file in (root / "app.py", server.PAGE.with_name("serve.py")):
        calls = [n for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.Call)]
        found += [ast.unparse(c) for c in calls if ast.unparse(c.func) == "st.App"]
    assert len(found) == 2
    assert found[0] == found[1]
    assert "lifespan=warming.lifespan" in found[0]


def test_both_ways_to_start_are_as_private(root):
    config = tomllib.loads((root / ".streamlit" / "config.toml").read_text(encoding="utf-8"))

    def flat(group, name=""):
        for key, value in group.items():
            if isinstance(value, dict):
                yield from flat(value, f"{name}{key}.")
            else:
                yield f"{name}{key}", value

    assert dict(flat(config)) == {**launch.OPTIONS, "server.address": "127.0.0.1"}
    assert launch.OPTIONS["browser.gatherUsageStats"] is False


def test_the_page_has_the_reports_colours():
    shared = {"primaryColor": "trace", "backgroundColor": "page", "textColor": "ink",
              "secondaryBackgroundColor": "card", "borderColor": "line"}  # fmt: skip
    for option, name in shared.items():
        light, dark = colours()[name]
        assert launch.OPTIONS[f"theme.light.{option}"] == light
        assert launch.OPTIONS[f"theme.dark.{option}"] == dark


def test_a_port_in_use_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"127.0.0.1:{port}"):
            launch.serve("127.0.0.1", port)


def test_an_address_that_is_not_this_machines_is_no_matter_of_the_port():
    """192.0.2.1 is nobody's; it was told to try another port, and why twice over."""
    with pytest.raises(UsageError, match=r"\([^()]+\); try another --host$"):
        launch.serve("192.0.2.1", 8501)


def test_a_server_that_was_not_told_to_end_is_told(monkeypatch):
    """Ctrl+C reaches it, too; a signal that ends formcheck app alone does not."""

    class Server(subprocess.Popen):
        interrupted = False

        def wait(self, timeout=None):
            if not self.interrupted:
                self.interrupted = True
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr(launch, "STOP_S", 0.1)
    program = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(launch, "command", lambda *_: program)
    started = []

    def start(*arguments):
        started.append(Server(*arguments))
        return started[0]

    monkeypatch.setattr(launch.subprocess, "Popen", start)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(KeyboardInterrupt):
        launch.serve("127.0.0.1", port)
    assert started[0].poll() is not None


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(None, ""), (2.0, " · about 5 s left"), (31.0, " · about 30 s left"),
     (150.0, " · about 2 min left")],
)  # fmt: skip
def test_time_left_in_words(seconds, says):
    assert time_left(seconds) == says
