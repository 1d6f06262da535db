"""`patrol-anpr depot demo` as a newcomer runs it: a process, a console to sign on at, Ctrl+C, and nothing left."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyotp
import pytest

from tests.console.people import words_of
from tests.integration.test_demo import of_a_new_user

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no Ctrl+C for one process alone"),
]
STARTS_WITHIN = 180


@dataclass
class Running:
    """The demo while it runs; `said` waits for a line and returns what it matched."""

    process: subprocess.Popen[str]
    lines: list[str]

    def said(self, pattern: str) -> re.Match[str]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"ended without {pattern!r}: {''.join(self.lines)}")


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Running]:
    """The demo in a temporary folder of its own, ended by Ctrl+C and in any case after a while."""
    command = [sys.executable, "-m", "patrol_anpr", "depot", "demo", "--port", "0", *options]
    environment = of_a_new_user(folder) | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    late = threading.Timer(STARTS_WITHIN * 3, process.kill)
    late.start()
    try:
        yield Running(process, [])
        os.kill(process.pid, signal.SIGINT)
        assert process.stdout is not None
        process.stdout.read()
        assert process.wait(60) == 0
    finally:
        late.cancel()
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    assert not any((folder / "tmp").iterdir()), "what it made is gone with it"


def sign_on(browser: httpx.Client, staff_id: str, password: str, secret: str) -> str:
    """Sign on by the form, with the code that a phone shows; return the words of the first page."""
    form = browser.get("/sign-on").text
    token = re.search(r'name="csrf" value="([^"]+)"', form)
    assert token is not None
    code = pyotp.TOTP(secret).at(datetime.now(UTC))
    fields = {"csrf": token.group(1), "staff_id": staff_id, "password": password, "code": code}
    answer = browser.post("/sign-on", data=fields, headers={"origin": str(browser.base_url).rstrip("/")})
    assert answer.status_code == 303, words_of(answer.text)
    return words_of(browser.get("/").text)


def test_somebody_signs_on_looks_round_and_ends_it(tmp_path: Path) -> None:
    with running(tmp_path, "--quick", "--no-cars") as demo:
        made = demo.said(r"Made: (\d+) reads with pictures and (\d+) hits of 2 cars")
        assert int(made.group(1)) > 20
        url = demo.said(r"The console: (http://127\.0\.0\.1:\d+)").group(1)
        password = demo.said(r"the password of each is: (.+)").group(1).strip()
        secret = demo.said(r"olive\.operator +operator +code \d{6} +secret ([A-Z2-7]+)").group(1)
        demo.said("End with Ctrl")
        with httpx.Client(base_url=url, trust_env=False, timeout=20) as browser:
            assert "Olive Invented" in sign_on(browser, "olive.operator", password, secret)
            assert "NT2" in words_of(browser.get("/fleet").text)


def test_a_folder_with_a_depot_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "depot").mkdir()
    command = [sys.executable, "-m", "patrol_anpr", "depot", "demo", "--folder", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=STARTS_WITHIN, check=False)
    assert ran.returncode == 1
    assert "holds a depot already" in ran.stderr
    assert not any((tmp_path / "depot").iterdir())


@pytest.mark.campaign
def test_two_cars_drive_and_all_of_it_is_held(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        for _ in range(2):
            parked = demo.said(r"(NT\d) has parked: (\d+) reads, (\d+) hits; (.+)\.")
            assert parked.group(4) == "the depot holds everything"
            assert int(parked.group(2)) > 10
