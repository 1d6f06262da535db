"""Fault 16: a program that leaks files or threads says so before it can open nothing any more."""

import json
import subprocess
import sys

import pytest

from patrol_anpr.domain.health import LampState
from patrol_anpr.vehicle.leaks import MOST_THREADS, WELL, LeakWatch, Use, open_files, threads
from tests.records.mounted import ROOT


@pytest.mark.parametrize(("files", "of_threads", "what"), [(80, 1, "open files"), (1, 160, "threads")])
def test_what_runs_out_is_red_and_good_again_when_it_is_back(files: int, of_threads: int, what: str) -> None:
    used = [0, 0]
    watch = LeakWatch(lambda: Use(used[0], 100), lambda: Use(used[1], MOST_THREADS))
    assert watch() is None
    used[:] = files, of_threads
    lamp = watch()
    assert lamp is not None
    assert lamp.state is LampState.BAD
    assert f"80 % of the {what}" in lamp.advice
    used[:] = 0, 0
    assert watch() == WELL


def test_this_process_is_far_from_its_limits() -> None:
    assert 0 < open_files().used < open_files().most
    assert 0 < threads().used < MOST_THREADS


LEAKING = """
import json, resource
from pathlib import Path
from patrol_anpr.vehicle.leaks import LeakWatch
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
watch, held, said = LeakWatch(), [], None
while said is None:
    held.append(Path("/dev/null").open())
    said = watch()
print(json.dumps([len(held), said.word]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of files as Linux has it")
def test_a_program_with_64_files_is_told_before_it_has_none_left() -> None:
    ran = subprocess.run([sys.executable, "-c", LEAKING], cwd=ROOT, capture_output=True, text=True, check=True)
    held, word = json.loads(ran.stdout)
    assert 40 < held < 60
    assert word == "Program runs out"
