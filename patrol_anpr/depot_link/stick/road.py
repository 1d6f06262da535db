"""A USB stick as the road to the depot: satisfies ports.StickRoad."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from patrol_anpr.depot_link.credentials import Credentials
from patrol_anpr.depot_link.download import ListDownload, ListShelf
from patrol_anpr.depot_link.held import HeldLists
from patrol_anpr.depot_link.manifest import ManifestMaker
from patrol_anpr.depot_link.progress import reported
from patrol_anpr.depot_link.set_up import KeepsSetUp
from patrol_anpr.depot_link.stick.exporting import StickExport
from patrol_anpr.depot_link.stick.importing import AnswerKeys, StickImport
from patrol_anpr.depot_link.stick.lists import OffAStick
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.domain.sentences import marked, sentence
from patrol_anpr.domain.shift import Officer
from patrol_anpr.domain.stick import PutOnStick, Stick, TakenFromStick
from patrol_anpr.plumbing.drives import plugged_in
from patrol_anpr.wire.closed import ClosedOutbox
from patrol_anpr.wire.manifest import Running
from patrol_anpr.wire.outbox import Outbox
from patrol_anpr.wire.payloads import HeldReport

log = logging.getLogger(__name__)

Progress = Callable[[SyncProgress], None]

TO_STICK, FROM_STICK, LISTS_OF_STICK = marked("Records to the stick"), marked("Receipts"), marked("Lists off the stick")
WRITTEN = marked("The stick was written at the depot on {time}. For newer lists have it written there again.")


class StickRoad:
    """What a car puts on a stick and takes off one. Calls block, one at a time; `stop` from any thread.

    Args:
        credentials: who this car is to the depot, and whom it believes.
        seal_to: the depot's public key (32 bytes); what is put on a stick only the depot opens.
        keys: what the depot seals its answers to.
        outbox: what waits to be sent.
        closed: records that only the depot opens; None: this car has none.
        lists_folder: where lists lie while they are copied, and what is held is noted.
        shelf: where the lists go.
        lists_root: whose signatures count for lists.
        keep_roster: replaces the roster.
        keep_dispositions: replaces the table of what may be done about a hit.
        clock: the clock by which it is judged how old a stick is.
        in_force: the lists really in force.
        running: what runs in this car, for the manifest that goes along; None: none does.
    """

    def __init__(
        self,
        credentials: Credentials,
        seal_to: bytes,
        keys: AnswerKeys,
        outbox: Outbox,
        lists_folder: Path,
        shelf: ListShelf,
        clock: Clock,
        *,
        lists_root: bytes,
        keep_roster: Callable[[Sequence[Officer]], None],
        keep_dispositions: Callable[[Sequence[Disposition]], object],
        in_force: Callable[[], Sequence[Hotlist]],
        closed: ClosedOutbox | None = None,
        running: Callable[[], Running] | None = None,
    ) -> None:
        self._credentials, self._seal_to, self._keys = credentials, seal_to, keys
        self._outbox, self._closed = outbox, closed
        self._lists_folder, self._shelf, self._clock = lists_folder, shelf, clock
        self._lists_root, self._in_force = lists_root, in_force
        self._keep = keep_roster, keep_dispositions
        self._manifest: ManifestMaker | None = None
        if running is not None:
            self._manifest = ManifestMaker(
                credentials, running, outbox.waiting, in_force, lists_root, lists_folder, clock
            )
        self._accepted: set[tuple[str, int]] = set()  # list ids and revisions
        self._stopped = threading.Event()

    def sticks(self) -> Sequence[Stick]:
        """Return the sticks and cards that are plugged in."""
        return [Stick(one.folder, one.writable, one.free) for one in plugged_in()]

    def put(self, drive: Path, progress: Progress) -> PutOnStick:
        """Put what the depot does not hold on a stick. Nothing leaves the car.

        Raises StickFault where nothing could be put on it, RecordsFault; told as `problem` of the last progress, too.
        """
        with reported(TO_STICK, progress, self._clock) as report:
            export = StickExport(
                drive,
                self._credentials,
                self._seal_to,
                self._keys.to_seal(),
                self._outbox,
                self._closed,
                report,
                self._stopped.is_set,
            )
            manifest = None if self._manifest is None else self._manifest.made()
            return export.run(self._clock.utc(), manifest, HeldReport(lists=HeldLists(self._lists_folder).lists))

    def take(self, drive: Path, progress: Progress) -> TakenFromStick:
        """Take receipts, roster and lists off a stick that was at the depot.

        Raises StickFault where it holds nothing for this car, or nothing that may be believed.
        """
        with reported(FROM_STICK, progress, self._clock) as report:
            coming = StickImport(drive, self._credentials, self._keys, self._outbox, self._closed, report)
            answer, keys = coming.answer()
            settled, shifts = coming.receipts(answer)
            coming.certificate(answer)
        with reported(LISTS_OF_STICK, progress, self._clock) as report:
            self._make_folder()
            carried = {one.name: one.content for one in answer.metadata}
            source = OffAStick(coming.folder, answer.at, self._clock.utc(), carried, keys)
            if answer.set_up is not None and source.is_fresh:
                keeps = KeepsSetUp(self._credentials.verifier, self._lists_folder, report, *self._keep)
                keeps.take_carried(answer.set_up, coming.nonce(answer))
            ListDownload(
                source,
                self._lists_folder,
                report,
                lists_root=self._lists_root,
                shelf=self._shelf,
                in_force=self._in_force(),
                accepted=self._accepted,
            ).get()
            if report.problems:
                report.news(sentence(WRITTEN, time=f"{answer.at.astimezone():%d.%m. %H:%M}"))
        waiting, proven_at = self._outbox.waiting(), coming.proven_at(answer)
        return TakenFromStick(settled, shifts, waiting, not report.problems, proven_at)

    def accept_list(self, list_id: str, revision: int) -> None:
        """Have the next stick put this revision in force although it shrank or grew as a mistake would."""
        self._accepted.add((list_id, revision))

    def stop(self) -> None:
        """End what is being put on a stick after the file under way; no further call succeeds."""
        self._stopped.set()

    def _make_folder(self) -> None:
        try:
            self._lists_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise RecordsFault("The folder for the lists cannot be made. Check the disk and its rights.") from error
