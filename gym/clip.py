"""One clip from its spec: the video and the truth beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gym.calibrate import calibrated
from gym.camera import View, place
from gym.geometry import Array
from gym.motion import Lift, Shot
from gym.motion.squat import Squat
from gym.others import Bystander
from gym.renderer import Renderer
from gym.spec import Clip
from gym.track import track_poses
from gym.truth import build_truth, truth_path, write_truth
from gym.video import Noise, Writer, frame_times
from gym.wardrobe import TRAIL_S, ponytail

SHUTTER = 0.5  # share of the frame time that the shutter is open
TREMOR_DEG = 0.4


@dataclass(frozen=True)
class Set:
    """A clip made ready: the motion, the camera over time and what renders them."""

    lift: Lift
    time_s: Array
    offset_s: float
    bystanders: tuple[Bystander, ...]

    @staticmethod
    def prepare(clip: Clip) -> Set:
        """Solve the motion and lay out the frames."""
        lift = calibrated(clip)
        video = clip.video
        length = lift.duration_s - video.trim_start_s - video.trim_end_s
        times = frame_times(video, length, clip.motion.seed)
        others = tuple(Bystander(e, 11 + k) for k, e in enumerate(clip.scene.people))
        return Set(lift, times, video.trim_start_s, others)

    def view(self, time_s: float) -> View:
        """The camera at a time; a hand-held one trembles slowly."""
        camera = self.lift.clip.camera
        shake = camera.handheld * TREMOR_DEG
        pan = shake * float(np.sin(1.9 * time_s) + 0.4 * np.sin(5.3 * time_s + 1))
        tilt = shake * float(np.sin(2.3 * time_s + 2) + 0.4 * np.sin(6.1 * time_s))
        return place(camera, self.lift.aim(), (pan, tilt))

    def renderer(self) -> Renderer:
        """The rasteriser of this set's room and people."""
        clip, lift = self.lift.clip, self.lift
        people = [(lift.body, clip.look)]
        people += [(b.body, b.extra.look) for b in self.bystanders]
        rack = rack_height(lift) if clip.scene.rack else None
        size = (clip.camera.width, clip.camera.height)
        azimuth, radius = clip.camera.azimuth_deg, clip.motion.plate_radius_m
        return Renderer(clip.scene, people, azimuth, lift.aim(), size, radius, rack)

    def picture(self, renderer: Renderer, shot: Shot, time_s: float) -> NDArray[np.uint8]:
        """One sharp picture at a time of the clip."""
        poses = [shot.pose, *(b.pose(time_s) for b in self.bystanders)]
        look, props = self.lift.clip.look, shot.props
        late = None
        if look.swing_m or look.ponytail_m:
            late = self.lift.shot(max(time_s + self.offset_s - TRAIL_S, 0.0)).pose
        if look.ponytail_m and late is not None:
            props = (*props, ponytail(self.lift.body, shot.pose, late))
        return renderer.frame(self.view(time_s), poses, props, late)

    def pictures(self) -> Iterator[tuple[NDArray[np.uint8], Shot]]:
        """Every frame in turn, blurred by motion if asked, before noise."""
        video = self.lift.clip.video
        renderer = self.renderer()
        try:
            for time in self.time_s:
                shot = self.lift.shot(float(time) + self.offset_s)
                image = self.picture(renderer, shot, float(time))
                if video.motion_blur > 1:
                    image = self._blurred(renderer, image, float(time))
                yield image, shot
        finally:
            renderer.close()

    def _blurred(
        self, renderer: Renderer, first: NDArray[np.uint8], time_s: float
    ) -> NDArray[np.uint8]:
        video = self.lift.clip.video
        total = first.astype(np.float32)
        for k in range(1, video.motion_blur):
            at = time_s + SHUTTER / video.fps * k / video.motion_blur
            total += self.picture(renderer, self.lift.shot(at + self.offset_s), at)
        return (total / video.motion_blur).astype(np.uint8)


def rack_height(lift: Lift) -> float:
    """Height of the bar on the shoulders, where the rack's hooks are."""
    if isinstance(lift, Squat):
        bars = [p.position[2] for p in lift.shot(lift.duration_s).props if p.name == "barbell"]
        if bars:
            return float(bars[0])
    return 0.8 * lift.body.stature_m


def render(clip: Clip, out: Path) -> dict[str, Any]:
    """Write ``out``.mp4 and ``out``.truth.json.gz; returns the truth."""
    ready = Set.prepare(clip)
    camera, video = clip.camera, clip.video
    out.parent.mkdir(parents=True, exist_ok=True)
    mp4 = out.with_name(out.name + ".mp4")
    writer = Writer(mp4, camera.width, camera.height, video.fps, video.crf)
    noise = Noise(video.noise, camera.width, camera.height, clip.motion.seed)
    shots = []
    for (image, shot), time in zip(ready.pictures(), ready.time_s, strict=True):
        writer.write(noise.add(image) if video.noise else image, float(time))
        shots.append(shot)
    writer.close()
    truth = truth_of(ready, shots)
    write_truth(truth_path(mp4), truth)
    return truth


def truth_of(ready: Set, shots: list[Shot]) -> dict[str, Any]:
    """The truth of a prepared clip from the shots that were drawn."""
    track = track_poses(ready.lift, ready.time_s, [shot.pose for shot in shots])
    views = [ready.view(float(t)) for t in ready.time_s]
    phases = [shot.phase for shot in shots]
    return build_truth(ready.lift, ready.time_s, ready.offset_s, track, phases, views)
