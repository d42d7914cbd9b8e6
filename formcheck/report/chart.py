"""The rep timeline as SVG: scores as bars, angles over time, limits where they apply.

Made with matplotlib's Figure objects; colours become CSS variables, so that the page's light and
dark themes reach into the chart.
"""

from __future__ import annotations

import io
import math
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from formcheck.exercises import meaning
from formcheck.marks import whole_score
from formcheck.report import words
from formcheck.types import SIDES, Analysis, Check, FloatArray, Leg, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Stand-ins that no one else would use, replaced by CSS variables in the finished SVG.
_INK, _MUTED, _GRID, _SPAN, _LIMIT = "#010203", "#040506", "#070809", "#0a0b0c", "#0d0e0f"
_FIRST, _SECOND = "#101112", "#131415"
_LEVELS = {"good": "#161718", "fair": "#191a1b", "poor": "#1c1d1e", "none": "#1f2021"}
_VARIABLES = {
    _INK: "--ink",
    _MUTED: "--muted",
    _GRID: "--grid",
    _SPAN: "--span",
    _LIMIT: "--poor",
    _FIRST: "--trace",
    _SECOND: "--trace2",
    **{colour: f"--{level}" for level, colour in _LEVELS.items()},
}


@dataclass(frozen=True, slots=True)
class Panel:
    """One angle over time: its name among the signals, and how to read it.

    ``to_scale``: False where the view shows the rhythm of a movement, but not how large it is.
    """

    angle: str
    title: str
    hint: str
    to_scale: bool = True


_PANELS = (
    Panel("hip_flexion", "Hip", "bent more ↑, 0° straight"),
    Panel("knee_flexion", "Knee", "bent more ↑, 0° straight"),
    Panel("thigh_inclination", "Thigh", "0° level, hip above knee ↑"),
    Panel("trunk_inclination", "Trunk", "0° upright, leaning forward ↑"),
    Panel("spine_flexion", "Back", "0° as when standing, rounder ↑"),
)
_RHYTHM = "its rhythm; how far, this view does not show"
_LIMITED: Mapping[str, tuple[tuple[str, ...], int]] = {
    "depth": (("thigh_inclination",), 1),
    "knee_dominant": (("thigh_inclination",), 1),
    "lockout": (("hip_flexion", "knee_flexion"), 1),
    "overarch": (("hip_flexion",), -1),
    "trunk_lean": (("trunk_inclination",), 1),
    "overextension": (("trunk_inclination",), -1),
    "back_rounding": (("spine_flexion",), 1),
}
"""On which trace a check's limit is a level, and whether the value grows with the trace."""
_LEAST_RANGE_DEG = 40.0
"""What an angle's axis spans at least, so that noise does not look like movement."""
_DENSE_SHARE = 0.25
"""Angles measured in fewer frames than this share are shown as points."""
_DIGIT, _BETWEEN_PT = 0.72, 2.5
"""How wide a bold digit is, as a share of the letters' size; what stays free between numbers."""
_LIMIT_REACH_S = 0.35
_LONGEST_SHIFT_DEG: Mapping[str, float] = {"knee_dominant": 3.0}
"""How far a value may be from its trace to be shown on it; for others, which may be less the own
stance, _ANY_SHIFT_DEG. A pull's start may be read from the trunk and shin instead of the thigh."""
_ANY_SHIFT_DEG = 20.0
_CLEAN = tuple(
    (re.compile(pattern, re.DOTALL), instead)
    for pattern, instead in (
        (r"<metadata>.*?</metadata>", ""),
        (r"<style.*?</style>", ""),
        (r' (?:xmlns(?::\w+)?|version)="[^"]*"', ""),
        (r"xlink:href", "href"),
        (r'(?<=<svg)([^>]*?) width="[^"]*"', r"\1"),
        (r'(?<=<svg)([^>]*?) height="[^"]*"', r"\1"),
        (r"font-family: [^;]*;", ""),
        (r"(?<=\d\.\d\d)\d+", ""),
    )
)
"""What an inline SVG does not need: metadata, page-wide styles, name spaces, its own size."""
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of a chart in inches and of its letters in points."""

    width: float
    panel_height: float
    letters: float


WIDE = Shape(10.4, 1.45, 9.5)
NARROW = Shape(4.9, 1.3, 10.0)


def timeline_svg(analysis: Analysis, shape: Shape) -> str:
    """Draw the timeline; an ``<svg>`` element to be put into a page that sets the variables."""
    # A quarter of a second to import: pose need not wait for it.
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    shown = panels(analysis)
    heights = [0.62, *[1.0] * len(shown)] if analysis.reps else [1.0] * len(shown)
    figure = Figure(figsize=(shape.width, shape.panel_height * sum(heights) + 0.5))
    FigureCanvasSVG(figure)
    rows = _rows(figure, heights, shape)
    last = rows[-1]
    for row in rows:
        _style(row, shape)
    if analysis.reps:
        _draw_scores(rows.pop(0), analysis, shape)
    for row, panel in zip(rows, shown, strict=True):
        _draw_angle(row, analysis, panel.angle, shape)
        if panel.to_scale:
            row.yaxis.set_major_formatter("{x:.0f}°")
        else:
            row.yaxis.set_major_formatter("")
        title = f"{panel.title} · {panel.hint}"
        row.set_title(title, loc="left", y=1.0, fontsize=shape.letters, color=_INK, pad=4)
        _draw_limits(row, analysis, panel.angle)
    last.set_xlabel("time (s)", fontsize=shape.letters, color=_MUTED)
    end = float(analysis.signals.time_s[-1]) if len(analysis.signals.time_s) else 1.0
    last.set_xlim(0.0, max(end, 0.1))
    return _svg(figure, f"c{round(shape.width * 10)}-")


def timeline_words(analysis: Analysis) -> str:
    """Say what the chart shows, for those who cannot see it."""
    if not analysis.reps:
        return "Angles over time; no repetition was found."
    times = analysis.track.time_s
    parts = []
    for number, scored in enumerate(analysis.reps, start=1):
        score = "no score" if math.isnan(scored.score) else f"score {whole_score(scored.score)}"
        span = f"{times[scored.rep.start]:.1f} to {times[scored.rep.end]:.1f} seconds"
        parts.append(f"rep {number} from {span}, {score}")
    return "Angles over time with the repetitions marked: " + "; ".join(parts) + "."


def panels(analysis: Analysis) -> list[Panel]:
    """The angles that are worth showing of this set."""
    shown = (panel for panel in _PANELS if _worth_showing(analysis, panel.angle))
    if analysis.capture.view not in ("front", "back") and not words.view_unsure(analysis):
        return list(shown)
    return [replace(panel, hint=_RHYTHM, to_scale=False) for panel in shown]


def _worth_showing(analysis: Analysis, angle: str) -> bool:
    lines = traces(analysis, angle)
    if not any(np.isfinite(values).any() for _, values in lines):
        return False
    judged = {meaning(c.id).rpartition(".")[2] for r in analysis.reps for c in r.checks}
    return angle != "thigh_inclination" or bool(judged & {"depth", "knee_dominant"})


def traces(analysis: Analysis, angle: str) -> list[tuple[str, FloatArray]]:
    """Traces of an angle by label: what the verdicts are read from.

    The mean of both legs where both do the same, the one that works, or each where they take turns.
    """
    values = analysis.signals.values
    if f"{angle}_deg" in values:
        return [("", values[f"{angle}_deg"])]
    working = {r.rep.side for r in analysis.reps}
    alternating = len(working - {"both"}) > 1
    sides: Sequence[Leg] = SIDES if alternating else tuple(working - {"both"})
    if not sides:
        sides = ("both",) if working else (analysis.capture.near_side,)
    return [
        (side if alternating else "", values[f"{angle}_{side}_deg"])
        for side in sides
        if f"{angle}_{side}_deg" in values
    ]


def _rows(figure: Figure, heights: Sequence[float], shape: Shape) -> list[Axes]:
    """Axes above each other, with room for their titles, numbers and ticks.

    Placed by the size of the letters: matplotlib's own layout draws the whole chart twice more.
    """
    width, height = figure.get_size_inches()
    line = 1.25 * shape.letters / 72
    title, foot, numbers = 1.6 * line, 2.5 * line, 1.0 * line if heights[0] < 1 else 0.0
    left, right = 2.9 * line / width, 1 - 0.5 * line / width
    share = (height - foot - numbers - title * len(heights)) / sum(heights)
    top = height
    rows: list[Axes] = []
    for part in heights:
        top -= title + part * share
        box = (left, top / height, right - left, part * share / height)
        rows.append(figure.add_axes(box, sharex=rows[0] if rows else None))
        top -= numbers if len(rows) == 1 else 0.0
    for row in rows[:-1]:
        row.xaxis.set_visible(False)
    return rows


def _style(row: Axes, shape: Shape) -> None:
    row.set_facecolor("none")
    row.grid(axis="y", color=_GRID, linewidth=0.7)
    row.set_axisbelow(True)
    for name, spine in row.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(_GRID)
    row.tick_params(colors=_MUTED, labelsize=shape.letters - 1, length=0)
    row.margins(y=0.12)
    row.locator_params(axis="y", nbins=4)


def _spans(analysis: Analysis) -> list[tuple[float, float]]:
    times = analysis.track.time_s
    return [(float(times[r.rep.start]), float(times[r.rep.end])) for r in analysis.reps]


def _apart(middles_pt: Sequence[float], widths_pt: Sequence[float]) -> list[bool]:
    """Which of some words in a line can stand there without touching those before them."""
    free_from, shown = -math.inf, []
    for middle, width in zip(middles_pt, widths_pt, strict=True):
        shown.append(middle - width / 2 >= free_from)
        free_from = middle + width / 2 + _BETWEEN_PT if shown[-1] else free_from
    return shown


def _draw_scores(row: Axes, analysis: Analysis, shape: Shape) -> None:
    """A bar a repetition with its score and number; in long sets, those that there is room for."""
    spans = _spans(analysis)
    scores = ["–" if math.isnan(r.score) else f"{whole_score(r.score)}" for r in analysis.reps]
    numbers = [str(number) for number in range(1, len(spans) + 1)]
    end_s = max(float(analysis.signals.time_s[-1]), 0.1)
    pt_per_s = 72 * shape.width * row.get_position().width / end_s
    middles_pt = [pt_per_s * (start + end) / 2 for start, end in spans]
    digit_pt = _DIGIT * shape.letters
    with_score = _apart(middles_pt, [digit_pt * len(score) for score in scores])
    with_number = _apart(middles_pt, [digit_pt * len(number) for number in numbers])
    for k, ((start, end), scored) in enumerate(zip(spans, analysis.reps, strict=True)):
        level = words.rep_level(scored)
        height = 100.0 if math.isnan(scored.score) else max(scored.score, 6.0)
        fill = None if level == "none" else _LEVELS[level]
        row.bar(
            start, height, end - start, align="edge", color=fill or "none",
            edgecolor=_LEVELS[level], linewidth=1.2, linestyle="-" if fill else ":",
        )  # fmt: skip
        row.text(
            (start + end) / 2, 106, scores[k] if with_score[k] else "", ha="center", va="bottom",
            fontsize=shape.letters, color=_INK, fontweight="bold",
        )  # fmt: skip
        row.annotate(
            numbers[k] if with_number[k] else "", ((start + end) / 2, 0), xytext=(0, -3),
            textcoords="offset points", ha="center", va="top", fontsize=shape.letters - 1,
            color=_MUTED,
        )  # fmt: skip
    row.set_ylim(0, 145)
    row.set_yticks([0, 50, 100])
    row.set_title(
        "Score by rep number", loc="left", y=1.0, fontsize=shape.letters, color=_INK, pad=4
    )


def _draw_angle(row: Axes, analysis: Analysis, angle: str, shape: Shape) -> None:
    for start, end in _spans(analysis):
        row.axvspan(start, end, color=_SPAN, linewidth=0)
    lines = traces(analysis, angle)
    styles: Sequence[tuple[str, str]] = ((_FIRST, "-"), (_SECOND, "--"))
    for (label, values), (colour, dash) in zip(lines, styles, strict=False):
        sparse = np.isfinite(values).mean() < _DENSE_SHARE
        row.plot(
            analysis.signals.time_s, values, color=colour, linewidth=1.6, label=label or None,
            marker="." if sparse else "", linestyle="" if sparse else dash,
        )  # fmt: skip
    if len(lines) > 1:
        row.legend(
            loc="lower right", bbox_to_anchor=(1.0, 1.0), frameon=False, ncols=2,
            fontsize=shape.letters - 1, labelcolor=_MUTED, borderaxespad=0.1, handlelength=1.6,
        )  # fmt: skip


def _draw_limits(row: Axes, analysis: Analysis, angle: str) -> None:
    """A dashed level around each moment of judgement, at the height of the limit there.

    Some limits are against the person's own stance: the level is found from the trace, the value
    and the limit at that frame, so it is right for those too.
    """
    bottom, top = row.get_ylim()
    spare = max(_LEAST_RANGE_DEG - (top - bottom), 0.0) / 2
    bottom, top = bottom - spare, top + spare
    for scored in analysis.reps:
        for check in scored.checks:
            level = limit_level(analysis, check, angle)
            if level is None:
                continue
            at_s = float(analysis.track.time_s[check.at])
            lines = row.plot(
                [at_s - _LIMIT_REACH_S, at_s + _LIMIT_REACH_S], [level, level],
                color=_LIMIT, linestyle=(0, (2.5, 1.4)), linewidth=1.6,
            )  # fmt: skip
            lines[0].set_gid(f"limit-{check.id}-{check.at}")
            bottom, top = min(bottom, level - 5), max(top, level + 5)
    row.set_ylim(bottom, top)


def limit_level(analysis: Analysis, check: Check, angle: str) -> float | None:
    """Where on this angle's trace the limit of a check lies; None when not on this one."""
    name = meaning(check.id).rpartition(".")[2]
    angles, sign = _LIMITED.get(name, ((), 1))
    longest = _LONGEST_SHIFT_DEG.get(name, _ANY_SHIFT_DEG)
    if angle not in angles or check.verdict is Verdict.CANNOT_TELL:
        return None
    shifts = [
        (abs(shift), candidate, shift)
        for candidate in angles
        for _, values in traces(analysis, candidate)
        if abs(shift := sign * float(values[check.at]) - check.value) <= longest
    ]
    if not shifts:
        return None
    _, nearest, shift = min(shifts)
    return sign * (check.limit + shift) if nearest == angle else None


def has_limits(analysis: Analysis) -> bool:
    """Whether the chart shows the level of any limit."""
    return any(
        limit_level(analysis, check, panel.angle) is not None
        for panel in _PANELS
        for scored in analysis.reps
        for check in scored.checks
    )


def _svg(figure: Figure, prefix: str) -> str:
    """Text stays text, sizes are left to the page, colours become variables."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with _LOCK, mpl.rc_context({"svg.fonttype": "none", "font.family": ["sans-serif"]}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    for pattern, instead in _CLEAN:
        text = pattern.sub(instead, text)
    text = re.sub(r'((?:\bid=|href=)"#?|url\(#)', rf"\1{prefix}", text)
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    return text.strip()
