"""The car's manifest goes up with each sync: what it runs and which lists it has, signed with its key."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from patrol_anpr.depot_link.channel import Channel, Refused
from patrol_anpr.depot_link.credentials import Credentials
from patrol_anpr.depot_link.held import HeldLists
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.wire.manifest import MOST_LISTS, CarManifest, ListInForce, ManifestReport, Running
from patrol_anpr.wire.payloads import Taken, canonical_json, sha256_of

log = logging.getLogger(__name__)

MANIFEST = "manifest"


class ManifestMaker:
    """Makes the manifest anew each time.

    `waiting` counts the records without a receipt, `in_force` says which lists are really in force. `lists_root` is the
    root metadata of the lists that this car trusts; in `lists_folder` it is noted which lists came from the depot.
    """

    def __init__(
        self,
        credentials: Credentials,
        running: Callable[[], Running],
        waiting: Callable[[], int],
        in_force: Callable[[], Sequence[Hotlist]],
        lists_root: bytes,
        lists_folder: Path,
        clock: Clock,
    ) -> None:
        self._credentials, self._clock = credentials, clock
        self._running, self._waiting, self._in_force = running, waiting, in_force
        self._lists_root, self._lists_folder = lists_root, lists_folder

    def made(self) -> ManifestReport:
        """Return it, signed."""
        text = canonical_json(self._manifest())
        return ManifestReport(manifest=text.decode("ascii"), signature=self._credentials.signature_of(text).hex())

    def _manifest(self) -> CarManifest:
        lists = [head for head in self._in_force() if not head.is_own]  # officers' own entries are not IT's concern
        held = HeldLists(self._lists_folder)
        return CarManifest(
            **dict(self._running()),
            depot_id=self._credentials.verifier.depot_id,
            car_id=self._credentials.car_id,
            at=self._clock.utc(),
            waiting=self._waiting(),
            lists_root=sha256_of(self._lists_root) if self._lists_root else None,
            lists=tuple(_in_force(head, held) for head in lists[:MOST_LISTS]),
        )


def send(channel: Channel, manifest: ManifestReport) -> None:
    """Send it, trying once. Where that fails the sync has done its work all the same, and the next one sends it."""
    try:
        with channel.once():
            channel.ask("POST", MANIFEST, Taken, body=manifest.model_dump_json().encode())
    except (DepotFault, Refused) as fault:  # an older depot has no place for it
        log.warning("the manifest of this car was not sent: %s", type(fault).__name__)


def _in_force(head: Hotlist, held: HeldLists) -> ListInForce:
    kept = held.of(head.list_id)
    sha256 = kept.sha256 if kept is not None and kept.revision == head.revision else None
    return ListInForce(list_id=head.list_id, revision=head.revision, issued_at=head.issued_at, sha256=sha256)
