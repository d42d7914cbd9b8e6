"""Which exercise is this? Every exercise counts; the one whose repetitions look right wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy

from formcheck.alike import alike
from formcheck.clock import frames_in
from formcheck.errors import UsageError
from formcheck.exercises.base import Exercise, Posture, ramp
from formcheck.reps import Counted, by_hand, count
from formcheck.types import (
    SIDES,
    BoolArray,
    FloatArray,
    IntArray,
    PartialRep,
    Recognition,
    Rep,
    Signals,
)
from formcheck.unbroken import MAX_UNSEEN_S

ACCEPT = 0.4
"""Likeness from which a repetition says which exercise this is."""
ACCEPT_KNOWN = 0.15
"""Likeness from which it counts once that is known, told or recognised by the others: only what
cannot be that exercise is left out. A bad repetition looks less like it, and is still one."""
MIN_CONFIDENCE = 0.5
"""Mean likeness of the accepted repetitions below which the exercise stays unknown."""
MIN_SHARE = 0.4
"""Share of a counter's repetitions that must look right."""
MAX_PRONE_SHARE = 0.12
"""Share of time in a plank from which a clip holds floor exercises (burpee, push-up, plank)."""
UPSIDE_DOWN_DEG = 125.0
"""Trunk inclination that nobody reaches on their feet: the pose model has turned them over, and
what it draws then is no part of a repetition. The deepest hinges read up to 110."""
NAMED, CLEARLY = 0.6, 0.2
"""Mean likeness from which a variant is named, and by how much it has to lead the next one."""
EDGE_S = 0.07
BOTTOM_SHARE = 0.15
"""The bottom of a repetition: where the counting signal is within this share of its deepest."""


OTHER_LIKENESS = 0.6
OTHER_REPS = 2
"""So many repetitions that look so much like another exercise are worth a word: one may be how the
weight was put down."""


@dataclass(frozen=True, slots=True)
class Other:
    """Repetitions of another exercise in the same clip, which are not counted."""

    exercise: Exercise
    reps: tuple[Rep, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The exercise and its repetitions.

    ``unlike``: how many of its repetitions do not look like it by themselves (told: are left out);
    when nothing was recognised, how many look like a repetition all the same. ``others``: what else
    was done in the clip; only where the exercise was recognised, not told.
    """

    recognition: Recognition
    counted: Counted
    unlike: int = 0
    others: tuple[Other, ...] = ()


def postures(exercise: Exercise, motion: Signals, depth: FloatArray, rep: Rep) -> Posture:
    """What the body looks like at the top and the bottom of a repetition.

    Medians over all that is near the bottom, so that one bad frame there does not decide.
    ``depth`` (N,) is what was counted.
    """
    seen = np.flatnonzero(np.isfinite(depth))
    start, end = (_over(motion, _around(motion, edge, seen)) for edge in (rep.start, rep.end))
    if exercise.turn == "top":
        inside = np.arange(max(rep.start - 2, 0), rep.turn + 1)
        top = _over(motion, np.arange(rep.turn, rep.end + 1))
    else:
        inside = np.arange(rep.start, rep.end + 1)
        top = min(start, end, key=lambda p: p["knee_flexion_deg"] + p["hip_flexion_deg"])
    way = depth[inside]
    if not np.isfinite(way).any():  # all of it was bridged
        return Posture(top, _over(motion, inside[:0]), start, end)
    limit = np.nanmax(way) - BOTTOM_SHARE * (np.nanmax(way) - np.nanmin(way))
    return Posture(top, _over(motion, inside[way >= limit]), start, end)


def _around(motion: Signals, index: int, seen: IntArray) -> IntArray:
    """The frames within EDGE_S of one or, where nobody is seen, of the next to it in time.

    As far away as what is bridged may be long: somebody in front of the lifter costs no repetition.
    """
    time_s = motion.time_s
    if len(seen):
        nearest = int(seen[np.abs(time_s[seen] - time_s[index]).argmin()])
        index = nearest if abs(time_s[nearest] - time_s[index]) <= MAX_UNSEEN_S else index
    return np.flatnonzero(np.abs(time_s - time_s[index]) <= EDGE_S)


def _over(motion: Signals, frames: IntArray) -> dict[str, float]:
    """Every motion signal's median over some frames."""
    rows = np.stack([values[frames] for values in motion.values.values()])
    return dict(zip(motion.values, finite_medians(rows).tolist(), strict=True))


def finite_medians(rows: FloatArray) -> FloatArray:
    """(S,) the median of what was seen of each of (S, N), NaN when nothing was.

    Much quicker than :func:`formcheck.types.finite_median` of one after the other.
    """
    if not rows.shape[1]:
        return np.full(len(rows), np.nan)
    finite = np.isfinite(rows)
    ordered = np.sort(np.where(finite, rows, np.nan), axis=1)  # what was not seen comes last
    each, seen = np.arange(len(rows)), finite.sum(axis=1)
    medians: FloatArray = (ordered[each, (seen - 1) // 2] + ordered[each, seen // 2]) / 2
    return medians


def prone_share(motion: Signals) -> float:
    """Share of seen time lying or in a plank: trunk level, both hips straight, and the knees."""
    trunk, knee = motion["trunk_inclination_deg"], motion["knee_flexion_deg"]
    hip = np.maximum(motion["hip_flexion_left_deg"], motion["hip_flexion_right_deg"])
    seen = np.isfinite(trunk)
    prone = (trunk > 60) & (hip < 50) & (knee < 45)
    return float(prone[seen].mean()) if seen.any() else 0.0


def _judge(exercise: Exercise, motion: Signals) -> tuple[Counted, list[float]]:
    """Its repetitions, and how much each looks like this exercise."""
    depth = _depth(exercise, motion)
    hips = motion["hip_in_picture_ratio"]
    counted = count(motion.time_s, depth, exercise.turn, motion.shot, hips, motion.slowed)
    return counted, [exercise.likeness(postures(exercise, motion, depth, r)) for r in counted.reps]


def _depth(exercise: Exercise, motion: Signals) -> FloatArray:
    """(N,) what is counted."""
    depth = exercise.depth(motion)
    return np.where(_upside_down(motion), np.nan, depth) if exercise.standing else depth


def _upside_down(motion: Signals) -> BoolArray:
    """(N,) where the body is drawn so, and the frames around in which smoothing turns it over."""
    turned_over = motion["trunk_inclination_deg"] > UPSIDE_DOWN_DEG
    around = frames_in(EDGE_S, motion.time_s)
    return np.asarray(scipy.ndimage.binary_dilation(turned_over, iterations=around))


def _keep(exercise: Exercise, motion: Signals, counted: Counted, likeness: list[float]) -> Counted:
    """The repetitions that look right, with their sides; the others were other movements.

    One between two that look right is right as well if it goes as one of these: where its bottom is
    misread a little, nothing else in it is.
    """
    pairs = list(zip(counted.reps, likeness, strict=True))
    right = [rep for rep, like in pairs if like >= ACCEPT_KNOWN]
    kept = [r for r, like in pairs if like >= ACCEPT_KNOWN or _goes_as_one_of(motion, r, right)]
    reps = with_sides(exercise, motion, kept)
    return Counted(reps, _near_the_set(motion, reps, counted.partial))


def _goes_as_one_of(motion: Signals, rep: Rep, others: Sequence[Rep]) -> bool:
    """Whether a repetition between others goes as one of them."""
    between = any(r.end <= rep.start for r in others) and any(rep.end <= r.start for r in others)
    return between and any(alike(motion, rep, r) for r in others)


def with_sides(exercise: Exercise, motion: Signals, reps: Sequence[Rep]) -> tuple[Rep, ...]:
    """The repetitions with their working legs.

    A set is done on one leg at a time or on both legs: repetitions that say otherwise than most are
    misread, and go with the nearest of the others. But those on both legs may be followed by some
    on one: two in a row are not misread.
    """
    sides = [exercise.side(motion, rep) for rep in reps]
    legs = [k for k, side in enumerate(sides) if side != "both"]
    if 2 * len(legs) <= len(sides):
        kept = {k for k in legs if {k - 1, k + 1} & set(legs)}
        return tuple(
            replace(rep, side=side if k in kept else "both")
            for k, (rep, side) in enumerate(zip(reps, sides, strict=True))
        )
    nearest = np.abs(np.subtract.outer(np.arange(len(sides)), legs)).argmin(axis=1)
    return tuple(replace(rep, side=sides[legs[k]]) for rep, k in zip(reps, nearest, strict=True))


def with_sides_seen(
    exercise: Exercise, motion: Signals, seen: Signals, reps: Sequence[Rep]
) -> tuple[Rep, ...]:
    """The repetitions with their working legs, as angles ``seen`` from the side tell them.

    There the picture tells better which hip is bent than the world landmarks by which repetitions
    are counted: these may lay a hidden leg along the other.
    """
    hips = {name: seen[name] for name in (f"hip_flexion_{side}_deg" for side in SIDES)}
    pictured = {name: np.where(np.isfinite(v), v, motion[name]) for name, v in hips.items()}
    return with_sides(exercise, replace(motion, values={**motion.values, **pictured}), reps)


def _near_the_set(
    motion: Signals, reps: tuple[Rep, ...], partial: tuple[PartialRep, ...]
) -> tuple[PartialRep, ...]:
    """Partial repetitions next to whole ones; elsewhere they are something else."""
    if not reps:
        return ()
    time_s = motion.time_s
    longest = max(time_s[r.end] - time_s[r.start] for r in reps)
    first, last = time_s[reps[0].start] - 2 * longest, time_s[reps[-1].end] + 2 * longest
    return tuple(p for p in partial if time_s[p.end] >= first and time_s[p.start] <= last)


def told(exercise: Exercise, motion: Signals) -> Found:
    """The user has named the exercise: what the clip's ends cut is told of, too, if it is all."""
    counted, likeness = _judge(exercise, motion)
    kept = _keep(exercise, motion, counted, likeness)
    if not counted.reps:
        cut = tuple(p for p in counted.partial if p.reason in ("cut_start", "cut_end"))
        kept = replace(kept, partial=cut)
    variant = variant_of(exercise, motion, kept.reps)
    unlike = len(counted.reps) - len(kept.reps)
    return Found(Recognition(exercise.id, 1.0, "told", variant), kept, unlike)


def marked(
    exercise: Exercise, motion: Signals, found: Found, reps_s: Sequence[Sequence[float]]
) -> Found:
    """What was found, with the repetitions that somebody has marked instead of the counted ones.

    ``reps_s`` as of :func:`formcheck.reps.by_hand`. What was given up between them stays. Raises
    UsageError when they are out of order or nobody is seen in one.
    """
    reps = by_hand(motion.time_s, reps_s)
    depth = exercise.depth(motion)
    for number, rep in enumerate(reps, start=1):
        if not np.isfinite(depth[[rep.start, rep.turn, rep.end]]).all():
            raise UsageError(f"Rep {number}: nobody is seen at its start, turn or end.")
    apart = (
        p for p in found.counted.partial if all(p.end <= r.start or p.start >= r.end for r in reps)
    )
    counted = Counted(with_sides(exercise, motion, reps), tuple(apart))
    variant = variant_of(exercise, motion, counted.reps)
    return Found(replace(found.recognition, variant=variant), counted)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What one exercise makes of the clip."""

    exercise: Exercise
    counted: Counted
    likeness: list[float]

    @property
    def accepted(self) -> list[tuple[Rep, float]]:
        """The repetitions that look right, with how much they do."""
        pairs = zip(self.counted.reps, self.likeness, strict=True)
        return [(rep, like) for rep, like in pairs if like >= ACCEPT]

    @property
    def liked(self) -> float:
        """The likeness of all accepted repetitions together."""
        return sum(like for _, like in self.accepted)

    def may_replace(self, other: _Candidate | None) -> bool:
        """Whether this may be what the other was taken for: a variant of it that fits as well.

        One repetition less is no worse: that may be how the two count at the clip's ends.
        """
        if other is None:
            return True
        variant = self.exercise.refines == other.exercise.id
        return variant and len(self.accepted) >= len(other.accepted) - 1

    def left_by(self, rivals: list[_Candidate]) -> list[float]:
        """The likeness of its repetitions; 0 for a weak one at the time of a rival's clear one."""
        return [
            like if like >= ACCEPT or all(r.claim(rep) < OTHER_LIKENESS for r in rivals) else 0.0
            for rep, like in zip(self.counted.reps, self.likeness, strict=True)
        ]

    def claim(self, rep: Rep) -> float:
        """How much this exercise lays claim to the time of somebody's repetition."""
        mine = [like for r, like in self.accepted if r.start < rep.end and rep.start < r.end]
        return max(mine, default=0.0)


def recognise(exercises: Mapping[str, Exercise], motion: Signals) -> Found:
    """Find the exercise from the movement. Unsure or something else: id None and no repetitions.

    Our own exercises compete first. Those of plug-ins then compete for what is left: movements
    that none of ours claims, and for the variants of ours that they say they refine. So no plug-in
    takes a set of ours away, however much it likes it.
    """
    upright = ramp(prone_share(motion), MAX_PRONE_SHARE, MAX_PRONE_SHARE / 2)
    candidates = []
    for exercise in exercises.values():
        counted, likeness = _judge(exercise, motion)
        weight = upright if exercise.standing else 1.0
        candidates.append(_Candidate(exercise, counted, [weight * like for like in likeness]))
    best, confidence = _winner([c for c in candidates if not c.exercise.origin])
    added, sure = _winner([c for c in candidates if c.exercise.origin and c.may_replace(best)])
    if added:
        best, confidence = added, sure
    if best is None:
        like_one = max((len(candidate.accepted) for candidate in candidates), default=0)
        return Found(Recognition(None, confidence, "recognised"), Counted(), like_one)
    rivals = [c for c in candidates if c is not best and not c.exercise.origin]
    kept = _keep(best.exercise, motion, best.counted, best.left_by(rivals))
    variant = variant_of(best.exercise, motion, kept.reps)
    recognition = Recognition(best.exercise.id, confidence, "recognised", variant)
    unlike = len(best.likeness) - len(best.accepted)
    return Found(recognition, kept, unlike, _others(kept.reps, candidates))


def variant_of(exercise: Exercise, motion: Signals, reps: Sequence[Rep]) -> str | None:
    """How the exercise was done, where the repetitions tell it clearly."""
    if not reps or not exercise.variants:
        return None
    depth = _depth(exercise, motion)
    looks = [postures(exercise, motion, depth, rep) for rep in reps]
    liked = {v.id: float(np.mean([v.likeness(look) for look in looks])) for v in exercise.variants}
    first, *rest = sorted(liked, key=lambda name: -liked[name])
    second = max((liked[name] for name in rest), default=0.0)
    return first if liked[first] >= max(NAMED, second + CLEARLY) else None


def _others(counted: Sequence[Rep], candidates: list[_Candidate]) -> tuple[Other, ...]:
    """Sets of other exercises at other times, the likeliest first."""
    taken = [*counted]
    others = []
    for candidate in sorted(candidates, key=lambda c: -c.liked):
        free = [
            rep
            for rep, like in candidate.accepted
            if like >= OTHER_LIKENESS
            and all(r.end <= rep.start or rep.end <= r.start for r in taken)
        ]
        if len(free) >= OTHER_REPS:
            others.append(Other(candidate.exercise, tuple(free)))
            taken += free
    return tuple(others)


def _winner(candidates: list[_Candidate]) -> tuple[_Candidate | None, float]:
    """The candidate whose repetitions look right, and how sure that is; None when unsure."""
    best = max(candidates, key=lambda c: c.liked, default=None)
    if best is None or not best.accepted:
        return None, 0.0
    confidence = _confidence(best, [c for c in candidates if c is not best])
    if confidence < MIN_CONFIDENCE or len(best.accepted) < MIN_SHARE * len(best.likeness):
        return None, confidence
    return best, confidence


def _confidence(best: _Candidate, rivals: list[_Candidate]) -> float:
    """Mean over its repetitions of the likeness, shared with the strongest rival's claim."""
    shares = []
    for rep, like in best.accepted:
        rival = max((other.claim(rep) for other in rivals), default=0.0)
        shares.append(like * like / (like + rival))
    return float(np.mean(shares))
