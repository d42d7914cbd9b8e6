"""Where the camera stands, which side is near, and what that makes measurable."""

from __future__ import annotations

import numpy as np

from formcheck.types import (
    SIDES,
    BoolArray,
    Capture,
    CaptureWarning,
    FloatArray,
    IntArray,
    PoseTrack,
    Side,
    View,
    frame_step_s,
    landmark,
)

SIDE_FROM_DEG = 65.0
FRONT_BELOW_DEG = 28.0
"""Between these azimuths a view is oblique: sagittal angles hold after rectification."""
BASE_ERROR_DEG = 5.0
OUTSIDE_SHARE = 0.25
LOW_FPS = 20.0
SMALL_PX = 150.0


def body_azimuth_deg(track: PoseTrack) -> FloatArray:
    """(N,) signed camera azimuth from the world shoulder and hip lines, degrees.

    0: the person faces the camera; +90: faces right in the picture (right side near);
    -90: faces left; ±180: the back is towards the camera.
    """
    line = np.zeros((len(track), 3))
    for joint in ("shoulder", "hip"):
        left = track.world_m[:, landmark("left", joint)]
        right = track.world_m[:, landmark("right", joint)]
        line += left - right
    angle: FloatArray = np.degrees(np.arctan2(line[:, 2], line[:, 0]))
    return angle


def circular_median_deg(angles_deg: FloatArray) -> tuple[float, float]:
    """Median direction and robust spread (1.4826 MAD) of angles in degrees; NaN if none."""
    angles = angles_deg[np.isfinite(angles_deg)]
    if not len(angles):
        return float("nan"), float("nan")
    mean = np.degrees(np.angle(np.mean(np.exp(1j * np.radians(angles)))))
    off = (angles - mean + 180) % 360 - 180
    centre = float(np.median(off))
    spread = 1.4826 * float(np.median(np.abs(off - centre)))
    return float((mean + centre + 180) % 360 - 180), spread


def _view_of(azimuth_deg: float) -> View:
    folded = min(azimuth_deg, 180 - azimuth_deg)
    if folded >= SIDE_FROM_DEG:
        return "side"
    if folded >= FRONT_BELOW_DEG:
        return "oblique"
    return "front" if azimuth_deg < 90 else "back"


def estimate_capture(track: PoseTrack, frames: IntArray | None = None) -> Capture:
    """The camera's place relative to the person, over the frames of the set (default: all).

    Published tests put the azimuth from world shoulder and hip lines within about 5 degrees; the
    spread between frames is added to that.
    """
    azimuths = body_azimuth_deg(track)
    signed, spread = circular_median_deg(azimuths if frames is None else azimuths[frames])
    if np.isnan(signed):
        return Capture("front", float("nan"), float("nan"), "right")
    near: Side = "right" if signed >= 0 else "left"
    azimuth = abs(signed)
    error = float(np.hypot(BASE_ERROR_DEG, spread))
    return Capture(_view_of(azimuth), azimuth, error, near, tuple(_warnings(track, azimuth)))


def _warnings(track: PoseTrack, azimuth_deg: float) -> list[CaptureWarning]:
    found: list[CaptureWarning] = []
    view = _view_of(azimuth_deg)
    if view in ("front", "back"):
        found.append(
            CaptureWarning(
                "not_side_view",
                f"Filmed from the {view}: depth, lockout and back need a side view. "
                "Put the camera at your side, at hip height.",
            )
        )
    if _share_outside(track) > OUTSIDE_SHARE:
        found.append(
            CaptureWarning(
                "out_of_frame",
                "Part of the body is outside the picture much of the time. "
                "Step back or tilt the camera until head and feet stay in view.",
            )
        )
    step_s = frame_step_s(track.time_s)
    if step_s > 1 / LOW_FPS:
        found.append(
            CaptureWarning(
                "low_frame_rate",
                f"Only {1 / step_s:.0f} pictures a second: fast phases are blurred in time. "
                "Film at 24 or more.",
            )
        )
    height = _person_height_px(track)
    if height < SMALL_PX:
        found.append(
            CaptureWarning(
                "small_person",
                f"The person is only {height:.0f} pixels tall. Come closer or film in higher "
                "resolution.",
            )
        )
    return found


def _share_outside(track: PoseTrack) -> float:
    """Share of frames in which a hip, knee, ankle or shoulder lies outside the picture."""
    joints = [landmark(s, j) for s in SIDES for j in ("shoulder", "hip", "knee", "ankle")]
    points = track.xy_px[:, joints]
    size = np.array([track.width, track.height])
    outside: BoolArray = np.any((points < 0) | (points > size), axis=(1, 2))
    seen = track.seen
    return float(outside[seen].mean()) if seen.any() else 0.0


def _person_height_px(track: PoseTrack) -> float:
    """Typical length of trunk and leg together, pixels."""
    trunk = np.linalg.norm(track.middle("shoulder") - track.middle("hip"), axis=1)
    leg = np.linalg.norm(track.middle("hip") - track.middle("knee"), axis=1) + np.linalg.norm(
        track.middle("knee") - track.middle("ankle"), axis=1
    )
    total = trunk + leg
    return float(np.nanpercentile(total, 90)) if np.isfinite(total).any() else float("nan")
