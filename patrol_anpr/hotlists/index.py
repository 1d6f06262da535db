"""A hotlist on disk, looked up by folded VRM: one read-only, encrypted SQLite file for each revision of a list.

A file is built beside its place and moved there whole, so that a crash leaves the old list or the new one. The entries
lie in the order of the file; only an index of folded marks is sorted. So a build of millions needs little memory, and
a look-up that finds nothing, as nearly all do, touches the small index alone.
"""

import logging
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import fields
from datetime import date, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import DoubtedLine, Hotlist, ImportReport, RejectedLine, Tier, Voi
from patrol_anpr.domain.vrm import fold
from patrol_anpr.hotlists.importer import Entry, ListLine, WeededLine
from patrol_anpr.hotlists.placing import placed_whole
from patrol_anpr.plumbing.sqlite import open_sqlite

SCHEMA = 1
"""Version of the file's tables; a file of another version is imported again, never migrated."""
MAX_REPORTED = 1000
"""Refused lines, and doubted ones, that a report holds."""
MAX_PER_MARK = 20
"""Entries of one VRM; more would be a storm of hits for one read."""
PROGRESS_EVERY = 20_000
_CACHE = "cache_size = -8192"
"""In KiB, for each open list: holds the inner pages of 5 million marks and the leaves last used."""
_BUILDING = ("journal_mode = OFF", "synchronous = OFF")
"""A list that breaks off while it is built is thrown away; `placed_whole` makes the finished one last."""

_log = logging.getLogger(__name__)

_TEXTS = tuple(one.name for one in fields(Voi) if one.name not in ("tier", "weed_date"))
_texts_of = attrgetter(*_TEXTS)
_COLUMNS = ", ".join(_TEXTS)
_TABLES = f"""
CREATE TABLE head (list_id TEXT, name TEXT, owner TEXT, revision INTEGER, tier INTEGER, issued_at TEXT,
    valid_until TEXT, entries INTEGER);
CREATE TABLE voi (number INTEGER PRIMARY KEY, folded TEXT NOT NULL, tier INTEGER NOT NULL, weed_date INTEGER,
    {", ".join(f"{column} TEXT NOT NULL" for column in _TEXTS)});
PRAGMA user_version = {SCHEMA};
"""
_INSERT = f"INSERT INTO voi VALUES ({', '.join('?' * (len(_TEXTS) + 4))})"  # noqa: S608 (our own names)
_LOOK_UP = f"SELECT tier, weed_date, {_COLUMNS} FROM voi WHERE folded = ? ORDER BY number"  # noqa: S608
_SHARED_MARKS = "SELECT folded FROM voi GROUP BY folded HAVING count(*) > 1"

Connection = Any  # sqlcipher3 has no types


def build_index(
    lines: Iterable[ListLine],
    target: Path,
    head: Hotlist,
    key: bytes | None,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Write the entries of `lines` to an index file at `target`, encrypted with the 32 bytes of `key` where given.

    `progress` is called with the number of lines done so far; what it raises stops the build. The old file at `target`
    stays in force until the new one is whole and on the disk. On Windows a file that is open cannot be replaced: give
    each revision a name of its own. An entry that repeats an earlier one in every column is refused and reported;
    entries of one VRM that differ are kept as several VOIs, up to MAX_PER_MARK.

    Raises:
        BadInput: there is no entry; or whatever `lines` raises. Nothing was changed.
        RecordsFault: the file cannot be written, or another import of this list is under way. Nothing was changed.
    """
    with placed_whole(target) as beside:
        try:
            with closing(open_sqlite(beside, *_BUILDING, _CACHE, key=key)) as connection:
                connection.executescript("BEGIN;" + _TABLES)
                tally = _Tally(progress)
                connection.executemany(_INSERT, tally.rows(lines))
                connection.execute("CREATE INDEX by_mark ON voi (folded)")
                tally.drop_repeats(connection)
                report = tally.report(connection)
                if not report.entries:
                    raise BadInput("The list holds no entry, so it was not loaded. The list before it stays in force.")
                connection.execute("INSERT INTO head VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _head_row(head, report.entries))
                connection.execute("COMMIT")
        except sqlcipher.Error as error:
            raise RecordsFault(
                "The list could not be written ({why}): check that the disk has room and import the "
                "list again. The list before it stays in force.",
                why=error,
            ) from error
    _log.info("Hotlist %s revision %d: %d entries", head.list_id, head.revision, report.entries)
    return report


class _Tally:
    """Counts what becomes of each line while it goes by."""

    def __init__(self, progress: Callable[[int], None] | None) -> None:
        self._progress = progress
        self._rejected: list[RejectedLine] = []
        self._doubted: list[DoubtedLine] = []
        self._rejected_count = 0
        self._weeded = 0

    def rows(self, lines: Iterable[ListLine]) -> Iterator[tuple[object, ...]]:
        """The rows of the entries among `lines`."""
        for done, line in enumerate(lines, start=1):
            if isinstance(line, Entry):
                if line.doubt and len(self._doubted) < MAX_REPORTED:
                    self._doubted.append(DoubtedLine(line.number, line.doubt))
                yield _row(line)
            elif isinstance(line, WeededLine):
                self._weeded += 1
            else:
                self._reject(line)
            if self._progress and done % PROGRESS_EVERY == 0:
                self._progress(done)

    def drop_repeats(self, connection: Connection) -> None:
        """Delete entries that repeat an earlier one, and those of one mark beyond MAX_PER_MARK."""
        doomed = array("q")
        for (folded,) in connection.execute(_SHARED_MARKS):
            first_said: dict[tuple[object, ...], int] = {}
            for number, *said in connection.execute("SELECT * FROM voi WHERE folded = ? ORDER BY number", (folded,)):
                earlier = first_said.get(tuple(said))
                if earlier is not None:
                    reason = f"it repeats line {earlier} in every column"
                elif len(first_said) == MAX_PER_MARK:
                    reason = f"its VRM has {MAX_PER_MARK} entries already"
                else:
                    first_said[tuple(said)] = number
                    continue
                self._reject(RejectedLine(number, reason))
                doomed.append(number)
        connection.executemany("DELETE FROM voi WHERE number = ?", ((number,) for number in doomed))

    def report(self, connection: Connection) -> ImportReport:
        """What became of the lines, now that the entries are in."""
        (entries,) = connection.execute("SELECT count(*) FROM voi").fetchone()
        rejected = sorted(self._rejected, key=lambda line: line.number)
        return ImportReport(entries, self._rejected_count, tuple(rejected), self._weeded, tuple(self._doubted))

    def _reject(self, line: RejectedLine) -> None:
        self._rejected_count += 1
        if len(self._rejected) < MAX_REPORTED:
            self._rejected.append(line)


class Index:
    """An index file, open for looking up. May be used from any thread, by one at a time."""

    def __init__(self, connection: Connection, path: Path, head: Hotlist, count: int) -> None:
        self._connection = connection
        self._path = path
        self.head = head
        self.count = count

    @classmethod
    def open(cls, path: Path, key: bytes | None) -> "Index":
        """Open a file that `build_index` wrote with this key.

        Raises:
            RecordsFault: there is no such file, the key is another, or the file is damaged or of another version.
        """
        if not path.is_file():
            raise RecordsFault("The list file {name} is not there: fetch or import the list again.", name=path.name)
        with ExitStack() as undo:
            try:
                connection = undo.enter_context(closing(open_sqlite(path, _CACHE, key=key, mode="immutable")))
                head, count = _checked_head(connection, path)
            except sqlcipher.Error as error:
                raise _damaged(path) from error
            undo.pop_all()
        return cls(connection, path, head, count)

    def entries(self, folded: str) -> list[Voi]:
        """Return the VOIs whose VRM folds to `folded`, in the order of the file.

        Raises:
            RecordsFault: the file was damaged since it was opened.
        """
        try:
            rows = self._connection.execute(_LOOK_UP, (folded,)).fetchall()
        except sqlcipher.Error as error:
            raise _damaged(self._path) from error
        return [_voi(row) for row in rows]

    def close(self) -> None:
        """Close the file; further look-ups fail."""
        self._connection.close()


def _checked_head(connection: Connection, path: Path) -> tuple[Hotlist, int]:
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if schema != SCHEMA:
        raise RecordsFault(
            "The list file {name} is of another version of this program: import the list again.", name=path.name
        )
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    row = connection.execute("SELECT * FROM head").fetchone()
    if row is None or path.stat().st_size != int(pages) * int(page_size):  # SQLCipher answers in text
        raise _damaged(path)
    list_id, name, owner, revision, tier, issued_at, valid_until, count = row
    until = datetime.fromisoformat(valid_until) if valid_until else None
    return Hotlist(list_id, name, owner, revision, Tier(tier), datetime.fromisoformat(issued_at), until), count


def _damaged(path: Path) -> RecordsFault:
    return RecordsFault(
        "The list file {name} cannot be read: it is damaged or was made with another key. Import the list again.",
        name=path.name,
    )


def _head_row(head: Hotlist, entries: int) -> tuple[object, ...]:
    until = head.valid_until.isoformat() if head.valid_until else None
    issued = head.issued_at.isoformat()
    return (head.list_id, head.name, head.owner, head.revision, int(head.tier), issued, until, entries)


def _row(entry: Entry) -> tuple[object, ...]:
    voi = entry.voi
    weed = voi.weed_date.toordinal() if voi.weed_date else None
    return (entry.number, fold(voi.vrm), int(voi.tier), weed, *_texts_of(voi))


def _voi(row: Sequence[Any]) -> Voi:
    tier, weed, *texts = row
    weed_date = date.fromordinal(weed) if weed is not None else None
    return Voi(**dict(zip(_TEXTS, texts, strict=True)), weed_date=weed_date, tier=Tier(tier))
