"""The capture gate: what about a recording limits what can be measured, and what to do about it.

Each finding has a stable code, a sentence for the user, and the names of what it makes
unmeasurable (docs/capture.md lists them with their limits and evidence). Only what truly prevents
a measurement blocks it; everything else is a remark.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from formcheck.filmtime import of_cuts, of_time
from formcheck.smoothing import MIN_PRESENCE
from formcheck.types import (
    BoolArray,
    Capture,
    CaptureWarning,
    FloatArray,
    IntArray,
    Landmark,
    PartialRep,
    PoseTrack,
    Rep,
    landmark,
)

OUTSIDE_SHARE = 0.25
OUTSIDE_MOST = 0.5
OUTSIDE_BODY = 0.03
"""Lengths of trunk and leg beyond the border from which a landmark is taken to be outside."""
SMALL_PX = 150.0
ROLL_DEG = 3.0
DARK = 0.15
"""Clips made darker: at 0.25 landmarks move by 1 % of the body's length, below 0.12 nobody is found
in four of five."""
BLURRED = 0.7
"""Sharp clips measure 0.2 to 0.5. Blurred by 1.5 pixels of 800 they measure 0.6 and landmarks move
by 1 %, as they do when a picture is scaled by 1 %; by 3 pixels, 0.75 and up to 5 %."""
BESIDE_SHARE = 0.6
"""Of the looks: somebody who only passes by was left out anyway, and bits of a rack are taken for a
person in up to half of them."""
FOUND_SHARE = 0.9
"""Share of the set's pictures in which the lifter is found, below which repetitions may be missing:
what :mod:`formcheck.nearer` takes for well seen."""
UNSEEN_REPS = 0.75
"""Of the time of the set's shortest repetition: nobody found for so long, between two repetitions,
may hide another. Made squats that are hidden for 0.7 of their time are still counted, and lost from
0.8 on; deadlifts and hip thrusts from 0.9 to 1.2 on."""
HIDDEN_SHARE = 0.6
GUESSED = 0.5
"""Visibility below which the model rather guesses than sees (its model card)."""
NEAR_TURN_ERROR_DEG = 10.0
"""Error of a rectified angle, from the azimuth alone, beyond which it says nothing."""

SAGITTAL_ANGLES = (
    "hip_flexion",
    "knee_flexion",
    "thigh_inclination",
    "shank_inclination",
    "trunk_inclination",
    "ankle_dorsiflexion",
    "foot_pitch",
    "elbow_flexion",
    "spine_flexion",
)
NEEDS: dict[str, tuple[str, ...]] = {
    "shoulder": ("hip_flexion", "trunk_inclination", "elbow_flexion", "spine_flexion"),
    "hip": (
        "hip_flexion",
        "knee_flexion",
        "thigh_inclination",
        "trunk_inclination",
        "spine_flexion",
        "knee_valgus",
    ),
    "knee": (
        "hip_flexion",
        "knee_flexion",
        "thigh_inclination",
        "shank_inclination",
        "ankle_dorsiflexion",
        "knee_valgus",
    ),
    "ankle": ("knee_flexion", "shank_inclination", "ankle_dorsiflexion", "knee_valgus"),
    "heel": ("foot_pitch", "ankle_dorsiflexion"),
    "foot_index": ("foot_pitch", "ankle_dorsiflexion"),
}
"""The angles that cannot be taken without a joint."""
PARTS = {
    "shoulder": "shoulders",
    "hip": "hips",
    "knee": "knees",
    "ankle": "ankles",
    "heel": "feet",
    "foot_index": "feet",
}


def findings(
    track: PoseTrack,
    capture: Capture,
    reps: Sequence[Rep],
    frames: IntArray,
    tops: bool = False,
    partial: Sequence[PartialRep] = (),
) -> tuple[CaptureWarning, ...]:
    """All that limits a recording; ``frames`` are those of the set, ``capture`` its view.

    ``tops``: the repetitions turn at the top, where the rest of them may be a hold. ``partial``:
    those that are broken off.
    """
    return (
        *of_view(capture),
        *_of_turning(capture),
        *_of_roll(capture),
        *_of_frame(track, capture, frames),
        *of_time(track, reps, tops),
        *of_cuts(track, [*reps, *partial]),
        *_of_people(track),
        *_of_pictures(track),
        *_of_finding(track, reps),
        *_of_hiding(track, capture, frames),
    )


def rectified_error_deg(azimuth_deg: float, error_deg: float) -> float:
    """Largest error that an azimuth's error makes in an angle rectified to the sagittal plane.

    The rectified x is off by the share cot(azimuth) times the error (radians); a limb at 45
    degrees turns by half of that.
    """
    sine = abs(math.sin(math.radians(azimuth_deg)))
    if not sine > 0:
        return math.inf
    return 0.5 * error_deg * abs(math.cos(math.radians(azimuth_deg))) / sine


def of_view(capture: Capture) -> Iterator[CaptureWarning]:
    """What the place of the camera limits."""
    if not math.isfinite(capture.azimuth_deg):
        return  # nobody was seen to stand anywhere
    if capture.view in ("front", "back"):
        yield CaptureWarning(
            "not_side_view",
            f"Filmed from the {capture.view}: depth, lockout and back need a side view. "
            "Put the camera at your side, at hip height.",
        )
    elif rectified_error_deg(capture.azimuth_deg, capture.azimuth_error_deg) > NEAR_TURN_ERROR_DEG:
        yield CaptureWarning("view_uncertain", _unsure(capture), SAGITTAL_ANGLES)


def _unsure(capture: Capture) -> str:
    """What is wrong with a place of the camera that is seen as the side or obliquely."""
    end = "front" if capture.azimuth_deg < 90 else "back"
    why, advice = f"too near to your {end}, and too unsure,", "Put the camera further round to"
    if capture.view == "side":
        why, advice = "too unsure", "Let it stand still, and stay turned the same way, with it at"
    return (
        f"The camera stands {capture.azimuth_deg:.0f}° ± {capture.azimuth_error_deg:.0f}° from "
        f"your front: {why} for angles seen from the side. {advice} your side."
    )


def _of_turning(capture: Capture) -> Iterator[CaptureWarning]:
    if capture.facings:
        yield CaptureWarning(
            "turning",
            "You turn between repetitions; each is measured by how you stand in it. Facing one "
            "way makes them comparable.",
        )


def _of_roll(capture: Capture) -> Iterator[CaptureWarning]:
    if abs(capture.roll_deg) > ROLL_DEG and abs(capture.roll_deg) > 2 * capture.roll_error_deg:
        way = "clockwise" if capture.roll_deg > 0 else "counter-clockwise"
        yield CaptureWarning(
            "camera_rolled",
            f"The picture is turned {abs(capture.roll_deg):.0f}° {way}. Angles are put right for "
            "that; a level camera is surer.",
        )


# --- in the picture -------------------------------------------------------------------------------


def _of_frame(track: PoseTrack, capture: Capture, frames: IntArray) -> Iterator[CaptureWarning]:
    frames = frames[track.seen[frames]]
    if not len(frames):
        return
    height = person_height_px(track)
    outside = {joint: _outside_share(track, capture, frames, joint, height) for joint in NEEDS}
    out = [joint for joint, share in outside.items() if share > OUTSIDE_SHARE]
    if out:
        lost = {n for j in out if outside[j] > OUTSIDE_MOST for n in NEEDS[j]}
        parts = list(dict.fromkeys(PARTS[joint] for joint in out))
        yield CaptureWarning(
            "out_of_frame",
            f"Your {_listed(parts)} are outside the picture much of the time. Step back or tilt "
            "the camera until head and feet stay in view.",
            tuple(sorted(lost)),
        )
    elif _share(_beyond(track, frames, Landmark.NOSE, height)) > OUTSIDE_SHARE:
        yield CaptureWarning(
            "head_out_of_frame",
            "Your head is outside the picture much of the time: you are followed less surely. "
            "Step back or tilt the camera.",
        )
    if height < SMALL_PX:
        yield CaptureWarning(
            "small_person",
            f"You are only {height:.0f} pixels long from shoulders to ankles. Come closer or film "
            "in higher resolution.",
        )


def _outside_share(
    track: PoseTrack, capture: Capture, frames: IntArray, joint: str, height_px: float
) -> float:
    """Share of the frames in which the near joint lies outside; in a front view the better one."""
    sides = [capture.near_side]
    if capture.view in ("front", "back"):
        sides = ["left", "right"]
    return min(_share(_beyond(track, frames, landmark(s, joint), height_px)) for s in sides)


def _beyond(track: PoseTrack, frames: IntArray, mark: int, height_px: float) -> BoolArray:
    """(F,) whether a landmark lies outside the picture by more than the slack.

    Or the model says that it does, which then is no longer drawn.
    """
    points = track.xy_px[frames, mark]
    slack = OUTSIDE_BODY * height_px
    size = np.array([track.width, track.height])
    absent = track.presence[frames, mark] < MIN_PRESENCE
    beyond: BoolArray = absent | np.any((points < -slack) | (points > size + slack), axis=1)
    return beyond


def _share(rows: BoolArray) -> float:
    return float(rows.mean()) if len(rows) else 0.0


def person_height_px(track: PoseTrack) -> float:
    """Typical length of trunk and leg together, pixels."""
    trunk = np.linalg.norm(track.middle("shoulder") - track.middle("hip"), axis=1)
    leg = np.linalg.norm(track.middle("hip") - track.middle("knee"), axis=1) + np.linalg.norm(
        track.middle("knee") - track.middle("ankle"), axis=1
    )
    total = trunk + leg
    return float(np.nanpercentile(total, 90)) if np.isfinite(total).any() else float("nan")


def _of_finding(track: PoseTrack, reps: Sequence[Rep]) -> Iterator[CaptureWarning]:
    """Whether somebody is seen all through the set, or from the first to the last picture of them.

    Over the repetitions alone they always are: what is not seen is not counted.
    """
    found: BoolArray = np.any(track.visibility > 0, axis=1)  # a joint may have been dropped since
    seen = np.flatnonzero(found)
    if not len(seen):
        return
    first, last = (reps[0].start, reps[-1].end) if reps else (int(seen[0]), int(seen[-1]))
    share = _share(found[first : last + 1])
    gap = _gap(track.time_s, np.flatnonzero(found[first : last + 1]) + first, reps)
    if share < FOUND_SHARE:
        lost = (
            f"You were found in only {100 * share:.0f} % of the pictures"
            f"{' of the set' if reps else ''}: repetitions may be missing."
        )
    elif gap is not None:
        start_s, end_s = gap
        lost = (
            f"You were not found from {start_s:.1f} to {end_s:.1f} s: a repetition may be missing."
        )
    else:
        return
    yield CaptureWarning(
        "seldom_found",
        f"{lost} Keep all of you in the picture, head and feet too, in good light and with nothing "
        "in front of you.",
    )


def _gap(time_s: FloatArray, seen: IntArray, reps: Sequence[Rep]) -> tuple[float, float] | None:
    """From when to when the lifter is lost for longest, if a repetition fits in.

    ``seen``: the frames of the set that hold them. What is lost within one that was counted does
    not matter; where the film itself has a hole nobody is lost.
    """
    gaps = [
        (float(time_s[before]), float(time_s[after]))
        for before, after in itertools.pairwise(seen)
        if after - before > 1 and not any(rep.start <= before and after <= rep.end for rep in reps)
    ]
    if not gaps or not reps:
        return None
    start_s, end_s = max(gaps, key=lambda gap: gap[1] - gap[0])
    shortest_s = min(float(time_s[rep.end] - time_s[rep.start]) for rep in reps)
    return (start_s, end_s) if end_s - start_s >= UNSEEN_REPS * shortest_s else None


def _of_hiding(track: PoseTrack, capture: Capture, frames: IntArray) -> Iterator[CaptureWarning]:
    frames = frames[track.seen[frames]]
    if not len(frames) or capture.view in ("front", "back"):
        return
    height = person_height_px(track)
    hidden = [
        joint
        for joint in ("shoulder", "hip", "knee", "ankle")
        if _outside_share(track, capture, frames, joint, height) <= OUTSIDE_SHARE
        and _share(track.visibility[frames, landmark(capture.near_side, joint)] < GUESSED)
        > HIDDEN_SHARE
    ]
    if hidden:
        yield CaptureWarning(
            "occluded",
            f"Your {_listed([PARTS[joint] for joint in hidden])} are hidden most of the time. "
            "Move the camera until plates, bench and rack no longer cover you.",
        )


# --- people and pictures --------------------------------------------------------------------------


def _of_people(track: PoseTrack) -> Iterator[CaptureWarning]:
    people = track.scene.people
    if any(person.mirror for person in people):
        yield CaptureWarning(
            "mirror",
            "Somebody moves just as the one who is scored: a mirror? It was left out. Turn the "
            "camera until the mirror is out of the picture.",
        )
    real = [person for person in people if not person.mirror]
    chosen = next((person.number for person in real if person.chosen), None)
    beside = max((p.share for p in real if not p.chosen), default=0.0)
    if beside >= BESIDE_SHARE and chosen is not None:
        yield CaptureWarning(
            "several_people",
            f"{len(real)} people are in the picture; number {chosen} from the left was scored. "
            "Choose another if that is wrong (--person N).",
        )


def _of_pictures(track: PoseTrack) -> Iterator[CaptureWarning]:
    if track.scene.damaged:
        yield CaptureWarning(
            "damaged",
            "A part of the file cannot be read: repetitions may be missing, and what is seen there "
            "may be wrong. Copy the clip once more from where it was filmed.",
        )
    if track.scene.brightness < DARK:
        yield CaptureWarning(
            "dark",
            "It is dark where you stand: joints are found less surely. Turn on more light, and "
            "keep windows behind the camera.",
        )
    if track.scene.blur > BLURRED:
        yield CaptureWarning(
            "blurred",
            "The picture is blurred: joints are found less surely. Clean the lens, let the camera "
            "focus on you, and give it more light.",
        )


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
