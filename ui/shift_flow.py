"""The end of a shift: its open hits are closed one by one, and a sign-off that leaves some asks first."""

from PySide6.QtCore import QObject, Signal, Slot

from ui.hit_flow import HitFlow
from ui.screens.shift import ShiftScreen
from ui.text import Say, say

_WHERE_HITS_ARE_CLOSED = ("live", "driver")


class ShiftFlow(QObject):
    """Opens the card of each open hit in turn. `shown` asks for a page, `sign_off` for the end of the shift.

    `said` are the words for the round, "" when there is none. The round ends with the last hit, or when the officer
    goes to another page; a hit that comes in between takes the card as ever, and the round goes on after it.
    """

    shown = Signal(str)
    sign_off = Signal()
    said = Signal(str)

    def __init__(self, screen: ShiftScreen, hits: HitFlow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._screen, self._hits = screen, hits
        self._round: list[str] = []
        self._at = -1
        screen.off_wanted.connect(self._off_wanted)
        screen.sign_off.connect(self.sign_off)
        screen.close_wanted.connect(self.close_open)
        hits.changed.connect(self._look)

    @property
    def is_under_way(self) -> bool:
        """Whether hits are being closed one by one."""
        return bool(self._round)

    @Slot()
    def close_open(self) -> None:
        """Open the card of each hit without an outcome, the most urgent first."""
        self._round, self._at = [entry.hit_id for entry in self._hits.queue.open_hits], -1
        self._next()

    def page_shown(self, name: str) -> None:
        """Take word of the page that is shown: another one ends the round, and a question that was asked."""
        if name != "shift":
            self._screen.show_figures()
        if self._round and name not in _WHERE_HITS_ARE_CLOSED:
            self._end()

    @Slot()
    def _off_wanted(self) -> None:
        if open_hits := self._hits.queue.open_hits:
            self._screen.ask_about(len(open_hits))
        else:
            self.sign_off.emit()

    @Slot()
    def _look(self) -> None:
        """A hit has left the card, or another one has taken it."""
        if not self._round:
            return
        shown = self._hits.queue.shown
        if shown is None:
            self._next()
        elif shown.hit_id in self._round:
            self._stand_at(self._round.index(shown.hit_id))

    def _next(self) -> None:
        """Go on with the next hit that is still open; after the last one back to the shift."""
        still_open = {entry.hit_id for entry in self._hits.queue.open_hits}
        for place in range(self._at + 1, len(self._round)):
            if self._round[place] in still_open:
                self._stand_at(place)
                self._hits.open(self._round[place])
                return
        if self._round:
            self._end()
            self.shown.emit("shift")

    def _stand_at(self, place: int) -> None:
        self._at = max(self._at, place)
        self.said.emit(say(Say.CLOSING, number=place + 1, total=len(self._round)))

    def _end(self) -> None:
        self._round = []
        self.said.emit("")
