"""A profile moves limits and turns checks off, says so, and is told exactly what is wrong in it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import jsonschema
import pytest
from bodies import Scene, both, perform
from lifts import HANDS_UP, squats
from test_live import Replay, frames

from formcheck import cli, coach
from formcheck.errors import UsageError
from formcheck.exercises import EXERCISES
from formcheck.live import LiveSession
from formcheck.pipeline import evaluate, to_analysis
from formcheck.profiles import Profile, apply, load_profile, note
from formcheck.report import build_report, json_schema, rule_info
from formcheck.report.html import render_html
from formcheck.report.profile import as_judged, profile_note
from formcheck.types import ClipInfo, Verdict

SHALLOW = both(28, 88, 80, **HANDS_UP)  # thigh 30 degrees above level
KNEE = """
name = "After knee surgery, week 6"
source = "Plan of the physiotherapist"
off = ["squat.heel_rise"]

[limits]
squat.trunk_tibia = 30
"lunge.depth" = 40.5

[limits.squat.depth]
limit = 15
sense = "min"
cue = "Stop earlier: {amount} deeper than your range"
"""


@pytest.fixture
def write(tmp_path):
    def put(text: str) -> Path:
        file = tmp_path / "knee.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return put


@pytest.fixture
def knee(write) -> Profile:
    return load_profile(write(KNEE))


def test_a_text_of_several_lines_is_one(write):
    """The empty line in a cue ended its subtitle, and the rest was shown by no player."""
    text = KNEE.replace('"After knee', '" After\\tknee').replace(
        '"Stop earlier: {amount}', '"""\nStop earlier:\n\n{amount}'
    )
    read = load_profile(write(text.replace('your range"', 'your range\n"""')))
    assert read.name == "After knee surgery, week 6"
    assert read.changes["squat.depth"].cue == "Stop earlier: {amount} deeper than your range"
    with pytest.raises(UsageError, match="name: "):
        load_profile(write('name = " \\n "'))


def loose(write, limit: float = 50) -> Profile:
    return load_profile(write(f'name = "Partial squats"\n[limits]\nsquat.depth = {limit}'))


@pytest.fixture(scope="module")
def shallow_track():
    return perform(*squats(3, SHALLOW), Scene(noise_px=1))


def depth_verdicts(result) -> set[Verdict]:
    return {c.verdict for rep in result.reps for c in rep.checks if c.id == "squat.depth"}


def test_a_limit_is_moved_and_nothing_else_is(knee):
    usual = EXERCISES["squat"]
    changed = apply(knee, usual)
    assert [r.id for r in changed.rules] == [r.id for r in usual.rules if r.id != "squat.heel_rise"]
    rules = {r.id: r for r in changed.rules}
    assert (rules["squat.trunk_tibia"].limit.value, rules["squat.trunk_tibia"].limit.sense) == (
        30,
        "max",
    )
    assert rules["squat.lockout"] is usual.rules[1]
    assert apply(None, usual) is usual
    assert apply(knee, EXERCISES["deadlift"]).rules == EXERCISES["deadlift"].rules
    assert apply(knee, EXERCISES["lunge"]).rules[0].limit.value == 40.5


def test_a_profile_saved_with_a_byte_order_mark_is_read(write):
    """As Windows' editor writes UTF-8."""
    assert load_profile(write("\ufeff" + KNEE)).name == "After knee surgery, week 6"


def test_a_moved_limit_is_no_longer_said_to_be_the_rule_books(knee):
    [depth] = [r for r in apply(knee, EXERCISES["squat"]).rules if r.id == "squat.depth"]
    assert depth.source.kind == "profile"
    for part in ("After knee surgery", "Plan of the physio", "at least 15°", "at most 0°"):
        assert part in depth.source.text


def test_a_restricted_range_is_a_limit_turned_round(knee, shallow_track):
    deep = evaluate(perform(*squats(3), Scene(noise_px=1)), profile=knee)
    assert depth_verdicts(deep) == {Verdict.FAIL}
    assert deep.summary.cues[0].text.startswith("Stop earlier: ")
    assert depth_verdicts(evaluate(shallow_track, profile=knee)) == {Verdict.PASS}


def test_a_cue_does_not_ask_for_more_than_the_moved_limit(write, shallow_track):
    """Somebody who may go no lower than 15 was told to sit until level with the knee."""
    [cue] = evaluate(shallow_track, profile=loose(write, 15)).summary.cues
    assert cue.text.startswith("Sit deeper: the hip joint stays ")
    [usual] = evaluate(shallow_track, profile=loose(write, 0)).summary.cues
    assert "level with the knee" in usual.text


def test_the_count_does_not_depend_on_the_profile(write, shallow_track):
    usual, moved = evaluate(shallow_track), evaluate(shallow_track, profile=loose(write))
    assert depth_verdicts(usual) == {Verdict.FAIL}
    assert depth_verdicts(moved) == {Verdict.PASS}
    assert [r.rep for r in usual.reps] == [r.rep for r in moved.reps]
    assert moved.summary.score > usual.summary.score


def test_a_live_set_is_judged_by_the_profile_as_a_clip_is(write, shallow_track):
    profile = loose(write)
    args = (Replay(shallow_track), shallow_track.width, shallow_track.height, "squat", profile)
    with LiveSession(*args) as session:
        for frame in frames(shallow_track):
            state = session.push(frame)
            if session._pending is not None:
                session._pending.result()
        assert state.evaluation is not None
        assert depth_verdicts(state.evaluation) == {Verdict.PASS}
        live = session.finish()
    assert live.summary == evaluate(shallow_track, "squat", profile=profile).summary


def test_all_checks_off_leaves_nothing_to_score(write, shallow_track):
    ids = [rule.id for rule in EXERCISES["squat"].rules]
    profile = load_profile(write(f'name = "Counting only"\noff = {json.dumps(ids)}'))
    result = evaluate(shallow_track, profile=profile)
    assert len(result.reps) == 3
    assert all(rep.checks == () for rep in result.reps)
    assert math.isnan(result.summary.score)


@pytest.fixture
def judged(knee, shallow_track):
    info = ClipInfo("c.mp4", "0" * 64, 10.0, 30.0, False, 1280, 720, 0, len(shallow_track))
    return to_analysis(info, "full", "0" * 64, shallow_track, "auto", profile=knee)


def test_the_report_names_the_profile_and_what_it_changed(judged, knee):
    data = json.loads(build_report(judged).to_json())
    jsonschema.validate(data, json_schema())
    assert data["profile"] == {
        "name": "After knee surgery, week 6",
        "source": "Plan of the physiotherapist",
        "sha256": knee.sha256,
        "limits": {
            "squat.depth": {
                "limit": 15.0,
                "usual": 0.0,
                "sense": "min",
                "unit": "deg",
                "usual_sense": "max",
            },
            "squat.trunk_tibia": {"limit": 30.0, "usual": 20.0, "sense": "max", "unit": "deg"},
        },
        "off": ["squat.heel_rise"],
    }
    limits = {c["id"]: c["limit"] for c in data["reps"][0]["checks"]}
    assert limits["squat.depth"] == 15.0
    assert "squat.heel_rise" not in limits


def test_the_page_shows_it(judged):
    page = render_html(judged, [], rule_info(EXERCISES["squat"].rules))
    assert "Judged by the profile “After knee surgery, week 6”" in page
    assert "Depth: at least 15° (usually at most 0°)" in page
    assert "Trunk and shin parallel: at most 30° (usually at most 20°)" in page
    assert "Not judged: Heels stay down" in page


def test_a_kept_set_is_told_by_the_limits_that_it_was_judged_by(judged, knee):
    note = profile_note(build_report(judged).profile)
    assert note == judged.profile
    usual = rule_info(EXERCISES["squat"].rules)
    rules = as_judged(usual, note)
    assert (rules["squat.depth"].sense, rules["squat.depth"].source_kind) == ("min", "profile")
    told = [r for r in apply(knee, EXERCISES["squat"]).rules if r.id == "squat.depth"]
    assert rules["squat.depth"] == rule_info(told)["squat.depth"]  # kept or not, the same words
    assert "at least 15° instead of at most 0°" in rules["squat.depth"].source_text
    assert usual["squat.depth"].source_text in rules["squat.depth"].source_text
    assert rules["squat.lockout"] is usual["squat.lockout"]
    assert as_judged(usual, None) == usual


def test_a_profile_for_another_exercise_says_that_it_changes_nothing(knee):
    nothing = note(knee, EXERCISES["hip_thrust"])
    assert (nothing.changes, nothing.off) == ((), ())
    assert note(knee, None).name == knee.name


def test_rules_shows_the_limits_of_the_profile(write, capsys):
    assert cli.main(["rules", "squat", "--profile", str(write(KNEE))]) == 0
    printed = capsys.readouterr().out
    assert "By the profile After knee surgery, week 6 · Plan of the physiotherapist" in printed
    assert "positive with the hip above the knee: at least 15°" in printed
    assert "profile: After knee surgery" in printed
    assert "squat.heel_rise" in printed.partition("Squat\n")[0]
    assert "squat.heel_rise" not in printed.partition("Squat\n")[2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ["name: is missing"]),
        ("name = 3", ["name: must be text"]),
        ('name = "x"\nnames = 1', ["names: no such key", "name, source, off, limits"]),
        ('name = "x"\n[limits]\nsquat.dept = 3', ["limits.squat.dept: no check", "squat.depth"]),
        ('name = "x"\n[limits]\ncurl.depth = 3', ["'curl.depth'", "hip_thrust.…"]),
        ('name = "x"\n[limits]\nsquat.depth = "deep"', ["limits.squat.depth: must be a number"]),
        ('name = "x"\n[limits]\nsquat.depth = true', ["limits.squat.depth: must be a number"]),
        ('name = "x"\n[limits]\nsquat.depth = nan', ["limits.squat.depth: must be a number"]),
        ('name = "x"\n[limits]\nsquat.depth = 500', ["from -180 to 180"]),
        ('name = "x"\nlimits = 3', ["limits: must be a table"]),
        ('name = "x"\noff = "squat.depth"', ["off: must be a list"]),
        ('name = "x"\noff = ["squat.width"]', ["off: no check 'squat.width'", "squat.lockout"]),
        ('name = "x"\noff = ["squat.depth"]\n[limits]\nsquat.depth = 3', ["is off as well"]),
        ('name = "x"\n[limits.squat.depth]\nlimit = 3\nsense = "most"', ["must be max or min"]),
        ('name = "x"\n[limits.squat.depth]\nlimit = 3\nsense = "min"', ["depth.cue: is needed"]),
        (
            'name = "x"\n[limits.squat.depth]\nlimit = 3\nweight = 1',
            ["weight", "limit, sense, cue"],
        ),
        ('name = "x"\n[limits.squat.depth]\nlimit = 3\ncue = "{deg}"', ["{amount}"]),
        *(
            (
                f'name = "x"\n[limits.squat.depth]\nlimit = 3\ncue = "{cue}"',
                ["cue: may hold {amount}"],
            )
            for cue in (
                "{amount:>99999999999}",
                "{amount:{amount}}",
                "{amount.__class__}",
                "{amount[0]}",
                "{amount!r}",
                "{}",
                "{0}",
                "{amount",
                "}",
            )
        ),
        ("x = " + "[" * 100_000, ["is no valid TOML: it nests too deep"]),
        ('name = "x"\n[limits.squat.depth]\nsense = "max"', ["squat.depth.limit: is missing"]),
        ('name = "x"\n[limits]\nsquat.depth = 3\n"squat.depth" = 4', ["is there twice"]),
        ("name = \nx = 1", ["is no valid TOML", "line 1"]),
    ],
)
def test_a_mistake_is_one_line_with_file_key_and_what_is_allowed(text, says, write, capsys):
    file = write(text)
    with pytest.raises(UsageError) as error:
        load_profile(file)
    for part in (str(file), *says):
        assert part in str(error.value)
    assert cli.main(["rules", "--profile", str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("cue", ["{amount} more, {amount}!", "as {{you}} can", "no amount"])
def test_a_cue_may_hold_the_amount_as_often_as_it_likes(cue, write):
    text = f'name = "x"\n[limits.squat.depth]\nlimit = 3\ncue = "{cue}"'
    assert load_profile(write(text)).changes["squat.depth"].cue == cue


@pytest.mark.parametrize(
    "make", [lambda _f: None, Path.mkdir, lambda f: f.write_bytes(b"\xff\xfe")]
)
def test_a_file_that_cannot_be_read_is_one_line(make, tmp_path):
    file = tmp_path / "p.toml"
    make(file)
    with pytest.raises(UsageError, match=r"p\.toml"):
        load_profile(file)


def test_a_profile_is_checked_before_the_work_begins(tmp_path, capsys, sample_clip):
    out = tmp_path / "out"
    command = ["analyze", str(sample_clip), "--out", str(out), "--profile", str(tmp_path / "no")]
    assert cli.main(command) == 2
    assert "cannot read" in capsys.readouterr().err
    assert not out.exists()


def test_live_takes_a_profile(write, monkeypatch):
    asked = []
    monkeypatch.setattr(coach, "watch", lambda *given: asked.extend(given) or [])
    assert cli.main(["live", "--camera", "set.mp4", "--profile", str(write(KNEE))]) == 0
    assert asked == ["set.mp4", "auto", "lite", load_profile(write(KNEE))]
