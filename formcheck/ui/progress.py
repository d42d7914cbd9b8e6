"""How far the work on a clip is: bar, time left, cancel."""

from __future__ import annotations

import re

import streamlit as st

from formcheck.ui.jobs import JOBS, Job
from formcheck.ui.sets import StoredSet

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


def plain(text: str) -> str:
    """What somebody has named or written, as it is: Streamlit takes texts for Markdown.

    ``2 sets $10 *easy*.mp4`` would be a formula and slanted. On one line.
    """
    return _PUNCTUATION.sub(r"\\\g<0>", " ".join(text.split()))


def time_left(seconds: float | None) -> str:
    """Put into words how long it will take: "about 20 s left"."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f" · about {max(round(seconds / 5) * 5, 5)} s left"
    return f" · about {round(seconds / 60)} min left"


def show_job(stored: StoredSet, job: Job) -> None:
    """A bar and a way out."""
    text = f"{JOBS.says(job)}{time_left(job.left_s())}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(job.share, 1.0), text=f"**{plain(job.name)}** · {text}")
        if st.button("Cancel", key=f"cancel_{stored.card.id}", width="content"):
            JOBS.cancel(stored)
            st.rerun()
