"""The Reads of a shift: one count, the newest from memory, older ones from the disk when they are scrolled to."""

from collections.abc import Sequence
from concurrent.futures import Future

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import Crew, ShiftSummary
from patrol_anpr.lab.sample_patrol import PIN, SamplePatrol, sample_evidence, sample_read
from ui.app import discard
from ui.models.rows import PATCHES_KEPT, ReadRows
from ui.window import Window

EVIDENCE = Evidence(b"", b"")


class LongShift(SamplePatrol):
    """A shift of 2,300 Reads, the newest 200 of them in memory. The disk answers when told."""

    STORED, IN_MEMORY, PAGE = 2_300, 200, 500

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stored = [sample_read("TX64KZW", number=number) for number in range(self.STORED)]  # the newest first
        self.asked: list[tuple[Read, Future[Sequence[Read]]]] = []
        self.pictures: list[tuple[str, Future[Evidence | None]]] = []

    def recent_reads(self, limit: int = 2000) -> Sequence[Read]:
        return self.stored[: self.IN_MEMORY]

    def older_reads(self, before: Read, limit: int = 500) -> "Future[Sequence[Read]]":
        self.asked.append((before, Future()))
        return self.asked[-1][1]

    def evidence(self, read_id: str) -> "Future[Evidence | None]":
        self.pictures.append((read_id, Future()))
        return self.pictures[-1][1]

    def summary(self) -> ShiftSummary | None:
        return ShiftSummary(len(self.stored), 6, 3, 1, 2, 38)

    def answer(self) -> None:
        before, future = self.asked[-1]
        place = self.stored.index(before) + 1
        future.set_result(self.stored[place : place + self.PAGE])


@pytest.fixture
def car() -> LongShift:
    return LongShift()


@pytest.fixture
def long(app: QApplication, car: LongShift, qtbot: QtBot) -> Window:
    window = Window(car)
    window.resize(1280, 800)
    window.show()
    window.begin(car.sign_on("4821", PIN, "TA14", Crew.WITH_OBSERVER).result())
    window.show_page("reads")
    settle()
    yield window
    discard(app, window)


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


def to_the_end(window: Window) -> None:
    bar = window.reads.view.verticalScrollBar()
    bar.setValue(bar.maximum())
    settle()


def test_live_reads_and_shift_show_one_count(long: Window, car: LongShift) -> None:
    long.show_page("shift")
    assert long.shift.figures["reads"].text() == "2,300"
    assert long.live.side.read_count.text() == "2,300 this shift"
    assert long.reads.count.text() == "2,300 this shift"
    car.stored.insert(0, sample_read("TX64KZW", number=9_999))
    car.make_read(car.stored[0], EVIDENCE)
    settle()
    long._tick()
    assert long.shift.figures["reads"].text() == "2,301"
    assert long.live.side.read_count.text() == long.reads.count.text() == "2,301 this shift"


def test_every_read_of_the_shift_can_be_scrolled_to(long: Window, car: LongShift) -> None:
    rows = long.reads.model
    assert rows.rowCount() == 200
    assert car.asked == []
    pages = 0
    while True:
        to_the_end(long)
        if pages == len(car.asked):
            break
        pages += 1
        to_the_end(long)  # asked once, however often the finger comes to the end
        assert len(car.asked) == pages
        car.answer()
        settle()
    assert rows.rowCount() == 2_300
    assert [rows._reads[-1 - place] for place in range(2_300)] == car.stored


def test_an_answer_of_the_shift_before_comes_too_late(long: Window, car: LongShift) -> None:
    to_the_end(long)
    long.reads.clear()
    car.answer()
    settle()
    assert long.reads.model.rowCount() == 0


def test_older_reads_that_cannot_be_read_are_told_once(long: Window, car: LongShift) -> None:
    to_the_end(long)
    car.asked[-1][1].set_exception(RecordsFault("The records cannot be read."))
    settle()
    assert long.notice.words == "The records cannot be read."
    to_the_end(long)
    assert len(car.asked) == 1
    long.show_page("live")
    long.show_page("reads")
    long.reads.view.scrollToTop()
    to_the_end(long)
    assert len(car.asked) == 2


def test_pictures_come_later_and_rows_out_of_sight_ask_for_none(long: Window, car: LongShift) -> None:
    long.grab()
    in_sight = len(car.pictures)
    assert 0 < in_sight < 20
    before = long.reads.view.grab().toImage()
    car.pictures[0][1].set_result(sample_evidence("TX64KZW", car.stored[0].colour))
    car.pictures[1][1].set_exception(RecordsFault("The records cannot be read."))
    car.pictures[2][1].cancel()
    settle()
    assert long.reads.view.grab().toImage() != before
    assert len(car.pictures) == in_sight  # none is asked for twice


def test_pictures_in_sight_outlive_the_new_ones(long: Window, car: LongShift) -> None:
    long.grab()
    in_sight = len(car.pictures)
    for number in range(2 * PATCHES_KEPT):
        long.reads._painter.remember(f"new-{number}", b"")
        if number % 50 == 0:
            long.reads.view.grab()
    long.reads.view.grab()
    assert len(car.pictures) == in_sight


def test_a_read_that_is_shown_already_is_not_shown_twice() -> None:
    rows = ReadRows()
    read = sample_read("TX64KZW")
    rows.start([read])
    rows.add(read)
    rows.add_older([read])
    assert rows.rowCount() == 1
