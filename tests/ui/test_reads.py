"""The Reads of a shift: one count, a few pages in memory, the others from the disk; searched, corrected, made VOIs."""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.by_hand import Lifetime, VoiWish
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.search import PAGE, ReadsFound
from patrol_anpr.domain.shift import Crew, ShiftSummary
from patrol_anpr.lab.sample_patrol import PIN, SamplePatrol, sample_evidence, sample_read
from patrol_anpr.lab.sample_search import SampleSearch, entered_read
from ui.app import discard
from ui.models.read_rows import PAGES_AT_ONCE, PAGES_KEPT, PATCHES_KEPT, ReadRows
from ui.models.rows import ITEM
from ui.screens.reads import ReadsScreen
from ui.text import say
from ui.window import Window

EVIDENCE = Evidence(b"", b"")
LEFT = Qt.MouseButton.LeftButton
STORED, IN_MEMORY = 2_300, 230


class LongSearch(SampleSearch):
    """A shift of 2,300 Reads, the newest 230 of them in memory. The disk answers when told."""

    def __init__(self, patrol: "LongShift") -> None:
        super().__init__(patrol)
        self.stored = [sample_read("TX64KZW", number=number) for number in range(STORED)]  # the oldest first
        self.asked: list[tuple[int, Future[ReadsFound]]] = []

    def recent(self) -> ReadsFound:
        total = len(self.stored)
        return ReadsFound(total - IN_MEMORY, tuple(self.stored[-IN_MEMORY:]), total)

    def page(self, first: int) -> "Future[ReadsFound]":
        self.asked.append((first, Future()))
        return self.asked[-1][1]

    def answer(self) -> None:
        first, future = self.asked[-1]
        future.set_result(ReadsFound(first, tuple(self.stored[first : first + PAGE]), len(self.stored)))


class LongShift(SamplePatrol):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.search: LongSearch = LongSearch(self)
        self.pictures: list[tuple[str, Future[Evidence | None]]] = []

    def evidence(self, read_id: str) -> "Future[Evidence | None]":
        self.pictures.append((read_id, Future()))
        return self.pictures[-1][1]

    def summary(self) -> ShiftSummary | None:
        return ShiftSummary(len(self.search.stored), 6, 3, 1, 2, 38)


@pytest.fixture
def car() -> LongShift:
    return LongShift()


@pytest.fixture
def long(app: QApplication, car: LongShift) -> Iterator[Window]:
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


def scroll_to(window: Window, row: int) -> None:
    view = window.reads.view
    view.verticalScrollBar().setValue(view.rowViewportPosition(row) + view.verticalScrollBar().value())
    view.grab()
    settle()


def shown(window: Window, row: int) -> Read | None:
    model = window.reads.model
    found: Read | None = model.index(row).data(ITEM)
    return found


def test_live_reads_and_shift_show_one_count(long: Window, car: LongShift) -> None:
    long.show_page("shift")
    assert long.shift.figures["reads"].text() == "2,300"
    assert long.live.side.read_count.text() == "2,300 this shift"
    assert long.reads.count.text() == "2,300 this shift"
    car.search.stored.append(sample_read("TX64KZW", number=9_999))
    car.make_read(car.search.stored[-1], EVIDENCE)
    settle()
    long._tick()
    assert long.shift.figures["reads"].text() == "2,301"
    assert long.live.side.read_count.text() == long.reads.count.text() == "2,301 this shift"
    assert long.reads.model.rowCount() == 2_301


def test_every_read_of_the_shift_can_be_scrolled_to(long: Window, car: LongShift) -> None:
    assert long.reads.model.rowCount() == STORED
    assert car.search.asked == []
    for row in range(0, STORED, 5):
        scroll_to(long, row)
        if not car.search.asked or car.search.asked[-1][1].done():
            continue
        asked = len(car.search.asked)
        long.reads.view.grab()  # asked once, however often it is painted
        assert len(car.search.asked) == asked
        car.search.answer()
        settle()
    assert len(car.search.asked) == -(-(STORED - IN_MEMORY) // PAGE)
    reads = [shown(long, row) for row in range(STORED)]
    assert reads == car.search.stored[::-1]


def test_a_row_that_is_not_there_yet_is_empty_and_cannot_be_opened(long: Window, car: LongShift, qtbot: QtBot) -> None:
    scroll_to(long, STORED - 1)
    tap_row(long, qtbot, STORED - 1)
    assert long.reads.parts.currentWidget() is long.reads.list
    car.search.answer()
    settle()
    tap_row(long, qtbot, STORED - 1)
    assert long.reads.one.view.read == car.search.stored[0]


def test_a_read_that_comes_moves_nothing_that_was_scrolled_to(long: Window, car: LongShift) -> None:
    view = long.reads.view
    scroll_to(long, 100)
    before = view.rowAt(0), shown(long, view.rowAt(0))
    car.make_read(sample_read("AB12CDE"), EVIDENCE)
    settle()
    assert (view.rowAt(0), shown(long, view.rowAt(0))) == (before[0] + 1, before[1])
    view.scrollToTop()
    car.make_read(sample_read("LM19XYZ"), EVIDENCE)
    settle()
    assert view.rowAt(0) == 0  # at the top the newest is wanted


def test_an_answer_of_the_shift_before_comes_too_late(long: Window, car: LongShift) -> None:
    scroll_to(long, STORED - 1)
    long.reads.clear()
    car.search.answer()
    settle()
    assert long.reads.model.rowCount() == 0


def test_reads_that_cannot_be_fetched_are_told_and_asked_for_again_later(long: Window, car: LongShift) -> None:
    scroll_to(long, STORED - 1)
    car.search.asked[-1][1].set_exception(RecordsFault("The records cannot be read."))
    settle()
    assert long.notice.words == "The records cannot be read."
    long.reads.view.grab()
    assert len(car.search.asked) == 1
    long.show_page("live")
    long.show_page("reads")
    long.reads.view.grab()
    assert len(car.search.asked) == 2


def test_pictures_come_later_and_rows_out_of_sight_ask_for_none(long: Window, car: LongShift) -> None:
    long.grab()
    in_sight = len(car.pictures)
    assert 0 < in_sight < 20
    before = long.reads.view.grab().toImage()
    car.pictures[0][1].set_result(sample_evidence("TX64KZW", car.search.stored[0].colour))
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
    rows.start(ReadsFound(0, (read,), 1))
    rows.add(read)
    assert rows.rowCount() == 1


def test_few_pages_stay_in_memory() -> None:
    rows, asked = ReadRows(), []
    rows.page_wanted.connect(asked.append)
    stored = [sample_read("TX64KZW", number=number) for number in range(100 * PAGE)]
    rows.start(ReadsFound(99 * PAGE, tuple(stored[99 * PAGE :]), 100 * PAGE))
    for first in range(98 * PAGE, -PAGE, -PAGE):
        assert rows.read_at(100 * PAGE - 1 - first) is None
        rows.fill(ReadsFound(first, tuple(stored[first : first + PAGE]), 100 * PAGE))
    assert asked == list(range(98 * PAGE, -PAGE, -PAGE))
    assert len(rows._pages) == PAGES_KEPT
    assert rows.read_at(100 * PAGE - 1) == stored[0]
    assert rows.read_at(0) is None  # the newest gave way; it is asked for again
    assert asked[-1] == 99 * PAGE


def test_a_page_that_the_records_do_not_have_whole_is_asked_for_once() -> None:
    rows, asked = ReadRows(), []
    rows.page_wanted.connect(asked.append)
    rows.start(ReadsFound(2 * PAGE, (), 2 * PAGE))
    assert rows.read_at(0) is None
    rows.fill(ReadsFound(PAGE, (sample_read("TX64KZW"),), 2 * PAGE))
    assert rows.read_at(0) is None
    assert rows.read_at(PAGE - 1) == sample_read("TX64KZW")
    assert asked == [PAGE]


def test_a_fling_asks_for_what_is_in_sight_and_not_for_all_that_passed() -> None:
    rows, asked = ReadRows(), []
    rows.page_wanted.connect(asked.append)
    rows.start(ReadsFound(100 * PAGE, (), 100 * PAGE))
    for row in range(0, 100 * PAGE, PAGE):
        rows.read_at(row)
    assert len(asked) == PAGES_AT_ONCE
    rows.fill(ReadsFound(asked[0], tuple(sample_read("TX64KZW", number=n) for n in range(PAGE)), 100 * PAGE))
    rows.read_at(100 * PAGE - 1)  # what is in sight when the answer comes
    assert asked[-1] == 0


# Search, with real taps


def tap(window: Window, qtbot: QtBot, button: QWidget) -> None:
    window.patrol.clock.advance(1)  # type: ignore[attr-defined]  # the dead time is over
    assert button.isVisible()
    qtbot.mouseClick(button, LEFT)
    settle()


def tap_row(window: Window, qtbot: QtBot, row: int) -> None:
    window.patrol.clock.advance(1)  # type: ignore[attr-defined]
    view = window.reads.view
    view.scrollTo(window.reads.model.index(row))
    settle()
    place = view.visualRect(window.reads.model.index(row)).center()
    qtbot.mouseClick(view.viewport(), LEFT, pos=QPoint(place))
    settle()


def enter(window: Window, qtbot: QtBot, pad: QWidget, text: str) -> None:
    for character in text:
        tap(window, qtbot, pad.keys[character])  # type: ignore[attr-defined]


@pytest.fixture
def reads(window: Window, session: SamplePatrol) -> ReadsScreen:
    for number, vrm in enumerate(("SC15GZE", "LM19XYZ", "LM19XYA", "AB01CDE")):
        session.make_read(sample_read(vrm, number=number, seconds_ago=40 - number), sample_evidence(vrm, "yellow"))
    window.show_page("reads")
    settle()
    return window.reads


def found(reads: ReadsScreen) -> list[str]:
    return [reads.model.index(row).data(ITEM).vrm for row in range(reads.model.rowCount())]


def test_a_search_by_finger_finds_and_counts(
    window: Window, session: SamplePatrol, reads: ReadsScreen, qtbot: QtBot
) -> None:
    tap(window, qtbot, reads.search)
    assert not reads.searching.go.isEnabled()
    enter(window, qtbot, reads.searching.pad, "LM?9*X")
    tap(window, qtbot, reads.searching.pad.keys["erase"])
    tap(window, qtbot, reads.searching.go)
    assert found(reads) == ["LM19XYA", "LM19XYZ"]
    assert reads.count.text() == "2 match LM?9*"
    assert session.told[-1] == ("search", "LM?9*")
    session.make_read(sample_read("LM29ABC"))  # one that comes meanwhile is part of the answer
    session.make_read(sample_read("ZZ99ZZZ"))
    settle()
    assert found(reads) == ["LM29ABC", "LM19XYA", "LM19XYZ"]
    assert reads.count.text() == "3 match LM?9*"
    tap(window, qtbot, reads.all)
    assert found(reads)[:2] == ["ZZ99ZZZ", "LM29ABC"]
    assert len(found(reads)) == 6
    assert not reads.all.isVisible()


def test_none_found_is_not_none_read(window: Window, session: SamplePatrol, reads: ReadsScreen, qtbot: QtBot) -> None:
    tap(window, qtbot, reads.search)
    session.clock.advance(1)
    qtbot.keyClicks(reads.searching.pad, "q9")  # a keyboard types as well
    qtbot.keyClick(reads.searching.pad, Qt.Key.Key_Return)
    settle()
    assert reads.nothing.text() == "No reads match Q9"
    assert reads.nothing.isVisible()
    reads.clear()
    reads.begin(window.session)
    assert reads.nothing.text() == "No reads yet"


def test_a_search_that_cannot_be_answered_says_no_number(
    window: Window, session: SamplePatrol, reads: ReadsScreen, qtbot: QtBot
) -> None:
    session.refuses = "The records cannot be read."
    reads.search_for("LM19")
    settle()
    assert (window.notice.words, reads.count.text()) == ("The records cannot be read.", "")
    assert not reads.nothing.isVisible()
    session.refuses = ""
    reads.search_for("LM19")
    settle()
    assert reads.count.text() == "2 match LM19"


def test_the_answer_of_an_earlier_search_is_not_shown(
    window: Window, session: SamplePatrol, reads: ReadsScreen
) -> None:
    reads.search_for("LM19")
    reads.search_for("SC15")  # both answers are on their way
    settle()
    assert found(reads) == ["SC15GZE"]


def test_a_read_that_comes_before_the_answer_and_is_not_in_it_is_found_all_the_same(
    window: Window, session: SamplePatrol, reads: ReadsScreen
) -> None:
    reads.search_for("LM")
    late = sample_read("LM29ABC")
    reads.add(late, EVIDENCE)  # the records had been asked before it was made
    settle()
    assert found(reads) == ["LM29ABC", "LM19XYA", "LM19XYZ"]
    assert reads.count.text() == "3 match LM"


# One Read


def test_a_row_opens_the_read_with_all_that_is_known(
    window: Window, session: SamplePatrol, reads: ReadsScreen, qtbot: QtBot
) -> None:
    tap_row(window, qtbot, 2)
    view = reads.one.view
    assert view.read is not None
    assert view.read.vrm == "LM19XYZ"
    facts = view.facts.text()
    for words in ("21:42:21 on 21 Nov 2026", "Front camera, 11 frames, 97 % sure", "Yellow plate: the rear", "No pos"):
        assert words in facts
    assert not view.overview._pixmap.isNull()
    assert not view.corrected.isVisible()
    tap(window, qtbot, view.back)
    assert reads.parts.currentWidget() is reads.list


def test_a_misread_is_corrected_beside_the_original(
    window: Window, session: SamplePatrol, reads: ReadsScreen, qtbot: QtBot
) -> None:
    tap_row(window, qtbot, 2)
    tap(window, qtbot, reads.one.view.correct)
    pad = reads.one.correcting.pad
    assert pad.text == "LM19XYZ"
    assert reads.one.patch.isVisible(), "nobody corrects a Read without its picture"
    assert reads.one.patch.has_picture
    tap(window, qtbot, pad.keys["erase"])
    enter(window, qtbot, pad, "7")
    tap(window, qtbot, reads.one.correcting.go)
    assert ("correct_read", "read-LM19XYZ-1", "LM19XY7") in session.told
    view = reads.one.view
    assert (view.plate.accessibleName(), view.corrected.accessibleName()) == ("LM19 XYZ", "LM19XY7")
    assert "21:4" in view.facts.text()
    assert "corrected to LM19XY7 by 4821" in view.facts.text()
    assert view.notice.text() == "The correction is kept, and checked against the lists."
    assert reads.corrections.last("read-LM19XYZ-1") == "LM19XY7"
    reads.search_for("XY7")
    settle()
    assert found(reads) == ["LM19XYZ"]


def test_what_is_refused_is_said_where_it_was_entered(
    window: Window, session: SamplePatrol, reads: ReadsScreen, qtbot: QtBot
) -> None:
    tap_row(window, qtbot, 2)
    tap(window, qtbot, reads.one.view.correct)
    session.refuses = "The shift is over. Nothing was changed."
    tap(window, qtbot, reads.one.correcting.go)
    assert reads.one.correcting.problem.text() == session.refuses
    tap(window, qtbot, reads.one.correcting.back)
    assert reads.one.currentWidget() is reads.one.view
    tap(window, qtbot, reads.one.view.voi)
    tap(window, qtbot, reads.one.voi.reasons["Driver wanted"])
    tap(window, qtbot, reads.one.voi.go)
    assert reads.one.voi.problem.text() == session.refuses


def test_corrections_made_before_a_restart_are_there(window: Window, session: SamplePatrol, reads: ReadsScreen) -> None:
    read = session.recent_reads()[0]
    assert window.session is not None
    window.session.correct_read(read, "LM19XY7")
    reads.clear()
    assert reads.corrections.last(read.read_id) == ""
    reads.begin(window.session)
    settle()
    assert reads.corrections.last(read.read_id) == "LM19XY7"


# A vehicle of interest


def test_a_read_is_made_a_vehicle_of_interest(
    window: Window, session: SamplePatrol, reads: ReadsScreen, qtbot: QtBot
) -> None:
    tap_row(window, qtbot, 2)
    tap(window, qtbot, reads.one.view.voi)
    voi = reads.one.voi
    assert not voi.go.isEnabled()  # without a reason there is no entry
    tap(window, qtbot, voi.reasons["Failed to stop"])
    tap(window, qtbot, voi.tiers[Tier.PRIORITY])
    tap(window, qtbot, voi.lifetimes[Lifetime.WEEK])
    tap(window, qtbot, voi.go)
    wish = VoiWish("LM19XYZ", "Failed to stop", Tier.PRIORITY, Lifetime.WEEK, "read-LM19XYZ-1")
    assert ("make_voi", wish) in session.told
    assert reads.one.view.notice.text().startswith("LM19 XYZ is in force in this car until 28 Nov 21:4")


def test_immediate_has_to_be_held(window: Window, session: SamplePatrol, reads: ReadsScreen, qtbot: QtBot) -> None:
    tap_row(window, qtbot, 2)
    tap(window, qtbot, reads.one.view.voi)
    voi = reads.one.voi
    immediate = voi.tiers[Tier.IMMEDIATE]
    tap(window, qtbot, immediate)
    assert voi.tiers[Tier.ROUTINE].isChecked()
    qtbot.mousePress(immediate, LEFT)
    session.clock.advance(1.1)
    qtbot.mouseRelease(immediate, LEFT)
    assert immediate.isChecked()
    assert not voi.tiers[Tier.ROUTINE].isChecked()
    tap(window, qtbot, voi.reasons["Suspicious"])
    tap(window, qtbot, voi.go)
    assert session.told[-1] == (
        "make_voi",
        VoiWish("LM19XYZ", "Suspicious", Tier.IMMEDIATE, Lifetime.SHIFT, "read-LM19XYZ-1"),
    )
    assert reads.one.view.notice.text() == "LM19 XYZ is in force in this car until sign-off."


def test_a_reason_in_other_words(window: Window, session: SamplePatrol, reads: ReadsScreen, qtbot: QtBot) -> None:
    tap_row(window, qtbot, 2)
    tap(window, qtbot, reads.one.view.voi)
    voi = reads.one.voi
    tap(window, qtbot, voi.other)
    tap(window, qtbot, voi.wording.back)
    assert not voi.go.isEnabled()  # nothing was entered
    tap(window, qtbot, voi.other)
    for key in ("R", "E", "D", "space", "V", "A", "N"):
        tap(window, qtbot, voi.wording.pad.key(key))
    tap(window, qtbot, voi.wording.go)
    assert voi.other.isChecked()
    tap(window, qtbot, voi.go)
    assert session.told[-1][1].reason == "Red van"  # type: ignore[attr-defined]


def test_an_entry_is_withdrawn_by_holding(
    window: Window, session: SamplePatrol, reads: ReadsScreen, qtbot: QtBot
) -> None:
    assert window.session is not None
    window.session.make_voi(VoiWish("DN23OTM", "Failed to stop", Tier.PRIORITY, Lifetime.DAY))
    tap(window, qtbot, reads.own_button)
    (row,) = reads.own.rows
    tap(window, qtbot, row.withdraw)
    assert len(reads.own.rows) == 1
    qtbot.mousePress(row.withdraw, LEFT)
    session.clock.advance(1.1)
    qtbot.mouseRelease(row.withdraw, LEFT)
    settle()
    assert ("withdraw_voi", "voi-0") in session.told
    assert reads.own.rows == []
    assert reads.own.nothing.isVisible()
    assert window.notice.words == "DN23 OTM is withdrawn."
    tap(window, qtbot, reads.own.back)
    assert reads.parts.currentWidget() is reads.list


def test_an_entered_read_says_that_there_is_no_picture(
    window: Window, session: SamplePatrol, reads: ReadsScreen, qtbot: QtBot
) -> None:
    read = entered_read("GX68PKO", session.clock.utc(), 1000.0)
    session.make_read(replace(read), EVIDENCE)
    settle()
    tap_row(window, qtbot, 0)
    view = reads.one.view
    assert say(view.patch.missing) == "No picture: entered by hand"
    assert "Confirm it against the vehicle itself" in view.facts.text()
