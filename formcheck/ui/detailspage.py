"""What a lifter says of a set: load, tags, notes, and when it was done."""

from __future__ import annotations

import streamlit as st

from formcheck.errors import FormCheckError
from formcheck.store import Details, KeptSet, day_of, on_day, said_moment
from formcheck.ui import remembering
from formcheck.ui.session import shelf
from formcheck.ui.sets import StoredSet

MOST_KG = 1000.0
"""More is a slip of the finger."""


@st.fragment
def show(stored: StoredSet) -> None:
    """A form that opens; what is written in it goes into the history.

    Before it is opened it is not made: the history is not asked, and the browser has the review to
    draw. Closed again it stays, with what was written in it.
    """
    if shelf().get(stored.folder.name) is None:  # deleted meanwhile, in another tab
        return
    card = stored.card
    if card.kept is None:
        return
    box = st.expander("Load, tags and notes", key=f"details_{card.id}", on_change="rerun")
    if box.open:
        st.session_state["said_in"] = card.id
    elif st.session_state.get("said_in") != card.id:
        return
    with box:
        try:
            known = next((s for s in remembering.kept_sets(shelf()) if s.id == card.kept), None)
        except FormCheckError as error:
            st.error(str(error))
            return
        if known is None:
            st.info("What was measured in this set is not in the history any more.")
        else:
            _form(known, card.id)


def _form(known: KeptSet, set_id: str) -> None:
    # Not as the field's value: Streamlit lets nobody empty a field that has one.
    st.session_state.setdefault(f"load_{set_id}", known.load_kg)
    with st.form(f"say_{set_id}", border=False):
        load = st.number_input(
            "Load, kg",
            min_value=0.0,
            max_value=max(MOST_KG, known.load_kg or 0.0),  # what is beyond would be emptied
            step=2.5,
            value=None,
            key=f"load_{set_id}",
        )
        known_tags = ", ".join(known.tags)
        tags = st.text_input("Tags", value=known_tags, help="Divided by commas: heavy, belt")
        notes = st.text_area("Notes", value=known.notes, height=90, max_chars=2000)
        known_day = day_of(known.performed_at)
        day = st.date_input("Done on", value=known_day)
        if not st.form_submit_button("Keep"):
            return
        try:
            moved = None if day == known_day else said_moment(on_day(known.performed_at, day))
            said = Details(
                load_kg=load,
                no_load=load is None,
                notes=notes,
                tags=None if tags == known_tags else _divided(tags),
                performed_at=moved,
            )
            remembering.history().change(known.id, said)
        except FormCheckError as error:
            st.error(str(error))
        else:
            st.success("Kept: see Progress.")


def _divided(tags: str) -> tuple[str, ...]:
    return tuple(tag for tag in tags.split(",") if tag.strip())
