"""A throw-away PostgreSQL server on a socket in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg


def server_programs() -> Path | None:
    """The folder with ``initdb`` and ``pg_ctl``; None when there is none."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = [*sorted(debian, reverse=True), *map(Path, filter(None, [shutil.which("initdb")]))]
    return found[0].resolve().parent if found else None


class Server:
    """A running server; ``empty_database`` gives the URL of its database."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="fc-pg-"))
        self._user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:  # initdb refuses to run as root
            shutil.chown(self.folder, self._user)
        try:
            self._run("initdb", "-D", str(self.folder / "db"), "-A", "trust", "--no-sync")
            options = f"-k {self.folder} -c listen_addresses='' -c fsync=off"
            start = ("-D", str(self.folder / "db"), "-o", options, "-l", str(self.folder / "log"))
            self._run("pg_ctl", *start, "-w", "start")
        except BaseException:
            shutil.rmtree(self.folder)
            raise

    def empty_database(self) -> str:
        """The URL of the database, emptied: a new one for each test would fill the disk."""
        url = f"postgresql://{self._user}@/postgres?host={self.folder}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET client_min_messages = error")
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return url

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "db"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={self._user}", f"--regid={self._user}",
                       "--init-groups", *command]  # fmt: skip
        # The server keeps what it inherits: a pipe would never end.
        with tempfile.TemporaryFile() as told:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=told, stderr=told, cwd="/", check=False
            )
            told.seek(0)
            assert done.returncode == 0, told.read().decode()
