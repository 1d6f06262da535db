"""Pictures of a pack in one segment: kept whole and for good, or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pictures import DepotPictures, pictures_here, pictures_in, refused_of
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.storage.segments import Unreadable
from patrol_anpr.depot.tables import picture_places
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.lab.storage_bench import bench_storage
from patrol_anpr.wire.payloads import sha256_of
from tests.depot.postgresql import on_both
from tests.depot.test_depot_service import jpeg
from tests.records.mounted import forgetful_disk

AT = datetime.now(UTC)


@pytest.fixture
def database(folder: Path) -> Iterator[DepotDatabase]:
    with closing(DepotDatabase(folder, Role.INGEST)) as opened:
        yield opened


@pytest.fixture
def pictures(tmp_path: Path, database: DepotDatabase) -> DepotPictures:
    return pictures_in(tmp_path / "depot", database)


def pack(count: int, first: int = 40) -> dict[str, bytes]:
    return {sha256_of(content): content for content in (jpeg(first + n) for n in range(count))}


def keep(pictures: DepotPictures, database: DepotDatabase, contents: dict[str, bytes]) -> None:
    kept = pictures.keep_all("TA14", contents, AT)
    with database.writing() as connection:
        kept.store(connection)


@on_both
def test_the_pictures_of_a_pack_are_one_segment_and_come_back_as_they_were(tmp_path, pictures, database):
    contents = pack(6)
    keep(pictures, database, contents)
    assert len([path for path in (tmp_path / "depot" / "pictures").rglob("*") if path.is_file()]) == 1
    assert {sha256: pictures.content(sha256) for sha256 in contents} == contents


@on_both
def test_pictures_count_only_once_their_places_are_committed(pictures, database):
    contents = pack(2)
    kept = pictures.keep_all("TA14", contents, AT)
    with database.reading() as connection:
        assert pictures_here(connection, contents) == frozenset()
    with database.writing() as connection:
        kept.store(connection)
        assert pictures_here(connection, [*contents, "0" * 64]) == contents.keys() == kept.here


@pytest.mark.skipif(os.name == "nt", reason="Windows has rights of another kind")
def test_no_file_or_folder_of_pictures_is_open_to_others(tmp_path, pictures, database):
    keep(pictures, database, pack(1))
    assert not [path for path in (tmp_path / "depot").rglob("*") if path.stat().st_mode & 0o077]


def test_what_is_here_already_takes_no_room_again(tmp_path, pictures, database):
    contents = pack(2)
    keep(pictures, database, contents)
    again = pictures.keep_all("TA15", contents, AT)
    assert again.here == contents.keys()
    assert len(list((tmp_path / "depot" / "pictures").glob("*/*"))) == 1


@on_both
def test_one_bad_picture_does_not_spoil_its_pack(pictures, database):
    good, text, bent = jpeg(), b"no picture", jpeg(44)
    contents = {sha256_of(good): good, sha256_of(text): text, sha256_of(bent): bent[:-3]}
    kept = pictures.keep_all("TA14", contents, AT)
    assert kept.here == {sha256_of(good)}
    assert kept.refused == {sha256_of(text): "not a JPEG picture"}
    assert kept.damaged == {sha256_of(bent)}
    with database.writing() as connection:
        kept.store(connection)
        assert refused_of(connection, "TA14") == {sha256_of(text)}, "its read is answered for"
        assert refused_of(connection, "TA15") == frozenset(), "it is this car's word alone"
    with pytest.raises(Unreadable):
        pictures.content(sha256_of(text))


@on_both
def test_the_same_picture_of_two_cars_at_once_is_kept(pictures, database):
    contents = pack(3)
    both = [pictures.keep_all(car, contents, AT) for car in ("TA14", "TA15")]
    for kept in both:
        with database.writing() as connection:
            kept.store(connection)
    assert {sha256: pictures.content(sha256) for sha256 in contents} == contents


def test_answered_pictures_survive_a_power_cut(tmp_path):
    contents = pack(20)
    names = list(contents)
    with forgetful_disk(tmp_path / "disk") as disk:
        folder = disk.folder / "depot"
        with closing(DepotDatabase(folder)) as database:
            pictures = pictures_in(folder, database)
            for begin in range(0, 20, 4):
                keep(pictures, database, {name: contents[name] for name in names[begin : begin + 4]})
            disk.cut(tmp_path / "left")
    with closing(DepotDatabase(tmp_path / "left" / "depot")) as database:
        left = pictures_in(tmp_path / "left" / "depot", database)
        assert {name: left.content(name) for name in names} == contents


def test_nothing_of_a_picture_lies_open_on_the_disk(tmp_path, pictures, database):
    contents = pack(3)
    keep(pictures, database, contents)
    on_disk = b"".join(path.read_bytes() for path in (tmp_path / "depot").rglob("*") if path.is_file())
    assert not any(content[20:60] in on_disk for content in contents.values())


def test_a_picture_in_the_place_of_another_is_refused(tmp_path, pictures, database):
    first, second = pack(2)
    keep(pictures, database, pack(2))
    with database.writing() as connection:
        rows = {row.sha256: row for row in connection.execute(select(picture_places))}
        for name, other in ((first, second), (second, first)):
            moved = {"start": rows[other].start, "length": rows[other].length}
            connection.execute(update(picture_places).where(picture_places.c.sha256 == name).values(moved))
    with pytest.raises(Unreadable, match="damaged"):
        pictures.content(first)


def test_any_bit_that_flips_is_seen(tmp_path, pictures, database):
    contents = pack(1)
    keep(pictures, database, contents)
    [segment] = (tmp_path / "depot" / "pictures").glob("*/*")
    whole = segment.read_bytes()
    for at in range(0, len(whole), 97):
        segment.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(Unreadable, match="damaged"):
            pictures.content(*contents)
    segment.write_bytes(whole[:-1])
    with pytest.raises(Unreadable, match="not there"):
        pictures.content(*contents)


def test_the_depot_does_not_open_with_other_keys(tmp_path, pictures, database):
    keep(pictures, database, pack(1))
    (tmp_path / "depot" / "keys" / "storage.key").write_text("00" * 32)
    with pytest.raises(RecordsFault, match="keys are not those"):
        pictures_in(tmp_path / "depot", database)


def test_the_depot_does_not_open_without_the_keys_of_its_pictures(tmp_path, database):
    keep(pictures_in(tmp_path / "depot", database), database, pack(1))
    shutil.rmtree(tmp_path / "depot" / "keys")
    with pytest.raises(RecordsFault, match="keys are not those"):
        pictures_in(tmp_path / "depot", database)


def test_the_bench_keeps_every_picture(tmp_path):
    bench = bench_storage(1, tmp_path / "bench")
    assert (bench.reads, bench.bytes > 2_000_000) == (100, True)
    assert "reads/s" in str(bench)
