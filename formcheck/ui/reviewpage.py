"""The review of one set: the component that shows it, and what can be changed by hand."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from contextlib import suppress

import streamlit as st

from formcheck.errors import FormCheckError
from formcheck.exercises import EXERCISES
from formcheck.ui import component, detailspage, remembering
from formcheck.ui.home import WAYS, asked_way, exercise_title
from formcheck.ui.jobs import JOBS, Job
from formcheck.ui.progress import plain, show_job
from formcheck.ui.session import shelf
from formcheck.ui.sets import Card, StoredSet

POLL_S = 0.6
AHEAD_S = 0.3
"""How far the review is ahead of the controls below it, the first time that a set is shown.

A browser draws at one go what has come: with the controls, whose scripts are as large as the review
itself, bars and video would be a tenth of a second or more later.
"""


def show(stored: StoredSet) -> None:
    """The set, or how far its analysis is."""
    if st.button(f":material/arrow_back: {WAYS[asked_way()]}", key="back", type="tertiary"):
        _leave()
    job = JOBS.resume(stored)
    working = job is not None and job.alive()
    card = stored.card  # after the job: one that is over has written its card
    if card.ready:
        _review(stored, working)
        _go_ahead(card)
        detailspage.show(stored)
        _change(stored)
    elif job is not None and working:
        st.subheader(plain(card.name), anchor=False)
        _wait(stored)
    else:
        _failed(stored, job)


def _leave() -> None:
    """Back to where the set was opened from."""
    st.query_params.pop("set", None)
    st.rerun()


@st.fragment(run_every=POLL_S)
def _wait(stored: StoredSet) -> None:
    """Poll the work; the whole page is drawn anew as soon as there are findings."""
    job = JOBS.of(stored)
    if stored.card.ready or job is None or not job.alive():
        st.rerun(scope="app")
    else:
        show_job(stored, job)
        st.caption("You can leave: it goes on, and the set will be under “Sets”.")


def _failed(stored: StoredSet, job: Job | None) -> None:
    if job is not None and job.error:
        st.error(plain(job.error))
    elif job is not None:
        st.info("Cancelled.")
    else:
        st.info("This clip has not been analysed to the end.")
    with st.container(horizontal=True):
        if st.button("Analyse", type="primary", key="again"):
            JOBS.analyse(stored)
            st.rerun()
        _delete_button(stored)


def _review(stored: StoredSet, busy: bool) -> None:
    """The component; it fetches by itself what the work in the background still finds."""
    card = stored.card
    data = {
        "review": stored.review(),
        "base": f"/formcheck/sets/{card.id}/",
        "clip": card.clip,
        "rev": card.rev,
        "drawn": card.drawn,
        "busy": busy,
        "others": [_other(c) for s in shelf().sets() if (c := s.card).reps and c.id != card.id],
    }
    result = component.show(
        "review",
        data,
        key=f"review_{card.id}",
        on_corrected_change=lambda: None,
        on_person_change=lambda: None,
    )
    if result.corrected is not None:
        _correct(stored, result.corrected)
    if result.person is not None:
        _follow(stored, result.person)


def _go_ahead(card: Card) -> None:
    """Let the browser draw the review of a set that it has not shown yet."""
    if st.session_state.get("shown") != card.id:
        st.session_state["shown"] = card.id
        time.sleep(AHEAD_S)


def _other(card: Card) -> dict[str, str | int | bool | None]:
    """A set to compare with; the review picks those of its exercise, which may be corrected."""
    when = time.strftime("%d %b, %H:%M", time.localtime(card.made_s))
    return {
        "name": f"{when} · {card.name}",
        "exercise": card.exercise,
        "base": f"/formcheck/sets/{card.id}/",
        "clip": card.clip,
        "rev": card.rev,
        "drawn": card.drawn,
    }


def _correct(stored: StoredSet, wish: object) -> None:
    """Score anew with the repetitions as they were marked; None: as they were counted."""
    spans = wish.get("reps") if isinstance(wish, Mapping) else None
    if spans is not None:
        whole = isinstance(spans, list) and all(isinstance(s, list) and len(s) == 3 for s in spans)
        if not whole or not all(_is_number(t) for span in spans for t in span):
            return
    stored.update(by_hand=spans)
    JOBS.rescore(stored)
    st.rerun()


def _follow(stored: StoredSet, wish: object) -> None:
    """Follow somebody else in the clip: by number, or by a press on them; reps by hand are gone."""
    person = wish.get("person") if isinstance(wish, Mapping) else None
    if isinstance(person, int):
        chosen: int | list[float] = max(person, 1)
    elif isinstance(person, list) and len(person) == 3 and all(_is_number(v) for v in person):
        chosen = [float(v) for v in person]
    else:
        return
    stored.update(person=chosen, by_hand=None)
    JOBS.analyse(stored, instead=True)
    st.rerun()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _change(stored: StoredSet) -> None:
    """Correct the exercise, blur the face, delete the set."""
    card = stored.card
    choices = ["auto", *EXERCISES]
    with st.container(border=True):
        st.markdown("**Not the right exercise?** Choose it, and the set is scored again at once.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            key = f"correct_{card.id}"
            st.selectbox(
                "Exercise",
                choices,
                index=choices.index(card.exercise) if card.exercise in choices else None,
                format_func=exercise_title,
                placeholder="Not recognised",
                key=key,
                on_change=_score_as,
                args=(stored, key),
            )
            _delete_button(stored)
        key = f"blur_{card.id}"
        st.toggle(
            "Blur the face in the video, the pictures and the report",
            value=card.blur_face,
            key=key,
            on_change=_blur,
            args=(stored, key),
        )


def _score_as(stored: StoredSet, key: str) -> None:
    """Another exercise, or what is found; repetitions by hand stay if they turn at the same end."""
    chosen = st.session_state[key]
    if chosen is None:
        return
    with suppress(FileNotFoundError):  # deleted in another tab: the page will say so
        found, told = EXERCISES.get(stored.card.exercise or ""), EXERCISES.get(chosen)
        stored.update(asked=chosen)
        if found is None or told is None or found.turn != told.turn:
            stored.update(by_hand=None)
        JOBS.rescore(stored)


def _blur(stored: StoredSet, key: str) -> None:
    with suppress(FileNotFoundError):  # deleted in another tab: the page will say so
        stored.update(blur_face=bool(st.session_state[key]))
        JOBS.rescore(stored)


def _delete_button(stored: StoredSet) -> None:
    with st.popover(":material/delete: Delete"):
        st.write(
            "The clip and all that was found in it are removed from this machine; "
            "its numbers go from Progress, too."
        )
        if st.button("Delete this set", type="primary", key="delete"):
            JOBS.cancel(stored)
            try:
                twin = remembering.delete(shelf(), stored)
            except FormCheckError as error:
                st.error(str(error))
            else:
                if twin is not None and twin.card.ready:
                    JOBS.rescore(twin)
                _leave()
