"""The commands of the history, and what ``analyze`` asks about the set that it keeps."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formcheck.errors import FormCheckError, UsageError

if TYPE_CHECKING:
    from formcheck.changes import Goal
    from formcheck.job import Done, Settings
    from formcheck.store import Details, History

_AS_DATES = "as 2026-05-06 or 2026-05-06T18:30"
DATE_FORMATS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")


def _moment(text: str) -> datetime:
    """A date as the user writes it, on this machine's clock; raises ValueError."""
    for known in DATE_FORMATS:
        with suppress(ValueError):
            return datetime.strptime(text, known)
    raise ValueError(f"{text!r} is no date such as 2026-05-06 or 2026-05-06T18:30")


NoHistory = Annotated[
    bool, typer.Option("--no-history", help="Do not keep the set in the history.")
]
Athlete = Annotated[
    str | None, typer.Option(metavar="NAME", help="Whose set it is. Of a new one, if not told: me.")
]
LoadKg = Annotated[float | None, typer.Option(min=0, metavar="KG", help="The load, kilograms.")]
Notes = Annotated[str | None, typer.Option(metavar="TEXT", help="Anything to remember.")]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag; may be given again.")
]
Date = Annotated[
    datetime | None,
    typer.Option(
        parser=_moment,
        metavar="DATE",
        help=f"When the set was done, {_AS_DATES}. If never told: when analysed.",
    ),
]
KeepVideo = Annotated[
    bool, typer.Option("--keep-video", help="Keep the clip itself in the history, too.")
]
Exercise = Annotated[str | None, typer.Option(metavar="NAME", help="Only this exercise.")]
Ids = Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers of sets, as listed.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def _known_formats(names: list[str] | None) -> list[str]:
    if names:
        from formcheck import exports

        exports.check(names)
    return names or []


Exports = Annotated[
    list[str] | None,
    typer.Option(
        "--export",
        callback=_known_formats,
        metavar="FORMAT",
        help="Write this format, too; may be given again. One of csv, pdf, srt, parquet, trc, mot, "
        "c3d; frames, json and html are written anyway.",
    ),
]

app = typer.Typer(
    help="The sets that were analysed: list, show, compare, export, delete them.",
    invoke_without_command=True,
    no_args_is_help=False,
)


def details_of(
    athlete: str | None,
    load_kg: float | None,
    notes: str | None,
    tags: list[str] | None,
    date: datetime | None,
) -> Details:
    """What the user says of a set; a date without a time zone is this machine's.

    Raises UsageError for what cannot be.
    """
    from formcheck.store import Details, said_moment

    return Details(
        athlete=athlete,
        load_kg=load_kg,
        notes=notes,
        tags=tuple(tags) if tags else None,
        performed_at=said_moment(date) if date else None,
    )


def recalled(clip_sha256: str, details: Details) -> Details:
    """What the history will say of a clip: what is said now, else what was said of it before.

    A history that cannot be read does not cost the analysis: :func:`keep` tells of it.
    """
    from formcheck import store

    wanted = store.Wanted(details.athlete or store.DEFAULT_ATHLETE, clip_sha256=clip_sha256)
    with suppress(FormCheckError), store.open_history() as history:
        for kept in history.sets(wanted):
            return details.over(kept.details)
    return details


def keep(
    done: Done, clip: Path, details: Details, settings: Settings, keep_video: bool
) -> int | None:
    """Keep a set; when that fails the analysis is still good, so it is but a line on stderr."""
    from formcheck import keeping, store

    new = keeping.new_set(
        done.analysis,
        done.key_frames,
        settings=settings.told(),
        details=details,
        video=clip if keep_video else None,
        analysed_at=done.analysed_at,
    )
    try:
        with store.open_history() as history:
            return history.add(new)
    except FormCheckError as error:
        sys.stderr.write(f"formcheck: the set was not kept in the history: {error}\n")
        return None


@app.callback()
def _default(context: typer.Context) -> None:
    """The sets that were analysed; without a command they are listed."""
    if context.invoked_subcommand is None:
        list_sets()


@app.command(name="list")
def list_sets(
    athlete: Annotated[str | None, typer.Option(metavar="NAME", help="Only theirs.")] = None,
    exercise: Exercise = None,
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="Only with this tag.")] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="No more than this many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the sets, the newest first."""
    from formcheck import store, terminal, terminal_history

    wanted = store.Wanted(athlete=athlete, exercise=exercise, tag=tag)
    with store.open_history() as history:
        kept = history.sets(wanted, limit=limit)
        total = history.count(wanted)
        if not history.count():
            wanted = store.ALL_SETS  # there is nothing yet for a filter to match
        few = terminal_history.on_few_checks(() if as_json else kept, history.report_json)
    if as_json:
        sys.stdout.write(terminal_history.sets_json(kept))
    else:
        terminal_history.print_sets(terminal.console(), kept, total, wanted, few)


@app.command()
def show(
    set_id: Annotated[int, typer.Argument(metavar="ID", help="The set's number.")],
    as_json: AsJson = False,
) -> None:
    """Show one set: what was found, and how it changed from its first to its last repetitions.

    With --json it is report.json as it was written.
    """
    from formcheck import keeping, progress, store, terminal, terminal_history
    from formcheck.exercises import titles

    with store.open_history() as history:
        if as_json:
            sys.stdout.write(history.report_json(set_id))
            return
        kept = history.get(set_id)
        report = keeping.kept_report(history, set_id)
    fatigue = progress.fatigue(report, progress.agreed(_goals(), [report]))
    terminal_history.print_set(terminal.console(), kept, report, fatigue, titles())


@app.command()
def compare(
    before: Annotated[int, typer.Argument(metavar="ID", help="A set.")],
    after: Annotated[int, typer.Argument(metavar="ID", help="A later set.")],
) -> None:
    """Compare two sets of an exercise, measure by measure."""
    from formcheck import keeping, manners, progress, store, terminal, terminal_history

    with store.open_history() as history:
        sets = [history.get(set_id) for set_id in (before, after)]
        reports = [keeping.kept_report(history, set_id) for set_id in (before, after)]
    if sets[0].exercise != sets[1].exercise or sets[0].exercise is None:
        raise UsageError(f"sets {before} and {after} are not of the same exercise")
    done: Counter[str] = Counter()
    goals = progress.agreed(_goals(), manners.noted(reports, done))
    changes = progress.compare(reports[0], reports[1], goals)
    unlike = manners.unlike(done)
    terminal_history.print_comparison(terminal.console(), sets[0], sets[1], changes, unlike)


@app.command()
def trend(
    exercise: Annotated[str, typer.Argument(metavar="EXERCISE", help="Such as squat.")],
    measure: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="One measure or check, set by set: squat.depth."),
    ] = None,
    athlete: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose sets; needed where several have some.")
    ] = None,
) -> None:
    """Show how an exercise changes from set to set; less than the error is no change."""
    from formcheck import keeping, manners, progress, store, terminal, terminal_history
    from formcheck.exercises import EXERCISES

    with store.open_history() as history:
        # Sets of a plug-in that is gone are still there.
        if exercise not in EXERCISES and not history.count(store.Wanted(exercise=exercise)):
            there_are = ", ".join(EXERCISES)
            raise UsageError(f"{exercise!r} is not an exercise; there are {there_are}")
        who = store.as_kept(athlete) if athlete else _only_athlete(history)
        values = history.values(exercise, athlete=who, name=measure)
        if not values:
            raise UsageError(_no_trend(history, exercise, measure, who))
        done: Counter[str] = Counter()
        reports = manners.noted(keeping.kept_reports(history, values), done)
        goals = progress.agreed(_goals(), reports)
    found = progress.trends(values, goals)
    terminal_history.print_trends(
        terminal.console(),
        found,
        one_by_one=measure is not None,
        unlike=manners.unlike(done),
    )


@app.command()
def edit(
    set_id: Annotated[int, typer.Argument(metavar="ID", help="The set's number.")],
    athlete: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose set it is, if not whose it was.")
    ] = None,
    load_kg: LoadKg = None,
    notes: Annotated[
        str | None, typer.Option(metavar="TEXT", help='Instead of the notes; "" for none.')
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="Instead of all tags; may be given again."),
    ] = None,
    date: Annotated[
        datetime | None,
        typer.Option(parser=_moment, metavar="DATE", help=f"When it was done, {_AS_DATES}."),
    ] = None,
    no_load: Annotated[bool, typer.Option("--no-load", help="Take back the load.")] = False,
    no_tags: Annotated[bool, typer.Option("--no-tags", help="Take back all tags.")] = False,
) -> None:
    """Change what was said of a set: athlete, load, notes, tags, date. The rest stays."""
    from formcheck import store

    if tag and no_tags:
        raise UsageError("say tags, or that there are none, not both")
    said = details_of(athlete, load_kg, notes, tag, date)
    details = replace(said, no_load=no_load, tags=() if no_tags else said.tags)
    if details == store.NOTHING_SAID:
        options = "--athlete, --load-kg, --no-load, --notes, --tag, --no-tags or --date"
        raise UsageError(f"say what to change: {options}")
    with store.open_history() as history:
        history.change(set_id, details)


@app.command()
def export(
    set_ids: Ids,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="set (to be imported again), video, csv, frames, json, html, pdf, srt, parquet, "
            "trc, mot, c3d; may be given again. Default: set.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write: DIR/set-ID/…")] = Path(
        "formcheck-out"
    ),
) -> None:
    """Export sets in the formats of other programs, or to be imported into another history."""
    from formcheck import historyfiles, store

    wanted = list(dict.fromkeys(formats or [historyfiles.SET]))
    numbers = list(dict.fromkeys(set_ids))
    with store.open_history() as history:
        historyfiles.check(history, numbers, wanted)
        for set_id in numbers:
            for path in historyfiles.export(history, set_id, wanted, out / f"set-{set_id}"):
                typer.echo(path)


@app.command(name="import")
def import_sets(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Exported sets, or report.json of an analysis."),
    ],
    athlete: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose sets they are. Default: as exported.")
    ] = None,
) -> None:
    """Import sets that were exported, or reports of earlier analyses."""
    from formcheck import historyfiles, store

    with store.open_history() as history:
        for file in files:
            taken = historyfiles.take_in(history, file, athlete)
            stays = f", as it was: {taken.stays}" if taken.stays else ""
            typer.echo(f"{file}: set {taken.set_id}{stays}")


@app.command()
def delete(
    set_ids: Annotated[
        list[int] | None, typer.Argument(metavar="[ID...]", help="Numbers of sets, as listed.")
    ] = None,
    athlete: Annotated[
        str | None, typer.Option(metavar="NAME", help="This athlete with all their sets.")
    ] = None,
) -> None:
    """Delete sets with all that belongs to them, for good."""
    from formcheck import store

    if bool(set_ids) == bool(athlete):
        raise UsageError("say which sets to delete: their numbers, or --athlete NAME")
    with store.open_history() as history:
        if set_ids:
            history.delete(list(dict.fromkeys(set_ids)))
        elif athlete:
            history.delete_athlete(athlete)


def _only_athlete(history: History) -> str:
    """The one athlete with sets; "me" when there are several. Raises UsageError without "me"."""
    from formcheck.store import DEFAULT_ATHLETE

    names = [known.name for known in history.athletes() if known.sets]
    if len(names) == 1:
        return names[0]
    if names and DEFAULT_ATHLETE not in names:
        raise UsageError(f"say whose sets: --athlete {' | '.join(names)}")
    return DEFAULT_ATHLETE


def _no_trend(history: History, exercise: str, measure: str | None, who: str) -> str:
    """Why there is no trend, and whose there are when it is only not this athlete's."""
    from formcheck.store import Wanted

    athletes = sorted({kept.athlete for kept in history.sets(Wanted(exercise=exercise))})
    if who in athletes and measure is None:
        return f"nothing was measured in the sets of {who} with {exercise}: they hold no repetition"
    names = sorted({value.name for value in history.values(exercise, athlete=who)})
    if names:
        return f"{measure!r} was not measured in {exercise}; there are {', '.join(names)}"
    what = exercise if measure is None else f"{measure} of {exercise}"
    said = f"there is no set of {who} with {what} in the history"
    if not athletes or who in athletes:
        return said
    return f"{said}; others have some: --athlete {' | '.join(athletes)}"


def _goals() -> dict[str, Goal]:
    """Which way is better, for each check."""
    from formcheck.exercises import EXERCISES

    return {rule.id: rule.better for known in EXERCISES.values() for rule in known.rules}
