"""Exercises of somebody else's: they count and judge, break nothing, and leave ours alone."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from bodies import Camera, Scene, both, perform
from lifts import HINGE_BOTTOM, LIFTS, OTHERS, PULL_TOP, RDL_BOTTOM, deadlifts, film_lift, reps

from formcheck import doctor, exercises, pipeline, plugins, profiles
from formcheck.exercises import EXERCISES, _meant
from formcheck.exercises._loading import FAILED, load
from formcheck.exercises.base import Exercise, Variant
from formcheck.measures import at_bottom
from formcheck.motion import motion_signals
from formcheck.pipeline import evaluate
from formcheck.plugins import PlugIn
from formcheck.recognition import Found, recognise
from formcheck.smoothing import smooth
from formcheck.types import Verdict

VIEWS = {"side": 90, "left side": -90, "oblique": 50, "front": 0}
NAME = "romanian_deadlift"


def rdls(count: int = 3, bottom=RDL_BOTTOM):
    return reps(PULL_TOP, [bottom] * count)


def given(exercise: object, name: str = NAME) -> PlugIn:
    return PlugIn(name, f"{name}.py", "state", lambda: exercise)


@pytest.fixture(scope="module")
def romanian(root_folder) -> Exercise:
    [plug_in] = _files_in(root_folder / "examples")
    return plug_in.load().EXERCISE


@pytest.fixture(scope="module")
def root_folder() -> Path:
    return Path(__file__).resolve().parent.parent


def _files_in(folder: Path) -> list[PlugIn]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(plugins.FOLDERS, str(folder))
        patch.setattr(plugins.importlib.metadata, "entry_points", lambda **_: ())
        return list(plugins.find())


@pytest.fixture(scope="module")
def all_five(romanian) -> dict[str, Exercise]:
    added, problems = load([given(romanian)], EXERCISES)
    assert problems == ()
    return {**EXERCISES, **added}


@pytest.fixture
def with_plug_in(all_five, monkeypatch):
    for module in (pipeline, profiles):
        monkeypatch.setattr(module, "EXERCISES", all_five)


def found_in(exercises, track) -> Found:
    return recognise(exercises, motion_signals(smooth(track)))


@pytest.mark.parametrize("azimuth", VIEWS.values(), ids=VIEWS)
def test_the_example_is_recognised_and_counted(all_five, azimuth):
    found = found_in(all_five, perform(*rdls(), Scene(Camera(azimuth), noise_px=2)))
    assert found.recognition.id == NAME
    assert found.recognition.confidence >= 0.5
    assert len(found.counted.reps) == 3


@pytest.mark.usefixtures("with_plug_in")
@pytest.mark.parametrize("camera", [Camera(90), Camera(-60)], ids=["side", "60"])
@pytest.mark.parametrize(
    ("bottom", "fault"),
    [
        (RDL_BOTTOM, None),
        (both(30, 42, 14, arm=5), "hinge"),
        (both(62, 106, 53, arm=5), "soft_knees"),
    ],
    ids=["clean", "shallow", "squatted"],
)
def test_the_rules_of_the_example_find_its_faults(bottom, fault, camera):
    result = evaluate(perform(*rdls(3, bottom), Scene(camera, noise_px=1)), NAME)
    assert len(result.reps) == 3
    failed = {c.id for rep in result.reps for c in rep.checks if c.verdict is Verdict.FAIL}
    assert failed == ({f"{NAME}.{fault}"} if fault else set())
    assert [cue.check for cue in result.summary.cues] == sorted(failed)


def test_our_words_are_for_checks_that_measure_what_ours_do(romanian):
    """Its lockout is ours; the depth of a push-up was told as a hip above the knee."""
    elbow = dataclasses.replace(romanian.rules[0], id="push_up.depth", measured="elbow flexion")
    push_up = dataclasses.replace(romanian, id="push_up", rules=(elbow,))
    meant = _meant(EXERCISES, {NAME: romanian, "push_up": push_up})
    assert meant[f"{NAME}.lockout"] in ("deadlift.lockout", "squat.lockout")
    assert meant[f"{NAME}.back_rounding"] == "deadlift.back_rounding"
    assert {check for check in meant.values() if check not in meant} == set()
    assert not {"push_up.depth", f"{NAME}.hinge"} & set(meant)


@pytest.mark.usefixtures("with_plug_in")
def test_a_profile_reaches_a_plug_in(tmp_path):
    file = tmp_path / "p.toml"
    file.write_text(f'name = "Long hamstrings"\n[limits]\n{NAME}.hinge = 110')
    profile = profiles.load_profile(file)
    result = evaluate(perform(*rdls(), Scene(noise_px=1)), NAME, profile=profile)
    assert {rep.checks[0].verdict for rep in result.reps} == {Verdict.FAIL}


def test_a_measure_of_a_plug_in_is_not_told_in_a_view_that_does_not_show_it(romanian, monkeypatch):
    knees = dataclasses.replace(romanian, measures={"knees": at_bottom("knee_flexion")})
    added, _ = load([given(knees)], EXERCISES)
    monkeypatch.setattr(pipeline, "EXERCISES", {**EXERCISES, **added})
    for azimuth, reason in ((90, ""), (0, "view")):
        result = evaluate(perform(*rdls(), Scene(Camera(azimuth), noise_px=1)), NAME)
        measures = [rep.measures["knees"] for rep in result.reps]
        assert [m.reason for m in measures] == [reason] * 3
        assert all(np.isfinite(m.value) == (not reason) for m in measures)


def greedy() -> Exercise:
    """Somebody who takes everything for a bicep curl, and is sure of it."""
    return Exercise(
        id="curl",
        title="Curl",
        turn="bottom",
        depth=lambda motion: motion["hip_flexion_deg"] + motion["knee_flexion_deg"],
        likeness=lambda _posture: 1.0,
        rules=(),
        headline_angle="elbow_flexion",
    )


@pytest.mark.parametrize("azimuth", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("lift", LIFTS)
def test_no_plug_in_makes_our_four_worse(all_five, lift, azimuth):
    added, _ = load([given(greedy(), "curl")], EXERCISES)
    track = film_lift(lift, Scene(Camera(azimuth), noise_px=2))
    assert found_in({**all_five, **added}, track) == found_in(EXERCISES, track)


@pytest.mark.parametrize("other", OTHERS)
def test_the_example_takes_no_other_movement_for_its_own(all_five, other):
    assert found_in(all_five, perform(*OTHERS[other](), Scene(noise_px=2))).recognition.id is None


def test_a_deadlift_from_the_floor_stays_one(all_five):
    assert found_in(all_five, perform(*deadlifts(5))).recognition.id == "deadlift"


def test_a_plug_in_takes_what_none_of_ours_claims(romanian):
    """A good morning, by its hinge with the bar on the back."""
    from formcheck.exercises.base import ramp

    exercise = dataclasses.replace(
        romanian,
        id="good_morning",
        rules=(),
        refines=None,
        likeness=lambda p: ramp(p.bottom["trunk_inclination_deg"], 50, 65),
    )
    added, problems = load([given(exercise, "good_morning")], EXERCISES)
    assert problems == ()
    track = perform(*reps(both(3, 3, 3, arm=30, elbow=130), [HINGE_BOTTOM] * 4))
    found = found_in({**EXERCISES, **added}, track)
    assert (found.recognition.id, len(found.counted.reps)) == ("good_morning", 4)


BROKEN = {
    "syntax": ("def", "SyntaxError"),
    "raises": ("1 / 0", "ZeroDivisionError"),
    "exits": ("import sys; sys.exit(3)", "SystemExit"),
    "imports": ("import no_such_library", "no_such_library"),
    "empty": ("", "defines no EXERCISE"),
    "other": ("EXERCISE = 3", "defines no EXERCISE"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_one_line_and_the_rest_works(kind, tmp_path, root_folder):
    text, says = BROKEN[kind]
    (tmp_path / "broken.py").write_text(text)
    example = root_folder / "examples" / f"{NAME}.py"
    (tmp_path / f"{NAME}.py").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    added, problems = load(_files_in(tmp_path), EXERCISES)
    assert list(added) == [NAME]
    [line] = problems
    assert says in line
    assert str(tmp_path / "broken.py") in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": "squat"}, "of FormCheck"),
        ({"id": "auto"}, "'auto'"),
        ({"id": "Step Up"}, "lower case"),
        ({"id": "step_up"}, "must have the same name"),
        ({"turn": "side"}, "bottom or top"),
        ({"refines": "curl"}, "refines 'curl'"),
        ({"headline_angle": "nose"}, "headline_angle"),
        ({"variants": ("sumo",)}, "variants"),
        ({"variants": (Variant("<b>", lambda _look: 1.0),)}, "'<b>'"),
        ({"variants": (Variant("a", lambda _look: 1.0),) * 2}, "same id"),
    ],
)
def test_what_cannot_work_is_refused(changes, says, romanian):
    changed = dataclasses.replace(romanian, **changes)
    added, [line] = load([given(changed)], EXERCISES)
    assert added == {}
    assert says in line


def test_an_unknown_angle_is_answered_with_those_there_are_each_once(romanian):
    _, [line] = load([given(dataclasses.replace(romanian, headline_angle="nose"))], EXERCISES)
    there_are = line.partition("there are ")[2].split(", ")
    assert {"hip_flexion", "knee_valgus", "spine_flexion"} <= set(there_are)
    assert len(there_are) == len(set(there_are))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": "squat.hinge"}, "romanian_deadlift.<check>"),
        ({"angle": "nose"}, "no angle 'nose'"),
        ({"views": ("above",)}, "views"),
        ({"weight": 3.0}, "weight"),
        ({"cue": "{how} much"}, "{amount}"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(changes, says, romanian):
    first, *rest = romanian.rules
    rules = (dataclasses.replace(first, **changes), *rest)
    added, [line] = load([given(dataclasses.replace(romanian, rules=rules))], EXERCISES)
    assert added == {}
    assert says in line


def test_two_plug_ins_of_one_name_are_told(romanian):
    added, [line] = load([given(romanian), given(romanian)], EXERCISES)
    assert list(added) == [NAME]
    assert "another plug-in" in line


def _raise(*_args):
    raise RuntimeError("not today")


@pytest.mark.parametrize("wrong", [None, "x", float("nan"), 1 / 3, -50.0])
def test_a_variant_that_answers_nonsense_is_not_named(wrong, romanian):
    variants = (Variant("clear", lambda _look: 0.9), Variant("odd", lambda _look: wrong))
    added, problems = load([given(dataclasses.replace(romanian, variants=variants))], EXERCISES)
    assert problems == ()
    found = found_in({**EXERCISES, **added}, perform(*rdls(), Scene(noise_px=1)))
    assert (found.recognition.id, found.recognition.variant) == (NAME, "clear")


@pytest.mark.parametrize("part", ["depth", "likeness"])
def test_a_plug_in_that_fails_at_work_is_told_once_and_breaks_nothing(part, romanian, caplog):
    added, _ = load([given(dataclasses.replace(romanian, **{part: _raise}))], EXERCISES)
    for track in (film_lift("squat"), film_lift("deadlift")):
        found = found_in({**EXERCISES, **added}, track)
        assert found == found_in(EXERCISES, track)
    [record] = caplog.records
    assert record.getMessage().startswith(f"formcheck: plug-in {NAME}: {part} failed: ")
    assert "not today" in record.getMessage()


@pytest.mark.parametrize("wrong", [lambda _m: np.zeros(3), lambda _m: "deep"])
def test_a_signal_that_is_none_counts_nothing(wrong, romanian, caplog):
    added, _ = load([given(dataclasses.replace(romanian, depth=wrong))], EXERCISES)
    found = found_in(added, perform(*rdls()))
    assert found.counted.reps == ()
    assert len(caplog.records) == 1


def test_a_measure_that_fails_cannot_tell(romanian, monkeypatch):
    first, *rest = romanian.rules
    rules = (dataclasses.replace(first, measure=_raise), *rest)
    added, _ = load([given(dataclasses.replace(romanian, rules=rules))], EXERCISES)
    monkeypatch.setattr(pipeline, "EXERCISES", {**EXERCISES, **added})
    checks = [rep.checks[0] for rep in evaluate(perform(*rdls()), NAME).reps]
    assert {(c.verdict, c.reason) for c in checks} == {(Verdict.CANNOT_TELL, FAILED)}


def test_a_package_is_found_by_its_entry_point(tmp_path, monkeypatch, root_folder):
    (tmp_path / "gymlifts.py").write_text(
        (root_folder / "examples" / f"{NAME}.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    meta = tmp_path / "gymlifts-1.2.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: gymlifts\nVersion: 1.2\n")
    (meta / "entry_points.txt").write_text(f"[{plugins.GROUP}]\n{NAME} = gymlifts:EXERCISE\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv(plugins.FOLDERS, "")
    [plug_in] = plugins.find()
    added, problems = load([plug_in], EXERCISES)
    assert problems == ()
    assert added[NAME].origin == "gymlifts 1.2"


def _formcheck(*arguments: str, folder: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "formcheck", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, plugins.FOLDERS: str(folder)},
    )


def test_a_file_dropped_into_the_folder_reaches_the_commands(tmp_path, root_folder):
    example = (root_folder / "examples" / f"{NAME}.py").read_text(encoding="utf-8")
    (tmp_path / f"{NAME}.py").write_text(example, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def", encoding="utf-8")
    done = _formcheck("rules", NAME, folder=tmp_path, cwd=root_folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Romanian deadlift\n")
    assert f"{NAME}.soft_knees" in done.stdout
    [line] = done.stderr.splitlines()
    assert line.startswith("formcheck: plug-in ")
    assert "broken.py is left out: SyntaxError" in line


@pytest.mark.parametrize("command", [["rules"], ["analyze", "nowhere.mp4", "--exercise"]])
@pytest.mark.parametrize("wanted", ["broken", "exits", "curl"])
def test_a_plug_in_that_does_not_work_is_no_exercise_to_choose(
    command, wanted, tmp_path, root_folder
):
    example = (root_folder / "examples" / f"{NAME}.py").read_text(encoding="utf-8")
    (tmp_path / f"{NAME}.py").write_text(example, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def", encoding="utf-8")
    (tmp_path / "exits.py").write_text("raise SystemExit(1)", encoding="utf-8")
    done = _formcheck(*command, wanted, folder=tmp_path, cwd=root_folder)
    assert (done.returncode, done.stdout) == (2, "")
    *left_out, said = done.stderr.splitlines()
    assert len(left_out) == 2
    assert f"'{wanted}' is none of " in said
    assert said.endswith(f"squat, {NAME}")


def test_one_of_ours_is_chosen_without_running_plug_ins(tmp_path, root_folder):
    (tmp_path / "step_up.py").write_text("raise SystemExit('was run')")
    done = _formcheck(
        "analyze", "nowhere.mp4", "--exercise", "squat", folder=tmp_path, cwd=root_folder
    )
    assert (done.returncode, done.stderr) == (3, "formcheck: nowhere.mp4: no such file\n")


def test_a_folder_that_is_not_there_is_told(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv(plugins.FOLDERS, str(tmp_path / "nowhere"))
    assert plugins.folders() == (tmp_path / "nowhere",)
    assert "which is no folder" in caplog.text


def test_without_a_word_it_is_the_data_folder(tmp_path, monkeypatch):
    monkeypatch.delenv(plugins.FOLDERS)
    monkeypatch.setenv("FORMCHECK_DATA", str(tmp_path))
    assert plugins.folders() == (tmp_path / "exercises",)


def test_the_doctor_tells_of_plug_ins(monkeypatch, all_five):
    import formcheck.exercises as package

    assert doctor.check_plugins().detail == "none"
    monkeypatch.setattr(package, "EXERCISES", all_five)
    monkeypatch.setattr(package, "PROBLEMS", ("plug-in x.py is left out: no",))
    finding = doctor.check_plugins()
    assert finding.status == "info"
    assert finding.detail == f"{NAME}; plug-in x.py is left out: no"
    assert doctor.usable([finding])


def test_the_page_of_plug_ins_shows_the_example_as_it_is(root_folder):
    page = (root_folder / "docs" / "plugins.md").read_text(encoding="utf-8")
    example = (root_folder / "examples" / f"{NAME}.py").read_text(encoding="utf-8")
    shown = page.partition("```python\n")[2].partition("```")[0]
    assert textwrap.dedent(shown).strip() in example


def test_what_was_not_recognised_may_have_been_a_plug_in(all_five, monkeypatch):
    monkeypatch.setattr(exercises, "EXERCISES", all_five)
    assert exercises.any_of_them() == "deadlift, hip thrust, lunge, squat or romanian deadlift"
