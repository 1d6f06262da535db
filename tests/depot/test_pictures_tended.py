"""What crashes and earlier versions left of pictures: cleaned away or taken over, and never what a row names."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from patrol_anpr.depot.server import DepotServer
from patrol_anpr.depot.storage.tending import delete_orphans, take_over
from patrol_anpr.wire.payloads import sha256_of
from tests.depot.test_pictures import keep, pack

NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=2)


def segments_of(folder: Path) -> set[str]:
    return {path.name for path in (folder / "pictures").rglob("*") if path.is_file()}


def test_a_segment_that_no_row_names_goes_after_an_hour(folder, database, pictures):
    kept, lost = pack(2), pack(2, first=60)
    keep(pictures, database, kept)
    named = segments_of(folder)
    pictures.keep_all("TA14", lost, NOW)  # and the depot dies before its commit
    assert delete_orphans(database, pictures.segments, [""], NOW) == 0, "its commit may be on its way"
    assert delete_orphans(database, pictures.segments, [""], LATER) == 1
    assert segments_of(folder) == named
    assert {name: pictures.content(name) for name in kept} == kept


def test_half_files_go_after_an_hour(folder, database, pictures):
    keep(pictures, database, pack(1))
    half = next((folder / "pictures").glob("*/")) / "0f.1234.part"
    half.write_bytes(b"half")
    assert pictures.segments.objects.delete_halves(NOW - timedelta(hours=1)) == 0
    assert pictures.segments.objects.delete_halves(LATER) == 1
    assert not half.exists()


def test_a_held_segment_is_left_even_where_no_row_names_it(folder, database, pictures):
    pictures.keep_all("TA14", pack(1), NOW)
    [one] = pictures.segments.objects.list()
    pictures.segments.objects.hold(one.name, held=True)
    assert delete_orphans(database, pictures.segments, [""], LATER) == 0
    pictures.segments.objects.hold(one.name, held=False)
    assert delete_orphans(database, pictures.segments, [""], LATER) == 1


def lay_old_files(folder: Path, contents: dict[str, bytes], at: datetime) -> None:
    for name, content in contents.items():
        file = folder / "pictures" / name[:2] / f"{name}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        os.utime(file, (at.timestamp(),) * 2)


def test_pictures_of_earlier_versions_are_taken_over_and_damaged_ones_stay(folder, database, pictures):
    contents = pack(5)
    lay_old_files(folder, contents, NOW - timedelta(days=3))
    bent = sha256_of(b"another content")
    lay_old_files(folder, {bent: b"damaged"}, NOW)
    assert take_over(folder, database, pictures.segments) == 5
    assert {name: pictures.content(name) for name in contents} == contents
    assert [file.stem for file in folder.rglob("*.jpg")] == [bent]
    day = (NOW - timedelta(days=3)).date().isoformat()
    assert {one.name.partition("/")[0] for one in pictures.segments.objects.list()} == {day}
    assert take_over(folder, database, pictures.segments) == 0


def test_a_depot_that_starts_tends_its_pictures(folder, database, pictures):
    pictures.keep_all("TA14", pack(2), NOW)
    old = pack(2, first=60)
    lay_old_files(folder, old, NOW)
    server = DepotServer(folder, now=lambda: LATER)
    server.start()
    server.stop()
    assert len(segments_of(folder)) == 1
    assert {name: pictures.content(name) for name in old} == old
