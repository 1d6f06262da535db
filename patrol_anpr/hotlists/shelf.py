"""The lists on this car's disk: put in force whole, found again at the next start."""

import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import Hotlist, ImportReport
from patrol_anpr.hotlists.importer import read_entries
from patrol_anpr.hotlists.index import Index, build_index
from patrol_anpr.hotlists.matcher import Matcher

log = logging.getLogger(__name__)

SUFFIX = ".hotlist"


class Shelf:
    """The folder of list files of one car. Each revision is a file of its own, so that none is replaced while open."""

    def __init__(self, folder: Path, key: bytes, matcher: Matcher, clock: Clock) -> None:
        self._folder = folder
        self._key = key
        self._matcher = matcher
        self._clock = clock

    def load(self) -> Sequence[str]:
        """Put the newest revision of each list on the disk in force; returns a sentence for each damaged file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        opened: list[tuple[Path, Index]] = []
        problems: list[str] = []
        for path in self._files():
            try:
                opened.append((path, Index.open(path, self._key)))
            except RecordsFault as fault:
                problems.append(str(fault))
        opened.sort(key=lambda pair: pair[1].head.revision)
        newest = {index.head.list_id: (path, index) for path, index in opened}
        in_force = [index for _, index in newest.values()]
        self._matcher.swap(in_force)
        for path, index in opened:
            if index not in in_force:
                index.close()
                self._delete(path)
        return problems

    def put_in_force(self, head: Hotlist, file: Path, progress: Callable[[int], None] | None = None) -> ImportReport:
        """Index a list file and put it in force in place of the revision before it.

        Raises BadInput or RecordsFault, with the list before it still in force.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        lines = read_entries(file, head.tier, self._clock.utc().date())
        report = build_index(lines, self._path(head), head, self._key, progress)
        self.load()
        return report

    def next_revision(self, list_id: str) -> int:
        """One more than the revision in force."""
        return 1 + max((head.revision for head in self._matcher.hotlists if head.list_id == list_id), default=0)

    def _files(self) -> Sequence[Path]:
        return sorted(self._folder.glob(f"*{SUFFIX}"))

    def _path(self, head: Hotlist) -> Path:
        return self._folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', head.list_id)}.{head.revision}{SUFFIX}"

    def _delete(self, path: Path) -> None:
        """Delete an older revision; one still in use goes at a later start."""
        try:
            path.unlink()
            path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
        except OSError:
            log.info("a list file that is no longer needed could not be deleted yet")


def list_id_of(name: str) -> str:
    """Make an id for a list from its name; raises BadInput when nothing of the name is left."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not slug:
        raise BadInput("The name of a list needs a letter or a digit.")
    return slug[:40]
