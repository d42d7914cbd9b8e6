"""Turning posture numbers (segment inclinations, hand positions) into bone rotations.

``Rig`` holds what is constant for a body; ``Figure`` is one pose under construction: trunk first,
then legs, then arms. Sagittal inclinations are set exactly, not approximately: the trunk solver
finds the pelvis pitch that gives the asked hip-to-shoulder inclination for a given spine flexion.
"""

from __future__ import annotations

import numpy as np

from gym.body import NECK, SPINE, Body, Pose
from gym.geometry import SIDES, Array, bend, cross, frame, rot_axis, rot_x, rot_y, rot_z, sign, unit

# Share of the spine's flexion reached above the pelvis at each spine joint: most of the
# thorax-to-pelvis motion is lumbar, and it is spread over the joints.
SPINE_SHARE = (0.22, 0.5, 0.78, 0.95, 1.0)
NECK_SHARE = (0.3, 0.55, 0.8, 1.0)
GRIP_M = 0.085  # wrist to the middle of a closed fist


class Rig:
    """Rest frames of a body and the points on it that carry loads."""

    def __init__(self, body: Body) -> None:
        self.body = body
        j = body.joint
        lateral = np.array([0, 1.0, 0])
        self.rest: dict[str, Array] = {}
        self.ball: dict[str, Array] = {}
        self.foot_yaw_deg: dict[str, float] = {}
        for side in SIDES:
            hip, knee, ankle = (j(f"{b}.{side}") for b in ("upperleg01", "lowerleg01", "foot"))
            shoulder, elbow, wrist = (
                j(f"{b}.{side}") for b in ("upperarm01", "lowerarm01", "wrist")
            )
            hinge = unit(cross(elbow - shoulder, wrist - elbow))
            self.rest["thigh" + side] = frame(knee - hip, lateral)
            self.rest["shank" + side] = frame(ankle - knee, lateral)
            self.rest["upper_arm" + side] = frame(elbow - shoulder, hinge)
            self.rest["forearm" + side] = frame(wrist - elbow, hinge)
            ball = (j("toe1-1." + side) + j("toe5-1." + side)) / 2
            self.ball[side] = np.array([ball[0], ball[1], 0.0]) - ankle
            self.foot_yaw_deg[side] = float(
                np.degrees(np.arctan2(ball[1] - ankle[1], ball[0] - ankle[0]))
            )
        line = body.shoulder_mid - body.hip_mid
        self.rest_trunk_deg = float(np.degrees(np.arctan2(line[0], line[2])))
        self.curl_axes = self._curl_axes()
        self._load_points()

    def _curl_axes(self) -> dict[str, Array]:
        """Axis about which each finger closes (rest pose)."""
        j = self.body.joint
        out: dict[str, Array] = {}
        for side in SIDES:
            wrist = j("wrist." + side)
            index, little = j("finger2-1." + side) - wrist, j("finger5-1." + side) - wrist
            back = unit(cross(index, little)) * sign(side)
            for f in range(2, 6):
                finger = unit(j(f"finger{f}-3.{side}") - j(f"finger{f}-1.{side}"))
                out[f"{f}{side}"] = unit(cross(back, finger))
        return out

    def _load_points(self) -> None:
        """Where a bar lies on the back, on the front of the shoulders and on the lap (rest)."""
        body = self.body
        v, m = body.vertices, body.masks
        mid, hip = body.shoulder_mid, body.hip_mid

        def slab(height: float, half: float, width: float) -> Array:
            near = (np.abs(v[:, 2] - height) < half) & (np.abs(v[:, 1]) < width)
            return v[near & (m["head"] < 0.3) & (m["arm"] < 0.1)]

        high, low = slab(mid[2] + 0.035, 0.02, 0.04), slab(mid[2] - 0.01, 0.02, 0.10)
        self.high_bar = np.array([high[:, 0].min() - 0.012, 0, mid[2] + 0.045])
        self.low_bar = np.array([low[:, 0].min() - 0.016, 0, mid[2] - 0.005])
        chest = slab(mid[2] - 0.02, 0.03, 0.12)
        self.front_bar = np.array([chest[:, 0].max() + 0.015, 0, mid[2] + 0.0])
        scapula = slab(mid[2] - 0.10, 0.015, 0.10)
        self.scapula = np.array([scapula[:, 0].min(), 0, mid[2] - 0.10])
        lap = slab(hip[2] + 0.05, 0.02, 0.12)
        self.lap = np.array([lap[:, 0].max(), 0, hip[2] + 0.05])
        self.seat = np.array([slab(hip[2], 0.03, 0.15)[:, 0].min(), 0, hip[2]])

    def foot_rotation(self, side: str, toe_out_deg: float, pitch_deg: float = 0.0) -> Array:
        """Rotation of a foot that points ``toe_out_deg`` outwards, heel raised by ``pitch_deg``."""
        yaw = rot_z(sign(side) * toe_out_deg)
        return np.asarray(yaw @ rot_y(pitch_deg) @ rot_z(-self.foot_yaw_deg[side]))

    def ankle_over_ball(self, side: str, ball: Array, foot: Array) -> Array:
        """Ankle position when the ball of the foot stays at ``ball``."""
        return np.asarray(ball - foot @ self.ball[side])


class Figure:
    """One pose under construction: call ``trunk``, then the legs, then the arms."""

    def __init__(self, rig: Rig) -> None:
        self.rig, self.body = rig, rig.body
        self.rotations: dict[str, Array] = {}
        self.hip_mid = np.zeros(3)
        self._origins: dict[str, Array] = {}

    def trunk(
        self,
        inclination_deg: float,
        spine_deg: float = 0.0,
        *,
        roll_deg: float = 0.0,
        yaw_deg: float = 0.0,
        head_deg: float | None = None,
    ) -> Figure:
        """Set pelvis, spine and head; the head's pitch is in the world's frame."""
        turn = rot_z(yaw_deg) @ rot_x(roll_deg)
        pitch = self._pelvis_pitch(inclination_deg, spine_deg)
        thorax = pitch + spine_deg
        head = thorax if head_deg is None else head_deg
        self.rotations["root"] = turn @ rot_y(pitch)
        for bone, share in zip(SPINE, SPINE_SHARE, strict=True):
            self.rotations[bone] = turn @ rot_y(pitch + spine_deg * share)
        for bone, share in zip(NECK, NECK_SHARE, strict=True):
            self.rotations[bone] = turn @ rot_y(thorax + (head - thorax) * share)
        self._place_spine()
        return self

    def _pelvis_pitch(self, inclination_deg: float, spine_deg: float) -> float:
        pitch = inclination_deg - self.rig.rest_trunk_deg - 0.55 * spine_deg
        for _ in range(3 if spine_deg else 1):
            line = self._spine_line(pitch, spine_deg)
            pitch += inclination_deg - float(np.degrees(np.arctan2(line[0], line[2])))
        return pitch

    def _spine_line(self, pitch: float, spine_deg: float) -> Array:
        """Hip-mid to shoulder-mid in the sagittal plane for a pelvis pitch."""
        body = self.body
        stops = [body.joint(b) for b in SPINE] + [body.shoulder_mid]
        at = rot_y(pitch) @ (stops[0] - body.hip_mid)
        for k, share in enumerate(SPINE_SHARE):
            at = at + rot_y(pitch + spine_deg * share) @ (stops[k + 1] - stops[k])
        return np.asarray(at)

    def _place_spine(self) -> None:
        body = self.body
        at = self.rotations["root"] @ (body.joint(SPINE[0]) - body.hip_mid)
        for k, bone in enumerate(SPINE):
            self._origins[bone] = at
            if k + 1 < len(SPINE):
                at = at + self.rotations[bone] @ (body.joint(SPINE[k + 1]) - body.joint(bone))

    def at(self, hip_mid: Array) -> Figure:
        """Put the middle of the hips at a point of the world."""
        self.hip_mid = np.asarray(hip_mid, float)
        return self

    def carry(self, rest_point: Array, bone: str = "spine01") -> Array:
        """World position of a rest-pose point carried by the pelvis (``root``) or a spine bone."""
        body = self.body
        if bone == "root":
            local = self.rotations["root"] @ (rest_point - body.hip_mid)
        else:
            local = self._origins[bone] + self.rotations[bone] @ (rest_point - body.joint(bone))
        return np.asarray(self.hip_mid + local)

    def hip(self, side: str) -> Array:
        """Hip joint centre."""
        return self.carry(self.body.joint("upperleg01." + side), "root")

    def shoulder(self, side: str) -> Array:
        """Shoulder joint centre."""
        return self.carry(self.body.joint("upperarm01." + side))

    def leg(self, side: str, knee: Array, ankle: Array, foot: Array) -> Figure:
        """Set a leg from its joints; the knee's hinge stays square to thigh and shank."""
        hip = self.hip(side)
        hinge = cross(knee - hip, ankle - knee)
        ahead = rot_axis(np.array([0, 0, 1.0]), sign(side) * 5.0) @ np.array([0, 1.0, 0])
        # a straight leg has no hinge of its own: fall back on the facing direction
        bent = float(np.linalg.norm(hinge)) / (self.body.thigh_m * self.body.shank_m)
        hinge = unit(hinge) * min(bent * 6, 1.0) + ahead * max(1.0 - bent * 6, 0.0)
        thigh, shank = frame(knee - hip, hinge), frame(ankle - knee, hinge)
        self.rotations["upperleg01." + side] = thigh @ self.rig.rest["thigh" + side].T
        self.rotations["lowerleg01." + side] = shank @ self.rig.rest["shank" + side].T
        self.rotations["foot." + side] = foot
        return self

    def flat_toes(self, side: str, toe_out_deg: float) -> Figure:
        """Keep the toes on the floor while the heel is up."""
        flat = self.rig.foot_rotation(side, toe_out_deg)
        for k in range(1, 6):
            self.rotations[f"toe{k}-1.{side}"] = flat
        return self

    def arm(self, side: str, wrist: Array, pole: Array, curl_deg: float = 70.0) -> Array:
        """Reach for a point with the wrist, the elbow towards ``pole``; returns the wrist."""
        body, rig = self.body, self.rig
        shoulder = self.shoulder(side)
        elbow, wrist, hinge = bend(shoulder, wrist, body.upper_arm_m, body.forearm_m, pole)
        upper = frame(elbow - shoulder, hinge) @ rig.rest["upper_arm" + side].T
        forearm = frame(wrist - elbow, hinge) @ rig.rest["forearm" + side].T
        self.rotations["upperarm01." + side] = upper
        for bone in ("lowerarm01.", "lowerarm02.", "wrist."):
            self.rotations[bone + side] = forearm
        for f in range(2, 6):
            axis = rig.curl_axes[f"{f}{side}"]
            for k in (1, 2, 3):
                turned = forearm @ rot_axis(axis, curl_deg * 0.75 * k / 1.6)
                self.rotations[f"finger{f}-{k}.{side}"] = turned
        return wrist

    def hang(
        self, side: str, target: Array, elbow_deg: float = 0.0, curl_deg: float = 75.0
    ) -> Array:
        """Point the arm at ``target`` with a set elbow flexion; returns where the fist is.

        The wrist lies on the line from shoulder to target, at the distance that the elbow leaves.
        """
        body = self.body
        a, b = body.upper_arm_m, body.forearm_m
        reach = np.sqrt(a * a + b * b + 2 * a * b * np.cos(np.radians(max(elbow_deg, 1.5))))
        shoulder = self.shoulder(side)
        down = unit(target - shoulder)
        wrist = self.arm(
            side, shoulder + down * reach, np.array([-1, 0.25 * sign(side), 0.0]), curl_deg
        )
        return np.asarray(wrist + down * GRIP_M)

    def reach_m(self, elbow_deg: float) -> float:
        """Shoulder to fist of an arm bent by ``elbow_deg``."""
        a, b = self.body.upper_arm_m, self.body.forearm_m
        bent = np.cos(np.radians(max(elbow_deg, 1.5)))
        return float(np.sqrt(a * a + b * b + 2 * a * b * bent)) + GRIP_M

    def pose(self) -> Pose:
        """Run forward kinematics."""
        return self.body.pose(self.rotations, self.hip_mid)
