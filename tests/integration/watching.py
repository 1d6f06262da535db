"""Watches what a command of ours does outside itself: every connection it asks for and every file it would change."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from ipaddress import ip_address
from pathlib import Path

_NETWORK = ("connect", "sendto", "sendmsg", "sendmmsg", "bind")
_OPENS = ("open", "openat", "openat2", "creat")
_CHANGES = (
    *("mkdir", "mkdirat", "mknod", "mknodat", "rename", "renameat", "renameat2", "link", "linkat", "symlink"),
    *("symlinkat", "unlink", "unlinkat", "rmdir", "truncate", "chmod", "fchmodat", "chown", "fchownat"),
)
_POINTS = ("symlink", "symlinkat")
"""Of these the last path is made; the first is what stands in it."""
_NAME_FILES = frozenset({"/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/gai.conf"})
"""What the C library reads when a name is looked up, and at no other time."""
_DEVICES = re.compile(r"/dev/(null|tty|snd/.*|shm/patrol-anpr-.*)")

_CALL = re.compile(r"\d+ +(\w+)\((.*)")
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
_FLAGS_THAT_WRITE = re.compile(r"\bO_(WRONLY|RDWR|CREAT|TRUNC|APPEND)\b")
_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')


@cache
def can_watch() -> bool:
    """Whether strace is here and may be used."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0


class Watch:
    """One command watched with all its children; `command` is run, then the rest tells what it did.

    What was only tried counts as done: it is the intention that is looked for.
    """

    def __init__(self, trace: Path, cwd: Path) -> None:
        self._trace = trace
        self._cwd = cwd

    def command(self, command: Sequence[str]) -> list[str]:
        """Return `command` with strace before it."""
        calls = ",".join(f"?{name}" for name in (*_NETWORK, *_OPENS, *_CHANGES))
        watched = ["strace", "-f", "-qq", "-y", "--seccomp-bpf", "-e", "signal=none", "-e", f"trace={calls}"]
        return [*watched, "-o", str(self._trace), *command]

    def addresses(self) -> set[str]:
        """Every address outside this machine that was connected to or sent to."""
        found = set()
        for name, arguments in self._calls():
            if name in _NETWORK:
                for one, other in _ADDRESS.findall(arguments):
                    if not ip_address(one or other).is_loopback:
                        found.add(one or other)
        return found

    def looked_up_names(self) -> set[str]:
        """What was read or asked to find the address of a name; empty when no name was looked up."""
        return {
            path
            for name, arguments in self._calls()
            for path in self._paths(arguments)
            if (name in _OPENS and path in _NAME_FILES) or (name in _NETWORK and "resolve" in path)
        }

    def changed_outside(self, *folders: Path) -> set[str]:
        """Every path made, written, renamed or taken away that is neither in `folders` nor a plain device."""
        changed = set()
        for name, arguments in self._calls():
            if name in _CHANGES or name == "creat" or (name in _OPENS and _FLAGS_THAT_WRITE.search(arguments)):
                paths = self._paths(arguments)
                changed.update(paths[-1:] if name in _POINTS else paths)
        return {
            path
            for path in changed
            if not _DEVICES.fullmatch(path) and not any(Path(path).is_relative_to(folder) for folder in folders)
        }

    def _calls(self) -> Iterator[tuple[str, str]]:
        with self._trace.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if call := _CALL.match(line):  # a call resumed was told at its beginning
                    yield call[1], call[2]

    def _paths(self, arguments: str) -> list[str]:
        return [str(Path(folder or self._cwd) / path) for folder, path in _PATH.findall(arguments)]
