"""The commands: thin, each imports what it needs only when it runs, so that ``--help`` is quick.

Exit codes: 0 done, 1 something else is wrong, 2 usage, 3 unreadable clip, 4 nobody in the clip,
130 interrupted. An error is one line on stderr.
"""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formcheck import __version__, cli_batch, cli_history, standins
from formcheck.cli_options import (
    BlurFaceOption,
    ExerciseOption,
    HeightOption,
    JsonOption,
    LiveModelName,
    LiveModelOption,
    MaxFpsOption,
    ModelName,
    ModelOption,
    NoVideoOption,
    PersonOption,
    ProfileOption,
    exercise_names,
    named_exercise,
    output_folder,
    profile_of,
    settings_of,
)
from formcheck.clipfile import checked
from formcheck.errors import FormCheckError, UsageError, reason_of

if TYPE_CHECKING:
    from formcheck.job import Done

INTERRUPTED = 130
FAILED = 1

app = typer.Typer(
    name="formcheck",
    help="Check the form of squats, deadlifts, lunges and hip thrusts in a clip, on this machine.",
    epilog="Exit codes: 0 done, 1 other trouble, 2 usage, 3 unreadable clip, 4 nobody in it, "
    "130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(cli_history.app, name="history")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"formcheck {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    del version


@app.command()
def analyze(
    clip: Annotated[Path, typer.Argument(metavar="CLIP", readable=False, help="The video file.")],
    exercise: ExerciseOption = "auto",
    model: ModelOption = ModelName.AUTO,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the results go. Default: formcheck-out/<clip>."),
    ] = None,
    no_video: NoVideoOption = False,
    blur_face: BlurFaceOption = False,
    as_json: JsonOption = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Threads for the pose. Default: by the CPUs."),
    ] = None,
    height_cm: HeightOption = None,
    max_fps: MaxFpsOption = 30.0,
    profile: ProfileOption = None,
    person: PersonOption = None,
    no_history: cli_history.NoHistory = False,
    athlete: cli_history.Athlete = None,
    load_kg: cli_history.LoadKg = None,
    notes: cli_history.Notes = None,
    tag: cli_history.Tags = None,
    date: cli_history.Date = None,
    keep_video: cli_history.KeepVideo = False,
    export: cli_history.Exports = None,
) -> None:
    """Analyse a clip: repetitions, verdicts, scores, and a report with its evidence."""
    folder = Path("formcheck-out") / clip.stem if out is None else out
    checked(clip)  # before anything heavy is loaded
    details = cli_history.details_of(athlete, load_kg, notes, tag, date)
    limits = profile_of(profile)
    with output_folder(folder):
        from formcheck import job, terminal

        settings = settings_of(
            exercise, model, no_video, height_cm, max_fps, limits, person, blur_face, export or ()
        )
        recall = cli_history.recalled if export and not no_history else None
        with terminal.progress_bar() as progress:
            done = job.run(
                clip,
                folder,
                settings,
                workers=workers,
                details=details,
                recall=recall,
                progress=progress,
            )
    kept = None if no_history else cli_history.keep(done, clip, details, settings, keep_video)
    if as_json:
        sys.stdout.write((folder / "report.json").read_text(encoding="utf-8"))
    else:
        _show(done, kept)


def _show(done: Done, kept: int | None) -> None:
    """What was found, in short; ``kept`` is the set's number in the history."""
    from formcheck import terminal
    from formcheck.exercises import titles

    terminal.print_summary(terminal.console(), done.analysis, done.files, titles(), kept)


app.command()(cli_batch.batch)


@app.command()
def live(
    camera: Annotated[
        str, typer.Option(metavar="0|URL|FILE", help="A camera's number, a stream, or a file.")
    ] = "0",
    exercise: ExerciseOption = "auto",
    model: LiveModelOption = LiveModelName.LITE,
    profile: ProfileOption = None,
) -> None:
    """Watch a camera: repetitions and cues in the terminal. Ctrl-C ends the set.

    A set may last half an hour.
    """
    from formcheck import coach, terminal
    from formcheck.exercises import titles

    told = coach.watch(camera, exercise, model.value, profile_of(profile))
    terminal.print_live(terminal.console(), told, titles())


@app.command()
def rules(
    exercise: Annotated[
        str | None,
        typer.Argument(
            callback=lambda value: value and named_exercise(value),
            metavar="[EXERCISE]",
            help=f"One of {', '.join(exercise_names())}; all when left out.",
            show_default=False,
        ),
    ] = None,
    profile: ProfileOption = None,
) -> None:
    """Show every rule: its limit, the views it works in, and the source."""
    from formcheck import profiles, terminal
    from formcheck.exercises import EXERCISES

    limits = profile_of(profile)
    chosen = {
        name: (known.title, profiles.apply(limits, known).rules)
        for name, known in EXERCISES.items()
        if exercise in (None, name)
    }
    terminal.print_rules(terminal.console(), chosen, limits)


@app.command()
def doctor() -> None:
    """Look for what is missing on this machine, and say how to get it."""
    from formcheck import doctor as examination
    from formcheck import terminal

    findings = examination.examine()
    terminal.print_findings(terminal.console(), findings)
    if not examination.usable(findings):
        raise typer.Exit(FAILED)


@app.command(name="app")
def page(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
) -> None:
    """Open the page in a browser; it is served by this machine and only to it."""
    from formcheck.ui import launch

    raise typer.Exit(launch.serve(host, port))


def _one_line(error: OSError) -> str:
    reason = reason_of(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def _complain(message: str, code: int) -> int:
    if message.strip():  # a command alone has shown its help: there is no more to say
        print(f"formcheck: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201
    return code


def _plainly(error: typer.TyperException) -> str:
    """What is wrong with an option, without the words that the checker of types has for it."""
    from pydantic import ValidationError

    found = error.__cause__.errors()[0] if isinstance(error.__cause__, ValidationError) else None
    # "nan" is a number to the checker, and then told to be too small.
    if found and (found["type"] == "float_parsing" or str(found["input"]).lower() == "nan"):
        error.message = f"{found['input']!r} is not a number"
    return error.format_message().replace("Value error, ", "", 1)


@contextmanager
def _ends_interrupt() -> Iterator[None]:
    """Make a request to end (SIGTERM, SIGHUP) an interruption: unfinished files are cleared then.

    A signal that the caller has chosen to ignore, as ``nohup`` does, stays ignored.
    """
    ends = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    mine = threading.current_thread() is threading.main_thread()
    taken = [end for end in ends if mine and signal.getsignal(end) is signal.SIG_DFL]
    for end in taken:
        signal.signal(end, signal.default_int_handler)
    try:
        yield
    finally:
        for end in taken:
            signal.signal(end, signal.SIG_DFL)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; whatever goes wrong becomes one line on stderr."""
    # Its remarks on font caches and home folders are no help to somebody with a clip.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    # All matrices here are small, and the threads of each OpenBLAS that is loaded (there are three)
    # begin by waiting at full speed: 0.4 s of a core in all.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    standins.register()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=standins.NAME)
    try:
        with _ends_interrupt():
            code = app(args=argv, prog_name="formcheck", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        return _complain(_plainly(error), error.exit_code)
    except FormCheckError as error:
        return _complain(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader has seen enough (``formcheck rules | head``): end quietly.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        return _complain(_one_line(error), UsageError.exit_code)
    if code == INTERRUPTED:  # what typer makes of Ctrl+C
        return _complain("interrupted", INTERRUPTED)
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main())
