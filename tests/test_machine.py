"""What threads do with memory, as the C library tells it."""

from __future__ import annotations

import platform
import re
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, threading
from formcheck.machine import share_one_heap
{first}
together = threading.Barrier(4)
def take():
    kept = [bytearray(3000) for _ in range(100)]
    together.wait()
    del kept
threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
ctypes.CDLL(None).malloc_stats()
"""


def heaps(first: str) -> int:
    """How many heaps a process has whose threads take memory at the same time."""
    program = PROGRAM.format(first=first)
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return len(re.findall(r"^Arena \d+:", done.stderr, flags=re.MULTILINE))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_threads_take_memory_from_one_heap():
    assert heaps("") > 1
    assert heaps("share_one_heap()") == 1
