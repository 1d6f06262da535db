"""Until when the training and the signed policy of those who search are good. An administrator keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.dialect import insert_or_skip
from patrol_anpr.depot.search.law import Asker
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.depot.staff.sessions import Staff
from patrol_anpr.depot.tables import staff, staff_currency
from patrol_anpr.domain.errors import BadInput


@dataclass(frozen=True, slots=True)
class Currency:
    """Somebody's currency; None: nothing is on record, and then they cannot search."""

    staff_id: str
    name: str
    training_ends: date | None
    policy_ends: date | None


def currencies_in(connection: Connection) -> Sequence[Currency]:
    """Return that of everybody who has an account, by id."""
    query = (
        select(staff.c.staff_id, staff.c.name, staff_currency.c.training_ends, staff_currency.c.policy_ends)
        .outerjoin(staff_currency, staff_currency.c.staff_id == staff.c.staff_id)
        .where(staff.c.ended_at.is_(None))
        .order_by(staff.c.staff_id)
    )
    return [Currency(*row) for row in connection.execute(query)]


def set_currency(connection: Connection, actor: str, staff_id: str, training_ends: str, policy_ends: str) -> None:
    """Keep until when both are good, as ISO dates. Raises BadInput."""
    try:
        dates = {
            "training_ends": date.fromisoformat(training_ends.strip()),
            "policy_ends": date.fromisoformat(policy_ends.strip()),
        }
    except ValueError:
        raise BadInput("Give both days, each as year-month-day: 2027-01-31.") from None
    if connection.execute(select(staff.c.staff_id).where(staff.c.staff_id == staff_id)).first() is None:
        raise BadInput("There is no account of that id. Choose one of the list.")
    connection.execute(insert_or_skip(connection, staff_currency).values(staff_id=staff_id, **dates))
    connection.execute(staff_currency.update().where(staff_currency.c.staff_id == staff_id).values(**dates))
    add_audit(connection, actor, "currency kept", staff_id, f"training {training_ends}, policy {policy_ends}")


def asker_of(connection: Connection, person: Staff) -> Asker:
    """Return somebody as the law of searching sees them."""
    row = connection.execute(select(staff_currency).where(staff_currency.c.staff_id == person.staff_id)).one_or_none()
    return Asker(
        person.staff_id,
        may_search=Duty.SEARCH in person.duties,
        may_audit=Duty.AUDIT in person.duties,
        training_ends=None if row is None else row.training_ends,
        policy_ends=None if row is None else row.policy_ends,
    )
