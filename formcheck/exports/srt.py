"""SRT: the repetitions and their verdicts as subtitles, for any video player."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from formcheck.exports.source import Source
from formcheck.marks import SYMBOLS, whole_score
from formcheck.report.files import write_text
from formcheck.report.schema import Report, RepPart
from formcheck.types import Verdict

CUES_S = 6.0
"""How long the cues stay after the last repetition, seconds; the clip's end cuts them."""
_NAMED = (Verdict.FAIL, Verdict.BORDERLINE)


def write(source: Source, path: Path) -> None:
    """Write a subtitle a repetition, and the cues after the last one."""
    blocks = [
        f"{number}\n{_time(start)} --> {_time(end)}\n{text}\n"
        for number, (start, end, text) in enumerate(_subtitles(source.report, source), start=1)
    ]
    write_text(path, "\n".join(blocks))


def _subtitles(report: Report, source: Source) -> Iterator[tuple[float, float, str]]:
    starts = [*(rep.start_s for rep in report.reps), float("inf")]
    for rep, latest in zip(report.reps, starts[1:], strict=True):
        yield rep.start_s, max(min(rep.end_s, latest), rep.start_s + 0.001), _text(rep, source)
    if report.reps and report.set_.cues:
        start = report.reps[-1].end_s
        end = max(min(start + CUES_S, report.clip.duration_s), start + 1.0)
        yield start, end, "\n".join(cue.text for cue in report.set_.cues)


def _text(rep: RepPart, source: Source) -> str:
    score = "" if rep.score is None else f" · {whole_score(rep.score)} of 100"
    lines = [f"Rep {rep.index}{score}"]
    for verdict in _NAMED:
        for check in rep.checks:
            if check.verdict == verdict.value:
                info = source.rules.get(check.id)
                lines.append(f"{SYMBOLS[verdict]} {info.title if info else check.id}")
    return "\n".join(lines)


def _time(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"
