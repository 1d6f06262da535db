"""The page for the public: anybody may read it, and nothing in it leads to a vehicle, an officer, a unit or a place."""

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from patrol_anpr.commands.cli import app
from patrol_anpr.console import ConsoleServer
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.jobs import note_done
from patrol_anpr.depot.keeping.classes import Keep
from patrol_anpr.depot.reports import reading
from patrol_anpr.depot.reports.folding import fold
from patrol_anpr.depot.reports.public import SENTENCES
from patrol_anpr.depot.reports.reading import Period, figures_of
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.law import LAW, Purpose
from patrol_anpr.depot.tables import retention_periods
from patrol_anpr.domain.disposition import Disposition
from tests.console.people import words_of
from tests.depot.postgresql import on_both
from tests.depot.reports.records import LATER, NOW, done, hit, outcome, send, shift

SECRET = ("ZZ99ZZZ", "OFFICER9", "TA14", "Secret Unit", "covert-list", "front")


@pytest.fixture
def filled(console: ConsoleServer, folder: Path) -> ConsoleServer:
    """A console of a depot with hits that each have something secret in them; three are stops."""
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        secret = {"list_id": "covert-list", "listed_vrm": "ZZ99ZZZ"}
        send(database, shift(unit="Secret Unit"), *(hit(number, **secret) for number in range(12)))
        send(database, hit(99, reason="wanted", tier=4, **secret))
        arrest = done(Disposition.ARREST) | {"officer_id": "OFFICER9", "looked": True, "control": "confirmed"}
        send(database, *(outcome(number, number, **arrest) for number in range(3)))
    with closing(DepotDatabase(folder, Role.FIGURES)) as database:
        fold(database, NOW + LATER)
    return console


def rows_of(html: str) -> dict[str, str]:
    """Each row of the page's tables: its first cell and its last."""
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL):
        cells = [unescape(words.strip()) for words in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        found[cells[0]] = cells[-1]
    return found


@on_both
def test_anybody_reads_what_is_told_and_nobody_is_in_it(filled, staff_client):
    html = staff_client().page("/public")
    rows = rows_of(html)
    assert rows["Hits: reads of a mark on a list, or like one"] == "about 15"
    assert rows["Vehicles stopped because of a hit"] == "fewer than 5"
    assert rows["Wanted person"] == "fewer than 5"
    assert rows["Of these after a look at the picture and control's word"] == "too few to say"
    assert "4 silent" not in rows
    assert rows["3 routine and all others"] == "fewer than 5", "or silent hits are what is missing from the sum"
    assert not [word for word in SECRET if word in html]


def test_every_sentence_of_ours_is_on_the_page(filled, staff_client):
    words = unescape(words_of(staff_client().page("/public")))
    for sentences in SENTENCES.values():
        assert not [one for one in sentences if one not in words]


def test_the_rules_on_the_page_are_those_that_searches_are_judged_by(filled, staff_client):
    html = staff_client().page("/public")
    for reach, rule in LAW.items():
        row = re.search(rf"<tr><th scope=\"row\">{reach.word}</th><td>(.*?)</td><td>(.*?)</td>", html)
        assert row is not None
        assert set(row[1].split(", ")) == {one.word for one in rule.purposes if one is not Purpose.AUDIT}
        assert row[2] == ("yes, beforehand" if rule.authorised else "no")


@on_both
def test_no_period_on_the_page_is_shorter_than_the_one_in_force(folder: Path, filled, staff_client):
    toml = folder / "depot.toml"
    before = toml.read_text() if toml.exists() else ""
    toml.write_text(f"{before}\n[retention]\ndecided_days = 400\n")
    toml.chmod(0o600)
    assert decided_days(staff_client) == "730", "the shorter one does not count yet"
    with closing(DepotDatabase(folder, Role.RETENTION)) as database, database.writing() as connection:
        decided = retention_periods.c.keep == Keep.DECIDED.value
        connection.execute(update(retention_periods).where(decided).values(days=400))
    assert decided_days(staff_client) == "400"
    toml.write_text(f"{before}\n[retention]\ndecided_days = 900\n")
    assert decided_days(staff_client) == "900"


def decided_days(staff_client) -> str:
    rows = rows_of(staff_client().page("/public"))
    return next(days for what, days in rows.items() if what.startswith("Hits with an outcome"))


def test_it_says_when_records_were_erased_and_searches_looked_at_last_or_that_they_never_were(
    folder: Path, filled, staff_client
):
    nobody = staff_client()
    for job, never, last in (
        ("purge", "Nothing has been erased yet.", "were last erased on"),
        ("oversight", "No month has been looked at yet.", "were last looked at on"),
    ):
        assert never in words_of(nobody.page("/public"))
        note_done(folder, job, datetime.now(UTC) - timedelta(days=1))
        assert last in words_of(nobody.page("/public"))


def test_whoever_asks_often_has_the_figures_read_once_until_they_are_counted_again(
    folder: Path, filled, staff_client, monkeypatch
):
    read: list[Period] = []
    monkeypatch.setattr(
        reading, "figures_of", lambda database, period: read.append(period) or figures_of(database, period)
    )
    nobody = staff_client()
    pages = [rows_of(nobody.page("/public")) for _ in range(3)]
    assert (len(read), pages[0] == pages[2]) == (1, True)
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        send(database, *(hit(number) for number in range(200, 240)))
    with closing(DepotDatabase(folder, Role.FIGURES)) as database:
        fold(database, NOW + 2 * LATER)
    assert rows_of(nobody.page("/public")) != pages[0]
    assert len(read) == 2


def test_without_figures_it_says_so(console, staff_client):
    assert "Nothing has been counted yet." in words_of(staff_client().page("/public"))


def test_the_force_names_itself_and_how_it_is_reached(folder: Path, filled, staff_client):
    (folder / "depot.toml").write_text('[public]\nforce = "Example Police"\ncontact = "Write to <the office>."\n')
    (folder / "depot.toml").chmod(0o600)
    html = staff_client().page("/public")
    assert "How Example Police reads number plates" in html
    assert "Write to &lt;the office&gt;." in html
    (folder / "depot.toml").write_text("[public]\nforce = 5\n")
    assert staff_client().get("/public").status_code == 422


def test_the_file_for_another_web_site_says_the_same_and_needs_nothing(folder: Path, filled, staff_client, tmp_path):
    out = tmp_path / "anpr.html"
    for _ in range(2):  # written anew each day
        ran = CliRunner().invoke(app, ["depot", "public", str(out), "--folder", str(folder)])
        assert ran.exit_code == 0, ran.output
    html = out.read_text()
    made = r"This page was made on .*"
    assert re.sub(made, "", words_of(html)) == re.sub(made, "", words_of(staff_client().page("/public")))
    assert not re.search(r"(src|href|url\()", html), "nothing is asked for from anywhere"
    assert "<script" not in html
    nowhere = CliRunner().invoke(app, ["depot", "public", str(tmp_path / "no" / "a.html"), "--folder", str(folder)])
    assert "cannot be written" in str(nowhere.exception)
