"""The page: open a clip, analyse it, see the evidence. Run by Streamlit from top to bottom."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import BinaryIO, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from formcheck.errors import FormCheckError
from formcheck.exercises import EXERCISES
from formcheck.models import DEFAULT_MODEL, MODELS
from formcheck.types import Analysis, ScoredRep, Verdict
from formcheck.ui import work

MARKS = {
    Verdict.PASS: ":green[✓]",
    Verdict.BORDERLINE: ":orange[≈]",
    Verdict.FAIL: ":red[✗]",
    Verdict.CANNOT_TELL: ":gray[?]",
}
LEGEND = "✓ pass · ≈ too close to call · ✗ fail · ? cannot tell"
PORTRAIT_WIDTH_PX = 360
DOWNLOADS = (
    ("report.html", "Report", "text/html"),
    ("annotated.mp4", "Video", "video/mp4"),
    ("frames.csv", "Angles (CSV)", "text/csv"),
    ("report.json", "Data (JSON)", "application/json"),
)
CLIP_TYPES = ["mp4", "mov", "m4v", "webm", "mkv", "avi", "gif"]


def main() -> None:
    """Draw the page."""
    st.set_page_config(page_title="FormCheck", layout="centered")
    st.title("FormCheck")
    st.write("Film a set from the side, open the clip, and see what each repetition measured.")
    st.caption(
        ":material/lock: Nothing leaves this machine: the clip is analysed here and not kept."
    )
    with st.expander("Open a clip", expanded="outcome" not in st.session_state):
        _choose()
    outcome = st.session_state.get("outcome")
    if outcome is not None:
        _show(outcome)


def _choose() -> None:
    """Ask for a clip and how to look at it; analyse it when asked to."""
    uploaded = st.file_uploader("Your clip", type=CLIP_TYPES)
    left, right = st.columns(2)
    exercise = left.selectbox(
        "Exercise", ["auto", *EXERCISES], format_func=_exercise_title, key="exercise"
    )
    model = right.selectbox(
        "Pose model",
        list(MODELS),
        index=list(MODELS).index(DEFAULT_MODEL),
        help="lite is the quickest, heavy the most exact",
        key="model",
    )
    pressed = st.button(
        "Analyse", type="primary", disabled=uploaded is None, width="stretch", key="analyse"
    )
    news = st.container()
    sample = _sample_buttons()
    if pressed and uploaded is not None:
        _analyse(news, uploaded.name, uploaded, exercise, model)
    elif sample is not None:
        with sample.open("rb") as stream:
            _analyse(news, sample.name, stream, "auto", model)


def _sample_buttons() -> Path | None:
    """A row of buttons; the sample that was just asked for."""
    chosen = None
    st.caption("No clip at hand? Try a sample (rendered people, no real ones):")
    counts: Counter[str] = Counter()
    with st.container(horizontal=True):
        for clip in work.sample_clips():
            lift = clip.stem.partition("_0")[0].replace("_", " ").capitalize()
            counts[lift] += 1
            label = f"{lift} {counts[lift]}"
            if st.button(label, key=f"sample_{clip.stem}", help=clip.name):
                chosen = clip
    return chosen


def _exercise_title(name: str) -> str:
    return "Find out" if name == "auto" else EXERCISES[name].title


def _analyse(news: DeltaGenerator, name: str, stream: BinaryIO, exercise: str, model: str) -> None:
    """Put the outcome into the session, or say in one line why there is none."""
    st.session_state.pop("outcome", None)
    bar = news.progress(0.0, text="Starting")
    try:
        outcome = work.analyse(
            name, stream, exercise, model, lambda stage, share: bar.progress(share, text=stage)
        )
    except FormCheckError as error:
        news.error(str(error))
    except OSError as error:
        news.error(f"The results could not be written: {error.strerror or error}")
    else:
        st.session_state["outcome"] = outcome
        st.rerun()
    finally:
        bar.empty()


def _show(outcome: work.Outcome) -> None:
    """The findings of one clip, most important first."""
    analysis = outcome.analysis
    st.subheader(_headline(analysis))
    with st.container(horizontal=True):
        st.metric("Score", _score(analysis.summary.score), border=True)
        st.metric("Repetitions", len(analysis.reps), border=True)
        st.metric("View", analysis.capture.view.capitalize(), border=True)
    for warning in analysis.capture.warnings:
        st.warning(warning.message)
    _show_cues(analysis)
    video = outcome.files.get("annotated.mp4")
    if video:
        upright = analysis.clip.height > analysis.clip.width
        width: int | Literal["stretch"] = PORTRAIT_WIDTH_PX if upright else "stretch"
        st.video(video, format="video/mp4", width=width)
    _show_reps(analysis)
    _show_downloads(outcome)
    st.caption(
        "FormCheck measures positions from one camera. It does not diagnose, "
        "prevent injury, or replace a coach."
    )


def _headline(analysis: Analysis) -> str:
    found = analysis.exercise
    if found.id is None:
        return "No exercise recognised"
    title = EXERCISES[found.id].title if found.id in EXERCISES else found.id
    return title if found.source == "told" else f"{title} · {found.confidence:.0%} sure"


def _score(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.0f}"


def _show_cues(analysis: Analysis) -> None:
    if not analysis.reps:
        st.info("No repetition was found. Choose the exercise yourself if you know it is there.")
        return
    if analysis.summary.cues:
        st.markdown("**Try next**")
        st.markdown("\n".join(f"- {cue.text}" for cue in analysis.summary.cues))
        return
    judged = any(
        check.verdict is not Verdict.CANNOT_TELL for rep in analysis.reps for check in rep.checks
    )
    if judged:
        st.success("Nothing to correct in what could be seen.")
    else:
        st.info("Nothing could be judged in this clip.")


def _show_reps(analysis: Analysis) -> None:
    """A column a repetition, a row a check: narrow enough for a phone."""
    if not analysis.reps:
        return
    st.markdown("**Repetitions**")
    st.table({str(n): _column(rep, analysis) for n, rep in enumerate(analysis.reps, start=1)})
    st.caption(LEGEND)


def _column(scored: ScoredRep, analysis: Analysis) -> dict[str, str]:
    rep = scored.rep
    start_s, end_s = (analysis.track.time_s[index] for index in (rep.start, rep.end))
    facts = {"Score": _score(scored.score), "Seconds": f"{start_s:.1f}–{end_s:.1f}"}
    if rep.side != "both":
        facts["Side"] = rep.side
    titles = _rule_titles(analysis)
    return facts | {titles.get(c.id, c.id): MARKS[c.verdict] for c in scored.checks}


def _rule_titles(analysis: Analysis) -> dict[str, str]:
    exercise = EXERCISES.get(analysis.exercise.id or "")
    return {rule.id: rule.title for rule in exercise.rules} if exercise else {}


def _show_downloads(outcome: work.Outcome) -> None:
    stem = Path(outcome.analysis.clip.name).stem
    with st.container(horizontal=True):
        for file, label, mime in DOWNLOADS:
            if file in outcome.files:
                st.download_button(
                    label,
                    outcome.files[file],
                    file_name=f"{stem}_{file}",
                    mime=mime,
                    on_click="ignore",
                    icon=":material/download:",
                    key=f"download_{file}",
                )


if __name__ == "__main__":
    main()
