"""Searches that invented people made of invented reads, so that the pages about them have something to show."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.asking import Searching
from patrol_anpr.depot.search.authorising import ask_for_authorisation, decide
from patrol_anpr.depot.search.currency import asker_of
from patrol_anpr.depot.search.law import Why
from patrol_anpr.depot.search.question import Question
from patrol_anpr.depot.staff.duties import Duty, duties_of
from patrol_anpr.depot.staff.sessions import Staff
from patrol_anpr.depot.tables import items
from patrol_anpr.lab.invented_staff import InventedPerson
from patrol_anpr.wire.payloads import Kind


def invent_answers(folder: Path, people: Sequence[InventedPerson], now: datetime) -> None:
    """Let the analyst search the depot in `folder` for the mark that was read most, and ask a senior for more.

    One request waits, one is granted; an auditor asks for the reads of a car. Nothing is done where no read is.
    """
    analyst, senior, auditor = (_who_may(people, duty) for duty in (Duty.SEARCH, Duty.AUTHORISE, Duty.AUDIT))
    why = Why.of("serious", "CR/1234/26", "The car was seen at three burglaries last week")
    grave = Why.of("major", "CR/7/26", "The car was seen at the scene of a murder in spring")
    audit = Why.of("audit", "PSD/5/26", "A complaint about a stop in the town")
    with closing(DepotDatabase(folder, Role.SEARCH)) as database:
        with database.reading() as connection:
            most = (
                select(items.c.folded, items.c.car_id)
                .where(items.c.kind == Kind.READ.value, items.c.folded.is_not(None))
                .group_by(items.c.folded, items.c.car_id)
                .order_by(func.count().desc(), items.c.folded)
            )
            row = connection.execute(most.limit(1)).one_or_none()
            askers = [asker_of(connection, one) for one in (analyst, auditor)]
        if row is None:
            return
        month = Question.of(now - timedelta(days=40), now, mark=row.folded)
        Searching(database, lambda: now).ask(askers[0], month, why)
        spring = Question.of(now - timedelta(days=200), now, mark=row.folded)
        car = Question.of(now - timedelta(days=7), now, car_id=row.car_id)
        with database.writing() as connection:
            ask_for_authorisation(connection, askers[0], spring, grave, now, one_use=True)
            ask_for_authorisation(connection, askers[1], car, audit, now, one_use=True)
            granted = ask_for_authorisation(connection, askers[0], spring, grave, now, one_use=True)
            decide(connection, senior.staff_id, granted, now, days=7, words="Grave, and there is no milder way")


def _who_may(people: Sequence[InventedPerson], duty: Duty) -> Staff:
    one = next(person for person in people if duty in duties_of((person.role,)))
    return Staff(one.staff_id, one.name, frozenset({one.role}))
