"""A stick figure with known joint angles, filmed by a simple camera: PoseTracks with known answers.

The body stands on its own axes: ``f`` forward (the way it faces), ``l`` to its own left, ``u`` up,
in metres. Joints are as far to the side as they usually are (formcheck.perspective), and every
angle of a :class:`Posture` holds exactly as seen from there. Angles in degrees, signs as in
docs/angles.md:

* ``trunk``: 0 upright, + leaning forward, - lying on the back.
* ``hip``: trunk against thigh, 0 in line, + flexed, - past straight. ``knee``: 0 straight, + bent.
* ``foot``: heel above the toes +.  ``valgus``: frontal plane angle at the knee, + inward.
* ``arm``: upper arm, 0 hanging straight down in space, + forward. ``elbow``: 0 straight, + bent.
* ``arm_out``, ``leg_out``: arms and legs spread sideways. ``lift``: metres above the floor.

From these follow: thigh inclination = 90 - (hip - trunk), shank inclination = knee - (hip - trunk),
ankle dorsiflexion = shank inclination + foot.

The lowest point of the body stands on the floor and the middle of the ankles stays in place. The
camera is level unless ``pitch`` says how far it looks down, at azimuth 0 in front, +90 at the right
side (the person faces right in the picture), -90 at the left side, 180 behind.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from formcheck.perspective import ASIDE, FOCAL
from formcheck.types import FloatArray, IntArray, Landmark, PoseTrack, finite_median, landmark

SIDES = (("left", 1.0), ("right", -1.0))
THIGH, SHANK, TRUNK, UPPER_ARM, FOREARM = 0.42, 0.43, 0.50, 0.30, 0.27
LEG = THIGH + SHANK
DRAWN_HIP = 0.12
"""How far from the body's middle the pose models put a hip in their metres: outside the joint."""
FLATNESS = 0.87
"""How much of the true depth world landmarks have, as measured on rendered people."""
HEEL, TOE = (-0.06, -0.08), (0.17, -0.08)  # from the ankle: forward, up


@dataclass(frozen=True)
class Posture:
    """Joint angles of one moment, degrees; the module's docstring holds the signs."""

    trunk: float = 0.0
    hip_left: float = 0.0
    hip_right: float = 0.0
    knee_left: float = 0.0
    knee_right: float = 0.0
    foot_left: float = 0.0
    foot_right: float = 0.0
    valgus_left: float = 0.0
    valgus_right: float = 0.0
    arm: float = 0.0
    elbow: float = 0.0
    arm_out: float = 0.0
    leg_out: float = 0.0
    lift: float = 0.0

    def but(self, **changes: float) -> Posture:
        """A changed copy; ``hip``, ``knee``, ``foot`` and ``valgus`` set both sides."""
        for joint in ("hip", "knee", "foot", "valgus"):
            if joint in changes:
                changes[f"{joint}_left"] = changes[f"{joint}_right"] = changes.pop(joint)
        return replace(self, **changes)

    def mirrored(self) -> Posture:
        """Left and right exchanged."""
        names = {f.name: getattr(self, f.name) for f in fields(self)}
        for joint in ("hip", "knee", "foot", "valgus"):
            left, right = f"{joint}_left", f"{joint}_right"
            names[left], names[right] = names[right], names[left]
        return Posture(**names)


def both(trunk: float, hip: float, knee: float, **more: float) -> Posture:
    """A posture with both legs alike."""
    return Posture().but(trunk=trunk, hip=hip, knee=knee, **more)


@dataclass(frozen=True)
class Camera:
    """``scale``: pixels a metre at the person. ``distance_m`` None: a usual lens, aimed at them."""

    azimuth: float = 90.0
    width: int = 1280
    height: int = 720
    scale: float = 300.0
    distance_m: float | None = None
    height_m: float = 1.0
    pitch: float = 0.0

    @property
    def far(self) -> str | None:
        """The side of the body that is turned away; None in a front or back view."""
        sine = np.sin(np.radians(self.azimuth))
        return None if abs(sine) < 0.3 else "left" if sine > 0 else "right"


@dataclass(frozen=True)
class Scene:
    """How a performance is filmed. ``noise_px``: standard deviation of each pixel coordinate."""

    camera: Camera = Camera()
    fps: float = 30.0
    noise_px: float = 0.0
    far_visibility: float = 0.8
    seed: int = 0


Move = tuple[float, Posture]
"""Seconds to get there, and the posture arrived at: minimum jerk from the one before."""


def minimum_jerk(share: FloatArray) -> FloatArray:
    """0..1 to 0..1 at rest at both ends (Flash & Hogan 1985)."""
    return share**3 * (10 - 15 * share + 6 * share**2)


def timeline(start: Posture, moves: Sequence[Move], fps: float) -> tuple[FloatArray, FloatArray]:
    """Times (N,) and postures over time (N, fields), one column a field of Posture."""
    postures = [start, *(posture for _, posture in moves)]
    keys = np.array([[getattr(p, f.name) for f in fields(Posture)] for p in postures])
    at = np.concatenate([[0.0], np.cumsum([seconds for seconds, _ in moves])])
    time_s = np.arange(0, at[-1] + 0.5 / fps, 1 / fps)
    return time_s, play_back(time_s, at, keys)


def play_back(time_s: FloatArray, at: FloatArray, keys: FloatArray) -> FloatArray:
    """Key values (K, ...) reached at the times ``at`` (K,), as they are at ``time_s``."""
    out = np.repeat(keys[-1:], len(time_s), axis=0)
    for (a, b), (start, end) in zip(itertools.pairwise(at), itertools.pairwise(keys), strict=True):
        inside = (time_s >= a) & (time_s < b)
        share = minimum_jerk((time_s[inside] - a) / (b - a))
        out[inside] = start + share[:, None] * (end - start)
    return out


def turned(angle_deg: FloatArray, forward: float, up: float) -> FloatArray:
    """(N, 3) the vector (forward, up) with its toes-down pitch of ``angle_deg``; lateral 0."""
    a = np.radians(angle_deg)
    f = forward * np.cos(a) + up * np.sin(a)
    u = -forward * np.sin(a) + up * np.cos(a)
    return np.stack([f, np.zeros_like(a), u], axis=1)


def hanging(forward_deg: FloatArray, out_deg: FloatArray, sign: float, length: float) -> FloatArray:
    """(N, 3) a limb that hangs down, swung forward and then spread to its side."""
    a, o = np.radians(forward_deg), np.radians(out_deg)
    return length * np.stack(
        [np.sin(a) * np.cos(o), sign * np.sin(o), -np.cos(a) * np.cos(o)], axis=1
    )


def skeleton(postures: FloatArray) -> FloatArray:
    """(N, 33, 3) joints in body axes (f, l, u), metres, on the floor (u = 0)."""
    p = {f.name: postures[:, k] for k, f in enumerate(fields(Posture))}
    n = len(postures)
    body = np.zeros((n, 33, 3))
    lean = np.radians(p["trunk"])
    up = np.stack([np.sin(lean), np.zeros(n), np.cos(lean)], axis=1)
    ahead = np.stack([up[:, 2], np.zeros(n), -up[:, 0]], axis=1)
    head = TRUNK * up * 1.45
    body[:, :11] = (head + 0.10 * ahead)[:, None]
    for side, sign in SIDES:
        at = {}
        across = np.array([0.0, sign, 0.0])
        at["ear"] = head + 0.07 * across
        at["shoulder"] = TRUNK * up + out("shoulder") * across
        at["elbow"] = at["shoulder"] + hanging(p["arm"], p["arm_out"], sign, UPPER_ARM)
        at["elbow"] = at["elbow"] + out("elbow", "shoulder") * across
        fore = hanging(p["arm"] + p["elbow"], p["arm_out"], sign, FOREARM)
        fore = fore + out("wrist", "elbow") * across
        at["wrist"] = at["elbow"] + fore
        for finger in ("pinky", "index", "thumb"):
            at[finger] = at["elbow"] + 1.25 * fore
        thigh = p[f"hip_{side}"] - p["trunk"]
        shank = thigh - p[f"knee_{side}"]
        at["hip"] = out("hip") * across + np.zeros((n, 3))
        at["knee"] = at["hip"] + hanging(thigh, p["leg_out"], sign, THIGH)
        at["knee"] = at["knee"] + out("knee", "hip") * across
        at["ankle"] = at["knee"] + hanging(shank, p["leg_out"], sign, SHANK)
        at["ankle"] = at["ankle"] + out("ankle", "knee") * across
        at["knee"] = at["knee"] - inward(p[f"valgus_{side}"], at, sign)[:, None] * across
        at["heel"] = at["ankle"] + turned(p[f"foot_{side}"], *HEEL)
        at["foot_index"] = at["ankle"] + turned(p[f"foot_{side}"], *TOE)
        for joint, place in at.items():
            body[:, landmark(side, joint)] = place
    ankles = (body[:, Landmark.LEFT_ANKLE] + body[:, Landmark.RIGHT_ANKLE]) / 2
    body[..., 0] -= ankles[:, None, 0]
    body[..., 2] += (p["lift"] - body[..., 2].min(axis=1))[:, None]
    return body


def out(joint: str, than: str | None = None) -> float:
    """How far a joint is from the sagittal plane, or how much farther than another, metres."""
    return LEG * (ASIDE[joint] - (ASIDE[than] if than else 0.0))


def inward(valgus_deg: FloatArray, at: dict[str, FloatArray], sign: float) -> FloatArray:
    """(N,) how far in the knee has to be for a frontal plane angle (hip above knee above ankle)."""
    tangent = np.tan(np.radians(valgus_deg))
    t, s = at["hip"][:, 2] - at["knee"][:, 2], at["knee"][:, 2] - at["ankle"][:, 2]
    hip, ankle = (sign * (at["knee"] - at[joint])[:, 1] for joint in ("hip", "ankle"))
    linear = t + s - tangent * (hip + ankle)
    rest = tangent * (hip * ankle - t * s) - hip * s - ankle * t
    root = np.sqrt(np.maximum(linear**2 - 4 * tangent * rest, 0))
    return np.where(tangent == 0, 0.0, (root - linear) / np.where(tangent == 0, 1.0, 2 * tangent))


def seen_by(camera: Camera, body: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Pixels (N, 33, 2) and metres about the mid-hip (N, 33, 3): x right, y down, z away."""
    right, up, away = towards(camera, body)
    if camera.distance_m is None:
        x, y = aimed(camera, right, up, away)
    else:
        zoom = camera.distance_m / (camera.distance_m + away)
        x, y = zoom * right, zoom * (camera.height_m - up) - camera.height_m
    x = camera.width / 2 + camera.scale * x
    y = camera.height / 2 + camera.scale * (camera.height_m + y)
    drawn = body.copy()
    for side, sign in SIDES:
        drawn[:, landmark(side, "hip"), 1] = sign * DRAWN_HIP
    right, up, away = towards(camera, drawn)
    view = np.stack([right, -up, away], axis=-1)
    middle = (view[:, Landmark.LEFT_HIP] + view[:, Landmark.RIGHT_HIP]) / 2
    return np.stack([x, y], axis=-1), (view - middle[:, None]) * np.array([1.0, 1.0, FLATNESS])


def towards(camera: Camera, body: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(N, 33) right, up and away as the camera stands, metres."""
    a, p = np.radians(camera.azimuth), np.radians(camera.pitch)
    right = body[..., 1] * np.cos(a) + body[..., 0] * np.sin(a)
    away = -body[..., 0] * np.cos(a) + body[..., 1] * np.sin(a)
    up = body[..., 2] * np.cos(p) + away * np.sin(p)
    return right, up, away * np.cos(p) - body[..., 2] * np.sin(p)


def aimed(
    camera: Camera, right: FloatArray, up: FloatArray, away: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(N, 33) x and y, downwards, metres, through a usual lens that points to the body's middle."""
    distance_m = FOCAL * np.sqrt(camera.width * camera.height) / camera.scale
    ends = [[landmark(side, joint) for side, _ in SIDES] for joint in ("shoulder", "hip", "ankle")]
    sideways = right[:, ends[1]].mean(axis=1, keepdims=True)
    height = finite_median(up[:, np.concatenate(ends)].mean(axis=1))
    zoom = distance_m / (distance_m + away - away[:, ends[1]].mean(axis=1, keepdims=True))
    return sideways + zoom * (right - sideways), -height - zoom * (up - height)


def film(time_s: FloatArray, postures: FloatArray, scene: Scene = Scene()) -> PoseTrack:
    """The track of a body over time; ``postures`` as from :func:`timeline`."""
    camera = scene.camera
    xy, world = seen_by(camera, skeleton(postures))
    random = np.random.default_rng(scene.seed)
    xy = xy + random.normal(0, 1, xy.shape) * scene.noise_px
    world = world + random.normal(0, 1, world.shape) * scene.noise_px / camera.scale
    visibility = np.full(xy.shape[:2], 0.99)
    if camera.far:
        hidden = [k for k in Landmark if k.name.startswith(camera.far.upper())]
        visibility[:, hidden] = scene.far_visibility
    return PoseTrack(
        time_s=time_s,
        xy_px=xy,
        world_m=world,
        visibility=visibility,
        presence=np.full(xy.shape[:2], 0.99),
        width=camera.width,
        height=camera.height,
        shot=np.zeros(len(time_s), dtype=np.int64),
    )


def perform(start: Posture, moves: Sequence[Move], scene: Scene = Scene()) -> PoseTrack:
    """The track of a body that goes from posture to posture."""
    return film(*timeline(start, moves, scene.fps), scene)


def still(posture: Posture, camera: Camera = Camera(), frames: int = 1) -> PoseTrack:
    """A body that does not move, at 30 frames a second."""
    return shown([posture] * frames, camera)


def shown(postures: Sequence[Posture], camera: Camera = Camera()) -> PoseTrack:
    """One posture a frame, at 30 frames a second."""
    rows = [[getattr(posture, f.name) for f in fields(Posture)] for posture in postures]
    shape = (len(postures), len(fields(Posture)))
    return film(np.arange(len(postures)) / 30, np.array(rows).reshape(shape), Scene(camera))


def planted(track: PoseTrack, *feet: tuple[float, Landmark]) -> PoseTrack:
    """The track moved along the picture so that a foot stays: from each time on that one."""
    which = np.searchsorted([since for since, _ in feet], track.time_s[1:], side="right") - 1
    ankles = np.array([int(ankle) for _, ankle in feet])[which]
    x = track.xy_px[..., 0]
    rows = np.arange(len(track) - 1)
    steps = x[rows, ankles] - x[rows + 1, ankles]
    xy = track.xy_px.copy()
    xy[1:, :, 0] += np.cumsum(steps)[:, None]
    return replace(track, xy_px=xy)


def hidden(track: PoseTrack, frames: slice | IntArray, joints: Sequence[Landmark]) -> PoseTrack:
    """The track with some landmarks not seen in some frames."""
    xy, world, visibility = track.xy_px.copy(), track.world_m.copy(), track.visibility.copy()
    rows = np.arange(len(track))[frames]
    for values, empty in ((xy, np.nan), (world, np.nan), (visibility, 0.0)):
        values[np.ix_(rows, [int(j) for j in joints])] = empty
    return replace(track, xy_px=xy, world_m=world, visibility=visibility)


def swapped(track: PoseTrack, frames: slice) -> PoseTrack:
    """The track with left and right exchanged in some frames."""
    order = list(range(33))
    for point in Landmark:
        if "LEFT" in point.name:
            other = Landmark[point.name.replace("LEFT", "RIGHT")]
            order[point], order[other] = other, point
    changed = {}
    for name in ("xy_px", "world_m", "visibility", "presence"):
        values = getattr(track, name).copy()
        values[frames] = values[frames][:, order]
        changed[name] = values
    return replace(track, **changed)
