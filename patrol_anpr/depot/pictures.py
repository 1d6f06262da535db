"""The pictures of reads: one file each, named by the SHA-256 of its content and by nothing else."""

import re
import threading
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import insert_or_skip
from patrol_anpr.depot.jpeg import NotAPicture, check_jpeg
from patrol_anpr.depot.tables import refused_pictures
from patrol_anpr.plumbing.files import sync_folder, write_whole
from patrol_anpr.wire.payloads import sha256_of

_SHA256 = re.compile(r"[0-9a-f]{64}")


class NotAsNamed(Exception):
    """The content is not what its SHA-256 says: it was damaged on the way."""


class DepotPictures:
    """The picture files under `folder`. Any thread may call."""

    def __init__(self, folder: Path, database: DepotDatabase) -> None:
        self._folder = folder / "pictures"
        self._database = database
        self._making = threading.Lock()
        self._lasting: set[Path] = set()  # folders whose names are on the disk for good

    def path(self, sha256: str) -> Path:
        """Return where a picture is kept. Only 64 hex digits ever become part of a path."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self._folder / sha256[:2] / f"{sha256}.jpg"

    def has(self, sha256: str) -> bool:
        """Tell whether the picture is on the disk, whole."""
        return self.path(sha256).is_file()

    def keep(self, car_id: str, sha256: str, content: bytes, now: datetime) -> bool:
        """Put a picture on the disk for good; False when it was there already.

        Raises NotAsNamed, NotAPicture (remembered, so that its read is answered for), OSError.
        """
        target = self.path(sha256)
        if sha256_of(content) != sha256:
            raise NotAsNamed
        if target.is_file():
            return False
        try:
            check_jpeg(content)
        except NotAPicture as fault:
            self.refuse(car_id, sha256, str(fault), now)
            raise
        self._make(target.parent)
        write_whole(target, content)
        return True

    def _make(self, folder: Path) -> None:
        """Make a folder whose own name survives a power cut too. One that a crash left may not be there for good."""
        with self._making:
            if folder not in self._lasting:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                sync_folder(self._folder.parent)
                sync_folder(self._folder)
                self._lasting.add(folder)

    def refuse(self, car_id: str, sha256: str, reason: str, now: datetime) -> None:
        """Remember that this car's picture was refused."""
        row = {"car_id": car_id, "sha256": sha256, "reason": reason, "received_at": now}
        with self._database.writing() as connection:
            connection.execute(insert_or_skip(connection, refused_pictures).values(row))


def refused_of(connection: Connection, car_id: str) -> frozenset[str]:
    """Return the SHA-256 of every picture of a car that was refused."""
    query = select(refused_pictures.c.sha256).where(refused_pictures.c.car_id == car_id)
    return frozenset(connection.execute(query).scalars())
