"""The writer may be late; it never forgets, and it says so."""

import errno
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.records.database import Database
from patrol_anpr.records.writer import Writer
from tests.records.made import AT, KEY, PATIENCE, Heard


@dataclass
class Note:
    """A job that puts its name into the roster; `before` runs first and may raise."""

    name: str
    size: int = 1
    failures: list[Exception] = field(default_factory=list)
    gate: threading.Event | None = None
    begun: threading.Event = field(default_factory=threading.Event)
    told: threading.Event = field(default_factory=threading.Event)
    bug: bool = False

    def prepare(self) -> None:
        self.begun.set()
        if self.gate is not None:
            assert self.gate.wait(PATIENCE)
        if self.failures:
            raise self.failures.pop(0)

    def write(self, connection: Connection) -> int:
        connection.exec_driver_sql("INSERT INTO officers VALUES (?, '', '', 1)", (self.name,))
        if self.bug:
            connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")
        return 7

    def saved(self) -> None:
        self.told.set()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path, KEY)
    database.open(AT)
    yield database
    database.close()


def names(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.exec_driver_sql("SELECT officer_id FROM officers ORDER BY rowid").scalars())


@pytest.fixture
def writer(database: Database, heard: Heard) -> Iterator[Writer]:
    writer = Writer(database, heard.on_lamp, lambda: AT, most_jobs=3, most_bytes=100, retry_first=0.001)
    writer.start()
    yield writer
    writer.stop()


def test_jobs_are_written_in_order_and_answer(database: Database, writer: Writer) -> None:
    futures = [writer.give(Note(str(number))) for number in range(20)]
    assert writer.flush(PATIENCE)
    assert [future.result(PATIENCE) for future in futures] == [7] * 20
    assert names(database) == [str(number) for number in range(20)]
    assert writer.waiting == 0


def test_what_fails_because_of_the_world_is_tried_until_it_works(
    database: Database, writer: Writer, heard: Heard
) -> None:
    gate = threading.Event()
    full = OSError(errno.ENOSPC, "no space")
    stuck = Note("stuck", failures=[full] * 5, gate=gate)
    writer.give(stuck)
    behind = Note("behind")
    writer.give(behind)
    gate.set()
    assert writer.flush(PATIENCE)
    assert behind.told.wait(PATIENCE)
    assert names(database) == ["stuck", "behind"]
    assert [lamp.word for lamp in heard.lamps] == ["Recording", "Not recording", "Recording"]


@pytest.mark.parametrize("fault", [ValueError("x"), UnicodeEncodeError("ascii", "x", 0, 1, "x")])
def test_a_job_that_is_itself_at_fault_does_not_hold_up_the_others(
    database: Database, writer: Writer, heard: Heard, fault: Exception
) -> None:
    refused = writer.give(Note("bad", failures=[fault] * 99))
    writer.give(Note("good"))
    assert writer.flush(PATIENCE)
    assert names(database) == ["good"]
    assert refused.exception(PATIENCE) is fault
    assert writer.refused == 1
    assert heard.wait_for_word("Record refused")


def test_a_bug_in_the_sql_of_one_job_undoes_that_job_alone(database: Database, writer: Writer) -> None:
    gate = threading.Event()
    writer.give(Note("first", gate=gate))
    bug = writer.give(Note("bug", bug=True))
    twice = writer.give(Note("first"))
    gate.set()
    assert writer.flush(PATIENCE)
    assert names(database) == ["first"]
    assert isinstance(bug.exception(PATIENCE), OperationalError)
    assert isinstance(twice.exception(PATIENCE), IntegrityError)


@dataclass
class Cramp(Note):
    """Leaves the connection no room to grow, once, so that the next large row meets a full disk in the middle."""

    cramped: bool = False

    def write(self, connection: Connection) -> int:
        if not self.cramped:
            self.cramped = True
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}").all()
        return super().write(connection)


@pytest.mark.parametrize("size", [100_000, 5_000_000])
def test_a_disk_that_fills_up_in_the_middle_of_a_row_refuses_nothing(
    database: Database, writer: Writer, heard: Heard, size: int
) -> None:
    given = ["before", "c" * 3, "x" * size, "y" * 100_000, "after"]
    gate = threading.Event()
    writer.give(Note(given[0], gate=gate))
    writer.give(Cramp(given[1]))
    for name in given[2:]:
        writer.give(Note(name))
    gate.set()
    assert writer.flush(PATIENCE)
    assert names(database) == given
    assert writer.refused == 0
    assert [lamp.word for lamp in heard.lamps] == ["Recording", "Not recording", "Recording"]


@pytest.mark.parametrize("size", [1, 40])
def test_a_full_queue_makes_the_giver_wait_and_says_so(
    database: Database, writer: Writer, heard: Heard, size: int
) -> None:
    gate = threading.Event()
    given: list[str] = []

    def give_many() -> None:
        for number in range(8):
            writer.give(Note(str(number), size=size, gate=gate), wait=True)
            given.append(str(number))

    giver = threading.Thread(target=give_many)
    giver.start()
    assert heard.wait_for_word("Recording late")
    assert len(given) == (3 if size == 1 else 2)
    writer.give(Note("a tap of the officer"))
    gate.set()
    giver.join(PATIENCE)
    assert writer.flush(PATIENCE)
    assert set(names(database)) == {"a tap of the officer", *(str(number) for number in range(8))}
    assert heard.lamps[-1].word == "Recording"


def test_one_job_larger_than_the_queue_still_passes(database: Database, writer: Writer) -> None:
    writer.give(Note("huge", size=10_000), wait=True)
    writer.give(Note("small"))
    assert writer.flush(PATIENCE)
    assert names(database) == ["huge", "small"]


def test_flush_says_when_it_took_too_long(writer: Writer) -> None:
    gate = threading.Event()
    writer.give(Note("slow", gate=gate))
    assert not writer.flush(0.01)
    gate.set()
    assert writer.flush(PATIENCE)


def test_stopping_writes_what_waits_and_then_takes_nothing(database: Database, writer: Writer) -> None:
    gate = threading.Event()
    for number in range(3):
        writer.give(Note(str(number), gate=gate))
    gate.set()
    assert writer.stop(PATIENCE) == 0
    assert names(database) == ["0", "1", "2"]
    with pytest.raises(RecordsFault, match="closed"):
        writer.give(Note("late"))


def test_stopping_ends_even_when_the_disk_never_comes_back(database: Database, writer: Writer) -> None:
    note = Note("lost", failures=[OSError(errno.EIO, "dead disk")] * 10**6)
    future = writer.give(note)
    assert note.begun.wait(PATIENCE)
    assert writer.stop(0.05) == 1
    assert future.cancelled()


def test_a_listener_that_fails_does_not_end_the_recording(database: Database, heard: Heard) -> None:
    class Deaf(Note):
        def saved(self) -> None:
            raise RuntimeError("a bug of the screen")

    gate = threading.Event()
    notes = [Note("first", gate=gate), Deaf("second"), Note("third")]
    writer = Writer(database, heard.on_lamp, lambda: AT)
    writer.start()
    for note in notes:
        writer.give(note)
    gate.set()
    assert writer.flush(PATIENCE)
    assert writer.stop(PATIENCE) == 0
    assert names(database) == ["first", "second", "third"]
    assert notes[0].told.is_set()
    assert notes[2].told.is_set()
