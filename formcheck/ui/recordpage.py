"""Recording a set: the camera component, and what becomes of its recording."""

from __future__ import annotations

import streamlit as st

from formcheck.exercises import EXERCISES
from formcheck.models import AUTO
from formcheck.ui import component
from formcheck.ui.session import open_set, shelf


def show() -> None:
    """The camera; a recording that has arrived, and is being analysed, is opened."""
    exercises = [("auto", "Find out the exercise"), *((k, e.title) for k, e in EXERCISES.items())]
    data = {"exercises": [list(pair) for pair in exercises], "model": AUTO}
    result = component.show("record", data, key="record", on_recorded_change=lambda: None)
    recorded = result.recorded
    stored = shelf().get(recorded) if isinstance(recorded, str) else None
    if stored is not None:
        open_set(stored.card.id)
        st.rerun()
