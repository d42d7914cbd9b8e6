"""FormCheck: measures hip, knee and spine angles of lifts in video, counts and scores the reps.

The names for programs are loaded when they are first asked for, so that ``import formcheck`` costs
nothing; docs/api.md tells about them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formcheck.exercises import EXERCISES as EXERCISES
    from formcheck.live import LiveSession as LiveSession
    from formcheck.pipeline import analyze as analyze
    from formcheck.profiles import load_profile as load_profile
    from formcheck.report import Report as Report

__version__ = "0.1.0"
__all__ = ["EXERCISES", "LiveSession", "Report", "analyze", "load_profile"]

_HOMES = {
    "EXERCISES": "exercises",
    "LiveSession": "live",
    "Report": "report",
    "analyze": "pipeline",
    "load_profile": "profiles",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
