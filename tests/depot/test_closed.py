"""Closed records at the depot: all of it is taken in, or they stay as they came and somebody is told."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from patrol_anpr.commands.depot import show_doubts
from patrol_anpr.commands.depot_care import retry_closed
from patrol_anpr.depot.closed import FOLDER, NO_PICTURE, NOT_TAKEN, ClosedRecords, NotWhole
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.doubts import doubts_of
from patrol_anpr.depot.epoch import begin_epoch
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.tables import incidents, items, known_items, picture_places
from patrol_anpr.plumbing.sqlite import open_sqlite
from patrol_anpr.records import Records, vault
from patrol_anpr.records.keys import Key
from patrol_anpr.records.shift_keys import ShiftKeys
from patrol_anpr.wire.closed import DATABASE, ClosedFile, ClosedManifest, FileName
from tests.conftest import FakeClock
from tests.records.made import PATIENCE, PICTURES, Heard, a_read, a_shift

CAR, PIN = "TA14", "80265914"


@dataclass
class Around:
    """Closed records of a real car, with their key, and a depot's folder."""

    depot: Path
    shift: Path
    key: Key
    clock: FakeClock

    def change(self, statement: str) -> None:
        with closing(open_sqlite(self.shift / DATABASE, key=self.key.derived("database"))) as database:
            database.execute(statement)
            database.commit()

    def manifest(self) -> ClosedManifest:
        names: tuple[FileName, ...] = ("key.depot", "records.db")
        files = []
        for name in names:
            with (self.shift / name).open("rb") as stream:
                sha256 = file_digest(stream, "sha256").hexdigest()
            files.append(ClosedFile(name=name, size=(self.shift / name).stat().st_size, sha256=sha256))
        return ClosedManifest(closed_id="00001-shift", files=tuple(files))

    def with_records(self, work: Callable[[ClosedRecords], None]) -> None:
        with closing(DepotDatabase(self.depot)) as database:
            ingest = Ingest(database, pictures_in(self.depot, database), 2**22)
            work(ClosedRecords(self.depot, database, ingest, DepotKeys(self.depot).sealing))

    def send(self, *, files: bool = True) -> None:
        def work(records: ClosedRecords) -> None:
            manifest = self.manifest()
            for file in manifest.files if files else ():
                records.append(CAR, manifest.closed_id, file.name, 0, (self.shift / file.name).read_bytes())
            step = records.take(CAR, manifest, 0, self.clock.utc())
            while step.after is not None:
                step = records.take(CAR, manifest, step.after, self.clock.utc())

        self.with_records(work)

    @property
    def kept(self) -> list[str]:
        return sorted(file.name for file in (self.depot / FOLDER / CAR / "00001-shift").iterdir())

    def column(self, column: object) -> list[str]:
        with closing(DepotDatabase(self.depot)) as database, database.reading() as connection:
            return sorted(connection.execute(select(column)).scalars())  # type: ignore[call-overload]

    @property
    def reads(self) -> list[str]:
        return [name for name in self.column(items.c.item_id) if name.startswith("read:")]

    @property
    def pictures(self) -> set[str]:
        return set(self.column(picture_places.c.sha256))


@pytest.fixture
def around(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Around:
    monkeypatch.setattr(vault, "TIME_COST", 1)
    monkeypatch.setattr(vault, "MEMORY_KIB", 32)
    depot, car, heard = tmp_path / "depot", tmp_path / "car", Heard()
    depot.mkdir(mode=0o700)
    keys = ShiftKeys(car, Key(bytes(32)), bytes(DepotKeys(depot).sealing.public_key), clock)
    records = Records.of_shifts(keys, clock, heard.on_saved, heard.on_lamp)
    records.start()
    records.open_for("4821", PIN)
    records.start_shift(a_shift(officer_id="4821"))
    for number in (1, 2):
        records.keep_read(a_read(number), PICTURES, (), "shift-1")
    assert records.flush(PATIENCE)
    records.lock_up()
    shift, key = keys.vault.store()
    records.stop()
    return Around(depot, shift, key, clock)


def test_all_is_taken_in_and_nothing_sealed_is_left(around: Around) -> None:
    around.send()
    assert around.reads == ["read:read-1", "read:read-2"]
    assert around.kept == ["taken"]
    assert doubts_of(around.depot) == []


def test_an_answer_that_was_lost_is_given_again_and_nothing_is_sent_again(around: Around) -> None:
    around.send()
    around.send(files=False)
    assert around.kept == ["taken"]


def test_what_was_held_once_comes_in_again_after_a_restore_with_its_pictures(around: Around) -> None:
    around.change("UPDATE outbox SET status = 'held', epoch = 1")
    around.send()
    before = around.reads, around.pictures
    assert before[1]
    with closing(DepotDatabase(around.depot)) as database, database.writing() as connection:
        for table in (items, known_items, picture_places):
            connection.execute(delete(table))
        begin_epoch(connection, around.clock.utc())
    with pytest.raises(NotWhole):  # what was taken in before the restore proves nothing
        around.send(files=False)
    around.send()
    assert (around.reads, around.pictures) == before


def test_a_read_whose_picture_is_nowhere_is_kept_without_and_named_in_the_doubts(
    around: Around, capsys: pytest.CaptureFixture[str]
) -> None:
    around.change("UPDATE outbox SET patch = NULL, overview = NULL")
    around.send()
    around.send(files=False)
    assert around.reads == ["read:read-1", "read:read-2"]
    assert {"key.depot", "records.db", "left"} <= set(around.kept)
    assert around.column(incidents.c.what).count(f"{NO_PICTURE}; they are kept") == 1
    assert show_doubts(around.depot) == 1
    assert "retry-closed" in capsys.readouterr().out


def test_a_damaged_record_keeps_no_other_one_out(around: Around) -> None:
    around.change("UPDATE outbox SET payload = x'7b7d' WHERE item_id = 'read:read-1'")
    around.send()
    assert around.reads == ["read:read-2"]
    assert [doubt.reason for doubt in doubts_of(around.depot)] == [NOT_TAKEN]
    assert "records.db" in around.kept


def test_what_does_not_open_now_is_tried_again_and_taken_in(around: Around, capsys: pytest.CaptureFixture[str]) -> None:
    key = around.depot / FOLDER / CAR / "00001-shift" / "key.depot"
    around.change("UPDATE outbox SET kind = 'of a newer depot' WHERE item_id = 'read:read-2'")
    around.send()
    assert [doubt.reason for doubt in doubts_of(around.depot)] == [NOT_TAKEN]
    assert retry_closed(around.depot) == 1
    assert NOT_TAKEN in capsys.readouterr().out
    with closing(open_sqlite(key.with_name(DATABASE), key=around.key.derived("database"))) as database:
        database.execute("UPDATE outbox SET kind = 'read' WHERE item_id = 'read:read-2'")
        database.commit()
    assert retry_closed(around.depot) == 0
    assert around.reads == ["read:read-1", "read:read-2"]
    assert around.kept == ["taken"]
    assert show_doubts(around.depot) == 0


def test_a_file_that_is_not_whole_goes_on_and_one_that_is_damaged_is_sent_anew(around: Around) -> None:
    manifest = around.manifest()
    content = {file.name: (around.shift / file.name).read_bytes() for file in manifest.files}

    def work(records: ClosedRecords) -> None:
        sent = ("TA14", manifest.closed_id)
        records.append(*sent, "key.depot", 0, content["key.depot"])
        records.append(*sent, "records.db", 0, content["records.db"][:4096])
        with pytest.raises(NotWhole):
            records.take(CAR, manifest, 0, around.clock.utc())
        assert records.size(*sent, "records.db") == 4096
        records.append(*sent, "records.db", 4096, bytes(len(content["records.db"]) - 4096))
        with pytest.raises(NotWhole):
            records.take(CAR, manifest, 0, around.clock.utc())
        assert records.size(*sent, "records.db") == 0
        assert records.size(*sent, "key.depot") == len(content["key.depot"])

    around.with_records(work)
