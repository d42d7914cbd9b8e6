"""The arrows between the modules point one way (ARCHITECTURE.md), and stay that way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "formcheck"
EVERYBODY = {"types", "clock", "scene", "profile_note", "errors", "closing", "__init__"}

STAGES = {
    "models": set(),
    "trimming": set(),
    "quiet": set(),
    "native": set(),
    "machine": set(),
    "clipfile": set(),
    "bars": set(),
    "video": {"bars", "clipfile"},
    "cuts": set(),
    "following": {"machine"},
    "shelf": set(),
    "abreast": set(),
    "mending": {"abreast", "following", "shelf"},
    "body": set(),
    "clothes": {"body"},
    "people": {"body", "clothes"},
    "subject": {"body", "clothes", "people"},
    "strangers": {"body", "clothes", "people", "subject"},
    "nearer": {"subject"},
    "pictures": set(),
    "lookout": {"clothes", "following", "people", "pictures", "subject"},
    "pose": {
        "models",
        "trimming",
        "quiet",
        "native",
        "machine",
        "video",
        "bars",
        "cuts",
        "following",
        "mending",
        "nearer",
        "people",
        "strangers",
        "subject",
        "pictures",
        "lookout",
    },
    "silhouettes": {"machine", "models", "pose"},
    "jumps": set(),
    "smoothing": set(),
    "motion": {"plane"},
    "filmtime": set(),
    "gate": {"filmtime", "smoothing"},
    "frontal": {"plane", "uncertainty"},
    "view": {"frontal", "gate", "pitch", "plane"},
    "uncertainty": set(),
    "plane": {"perspective", "uncertainty"},
    "perspective": set(),
    "pitch": {"plane"},
    "joints": {"models", "plane", "smoothing"},
    "angles": {"frontal", "plane", "uncertainty"},
    "unbroken": set(),
    "reps": {"unbroken"},
    "rules": set(),
    "measures": {"rules", "uncertainty"},
    "sources": {"rules"},
    "paths": set(),
    "plugins": {"paths"},
    "exercises": {"rules", "measures", "reps", "sources", "plugins", "uncertainty"},
    "alike": set(),
    "recognition": {"alike", "exercises", "reps", "motion", "unbroken"},
    "doubt": {"models", "motion", "plane", "smoothing", "recognition", "exercises"},
    "remarks": {"recognition", "exercises", "motion", "smoothing", "stance"},
    "changes": set(),
    "scoring": {"rules", "changes", "reps"},
    "spine": set(),
    "shoes": set(),
    "load": set(),
    "plates": {"plane"},
    "surroundings": set(),
    "stance": {"rules"},
    "closeup": {
        "exercises",
        "load",
        "plates",
        "rules",
        "spine",
        "subject",
        "surroundings",
        "uncertainty",
    },
    "looking": {"bars", "closeup", "machine", "silhouettes", "video"},
    "feet": {"rules", "measures", "plates", "shoes"},
    "heave": {"doubt", "exercises", "gate", "joints", "plates", "recognition", "reps"},
    "rises": set(),
    "judging": {"exercises", "rules", "measures", "rises", "scoring", "view"},
}
"""The stages, and which others each may import; all may import EVERYBODY."""
MAY_IMPORT = {
    "types": set(),
    "clock": set(),
    "scene": set(),
    "profile_note": set(),
    "errors": set(),
    "closing": set(),
    **STAGES,
    "profiles": {"rules", "exercises"},
    "pipeline": {*STAGES, "profiles"},
    "live": {
        "pipeline",
        "following",
        "machine",
        "pictures",
        "profiles",
        "rules",
        "scene",
        "stance",
    },
    "camera": {"video"},
    "coach": {"camera", "live", "pipeline", "pose", "profiles"},
    "marks": set(),
    "report": {"video", "changes", "exercises", "marks", "machine", "view"},
    "progress": {"report", "changes"},
    "manners": {"report"},
    "store": {"paths", "report", "progress"},
    "keeping": {"report", "view", "joints", "heave", "store"},
    "job": {
        "machine",
        "pipeline",
        "models",
        "report",
        "exercises",
        "exports",
        "profiles",
        "store",
        "subject",
        "video",
    },
    "batch": {
        "clipfile",
        "job",
        "pipeline",
        "machine",
        "models",
        "marks",
        "report",
        "exercises",
        "profiles",
    },
    "doctor": {"models", "exercises", "store"},
    "terminal": {
        "batch",
        "coach",
        "rules",
        "uncertainty",
        "doctor",
        "pipeline",
        "profiles",
        "marks",
        "report",
    },
    "ui": {
        "looking",
        "marks",
        "pipeline",
        "live",
        "pose",
        "video",
        "report",
        "exercises",
        "models",
        "paths",
        "store",
        "keeping",
        "progress",
        "manners",
        "changes",
        "subject",
    },
    "exports": {"report", "exercises", "judging", "marks", "progress", "store"},
    "terminal_columns": set(),
    "terminal_history": {
        "terminal",
        "terminal_columns",
        "marks",
        "progress",
        "manners",
        "changes",
        "report",
        "store",
    },
    "archive": {"report", "store"},
    "historyfiles": {"archive", "exports", "keeping", "report", "exercises", "store"},
    "cli_history": {
        "job",
        "historyfiles",
        "exports",
        "keeping",
        "store",
        "progress",
        "manners",
        "changes",
        "exercises",
        "terminal",
        "terminal_history",
    },
    "standins": set(),
    "cli_options": {"exercises", "profiles", "job", "subject"},
    "cli_batch": {"cli_options", "batch", "terminal"},
    "cli": {
        "cli_options",
        "cli_batch",
        "cli_history",
        "clipfile",
        "standins",
        "job",
        "exercises",
        "profiles",
        "doctor",
        "terminal",
        "ui",
        "coach",
    },
    "__main__": {"cli"},
    "__init__": {"exercises", "live", "pipeline", "profiles", "report"},
}
ONLY_IN = {
    "mediapipe": {"native"},
    "av": {"video", "doctor"},
    "streamlit": {"ui"},
    "typer": {"cli", "cli_history", "cli_options", "cli_batch"},
    "rich": {"terminal", "terminal_columns", "terminal_history"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "fsspec": {"batch"},
    "distributed": {"batch"},
}
"""Libraries that one room keeps to itself (the doctor asks PyAV which codecs it has)."""


def _room(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(file: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it, with full names."""
    here = ("formcheck", *file.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: len(here) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            if module == "formcheck":
                yield from (f"formcheck.{alias.name}" for alias in node.names)
            else:
                yield module


def _imported_rooms(file: Path) -> set[str]:
    inside = (name.split(".") for name in _imports(file) if name.split(".")[0] == "formcheck")
    rooms = {parts[1] if len(parts) > 1 else "__init__" for parts in inside}
    return {"__init__" if room.startswith("__") else room for room in rooms}


FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(file.relative_to(PACKAGE)) for file in FILES]


def test_every_room_is_in_the_table():
    unknown = {_room(file) for file in FILES} - set(MAY_IMPORT)
    assert not unknown, f"say in MAY_IMPORT and ARCHITECTURE.md what these may import: {unknown}"


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_arrows_point_the_right_way(file):
    room = _room(file)
    wrong = _imported_rooms(file) - MAY_IMPORT.get(room, set()) - EVERYBODY - {room}
    assert not wrong, f"{room} may not import {wrong}"


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_libraries_stay_in_their_room(file):
    libraries = {name.split(".")[0] for name in _imports(file)}
    strayed = {name for name in libraries & set(ONLY_IN) if _room(file) not in ONLY_IN[name]}
    assert not strayed, f"only {[ONLY_IN[name] for name in strayed]} may import {strayed}"


def test_the_table_has_no_circle():
    def reach(room: str, seen: frozenset[str]) -> None:
        assert room not in seen, f"circle through {room}"
        for other in MAY_IMPORT[room]:
            reach(other, seen | {room})

    for room in MAY_IMPORT:
        reach(room, frozenset())


def test_the_newcomers_table_names_every_room(root):
    text = (root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    missing = [room for room in {_room(f) for f in FILES} if f"`{room}" not in text]
    assert [room for room in missing if not room.startswith("__")] == []


def test_the_newcomers_table_has_the_same_arrows(root):
    text = (root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w/.]+)` \|.*\| ([^|]*) \|$", text, re.MULTILINE)
    told = {room.rstrip("/").removesuffix(".py"): arrows for room, arrows in rows}
    may = {room: ", ".join(sorted(arrows)) or "–" for room, arrows in MAY_IMPORT.items()}
    drawn = {room: ", ".join(sorted(arrows.split(", "))) for room, arrows in told.items()}
    same = MAY_IMPORT.keys() - {"__main__", "pipeline"}  # the pipeline: all above
    assert {room: drawn.get(room) for room in same} == {room: may[room] for room in same}


def test_files_are_short():
    long = {n: c for f, n in zip(FILES, NAMES, strict=True) if (c := _lines(f)) >= 400}
    assert not long, f"is there an idea hiding in these? {long}"


def _lines(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())
