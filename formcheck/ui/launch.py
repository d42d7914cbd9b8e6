"""Serves the page with Streamlit, bound to this machine and without usage statistics."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from formcheck.errors import UsageError

OPTIONS: dict[str, str | int | bool] = {
    "browser.gatherUsageStats": False,
    "server.maxUploadSize": 1024,
    "server.headless": True,
    "server.showEmailPrompt": False,
    "client.toolbarMode": "minimal",
}
"""Besides address and port; ``.streamlit/config.toml`` says the same for a checkout."""


def command(host: str, port: int) -> list[str]:
    """The command line that serves the page."""
    settings = {**OPTIONS, "server.address": host, "server.port": port}
    page = Path(__file__).with_name("page.py")
    flags = [f"--{name}={str(value).lower()}" for name, value in settings.items()]
    return [sys.executable, "-m", "streamlit", "run", str(page), *flags]


def serve(host: str, port: int) -> int:
    """Serve the page until interrupted; the exit code of the server."""
    _require_free(host, port)
    sys.stderr.write(f"formcheck: open http://{host}:{port} in a browser; Ctrl+C ends it\n")
    with subprocess.Popen(command(host, port)) as server:
        try:
            return server.wait()
        except KeyboardInterrupt:
            server.wait()
            raise


def _require_free(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"cannot listen on {host}:{port} ({reason}); try another --port"
        raise UsageError(message) from error
