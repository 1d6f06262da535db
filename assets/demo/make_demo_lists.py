"""Write the lists that go with the demo drive: hotlist.csv, hotlist_routine.csv and roster.csv.

    python assets/demo/make_demo_lists.py

hotlist.csv is meant to be loaded as a PRIORITY list, hotlist_routine.csv as a ROUTINE one. Their entries, people and
places are invented. A list has 16 columns and no header: VRM, make, model, colour, action, markers, reason, NIM code,
information, force and area, weed date, PNC id, GSC, CAD, and two spare ones.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from patrol_anpr.domain.vrm import VrmFormat, fold
from patrol_anpr.lab.marks import random_mark_of

FOLDER = Path(__file__).parent
SEED = 20261122
STOP = "STOP"


@dataclass(frozen=True)
class Entry:
    """One vehicle of interest; the other columns are the same for all or left empty."""

    vrm: str
    make: str
    model: str
    colour: str
    action: str
    markers: str
    reason: str
    information: str
    weed_date: str = ""

    def row(self, number: int) -> list[str]:
        """The 16 columns."""
        front = [self.vrm, self.make, self.model, self.colour, self.action, self.markers, self.reason, "D01"]
        return [
            *front,
            self.information,
            "DEMO NORTHTOWN",
            self.weed_date,
            f"DEMO/{number:06d}",
            "OFFICIAL",
            "",
            "",
            "",
        ]


# Those that drive by. The comments say what the demo shows with them.
ON_THE_ROAD = (
    Entry("TU66ZYP", "SEAT", "IBIZA", "RED", STOP, "FI", "ARMED ROBBERY", "DO NOT APPROACH ALONE"),  # IMMEDIATE
    Entry("JX19ZAW", "MERCEDES", "C220", "RED", STOP, "VI", "WANTED DRIVER", "DRIVER MAY RESIST"),  # IMMEDIATE, night
    Entry("XU18DFZ", "SKODA", "OCTAVIA", "SILVER", STOP, "", "STOLEN", "KEYS TAKEN IN BURGLARY"),  # PRIORITY
    Entry(
        "UT20ZKG", "HONDA", "CB500", "ORANGE", STOP, "", "STOLEN", "PHONE SNATCHES", "31/12/2039"
    ),  # PRIORITY, two lines
    Entry("JU68ZFT", "TOYOTA", "YARIS", "SILVER", STOP, "", "CLONED PLATES", "CHECK THE VIN"),  # PRIORITY, night
    Entry("JU73XZL", "MG", "MG4", "ORANGE", "SILENT", "", "DRUG SUPPLY", "NO STOP, REPORT SIGHTING"),  # SILENT
    # One letter from JT17ZCE, which is on the road: a CHECK, never an EXACT hit.
    Entry("JT17ZGE", "FORD", "FIESTA", "BLUE", STOP, "", "STOLEN", "TAKEN FROM A DRIVE"),
    # It drives by, but its entry ended: no hit.
    Entry("TJ70ZVS", "FORD", "KUGA", "RED", STOP, "", "STOLEN", "RECOVERED", "31/01/2025"),
)
ON_THE_ROAD_ROUTINE = (
    Entry("UJ21ZHA", "FORD", "TRANSIT", "WHITE", STOP, "", "NO INSURANCE", "SEIZE IF CONFIRMED"),
    Entry("XU62ZEK", "NISSAN", "QASHQAI", "GREY", "", "", "NO TAX", ""),  # night
)
_MAKES = ("FORD FOCUS", "VAUXHALL CORSA", "BMW 118", "AUDI A3", "NISSAN JUKE", "KIA RIO", "VOLVO V40", "MINI COOPER")
_COLOURS = ("BLACK", "WHITE", "SILVER", "BLUE", "RED", "GREY", "GREEN")
_REASONS = ("STOLEN", "FALSE PLATES", "WANTED DRIVER", "DISQUALIFIED DRIVER", "MAKING OFF WITHOUT PAYMENT")


OFFICERS = (
    ("PC1001", "Alex Demo", "73052846"),
    ("PC1002", "Sam Example", "60417283"),
    ("PS2001", "Jo Specimen", "19538264"),
)


def invented(rng: np.random.Generator, count: int, reasons: tuple[str, ...], taken: set[str]) -> Iterable[Entry]:
    """Entries that do not drive by: first letters that are no region, and far from every mark in `taken`."""
    while count:
        mark = random_mark_of(rng, VrmFormat.CURRENT)
        if mark[0] not in "JTUX" or any(_near(mark, other) for other in taken):
            continue
        taken.add(mark)
        count -= 1
        make, model = _MAKES[int(rng.integers(len(_MAKES)))].split()
        colour, reason = _COLOURS[int(rng.integers(len(_COLOURS)))], reasons[int(rng.integers(len(reasons)))]
        yield Entry(mark, make, model, colour, STOP, "", reason, "", "31/12/2039" if rng.random() < 0.4 else "")


def _near(one: str, other: str) -> bool:
    """Whether two marks differ in fewer than three places: no slip of the reader makes one of the other."""
    one, other = fold(one), fold(other)
    return abs(len(one) - len(other)) < 2 and sum(a != b for a, b in zip(one, other, strict=False)) < 3


def write_list(path: Path, entries: Iterable[Entry], first_number: int) -> None:
    """Write one list file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            entry.row(number) for number, entry in enumerate(entries, first_number)
        )


def main(marks_on_the_road: Iterable[str], folder: Path = FOLDER) -> None:
    """Write the three files into `folder`."""
    rng = np.random.default_rng(SEED)
    taken = {*marks_on_the_road, *(entry.vrm for entry in ON_THE_ROAD + ON_THE_ROAD_ROUTINE)}
    listed = [*ON_THE_ROAD, *invented(rng, 40, _REASONS, taken)]
    routine = [*ON_THE_ROAD_ROUTINE, *invented(rng, 60, ("NO INSURANCE", "NO TAX", "NO MOT"), taken)]
    for entries in (listed, routine):
        rng.shuffle(entries)  # type: ignore[arg-type]
    write_list(folder / "hotlist.csv", listed, 1)
    write_list(folder / "hotlist_routine.csv", routine, 1001)
    with (folder / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(OFFICERS)


if __name__ == "__main__":
    from make_demo_drive import DRIVES, normalise

    main(normalise(actor.mark) for drive in DRIVES for actor in drive.cast)
