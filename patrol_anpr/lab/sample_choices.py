"""What an officer sets, and the lock of the screen, of the invented car: kept nowhere."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from patrol_anpr.domain.choices import Choices, PaletteChoice, SettingShown
from patrol_anpr.domain.errors import BadInput, RecordsFault

OTHERS = (
    SettingShown("cameras[0].name", "front", "", "Name on the screen and in records."),
    SettingShown("cameras[0].source", "usb:0", "", "usb:N, a stable device path, an address, a video file, a folder."),
    SettingShown("alerting.again_after_minutes", "5.0", "minutes", "The same vehicle sounds again only after this."),
    SettingShown("records.keep_days", "7", "days", "A record is deleted this long after the depot's receipt."),
    SettingShown("depot.url", "https://depot.example:8443", "", "Address of the depot. Empty: as enrolled."),
)


@dataclass
class SampleChoices:
    """Satisfies window_ports.Choosing; keeps nothing."""

    now: Choices = field(default_factory=lambda: Choices(palette=PaletteChoice.NIGHT))
    others: Sequence[SettingShown] = OTHERS
    refuses: str = ""

    def choose(self, choices: Choices) -> "Future[None]":
        """Put it in force."""
        self.now = choices
        kept: Future[None] = Future()
        if self.refuses:
            kept.set_exception(RecordsFault(self.refuses))
        else:
            kept.set_result(None)
        return kept


@dataclass
class SampleLock:
    """Satisfies window_ports.Locking."""

    pin: str
    is_locked: bool = False
    needs_pin: bool = True

    def lock(self) -> None:
        """Lock it."""
        self.is_locked = True

    def unlock(self, pin: str) -> "Future[None]":
        """One PIN opens it."""
        opened: Future[None] = Future()
        if self.needs_pin and pin != self.pin:
            opened.set_exception(BadInput("That PIN is not right. Try again."))
        else:
            self.is_locked = False
            opened.set_result(None)
        return opened
