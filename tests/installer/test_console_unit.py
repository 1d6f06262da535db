"""The console under systemd: the sandbox of the depot, and a command that the program takes."""

import re
from pathlib import Path

from typer.testing import CliRunner

from patrol_anpr.commands.cli import app
from tests.installer.test_depot_jobs_units import of_the_service
from tests.installer.test_depot_service_unit import UNIT, looked_at, needs_systemd

CONSOLE = UNIT.with_name("patrol-anpr-depot-console.service")


@needs_systemd
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / CONSOLE.name
    unit.write_text(CONSOLE.read_text().replace("/opt/patrol-anpr/.venv/bin/patrol-anpr", "/bin/true"))
    assert looked_at("verify", "--man=no", str(unit)) == ""


def test_it_has_the_user_and_the_sandbox_of_the_depot() -> None:
    ours, depots = ([one for one in of_the_service(unit) if one[0] != "ExecStart"] for unit in (CONSOLE, UNIT))
    assert ours == depots


def test_its_command_is_one_that_the_program_takes() -> None:
    (started,) = re.findall(r"^ExecStart=\S+ (.*)$", CONSOLE.read_text(), re.MULTILINE)
    told = CliRunner().invoke(app, ["depot", "console", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).output
    assert started.startswith("depot console ")
    assert [option for option in re.findall(r"--[a-z-]+", started) if option not in told] == []
