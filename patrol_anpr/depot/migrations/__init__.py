"""Bringing the depot's database into the form that this version works on, step by step (alembic).

A change of a table is a line in `tables.py` and a file in `versions/` whose `down_revision` was the last one before
it: the chain has one end. Nothing is taken back; what there was before is in the copy.
"""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection

from patrol_anpr.domain.errors import RecordsFault

_LOCATION = "patrol_anpr.depot:migrations"


NEWER = "The depot's database was made by a newer version of Patrol ANPR. Install that version here."


def known_revision(connection: Connection) -> str | None:
    """Return the revision that a database is in; None for one that no revision has made.

    Raises RecordsFault when it is one of a newer version.
    """
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None and revision not in revisions():
        raise RecordsFault(NEWER)
    return revision


@cache
def revisions() -> tuple[str, ...]:
    """Return every revision that this version knows, the newest first."""
    return tuple(script.revision for script in scripts())


def scripts() -> list[Script]:
    """Return the files of the revisions, the newest first."""
    return list(ScriptDirectory.from_config(_config()).walk_revisions())


def upgrade(connection: Connection) -> None:
    """Bring a database to the newest revision, within the transaction that `connection` is in."""
    command.upgrade(_config(connection), "head")


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", _LOCATION)
    config.set_main_option("path_separator", "os")
    return config
