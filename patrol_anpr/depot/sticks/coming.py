"""What a car put on a stick, proven to be its word.

Only files are opened that have a name of ours, in the folder of a car this depot knows; and nothing in them counts that
is not named, with its hash, in an index that the car signed.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from patrol_anpr.depot.cars import LATE, may_speak
from patrol_anpr.depot.certificates import CarCertificate, CarCertificates
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.plumbing.stick_folder import StickFolder
from patrol_anpr.wire.payloads import sha256_of
from patrol_anpr.wire.statements import is_signed
from patrol_anpr.wire.stick import (
    FOLDER,
    HEAD,
    INDEX,
    MAX_INDEX_BYTES,
    TO_DEPOT,
    BadStick,
    StickFile,
    StickHead,
    StickIndex,
    head_of,
    index_of,
    opened,
    parted,
    tag_of,
)


class NotBelieved(Exception):
    """What lies in a car's folder is not that car's word, or not one of a car that may speak. The text says why."""


def folder_of(keys: DepotKeys, drive: Path, car_id: str, which: str = TO_DEPOT) -> StickFolder:
    """A folder of a car on a stick."""
    return StickFolder(drive, FOLDER, tag_of(keys.depot_id, car_id), which)


@dataclass(frozen=True, slots=True)
class Coming:
    """What a car put on the stick: `car` is who signed the index."""

    index: StickIndex
    head: StickHead
    car: CarCertificate
    _folder: StickFolder
    _keys: DepotKeys

    @classmethod
    def of(cls, folder: StickFolder, car_id: str, keys: DepotKeys, database: DepotDatabase, now: datetime) -> "Coming":
        """Read it. Raises BadStick, NotACar, NotBelieved; and StickFault."""
        content = folder.read(INDEX, MAX_INDEX_BYTES)
        if content is None:
            raise BadStick("the stick was pulled out before its index was written")
        signature, text = parted(content)
        index = index_of(text)
        heads = index.named(HEAD)
        said = _content(folder, heads[0], keys) if len(heads) == 1 else None
        if said is None:
            raise BadStick("it has no head that is whole")
        head = head_of(said)
        car = CarCertificates(keys.authority).read(head.certificate)
        if (head.depot_id, head.car_id, car.car_id) != (keys.depot_id, car_id, car_id):
            raise NotBelieved("it is of another car, or for another depot")
        if not is_signed(car.key, text, signature):
            raise NotBelieved("it is not signed by this car")
        if not may_speak(database, car):
            raise NotBelieved("this car is no longer allowed, or has enrolled anew since")
        if now > car.ends + LATE:
            raise NotBelieved("the car's certificate ended too long ago: enrol it again")
        return cls(index, head, car, folder, keys)

    def content(self, file: StickFile) -> bytes | None:
        """Return what was sealed in a file of the index; None where it is not what the car signed. Raises BadStick."""
        return _content(self._folder, file, self._keys)


def _content(folder: StickFolder, file: StickFile, keys: DepotKeys) -> bytes | None:
    content = folder.read(file.name, file.size)
    if content is None or sha256_of(content) != file.sha256:
        return None
    return opened(content, keys.sealing)
