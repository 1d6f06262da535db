"""`run --headless` ends as it should when it is told to from outside: the last Reads are made and saved."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from patrol_anpr.records.keys import find_key
from patrol_anpr.records.records import Records
from patrol_anpr.vehicle.clock import SystemClock
from tests.integration.cars import passing, until, write_clip

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@pytest.fixture
def run(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A run over a clip that plays for minutes at its own rate, with its first Read made."""
    clip = write_clip(tmp_path / "clip.avi", passing(*[f"TX6{number}KZW" for number in range(4)]) * 10)
    environment = os.environ | {
        "PATROL_ANPR__RECORDS__FOLDER": str(tmp_path / "records"),
        "PATROL_ANPR__HOTLISTS__FOLDER": str(tmp_path / "hotlists"),
        "PATROL_ANPR__LOG__FOLDER": str(tmp_path / "log"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    options = ["--headless", "--json", "--no-sound", "--realtime", "--source", str(clip)]
    process = subprocess.Popen(
        [sys.executable, "-m", "patrol_anpr", "run", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def first_read(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(process.stdout.readline())
    assert line["kind"] == "read"
    return line


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_everything_saved(
    run: "subprocess.Popen[str]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    lines = [first_read(run)]
    run.send_signal(number)
    out, complaints = run.communicate(timeout=60)
    assert run.returncode == 0, complaints
    lines += map(json.loads, out.splitlines())
    assert lines[-1]["kind"] == "summary"
    assert lines[-1]["reads"] == len(kept(tmp_path, monkeypatch)) == len(lines) - 1


def test_a_reader_of_its_lines_that_goes_away_ends_no_patrol(
    run: "subprocess.Popen[str]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_read(run)
    assert run.stdout is not None
    run.stdout.close()
    run.stdout = None
    files = files_in(tmp_path / "records")
    until(lambda: files_in(tmp_path / "records") >= files + 2)  # a Read that was said to nobody
    run.send_signal(signal.SIGTERM)
    assert run.wait(60) == 0
    assert run.stderr is not None
    assert "Error" not in run.stderr.read()
    assert len(kept(tmp_path, monkeypatch)) >= 2


def files_in(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    key = find_key(folder / "records")
    records = Records.open(folder / "records", key, SystemClock(), lambda read_id: None, lambda lamp: None)
    try:
        return [stored.read.vrm for stored in records.reads_page(None, 1000)]
    finally:
        records.stop()
