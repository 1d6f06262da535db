"""What whoever takes this laptop opens of the records, found by trying with all that lies on its disk."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy.exc import SQLAlchemyError

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.records.car_file import FILE_NAME as CAR_FILE
from patrol_anpr.records.car_file import opens as car_file_opens
from patrol_anpr.records.database import FILE_NAME, Database
from patrol_anpr.records.held_mark import HeldMark
from patrol_anpr.records.keys import KEY_FILE, Key, find_key
from patrol_anpr.records.queries import count_reads
from patrol_anpr.records.vault import FOLDER, PIN_WRAP, epoch_in, stretched


@dataclass(frozen=True, slots=True)
class Exposure:
    """What opens, and with what.

    `reads`: Reads of records that open with a key that lies on the disk. `with_pin`: shifts that their officer's PIN
    opens. `sealed`: shifts that only the depot opens, `unsent` of them not known to be there. `key_in_file`: the key to
    the records, or the car's own, lies on the disk. `roster`: with it the officers' verifiers open.
    """

    reads: int
    with_pin: int
    sealed: int
    unsent: int
    key_in_file: bool
    roster: bool


def has_shifts(folder: Path) -> bool:
    """Tell whether the records in `folder` are those of an enrolled car, a key for each shift."""
    return (folder / FOLDER).is_dir()


def exposure(folder: Path) -> Exposure:
    """Try everything that lies in the folder of the records. Changes nothing; a patrol may be under way."""
    keys = _keys_on_the_disk(folder)
    shifts = [one for one in sorted((folder / FOLDER).iterdir()) if one.is_dir()] if has_shifts(folder) else []
    wrapped = [one for one in shifts if (one / PIN_WRAP).exists()]
    opened = sum(_reads(one, keys) for one in (folder, *shifts))
    sealed = len(shifts) - len(wrapped)
    epoch, marks = epoch_in(folder), [HeldMark.of(one) for one in shifts if one not in wrapped]
    unsent = sum(mark is None or mark.epoch < epoch for mark in marks)
    roster = (folder / CAR_FILE).exists() and any(car_file_opens(folder, key) for key in keys)
    return Exposure(opened, len(wrapped), sealed, unsent, bool(keys), roster)


def seconds_a_guess() -> float:
    """Measure what one guess of a PIN costs on a core of this machine, in seconds."""
    began = time.process_time()
    stretched("00000000", bytes(16))
    return time.process_time() - began


def _keys_on_the_disk(folder: Path) -> Sequence[Key]:
    if not (folder / KEY_FILE).exists():
        return ()
    with suppress(RecordsFault):
        return (find_key(folder),)
    return ()


def _reads(folder: Path, keys: Sequence[Key]) -> int:
    if not (folder / FILE_NAME).exists():
        return 0
    for key in keys:
        with suppress(sqlcipher.Error, SQLAlchemyError, OSError):
            return Database(folder, key).ask(count_reads)
    return 0
