"""A mapping file: how a list file of another form is read. A force writes it; docs/depot.md is its reference.

Pure: it says which column is what; `mapped.py` reads list files by it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError, model_validator

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.hotlists.importer import parse_date
from patrol_anpr.plumbing.toml_file import read_content, text_of, tree_of

MOST_BYTES = 64 * 1024
"""Bytes of a mapping file."""
KIND = "mapping file"

Column = Annotated[StrictInt, Field(ge=1, le=500)] | Annotated[StrictStr, Field(min_length=1, max_length=200)]
"""A column by its place, counted from 1, or by its name."""
Said = Annotated[StrictStr, Field(max_length=500)]
TierNumber = Annotated[StrictInt, Field(ge=1, le=4)]


class Form(StrEnum):
    """How a line is laid out: values in columns, or `KEY=value` pairs."""

    COLUMNS = "columns"
    KEYED = "keyed"


class Encoding(StrEnum):
    """How the letters of a file are written. AUTO: UTF-8, or the code page of Windows where a line is none."""

    AUTO = "auto"
    UTF_8 = "utf-8"
    CP1252 = "cp1252"
    CP850 = "cp850"
    LATIN_1 = "latin-1"
    LATIN_9 = "iso-8859-15"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Columns(_Part):
    """Which column each thing is read from; None for what the form lacks."""

    vrm: Column
    make: Column | None = None
    model: Column | None = None
    colour: Column | None = None
    action: Column | None = None
    markers: Column | None = None
    reason: Column | None = None
    nim_code: Column | None = None
    information: Column | None = None
    owner: Column | None = None
    contact: Column | None = None
    weed_date: Column | None = None
    pnc_id: Column | None = None
    gsc: Column | None = None
    cad: Column | None = None

    @cached_property
    def named(self) -> Mapping[str, int | str]:
        """What is read, and from which column."""
        return {name: column for name in type(self).model_fields if (column := getattr(self, name)) is not None}


class Always(_Part):
    """What every entry says where its own column is missing or empty."""

    make: Said = ""
    model: Said = ""
    colour: Said = ""
    action: Said = ""
    markers: Said = ""
    reason: Said = ""
    information: Said = ""
    owner: Said = ""
    contact: Said = ""


class TierRules(_Part):
    """The tier of an entry by the value of a column; a value that is not named has `other`, or the list's."""

    by: Column
    values: Annotated[dict[Said, TierNumber], Field(min_length=1, max_length=500)]
    other: TierNumber | None = None

    @cached_property
    def tiers(self) -> Mapping[str, Tier]:
        """The tiers by value, as `alike` writes it."""
        return {alike(value): Tier(tier) for value, tier in self.values.items()}

    def tier_of(self, value: str, list_tier: Tier) -> Tier:
        """The tier that stands for the list's in this entry."""
        return self.tiers.get(alike(value), Tier(self.other) if self.other else list_tier)


class Ignored(_Part):
    """Lines that are passed over: those with one of these values in a column."""

    column: Column
    values: Annotated[tuple[Said, ...], Field(min_length=1, max_length=500)]

    @cached_property
    def set(self) -> frozenset[str]:
        """The values, as `alike` writes them."""
        return frozenset(map(alike, self.values))


class ListMapping(_Part):
    """One mapping file. `ignore_lines` are beginnings of lines that are passed over; `width` is how many columns."""

    name: Annotated[StrictStr, Field(min_length=1, max_length=80)]
    form: Form = Form.COLUMNS
    encoding: Encoding = Encoding.AUTO
    delimiter: Annotated[StrictStr, Field(min_length=1, max_length=1)] = ","
    equals: Annotated[StrictStr, Field(min_length=1, max_length=1)] = "="
    header: StrictBool = False
    width: Annotated[StrictInt, Field(ge=1, le=500)] | None = None
    ignore_lines: Annotated[tuple[Annotated[Said, Field(min_length=1)], ...], Field(max_length=50)] = ()
    columns: Columns
    always: Always = Always()
    weed_date_format: Annotated[StrictStr, Field(max_length=40)] = ""
    tier: TierRules | None = None
    ignore: Annotated[tuple[Ignored, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.delimiter in '"\r\n' or self.delimiter.isalnum():
            raise _Wrong("delimiter", 'what separates columns is a sign such as , ; | or a tab ("\\t")')
        if self.form is Form.KEYED and (self.equals == self.delimiter or self.equals in '"\r\n'):
            raise _Wrong("equals", "the sign between a key and its value must be another than the delimiter")
        if self.form is Form.KEYED and (self.header or self.width is not None):
            raise _Wrong("header" if self.header else "width", 'form = "keyed" has neither header nor width')
        for where, column in self.every_column():
            self._check(where, column)
        if self.weed_date_format:
            if self.columns.weed_date is None:
                raise _Wrong("weed_date_format", "no column is named that the weed date is read from")
            _date_pattern(self.weed_date_format)
        return self

    def every_column(self) -> Sequence[tuple[str, int | str]]:
        """Each column that is read, and where in the file that is said."""
        found = [(f"columns.{name}", column) for name, column in self.columns.named.items()]
        found += [("tier.by", self.tier.by)] if self.tier else []
        return found + [("ignore.column", one.column) for one in self.ignore]

    def _check(self, where: str, column: int | str) -> None:
        if self.form is Form.KEYED and isinstance(column, int):
            raise _Wrong(where, 'with form = "keyed" a column is a key between quotes')
        if self.form is Form.COLUMNS and isinstance(column, str) and not self.header:
            raise _Wrong(where, "a column can be called by its name only with header = true")
        if self.width is not None and isinstance(column, int) and column > self.width:
            raise _Wrong(where, f"there are {self.width} columns only")

    def weed_date(self, text: str) -> date | None:
        """Read a weed date; None for an empty text. Raises ValueError where it is no date of the mapping's format."""
        return dated(text, self.weed_date_format) if self.weed_date_format else parse_date(text)


class _Wrong(ValueError):
    """What is wrong in a mapping, and at which of its names."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(what)
        self.where, self.what = where, what


def alike(text: str) -> str:
    """A name or value as it is compared: without regard to capitals and blanks."""
    return " ".join(text.split()).casefold()


def read_mapping(file: Path) -> ListMapping:
    """Read a mapping file. Raises BadInput, which names the line, where it cannot be used."""
    return mapping_of(read_content(file, KIND), file.name)


def mapping_of(content: bytes, name: str) -> ListMapping:
    """Read the content of a mapping file; `name` is the file's, for sentences. Raises BadInput as `read_mapping`."""
    named = f"The {KIND} {name}"
    if len(content) > MOST_BYTES:
        raise BadInput(f"{named} is larger than {MOST_BYTES >> 10} KB, so it is no {KIND}. Choose another file.")
    text = text_of(content, named)
    tree = tree_of(text, named)
    try:
        return ListMapping.model_validate(tree)
    except ValidationError as error:
        where, what = _first(error)
        raise BadInput(f"{named} cannot be used, line {_line_of(text, where)}, {'.'.join(where)}: {what}.") from None


def shipped_mappings() -> Mapping[str, ListMapping]:
    """The mappings that come with the program, by the name of their file without its ending."""
    return {name: mapping_of(content, name) for name, content in shipped_files().items()}


def shipped_files() -> Mapping[str, bytes]:
    """The files of the mappings that come with the program, for a force to begin from."""
    found = [one for one in files("patrol_anpr.hotlists").joinpath("mappings").iterdir() if one.name.endswith(".toml")]
    return {one.name.removesuffix(".toml"): one.read_bytes() for one in sorted(found, key=lambda one: one.name)}


# Dates

_TOKENS = {
    "YYYY": r"(?P<year>\d{4})", "YY": r"(?P<year>\d{2})", "MON": r"(?P<month>[A-Za-z]{3})", "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})", "DD": r"(?P<day>\d{2})", "D": r"(?P<day>\d{1,2})",
    "hh": r"\d{1,2}", "mm": r"\d{2}", "ss": r"\d{2}(?:\.\d+)?",
}  # fmt: skip
_TOKEN = re.compile("|".join(_TOKENS))
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_FORMAT = "a date's format has a day (DD or D), a month (MM, M or MON) and a year (YYYY or YY) once each"


@lru_cache(maxsize=64)
def _date_pattern(form: str) -> re.Pattern[str]:
    parts, place = [], 0
    for token in _TOKEN.finditer(form):
        parts += [re.escape(form[place : token.start()]), _TOKENS[token.group()]]
        place = token.end()
    pattern = "".join([*parts, re.escape(form[place:])])
    if any(pattern.count(f"<{part}>") != 1 for part in ("year", "month", "day")):
        raise _Wrong("weed_date_format", _FORMAT)
    return re.compile(pattern, re.ASCII)


@lru_cache(maxsize=4096)
def dated(text: str, form: str) -> date | None:
    """Read a date in a format such as `DD/MM/YYYY hh:mm`; None for an empty text. Raises ValueError."""
    if not text:
        return None
    found = _date_pattern(form).fullmatch(text)
    if found is None:
        raise ValueError("not in this format")
    year, month, day = found["year"], found["month"], found["day"]
    number = int(month) if month.isdigit() else _MONTHS.index(month.upper()) + 1
    return date(int(year) + (2000 if len(year) == 2 else 0), number, int(day))


# Sentences for who wrote it

_WORDS = {
    "missing": "it is missing",
    "extra_forbidden": "nothing of that name is known here",
    "bool_type": "write true or false",
    "int_type": "write a whole number, without quotes",
    "string_type": "write a text between quotes",
    "enum": "it is none of those that are known",
    "greater_than_equal": "the number is too small",
    "less_than_equal": "the number is too large",
    "string_too_long": "the text is too long",
    "string_too_short": "the text is empty",
    "too_short": "it is empty",
    "too_long": "it has too many",
}
_KNOWN: Mapping[tuple[str, ...], str] = {
    ("form",): "write columns or keyed, between quotes",
    ("delimiter",): 'write one sign between quotes, such as "," or ";" or "\\t" for a tab',
    ("equals",): 'write one sign between quotes, such as "="',
    ("encoding",): f"write one of {', '.join(Encoding)}, between quotes",
}


def _first(error: ValidationError) -> tuple[tuple[str, ...], str]:
    """Where the first fault is, as names of the file, and what to do about it."""
    found = error.errors(include_url=False, include_input=False)[0]
    wrong: Any = found.get("ctx", {}).get("error")
    if isinstance(wrong, _Wrong):
        return tuple(wrong.where.split(".")), wrong.what
    where = tuple(str(one) for one in found["loc"] if isinstance(one, str) and not re.search(r"[\[\]]", one))
    if where[:1] in (("columns",), ("ignore",), ("tier",)) and found["type"] not in ("missing", "extra_forbidden"):
        where = tuple(one for one in where if one not in ("int", "str", "constrained-int", "constrained-str"))
        if where[0] == "columns" or where[-1] in ("by", "column"):
            return where, "a column is a number from 1, or a name between quotes"
    if where[:2] == ("tier", "values"):
        return where, "a tier is a number from 1 (immediate) to 4 (silent)"
    return where, _KNOWN.get(where) or _WORDS.get(found["type"]) or found["msg"][:1].lower() + found["msg"][1:]


def _line_of(text: str, where: Sequence[str]) -> int:
    """The line (from 1) at which a name of the file stands; that of its section, or the first, where it is missing."""
    *tables, key = where or ("",)
    section, best = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            section = header.group(1)
            best = number if section in (".".join(tables), ".".join(where)) else best
        elif section == ".".join(tables) and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
            return number
    return best
