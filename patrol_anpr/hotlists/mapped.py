"""Read a list file of another form by a mapping file.

What is true of `importer` is true here: bad lines are given back with number and reason, the good ones load, everything
streams.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import RejectedLine, Tier
from patrol_anpr.hotlists.importer import (
    MAX_FIELD,
    Entry,
    IgnoredLine,
    ListLine,
    Record,
    WeededLine,
    judged,
    made_entry,
    plain,
    read_entries,
    split_records,
)
from patrol_anpr.hotlists.mapping import Encoding, Form, ListMapping, alike
from patrol_anpr.hotlists.shape import JUDGED_LINES, column_of_marks, is_header
from patrol_anpr.plumbing.lines import Line, physical_lines

Fields = Callable[[int | str], str]
"""Gives the plain text of a column of one line, "" where it has none."""
WORDS = {
    "vrm": "VRM", "make": "make", "model": "model", "colour": "colour", "action": "action", "markers": "markers",
    "reason": "reason", "nim_code": "NIM code", "information": "information", "owner": "owner", "contact": "contact",
    "weed_date": "weed date", "pnc_id": "PNC id", "gsc": "GSC", "cad": "CAD",
}  # fmt: skip
"""What each thing that a mapping reads is called."""

_TEXTS = ("vrm", "make", "model", "colour", "action", "markers", "reason", "nim_code", "information")
_REAR = ("pnc_id", "gsc", "cad")
"""Of the 16 columns the first nine, before the owner's, and those behind the weed date."""


@dataclass(frozen=True, slots=True)
class FirstLines:
    """The first lines of a file, as a mapping reads them: `meanings` of the columns, "" for those that are not read.

    `rows` are the texts of each line in the order of `headings`, and what becomes of the line.
    """

    headings: tuple[str, ...]
    meanings: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], ListLine], ...]


def read_list(path: Path, mapping: ListMapping | None, tier: Tier, today: date) -> Iterator[ListLine]:
    """Give every line of a list file, as `read_entries` does; without a mapping it has the 16 columns.

    Raises BadInput as `read_entries` does, and where the file does not have what the mapping reads.
    """
    if mapping is None:
        return read_entries(path, tier, today)
    return _Reader(path, mapping).lines(tier, today)


def first_lines(path: Path, mapping: ListMapping, tier: Tier, today: date, most: int) -> FirstLines:
    """Show how a mapping reads the first `most` lines of a file. Raises BadInput as `read_list` does."""
    return _Reader(path, mapping).first(tier, today, most)


def fitting(path: Path, mappings: Sequence[ListMapping], today: date) -> ListMapping | None:
    """The mapping that makes the most entries of the first lines of a file, the first of equals; None: none makes any.

    Raises BadInput where the file cannot be read at all.
    """
    next(physical_lines(path), None)  # what is wrong with the file itself is told as it is
    best: tuple[float, ListMapping | None] = (0.0, None)
    for mapping in mappings:
        try:
            rows = _Reader(path, mapping).first(Tier.ROUTINE, today, JUDGED_LINES).rows
        except BadInput:
            continue
        good = sum(isinstance(line, Entry | WeededLine) for _, line in rows) / max(1, len(rows))
        rich = good * (1 + len(mapping.columns.named) / 100)
        if good > 1 / 2 and rich > best[0]:
            best = rich, mapping
    return best[1]


class _Reader:
    """One file, read by one mapping."""

    def __init__(self, path: Path, mapping: ListMapping) -> None:
        self._name, self._mapping = path.name, mapping
        encoding = "" if mapping.encoding is Encoding.AUTO else mapping.encoding.value
        coming = physical_lines(path, encoding)
        self._ignored: list[int] = []
        records = self._records(coming)
        self._header: dict[str, int] = {}
        self._headings: list[str] = []
        if mapping.header:
            self._take_header(next((fields for _, fields in records if isinstance(fields, list)), []))
        self._read = [(name, self._key(column)) for name, column in mapping.columns.named.items()]
        self._always = {name: text for name, text in mapping.always if text}
        self._ignore = [(self._key(rule.column), rule.set) for rule in mapping.ignore]
        first = list(islice(records, JUDGED_LINES))
        self._check_shape([fields for _, fields in first if isinstance(fields, list)])
        self._coming = chain(first, records)

    def lines(self, tier: Tier, today: date) -> Iterator[ListLine]:
        found = (self._line(record, tier, today) for record in self._coming)
        shape = f"It was read by the mapping “{self._mapping.name}”. Choose another mapping, or correct it."
        for line in judged(found, self._name, shape):
            yield from map(IgnoredLine, self._ignored)
            self._ignored.clear()
            yield line
        yield from map(IgnoredLine, self._ignored)

    def first(self, tier: Tier, today: date, most: int) -> FirstLines:
        records = list(islice(self._coming, most))
        split = [(record, self._texts(record[1])) for record in records]
        headings = self._headings or self._found_headings([fields for _, fields in records])
        meanings = {self._key(column): WORDS[name] for name, column in self._mapping.columns.named.items()}
        keys = [self._key(heading) if self._by_name else place for place, heading in enumerate(headings)]
        rows = tuple(
            (tuple(texts.get(key, "") for key in keys), self._line(record, tier, today)) for record, texts in split
        )
        return FirstLines(tuple(headings), tuple(meanings.get(key, "") for key in keys), rows)

    # Lines into columns

    @property
    def _by_name(self) -> bool:
        return self._mapping.form is Form.KEYED

    def _records(self, coming: Iterable[Line]) -> Iterator[Record]:
        wanted = (line for line in coming if not self._is_ignored(line))
        if not self._by_name:
            return split_records(wanted, self._mapping.delimiter, self._mapping.width)
        return (
            (line.number, line.problem or line.text.split(self._mapping.delimiter))
            for line in wanted
            if line.problem or (line.text and not line.text.isspace())
        )

    def _is_ignored(self, line: Line) -> bool:
        begins = self._mapping.ignore_lines
        if not begins or line.problem or not line.text.lstrip().startswith(begins):
            return False
        self._ignored.append(line.number)
        return True

    def _take_header(self, names: list[str]) -> None:
        self._headings = [plain(name) for name in names]
        self._header = {alike(name): place for place, name in reversed(list(enumerate(self._headings)))}
        wanted = [column for _, column in self._mapping.every_column()]
        for column in wanted:
            if isinstance(column, str) and alike(column) not in self._header:
                there = ", ".join(self._headings[:30]) or "no columns"
                raise BadInput(
                    f"{self._name} has no column “{column}”, which the mapping “{self._mapping.name}” reads. It has: "
                    f"{there}. Choose another mapping, or correct it."
                )

    def _check_shape(self, records: Sequence[Sequence[str]]) -> None:
        """Refuse what would load and mean something else: a header row that is taken for a line, marks elsewhere."""
        place = self._mapping.columns.vrm
        if self._by_name or not isinstance(place, int):
            return
        if records and not self._mapping.header and is_header(records[0], first=True):
            raise BadInput(
                f"{self._name} begins with a header row, and the mapping “{self._mapping.name}” says that there is "
                "none. Choose another mapping, or write header = true in it."
            )
        if (column := column_of_marks(records, place - 1)) != place - 1:
            raise BadInput(
                f"{self._name} seems to have its marks in column {column + 1}; the mapping “{self._mapping.name}” "
                f"reads them from column {place}. Choose another mapping, or correct it."
            )

    # One line

    def _key(self, column: int | str) -> int | str:
        """By which the text of a column is found: its place from 0, or in the keyed form its name."""
        if isinstance(column, int):
            return column - 1
        return alike(column) if self._by_name else self._header[alike(column)]

    def _texts(self, fields: list[str] | str) -> dict[int | str, str]:
        """Every text of a line by its key."""
        if isinstance(fields, str):
            return {}
        split = self._pairs(fields) if self._by_name else enumerate(fields)
        return {key: plain(text) for key, text in split}

    def _pairs(self, fields: list[str]) -> Iterator[tuple[str, str]]:
        for field in fields:
            key, found, value = field.partition(self._mapping.equals)
            if found:
                yield alike(plain(key)), value

    def _found_headings(self, records: Sequence[list[str] | str]) -> list[str]:
        split = [self._texts(fields) for fields in records]
        if self._by_name:
            return list(dict.fromkeys(str(key) for texts in split for key in texts))
        return [f"Column {place + 1}" for place in range(max((len(texts) for texts in split), default=0))]

    def _line(self, record: Record, tier: Tier, today: date) -> ListLine:
        number, fields = record
        if isinstance(fields, str):
            return RejectedLine(number, fields)
        if reason := self._why_no_line(fields):
            return RejectedLine(number, reason)
        mapping = self._mapping
        pairs = dict(self._pairs(fields)) if self._by_name else {}

        def column(key: int | str) -> str:
            if isinstance(key, int):
                return plain(fields[key]) if key < len(fields) and fields[key] else ""
            return plain(pairs.get(key, ""))

        if any(alike(column(key)) in values for key, values in self._ignore):
            return IgnoredLine(number)
        said = {name: column(key) for name, key in self._read}
        if long := next((name for name, text in said.items() if len(text) > MAX_FIELD), None):
            return RejectedLine(number, f"its {WORDS[long]} is longer than {MAX_FIELD} characters")
        try:
            weed_date = mapping.weed_date(said.get("weed_date", ""))
        except ValueError:
            form = mapping.weed_date_format or "2027-01-31, 31/01/2027 or 20270131"
            return RejectedLine(number, f"its weed date is not a date such as {form}")
        if mapping.tier is not None:
            tier = tier if tier is Tier.SILENT else mapping.tier.tier_of(column(self._key(mapping.tier.by)), tier)

        said = self._always | {name: text for name, text in said.items() if text}
        owner = ", ".join(said[name] for name in ("owner", "contact") if name in said)
        texts = [said.get(name, "") for name in _TEXTS]
        return made_entry(
            number, [*texts, owner, "", *(said.get(name, "") for name in _REAR), "", ""], weed_date, tier, today
        )

    def _why_no_line(self, fields: Sequence[str]) -> str:
        width = self._mapping.width or (len(self._headings) if self._mapping.header else 0)
        count = len(fields)
        if width and (count < width or any(fields[width:])):
            return f"it has {count} columns instead of {width}"
        return ""
