"""`patrol-anpr depot staff`: what is printed, and what is refused."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol_anpr.commands.cli_console import staff_app
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.codes import CodeSecrets
from patrol_anpr.depot.staff.sign_on import SignOn
from patrol_anpr.domain.errors import BadInput


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    DepotDatabase(tmp_path / "depot").close()
    return tmp_path / "depot"


def ask(folder: Path, *words: str) -> str:
    return CliRunner().invoke(staff_app, [*words, "--folder", str(folder)], catch_exceptions=False).stdout


def test_an_account_is_added_shown_changed_reset_and_ended(folder: Path) -> None:
    assert "There are no accounts yet" in ask(folder, "list")
    code = ask(folder, "add", "anna", "Anna Example", "--role", "analyst").strip()
    with closing(DepotDatabase(folder, Role.STAFF)) as database:
        sign_on = SignOn(database, CodeSecrets(DepotKeys(folder).staff), lambda: datetime.now(UTC))
        assert sign_on.by_invitation("anna", code, "here")
    assert ask(folder, "list") == "anna  Anna Example  analyst  invited\n"
    ask(folder, "roles", "anna", "--role", "operator", "--role", "senior")
    ask(folder, "add", "glass", "For need", "--role", "administrator", "--emergency")
    assert ask(folder, "list") == (
        "anna  Anna Example  operator, senior  invited\nglass  For need  administrator  invited  EMERGENCY\n"
    )
    assert ask(folder, "reset", "anna").strip() != code
    assert "has ended" in ask(folder, "end", "anna")
    assert "anna  Anna Example  operator, senior  ended" in ask(folder, "list")


def test_what_may_not_be_is_refused(folder: Path) -> None:
    for words in (
        ("add", "anna", "Anna", "--role", "king"),
        ("add", "anna", "Anna", "--role", "operator", "--role", "analyst"),
        ("end", "nobody"),
    ):
        with pytest.raises(BadInput):
            ask(folder, *words)
    with pytest.raises(BadInput, match="There is no depot"):
        ask(folder / "elsewhere", "list")
