"""The depot under systemd: the unit is one that systemd understands, and its sandbox leaves little open."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol_anpr.commands.cli import app

UNIT = Path(__file__).parents[2] / "installer" / "depot" / "patrol-anpr-depot.service"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")


def looked_at(*command: str) -> str:
    done = subprocess.run(["systemd-analyze", *command], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@needs_systemd
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/patrol-anpr/.venv/bin/patrol-anpr", "/bin/true"))
    assert looked_at("verify", "--man=no", str(unit)) == ""


@needs_systemd
def test_the_sandbox_leaves_little_open() -> None:
    said = looked_at("security", "--offline=true", "--no-pager", str(UNIT))
    exposure = re.search(r"exposure level for \S+: ([0-9.]+)", said)
    assert exposure is not None, said
    assert float(exposure[1]) < 1.5


def test_the_command_of_the_unit_is_one_that_the_program_takes() -> None:
    (started,) = re.findall(r"^ExecStart=\S+ (.*)$", UNIT.read_text(), re.MULTILINE)
    options = re.findall(r"--[a-z-]+", started)
    told = CliRunner().invoke(app, ["depot", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).output
    assert options
    assert [option for option in options if option not in told] == []
