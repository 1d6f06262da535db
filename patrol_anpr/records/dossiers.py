"""All that the records hold of one Read, for its evidence."""

from collections.abc import Collection
from functools import reduce

from sqlalchemy import Connection, select

from patrol_anpr.domain.audit import AuditRow
from patrol_anpr.domain.by_hand import ReadCorrection
from patrol_anpr.domain.dossier import Dossier, HitFile
from patrol_anpr.domain.hit import Hit, after
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence
from patrol_anpr.records import audit, queries, tables
from patrol_anpr.records.rows import correction_of, hit_of, read_of


def dossier(connection: Connection, read_id: str, evidence: Evidence, *, covert: bool) -> Dossier | None:
    """Return the dossier of a Read; None when the Read is not there. Without `covert` SILENT hits are left out."""
    row = connection.execute(select(tables.reads).where(tables.reads.c.read_id == read_id)).mappings().one_or_none()
    if row is None:
        return None
    read = read_of(row)
    shift = queries.shift(connection, row["shift_id"]) if row["shift_id"] else None
    wanted = select(tables.hits).where(tables.hits.c.read_id == read_id).order_by(tables.hits.c.seq)
    hits = [hit_of(one, read) for one in connection.execute(wanted).mappings()]
    shown = [hit for hit in hits if covert or hit.tier is not Tier.SILENT]
    about = {read_id, *(hit.hit_id for hit in shown), *([shift.shift_id] if shift else [])}
    names = {officer.officer_id: officer.name for officer in queries.roster(connection)}
    return Dossier(
        read=read,
        evidence=evidence,
        shift=shift,
        officer=names.get(shift.officer_id, "") if shift else "",
        hits=tuple(_with_outcomes(connection, hit) for hit in shown),
        corrections=_corrections(connection, read_id),
        audit=_rows_about(connection, about),
        head=audit.head(connection),
    )


def _with_outcomes(connection: Connection, raised: Hit) -> HitFile:
    """The hit as its outcomes left it, and those."""
    said = tuple(queries.outcomes(connection, raised.hit_id))
    return HitFile(reduce(after, said, raised), said)


def _corrections(connection: Connection, read_id: str) -> tuple[ReadCorrection, ...]:
    said = tables.read_corrections
    query = select(said).where(said.c.read_id == read_id).order_by(said.c.seq)
    return tuple(correction_of(row) for row in connection.execute(query))


def _rows_about(connection: Connection, object_ids: Collection[str]) -> tuple[AuditRow, ...]:
    columns = [tables.audit.c[name] for name in AuditRow.__dataclass_fields__]
    query = select(*columns).where(tables.audit.c.object_id.in_(object_ids)).order_by(tables.audit.c.seq)
    return tuple(AuditRow(*row) for row in connection.execute(query))
