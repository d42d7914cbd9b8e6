"""The pose models that FormCheck ships: where they lie and whether they are what they should be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from formcheck.errors import ModelError, UsageError

DEFAULT_MODEL = "full"
SECOND_MODEL = "heavy"
"""For clips in which the default model is unsure (:mod:`formcheck.doubt`)."""
AUTO = "auto"
"""The default model and, where that is unsure, the second one."""


@dataclass(frozen=True, slots=True)
class PoseModel:
    """A pose landmarker bundle: its file name and the checksums that are known to be good."""

    name: str
    file: str
    sha256: tuple[str, ...]


MODELS: dict[str, PoseModel] = {
    model.name: model
    for model in (
        PoseModel(
            "lite",
            "pose_landmarker_lite.task",
            ("f527bbec123834e68b16d125889f30ad9e5412235f4f51671e48ef6fc53e692b",),
        ),
        PoseModel(
            "full",
            "pose_landmarker_full.task",
            ("8fad6f088881f71d4b2dd846b78ddf2d188bdde767d9ef1cd5f835b85d9580d4",),
        ),
        PoseModel(
            "heavy",
            "pose_landmarker_heavy.task",
            ("64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b",),
        ),
    )
}


def models_of(name: str) -> tuple[str, ...]:
    """The models that may be used when one is asked for by its name or ``auto``."""
    return (DEFAULT_MODEL, SECOND_MODEL) if name == AUTO else (name,)


def model_folders() -> tuple[Path, ...]:
    """Where models are looked for, in this order: the installed package, then the checkout."""
    package = Path(__file__).resolve().parent
    return (package / "models", package.parent / "models")


def model_path(name: str) -> Path:
    """Find the bundle of a model (``lite``, ``full``, ``heavy``) and check it.

    Raises UsageError for an unknown name, ModelError when the file is missing or damaged.
    """
    model = _known(name)
    folders = model_folders()
    for folder in folders:
        file = folder / model.file
        if file.is_file():
            _checked_sha256(file, model)
            return file
    raise ModelError(
        f"pose model {name!r} is missing: put {model.file} into {folders[-1]} "
        "(or install FormCheck again)"
    )


def model_sha256(name: str) -> str:
    """Return the checksum (hex) of the bundle in use; raises as :func:`model_path`."""
    return _checked_sha256(model_path(name), _known(name))


def _known(name: str) -> PoseModel:
    if name not in MODELS:
        raise UsageError(f"unknown pose model {name!r}: choose one of {', '.join(MODELS)}")
    return MODELS[name]


def _checked_sha256(file: Path, model: PoseModel) -> str:
    try:
        state = file.stat()
        digest = _sha256(file, state.st_size, state.st_mtime_ns)
    except OSError as error:
        raise ModelError(f"pose model {file} cannot be read: {error.strerror}") from error
    if digest not in model.sha256:
        raise ModelError(
            f"pose model {file} is damaged or another file (sha256 {digest[:12]}…, "
            f"expected {model.sha256[0][:12]}…): install FormCheck again"
        )
    return digest


@lru_cache(maxsize=16)
def _sha256(file: Path, _size: int, _mtime_ns: int) -> str:
    """Checksum of a file, computed once for each state of it."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
