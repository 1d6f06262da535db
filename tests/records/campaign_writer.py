"""A process that keeps Reads and says which are saved, to be killed at any moment.

It is imported once and forks a writer for each order on its standard input: `folder first_number synchronous`.
"""

import functools
import os
import sys
from pathlib import Path

from patrol_anpr.domain.hit import Hit
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.records import Records
from patrol_anpr.records import store as store_module
from patrol_anpr.records.database import Database
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.made import KEY, PICTURES, a_hit, a_read, a_shift, an_outcome


def pictures_of(number: int) -> Evidence:
    """Pictures that no other Read has."""
    mark = b"%d." % number * (number % 700)
    return Evidence(PICTURES.patch + mark, PICTURES.overview + mark * 20)


def read_of(number: int) -> Read:
    return a_read(number)


def hits_of(number: int) -> list[Hit]:
    return [a_hit(read_of(number), number)] if number % 3 == 0 else []


def keep_for_ever(folder: Path, first: int, synchronous: str) -> None:
    def say(read_id: str) -> None:
        os.write(1, f"{read_id.removeprefix('read-')}\n".encode())

    store_module.Database = functools.partial(Database, synchronous=synchronous)  # type: ignore[misc,assignment]
    records = Records.open(folder, KEY, FakeClock(), say, lambda lamp: None)
    records.start()
    records.start_shift(a_shift())
    for number in range(first, sys.maxsize):
        records.keep_read(read_of(number), pictures_of(number), hits_of(number), SHIFT)
        for hit in hits_of(number):
            records.keep_outcome(an_outcome(hit, number))
        records.audit("4821", "read.viewed", f"read-{number}")
        if number % 20 == 0:
            records.flush(60)


def main() -> None:
    for line in sys.stdin:
        folder, first, synchronous = line.split()
        child = os.fork()
        if child == 0:
            keep_for_ever(Path(folder), int(first), synchronous)
        os.write(1, f"writer {child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"gone\n")


if __name__ == "__main__":
    main()
