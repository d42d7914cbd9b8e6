from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from formcheck.errors import FormCheckError, UsageError
from formcheck.report import Report, build_report, json_schema
from formcheck.types import Analysis

CONTRACT = {
    "": "schema_version formcheck_version clip pose capture exercise reps partial_reps set",
    "clip": "name sha256 duration_s fps variable_frame_rate width height rotation_deg frames",
    "pose": "model model_sha256 coverage side",
    "capture": "view azimuth_deg azimuth_error_deg roll_deg pitch_deg people warnings",
    "exercise": "id confidence source variant",
    "set": "score verdict_counts cues tempo drift",
}


@pytest.fixture
def data(analysis: Analysis) -> dict:
    return json.loads(build_report(analysis).to_json())


@pytest.mark.parametrize("part", CONTRACT)
def test_fields_are_exactly_those_of_the_contract(data, part):
    assert list(data[part] if part else data) == CONTRACT[part].split()


def test_fields_of_lists_are_exactly_those_of_the_contract(data):
    rep = data["reps"][0]
    assert " ".join(rep) == "index side start_s turn_s end_s measures checks score"
    names = "id verdict value limit margin unit at_s reason cue"
    assert " ".join(rep["checks"][0]) == names
    assert list(rep["measures"]["hip_flexion_bottom"]) == ["value", "error", "unit"]
    assert list(data["partial_reps"][0]) == ["start_s", "end_s", "reason"]
    assert list(data["set"]["cues"][0]) == ["check", "reps", "text"]
    assert list(data["capture"]["warnings"][0]) == ["code", "message", "affects"]


def test_only_a_report_of_corrected_repetitions_says_who_found_them(analysis, data, tmp_path):
    corrected = build_report(replace(analysis, reps_source="corrected"))
    corrected.save(tmp_path / "report.json")
    assert Report.load(tmp_path / "report.json").reps_source == "corrected"
    assert Report.model_validate(data).reps_source == "counted"


def test_a_check_says_which_knee_only_where_one_is_meant(analysis, data, tmp_path):
    first, *others = analysis.reps
    right = replace(first, checks=(replace(first.checks[0], side="right"), *first.checks[1:]))
    build_report(replace(analysis, reps=(right, *others))).save(tmp_path / "report.json")
    checks = Report.load(tmp_path / "report.json").reps[0].checks
    assert [check.side for check in checks[:2]] == ["right", None]
    assert "side" not in data["reps"][0]["checks"][0]


def test_frames_become_seconds_and_reps_count_from_one(data):
    first = data["reps"][0]
    assert (first["index"], first["start_s"], first["turn_s"], first["end_s"]) == (
        1,
        0.52,
        1.0,
        1.48,
    )
    assert first["checks"][1]["at_s"] == 1.48
    assert data["partial_reps"] == [{"start_s": 2.8, "end_s": 2.96, "reason": "cut_end"}]


def test_what_was_not_seen_is_null(data):
    assert data["reps"][1]["score"] is None
    assert data["reps"][0]["measures"]["hip_flexion_top"] == {
        "value": None,
        "error": None,
        "unit": "deg",
    }
    unseen = data["reps"][0]["checks"][2]
    assert (unseen["value"], unseen["margin"], unseen["reason"]) == (None, None, "view")
    assert data["set"]["drift"] == {"hip_flexion_bottom": None}


def test_every_verdict_is_counted_even_when_zero(data):
    counts = {"pass": 1, "borderline": 2, "fail": 1, "cannot_tell": 0}
    assert data["set"]["verdict_counts"] == counts


def test_unknown_exercise_is_null(unknown):
    data = json.loads(build_report(unknown).to_json())
    assert data["exercise"]["id"] is None
    assert data["capture"]["azimuth_deg"] is None
    assert data["set"]["score"] is None
    assert data["reps"] == []


def test_round_trip_gives_the_same_report(analysis, tmp_path: Path):
    report = build_report(analysis)
    report.save(tmp_path / "report.json")
    assert Report.load(tmp_path / "report.json") == report
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_exported_json_schema_accepts_the_report(data):
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(data, schema)
    data["reps"][0]["checks"][0]["verdict"] = "perhaps"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "no valid JSON"),
        ("[" * 100_000, "no valid JSON"),
        ("[1, 2]", "schema_version is missing"),
        ('{"schema_version": 2}', "has schema_version 2"),
        ('{"schema_version": 1}', "not a valid report: formcheck_version"),
        ("\x00\xff", "no valid JSON"),
    ],
)
def test_bad_files_give_one_clear_line(tmp_path: Path, content, says):
    file = tmp_path / "bad.json"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(FormCheckError, match=says) as caught:
        Report.load(file)
    assert "\n" not in str(caught.value)


def test_missing_file_gives_one_clear_line(tmp_path: Path):
    with pytest.raises(FormCheckError, match="No such file"):
        Report.load(tmp_path / "none.json")


def test_fields_that_a_reader_does_not_know_are_left_out(analysis, data, tmp_path: Path):
    """docs/report.md: new ones may be added."""
    data["new"] = 1
    for part in ("clip", "pose", "capture", "exercise", "set"):
        data[part] = data[part] | {"new": {"deep": [1]}}
    for rep in data["reps"]:
        rep["new"] = None
        rep["checks"] = [check | {"new": 1} for check in rep["checks"]]
    file = tmp_path / "report.json"
    file.write_text(json.dumps(data))
    assert Report.load(file) == build_report(analysis)
    jsonschema.validate(data, json_schema())


def _closed(schema):
    """The schema without room for fields that it does not name."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(part) for name, part in schema.items()}
    return closed | {"additionalProperties": False} if "properties" in closed else closed


def test_the_schema_names_every_field_that_is_written(data):
    closed = _closed(json_schema())
    jsonschema.validate(data, closed)
    data["reps"][0]["checks"][0]["new"] = 1
    with pytest.raises(jsonschema.ValidationError, match="new"):
        jsonschema.validate(data, closed)


def test_unwritable_output_names_the_file_and_leaves_nothing(analysis, tmp_path: Path):
    target = tmp_path / "none" / "report.json"
    with pytest.raises(UsageError, match=r"cannot write .*report\.json"):
        build_report(analysis).save(target)
    assert list(tmp_path.iterdir()) == []
