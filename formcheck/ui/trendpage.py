"""Progress: a visitor's sets over time, by exercise, from the history."""

from __future__ import annotations

import streamlit as st

from formcheck import progress
from formcheck.changes import Goal
from formcheck.errors import FormCheckError
from formcheck.exercises import EXERCISES
from formcheck.store import KeptSet, day_alone
from formcheck.ui import remembering, trends
from formcheck.ui.component import colours
from formcheck.ui.session import open_set, shelf
from formcheck.ui.sets import StoredSet


def show() -> None:
    """Trends of one exercise, and its sets."""
    try:
        kept = [s for s in remembering.kept_sets(shelf()) if s.exercise in EXERCISES]
    except FormCheckError as error:
        st.error(str(error))
        return
    if not kept:
        st.info("Nothing to compare yet: every set that you record or open is added here.")
        return
    exercises = list(dict.fromkeys(s.exercise for s in kept if s.exercise))
    chosen = st.segmented_control(
        "Exercise",
        exercises,
        default=exercises[0],
        format_func=lambda name: EXERCISES[name].title,
        label_visibility="collapsed",
        key="progress_of",
    )
    chosen = chosen or exercises[0]
    shown = [s for s in kept if s.exercise == chosen]
    try:
        _trends(chosen, shown)
    except FormCheckError as error:
        st.error(str(error))
    st.markdown("**Sets**")
    clips = {stored.card.kept: stored for stored in reversed(shelf().sets())}
    for known in shown:
        _set(known, clips.get(known.id))


def _trends(exercise: str, kept: list[KeptSet]) -> None:
    """What changed from set to set; raises HistoryError."""
    known = EXERCISES[exercise]
    values = remembering.values(shelf(), exercise)
    goals = remembering.agreed(trends.goals(known), values)
    found = {t.name: t for t in progress.trends(values, goals)}
    st.caption(
        "Each point is the median of a set with its measurement error, ▲ better, ▼ worse. Grey: "
        "no change from the set before that is larger than the errors of both. Dashed: the limit."
    )
    first = [name for name in trends.headlines(known) if name in found]
    _score(kept)
    for name in first:
        _trend(found[name], goals.get(name))
    others = [name for name in found if name not in first]
    more = st.selectbox(
        "Another measure", others, index=None, format_func=trends.title_of, key=f"more_{exercise}"
    )
    if more is not None:
        _trend(found[more], goals.get(more))


def _trend(trend: progress.Trend, goal: Goal | None) -> None:
    title = trends.title_of(trend.name)
    with st.container(border=True):
        st.markdown(f"**{title}**  \n{trends.in_short(trend)}")
        _draw(trends.points_of(trend, goal), title, trends.limit_of(trend.name), trend.unit)


def _score(kept: list[KeptSet]) -> None:
    """The score has no error of its own: it is shown without saying what changed."""
    scored = [s for s in reversed(kept) if s.score is not None]
    if not scored:
        return
    points = [
        trends.Point(
            order, _day(s), s.score or 0.0, None, "first", f"{s.score:.0f} of 100, {s.reps} reps"
        )
        for order, s in enumerate(scored, start=1)
    ]
    with st.container(border=True):
        st.markdown(f"**Score**  \n{points[-1].says} in the last set")
        _draw(points, "Score", None, trends.OF_100)


def _draw(points: list[trends.Point], title: str, limit: float | None, unit: str) -> None:
    dark = st.context.theme.type == "dark"
    tones = {name: pair[dark] for name, pair in colours().items()}
    st.vega_lite_chart(None, trends.chart(points, title, limit, tones, unit), width="stretch")


def _day(known: KeptSet) -> str:
    return f"{known.performed_at.astimezone():%d %b}".lstrip("0")


def _set(known: KeptSet, stored: StoredSet | None) -> None:
    """One set: open its review, while the clip is there; else only its numbers can be deleted."""
    score = "no score" if known.score is None else f"score {known.score:.0f}"
    clock = "" if day_alone(known.performed_at) else f"{known.performed_at.astimezone():, %H:%M}"
    when = _day(known) + clock
    label = f"**{when}** · {known.reps} reps · {score}"
    said = [] if known.load_kg is None else [f"{known.load_kg:g} kg"]
    said += [f"#{tag}" for tag in known.tags]
    if stored is not None:
        said.append(known.notes or known.clip_name)
        if st.button(f"{label}  \n{' · '.join(said)}", key=f"kept_{known.id}", width="stretch"):
            open_set(stored.card.id)
            st.rerun()
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{label}  \n{' · '.join([*said, 'clip no longer kept'])}", width="stretch")
        if st.button(":material/delete:", key=f"forget_{known.id}", help="Delete these numbers"):
            try:
                remembering.forget(shelf(), known.id)
            except FormCheckError as error:
                st.error(str(error))
            else:
                st.rerun()
