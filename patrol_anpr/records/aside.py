"""Setting a database aside: nothing of it is deleted, and whatever breaks it off, it goes on from there.

A file beside the database says how far that has come: first that the old one is being moved, then that it was moved and
the new one does not hold yet what can be brought over. Without it a crash or a full disk in between would leave a new,
empty database that looks whole.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from patrol_anpr.plumbing.files import sync_folder, write_whole
from patrol_anpr.records.witness import FILE_NAME as WITNESS

ASIDE = "damaged"
"""Folder of what was set aside, for whatever reason."""


class Wrong(StrEnum):
    """Why a database was set aside. Each ends the sentence "The records were ..."."""

    MISSING = "gone"
    EMPTY = "empty"
    DAMAGED = "damaged"
    BEHIND = "without their newest part"


@dataclass(frozen=True, slots=True)
class SetAside:
    """A database that was set aside: `folder` is where it lies now, `salvaged` counts the rows brought over."""

    folder: Path
    salvaged: int
    why: Wrong


class SettingAside:
    """The way of the database `file` into a folder of its own. For one thread; all raise OSError."""

    def __init__(self, file: Path) -> None:
        self._folder = file.parent
        self._of_database = tuple(file.with_name(file.name + ending) for ending in ("-wal", "-shm", ""))
        self._moving, self._moved = self._folder / "records.moving", self._folder / "records.moved"

    @property
    def under_way(self) -> bool:
        """Tell whether one was begun and has not ended."""
        return self._moving.exists() or self._moved.exists()

    @property
    def moved(self) -> bool:
        """Tell whether what stands in the old one's place is a new one, half-made."""
        return self._moved.exists()

    def begin(self, now: datetime, why: Wrong) -> None:
        """Say in a file what is to be done, before anything is."""
        aside = aside_folder(self._folder, now)
        try:
            write_whole(self._moving, f"{aside.name}\n{why}".encode("ascii"))
        except OSError:
            aside.rmdir()  # a full disk is tried again and again
            raise

    def move(self) -> tuple[Path, Wrong]:
        """Move what is not moved yet and delete a half-made new database; return where the old one lies, and why."""
        if self._moving.exists():
            aside, _ = self._said(self._moving)
            for file in (*self._of_database, self._folder / WITNESS):
                with suppress(FileNotFoundError):
                    file.rename(aside / file.name)
            sync_folder(aside)
            self._moving.replace(self._moved)
            sync_folder(self._folder)
        for file in self._of_database:
            file.unlink(missing_ok=True)
        return self._said(self._moved)

    def end(self) -> None:
        """Take word that the new database holds all that could be brought over, or is in use."""
        self._moved.unlink(missing_ok=True)

    def _said(self, file: Path) -> tuple[Path, Wrong]:
        name, _, why = file.read_text("ascii").partition("\n")
        aside = self._folder / ASIDE / name
        aside.mkdir(parents=True, exist_ok=True)  # a person may have taken it away
        return aside, Wrong(why)


def aside_folder(folder: Path, now: datetime) -> Path:
    """Make a folder of its own for what is set aside now."""
    kept = folder / ASIDE
    kept.mkdir(exist_ok=True)
    number = len(list(kept.iterdir())) + 1  # the clock may say the same twice
    aside = kept / f"{number:03}-{now:%Y%m%dT%H%M%S}"
    aside.mkdir()
    return aside
