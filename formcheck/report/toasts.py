"""Verdicts that are announced in a picture, beside the lifter."""

from __future__ import annotations

from dataclasses import dataclass

from formcheck.report.raster import PALE, Colour, Panel, Span, blend, panel, text_size
from formcheck.report.words import MARKS
from formcheck.types import ImageArray, Verdict

# Okabe and Ito's colours: told apart with every common kind of colour blindness.
VERDICT_COLOURS: dict[Verdict, Colour] = {
    Verdict.PASS: (0, 158, 115),
    Verdict.BORDERLINE: (230, 159, 0),
    Verdict.FAIL: (213, 94, 0),
    Verdict.CANNOT_TELL: (122, 130, 140),
}


@dataclass(frozen=True, slots=True)
class Toast:
    """A verdict to announce: its check's title and the measured value in a few words."""

    verdict: Verdict
    title: str
    detail: str = ""


def draw_toasts(
    canvas: ImageArray,
    toasts: tuple[Toast, ...],
    unit: float,
    top: int,
    lifter: tuple[float, float] | None,
) -> None:
    """Stack verdicts at the lower left, the first one lowest.

    In a wide picture they keep to the side of the ``lifter`` where they fit, if there is one. In an
    upright picture they would lie over the lifter's knees: there they keep to its lowest eighth,
    and go on below ``top`` down to a quarter of its height.
    """
    size = text_size(unit)
    upright = canvas.shape[0] > canvas.shape[1]
    room, right = (None, False) if upright else _room(canvas, toasts, size, lifter)
    shares = (1.0, 0.8, 0.65) if upright else (1.0,)
    tried = (_stacked(canvas, toasts, max(round(s * size), 9), top, room) for s in shares)
    for made, left, row in max(tried, key=len):  # the largest letters with which the most fit
        blend(canvas, made, canvas.shape[1] - left - made.size[0] if right else left, row)


def _room(
    canvas: ImageArray, toasts: tuple[Toast, ...], size: int, lifter: tuple[float, float] | None
) -> tuple[int | None, bool]:
    """The pixels beside the lifter that the panels may take, and whether these are on the right.

    None where they fit on neither side, be it in two lines: there they go over the lifter.
    """
    if lifter is None:
        return None, False
    width, margins = canvas.shape[1], 2 * round(0.8 * size)
    needed = max((_in_two_lines(toast, size).size[0] for toast in toasts), default=0)
    for share, right in ((lifter[0], False), (1.0 - lifter[1], True)):
        if share * width - margins >= needed:
            return int(share * width) - margins, right
    return None, False


def _stacked(
    canvas: ImageArray, toasts: tuple[Toast, ...], size: int, top: int, room: int | None
) -> list[tuple[Panel, int, int]]:
    """Where the panels go, from the side and from the top; those that fit."""
    margin, gap = round(0.8 * size), round(0.35 * size)
    height, width = canvas.shape[:2]
    bottom, highest = height - margin, height - height // 8 if height > width else -height
    row, places = top + gap, list[tuple[Panel, int, int]]()
    for toast in toasts:
        made = _toast_panel(toast, size, room or width - 2 * margin)
        tall = made.size[1]
        if bottom - tall >= highest:
            bottom -= tall
            places.append((made, margin, bottom))
            bottom -= gap
        elif row + tall <= height // 4:
            places.append((made, margin, row))
            row += tall + gap
    return places


def _toast_panel(toast: Toast, size: int, room: int) -> Panel:
    """One line when it fits into ``room`` pixels, otherwise two, otherwise smaller letters."""
    colour = VERDICT_COLOURS[toast.verdict]
    symbol = Span(MARKS[toast.verdict].symbol, chip=colour)
    detail = Span(toast.detail, PALE, 0.82)
    made = panel(((symbol, Span(toast.title), Span("  "), detail),), size, accent=colour)
    if made.size[0] > room and toast.detail:
        made = _in_two_lines(toast, size)
    if made.size[0] > room:
        made = _in_two_lines(toast, max(int(size * room / made.size[0]), 6))
    return made


def _in_two_lines(toast: Toast, size: int) -> Panel:
    colour = VERDICT_COLOURS[toast.verdict]
    symbol = Span(MARKS[toast.verdict].symbol, chip=colour)
    detail = Span(toast.detail, PALE, 0.82)
    return panel(((symbol, Span(toast.title)), (detail,)), size, accent=colour)
