"""What is to be said where a movement is not what was looked for. Pure.

A second exercise in the clip, another one than was named, none at all, and a picture that leans,
lies on its side or stands on its head.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from formcheck import recognition
from formcheck.clock import frames_in
from formcheck.exercises import EXERCISES, any_of_them
from formcheck.motion import motion_signals
from formcheck.recognition import Found
from formcheck.smoothing import smooth
from formcheck.stance import feet_together, standing_frames
from formcheck.types import (
    Capture,
    CaptureWarning,
    FloatArray,
    PoseTrack,
    Signals,
    finite_median,
)

LEANING_DEG, LEANING_S = 9.0, 0.3
"""How far ankles and shoulders lean in standing, over so long, before the picture is turned and not
the body: people in 38 real clips do by 7 at most, and by 11 in one that is turned by that."""
INCLINED = ("thigh_inclination", "shank_inclination", "trunk_inclination")
LEAST_REPS = 2
QUARTERS = (
    "on its side: turned by 90° to the right",
    "upside down: turned by 180°",
    "on its side: turned by 90° to the left",
)
"""How a picture lies that is upright after one, two and three quarters of a turn to the right."""


def other_exercises(
    found: Found, time_s: FloatArray, motion: Signals
) -> tuple[CaptureWarning, ...]:
    """A word about each set of another exercise, and where there is none of the one named."""
    return (*_also_done(found, time_s), *_none_of_the_named(found, motion))


def leaning(track: PoseTrack, capture: Capture, motion: Signals) -> Capture:
    """With a word where somebody stands as nobody can: the picture is turned by what no edge tells.

    It takes the place of what the edges do tell.
    With both feet side by side: the middle of a foot on the floor and one behind on a bench is not
    what anybody stands over.
    """
    standing = feet_together(standing_frames(motion), motion)
    if len(standing) < frames_in(LEANING_S, track.time_s):
        return capture
    up = (track.middle("shoulder") - track.middle("ankle"))[standing]
    lean_deg = finite_median(np.degrees(np.arctan2(up[:, 0], -up[:, 1])))
    put_right = abs(capture.roll_deg) > capture.roll_error_deg
    if put_right:
        lean_deg -= capture.roll_deg
    if not abs(lean_deg) > LEANING_DEG:
        return capture
    turned = (
        f"its edges tell {abs(capture.roll_deg):.0f}° of a turn, and that is not all of it"
        if put_right
        else "the picture is turned, or the camera tilted"
    )
    message = (
        f"You seem to stand leaning by {abs(lean_deg):.0f}°: {turned}. Depth and how far shins and "
        "trunk lean cannot be told. Level the camera, with you in the middle of the picture."
    )
    others = (warning for warning in capture.warnings if warning.code != "camera_rolled")
    leans = CaptureWarning("camera_rolled", message, INCLINED)
    return replace(capture, warnings=(*others, leans))


def nothing_counted(raw: PoseTrack, known: bool) -> tuple[CaptureWarning, ...]:
    """Why nothing may be counted in the landmarks of a clip; ``known``: the exercise was named."""
    if (turned := _turned(raw)) is not None:
        return (turned,)
    if known:
        return ()
    message = (
        f"The movement was not recognised as a {any_of_them()}, so nothing was counted. Name the "
        "exercise if it is one of them."
    )
    return (CaptureWarning("exercise_unknown", message),)


def _turned(raw: PoseTrack) -> CaptureWarning | None:
    """A word where the picture would show repetitions of a lift if it were turned.

    Of one that is done standing: crunches are hip thrusts upside down.
    """
    track = smooth(raw)
    for lies in QUARTERS:
        track = to_the_right(track)
        seen = recognition.recognise(EXERCISES, motion_signals(track))
        lift = EXERCISES.get(seen.recognition.id or "")
        if lift is not None and lift.standing and len(seen.counted.reps) >= LEAST_REPS:
            message = (
                f"The picture seems to lie {lies}, it would show {lift.title.lower()} repetitions "
                f"({len(seen.counted.reps)}). Turn the clip in a gallery or an editor and analyse "
                "it once more."
            )
            return CaptureWarning("picture_turned", message)
    return None


def to_the_right(track: PoseTrack) -> PoseTrack:
    """The track as if the camera's pictures were turned by 90 degrees clockwise."""
    x_px, y_px = track.xy_px[..., 0], track.xy_px[..., 1]
    x_m, y_m, z_m = (track.world_m[..., axis] for axis in range(3))
    return replace(
        track,
        xy_px=np.stack([track.height - y_px, x_px], axis=-1),
        world_m=np.stack([-y_m, x_m, z_m], axis=-1),
        width=track.height,
        height=track.width,
    )


def _also_done(found: Found, time_s: FloatArray) -> tuple[CaptureWarning, ...]:
    """A word about each set of another exercise in the clip."""
    said = []
    for other in found.others:
        start_s, end_s = time_s[other.reps[0].start], time_s[other.reps[-1].end]
        said.append(
            f"From {start_s:.0f} to {end_s:.0f} s the clip also shows another exercise "
            f"({other.exercise.title}, reps: {len(other.reps)}), which is not counted: name that "
            "exercise and analyse the clip once more."
        )
    return tuple(CaptureWarning("other_exercise", message) for message in said)


def _none_of_the_named(found: Found, motion: Signals) -> tuple[CaptureWarning, ...]:
    """A word where none of the exercise that was told is found: what is seen instead."""
    named = found.recognition
    if named.source != "told" or named.id is None or found.counted.reps:
        return ()
    seen = recognition.recognise(EXERCISES, motion).recognition.id
    if seen not in (None, named.id):
        title = EXERCISES[seen].title.lower()
        message = (
            f"It looks like another exercise ({title}): name that one, or let it be recognised."
        )
        return (CaptureWarning("other_exercise", message),)
    if not found.unlike:
        return ()
    title = EXERCISES[named.id].title.lower()
    message = (
        f"Movements that might be repetitions were found ({found.unlike}), but as the body is seen "
        f"here none looks like a {title}, so nothing was counted. Film all of it, head and feet "
        "too, from the side and in good light; or name another exercise."
    )
    return (CaptureWarning("unlike_exercise", message),)
