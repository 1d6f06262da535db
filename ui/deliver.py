"""What the engine tells, and which parts of the window are told."""

from typing import TYPE_CHECKING

from patrol_anpr.domain.events import (
    CameraChanged,
    EntryMuted,
    Event,
    HitCancelled,
    HitChanged,
    HitRaised,
    LampChanged,
    ListChanged,
    OwnListChanged,
    ProofChanged,
    ReadCorrected,
    ReadMade,
    SyncProgress,
    Uploaded,
)
from ui.text import change_words, in_language

if TYPE_CHECKING:
    from ui.window import Window


def deliver(event: Event, window: "Window") -> None:
    """Tell every part of the window that an event concerns."""
    event = in_language(event)
    match event:
        case ReadMade():
            if window.session is None or event.shift_id != window.session.shift.shift_id:
                return  # a vehicle that was still in view when the last officer signed off
            window.live.side.strip.add(event.read, event.evidence)
            window.reads.add(event.read, event.evidence)
            window.count_reads()
        case HitRaised():
            window.flow.raised(event)
            window.views.hit_raised()
        case HitChanged() | HitCancelled():
            window.flow.outcome(event)
        case ListChanged():
            window.top.say_problem(change_words(event))
        case EntryMuted():
            window.flow.entry_muted(event)
        case ReadCorrected() | OwnListChanged():
            window.reads.changed_by_hand(event)
        case LampChanged():
            window.top.lamp_changed(event.lamp)
            window.start_check.lamps.show_lamps(window.top.lamps)
            window.car.show_lamps(window.top.lamps)
            window.signing.look_for_officers()
        case CameraChanged():
            window.live.camera_changed(event)
            window.start_check.lamps.camera_changed(event.status)
            window.car.camera_changed(event.status)
        case SyncProgress() | Uploaded():
            window.depot.tell(event)
        case ProofChanged():
            window.proving.changed(event)
        case _:
            pass
