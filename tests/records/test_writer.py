"""The writer may be late; it never forgets, and it says so."""

import errno
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.records import lamps
from patrol_anpr.records import writer as writer_module
from patrol_anpr.records.database import Database
from patrol_anpr.records.jobs import Job, Scene
from patrol_anpr.records.store import Store
from patrol_anpr.records.writer import Writer
from patrol_anpr.wire.records import Origin
from tests.conftest import FakeClock
from tests.records.made import AT, KEY, PATIENCE, Heard


class Note(Job):
    """A job that puts its name into the roster. `failures` are raised first, one a try; `gate` holds it up."""

    def __init__(
        self,
        name: str,
        *,
        failures: Sequence[Exception] = (),
        gate: threading.Event | None = None,
        pictures: tuple[int, int] = (0, 0),
        of_hit: bool = False,
        bug: bool = False,
    ) -> None:
        super().__init__(scene=SCENE)
        self.name, self.failures, self.gate, self.bug = name, list(failures), gate, bug
        self.pictures, self._of_hit = list(pictures), of_hit
        self.begun, self.told_saved = threading.Event(), threading.Event()

    @property
    def of_hit(self) -> bool:
        return self._of_hit

    @property
    def picture_sizes(self) -> tuple[int, int]:
        overview, patch = self.pictures
        return overview, patch

    def give_up(self, which: int) -> None:
        self.pictures[which] = 0

    def prepare(self, store: Store) -> None:
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

    def saved(self, store: Store) -> None:
        self.told_saved.set()


SCENE = Scene("boot", FakeClock(), Origin())
FULL = OSError(errno.ENOSPC, "no space")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path, KEY, AT)


@pytest.fixture
def database(store: Store) -> Database:
    return store.database


def names(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.exec_driver_sql("SELECT officer_id FROM officers ORDER BY rowid").scalars())


def made(store: Store, heard: Heard, **changes: Any) -> Writer:
    """A writer with records open, that tries again soon."""

    def never() -> Store:
        raise AssertionError("the records are open")

    writer = Writer(never, heard.on_lamp, lambda store: store.replace(AT), retry_first=0.001, **changes)
    writer.use(store)
    return writer


@pytest.fixture
def writer(store: Store, heard: Heard) -> Iterator[Writer]:
    writer = made(store, heard, most_bytes=100)
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
    stuck = Note("stuck", failures=[FULL] * 5, gate=gate)
    writer.give(stuck)
    behind = Note("behind")
    writer.give(behind)
    gate.set()
    assert writer.flush(PATIENCE)
    assert behind.told_saved.wait(PATIENCE)
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


class Cramp(Note):
    """Leaves the connection no room to grow, once, so that the next large row meets a full disk in the middle."""

    cramped = False

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
    assert writer.stop(PATIENCE) == []
    assert names(database) == ["0", "1", "2"]
    with pytest.raises(RecordsFault, match="closed"):
        writer.give(Note("late"))


def test_stopping_ends_even_when_the_disk_never_comes_back(database: Database, writer: Writer) -> None:
    note = Note("lost", failures=[OSError(errno.EIO, "dead disk")] * 10**6)
    future = writer.give(note)
    assert note.begun.wait(PATIENCE)
    assert writer.stop(0.2) == [note]
    assert future.cancelled()


def test_a_listener_that_fails_does_not_end_the_recording(store: Store, database: Database, heard: Heard) -> None:
    class Deaf(Note):
        def saved(self, store: Store) -> None:
            raise RuntimeError("a bug of the screen")

    gate = threading.Event()
    notes = [Note("first", gate=gate), Deaf("second"), Note("third")]
    writer = made(store, heard)
    writer.start()
    for note in notes:
        writer.give(note)
    gate.set()
    assert writer.flush(PATIENCE)
    assert writer.stop(PATIENCE) == []
    assert names(database) == ["first", "second", "third"]
    assert notes[0].told_saved.is_set()
    assert notes[2].told_saved.is_set()


def test_nobody_waits_and_pictures_that_are_too_many_are_given_up(
    store: Store, database: Database, heard: Heard
) -> None:
    gate = threading.Event()
    writer = made(store, heard, most_bytes=100)
    writer.start()
    first = Note("first", gate=gate)
    writer.give(first)
    assert first.begun.wait(PATIENCE)
    notes = [Note(str(number), pictures=(40, 10), of_hit=number == 0) for number in range(5)]
    for note in notes:
        writer.give(note)
    assert [tuple(note.pictures) for note in notes] == [(40, 10), (0, 10), (0, 10), (0, 10), (0, 10)]
    assert writer.given_up == 4
    assert heard.wait_for_word("Recording late: 4 pictures given up")
    gate.set()
    assert writer.flush(PATIENCE)
    assert names(database) == ["first", "0", "1", "2", "3", "4"]
    assert heard.lamps[-1] == lamps.recording(given_up=4)
    assert list(writer.stop()) == []


def test_what_makes_room_is_written_although_what_waits_cannot_be(
    database: Database, writer: Writer, heard: Heard
) -> None:
    stuck = Note("stuck", failures=[FULL] * 10**6)
    writer.give(stuck)
    assert heard.wait_for_word("Not recording")
    room = writer.give(Note("room"), ahead=True)
    assert room.result(PATIENCE) == 7
    assert names(database) == ["room"]
    assert not writer.flush(0.01)
    stuck.failures.clear()
    assert writer.flush(PATIENCE)
    assert names(database) == ["room", "stuck"]


def test_neither_of_both_kinds_keeps_the_other_waiting(database: Database, writer: Writer) -> None:
    gate = threading.Event()
    writer.give(Note("first", gate=gate))
    for number in range(4):
        writer.give(Note(f"room {number}"), ahead=True)
    for number in range(100):
        writer.give(Note(f"fact {number}"))
    gate.set()
    assert writer.flush(PATIENCE)
    order = names(database)
    assert order.index("fact 0") < order.index("room 1")
    assert order.index("room 1") < order.index("fact 99")


@pytest.mark.parametrize("fault", [KeyError("x"), AttributeError("x"), RuntimeError("x")])
def test_whatever_is_wrong_with_one_job_the_others_are_written_and_it_stays_told(
    database: Database, writer: Writer, heard: Heard, fault: Exception
) -> None:
    refused = writer.give(Note("bad", failures=[fault]))
    writer.give(Note("good"))
    assert writer.flush(PATIENCE)
    writer.give(Note("better"))
    assert writer.flush(PATIENCE)
    assert refused.exception(PATIENCE) is fault
    assert names(database) == ["good", "better"]
    assert heard.lamps[-1] == lamps.refused(1)


class Heavy(Note):
    """Is written only once its pictures are given up: there is room for facts, not for pictures."""

    def prepare(self, store: Store) -> None:
        if any(self.pictures):
            raise FULL


def test_at_the_end_pictures_are_given_up_so_that_facts_are_saved(
    store: Store, database: Database, heard: Heard
) -> None:
    writer = made(store, heard)
    writer.start()
    notes = [Heavy(str(number), pictures=(9, 1), of_hit=number == 1) for number in range(3)]
    for note in notes:
        writer.give(note)
    assert heard.wait_for_word("Not recording")
    assert list(writer.stop()) == []
    assert names(database) == ["0", "1", "2"]
    assert writer.given_up == 6


def test_what_nobody_waits_for_any_more_is_not_written(database: Database, writer: Writer) -> None:
    gate = threading.Event()
    first = Note("first", gate=gate)
    writer.give(first)
    assert first.begun.wait(PATIENCE)
    late = writer.give(Note("late"), ahead=True)
    assert late.cancel()
    gate.set()
    assert writer.flush(PATIENCE)
    assert writer.give(Note("next"), ahead=True).result(PATIENCE) == 7
    assert names(database) == ["first", "next"]


def test_a_writer_that_hangs_is_late_although_it_cannot_say_so(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    note = Note("slow", gate=gate)
    writer.give(note)
    assert note.begun.wait(PATIENCE)
    assert writer.lamp() == lamps.recording()
    monkeypatch.setattr(writer_module, "LATE_SECONDS", 0.0)
    assert writer.lamp() == lamps.late(0)
    gate.set()
    assert writer.flush(PATIENCE)
    assert writer.lamp() == lamps.recording()
