"""What a recording limits in time: too few pictures a second, holes, another speed, cuts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from formcheck.clock import HOLE_S, frame_step_s
from formcheck.types import CaptureWarning, FloatArray, PartialRep, PoseTrack, Rep

LOW_FPS = 20.0
FEWEST_FRAMES = 5
"""In a quick phase of a repetition: fewer tell neither its tempo nor what comes first."""
SLOWED = 1.4
QUICKENED = 0.45
"""A time lapse; twice as many pictures as the camera took may be put in between them later."""
SLOW_HALF_S, SLOW_RISE_S = 6.0, 5.0
"""Nobody takes that long for the quicker half of every repetition, paused or not, or for the way up
of every pull, but on film that plays slower than life; the hardest lifts of a competition take
about 4 s. A way up ends where it has as good as arrived, so a slow one is read shorter."""
FAST_REP_S = 0.45
"""Falling and rising 0.4 m each takes 0.57 s at the acceleration of gravity."""


def of_time(track: PoseTrack, reps: Sequence[Rep], tops: bool) -> Iterator[CaptureWarning]:
    """What the film's speed and its pictures a second limit; ``tops`` as in ``gate.findings``."""
    quick = [_quick_phase(rep, tops) for rep in reps]
    speed = tuple(_of_speed(track, reps, quick, SLOW_RISE_S if tops else SLOW_HALF_S))
    slowed = any(warning.code == "slow_motion" for warning in speed)
    yield from _of_rate(track, reps, quick, slowed)
    yield from speed


def _quick_phase(rep: Rep, tops: bool) -> tuple[int, int]:
    """The first and last frame of what moves fastest: the way up, or the quicker of both ways."""
    ways = [(rep.start, rep.turn)] if tops else [(rep.start, rep.turn), (rep.turn, rep.end)]
    return min(ways, key=lambda way: way[1] - way[0])


def _of_rate(
    track: PoseTrack, reps: Sequence[Rep], quick: Sequence[tuple[int, int]], slowed: bool
) -> Iterator[CaptureWarning]:
    """Pictures that are too far apart; a slowed film shows all that the camera took."""
    fps = round(1 / frame_step_s(track.time_s))  # as it is told
    few = [end for start, end in quick if end - start < FEWEST_FRAMES]
    if len(few) > len(quick) / 2:
        yield CaptureWarning(
            "low_frame_rate",
            f"Most repetitions are too quick for {fps} pictures a second: fewer than "
            f"{FEWEST_FRAMES} show their quick phase. Film with more, and have more looked at "
            "(--max-fps).",
            ("hips_rise_first", "tempo"),
        )
    elif fps < LOW_FPS and not slowed:
        yield CaptureWarning(
            "low_frame_rate",
            f"Only {fps} pictures a second are looked at: fast phases are blurred in time. "
            "Film at 24 or more, and have as many looked at (--max-fps).",
        )
    elif (hole_s := _longest_hole_s(track, reps)) > HOLE_S:
        yield CaptureWarning(
            "low_frame_rate",
            f"The film has holes: up to {hole_s:.1f} s within the set are without a picture, so "
            "repetitions may be missing, and what they hide is not judged. Film with a steady rate "
            "and give the clip as recorded.",
        )


def _longest_hole_s(track: PoseTrack, reps: Sequence[Rep]) -> float:
    """The longest time between two pictures from the first repetition to the last."""
    if not reps:
        return 0.0
    return float(np.diff(track.time_s[reps[0].start : reps[-1].end + 1]).max(initial=0.0))


def _of_speed(
    track: PoseTrack, reps: Sequence[Rep], quick: Sequence[tuple[int, int]], longest_s: float
) -> Iterator[CaptureWarning]:
    """Film that plays slower or faster than life; a rate of none or without end tells nothing."""
    slowed = track.scene.slowed
    if SLOWED < slowed < np.inf:
        yield CaptureWarning(
            "slow_motion",
            f"Filmed in slow motion, {_rounded(slowed)} times slower than life: times are "
            "not those of the lift. Film at normal speed to see your tempo.",
            ("tempo",),
        )
    elif quick and min(_lasting_s(track, quick)) > longest_s:
        yield CaptureWarning(
            "slow_motion",
            "This looks like slow motion: times are not those of the lift. Film at normal speed "
            "to see your tempo.",
            ("tempo",),
        )
    elif 0 < slowed < QUICKENED:
        yield CaptureWarning(
            "fast_motion",
            f"A time lapse, {_rounded(1 / slowed)} times quicker than life: times are not "
            "those of the lift. Film at normal speed to see your tempo.",
            ("tempo",),
        )
    elif (
        len(reps) > 1
        and np.median(_lasting_s(track, [(r.start, r.end) for r in reps])) < FAST_REP_S
    ):
        yield CaptureWarning(
            "fast_motion",
            "This plays faster than anybody moves: times are not those of the lift. Give the clip "
            "as it was filmed.",
            ("tempo",),
        )


def _rounded(times: float) -> str:
    """To two digits: "1.4", "32", "120"."""
    return f"{float(f'{times:.2g}'):g}"


def _lasting_s(track: PoseTrack, spans: Sequence[tuple[int, int]]) -> FloatArray:
    """Seconds from the first to the last frame of each."""
    starts, ends = np.array(spans).T
    lasting: FloatArray = track.time_s[ends] - track.time_s[starts]
    return lasting


def of_cuts(track: PoseTrack, reps: Sequence[Rep | PartialRep]) -> Iterator[CaptureWarning]:
    """Cuts within the set."""
    if not reps:
        return
    first, last = min(rep.start for rep in reps), max(rep.end for rep in reps)
    cuts = int(track.shot[last] - track.shot[first])
    if cuts:
        yield CaptureWarning(
            "cuts",
            f"The film is cut {_times(cuts)} within the set: repetitions that it breaks off are "
            "not counted, and there may be more than are seen. Give the clip uncut.",
        )


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
