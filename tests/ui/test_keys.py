"""Every action of every page by the keyboard, with a focus that is seen; no key gets past what holds for a finger."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QWidget

from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Crew
from patrol_anpr.lab.sample_patrol import PIN, SamplePatrol, sample_hit
from patrol_anpr.lab.screenshots import SHOTS, open_window, settle
from ui import scale, theme
from ui.app import discard
from ui.keys import touchable
from ui.window import Window

KEY = Qt.Key


@pytest.fixture
def opened(app: QApplication) -> Iterator[tuple[Window, SamplePatrol]]:
    window, session = open_window(app, night=True)
    session.clock.advance(1)
    yield window, session
    discard(app, window)


def press(window: Window, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(window, key)


def focus_on(window: Window, wanted: QWidget) -> None:
    """Go there with Tab, as an officer would."""
    for _ in range(len(window.keys.stops()) + 1):
        if window.keys.focus is wanted:
            return
        press(window, KEY.Key_Tab)
    raise AssertionError(f"Tab does not come to {wanted}")


@pytest.mark.parametrize("name", SHOTS)
def test_tab_comes_to_everything_that_can_be_touched_and_shows_where_it_is(
    app: QApplication, opened: tuple[Window, SamplePatrol], name: str
) -> None:
    window, session = opened
    SHOTS[name](window, session, app)
    settle(app, window)
    session.clock.advance(2)
    wanted = list(touchable(window))
    buttons = [one for one in window.findChildren(QAbstractButton) if one.isVisible() and one.isEnabled()]
    assert set(buttons) <= set(wanted)
    seen = []
    for _ in wanted:
        before = window.grab().toImage()
        press(window, KEY.Key_Tab)
        focus = window.keys.focus
        assert focus is not None
        seen.append(focus)
        after = window.grab(ring_of(window)).toImage()
        assert after != before.copy(ring_of(window)), f"the focus on {focus} is not seen"
    assert set(seen) == set(wanted)


def ring_of(window: Window) -> QRect:
    ring = window.keys._ring
    assert ring.isVisible()
    return QRect(ring.mapTo(window, QPoint(0, 0)), ring.size())


@pytest.mark.parametrize("palette", [theme.NIGHT, theme.DAY], ids=lambda palette: palette.name)
def test_the_ring_is_as_plain_as_words_in_every_palette(
    opened: tuple[Window, SamplePatrol], palette: theme.Tokens
) -> None:
    window, _ = opened
    window.use_palette(palette)
    press(window, KEY.Key_Tab)
    ring = window.keys._ring
    image = ring.grab().toImage()
    at = image.height() // 2
    assert image.pixelColor(round(scale.dp(1)), at).name() == theme.tokens().text


def test_space_and_enter_are_a_tap(opened: tuple[Window, SamplePatrol]) -> None:
    window, session = opened
    focus_on(window, window.bottom.mute)
    press(window, KEY.Key_Space)
    assert session.told[-1] == ("set_muted", True)
    press(window, KEY.Key_Return)
    assert session.told[-1] == ("set_muted", False)


def test_the_keys_of_the_top_row_go_to_the_pages(opened: tuple[Window, SamplePatrol]) -> None:
    window, session = opened
    for number, name in enumerate(window.bottom.pages):
        press(window, Qt.Key(KEY.Key_F1 + number))
        assert window.page == name
        session.clock.advance(1)


def test_escape_puts_a_hit_off_and_never_decides_it(app: QApplication, opened: tuple[Window, SamplePatrol]) -> None:
    window, session = opened
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    settle(app, window)
    press(window, KEY.Key_Escape)
    assert [told for told in session.told if told[0] == "later"] == []  # still deaf
    session.clock.advance(2)
    press(window, KEY.Key_Escape)
    assert ("later", "hit-AB12CDE") in session.told
    assert {"confirm", "dismiss"} & {told[0] for told in session.told} == set()


def test_escape_goes_back_to_the_road(opened: tuple[Window, SamplePatrol]) -> None:
    window, session = opened
    press(window, KEY.Key_F2)
    session.clock.advance(1)
    press(window, KEY.Key_Escape)
    assert window.page == "live"


def test_a_hit_is_not_answered_by_a_key_meant_for_what_was_there_before(
    app: QApplication, opened: tuple[Window, SamplePatrol]
) -> None:
    window, session = opened
    session.raise_hit(sample_hit("DN23OTH", Tier.PRIORITY, "Drugs supply"))
    settle(app, window)
    session.clock.advance(2)
    focus_on(window, window.live.card.confirm)
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    settle(app, window)
    assert window.keys.focus is None
    for _ in range(3):
        press(window, KEY.Key_Space, KEY.Key_Return)
        session.clock.advance(2)
    assert {"confirm", "dismiss"} & {told[0] for told in session.told} == set()


@pytest.mark.parametrize("modifier", ["NoModifier", "ControlModifier", "AltModifier", "ShiftModifier", "MetaModifier"])
@pytest.mark.parametrize("key", [KEY.Key_Space, KEY.Key_Return])
def test_a_button_that_a_hit_took_the_focus_from_hears_no_key_of_its_own(
    app: QApplication, opened: tuple[Window, SamplePatrol], key: Qt.Key, modifier: str
) -> None:
    """A desktop sends keys to the widget that Qt gave the focus, not to the window."""
    window, session = opened
    session.raise_hit(sample_hit("DN23OTH", Tier.PRIORITY, "Drugs supply"))
    settle(app, window)
    session.clock.advance(2)
    focus_on(window, window.live.card.confirm)
    had_it = window.focusWidget()
    assert had_it is window.live.card.confirm
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    settle(app, window)
    session.clock.advance(2)
    QTest.keyClick(window.focusWidget() or window, key, Qt.KeyboardModifier[modifier])
    assert {"confirm", "dismiss"} & {told[0] for told in session.told} == set()


def test_a_key_held_over_a_change_lets_go_of_nothing(app: QApplication, opened: tuple[Window, SamplePatrol]) -> None:
    window, session = opened
    session.raise_hit(sample_hit("DN23OTH", Tier.PRIORITY, "Drugs supply"))
    settle(app, window)
    session.clock.advance(2)
    focus_on(window, window.live.card.confirm)
    QTest.keyPress(window, KEY.Key_Space)
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    settle(app, window)
    session.clock.advance(2)
    QTest.keyRelease(window, KEY.Key_Space)
    assert {"confirm", "dismiss"} & {told[0] for told in session.told} == set()


def test_a_hold_is_a_key_held(app: QApplication, opened: tuple[Window, SamplePatrol]) -> None:
    window, session = opened
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    settle(app, window)
    session.clock.advance(2)
    focus_on(window, window.live.card.dismiss)
    press(window, KEY.Key_Space)
    assert "dismiss" not in {told[0] for told in session.told}
    QTest.keyPress(window, KEY.Key_Space)
    session.clock.advance(1.1)
    window.live.card.dismiss._look()
    QTest.keyRelease(window, KEY.Key_Space)
    assert "dismiss" in {told[0] for told in session.told}


def test_no_key_acts_while_a_finger_would_not(opened: tuple[Window, SamplePatrol]) -> None:
    window, session = opened
    focus_on(window, window.bottom.mute)
    told = list(session.told)
    window.dead_time.restart()
    press(window, KEY.Key_Tab, KEY.Key_Space, KEY.Key_F2, KEY.Key_Escape)
    assert window.page == "live"
    assert session.told == told


def test_no_key_reaches_what_the_driver_may_not_see(app: QApplication, session: SamplePatrol) -> None:
    window = Window(session)
    window.resize(1280, 800)
    window.show()
    session.is_moving = True
    window.begin(session.sign_on("4821", PIN, "TA14", Crew.SINGLE).result())
    window.show_page("live")
    assert window.page == "driver"
    session.clock.advance(2)
    for number in range(12):
        press(window, Qt.Key(KEY.Key_F1 + number))
        session.clock.advance(1)
    press(window, KEY.Key_Escape)
    assert window.page == "driver"
    discard(app, window)


def test_arrows_go_where_they_point(opened: tuple[Window, SamplePatrol]) -> None:
    window, _ = opened
    bar = window.keys.stops()[-1]
    focus_on(window, bar)
    x = bar.mapTo(window, QPoint(0, 0)).x()
    press(window, KEY.Key_Left)
    there = window.keys.focus
    assert there is not None
    assert there.mapTo(window, QPoint(0, 0)).x() < x
    press(window, KEY.Key_Right)
    assert window.keys.focus is bar


def test_a_row_of_a_list_is_opened_by_keys(app: QApplication, opened: tuple[Window, SamplePatrol]) -> None:
    window, session = opened
    for vrm in ("AB12CDE", "DN23OTH"):
        session.raise_hit(sample_hit(vrm, Tier.PRIORITY, "Stolen"))
        settle(app, window)
        window.live.card.put_off.emit()
    window.show_page("hits")
    settle(app, window)
    session.clock.advance(2)
    focus_on(window, window.hits.view)
    press(window, KEY.Key_Down)
    assert window.hits.view.currentIndex().row() == 1
    press(window, KEY.Key_Return)
    settle(app, window)
    assert window.page == "live"
    assert window.live.card.isVisible()


def test_digits_and_letters_press_the_keys_of_a_pad(parked: Window, session: SamplePatrol) -> None:
    session.clock.advance(1)
    parked.sign_on.choose("4821")
    press(parked, KEY.Key_2, KEY.Key_5, KEY.Key_8, KEY.Key_Backspace)
    assert parked.sign_on.pad.pin == "25"


def test_lists_are_stops_only_while_they_have_rows(opened: tuple[Window, SamplePatrol]) -> None:
    window, session = opened
    window.show_page("hits")
    session.clock.advance(1)
    assert not any(isinstance(one, QAbstractItemView) for one in window.keys.stops())
