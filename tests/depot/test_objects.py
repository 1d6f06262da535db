"""What every store of objects must do: a folder, and a store that speaks S3 over real HTTP."""

import os
import secrets
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nacl.public import PrivateKey

from patrol_anpr.depot.backup.copying import make_copy
from patrol_anpr.depot.backup.pool import Pool
from patrol_anpr.depot.backup.restoring import Restored, restore_copy
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.storage.files import FileObjects
from patrol_anpr.depot.storage.objects import NoSuchObject, ObjectHeld, Objects
from patrol_anpr.depot.storage.s3 import S3Objects
from patrol_anpr.depot.storage.segments import Unreadable
from patrol_anpr.depot.storage.tending import delete_orphans
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.plumbing.files import write_whole
from tests.depot.s3_server import ACCOUNT, BUCKET, REGION, make_bucket, s3_server
from tests.depot.test_pictures import pack
from tests.depot.test_retention import Kept, take_in

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    before = {name: os.environ.get(name) for name in ACCOUNT}
    os.environ |= ACCOUNT
    with s3_server() as url:
        yield url
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture(params=["files", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "files":
        return FileObjects(tmp_path / "pictures")
    return S3Objects(BUCKET, request.getfixturevalue("s3"), REGION)


@pytest.fixture
def name() -> str:
    return f"2026-11-30/{secrets.token_hex(16)}"


def test_ranges_come_back_as_they_were_put(objects, name: str):
    content = secrets.token_bytes(100_000)
    objects.put(name, content)
    assert objects.get(name, 0, 100_000) == content
    assert objects.get(name, 70_000, 10) == content[70_000:70_010]
    for start, length in ((99_999, 2), (100_000, 1)):
        with pytest.raises(NoSuchObject):
            objects.get(name, start, length)


def test_what_is_not_there_is_said(objects, name: str):
    with pytest.raises(NoSuchObject):
        objects.get(name, 0, 1)
    objects.delete(name)


def test_objects_are_listed_by_group(objects, name: str):
    other = name.replace("2026-11-30", "2026-12-01")
    objects.put(name, b"abc")
    objects.put(other, b"abcd")
    assert {one.name: one.size for one in objects.list("2026-11-30")}[name] == 3
    assert other not in {one.name for one in objects.list("2026-11-30")}
    found = {one.name: one for one in objects.list()}
    assert found[other].size == 4
    assert abs(found[name].at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_deleted_object_is_gone_and_may_be_deleted_again(objects, name: str):
    objects.put(name, b"abc")
    objects.delete(name)
    objects.delete(name)
    assert name not in {one.name for one in objects.list()}
    with pytest.raises(NoSuchObject):
        objects.get(name, 0, 3)


def test_what_is_held_is_not_deleted_until_it_is_held_no_longer(objects, name: str):
    objects.put(name, b"abc")
    objects.hold(name, held=True)
    with pytest.raises(ObjectHeld):
        objects.delete(name)
    assert objects.get(name, 0, 3) == b"abc"
    objects.hold(name, held=False)
    objects.delete(name)
    with pytest.raises(NoSuchObject):
        objects.get(name, 0, 3)


def test_a_bucket_without_object_lock_is_refused(s3: str):
    with pytest.raises(RecordsFault, match="object lock"):
        S3Objects("open", s3, REGION)


def test_a_store_that_does_not_answer_is_said_plainly(s3: str):
    with pytest.raises(RecordsFault, match="does not answer"):
        S3Objects(BUCKET, "http://127.0.0.1:9", REGION)


def naming(s3: str, bucket: str) -> bytes:
    """The `depot.toml` of a depot whose pictures are in a bucket."""
    return f"[pictures]\nbucket = '{bucket}'\nendpoint = '{s3}'\nregion = '{REGION}'\n".encode()


def test_a_depot_is_brought_back_to_a_bucket_of_its_own(s3: str, tmp_path: Path):
    """In that of another depot it would find segments that none of its records names, and delete them."""
    folder, pool, key = tmp_path / "depot", Pool(tmp_path / "copies"), PrivateKey.generate()
    folder.mkdir(mode=0o700)
    make_bucket(s3, "first")
    write_whole(folder / "depot.toml", naming(s3, "first"))
    contents, later = pack(2), pack(2, first=60)
    with closing(DepotDatabase(folder)) as database:
        pictures = pictures_in(folder, database)
        take_in(database, pictures, "r1", contents, NOW)
        made = make_copy(folder, pool, key.public_key, NOW, lambda *_: None)
        take_in(database, pictures, "r2", later, NOW)

    def restore(settings: Path | None = None) -> Restored:
        return restore_copy(made.copy.file, key, tmp_path / "back", NOW, "operator", lambda *_: None, settings)

    with pytest.raises(BadInput, match="not empty"):
        restore()
    assert not (tmp_path / "back").exists()
    make_bucket(s3, "second")
    write_whole(tmp_path / "new.toml", naming(s3, "second"))
    assert restore(tmp_path / "new.toml").segments == 1
    with closing(DepotDatabase(tmp_path / "back")) as database:
        back = pictures_in(tmp_path / "back", database)
        assert {name: back.content(name) for name in contents} == contents
        assert delete_orphans(database, back.segments, [""], NOW + timedelta(hours=2)) == 0
    with closing(DepotDatabase(folder)) as database:
        pictures = pictures_in(folder, database)
        assert {name: pictures.content(name) for name in later} == later


def test_a_depot_whose_pictures_are_in_such_a_store(s3: str, tmp_path: Path):
    folder = tmp_path / "depot"
    folder.mkdir(mode=0o700)
    write_whole(folder / "depot.toml", naming(s3, BUCKET))
    contents, past = pack(2), pack(2, first=60)
    with closing(DepotDatabase(folder)) as database:
        pictures = pictures_in(folder, database)
        take_in(database, pictures, "r-old", past, NOW - timedelta(days=400))
        take_in(database, pictures, "r-new", contents, NOW)
        retention = Kept(database, pictures)
        retention.hold("TA14", "r-new", "case 7", NOW, "operator")
        retention.purge(NOW.date() - timedelta(days=365), NOW, "operator")
        assert {name: pictures.content(name) for name in contents} == contents
        with pytest.raises(Unreadable):
            pictures.content(next(iter(past)))
        [held] = [one.name for one in pictures.segments.objects.list() if one.name.startswith("held-")]
        with pytest.raises(ObjectHeld):
            pictures.segments.objects.delete(held)
        retention.release("TA14", "r-new", "closed", NOW, "operator")
        assert held not in {one.name for one in pictures.segments.objects.list()}
    assert not list((folder / "pictures").rglob("*"))
