"""Set-up installs what is missing, and only that."""

import importlib.util
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "installer" / "bootstrap.py"
SPEC = importlib.util.spec_from_file_location("bootstrap", SOURCE)
assert SPEC is not None
assert SPEC.loader is not None
bootstrap = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bootstrap)


@pytest.mark.parametrize(
    ("dpkg_says", "is_there"),
    [("installed\n", True), ("installed\ninstalled\n", True), ("not-installed\n", False), ("config-files\n", False)],
    ids=["there", "for two machines", "only known", "removed"],
)
def test_a_package_that_dpkg_merely_knows_is_missing(
    dpkg_says: str, *, is_there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dpkg knows a package as not-installed once another one has recommended it: then the car had no sound."""

    def ask(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 0, dpkg_says, "")

    monkeypatch.setattr(bootstrap.subprocess, "run", ask)
    assert bootstrap.installed("alsa-utils") is is_there


def test_a_command_that_is_not_there_has_not_succeeded() -> None:
    assert not bootstrap.quiet(["no-such-command-anywhere"])
