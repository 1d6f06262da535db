"""No telemetry. test_demo.py watches a whole run; here: the switch is set in time, and the watch sees what it must."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import onnxruntime
import pytest

from patrol_anpr.reading.sessions import session_options
from tests.integration.watching import Watch, can_watch

ROOT = Path(__file__).parents[2]
TALKERS = frozenset({"onnxruntime", "fast_plate_ocr", "ultralytics"})
"""Packages that report their use, or bring one that does."""


@pytest.mark.parametrize("module", ["patrol_anpr.commands.cli", "patrol_anpr.domain.vrm", "ui.app"])
@pytest.mark.parametrize("before", [None, "0"])
def test_telemetry_is_off_before_onnxruntime_can_be_imported(module: str, before: str | None) -> None:
    environment = {name: text for name, text in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    if before is not None:
        environment["ORT_DISABLE_TELEMETRY"] = before
    script = f"""
import importlib.abc, os, subprocess, sys

class Gate(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            assert os.environ["ORT_DISABLE_TELEMETRY"] == "1", "too early"

sys.meta_path.insert(0, Gate())
import {module}
import onnxruntime
inherited = [sys.executable, "-c", "import os; print(os.environ['ORT_DISABLE_TELEMETRY'])"]
print(subprocess.run(inherited, capture_output=True, text=True, check=True).stdout)
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "1"


def test_no_session_is_opened_before_the_tracing_of_windows_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(onnxruntime, "disable_telemetry_events", lambda: told.append("off"))
    monkeypatch.setattr(
        onnxruntime,
        "SessionOptions",
        lambda: told.append("options") or SimpleNamespace(add_session_config_entry=lambda *_: None),
    )
    session_options(1)
    assert told == ["off", "options"]


@pytest.mark.parametrize("folder", ["models/recipes", "installer", "assets"])
def test_whatever_imports_a_package_that_reports_imports_ours_first(folder: str) -> None:
    """Inside patrol_anpr and ui that is so by itself, and tests/conftest.py does it for the tests."""
    for file in sorted((ROOT / folder).rglob("*.py")):
        imports = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if names_of(node)]
        ours = [node for node in imports if names_of(node) == "patrol_anpr" and node.col_offset == 0]
        talkers = [node for node in imports if names_of(node) in TALKERS and node.col_offset == 0]
        lazy = [node for node in imports if names_of(node) in TALKERS and node.col_offset > 0]
        if talkers or lazy:
            assert ours, f"{file.relative_to(ROOT)} must import patrol_anpr"
        if talkers:
            assert min(node.lineno for node in ours) < min(node.lineno for node in talkers), file.relative_to(ROOT)


def test_the_tests_import_our_package_before_any_test() -> None:
    conftest = ast.parse((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    assert any(names_of(node) == "patrol_anpr" for node in conftest.body)


def names_of(node: ast.AST) -> str:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0]
    return node.names[0].name.partition(".")[0] if isinstance(node, ast.Import) else ""


@pytest.mark.skipif(not can_watch(), reason="needs strace, and leave to use it")
def test_the_watch_sees_addresses_names_and_files(tmp_path: Path) -> None:
    script = """
import os, pathlib, socket
socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))
try:
    socket.socket(type=socket.SOCK_DGRAM).connect(("192.0.2.1", 53))
except OSError:
    pass
try:
    socket.getaddrinfo("name.invalid", 80)
except OSError:
    pass
pathlib.Path("own").mkdir()
pathlib.Path("own/kept").write_text("x")
pathlib.Path("foreign").write_text("x")
os.rename("foreign", "renamed")
open("/dev/null", "w").close()
"""
    watch = Watch(tmp_path / "trace", tmp_path)
    subprocess.run(watch.command([sys.executable, "-c", script]), cwd=tmp_path, timeout=60, check=True)
    assert "192.0.2.1" in watch.addresses()
    assert "127.0.0.1" not in watch.addresses()
    assert watch.looked_up_names()
    assert watch.changed_outside(tmp_path / "own") == {str(tmp_path / name) for name in ("foreign", "renamed")}
