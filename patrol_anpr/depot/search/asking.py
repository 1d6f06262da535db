"""Searching: first the law, then the audit, committed, and only then the answer. No audit, no answer.

What was asked is kept in `searches` for auditors, and for who asked; the trail holds its id and its hash, so that
neither can be changed afterwards, and no mark.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import clock_of, open_reach
from patrol_anpr.depot.keeping.classes import Keep
from patrol_anpr.depot.search.authorising import ask_for_authorisation, give_back, request_of, use
from patrol_anpr.depot.search.finding import Finds, find_reads
from patrol_anpr.depot.search.found import ReadFound, reads_of
from patrol_anpr.depot.search.law import Allowed, Asker, Purpose, Reach, Refused, Why, check_currency, judge
from patrol_anpr.depot.search.question import Question
from patrol_anpr.depot.search.refusing import LOOK_REFUSED, SEARCH_REFUSED, told
from patrol_anpr.depot.tables import audit, erasures, search_finds, searches
from patrol_anpr.wire.payloads import canonical_json, sha256_of

PAGE = 25
"""Reads of one page."""
SEARCHED = "reads searched"
"""The action of the audit's rows about searches; the last word of their reason is the hash of what was asked."""
OPEN = timedelta(hours=24)
"""An answer may be looked at again for so long; afterwards the search is made anew."""


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was made. `found` is None where it broke off after it was noted."""

    search_id: str
    staff_id: str
    at: datetime
    reach: Reach
    question: Question
    why: Why
    authorisation_id: str | None
    sha256: str
    found: int | None
    more: bool

    def is_open(self, now: datetime) -> bool:
        """Whether its answer may be looked at again."""
        return self.found is not None and now < self.at + OPEN


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of the reads that a search found. `erased` counts those of this page that are no longer there."""

    search: Search
    page: int
    pages: int
    reads: Sequence[ReadFound]
    erased: int


class Searching:
    """Makes searches, and shows what they found to who made them. Any thread may call.

    Raises, beside what each method says, SQLAlchemyError and RecordsFault; then nothing was answered.
    """

    def __init__(self, database: DepotDatabase, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def ask(self, asker: Asker, question: Question, why: Why, authorisation_id: str = "") -> tuple[str, Allowed]:
        """Search; return the id of the search, and what its asker is to be told. Raises Refused, which is audited."""
        said = f"{why.purpose}, case {why.case_number}"
        with told(self._database, asker.staff_id, SEARCH_REFUSED, authorisation_id, said):
            return self._ask(asker, question, why, authorisation_id)

    def request(self, asker: Asker, question: Question, why: Why) -> str:
        """Ask for the authorisation of one search; return its id. Raises Refused, which is audited."""
        said = f"authorisation of {why.purpose}, case {why.case_number}"
        with (
            told(self._database, asker.staff_id, SEARCH_REFUSED, "", said),
            self._database.writing() as connection,
        ):
            return ask_for_authorisation(connection, asker, question, why, self._now(), one_use=True)

    def _ask(self, asker: Asker, question: Question, why: Why, authorisation_id: str) -> tuple[str, Allowed]:
        with self._database.writing() as connection:
            now = clock_of(connection, self._now())
            request = request_of(connection, authorisation_id) if authorisation_id else None
            authorisation = None if request is None else request.authorisation
            allowed = judge(asker, question, why, now, authorisation)
            if authorisation is not None:
                use(connection, authorisation, now)
            search_id = _note(connection, asker, question, why, allowed.reach, authorisation_id or None, now)
        try:
            self._keep(search_id, self._find(question, allowed.reach))
        except Exception:
            if authorisation is not None:
                with self._database.writing() as connection:
                    give_back(connection, authorisation.authorisation_id)
            raise
        return search_id, allowed

    def _keep(self, search_id: str, finds: Finds) -> None:
        """Keep what a search found: from then on its answer is open."""
        with self._database.writing() as connection:
            if finds.reads:
                rows = [
                    {"search_id": search_id, "place": place, "seq": seq, "captured_at": at}
                    for place, (seq, at) in enumerate(finds.reads, 1)
                ]
                connection.execute(insert(search_finds), rows)
            done = update(searches).where(searches.c.search_id == search_id)
            connection.execute(done.values(found=len(finds.reads), more=int(finds.more)))

    def _find(self, question: Question, reach: Reach) -> Finds:
        with self._database.reading() as connection:
            open_reach(connection, reach)
            return find_reads(connection, question)

    def answer(self, asker: Asker, search_id: str, page: int = 1) -> Answer | None:
        """Return a page of what was found, counted from 1, to who asked; None where there is none of that id for them.

        Raises Refused when it may not be looked at any more.
        """
        search = self._opened(asker, search_id)
        if search is None or search.found is None:
            return None
        pages = max(1, -(-search.found // PAGE))
        if not 1 <= page <= pages:
            return None
        first = (page - 1) * PAGE
        finds = self._finds(search, first + 1, first + PAGE)
        reads = self._reads(search, finds)
        return Answer(search, page, pages, reads, len(finds) - len(reads))

    def look(self, asker: Asker, search_id: str, place: int) -> tuple[Search, ReadFound] | None:
        """Return one read of an answer, once the trail says that it was looked at; None where there is none.

        Raises Refused as `answer` does.
        """
        again = self.again(asker, search_id, place)
        if again is None:
            return None
        with self._database.writing() as connection:
            now = clock_of(connection, self._now())
            first = update(search_finds).where(
                search_finds.c.search_id == search_id,
                search_finds.c.place == place,
                search_finds.c.looked_at.is_(None),
            )
            connection.execute(first.values(looked_at=now))
            about = again[1].item_id
            add_audit(connection, f"staff {asker.staff_id}", "read looked at", about, f"search {search_id}")
        return again

    def again(self, asker: Asker, search_id: str, place: int) -> tuple[Search, ReadFound] | None:
        """Return a read of an answer to what is on record by itself: its pictures, its evidence. Raises Refused."""
        search = self._opened(asker, search_id)
        if search is None or search.found is None or not 1 <= place <= search.found:
            return None
        found = self._one(search, place)
        return None if found is None else (search, found)

    def picture_named(self, asker: Asker, search_id: str, place: int, name: str) -> str | None:
        """Return the SHA-256 of a picture of a read that was found; None where there is none.

        The overview shows people and places: it is for who opened the read, which the trail says. Raises Refused.
        """
        again = self.again(asker, search_id, place)
        if again is None or (name != "patch" and again[1].looked_at is None):
            return None
        return again[1].picture(name)

    def made_by(self, staff_id: str, limit: int = 100) -> Sequence[Search]:
        """Return the newest searches of one person."""
        query = select(searches).where(searches.c.staff_id == staff_id).order_by(searches.c.at.desc()).limit(limit)
        with self._database.reading() as connection:
            return [_search(row) for row in connection.execute(query)]

    def found_by(self, seq: int) -> Sequence[tuple[str, Purpose, datetime, datetime | None]]:
        """Return who found a read: staff id, purpose, when, and when they first looked at it; the newest first."""
        query = (
            select(searches.c.staff_id, searches.c.purpose, searches.c.at, search_finds.c.looked_at)
            .join(search_finds, search_finds.c.search_id == searches.c.search_id)
            .where(search_finds.c.seq == seq)
            .order_by(searches.c.at.desc())
            .limit(100)
        )
        with self._database.reading() as connection:
            return [(row[0], Purpose(row[1]), row[2], row[3]) for row in connection.execute(query)]

    def _opened(self, asker: Asker, search_id: str) -> Search | None:
        """Return a search of this person whose answer may be looked at now. Raises Refused, which is audited."""
        with told(self._database, asker.staff_id, LOOK_REFUSED, search_id):
            return self._open(asker, search_id)

    def _open(self, asker: Asker, search_id: str) -> Search | None:
        with self._database.reading() as connection:
            now = clock_of(connection, self._now())
            row = connection.execute(select(searches).where(searches.c.search_id == search_id)).one_or_none()
            if row is None or row.staff_id != asker.staff_id:
                return None
            search = _search(row)
            request = request_of(connection, search.authorisation_id) if search.authorisation_id else None
        check_currency(asker, now.date())
        if not (asker.may_audit if search.why.purpose is Purpose.AUDIT else asker.may_search):
            raise Refused("Your role does not allow this any more.")
        if request is not None and request.authorisation.revoked_at is not None:
            raise Refused("The authorisation was revoked, so what it found is closed.")
        if not search.is_open(now):
            hours = OPEN.total_seconds() / 3600
            raise Refused(f"An answer is open for {hours:.0f} hours. Make the search anew.")
        return search

    def _one(self, search: Search, place: int) -> ReadFound | None:
        reads = self._reads(search, self._finds(search, place, place))
        return reads[0] if reads else None

    def _finds(self, search: Search, first: int, last: int) -> Sequence[tuple[int, int, datetime, datetime | None]]:
        columns = [search_finds.c[name] for name in ("place", "seq", "captured_at", "looked_at")]
        query = select(*columns).where(
            search_finds.c.search_id == search.search_id, search_finds.c.place.between(first, last)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(search_finds.c.place))
            return [(row.place, row.seq, row.captured_at, row.looked_at) for row in rows]

    def _reads(
        self, search: Search, finds: Sequence[tuple[int, int, datetime, datetime | None]]
    ) -> Sequence[ReadFound]:
        with self._database.reading() as connection:
            open_reach(connection, search.reach)
            return reads_of(connection, search.question, finds)


def _note(
    connection: Connection,
    asker: Asker,
    question: Question,
    why: Why,
    reach: Reach,
    authorisation_id: str | None,
    now: datetime,
) -> str:
    """Put a search on record before it is made."""
    search_id = secrets.token_hex(8)
    values = {
        "search_id": search_id,
        "staff_id": asker.staff_id,
        "at": now,
        "reach": reach.value,
        "purpose": why.purpose.value,
        "case_number": why.case_number,
        "reason": why.reason,
        "asked": canonical_json(question.says()).decode("ascii"),
        "authorisation_id": authorisation_id,
    }
    sha256 = hash_of(values)
    connection.execute(insert(searches).values(**values, sha256=sha256))
    what = f"{why.purpose}, case {why.case_number}, {reach}, asked {sha256}"
    add_audit(connection, f"staff {asker.staff_id}", SEARCHED, search_id, what)
    return search_id


def hash_of(values: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a row of `searches` says was asked, by whom, when and why."""
    names = ("search_id", "staff_id", "reach", "purpose", "case_number", "reason", "asked", "authorisation_id")
    plain = {name: values[name] for name in names} | {"at": values["at"].isoformat()}
    return sha256_of(canonical_json(plain))


def changed_searches(connection: Connection) -> Sequence[str]:
    """Return the ids of searches of which the trail says something else, or nothing; and of those it has alone.

    A search that the erasing has reached is there no more, and that is right.
    """
    told = select(audit.c.object_id, audit.c.reason, audit.c.at).where(audit.c.action == SEARCHED)
    said = {row.object_id: row for row in connection.execute(told)}
    erased_to = (
        connection.execute(select(func.max(erasures.c.up_to)).where(erasures.c.what == Keep.SEARCHES.value)).scalar()
        or ""
    )
    changed = []
    for row in map(dict, connection.execute(select(searches).order_by(searches.c.at)).mappings()):
        word = said.pop(row["search_id"], None)
        if word is None or word.reason.rpartition(" ")[2] != hash_of(row):
            changed.append(row["search_id"])
    lost = [search_id for search_id, row in said.items() if f"{row.at - timedelta(days=1):%Y-%m-%d}" >= erased_to]
    return changed + lost


def _search(row: Row[Any]) -> Search:
    return Search(
        search_id=row.search_id,
        staff_id=row.staff_id,
        at=row.at,
        reach=Reach(row.reach),
        question=Question.said(json.loads(row.asked)),
        why=Why(Purpose(row.purpose), row.case_number, row.reason),
        authorisation_id=row.authorisation_id,
        sha256=row.sha256,
        found=row.found,
        more=bool(row.more),
    )
