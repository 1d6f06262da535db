"""Which records are in use, and with whose PIN they open again: what a car that was enrolled keeps besides them.

The records themselves are opened on the writer's thread, as all records are. Whatever the disk does, an officer signs
on: what was asked for here is tried again with each try to open the records.
"""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import KeyRefused, RecordsFault
from patrol_anpr.records.car_file import CarFile
from patrol_anpr.records.database import Database
from patrol_anpr.records.faults import unusable
from patrol_anpr.records.held_mark import HeldMark
from patrol_anpr.records.keys import ANOTHER_KEY, WRONG_KEY, Key
from patrol_anpr.records.lock import take_lock
from patrol_anpr.records.outbox import newest_epoch, unheld_rows
from patrol_anpr.records.sparing import NEVER_SCARCE
from patrol_anpr.records.store import Store
from patrol_anpr.records.vault import RecordsClosed, Vault, epoch_in
from patrol_anpr.records.witness import FILE_NAME as WITNESS

log = logging.getLogger(__name__)


class ShiftKeys:
    """Opens the records of the shift under way, and locks them up. Methods wait for the disk; any thread may call.

    `unsent` counts closed records that the depot may not hold whole; `find_car` finds the car's own key as the next
    start will. Raises AlreadyRunning where another program has the folder, KeyRefused where another key made it.
    """

    def __init__(
        self,
        folder: Path,
        car: Key,
        sealing_key: bytes,
        clock: Clock,
        *,
        reserve: int = 0,
        scarce_percent: float = NEVER_SCARCE,
        find_car: Callable[[], Key] | None = None,
    ) -> None:
        self._car, self._find_car = car, find_car or (lambda: car)
        self._clock, self._reserve, self._scarce = clock, reserve, scarce_percent
        self._lock = take_lock(folder)
        try:
            self._look_into(folder, sealing_key)
        except OSError as error:
            self._lock.release()
            raise unusable(error) from error
        except BaseException:
            self._lock.release()  # records without such keys are tried next, and need it
            raise
        self._turn = threading.Lock()
        self._asked: tuple[str, str] | None = None
        self._afresh = False
        self.went_on_from = ""
        """Where the trail of the records before these ended, for the first row of the new ones; "" where it goes on."""

    def _look_into(self, folder: Path, sealing_key: bytes) -> None:
        self.car = CarFile(folder, self._car)
        if self._car.refuted(folder) and not self.car.opens:
            raise KeyRefused(WRONG_KEY, folder=folder)
        try:
            self._car.mark(folder)
        except OSError as error:  # a full disk keeps no car from its patrol; the next start marks it
            log.warning("the folder of the records could not be marked: %s", error.strerror)
        self.vault = Vault(folder, self._car, sealing_key, self._clock)
        self.vault.expire()
        self._count_closed()

    def key_fault(self) -> str:
        """Look for the car's own key again, without which the next start opens nothing; "" where it is there."""
        try:
            found = self._find_car()
        except KeyRefused as fault:
            return str(fault)
        except RecordsFault:
            return ""
        return "" if found.secret == self._car.secret else ANOTHER_KEY

    def ask(self, officer_id: str, pin: str) -> None:
        """Have records open for this officer at the next `open_store`: others than those in use."""
        with self._turn:
            self._asked, self._afresh = (officer_id, pin), self.vault.is_open

    def open_store(self) -> Store:
        """Open the records in use, or those an officer asked for; for the writer's thread, with none open.

        Raises RecordsClosed where nobody has asked, and as Store.open does.
        """
        with self._turn:
            if self._afresh:
                self._note_held()
                self.vault.leave()
                self._afresh = False
            if not self.vault.is_open:
                if self._asked is None:
                    raise RecordsClosed("The records open when an officer signs on.")
                before = self.vault.newest()
                went_on = self.vault.open(*self._asked)
                self.went_on_from = "" if went_on or before is None else _end_of(before)
                self._asked = None
                self._count_closed()
        now, room = self._clock.utc(), self._reserve
        return Store.open(*self.vault.store(), now, reserve=room, scarce_percent=self._scarce)

    @property
    def is_asked(self) -> bool:
        """Whether records are open, or are to be opened."""
        return self.vault.is_open or self._asked is not None

    def ask_without_pin(self) -> None:
        """Have records open, with nobody signed on: what is to be kept is not lost, and only the depot opens it."""
        with self._turn:
            if not self.is_asked:
                self._asked = ("", "")

    def key(self) -> Key:
        """The key of the records in use. Raises RecordsClosed while there is none."""
        return self.vault.store()[1]

    def wrap(self, officer_id: str, pin: str) -> None:
        """Let this PIN open the records in use at the next start. Raises RecordsFault."""
        with self._turn:
            if self.vault.is_open:
                self.vault.wrap(officer_id, pin)
            else:
                self._asked = (officer_id, pin)

    def lock_up(self) -> None:
        """Let no PIN open anything on the disk any more. Raises RecordsFault where that could not be done."""
        with self._turn:
            if self._asked is not None:
                self._asked = (self._asked[0], "")
            self.vault.shut()

    def closed(self) -> Sequence[Path]:
        """The folders of records that only the depot opens and may not hold whole, the oldest first."""
        with self._turn:
            return self.vault.closed()

    def learn(self, epoch: int) -> None:
        """Take word, proven, in which epoch the depot is: what it held in an earlier one may be gone."""
        with self._turn:
            self.vault.learn(epoch)
            self._count_closed()

    def held(self, folder: Path, epoch: int) -> None:
        """Take word, proven, that the depot holds them in this epoch. Raises RecordsFault."""
        with self._turn:
            try:
                self.vault.note_held(folder, epoch)
            except OSError as error:
                raise unusable(error) from error
            self._count_closed()

    def _count_closed(self) -> None:
        self.unsent = len(self.vault.closed())

    def close(self) -> None:
        """Let go of the folder; note where the depot holds all of the records that were in use."""
        with self._turn:
            if not self.vault.waits_for_pin:
                self._note_held()
            self._lock.release()

    def _note_held(self) -> None:
        try:
            folder, key = self.vault.store()
            epoch = Database(folder, key).ask(_epoch_of_all)
            if epoch is not None:
                self.vault.note_held(folder, epoch)
        except RecordsClosed:
            return
        except (RecordsFault, SQLAlchemyError, sqlcipher.Error, OSError) as error:
            log.info("not known whether the depot holds all: %s", type(error).__name__)


def waits_from_before(folder: Path, car: Key, clock: Clock) -> bool:
    """Tell whether `folder` holds records from before the enrolment that the depot does not hold all of.

    They lie under the car's own key. Once the depot holds them, a mark says so, and Vault.forget deletes them in time.
    """
    database, newest, mark = Database(folder, car), epoch_in(folder), HeldMark.of(folder)
    if not database.file.exists() or (mark is not None and mark.epoch >= newest):
        return False
    try:
        epoch = database.ask(_epoch_of_all)
        if epoch is None or epoch < newest:
            return True
        HeldMark(clock.utc().timestamp(), epoch).put(folder)
    except (SQLAlchemyError, sqlcipher.Error, OSError) as error:
        log.warning("records from before the enrolment: %s", type(error).__name__)
        return True
    return False


def _epoch_of_all(connection: Connection) -> int | None:
    """The epoch in which the depot is proven to hold all that waited; None where it is not."""
    return None if unheld_rows(connection) else newest_epoch(connection)


def _end_of(folder: Path) -> str:
    """Where the trail of other records ended: their witness says it in plain."""
    with suppress(OSError, ValueError, KeyError):
        said = json.loads((folder / WITNESS).read_bytes().partition(b" ")[2])
        return f"after {folder.name}, entry {int(said['audit_seq'])}, {said['audit_hash']}"
    return f"after {folder.name}"
