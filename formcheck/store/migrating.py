"""Bringing a database up to date with Alembic, which is loaded only when there is a need."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from formcheck.errors import HistoryError


def upgrade(connection: Connection) -> None:
    """Run the missing migrations in the transaction of ``connection``.

    Raises HistoryError when the database knows a migration that this version does not.
    """
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise HistoryError(
            "the history was written by a newer FormCheck; update this one to read it"
        ) from error


def configuration(connection: Connection) -> Config:
    """Alembic's settings, for the migrations that come with the package."""
    config = Config()
    config.set_main_option("script_location", "formcheck.store:migrations")
    config.attributes["connection"] = connection
    return config
