"""Analysing and re-scoring a stored set: landmarks, findings, reports, annotated video."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from formcheck import report
from formcheck.errors import UsageError
from formcheck.looking import look_into
from formcheck.models import model_sha256
from formcheck.pipeline import choose, follow, to_analysis
from formcheck.report.html import render_html
from formcheck.report.keyframes import KeyFrame, make_key_frames
from formcheck.subject import Point, Wish
from formcheck.types import Analysis, ClipInfo, PoseTrack
from formcheck.ui.remembering import history, remember
from formcheck.ui.reviewing import all_rules, key_name, review_of
from formcheck.ui.sets import StoredSet
from formcheck.video import Reel, probe

Tell = Callable[[str, float], None]
MAX_FPS = 30.0
SHARES = {
    "pose": (0.0, 0.88),
    "second look": (0.0, 0.88),
    "back line": (0.88, 0.95),
    "report": (0.95, 1.0),
}
"""Where in the whole, from 0 to 1, a stage begins and ends; a second look begins anew."""
TITLES = {
    "pose": "Following the body",
    "second look": "Following it again, with the larger model",
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


def wish_of(person: int | Sequence[float] | None) -> Wish:
    """Whom to score, as a card says it."""
    if person is None or isinstance(person, int):
        return person
    x_px, y_px, time_s = person
    return Point(x_px, y_px, time_s)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the review shows at once; report.html and the annotated video are made of it later."""

    analysis: Analysis
    frames: list[KeyFrame]


def analyse(stored: StoredSet, tell: Tell) -> Findings:
    """Find the landmarks, keep them, and write down what follows from them.

    ``tell`` is called with the stage and its share done; what it raises ends the work. Raises
    FormCheckError as the pipeline does.
    """
    card, clip = stored.card, stored.clip
    choose(card.asked)
    info = probe(clip)
    with Reel(clip, stored.folder) as reel:
        try:
            model, raw = follow(
                reel,
                info,
                card.model,
                card.asked,
                max_fps=MAX_FPS,
                person=wish_of(card.person),
                progress=tell,
            )
        except UsageError as error:
            stored.update(person=None)
            raise UsageError(
                "Nobody was found there: pick a frame that shows them well."
            ) from error
        stored.save_track(raw)
        stored.update(used=model)
        return _judge_or_count(stored, reel, info, raw, tell)


def rescore(stored: StoredSet, tell: Tell) -> Findings:
    """Score the kept landmarks as the card asks now; the pose is not looked for again.

    Raises UsageError when its repetitions by hand cannot be: then they are forgotten.
    """
    return _judge_or_count(stored, stored.clip, probe(stored.clip), stored.track(), tell)


def draw(stored: StoredSet, found: Findings, tell: Tell) -> None:
    """Make report.html and the annotated video of the findings."""
    rules, folder = all_rules(), stored.folder
    page = render_html(found.analysis, found.frames, rules)
    tell("video", 0.0)
    (folder / report.REPORT_HTML).write_text(page, encoding="utf-8")
    report.write_annotated(
        stored.clip,
        found.analysis,
        folder / report.ANNOTATED_MP4,
        tell,
        rules,
        blur_face=stored.card.blur_face,
    )
    stored.publish(drawn=True)


def _judge_or_count(
    stored: StoredSet, clip: Path | Reel, info: ClipInfo, raw: PoseTrack, tell: Tell
) -> Findings:
    """Judge; repetitions by hand that cannot be are forgotten, and counted the next time."""
    try:
        return _judge(stored, clip, info, raw, tell)
    except UsageError:
        stored.update(by_hand=None)
        raise


def _judge(
    stored: StoredSet, clip: Path | Reel, info: ClipInfo, raw: PoseTrack, tell: Tell
) -> Findings:
    card = stored.card
    model = card.used or card.model
    look = look_into(clip, model, tell)
    analysis = to_analysis(
        replace(info, name=card.name),
        model,
        model_sha256(model),
        raw,
        card.asked,
        look,
        reps_s=card.by_hand,
    )
    tell("report", 0.0)
    frames = make_key_frames(clip, analysis, blur_face=card.blur_face)
    _write(stored, analysis, frames)
    tell("report", 1.0)
    return Findings(analysis, frames)


def _write(stored: StoredSet, analysis: Analysis, frames: list[KeyFrame]) -> None:
    folder = stored.folder
    later = (report.REPORT_HTML, report.ANNOTATED_MP4)
    for old in (*folder.glob("key-*.jpg"), *(folder / name for name in later)):
        with suppress(FileNotFoundError):
            old.unlink()
    for frame in frames:
        picture = base64.b64decode(frame.uri.partition(",")[2])
        (folder / key_name(frame)).write_bytes(picture)
    report.build_report(analysis).save(folder / report.REPORT_JSON)
    report.write_frames_csv(analysis, folder / report.FRAMES_CSV)
    review = review_of(analysis, frames)
    stored.save_review(review)
    kept = remember(stored, analysis)
    try:
        _publish(stored, analysis, review, kept)
    except FileNotFoundError:  # deleted meanwhile
        if kept is not None:
            history().delete([kept])
        raise


def _publish(
    stored: StoredSet, analysis: Analysis, review: dict[str, Any], kept: int | None
) -> None:
    stored.publish(
        ready=True,
        drawn=False,
        kept=kept,
        exercise=analysis.exercise.id,
        title=review["title"],
        reps=len(analysis.reps),
        score=review["score"],
        out_of=review["out_of"],
    )
