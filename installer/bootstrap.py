"""Sets everything up from a bare clone, then runs a demo or the tests.

    python3 installer/bootstrap.py demo
    python3 installer/bootstrap.py depot-demo
    python3 installer/bootstrap.py test

The same words on Debian 12 and on Windows 11. Uses nothing but the standard library: it makes `.venv`, installs the
locked packages (every one checked against its hash) and, on Debian, the missing system packages. When it may not
install those it prints the one line to run and stops.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOCK = ROOT / "installer" / "requirements.lock"
STAMP = ENVIRONMENT / "installed.sha256"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
OLDEST_PYTHON = (3, 11)


class SetUpFailed(Exception):
    """The text says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Set up, then do what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(description="Set Patrol ANPR up, then run a demo or the tests.")
    parser.add_argument(
        "goal", choices=["setup", "demo", "depot-demo", "test"], help="what to do once everything is installed"
    )
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="passed on to the demo or to pytest")
    options = parser.parse_args(arguments)
    try:
        set_up(for_tests=options.goal == "test")
    except SetUpFailed as problem:
        print(f"\nSet-up stopped: {problem}", file=sys.stderr)
        return 1
    if options.goal == "demo":
        return run([str(BIN / "patrol-anpr"), "demo", *options.rest])
    if options.goal == "depot-demo":
        return run([str(BIN / "patrol-anpr"), "depot", "demo", *options.rest])
    if options.goal == "test":
        return run([str(BIN / "python"), "-m", "pytest", *options.rest])
    print(f"Ready. Start the program with {BIN / 'patrol-anpr'}")
    return 0


def set_up(*, for_tests: bool) -> None:
    """System packages, virtual environment, Python packages. Does only what is not done yet."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetUpFailed(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")
    say(1, "System packages")
    install_debian_packages(for_tests=for_tests)
    say(2, "Virtual environment")
    make_environment()
    say(3, "Python packages (about 600 MB the first time)")
    install_python_packages()


def say(step: int, what: str) -> None:
    """Show how far set-up is."""
    print(f"[{step}/3] {what}", flush=True)


def install_debian_packages(*, for_tests: bool) -> None:
    """Install what dpkg does not have, where this is Debian or a relative of it."""
    if not (shutil.which("dpkg-query") and shutil.which("apt-get")):
        return
    wanted = read_list("debian-packages.txt") + (read_list("debian-packages-test.txt") if for_tests else [])
    if has_pip_bundled():
        wanted.remove("python3-venv")  # a Python from elsewhere brings its own
    missing = [name for name in wanted if not installed(name)]
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if sys.platform != "win32" and os.geteuid() == 0:
        prefix: list[str] = []
    elif shutil.which("sudo") and (sys.stdin.isatty() or quiet(["sudo", "-n", "true"])):
        prefix = ["sudo"]
    else:
        raise SetUpFailed(
            "system packages are missing and may not be installed from here. Run this line as an administrator,"
            f" then start again:\n\n    apt-get update && {' '.join(install)}\n"
        )
    if run([*prefix, "apt-get", "update", "-q"]) or run([*prefix, *install]):
        raise SetUpFailed("apt-get could not install the packages; its own message stands above.")


def read_list(name: str) -> list[str]:
    """The lines of a package list, without its comments."""
    lines = (ROOT / "installer" / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def installed(package: str) -> bool:
    """Ask dpkg whether a package, or one of that name made for the 64-bit time change, is there."""
    return any(
        quiet(["dpkg-query", "-W", "-f", "${db:Status-Status}\n", name], expect="installed")
        for name in (package, f"{package}t64")
    )


def has_pip_bundled() -> bool:
    """Tell whether `python -m venv` can put pip into a new environment."""
    return quiet([sys.executable, "-c", "import ensurepip"])


def make_environment() -> None:
    """Make `.venv` unless a working one is there."""
    if quiet([str(BIN / "python"), "-m", "pip", "--version"]):
        return
    venv.EnvBuilder(with_pip=True, clear=ENVIRONMENT.exists()).create(ENVIRONMENT)


def install_python_packages() -> None:
    """Install the locked packages and the project itself, unless this very lock is installed already."""
    digest = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text(encoding="ascii") == digest:
        return
    pip = [str(BIN / "python"), "-m", "pip", "--disable-pip-version-check", "install"]
    if run([*pip, "--require-hashes", "-r", str(LOCK)]):
        raise SetUpFailed("pip could not install the locked packages; its own message stands above.")
    if run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)]):
        raise SetUpFailed("pip could not install the project itself; its own message stands above.")
    STAMP.write_text(digest, encoding="ascii")


def run(command: list[str]) -> int:
    """Run a command with its output shown."""
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def quiet(command: list[str], *, expect: str | None = None) -> bool:
    """Run a command unseen; True when it succeeded and, where `expect` says so, that word is among what it printed."""
    try:
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    except OSError:
        return False
    return done.returncode == 0 and (expect is None or expect in done.stdout.split())


if __name__ == "__main__":
    sys.exit(main())
