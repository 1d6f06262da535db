"""Fault 3: a program that crashes again and again comes up in safe mode, says so, and tells the depot."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from patrol_anpr.commands.loading import LoadedSettings
from patrol_anpr.commands.starting import CountedStart, counted_start
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.health import SAFE_MODE, LampState
from patrol_anpr.patrol.lamps import safe_mode
from patrol_anpr.plumbing.starts import FILE_NAME, Start, StartNote
from patrol_anpr.records.keys import find_key
from patrol_anpr.records.records import Records
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import SystemClock
from patrol_anpr.wire.payloads import Kind
from tests.conftest import FakeClock
from tests.faults.crashing_run import HARMFUL
from tests.integration.cars import blind, driving, passing, settings_of, until, write_clip
from tests.records.mounted import ROOT

NO_KEY_STORE = "keyring.backends.fail.Keyring"


def run(starts: int, folder: Path, settings_file: Path) -> list[int]:
    """Start the patrol so often, as an officer would; it ends with its clip, or before that. How each ended."""
    arguments = [
        str(starts),
        str(folder),
        "run",
        "--headless",
        "--json",
        "--no-sound",
        "--settings",
        str(settings_file),
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.faults.crashing_run", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHON_KEYRING_BACKEND": NO_KEY_STORE},
        stdout=subprocess.PIPE,
        check=True,
        timeout=100,
    )
    return [int(line) for line in ran.stdout.split()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the runs that crash")
def test_after_three_crashes_in_a_row_the_fourth_start_runs_in_safe_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW")[:12])
    file = tmp_path / "patrol.toml"
    folders = "".join(f"[{name}]\nfolder = '{tmp_path / name}'\n" for name in ("records", "hotlists", "log"))
    file.write_text(
        f"[[cameras]]\nname = 'front'\nsource = '{clip}'\nwidth = 320\n[reading]\ninput_size = {HARMFUL}\n{folders}"
    )
    assert run(4, tmp_path, file) == [-signal.SIGABRT] * 3 + [1]  # the last ends well, but something is wrong
    assert not any("Safe mode" in (tmp_path / f"{number}.err").read_text() for number in range(3))
    assert json.loads((tmp_path / "3.out").read_text().splitlines()[-1])["frames_processed"] == 12
    said = (tmp_path / "3.err").read_text()
    assert "Safe mode. The program crashed 3 times in a row" in said
    assert str(file) in said

    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", NO_KEY_STORE)
    key = find_key(tmp_path / "records")
    records = Records.open(tmp_path / "records", key, SystemClock(), lambda _: None, lambda _: None)
    try:
        told = [json.loads(item.payload) for item in records.outbox.next_batch(100) if item.kind is Kind.AUDIT]
        assert "started_in_safe_mode" in [row["action"] for row in told]
    finally:
        records.stop()


# The note


def note(folder: Path, clock: FakeClock, boot: str = "boot", pid_runs: bool = False) -> StartNote:
    return StartNote(folder, clock.monotonic, boot=lambda: boot, runs=lambda _: pid_runs)


def crash(folder: Path, clock: FakeClock, boot: str = "boot") -> None:
    note(folder, clock, boot).begin()
    clock.advance(10)


def test_only_crashes_in_a_row_and_in_this_run_of_the_computer_count(tmp_path: Path, clock: FakeClock) -> None:
    crash(tmp_path, clock)
    crash(tmp_path, clock)
    good = note(tmp_path, clock)
    assert good.begin() == 2
    good.ended()
    assert note(tmp_path, clock).begin() == 2  # an end in order proves nothing of what crashed before
    assert note(tmp_path, clock, "after a power cut").begin() == 0


def test_a_minute_of_good_running_forgets_the_crashes(tmp_path: Path, clock: FakeClock) -> None:
    for _ in range(3):
        crash(tmp_path, clock)
    good = note(tmp_path, clock)
    assert good.begin() == 3
    good.ran_well()
    assert note(tmp_path, clock).begin() == 0


def test_a_start_that_still_runs_is_no_crash(tmp_path: Path, clock: FakeClock) -> None:
    running = note(tmp_path, clock)
    running.begin()
    clock.advance(1)
    second = note(tmp_path, clock, pid_runs=True)
    assert second.begin() == 0
    second.ended()
    assert len(json.loads((tmp_path / FILE_NAME).read_bytes())) == 1


def test_a_process_that_is_gone_does_not_run_and_this_one_does(tmp_path: Path, clock: FakeClock) -> None:
    mine = StartNote(tmp_path, clock.monotonic)
    mine.begin()
    clock.advance(1)
    assert StartNote(tmp_path, clock.monotonic).begin() == 0
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    row = json.loads((tmp_path / FILE_NAME).read_bytes())[0] | {"pid": gone.pid}
    (tmp_path / FILE_NAME).write_text(json.dumps([row]))
    assert StartNote(tmp_path, clock.monotonic).begin() == 1


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\x00", b'[{"pid": 1}]'])
def test_a_damaged_note_is_none(tmp_path: Path, clock: FakeClock, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert note(tmp_path, clock).begin() == 0
    assert Start(**json.loads((tmp_path / FILE_NAME).read_bytes())[0]).boot_id == "boot"


def test_a_note_that_cannot_be_written_keeps_nobody_from_starting(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / FILE_NAME).mkdir()
    one = note(tmp_path, clock)
    assert one.begin() == 0
    one.ended()


# The start


def crashed(settings: Settings, times: int) -> None:
    """Let so many starts before this one end by an error that nobody foresaw."""
    for _ in range(times):
        with pytest.raises(ZeroDivisionError), counted_start(LoadedSettings(settings, {}, None)):
            raise ZeroDivisionError
    file = settings.records.folder / FILE_NAME
    rows = [row | {"born": row["born"] - 100} for row in json.loads(file.read_bytes())]  # this process lives on
    file.write_text(json.dumps(rows))


def test_what_ends_in_order_is_no_crash_whatever_is_wrong(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    loaded = LoadedSettings(settings, {}, None)
    for _ in range(4):
        with pytest.raises(BadInput), counted_start(loaded):
            raise BadInput("No camera is set up.")
        with counted_start(loaded) as start:
            assert not start.lamps
    assert json.loads((settings.records.folder / FILE_NAME).read_bytes()) == []


def test_a_start_that_runs_for_a_minute_is_forgotten(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    file = settings.records.folder / FILE_NAME
    with counted_start(LoadedSettings(settings, {}, None), good_seconds=0.05):
        until(lambda: json.loads(file.read_bytes()) == [])


def test_the_car_in_safe_mode_says_so_in_red_and_its_banner_names_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind(monkeypatch)
    settings = settings_of(tmp_path)
    crashed(settings, 3)
    with counted_start(LoadedSettings(settings, {}, tmp_path / "patrol.toml")) as start:
        [lamp] = start.lamps
        assert (lamp.key, lamp.state) == (SAFE_MODE, LampState.BAD)
        assert "patrol.toml is not used" in lamp.advice
        assert "tell IT" in lamp.advice
        with driving(start.settings) as (car, _):
            start.put_on_record(car)
            assert car.records.flush(20)
            assert car.records.verify_audit().whole


def test_safe_mode_starts_on_a_disk_that_takes_no_note_of_its_models(tmp_path: Path) -> None:
    def full(_why: str) -> None:
        raise RecordsFault("The disk is full.")

    audits: list[tuple[object, ...]] = []
    records = SimpleNamespace(audit=lambda *row: audits.append(row))
    car = SimpleNamespace(records=records, models=SimpleNamespace(give_up=full))
    CountedStart(settings_of(tmp_path), (safe_mode(3, ""),), 3).put_on_record(car)  # type: ignore[arg-type]
    assert audits[0][1] == "started_in_safe_mode"
