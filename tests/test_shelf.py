"""Pictures that wait on the disk come back as they were."""

from __future__ import annotations

import tempfile

import numpy as np
import pytest

from formcheck.shelf import Shelf
from formcheck.types import Frame

RNG = np.random.default_rng(3)
IMAGES = RNG.integers(0, 256, (6, 8, 10, 3)).astype(np.uint8)


def frame(index: int, image: np.ndarray | None = None) -> Frame:
    return Frame(index, index / 30, IMAGES[index] if image is None else image, index == 3)


def fetched(kept) -> Frame:
    return kept if isinstance(kept, Frame) else kept()


def same(one: Frame, other: Frame) -> bool:
    parts = ((f.index, f.time_s, f.damaged) for f in (one, other))
    return next(parts) == next(parts) and np.array_equal(one.image, other.image)


def test_pictures_come_back_in_any_order_and_leave_no_room_unused():
    with Shelf() as shelf:
        kept = {place: shelf.put(place, frame(place)) for place in range(4)}
        assert not any(isinstance(one, Frame) for one in kept.values())
        shelf.drop(1)
        kept[5] = shelf.put(5, frame(5))
        kept[4] = shelf.put(4, frame(4, IMAGES[4][:, ::-1]))  # a view that is not contiguous
        assert all(same(fetched(kept[place]), frame(place)) for place in (3, 0, 5, 2))
        assert np.array_equal(fetched(kept[4]).image, IMAGES[4][:, ::-1])


def test_a_picture_that_is_too_large_stays_in_memory():
    large = np.zeros((20, 20, 3), np.uint8)
    with Shelf() as shelf:
        small = shelf.put(0, frame(0))
        assert isinstance(shelf.put(1, frame(1, large)), Frame)
        assert same(fetched(small), frame(0))


def test_where_the_disk_refuses_all_stay_in_memory(monkeypatch: pytest.MonkeyPatch):
    def refuse(**_options: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with Shelf() as shelf:
        assert same(fetched(shelf.put(0, frame(0))), frame(0))


def test_nothing_comes_from_a_closed_shelf():
    with Shelf() as shelf:
        kept = shelf.put(0, frame(0))
    shelf.close()
    with pytest.raises(ValueError, match="closed"):
        fetched(kept)
