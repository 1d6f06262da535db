"""`patrol-anpr depot console` as a process: it says where it answers, speaks TLS alone, logs, and ends when told."""

import json
import re
import signal
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.plumbing.files import is_open_to_others


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent otherwise there")
def test_it_is_started_asked_and_ended(tmp_path: Path) -> None:
    folder = tmp_path / "depot"
    DepotDatabase(folder).close()
    command = [sys.executable, "-m", "patrol_anpr", "depot", "console", "--folder", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"The console answers at (https://127\.0\.0\.1:\d+)\.", process.stdout.readline())
            assert found is not None
            chain = tmp_path / "authority.pem"
            chain.write_bytes(DepotKeys(folder).authority.chain)
            trusted = ssl.create_default_context(cafile=str(chain))
            with httpx.Client(verify=trusted, trust_env=False, timeout=20) as browser:
                answer = browser.get(f"{found[1]}/sign-on")
            assert answer.status_code == 200
            assert answer.headers["set-cookie"].startswith("__Host-console=")
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 128 + signal.SIGINT)  # as a shell says that it was Ctrl+C
    security = folder / "log" / "console" / "security.log"
    assert json.loads(security.read_text().splitlines()[0])["route"] == "/sign-on"
    assert not is_open_to_others(security)


def test_a_folder_without_a_depot_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "patrol_anpr", "depot", "console", "--folder", str(tmp_path / "nothing")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "There is no depot in" in done.stderr) == (1, True)
    assert not (tmp_path / "nothing").exists()
