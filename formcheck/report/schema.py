"""report.json, schema_version 1: the models, making one from an analysis, reading one back.

Other programs read this file. Fields are never renamed or removed without a new schema_version.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError

from formcheck import __version__
from formcheck.errors import FormCheckError
from formcheck.report.files import write_text
from formcheck.report.model import Model, first_finding
from formcheck.report.profile import ProfilePart, profile_part
from formcheck.scene import Person
from formcheck.types import Analysis, Check, Measure, ScoredRep, Verdict

SCHEMA_VERSION: Literal[1] = 1
VerdictName = Literal["pass", "borderline", "fail", "cannot_tell"]
Number = float | None
"""A measured number; null when it could not be measured."""


class ClipPart(Model):
    """The clip. ``width`` and ``height`` in pixels as displayed; ``duration_s`` in seconds."""

    name: str
    sha256: str
    duration_s: float
    fps: float
    variable_frame_rate: bool
    width: int
    height: int
    rotation_deg: int
    frames: int


class PosePart(Model):
    """The pose model and how much it saw. ``coverage``: share of frames with a person, 0..1."""

    model: str
    model_sha256: str
    coverage: float
    side: Literal["left", "right", "both"]


class WarningPart(Model):
    """Something about the recording that limits what can be measured.

    ``affects`` names what it makes unmeasurable: angles, checks' last names, ``tempo``.
    """

    code: str
    message: str
    affects: tuple[str, ...] = ()


class PersonPart(Model):
    """Somebody who was seen. ``number`` from the left; ``box_px`` left, top, right, bottom.

    ``at_s``: when the box was taken; ``share`` of the looks at the clip in which they were found.
    """

    number: int
    box_px: tuple[float, float, float, float]
    at_s: float
    first_s: float
    last_s: float
    share: float
    chosen: bool
    mirror: bool


class CapturePart(Model):
    """Where the camera stood. ``azimuth_deg``: 0 in front, 90 at the side, null unknown.

    ``roll_deg``: the picture is turned clockwise by so much, null unknown. ``pitch_deg``: how far
    the camera looks down on the person, null unknown. ``people``: everybody who was seen; the
    chosen one was scored.
    """

    view: Literal["side", "oblique", "front", "back"]
    azimuth_deg: Number
    azimuth_error_deg: Number = None
    roll_deg: Number = None
    pitch_deg: Number = None
    people: tuple[PersonPart, ...] = ()
    warnings: tuple[WarningPart, ...]


class ExercisePart(Model):
    """What was done. ``id`` is null when it is none of the known ones.

    ``variant``: how, where the movement tells; always by itself, the exercise may have been told.
    """

    id: str | None
    confidence: float
    source: Literal["recognised", "told"]
    variant: str | None = None


class MeasurePart(Model):
    """A measured value with its error in the same unit; null when not seen."""

    value: Number
    error: Number
    unit: str


class CheckPart(Model):
    """A verdict. ``margin`` is the measurement error, ``at_s`` the time it was read at, seconds.

    ``cue``: what to try, in one sentence; empty for ``pass`` and ``cannot_tell``. ``side``: of two
    knees the one that the value is of; absent where both may be meant.
    """

    id: str
    verdict: VerdictName
    value: Number
    limit: float
    margin: Number
    unit: str
    at_s: float
    reason: str
    cue: str
    side: Literal["left", "right"] | None = Field(
        default=None, exclude_if=lambda side: side is None
    )


class RepPart(Model):
    """One repetition; times in seconds; ``index`` from 1; ``score`` 0..100, null: unjudged."""

    index: int
    side: Literal["left", "right", "both"]
    start_s: float
    turn_s: float
    end_s: float
    measures: dict[str, MeasurePart]
    checks: tuple[CheckPart, ...]
    score: Number


class PartialRepPart(Model):
    """A repetition that the clip cuts, or that was given up; times in seconds."""

    start_s: float
    end_s: float
    reason: Literal["cut_start", "cut_end", "given_up"]


class CuePart(Model):
    """What to try next, for which check and which repetitions (their ``index``)."""

    check: str
    reps: tuple[int, ...]
    text: str


class SetPart(Model):
    """The whole set. Names in ``tempo`` carry the unit; a ``drift`` is in that of its measure."""

    score: Number
    verdict_counts: dict[VerdictName, int]
    cues: tuple[CuePart, ...]
    tempo: dict[str, Number]
    drift: dict[str, Number]


class Report(Model):
    """report.json as a whole. ``reps_source``: ``corrected`` when a person has marked the reps."""

    schema_version: Literal[1]
    formcheck_version: str
    clip: ClipPart
    pose: PosePart
    capture: CapturePart
    exercise: ExercisePart
    reps_source: Literal["counted", "corrected"] = Field(
        default="counted", exclude_if=lambda source: source == "counted"
    )
    reps: tuple[RepPart, ...]
    partial_reps: tuple[PartialRepPart, ...]
    set_: SetPart = Field(alias="set")
    profile: ProfilePart | None = None

    def to_json(self) -> str:
        """The file's text: indented, in the order of the contract, with a newline at the end."""
        data = self.model_dump(mode="json")
        if self.profile is None:
            del data["profile"]
        return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file whole; raises UsageError when it cannot be written."""
        write_text(path, self.to_json())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read and validate a report; raises FormCheckError with one clear line."""
        file = Path(path)
        try:
            data = file.read_bytes()
        except OSError as error:
            raise FormCheckError(f"cannot read {file}: {error.strerror or error}") from error
        return cls.parse(data, str(file))

    @classmethod
    def parse(cls, text: str | bytes, name: str) -> Self:
        """Validate a report that was read from ``name``; raises as :meth:`load` does."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FormCheckError(f"{name} is not a FormCheck report: no valid JSON") from error
        if not isinstance(data, dict) or "schema_version" not in data:
            raise FormCheckError(f"{name} is not a FormCheck report: schema_version is missing")
        version = data["schema_version"]
        if version != SCHEMA_VERSION:
            raise FormCheckError(
                f"{name} has schema_version {version!r}; this FormCheck reads {SCHEMA_VERSION}"
            )
        try:
            found = cls.model_validate(data)
            found.to_json().encode("utf-8")  # JSON may hold halves of characters, no file does
        except ValidationError as error:
            raise FormCheckError(f"{name} is not a valid report: {first_finding(error)}") from error
        except UnicodeEncodeError as error:
            half = "a text in it holds half a character"
            raise FormCheckError(f"{name} is not a valid report: {half}") from error
        return found


def json_schema() -> dict[str, Any]:
    """Export the JSON Schema of report.json."""
    schema = Report.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def build_report(analysis: Analysis) -> Report:
    """Turn an analysis into the report; NaN becomes null, frame indices become seconds."""
    times = [_seconds(t) for t in analysis.track.time_s]
    return Report(
        schema_version=SCHEMA_VERSION,
        formcheck_version=__version__,
        clip=_clip(analysis),
        pose=PosePart(
            model=analysis.model,
            model_sha256=analysis.model_sha256,
            coverage=round(analysis.coverage, 4),
            side=analysis.side,
        ),
        capture=_capture(analysis),
        exercise=ExercisePart(
            id=analysis.exercise.id,
            confidence=_number(analysis.exercise.confidence, 3) or 0.0,
            source=analysis.exercise.source,
            variant=analysis.exercise.variant,
        ),
        reps_source=analysis.reps_source,
        reps=tuple(_rep(i, rep, times) for i, rep in enumerate(analysis.reps, start=1)),
        partial_reps=tuple(
            PartialRepPart(start_s=times[p.start], end_s=times[p.end], reason=p.reason)
            for p in analysis.partial_reps
        ),
        set=_set(analysis),
        profile=profile_part(analysis.profile),
    )


def _clip(analysis: Analysis) -> ClipPart:
    clip = analysis.clip
    return ClipPart(
        name=clip.name.encode("utf-8", "replace").decode("utf-8"),
        sha256=clip.sha256,
        duration_s=_seconds(clip.duration_s),
        fps=round(clip.fps, 3),
        variable_frame_rate=clip.variable_frame_rate,
        width=clip.width,
        height=clip.height,
        rotation_deg=clip.rotation_deg,
        frames=clip.frames,
    )


def _capture(analysis: Analysis) -> CapturePart:
    capture = analysis.capture
    return CapturePart(
        view=capture.view,
        azimuth_deg=_number(capture.azimuth_deg, 1),
        azimuth_error_deg=_number(capture.azimuth_error_deg, 1),
        roll_deg=_number(capture.roll_deg, 1),
        pitch_deg=_number(capture.pitch_deg, 1),
        people=tuple(_person(person) for person in analysis.track.scene.people),
        warnings=tuple(
            WarningPart(code=w.code, message=w.message, affects=w.affects) for w in capture.warnings
        ),
    )


def _person(person: Person) -> PersonPart:
    left, top, right, bottom = (round(side, 1) for side in person.box_px)
    return PersonPart(
        number=person.number,
        box_px=(left, top, right, bottom),
        at_s=_seconds(person.at_s),
        first_s=_seconds(person.first_s),
        last_s=_seconds(person.last_s),
        share=round(person.share, 3),
        chosen=person.chosen,
        mirror=person.mirror,
    )


def _rep(index: int, scored: ScoredRep, times: list[float]) -> RepPart:
    rep = scored.rep
    return RepPart(
        index=index,
        side=rep.side,
        start_s=times[rep.start],
        turn_s=times[rep.turn],
        end_s=times[rep.end],
        measures={name: _measure(m) for name, m in scored.measures.items()},
        checks=tuple(_check(check, times) for check in scored.checks),
        score=_number(scored.score, 1),
    )


def _measure(measure: Measure) -> MeasurePart:
    digits = _digits(measure.unit)
    value = _number(measure.value, digits)
    error = None if value is None else _number(measure.error, digits)
    return MeasurePart(value=value, error=error, unit=measure.unit)


def _check(check: Check, times: list[float]) -> CheckPart:
    digits = _digits(check.unit)
    value = _number(check.value, digits)
    return CheckPart(
        id=check.id,
        verdict=check.verdict.value,
        value=value,
        limit=round(check.limit, digits),
        margin=_number(check.margin, digits),
        unit=check.unit,
        at_s=times[check.at],
        reason=check.reason,
        cue=check.cue,
        side=check.side,
    )


def _set(analysis: Analysis) -> SetPart:
    summary = analysis.summary
    counts: dict[VerdictName, int] = {
        verdict.value: int(summary.verdict_counts.get(verdict, 0)) for verdict in Verdict
    }
    return SetPart(
        score=_number(summary.score, 1),
        verdict_counts=counts,
        cues=tuple(CuePart(check=c.check, reps=c.reps, text=c.text) for c in summary.cues),
        tempo=_numbers(summary.tempo),
        drift=_numbers(summary.drift),
    )


def _numbers(values: Mapping[str, float]) -> dict[str, Number]:
    return {name: _number(value, 3) for name, value in values.items()}


def _number(value: float, digits: int) -> Number:
    """Round; None for what JSON cannot hold. Adding 0.0 turns -0.0 into 0.0."""
    return round(float(value), digits) + 0.0 if math.isfinite(value) else None


def _seconds(value: float) -> float:
    return round(float(value), 3) + 0.0


def _digits(unit: str) -> int:
    return 2 if unit == "deg" else 4
