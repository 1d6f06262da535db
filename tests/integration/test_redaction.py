"""Bar B17: what names a person or a place is in no log, and nowhere in plain on the disk of a car, running or not."""

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nacl.public import PrivateKey

from patrol_anpr.commands.log import set_up_log
from patrol_anpr.depot.backup.copying import make_copy
from patrol_anpr.depot.backup.pool import Pool
from patrol_anpr.depot.security_log import logs_in
from patrol_anpr.depot.sqlite_file import FILE as DATABASE
from patrol_anpr.domain.dossier import ExportRequest
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.domain.hit import Verification
from patrol_anpr.settings import LogSettings, Settings
from tests.integration.canary_car import (
    CANARIES,
    CORRECTED,
    LATITUDE,
    NAME,
    NEAR,
    OFFICER,
    PIN,
    REASON,
    VRM,
    read_canaries,
)
from tests.integration.cars import (
    Depot,
    blind,
    driving,
    hotlist_lines,
    impatient,
    passing,
    settings_of,
    sign_on,
    until,
    write_clip,
    write_csv,
)


@dataclass
class Traces:
    """Where a car leaves anything: every file of its folder, and what it logged."""

    car: Path

    def found(self) -> set[tuple[str, str]]:
        """The canaries found, with the file; text as it is, spaced, and as UTF-16."""
        hits = set()
        for file in self.car.rglob("*"):
            name = str(file.relative_to(self.car))
            content = name.encode() + (file.read_bytes() if file.is_file() else b"")
            for canary in CANARIES:
                spellings = (canary, canary.lower(), f"{canary[:4]} {canary[4:]}")
                if any(text.encode(code) in content for text in spellings for code in ("utf-8", "utf-16-le")):
                    hits.add((canary, name))
        return hits

    @property
    def bytes_looked_at(self) -> int:
        return sum(file.stat().st_size for file in self.car.rglob("*") if file.is_file())


@pytest.fixture
def log_of_everything(tmp_path: Path) -> Iterator[Path]:
    """The program's own log, as chatty as it can be set."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    folder = tmp_path / "car" / "log"
    set_up_log(LogSettings(folder=folder, level="DEBUG"))
    yield folder
    for handler in [one for one in root.handlers if one not in before[0]]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(before[1])


def lock_and_leave(settings: Settings, traces: Traces) -> None:
    """The shift that was cut off goes on, is locked with all that lies on the disk then, and is sent."""
    with driving(settings) as (car, _):
        assert car.patrol.start_sync().result()
        sign_on(car, OFFICER, PIN)
        car.patrol.lock.lock()
        until(lambda: not list(traces.car.rglob("key.pin")))
        assert len(read_canaries(car, 20)) == 2  # locked is not blind
        assert car.records.flush(20)
        assert traces.found() == set()
        assert car.patrol.sign_off().result() == 0


def patrol(settings: Settings, depot: Depot, traces: Traces) -> None:
    """A shift with everything in it: hits, a correction, a fix, a wrong PIN, a depot that is away and comes back."""
    with driving(settings) as (car, heard):
        assert car.patrol.start_sync().result()
        with pytest.raises(BadInput):
            sign_on(car, OFFICER, "000000")
        session = sign_on(car, OFFICER, PIN)
        hits = read_canaries(car)
        assert len(hits) == 2
        session.confirm(hits[0].hit_id)
        session.correct(hits[1].hit_id, CORRECTED)
        session.undo(hits[1].hit_id)
        session.dismiss(hits[1].hit_id, Verification.MISREAD)
        car.patrol.export.hand_out(ExportRequest("read-0", OFFICER, "Court file", traces.car.parent / "stick"))
        assert car.records.flush(20)
        (journal,) = settings.records.folder.rglob("records.db-wal")
        assert journal.stat().st_size > 0
        assert traces.found() == set()  # running: the write-ahead log is there
        depot.switch_off()
        assert car.patrol.sign_off().result() > 0
        depot.switch_on()
        assert car.patrol.start_upload().result() == 0
        assert not [event for event in heard.of(SyncProgress) if any(one in event.problem for one in CANARIES)]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where whatever asks for a temporary file gets one, in this process and in those it starts."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(folder))
    return folder


def drive_until_killed(settings: Settings) -> None:
    """Have a car of these settings read the canary, and end it as a failing power supply would."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.canary_car"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as car:
        assert car.stdin is not None
        assert car.stdout is not None
        car.stdin.write(settings.model_dump_json() + "\n")
        car.stdin.flush()
        assert car.stdout.readline() == "driving\n"
        car.kill()


def test_nothing_is_left_in_logs_or_in_plain_on_the_disk(
    tmp_path: Path,
    log_of_everything: Path,
    scratch: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    blind(monkeypatch)
    impatient(monkeypatch)
    caplog.set_level(logging.DEBUG)
    traces = Traces(tmp_path / "car")
    with (
        Depot(tmp_path / "depot", listed=[VRM, "TX64KZW"], officer=(OFFICER, NAME, PIN), reason=REASON) as depot,
        logs_in(depot.folder / "log"),
        depot.figures() as figures,
    ):
        program = logging.getLogger("patrol_anpr")  # car and depot are one program here: all is told to both logs
        program.setLevel(logging.DEBUG)
        program.propagate = True
        settings = settings_of(tmp_path / "car", depot=depot)
        patrol(settings, depot, traces)
        assert traces.found() == set()
        assert list((tmp_path / "car").rglob("*.hotlist"))
        assert list((tmp_path / "car").rglob("car.sealed"))
        drive_until_killed(settings)
        assert list((tmp_path / "car").rglob("key.pin"))  # mid-shift: its PIN opens it still
        assert traces.found() == set()
        lock_and_leave(settings, traces)
        held = depot.holds()
        assert {read.vrm for read in held.reads} == {VRM, NEAR, "XT24ZPA"}  # it was all there to be betrayed
        assert {read.latitude for read in held.reads} == {LATITUDE}
        told = figures()
        assert "patrol_depot_items" in told
        copies = Pool(tmp_path / "copies")
        make_copy(depot.folder, copies, PrivateKey.generate().public_key, datetime.now(UTC), lambda *_: None)
    assert traces.found() == set()
    assert traces.bytes_looked_at > 50_000
    assert (log_of_everything / "patrol-anpr.log").stat().st_size > 0
    assert (depot.folder / "log" / "security.log").stat().st_size > 0
    assert (depot.folder / "log" / "depot.log").exists()
    assert {file.partition("-")[0] for _, file in Traces(depot.folder).found()} == {DATABASE}
    for folder in (copies.folder, scratch):
        assert Traces(folder).found() == set()
    assert Traces(copies.folder).bytes_looked_at > 10_000
    said = "".join(capfd.readouterr()) + caplog.text + told
    assert not [canary for canary in CANARIES if canary in said]


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "one").write_text(f"read {VRM[:4]} {VRM[4:]} made")
    (tmp_path / "two").write_bytes(OFFICER.encode("utf-16-le"))
    assert {canary for canary, _ in Traces(tmp_path).found()} == {VRM, OFFICER}


def test_a_headless_run_prints_a_mark_and_writes_it_nowhere_in_plain(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW"))
    listed = write_csv(tmp_path / "canaries.csv", hotlist_lines(["TX64KZW"], reason=REASON))
    car = tmp_path / "car"
    settings = tmp_path / "settings.toml"
    settings.write_text(
        f'[records]\nfolder = "{(car / "records").as_posix()}"\n[hotlists]\nfolder = "{(car / "lists").as_posix()}"\n'
        f'[log]\nfolder = "{(car / "log").as_posix()}"\nlevel = "DEBUG"\n'
    )
    options = ["--source", str(clip), "--hotlist", str(listed), "--settings", str(settings)]
    ran = subprocess.run(
        [sys.executable, "-m", "patrol_anpr", "run", "--headless", "--json", "--no-sound", *options],
        # The key then lies in a file beside the records: no test puts a key into the user's own key store.
        env=os.environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert ran.stdout.count("TX64KZW") == 3  # the Read, the hit, and what the list says
    assert "TX64KZW" not in ran.stderr
    assert (car / "log" / "patrol-anpr.log").exists()
    looked_at = [file for file in car.rglob("*") if file.is_file()]
    assert len(looked_at) >= 4
    for file in looked_at:
        assert b"TX64KZW" not in file.read_bytes(), file
        assert REASON.encode() not in file.read_bytes(), file
