"""The roster as it is kept, and what a file would change of it: shown first, then all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from argon2 import PasswordHasher
from argon2.low_level import Type
from sqlalchemy import Connection, delete, insert, select

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.dialect import take_turn
from patrol_anpr.depot.officers.reading import FEWEST, RosterFile, RosterLine
from patrol_anpr.depot.tables import officer_currency, officers
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import is_absurd
from patrol_anpr.wire.payloads import sha256_of

_HASHER = PasswordHasher(type=Type.ID)
MOST_TOLD = 10
"""Bad lines that an error of the command tells."""


@dataclass(frozen=True, slots=True)
class KeptOfficer:
    """One officer of the roster, without the PIN's verifier."""

    officer_id: str
    name: str
    unit: str = ""
    training_ends: date | None = None
    policy_ends: date | None = None


@dataclass(frozen=True, slots=True)
class RosterChange:
    """One officer whom a file adds, takes off the roster, or changes; `what` says what of them."""

    officer_id: str
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class NewOfficer:
    """An officer as the file has them; `pin_hash` is the verifier of a new PIN, "": they keep theirs."""

    officer: KeptOfficer
    pin_hash: str = ""


@dataclass(frozen=True, slots=True)
class RosterDraft:
    """A roster that is not in force yet: all its officers, and what is different from the one in force.

    `gone` of the `before` officers of that one would be on it no more. `basis` stands for that one: its SHA-256.
    """

    officers: tuple[NewOfficer, ...]
    changes: tuple[RosterChange, ...]
    gone: int
    before: int
    basis: str

    @property
    def looks_wrong(self) -> bool:
        """Whether so many officers would go that the file may be the wrong one."""
        return is_absurd(self.before, self.before - self.gone)


def roster_in(connection: Connection) -> Sequence[KeptOfficer]:
    """Return the officers of the roster, by id."""
    joined = select(
        officers.c.officer_id,
        officers.c.name,
        officer_currency.c.unit,
        officer_currency.c.training_ends,
        officer_currency.c.policy_ends,
    ).outerjoin(officer_currency, officer_currency.c.officer_id == officers.c.officer_id)
    rows = connection.execute(joined.order_by(officers.c.officer_id))
    return [KeptOfficer(row[0], row[1], row[2] or "", row[3], row[4]) for row in rows]


def draft_of(file: RosterFile, before: Sequence[KeptOfficer]) -> RosterDraft:
    """Work out what a file changes, and hash its PINs, which takes a tenth of a second each.

    Raises BadInput, with the sentences of the first bad lines, where any line cannot be used: it is all or nothing.
    """
    known = {one.officer_id.casefold(): one for one in before}
    rejected = list(file.rejected)
    rejected += [
        f"Line {line.number} of the roster needs a PIN: this officer is not on the roster yet."
        for line in file.lines
        if not line.pin and line.officer_id.casefold() not in known
    ]
    if rejected:
        more = f" {len(rejected) - MOST_TOLD} more lines cannot be used." if len(rejected) > MOST_TOLD else ""
        raise BadInput("\n".join(rejected[:MOST_TOLD]) + more + "\nThe roster was left as it is.")
    new = [_new(line, known.get(line.officer_id.casefold()), file.columns) for line in file.lines]
    there = {one.officer.officer_id.casefold() for one in new}
    gone = [one for one in before if one.officer_id.casefold() not in there]
    changes = [
        *(_change(one, known.get(one.officer.officer_id.casefold())) for one in new),
        *(RosterChange(one.officer_id, one.name, "off the roster: may not sign on any more") for one in gone),
    ]
    told = tuple(change for change in changes if change is not None)
    return RosterDraft(tuple(new), told, len(gone), len(before), _basis_of(before))


def _basis_of(roster: Sequence[KeptOfficer]) -> str:
    return sha256_of("\n".join(map(repr, roster)).encode())


def keep_draft(connection: Connection, draft: RosterDraft, actor: str) -> int:
    """Put a draft in force in the place of the roster; return its officers.

    Raises BadInput where the roster is not the one any more that the draft was compared with: what was shown of it is
    not true then, and an officer whom somebody took off it meanwhile would be back.
    """
    take_turn(connection, "roster")
    if _basis_of(roster_in(connection)) != draft.basis:
        raise BadInput("The roster was changed by somebody else meanwhile. Give the file again.")
    verifiers = {row.officer_id.casefold(): row.pin_hash for row in connection.execute(select(officers))}
    rows = []
    for one in draft.officers:
        verifier = one.pin_hash or verifiers[one.officer.officer_id.casefold()]
        rows.append({"officer_id": one.officer.officer_id, "name": one.officer.name, "pin_hash": verifier})
    connection.execute(delete(officers))
    connection.execute(delete(officer_currency))
    connection.execute(insert(officers), rows)
    currency = ("officer_id", "unit", "training_ends", "policy_ends")
    connection.execute(
        insert(officer_currency), [{name: getattr(one.officer, name) for name in currency} for one in draft.officers]
    )
    add_audit(connection, actor, "roster replaced", reason=f"{len(rows)} officers")
    return len(rows)


def _new(line: RosterLine, before: KeptOfficer | None, columns: int) -> NewOfficer:
    kept = before or KeptOfficer(line.officer_id, line.name)
    said = columns - FEWEST
    return NewOfficer(
        KeptOfficer(
            line.officer_id,
            line.name,
            line.unit if said > 0 else kept.unit,
            line.training_ends if said > 1 else kept.training_ends,
            line.policy_ends if said > 2 else kept.policy_ends,
        ),
        _HASHER.hash(line.pin) if line.pin else "",
    )


def _change(new: NewOfficer, before: KeptOfficer | None) -> RosterChange | None:
    one = new.officer
    if before is None:
        return RosterChange(one.officer_id, one.name, "new: may sign on with the next sync")
    said = [
        *_told("name", before.name, one.name),
        *_told("unit", before.unit, one.unit),
        *_told("training good until", before.training_ends, one.training_ends),
        *_told("policy signed until", before.policy_ends, one.policy_ends),
        *(["new PIN"] if new.pin_hash else []),
    ]
    return RosterChange(one.officer_id, one.name, "; ".join(said)) if said else None


def _told(what: str, before: object, after: object) -> list[str]:
    return [f"{what}: {before or 'nothing'} becomes {after or 'nothing'}"] if before != after else []
