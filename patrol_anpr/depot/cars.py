"""Which cars may speak to the depot: enrolled by a one-time code, known by the key they made then, ended by a word.

The rows here are the deny list: they are asked at each request, so that what is changed counts from the next one on.
"""

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hmac import compare_digest
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.authority import Authority
from patrol_anpr.depot.certificates import CarCertificate, NotACar, issue, key_of, key_sha256_of
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.tables import cars, enrolment_codes
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.enrolment import Code, EnrolRequest
from patrol_anpr.wire.payloads import sha256_of

CODE_LASTS = timedelta(hours=1)
_REMEMBERED = timedelta(days=7)
"""So long the depot can say of a code that it was used or is out of date."""
TRIES = 5
"""A code is worth nothing after so many wrong secrets."""
LATE = timedelta(days=90)
"""So long after its end a certificate may still be renewed, by a car that was off. It is good for nothing else."""
LONGEST_UNIT = 60
_CAR_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


class Enrolment(Enum):
    """What became of a code: the reason, as the audit has it."""

    DONE = "enrolled"
    NO_SUCH_CODE = "no such code"
    WRONG = "wrong secret"
    SPENT = "code used before"
    OVER = "code out of date"
    NO_REQUEST = "no request of a P-256 key"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The answer to a code. `certificate` (PEM) is there when it is DONE, `car_id` when there is such a code."""

    outcome: Enrolment
    car_id: str = ""
    certificate: str = ""


def new_code(folder: Path, car_id: str, now: datetime, actor: str = "operator") -> tuple[Code, bool]:
    """Make the code by which a car enrols, in the place of an earlier one; True beside it when the car has a key now.

    The code is kept nowhere: its secret has 60 random bits, so that a plain SHA-256 of it may be kept for its hour.
    Raises BadInput for an unusable car id, RecordsFault when the depot cannot be opened.
    """
    if not _CAR_ID.fullmatch(car_id):
        raise BadInput("A car id has 1 to 32 letters, digits, - or _, and starts with a letter or digit.")
    authority = DepotKeys(folder).authority.der
    database = DepotDatabase(folder)
    try:
        with database.writing() as connection:
            known = _car(connection, car_id)
            if known is None:
                connection.execute(insert(cars).values(car_id=car_id, key_sha256="", added_at=now))
            useless = or_(enrolment_codes.c.car_id == car_id, enrolment_codes.c.ends_at < now - _REMEMBERED)
            connection.execute(delete(enrolment_codes).where(useless))
            numbers = set(connection.execute(select(enrolment_codes.c.number)).scalars())
            code = next(code for code in iter(lambda: Code.new(authority), None) if code.number not in numbers)
            connection.execute(
                insert(enrolment_codes).values(
                    number=code.number,
                    car_id=car_id,
                    secret_sha256=sha256_of(code.secret.encode()),
                    ends_at=now + CODE_LASTS,
                    tries=0,
                    used_key="",
                )
            )
            add_audit(connection, actor, "enrolment code made", car_id)
    finally:
        database.close()
    return code, known is not None and known.key_sha256 != "" and known.revoked_at is None


def enrol(database: DepotDatabase, authority: Authority, asked: EnrolRequest, now: datetime) -> Enrolled:
    """Spend a code: the key of the request is that of the car from now on, and one it had before is refused.

    The same key may ask with its code again: the answer may have been lost. What is refused is audited, for each code a
    few times, so that nobody fills the audit.
    """
    try:
        key = key_of(asked.request)
    except NotACar:
        return Enrolled(Enrolment.NO_REQUEST)
    new = key_sha256_of(key)
    with database.writing() as connection:
        found = select(enrolment_codes).where(enrolment_codes.c.number == asked.number)
        code = connection.execute(found.with_for_update()).one_or_none()  # one try after the other
        if code is None:
            return Enrolled(Enrolment.NO_SUCH_CODE)
        outcome = _judged(code, asked.secret, new, now)
        if outcome is not Enrolment.DONE:
            if code.tries < TRIES:
                tried = update(enrolment_codes).where(enrolment_codes.c.number == code.number)
                connection.execute(tried.values(tries=code.tries + 1))
                add_audit(connection, "unknown", "enrolment refused", code.car_id, outcome.value)
            return Enrolled(outcome, code.car_id)
        had = _car(connection, code.car_id)
        connection.execute(
            update(cars).where(cars.c.car_id == code.car_id).values(key_sha256=new, added_at=now, revoked_at=None)
        )
        connection.execute(update(enrolment_codes).where(enrolment_codes.c.number == code.number).values(used_key=new))
        replaced = had is not None and had.key_sha256 not in ("", new)
        reason = "in the place of another key, which is refused now" if replaced else ""
        add_audit(connection, f"car {code.car_id}", "car enrolled", code.car_id, reason)
    return Enrolled(Enrolment.DONE, code.car_id, issue(authority, code.car_id, key, now))


def renew(database: DepotDatabase, authority: Authority, shown: CarCertificate, request: str, now: datetime) -> str:
    """Issue another certificate (PEM) for the same car and key. Raises NotACar for a request of another key."""
    if key_sha256_of(key_of(request)) != shown.key_sha256:
        raise NotACar("another key: that needs a code")
    with database.writing() as connection:
        add_audit(connection, f"car {shown.car_id}", "certificate renewed", shown.car_id)
    return issue(authority, shown.car_id, shown.key, now)


def revoke_car(folder: Path, car_id: str, now: datetime, actor: str = "operator", reason: str = "") -> None:
    """Refuse a car from its next request on, and end its open code. Raises BadInput when the depot does not know it."""
    database = DepotDatabase(folder)
    try:
        with database.writing() as connection:
            change = update(cars).where(cars.c.car_id == car_id).values(revoked_at=now)
            if not connection.execute(change).rowcount:
                raise BadInput("The depot knows no car of that id.")
            connection.execute(delete(enrolment_codes).where(enrolment_codes.c.car_id == car_id))
            add_audit(connection, actor, "car revoked", car_id, reason)
    finally:
        database.close()


def assign_unit(folder: Path, car_id: str, unit: str, actor: str = "operator") -> None:
    """Say where a car belongs; "" takes that back. Raises BadInput for an unknown car or a name that cannot be used."""
    unit = unit.strip()
    if len(unit) > LONGEST_UNIT or not unit.isprintable():
        raise BadInput(f"The name of a unit has at most {LONGEST_UNIT} letters. Write it anew.")
    database = DepotDatabase(folder)
    try:
        with database.writing() as connection:
            change = update(cars).where(cars.c.car_id == car_id).values(unit=unit)
            if not connection.execute(change).rowcount:
                raise BadInput("The depot knows no car of that id.")
            add_audit(connection, actor, "car assigned", car_id, unit or "to no unit")
    finally:
        database.close()


def cars_of_units(folder: Path, units: Sequence[str]) -> tuple[str, ...]:
    """Return the cars that belong to these units now and are not revoked. Raises BadInput for a unit without any."""
    found: set[str] = set()
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        for unit in units:
            of_unit = (func.lower(cars.c.unit) == unit.strip().lower()) & (cars.c.unit != "")
            wanted = select(cars.c.car_id).where(of_unit, cars.c.revoked_at.is_(None))
            known = connection.execute(wanted).scalars().all()
            if not known:
                raise BadInput("No car belongs to a unit {unit}. `patrol-anpr depot cars` shows the units.", unit=unit)
            found.update(known)
    return tuple(sorted(found))


def may_speak(database: DepotDatabase, shown: CarCertificate) -> bool:
    """Tell whether a car is not revoked, and has not enrolled anew with another key since."""
    with database.reading() as connection:
        car = _car(connection, shown.car_id)
    return car is not None and car.revoked_at is None and car.key_sha256 == shown.key_sha256


def _judged(code: Row[Any], secret: str, key: str, now: datetime) -> Enrolment:
    """The secret is judged first: who does not have it learns nothing of the code."""
    if code.tries >= TRIES or not compare_digest(code.secret_sha256, sha256_of(secret.encode())):
        return Enrolment.WRONG
    if code.used_key and code.used_key != key:
        return Enrolment.SPENT
    return Enrolment.OVER if now > code.ends_at else Enrolment.DONE


def _car(connection: Connection, car_id: str) -> Row[Any] | None:
    return connection.execute(select(cars).where(cars.c.car_id == car_id)).one_or_none()
