"""Everything out in the open form and in again: nothing is lost, nothing that was changed is taken in."""

import base64
import hashlib
import json
import shutil
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from typer.testing import CliRunner

from patrol_anpr.commands.cli import app
from patrol_anpr.depot.audit import add_audit, check_trail
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.open_form.form import EMPTIED, LEFT_OUT, ONLY_OUT, line_of, row_of, tables
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.scrub import Scrub
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.depot.tables import audit, cars, figures, items, metadata, officers, picture_places
from patrol_anpr.plumbing.files import write_whole
from patrol_anpr.wire.pack import read_pack
from tests.console.people import add_staff
from tests.depot.packs import built
from tests.depot.postgresql import Server, on_both
from tests.depot.test_depot_service import item, read
from tests.depot.test_pictures import pack

NOW = datetime.now(UTC).replace(microsecond=0)
RUN = CliRunner().invoke
OWN = {"audit", "audit_head", "meta", "cars", "officers", "staff", *LEFT_OUT}
"""Tables that are told apart below: those in which an import writes, too, or that are emptied or left out."""


@pytest.fixture
def depot(folder: Path) -> Path:
    """A depot with reads and their pictures, staff, a roster, figures, a bad payload and a trail."""
    with closing(DepotDatabase(folder)):
        pass
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        pictures = pictures_in(folder, database)
        contents = pack(2)
        kept = pictures.keep_all("TA14", contents, NOW)
        with database.writing() as connection:
            kept.store(connection)
        made = read(*contents.values(), read_id="r1", captured_at=NOW.isoformat()) | {"item_id": "read:r1"}
        odd = item("odd", "thing", {"what": "é"})
        Ingest(database, pictures, 2**20).take("TA14", read_pack(built([made, odd])[1]), NOW)
    with closing(DepotDatabase(folder, Role.OPERATOR)) as database, database.writing() as connection:
        connection.execute(insert(officers).values(officer_id="PC1", name="Jane Example", pin_hash="$argon2id$secret"))
        connection.execute(insert(cars).values(car_id="TA14", key_sha256="k" * 64, added_at=NOW))
        add_audit(connection, "operator", "roster replaced")
    with closing(DepotDatabase(folder, Role.STAFF)) as database, database.writing() as connection:
        add_staff(connection, "auditor-1", (StaffRole.AUDITOR,), password_hash="$argon2id$theirs")
    with closing(DepotDatabase(folder, Role.FIGURES)) as database, database.writing() as connection:
        row = {"day": date(2026, 11, 20), "breakdown": "hits.tier", "value": "1", "amount": 2.0}
        connection.execute(insert(figures).values(row))
    return folder


def export(depot: Path, out: Path):
    return RUN(app, ["depot", "export", str(out), "--why", "we move", "--folder", str(depot)])


def rows_in(folder: Path) -> dict[str, list[tuple]]:
    with closing(DepotDatabase(folder, Role.MIGRATION)) as database, database.reading() as connection:
        return {
            one.name: [tuple(row) for row in connection.execute(select(one).order_by(*one.primary_key.columns))]
            for one in metadata.sorted_tables
        }


@on_both
def test_everything_comes_back_from_and_to_either_database(depot: Path, tmp_path: Path, postgres: Server):
    out, back = tmp_path / "out", tmp_path / "back"
    assert export(depot, out).exit_code == 0
    settings = []
    if not (depot / "depot.toml").exists():  # from a file to PostgreSQL, and the other way round
        empty = postgres.clone()
        write_whole(tmp_path / "depot.toml", postgres.toml(empty).encode())
        settings = ["--settings", str(tmp_path / "depot.toml")]
    taken = RUN(app, ["depot", "import", str(out), "--folder", str(back), *settings])
    assert taken.exit_code == 0, (taken.output, taken.exception)
    before, after = rows_in(depot), rows_in(back)
    assert {name: rows for name, rows in after.items() if name not in OWN} == {
        name: rows for name, rows in before.items() if name not in OWN
    }
    assert [row[:-6] for row in after["audit"]][: len(before["audit"])] == [row[:-6] for row in before["audit"]]
    with closing(DepotDatabase(back, Role.RETENTION)) as database:
        with database.reading() as connection:
            assert check_trail(connection).whole
            names = connection.execute(select(picture_places.c.sha256)).scalars().all()
        pictures = pictures_in(back, database)
        assert len(names) == 2
        assert {hashlib.sha256(pictures.content(name)).hexdigest() for name in names} == set(names)
        assert Scrub(database, pictures.segments, NOW, lambda *_: None).run().wrong == 0


def test_what_signs_somebody_on_is_in_no_file(depot: Path, tmp_path: Path):
    export(depot, tmp_path / "out")
    text = "".join(file.read_text() for file in (tmp_path / "out").rglob("*.json*"))
    assert "argon2id" not in text
    assert "k" * 64 not in text
    assert "Jane Example" in text
    RUN(app, ["depot", "import", str(tmp_path / "out"), "--folder", str(tmp_path / "back")])
    after = rows_in(tmp_path / "back")
    assert (after["officers"], after["cars"][0][1], after["staff"][0][6]) == ([], "", "")


def test_the_files_are_for_their_owner_alone_and_can_be_read_without_this_program(depot: Path, tmp_path: Path):
    out = tmp_path / "out"
    export(depot, out)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (out, *out.rglob("*")))
    manifest = json.loads((out / "manifest.json").read_text())
    for one in manifest["files"]:
        content = (out / one["path"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), content.count(b"\n")) == (one["sha256"], one["lines"])
    held = [json.loads(line) for line in (out / "tables" / "items.jsonl").read_text().splitlines()]
    assert all(hashlib.sha256(one["payload"]["text"].encode()).hexdigest() == one["sha256"] for one in held)
    for file in (out / "pictures").iterdir():
        assert hashlib.sha256(file.read_bytes()).hexdigest() == file.stem


def test_what_was_changed_or_is_not_whole_leaves_nothing_behind(depot: Path, tmp_path: Path):
    export(depot, tmp_path / "out")
    picture = next((tmp_path / "out" / "pictures").iterdir()).relative_to(tmp_path / "out")
    for number, name in enumerate(("tables/items.jsonl", "pictures.jsonl", str(picture), "manifest.json")):
        out, back = tmp_path / f"out-{number}", tmp_path / f"back-{number}"
        shutil.copytree(tmp_path / "out", out)
        (out / name).write_bytes((out / name).read_bytes()[:-3])
        taken = RUN(app, ["depot", "import", str(out), "--folder", str(back)])
        assert ("export" in str(taken.exception), back.exists()) == (True, False), name


def test_an_export_of_another_version_is_refused_with_what_to_do(depot: Path, tmp_path: Path):
    out = tmp_path / "out"
    export(depot, out)
    manifest = json.loads((out / "manifest.json").read_text()) | {"tables": "of tomorrow"}
    (out / "manifest.json").write_text(json.dumps(manifest))
    taken = RUN(app, ["depot", "import", str(out), "--folder", str(tmp_path / "back")])
    assert "Install that version" in str(taken.exception)


def test_a_trail_that_was_changed_before_is_taken_in_and_told(depot: Path, tmp_path: Path):
    with closing(DepotDatabase(depot)) as database, database.writing() as connection:
        drop_triggers(connection)
        connection.execute(update(audit).values(actor="nobody"))
    export(depot, tmp_path / "out")
    taken = RUN(app, ["depot", "import", str(tmp_path / "out"), "--folder", str(tmp_path / "back")])
    assert taken.exit_code == 1
    assert "not whole" in taken.output


def drop_triggers(connection) -> None:
    names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
    for name in names:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def test_it_is_in_the_audit_before_anything_is_written(depot: Path, tmp_path: Path):
    nothing = RUN(app, ["depot", "export", str(tmp_path / "no" / "out"), "--why", "we move", "--folder", str(depot)])
    assert nothing.exit_code == 1
    with closing(DepotDatabase(depot)) as database, database.reading() as connection:
        last = connection.execute(select(audit.c.action, audit.c.reason).order_by(audit.c.number.desc())).first()
    assert tuple(last) == ("everything exported", "we move")
    assert "Say why" in str(
        RUN(app, ["depot", "export", str(tmp_path / "b"), "--why", " ", "--folder", str(depot)]).exception
    )
    shutil.copytree(depot, tmp_path / "there")
    assert "there already" in str(export(depot, tmp_path / "there").exception)


def test_every_column_that_could_sign_somebody_on_is_left_empty():
    assert {*EMPTIED, *ONLY_OUT} <= {one.name for one in tables()}
    assert set(LEFT_OUT) <= set(metadata.tables)
    secret = {
        (one.name, column.name)
        for one in tables()
        for column in one.columns
        if any(word in column.name for word in ("secret", "password", "pin_hash", "sealed", "token"))
    }
    assert secret == {(name, column) for name, columns in EMPTIED.items() for column in columns} & secret


@given(st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_any_content_comes_back_byte_for_byte(content: bytes):
    row = dict.fromkeys(items.columns.keys(), "") | {"seq": 1, "captured_at": NOW, "received_at": NOW}
    row |= {"payload": content, "latitude": None, "longitude": None}
    assert row_of(items, line_of(items, row)) == row
    said = json.loads(line_of(items, row))["payload"]
    assert content == (said["text"].encode() if "text" in said else base64.b64decode(said["base64"]))
