"""What whoever takes this laptop opens of its lists, found by trying with the key to their folder."""

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hotlist import Hotlist, Tier
from patrol_anpr.hotlists.compact import CompactFile, key_id_of
from patrol_anpr.hotlists.key_ring import KeyRing
from patrol_anpr.hotlists.shelf_files import list_files


@dataclass(frozen=True, slots=True)
class ListsExposure:
    """How many lists open with all their entries, and how many of them are urgent (tier 1) or silent."""

    opened: int
    urgent: int
    silent: int


def lists_exposure(folder: Path, key: bytes) -> ListsExposure:
    """Try the files in `folder` with its key (32 bytes). Changes nothing; a patrol may be under way.

    Raises RecordsFault where the folder cannot be read.
    """
    tiers = {head.list_id: head.tier for head in _opened(folder, KeyRing(folder, key))}
    of_tier = list(tiers.values()).count
    return ListsExposure(len(tiers), of_tier(Tier.IMMEDIATE), of_tier(Tier.SILENT))


def _opened(folder: Path, keys: KeyRing) -> Iterator[Hotlist]:
    for path in list_files(folder):
        with suppress(RecordsFault):
            key = keys.get(key_id_of(path))
            if key is not None and key.secret is not None:
                with closing(CompactFile.open(path, key)) as file:
                    yield file.head.hotlist
