"""The start: record, open clips, or go on with earlier sets."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, BinaryIO

import streamlit as st

from formcheck.errors import FormCheckError, UsageError
from formcheck.exercises import EXERCISES
from formcheck.marks import whole_score
from formcheck.models import AUTO, MODELS
from formcheck.report import words
from formcheck.ui import recordpage, trendpage, work
from formcheck.ui.jobs import JOBS
from formcheck.ui.progress import plain, show_job
from formcheck.ui.session import open_set, shelf
from formcheck.ui.sets import StoredSet, keep_days

CLIP_TYPES = ["mp4", "mov", "m4v", "webm", "mkv", "avi", "gif"]
WAYS = {"upload": "Clips", "record": "Record", "sets": "Sets", "trends": "Progress"}
PAGE = "page"
"""The part of the address that names one of them."""
POLL_S = 1.0


def exercise_title(name: str) -> str:
    """An exercise in the list of choices."""
    return "Find out" if name == "auto" else EXERCISES[name].title


def show() -> None:
    """The ways in."""
    st.title("FormCheck", anchor=False)
    st.write("Film a set from the side; see what was measured in each rep.")
    st.session_state["way"] = asked_way()
    way = st.segmented_control(
        "What to do",
        list(WAYS),
        format_func=lambda name: WAYS[name],
        label_visibility="collapsed",
        key="way",
        on_change=_go,
        width="stretch",
    )
    if way == "record":
        recordpage.show()
    elif way == "sets":
        _show_sets()
    elif way == "trends":
        trendpage.show()
    else:
        _show_upload()
    st.caption(
        f":material/lock: Nothing leaves this machine. {_kept()}, for this browser only. "
        "FormCheck measures positions from one camera; it does not diagnose, prevent injury, or "
        "replace a coach."
    )


def asked_way() -> str:
    """The way in that the address names, so that it is there again after a reload."""
    way = st.query_params.get(PAGE, "upload")
    return way if way in WAYS else "upload"


def _go() -> None:
    """The address names the way that was chosen; a press on the chosen one chooses none."""
    way = st.session_state["way"] or "upload"
    if way == "upload":
        st.query_params.pop(PAGE, None)
    else:
        st.query_params[PAGE] = way


def _kept() -> str:
    """How long a visitor's sets are kept, in words."""
    try:
        days = keep_days()
    except UsageError:  # nothing is removed then
        days = 0.0
    if not days:
        return "Clips and what was measured are kept here until you delete them"
    time_kept = f"{days:g} day{'' if days == 1 else 's'}"
    return f"Clips are kept here for {time_kept}, what was measured until you delete it"


def _show_upload() -> None:
    turn = st.session_state.setdefault("uploads", 0)
    files = st.file_uploader(
        "Your clips", type=CLIP_TYPES, accept_multiple_files=True, key=f"clips_{turn}"
    )
    with st.container(horizontal=True):
        exercise = st.selectbox(
            "Exercise",
            ["auto", *EXERCISES],
            format_func=exercise_title,
            width=160,
            **_held("exercise", "auto"),
        )
        model = st.selectbox(
            "Pose model",
            [AUTO, *MODELS],
            help="lite is the quickest, heavy the most exact; auto takes full, and heavy where "
            "full is unsure",
            width=160,
            **_held("model", AUTO),
        )
    _show_refused()
    _show_waiting()
    _samples(model)
    if files:
        st.session_state["uploads"] = turn + 1  # empties the field: the clips are on the shelf
        _take([(file.name, file) for file in files], exercise, model)


def _held(key: str, usual: str) -> dict[str, Any]:
    """What a choice needs to outlast a visit of another part of the page.

    Streamlit forgets the state of what is not on the page.
    """
    st.session_state[key] = st.session_state.setdefault(f"held_{key}", usual)
    return {"key": key, "on_change": _hold, "args": (key,)}


def _hold(key: str) -> None:
    st.session_state[f"held_{key}"] = st.session_state[key]


def _samples(model: str) -> None:
    st.markdown("**Try a sample** (rendered people, no real ones)")
    with st.container(horizontal=True):
        for clip in work.sample_clips():
            if st.button(_sample_name(clip), key=f"sample_{clip.stem}"):
                with clip.open("rb") as stream:
                    _take([(clip.name, stream)], "auto", model)


def _sample_name(clip: Path) -> str:
    """``hip_thrust_faults``: Hip thrust, with faults."""
    lift, _, kind = clip.stem.rpartition("_")
    return f"{lift.replace('_', ' ').capitalize()}, {kind.replace('faults', 'with faults')}"


def _take(clips: list[tuple[str, BinaryIO]], exercise: str, model: str) -> None:
    """Put clips on the shelf and start on them; a single one is opened at once."""
    taken: dict[str, StoredSet] = {}  # one clip may come twice, by two names
    refused: list[str] = []
    for name, stream in clips:
        try:
            stored = shelf().add(name, stream, exercise, model)
        except FormCheckError as error:
            refused.append(f"{name}: {error}")
        except OSError as error:
            refused.append(f"{name} could not be kept: {error.strerror or error}")
        else:
            taken[stored.folder.name] = stored
            if not stored.card.ready:
                JOBS.analyse(stored)
    st.session_state["refused"] = refused
    if len(clips) == 1 and taken:
        open_set(*taken)
    if taken:
        st.session_state["waiting"] = list(taken)
    st.rerun()


def _show_refused() -> None:
    """Which of the clips that were opened last could not be taken in, and why."""
    for line in st.session_state.get("refused", ()):
        st.error(plain(line))


@st.fragment(run_every=POLL_S)
def _show_waiting() -> None:
    """The clips that were just opened, and all that are being worked on, with their progress."""
    mine = shelf()
    known: list[str] = st.session_state.setdefault("waiting", [])
    for name in (job.stored.folder.name for job in JOBS.alive_in(mine.folder)):
        stored = mine.get(name)
        if name not in known and stored is not None and not stored.card.ready:
            known.append(name)
    for set_id in known:
        stored = mine.get(set_id)
        if stored is not None:
            _line(stored, "wait")


@st.fragment(run_every=2 * POLL_S)
def _show_sets() -> None:
    """All sets; a recording that is still being sent comes by itself."""
    sets = shelf().sets()
    if not sets:
        st.info("No sets yet: record one, open a clip, or try a sample.")
    for stored in sets:
        _line(stored, "list")


def _line(stored: StoredSet, where: str) -> None:
    """One set as a row that opens it, or how far its analysis is."""
    job = JOBS.of(stored)  # before the card: a job that is over has written its card
    card = stored.card
    if not card.ready and job is not None and job.alive():
        show_job(stored, job)
        return
    name = plain(card.name)
    when = time.strftime("%d %b %Y, %H:%M", time.localtime(card.made_s)).lstrip("0")
    if card.ready:
        known = "no score" if card.score is None else f"score {whole_score(card.score)}"
        score = known if card.score is None else f"{known} {card.out_of}".strip()
        label = f"**{card.title}** · {words.reps(card.reps)} · {score}  \n{when} · {name}"
    else:
        why = f"  \n{plain(job.error)}" if job is not None and job.error else ""
        label = f"**Not analysed** · {name}{why}"
    if st.button(label, key=f"{where}_{card.id}", width="stretch"):
        open_set(card.id)
        st.rerun(scope="app")
