"""A small OpenGL rasteriser (moderngl on EGL; Mesa's llvmpipe needs no GPU).

A frame: shadow map, the room (shaded once per camera and copied), the shadow on the floor,
reflections, people, props.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import moderngl
import numpy as np
from numpy.typing import NDArray

from gym import meshes, shaders
from gym.body import Body, Pose
from gym.camera import View
from gym.errors import GymError
from gym.geometry import Array
from gym.lights import GRAIN_PX, grain, lighting, shadow_matrix
from gym.motion import Prop
from gym.skinning import Skinner
from gym.spec import Look, Scene
from gym.wardrobe import HAIR, SHIRT, SHOES, SHORTS, SKIN, brows, colours, dress, swung

SHADOW_SIZE = 1024
# Edges are smoothed by drawing larger and averaging: multisampling costs a software rasteriser
# three times as much as that.
SMALL_PX = 720
WALLS = ("plain", "brick", "panel")
FLOORS = ("rubber", "wood", "tile")
PATCH_M = 2.2
NO_TRANSFORM = np.eye(4)
Image = NDArray[np.uint8]


def set_uniforms(program: Any, values: dict[str, Any]) -> None:
    """Write the uniforms that a program has."""
    for name, value in values.items():
        if name in program:
            if isinstance(value, np.ndarray):
                program[name].write(value.T.astype("f4").tobytes())
            else:
                program[name].value = value


def open_context() -> Any:
    """An off-screen OpenGL context."""
    settings: dict[str, Any] = {"standalone": True, "backend": "egl"}
    try:
        return moderngl.create_context(**settings)
    except Exception as error:
        raise GymError(
            f"no off-screen OpenGL (install libegl1 and libgl1-mesa-dri): {error}"
        ) from None


class Person:
    """GPU data of one dressed body; one vertex buffer holds all layers, moved once a frame."""

    def __init__(
        self, ctx: Any, programs: dict[int, Any], shadow: Any, body: Body, look: Look
    ) -> None:
        self.colours, self.programs = colours(body, look), programs
        layers = dress(body, look)
        rows = np.concatenate([layer.rows for layer in layers])
        points = np.concatenate([layer.vertices for layer in layers])
        normals = np.concatenate([layer.normals for layer in layers])
        self.skinner = Skinner(body, points, normals, rows)
        slack = np.concatenate([layer.slack for layer in layers])
        self.loose = np.flatnonzero(slack > 0)
        self.slack = slack[self.loose]
        if len(self.loose):
            some = self.loose
            self.loose_skinner = Skinner(body, points[some], normals[some], rows[some])
        m = body.masks
        static = [
            body.vertices[rows],
            np.stack([m["arm"], m["leg"], m["head"], m["foot"]], 1)[rows],
            np.stack([m["lips"], m["eyelids"], m["ears"], brows(body)], 1)[rows],
            np.concatenate([layer.limb for layer in layers]),
        ]
        self.moving = ctx.buffer(reserve=len(rows) * 24, dynamic=True)
        fixed = ctx.buffer(np.concatenate(static, 1).astype("f4").tobytes())
        names = (("rest", 3), ("region", 4), ("face", 4), ("limb", 2))
        self.drawn: list[tuple[int, Any]] = []
        self.casting: list[Any] = []
        first = 0
        for layer in layers:
            index = ctx.buffer((layer.triangles + first).astype("i4").tobytes())
            program = programs[layer.kind]
            used = [k for k, _ in names if k in program]
            layout = " ".join(f"{n}f" if k in program else f"{4 * n}x" for k, n in names)
            content = [(self.moving, "3f 3f", "pos", "normal"), (fixed, layout, *used)]
            self.drawn.append((layer.kind, ctx.vertex_array(program, content, index)))
            if layer.kind in (SHIRT, SKIN, SHORTS, HAIR):
                self.casting.append(
                    ctx.vertex_array(shadow, [(self.moving, "3f 12x", "pos")], index)
                )
            first += len(layer.rows)

    def upload(self, pose: Pose, late: Pose | None = None) -> None:
        """Move every layer to a pose; loose cloth trails towards the ``late`` one."""
        moved = self.skinner.move(pose)
        if late is not None and len(self.loose):
            now, before = moved[self.loose], self.loose_skinner.move(late)
            moved[self.loose, :3] = swung(now[:, :3], before[:, :3], now[:, 3:], self.slack)
        self.moving.write(moved.tobytes())

    def draw(self) -> None:
        """Draw every layer."""
        for kind, array in self.drawn:
            set_uniforms(self.programs[kind], {**self.colours, "sole": float(kind == SHOES)})
            array.render()

    def cast(self) -> None:
        """Draw into the shadow map."""
        for array in self.casting:
            array.render()


class Renderer:
    """Renders one clip's frames."""

    def __init__(
        self,
        scene: Scene,
        people: Sequence[tuple[Body, Look]],
        azimuth_deg: float,
        aim: Array,
        size: tuple[int, int],
        plate_radius_m: float,
        rack_m: float | None = None,
    ) -> None:
        self.scene, self.output, self.plate_radius_m, self.rack_m = (
            scene,
            size,
            plate_radius_m,
            rack_m,
        )
        factor = 2.0 if max(size) <= SMALL_PX else 1.5
        self.size = (round(size[0] * factor), round(size[1] * factor))
        if scene.wall not in WALLS or scene.floor not in FLOORS:
            raise GymError(f"unknown wall {scene.wall!r} or floor {scene.floor!r}")
        self.ctx = ctx = open_context()
        ctx.enable(moderngl.DEPTH_TEST)
        self._compile()
        self._targets()
        self.people = [Person(ctx, self.body, self.shadow_body, b, look) for b, look in people]
        self.look = people[0][1]
        self.meshes: dict[str, tuple[Any, Any]] = {}
        self.background_key = b""
        self._furnish(azimuth_deg, np.array([aim[0], aim[1], 0.0]))

    def _furnish(self, azimuth_deg: float, ground: Array) -> None:
        """The room around a point of the floor, its mirror and its light."""
        scene = self.scene
        mesh, far, place = meshes.room(scene, azimuth_deg)
        self.room = self._array(self.room_program, mesh)
        self.floor = self._array(self.floor_program, meshes.floor_patch(ground, PATCH_M, 0.45))
        values: dict[str, Any] = dict(lighting(scene, azimuth_deg))
        light = shadow_matrix(np.array(values["key_dir"]), ground + np.array([0, 0, 0.7]))
        axis = [0.0, 0.0, 0.0]
        axis[far] = 1.0
        self.mirror = scene.mirror
        values.update(
            light=light,
            plane=(axis[0], axis[1], axis[2], place - 0.06 * float(np.sign(place))),
            glass=(-1.5, 1.5, 0.2, 2.1),
            flip=0.0,
            shadows=0,
            grain=1,
            wall=scene.wall_rgb,
            floor_rgb=scene.floor_rgb,
            wall_style=WALLS.index(scene.wall),
            floor_style=FLOORS.index(scene.floor),
        )
        for program in self._all_programs():
            set_uniforms(program, values)

    def _compile(self) -> None:
        ctx = self.ctx
        self.body = {
            k: ctx.program(shaders.BODY_VERTEX, shaders.body_fragment(k)) for k in range(6)
        }
        self.shadow_body = ctx.program(shaders.SHADOW_BODY, shaders.NOTHING)
        self.prop_program = ctx.program(shaders.PROP_VERTEX, shaders.PROP_FRAGMENT)
        self.shadow_prop = ctx.program(shaders.SHADOW_PROP, shaders.NOTHING)
        self.room_program = ctx.program(shaders.PROP_VERTEX, shaders.ROOM_FRAGMENT)
        self.floor_program = ctx.program(shaders.PROP_VERTEX, shaders.FLOOR_FRAGMENT)
        texture = ctx.texture((GRAIN_PX, GRAIN_PX), 4, (grain() * 255).astype("u1").tobytes())
        texture.build_mipmaps()
        texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        self.grain = texture

    def _all_programs(self) -> list[Any]:
        shared = [self.shadow_body, self.prop_program, self.shadow_prop, self.room_program]
        return [*self.body.values(), *shared, self.floor_program]

    def _targets(self) -> None:
        ctx, size = self.ctx, self.size

        def target() -> Any:
            return ctx.framebuffer([ctx.renderbuffer(size, 4)], ctx.depth_renderbuffer(size))

        self.canvas, self.background = target(), target()
        depth = ctx.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
        depth.compare_func = "<="
        depth.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self.shadow_map = depth
        self.shadow_target = ctx.framebuffer(depth_attachment=depth)

    def _array(self, program: Any, mesh: meshes.Mesh) -> Any:
        buffer = self.ctx.buffer(mesh.tobytes())
        sizes = (("pos", 3), ("normal", 3), ("paint", 4), ("shine", 1))
        layout = " ".join(f"{n}f" if k in program else f"{n}x4" for k, n in sizes)
        names = [k for k, _ in sizes if k in program]
        return self.ctx.vertex_array(program, [(buffer, layout, *names)])

    def _prop(self, name: str) -> tuple[Any, Any]:
        if name not in self.meshes:
            if name == "rack":
                mesh = meshes.rack(self.rack_m or 1.4)
            elif name == "ponytail":
                mesh = meshes.ponytail(self.look.ponytail_m, self.look.hair)
            else:
                mesh = meshes.prop(name, self.plate_radius_m, self.scene.plate_rgb)
            both = self._array(self.prop_program, mesh), self._array(self.shadow_prop, mesh)
            self.meshes[name] = both
        return self.meshes[name]

    def frame(
        self, view: View, poses: Sequence[Pose], props: Sequence[Prop], late: Pose | None = None
    ) -> Image:
        """Picture (height, width, 3) of people in their poses and props in their places.

        ``late`` is the first person's pose shortly before, for cloth that trails behind.
        """
        for k, (person, pose) in enumerate(zip(self.people, poses, strict=True)):
            person.upload(pose, None if k else late)
        if self.rack_m is not None:
            props = [*props, Prop("rack", np.zeros(3), np.eye(3))]
        placed = [(self._prop(p.name), _matrix(p)) for p in props]
        self._shadows(placed)
        camera = view.clip_matrix()
        eye = tuple(float(x) for x in view.eye)
        for program in self._all_programs():
            set_uniforms(program, {"camera": camera, "eye": eye})
        self.shadow_map.use(0)
        self.grain.use(1)
        self._background(camera)
        self.ctx.copy_framebuffer(self.canvas, self.background)
        self.canvas.use()
        if self.mirror:
            self._reflection(placed)
        self._floor_shadow()
        self._draw(placed)
        width, height = self.size
        pixels = np.frombuffer(self.canvas.read(components=3, alignment=1), np.uint8)
        upright = pixels.reshape(height, width, 3)[::-1]
        small = cv2.resize(upright, self.output, interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.uint8)

    def _shadows(self, placed: list[tuple[tuple[Any, Any], Array]]) -> None:
        self.shadow_target.use()
        self.shadow_target.clear()
        for person in self.people:
            person.cast()
        for (_, shadow), model in placed:
            set_uniforms(self.shadow_prop, {"model": model})
            shadow.render()

    def _background(self, camera: Array) -> None:
        key = camera.tobytes()
        if key == self.background_key:
            return
        self.background.use()
        self.background.clear(0.1, 0.1, 0.1, 1.0)
        set_uniforms(self.room_program, {"model": NO_TRANSFORM})
        self.room.render()
        clear_depth(self.background)
        self.background_key = key

    def _floor_shadow(self) -> None:
        ctx = self.ctx
        ctx.enable(moderngl.BLEND)
        ctx.disable(moderngl.DEPTH_TEST)
        ctx.blend_func = moderngl.DST_COLOR, moderngl.ZERO
        set_uniforms(self.floor_program, {"model": NO_TRANSFORM})
        self.floor.render()
        ctx.enable(moderngl.DEPTH_TEST)
        ctx.disable(moderngl.BLEND)

    def _draw(self, placed: list[tuple[tuple[Any, Any], Array]], cull: bool = True) -> None:
        if cull:
            self.ctx.enable(moderngl.CULL_FACE)
        for person in self.people:
            person.draw()
        self.ctx.disable(moderngl.CULL_FACE)
        for (array, _), model in placed:
            set_uniforms(self.prop_program, {"model": model})
            array.render()

    def _reflection(self, placed: list[tuple[tuple[Any, Any], Array]]) -> None:
        programs = [*self.body.values(), self.prop_program]
        for program in programs:
            set_uniforms(program, {"flip": 1.0})
        self._draw(placed, cull=False)  # a reflection turns front faces into back faces
        for program in programs:
            set_uniforms(program, {"flip": 0.0})
        clear_depth(self.canvas)

    def close(self) -> None:
        """Free the context."""
        self.ctx.release()


def clear_depth(target: Any) -> None:
    """Forget the depth and keep the colours: what was drawn becomes a backdrop."""
    target.color_mask = (False, False, False, False)
    target.use()
    target.clear(depth=1.0)
    target.color_mask = (True, True, True, True)
    target.use()


def _matrix(prop: Prop) -> Array:
    out = np.eye(4)
    out[:3, :3], out[:3, 3] = prop.rotation, prop.position
    return out
