"""PDF: one A4 page for a file: who, what, verdicts with errors, key frames, what to try next."""

from __future__ import annotations

import base64
import io
import textwrap
import threading
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from PIL import Image

from formcheck import __version__, progress
from formcheck.exercises import EXERCISES, Exercise
from formcheck.exports.source import Source
from formcheck.marks import whole_score
from formcheck.progress import Typical
from formcheck.report import chart, profile, words
from formcheck.report.files import replacing
from formcheck.report.info import info_of
from formcheck.report.keyframes import KeyFrame, Position
from formcheck.store import moment_in_words
from formcheck.types import FloatArray, ScoredRep, Verdict

A4_IN = (8.27, 11.69)
INK, MUTED, RULE = "#1a1a1a", "#5a5a5a", "#c8c8c8"
COLOURS = {
    Verdict.PASS: "#1b7f3b",
    Verdict.BORDERLINE: "#9a6700",
    Verdict.FAIL: "#b42318",
    Verdict.CANNOT_TELL: MUTED,
}
MOST_REPS = 12
"""Columns of verdicts that fit; the repetitions after that are named in a line."""
MOST_PICTURES = 5
MOST_HEIGHT = 0.19
"""What key frames take of the page's height at most; wide ones, as of who lies, take less."""
MOST_CUES = 4
MOST_NAME = 90
"""Characters of a clip's name, which leave room for the view and the model beside it."""
NOTES_LINES = 3
PROFILE_LINES = 4
RECORDING_LINES = 6
MOST_SOURCE_LINES = 6
_LINE_CHARS = 108
"""Characters of the usual size that fit into a line."""
_LEADING = 1.45
_FOOT = 0.06
_LEFT, _RIGHT = 0.07, 0.93
_LOCK = threading.Lock()


def write(source: Source, path: Path) -> None:
    """Write the page."""
    figure = Figure(figsize=A4_IN)
    FigureCanvasPdf(figure)
    top = _heading(figure, source)
    top = _next(figure, source, top)
    top = _verdicts(figure, source, top)
    top = _pictures(figure, source, top)
    top = _angles(figure, source, top)
    top = _recording(figure, source, top)
    _sources(figure, source, top)
    _foot(figure, source)
    # Text stays text: it can be searched and copied. The settings are matplotlib's, of all threads.
    page = io.BytesIO()  # not the file: of a full disk matplotlib makes an error of its own
    with (
        _LOCK,
        mpl.rc_context({"pdf.fonttype": 42, "font.family": ["DejaVu Sans"]}),
        warnings.catch_warnings(),
    ):
        # A name in a script that the font lacks is shown as boxes; the page is still made.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        figure.savefig(page, format="pdf", metadata={"Title": _title(source), "Creator": _made()})
    with replacing(path) as part:
        part.write_bytes(page.getvalue())


def _made() -> str:
    return f"FormCheck {__version__}"


def _title(source: Source) -> str:
    return f"{words.exercise_title(source.report.exercise.id)}: {source.report.clip.name}"


def _write(
    figure: Figure,
    place: tuple[float, float],
    text: str,
    size: float = 8.5,
    colour: str = INK,
    bold: bool = False,
) -> None:
    # What users write may hold a dollar sign, which is no formula.
    weight = "bold" if bold else "normal"
    figure.text(*place, text, fontsize=size, color=colour, weight=weight, va="top",
                parse_math=False)  # fmt: skip


def _lines(
    figure: Figure, top: float, lines: Sequence[str], size: float = 8.5, colour: str = INK
) -> float:
    """Write lines below each other; gives where the next one goes."""
    for line in lines:
        _write(figure, (_LEFT, top), line, size, colour)
        top -= size * _LEADING / 72 / A4_IN[1]
    return top


def _section(figure: Figure, top: float, title: str) -> float:
    _write(figure, (_LEFT, top), title, 9.5, bold=True)
    return top - 0.019


def _heading(figure: Figure, source: Source) -> float:
    report, said = source.report, source.details
    title = words.exercise_title(report.exercise.id, report.exercise.variant)
    _write(figure, (_LEFT, 0.965), title, 17, bold=True)
    _score(figure, report.set_.score, report.set_.verdict_counts)
    reps = len(report.reps)
    who = [said.athlete] if said.athlete else []
    who += [moment_in_words(said.performed_at)] if said.performed_at else []
    who += [f"{said.load_kg:g} kg"] if said.load_kg is not None else []
    who += [f"{reps} repetition{'' if reps == 1 else 's'}"]
    who += ["corrected by hand"] if report.reps_source == "corrected" else []
    name = _middle_left_out(report.clip.name, MOST_NAME)
    clip = f"{name} · {words.view(source.analysis)} · pose model {report.pose.model}"
    top = _lines(figure, 0.934, [" · ".join(who)], 10)
    top = _lines(figure, top, _wrapped(clip, 2), 8, MUTED)
    notes = [f"Tags: {', '.join(said.tags)}"] if said.tags else []
    notes += _wrapped(said.notes or "", NOTES_LINES)
    top = _lines(figure, top, notes)
    return _lines(figure, top, _profile(source), 8) - 0.012


def _score(figure: Figure, score: float | None, counts: Mapping[Any, int]) -> None:
    """The score and, below it, on how few checks it rests where these are less than half."""
    out_of, _, few = words.out_of(score, counts).partition(", ")
    text = out_of if score is None else f"{whole_score(score)} {out_of}"
    for y, line, size, weight in ((0.965, text, 17, "bold"), (0.941, few, 8.5, "normal")):
        figure.text(_RIGHT, y, line, fontsize=size, weight=weight, va="top", ha="right", color=INK)


def _profile(source: Source) -> list[str]:
    """Whose limits the set was judged by, and what these change."""
    said = profile.in_words(source.analysis.profile, source.rules)
    if said is None:
        return []
    lines = _wrapped(" · ".join(filter(None, (f"Profile “{said.name}”", said.source))), 2, size=8)
    changed = [*said.moved, *([f"Not judged: {', '.join(said.off)}"] if said.off else [])]
    return lines + _wrapped("; ".join(changed), PROFILE_LINES, size=8)


def _middle_left_out(name: str, most: int) -> str:
    """A name in no more than some characters: its beginning and its end."""
    return name if len(name) <= most else f"{name[: most - 24]}…{name[-23:]}"


def _wrapped(text: str, most: int, indent: str = "", size: float = 8.5) -> list[str]:
    """A text in no more than some lines of a size, the rest left out with an ellipsis."""
    return textwrap.wrap(
        " ".join(text.split()),
        round(_LINE_CHARS * 8.5 / size),
        max_lines=most,
        placeholder=" …",
        subsequent_indent=indent,
    )


def _verdicts(figure: Figure, source: Source, top: float) -> float:
    """A line a check: title, limit, typical value ± error, and a mark a repetition."""
    analysis = source.analysis
    shown = analysis.reps[:MOST_REPS]
    if not shown:
        return _lines(figure, top, ["No repetition was found, so nothing was judged."]) - 0.01
    top = _section(figure, top, "Verdicts")
    if not shown[0].checks:
        return _lines(figure, top, _wrapped(words.no_cues(analysis), 2)) - 0.01
    columns = [0.56 + 0.031 * k for k in range(len(shown))]
    for text, place in (("check", _LEFT), ("limit", 0.29), ("typical ± error", 0.41)):
        _write(figure, (place, top), text, 7.5, MUTED)
    for number, place in enumerate(columns, start=1):
        _write(figure, (place, top), str(number), 7.5, MUTED)
    typical = {value.name: value for value in progress.typical(source.report)}
    for k, check in enumerate(shown[0].checks):
        top -= 0.0165
        info = info_of(check.id, source.rules)
        _write(figure, (_LEFT, top), textwrap.shorten(info.title, 38, placeholder=" …"), 8)
        _write(figure, (0.29, top), words.limit(check, info), 8)
        _write(figure, (0.41, top), _in_words(typical.get(check.id)), 8)
        for rep, place in zip(shown, columns, strict=True):
            verdict = rep.checks[k].verdict
            mark = words.MARKS[verdict].symbol
            _write(figure, (place, top), mark, 9, COLOURS[verdict], bold=True)
    legend = "   ".join(f"{mark.symbol} {mark.word.lower()}" for mark in words.MARKS.values())
    more = len(analysis.reps) - len(shown)
    what = "repetition is" if more == 1 else "repetitions are"
    legend += f"      {more} more {what} in the report" if more else ""
    return _lines(figure, top - 0.02, [legend], 7.5, MUTED) - 0.01


def _in_words(typical: Typical | None) -> str:
    """The set's value as the history has it, too."""
    if typical is None:
        return "not measured"
    error = float("nan") if typical.error is None else typical.error
    return words.with_error(typical.value, error, typical.unit)


def _pictures(figure: Figure, source: Source, top: float) -> float:
    """The repetitions that scored least, where it shows."""
    chosen = _chosen(source)
    if not chosen:
        return top
    top = _section(figure, top, "Key frames")
    width = (_RIGHT - _LEFT) / MOST_PICTURES
    tallest = max(frame.height / frame.width for frame in chosen)
    height = min(width * 0.96 * tallest * A4_IN[0] / A4_IN[1], MOST_HEIGHT)
    for k, frame in enumerate(chosen):
        place = (_LEFT + k * width, top - height, width * 0.96, height)
        axes: Axes = figure.add_axes(place)
        with Image.open(io.BytesIO(base64.b64decode(frame.uri.partition(",")[2]))) as image:
            axes.imshow(np.asarray(image))
        axes.set_axis_off()
        axes.set_anchor("NW")
        caption = f"rep {frame.rep}, {frame.position}, {frame.time_s:.1f} s"
        _write(figure, (_LEFT + k * width, top - height - 0.003), caption, 7, MUTED)
    return top - height - 0.026


def _chosen(source: Source) -> list[KeyFrame]:
    """One picture each of the repetitions that scored least."""
    usual = _where_it_shows(EXERCISES.get(source.report.exercise.id or ""))
    pictured = [
        (scored, frames)
        for number, scored in enumerate(source.analysis.reps, start=1)
        if (frames := [frame for frame in source.key_frames if frame.rep == number])
    ]
    worst = sorted(pictured, key=lambda each: np.nan_to_num(each[0].score, nan=101))
    times = source.analysis.track.time_s
    telling = [_telling(scored, frames, usual, times) for scored, frames in worst[:MOST_PICTURES]]
    return sorted(telling, key=lambda frame: frame.rep)


def _telling(
    scored: ScoredRep, frames: Sequence[KeyFrame], usual: Position, time_s: FloatArray
) -> KeyFrame:
    """The picture of a repetition next to most of what failed; the usual one of several such."""
    failed_s = [time_s[check.at] for check in scored.checks if check.verdict is Verdict.FAIL]
    next_to = Counter(min(frames, key=lambda f: abs(f.time_s - at)).position for at in failed_s)
    return max(frames, key=lambda frame: (next_to[frame.position], frame.position == usual))


def _where_it_shows(exercise: Exercise | None) -> Position:
    """Where most faults show: at the turn, or where the back is looked at, which is low down."""
    return "top" if exercise and exercise.turn == "top" and not exercise.back_at else "bottom"


def _angles(figure: Figure, source: Source, top: float) -> float:
    """Hip and knee over time, the repetitions shaded; no degrees where the view shows none."""
    analysis = source.analysis
    panels = chart.panels(analysis)[:2]
    lines = [
        (f"{panel.title} {label}".strip(), values)
        for panel in panels
        for label, values in chart.traces(analysis, panel.angle)
    ]
    if not lines:
        return top
    to_scale = all(panel.to_scale for panel in panels)
    what = "degrees (0 = straight) by seconds" if to_scale else panels[0].hint
    top = _section(figure, top, f"Angles over time: {what}")
    axes: Axes = figure.add_axes((_LEFT + 0.03, top - 0.12, _RIGHT - _LEFT - 0.03, 0.12))
    times = analysis.track.time_s
    for scored in analysis.reps:
        axes.axvspan(times[scored.rep.start], times[scored.rep.end], color="#ececec", lw=0)
    for (title, values), style in zip(lines, ("-", "--", "-.", ":"), strict=False):
        axes.plot(times, values, style, lw=1, color=INK, label=title)
    axes.tick_params(labelsize=7, colors=MUTED, length=2)
    axes.tick_params(axis="y", labelleft=to_scale)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(RULE)
    axes.set_xlim(float(times[0]), float(max(times[-1], times[0] + 0.1)))
    # Above the axes: inside, traces run through it.
    axes.legend(fontsize=7, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0),
                borderaxespad=0.0, ncols=len(lines))  # fmt: skip
    return top - 0.15


def _next(figure: Figure, source: Source, top: float) -> float:
    """What to do about it, which a reader looks for first."""
    cues = [line for cue in source.report.set_.cues[:MOST_CUES]
            for line in _wrapped(f"• {cue.text}", 2, "   ")]  # fmt: skip
    if not cues and any(rep.checks for rep in source.report.reps):
        cues = _wrapped(words.no_cues(source.analysis), 2)
    if cues:
        top = _lines(figure, _section(figure, top, "Try next"), cues) - 0.008
    return top


def _recording(figure: Figure, source: Source, top: float) -> float:
    """What the recording limits, as far as there is room."""
    told = [w.message for w in source.report.capture.warnings]
    if told:
        lines = [line for message in told for line in _wrapped(f"• {message}", 2, "   ")]
        lines = lines[: min(RECORDING_LINES, _room(top, 8))]
        if lines:
            top = _lines(figure, _section(figure, top, "About the recording"), lines, 8) - 0.008
    return top


def _room(top: float, size: float) -> int:
    """How many lines fit between a section's title and the foot of the page."""
    return max(int((top - 0.019 - _FOOT) / (size * _LEADING / 72 / A4_IN[1])), 0)


def _sources(figure: Figure, source: Source, top: float) -> None:
    """What the rules rest on: in full where there is room, else how each begins or nothing."""
    if not source.analysis.reps:
        return
    infos = [info_of(check.id, source.rules) for check in source.analysis.reps[0].checks]
    texts = [f"{i.title}: {i.source_kind}. {i.source_text}" for i in infos if i.source_kind]
    for most in range(MOST_SOURCE_LINES, 1, -1):
        lines = [line for text in texts for line in _wrapped(text, most, "   ", 7)]
        if lines and len(lines) <= _room(top, 7):
            _lines(figure, _section(figure, top, "What the rules rest on"), lines, 7, MUTED)
            return


def _foot(figure: Figure, source: Source) -> None:
    text = (
        f"{_made()} · Values are from one camera and the pose model {source.report.pose.model}, ± "
        "their stated error. Borderline: within that error of the limit. This is no medical device "
        "and no diagnosis; it does not prevent injury and does not replace a coach."
    )
    _lines(figure, _FOOT - 0.01, _wrapped(text, 3, size=7), 7, MUTED)
