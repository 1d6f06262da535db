"""What an error of the database or of the disk means."""

import errno

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy.exc import OperationalError

from patrol_anpr.domain.errors import RecordsFault

_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
_OURS = {"SQLITE_ERROR"}
"""What SQLite says of a wrong statement, as an OperationalError like those of the disk."""
_NO_ROOM = {"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"}
"""The second is how the file of shared memory beside the journal meets a full disk."""


def _name_of(error: BaseException) -> str:
    return getattr(getattr(error, "orig", error), "sqlite_errorname", None) or ""


def is_damage(error: BaseException) -> bool:
    """Tell whether the file itself is damaged (every page carries a keyed checksum)."""
    name = _name_of(error)
    return name in _DAMAGED or name.startswith("SQLITE_CORRUPT")


def is_full(error: BaseException) -> bool:
    """Tell whether the disk, or the user's share of it, has no room left."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
    return _name_of(error) in _NO_ROOM


def cause_in_world(error: BaseException | None) -> BaseException | None:
    """Return what the disk or the file is to blame for, so that trying again later makes sense; None for a bug.

    An error met while another one was handled counts as that one: a full disk can end a transaction by itself, and the
    rollback that follows then fails for a reason of its own.
    """
    while error is not None:
        if isinstance(error, OSError) or is_damage(error):
            return error
        if isinstance(error, OperationalError) and _name_of(error) not in _OURS:
            return error
        error = error.__context__
    return None


def damage_error(detail: str) -> Exception:
    """Make the error SQLite would raise at a damaged page."""
    error: Exception = sqlcipher.DatabaseError(detail)
    error.sqlite_errorname = "SQLITE_CORRUPT"  # type: ignore[attr-defined]
    return error


def unusable(error: BaseException) -> RecordsFault:
    """Say in a sentence why the records cannot be used."""
    if is_full(error):
        return RecordsFault("The records cannot be used: the disk is full. Free some space on it.")
    cause = getattr(error, "orig", error)
    said = getattr(cause, "strerror", None) or cause  # not the path of the file
    return RecordsFault(
        "The records cannot be used ({said}). Check that the disk is there and has free space.", said=said
    )
