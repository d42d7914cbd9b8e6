"""Writes sets until it is killed, or a few of them together with others. Started by the tests.

It loads everything once and forks, so that a test can kill many writers within a second. Each
line on stdin is ``write URL`` (one endless writer: its process id, then ``kept`` after each set,
and ``dead`` once it is) or ``race URL COUNT`` (as many writers at once, three sets
each; says what they returned).
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from kept import new_set

from formcheck import store

VIDEO = bytes(range(256)) * 5_000  # more than one part


def say(*words: object) -> None:
    # One write of the whole line: a writer may be killed at any moment, also in this one.
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def write(url: str, who: str, count: int | None) -> None:
    with tempfile.NamedTemporaryFile() as clip, store.open_history(url) as history:
        Path(clip.name).write_bytes(VIDEO)
        for number in itertools.count() if count is None else range(count):
            sha = f"{who}{number}".rjust(64, "0")
            new = replace(new_set(tags=("a", "b")), video=Path(clip.name))
            report = new.report.model_copy(
                update={"clip": new.report.clip.model_copy(update={"sha256": sha})}
            )
            history.add(replace(new, report=report))
            if count is None:
                say("kept")


def fork(url: str, who: str, count: int | None) -> int:
    child = os.fork()
    if child:
        return child
    try:
        write(url, who, count)
        os._exit(0)
    except BaseException as error:
        sys.stderr.write(f"{error!r}\n")
        os._exit(1)


def main() -> None:
    new_set(tags=("a", "b"))
    rounds = itertools.count()
    for line in sys.stdin:
        what, url, *count = line.split()
        who = f"{next(rounds)}x"
        if what == "write":
            child = fork(url, who, None)
            say(child)
            os.waitpid(child, 0)
            say("dead")
        else:
            children = [fork(url, f"{who}{k}y", 3) for k in range(int(count[0]))]
            say(*[os.waitpid(child, 0)[1] for child in children])


main()
