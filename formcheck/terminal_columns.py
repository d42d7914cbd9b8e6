"""Columns that fit the terminal: no figure is cut, and no name goes on below itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

SHORTEST = 12
"""Down to so many characters names are shortened before a column is left out."""
_INDENT = 4


def print_columns(
    out: Console,
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    shorten: Sequence[str] = (),
    drop: Sequence[str] = (),
) -> None:
    """Print a line a row below the titles, each of which is there once.

    Where that is too wide, the columns ``shorten`` end in "…" (the last ones most), and then those
    of ``drop`` are left out one after the other. Where nothing helps, a row is its words, and goes
    on below between two of them.
    """
    lines = [titles, *rows]
    whole = {name: max(cell_len(line[at]) for line in lines) for at, name in enumerate(titles)}
    for gone in range(len(drop) + 1):
        left = {name: width for name, width in whole.items() if name not in drop[:gone]}
        widths, gap = _fitted(left, shorten, out.width)
        if _needed(widths, gap) <= out.width:
            for line in lines:
                style = "dim" if line is titles else ""
                cells = dict(zip(titles, line, strict=True))
                out.print(_line(cells, widths, gap, style), soft_wrap=True)
            return
    for line in lines:
        words = Text("  ".join(filter(None, line)), style="dim" if line is titles else "")
        for number, part in enumerate(words.wrap(out, out.width - _INDENT)):
            out.print(Text(" " * _INDENT if number else "").append_text(part))


def _fitted(
    whole: Mapping[str, int], shorten: Sequence[str], width: int
) -> tuple[Mapping[str, int], int]:
    """The columns' widths and the gap between them, as far as shortening makes them fit."""
    if _needed(whole, 2) <= width:
        return whole, 2
    least = {name: min(most, SHORTEST) if name in shorten else most for name, most in whole.items()}
    spare = width - _needed(least, 1)
    for name in (name for name in shorten if name in least):
        more = max(min(spare, whole[name] - least[name]), 0)
        least[name] += more
        spare -= more
    return least, 1


def _needed(widths: Mapping[str, int], gap: int) -> int:
    return sum(widths.values()) + gap * (len(widths) - 1)


def _line(cells: Mapping[str, str], widths: Mapping[str, int], gap: int, style: str) -> Text:
    line = Text(style=style)
    for name, width in widths.items():
        cell = Text(cells[name].replace("\n", " "))
        cell.truncate(width, overflow="ellipsis", pad=True)
        line.append_text(cell).append(" " * gap)
    line.rstrip()
    return line
