"""Serves the page with Streamlit, bound to this machine and without usage statistics."""

from __future__ import annotations

import errno
import socket
import subprocess
import sys
from pathlib import Path

from formcheck.errors import UsageError
from formcheck.ui.sets import keep_days

OPTIONS: dict[str, str | int | bool] = {
    "browser.gatherUsageStats": False,
    "server.maxUploadSize": 1024,
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": False,
    "client.toolbarMode": "minimal",
    "theme.light.primaryColor": "#0063a6",
    "theme.light.backgroundColor": "#f4f6f8",
    "theme.light.secondaryBackgroundColor": "#ffffff",
    "theme.light.textColor": "#16202b",
    "theme.light.borderColor": "#dde3ea",
    "theme.dark.primaryColor": "#62b6f0",
    "theme.dark.backgroundColor": "#10151b",
    "theme.dark.secondaryBackgroundColor": "#19212a",
    "theme.dark.textColor": "#e9eef4",
    "theme.dark.borderColor": "#2c3743",
}
"""Besides address and port; ``.streamlit/config.toml`` says the same for a checkout.

The colours are those of report.html. No file is watched: a module that Streamlit loads anew (when
FormCheck is updated while the page is open) would know nothing of the work that is under way.
"""

STOP_S = 3.0
"""How long the server may take to end by itself."""


def command(host: str, port: int) -> list[str]:
    """The command line that serves the page."""
    settings = {**OPTIONS, "server.address": host, "server.port": port}
    page = Path(__file__).with_name("serve.py")
    flags = [
        f"--{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in settings.items()
    ]
    return [sys.executable, "-m", "streamlit", "run", str(page), *flags]


def serve(host: str, port: int) -> int:
    """Serve the page until interrupted; the exit code of the server.

    Raises UsageError when the address is taken or a setting makes no sense.
    """
    keep_days()
    _require_free(host, port)
    sys.stderr.write(f"formcheck: open http://{host}:{port} in a browser; Ctrl+C ends it\n")
    with subprocess.Popen(command(host, port)) as server:
        try:
            return server.wait()
        except KeyboardInterrupt:
            _end(server)
            raise


def _end(server: subprocess.Popen[bytes]) -> None:
    """Wait for the server, which Ctrl+C has told to end, too; a signal to this process has not."""
    try:
        server.wait(STOP_S)
    except subprocess.TimeoutExpired:
        server.terminate()
        server.wait()


def _require_free(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]
        other = "--port" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "--host"
        message = f"cannot listen on {host}:{port} ({reason}); try another {other}"
        raise UsageError(message) from error
