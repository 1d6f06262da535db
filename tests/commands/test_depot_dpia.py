"""`patrol-anpr depot dpia`: a pack of facts that are shown, and blanks that only the force can fill."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol_anpr.commands.cli import app
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.jobs import note_done
from patrol_anpr.depot.reports.folding import fold
from patrol_anpr.depot.reports.pack import BLANK
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import StaffRole
from tests.console.people import add_staff
from tests.depot.conftest import folder, postgres
from tests.depot.postgresql import on_both
from tests.depot.reports.records import LATER, NOW, hit, outcome, send, shift
from tests.test_promises import missing_from

__all__ = ["folder", "postgres"]


def pack_of(folder: Path, out: Path) -> str:
    ran = CliRunner().invoke(app, ["depot", "dpia", str(out), "--folder", str(folder)])
    assert ran.exit_code == 0, (ran.output, ran.exception)
    return out.read_text()


@pytest.fixture
def depot(folder: Path) -> Path:
    """A depot with a shift, an auditor and two analysts."""
    with closing(DepotDatabase(folder)):
        pass
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        send(database, shift(hours=7), *(hit(number) for number in range(4)), outcome(1, 0))
    with closing(DepotDatabase(folder, Role.FIGURES)) as database:
        fold(database, NOW + LATER)
    with closing(DepotDatabase(folder, Role.STAFF)) as database, database.writing() as connection:
        add_staff(connection, "analyst-1", (StaffRole.ANALYST,))
        add_staff(connection, "analyst-2", (StaffRole.ANALYST,))
        add_staff(connection, "auditor-1", (StaffRole.AUDITOR,))
    return folder


@on_both
def test_the_pack_is_filled_with_this_depots_facts_and_blanks_for_the_force(depot: Path, tmp_path: Path):
    note_done(depot, "purge", datetime.now(UTC))
    pack = pack_of(depot, tmp_path / "dpia.md")
    assert "0 Reads, 4 hits, 0 stops based on a hit, in 7 hours of patrol" in pack
    assert "Analyst (accounts: 2) may: be signed on, export evidence" in pack
    assert "Of 4 hits 3 have no outcome." in pack
    assert "with their reads, pictures and corrections: 730 days." in pack
    assert "The job purge last ended well 0 hours ago." in pack
    assert "`patrol-anpr depot verify`: it has never ended well here." in pack
    assert ("Records lie in PostgreSQL." in pack) is ((depot / "depot.toml").exists())
    assert pack.count(BLANK) >= 10
    assert not [word for word in ("AB12CDE", "PC1", "TA14", "analyst-1") if word in pack]


def test_each_line_is_shown_is_not_held_or_is_a_blank_and_what_shows_it_is_there(depot: Path, tmp_path: Path):
    pack = pack_of(depot, tmp_path / "dpia.md")
    for line in pack.splitlines():
        if line.startswith("- "):
            assert line.startswith(("- **Not held:**", f"- **{BLANK}:**")) or "*Shown by:* `" in line, line
    assert missing_from(pack) == []
