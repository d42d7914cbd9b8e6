from __future__ import annotations

import pytest

from formcheck import coach
from formcheck.coach import RepSeen
from formcheck.errors import ClipError


def test_a_set_is_told_rep_by_rep_and_then_as_a_whole(root):
    told = list(coach.watch(str(root / "sample_videos" / "squat_clean.mp4"), "auto", "lite"))
    *reps, whole = told
    assert [news.number for news in reps if isinstance(news, RepSeen)] == [1, 2, 3]
    assert whole.exercise.id == "squat"
    assert len(whole.reps) == 3


def test_a_camera_that_is_not_there_is_one_line():
    with pytest.raises(ClipError, match="does not open"):
        list(coach.watch("63", "auto", "lite"))
