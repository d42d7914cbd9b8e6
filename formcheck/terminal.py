"""What the commands print: a compact summary, the rules, the doctor's findings, a progress bar.

On a terminal with colours and a bar; in a pipe plain text, one fact a line, nothing moving.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from formcheck.marks import PARTIAL, SYMBOLS, whole_score, without_options
from formcheck.types import Analysis, Check, PartialRep, ScoredRep, Verdict
from formcheck.uncertainty import usual_error_deg

if TYPE_CHECKING:
    from formcheck.batch import Summary
    from formcheck.coach import RepSeen
    from formcheck.doctor import Finding, Status
    from formcheck.pipeline import Evaluation
    from formcheck.profiles import Profile
    from formcheck.rules import Rule

STYLES: Mapping[Verdict, str] = {
    Verdict.PASS: "green",
    Verdict.BORDERLINE: "yellow",
    Verdict.FAIL: "red",
    Verdict.CANNOT_TELL: "dim",
}
LEVELS = {"good": "bold green", "fair": "bold yellow", "poor": "bold red", "none": ""}
"""How a score looks, by its band."""
MEANING = "✓ pass   ≈ borderline, too close to call   ✕ fail   ? cannot tell"
STATUS: Mapping[Status, tuple[str, str]] = {
    "ok": ("ok", "green"),
    "problem": ("problem", "bold red"),
    "info": ("info", "cyan"),
}

_PIPE_WIDTH = 10_000
"""Columns of a table in a pipe: none is ever folded."""

ProgressCallback = Callable[[str, float], None]


_CONTROLS = {
    code: "\N{REPLACEMENT CHARACTER}"
    for code in (*range(0x20), *range(0x7F, 0xA0))
    if chr(code) not in "\t\n"
}


class _Console(Console):
    """A console that sends no control characters of a text to the terminal.

    Names, notes and cues of clips and sets from elsewhere may hold any.
    """

    def print(self, *objects: object, **options: Any) -> None:  # noqa: ANN401
        """Print, with a stand-in for each of them."""
        super().print(*map(_harmless, objects), **options)


def _harmless(shown: object) -> object:
    if isinstance(shown, str):
        return shown.translate(_CONTROLS)
    if isinstance(shown, Text):
        shown = shown.copy()
        shown.plain = shown.plain.translate(_CONTROLS)
    return shown


def console(*, stderr: bool = False) -> Console:
    """A console that wraps on a terminal and leaves lines whole in a pipe.

    Text is printed as it is: cues of profiles, names and paths may look like Rich's markup.
    """
    made = _Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not made.is_terminal:
        made.soft_wrap = True
        made.width = _PIPE_WIDTH
    return made


@contextmanager
def progress_bar() -> Iterator[ProgressCallback | None]:
    """A bar on stderr when that is a terminal; nothing otherwise."""
    err = console(stderr=True)
    if not err.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as bar:
        task = bar.add_task("Starting", total=1.0)

        def show(stage: str, share: float) -> None:
            bar.update(task, description=stage, completed=share)

        yield show


def print_summary(
    out: Console,
    analysis: Analysis,
    files: Sequence[Path],
    titles: Mapping[str, str],
    kept: int | None = None,
) -> None:
    """The result of one clip. ``titles``: the name of each exercise and each check by its id.

    ``kept`` is the set's number in the history.
    """
    out.print(_headline(analysis, titles))
    out.print(_score_line(analysis))
    for number, rep in enumerate(analysis.reps, start=1):
        out.print(_rep_line(number, rep, analysis, titles))
    if analysis.reps:
        out.print(Text(f"  {MEANING}", style="dim"))
    section(out, "Try next", _try_next(analysis))
    section(out, "Not counted", (_partial_line(p, analysis) for p in analysis.partial_reps))
    section(out, "About the recording", (w.message for w in analysis.capture.warnings))
    if kept is not None:
        section(out, "History", [f"set {kept}: formcheck history show {kept}"])
    section(out, "Files", (str(path) for path in files))


def print_batch(out: Console, err: Console, summary: Summary) -> None:
    """How many clips were scored, and where the tables are; each clip that was not, on ``err``."""
    for row in summary.rows:
        if row.error:
            err.print(Text(f"formcheck: {row.error}"))
    out.print(Text(summary.in_words(), style="bold"))
    section(out, "Files", (str(path) for path in summary.files))


def print_live(
    out: Console, told: Iterable[RepSeen | Evaluation], titles: Mapping[str, str]
) -> None:
    """A set while it goes on: a line a repetition, with what to do about it, then the cues.

    ``titles``: as for :func:`print_summary`.
    """
    from formcheck.coach import RepSeen

    out.print(Text("Watching. Press Ctrl-C when the set is over.", style="dim"))
    counted: str | None = None
    for news in told:
        if isinstance(news, RepSeen):
            if counted and news.exercise and news.exercise != counted:
                out.print(f"  {titles.get(news.exercise, news.exercise)}: counted anew")
            counted = news.exercise or counted
            line = Text(f"  {news.number:>2}  ")
            line.append_text(_verdicts(news.rep.checks, titles))
            out.print(line)
            for check in news.rep.checks:
                if check.verdict is Verdict.FAIL:
                    out.print(Text(f"      {check.cue} ({_evidence(check)})"))
        else:
            name = news.exercise.id or "no exercise recognised"
            said = f"{repetitions(len(news.reps))} · {name.replace('_', ' ')}"
            out.print(Text(said, style="bold"))
            section(out, "Try next", (cue.text for cue in news.summary.cues))
            told_of = (without_options(w.message) for w in news.capture.warnings)
            section(out, "About the recording", told_of)


def _headline(analysis: Analysis, titles: Mapping[str, str]) -> Text:
    from formcheck.report import words

    found = analysis.exercise
    if found.id is None:
        what = "No exercise recognised"
    else:
        how = words.found_by(found)
        what = titles.get(found.id, found.id)
        if found.variant:
            what, how = found.variant.replace("_", " ").capitalize(), f"{what.lower()} {how}"
        what = f"{what} ({how})"
    line = Text(what, style="bold")
    line.append(f" · {words.view_name(analysis)} · {analysis.clip.name}", style="not bold dim")
    if analysis.profile:
        line.append(f" · profile {analysis.profile.name}", style="not bold dim")
    return line


def _score_line(analysis: Analysis) -> Text:
    count = len(analysis.reps)
    if not count:
        known = "" if analysis.exercise.id else "; --exercise tells which movement to look for"
        return Text(f"No repetition found{known}")
    reps = repetitions(count)
    score = analysis.summary.score
    if math.isnan(score):
        return Text(f"{reps}, no score: {_why_no_score(analysis)}")
    from formcheck.report import words

    said = f" {words.out_of(analysis.summary.score, analysis.summary.verdict_counts)} · {reps}"
    style = LEVELS[words.set_level(analysis.summary)]
    return Text.assemble("Score ", (f"{whole_score(score)}", style), said)


def _try_next(analysis: Analysis) -> list[str]:
    """What to try or, where a set was scored, why there is nothing."""
    cues = [cue.text for cue in analysis.summary.cues]
    scored = not math.isnan(analysis.summary.score)
    from formcheck.report import words

    return cues or ([words.no_cues(analysis)] if scored else [])


def _evidence(check: Check) -> str:
    """Value, error and limit: ``12° ± 7°, limit 0°``."""
    from formcheck.report import words

    value = words.with_error(check.value, check.margin, check.unit)
    return f"{value}, limit {words.limit_amount(check.limit, check.unit)}"


def _why_no_score(analysis: Analysis) -> str:
    if analysis.all_off:
        return "the profile turns all checks off"
    if analysis.summary.verdict_counts[Verdict.BORDERLINE]:
        return "all that could be measured is too close to call"
    return "nothing could be judged in this clip"


def _rep_line(
    number: int, scored: ScoredRep, analysis: Analysis, titles: Mapping[str, str]
) -> Text:
    from formcheck.report import words

    rep = scored.rep
    times = analysis.track.time_s
    side = "" if rep.side == "both" else f" {rep.side:<5}"
    score = "  –" if math.isnan(scored.score) else f"{whole_score(scored.score):3}"
    span = f"{times[rep.start]:.1f}–{times[rep.end]:.1f}"
    line = Text(f"  {number:>2}  {span:>11} s{side}  ")
    line.append(score, style=LEVELS[words.rep_level(scored)])
    line.append_text(_verdicts(scored.checks, titles))
    return line


def _verdicts(checks: Sequence[Check], titles: Mapping[str, str]) -> Text:
    """What needs a look by its title, the rest as counts."""
    line = Text()
    for wanted in (Verdict.FAIL, Verdict.BORDERLINE):
        symbol, style = SYMBOLS[wanted], STYLES[wanted]
        for check in checks:
            if check.verdict is wanted:
                line.append(
                    f"  {symbol} {titles.get(check.id) or short_name(check.id)}", style=style
                )
    for counted in (Verdict.PASS, Verdict.CANNOT_TELL):
        symbol, style = SYMBOLS[counted], STYLES[counted]
        count = sum(check.verdict is counted for check in checks)
        if count:
            line.append(f"  {symbol} {count}", style=style)
    return line


def short_name(check_id: str) -> str:
    """``squat.heel_rise`` as "heel rise": for a check that no exercise here has."""
    return check_id.partition(".")[2].replace("_", " ")


def repetitions(count: int) -> str:
    """``1 repetition``, ``3 repetitions``."""
    return f"{count} repetition{'' if count == 1 else 's'}"


def _partial_line(partial: PartialRep, analysis: Analysis) -> str:
    times = analysis.track.time_s
    span = f"{times[partial.start]:.1f}–{times[partial.end]:.1f} s"
    return f"{span}: {PARTIAL[partial.reason]}"


def section(out: Console, title: str, lines: Iterable[str]) -> None:
    """A title and a line each below it; nothing when there are none."""
    found = list(lines)
    if not found:
        return
    out.print()
    out.print(Text(title, style="bold"))
    for line in found:
        out.print(Text(f"  {line}"))


def print_rules(
    out: Console,
    exercises: Mapping[str, tuple[str, Sequence[Rule]]],
    profile: Profile | None = None,
) -> None:
    """Every rule of the exercises given as ``{id: (title, rules)}``, with its source.

    ``profile``: what the rules have been changed by; its name and what is off are told first.
    """
    if profile:
        whose = f" · {profile.source}" if profile.source else ""
        out.print(Text(f"By the profile {profile.name}{whose}", style="bold"))
        off = (check for check in profile.off if check.partition(".")[0] in exercises)
        section(out, "Off", off)
        out.print()
    for position, (title, rules) in enumerate(exercises.values()):
        if position:
            out.print()
        out.print(Text(title, style="bold"))
        for rule in rules:
            _print_rule(out, rule)


def _print_rule(out: Console, rule: Rule) -> None:
    out.print(Text.assemble("  ", (rule.id, "cyan"), f"  {rule.title}"))
    limit = rule.limit.in_words(rule.unit)
    views = ", ".join(rule.views)
    out.print(Text(f"      {rule.in_words}: {limit} · seen from: {views}"))
    errors = {view: usual_error_deg(rule.angle, view) for view in rule.views}
    known = [f"{error:g}° ({view})" for view, error in errors.items() if math.isfinite(error)]
    out.print(
        Text(f"      error of the {rule.angle.replace('_', ' ')} in full sight: {', '.join(known)}")
    )
    source = f"      {rule.source.kind}: {rule.source.text}"
    out.print(Text(f"{source} {rule.source.url}".rstrip(), style="dim"))


def print_findings(out: Console, findings: Sequence[Finding]) -> None:
    """The doctor's table and, below it, how to fix each problem."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        word, style = STATUS[finding.status]
        table.add_row(Text(word, style=style), finding.title, finding.detail)
    out.print(table)
    section(out, "How to fix", (f"{f.title}: {f.fix}" for f in findings if f.fix))
    counts = Counter(finding.status for finding in findings)
    problems = counts["problem"]
    out.print()
    out.print("Ready to analyse clips." if not problems else f"{problems} to fix first.")
