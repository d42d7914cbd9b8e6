"""Fixtures of the gym's tests; the whole folder is skipped where the extra ``[gym]`` is missing."""

from __future__ import annotations

import pytest

pytest.importorskip("scipy")
pytest.importorskip("moderngl")
pytest.importorskip("av")
pytest.importorskip("cv2")
