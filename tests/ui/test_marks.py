"""Marking repetitions by hand and setting two side by side: what the browser works out."""

from __future__ import annotations

import json
import math

import pytest

from formcheck.report import words

TIMES = [i / 10 for i in range(100)]
MARKS = [{"start": 1.0, "turn": 1.5, "end": 2.0}, {"start": 3.0, "turn": 3.4, "end": 4.0}]


@pytest.mark.parametrize(
    ("i", "edge", "t", "lands"),
    [
        (0, "start", 0.52, 0.5),
        (0, "start", 1.9, 1.4),  # not beyond its turn
        (0, "turn", 9.0, 1.9),
        (0, "end", 9.0, 3.0),  # up to the next one
        (1, "start", 0.0, 2.0),  # back to the one before
        (1, "end", 99.0, 9.9),
        (1, "turn", 3.57, 3.6),
    ],
)
def test_an_edge_goes_to_the_nearest_frame_but_never_past_another(run, i, edge, t, lands):
    moved = run("moveEdge", MARKS, i, edge, t, TIMES)
    assert moved[i][edge] == lands
    assert moved[1 - i] == MARKS[1 - i]
    assert all(m["start"] < m["turn"] < m["end"] for m in moved)


def test_a_missed_rep_is_added_where_it_turns_as_long_as_the_others(run):
    added = run("addMark", MARKS, 6.0, TIMES)
    assert added["at"] == 2
    assert added["marks"][:2] == MARKS
    assert added["marks"][2] == {"start": 5.5, "turn": 6.0, "end": 6.6}


def test_an_added_rep_stays_clear_of_its_neighbours(run):
    added = run("addMark", MARKS, 2.6, TIMES)
    assert added["at"] == 1
    assert added["marks"][1] == {"start": 2.1, "turn": 2.6, "end": 3.0}


def test_there_is_no_rep_inside_another_and_none_without_room(run):
    assert run("addMark", MARKS, 1.2, TIMES) is None
    touching = [MARKS[0], {"start": 2.1, "turn": 3.4, "end": 4.0}]
    assert run("addMark", touching, 2.05, TIMES) is None
    assert run("addMark", [], 5.0, TIMES)["marks"] == [{"start": 3.8, "turn": 5.0, "end": 6.2}]


def measure(value, error, unit="deg", name="hip_flexion_bottom"):
    known = math.nan if error is None else error
    text = "–" if value is None else words.with_error(value, known, unit)
    told = {"name": name, "title": "Hip", "text": text}
    return told | {"value": value, "error": error, "unit": unit}


@pytest.mark.parametrize(
    ("first", "second", "says", "sure"),
    [
        (measure(100, 5), measure(112, 5), "+12°", True),  # errors together: 7.1
        (measure(100, 5), measure(106, 5), "+6°", False),
        (measure(112, 5), measure(100, 5), "-12°", True),
        (measure(1.2, 5), measure(0.9, 5), "0°", False),
        (measure(133.4, 5), measure(134.6, 5), "+2°", False),  # of 133 and 135, as they are shown
        (measure(-0.6, 5), measure(-12.4, 5), "-11°", True),
        (measure(1.25, 0.1, "s"), measure(2.0, 0.1, "s"), "+0.8 s", True),  # of 1.2 and 2.0
        (measure(None, None), measure(100, 5), "–", False),
        (measure(100, None), measure(140, 5), "+40°", False),  # nobody knows how surely
    ],
)
def test_a_difference_counts_beyond_both_errors_together(run, first, second, says, sure):
    [row] = run("differences", [first], [second])
    assert (row["difference"], row["sure"]) == (says, sure)


def test_only_what_both_have_is_compared(run):
    assert run("differences", [measure(1, 1)], [measure(1, 1, name="other")]) == []


def test_best_and_worst_come_first(run):
    reps = [{"n": n, "score": score} for n, score in ((1, 80), (2, 95), (3, None), (4, 60))]
    assert run("bestAndWorst", reps) == [2, 4]
    assert run("bestAndWorst", [{"n": 1, "score": 90}, {"n": 2, "score": 90}]) == [1, 2]
    assert run("bestAndWorst", reps[:1]) is None


def compared(run, reps, others):
    """The panel of a set with these repetitions, once it has looked for another set's."""
    spans = [{"start": 1, "turn": 2, "end": 3, "score": 80, "checks": [], "measures": []} | rep
             for rep in reps]  # fmt: skip
    review = {"reps": spans, "times": [0, 1, 2, 3, 4], "width": 4, "height": 3, "turn": "bottom"}
    data = {"review": review, "base": "/this/", "others": others, "drawn": True, "rev": 1}
    return run(
        """async (data) => {
          const [rep] = data.review.reps;
          const given = { ...data.review, reps: [rep, { ...rep, n: 2, score: 50 }] };
          const fetched = async (place) => (place.startsWith("/gone/") ? null : given);
          const made = makeCompare(data, fetched);
          if (!made) return null;
          const before = made.node.hidden;
          await new Promise((resolve) => { setTimeout(resolve); });
          const values = (list) => [...list.options].map((option) => option.text);
          const [set, , second] = made.node.querySelectorAll("select");
          return { before, hidden: made.node.hidden, sets: values(set), second: values(second) };
        }""",
        data,
    )


def test_a_rep_that_is_alone_is_compared_with_another_sets_and_not_with_itself(run):
    other = {"name": "1 May", "base": "/other/", "rev": 1}
    panel = compared(run, [{"n": 1}], [other])
    assert panel["sets"] == ["Second from: 1 May"]
    assert panel["second"] == ["Rep 1 · 80", "Rep 2 · 50"]
    assert (panel["before"], panel["hidden"]) == (True, False)
    assert compared(run, [{"n": 1}], [other | {"base": "/gone/"}])["hidden"] is True
    assert compared(run, [{"n": 1}], []) is None
    both = compared(run, [{"n": 1}, {"n": 2}], [other])
    assert both["sets"][0] == "Both from this set"
    assert both["before"] is False


def test_the_clock_shows_the_time_of_the_frame_that_was_asked_for(run):
    """It showed a moment within it, as the video is sought: "see 5.12 s" led to 0:05.13."""
    shown = run(
        """(times) => {
          const review = { times, width: 4, height: 3, clip: "a.mp4" };
          const player = makePlayer(review, { url: "" }, () => {}, () => {});
          player.seek(5.12);
          const says = player.node.querySelector(".readout").textContent;
          return [says, player.now(), Number(player.video.dataset.wanted)];
        }""",
        [5.08, 5.12, 5.16],
    )
    assert shown == ["0:05.12 · frame 2", 5.12, pytest.approx(5.125)]


def test_both_are_shown_from_the_longer_way_in_to_the_longer_way_out(run):
    assert run("stretchOf", MARKS[0], {"start": 5, "turn": 7, "end": 7.25}) == [-2, 0.5]


def corrector(draft=None):
    """Three reps before the corrector; ``act`` gets it and ``says``, what its panel says."""
    given = json.dumps(draft)
    return f"""(act) => {{
      const reps = [1, 2, 3].map((n) => ({{ n, start: n, turn: n + 0.4, end: n + 0.8 }}));
      const review = {{ reps, times: [...Array(50).keys()].map((i) => i / 10), duration: 5 }};
      const player = {{ seek: () => {{}}, now: () => 0 }};
      const made = makeCorrector(review, player, () => {{}}, {given});
      const says = () => made.node.querySelector(".editor p").textContent;
      const press = (name) => made.node.querySelector(name).click();
      return new Function("made", "says", "press", act)(made, says, press);
    }}"""


def test_the_chosen_rep_is_the_one_that_is_corrected(run):
    """The first one was, whichever was chosen: its button to delete it was there."""
    opened = "made.choose(3); press('.open-editor'); return says()"
    assert run(corrector(), opened).startswith("Rep 3 of 3.")
    again = (
        "made.choose(2); press('.open-editor'); press('[data-do=close]');"
        "press('.open-editor'); return says()"
    )
    assert run(corrector(), again).startswith("Rep 2 of 3.")


def test_a_rep_that_is_being_corrected_stays_when_newer_findings_come(run):
    draft = {"marks": MARKS, "at": 1, "chosen": 0, "open": True}
    assert run(corrector(draft), "return says()").startswith("Rep 2 of 2.")
    beyond = "made.choose(3); return says()"  # its marks have one rep less
    assert run(corrector(draft), beyond).startswith("Rep 2 of 2.")


@pytest.mark.parametrize(
    ("press", "point"),
    [((210, 120), [960, 640]), ((60, 20), [0, 0]), ((360, 220), [1920, 1280]), ((50, 100), None),
     ((370, 100), None)],
)  # fmt: skip
def test_a_press_on_a_fitted_video_is_a_place_in_the_clip(run, press, point):
    """1920 by 1280 in a box of 400 by 200 at (10, 20): 300 wide, with bars of 50 on both sides."""
    box = {"left": 10, "top": 20, "width": 400, "height": 200}
    assert run("pointIn", box, 1920, 1280, *press) == point


def test_a_long_trace_is_thinned_without_losing_its_turns(run):
    values = [0.0] * 3000
    values[1234], values[2001], values[7] = 90.0, None, -5.0
    kept = run("thinned", values, 700)
    assert len(kept) <= 1100
    assert kept == sorted(kept)
    assert {7, 1234, 2001} <= set(kept)
    assert run("thinned", [1.0] * 50, 700) == list(range(50))
