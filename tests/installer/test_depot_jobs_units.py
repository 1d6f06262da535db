"""What looks after the depot by itself: systemd understands the units, and they start what the program does."""

import os
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol_anpr.commands.cli import app
from patrol_anpr.depot.backup.pool import KEEP_DAYS, Pool
from patrol_anpr.depot.jobs import seconds_since_done
from tests.installer.test_depot_service_unit import UNIT, looked_at, needs_systemd

FOLDER = UNIT.parent
JOB = FOLDER / "patrol-anpr-depot-job@.service"
TIMERS = sorted(FOLDER.glob("*.timer"))
CALENDAR = {
    "backup": "*-*-* 02:00",
    "figures": "*-*-* 00:30",
    "oversight": "*-*-* 03:30",
    "prune": "*-*-* 05:00",
    "purge": "*-*-* 01:00",
    "send-national": "*:0/10",
    "verify": "Sun *-*-* 06:00",
}
OWN = {"Type", "ExecStart", "Environment", "ReadWritePaths", "Nice", "IOSchedulingClass"}
"""What a job has of its own."""
OF_A_SERVICE = {"ExecStart", "Restart", "RestartSec", "KillSignal", "TimeoutStopSec"}


def setting(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit.read_text(), re.MULTILINE)


def of_the_service(unit: Path) -> list[tuple[str, str]]:
    section = unit.read_text().partition("[Service]\n")[2].partition("\n[")[0]
    return re.findall(r"^(\w+)=(.*)$", section, re.MULTILINE)


def environment() -> dict[str, str]:
    return dict(one.split("=", 1) for one in setting(JOB, "Environment"))


@needs_systemd
def test_systemd_understands_the_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for unit in (JOB, *TIMERS):
        text = unit.read_text().replace("/opt/patrol-anpr/.venv/bin/patrol-anpr", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    monkeypatch.setenv("SYSTEMD_UNIT_PATH", f"{tmp_path}:{os.environ.get('SYSTEMD_UNIT_PATH', '')}")
    timers = [str(tmp_path / timer.name) for timer in TIMERS]
    assert looked_at("verify", "--man=no", str(tmp_path / JOB.name), *timers) == ""


def test_a_timer_starts_each_job_in_time_and_catches_up_after_a_night_without_power() -> None:
    found = {re.sub(r".*@|\.service", "", *setting(timer, "Unit")): setting(timer, "OnCalendar") for timer in TIMERS}
    assert found == {job: [when] for job, when in CALENDAR.items()}
    assert {timer.name for timer in TIMERS} == {f"patrol-anpr-depot-{job}.timer" for job in CALENDAR}
    assert all(setting(timer, "Persistent") == ["yes"] for timer in TIMERS)
    assert all(setting(timer, "WantedBy") == ["timers.target"] for timer in TIMERS)


def test_jobs_have_the_user_and_the_sandbox_of_the_depot() -> None:
    ours = [one for one in of_the_service(JOB) if one[0] not in OWN]
    assert ours == [one for one in of_the_service(UNIT) if one[0] not in OF_A_SERVICE]
    assert ("ProtectSystem", "strict") in ours


def test_a_job_may_write_where_the_copies_lie_and_nowhere_else_beside_the_depot() -> None:
    assert setting(JOB, "ReadWritePaths") == [f"-{environment()['PATROL_ANPR_DEPOT_COPIES']}"]


def test_what_the_jobs_start_works_with_what_the_unit_says_and_nothing_is_asked(tmp_path: Path) -> None:
    """The command of the unit, its environment with other places, on a depot that `depot init` made."""
    run = CliRunner().invoke
    depot, key = tmp_path / "depot", tmp_path / "copies.key"
    assert run(app, ["depot", "init", "--folder", str(depot)]).exit_code == 0
    assert run(app, ["depot", "backup-key", str(key)]).exit_code == 0
    places = {
        "/var/lib/patrol-anpr-depot": str(depot),
        "/mnt/patrol-anpr-copies": str(tmp_path / "copies"),
        "/etc/patrol-anpr-depot/copies.public": str(key.with_suffix(".public")),
    }
    (tmp_path / "spool").mkdir()
    (depot / "depot.toml").touch(mode=0o600)
    (depot / "depot.toml").write_text(f"[national]\nspool = '{tmp_path / 'spool'}'\n", encoding="utf-8")
    said = {name: places.get(value, value) for name, value in environment().items()}
    (command,) = setting(JOB, "ExecStart")
    for job in CALENDAR:
        done = run(app, shlex.split(command.replace("%i", job))[1:], env=said, input="")
        assert done.exit_code == 0, done.output
    assert all(seconds < 60 for seconds in seconds_since_done(depot, datetime.now(UTC)).values())
    assert len(Pool(tmp_path / "copies").copies()) == 1


def test_copies_are_gone_when_it_was_promised() -> None:
    assert int(environment()["PATROL_ANPR_DEPOT_COPIES_DAYS"]) + 1 == KEEP_DAYS
