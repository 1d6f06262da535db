"""Read a hotlist file: CSV of 16 columns without a header, bare or alone in a ZIP.

Real files are dirty: each bad line is given back with its number and a plain reason (never with its VRM), the good ones
load. A file that is no hotlist at all is refused whole. Everything streams; nothing is held but the line at hand.
"""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import RejectedLine, Tier, Voi
from patrol_anpr.domain.vrm import normalise
from patrol_anpr.hotlists.marks import doubt_of, why_no_mark
from patrol_anpr.hotlists.shape import COLUMNS, JUDGED_LINES, SHAPE, is_header, other_separator, why_no_hotlist
from patrol_anpr.plumbing.lines import Line, physical_lines

MAX_FIELD = 4000
"""Characters of one column; more is damage, not text."""
MAX_RECORD_LINES = 8
"""Lines that one record with line breaks inside quotes may span. Bounded, so that a lost quote spoils one line only."""
JUDGED_FROM = 20
"""Lines from which on a file is judged by its share of bad ones; in a shorter one a few bad lines prove nothing."""
JUDGED_EARLY = 1000
"""Lines after which a file that is no list is given up, rather than read to its end."""

_UNCLOSED = "a quote is opened and never closed"


@dataclass(frozen=True, slots=True)
class Entry:
    """A good line: its number in the file (from 1), what it says, and what a person should look at in it, or ""."""

    number: int
    voi: Voi
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class WeededLine:
    """A good line whose weed date has passed; it is not loaded."""

    number: int


@dataclass(frozen=True, slots=True)
class IgnoredLine:
    """A line that a mapping file says to pass over."""

    number: int


ListLine = Entry | WeededLine | RejectedLine | IgnoredLine
Record = tuple[int, list[str] | str]
"""The number of a record's first line, and its columns, or the reason why it has none."""


def read_entries(path: Path, tier: Tier, today: date) -> Iterator[ListLine]:
    """Give every line of a hotlist file in turn: an entry, a weeded entry, or a refusal with its reason.

    `tier` is the list's; `today` is in UTC. Lines of nothing but blanks are passed over. Entries of one VRM are all
    given.

    Raises:
        BadInput: the file cannot be read, is empty, is no hotlist, or holds no entry in force. It may come after lines
            were given: what they led to must then be thrown away, as `build_index` does.
    """
    coming = physical_lines(path)
    first_lines = list(islice(coming, JUDGED_LINES))
    if word := other_separator([line.text for line in first_lines if line.text]):
        raise BadInput(f"{path.name} has its columns separated by {word}: save it as CSV with commas. {SHAPE}")
    records = split_records(chain(first_lines, coming), ",", COLUMNS)
    first_records = list(islice(records, JUDGED_LINES))
    if why := why_no_hotlist([fields for _, fields in first_records if not isinstance(fields, str)]):
        raise BadInput(f"{path.name} {why}")
    lines = (
        RejectedLine(number, fields) if isinstance(fields, str) else _entry(number, fields, tier, today)
        for number, fields in chain(first_records, records)
    )
    yield from judged(lines, path.name, SHAPE)


def entry_of(columns: Sequence[str], tier: Tier, today: date) -> Entry:
    """Make an entry of the 16 columns of one line. Raises BadInput where they are none that is in force."""
    line = _entry(1, list(columns), tier, today)
    if isinstance(line, RejectedLine):
        raise BadInput("This cannot be an entry: {reason}.", reason=line.reason)
    if not isinstance(line, Entry):
        raise BadInput("The end of this entry is past.")
    return line


def judged(lines: Iterable[ListLine], name: str, shape: str) -> Iterator[ListLine]:
    """Give the lines of the file `name` on; refuse the whole where too few are good. `shape` says what was expected."""
    good = weeded = bad = 0
    first_reason = ""
    for line in lines:
        if isinstance(line, Entry):
            good += 1
        elif isinstance(line, WeededLine):
            weeded += 1
        elif isinstance(line, RejectedLine):
            bad += 1
            first_reason = first_reason or f"line {line.number}: {line.reason}"
        if good + weeded + bad == JUDGED_EARLY:
            _refuse_wrong_shape(name, good + weeded, bad, first_reason, shape)
        yield line
    _refuse_wrong_shape(name, good + weeded, bad, first_reason, shape)
    if not good and not weeded:
        raise BadInput(f"{name} is empty, so it was not loaded. {shape}")
    if not good:
        raise BadInput(f"{name} holds no entry in force: the weed dates of all {weeded} have passed.")


def _refuse_wrong_shape(name: str, good: int, bad: int, first_reason: str, shape: str) -> None:
    if bad and (not good or (good + bad >= JUDGED_FROM and bad > good)):
        raise BadInput(
            f"{name} is not a hotlist: {bad} of its first {good + bad} lines cannot be used ({first_reason}). {shape}"
        )


def split_records(lines: Iterable[Line], delimiter: str, width: int | None) -> Iterator[Record]:
    """Split lines into columns; `width` is how many there are, None for as many as the first record has.

    A quoted field may hold line breaks; where its quote is never closed only the line that opened it is lost.
    """
    coming = iter(lines)
    waiting: deque[Line] = deque()
    while True:
        line = waiting.popleft() if waiting else next(coming, None)
        if line is None:
            return
        if line.problem:
            yield line.number, line.problem
        elif '"' not in line.text:
            if line.text and not line.text.isspace():
                fields: list[str] | str = line.text.split(delimiter)
                width = width or len(fields)
                yield line.number, fields
        else:
            fields = _quoted(line, waiting, coming, delimiter, width)
            width = width or (len(fields) if isinstance(fields, list) else None)
            yield line.number, fields


def _quoted(
    line: Line, waiting: deque[Line], coming: Iterator[Line], delimiter: str, width: int | None
) -> list[str] | str:
    """The columns of a record that has quotes, taking the lines it goes on over out of `waiting` and `coming`."""
    text = line.text
    for used in range(MAX_RECORD_LINES):
        try:
            fields = next(csv.reader([text], strict=True, delimiter=delimiter))
        except csv.Error as error:
            # The csv module tells its faults apart only by words.
            if "unexpected end of data" not in str(error):
                return _UNCLOSED if used else "its quotes do not match"
        else:
            if used and width is not None and len(fields) != width:
                return _UNCLOSED
            for _ in range(used):
                waiting.popleft()
            return fields
        if used == len(waiting):
            further = next(coming, None)
            if further is None:
                break
            waiting.append(further)
        if waiting[used].problem:
            break
        text = f"{text}\n{waiting[used].text}"
    return _UNCLOSED


def _entry(number: int, fields: list[str], list_tier: Tier, today: date) -> ListLine:
    while len(fields) > COLUMNS and not fields[-1]:
        fields.pop()
    if len(fields) != COLUMNS:
        return RejectedLine(number, f"it has {len(fields)} columns instead of {COLUMNS}")
    texts = [field and plain(field) for field in fields]
    lengths = [len(text) for text in texts]
    if max(lengths) > MAX_FIELD:
        column = lengths.index(max(lengths)) + 1
        return RejectedLine(number, f"column {column} is longer than {MAX_FIELD} characters")
    if normalise(texts[0]).isalpha() and not why_no_mark(texts[0]) and is_header(texts):
        return RejectedLine(number, "it is a header row")
    try:
        weed_date = parse_date(texts[10])
    except ValueError:
        return RejectedLine(
            number,
            why_no_mark(texts[0])
            or "the weed date (column 11) is not a date such as 2027-01-31, 31/01/2027 or 20270131",
        )
    return made_entry(number, texts, weed_date, list_tier, today)


def made_entry(
    number: int, texts: Sequence[str], weed_date: date | None, list_tier: Tier, today: date
) -> Entry | WeededLine | RejectedLine:
    """Make an entry of the 16 texts of a line, which are plain; `weed_date` is what the 11th says."""
    vrm = normalise(texts[0])
    if reason := why_no_mark(texts[0]):
        return RejectedLine(number, reason)
    if weed_date is not None and weed_date < today:
        return WeededLine(number)
    _, make, model, colour, action, markers, reason, nim_code, information, force_area, _, *rear = texts
    tier = tier_of(action, markers, list_tier)
    front = (vrm, make, model, colour, action, markers, reason, nim_code, information, force_area)
    pnc_id, gsc, cad, spare_1, spare_2 = rear
    return Entry(number, Voi(*front, weed_date, pnc_id, gsc, cad, spare_1, spare_2, tier), doubt_of(vrm))


def plain(field: str) -> str:
    """The text as it stands, `=cmd` too, without blanks around it and with a blank for what cannot be seen.

    Control characters could change a terminal, and marks of writing direction make a text look like another.
    """
    if not field.isprintable():
        field = "".join(char if char.isprintable() else " " for char in field)
    return field.strip()


_TIME = r"(?:[T ]\d{1,2}:\d{2}.*)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{2})\2(\d{2})" + _TIME, re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})([-/. ])(\d{1,2}|[A-Za-z]{3})\2(\d{4}|\d{2})" + _TIME, re.ASCII)
_DAY_FIRST_BARE = re.compile(r"(\d{2})(\d{2})(\d{4})", re.ASCII)
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


@lru_cache(maxsize=4096)
def parse_date(text: str) -> date | None:
    """Read a date as UK files write them; None for an empty text. A time of day behind it is passed over.

    YYYYMMDD, YYYY-MM-DD, DD/MM/YYYY, DD/MM/YY, DD-MON-YYYY and DDMMYYYY, with `-`, `/` or `.` between. Day always comes
    before month. Eight bare digits are never both: the 20 of a year is no month. Six bare digits could be either and
    are refused.

    Raises:
        ValueError: it is none of these, or no day of the calendar.
    """
    if not text:
        return None
    if fitting := _YEAR_FIRST.fullmatch(text):
        year, separator, month, day = fitting.groups()
        if separator or int(month) <= 12:
            return date(int(year), int(month), int(day))
    if fitting := _DAY_FIRST_BARE.fullmatch(text):
        return date(int(fitting[3]), int(fitting[2]), int(fitting[1]))
    if fitting := _DAY_FIRST.fullmatch(text):
        day, _, month, year = fitting.groups()
        month_number = int(month) if month.isdigit() else _MONTHS.index(month.upper()) + 1
        return date(int(year) + (2000 if len(year) == 2 else 0), month_number, int(day))
    raise ValueError("not a date")


# What stands for danger to the crew among the warning markers. The two-letter warning signals count only among their
# own kind ("FI VI", "FI/VI"): in a sentence "we" and "ex" are words.
_DANGER_SIGNALS = {"FI", "WE", "VI", "EX"}
_DANGER = re.compile(r"\b(FIREARMS?|WEAPONS?|KNIFE|VIOLENT|VIOLENCE|EXPLOSIVES?|TERROR\w*)\b")
_STOP = re.compile(r"\bSTOP\b")
_NOT = re.compile(r"\b(NO|NOT|DON'?T)\b")
_SILENT = re.compile(r"\bSILENT\b")


@lru_cache(maxsize=4096)
def tier_of(action: str, markers: str, list_tier: Tier) -> Tier:
    """Work out the tier of an entry from that of its list.

    The first row that fits decides:

    | list | action (column 5) | markers (column 6) | tier |
    |---|---|---|---|
    | SILENT | any | any | SILENT: a covert list never speaks, whatever an entry says |
    | any | SILENT | any | SILENT |
    | any | STOP, and not "do not stop" | firearms, weapons, violence, explosives, terror | IMMEDIATE |
    | any | any | any | that of the list |
    """
    action = action.upper()
    if list_tier is Tier.SILENT or _SILENT.search(action):
        return Tier.SILENT
    if _STOP.search(action) and not _NOT.search(action) and _dangerous(markers.upper()):
        return Tier.IMMEDIATE
    return list_tier


def _dangerous(markers: str) -> bool:
    words = re.findall(r"[A-Z]+", markers)
    signals_only = all(len(word) <= 2 for word in words)
    return bool(_DANGER.search(markers)) or (signals_only and not _DANGER_SIGNALS.isdisjoint(words))
