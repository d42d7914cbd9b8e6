"""Analysing and re-scoring a stored set: landmarks, findings, reports, annotated video."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from formcheck import report
from formcheck.models import model_sha256
from formcheck.pipeline import choose, look_into, to_analysis
from formcheck.pose import estimate_track
from formcheck.report.html import render_html
from formcheck.report.keyframes import KeyFrame, make_key_frames
from formcheck.types import Analysis, ClipInfo, PoseTrack
from formcheck.ui.reviewing import all_rules, key_name, review_of
from formcheck.ui.sets import StoredSet
from formcheck.video import Reel, probe

Tell = Callable[[str, float], None]
MAX_FPS = 30.0
SHARES = {"pose": (0.0, 0.88), "back line": (0.88, 0.95), "report": (0.95, 1.0)}
"""Where in the whole, from 0 to 1, a stage begins and ends."""
TITLES = {
    "pose": "Following the body",
    "back line": "Looking at the back",
    "report": "Writing it down",
    "video": "Drawing the video",
}


def sample_clips() -> tuple[Path, ...]:
    """The clips that come with FormCheck, in the installed package or in the checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "sample_videos", package.parent / "sample_videos"):
        clips = tuple(sorted(folder.glob("*.mp4")))
        if clips:
            return clips
    return ()


def analyse(stored: StoredSet, tell: Tell) -> Analysis:
    """Find the landmarks, keep them, and write down what follows from them.

    ``tell`` is called with the stage and its share done; what it raises ends the work. Raises
    FormCheckError as the pipeline does.
    """
    card, clip = stored.card, stored.clip
    choose(card.asked)
    info = probe(clip)
    with Reel(clip, stored.folder) as reel:
        raw = estimate_track(
            reel,
            info,
            card.model,
            max_fps=MAX_FPS,
            progress=lambda done, total: tell("pose", done / total if total > 0 else 0.0),
        )
        stored.save_track(raw)
        return _judge(stored, reel, info, raw, card.asked, tell)


def rescore(stored: StoredSet, exercise: str, tell: Tell) -> Analysis:
    """Score the kept landmarks anew as another exercise; the pose is not looked for again."""
    choose(exercise)
    return _judge(stored, stored.clip, probe(stored.clip), stored.track(), exercise, tell)


def draw(stored: StoredSet, analysis: Analysis, tell: Tell) -> None:
    """Make the annotated video of the findings."""
    rules = all_rules()
    report.write_annotated(stored.clip, analysis, stored.folder / report.ANNOTATED_MP4, tell, rules)
    stored.update(drawn=True, rev=stored.card.rev + 1)


def _judge(
    stored: StoredSet,
    clip: Path | Reel,
    info: ClipInfo,
    raw: PoseTrack,
    exercise: str,
    tell: Tell,
) -> Analysis:
    card = stored.card
    look = look_into(clip, card.model, tell)
    named = ClipInfo(**{**{k: getattr(info, k) for k in info.__slots__}, "name": card.name})
    analysis = to_analysis(named, card.model, model_sha256(card.model), raw, exercise, look)
    tell("report", 0.0)
    frames = make_key_frames(clip, analysis)
    _write(stored, analysis, frames)
    tell("report", 1.0)
    return analysis


def _write(stored: StoredSet, analysis: Analysis, frames: list[KeyFrame]) -> None:
    folder = stored.folder
    for old in (*folder.glob("key-*.jpg"), folder / report.ANNOTATED_MP4):
        with suppress(FileNotFoundError):
            old.unlink()
    for frame in frames:
        picture = base64.b64decode(frame.uri.partition(",")[2])
        (folder / key_name(frame)).write_bytes(picture)
    report.build_report(analysis).save(folder / report.REPORT_JSON)
    report.write_frames_csv(analysis, folder / report.FRAMES_CSV)
    page = render_html(analysis, frames, all_rules())
    (folder / report.REPORT_HTML).write_text(page, encoding="utf-8")
    review = review_of(analysis, frames)
    stored.save_review(review)
    stored.update(
        ready=True,
        drawn=False,
        rev=stored.card.rev + 1,
        exercise=analysis.exercise.id,
        title=review["title"],
        reps=len(analysis.reps),
        score=review["score"],
    )
