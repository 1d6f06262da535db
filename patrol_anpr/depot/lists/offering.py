"""What one car is offered of the lists: by its questions over the line, or all at once on a stick."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.lists.publishing import opening_keys, published, repository_of
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.wire.lists import HotlistHead, ListKeysAsk, ListKeysReply, SealedListKey
from patrol_anpr.wire.stick import MetadataFile


@dataclass(frozen=True, slots=True)
class Offered:
    """All that is offered to one car at one moment: what was signed, the heads of its lists, their files by SHA-256."""

    metadata: tuple[MetadataFile, ...]
    heads: tuple[HotlistHead, ...]
    files: dict[str, Path]


def keys_for(folder: Path, car_id: str, ask: ListKeysAsk, now: Callable[[], datetime] = utc_now) -> ListKeysReply:
    """The keys of the lists that are for a car, sealed to the key in its question."""
    opening = opening_keys(folder)
    found = published(repository_of(folder, now=now))
    mine = [key for head, about in found if about.is_for(car_id) and (key := opening.get(head.key_id))]
    return ListKeysReply(
        keys=tuple(SealedListKey.of(key.key_id, key.secret, ask) for key in mine if key.secret is not None)
    )


def offered_to(folder: Path, car_id: str, now: Callable[[], datetime] = utc_now) -> Offered:
    """Return all that is offered to a car, as of one moment. Raises RecordsFault."""
    repository = repository_of(folder, now=now)
    repository.keep_fresh()
    with repository.turn():
        roles = [role for role in repository.roles() if repository.is_for(role, car_id)]
        heads = tuple(head for head, about in published(repository) if about.is_for(car_id))
        metadata = tuple(_carried(name, repository.metadata(name)) for name in repository.names(roles))
        files = {file.sha256: repository.target(file.sha256) for head in heads for file in head.files}
    return Offered(metadata, heads, files)


def _carried(name: str, content: bytes | None) -> MetadataFile:
    if content is None:
        raise RecordsFault("The signed lists of this depot are not whole. Restore the depot's folder from a back-up.")
    return MetadataFile(name=name, content=b64encode(content))


def names_of(heads: Sequence[HotlistHead]) -> str:
    """Which lists these are, for the audit: ids and revisions."""
    return ", ".join(f"{head.list_id} {head.revision}" for head in heads)
