"""The truth file of a clip: joints, angles, events, measures and verdicts (docs/gym.md)."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from gym import spec
from gym.camera import View
from gym.checks import CHECKS, RepView, references, true_values, view_of
from gym.errors import GymError
from gym.geometry import Array
from gym.joints import JOINTS
from gym.motion import Lift, RepEvent
from gym.track import Track, fine_track

TRUTH_VERSION = 1
SUFFIX = ".truth.json.gz"
MOVED_SHARE = 0.05  # of the hip's way: from here on a rep can be seen to have begun


def visible_span(track: Track, event: RepEvent) -> tuple[float, float]:
    """When the hips have left the start, and come to the end, by 5 % of their way (s)."""
    height = track.joints_m[:, JOINTS.index("hip_mid"), 2]

    def height_at(time_s: float) -> float:
        return float(np.interp(time_s, track.time_s, height))

    turn = height_at((event.turn_from_s + event.turn_to_s) / 2)

    def crossing(edge_s: float, inner_s: float) -> float:
        times = np.linspace(edge_s, inner_s, 400)
        edge = height_at(edge_s)
        if abs(turn - edge) < 1e-4:
            return edge_s
        share = np.abs(np.interp(times, track.time_s, height) - edge) / abs(turn - edge)
        return float(times[np.argmax(share >= MOVED_SHARE)])

    onset = crossing(event.start_s, event.turn_from_s)
    settled = (
        crossing(event.end_s, event.turn_to_s) if event.end_s > event.turn_to_s else event.end_s
    )
    return onset, settled


def measures_of(rep: RepView) -> dict[str, float]:
    """What a coach would want to know of a rep, judged by no limit."""
    event, track = rep.event, rep.track
    span = (event.start_s, event.end_s)
    out: dict[str, float] = {"duration_s": event.end_s - event.start_s}
    out["drive_s"] = event.drive_to_s - event.drive_from_s
    out["pause_s"] = event.turn_to_s - event.turn_from_s
    for name in ("hip_flexion", "knee_flexion", "ankle_dorsiflexion", "knee_valgus"):
        for side in ("left", "right"):
            values = track.between(f"{name}_{side}_deg", *span)
            out[f"{name}_{side}_max_deg"] = float(values.max())
            out[f"{name}_{side}_min_deg"] = float(values.min())
    trunk = track.between("trunk_inclination_deg", *span)
    spine = track.between("spine_flexion_deg", *span)
    out["trunk_inclination_max_deg"], out["trunk_inclination_min_deg"] = trunk.max(), trunk.min()
    out["spine_flexion_max_deg"], out["spine_flexion_min_deg"] = spine.max(), spine.min()
    turn = rep.turn_s
    knees = [track.at(f"knee_flexion_{s}_deg", turn) for s in ("left", "right")]
    out["knee_flexion_left_minus_right_deg"] = knees[0] - knees[1]
    row = {n: k for k, n in enumerate(JOINTS)}
    frame = int(np.argmin(np.abs(track.time_s - turn)))
    feet = track.joints_m[frame, [row["ankle_left"], row["ankle_right"]], 0]
    out["step_length_m"] = float(abs(feet[0] - feet[1]))
    return {name: round(float(value), 3) for name, value in out.items()}


def _checks_of(exercise: str, rep: RepView) -> dict[str, Any]:
    out = {}
    for name, value in true_values(exercise, rep).items():
        check = CHECKS[name]
        out[name] = {
            "value": round(value, 2),
            "limit": check.limit,
            "unit": check.unit,
            "verdict": check.verdict(value),
            "distance": round(check.distance(value), 2),
            "views": list(check.views),
        }
    return out


def events_of(lift: Lift, offset_s: float, duration_s: float) -> tuple[list[Any], list[Any]]:
    """Reps and partial reps on the clip's clock; a rep cut at its start or turn is partial."""
    track = fine_track(lift)
    own, lockout = references(lift)
    reps: list[Any] = []
    partial: list[Any] = []
    for event in lift.events:
        start, end = event.start_s - offset_s, event.end_s - offset_s
        if end <= 0 or start >= duration_s:
            continue
        turn_to = event.turn_to_s - offset_s
        needs_end = lift.clip.exercise in ("squat", "lunge")
        cut = start < -1e-6 or (end if needs_end else turn_to) > duration_s + 1e-6
        if cut or event.kind == "partial":
            reason = "cut by the clip" if cut else "given up"
            span = {"start_s": round(max(start, 0.0), 3), "end_s": round(min(end, duration_s), 3)}
            partial.append({**span, "reason": reason})
            continue
        rep = RepView(track, own, lockout, event)
        onset, settled = visible_span(track, event)
        times = {
            "start_s": start,
            "turn_s": rep.turn_s - offset_s,
            "end_s": end,
            "turn_from_s": event.turn_from_s - offset_s,
            "turn_to_s": turn_to,
            "onset_s": onset - offset_s,
            "settled_s": settled - offset_s,
        }
        reps.append(
            {
                "index": len(reps),
                "side": event.side,
                **{k: round(v, 4) for k, v in times.items()},
                "measures": measures_of(rep),
                "checks": _checks_of(lift.clip.exercise, rep),
            }
        )
    return reps, partial


def build_truth(
    lift: Lift,
    time_s: Array,
    offset_s: float,
    track: Track,
    phases: list[str],
    views: list[View],
) -> dict[str, Any]:
    """The truth of a rendered clip: ``time_s`` (frames,) is the clip's clock, from zero."""
    clip = lift.clip
    duration = float(time_s[-1] + np.median(np.diff(time_s)))
    reps, partial = events_of(lift, offset_s, duration)
    own, _ = references(lift)
    limits = {
        name: {**asdict(check), "views": list(check.views)}
        for name, check in CHECKS.items()
        if name.startswith(clip.exercise + ".")
    }
    return {
        "truth_version": TRUTH_VERSION,
        "exercise": clip.exercise,
        "variant": clip.variant,
        "spec": spec.to_dict(clip),
        "clip": {
            "width": clip.camera.width,
            "height": clip.camera.height,
            "frames": len(time_s),
            "fps": clip.video.fps,
            "duration_s": round(duration, 4),
            "variable_frame_rate": clip.video.variable > 0,
        },
        "camera": _camera_part(clip, views[0]),
        "body": {"name": clip.body, "stature_m": round(lift.body.stature_m, 3)},
        "frames": {**_frames_part(track, views), "phase": phases},
        "joint_names": list(JOINTS),
        "stance": {name: round(float(value[0]), 2) for name, value in own.angles.items()},
        "reps": reps,
        "partial_reps": partial,
        "limits": limits,
    }


def _camera_part(clip: spec.Clip, view: View) -> dict[str, Any]:
    azimuth = clip.camera.azimuth_deg
    return {
        "azimuth_deg": azimuth,
        "view": view_of(azimuth),
        "near_side": "left" if np.sin(np.radians(azimuth)) >= 0 else "right",
        "focal_px": view.focal_px,
        "moves": clip.camera.handheld > 0,
        "world_to_camera": np.column_stack([view.rotation, view.shift]).tolist(),
    }


def _frames_part(track: Track, views: list[View]) -> dict[str, Any]:
    pairs = list(zip(track.joints_m, views, strict=True))
    pixels = np.stack([view.project(joints) for joints, view in pairs])
    camera_m = np.stack([view.to_camera(joints) for joints, view in pairs])
    return {
        "time_s": np.round(track.time_s, 5).tolist(),
        "joints_world_m": np.round(track.joints_m, 4).tolist(),
        "joints_camera_m": np.round(camera_m, 4).tolist(),
        "joints_px": np.round(pixels, 2).tolist(),
        "angles": {name: np.round(value, 2).tolist() for name, value in track.angles.items()},
    }


def truth_path(clip: Path) -> Path:
    """Where the truth of a clip is: beside it."""
    return clip.with_name(clip.stem + SUFFIX)


def write_truth(path: Path, truth: dict[str, Any]) -> None:
    """Write a truth file (gzipped JSON, no timestamp inside: same truth, same bytes)."""
    data = json.dumps(truth, separators=(",", ":")).encode()
    path.write_bytes(gzip.compress(data, mtime=0))


def read_truth(path: Path) -> dict[str, Any]:
    """Read a truth file."""
    try:
        truth: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise GymError(f"cannot read the truth file {path}: {error}") from None
    version = truth.get("truth_version")
    if version != TRUTH_VERSION:
        raise GymError(f"{path}: truth version {version}, this gym reads {TRUTH_VERSION}")
    return truth
