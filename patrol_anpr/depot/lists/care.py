"""What an operator should know of the signed lists: files that are gone or changed, keys anybody may use, ends near."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from patrol_anpr.depot.lists.keys import KeyPlace
from patrol_anpr.depot.lists.models import published_models
from patrol_anpr.depot.lists.publishing import published
from patrol_anpr.depot.lists.repository import ONLINE, Repository

SOON = timedelta(days=30)
UNPROTECTED = (
    "Whoever can read this depot's folder can sign lists as {roles}. For real use put these keys behind a passphrase "
    "(`patrol-anpr depot lists protect ROLE`), or move their files to a stick and give its folder with --keys."
)


def unprotected_roles(repository: Repository) -> list[str]:
    """The roles of people whose keys lie here without a passphrase."""
    return [
        state.role for state in repository.states() if state.role not in ONLINE and KeyPlace.OPEN in state.keys.values()
    ]


def wrong_lists(repository: Repository) -> Iterator[str]:
    """Say of each published list, and each set of models, what is wrong with its files."""
    for head, _ in published(repository):
        if not all(_is_whole(repository, file.sha256) for file in head.files):
            yield f"A file of {head.name}, revision {head.revision}, is gone or changed. Publish it again."
    for one in published_models(repository):
        if not all(_is_whole(repository, file.sha256) for file in one.files):
            named = f"{one.head.name}, revision {one.head.revision}"
            yield f"A file of the models {named}, is gone or changed. Publish it again."


def _is_whole(repository: Repository, sha256: str) -> bool:
    try:
        with repository.target(sha256).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    except OSError:
        return False


def ends_soon(repository: Repository, now: datetime) -> Iterator[str]:
    """Say of each role whose signature ends soon that its key is needed. Those at hand sign anew by themselves."""
    for state in repository.states():
        if state.expires - now < SOON and state.role not in ONLINE:
            yield f"What {state.role} signed ends on {state.expires:%Y-%m-%d}, then cars refuse it. Bring its key."
