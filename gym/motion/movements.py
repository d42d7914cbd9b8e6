"""What other movements look like: a start and a cycle of postures, in which nothing may be counted.

The cycle repeats as often as the clip has reps.
"""

from __future__ import annotations

from gym.motion.postures import Movement, mirrored, posture
from gym.motion.timeline import Posture

STAND = posture()
STRIDE = posture(5, hip_L=30, knee_L=8, hip_R=-8, knee_R=25, foot_R=25, arm_L=-18, arm_R=22)
PASSING = posture(5, 5, 5, hip_R=30, knee_R=50)
RUN_PUSH = posture(
    8, elbow=90, hip_L=50, knee_L=60, hip_R=-15, knee_R=40, foot_R=50, arm_L=-30, arm_R=35
)
RUN_SWING = posture(8, elbow=90, hip_L=0, knee_L=25, hip_R=25, knee_R=100, foot_R=60)
HIGH_KNEE = posture(4, elbow=80, hip_L=90, knee_L=95, arm_R=40, arm_L=-10)
PLANK = posture(76, 2, 2, 0, elbow=2, foot=70, head=60)
LOW_PLANK = posture(86, 2, 2, -40, elbow=95, foot=75, head=75)
CROUCH = posture(55, 148, 130, 5)
JUMP = posture(0, 0, 2, 165, lift=0.2, foot=30)
LYING = posture(-86, 45, 100, -130, elbow=115, head=-75)
ON_BACK = posture(-88, 2, 4, -86, elbow=4, head=-80)
ALL_FOURS = posture(84, 85, 92, 0, elbow=4, foot=80, head=60)
BENT_OVER = posture(58, 75, 18, 4, elbow=4)
SEATED = posture(0, 90, 90, 4)
RECLINED = posture(-42, 62, 14, 6, head=-20)
HANGING = posture(0, 4, 6, 172, lift=0.35, elbow=6)
RACKED = posture(0, 90, 90, 10, elbow=140, out=20)
PRESSED = posture(-88, -6, 90, 172, elbow=4, head=-85)
KNEEL = posture(4, 4, 92, 4, foot=70)
HALF = posture(
    2,
    2,
    92,
    150,
    hip_L=92,
    knee_L=92,
    hip_R=0,
    knee_R=92,
    foot_R=60,
    arm_L=150,
    arm_R=150,
    elbow=10,
)


def _sides(a: Posture, b: Posture, seconds: float) -> list[tuple[float, Posture]]:
    """One step, the other, and both again with left and right exchanged."""
    return [(seconds, q) for q in (a, b, mirrored(a), mirrored(b))]


def _to(target: Posture, back: Posture, seconds: float) -> list[tuple[float, Posture]]:
    """There and back, with a rest before it begins anew."""
    return [(seconds, target), (0.15, target), (seconds, back), (0.3, back)]


def _to_and_fro(
    start: Posture, target: Posture, seconds: float = 0.9, *, load: str = "", seat: bool = False
) -> Movement:
    """From a posture to another and back, again and again."""
    return Movement(start, _to(target, start, seconds), load, seat)


DESCRIBED: dict[str, Movement] = {
    "walking": Movement(STAND, _sides(STRIDE, PASSING, 0.3)),
    "running": Movement(STAND, _sides(RUN_PUSH, RUN_SWING, 0.18)),
    "high_knees": Movement(STAND, _sides(HIGH_KNEE, STAND, 0.28)),
    "leg_swing": Movement(
        STAND, [(0.6, posture(hip_L=62, knee_L=8)), (0.6, posture(hip_L=-22, knee_L=12))]
    ),
    "jumping_jack": Movement(STAND, [(0.45, posture(apart=25, out=150)), (0.45, posture(apart=2))]),
    "calf_raise": _to_and_fro(STAND, posture(foot=32), 0.6),
    "biceps_curl": _to_and_fro(STAND, posture(elbow=130), load="dumbbells"),
    "shoulder_press": _to_and_fro(
        posture(arm=10, elbow=140, out=20), posture(arm=165, elbow=10, out=8), load="dumbbells"
    ),
    "lateral_raise": _to_and_fro(STAND, posture(out=88), load="dumbbells"),
    "front_raise": _to_and_fro(STAND, posture(arm=90), load="dumbbells"),
    "good_morning": _to_and_fro(
        posture(arm=20, elbow=140), posture(74, 86, 14, 20, elbow=140), 1.2, load="bar_on_back"
    ),
    "bent_over_row": _to_and_fro(BENT_OVER, posture(58, 75, 18, -55, elbow=100), load="bar"),
    "upright_row": _to_and_fro(STAND, posture(arm=30, elbow=125, out=60), load="dumbbells"),
    "kettlebell_swing": Movement(
        posture(0, 0, 2, 84, elbow=4),
        [(0.6, posture(62, 82, 28, -8, elbow=4)), (0.6, posture(0, 0, 2, 84, elbow=4))],
    ),
    "step_up": Movement(
        STAND,
        [
            (0.6, posture(12, 4, 8, hip_L=82, knee_L=84)),
            (1.0, posture(4, 2, 2, hip_R=25, knee_R=40, lift=0.3)),
            (0.4, posture(lift=0.3)),
            (1.0, posture(12, 4, 8, hip_L=82, knee_L=84)),
            (0.6, STAND),
        ],
    ),
    "plank": Movement(PLANK, [(3.0, PLANK)]),
    "push_up": _to_and_fro(PLANK, LOW_PLANK, 0.8),
    "mountain_climber": Movement(
        PLANK,
        _sides(posture(76, 2, 2, 0, elbow=2, foot=70, head=60, hip_L=95, knee_L=100), PLANK, 0.3),
    ),
    "burpee": Movement(
        STAND,
        [
            (0.5, CROUCH),
            (0.35, PLANK),
            (0.4, LOW_PLANK),
            (0.4, PLANK),
            (0.4, CROUCH),
            (0.4, JUMP),
            (0.4, STAND),
        ],
    ),
    "sit_up": _to_and_fro(LYING, posture(-22, 112, 100, 25, elbow=60)),
    "crunch": _to_and_fro(LYING, posture(-68, 62, 100, -115, elbow=115, spine=25, head=-35), 0.6),
    "leg_raise": _to_and_fro(ON_BACK, posture(-88, 88, 8, -86, elbow=4, head=-80)),
    "russian_twist": Movement(
        posture(-42, 70, 75, 40, elbow=60),
        _sides(
            posture(-42, 70, 75, elbow=60, arm_L=55, arm_R=15),
            posture(-42, 70, 75, 40, elbow=60),
            0.4,
        ),
    ),
    "donkey_kick": _to_and_fro(
        ALL_FOURS, posture(84, 85, 92, 0, elbow=4, foot=80, head=60, hip_L=-5, knee_L=90)
    ),
    "bird_dog": _to_and_fro(
        ALL_FOURS, posture(84, 85, 92, 0, elbow=4, foot=80, head=60, hip_L=2, knee_L=8, arm_R=150)
    ),
    "rowing_machine": Movement(
        posture(-14, 72, 6, 20, elbow=95, lift=0.12),
        [
            (1.1, posture(22, 138, 124, 70, elbow=4, lift=0.12)),
            (0.8, posture(-14, 72, 6, 20, elbow=95, lift=0.12)),
        ],
    ),
    "leg_press": _to_and_fro(RECLINED, posture(-42, 112, 104, 6, head=-20), 1.1, seat=True),
    "leg_extension": _to_and_fro(SEATED, posture(0, 90, 8), seat=True),
    "seated_press": _to_and_fro(
        RACKED, posture(0, 90, 90, 165, elbow=10, out=8), load="dumbbells", seat=True
    ),
    "bench_press": _to_and_fro(
        PRESSED, posture(-88, -6, 90, 95, elbow=80, out=40, head=-85), load="bar", seat=True
    ),
    "pull_up": _to_and_fro(HANGING, posture(0, 4, 20, 130, elbow=125, out=25, lift=0.75), 1.1),
    "hanging_knee_raise": _to_and_fro(HANGING, posture(-6, 98, 100, 172, lift=0.8, elbow=6)),
    "box_jump": Movement(
        STAND,
        [
            (0.5, posture(35, 85, 85, -20)),
            (0.4, posture(30, 80, 85, 60, lift=0.5)),
            (0.5, posture(lift=0.5)),
            (0.5, posture(lift=0.5)),
            (0.5, posture(8, hip_L=35, knee_L=55, lift=0.2)),
            (0.4, STAND),
            (0.4, STAND),
        ],
    ),
    "lat_pulldown": _to_and_fro(
        posture(-8, 82, 90, 165, elbow=8), posture(-12, 78, 90, 20, elbow=120, out=30), seat=True
    ),
    "dip": _to_and_fro(
        posture(8, 15, 70, -6, elbow=6, lift=0.35), posture(22, 30, 70, -50, elbow=95, lift=0.12)
    ),
    "bench_dip": _to_and_fro(posture(0, 62, 8, -22, elbow=6), posture(2, 88, 14, -70, elbow=95)),
    "nordic_curl": _to_and_fro(KNEEL, posture(62, 8, 32, 60, foot=70), 1.3),
    "back_extension": _to_and_fro(
        posture(40, 0, 2, 100, elbow=130), posture(112, 72, 2, 100, elbow=130), 1.1
    ),
    "kickback": _to_and_fro(posture(30, 32, 8), posture(30, 32, 8, hip_L=-8, knee_L=12), 0.7),
    "cycling": Movement(
        posture(38, 50, 60, 70, lift=0.4),
        _sides(
            posture(38, arm=70, elbow=15, hip_L=115, knee_L=108, hip_R=62, knee_R=35, lift=0.3),
            posture(38, 88, 80, 70, lift=0.3),
            0.25,
        ),
    ),
    "elliptical": Movement(
        STAND,
        _sides(
            posture(
                6, hip_L=48, knee_L=55, hip_R=2, knee_R=18, arm_L=10, arm_R=50, elbow=70, lift=0.2
            ),
            posture(6, 24, 38, 30, elbow=70, lift=0.2),
            0.35,
        ),
    ),
    "jump_rope": Movement(
        STAND,
        [
            (0.18, posture(2, 8, 14, 10, elbow=80, lift=0.08, foot=25)),
            (0.18, posture(2, 14, 22, 10, elbow=80)),
        ],
    ),
    "cable_row": _to_and_fro(
        posture(18, 98, 25, 75, elbow=6), posture(-8, 78, 25, -20, elbow=100), seat=True
    ),
    "battle_ropes": Movement(
        posture(22, 52, 48, 30, elbow=30),
        _sides(
            posture(22, 52, 48, elbow=30, arm_L=75, arm_R=10),
            posture(22, 52, 48, 40, elbow=30),
            0.18,
        ),
    ),
    "boxing": Movement(
        posture(8, 18, 22, 20, elbow=125),
        _sides(
            posture(12, 20, 24, 20, elbow=125, arm_L=85), posture(8, 18, 22, 20, elbow=125), 0.25
        ),
    ),
    "bicycle_crunch": Movement(
        posture(-70, 60, 60, -110, elbow=115, spine=20),
        _sides(
            posture(
                -66, 40, 30, -110, elbow=115, spine=25, hip_L=120, knee_L=100, hip_R=22, knee_R=5
            ),
            posture(-68, 70, 60, -110, elbow=115, spine=22),
            0.45,
        ),
    ),
    "flutter_kick": Movement(
        ON_BACK,
        _sides(
            posture(-88, 20, 4, -86, elbow=4, head=-80, hip_L=38),
            posture(-88, 28, 4, -86, elbow=4, head=-80),
            0.25,
        ),
    ),
    "dead_bug": _to_and_fro(
        posture(-88, 90, 90, 180, elbow=4, head=-80),
        posture(-88, 90, 90, 180, elbow=4, head=-80, hip_L=12, knee_L=6, arm_R=265),
    ),
    "hip_abduction": _to_and_fro(SEATED, posture(-10, 80, 90, apart=32), 0.8, seat=True),
    "leg_curl": _to_and_fro(
        posture(85, 5, 5, 60, elbow=40, lift=0.4), posture(85, 8, 112, 60, elbow=40, lift=0.4)
    ),
    "seated_leg_curl": _to_and_fro(posture(-15, 78, 8), posture(-15, 78, 105), seat=True),
    "kneeling_crunch": _to_and_fro(
        posture(15, 22, 95, 100, elbow=120, foot=70),
        posture(78, 92, 98, 100, elbow=120, foot=70, spine=20),
    ),
    "half_kneeling_pulldown": _to_and_fro(
        HALF, posture(2, 2, 92, 20, hip_L=92, knee_L=92, hip_R=0, knee_R=92, foot_R=60, elbow=115)
    ),
    "ab_wheel": _to_and_fro(
        posture(55, 75, 95, 20, foot=70, elbow=4), posture(82, 22, 48, 72, foot=70, elbow=4), 1.2
    ),
    "inverted_row": _to_and_fro(
        posture(-62, 0, 4, 30, elbow=4, lift=0.2), posture(-55, 0, 4, -55, elbow=105, lift=0.4)
    ),
    "farmers_walk": Movement(
        STAND,
        _sides(
            posture(4, hip_L=26, knee_L=8, hip_R=-8, knee_R=22, foot_R=20),
            posture(4, 5, 5, hip_R=25, knee_R=45),
            0.32,
        ),
        "dumbbells",
    ),
    "stair_climber": Movement(
        STAND,
        _sides(
            posture(15, hip_L=75, knee_L=80, hip_R=12, knee_R=8, arm=30, elbow=50, lift=0.2),
            posture(15, 38, 38, 30, elbow=50, lift=0.2),
            0.45,
        ),
    ),
    "inchworm": Movement(
        STAND,
        [
            (1.0, posture(100, 108, 10, 5)),
            (1.4, PLANK),
            (0.5, PLANK),
            (1.4, posture(100, 108, 10, 5)),
            (1.0, STAND),
        ],
    ),
    "reverse_crunch": _to_and_fro(
        posture(-88, 70, 80, -86, elbow=4, head=-80),
        posture(-95, 135, 110, -86, elbow=4, head=-80),
        0.7,
    ),
    "v_up": _to_and_fro(
        posture(-86, 6, 4, 274, elbow=4, head=-80),
        posture(-40, 100, 8, 100, elbow=4, head=-40),
        0.8,
    ),
    "down_dog": _to_and_fro(PLANK, posture(122, 88, 6, 58, elbow=4, foot=35, head=130), 1.0),
    "ball_slam": Movement(
        posture(-4, -4, 6, 165, elbow=20),
        [
            (0.45, posture(58, 92, 55, 20, elbow=10)),
            (0.3, posture(62, 96, 62, 10)),
            (0.7, posture(-4, -4, 6, 165, elbow=20)),
            (0.2, posture(-4, -4, 6, 165, elbow=20)),
        ],
    ),
    "marching": Movement(
        STAND,
        _to(posture(hip_L=85, knee_L=88, arm_R=35, arm_L=-20), STAND, 0.5)
        + _to(posture(hip_R=85, knee_R=88, arm_L=35, arm_R=-20), STAND, 0.5),
    ),
    "squat_thrust": Movement(
        STAND,
        [(0.5, CROUCH), (0.35, PLANK), (0.3, PLANK), (0.4, CROUCH), (0.4, STAND), (0.3, STAND)],
    ),
    "bear_squat": _to_and_fro(ALL_FOURS, posture(70, 125, 130, 30, elbow=4, foot=70, head=60)),
}


def cycle_s(variant: str) -> float:
    """How long one cycle of a movement takes at the usual tempo."""
    return sum(seconds for seconds, _ in DESCRIBED[variant].cycle)
