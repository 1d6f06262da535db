"""Fetching the models that the depot signed for this car: in the background, and no byte more than was signed."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from patrol_anpr.depot_link.held import HeldLists
from patrol_anpr.depot_link.list_source import ListSource
from patrol_anpr.depot_link.signed import FOLDER, NotTrusted, OfferedModels, SignedLists
from patrol_anpr.domain.errors import KnownError, RecordsFault
from patrol_anpr.domain.sentences import marked
from patrol_anpr.plumbing.files import PART
from patrol_anpr.wire.models import ModelFile, ModelSet

log = logging.getLogger(__name__)

SPARE_BYTES = 512 * 2**20
"""Disk space that models leave free: records come first."""
DAMAGED = marked("They did not arrive as they were signed. The next sync tries again; if it fails once more, tell IT.")
OLDER = marked("The depot offers older models than it did before. Tell IT.")
OTHERS = marked("The depot offers other models under the same revision. Tell IT.")
NO_ROOM = marked("There is not enough free space on this computer for them.")


class ModelPlace(Protocol):
    """Where the car keeps the models that the depot signed."""

    @property
    def arriving(self) -> Path:
        """The folder in which they lie while they arrive. Raises RecordsFault."""
        ...

    @property
    def newest(self) -> ModelSet | None:
        """The newest set that is here, be it that it was refused."""
        ...

    def has(self, sha256: str) -> bool:
        """Whether a file with this content is here."""
        ...

    def take(self, models: ModelSet, role: str) -> None:
        """Keep a set that `role` signed, from the files in `arriving`, named by their hashes, and those that are here.

        Raises KnownError, with what was here still here.
        """
        ...

    def withdraw(self, role: str, revision: int) -> None:
        """Read no more, from the next start on, with a set of this role up to this revision. Raises RecordsFault."""
        ...

    def told(self, problem: str) -> None:
        """Hear why models could not be taken, "" where nothing was wrong."""
        ...


class _GivenWay(Exception):
    """Somebody waits for the depot."""


class ModelFetch:
    """One fetch. Lives for one call of Link.fetch_models."""

    def __init__(
        self,
        source: ListSource,
        car_id: str,
        lists_folder: Path,
        root: bytes,
        place: ModelPlace,
        give_way: Callable[[], bool],
    ) -> None:
        self._source, self._car_id, self._lists_folder, self._root = source, car_id, lists_folder, root
        self._place, self._give_way = place, give_way

    def run(self) -> bool:
        """Fetch the newest set that is not here yet; False when it gave way to somebody. Raises DepotFault."""
        try:
            problem = self._run()
        except _GivenWay:
            return False
        except (NotTrusted, RecordsFault) as fault:
            problem = fault.sentence
        if problem:
            log.warning("models of the depot were not taken")
        self._place.told(problem)
        return True

    def _run(self) -> str:
        held = HeldLists(self._lists_folder)
        now = self._source.time(held.seen_at)
        offer = SignedLists(self._source.metadata, self._lists_folder / FOLDER, self._root, now).models()
        held.seen(self._source.proven or now)
        for role, head in offer.withdrawn.items():
            self._place.withdraw(role, head.revision)
        mine = [one for one in offer.sets if one.models.head.is_for(self._car_id)]  # a depot may show too much
        newest = max(mine, key=lambda one: one.models.head.revision, default=None)
        here = self._place.newest
        problem = next(iter(offer.faults.values()), "")
        if newest is None or newest.models == here:
            self._drop_leftovers(())
            return problem
        if here is not None and newest.models.head.revision <= here.head.revision:
            return problem or (OLDER if newest.models.head.revision < here.head.revision else OTHERS)
        return self._take(newest) or problem

    def _take(self, offered: OfferedModels) -> str:
        """Return what went wrong, or ""."""
        files = offered.models.files
        self._drop_leftovers(files)
        wanted = [one for one in files if not self._place.has(one.sha256)]
        if shutil.disk_usage(self._place.arriving).free < sum(one.size for one in files) + SPARE_BYTES:
            return NO_ROOM
        for one in wanted:
            part = self._source.fetch(offered.file(one), self._place.arriving, self._look_up)
            if part is None:
                return DAMAGED
            self._look_up(0)
        try:
            self._place.take(offered.models, offered.role)
        except KnownError as error:
            return error.sentence
        return ""

    def _look_up(self, _arrived: int) -> None:
        if self._give_way():
            raise _GivenWay

    def _drop_leftovers(self, wanted: tuple[ModelFile, ...]) -> None:
        """Delete what no transfer goes on from."""
        names = {f"{one.sha256}{PART}" for one in wanted}
        for left in self._place.arriving.glob(f"*{PART}"):
            if left.name not in names:
                left.unlink(missing_ok=True)
