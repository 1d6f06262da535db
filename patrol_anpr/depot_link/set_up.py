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
from patrol_anpr.wire.set_up import CarSetUp, SetUpReply

log = logging.getLogger(__name__)

EMPTY = marked("The depot's roster is empty, so the car keeps the one it has. Tell IT.")
NOT_SIGNED = marked("The depot's roster is not signed as it must be, so the car keeps the one it has. Tell IT.")
OLDER = marked("The roster on the stick is older than the one in the car, so the car keeps the one it has.")
_Model = TypeVar("_Model", bound=BaseModel)


class KeepsSetUp:
    """What keeps it, once the depot's signature is checked. `folder` is where it is noted when the depot signed it."""

    def __init__(
        self,
        verifier: Verifier,
        folder: Path,
        report: ProgressReport,
        keep_roster: Callable[[Sequence[Officer]], None],
        keep_dispositions: Callable[[Sequence[Disposition]], object],
    ) -> None:
        self._verifier, self._held, self._report = verifier, HeldLists(folder), report
        self._keep_roster, self._keep_dispositions = keep_roster, keep_dispositions

    @property
    def was_signed(self) -> bool:
        """Whether the depot once signed it: what is not signed is refused from then on."""
        return self._held.signed_set_up

    def take_answer(self, reply: SetUpReply | None, nonce: str) -> None:
        """Keep the depot's answer to a question that the car just asked."""
        said = self._proven(reply, nonce)
        if said is not None:
            self._keep(said)

    def take_carried(self, reply: SetUpReply, nonce: str) -> None:
        """Keep what a stick brought, unless the car has something newer: an old stick puts nobody back."""
        said = self._proven(reply, nonce)
        if said is not None and said.at < self._held.set_up_at:
            self._report.problem(OLDER)
        elif said is not None:
            self._keep(said)

    def keep_officers(self, officers: Sequence[RosterOfficer]) -> None:
        """Keep a roster; an empty one would lock every officer out, so it is not kept."""
        if not officers:
            self._report.problem(EMPTY)
        else:
            self._keep_roster([officer.officer() for officer in officers])

    def keep_table(self, table: Sequence[DispositionEntry]) -> None:
        """Keep what may be done about a hit."""
        self._keep_dispositions([one.disposition() for one in table])

    def refuse(self) -> None:
        """Say that the car keeps what it has."""
        self._report.problem(NOT_SIGNED)

    def _proven(self, reply: SetUpReply | None, nonce: str) -> CarSetUp | None:
        try:
            said = reply.proven(self._verifier, nonce) if reply is not None else None
        except NotProven as why:
            log.warning("what the car is to be set up with is not believed: %s", why)
            said = None
        if said is None:
            self.refuse()
        return said

    def _keep(self, said: CarSetUp) -> None:
        self._held.note_signed_set_up(said.at)
        self.keep_officers(said.officers)
        self.keep_table(said.dispositions)


class SetUp:
    """One fetch of it over the line."""

    def __init__(self, channel: Channel, keeps: KeepsSetUp, report: ProgressReport) -> None:
        self._channel, self._keeps, self._report = channel, keeps, report

    def get(self) -> None:
        """Fetch and keep it. A depot of an earlier version does not sign it: it is believed until it once did."""
        nonce = secrets.token_hex(16)
        try:
            reply = self._asked(f"set-up?nonce={nonce}", SetUpReply)
        except NoSuchRoute:
            if self._keeps.was_signed:
                self._keeps.refuse()
            else:
                self._get_unsigned()
        else:
            self._keeps.take_answer(reply, nonce)
        self._report.step(items=1)

    def _get_unsigned(self) -> None:
        roster = self._asked("roster", RosterReply)
        self._keeps.keep_officers(roster.officers if roster is not None else ())
        try:
            reply, _ = self._channel.ask("GET", "dispositions", DispositionsReply)
        except (Refused, NoSuchRoute):
            log.info("the depot offers no table of what may be done about a hit")
            return
        if reply is not None:
            self._keeps.keep_table(reply.dispositions)

    def _asked(self, path: str, reply: type[_Model]) -> _Model | None:
        try:
            return self._channel.ask("GET", path, reply)[0]
        except Refused as refusal:
            raise DepotFault(NOT_THE_DEPOT) from refusal
