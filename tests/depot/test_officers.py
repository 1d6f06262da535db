"""The roster: what a file says, what it changes, and whether training and policy are good."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.officers.currency import WARNED, Currency, currency_of
from patrol_anpr.depot.officers.drafts import LASTS, drop_draft, find_draft, forget_over, put_draft
from patrol_anpr.depot.officers.keeping import KeptOfficer, draft_of, keep_draft, roster_in
from patrol_anpr.depot.officers.reading import read_roster
from patrol_anpr.depot.roster import import_roster, roster_of
from patrol_anpr.domain.errors import BadInput
from tests.depot.postgresql import on_both

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
ANN, BOB = "PC1,Ann,60417283", "PC2,Bob,73052846"


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def kept(folder: Path) -> list[KeptOfficer]:
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        return list(roster_in(connection))


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (None, Currency.NOT_KEPT),
        (TODAY - timedelta(days=1), Currency.ENDED),
        (TODAY, Currency.ENDS_SOON),
        (TODAY + WARNED, Currency.ENDS_SOON),
        (TODAY + WARNED + timedelta(days=1), Currency.GOOD),
    ],
)
def test_training_is_good_up_to_and_with_its_last_day(ends: date | None, said: Currency) -> None:
    assert currency_of(ends, TODAY) is said


@given(st.dates(), st.dates(), st.dates())
def test_training_never_gets_better_by_waiting(ends: date, one: date, other: date) -> None:
    sooner, later = sorted((one, other))
    assert currency_of(ends, later) <= currency_of(ends, sooner)


@on_both
def test_units_training_and_policy_come_with_the_roster(folder: Path, tmp_path: Path) -> None:
    header = "Officer ID,Name,PIN,Unit,Training,Policy"
    import_roster(folder, written(tmp_path, header, f"{ANN},Traffic,31/12/2026,2027-06-30", f"{BOB},,2026-11-01"))
    assert kept(folder) == [
        KeptOfficer("PC1", "Ann", "Traffic", date(2026, 12, 31), date(2027, 6, 30)),
        KeptOfficer("PC2", "Bob", "", date(2026, 11, 1), None),
    ]


def test_columns_that_a_file_does_not_have_leave_what_is_known_and_an_empty_pin_keeps_the_pin(
    folder: Path, tmp_path: Path
) -> None:
    import_roster(folder, written(tmp_path, f"{ANN},Traffic,2026-12-31,2027-06-30", BOB))
    import_roster(folder, written(tmp_path, "PC1,Ann Example,,Response"))
    assert kept(folder) == [KeptOfficer("PC1", "Ann Example", "Response", date(2026, 12, 31), date(2027, 6, 30))]
    with closing(DepotDatabase(folder)) as database:
        (officer,) = roster_of(database, "TA14").officers
    assert PasswordHasher().verify(officer.pin_hash, "60417283")


def test_every_bad_line_is_told_and_nothing_of_it_is_repeated(tmp_path: Path) -> None:
    lines = [
        "PC1,Ann,60417283,,31-31-2026",
        "PC2,Bob",
        "PC3,Cy,12345678",
        "../x,Di,73052846",
        f"PC4,Ed,73052846,{'u' * 61}",
    ]
    file = read_roster(written(tmp_path, *lines, "pc5,Flo,52907461", "PC5,Gus,52907461"))
    assert [sentence.split(" of ")[0] for sentence in file.rejected] == [
        f"Line {number}" for number in (1, 2, 3, 4, 5, 7)
    ]
    assert [line.officer_id for line in file.lines] == ["pc5"]
    told = " ".join(file.rejected)
    assert not any(secret in told for secret in ("60417283", "12345678", "73052846", "Ann", "Bob", "../x", "uuu"))
    with pytest.raises(BadInput, match=r"(?s)Line 1 .*Line 7 .*left as it is"):
        draft_of(file, [])


def test_a_draft_says_what_it_changes(tmp_path: Path) -> None:
    before = [KeptOfficer("PC1", "Ann", "Traffic"), KeptOfficer("PC2", "Bob"), KeptOfficer("PC4", "Di", "", TODAY)]
    file = read_roster(written(tmp_path, "PC1,Ann,,Response", "PC3,Cy,52907461", "PC4,Di,36829157,"))
    said = {change.officer_id: change.what for change in draft_of(file, before).changes}
    assert said == {
        "PC1": "unit: Traffic becomes Response",
        "PC2": "off the roster: may not sign on any more",
        "PC3": "new: may sign on with the next sync",
        "PC4": "new PIN",
    }


def test_a_new_officer_needs_a_pin(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="needs a PIN: this officer is not on the roster yet"):
        draft_of(read_roster(written(tmp_path, "PC9,New,")), [])


@on_both
def test_a_draft_waits_for_an_hour_and_is_put_in_force_whole(folder: Path, tmp_path: Path) -> None:
    import_roster(folder, written(tmp_path, ANN, BOB))
    draft = draft_of(read_roster(written(tmp_path, "PC1,Ann,,Traffic,2027-01-01")), kept(folder))
    with closing(DepotDatabase(folder)) as database:
        with database.writing() as connection:
            put_draft(connection, "op1", draft, NOW)
        with database.reading() as connection:
            assert find_draft(connection, "op1", NOW + LASTS) == draft
            assert find_draft(connection, "op1", NOW + LASTS + timedelta(seconds=1)) is None
            assert find_draft(connection, "op2", NOW) is None
        with database.writing() as connection:
            forget_over(connection, NOW + LASTS)
            assert find_draft(connection, "op1", NOW) == draft
            forget_over(connection, NOW + LASTS + timedelta(seconds=1))
            assert find_draft(connection, "op1", NOW) is None
        with database.writing() as connection:
            assert keep_draft(connection, draft, "staff op1") == 1
            drop_draft(connection, "op1")
            assert find_draft(connection, "op1", NOW) is None
    assert kept(folder) == [KeptOfficer("PC1", "Ann", "Traffic", date(2027, 1, 1))]


@on_both
def test_a_draft_of_another_roster_than_the_one_in_force_is_refused_or_who_was_taken_off_would_be_back(
    folder: Path, tmp_path: Path
) -> None:
    import_roster(folder, written(tmp_path, ANN, BOB))
    draft = draft_of(read_roster(written(tmp_path, ANN, BOB)), kept(folder))
    import_roster(folder, written(tmp_path, ANN))
    with (
        closing(DepotDatabase(folder)) as database,
        pytest.raises(BadInput, match="somebody else meanwhile"),
        database.writing() as connection,
    ):
        keep_draft(connection, draft, "staff op1")
    assert [one.officer_id for one in kept(folder)] == ["PC1"]


def test_a_draft_that_keeps_the_pin_of_somebody_who_has_left_is_refused(folder: Path, tmp_path: Path) -> None:
    import_roster(folder, written(tmp_path, ANN, BOB))
    draft = draft_of(read_roster(written(tmp_path, "PC1,Ann,,Traffic")), kept(folder))
    import_roster(folder, written(tmp_path, BOB))
    with (
        closing(DepotDatabase(folder)) as database,
        pytest.raises(BadInput, match="somebody else meanwhile"),
        database.writing() as connection,
    ):
        keep_draft(connection, draft, "staff op1")
    assert [one.officer_id for one in kept(folder)] == ["PC2"]
