"""What a terminal without our characters is shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from formcheck import standins

OTHER_TERMINALS = {
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "ascii": {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"},
}


@pytest.mark.parametrize("encoding", OTHER_TERMINALS)
def test_a_terminal_without_our_characters_is_shown_others(encoding, root):
    """Symbols that mean something stay apart; bytes of a path are as they are."""
    told = ascii(" 3–4 · 12° ± 5° → … Я caf\udce9")
    program = (
        "from formcheck import cli, terminal; cli.main(['--version']);"
        f"terminal.console().print(terminal.MEANING + {told})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        env={**os.environ, **OTHER_TERMINALS[encoding]},
        cwd=root,
    )
    assert done.stderr == b""
    symbols, _, rest = done.stdout.decode("latin-1").splitlines()[1].partition(" tell ")
    assert symbols == "+ pass   ~ borderline, too close to call   x fail   ? cannot"
    if encoding == "ascii":
        assert rest == "3-4 - 12 deg +/- 5 deg -> ... ? caf\xe9"
    else:
        assert rest == "3-4 · 12° ± 5° -> ... ? caf\xe9"


def test_an_error_that_a_terminal_cannot_show_is_told_all_the_same(root):
    done = subprocess.run(
        [sys.executable, "-m", "formcheck", "analyze", "Я–caf\udce9.mp4"],
        check=False,
        capture_output=True,
        env={**os.environ, **OTHER_TERMINALS["latin-1"]},
        cwd=root,
    )
    assert done.stderr == b"formcheck: ?-caf\xe9.mp4: no such file\n"


def test_json_stays_json_whatever_stands_in():
    standins.register()
    told = {"name": "“Knee” ✓ ≈ ✕ – · → … 12° ± 5° Я"}
    text = json.dumps(told, ensure_ascii=False).encode("ascii", standins.NAME)
    assert json.loads(text) == {"name": "'Knee' + ~ x - - -> ... 12 deg +/- 5 deg ?"}
