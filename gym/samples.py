"""The sample clips that ship with the program: two a lift, one clean, one with faults."""

from __future__ import annotations

from dataclasses import dataclass

from gym.spec import Camera, Clip, Look, Motion, Rep, Scene, Video

BLUE = Look()
TEAL = Look(
    skin=(0.34, 0.20, 0.13),
    shirt=(0.02, 0.28, 0.26),
    shorts=(0.10, 0.04, 0.14),
    shoe=(0.75, 0.2, 0.2),
    hair=(0.012, 0.01, 0.01),
    hair_length_m=0.16,
    sleeve=0.5,
    hem=1.86,
    loose_m=0.009,
)
GREY = Look(
    skin=(0.55, 0.35, 0.24),
    shirt=(0.30, 0.30, 0.32),
    shorts=(0.03, 0.05, 0.10),
    shoe=(0.05, 0.05, 0.06),
    hair=(0.015, 0.012, 0.01),
)
PINK = Look(
    skin=(0.80, 0.58, 0.47),
    shirt=(0.55, 0.12, 0.25),
    shorts=(0.02, 0.02, 0.03),
    hem=1.86,
    hair=(0.22, 0.12, 0.05),
    hair_length_m=0.16,
    sleeve=0.2,
    tank_top=True,
    loose_m=0.007,
)
GREEN = Look(
    skin=(0.17, 0.10, 0.07),
    shirt=(0.10, 0.30, 0.10),
    shorts=(0.12, 0.12, 0.12),
    shoe=(0.8, 0.8, 0.8),
    hair=(0.008, 0.008, 0.008),
    sleeve=0.7,
    loose_m=0.018,
)
BRICK = Scene(wall="brick", wall_rgb=(0.4, 0.2, 0.15), seed=1)
PANEL = Scene(wall="panel", wall_rgb=(0.25, 0.27, 0.30), seed=3)
PLAIN = Scene(seed=2)
HOME = Scene(
    wall_rgb=(0.66, 0.60, 0.50),
    floor="wood",
    floor_rgb=(0.32, 0.20, 0.11),
    seed=4,
    clutter=4,
    light="window",
)
TILE = Scene(
    wall_rgb=(0.5, 0.58, 0.62), floor="tile", floor_rgb=(0.42, 0.42, 0.43), seed=5, light="bright"
)
VIDEO = Video(fps=25.0, noise=1.2, crf=22)
TEMPO = (1.2, 0.3, 1.0, 0.5)


def camera(azimuth_deg: float, distance_m: float, height_m: float = 0.95) -> Camera:
    """A phone at 960x540 on a small tripod."""
    return Camera(azimuth_deg, height_m, distance_m, width=960, height=540)


@dataclass(frozen=True)
class Sample:
    """One sample clip in short."""

    exercise: str
    variant: str
    body: str
    look: Look
    camera: Camera
    scene: Scene
    seed: int
    reps: tuple[Rep, ...] = (Rep(), Rep(), Rep())
    load: str | None = None
    plate_radius_m: float = 0.225

    def clip(self) -> Clip:
        """The full spec."""
        motion = Motion(
            reps=self.reps,
            tempo_s=TEMPO,
            load=self.load,
            seed=self.seed,
            plate_radius_m=self.plate_radius_m,
        )
        place = self.look, self.camera, self.scene, VIDEO
        return Clip(self.exercise, self.variant, self.body, motion, *place)


# Faults far enough beyond their limits to be told from the error of a single camera.
SQUAT_FAULTS = (
    Rep(),
    Rep(thigh_inclination_deg=24.0),
    Rep(trunk_tibia_deg=40.0),
    Rep(lockout_deficit_deg=26.0),
)
DEADLIFT_FAULTS = (
    Rep(),
    Rep(hips_rise_first_deg=22.0),
    Rep(lockout_deficit_deg=30.0),
    Rep(overextension_deg=20.0),
)
LUNGE_FAULTS = (
    Rep(),
    Rep(thigh_inclination_deg=34.0),
    Rep(trunk_inclination_deg=46.0),
    Rep(),
)
HIP_THRUST_FAULTS = (
    Rep(),
    Rep(lockout_deficit_deg=32.0),
    Rep(overarch_deg=30.0),
    Rep(shank_inclination_deg=30.0),
)
SAMPLES = {
    "squat_clean": Sample("squat", "bodyweight", "male", BLUE, camera(88, 3.0), BRICK, 1),
    "squat_faults": Sample(
        "squat", "goblet", "female", TEAL, camera(-82, 3.0), HOME, 2, SQUAT_FAULTS
    ),
    "deadlift_clean": Sample(
        "deadlift", "conventional", "strong", GREY, camera(90, 3.3), PANEL, 3, plate_radius_m=0.19
    ),
    "deadlift_faults": Sample(
        "deadlift",
        "conventional",
        "slim_f",
        PINK,
        camera(-84, 3.2),
        TILE,
        4,
        DEADLIFT_FAULTS,
        plate_radius_m=0.16,
    ),
    "lunge_clean": Sample("lunge", "split", "female", PINK, camera(85, 3.0), PLAIN, 5),
    "lunge_faults": Sample(
        "lunge", "reverse", "male", GREEN, camera(78, 3.3), HOME, 6, LUNGE_FAULTS
    ),
    "hip_thrust_clean": Sample(
        "hip_thrust", "bench", "strong_f", TEAL, camera(90, 2.7, 0.75), PANEL, 7, load="none"
    ),
    "hip_thrust_faults": Sample(
        "hip_thrust",
        "bench",
        "male",
        BLUE,
        camera(-80, 2.7, 0.75),
        BRICK,
        8,
        HIP_THRUST_FAULTS,
        plate_radius_m=0.16,
    ),
}


def samples() -> dict[str, Clip]:
    """Name -> spec."""
    return {name: sample.clip() for name, sample in SAMPLES.items()}
