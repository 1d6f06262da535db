"""`patrol-anpr depot hot`: what is printed, and what is refused."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol_anpr.commands.cli_hot import hot_app
from patrol_anpr.depot import import_hotlist
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Tier
from tests.depot.test_depot_publishing import rows

BY = ["--by", "Sgt Example", "--why", "seen leaving the scene"]


@pytest.fixture
def folder(tmp_path: Path) -> str:
    path = tmp_path / "list.csv"
    path.write_text(rows(5))
    import_hotlist(tmp_path / "depot", path, "stolen", "Stolen", "Force", Tier.PRIORITY)
    return str(tmp_path / "depot")


def ask(*words: str, said: str = "") -> str:
    return CliRunner().invoke(hot_app, [*words], input=said, catch_exceptions=False).output


def test_a_mark_is_asked_for_added_and_cancelled(folder: str) -> None:
    added = ask("add", *BY, "--reason", "ROBBERY", "--folder", folder, said="ab0 0001\n")
    assert "Added by the depot, revision 1: 1 entries" in added
    cancelled = ask("cancel", *BY, "--vrm", "AB00001", "--folder", folder)
    assert "Added by the depot" in cancelled
    assert "Stolen" in cancelled


def test_what_is_no_mark_is_refused(folder: str) -> None:
    with pytest.raises(BadInput, match="cannot be an entry"):
        ask("add", *BY, "--reason", "ROBBERY", "--vrm", "??", "--folder", folder)
