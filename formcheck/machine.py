"""What this process may use of the machine, and giving it back."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from contextlib import suppress

STEP = 5
"""In steps of priority: against one busy thread or program, a quarter of a core is left (CFS)."""

_M_ARENA_MAX = -8
"""As in glibc's malloc.h (mallopt(3))."""


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def step_back() -> None:
    """Let this thread give way to others, where threads have a priority of their own (Linux).

    Not so far that a busy machine starves it. One that has stepped back further stays there.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with suppress(OSError):
            now = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, max(now, STEP))


def return_memory() -> None:
    """Give freed memory back to the system, where the C library can be asked to (glibc).

    The some 50 MB of a closed landmarker stay with the threads that it had, and the next one has
    others, and frames that one thread makes and another frees leave holes: without this, memory
    grows with each chunk of a clip.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)


def share_one_heap() -> None:
    """Let the threads that start from now on take memory from one heap (glibc).

    Each would have its own, and what a landmarker or a frame leaves in one is of no use to the
    next thread: the longer the clip, the more (docs/speed.md).
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
