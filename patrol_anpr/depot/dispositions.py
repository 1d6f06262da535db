"""What may be done about a hit, in the words of this force: the cars fetch the table with the lists."""

import csv
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import delete, insert, select

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.tables import dispositions
from patrol_anpr.domain.disposition import LONGEST_WORD, MOST_OF_A_PAGE, DispositionKind
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.hotlists.shape import other_separator
from patrol_anpr.plumbing.lines import Line, physical_lines
from patrol_anpr.wire.payloads import DispositionEntry, DispositionsReply

COLUMNS = 3
_KINDS = ", ".join(kind.value for kind in DispositionKind)


def import_dispositions(folder: Path, path: Path) -> int:
    """Replace the table by a CSV file of id, word, kind (a header line is allowed), in the order of the screen.

    An empty file leaves no table: the cars then use the one built in. Outcomes keep the word they were said with, so
    that an id may get another word and none has to stay. All or nothing; returns how many there are now.

    Raises:
        BadInput: a line cannot be used (the sentence has its number), or there are more than the screen has room for.
    """
    table: dict[str, DispositionEntry] = {}
    for number, row in _rows(path):
        entry = _entry(number, row)
        if entry.value in table:
            raise BadInput(f"Line {number} names an id a second time. Remove one.")
        table[entry.value] = entry
    stops = sum(entry.kind is DispositionKind.STOPPED for entry in table.values())
    if max(stops, len(table) - stops) > MOST_OF_A_PAGE:
        raise BadInput(
            f"The screen of a car has room for {MOST_OF_A_PAGE} that stopped a vehicle and {MOST_OF_A_PAGE} others. "
            "Leave some out."
        )
    if table and (not stops or stops == len(table)):
        raise BadInput("The table needs one that stopped a vehicle and one that did not, at least.")
    database = DepotDatabase(folder)
    try:
        with database.writing() as connection:
            connection.execute(delete(dispositions))
            rows = [entry.model_dump(mode="json") | {"place": place} for place, entry in enumerate(table.values())]
            if rows:
                connection.execute(insert(dispositions), rows)
            add_audit(connection, "operator", "dispositions replaced", reason=f"{len(rows)} of them")
    finally:
        database.close()
    return len(table)


def dispositions_of(database: DepotDatabase) -> DispositionsReply:
    """Return the table as it travels."""
    columns = (dispositions.c.value, dispositions.c.word, dispositions.c.kind)
    with database.reading() as connection:
        rows = connection.execute(select(*columns).order_by(dispositions.c.place)).mappings()
        return DispositionsReply(dispositions=tuple(DispositionEntry(**row) for row in rows))


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    lines = [line for line in physical_lines(path) if line.problem or line.text.strip(" ,")]
    if word := other_separator([line.text for line in lines]):
        raise BadInput(f"The table has its columns separated by {word}: save it as CSV with commas.")
    rows = [(line.number, _columns(line)) for line in lines]
    if rows and [cell.casefold() for cell in rows[0][1]] == ["id", "word", "kind"]:
        del rows[0]
    return rows


def _columns(line: Line) -> list[str]:
    if line.problem:
        raise BadInput(f"Line {line.number} of the table cannot be read: {line.problem}.")
    try:
        return [cell.strip() for cell in next(csv.reader([line.text], strict=True))]
    except csv.Error as error:
        raise BadInput(f"Line {line.number} of the table cannot be read: its quotes do not match.") from error


def _entry(number: int, row: list[str]) -> DispositionEntry:
    if len(row) != COLUMNS:
        raise BadInput(f"Line {number} of the table must have {COLUMNS} columns: id, word and kind.")
    value, word, kind = row
    if kind not in list(DispositionKind):
        raise BadInput(f"Line {number} of the table has an unknown kind. Use one of: {_KINDS}.")
    try:
        return DispositionEntry(value=value, word=word, kind=DispositionKind(kind))
    except ValidationError:
        raise BadInput(
            f"Line {number} of the table has an id or a word that cannot be used. An id has letters, digits and _; a "
            f"word has 1 to {LONGEST_WORD} characters."
        ) from None
