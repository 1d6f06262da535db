"""A day whose key is destroyed is read by nobody; what is held as evidence is still there."""

import shutil
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.keeping.classes import PERIODS
from patrol_anpr.depot.keeping.holds import Holding
from patrol_anpr.depot.keeping.running import purge
from patrol_anpr.depot.pictures import HELD, DepotPictures, pictures_here, pictures_in
from patrol_anpr.depot.scrub import Scrub
from patrol_anpr.depot.storage.segments import Unreadable
from patrol_anpr.depot.storage.tending import delete_orphans
from patrol_anpr.depot.tables import audit, holds, picture_places, purged_groups
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.pack import read_pack
from patrol_anpr.wire.payloads import ReceiptStatus
from tests.depot.packs import built
from tests.depot.test_depot_service import audit as audit_item
from tests.depot.test_depot_service import jpeg, read
from tests.depot.test_pictures import pack

NOW = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
OLD = NOW - timedelta(days=400)


DAYS = {keep: period.days for keep, period in PERIODS.items()}
REVIEW = date(2027, 3, 1)


class Kept:
    """Purges and holds as the commands do."""

    def __init__(self, database: DepotDatabase, pictures: DepotPictures) -> None:
        self.database, self.pictures = database, pictures
        self.holding = Holding(database, pictures)
        self.release = self.holding.release

    def purge(self, before: date, now: datetime, actor: str):
        return purge(self.database, self.pictures, DAYS, now, actor, before=before)

    def hold(self, car: str, item: str, reason: str, now: datetime, actor: str) -> int:
        return self.holding.hold(car, item, reason, "DS Example", REVIEW, now, actor)


@pytest.fixture
def retention(database: DepotDatabase, pictures: DepotPictures) -> Kept:
    return Kept(database, pictures)


def take_in(
    database: DepotDatabase, pictures: DepotPictures, item_id: str, contents: dict[str, bytes], at: datetime
) -> str:
    """Take in one read with two pictures; return the name of their segment."""
    kept = pictures.keep_all("TA14", contents, at)
    with database.writing() as connection:
        kept.store(connection)
    patch, overview = contents.values()
    made = read(patch, overview, read_id=item_id, captured_at=at.isoformat()) | {"item_id": item_id}
    [receipt] = Ingest(database, pictures, 2**20).take("TA14", read_pack(built([made])[1]), at).receipts
    assert receipt.status is ReceiptStatus.HELD
    with database.reading() as connection:
        named = picture_places.c.sha256.in_(contents)
        return connection.execute(select(picture_places.c.segment).where(named)).scalars().all()[-1]


def scrubbed(database: DepotDatabase, pictures: DepotPictures, now: datetime = NOW):
    return Scrub(database, pictures.segments, now, lambda *_: None).run()


def test_a_purged_day_is_unreadable_even_from_a_copy_of_its_segments(folder, database, pictures, retention, tmp_path):
    past, young = pack(2), pack(2, first=60)
    take_in(database, pictures, "r-old", past, OLD)
    take_in(database, pictures, "r-new", young, NOW)
    shutil.copytree(folder / "pictures", tmp_path / "copy")
    purged = retention.purge(date(2025, 11, 1), NOW, "operator")
    assert (purged.days, purged.pictures) == (1, 2)
    for name in past:
        with pytest.raises(Unreadable):
            pictures.content(name)
    assert {name: pictures.content(name) for name in young} == young
    assert not list((folder / "pictures").glob(f"{OLD.date()}/*")), "nothing of them takes room"
    shutil.copytree(tmp_path / "copy", folder / "pictures", dirs_exist_ok=True)
    [segment] = pictures.segments.objects.list(OLD.date().isoformat())
    sealed = (folder / "pictures" / segment.name).read_bytes()
    for file in (folder / "keys").rglob("*.key"):
        assert file.read_bytes()[:12] != sealed[:12]
    assert OLD.date().isoformat() not in set(pictures.segments.keys.groups())


def test_another_process_reads_nothing_of_a_purged_day_either(folder, database, pictures, retention):
    past = pack(2)
    take_in(database, pictures, "r-old", past, OLD)
    take_in(database, pictures, "r-new", pack(2, first=60), NOW)
    served = pictures_in(folder, database)
    with database.reading() as connection:
        assert pictures_here(connection, past) == past.keys()
    places = [served.content(name) for name in past]
    assert places == list(past.values()), "it holds the day's key in its memory"
    pictures.segments.keys.destroy(OLD.date().isoformat())
    for name in past:
        with pytest.raises(Unreadable, match="key of its group is gone"):
            served.content(name)


def test_what_is_held_outlives_its_day_and_goes_when_released(folder, database, pictures, retention):
    held = pack(2)
    take_in(database, pictures, "r-held", held, OLD)
    take_in(database, pictures, "r-new", pack(2, first=60), NOW)
    assert retention.hold("TA14", "r-held", "case 7", NOW, "operator") == 2
    retention.purge(date(2025, 11, 1), NOW, "operator")
    assert {name: pictures.content(name) for name in held} == held
    assert scrubbed(database, pictures).findings == []
    assert retention.release("TA14", "r-held", "case closed", NOW, "operator") == 1
    for name in held:
        with pytest.raises(Unreadable):
            pictures.content(name)
    with pytest.raises(BadInput, match="Nothing is held"):
        retention.release("TA14", "r-held", "again", NOW, "operator")
    with database.reading() as connection:
        told = [(row.action, row.reason.partition(", run")[0]) for row in connection.execute(select(audit))]
    assert told == [
        ("record held", "case 7; DS Example; review 2027-03-01"),
        ("erased", "2"),
        ("record released", "case closed"),
    ]


def test_a_release_that_broke_off_is_ended_by_the_next_purge(database, pictures, retention, monkeypatch):
    take_in(database, pictures, "r-held", pack(2), NOW)
    retention.hold("TA14", "r-held", "case 7", NOW, "operator")
    retention.hold("TA14", "r-held", "case 8", NOW, "operator")

    def refuse(_: str) -> None:
        raise OSError("the store does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(pictures.segments.objects, "delete", refuse)
        with pytest.raises(OSError, match="does not answer"):
            retention.release("TA14", "r-held", "closed", NOW, "operator")
    assert len(held_groups(pictures)) == 2
    retention.purge(date(2025, 11, 1), NOW, "operator")
    assert held_groups(pictures) == set()
    assert not [one.name for one in pictures.segments.objects.list() if one.name.startswith(HELD)]


def test_a_hold_that_broke_off_leaves_nothing_that_cannot_be_deleted(database, pictures, retention, monkeypatch):
    segment = take_in(database, pictures, "r1", pack(2), NOW)

    def refuse() -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(database, "writing", refuse)
        with pytest.raises(OSError, match="full"):
            retention.hold("TA14", "r1", "case 7", NOW, "operator")
    assert delete_orphans(database, pictures.segments, [""], datetime.now(UTC) + timedelta(hours=2)) == 1
    assert [one.name for one in pictures.segments.objects.list()] == [segment]


def held_groups(pictures: DepotPictures) -> set[str]:
    return {group for group in pictures.segments.keys.groups() if group.startswith(HELD)}


def test_what_is_released_before_its_day_is_past_stays_until_then(database, pictures, retention):
    contents = pack(2)
    take_in(database, pictures, "r1", contents, NOW)
    retention.hold("TA14", "r1", "case 7", NOW, "operator")
    retention.release("TA14", "r1", "a mistake", NOW, "operator")
    assert {name: pictures.content(name) for name in contents} == contents


@pytest.mark.parametrize(("clock", "newest"), [(NOW + timedelta(days=3650), NOW), (NOW, NOW - timedelta(days=300))])
def test_one_clock_alone_purges_nothing_young(database, pictures, retention, clock: datetime, newest: datetime):
    contents = pack(2)
    take_in(database, pictures, "r1", contents, newest)
    with pytest.raises(BadInput, match="Check the date, and the clock"):
        retention.purge(newest.date() + timedelta(days=1), clock, "operator")
    assert {name: pictures.content(name) for name in contents} == contents


def test_a_purge_that_broke_off_goes_on(database, pictures, retention):
    past = pack(2)
    take_in(database, pictures, "r-old", past, OLD)
    take_in(database, pictures, "r-new", pack(2, first=60), NOW)
    pictures.segments.keys.destroy(OLD.date().isoformat())  # and then the power is cut
    assert retention.purge(date(2025, 11, 1), NOW, "operator").pictures == 2
    with database.reading() as connection:
        assert [row.pictures for row in connection.execute(select(purged_groups))] == [2]
    assert retention.purge(date(2025, 11, 1), NOW, "operator").days == 0
    assert scrubbed(database, pictures).findings == [], "nobody misses what was purged"


@pytest.mark.parametrize(("car", "item"), [("TA15", "r1"), ("TA14", "r2")])
def test_a_hold_of_nothing_is_said_plainly(database, pictures, retention, car: str, item: str):
    take_in(database, pictures, "r1", pack(2), NOW)
    with pytest.raises(BadInput, match="no record of that car"):
        retention.hold(car, item, "case 7", NOW, "operator")


def test_a_record_without_pictures_is_held_too(database, pictures, retention):
    """Erasing looks at the same row."""
    made = audit_item()
    Ingest(database, pictures, 2**20).take("TA14", read_pack(built([made])[1]), NOW)
    assert retention.hold("TA14", made["item_id"], "case 7", NOW, "operator") == 0
    with database.reading() as connection:
        assert connection.execute(select(holds.c.item_id)).scalars().all() == [made["item_id"]]
    assert retention.release("TA14", made["item_id"], "over", NOW, "operator") == 1


# The scrub


def test_the_scrub_finds_each_thing_that_is_wrong(folder, database, pictures):
    first, second, third = (take_in(database, pictures, f"r{n}", pack(2, first=40 + 10 * n), NOW) for n in range(3))
    assert scrubbed(database, pictures).findings == []
    pictures.keep_all("TA14", pack(1, first=90), NOW)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE items SET payload = CAST('{}' AS BLOB) WHERE item_id = 'r0'")
        connection.exec_driver_sql(f"DELETE FROM picture_places WHERE segment = '{third}'")
    (folder / "pictures" / first).unlink()
    damaged = folder / "pictures" / second
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\0")
    found = scrubbed(database, pictures, datetime.now(UTC) + timedelta(hours=2))
    text = "\n".join(found.findings)
    assert text.count("content is not what was received") == 1
    assert text.count("does not have its picture") == 2
    assert text.count("its segment is not there") == 2
    assert text.count("its segment is damaged") == 1
    assert text.count("no record names it") == 2
    assert found.wrong == len(found.findings) == 8
    assert (found.items, found.pictures, found.segments) == (3, 4, 3)
    assert jpeg() not in text.encode()
