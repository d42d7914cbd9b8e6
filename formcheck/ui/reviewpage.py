"""The review of one set: the component that shows it, and what can be changed by hand."""

from __future__ import annotations

import streamlit as st

from formcheck.exercises import EXERCISES
from formcheck.ui import component
from formcheck.ui.jobs import JOBS, OVER, Job
from formcheck.ui.progress import show_job
from formcheck.ui.session import shelf
from formcheck.ui.sets import StoredSet

POLL_S = 0.6


def show(stored: StoredSet) -> None:
    """The set, or how far its analysis is."""
    if st.button(":material/arrow_back: All sets", key="back", type="tertiary"):
        _leave()
    card = stored.card
    job = JOBS.of(stored)
    working = job is not None and job.state not in OVER
    if card.ready and not card.drawn and job is None:
        JOBS.rescore(stored, card.asked)  # the server was ended before the video was drawn
        working = True
    if card.ready:
        _review(stored, working)
        _change(stored)
    elif job is not None and working:
        st.subheader(card.name, anchor=False)
        _wait(stored)
    else:
        _failed(stored, job)


def _leave() -> None:
    st.query_params.clear()
    st.rerun()


@st.fragment(run_every=POLL_S)
def _wait(stored: StoredSet) -> None:
    """Poll the work; the whole page is drawn anew as soon as there are findings."""
    job = JOBS.of(stored)
    if stored.card.ready or job is None or job.state in OVER:
        st.rerun(scope="app")
    else:
        show_job(stored, job)
        st.caption("You can leave: it goes on, and the set will be under “My sets”.")


def _failed(stored: StoredSet, job: Job | None) -> None:
    if job is not None and job.error:
        st.error(job.error)
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
    }
    component.show("review", data, key=f"review_{card.id}")


def _change(stored: StoredSet) -> None:
    """Correct the exercise; delete the set."""
    card = stored.card
    choices = list(EXERCISES)
    with st.container(border=True):
        st.markdown("**Not the right exercise?** Choose it, and the set is scored again at once.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(
                "Exercise",
                choices,
                index=choices.index(card.exercise) if card.exercise in choices else None,
                format_func=lambda name: EXERCISES[name].title,
                placeholder="Not recognised",
                key=f"correct_{card.id}",
            )
            _delete_button(stored)
    if chosen is not None and chosen != card.exercise:
        JOBS.rescore(stored, chosen)
        stored.update(exercise=chosen, asked=chosen)
        st.rerun()


def _delete_button(stored: StoredSet) -> None:
    with st.popover(":material/delete: Delete"):
        st.write("The clip and all that was found in it are removed from this machine.")
        if st.button("Delete this set", type="primary", key="delete"):
            JOBS.cancel(stored)
            shelf().delete(stored.card.id)
            _leave()
