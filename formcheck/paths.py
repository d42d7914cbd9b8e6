"""Where FormCheck keeps what is the user's own."""

from __future__ import annotations

import os
from pathlib import Path


def data_folder() -> Path:
    """The user's data folder: FORMCHECK_DATA, else the desktop's usual place (XDG)."""
    told = os.environ.get("FORMCHECK_DATA")
    if told:
        return Path(told)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "formcheck"
