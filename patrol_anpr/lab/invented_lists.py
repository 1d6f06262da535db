"""Invented hotlists of three owners, published as real files are, revision after revision, and matched as in a car."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from patrol_anpr.depot.lists.publishing import import_hotlist
from patrol_anpr.domain.hit import Match
from patrol_anpr.domain.hotlist import Hotlist, Tier, Voi, list_id_of
from patrol_anpr.domain.vrm import VrmFormat, fold
from patrol_anpr.hotlists.importer import Entry, read_entries
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.lab.marks import random_mark_of
from patrol_anpr.resources import ASSETS
from patrol_anpr.wire.lists import HotlistHead

_DEMO = ASSETS / "demo"
_MODELS = (("FORD", "FOCUS"), ("VAUXHALL", "CORSA"), ("BMW", "118"), ("AUDI", "A3"), ("KIA", "RIO"), ("VOLVO", "V40"))
_COLOURS = ("BLACK", "WHITE", "SILVER", "BLUE", "RED", "GREY", "GREEN")


@dataclass(frozen=True, slots=True)
class _Plan:
    """One list: what it is, its entries for which `reasons`, and which file of the demo drive it holds as well."""

    name: str
    owner: str
    tier: Tier
    entries: int
    reasons: tuple[str, ...]
    demo_file: str = ""
    audience: tuple[str, ...] | None = None
    valid_days: int = 14


PLANS = (
    _Plan(
        "Demo stolen",
        "Northtown Police (invented)",
        Tier.PRIORITY,
        60,
        ("STOLEN", "FALSE PLATES", "WANTED DRIVER", "DISQUALIFIED DRIVER"),
        "hotlist.csv",
    ),
    _Plan(
        "Demo untaxed",
        "Licensing Authority (invented)",
        Tier.ROUTINE,
        120,
        ("NO TAX", "NO INSURANCE", "NO MOT"),
        "hotlist_routine.csv",
    ),
    _Plan("Demo serious crime", "Northtown Major Crime (invented)", Tier.IMMEDIATE, 12, ("KIDNAP", "ARMED ROBBERY")),
    _Plan(
        "Demo watched",
        "Northtown Major Crime (invented)",
        Tier.SILENT,
        8,
        ("OBSERVE ONLY",),
        audience=("NT1",),
    ),
)
"""Four lists of three owners. The first two hold what drives by in the demo drive, so that the demo cars have hits."""


class _Listed:
    """The entries of one revision in memory, for a Matcher; found by their folded mark at once."""

    def __init__(self, head: Hotlist, vois: Sequence[Voi]) -> None:
        self.head = head
        self._found: dict[str, list[Voi]] = defaultdict(list)
        for voi in vois:
            self._found[fold(voi.vrm)].append(voi)

    def entries(self, folded: str) -> Sequence[Voi]:
        return self._found.get(folded, ())

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class InventedLists:
    """The lists as they were published, the last revision of each in force."""

    folder: Path
    rng: np.random.Generator
    heads: dict[str, HotlistHead] = field(default_factory=dict)
    _rows: dict[str, list[list[str]]] = field(default_factory=dict)
    _matcher: Matcher = field(default_factory=Matcher)
    _audience: dict[str, tuple[str, ...] | None] = field(default_factory=dict)

    @property
    def marks(self) -> list[str]:
        """The marks of all lists as they are now, none of the demo drive's."""
        return [row[0] for rows in self._rows.values() for row in rows]

    def publish(self, at: datetime, files: Path) -> None:
        """Publish the next revision of each list at `at`: one entry in twelve is another one than before."""
        for plan in PLANS:
            list_id = list_id_of(plan.name)
            self._rows[list_id] = list(self._changed(plan, self._rows.get(list_id)))
            file = files / f"{list_id}.csv"
            demo = (_DEMO / plan.demo_file).read_text(encoding="utf-8") if plan.demo_file else ""
            with file.open("w", encoding="utf-8", newline="") as target:
                target.write(demo)
                csv.writer(target, lineterminator="\n").writerows(self._rows[list_id])
            head = import_hotlist(
                self.folder,
                file,
                list_id,
                plan.name,
                plan.owner,
                plan.tier,
                contact="invented, cannot be reached",
                valid_until=at + timedelta(days=plan.valid_days),
                audience=plan.audience,
                actor="operator Robin Invented",
                now=lambda: at,
            )
            self.heads[list_id], self._audience[list_id] = head, plan.audience
            entries = [line.voi for line in read_entries(file, plan.tier, at.date()) if isinstance(line, Entry)]
            self._matcher.put(_Listed(head.hotlist(), entries))

    def matches(self, vrm: str, at: datetime, car_id: str) -> list[Match]:
        """Return what a car would have raised for a mark, the most urgent first; not of lists that are for others."""
        return [one for one in self._matcher.match(vrm, at) if self._is_for(one.hotlist.list_id, car_id)]

    def held_by(self, car_id: str) -> list[HotlistHead]:
        """The heads of the lists that a car holds."""
        return [head for list_id, head in self.heads.items() if self._is_for(list_id, car_id)]

    def _is_for(self, list_id: str, car_id: str) -> bool:
        cars = self._audience[list_id]
        return cars is None or car_id in cars

    def _changed(self, plan: _Plan, before: list[list[str]] | None) -> Iterator[list[str]]:
        if before is None:
            yield from (self._row(plan, number) for number in range(plan.entries))
            return
        for number, row in enumerate(before):
            yield self._row(plan, number) if self.rng.random() < 1 / 12 else row

    def _row(self, plan: _Plan, number: int) -> list[str]:
        mark = random_mark_of(self.rng, VrmFormat.CURRENT)
        make, model = _MODELS[int(self.rng.integers(len(_MODELS)))]
        colour = _COLOURS[int(self.rng.integers(len(_COLOURS)))]
        reason = plan.reasons[int(self.rng.integers(len(plan.reasons)))]
        action = "SILENT" if plan.tier is Tier.SILENT else "STOP"
        source = f"DEMO/{list_id_of(plan.name)[:3].upper()}{number:05}"
        front = [mark, make, model, colour, action, "", reason, "D01", "", "DEMO NORTHTOWN"]
        return [*front, "", source, "OFFICIAL", "", "", ""]
