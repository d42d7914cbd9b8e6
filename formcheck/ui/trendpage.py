"""Progress: a visitor's sets over time, by exercise, from the history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import streamlit as st

from formcheck import manners, progress
from formcheck.changes import Goal
from formcheck.errors import FormCheckError
from formcheck.exercises import EXERCISES
from formcheck.marks import few, whole_score
from formcheck.report import Report, words
from formcheck.store import KeptSet, Value, day_alone, day_of
from formcheck.ui import remembering, trends
from formcheck.ui.component import colours
from formcheck.ui.progress import plain
from formcheck.ui.session import open_set, shelf
from formcheck.ui.sets import StoredSet

OF = "of"
"""The part of the address that names the exercise."""


@dataclass(frozen=True, slots=True)
class _Scored:
    """A set with its score in words; ``few``: it rests on less than half the checks."""

    known: KeptSet
    says: str
    few: bool = False


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
    asked = st.query_params.get(OF, "")
    chosen = asked if asked in exercises else exercises[0]
    st.session_state["progress_of"] = chosen
    st.segmented_control(
        "Exercise",
        exercises,
        format_func=lambda name: EXERCISES[name].title,
        label_visibility="collapsed",
        key="progress_of",
        on_change=_choose,
    )
    shown = [s for s in kept if s.exercise == chosen]
    found: dict[int, Report] = {}
    try:
        values = remembering.values(shelf(), chosen)
        found = remembering.reports(values)
        _trends(chosen, values, found.values(), [_scored(s, found) for s in shown])
    except FormCheckError as error:
        st.error(str(error))
    st.markdown("**Sets**")
    clips = remembering.clips(shelf(), shown)
    for known in shown:
        _set(known, _scored(known, found).says, clips.get(known.id))


def _choose() -> None:
    """The address names the exercise; a press on the chosen one leaves it."""
    chosen = st.session_state["progress_of"]
    if chosen is not None:
        st.query_params[OF] = chosen


def _scored(known: KeptSet, found: Mapping[int, Report]) -> _Scored:
    if known.score is None:
        return _Scored(known, "no score")
    says = f"score {whole_score(known.score)}"
    if known.id not in found:
        return _Scored(known, says)
    counts = found[known.id].set_.verdict_counts
    return _Scored(known, f"{says} {words.out_of(known.score, counts)}", few(counts))


def _trends(
    exercise: str, values: list[Value], reports: Iterable[Report], scored: list[_Scored]
) -> None:
    """What changed from set to set."""
    known = EXERCISES[exercise]
    done: Counter[str] = Counter()
    goals = progress.agreed(trends.goals(known), manners.noted(reports, done))
    found = {t.name: t for t in progress.trends(values, goals)}
    st.caption(
        "Each point is the median of a set with its measurement error, ▲ better, ▼ worse. Grey: "
        "no change from the set before that is larger than the errors of both. Dashed: the limit."
    )
    if unlike := manners.unlike(done):
        st.caption(unlike)
    first = [name for name in trends.headlines(known) if name in found]
    _score(scored)
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


def _score(sets: list[_Scored]) -> None:
    """The score has no error of its own: it is shown without saying what changed."""
    scored = [s for s in reversed(sets) if s.known.score is not None]
    if not scored:
        return
    points = [
        trends.Point(
            order,
            _day(s.known),
            s.known.score or 0.0,
            None,
            "first",
            f"{s.says.removeprefix('score ')}, {words.reps(s.known.reps)}",
            s.few,
        )
        for order, s in enumerate(scored, start=1)
    ]
    last = "last set" if scored[-1] is sets[0] else "last set with a score"
    hollow = " Hollow: it rests on less than half the checks." if any(p.few for p in points) else ""
    with st.container(border=True):
        st.markdown(f"**Score**  \n{points[-1].says} in the {last}.{hollow}")
        _draw(points, "Score", None, trends.OF_100)


def _draw(points: list[trends.Point], title: str, limit: float | None, unit: str) -> None:
    dark = st.context.theme.type == "dark"
    tones = {name: pair[dark] for name, pair in colours().items()}
    st.vega_lite_chart(None, trends.chart(points, title, limit, tones, unit), width="stretch")


def _day(known: KeptSet) -> str:
    return f"{day_of(known.performed_at):%d %b}".lstrip("0")


def _set(known: KeptSet, score: str, stored: StoredSet | None) -> None:
    """One set: open its review, while the clip is there; else only its numbers can be deleted."""
    clock = "" if day_alone(known.performed_at) else f"{known.performed_at.astimezone():, %H:%M}"
    when = _day(known) + clock
    score, _, few = score.partition(", ")
    label = f"**{when}** · {words.reps(known.reps)} · {score}"
    said = [few] if few else []
    said += [] if known.load_kg is None else [f"{known.load_kg:g} kg"]
    said += [plain(f"#{tag}") for tag in known.tags]
    if stored is not None:
        said.append(plain(known.notes or known.clip_name))
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
