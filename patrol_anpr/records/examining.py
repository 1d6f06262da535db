"""A look at records without opening them for good: nothing is changed, and a patrol may be under way meanwhile."""

from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection

from patrol_anpr.domain.audit import AuditCheck, verify_chain
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.records import audit, queries
from patrol_anpr.records.aside import ASIDE
from patrol_anpr.records.database import Database
from patrol_anpr.records.evidence import Pictures
from patrol_anpr.records.faults import is_damage, unusable
from patrol_anpr.records.keys import Key
from patrol_anpr.records.outbox import parked_rows, waiting_rows
from patrol_anpr.records.witness import Witness, goes_on_from


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found. `behind`: their newest part is missing. `aside` names the folders of what was set aside.

    `parked` counts records that the depot refused or holds with another content.
    """

    reads: int
    waiting: int
    parked: int
    trail: AuditCheck
    behind: bool
    aside: tuple[str, ...]


def examine(folder: Path, key: Key) -> Examined:
    """Read the records in `folder` and check the whole audit trail (a million rows take about a minute).

    Raises:
        RecordsFault: they cannot be read, with the reason.
    """
    before = Witness(folder, key).read()  # first: what is written meanwhile then only puts the database ahead of it
    database = Database(folder, key)

    def look(connection: Connection) -> Examined:
        trail = verify_chain(audit.rows(connection), [before.head] if before else [])
        behind = before is not None and not goes_on_from(connection, before)
        counts = queries.count_reads(connection), waiting_rows(connection), parked_rows(connection)
        return Examined(*counts, trail, behind, aside)

    try:
        aside = tuple(sorted(entry.name for entry in (folder / ASIDE).iterdir())) if (folder / ASIDE).is_dir() else ()
        if not database.file.exists() or database.file.stat().st_size == 0:
            if before or key.proven(folder) or Pictures(folder, key).any:
                raise RecordsFault("The records of this car are gone or empty. The next start sets aside what is left.")
            return Examined(0, 0, 0, AuditCheck(0), behind=False, aside=aside)
        return database.ask(look)
    except sqlcipher.DatabaseError as error:
        if is_damage(error):
            raise RecordsFault("The records do not open: they are damaged, or this is not their key.") from error
        raise unusable(error) from error
    except OSError as error:
        raise unusable(error) from error
    finally:
        database.close()
