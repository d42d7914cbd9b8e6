"""Each finding about a recording: a case that has it, and one that has not."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from bodies import Camera, Scene, film, hidden, minimum_jerk, perform, timeline
from lifts import LUNGE_BOTTOM, LUNGE_TOP, Tempo, deadlifts, film_lift, reps, squats, thrusts

from formcheck.angles import _of_frames
from formcheck.gate import NEEDS, of_view, rectified_error_deg
from formcheck.pipeline import evaluate
from formcheck.scene import Person
from formcheck.scene import Scene as Pictures
from formcheck.types import Capture, Landmark, PoseTrack, Rep, Verdict, landmark
from formcheck.view import estimate_capture, seen_at

SQUATS = film_lift("squat", Scene())
REPS = [Rep(30, 70, 108), Rep(124, 164, 202)]
ONE = Person(1, (0.0, 0.0, 9.0, 9.0), 1.0, 0.0, 9.0, 1.0, chosen=True)


def findings(track: PoseTrack, found: list[Rep] | None = None) -> dict[str, tuple[str, ...]]:
    """What is found and what that makes unmeasurable, by code."""
    capture = estimate_capture(track, REPS if found is None else found)
    return {warning.code: warning.affects for warning in capture.warnings}


def with_pictures(**known: object) -> PoseTrack:
    return replace(SQUATS, scene=Pictures(**known))


def test_a_good_clip_has_no_findings():
    scene = {"people": (ONE,), "brightness": 0.5, "blur": 0.3, "roll_deg": 1.0, "slowed": 1.0}
    assert findings(with_pictures(roll_error_deg=1.5, **scene)) == {}


@pytest.mark.parametrize(
    ("code", "pictures"),
    [
        ("dark", {"brightness": 0.05}),
        ("blurred", {"blur": 0.8}),
        ("damaged", {"damaged": True}),
        ("camera_rolled", {"roll_deg": -7.0, "roll_error_deg": 1.5}),
        ("several_people", {"people": (ONE, replace(ONE, number=2, chosen=False))}),
        ("mirror", {"people": (ONE, replace(ONE, number=2, chosen=False, mirror=True))}),
    ],
)
def test_remarks_block_nothing(code, pictures):
    assert findings(with_pictures(**pictures)) == {code: ()}


def lost(start: int, end: int) -> PoseTrack:
    """The squats, with nobody found in some of the frames."""
    return blanked(SQUATS, slice(start, end))


def blanked(track: PoseTrack, frames: slice) -> PoseTrack:
    landmarks = {name: getattr(track, name).copy() for name in ("xy_px", "world_m", "visibility")}
    for values in landmarks.values():
        values[frames] = np.nan
    return replace(track, **landmarks)


@pytest.mark.parametrize("found", [REPS, []], ids=["counted", "nothing counted"])
def test_a_lifter_who_is_lost_for_long_is_told_of(found):
    gap = (REPS[0].end, REPS[1].start)
    assert "seldom_found" not in findings(lost(*gap), found)  # 16 of 173
    longer = (REPS[0].end - 20, REPS[1].start + 20)
    assert findings(lost(*longer), found)["seldom_found"] == ()


TEN_SQUATS = perform(*squats(10), Scene())


@pytest.mark.parametrize(("share_of_rep", "missing", "told"), [(1.1, 1, True), (0.5, 0, False)])
def test_a_gap_that_hides_a_repetition_of_a_long_set_is_told_of(share_of_rep, missing, told):
    hidden_rep = evaluate(TEN_SQUATS).reps[4].rep
    half = int(share_of_rep * (hidden_rep.end - hidden_rep.start) / 2)
    gap = slice(hidden_rep.turn - half, hidden_rep.turn + half)
    result = evaluate(blanked(TEN_SQUATS, gap))
    assert len(result.reps) == 10 - missing
    messages = {warning.code: warning.message for warning in result.capture.warnings}
    assert ("seldom_found" in messages) == told
    if told:
        before, after = (TEN_SQUATS.time_s[frame] for frame in (gap.start - 1, gap.stop))
        assert f"from {before:.1f} to {after:.1f} s" in messages["seldom_found"]


def test_a_joint_that_was_dropped_is_no_lost_lifter():
    few = hidden(SQUATS, slice(40, 80), [Landmark.LEFT_HIP])
    assert "seldom_found" not in findings(few)


def test_walking_in_and_away_does_not_count_as_lost():
    track = lost(0, REPS[0].start)
    assert "seldom_found" not in findings(track)
    assert "seldom_found" not in findings(track, [])


def test_a_roll_within_its_error_is_none():
    assert findings(with_pictures(roll_deg=5.0, roll_error_deg=4.0)) == {}


def test_a_slowed_clip_has_no_tempo_but_verdicts():
    slow = evaluate(with_pictures(slowed=8.0))
    (warning,) = slow.capture.warnings
    assert "8 times slower" in warning.message
    assert (warning.code, warning.affects) == ("slow_motion", ("tempo",))
    assert np.isnan(slow.reps[0].measures["concentric_s"].value)
    assert slow.reps[0].measures["concentric_s"].reason == "slow_motion"
    assert np.isnan(slow.summary.tempo["concentric_s"])
    usual = evaluate(SQUATS)
    assert [c.verdict for c in slow.reps[0].checks] == [c.verdict for c in usual.reps[0].checks]


def test_a_film_that_is_slowed_a_little_is_not_one_time_slower():
    (warning,) = evaluate(with_pictures(slowed=1.44)).capture.warnings
    assert "1.4 times slower" in warning.message


def test_a_time_lapse_has_no_tempo_and_all_repetitions():
    """A tenth of the longest repetition's time was all that one might take."""
    lapse = evaluate(with_pictures(slowed=0.1))
    (warning,) = lapse.capture.warnings
    assert "10 times quicker" in warning.message
    assert (warning.code, warning.affects) == ("fast_motion", ("tempo",))
    assert len(lapse.reps) == len(evaluate(SQUATS).reps)
    assert evaluate(with_pictures(slowed=0.5)).capture.warnings == ()


@pytest.mark.parametrize(
    ("slowed", "told"), [(1 / 120, "120 times quicker"), (256.0, "260 times slower")]
)
def test_how_much_another_speed_differs_is_told_in_plain_digits(slowed, told):
    """It was told as 1.2e+02 times."""
    (warning,) = evaluate(with_pictures(slowed=slowed)).capture.warnings
    assert told in warning.message


@pytest.mark.parametrize("slowed", [0.0, -1.0, math.inf])
def test_a_rate_that_no_camera_has_tells_nothing_of_the_speed(slowed):
    """Phones that do not know it may note a zero, which ended in a ZeroDivisionError."""
    assert evaluate(with_pictures(slowed=slowed)).capture.warnings == ()


@pytest.mark.parametrize(
    ("tempo", "code"),
    [
        (Tempo(down=9, up=8), "slow_motion"),
        (Tempo(down=9, up=1.5), None),  # slow on the way down is how some train
        (Tempo(down=4, bottom=3, up=4), None),
        (Tempo(down=0.2, bottom=0.01, up=0.2), "fast_motion"),
        (Tempo(down=0.5, bottom=0.01, up=0.5), None),
    ],
)
def test_a_tempo_that_nobody_has_is_not_of_the_lift(tempo, code):
    cycle = [tempo.down, tempo.bottom, tempo.up]
    frames = [round(30 * sum(cycle[:k])) for k in (1, 3)]
    found = [Rep(a, a + frames[0], a + frames[1]) for a in (30, 60 + frames[1])]
    track = perform(*reps(LUNGE_TOP, [LUNGE_BOTTOM] * 2, replace(tempo, top=1.0)))
    expected = set() if code is None else {code}
    assert set(findings(track, found)) - {"low_frame_rate"} == expected


def test_too_few_frames_block_what_needs_them():
    track = perform(*squats(), Scene(fps=10))
    assert findings(track, [Rep(10, 23, 36)])["low_frame_rate"] == ()
    assert "tempo" in findings(track, [Rep(10, 13, 16)])["low_frame_rate"]


@pytest.mark.parametrize("lifts", [deadlifts, thrusts])
def test_a_pull_that_takes_longer_than_anybodys_is_slow_motion(lifts):
    slow = evaluate(perform(*lifts(2, tempo=Tempo(down=3, up=9, top=1))))
    assert [w.code for w in slow.capture.warnings] == ["slow_motion"]
    assert slow.reps[0].measures["concentric_s"].reason == "slow_motion"
    hard = evaluate(perform(*lifts(2, tempo=Tempo(down=3, up=4, top=1))))
    assert hard.capture.warnings == ()


def test_a_short_hold_at_the_top_is_no_quick_phase():
    quick = evaluate(perform(*thrusts(4, tempo=Tempo(down=0.4, bottom=0.05, up=0.6, top=0.01))))
    assert len(quick.reps) == 4
    assert quick.capture.warnings == ()
    assert quick.reps[1].measures["concentric_s"].reason == ""


def said(track: PoseTrack, found: list[Rep]) -> str:
    (warning,) = estimate_capture(track, found).warnings
    assert warning.code == "low_frame_rate"
    return warning.message


def test_a_repetition_too_quick_for_the_film_is_told_as_that():
    quick = said(SQUATS, [Rep(30, 34, 44)])
    assert quick.startswith("Most repetitions are too quick for 30 pictures a second")
    assert "24" not in quick
    assert "--max-fps" in quick


def test_pictures_that_were_not_looked_at_are_not_blamed_on_the_camera():
    assert "are looked at" in said(perform(*squats(), Scene(fps=10)), [Rep(10, 23, 36)])


@pytest.mark.parametrize(("fps", "low"), [(19, True), (20, False), (20.01, False)])
def test_a_low_frame_rate_is_one_under_20(fps, low):
    time_s = np.round(np.arange(len(SQUATS)) / fps + 7.1, 6) - 7.1
    slower = replace(SQUATS, time_s=time_s)
    assert ("low_frame_rate" in findings(slower, [])) == low


def test_holes_in_the_film_are_told_of():
    whole = [Rep(30, 71, 102), Rep(123, 164, 195)]
    kept = np.flatnonzero((np.arange(len(SQUATS)) < 80) | (np.arange(len(SQUATS)) >= 80 + 14))
    at = [Rep(*(int(np.searchsorted(kept, k)) for k in (r.start, r.turn, r.end))) for r in whole]
    holed = _of_frames(SQUATS, kept)
    assert set(findings(holed, at)) == {"low_frame_rate"}
    assert findings(holed, [at[1]]) == {}
    assert findings(SQUATS, whole) == {}


def test_slow_motion_is_no_low_frame_rate():
    rare = perform(*squats(2, tempo=Tempo(8, 1, 8, 1)), Scene(fps=8))
    at = [(8 * a, 8 * b, 8 * c) for a, b, c in ((1, 9, 18), (19, 27, 36))]
    assert set(findings(rare, [Rep(*rep) for rep in at])) == {"slow_motion"}
    slowed = replace(perform(*squats(), Scene(fps=8)), scene=Pictures(slowed=4.0))
    assert set(findings(slowed, [Rep(8, 19, 29)])) == {"slow_motion"}


def test_cuts_within_the_set_are_told_of():
    cut = SQUATS.shot.copy()
    cut[115:] += 1
    assert set(findings(replace(SQUATS, shot=cut))) == {"cuts"}
    title = SQUATS.shot.copy()
    title[10:] += 1
    assert findings(replace(SQUATS, shot=title)) == {}


@pytest.mark.parametrize("joint", ["ankle", "foot_index"])
def test_joints_outside_block_the_angles_that_need_them(joint):
    track = replace(SQUATS, xy_px=SQUATS.xy_px.copy())
    track.xy_px[:, landmark("right", joint), 1] = track.height + 60
    assert set(findings(track)["out_of_frame"]) == set(NEEDS[joint])
    near_border = replace(SQUATS, xy_px=SQUATS.xy_px.copy())
    near_border.xy_px[:, landmark("right", joint), 1] = track.height + 4
    assert findings(near_border) == {}


def test_what_the_model_says_is_outside_is_told_as_such():
    """Where it would be is not drawn."""
    track = hidden(SQUATS, slice(None), [Landmark.RIGHT_ANKLE])
    presence = track.presence.copy()
    presence[:, Landmark.RIGHT_ANKLE] = 0.1
    told = findings(replace(track, presence=presence))
    assert set(told["out_of_frame"]) == set(NEEDS["ankle"])
    assert "occluded" not in told


def test_the_far_side_may_be_outside():
    track = replace(SQUATS, xy_px=SQUATS.xy_px.copy())
    track.xy_px[:, landmark("left", "ankle"), 1] = track.height + 60
    assert findings(track) == {}


def test_a_head_outside_blocks_nothing():
    track = replace(SQUATS, xy_px=SQUATS.xy_px.copy())
    track.xy_px[:, :11, 1] = -60
    assert findings(track) == {"head_out_of_frame": ()}


def test_a_knee_behind_a_plate_is_told_of():
    track = replace(SQUATS, visibility=SQUATS.visibility.copy())
    track.visibility[:, landmark("right", "knee")] = 0.2
    assert findings(track) == {"occluded": ()}


def test_what_is_blocked_cannot_be_told_and_costs_nothing():
    """Knees count for lockout as well as hips, but depth is the thigh's alone."""
    track = replace(SQUATS, xy_px=SQUATS.xy_px.copy())
    feet = [landmark("right", joint) for joint in ("heel", "foot_index")]
    track.xy_px[:, feet, 1] = track.height + 60
    checks = {check.id: check for check in evaluate(track, "squat").reps[0].checks}
    assert checks["squat.heel_rise"].verdict is Verdict.CANNOT_TELL
    assert checks["squat.heel_rise"].reason == "out_of_frame"
    assert checks["squat.depth"].verdict is not Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    ("azimuth", "error", "most"), [(90, 10, 0.1), (45, 6, 3.1), (30, 12, 10.5)]
)
def test_the_nearer_to_the_front_the_more_the_azimuth_matters(azimuth, error, most):
    assert rectified_error_deg(azimuth, error) <= most
    assert rectified_error_deg(180 - azimuth, error) == pytest.approx(
        rectified_error_deg(azimuth, error)
    )


# --- turning --------------------------------------------------------------------------------------


def turning(azimuths: list[float]) -> tuple[PoseTrack, list[Rep]]:
    """A set of lunges, each seen from another azimuth; the turns lie between them."""
    time_s, postures = timeline(*reps(LUNGE_TOP, [LUNGE_BOTTOM] * len(azimuths)), fps=30)
    length = 3.1
    edges = [1.0 + length * k for k in range(1, len(azimuths))]
    heading = np.full(len(time_s), azimuths[0], dtype=float)
    for edge, (a, b) in zip(edges, itertools.pairwise(azimuths), strict=True):
        heading += (b - a) * minimum_jerk(np.clip((time_s - edge + 0.4) / 0.4, 0, 1))
    parts = [film(time_s, postures, Scene(Camera(a))) for a in heading]
    xy = np.stack([part.xy_px[k] for k, part in enumerate(parts)])
    world = np.stack([part.world_m[k] for k, part in enumerate(parts)])
    found = [
        Rep(
            round(30 * (1 + length * k)),
            round(30 * (2.4 + length * k)),
            round(30 * (3.6 + length * k)),
        )
        for k in range(len(azimuths))
    ]
    return replace(parts[0], xy_px=xy, world_m=world), found


def test_a_lifter_who_turns_round_is_measured_as_they_stand():
    track, found = turning([90.0, 90.0, -90.0])
    capture = estimate_capture(track, found)
    assert [f.near_side for f in capture.facings] == ["right", "right", "left"]
    assert (capture.view, capture.near_side) == ("side", "right")
    assert {w.code for w in capture.warnings} == {"turning"}
    assert seen_at(capture, found[2].turn).near_side == "left"


def test_each_repetition_has_the_checks_of_its_own_view():
    track, found = turning([90.0, 45.0, 5.0])
    capture = estimate_capture(track, found)
    assert [seen_at(capture, rep.turn).view for rep in found] == ["side", "oblique", "front"]
    assert seen_at(capture, found[1].turn).azimuth_deg == pytest.approx(45, abs=4)
    assert [seen_at(capture, r.turn).blocks("knee_flexion") for r in found] == ["", "", ""]


@pytest.mark.parametrize("azimuths", [[80.0, 90.0, 85.0], [60.0, 60.0, 60.0]])
def test_small_drifts_are_no_turns(azimuths):
    track, found = turning(azimuths)
    assert estimate_capture(track, found).facings == ()


def test_a_turning_set_reads_the_same_angles_in_every_repetition():
    track, _ = turning([90.0, 50.0, -90.0])
    depths = [rep.measures["knee_flexion_bottom"].value for rep in evaluate(track, "lunge").reps]
    assert len(depths) == 3
    assert np.ptp(depths) < 6


def test_a_capture_that_blocks_nothing_says_so():
    assert Capture("side", 90, 5, "right").blocks("knee_flexion", "tempo") == ""


def test_where_nobody_was_seen_nothing_is_said_of_the_view():
    assert list(of_view(Capture("front", float("nan"), float("nan"), "right"))) == []
    assert [w.code for w in of_view(Capture("front", 0.0, 5.0, "right"))] == ["not_side_view"]


@pytest.mark.parametrize(
    ("view", "azimuth", "says"),
    [
        ("oblique", 35.0, "too near to your front, and too unsure,"),
        ("oblique", 145.0, "too near to your back, and too unsure,"),  # was "near to your front"
        ("side", 102.0, "from your front: too unsure for"),
    ],
)
def test_an_unsure_view_is_near_to_the_end_that_it_is_near_to(view, azimuth, says):
    [warning] = of_view(Capture(view, azimuth, 108.0, "right"))
    assert warning.code == "view_uncertain"
    assert says in warning.message
