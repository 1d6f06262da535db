"""The car's side of the wire: satisfies ports.DepotLink."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from patrol_anpr.depot_link.channel import NOT_THE_DEPOT, Channel, Patience, Refused, TooLong
from patrol_anpr.depot_link.closed import ClosedUpload
from patrol_anpr.depot_link.credentials import Credentials
from patrol_anpr.depot_link.download import ListDownload, ListShelf
from patrol_anpr.depot_link.list_source import OverTheLine
from patrol_anpr.depot_link.manifest import ManifestMaker, send
from patrol_anpr.depot_link.models import ModelFetch, ModelPlace
from patrol_anpr.depot_link.progress import ProgressReport, reported
from patrol_anpr.depot_link.sending import PieceSize
from patrol_anpr.depot_link.set_up import KeepsSetUp, SetUp
from patrol_anpr.depot_link.signed import LIMITS, TIMESTAMP
from patrol_anpr.depot_link.upload import Upload
from patrol_anpr.depot_link.witness import Witness
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import DepotFault, RecordsFault
from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.domain.sentences import marked
from patrol_anpr.domain.shift import Officer
from patrol_anpr.wire.closed import ClosedOutbox
from patrol_anpr.wire.manifest import Running
from patrol_anpr.wire.outbox import Outbox

log = logging.getLogger(__name__)

Progress = Callable[[SyncProgress], None]

QUIET_BATCH = 20
"""Records that are sent in one go while nobody waits: whoever comes then waits no longer than for these."""
MOST_ON_PATROL = 4 * 2**20
"""Bytes of one list that are fetched while the car is out (judged): some seconds of a mobile network."""
WHOLE_LOOK_SECONDS = 3600.0
"""After so long what was signed is checked, changed or not: whoever repeats an old answer is found out by its end."""


class Link:
    """One car's link to its depot. `download` and `upload` block and are called from one thread; `stop` from any.

    Args:
        base_url: https://host:port of the depot; plain http only to this machine, or with `allow_plain`.
        credentials: who this car is to the depot, and whom it believes; receipts for another car are ignored.
        outbox: what waits to be sent.
        lists_folder: where lists lie while they arrive, and what is held is noted. Made where there is none.
        shelf: where the lists go.
        keep_roster: replaces the roster.
        lists_root: whose signatures count: the root metadata that enrolment gave this car. Without it no list is taken.
        clock: the clock.
        in_force: the lists really in force; one that is not what was last fetched is fetched again.
        ca_file: PEM file of who may vouch for the depot in the place of whom the car trusts; "": nobody else.
        allow_plain: send everything unprotected to another machine. For a test bench.
        patience: tries and timeouts.
        pause: waits between tries (seconds); by default one that `stop` ends.
        batch: records to a request.
        closed: records that only the depot opens; None: this car has none.
        models: where the models go that the depot signed; None: none are fetched.
        running: what runs in this car, asked at each sync, for the manifest that goes up; None: none goes up.
        on_depot_time: told the depot's clock with each of its answers, before anything is done with the answer.

    Raises BadInput for an address that cannot be used, RecordsFault when the folder cannot be made.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        outbox: Outbox,
        lists_folder: Path,
        shelf: ListShelf,
        keep_roster: Callable[[Sequence[Officer]], None],
        clock: Clock,
        *,
        lists_root: bytes = b"",
        in_force: Callable[[], Sequence[Hotlist]] | None = None,
        ca_file: str = "",
        allow_plain: bool = False,
        patience: Patience | None = None,
        pause: Callable[[float], None] | None = None,
        batch: int = 100,
        on_depot_time: Callable[[datetime], None] = lambda _: None,
        keep_dispositions: Callable[[Sequence[Disposition]], object] = lambda _: None,
        closed: ClosedOutbox | None = None,
        running: Callable[[], Running] | None = None,
        models: ModelPlace | None = None,
    ) -> None:
        self._channel = Channel(
            base_url,
            credentials,
            clock,
            ca_file=ca_file,
            allow_plain=allow_plain,
            patience=patience or Patience(),
            pause=pause,
            on_depot_time=on_depot_time,
        )
        try:
            lists_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise RecordsFault("The folder for the lists cannot be made. Check the disk and its rights.") from error
        self._verifier, self._car_id = credentials.verifier, credentials.car_id
        self._witness = Witness(self._channel, credentials, lists_folder)
        self._outbox, self._closed = outbox, closed
        self._lists_folder = lists_folder
        self._shelf = shelf
        self._keep_roster, self._keep_dispositions = keep_roster, keep_dispositions
        self._models = models
        self._clock = clock
        self._lists_root = lists_root
        self._in_force = in_force
        self._accepted: set[tuple[str, int]] = set()  # list ids and revisions
        self._batch = batch
        self._piece_size = PieceSize()  # outlives an upload: so does the line
        self._manifest: ManifestMaker | None = None
        if running is not None:
            known = in_force or (lambda: ())
            self._manifest = ManifestMaker(credentials, running, outbox.waiting, known, lists_root, lists_folder, clock)
        self._looked_at, self._look_whole_at, self._not_taken = b"", 0.0, ""
        self._asked = False  # whether the last upload found out what a depot that was restored still holds

    def download(self, progress: Progress) -> bool:
        """Fetch the roster and every list that changed, put the lists in force; True when all are up to date.

        False: something was not taken, what the car had before stays, and `problem` of the last progress says why.
        Raises DepotFault (told as `problem`, too) when the depot cannot be reached, proven, or will not have this car,
        and for whatever else breaks it off.
        """
        with reported(marked("Lists"), progress, self._clock) as report:
            self._channel.renew_in_time()
            keep = self._keep_roster, self._keep_dispositions
            SetUp(self._channel, KeepsSetUp(self._verifier, self._lists_folder, report, *keep), report).get()
            self._lists(report).get()
            self._send_manifest()
            self._witness.look(report)
        return not report.problems

    def look_for_lists(self) -> str:
        """Put lists in force that changed since the last look and are quick to fetch; return what went wrong, or "".

        Nobody waits for it, and each request is tried once. Where the depot published nothing since, that costs one
        small request. Raises DepotFault as `download` does.
        """
        with reported("Lists", lambda _: None, self._clock) as report, self._channel.once():
            self._channel.renew_in_time()
            published, now = self._published(), self._clock.monotonic()
            if published == self._looked_at and now < self._look_whole_at:
                return self._not_taken
            self._lists(report).get(MOST_ON_PATROL)
            self._looked_at, self._not_taken = published, report.problems
            self._look_whole_at = now + WHOLE_LOOK_SECONDS
        return self._not_taken

    def _published(self) -> bytes:
        """What the depot published last. It is believed only in that there may be something to look at."""
        try:
            return self._channel.patiently(lambda: self._channel.read_once(TIMESTAMP, LIMITS.timestamp_max_length))
        except (Refused, TooLong):
            raise DepotFault(NOT_THE_DEPOT) from None

    def _lists(self, report: ProgressReport) -> ListDownload:
        return ListDownload(
            OverTheLine(self._channel),
            self._lists_folder,
            report,
            lists_root=self._lists_root,
            shelf=self._shelf,
            accepted=self._accepted,
            in_force=None if self._in_force is None else self._in_force(),
        )

    def upload(self, progress: Progress) -> int:
        """Send what the depot does not hold yet; return how many records still wait (0: safe to switch off).

        What the depot refused for good is parked by the outbox and told as `problem` of the last progress. Raises
        DepotFault as `download` does; what has its receipt by then is settled, the rest goes next time.
        """
        with reported(marked("Records"), progress, self._clock) as report:
            self._channel.renew_in_time()
            report.expect(self._outbox.waiting(), self._outbox.waiting_bytes())
            self._send(report, self._batch, lambda: False)
            self._send_manifest()
        return self._outbox.waiting()

    def upload_quietly(self, give_way: Callable[[], bool]) -> int:
        """Send like `upload`, with nobody to tell it to; return how many records still wait.

        Each request is tried once, and the upload ends between two small batches once `give_way` says so. Raises
        DepotFault as `upload` does.
        """
        with reported("Records", lambda _: None, self._clock) as report, self._channel.once():
            self._channel.renew_in_time()
            self._send(report, QUIET_BATCH, give_way)
            if not give_way():
                self._send_manifest()
        return self._outbox.waiting()

    def fetch_models(self, give_way: Callable[[], bool]) -> bool:
        """Fetch the newest models that are for this car, with nobody to tell; the place of the models is told.

        Called after a download or an upload, whose answers say what time it is. Each request is tried once. Returns
        False when it ended because `give_way` said so: the next call goes on from there. Raises DepotFault as
        `download` does.
        """
        if self._models is None:
            return True
        with reported("Models", lambda _: None, self._clock), self._channel.once():
            fetch = ModelFetch(
                OverTheLine(self._channel), self._car_id, self._lists_folder, self._lists_root, self._models, give_way
            )
            return fetch.run()

    def _send(self, report: ProgressReport, batch: int, give_way: Callable[[], bool]) -> None:
        self._asked = False
        upload = Upload(self._channel, self._verifier, self._outbox, report, batch, self._piece_size)
        try:
            upload.run(give_way)
        finally:
            self._asked = upload.epoch is not None
            if self._closed is not None and upload.epoch is not None:
                self._closed.learn(upload.epoch)
        if self._closed is not None and upload.epoch is not None:
            ClosedUpload(self._channel, self._verifier, self._closed, report).run(upload.epoch, give_way)

    def _send_manifest(self) -> None:
        if self._manifest is not None:
            send(self._channel, self._manifest.made())

    @property
    def proven_time(self) -> datetime | None:
        """The depot's clock, to the second, as of the last upload; None where that did not ask what the depot holds.

        What it held may be erased by this clock only: it may have been restored since an earlier one.
        """
        return self._channel.depot_time if self._asked else None

    def accept_list(self, list_id: str, revision: int) -> None:
        """Have the next download put this revision in force although it shrank or grew as a mistake would."""
        self._accepted.add((list_id, revision))

    def stop(self) -> None:
        """End what is under way, at once, with a DepotFault; no further call succeeds."""
        self._channel.stop()

    def close(self) -> None:
        """Close the connections; call when nothing is under way."""
        self._channel.close()
