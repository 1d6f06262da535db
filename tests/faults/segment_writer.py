"""A depot that keeps packs for ever, and says so after each commit; made to be killed."""

from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.wire.payloads import sha256_of

PICTURES_A_PACK = 8


def pictures_of(jpeg: bytes, seed: int) -> dict[str, bytes]:
    """Pictures that no other seed gives: the same one, each with a comment of its own."""
    numbers = range(seed * PICTURES_A_PACK, (seed + 1) * PICTURES_A_PACK)
    contents = (jpeg[:2] + b"\xff\xfe\x00\x0a" + number.to_bytes(8, "big") + jpeg[2:] for number in numbers)
    return {sha256_of(content): content for content in contents}


def keep_packs(folder: Path, seed: int, answers: Connection) -> None:
    """Keep packs, numbered from `seed` on, until killed; say the number of each that is kept."""
    jpeg = (folder / "one.jpg").read_bytes()
    with closing(DepotDatabase(folder)) as database:
        pictures = pictures_in(folder, database)
        for number in count(seed):
            kept = pictures.keep_all("TA14", pictures_of(jpeg, number), datetime.now(UTC))
            with database.writing() as connection:
                kept.store(connection)
            answers.send(number)
