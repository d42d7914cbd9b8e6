"""Pictures fetched from a clip in which two people stand side by side, by the real model."""

from __future__ import annotations

import numpy as np
import pytest
from clips import PERSON

from formcheck.closeup import Look
from formcheck.looking import look_into
from formcheck.types import Frame, Landmark
from formcheck.video import VideoWriter, grab_frames

HIPS = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
TIMES_S = [0.1, 0.3]


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> Look:
    clip = tmp_path_factory.mktemp("looking") / "two.mp4"
    image = next(grab_frames(PERSON, [1.0]))[1].image
    two = np.ascontiguousarray(np.concatenate([image, image], axis=1)[::2, ::2])
    with VideoWriter(clip, two.shape[1], two.shape[0], 10.0) as writer:
        for frame in range(5):
            writer.write(Frame(frame, frame / 10, two))
    return look_into(clip, "lite")


@pytest.mark.parametrize("left", [0.0, 0.5])
def test_alone_is_who_stands_in_the_box(look: Look, left: float) -> None:
    boxes = [(left, 0.0, left + 0.5, 1.0)] * len(TIMES_S)
    found = list(look.alone(TIMES_S, boxes))
    plain = list(look.plainly(TIMES_S))
    assert len(found) == len(TIMES_S)
    for seen, image in zip(found, plain, strict=True):
        assert seen is not None
        width = image.shape[1]
        hips = seen.pose.xy_px[HIPS, 0] / width
        assert ((hips > left) & (hips < left + 0.5)).all()
        other = seen.mask[:, width // 2 :] if left == 0.0 else seen.mask[:, : width // 2]
        assert other.mean() < 0.01
        assert seen.mask.max() > 0.9
        np.testing.assert_array_equal(seen.image, image)


def test_nobody_is_alone_in_an_empty_corner(look: Look) -> None:
    assert list(look.alone(TIMES_S, [(0.0, 0.0, 0.05, 0.1)] * len(TIMES_S))) == [None, None]
