"""The car as a witness of the depot's audit trail: what it saw last must still be there, or the trail was changed."""

import logging
from pathlib import Path

from pydantic import ValidationError

from patrol_anpr.depot_link.channel import Channel, NoSuchRoute, Refused
from patrol_anpr.depot_link.credentials import Credentials
from patrol_anpr.depot_link.progress import ProgressReport
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

        Raises DepotFault when the depot cannot be reached. An older depot has no trail to show.
        """
        seen = self._seen()
        try:
            reply, _ = self._channel.ask("GET", f"audit/head?since={seen.seq if seen else 0}", AuditHeadReply)
        except (Refused, NoSuchRoute):
            log.info("the depot shows no audit trail")
            return
        if reply is None or not reply.seq:
            return
        if seen is not None and not _holds(reply, seen):
            log.error("the depot's audit trail was changed")
            report.problem(CHANGED)
            return
        head = SeenHead(depot_id=reply.depot_id, epoch=reply.epoch, seq=reply.seq, hash=reply.hash)
        said = WitnessReport(head=head, signature=self._credentials.signature_of(head.signed()).hex())
        try:
            self._channel.ask("POST", "audit/witness", Taken, body=said.model_dump_json().encode())
        except Refused:  # between the two requests the depot was put back; next time its epoch is another
            log.warning("the depot does not know the row that it has shown")
            return
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
