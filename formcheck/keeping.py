"""From an analysis to what the history keeps of it, and back.

What comes back says the same as the report: values are rounded as report.json rounds them, the
landmarks are cleaned anew from the raw ones.
"""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from formcheck.errors import HistoryError
from formcheck.heave import as_seen
from formcheck.joints import centred, steadied
from formcheck.report.keyframes import KeyFrame
from formcheck.report.profile import profile_note
from formcheck.report.schema import CheckPart, Report, RepPart, SetPart, build_report
from formcheck.store import (
    NOTHING_SAID,
    Details,
    History,
    NewSet,
    Picture,
    Recording,
    Value,
)
from formcheck.types import (
    Analysis,
    Capture,
    CaptureWarning,
    Check,
    ClipInfo,
    Cue,
    FloatArray,
    Measure,
    PartialRep,
    Recognition,
    Rep,
    ScoredRep,
    SetSummary,
    Verdict,
)
from formcheck.view import estimate_capture

THUMBNAIL_HEIGHT_PX = 240
_JPEG_QUALITY = 80
_JPEG_URI = "data:image/jpeg;base64,"


def new_set(
    analysis: Analysis,
    key_frames: Sequence[KeyFrame] = (),
    *,
    settings: Mapping[str, Any] | None = None,
    details: Details = NOTHING_SAID,
    video: Path | None = None,
    analysed_at: datetime | None = None,
) -> NewSet:
    """What is kept of an analysis. ``video`` is the clip, when it is to be kept, too."""
    recording = None
    if analysis.raw is not None:
        recording = Recording(analysis.raw, analysis.signals, analysis.track.hidden)
    return NewSet(
        report=build_report(analysis),
        settings=settings or {},
        details=details,
        recording=recording,
        pictures=tuple(_thumbnail(frame) for frame in key_frames),
        video=video,
        analysed_at=analysed_at,
    )


def kept_report(history: History, set_id: int) -> Report:
    """The report of a kept set; raises UsageError when there is no such set, HistoryError."""
    try:
        return Report.model_validate(json.loads(history.report_json(set_id)))
    except ValueError as error:
        raise HistoryError(f"the report of set {set_id} cannot be read") from error


def kept_reports(history: History, values: Iterable[Value]) -> Iterator[Report]:
    """The reports of the sets that some values are from, each once; raises as kept_report."""
    for set_id in sorted({value.set_id for value in values}):
        yield kept_report(history, set_id)


def kept_key_frames(history: History, set_id: int) -> list[KeyFrame]:
    """The key frames of a kept set, as small as they are kept; raises UsageError."""
    return [
        KeyFrame(
            rep=picture.rep,
            position="bottom" if picture.position == "bottom" else "top",
            time_s=picture.time_s,
            uri=_JPEG_URI + base64.b64encode(picture.jpeg).decode("ascii"),
            width=picture.width,
            height=picture.height,
        )
        for picture in history.pictures(set_id)
    ]


def restored(report: Report, recording: Recording) -> Analysis:
    """The analysis that a report tells of."""
    smoothed = steadied(recording.raw, report.pose.model)
    times = smoothed.time_s
    reps = tuple(_scored(rep, times) for rep in report.reps)
    seen = estimate_capture(smoothed, [scored.rep for scored in reps])
    capture = _capture(report, seen)
    smoothed = replace(smoothed, hidden=recording.hidden)
    return Analysis(
        clip=ClipInfo(**report.clip.model_dump()),
        model=report.pose.model,
        model_sha256=report.pose.model_sha256,
        coverage=report.pose.coverage,
        side=report.pose.side,
        track=as_seen(centred(smoothed, capture, report.pose.model), capture),
        signals=recording.signals,
        capture=capture,
        exercise=Recognition(**report.exercise.model_dump()),
        reps=reps,
        partial_reps=tuple(
            PartialRep(_at(p.start_s, times), _at(p.end_s, times), p.reason)
            for p in report.partial_reps
        ),
        summary=_summary(report.set_),
        reps_source=report.reps_source,
        raw=recording.raw,
        profile=profile_note(report.profile),
    )


def _capture(report: Report, seen: Capture) -> Capture:
    """As the report tells it; what it does not tell is seen anew in the same landmarks."""
    told = report.capture
    error = told.azimuth_error_deg
    return replace(
        seen,
        view=told.view,
        azimuth_deg=_number(told.azimuth_deg),
        azimuth_error_deg=seen.azimuth_error_deg if error is None else error,
        roll_deg=_number(told.roll_deg),
        pitch_deg=_number(told.pitch_deg),
        warnings=tuple(CaptureWarning(w.code, w.message, w.affects) for w in told.warnings),
    )


def _scored(part: RepPart, times: FloatArray) -> ScoredRep:
    start, turn, end = (_at(t, times) for t in (part.start_s, part.turn_s, part.end_s))
    rep = Rep(start, turn, end, part.side)
    measures = {
        name: Measure(_number(m.value), _number(m.error), m.unit, rep.turn)
        for name, m in part.measures.items()
    }
    checks = tuple(_check(check, times) for check in part.checks)
    return ScoredRep(rep, measures, checks, _number(part.score))


def _check(part: CheckPart, times: FloatArray) -> Check:
    return Check(
        id=part.id,
        verdict=Verdict(part.verdict),
        value=_number(part.value),
        limit=part.limit,
        margin=_number(part.margin),
        unit=part.unit,
        at=_at(part.at_s, times),
        reason=part.reason,
        cue=part.cue,
        side=part.side,
    )


def _summary(part: SetPart) -> SetSummary:
    return SetSummary(
        score=_number(part.score),
        verdict_counts={Verdict(name): count for name, count in part.verdict_counts.items()},
        cues=tuple(Cue(c.check, c.reps, c.text) for c in part.cues),
        tempo=_numbers(part.tempo.items()),
        drift=_numbers(part.drift.items()),
    )


def _at(time_s: float, times: FloatArray) -> int:
    return int(np.argmin(np.abs(times - time_s)))


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _numbers(values: Iterable[tuple[str, float | None]]) -> dict[str, float]:
    return {name: _number(value) for name, value in values}


def _thumbnail(frame: KeyFrame) -> Picture:
    with Image.open(io.BytesIO(base64.b64decode(frame.uri.removeprefix(_JPEG_URI)))) as image:
        image.thumbnail((2 * THUMBNAIL_HEIGHT_PX, THUMBNAIL_HEIGHT_PX))
        small = io.BytesIO()
        image.save(small, "JPEG", quality=_JPEG_QUALITY)
        return Picture(
            frame.rep, frame.position, frame.time_s, image.width, image.height, small.getvalue()
        )
