"""Printing where the terminal's encoding does not know every letter."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from patrol_anpr.commands import window
from ui.problem import sentence_from

ROW = "AB12CDE,Ford,Focus,Silver,STOP,,Stolen,,,,20301231,,,,,\n"


def test_a_letter_that_the_terminal_lacks_ends_no_command(tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text(ROW)
    environment = os.environ | {
        "PYTHONIOENCODING": "cp1252",
        "PATROL_ANPR__HOTLISTS__FOLDER": str(tmp_path / "hotlists"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "patrol_anpr", "hotlist", "import", str(listed), "--name", "Łodz ½"],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout.split(b",")[0]) == (0, b"?odz \xbd"), ran.stderr


def test_a_problem_reaches_its_window_whatever_the_encoding_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence, given = "The folder Łódź ≈ cannot be made.", list[bytes]()

    def run(_command: list[str], *, input: bytes, **_options: object) -> None:  # noqa: A002 - its own name
        given.append(input)

    monkeypatch.setattr(window.subprocess, "run", run)
    window.show_problem(sentence)
    assert sentence_from(io.BytesIO(given[0])) == sentence
