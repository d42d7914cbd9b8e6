"""PoseTrack -> PoseTrack: frames in which the model went along with somebody before the subject.

Who walks by in front of a lifter may be followed for less than lasts from one look to the next, and
a lost body is followed again through such frames, too: the poses glide from one to the other
without a jump. Nearer to the camera, they are larger; and they wear other clothes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from formcheck.body import same_body, sizes_px
from formcheck.clothes import clothes, unlike, usual
from formcheck.people import Look, pose_at
from formcheck.subject import without
from formcheck.types import BoolArray, FloatArray, Frame, IntArray, PoseTrack

LARGER, UNLIKE = 1.12, 0.65
"""Times the usual size, and difference from the usual clothes, from which a pose is of somebody
else. Of 20 real clips with one lifter no frame is both; of each of eight rendered ones with
somebody to and fro in front, 27 to 96 frames are."""
BETWEEN_S, AROUND_S = 0.3, 0.12
"""What lies between two such frames, and beside them, is on the way from one body to the other."""


def without_strangers(
    track: PoseTrack, looks: Sequence[Look], frames: Callable[[float], Iterable[Frame]]
) -> PoseTrack:
    """The track of the subject with nobody in the frames that hold a stranger.

    ``frames(from_s)`` gives the track's frames from a time on; asked for once at most, and only
    where a look found somebody else and some poses are larger than the subject's.
    """
    worn = _worn(track, looks)
    if worn is None:
        return track
    size_px = sizes_px(track.xy_px, track.world_m)
    larger = np.flatnonzero(size_px > LARGER * np.nanmedian(size_px))
    strange = np.zeros(len(track), bool)
    for place, frame in _pictures(track, larger, frames):
        scale = frame.image.shape[1] / track.width
        seen = clothes(frame.image, track.xy_px[place] * scale, track.world_m[place])
        strange[place] = unlike(seen, worn) > UNLIKE
    return without(track, _with_between(strange, track.time_s))


def _worn(track: PoseTrack, looks: Sequence[Look]) -> FloatArray | None:
    """(2, 3) what the subject wears; None where no look found anybody else."""
    own: list[FloatArray] = []
    others = False
    for look in looks:
        subject = pose_at(track, look.place)
        for pose, worn in zip(look.poses, look.worn, strict=True):
            if subject is not None and same_body(pose, subject):
                own.append(worn)
            else:
                others = True
    return usual(own) if own and others else None


def _pictures(
    track: PoseTrack, wanted: IntArray, frames: Callable[[float], Iterable[Frame]]
) -> Iterator[tuple[int, Frame]]:
    """The pictures of some frames, by their place."""
    if not len(wanted):
        return
    first, last, among = int(wanted[0]), int(wanted[-1]), set(wanted.tolist())
    for place, frame in enumerate(frames(float(track.time_s[first])), first):
        if place in among:
            yield place, frame
        if place == last:
            return


def _with_between(strange: BoolArray, time_s: FloatArray) -> BoolArray:
    """(N,) strange frames, with those between and beside them."""
    times_s = time_s[strange]
    padded_s = np.concatenate([[-np.inf], times_s, [np.inf]])
    next_one = np.searchsorted(times_s, time_s, side="right")
    before_s, after_s = padded_s[next_one], padded_s[next_one + 1]
    beside: BoolArray = np.minimum(time_s - before_s, after_s - time_s) <= AROUND_S
    between: BoolArray = after_s - before_s <= BETWEEN_S
    return beside | between
