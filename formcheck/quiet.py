"""Native libraries' log lines off the terminal, and nothing else."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from contextlib import suppress
from typing import Any, ClassVar


class Quiet:
    """Keeps the native libraries' log lines off the terminal while it is entered.

    They are written to file descriptor 2 past Python, and no setting stops them. For the short
    time of a native call that logs (start, first picture, close) the descriptor points to a
    temporary file; afterwards all lines that are not known noise are passed on, so nothing that
    Python or a crash has to say is lost. Threads share one redirection.
    """

    _NOISE: ClassVar = re.compile(
        # Severity, message and end of the line are written one by one: those of threads that
        # start at the same time come in any order.
        rb"^((VERBOSE|INFO|WARNING): )*"
        rb"([WIE]\d{4} \d\d:\d\d:[\d.]+ +\d+ [\w./-]+:\d+\] "
        rb"|\[[\w.]+:\d+\] |Created TensorFlow Lite|Read-only tensor"
        rb"|Logging before|All log messages before|\s*$)"
        rb"|^(WARNING: )*INFO: "
    )
    _lock: ClassVar = threading.Lock()
    _users: ClassVar[int] = 0
    _kept: ClassVar[int] = -1
    _file: ClassVar[Any] = None

    def __enter__(self) -> None:
        with Quiet._lock:
            Quiet._users += 1
            if Quiet._users > 1:
                return
            with suppress(OSError, ValueError, AttributeError):
                sys.stderr.flush()
            with suppress(OSError):  # no stderr, or nowhere to write: leave it as it is
                Quiet._file = tempfile.TemporaryFile()
                Quiet._kept = os.dup(2)
                os.dup2(Quiet._file.fileno(), 2)

    def __exit__(self, *_: object) -> None:
        with Quiet._lock:
            Quiet._users -= 1
            if Quiet._users or Quiet._kept < 0:
                return
            with suppress(OSError, ValueError, AttributeError):
                sys.stderr.flush()
            os.dup2(Quiet._kept, 2)
            os.close(Quiet._kept)
            Quiet._kept = -1
            with Quiet._file as file:
                file.seek(0)
                rest = [line for line in file if not self._NOISE.match(line)]
            if rest:
                with suppress(OSError):
                    os.write(2, b"".join(rest))
