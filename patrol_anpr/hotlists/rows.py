"""How one entry stands in the file of a list: a line of JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from patrol_anpr.domain.hotlist import Tier, Voi

REMOVED = b"null"
"""Stands in a delta for a mark that has no entry any more."""

_TEXTS = tuple(one.name for one in fields(Voi) if one.name not in ("tier", "weed_date"))
_texts_of = attrgetter(*_TEXTS)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def row_of(voi: Voi) -> bytes:
    """Return an entry as a line without its end: tier, day of the weed date or null, and the texts in their order."""
    weed = voi.weed_date.toordinal() if voi.weed_date else None
    return _encode((int(voi.tier), weed, *_texts_of(voi))).encode("utf-8", "surrogatepass")


def voi_of(row: bytes) -> Voi | None:
    """Return the entry of a row; None for REMOVED. Raises ValueError or TypeError where it is no row."""
    said: Sequence[Any] | None = json.loads(row.decode("utf-8", "surrogatepass"))
    if said is None:
        return None
    tier, weed, *texts = said
    weed_date = date.fromordinal(weed) if weed is not None else None
    return Voi(**dict(zip(_TEXTS, texts, strict=True)), weed_date=weed_date, tier=Tier(tier))


def by_mark(rows: Iterable[tuple[int, bytes]], which: int) -> Iterator[tuple[int, int, list[bytes]]]:
    """Give each mark, `which` file it is of, and all of its rows; `rows` come in the order of their marks."""
    for mark, of_mark in groupby(rows, itemgetter(0)):
        yield mark, which, [row for _, row in of_mark]
