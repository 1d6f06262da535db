"""The program ends although a thread of it never will."""

import subprocess
import sys

CODE = """
import sys, threading
from patrol_anpr.commands import cli
from patrol_anpr.domain.errors import BadInput

def run():
    threading.Thread(target=threading.Event().wait, name="hangs").start()
    print("done")
    {end}

cli.app = run
cli.main()
"""


def ended(end: str) -> tuple[int, str, str]:
    ran = subprocess.run(
        [sys.executable, "-c", CODE.format(end=end)], capture_output=True, text=True, timeout=60, check=False
    )
    return ran.returncode, ran.stdout.strip(), ran.stderr.strip()


def test_a_thread_that_hangs_holds_up_no_exit_and_the_exit_code_stays() -> None:
    assert ended("sys.exit(3)") == (3, "done", "")
    assert ended("pass") == (0, "done", "")


def test_the_sentence_is_said_before() -> None:
    assert ended('raise BadInput("The disk is full.")') == (1, "done", "patrol-anpr: The disk is full.")
