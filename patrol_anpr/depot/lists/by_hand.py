"""Single entries that operators add or cancel while the cars are out: small revisions, signed as every other is.

What is added goes to a list of its own, so that no file of an owner undoes it. What is cancelled leaves the lists it is
on, until their owner publishes another file that has it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from tuf.api.metadata import Targets

from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.lists.kept import opened_list
from patrol_anpr.depot.lists.keys import ListKeys
from patrol_anpr.depot.lists.publishing import (
    NOT_BUILT,
    audit_list,
    key_and_base,
    opening_keys,
    repository_of,
)
from patrol_anpr.depot.lists.repository import Repository
from patrol_anpr.depot.lists.roles import (
    checked_head,
    heads_of,
    last_head,
    last_revision,
    put,
    role_for,
    take_back,
)
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import HOT_LIST, Tier, Voi
from patrol_anpr.domain.vrm import fold, normalise
from patrol_anpr.hotlists.building import MAX_PER_MARK, build_list
from patrol_anpr.hotlists.delta import build_changed_delta
from patrol_anpr.hotlists.importer import Entry, entry_of
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.hotlists.rows import row_of, voi_of
from patrol_anpr.hotlists.shipped import ShippedList
from patrol_anpr.plumbing.files import part_of, sha256_of_file
from patrol_anpr.wire.lists import HotlistHead, ListFile, RoleHead

NAME, OWNER = "Added by the depot", "the depot"
LONGEST = timedelta(days=30)
"""An entry made by hand ends after so long at the latest: what is to stay belongs on a list of its owner."""
MOST_ENTRIES = 2000
"""Entries made by hand (judged): every car fetches all of them at each change."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who changes a list by hand, and why."""

    name: str
    reason: str


def entry_by_hand(columns: Sequence[str], tier: Tier, end: date, today: date) -> Entry:
    """Make an entry of the first columns of a line, from the mark to the reason. Raises BadInput where it is none."""
    return entry_of([*columns, "", "", "", end.isoformat(), *[""] * 5], tier, today)


def add_by_hand(
    folder: Path,
    entry: Voi,
    by: Operator,
    *,
    keys: ListKeys | None = None,
    now: Callable[[], datetime] = utc_now,
) -> HotlistHead:
    """Put an entry on the list of those made by hand, and publish that; returns its head.

    Raises BadInput: the entry has no end within LONGEST, is not for every officer to see, or is on the list already;
    a key is not at hand.
    """
    at = now()
    if entry.tier is Tier.SILENT:
        raise BadInput("All cars have this list. Publish a covert one for its cars: `patrol-anpr depot hotlist --car`.")
    if entry.weed_date is None or not at.date() <= entry.weed_date <= (at + LONGEST).date():
        raise BadInput("An entry made by hand needs an end within {days} days.", days=LONGEST.days)
    repository = repository_of(folder, keys, now)
    with repository.turn():
        roles = repository.roles()
        last, role = last_head(roles, HOT_LIST), role_for(roles, OWNER, None)
        key, _ = key_and_base(folder, last)
        planned = _planned(1 + last_revision(roles, HOT_LIST), key, at)
        if last is None:
            head = _first(repository, planned, key, entry)
        else:
            with opened_list(repository, last, key) as before:
                head = _changed(repository, before, planned, last.files[0], _added(before, entry, at.date()))
        audit_list(folder, by.name, "entry added", HOT_LIST, by.reason)  # or nothing is published
        repository.publish({role: partial(put, role=role, head=head, audience=None)})
    return head


def cancel_by_hand(
    folder: Path,
    vrm: str,
    by: Operator,
    *,
    keys: ListKeys | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Sequence[str]:
    """Take all entries of a mark off every published list that has it; returns the names of those lists.

    A list that has no entry left is taken back. Raises BadInput: no list has it; a key is not at hand. Nothing is
    cancelled then.
    """
    repository = repository_of(folder, keys, now)
    changes: dict[str, list[Callable[[Targets], None]]] = {}
    names: list[str] = []
    with repository.turn():
        roles = repository.roles()
        for role, last in [(role, head) for role, targets in roles.items() for head in heads_of(targets)]:
            about = RoleHead.of(roles[role].unrecognized_fields)
            change = _cancelled(folder, repository, role, last, about.audience, normalise(vrm), now())
            if change is not None:
                changes.setdefault(role, []).append(change)
                names.append(last.name)
                audit_list(folder, by.name, "entry cancelled", last.list_id, by.reason)
        if not names:
            raise BadInput("No published list has this mark as it is written.")
        repository.publish({role: partial(_each, changes=wanted) for role, wanted in changes.items()})
    return names


def _cancelled(
    folder: Path,
    repository: Repository,
    role: str,
    last: HotlistHead,
    audience: tuple[str, ...] | None,
    vrm: str,
    at: datetime,
) -> Callable[[Targets], None] | None:
    """What a role has to sign so that a list has this mark no more; None where it has not."""
    key = opening_keys(folder).get(last.key_id)
    if key is None:
        raise BadInput("The key that opens {list} is not here. Publish the list again.", list=last.name)
    with opened_list(repository, last, key) as before:
        mark = key.mark(fold(vrm))
        rows = _rows(before, mark)
        kept = [row for row in rows if (voi := voi_of(row)) is not None and voi.vrm != vrm]
        if len(kept) == len(rows):
            return None
        if before.count == len(rows) - len(kept):
            return partial(take_back, list_id=last.list_id, at=at)
        in_file = last.judged_entries
        planned = last.model_copy(update={"revision": last.revision + 1, "in_file": in_file, "confirmed": False})
        head = _changed(repository, before, planned, last.files[0], {mark: kept})
    return partial(put, role=role, head=head, audience=audience)


def _each(targets: Targets, changes: Sequence[Callable[[Targets], None]]) -> None:
    for change in changes:
        change(targets)


def _planned(revision: int, key: ListKey, at: datetime) -> HotlistHead:
    """The head of a revision of the list made by hand, as far as it is known before its file is built."""
    return checked_head(
        list_id=HOT_LIST,
        name=NAME,
        owner=OWNER,
        revision=revision,
        tier=Tier.PRIORITY,
        issued_at=at,
        valid_until=at + LONGEST + timedelta(days=1),
        key_id=key.key_id,
        **NOT_BUILT,
        in_file=0,
    )


def _added(before: ShippedList, entry: Voi, today: date) -> dict[int, list[bytes]]:
    """The rows of the marks that change where an entry is added; what is past its end goes."""
    row, mark = row_of(entry), before.key.mark(fold(entry.vrm))
    if before.count >= MOST_ENTRIES:
        raise BadInput("{most} entries were made by hand already. Publish a list.", most=MOST_ENTRIES)
    changed: dict[int, list[bytes]] = {}
    for known in {known for file in before.files for known, _ in file.every_row()} | {mark}:
        rows = _rows(before, known)
        kept = [one for one in rows if (voi := voi_of(one)) and (voi.weed_date is None or voi.weed_date >= today)]
        if known == mark:
            if row in kept or len(kept) >= MAX_PER_MARK:
                raise BadInput("This entry is on the list already.")
            kept = [*kept, row]
        if kept != rows:
            changed[known] = kept
    return changed


def _rows(of: ShippedList, mark: int) -> list[bytes]:
    rows = of.rows(mark)
    found = [row for row in rows if row is not None]
    if len(found) < len(rows):
        raise RecordsFault("The file of a list is damaged. Publish the list again.")
    return found


def _first(repository: Repository, planned: HotlistHead, key: ListKey, entry: Voi) -> HotlistHead:
    part = part_of(repository.target("new"))
    build_list([Entry(1, entry)], part, planned.hotlist(), key)
    return _taken_in(repository, part, planned)


def _changed(
    repository: Repository,
    before: ShippedList,
    planned: HotlistHead,
    base: ListFile,
    rows: Mapping[int, Sequence[bytes]],
) -> HotlistHead:
    """Build a delta and have it lie with the files of the lists; returns its head, still to be signed."""
    part = part_of(repository.target("new"))
    entries = before.count + sum(len(kept) - len(before.rows(mark)) for mark, kept in rows.items())
    build_changed_delta(before, rows, part, planned.hotlist(), entries)
    return _taken_in(repository, part, planned.model_copy(update={"entries": entries, "form": "delta", "base": base}))


def _taken_in(repository: Repository, part: Path, planned: HotlistHead) -> HotlistHead:
    built = {"sha256": sha256_of_file(part), "bytes": part.stat().st_size}
    head = planned.model_copy(update=built)
    repository.add_target(head.sha256, part)
    part.with_name(f"{part.name}.lock").unlink(missing_ok=True)
    return head
