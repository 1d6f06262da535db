"""The car as a witness of the depot's audit trail: what it saw last must still be there, or the trail was changed."""

import logging
from pathlib import Path

from pydantic import ValidationError

from patrol_anpr.depot_link.channel import Channel, Refused
from patrol_anpr.depot_link.credentials import Credentials
from patrol_anpr.depot_link.progress import ProgressReport
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.plumbing.files import write_whole
from patrol_anpr.wire.payloads import Taken
from patrol_anpr.wire.witness import AuditHeadReply, SeenHead, WitnessReport

log = logging.getLogger(__name__)

FILE = "depot_audit.json"
CHANGED = "The depot's audit trail no longer holds what this car saw in it. Nothing of this car is lost. Tell IT."


class Witness:
    """Compares, signs and remembers, once a sync."""

    def __init__(self, channel: Channel, credentials: Credentials, folder: Path) -> None:
        self._channel, self._credentials = channel, credentials
        self._file = folder / FILE

    def look(self, report: ProgressReport) -> None:
        """Look at the newest row and sign it; a trail that was changed is told, and not signed.

        The lists are here by then: a depot that does not answer to this is asked at the next sync.
        """
        try:
            with self._channel.once():
                self._look(report)
        except (Refused, DepotFault) as fault:
            log.info("the depot's audit trail was not looked at: %s", type(fault).__name__)

    def _look(self, report: ProgressReport) -> None:
        seen = self._seen()
        reply, _ = self._channel.ask("GET", f"audit/head?since={seen.seq if seen else 0}", AuditHeadReply)
        if reply is None or not reply.seq:
            return
        if seen is not None and not _holds(reply, seen):
            log.error("the depot's audit trail was changed")
            report.problem(CHANGED)
            return
        head = SeenHead(depot_id=reply.depot_id, epoch=reply.epoch, seq=reply.seq, hash=reply.hash)
        said = WitnessReport(head=head, signature=self._credentials.signature_of(head.signed()).hex())
        self._channel.ask("POST", "audit/witness", Taken, body=said.model_dump_json().encode())
        try:
            write_whole(self._file, head.model_dump_json().encode())
        except OSError as refusal:
            log.warning("what was seen of the depot's trail cannot be kept: %s", refusal.strerror)

    def _seen(self) -> SeenHead | None:
        try:
            return SeenHead.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError):
            log.warning("what was seen of the depot's trail cannot be read; it is looked at anew")
            return None


def _holds(reply: AuditHeadReply, seen: SeenHead) -> bool:
    """Tell whether the trail still has the row that was seen. Another depot, or one restored, has another trail."""
    if (reply.depot_id, reply.epoch) != (seen.depot_id, seen.epoch):
        return True
    return reply.seq >= seen.seq and reply.since_hash == seen.hash
