"""Which camera is which: a hand before a lens shows it, and two names that are wrong are swapped, once confirmed."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, camera_word, say
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.side_panel import labelled


class SwapBar(QWidget):
    """WHICH IS WHICH, then SWAP NAMES, then YES or NO: `swapped` carries the two ids.

    Two cameras are the pair by themselves; of more the officer taps two pictures. `looking` says whether a hand before
    a lens is looked for; `at_rest` is shown beside the button while nothing is asked.
    """

    swapped = Signal(str, str)

    def __init__(self, cameras: Sequence[str], at_rest: QWidget, dead_time: DeadTime) -> None:
        super().__init__()
        self._at_rest = at_rest
        self._cameras, self._dead_time = tuple(cameras), dead_time
        self._pair: list[str] = []
        self.looking = False
        self.words = labelled("")
        self.words.setWordWrap(True)
        self.which = BigButton(say(Say.WHICH), text_size=theme.BODY, dead_time=dead_time)
        self.swap = BigButton(say(Say.SWAP), text_size=theme.BODY, dead_time=dead_time)
        self.back = BigButton(say(Say.BACK), dead_time=dead_time)
        self.no = BigButton(say(Say.NO), dead_time=dead_time)
        self.yes = BigButton(say(Say.YES), kind=Kind.CONFIRM, dead_time=dead_time)
        self.which.clicked.connect(self._look)
        self.swap.clicked.connect(self._ask_which)
        self.back.clicked.connect(self.rest)
        self.no.clicked.connect(self.rest)
        self.yes.clicked.connect(self._swap)
        row = QHBoxLayout(self)
        scale.spaced(row, theme.GAP, (0, 0, 0, 0))
        row.addWidget(self.which)
        row.addWidget(self.back)
        row.addWidget(self.no)
        row.addWidget(self.words, 1)
        row.addWidget(at_rest, 1)
        row.addWidget(self.swap)
        row.addWidget(self.yes)
        self.rest()

    @Slot()
    def rest(self) -> None:
        """Ask nothing."""
        self._show("", which=True)

    def say_swapping(self) -> None:
        """Say that it is under way."""
        self._show(say(Say.SWAPPING))

    @Slot()
    def _look(self) -> None:
        self._show(say(Say.WHICH_NOTE), back=True, swap=len(self._cameras) > 1, looking=True)

    @Slot()
    def _ask_which(self) -> None:
        self._pair = list(self._cameras) if len(self._cameras) == 2 else []
        if self._pair:
            self._ask()
        else:
            self._show(say(Say.SWAP_CHOOSE), back=True)

    def tapped(self, camera_id: str) -> None:
        """Take a picture that was tapped, where two are asked for."""
        if self.words.text() == say(Say.SWAP_CHOOSE) and camera_id not in self._pair:
            self._pair.append(camera_id)
            if len(self._pair) == 2:
                self._ask()

    def _ask(self) -> None:
        one, other = map(camera_word, self._pair)
        self._show(say(Say.SWAP_ASK, one=one, other=other), no=True, yes=True)

    @Slot()
    def _swap(self) -> None:
        self.swapped.emit(*self._pair)

    def _show(
        self,
        words: str,
        *,
        which: bool = False,
        back: bool = False,
        no: bool = False,
        swap: bool = False,
        yes: bool = False,
        looking: bool = False,
    ) -> None:
        self._dead_time.restart()
        self.looking = looking
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self._at_rest.setVisible(not words)
        shown = ((self.which, which), (self.back, back), (self.no, no), (self.swap, swap), (self.yes, yes))
        for button, is_shown in shown:
            button.setVisible(is_shown)
