"""What the window needs of the engine: a Protocol that patrol.Patrol satisfies by structure."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.events import Event
from patrol_anpr.domain.health import CameraStatus, Lamp
from patrol_anpr.domain.hit import Disposition, Hit, Verification
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import Crew, Officer, Shift, ShiftSummary
from patrol_anpr.plumbing.mailbox import Latest


class PatrolSession(Protocol):
    """One car, as its window sees it. Calls return at once unless they return a Future; errors are KnownErrors."""

    @property
    def clock(self) -> Clock:
        """The one clock of the program."""
        ...

    @property
    def shift(self) -> Shift | None:
        """The shift under way."""
        ...

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with every event from now on, from any thread."""
        ...

    def roster(self) -> Sequence[Officer]:
        """Who may sign on; an officer with an empty `pin_hash` needs no PIN."""
        ...

    def units(self) -> Sequence[str]:
        """The call signs this car may run under, its own first; at least one."""
        ...

    def check_pin(self, officer_id: str, pin: str) -> bool:
        """Tell whether the PIN is right; takes up to half a second, so it is called off the GUI thread."""
        ...

    def sign_on(self, officer_id: str, unit: str, crew: Crew) -> Shift:
        """Begin a shift; cameras and reading start."""
        ...

    def sign_off(self) -> "Future[int]":
        """End the shift and start the upload; the result is how many records still wait in the car."""
        ...

    def start_sync(self) -> "Future[bool]":
        """Fetch roster and lists; the result is True when all are up to date."""
        ...

    def start_upload(self) -> "Future[int]":
        """Send what the depot does not hold; the result is how many records still wait."""
        ...

    def confirm(self, hit_id: str, disposition: Disposition | None = None) -> None:
        """The picture says what the list says; again with a disposition once that is known."""
        ...

    def dismiss(self, hit_id: str, verification: Verification = Verification.COULD_NOT_VERIFY) -> None:
        """It does not, or cannot be told; again with the verification once that is known."""
        ...

    def later(self, hit_id: str) -> None:
        """Nothing is decided; the hit stays open."""
        ...

    def undo(self, hit_id: str) -> None:
        """Take the last outcome of a hit back."""
        ...

    def acknowledge(self, hit_id: str) -> None:
        """The officer has seen it: stop talking about it."""
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

    def lamps(self) -> Sequence[Lamp]:
        """The state of every part that has reported."""
        ...

    def cameras(self) -> Sequence[str]:
        """The ids of the cameras."""
        ...

    def camera_statuses(self) -> Sequence[CameraStatus]:
        """What each camera last reported."""
        ...

    def live(self, camera_id: str) -> Latest[LiveFrame]:
        """The mailbox with a camera's newest frame."""
        ...

    def open_hits(self) -> Sequence[tuple[Hit, Evidence]]:
        """The hits of this shift without an outcome."""
        ...

    def recent_reads(self, limit: int = 50) -> Sequence[Read]:
        """The newest Reads of this shift, newest first."""
        ...

    def evidence(self, read_id: str) -> Evidence | None:
        """The pictures of a stored Read; None when they are missing."""
        ...

    def summary(self) -> ShiftSummary | None:
        """The counts of the shift under way."""
        ...
