"""What the window needs of the use cases: Protocols, satisfied by structure. build.py wires them together.

The window knows the heart only through this file. A subject with an owner of its own has a Protocol of its own here,
and `Patrolling` offers it as one property.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from patrol_anpr.domain.by_hand import OwnVoi, ReadCorrection, VoiWish
from patrol_anpr.domain.choices import Choices, SettingShown
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.coverage import CoverageMinute
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.dossier import Exported, ExportPlace
from patrol_anpr.domain.events import Event
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.hit import ControlAnswer, Hit, Override, Verification
from patrol_anpr.domain.hotlist import ListDoubt
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.outlook import Outlook
from patrol_anpr.domain.proof import ProofRun, Tap
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.rig import Rig
from patrol_anpr.domain.route import Route
from patrol_anpr.domain.search import LookUp, ReadsFound
from patrol_anpr.domain.sentences import Sentence
from patrol_anpr.domain.shift import Crew, ListCounts, Officer, Shift, ShiftSummary
from patrol_anpr.domain.shift_chart import ShiftChart
from patrol_anpr.domain.stick import PutOnStick, Stick, TakenFromStick
from patrol_anpr.plumbing.mailbox import Latest


class Proving(Protocol):
    """proof.Proof: the proof run, which a start check shows. Calls return at once; what comes of it is an event."""

    @property
    def run(self) -> ProofRun:
        """The last run as it stands; without results before the first."""
        ...

    def start(self) -> None:
        """Begin anew."""
        ...

    def say_again(self) -> None:
        """Sound the TEST hit once more."""
        ...

    def heard(self, was_heard: bool) -> None:
        """The answer to "Did you hear this?"."""
        ...

    def tapped(self, how: Tap) -> None:
        """The TEST target was tapped."""
        ...

    def go_on(self) -> None:
        """The crew goes on patrol; what is not proven is recorded as known to the officer."""
        ...


class Deciding(Protocol):
    """shifts.Session: one officer's sign-on, through which every outcome goes.

    Calls return at once. They raise BadInput when the session is over, the hit is of another shift, is decided
    otherwise already, UNDO comes too late, or a stop lacks what it needs.
    """

    shift: Shift

    def acknowledge(self, hit_id: str) -> None:
        """The officer has seen it: stop talking about it."""
        ...

    def confirm(self, hit_id: str, *, looked: bool = False, look_choice: str = "") -> None:
        """The picture says what the list says; `looked`: said with the picture on the screen."""
        ...

    def dismiss(
        self,
        hit_id: str,
        verification: Verification = Verification.COULD_NOT_VERIFY,
        *,
        looked: bool = False,
        look_choice: str = "",
    ) -> None:
        """It does not, or that cannot be told; again with the verification once that is known."""
        ...

    def answer(self, hit_id: str, said: ControlAnswer) -> None:
        """What control said of a confirmed hit; again where that was wrong."""
        ...

    def dispose(self, hit_id: str, disposition: Disposition, override: Override | None = None) -> None:
        """What was done about a confirmed hit.

        A stop without a look at the picture or control's word that the vehicle is wanted needs an `override`.
        """
        ...

    def correct(self, hit_id: str, vrm: str) -> None:
        """A misread: what the plate really is."""
        ...

    def later(self, hit_id: str) -> None:
        """Nothing is decided; the hit stays open."""
        ...

    def undo(self, hit_id: str) -> None:
        """Take the last decision back, within ten seconds."""
        ...

    def mute_entry(self, hit_id: str) -> None:
        """For the rest of the shift the hits of this hit's entry make no sound and take no card."""
        ...

    def unmute_entry(self, hit_id: str) -> None:
        """They sound again."""
        ...

    def correct_read(self, read: Read, vrm: str) -> "Future[ReadCorrection]":
        """What the plate of a Read really says; matched against the lists at once. The Read keeps its text."""
        ...

    def enter(self, vrm: str) -> "Future[Sequence[Hit]]":
        """A mark the officer saw: a Read without a picture. The result is its hits."""
        ...

    def make_voi(self, wish: VoiWish) -> "Future[OwnVoi]":
        """Put a mark on the car's own list, in force at once and over restarts."""
        ...

    def withdraw_voi(self, voi_id: str) -> "Future[OwnVoi]":
        """Take an entry of the car's own list out of force."""
        ...

    def export(self, read_id: str, reason: str, folder: Path) -> "Future[Exported]":
        """Write the evidence of a Read of this shift into a folder; the reason goes on record first."""
        ...


class Exporting(Protocol):
    """export.Exports: where evidence may be written to. The export itself goes through the session."""

    def places(self) -> "Future[Sequence[ExportPlace]]":
        """The car's own folder first, then what is plugged in."""
        ...


class Sticking(Protocol):
    """sticks.Sticks: a USB stick in place of the line to the depot. Progress comes as SyncProgress."""

    @property
    def can_be_used(self) -> bool:
        """Whether this car has a depot that a stick could go to."""
        ...

    def plugged_in(self) -> "Future[Sequence[Stick]]":
        """The sticks and cards that are plugged in."""
        ...

    def put(self, folder: Path) -> "Future[PutOnStick]":
        """Put what the depot does not hold on the stick at `folder`; nothing leaves the car."""
        ...

    def take(self, folder: Path) -> "Future[TakenFromStick]":
        """Take receipts and lists off the stick at `folder`."""
        ...


class Muting(Protocol):
    """muted_entries.MutedEntries: what an officer has muted for the shift. From memory."""

    def is_muted(self, hit: Hit) -> bool:
        """Whether the entry of this hit is muted now."""
        ...


class Searching(Protocol):
    """search.Search: what the crew looks for. Every search is audited. Calls return at once; they raise BadInput."""

    def recent(self) -> ReadsFound:
        """The newest Reads of this shift and how many it has; from memory."""
        ...

    def page(self, first: int) -> "Future[ReadsFound]":
        """Reads of this shift from the place `first` on, as many as make a page."""
        ...

    def reads(self, entered: str, first: int | None = None) -> "Future[ReadsFound]":
        """The Reads of this shift that fit (? one character, * any number): the newest page, or from `first` on."""
        ...

    def look_up(self, entered: str) -> "Future[LookUp]":
        """What the lists and this shift's Reads hold of a mark as far as it is entered."""
        ...

    def corrections(self) -> "Future[Sequence[ReadCorrection]]":
        """The corrections of this shift's Reads, the oldest first; of several of one Read the last counts."""
        ...

    @property
    def own_entries(self) -> Sequence[OwnVoi]:
        """The entries that officers made in this car, the newest first; from memory."""
        ...


class Covering(Protocol):
    """coverage.Coverage: what the cameras see now, and could see in this shift. No call waits."""

    def minutes(self) -> Sequence[CoverageMinute]:
        """The minutes of the shift under way, the earliest first."""
        ...

    def outlooks(self) -> Sequence[Outlook]:
        """What is to be said of each camera now."""
        ...


class Rigging(Protocol):
    """rig.Rigs: how the cameras are set up. No call waits; each change is audited and kept over restarts.

    The Futures fail with a KnownError where a change acts, but could not be kept.
    """

    def rig(self, camera_id: str) -> Rig:
        """How a camera is set up now."""
        ...

    def change(self, camera_id: str, rig: Rig) -> "Future[None]":
        """Set a camera up otherwise, from its next frame on."""
        ...

    def swap(self, one: str, other: str) -> "Future[None]":
        """Exchange the names of two cameras. Done when both run again."""
        ...


class Locking(Protocol):
    """lock.ScreenLock: whether the screen of the car is locked."""

    @property
    def is_locked(self) -> bool:
        """Whether it is."""
        ...

    @property
    def needs_pin(self) -> bool:
        """Whether a PIN opens it."""
        ...

    def lock(self) -> None:
        """Lock it: hits are not spoken any more, their tones still sound."""
        ...

    def unlock(self, pin: str) -> "Future[None]":
        """Open it; the Future raises BadInput when the PIN is not the one of the officer signed on."""
        ...


class Choosing(Protocol):
    """choices.Chooser: what an officer may set in the car, and what is set elsewhere."""

    @property
    def now(self) -> Choices:
        """What is set."""
        ...

    @property
    def others(self) -> Sequence[SettingShown]:
        """The settings of this car that are only shown here."""
        ...

    def choose(self, choices: Choices) -> "Future[None]":
        """Put it in force at once. The Future ends when it is kept, and raises a KnownError where that cannot be."""
        ...


class Patrolling(Protocol):
    """patrol.Patrol: one car, as its window sees it. No call waits: what takes time returns a Future.

    Errors are KnownErrors, with a sentence for the officer.
    """

    @property
    def clock(self) -> Clock:
        """The one clock of the program."""
        ...

    @property
    def shift(self) -> Shift | None:
        """The shift under way."""
        ...

    @property
    def search(self) -> Searching:
        """What the crew looks for."""
        ...

    @property
    def proof(self) -> Proving:
        """The proof run at sign-on."""
        ...

    @property
    def lock(self) -> Locking:
        """The lock of the screen."""
        ...

    @property
    def choices(self) -> Choosing:
        """What an officer may set."""
        ...

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with the present lamps and cameras, then with every event, from whatever thread."""
        ...

    def roster(self) -> Sequence[Officer]:
        """Who may sign on; an officer with an empty `pin_hash` needs no PIN."""
        ...

    def units(self) -> Sequence[str]:
        """The call signs this car may run under, its own first; at least one."""
        ...

    def sign_on(self, officer_id: str, pin: str, unit: str, crew: Crew) -> "Future[Deciding]":
        """Check the PIN and begin a shift; cameras and reading start."""
        ...

    def sign_off(self) -> "Future[int]":
        """End the shift, then upload; the result is how many records still wait in the car."""
        ...

    def start_sync(self) -> "Future[bool]":
        """Fetch roster and lists; the result is True when all are up to date."""
        ...

    def not_updated(self) -> Sentence:
        """What a crew has to know that goes on without an update of the lists: how old they are."""
        ...

    def go_on_without_update(self) -> None:
        """Record that the officer begins the patrol and knows that."""
        ...

    def accept_list(self, doubt: ListDoubt) -> None:
        """Have the next sync put a doubtful list in force, in the name of the officer who is signed on."""
        ...

    def start_upload(self) -> "Future[int]":
        """Send what the depot does not hold; the result is how many records still wait."""
        ...

    @property
    def sticks(self) -> Sticking:
        """A USB stick in place of the line to the depot."""
        ...

    @property
    def export(self) -> Exporting:
        """Where evidence may be written to."""
        ...

    def dispositions(self) -> Sequence[Disposition]:
        """What may be done about a hit, in the order of the screen: the depot's table, or the one built in."""
        ...

    @property
    def muted(self) -> Muting:
        """The entries muted for this shift."""
        ...

    def replay(self, hit_id: str) -> None:
        """Say the sentence of a hit of this shift once more, also while muted."""
        ...

    def lamp_changed(self, lamp: Lamp) -> None:
        """Take the state of a part that only the window knows of: its own."""
        ...

    def set_muted(self, muted: bool) -> None:
        """Mute or unmute; the IMMEDIATE tier always sounds."""
        ...

    def test_voice(self) -> None:
        """Say the sentence of the start check."""
        ...

    def voice_heard(self, heard: bool) -> None:
        """What the officer answered to "Did you hear this voice?"."""
        ...

    def moving(self) -> bool | None:
        """Whether the car moves; None when that is not known (no GPS)."""
        ...

    def is_dark(self) -> bool:
        """Whether it is dark outside, by where the sun stands over the car."""
        ...

    def picture_moves(self) -> bool:
        """Whether the cameras' pictures show that the car moves; False too where they show nothing."""
        ...

    @property
    def fix(self) -> Fix | None:
        """The newest position there was; None before the first."""
        ...

    @property
    def coverage(self) -> Covering:
        """What the cameras see, and could see."""
        ...

    @property
    def rig(self) -> Rigging:
        """How the cameras are set up."""
        ...

    def cameras(self) -> Sequence[str]:
        """The ids of the cameras."""
        ...

    def live(self, camera_id: str) -> Latest[LiveFrame]:
        """The mailbox with a camera's newest frame."""
        ...

    def open_hits(self) -> Sequence[tuple[Hit, Evidence]]:
        """The hits of this shift without an outcome, the most urgent first; from memory."""
        ...

    def shift_hits(self) -> Sequence[tuple[Hit, Evidence]]:
        """All hits of this shift, the most urgent first; from memory.

        Those that were decided before a restart have no pictures here: `evidence` has them.
        """
        ...

    def recent_reads(self, limit: int = 2000) -> Sequence[Read]:
        """The newest Reads of this shift, the newest first; from memory."""
        ...

    def evidence(self, read_id: str) -> "Future[Evidence | None]":
        """The pictures of a stored Read, from the disk; None when they are missing."""
        ...

    def summary(self) -> ShiftSummary | None:
        """The counts of the shift under way; from memory."""
        ...

    def parked(self) -> int:
        """How many records in the car the depot refused; from memory."""
        ...

    def shift_chart(self) -> ShiftChart:
        """Reads and hits of the shift under way by hour and camera; from memory."""
        ...

    def route(self) -> Route:
        """Where the car has been in the shift under way; from memory."""
        ...

    def list_counts(self) -> Sequence[ListCounts]:
        """What each list brought in the shift under way, the one with the most hits first; from memory."""
        ...
