"""The window's program ends as it should when it is told to from outside: nothing in view is lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.test_run_ends import kept
from tests.integration.cars import passing, write_clip

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

SIGNED_ON = """
import sys
import ui.app
from patrol_anpr.commands.cli import main
from patrol_anpr.domain.events import ReadMade
from patrol_anpr.domain.shift import Crew

show = ui.app.run_window

def run_window(patrol, **options):
    patrol.subscribe(lambda event: print("READ", event.read.vrm, flush=True) if isinstance(event, ReadMade) else None)
    patrol.sign_on(patrol.roster()[0].officer_id, "", patrol.units()[0], Crew.SINGLE).result()
    return show(patrol, **options)

ui.app.run_window = run_window
sys.argv = ["patrol-anpr", "run", "--no-sound", "--source", sys.argv[1]]
main()
"""


@pytest.fixture
def window(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """The program with its window, an officer signed on, over a clip that plays for minutes."""
    clip = write_clip(tmp_path / "clip.avi", passing(*[f"TX6{number}KZW" for number in range(4)]) * 10)
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "PATROL_ANPR__RECORDS__FOLDER": str(tmp_path / "records"),
        "PATROL_ANPR__HOTLISTS__FOLDER": str(tmp_path / "hotlists"),
        "PATROL_ANPR__LOG__FOLDER": str(tmp_path / "log"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", SIGNED_ON, str(clip)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("numbers", [[signal.SIGINT], [signal.SIGTERM, signal.SIGHUP], [signal.SIGHUP, signal.SIGTERM]])
def test_a_signal_closes_the_window_and_everything_is_saved(
    window: "subprocess.Popen[str]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numbers: list[int]
) -> None:
    """A terminal that is closed and a system that shuts down send several signals; the second harms nothing."""
    assert window.stdout is not None
    made = [window.stdout.readline()]
    for number in numbers:
        window.send_signal(number)
    out, complaints = window.communicate(timeout=60)
    assert (window.returncode, complaints) == (0, "")
    made += out.splitlines()
    read = [line.split()[1] for line in made if line.startswith("READ ")]
    assert sorted(read) == sorted(kept(tmp_path, monkeypatch))
    assert [line.split()[0] for line in made if not line.startswith("READ ")] == ["WINDOW"], "how it kept up"
