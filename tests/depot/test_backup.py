"""A copy of a depot brings it back; whoever finds the copy, and has neither passphrase nor key, has nothing."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nacl.public import PrivateKey
from sqlalchemy import select

from patrol_anpr.depot.backup import sealed
from patrol_anpr.depot.backup.copying import Made, make_copy
from patrol_anpr.depot.backup.pool import KEEP_DAYS, Pool
from patrol_anpr.depot.backup.restoring import Restored, restore_copy
from patrol_anpr.depot.backup.sealed import Lock, Opener, Passphrase, opened_from, sealed_to
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.epoch import epoch_of
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.lists.publishing import repository_of
from patrol_anpr.depot.pictures import HELD, pictures_here, pictures_in, segments_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.scrub import Scrub
from patrol_anpr.depot.storage.objects import ObjectHeld
from patrol_anpr.depot.storage.segments import Unreadable
from patrol_anpr.depot.tables import known_items
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import is_open_to_others, write_whole
from patrol_anpr.wire.receipts import HeldItem
from tests.depot.test_depot_service import CANARY
from tests.depot.test_pictures import pack
from tests.depot.test_retention import Kept, take_in

NOW = datetime.now(UTC).replace(microsecond=0)
KEY = PrivateKey.generate()


@pytest.fixture
def depot_folder(folder: Path) -> Path:
    """A depot with one read and its pictures."""
    add_read(folder, "r1", 40)
    return folder


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    return Pool(tmp_path / "copies")


def add_read(folder: Path, item_id: str, first: int, at: datetime = NOW) -> None:
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        take_in(database, pictures_in(folder, database), item_id, pack(2, first=first), at)


def copy(folder: Path, pool: Pool, at: datetime = NOW, lock: Lock = KEY.public_key) -> Made:
    return make_copy(folder, pool, lock, at, lambda *_: None)


def restore(made: Made, folder: Path, opener: Opener = KEY, settings: Path | None = None) -> Restored:
    return restore_copy(made.copy.file, opener, folder, NOW, "operator", lambda *_: None, settings)


def the_epoch(folder: Path) -> int:
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        return epoch_of(connection)


def findings(folder: Path) -> list[str]:
    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        return Scrub(database, pictures_in(folder, database).segments, NOW, lambda *_: None).run().findings


def contents(folder: Path, *firsts: int) -> list[dict[str, bytes]]:
    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        pictures = pictures_in(folder, database)
        return [{name: pictures.content(name) for name in pack(2, first=first)} for first in firsts]


def held_of(folder: Path, **firsts: int) -> set[str]:
    """Which of these reads, of which it had a receipt, a car need not send again; each with its first picture."""
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        with database.reading() as connection:
            known = {row.item_id: row.sha256 for row in connection.execute(select(known_items))}
        asked = [
            HeldItem(item_id=item_id, sha256=known[item_id], pictures=tuple(pack(2, first=first)))
            for item_id, first in firsts.items()
        ]
        taken = Ingest(database, pictures_in(folder, database), 2**20).holdings("TA14", asked)
    return {receipt.item_id for receipt in taken.receipts}


@pytest.mark.parametrize("damaged", [False, True])
def test_the_lists_of_a_depot_that_was_brought_back_are_newer_than_any_car_saw(
    depot_folder, pool, tmp_path, damaged: bool
):
    def version(folder: Path) -> int:
        return json.loads((folder / "lists" / "metadata" / "timestamp.json").read_bytes())["signed"]["version"]

    repository_of(depot_folder)
    before = version(depot_folder)
    if damaged:
        (depot_folder / "lists" / "metadata" / "1.snapshot.json").unlink()
    restore(copy(depot_folder, pool), tmp_path / "back")
    assert version(tmp_path / "back") == (before if damaged else int(NOW.timestamp()) + 1)


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
def test_a_depot_on_postgresql_is_brought_back_to_an_empty_database(depot_folder, pool, tmp_path, postgres):
    made = copy(depot_folder, pool)
    with pytest.raises(BadInput, match="not empty"):
        restore(made, tmp_path / "back")
    postgres.run("CREATE DATABASE brought_back OWNER depot_migration")
    settings = tmp_path / "new.toml"
    write_whole(settings, postgres.toml("brought_back").encode())
    restore(made, tmp_path / "back", settings=settings)
    assert findings(tmp_path / "back") == []
    assert contents(tmp_path / "back", 40) == [pack(2)]
    assert the_epoch(tmp_path / "back") > the_epoch(depot_folder)
    add_read(tmp_path / "back", "r-new", 90)
    assert findings(tmp_path / "back") == []
    postgres.drop("brought_back")


def test_a_depot_is_brought_back_whole_and_begins_a_new_epoch(depot_folder, pool, tmp_path):
    add_read(depot_folder, "r2", 60)
    made = copy(depot_folder, pool)
    assert (made.segments, made.new, made.missing) == (2, 2, 0)
    back = restore(made, tmp_path / "back")
    assert (back.segments, back.lost) == (2, 0)
    assert findings(tmp_path / "back") == []
    assert contents(tmp_path / "back", 40, 60) == [pack(2), pack(2, first=60)]
    names = {path.relative_to(depot_folder) for path in (depot_folder / "keys").rglob("*")}
    assert {path.relative_to(tmp_path / "back") for path in (tmp_path / "back" / "keys").rglob("*")} == names
    for path in (tmp_path / "back").rglob("*"):
        assert not is_open_to_others(path)
    assert the_epoch(tmp_path / "back") == back.epoch > the_epoch(depot_folder)


def test_what_came_while_it_was_copied_does_no_harm(depot_folder, pool, tmp_path):
    with closing(DepotDatabase(depot_folder)) as database:
        pictures = pictures_in(depot_folder, database)
        numbers = iter(range(100))

        def come_in(*_: int) -> None:
            number = next(numbers)
            take_in(database, pictures, f"late-{number}", pack(2, first=100 + 10 * number), NOW)

        made = make_copy(depot_folder, pool, KEY.public_key, NOW, come_in)
    restore(made, tmp_path / "back")
    assert findings(tmp_path / "back") == []


def test_a_second_copy_takes_only_what_is_new_and_the_first_still_works(depot_folder, pool, tmp_path):
    first = copy(depot_folder, pool, NOW - timedelta(hours=1))
    add_read(depot_folder, "r2", 60)
    second = copy(depot_folder, pool)
    assert (second.segments, second.new) == (2, 1)
    restore(first, tmp_path / "old")
    restore(second, tmp_path / "new")
    assert findings(tmp_path / "old") == findings(tmp_path / "new") == []
    with pytest.raises(Unreadable):
        contents(tmp_path / "old", 60)


def test_the_copies_hold_nothing_in_plain(depot_folder, pool):
    copy(depot_folder, pool)
    files = [path for path in pool.folder.rglob("*") if path.is_file()]
    on_disk = b"".join(path.read_bytes() for path in files)
    keys = [path.read_bytes() for path in (depot_folder / "keys").rglob("*") if path.is_file()]
    assert not any(key in on_disk for key in keys)
    assert CANARY.encode() not in on_disk
    assert b"SQLite format" not in on_disk
    assert not any(is_open_to_others(path) for path in files)
    assert not list(depot_folder.glob("*.part")), "the copy of the database that lay in the depot is gone"


def test_a_passphrase_opens_what_it_sealed_and_no_other_does(depot_folder, pool, tmp_path, monkeypatch):
    monkeypatch.setattr(sealed, "PASSES", 1)
    monkeypatch.setattr(sealed, "MEMORY_BYTES", 2**20)
    made = copy(depot_folder, pool, lock=Passphrase("twelve and more"))
    for opener, said in ((Passphrase("another of them"), "does not open"), (KEY, "sealed with a passphrase")):
        with pytest.raises(BadInput, match=said):
            restore(made, tmp_path / "back", opener)
    assert not (tmp_path / "back").exists()
    restore(made, tmp_path / "back", Passphrase("twelve and more"))
    assert contents(tmp_path / "back", 40) == [pack(2)]


def test_another_key_opens_nothing(depot_folder, pool, tmp_path):
    made = copy(depot_folder, pool)
    with pytest.raises(BadInput, match="does not open"):
        restore(made, tmp_path / "back", PrivateKey.generate())
    with pytest.raises(BadInput, match="sealed for a key"):
        restore(made, tmp_path / "back", Passphrase("twelve and more"))


def test_short_passphrases_are_refused():
    with pytest.raises(BadInput, match="at least 12"):
        Passphrase("short")


@pytest.fixture
def sealed_file(tmp_path: Path) -> Iterator[Path]:
    with sealed_to(tmp_path / "x.sealed", KEY.public_key) as stream:
        stream.write(b"a" * 3_000_000)
    return tmp_path / "x.sealed"


def read_all(file: Path) -> bytes:
    with opened_from(file, KEY) as stream:
        return stream.read()


def test_a_sealed_file_that_was_changed_cut_or_continued_gives_nothing(sealed_file: Path):
    whole = sealed_file.read_bytes()
    assert read_all(sealed_file) == b"a" * 3_000_000
    chunk = 2**20 + 17
    head = len(whole) - 3_000_000 - 3 * 17
    first, second, third = (whole[head + n * chunk :][:chunk] for n in range(3))
    bent = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), 97_003)]
    cut = [whole[:-1], whole[:head], whole[: head + chunk], whole[: head + 2 * chunk], b"", b"x"]
    for changed in (*bent, *cut, whole + b"x", whole[:head] + second + first + third):
        sealed_file.write_bytes(changed)
        with pytest.raises(BadInput):
            read_all(sealed_file)


def test_nothing_is_written_over(depot_folder, pool, tmp_path):
    made = copy(depot_folder, pool)
    with pytest.raises(BadInput, match="not empty"):
        restore(made, depot_folder)
    (tmp_path / "empty").mkdir()
    restore(made, tmp_path / "empty")
    assert findings(tmp_path / "empty") == []


def test_a_damaged_copy_leaves_no_half_depot(depot_folder, pool, tmp_path):
    made = copy(depot_folder, pool)
    whole = made.copy.file.read_bytes()
    made.copy.file.write_bytes(whole[:-100])
    with pytest.raises(BadInput, match="another copy"):
        restore(made, tmp_path / "back")
    assert {path.name for path in tmp_path.iterdir()} == {"depot", "copies"}


def test_pictures_that_the_copies_lost_do_not_count_as_here(depot_folder, pool, tmp_path):
    add_read(depot_folder, "r2", 60)
    made = copy(depot_folder, pool)
    next(pool.folder.glob("segments/*/*")).unlink()
    assert restore(made, tmp_path / "back").lost == 1
    assert len(findings(tmp_path / "back")) == 2
    with closing(DepotDatabase(tmp_path / "back")) as database, database.reading() as connection:
        assert sorted(len(pictures_here(connection, pack(2, first=it))) for it in (40, 60)) == [0, 2]
    assert len(held_of(tmp_path / "back", r1=40, r2=60)) == 1, "the other one's car sends it again"


def test_pictures_that_the_depot_missed_when_it_was_copied_do_not_count_as_here(depot_folder, pool, tmp_path):
    next(depot_folder.glob("pictures/*/*")).unlink()
    add_read(depot_folder, "r2", 60)
    made = copy(depot_folder, pool)
    assert (made.segments, made.missing) == (1, 1)
    back = restore(made, tmp_path / "back")
    assert (back.segments, back.lost) == (1, 1)
    assert held_of(tmp_path / "back", r1=40, r2=60) == {"r2"}
    add_read(tmp_path / "back", "r1", 40)
    assert held_of(tmp_path / "back", r1=40, r2=60) == {"r1", "r2"}
    assert contents(tmp_path / "back", 40) == [pack(2)]
    assert findings(tmp_path / "back") == []


def test_what_is_held_as_evidence_is_held_by_the_restored_store_too(depot_folder, pool, tmp_path):
    with closing(DepotDatabase(depot_folder, Role.RETENTION)) as database:
        Kept(database, pictures_in(depot_folder, database)).hold("TA14", "r1", "case 7", NOW, "operator")
    restore(copy(depot_folder, pool), tmp_path / "back")
    objects = segments_in(tmp_path / "back").objects
    [held] = [one.name for one in objects.list() if one.name.startswith(HELD)]
    with pytest.raises(ObjectHeld):
        objects.delete(held)


def test_copies_within_the_depot_are_refused(depot_folder):
    with pytest.raises(BadInput, match="lost with it"):
        copy(depot_folder, Pool(depot_folder / "copies"))


def test_old_copies_go_and_with_them_what_was_purged_since(depot_folder, pool, tmp_path):
    past = NOW - timedelta(days=400)
    add_read(depot_folder, "r-old", 60, past)
    for at in (NOW - timedelta(days=KEEP_DAYS + 2), NOW - timedelta(days=KEEP_DAYS + 1)):
        copy(depot_folder, pool, at)
    with closing(DepotDatabase(depot_folder)) as database:
        for number in range(3):
            take_in(database, pictures_in(depot_folder, database), f"r-{number}", pack(2, first=100 + 10 * number), NOW)
        retention = Kept(database, pictures_in(depot_folder, database))
        assert retention.purge(past.date() + timedelta(days=1), NOW, "operator").pictures == 2
    newest = copy(depot_folder, pool)
    later = NOW + timedelta(days=2)
    assert len(pool.expired(NOW, KEEP_DAYS)) == 2
    assert pool.prune(later, KEEP_DAYS) == (2, 1)
    assert [one.file for one in pool.copies()] == [newest.copy.file]
    restore(newest, tmp_path / "back")
    assert findings(tmp_path / "back") == []
    assert past.date().isoformat() not in {path.parent.name for path in pool.folder.rglob("*")}


def test_the_newest_copy_is_never_pruned(depot_folder, pool):
    copy(depot_folder, pool, NOW - timedelta(days=900))
    assert pool.prune(NOW, KEEP_DAYS) == (0, 0)
    assert len(pool.copies()) == 1


def test_the_ingest_goes_on_after_a_restore(depot_folder, pool, tmp_path):
    restore(copy(depot_folder, pool), tmp_path / "back")
    add_read(tmp_path / "back", "r-new", 90)
    assert findings(tmp_path / "back") == []
