"""Mounts for the fault tests, and the reasons why some machines cannot have them."""

import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def why_no_fuse() -> str | None:
    """Why no FUSE file system can be mounted here; None when it can."""
    if not Path("/dev/fuse").exists() or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "there is no /dev/fuse to use"
    if shutil.which("fusermount3") is None:
        return "fuse3 is not installed"
    if importlib.util.find_spec("mfusepy") is None:
        return "mfusepy is not installed"
    return None


class Disk:
    """A mounted forgetful disk; `folder` is on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def cut(self, target: Path) -> None:
        """Cut the power: `target` gets what the disk still holds, and the disk takes nothing more."""
        target.mkdir()
        (self.folder / f".cut.{bytes(target.resolve()).hex()}").touch()

    def pour_in(self, source: Path) -> None:
        """Copy what lies in `source` onto the disk, for good."""
        shutil.copytree(source, self.folder, dirs_exist_ok=True)
        for path in (*self.folder.rglob("*"), self.folder):
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)

    def fail(self, number: int, error: int) -> None:
        """Let the change `number` from now fail with `error`, once. 0: none, but count from now."""
        (self.folder / f".fail.{number}.{error}").touch()

    def refuse(self, error: int) -> None:
        """Let every change fail with `error`; 0: none any more."""
        (self.folder / f".refuse.{error}").touch()

    def slow(self, milliseconds: int) -> None:
        """Let each fsync of a file take so long."""
        (self.folder / f".slow.{milliseconds}").touch()

    def changes(self) -> int:
        """Count the changes since `fail`."""
        with (self.folder / ".count").open("x+b", buffering=0) as stream:
            return int(os.pread(stream.fileno(), 20, 0))


@contextmanager
def forgetful_disk(mount: Path) -> Iterator[Disk]:
    """Mount a disk that keeps only what was fsynced; skips the test where that cannot be done."""
    if reason := why_no_fuse():
        pytest.skip(reason)
    mount.mkdir()
    process = subprocess.Popen([sys.executable, "-m", "tests.records.forgetful_disk", str(mount)], cwd=ROOT)
    try:
        for _ in range(1000):
            if mount.is_mount() or process.poll() is not None:
                break
            threading.Event().wait(0.01)
        if not mount.is_mount():
            pytest.skip("a FUSE file system cannot be mounted here")
        yield Disk(mount)
    finally:
        subprocess.run(["fusermount3", "-u", "-z", str(mount)], check=False)
        process.wait(20)


@contextmanager
def small_disk(mount: Path, megabytes: int, *, files: int = 0) -> Iterator[Path]:
    """Mount a disk of a few megabytes, and of so many files; skips the test where only root may do that."""
    mount.mkdir()
    if os.name != "posix" or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    room = f"size={megabytes}m" + (f",nr_inodes={files}" if files else "")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", room, "tmpfs", str(mount)], capture_output=True, check=False)
    if made.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=True)


@contextmanager
def ext4_disk(mount: Path, megabytes: int, *, files: int = 0) -> Iterator[Path]:
    """Mount a disk of a few megabytes as a laptop has one: ext4, in a file. Where that cannot be, a disk in memory.

    With `files` it holds no more of them. Skips the test where only root may mount.
    """
    image = mount.with_suffix(".img")
    if not _mounted_ext4(image, megabytes, mount, files):
        with small_disk(mount, megabytes, files=files) as disk:
            yield disk
        return
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=True)
        image.unlink()


def _mounted_ext4(image: Path, megabytes: int, mount: Path, files: int) -> bool:
    """Try to; a machine without the tools, and a container that may not, leave no folder at `mount`."""
    if shutil.which("mkfs.ext4") is None:
        return False
    with image.open("wb") as file:
        file.truncate(megabytes * 2**20)
    mount.mkdir()
    make = ["mkfs.ext4", "-q", "-F", "-m", "0", *(["-N", str(files)] if files else []), str(image)]
    for command in (make, ["mount", "-o", "loop", str(image), str(mount)]):
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            mount.rmdir()
            return False
    return True


@contextmanager
def usb_stick(mount: Path, megabytes: int) -> Iterator[Path]:
    """Mount a stick as people have them: FAT32, or exFAT where this machine's kernel has no FAT; else skip the test."""
    image = mount.with_suffix(".img")
    with image.open("wb") as file:
        file.truncate(megabytes * 2**20)
    mount.mkdir()
    loop = ""
    if _run("mkfs.vfat", "-F", "32", str(image)) and _run("mount", "-o", "loop", str(image), str(mount)):
        pass
    elif not (
        _run("mkfs.exfat", str(image)) and (loop := _loop_of(image)) and _run("mount.exfat-fuse", loop, str(mount))
    ):
        if loop:
            _run("losetup", "-d", loop)
        pytest.skip("neither FAT nor exFAT can be mounted here")
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=False)
        if loop:
            _run("losetup", "-d", loop)
        image.unlink()


def _loop_of(image: Path) -> str:
    found = subprocess.run(["losetup", "-f", "--show", str(image)], capture_output=True, text=True, check=False)
    return found.stdout.strip()


def _run(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
