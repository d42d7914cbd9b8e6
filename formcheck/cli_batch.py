"""The command for many clips."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from formcheck.cli_options import (
    BlurFaceOption,
    ExerciseOption,
    HeightOption,
    MaxFpsOption,
    ModelName,
    ModelOption,
    NoVideoOption,
    ProfileOption,
    output_folder,
    profile_of,
    settings_of,
)

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE",
        help="Folders, globs, clips, lists (.txt, one source a line); paths or fsspec URLs.",
    ),
]


def batch(
    sources: Sources,
    exercise: ExerciseOption = "auto",
    model: ModelOption = ModelName.AUTO,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the results and the summary go.")
    ] = Path("formcheck-out/batch"),
    no_video: NoVideoOption = False,
    blur_face: BlurFaceOption = False,
    height_cm: HeightOption = None,
    max_fps: MaxFpsOption = 30.0,
    profile: ProfileOption = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Clips at a time. Default: as many as CPUs."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Work on this Dask cluster, as tcp://host:8786."),
    ] = None,
) -> None:
    """Analyse many clips, each once: what is done is skipped, what fails is told at the end."""
    limits = profile_of(profile)
    from formcheck import batch as many
    from formcheck import terminal

    settings = settings_of(
        exercise, model, no_video, height_cm, max_fps, limits, blur_face=blur_face
    )
    with output_folder(out), terminal.progress_bar() as progress:

        def tell(done: int, total: int, _outcome: object) -> None:
            if progress:
                progress(f"{done} of {total} clips", done / total)

        def note(line: str) -> None:
            if progress:
                progress(line, 0.0)

        summary = many.run(
            sources, out, settings, workers=workers, scheduler=scheduler, tell=tell, note=note
        )
    terminal.print_batch(terminal.console(), terminal.console(stderr=True), summary)
