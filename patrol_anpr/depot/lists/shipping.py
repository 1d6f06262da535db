"""What the cars fetch of a list: built once for each revision, as a whole list or as what changed of one they have."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hotlist import Hotlist, ImportReport
from patrol_anpr.hotlists.building import build_list
from patrol_anpr.hotlists.compact import CompactFile
from patrol_anpr.hotlists.delta import TooMuchChanged, build_delta
from patrol_anpr.hotlists.importer import ListLine
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.plumbing.files import part_of

MOST_CHANGED = 20
"""Where more than one entry in so many changed since the last whole list, a new whole one is shipped."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Shipment:
    """A file to be published, beside its place: a whole list, or a delta; and what became of the list file's lines."""

    file: Path
    is_delta: bool
    report: ImportReport


@contextmanager
def shipped(
    lines: Iterable[ListLine],
    place: Path,
    head: Hotlist,
    key: ListKey,
    before: Path | None,
    progress: Progress | None = None,
) -> Iterator[Shipment]:
    """Lend what is to be published of the lines of a list, beside `place`; what is not moved away is deleted.

    `before` is the whole list that cars hold, if any: where it has this key, and little changed since, what is lent is
    a delta over it.

    Raises:
        BadInput: a car would refuse the file.
        RecordsFault: the disk.
    """
    whole, delta = part_of(place), part_of(place)
    try:
        report = build_list(lines, whole, head, key, progress)
        is_delta = before is not None and _changes(before, whole, delta, key)
        yield Shipment(delta if is_delta else whole, is_delta, report)
    finally:
        for part in (whole, delta):
            part.unlink(missing_ok=True)
            part.with_name(f"{part.name}.lock").unlink(missing_ok=True)


def _changes(before: Path, whole: Path, delta: Path, key: ListKey) -> bool:
    """Write the delta where there can be one and it is small."""
    try:
        with closing(CompactFile.open(before, key)) as old, closing(CompactFile.open(whole, key)) as new:
            build_delta(old, new, delta, most=max(1, old.count // MOST_CHANGED))
    except (TooMuchChanged, RecordsFault):  # another key, or the file of the last whole list is gone or damaged
        return False
    return True
