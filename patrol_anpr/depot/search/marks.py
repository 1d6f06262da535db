"""By what an item is found: the mark it holds, the record it is about, and where it was. Pure."""

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from patrol_anpr.domain.vrm import fold
from patrol_anpr.wire.payloads import Kind

_VRM = re.compile(r"[A-Z0-9]{1,12}")
_LONGEST_ID = 80
_ABOUT = {Kind.CORRECTION: "read_id", Kind.HIT: "read_id", Kind.OUTCOME: "hit_id"}
_MARK = {Kind.READ: "vrm", Kind.CORRECTION: "vrm", Kind.OUTCOME: "corrected_vrm"}
"""For each kind, the field with a mark that a plate has, as a camera read it or an officer says. That of a hit is the
list's and not the plate's."""


class FoundBy(NamedTuple):
    """The columns of `items` that a search goes by. None: the item has nothing of that kind.

    `folded` is the mark with O as 0 and I as 1, `folded_back` the same backwards, for patterns of which the end is
    known. `about_id` is the read of a hit or a correction, the hit of an outcome. Degrees in WGS 84.
    """

    folded: str | None = None
    folded_back: str | None = None
    about_id: str | None = None
    latitude: float | None = None
    longitude: float | None = None


NOTHING = FoundBy()


def found_by(kind: str, fields: Mapping[str, object]) -> FoundBy:
    """Return what an item is found by. `fields` are those of its payload, as JSON or as their model has them.

    What a newer car sent is indexed as far as its fields say what they say today: it is held and not understood, and
    must be found all the same.
    """
    if kind not in {*_ABOUT, *_MARK}:
        return NOTHING
    vrm = fields.get(_MARK[Kind(kind)]) if kind in _MARK else None
    folded = fold(vrm) if isinstance(vrm, str) and _VRM.fullmatch(vrm) else None
    about = fields.get(_ABOUT[Kind(kind)]) if kind in _ABOUT else None
    latitude, longitude = (_degrees(fields.get(name), most) for name, most in (("latitude", 90), ("longitude", 180)))
    placed = kind == Kind.READ and latitude is not None and longitude is not None
    return FoundBy(
        folded=folded,
        folded_back=None if folded is None else folded[::-1],
        about_id=about if isinstance(about, str) and 0 < len(about) <= _LONGEST_ID else None,
        latitude=latitude if placed else None,
        longitude=longitude if placed else None,
    )


def _degrees(value: object, most: float) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and abs(value) <= most:
        return float(value)
    return None
