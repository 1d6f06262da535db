"""What an officer adds by hand: the correction of a misread, a mark they saw themselves, an entry of the car's list."""

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Protocol

from patrol_anpr.domain.by_hand import (
    MARK_ENTERED,
    READ_CORRECTED,
    VOI_ENDED,
    VOI_MADE,
    VOI_WITHDRAWN,
    Lifetime,
    OwnVoi,
    ReadCorrection,
    VoiWish,
    mark_of,
    reason_of,
)
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import OwnListChanged, ReadCorrected
from patrol_anpr.domain.hit import Hit
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.plate import Box, PlateColour
from patrol_anpr.domain.read import ENTERED, NO_PICTURES, Evidence, Read
from patrol_anpr.domain.shift import NO_ONE, Shift
from patrol_anpr.domain.vrm import format_of
from patrol_anpr.patrol.listeners import Listeners
from patrol_anpr.patrol.ports import OwnList, Recording

_NO_LIST = "This car cannot keep entries of its own: its lists could not be opened. Tell IT."


class Matched(Protocol):
    """What Patrol does with a Read: match it, sound its hits, record and show them."""

    def read_made(self, read: Read, evidence: Evidence) -> Sequence[Hit]:
        """A new Read."""
        ...

    def matched_again(self, read: Read, evidence: Evidence, corrected_vrm: str, shift: Shift) -> Sequence[Hit]:
        """A Read that is kept already, by the officer's correction of it."""
        ...

    def entries_added(self, list_ids: Sequence[str]) -> object:
        """Match the Reads of this shift with the new entries of these lists; returns at once."""
        ...


class ByHand:
    """Each call is made in the name of the officer of `shift`, through the session, and audited.

    What is entered is looked at at once: BadInput is raised. The rest happens on `disk`, the thread that waits for the
    records and the list files, and the Future brings it, or a KnownError. `clock` is that of records, `judging` the one
    by which entries end.
    """

    def __init__(
        self,
        patrol: Matched,
        recording: Recording,
        own_list: OwnList | None,
        listeners: Listeners,
        clock: Clock,
        judging: Clock,
        disk: Executor,
        is_under_way: Callable[[Shift], bool],
    ) -> None:
        self._patrol, self._recording, self._own_list, self._listeners = patrol, recording, own_list, listeners
        self._clock, self._judging, self._disk, self._is_under_way = clock, judging, disk, is_under_way

    def correct(self, read: Read, entered: str, shift: Shift) -> "Future[ReadCorrection]":
        """Say what the plate of a Read really says. It is matched at once; the Read keeps its text."""
        vrm = mark_of(entered)
        if vrm == read.vrm:
            raise BadInput("That is what was read. Enter what the picture shows instead.")
        return self._disk.submit(self._correct, read, vrm, shift)

    def _correct(self, read: Read, vrm: str, shift: Shift) -> ReadCorrection:
        self._check(shift)
        if not self._recording.is_read_of(read.read_id, shift.shift_id):
            raise BadInput("This read is of another shift. Only the officer of that shift can correct it.")
        correction = ReadCorrection(str(uuid.uuid4()), read.read_id, shift.officer_id, self._clock.utc(), vrm)
        self._recording.keep_correction(correction, shift.shift_id)
        self._recording.audit(shift.officer_id, READ_CORRECTED, read.read_id)
        self._listeners.publish(ReadCorrected(read, correction))
        evidence = self._recording.evidence_of(read.read_id) or NO_PICTURES
        self._patrol.matched_again(read, evidence, vrm, shift)
        return correction

    def enter(self, entered: str, shift: Shift) -> "Future[Sequence[Hit]]":
        """Take a mark that the officer saw as a Read without a picture; the hits the crew may see."""
        read = self._entered_read(mark_of(entered))
        self._recording.audit(
            shift.officer_id, MARK_ENTERED, read.read_id
        )  # which holds the mark; the trail outlives it
        return self._disk.submit(self._enter, read, shift)

    def _enter(self, read: Read, shift: Shift) -> Sequence[Hit]:
        self._check(shift)
        hits = self._patrol.read_made(read, NO_PICTURES)
        return [hit for hit in hits if hit.tier is not Tier.SILENT]

    def _entered_read(self, vrm: str) -> Read:
        """A Read that says of itself that no camera made it. The officer is as sure of it as they say."""
        at = self._clock.utc()
        return Read(
            read_id=str(uuid.uuid4()),
            vrm=vrm,
            confidence=100,
            chars=(1.0,) * len(vrm),
            camera_id=ENTERED,
            captured_at=at,
            captured_monotonic=self._clock.monotonic(),
            first_seen=at,
            last_seen=at,
            frames=0,
            box=Box(0, 0, 0, 0),
            colour=PlateColour.UNKNOWN,
            candidates=(vrm,),
            format_flag=format_of(vrm).value,
            models="entered by hand",
        )

    def make_voi(self, wish: VoiWish, shift: Shift) -> "Future[OwnVoi]":
        """Put a mark on the car's own list, in force at once."""
        vrm, reason = mark_of(wish.vrm), reason_of(wish.reason)
        if wish.tier is Tier.SILENT:
            raise BadInput("An entry of the car is for its crew: choose another tier.")
        if self._own_list is None:
            raise BadInput(_NO_LIST)
        now = self._judging.utc()
        entry = OwnVoi(
            voi_id=str(uuid.uuid4()),
            vrm=vrm,
            reason=reason,
            tier=wish.tier,
            lifetime=wish.lifetime,
            officer_id=shift.officer_id,
            shift_id=shift.shift_id,
            made_at=now,
            expires_at=now + wish.lifetime.longest,
            read_id=wish.read_id,
        )
        return self._disk.submit(self._make_voi, entry, shift, self._own_list)

    def _make_voi(self, entry: OwnVoi, shift: Shift, own_list: OwnList) -> OwnVoi:
        self._check(shift)
        own_list.add(entry)
        self._recording.keep_voi(entry)
        self._recording.audit(shift.officer_id, VOI_MADE, entry.voi_id, entry.reason)
        self._changed(own_list)
        self._patrol.entries_added((own_list.list_id,))
        return entry

    def withdraw(self, voi_id: str, shift: Shift) -> "Future[OwnVoi]":
        """Take an entry of the car's own list out of force, whoever made it."""
        if self._own_list is None:
            raise BadInput(_NO_LIST)
        return self._disk.submit(self._withdraw, voi_id, shift.officer_id, VOI_WITHDRAWN, self._own_list)

    def _withdraw(self, voi_id: str, officer_id: str, action: str, own_list: OwnList) -> OwnVoi:
        entry = own_list.withdraw(voi_id)
        self._recording.keep_voi(entry, self._judging.utc())
        self._recording.audit(officer_id, action, voi_id)
        self._changed(own_list)
        return entry

    def end_entries(self, under_way: Shift | None) -> None:
        """End the entries made for one shift, but those of the shift `under_way`. Waits for the disk."""
        if self._own_list is None:
            return
        for entry in self._own_list.entries:
            if entry.lifetime is Lifetime.SHIFT and (under_way is None or entry.shift_id != under_way.shift_id):
                self._withdraw(entry.voi_id, NO_ONE, VOI_ENDED, self._own_list)

    def _changed(self, own_list: OwnList) -> None:
        self._listeners.publish(OwnListChanged(tuple(own_list.entries)))

    def _check(self, shift: Shift) -> None:
        if not self._is_under_way(shift):
            raise BadInput("The shift is over. Nothing was changed.")
