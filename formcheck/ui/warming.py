"""What the first visitor would wait for, done while nobody is there yet."""

from __future__ import annotations

import gc
import importlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_LATER = ("formcheck.ui.home", "formcheck.ui.reviewpage", "pandas")
"""Streamlit imports the scripts' modules when the first page is run, pandas for its components."""


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Warm up beside the running server."""
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    yield


def warm_up() -> None:
    """Import what the pages need; after that, the garbage collector looks at new objects only.

    Streamlit collects garbage after each run of a page. Going through everything that was ever
    imported takes a tenth of a second, in which the server answers nobody: not even the request
    for the video that the page has just asked for.
    """
    for name in _LATER:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
