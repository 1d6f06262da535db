"""Each class is kept as long as its period says, by clocks that agree; nothing on hold goes; the log says how much."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from patrol_anpr.commands.cli import app
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.items import NewItem, known_of, store_items
from patrol_anpr.depot.keeping.classes import GRACE, PERIODS, InForce, Keep, first_kept, periods_of
from patrol_anpr.depot.keeping.clocks import Clocks
from patrol_anpr.depot.keeping.holds import Holding, open_holds
from patrol_anpr.depot.keeping.items import WRONG_CLOCK_DAYS, erase_items
from patrol_anpr.depot.keeping.lasting import mark_lasting
from patrol_anpr.depot.keeping.log import Erasing, contradictions, last_runs
from patrol_anpr.depot.keeping.running import purge
from patrol_anpr.depot.pictures import DepotPictures, pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.marks import found_by
from patrol_anpr.depot.storage.group_keys import GroupKeys
from patrol_anpr.depot.storage.segments import Unreadable
from patrol_anpr.depot.tables import audit, car_shifts, erasures, holds, items, known_items, picture_places
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.payloads import canonical_json, sha256_of
from tests.depot.postgresql import Server, on_both
from tests.depot.test_pictures import pack
from tests.depot.test_retention import scrubbed

NOW = datetime.now(UTC)
DAYS = {keep: period.days for keep, period in PERIODS.items()}
BY = Erasing("run-1", "operator")
VRM = "AB12CDE"


def take_in(folder: Path, car_id: str, new: list[NewItem], received_at: datetime = NOW) -> None:
    with closing(DepotDatabase(folder, Role.INGEST)) as database, database.writing() as connection:
        known_of(connection, car_id, [])
        store_items(connection, car_id, new, received_at)


def item(name: str, captured_at: datetime, **fields: str) -> NewItem:
    kind = name.partition(":")[0]
    payload = canonical_json({"vrm": VRM, **fields})
    about = found_by(kind, fields)
    return NewItem(name, sha256_of(payload), kind, "held", payload, captured_at, found_by=about)


def hit_and_its_read(n: int, at: datetime, outcome: bool) -> list[NewItem]:
    made = [item(f"read:{n}", at), item(f"hit:{n}", at, read_id=str(n)), item(f"correction:{n}", at, read_id=str(n))]
    return [*made, item(f"outcome:{n}", at, hit_id=str(n))] if outcome else made


def left(folder: Path, car_id: str = "TA14") -> set[str]:
    with closing(DepotDatabase(folder, Role.RETENTION)) as database, database.reading() as connection:
        return set(connection.execute(select(items.c.item_id).where(items.c.car_id == car_id)).scalars())


def erase(folder: Path, days: Mapping[Keep, int] = DAYS, now: datetime = NOW):
    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        return purge(database, pictures_in(folder, database), days, now, "operator")


# The table of classes


def test_a_force_sets_its_periods_and_they_stay_in_order():
    assert periods_of({}) == DAYS
    two_years = periods_of({"reads_days": 730})
    assert (two_years[Keep.READS], two_years[Keep.HITS], two_years[Keep.DECIDED]) == (730, 730, 730)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"reads_days": 364}, "from 365 to 730"),
        ({"reads_days": 731}, "from 365 to 730"),
        ({"reads_days": True}, "whole number"),
        ({"reads": 365}, "It takes reads_days"),
        ({"reads_days": 730, "hits_days": 365}, "not be more than hits_days"),
        ({"decided_days": 2000}, "known_days"),
    ],
)
def test_a_period_that_cannot_be_is_said_plainly(section: dict, said: str):
    with pytest.raises(BadInput, match=said):
        periods_of(section)


def test_every_class_and_every_exception_has_its_reason():
    assert PERIODS.keys() == set(Keep)
    assert all(period.what and period.why and period.least <= period.days <= period.most for period in PERIODS.values())


def test_a_longer_period_counts_at_once_and_a_shorter_one_after_a_week():
    assert InForce(365).towards(730, NOW, NOW) == InForce(730)
    asked = InForce(730).towards(365, NOW, NOW)
    assert asked == InForce(730, 365, NOW)
    assert asked.towards(365, NOW + GRACE, NOW) == asked, "the clocks of the cars must say so, too"
    assert asked.towards(365, NOW + GRACE, NOW + GRACE) == InForce(365)
    assert asked.towards(730, NOW, NOW) == InForce(730), "it was a mistake"


# The clocks


def test_a_clock_that_jumped_alone_is_not_believed():
    jumped = Clocks(NOW + timedelta(days=3650), NOW)
    assert jumped.agreed == NOW
    assert "3,650 days apart" in jumped.trouble
    assert Clocks(NOW, NOW + timedelta(days=3650)).agreed == NOW
    assert Clocks(NOW, NOW, NOW - timedelta(days=30)).agreed == NOW - timedelta(days=30)
    assert Clocks(NOW, NOW - timedelta(days=2)).trouble == ""


def test_a_depot_that_cars_have_left_erases_once_a_person_says_the_day(folder: Path):
    then = NOW - timedelta(days=900)
    take_in(folder, "TA14", [item("read:1", then)], then)
    assert erase(folder).items == 0, "no car says that it is later than that"
    run = CliRunner().invoke
    told = run(app, ["depot", "purge", "--folder", str(folder)])
    assert (told.exit_code, "purge --today" in told.output) == (0, True), told.output
    wrong = run(app, ["depot", "purge", "--today", "2031-01-01", "--folder", str(folder)])
    assert "not the day you gave" in str(wrong.exception or wrong.output)
    right = run(app, ["depot", "purge", "--today", f"{NOW:%Y-%m-%d}", "--folder", str(folder)])
    assert "Records erased: 1" in right.output, right.output
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        assert [one.said_day for one in last_runs(connection, 3)] == [f"{NOW:%Y-%m-%d}", "", ""]


def test_a_refused_run_says_so_and_shows_its_clocks(folder: Path):
    take_in(folder, "TA14", [item("read:1", NOW)])
    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        with pytest.raises(BadInput, match="Check the date"):
            purge(database, pictures_in(folder, database), DAYS, NOW, "operator", before=NOW.date())
        with database.reading() as connection:
            [run] = last_runs(connection, 5)
    assert (run.own_clock, run.cars_clock) == (NOW, NOW)
    assert "Check the date" in run.said
    assert run.ended_at is not None


# What goes, and when


@dataclass(frozen=True)
class Made:
    """An item of a property: when it was captured and received, in days before now; whether it is on hold."""

    kind: str
    captured: int
    late: int
    held: bool
    decided: bool

    def keep(self) -> Keep:
        if self.kind == "audit":
            return Keep.CAR_AUDIT
        if self.kind == "hit":
            return Keep.DECIDED if self.decided else Keep.HITS
        return Keep.READS

    def is_past(self, firsts: Mapping[Keep, date]) -> bool:
        captured, received = (NOW - timedelta(days=days) for days in (self.captured, self.captured - self.late))
        odd = captured.date() < (received - timedelta(days=WRONG_CLOCK_DAYS)).date()
        end = datetime.combine(firsts[self.keep()], time(), UTC)
        return received < end or (captured < end and not odd)


made = st.builds(
    Made,
    kind=st.sampled_from(["read", "hit", "audit", "shift", "coverage", "of a newer car"]),
    captured=st.integers(0, 900),
    late=st.integers(0, 450),
    held=st.booleans(),
    decided=st.booleans(),
)


def put_in(folder: Path, car_id: str, all_made: list[Made]) -> dict[str, Made]:
    """Put items in; a hit with its read, its correction and, where it is decided, its outcome. Return all by id."""
    by_id: dict[str, Made] = {}
    with closing(DepotDatabase(folder, Role.RETENTION)) as database, database.writing() as connection:
        for n, one in enumerate(all_made):
            if one.held:
                row = {"key_group": f"{car_id}-{n}", "car_id": car_id, "item_id": f"{one.kind}:{n}", "reason": "case"}
                connection.execute(insert(holds).values(row | {"held_at": NOW}))
    with closing(DepotDatabase(folder, Role.INGEST)) as database, database.writing() as connection:
        for n, one in enumerate(all_made):
            at = NOW - timedelta(days=one.captured)
            new = hit_and_its_read(n, at, one.decided) if one.kind == "hit" else [item(f"{one.kind}:{n}", at)]
            store_items(connection, car_id, new, at + timedelta(days=one.late))
            by_id |= {it.item_id: one for it in new}
    return by_id


def check_property(folder: Path, car_id: str, all_made: list[Made], days: Mapping[Keep, int]) -> None:
    by_id = put_in(folder, car_id, all_made)
    firsts = first_kept(days, NOW.date())
    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        mark_lasting(database, firsts[Keep.READS], NOW)
        erase_items(database, firsts, BY, NOW)
        with database.reading() as connection:
            assert list(contradictions(connection)) == []
    staying = left(folder, car_id)
    for item_id, one in by_id.items():
        held = one.held and item_id.partition(":")[0] == one.kind
        assert (item_id in staying) == (held or not one.is_past(firsts)), (item_id, one)


_cars = count()


@pytest.fixture(scope="module")
def one_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("depot") / "depot"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(all_made=st.lists(made, max_size=6), two_years=st.booleans())
def test_nothing_held_goes_and_nothing_past_its_date_stays(one_folder: Path, all_made: list[Made], two_years: bool):
    check_property(one_folder, f"TA{next(_cars)}", all_made, periods_of({"reads_days": 730} if two_years else {}))


_CORNERS = [
    Made(kind, captured, late, held, decided)
    for kind, decided in (("read", False), ("hit", False), ("hit", True), ("audit", False))
    for captured, late in ((364, 0), (420, 0), (420, 70), (729, 0), (760, 0), (760, 405), (800, 450))
    for held in (False, True)
]


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(all_made=_CORNERS)
@given(all_made=st.lists(made, max_size=6))
def test_on_postgresql_months_go_and_what_outlives_them_stays(folder: Path, all_made: list[Made]):
    check_property(folder, f"TA{next(_cars)}", all_made, DAYS)


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
def test_postgresql_follows_the_period_of_the_force_and_never_one_shorter_than_the_law(folder: Path, postgres: Server):
    old = NOW - timedelta(days=500)
    take_in(folder, "TA14", [item("read:1", old)], old)
    take_in(folder, "TA14", [item("read:2", NOW)])
    erase(folder, periods_of({"reads_days": 730}))
    assert left(folder) == {"read:1", "read:2"}
    for month in (f"{old:%Y-%m-01}", f"{NOW:%Y-%m-01}"):
        with (
            closing(DepotDatabase(folder, Role.RETENTION)) as database,
            pytest.raises(DBAPIError, match="to be kept still"),
            database.writing() as connection,
        ):
            connection.exec_driver_sql(f"SELECT erase_items_month('{month}')")
    with closing(DepotDatabase(folder, Role.RETENTION)) as database, database.writing() as connection:
        assert connection.exec_driver_sql("DELETE FROM items").rowcount == 0, "the server's own wall"
    with (
        closing(DepotDatabase(folder, Role.RETENTION)) as database,
        pytest.raises(DBAPIError, match="not_less_than_the_law"),
        database.writing() as connection,
    ):
        connection.exec_driver_sql("UPDATE retention_periods SET days = 30")
    assert erase(folder, DAYS).items == 0, "a shorter period does not count at once"
    postgres.run(
        "UPDATE retention_periods SET wanted_since = now() - interval '8 days' WHERE wanted IS NOT NULL",
        postgres.database_of(folder),
    )
    assert erase(folder, DAYS).items == 1
    assert left(folder) == {"read:2"}


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
def test_a_purge_has_nothing_compiled_for_each_thousand_records(folder: Path):
    """It took ten seconds each time: a night's records took the night."""
    with closing(DepotDatabase(folder, Role.RETENTION)) as database, database.reading() as connection:
        assert connection.exec_driver_sql("SHOW jit").scalar_one() == "off"


@on_both
def test_an_outcome_keeps_its_hit_its_read_and_their_pictures_for_their_own_time(folder: Path):
    old, contents, other = NOW - timedelta(days=420), pack(2), pack(2, first=60)
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        pictures = pictures_in(folder, database)
        kept = pictures.keep_all("TA14", contents | other, old)
        with database.writing() as connection:
            kept.store(connection)
    named = {f"{name}_sha256": sha256 for name, sha256 in zip(("patch", "overview"), contents, strict=True)}
    others = {f"{name}_sha256": sha256 for name, sha256 in zip(("patch", "overview"), other, strict=True)}
    of_hit = [item("hit:1", old, read_id="1"), item("outcome:1", old, hit_id="1"), item("read:1", old, **named)]
    take_in(folder, "TA14", [*of_hit, item("read:2", old, **others)], old)
    young = [item(f"read:{n}", NOW) for n in range(3, 9)]
    take_in(folder, "TA14", young)
    erase(folder)
    assert left(folder) == {"hit:1", "outcome:1", "read:1", *(one.item_id for one in young)}
    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        pictures = pictures_in(folder, database)
        assert {name: pictures.content(name) for name in contents} == contents
        for name in other:
            with pytest.raises(Unreadable):
                pictures.content(name)
        assert scrubbed(database, pictures, NOW).findings == []
        purge(database, pictures, DAYS, NOW, "operator")
        assert {name: pictures.content(name) for name in contents} == contents, "a second run changes nothing"
        later = NOW + timedelta(days=350)
    take_in(folder, "TA14", [item(f"read:{n}", later) for n in range(20, 40)], later)
    if "depot.toml" in {file.name for file in folder.iterdir()}:
        return  # PostgreSQL's own clock is the third, and is not to be set
    erase(folder, now=later)
    assert left(folder) == {*(one.item_id for one in young), *(f"read:{n}" for n in range(20, 40))}
    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        for name in contents:
            with pytest.raises(Unreadable):
                pictures_in(folder, database).content(name)


def test_pictures_that_outlive_their_day_are_sealed_once_however_often_the_purge_breaks_off(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    old, contents = NOW - timedelta(days=420), pack(2)
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        kept = pictures_in(folder, database).keep_all("TA14", contents, old)
        with database.writing() as connection:
            kept.store(connection)
    named = {f"{name}_sha256": sha256 for name, sha256 in zip(("patch", "overview"), contents, strict=True)}
    of_hit = [item("hit:1", old, read_id="1"), item("outcome:1", old, hit_id="1"), item("read:1", old, **named)]
    take_in(folder, "TA14", of_hit, old)
    take_in(folder, "TA14", [item(f"read:{n}", NOW) for n in range(3, 9)])

    def break_off(*_: object) -> None:
        raise OSError("the power is cut")

    for _ in range(2):
        with monkeypatch.context() as broken:
            broken.setattr(GroupKeys, "destroy", break_off)
            with pytest.raises(OSError, match="power"):
                erase(folder)
    erase(folder)
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        groups = connection.execute(select(picture_places.c.key_group)).scalars().all()
        pictures = pictures_in(folder, database)
        assert {name: pictures.content(name) for name in contents} == contents
    assert groups == [f"until-decided-{old:%Y-%m-%d}"] * 2


def test_what_is_known_of_erased_items_goes_later_and_a_shift_with_its_records(folder: Path):
    then = NOW - timedelta(days=1200)
    take_in(folder, "TA14", [item("read:1", then), item("shift:s1:start", then)], then)
    with closing(DepotDatabase(folder, Role.RETENTION)) as database, database.writing() as connection:
        connection.execute(insert(car_shifts).values(car_id="TA14", shift_id="s1", officer_id="A100"))
    erase(folder, now=then)
    with closing(DepotDatabase(folder, Role.RETENTION)) as database, database.writing() as connection:
        connection.execute(insert(car_shifts).values(car_id="TA14", shift_id="s2", officer_id="A101"))
    take_in(folder, "TA14", [item("read:2", NOW), item("shift:s2:start", NOW)])
    erase(folder)
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        assert connection.execute(select(car_shifts.c.officer_id)).scalars().all() == ["A101"]
        known = set(connection.execute(select(known_items.c.item_id)).scalars())
    assert known == {"read:2", "shift:s2:start"}


@on_both
def test_a_read_on_hold_keeps_what_is_said_about_it(folder: Path):
    old = NOW - timedelta(days=900)
    take_in(folder, "TA14", [*hit_and_its_read(1, old, True), *hit_and_its_read(2, old, True)], old)
    lately = NOW - timedelta(days=420)  # on PostgreSQL that month goes as a whole
    for n in (3, 4):  # no hit came of them
        said = item(f"correction:{n}", lately, read_id=str(n))
        take_in(folder, "TA14", [item(f"read:{n}", lately), said], lately)
    take_in(folder, "TA14", [item(f"read:{n}", NOW) for n in range(10, 30)])
    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        holding = Holding(database, pictures_in(folder, database))
        for read in ("read:1", "read:3"):
            holding.hold("TA14", read, "case 7", "DS Example", REVIEW, NOW, "staff an1")
    erase(folder)
    held = {"read:1", "hit:1", "outcome:1", "correction:1", "read:3", "correction:3"}
    assert left(folder) == held | {f"read:{n}" for n in range(10, 30)}


# The log


def test_the_log_holds_nothing_of_what_was_erased_and_a_line_that_was_changed_shows(folder: Path):
    old = NOW - timedelta(days=420)
    take_in(folder, "TA14", [item("read:secret-1", old)], old)
    take_in(folder, "TA14", [item("read:2", NOW)])
    erase(folder)
    with closing(DepotDatabase(folder)) as database:
        with database.reading() as connection:
            said = str(connection.execute(select(erasures)).all()) + str(connection.execute(select(audit)).all())
            assert VRM not in said
            assert "secret-1" not in said
            assert list(contradictions(connection)) == []
        with pytest.raises(DBAPIError, match="only added to"), database.writing() as connection:
            connection.exec_driver_sql("UPDATE erasures SET amount = 0")
        with database.writing() as connection:
            connection.exec_driver_sql("DROP TRIGGER erasures_no_update")
            connection.exec_driver_sql("UPDATE erasures SET amount = 0")
        with database.reading() as connection:
            assert [one.partition(":")[0] for one in contradictions(connection)] == ["erasure log"]
        found = scrubbed(database, pictures_in(folder, database)).findings
    assert [one for one in found if one.startswith("erasure log: line 1")]


# Holds


@pytest.fixture
def holding(folder: Path, database: DepotDatabase, pictures: DepotPictures) -> Holding:
    take_in(folder, "TA14", [item("read:1", NOW)])
    return Holding(database, pictures)


REVIEW = (NOW + timedelta(days=30)).date()


def test_a_hold_has_an_owner_and_a_review_that_no_run_passes_over(folder: Path, database, holding: Holding):
    with pytest.raises(BadInput, match="whose it is"):
        holding.hold("TA14", "read:1", "case 7", " ", REVIEW, NOW, "staff an1")
    with pytest.raises(BadInput, match="at most a year"):
        holding.hold("TA14", "read:1", "case 7", "DS Example", date(2099, 1, 1), NOW, "staff an1")
    holding.hold("TA14", "read:1", "case 7", "DS Example", REVIEW, NOW, "staff an1")
    with database.reading() as connection:
        [hold] = open_holds(connection)
    assert not hold.is_overdue(REVIEW)
    assert hold.is_overdue(REVIEW + timedelta(days=1))
    shown = CliRunner().invoke(app, ["depot", "holds", "--folder", str(folder)])
    assert (shown.exit_code, "DS Example: case 7" in shown.output) == (0, True)
    with database.writing() as connection:
        connection.execute(holds.update().values(review_on="2020-01-01"))
    shown = CliRunner().invoke(app, ["depot", "holds", "--folder", str(folder)])
    assert (shown.exit_code, "OVERDUE" in shown.output) == (1, True)
    assert (
        "1 holds of evidence are past their review"
        in CliRunner().invoke(app, ["depot", "purge", "--folder", str(folder)]).output
    )
    assert left(folder) == {"read:1"}, "it never ends by itself"


@on_both
def test_what_is_erased_while_it_is_being_held_is_said_and_not_held(folder: Path, monkeypatch: pytest.MonkeyPatch):
    old = NOW - timedelta(days=420)
    take_in(folder, "TA14", [item("read:1", old)], old)
    take_in(folder, "TA14", [item("read:2", NOW), item("read:3", NOW)])

    def meanwhile(*_: object) -> None:
        monkeypatch.undo()
        erase(folder)

    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        holding = Holding(database, pictures_in(folder, database))
        monkeypatch.setattr("patrol_anpr.depot.keeping.holds.pictures_named", lambda _: meanwhile() or ())
        with pytest.raises(BadInput, match="was erased just now"):
            holding.hold("TA14", "read:1", "case 7", "DS Example", REVIEW, NOW, "staff an1")
        with database.reading() as connection:
            assert open_holds(connection) == []
    assert left(folder) == {"read:2", "read:3"}


def test_a_release_needs_two_people_and_a_review_takes_the_asking_back(database, holding: Holding):
    holding.hold("TA14", "read:1", "case 7", "DS Example", REVIEW, NOW, "staff an1")
    with database.reading() as connection:
        [hold] = open_holds(connection)
    with pytest.raises(BadInput, match="Nobody has asked"):
        holding.agree_release(hold.key_group, NOW, "staff an2")
    holding.ask_release(hold.key_group, "case closed", "staff an1")
    with pytest.raises(BadInput, match="another person"):
        holding.agree_release(hold.key_group, NOW, "staff an1")
    holding.review(hold.key_group, "appeal", REVIEW, NOW, "staff an2")
    with pytest.raises(BadInput, match="Nobody has asked"):
        holding.agree_release(hold.key_group, NOW, "staff an2")
    holding.ask_release(hold.key_group, "appeal over", "staff an1")
    holding.agree_release(hold.key_group, NOW, "staff an2")
    with database.reading() as connection:
        assert open_holds(connection) == []
        told = connection.execute(select(audit.c.actor, audit.c.action).order_by(audit.c.number)).all()
    assert [tuple(row) for row in told][-2:] == [("staff an1", "release asked for"), ("staff an2", "record released")]
    with pytest.raises(BadInput, match="held no longer"):
        holding.agree_release(hold.key_group, NOW, "staff an2")


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
def test_a_release_that_is_refused_while_another_agrees_is_not_one(folder: Path, monkeypatch: pytest.MonkeyPatch):
    take_in(folder, "TA14", [item("read:1", NOW)])
    with (
        closing(DepotDatabase(folder, Role.RETENTION)) as database,
        closing(DepotDatabase(folder, Role.RETENTION)) as of_another,
    ):
        holding, other = (Holding(one, pictures_in(folder, one)) for one in (database, of_another))
        holding.hold("TA14", "read:1", "case 7", "DS Example", REVIEW, NOW, "staff an1")
        with database.reading() as connection:
            [hold] = open_holds(connection)
        holding.ask_release(hold.key_group, "case closed", "staff an1")

        def looked(*_: object) -> object:
            monkeypatch.undo()
            with database.reading() as connection:
                [asked] = open_holds(connection)
            other.review(hold.key_group, "there is an appeal", REVIEW, NOW, "staff an3")
            return asked

        monkeypatch.setattr("patrol_anpr.depot.keeping.holds._open_hold", looked)
        with pytest.raises(BadInput, match="just decided"):
            holding.agree_release(hold.key_group, NOW, "staff an2")
        with database.reading() as connection:
            assert [one.key_group for one in open_holds(connection)] == [hold.key_group]
