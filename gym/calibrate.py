"""Closing the loop on the one dial that postures alone cannot set exactly.

Knee valgus is the largest value over a moving rep, so stepping and swaying shift it: the motion is
built, measured, and built again with the difference added.
"""

from __future__ import annotations

from dataclasses import replace

from gym.checks import RepView, references, true_values
from gym.errors import GymError
from gym.motion import Lift, make_lift
from gym.spec import Clip
from gym.track import fine_track

ROUNDS = 2


def calibrated(clip: Clip) -> Lift:
    """The motion of a clip, its valgus dials corrected until they measure what was asked."""
    lift = make_lift(clip)
    name = f"{clip.exercise}.knee_valgus"
    wanted = [rep.knee_valgus_deg for rep in clip.motion.reps]
    if not any(wanted) or clip.exercise not in ("squat", "lunge"):
        return lift
    dials = list(wanted)
    for _ in range(ROUNDS):
        track = fine_track(lift)
        own, lockout = references(lift)
        for k, event in enumerate(lift.events):
            if wanted[k]:
                got = true_values(clip.exercise, RepView(track, own, lockout, event))[name]
                dials[k] = max(dials[k] + wanted[k] - got, 0.1)
        pairs = zip(clip.motion.reps, dials, strict=True)
        reps = tuple(replace(rep, knee_valgus_deg=dial) for rep, dial in pairs)
        try:
            lift = make_lift(replace(clip, motion=replace(clip.motion, reps=reps)))
        except GymError:
            break  # the correction leads out of the body's reach: keep what was built
    lift.clip = clip
    return lift
