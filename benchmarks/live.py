"""Do a camera and a clip agree? ``python benchmarks/live.py FOLDER`` counts real clips live.

FOLDER holds clips and a ``labels.csv`` with the columns ``file``, ``exercise`` and ``reps``; an
exercise that FormCheck does not know, or 0 repetitions, means that nothing is to be counted. Each
clip is pushed picture by picture through a LiveSession, as a camera would give it: no picture is
seen twice, and nobody is looked for in a part of them. One row a clip: what the label says, what
the set came to, and how many repetitions had been shown when its last picture came.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from _labels import rows
from _paths import existing

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from formcheck.errors import FormCheckError  # noqa: E402
from formcheck.exercises import EXERCISES  # noqa: E402
from formcheck.live import LiveSession  # noqa: E402
from formcheck.models import MODELS  # noqa: E402
from formcheck.pose import MediaPipeEstimator  # noqa: E402
from formcheck.video import SIDE_PX, read_frames  # noqa: E402

COLUMNS = ("file", "exercise", "reps")
CAMERA_FPS = 30.0


@dataclass(frozen=True, slots=True)
class Counted:
    """What a set came to: ``exercise`` (None: not recognised), repetitions, those shown before."""

    exercise: str | None
    reps: int
    shown: int


def counted(clip: Path, model: str) -> Counted:
    """Push a clip through a live session; raises ClipError when it cannot be read."""
    session: LiveSession | None = None
    shown = 0
    try:
        for frame in read_frames(clip, max_fps=CAMERA_FPS, max_side=SIDE_PX):
            if session is None:
                height, width = frame.image.shape[:2]
                session = LiveSession(MediaPipeEstimator(model), width, height, model=model)
            shown = len(session.push(frame).reps)
        if session is None:
            return Counted(None, 0, 0)
        evaluation = session.finish()
    finally:
        if session is not None:
            session.close()
    return Counted(evaluation.exercise.id, len(evaluation.reps), shown)


def wanted(row: dict[str, str]) -> tuple[str | None, int]:
    """Exercise and repetitions of a label."""
    reps = int(row["reps"])
    known = row["exercise"] in EXERCISES and reps > 0
    return (row["exercise"], reps) if known else (None, 0)


def main() -> None:
    """Print the table and what it comes to; exit code 1 when a clip could not be read."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("folder", type=existing, metavar="FOLDER")
    parser.add_argument("--model", choices=list(MODELS), default="lite")
    arguments = parser.parse_args()
    lifts, right, others, invented, failed = 0, 0, 0, 0, False
    for row in rows(arguments.folder, COLUMNS):
        exercise, reps = wanted(row)
        try:
            was = counted(arguments.folder / row["file"], arguments.model)
        except FormCheckError as error:
            print(f"{row['file']}: {error}")
            failed = True
            continue
        same = was.reps == reps and (was.exercise == exercise or reps == 0)
        lifts, right = lifts + (reps > 0), right + (same and reps > 0)
        others, invented = others + (reps == 0), invented + (reps == 0 < was.reps)
        print(
            f"{'' if same else 'DIFFERS':8s}{row['file'][:44]:46s}{exercise or 'none':12s}{reps:3d}"
            f"   live {was.exercise or 'none':12s}{was.reps:3d}, shown {was.shown}",
            flush=True,
        )
    print(f"exercise and repetitions right: {right} of {lifts}; invented: {invented} of {others}")
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
