"""What only PostgreSQL can do, or do wrong: roles, partitions, a server that goes away, one that could forget."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import make_url
from typer.testing import CliRunner

from patrol_anpr.commands.cli import app
from patrol_anpr.depot import new_code
from patrol_anpr.depot.cars import Enrolment, enrol
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.items import NewItem, known_of, store_items
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.postgres import prepare_postgres
from patrol_anpr.depot.roles import GRANTS, Role
from patrol_anpr.depot.settings import ENVIRONMENT, database_setting
from patrol_anpr.depot.tables import metadata
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.identity.own import CarKey
from patrol_anpr.lab.ingest_bench import bench_ingest
from patrol_anpr.plumbing.files import write_whole
from patrol_anpr.wire.enrolment import EnrolRequest
from patrol_anpr.wire.payloads import canonical_json, sha256_of
from tests.depot.postgresql import ACCOUNTS, Server

NOW = datetime.now(UTC)


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    """The name of a database of its own."""
    name = postgres.clone()
    yield name
    postgres.drop(name)


@pytest.fixture
def folder(tmp_path: Path, postgres: Server, database: str) -> Path:
    made = tmp_path / "depot"
    made.mkdir(mode=0o700)
    write_whole(made / "depot.toml", postgres.toml(database).encode())
    return made


def new_item(item_id: str, captured_at: datetime) -> NewItem:
    return NewItem(item_id, "0" * 64, "read", "held", b"{}", captured_at)


def store(folder: Path, *new: NewItem, received_at: datetime = NOW) -> None:
    with contextlib.closing(DepotDatabase(folder, Role.INGEST)) as database, database.writing() as connection:
        known_of(connection, "TA14", [])
        store_items(connection, "TA14", new, received_at)


def test_the_migrations_make_the_tables_that_the_code_works_on(folder: Path):
    def compared(found: object, name: str | None, kind: str, *_: object) -> bool:
        return not str(name).startswith("items_")  # partitions, and their indexes

    with contextlib.closing(DepotDatabase(folder, Role.MIGRATION)) as database, database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": compared})
        assert compare_metadata(context, metadata) == []


def test_every_table_says_who_may_do_what():
    views = {"items_to_count", "reads_to_send", "car_audit_rows", "officers_entries"}
    assert set(GRANTS) - views == set(metadata.tables)


READ = "SELECT payload FROM items"
REFUSED = {
    "service": [
        READ,
        "UPDATE items SET doubt = ''",
        "DELETE FROM items",
        "DELETE FROM known_items",
        "UPDATE known_items SET status = ''",
        "SELECT * FROM items_apart",
        "INSERT INTO cars VALUES ('X', 'x', now())",
        "SELECT * FROM audit",
        "UPDATE enrolment_codes SET ends_at = now()",
        "INSERT INTO enrolment_codes SELECT * FROM enrolment_codes",
    ],
    "operator": [
        READ,
        "INSERT INTO items SELECT * FROM items",
        "DELETE FROM items",
        "UPDATE held_lists SET revision = 1",
    ],
    "search": [
        "UPDATE items SET doubt = ''",
        "DELETE FROM items",
        "INSERT INTO known_items (car_id) VALUES ('')",
        "SELECT * FROM officers",
        "SELECT * FROM car_shifts",
        "SELECT * FROM holds",
    ],
    "auditor": [
        READ,
        "SELECT item_id FROM items",
        "DELETE FROM erasures",
        "INSERT INTO erasures SELECT * FROM erasures",
        "UPDATE holds SET review_on = ''",
        "UPDATE retention_periods SET days = 1000",
        "UPDATE reviews SET words = ''",
        "DELETE FROM findings",
        "UPDATE monthly_returns SET figures = '{}'",
        "DELETE FROM searches",
        "SELECT * FROM officers",
    ],
    "figures": [
        READ,
        "SELECT * FROM known_items",
        "SELECT * FROM officers",
        "SELECT * FROM picture_places",
    ],
    "interchange": [
        READ,
        "SELECT * FROM items_to_count",
        "SELECT * FROM officers",
        "SELECT * FROM known_marks",
        "DELETE FROM national_sending",
    ],
    "reports": [
        READ,
        "SELECT * FROM items_to_count",
        "SELECT * FROM counted_hits",
        "DELETE FROM figures",
        "SELECT * FROM car_shifts",
    ],
    "retention": [
        "UPDATE items SET doubt = ''",
        "INSERT INTO incidents (what) VALUES ('')",
        "SELECT * FROM officers",
        "DELETE FROM erasures",
    ],
}
OF_ALL = [
    "UPDATE audit SET actor = ''",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "DROP TABLE items",
    "ALTER TABLE items ADD COLUMN x integer",
    "CREATE TABLE mine (x integer)",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "UPDATE alembic_version SET version_num = ''",
]


@pytest.mark.parametrize("account", REFUSED)
def test_a_role_is_refused_what_it_need_not_do(folder: Path, postgres: Server, database: str, account: str):
    store(folder, new_item("a", NOW))
    url = f"{postgres.url(database, f'depot_{account}')}&options=-c%20role%3D{ACCOUNTS[account]}"
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in [*REFUSED[account], *OF_ALL]:
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement)


def test_the_service_enrols_a_car_and_counts_a_wrong_try(folder: Path):
    keys, key = DepotKeys(folder), CarKey()
    code, _ = new_code(folder, "TA99", NOW)
    outcomes = []
    with contextlib.closing(DepotDatabase(folder, Role.INGEST)) as database:
        for secret in ("0" * 12, code.secret):
            asked = EnrolRequest(number=code.number, secret=secret, request=key.request())
            outcomes.append(enrol(database, keys.authority, asked, NOW).outcome)
    assert outcomes == [Enrolment.WRONG, Enrolment.DONE]


def test_an_operators_commands_do_with_the_rights_they_have(folder: Path, tmp_path: Path):
    (tmp_path / "roster.csv").write_text("PC1,Jane Example,25803691\n")
    (tmp_path / "done.csv").write_text("stop,Stopped,stopped\nno,Not stopped,not_stopped\n")
    payload = canonical_json({"a": 1})
    store(folder, NewItem("a", sha256_of(payload), "thing", "held", payload, NOW, "a kind that is not known"))
    commands = [
        ["enrol", "TA15"],
        ["revoke-car", "TA15"],
        ["roster", str(tmp_path / "roster.csv")],
        ["dispositions", str(tmp_path / "done.csv")],
        ["hold", "TA14", "a", "--reason", "case 7", "--owner", "DS Example"],
        ["release", "TA14", "a", "--reason", "over"],
        ["verify"],
        ["purge"],
        ["database"],
    ]
    for command in commands:
        done = CliRunner().invoke(app, ["depot", *command, "--folder", str(folder)])
        assert done.exit_code == 0, (command, done.output, done.exception)
    doubts = CliRunner().invoke(app, ["depot", "doubts", "--folder", str(folder)])
    assert (doubts.exit_code, "a kind that is not known" in doubts.output) == (1, True), doubts.output


def test_the_audit_is_only_added_to_also_by_its_owner(postgres: Server, database: str):
    for statement in ("UPDATE audit SET actor = ''", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(InsufficientPrivilege, match="only added to"):
            postgres.run(statement, database)


def test_a_search_sees_reads_as_far_as_its_reach(folder: Path, postgres: Server, database: str):
    ages = {"new": 1, "of spring": 200, "wrong clock": 20_000}
    store(folder, *(new_item(name, NOW - timedelta(days=days)) for name, days in ages.items()))
    store(folder, new_item("old", NOW - timedelta(days=500)), received_at=NOW - timedelta(days=499))
    seen = {}
    with psycopg.connect(postgres.url(database, "depot_search"), autocommit=True) as connection:
        for reach in ("", "year", "beyond"):
            connection.execute(f"SET patrol.reach = '{reach}'")
            seen[reach] = {name for (name,) in connection.execute("SELECT item_id FROM items")}
    assert seen[""] == {"new", "wrong clock"}, "a clock of 1970 hides nothing: it counts from when it was received"
    assert seen["year"] == seen[""] | {"of spring"}
    assert seen["beyond"] == {*ages, "old"}


def test_a_read_lies_in_the_month_it_was_captured_in_and_odd_clocks_in_one_of_their_own(
    folder: Path, postgres: Server, database: str
):
    last = (NOW.replace(day=1) - timedelta(days=1)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    far = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2040, 2, 1, tzinfo=UTC))
    moments = (NOW, last, last - timedelta(microseconds=1), *far)
    store(folder, *(new_item(f"r{n}", moment) for n, moment in enumerate(moments)))
    where = dict(postgres.run("SELECT item_id, tableoid::regclass::text FROM items", database))
    assert where == {
        "r0": f"items_{NOW:%Y_%m}",
        "r1": f"items_{last:%Y_%m}",
        "r2": f"items_{last - timedelta(days=1):%Y_%m}",
        "r3": "items_apart",
        "r4": "items_apart",
    }


def test_what_lay_among_the_odd_times_moves_into_its_month(folder: Path, postgres: Server, database: str):
    store(folder, new_item("a", NOW))
    month = f"items_{NOW:%Y_%m}"
    postgres.run(f"ALTER TABLE items DETACH PARTITION {month}; INSERT INTO items SELECT * FROM {month}", database)
    assert postgres.run("SELECT tableoid::regclass::text FROM items", database) == [("items_apart",)]
    postgres.run(f"DROP TABLE {month}", database)
    store(folder, new_item("b", NOW))
    found = postgres.run("SELECT item_id, tableoid::regclass::text FROM items ORDER BY 1", database)
    assert found == [("a", month), ("b", month)]


# The server


def test_a_server_that_goes_away_means_503_and_it_comes_back_by_itself(call, folder: Path, postgres: Server):
    assert call("GET", "roster").status_code == 200
    postgres.stop("immediate")  # as a power cut ends it
    try:
        refused = call("GET", "roster")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        with pytest.raises(RecordsFault, match="Check that it runs"):
            DepotDatabase(folder)
    finally:
        postgres.start()
    assert call("GET", "roster").status_code == 200


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_could_forget_is_refused(folder: Path, postgres: Server, setting: str):
    with postgres.turned_off(setting), pytest.raises(RecordsFault, match=f"{setting} off"):
        DepotDatabase(folder)


def test_commits_wait_for_the_disk_whatever_the_database_was_set_to(folder: Path, postgres: Server, database: str):
    postgres.run(f"ALTER DATABASE {database} SET synchronous_commit = off")
    with contextlib.closing(DepotDatabase(folder)) as opened, opened.reading() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://depot_service@/nothing_there?host={server}", "no such database"),
        ("postgresql://nobody@/{database}?host={server}", "no such database or account"),
        ("postgresql://depot_search@/{database}?host={server}", "may not act as patrol_operator"),
        ("postgresql://depot_service@/{database}?host=/nothing/there", "Check that it runs"),
        ("postgresql://depot_service@127.0.0.1:1/x", "Check that it runs"),
        ("postgresql://?service=nothing_there", "in no service file"),
        ("postgresql://locked:a-wrong-one@/{database}?host={server}", "refused the password"),
        ("postgresql://locked@/{database}?host={server}", "refused the password"),
    ],
)
def test_a_server_that_lets_nobody_in_is_said_plainly(
    folder: Path, postgres: Server, database: str, monkeypatch: pytest.MonkeyPatch, url: str, said: str
):
    (folder / "depot.toml").unlink()
    monkeypatch.setenv(ENVIRONMENT, url.format(server=postgres.folder, database=database))
    with pytest.raises(RecordsFault, match=said) as told:
        DepotDatabase(folder)
    assert "a-wrong-one" not in f"{told.value} {told.value.__cause__}"


def test_a_password_may_stand_in_a_file_of_libpq(
    folder: Path, postgres: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_whole(tmp_path / "pgpass", f"*:*:{database}:locked:the-right-one\n".encode())
    (folder / "depot.toml").unlink()
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    monkeypatch.setenv(ENVIRONMENT, postgres.url(database, "locked"))
    DepotDatabase(folder).close()


def test_a_database_without_tables_says_what_to_do(folder: Path, postgres: Server):
    postgres.run("CREATE DATABASE empty")
    (folder / "depot.toml").write_text(postgres.toml("empty"))
    with pytest.raises(RecordsFault, match="patrol-anpr depot database"):
        DepotDatabase(folder)
    with pytest.raises(RecordsFault, match="may not prepare"):
        prepare_postgres(make_url(postgres.url("empty", "depot_search")).set(drivername="postgresql+psycopg"))
    postgres.drop("empty")


def test_a_database_of_a_newer_version_is_refused_and_not_touched(folder: Path, postgres: Server, database: str):
    postgres.run("UPDATE alembic_version SET version_num = 'of_tomorrow'", database)
    with pytest.raises(RecordsFault, match="newer version"):
        DepotDatabase(folder)
    with pytest.raises(RecordsFault, match="newer version"):
        prepare_postgres(make_url(postgres.url(database, "depot_migration")).set(drivername="postgresql+psycopg"))


def test_the_bench_runs_on_postgresql_and_measures_no_resends(postgres: Server):
    database = postgres.clone()
    url = postgres.url(database, "admin")
    assert bench_ingest(100, batch=50, database=url).reads == 100
    with pytest.raises(BadInput, match="empty one"):
        bench_ingest(100, database=url)
    postgres.drop(database)


def test_a_depot_on_a_file_loads_no_driver(tmp_path: Path):
    """A trial has not installed it."""
    script = (
        "import sys; from pathlib import Path; from patrol_anpr.depot.app import create_app; "
        "create_app(Path(sys.argv[1])); print('psycopg' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "depot")], capture_output=True, text=True, timeout=100, check=True
    )
    assert told.stdout.strip() == "False"


# The setting


def test_a_depot_is_made_on_postgresql_by_one_command_and_prepared_again(tmp_path: Path, postgres: Server):
    postgres.run("CREATE DATABASE new_one OWNER depot_migration")
    url = postgres.url("new_one", "depot_migration")
    made = CliRunner().invoke(app, ["depot", "init", "--folder", str(tmp_path / "depot"), "--database", url])
    assert (made.exit_code, "tables of this version" in made.output) == (0, True), made.output
    again = CliRunner().invoke(app, ["depot", "database", "--folder", str(tmp_path / "depot")])
    assert again.exit_code == 0, again.output
    car = CliRunner().invoke(app, ["depot", "init", "--folder", str(tmp_path / "depot")])
    assert car.exit_code == 1, "there is one"
    assert not (tmp_path / "depot" / "depot.sqlite").exists()
    postgres.drop("new_one")


def test_a_password_on_the_command_line_is_refused(tmp_path: Path):
    url = "postgresql://depot:secret@localhost/x"
    made = CliRunner().invoke(app, ["depot", "init", "--folder", str(tmp_path / "depot"), "--database", url])
    assert isinstance(made.exception, BadInput) or made.exit_code == 1
    assert "secret" not in made.output + str(made.exception)
    assert not (tmp_path / "depot" / "depot.toml").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[database]\nurl = 'mysql://depot@x/y'", "cannot be used"),
        ("[database]\nurl = 'secret'", "cannot be used"),
        ("[database]\nurl = 5", "cannot use"),
        ("[database]\nuri = 'postgresql://x'", "cannot use"),
        ("[database]\nservice = 'postgresql://x/y'", "has no url"),
        ("database = 'x'", "must be a section"),
        ("[database", "not valid TOML"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_plainly(tmp_path: Path, text: str, said: str):
    write_whole(tmp_path / "depot.toml", text.encode())
    with pytest.raises(BadInput, match=said) as told:
        database_setting(tmp_path)
    assert "secret" not in str(told.value)


def test_a_setting_that_others_may_read_is_refused(tmp_path: Path):
    write_whole(tmp_path / "depot.toml", b"[database]\nurl = 'postgresql://depot:secret@x/y'")
    assert database_setting(tmp_path).url_of(Role.INGEST).password == "secret"
    (tmp_path / "depot.toml").chmod(0o640)
    with pytest.raises(BadInput, match="chmod 600"):
        database_setting(tmp_path)
