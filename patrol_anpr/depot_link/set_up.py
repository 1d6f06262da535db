"""Fetching what a car is set up with: who may sign on, and what may be done about a hit; signed, or what was stays."""

import logging
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from patrol_anpr.depot_link.channel import NOT_THE_DEPOT, Channel, NoSuchRoute, Refused
from patrol_anpr.depot_link.held import HeldLists
from patrol_anpr.depot_link.progress import ProgressReport
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.domain.sentences import marked
from patrol_anpr.domain.shift import Officer
from patrol_anpr.wire.payloads import DispositionEntry, DispositionsReply, RosterOfficer, RosterReply
from patrol_anpr.wire.receipts import NotProven, Verifier
from patrol_anpr.wire.set_up import SetUpReply

log = logging.getLogger(__name__)

EMPTY = marked("The depot's roster is empty, so the car keeps the one it has. Tell IT.")
NOT_SIGNED = marked("The depot's roster is not signed as it must be, so the car keeps the one it has. Tell IT.")
_Model = TypeVar("_Model", bound=BaseModel)


class SetUp:
    """One fetch of it. `folder` is where it is noted that this car's depot signs it."""

    def __init__(
        self,
        channel: Channel,
        verifier: Verifier,
        folder: Path,
        report: ProgressReport,
        keep_roster: Callable[[Sequence[Officer]], None],
        keep_dispositions: Callable[[Sequence[Disposition]], object],
    ) -> None:
        self._channel, self._verifier, self._held, self._report = channel, verifier, HeldLists(folder), report
        self._keep_roster, self._keep_dispositions = keep_roster, keep_dispositions

    def get(self) -> None:
        """Fetch and keep it. A depot of an earlier version does not sign it: it is believed until it once did."""
        nonce = secrets.token_hex(16)
        try:
            reply = self._asked(f"set-up?nonce={nonce}", SetUpReply)
        except NoSuchRoute:
            if self._held.signed_set_up:
                self._report.problem(NOT_SIGNED)
            else:
                self._get_unsigned()
        else:
            self._take_signed(reply, nonce)
        self._report.step(items=1)

    def _take_signed(self, reply: SetUpReply | None, nonce: str) -> None:
        try:
            said = reply.proven(self._verifier, nonce) if reply is not None else None
        except NotProven as why:
            log.warning("what the car is to be set up with is not believed: %s", why)
            said = None
        if said is None:
            self._report.problem(NOT_SIGNED)
            return
        self._held.note_signed_set_up()
        self._keep_officers(said.officers)
        self._keep_table(said.dispositions)

    def _get_unsigned(self) -> None:
        roster = self._asked("roster", RosterReply)
        self._keep_officers(roster.officers if roster is not None else ())
        try:
            reply, _ = self._channel.ask("GET", "dispositions", DispositionsReply)
        except (Refused, NoSuchRoute):
            log.info("the depot offers no table of what may be done about a hit")
            return
        if reply is not None:
            self._keep_table(reply.dispositions)

    def _keep_officers(self, officers: Sequence[RosterOfficer]) -> None:
        """An empty roster would lock every officer out, so it is not kept."""
        if not officers:
            self._report.problem(EMPTY)
        else:
            self._keep_roster([officer.officer() for officer in officers])

    def _keep_table(self, table: Sequence[DispositionEntry]) -> None:
        self._keep_dispositions([one.disposition() for one in table])

    def _asked(self, path: str, reply: type[_Model]) -> _Model | None:
        try:
            return self._channel.ask("GET", path, reply)[0]
        except Refused as refusal:
            raise DepotFault(NOT_THE_DEPOT) from refusal
