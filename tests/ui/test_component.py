"""The components' own logic, run in the browser that will run it."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from formcheck.report.html import render_html
from formcheck.types import CaptureWarning, Recognition, SetSummary, Verdict
from formcheck.ui import component
from formcheck.ui.reviewing import review_of

REPS = [
    {"n": 1, "start": 1.0, "turn": 1.5, "end": 2.0},
    {"n": 2, "start": 3.0, "turn": 3.4, "end": 4},
]
TIMES = [i / 10 for i in range(50)]
QUIET = {"reps": 0, "told": 0, "cue": "", "cueAt": -9}


@pytest.mark.parametrize(
    ("t", "frame"), [(0, 0), (0.1, 1), (0.149, 1), (0.2, 2), (-1, 0), (99, 49), (0.0999, 1)]
)
def test_the_frame_shown_at_a_time(run, t, frame):
    assert run("frameAt", TIMES, t) == frame


@pytest.mark.parametrize("frame", [0, 7, 49])
def test_seeking_to_a_frame_shows_that_frame(run, frame):
    t = run("seekTime", TIMES, frame)
    assert TIMES[frame] < t < TIMES[frame] + 0.05
    assert run("frameAt", TIMES, t) == frame


@pytest.mark.parametrize(
    ("t", "step", "n"),
    [(0, 1, 1), (1.0, 1, 2), (3.0, 1, 2), (3.0, -1, 1), (3.6, -1, 2), (0, -1, 1)],
)
def test_stepping_through_reps(run, t, step, n):
    assert run("nextRep", REPS, t, step)["n"] == n


def test_no_reps_to_step_through(run):
    assert run("nextRep", [], 1, 1) is None
    assert run("repAt", REPS, 2.5) is None
    assert run("repAt", REPS, 3.2)["n"] == 2


def test_what_was_not_seen_interrupts_the_line(run):
    path = run("(times, values) => tracePath(times, values, (t) => t, (v) => v).match(/M/g).length",
               [0, 1, 2, 3], [1, None, 2, 3])  # fmt: skip
    assert path == 2


def test_ranges_and_ticks(run):
    assert run("rangeOf", [None, None], 40) == [0, 40]
    low, high = run("rangeOf", [10, 12], 40)
    assert high - low >= 40
    assert run("ticks", 0, 100) == [0, 30, 60, 90]


def test_clock(run):
    assert run("clock", 75.3) == "1:15.30"


@pytest.mark.parametrize(
    ("size", "sent"),
    [((1280, 720), [640, 360]), ((720, 1280), [360, 640]), ((320, 241), [320, 242])],
)
def test_frames_are_sent_small(run, size, sent):
    assert run("sendSize", *size, 640) == sent


def test_the_count_is_said_at_once_and_one_cue_when_the_rep_is_judged(run):
    first = run("toSay", QUIET, {"reps": 1, "last": None})
    assert first["say"] == ["1"]
    judged = run("toSay", first["said"], {"reps": 1, "last": {"n": 1, "say": "Sit deeper"}})
    assert judged["say"] == ["Sit deeper"]
    again = run("toSay", judged["said"], {"reps": 2, "last": {"n": 2, "say": "Sit deeper"}})
    assert again["say"] == ["2"]
    other = run("toSay", again["said"], {"reps": 3, "last": {"n": 3, "say": "Chest up"}})
    assert other["say"] == ["3", "Chest up"]
    assert (
        run("toSay", other["said"], {"reps": 3, "last": {"n": 3, "say": "Chest up"}})["say"] == []
    )


def test_an_exercise_that_is_another_after_all_is_counted_aloud_from_there(run):
    squat = run("toSay", QUIET, {"exercise": "squat", "reps": 6, "last": {"n": 5, "say": ""}})
    unsure = run("toSay", squat["said"], {"exercise": None, "reps": 0, "last": None})
    assert unsure["say"] == run("toSay", unsure["said"], {"reps": 6, "last": None})["say"] == []
    lunge = {"exercise": "lunge", "reps": 2, "last": {"n": 1, "say": "Step longer"}}
    found = run("toSay", unsure["said"], lunge)
    assert found["say"] == []
    last = {"n": 2, "say": "Step longer"}
    assert run("toSay", found["said"], {**lunge, "reps": 3, "last": last})["say"] == [
        "3",
        "Step longer",
    ]


def test_a_bar_carries_its_reps_worst_verdict(run, squat_set):
    """As the legend of the verdicts has them: whatever the score, what fails a check is a fail."""
    bars = [
        run("(rep) => barOf(rep, String, () => {}).querySelector('.sym').textContent", rep)
        for rep in review_of(squat_set, [])["reps"]
    ]
    assert bars == ["✓", "✕", "≈"]


def test_the_number_of_a_bar_can_be_read(browser):
    """On stripes it had their own colour, and two digits are wider than a narrow bar."""
    page = browser.new_page()
    source = "".join(component._static(name) for name in ("dom.js", "timeline.js"))
    page.set_content(f"<style>{component.style('review')}</style><div class='review'></div>")
    ink, *found = page.evaluate(
        f"""() => {{
          {source};
          const root = document.querySelector(".review");
          const seen = ([level, px]) => {{
            const rep = {{ n: 12, score: level === "none" ? null : 90, level, symbol: "?" }};
            const bar = barOf({{ ...rep, start: 0, end: px }}, (t) => `${{t}}px`, () => {{}});
            root.replaceChildren(bar);
            const num = bar.querySelector(".num"), text = document.createRange();
            text.selectNodeContents(num);
            const [box, ink] = [num, text].map((part) => part.getBoundingClientRect());
            const whole = box.left <= ink.left + 0.1 && ink.right <= box.right + 0.1;
            return [getComputedStyle(num).color, whole];
          }};
          return [getComputedStyle(root).color,
            ...[["none", 60], ["none", 12], ["good", 12], ["good", 60]].map(seen)];
        }}"""
    )
    page.close()
    assert found[:3] == [[ink, True]] * 3
    assert found[3][1]
    assert found[3][0] != ink  # in the card's colour on a filled bar


@pytest.mark.parametrize(
    ("found", "advised"),
    [(Recognition(None, 0.2, "recognised"), True), (Recognition("squat", 1.0, "told"), False)],
)
def test_to_name_the_exercise_is_advice_for_whom_it_was_not_named(run, squat_set, found, advised):
    review = review_of(replace(squat_set, exercise=found, reps=()), [])
    text = run("(review) => makeCues(review, null).textContent", review)
    assert ("name it below" in text) is advised


def test_reps_that_were_taken_out_by_hand_can_be_put_back(run, squat_set):
    none = replace(squat_set, reps=(), reps_source="corrected")
    text = run("(review) => makeCues(review, () => {}).textContent", review_of(none, []))
    assert "is marked: all were taken out by hand" in text
    assert "Correct the reps" in text
    assert "Film from the side" not in text


def test_the_page_names_no_option_of_the_commands(squat_set):
    messages = ("2 people. Choose another if that is wrong (--person N).", "Have more (--max-fps).")
    capture = replace(squat_set.capture, warnings=tuple(CaptureWarning("x", m) for m in messages))
    scored = squat_set.reps[0]
    check = replace(scored.checks[0], verdict=Verdict.CANNOT_TELL, reason="low_frame_rate")
    reps = (replace(scored, checks=(check,)),)
    review = review_of(replace(squat_set, capture=capture, reps=reps), [])
    assert review["warnings"] == ["2 people. Choose another if that is wrong.", "Have more."]
    assert review["reps"][0]["checks"][0]["advice"].endswith("24 pictures a second or more.")


def test_the_reason_for_no_cues_is_told(run, squat_set):
    fine = replace(squat_set, reps=squat_set.reps[:1], summary=SetSummary(100.0, {}, (), {}, {}))
    text = run("(review) => makeCues(review, null).textContent", review_of(fine, []))
    assert "No check failed." in text
    assert "borderline" not in text
    unseen = replace(fine, summary=SetSummary(math.nan, {}, (), {}, {}))
    text = run("(review) => makeCues(review, null).textContent", review_of(unseen, []))
    assert "Nothing could be judged in this clip. Each check below says why" in text
    close = replace(fine, summary=SetSummary(math.nan, {Verdict.BORDERLINE: 1}, (), {}, {}))
    text = run("(review) => makeCues(review, null).textContent", review_of(close, []))
    assert text.endswith("too close to its limit to call.")


def test_what_is_judged_is_compared_first_and_what_neither_shows_is_left_out(run, squat_set):
    first, second, _ = review_of(squat_set, [])["reps"]
    rows = run("(a, b) => differences(measuredIn(a), measuredIn(b))", first, second)
    assert rows[0]["title"] == "Depth"
    assert (rows[0]["first"], rows[0]["second"]) == ("-8° ± 4°", "12° ± 4°")
    assert (rows[0]["difference"], rows[0]["sure"]) == ("+20°", True)
    assert "Knees over the feet" not in [row["title"] for row in rows]
    for check in first["checks"]:  # a review that was kept before
        del check["number"]
    assert run("(a) => measuredIn(a)", first) == first["measures"]


@pytest.mark.parametrize("first_s", [0.125, 0.0051])
def test_a_moment_reads_as_in_the_report(run, squat_set, first_s):
    """Halves went up here and to the even digit there, and milliseconds were rounded twice."""
    track = squat_set.track
    later = replace(squat_set, track=replace(track, time_s=track.time_s + first_s))
    rep = review_of(later, [])["reps"][0]
    text = run("(rep) => makeRep(rep, (name) => name, () => {}).textContent", rep)
    written = render_html(later, [], {})
    moments = re.findall(r"see (\d+\.\d+ s)", text)
    assert len(moments) == len(rep["checks"])
    for moment in moments:
        assert f'class="when">{moment}' in written, moment
    assert re.search(r"\d\.\d–\d\.\d s", text)[0] in written


def test_only_sets_of_the_exercise_are_compared_also_when_it_was_corrected(run, squat_set):
    """The choice stayed that of the exercise that the page was opened with."""
    review = review_of(squat_set, [])
    others = [{"name": x, "exercise": x, "base": x} for x in ("squat", "deadlift", "squat")]
    offered = "(data) => makeCompare(data, null).node.querySelectorAll('.sets option').length"
    assert run(offered, {"review": review, "others": others}) == 3
    corrected = {**review, "exercise": "deadlift"}
    assert run(offered, {"review": corrected, "others": others}) == 2


def test_the_fault_of_a_rep_is_told_first(run):
    verdicts = ["cannot_tell", "pass", "borderline", "fail", "pass"]
    checks = [{"verdict": verdict, "n": n} for n, verdict in enumerate(verdicts)]
    assert [c["n"] for c in run("byUrgency", checks)] == [3, 2, 1, 4, 0]


@pytest.mark.parametrize(
    ("able", "taken"),
    [
        (["video/mp4;codecs=avc1", "video/mp4;codecs=avc3", "video/webm"], "video/mp4;codecs=avc3"),
        (["video/mp4;codecs=avc1"], "video/mp4;codecs=avc1"),
        (["video/webm"], "video/webm"),
        ([], ""),
    ],
)
def test_a_recording_is_of_a_kind_that_may_turn_in_the_middle(run, able, taken):
    """avc1 tells the size once, at the start: a turned phone left garbage from there on."""
    assert run("(able) => recordingType((type) => able.includes(type))", able) == taken


def test_colours_are_those_of_the_report():
    style = component.style("review")
    assert "--good: light-dark(#00805c, #35c596);" in style
    assert ".card {" in style
    assert "@media print" not in style
