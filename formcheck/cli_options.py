"""Options that several commands have, and the folder that results go into."""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formcheck.errors import UsageError

if TYPE_CHECKING:
    from formcheck.job import Settings
    from formcheck.profiles import Profile


class ModelName(StrEnum):
    """The pose models, from quick to exact, and the choice between the last two of them."""

    AUTO = "auto"
    LITE = "lite"
    FULL = "full"
    HEAVY = "heavy"


class LiveModelName(StrEnum):
    """The pose models, from quick to exact."""

    LITE = "lite"
    FULL = "full"
    HEAVY = "heavy"


def exercise_names() -> tuple[str, ...]:
    """The exercises there are: one file each. Found by name, as importing them costs a second."""
    stems = (path.stem for path in Path(__file__).with_name("exercises").glob("*.py"))
    return tuple(sorted(stem for stem in stems if stem != "base" and not stem.startswith("_")))


def named_exercise(value: str, *besides: str) -> str:
    """The value, when it is an exercise, of a plug-in too, or one of ``besides``.

    Raises BadParameter with all that there are. Plug-ins are loaded only for a name that is none of
    ours: whether one works is not known before.
    """
    if value in {*besides, *exercise_names()}:
        return value
    from formcheck.exercises import EXERCISES

    if value not in EXERCISES:
        raise typer.BadParameter(f"{value!r} is none of {', '.join((*besides, *EXERCISES))}")
    return value


def known_exercise(value: str) -> str:
    """The value, when it is ``auto`` or an exercise; raises BadParameter."""
    return named_exercise(value, "auto")


def profile_of(file: Path | None) -> Profile | None:
    """The profile that was asked for; raises UsageError for what is wrong in it."""
    if file is None:
        return None
    from formcheck.profiles import load_profile

    return load_profile(file)


def settings_of(
    exercise: str,
    model: ModelName,
    no_video: bool,
    height_cm: float | None,
    max_fps: float,
    limits: Profile | None,
    person: str | None = None,
    blur_face: bool = False,
    exports: Sequence[str] = (),
) -> Settings:
    """How a clip is analysed, by what was typed; raises UsageError for a person that is none."""
    from formcheck.job import Settings
    from formcheck.subject import wish_of

    return Settings(
        exercise=exercise,
        model=model.value,
        max_fps=max_fps if math.isfinite(max_fps) else None,  # "inf" is all of them
        height_cm=height_cm,
        video=not no_video,
        profile=limits,
        person=None if person is None else wish_of(person),
        blur_face=blur_face,
        exports=tuple(exports),
    )


@contextmanager
def output_folder(folder: Path) -> Iterator[None]:
    """Make the folder, to find out now and not after the work that it cannot be written.

    Folders that were made for results that never came are taken away again. Raises UsageError when
    nothing can be written there.
    """
    made: list[Path] = []
    try:
        try:
            _make(folder, made)
        except FileNotFoundError:  # another run, which came to nothing, took one away meanwhile
            _make(folder, made)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise UsageError(f"cannot write into {folder}: permission denied")
        yield
    except BaseException:
        for part in reversed(made):
            _remove_empty(part)
        raise


def _make(folder: Path, made: list[Path]) -> None:
    """Make a folder and those that it is in; what was made, and not by another run, is added."""
    for part in [*reversed(folder.parents), folder]:
        if not part.is_dir():
            try:
                part.mkdir()
            except FileExistsError:
                if not part.is_dir():
                    raise
            else:
                made.append(part)


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
            raise


ExerciseOption = Annotated[
    str,
    typer.Option(
        callback=known_exercise,
        metavar="|".join(["auto", *exercise_names()]),
        help="What is being done; auto finds out.",
    ),
]
ModelOption = Annotated[
    ModelName,
    typer.Option(
        help="The pose model, from quick to exact; auto takes full, and heavy where that is unsure."
    ),
]
LiveModelOption = Annotated[
    LiveModelName, typer.Option(help="The pose model, from quick to exact.")
]
HeightOption = Annotated[
    float | None,
    typer.Option(min=50, max=260, metavar="H", help="The lifter's height, for lengths."),
]
MaxFpsOption = Annotated[
    float, typer.Option(min=5, metavar="F", help="Look at no more frames a second than this.")
]
NoVideoOption = Annotated[bool, typer.Option("--no-video", help="Leave out annotated.mp4.")]
ProfileOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Your own limits: a profile in TOML (docs/profiles.md)."),
]
BlurFaceOption = Annotated[
    bool, typer.Option("--blur-face", help="Hide the lifter's face in video and pictures.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print report.json and nothing else on stdout.")
]
PersonOption = Annotated[
    str | None,
    typer.Option(
        metavar="N|X,Y@T",
        help="Whom to score of several: the N-th from the left, or who is at X,Y (pixels) "
        "T seconds into the clip. Default: the one who lifts.",
    ),
]
