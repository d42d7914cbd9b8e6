"""Where the way up of a repetition begins: a pull after setting up, a squat after a pause."""

from __future__ import annotations

import numpy as np

from formcheck.clock import frames_in
from formcheck.types import FloatArray, Rep, Signals

PULL_LEAD_S = 0.8
"""How long before the hips open they may rise in the pull; what they do earlier is setting up."""
BEGUN_SHARE = 0.05
LOW_SHARE = 0.1
"""The hips rest before a pull up to the one share of their way, the shoulders up to the other."""
SUNK_SHARE, SET_UP_SHARE = 0.5, 1 / 3
"""Hips that come down again by the one share of their way, while the shoulders are in the other of
theirs, went to and fro over the weight: they pull only after that."""
STILL_S, STILL_DEG = 0.3, 3.0
"""Who stays at the bottom keeps still for so long: knees and trunk move by less."""
RESTING_PERCENTILE = 20
"""Of the hips' height before a pull: its level at rest, whatever the first frames guess."""


def pull_start(signals: Signals, rep: Rep, since: int) -> int:
    """The last frame before a rise at which the hips have not begun to go up.

    A repetition is counted by the flexion of the hips, but a pull can begin with the knees alone:
    the hips rise while the shoulders stay low. Heights tell, since plates hide knees.
    """
    hips, shoulders = signals["hip_height"], signals["shoulder_height"]
    lead = signals.time_s[rep.start] - signals.time_s <= PULL_LEAD_S
    first = max(since, int(np.argmax(lead)))
    rise = slice(rep.start, rep.turn + 1)
    lifted = shoulders[rep.start] + LOW_SHARE * np.ptp(shoulders[rise])
    lowered = np.flatnonzero(~(shoulders[first : rep.start + 1] <= lifted))
    first += int(lowered[-1]) + 1 if len(lowered) else 0
    rocked = _rocked(hips[first : rep.turn + 1], shoulders[first : rep.turn + 1])
    if rocked is not None:
        return first + rocked
    before = hips[first : rep.start + 1]
    if not np.isfinite(before).all() or not len(before):
        return rep.start
    resting = np.percentile(before, RESTING_PERCENTILE)
    begun = resting + BEGUN_SHARE * (np.nanmax(hips[rise]) - resting)
    return first + int(np.flatnonzero(before <= begun)[-1])


def _rocked(hips: FloatArray, shoulders: FloatArray) -> int | None:
    """The last frame at which hips that came down again before a pull are low; None: they did not.

    Who rocks over the bar opens the hips then, too, and a repetition counted by them begins there.
    """
    if not (np.isfinite(hips).all() and np.isfinite(shoulders).all()):
        return None
    begun = shoulders > shoulders.min() + SET_UP_SHARE * np.ptp(shoulders)
    low = hips[: int(np.argmax(begun))]
    if not len(low):
        return None
    sunk = np.maximum.accumulate(low) - low
    lowest = int(np.argmax(sunk))
    if sunk[lowest] < SUNK_SHARE * np.ptp(hips):
        return None
    resting = np.flatnonzero(low <= low[lowest] + BEGUN_SHARE * np.ptp(hips))
    return int(resting[-1])


def last_still(signals: Signals, rep: Rep, top: int) -> int:
    """The frame from which the body last keeps still at the bottom; the turn if it does not.

    The turn is the middle of a stay: a trunk that settles in a pause, and is held there, has not
    tipped on the way up. Of a stay, before the knees straighten: who is held up by the weight with
    the hips high has begun.
    """
    frames = frames_in(STILL_S, signals.time_s)
    knee, trunk = signals[f"knee_flexion_{rep.side}_deg"], signals["trunk_inclination_deg"]
    for first in range(top - frames, rep.turn - 1, -1):
        still = slice(first, first + frames + 1)
        bent = knee[still] >= knee[rep.turn] - STILL_DEG
        if bent.all() and np.ptp(knee[still]) < STILL_DEG and np.ptp(trunk[still]) < STILL_DEG:
            return first
    return rep.turn
