"""What the batch's tests give a worker to do: clips that are made reports, scored in no time.

A "clip" is a text file: its report, and before it what is to happen to whoever scores it. Each
beginning and each end of the work on a clip is a line in the file that FORMCHECK_TEST_LOG names.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from formcheck import batch
from formcheck.errors import NobodyError


@dataclass(frozen=True)
class Line:
    """One line of the log: ``begun`` or ``scored``, by which process, which clip."""

    what: str
    pid: int
    clip: str


def log(what: str, clip: Path) -> None:
    with Path(os.environ["FORMCHECK_TEST_LOG"]).open("a", encoding="utf-8") as file:
        file.write(f"{what} {os.getpid()} {clip.name}\n".encode("utf-8", "replace").decode())


def read_log(file: Path) -> list[Line]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    parts = (line.split(" ", 2) for line in lines)
    return [Line(what, int(pid), clip) for what, pid, clip in parts]


def write_clip(file: Path, report: dict, fate: str = "score") -> Path:
    """``fate``: score, nobody, crash, die (kill the process), hang (once, until killed)."""
    file.write_text(json.dumps({"fate": fate, "name": file.name, "report": report}))
    return file


def analyse(clip: Path, folder: Path, _settings: batch.Settings, **_options: object) -> None:
    """Stand in for formcheck.job.run."""
    log("begun", clip)
    told = json.loads(clip.read_text(encoding="utf-8"))
    first = clip.with_suffix(".tried")
    if told["fate"] == "nobody":
        raise NobodyError(f"{clip.name}: nobody was found in the clip")
    if told["fate"] == "crash":
        raise ZeroDivisionError("a bug\nof ours")
    if told["fate"] == "die" or (told["fate"] == "die once" and not first.exists()):
        first.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if told["fate"] == "hang" and not first.exists():
        first.touch()
        time.sleep(120)
    time.sleep(0.05)
    (folder / "report.json").write_text(json.dumps(told["report"]), encoding="utf-8")
    log("scored", clip)


def run(sources, out, **options) -> batch.Summary:
    wanted = {"workers": 2, **options}
    return batch.run([str(s) for s in sources], out, analyse=analyse, **wanted)


def scored(log: Path) -> Counter[str]:
    return Counter(line.clip for line in read_log(log) if line.what == "scored")


def wait_until(true, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)
