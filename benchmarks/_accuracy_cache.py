"""Poses and close looks kept on the disk, so that changed rules are scored within a minute.

Everything after the pose is cheap. What the pose model saw of a clip is kept under a key made of
the clip's content, the model, and the code that fetches poses: comments and docstrings aside, a
change of that code makes new poses, any other change uses those that are there.
"""

from __future__ import annotations

import ast
import hashlib
import pickle
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import formcheck
from formcheck import looking
from formcheck.closeup import Look, Seen
from formcheck.pose import estimate_track
from formcheck.scene import Box
from formcheck.types import ClipInfo, FramePose, ImageArray, PoseTrack
from formcheck.video import probe

POSE_MODULES = (
    "pose.py",
    "silhouettes.py",
    "bars.py",
    "body.py",
    "clothes.py",
    "following.py",
    "looking.py",
    "lookout.py",
    "abreast.py",
    "mending.py",
    "shelf.py",
    "models.py",
    "native.py",
    "nearer.py",
    "people.py",
    "pictures.py",
    "strangers.py",
    "subject.py",
    "cuts.py",
    "trimming.py",
    "video/decoding.py",
    "video/reel.py",
    "video/reading.py",
    "video/timing.py",
)
CHANGE_NO_POSE = (
    "clipfile.py",
    "clock.py",
    "closeup.py",
    "closing.py",
    "errors.py",
    "machine.py",
    "quiet.py",
    "scene.py",
    "types.py",
    "video/opening.py",
)
"""What these import besides: shapes of data, messages, whether a file opens, and how long a gap
between pictures is a hole, which only what a phone notes of its rate is read with."""
POSE = "pose.pkl"
POSE_FIELDS = ("xy_px", "world_m", "visibility", "presence")
Stored = dict[str, Any]


@cache
def pose_stage() -> str:
    """A short name of the code that fetches poses."""
    room = Path(formcheck.__file__).parent
    text = [ast.dump(_bare(ast.parse((room / name).read_text()))) for name in POSE_MODULES]
    text += [version("mediapipe")]
    return hashlib.sha256("\n".join(text).encode()).hexdigest()[:8]


def _bare(tree: ast.Module) -> ast.Module:
    """The tree without what changes no pose: docstrings (comments are gone)."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [n for n in body if not _is_text(n)]  # type: ignore[attr-defined]
    return tree


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


class Cache:
    """The kept poses and looks of one model.

    ``stale``: take poses that older code fetched before fetching new ones.
    """

    def __init__(self, folder: Path, model: str, *, stale: bool = False) -> None:
        self.folder, self.model, self.stale = folder / model, model, stale

    def pose(self, clip: Path, workers: int | None = None) -> PoseTrack:
        """The raw track; raises FormCheckError as ``estimate_track`` does."""
        info = probe(clip)
        room = self._room(info)
        file = room / POSE
        if not file.exists():
            track = estimate_track(clip, info, self.model, workers=workers)
            values = {field.name: getattr(track, field.name) for field in fields(track)}
            _write(file, lambda part: part.write_bytes(pickle.dumps(values)))
        # field by field, so that a track kept by older code gets the newer fields' defaults
        return PoseTrack(**pickle.loads(file.read_bytes()))

    def look(self, clip: Path, info: ClipInfo) -> Look:
        """Like ``looking.look_into``, but a picture looked at once is not looked at again."""
        room = self._room(info)

        def fresh() -> Look:
            return looking.look_into(clip, self.model)

        def plainly(times_s: Sequence[float]) -> list[ImageArray]:
            files = {t: room / f"picture_{round(t * 1e6):010d}.png" for t in times_s}
            missing = [t for t, file in files.items() if not file.exists()]
            images = fresh().plainly(missing)
            for time_s, image in zip(missing, images, strict=True):
                _keep_picture(files[time_s], image)
            return [_picture(np.fromfile(files[t], np.uint8)) for t in times_s]

        def closely(times_s: Sequence[float]) -> list[Seen | None]:
            files = {t: room / f"look_{round(t * 1e6):010d}.npz" for t in times_s}
            return _looked_at(files, lambda missing: fresh().closely(missing))

        def alone(times_s: Sequence[float], boxes: Sequence[Box]) -> list[Seen | None]:
            asked = dict(zip(times_s, boxes, strict=True))
            files = {
                t: room / f"alone_{round(t * 1e6):010d}_{_named(box)}.npz"
                for t, box in asked.items()
            }
            return _looked_at(
                files, lambda missing: fresh().alone(missing, [asked[t] for t in missing])
            )

        return Look(plainly, closely, alone)

    def _room(self, info: ClipInfo) -> Path:
        sha = info.sha256[:16]
        room = self.folder / f"{sha}-{pose_stage()}"
        if self.stale and not (room / POSE).exists():
            older = sorted(self.folder.glob(f"{sha}-*/{POSE}"), key=lambda p: p.stat().st_mtime)
            return older[-1].parent if older else room
        return room


def _looked_at(
    files: dict[float, Path], fetch: Callable[[list[float]], Iterable[Seen | None]]
) -> list[Seen | None]:
    """The looks at some times, from their files; those that have none are fetched first."""
    missing = [t for t, file in files.items() if not file.exists()]
    if missing:
        for time_s, picture in zip(missing, fetch(missing), strict=True):
            _keep_look(files[time_s], picture)
    return [_unpacked(_read(file)) for file in files.values()]


def _named(box: Box) -> str:
    """A name for a part of the picture, to a thousandth of its size."""
    return "_".join(f"{round(1000 * share):04d}" for share in box)


def _packed(picture: Seen | None) -> Stored:
    """A look as arrays: the picture without loss, the mask in 256 steps."""
    if picture is None:
        return {"nobody": np.array(1)}
    mask = np.round(np.clip(picture.mask, 0, 1) * 255).astype(np.uint8)
    images = {"image": _png_of(picture.image), "mask": _png(mask)}
    return images | {name: getattr(picture.pose, name) for name in POSE_FIELDS}


def _unpacked(data: Stored) -> Seen | None:
    if "nobody" in data:
        return None
    steps = np.asarray(cv2.imdecode(data["mask"], cv2.IMREAD_GRAYSCALE), np.uint8)
    pose = FramePose(**{name: data[name] for name in POSE_FIELDS})
    return Seen(_picture(data["image"]), pose, np.divide(steps, 255, dtype=np.float32))


def _png(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.imencode(".png", image)[1], np.uint8)


def _png_of(image: ImageArray) -> NDArray[np.uint8]:
    return _png(np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), np.uint8))


def _picture(png: NDArray[np.uint8]) -> ImageArray:
    bgr = cv2.imdecode(png, cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def _keep_picture(file: Path, image: ImageArray) -> None:
    png = _png_of(image)
    _write(file, lambda part: part.write_bytes(png.tobytes()))


def _read(file: Path) -> Stored:
    with np.load(file, allow_pickle=False) as data:
        return {name: data[name] for name in data.files}


def _keep_look(file: Path, picture: Seen | None) -> None:
    packed = _packed(picture)
    _write(file, lambda part: np.savez_compressed(part, **packed))


def _write(file: Path, write: Callable[[Path], object]) -> None:
    """Write whole: another process may be reading."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{secrets.token_hex(4)}{file.suffix}")
    write(part)
    part.replace(file)
