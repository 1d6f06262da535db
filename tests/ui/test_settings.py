"""The settings page: every control has its effect at once, and the rest of the settings is shown only."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.choices import Choices, Language, PaletteChoice
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.lab.sample_choices import OTHERS
from patrol_anpr.lab.sample_patrol import SamplePatrol, sample_hit
from ui import theme
from ui.app import discard
from ui.window import Window

LEFT = Qt.MouseButton.LeftButton


def tap(qtbot: QtBot, button: QWidget) -> None:
    """Scroll to a button and tap it."""
    area = button.parentWidget()
    while not isinstance(area, QScrollArea):
        assert area is not None
        area = area.parentWidget()
    area.ensureWidgetVisible(button)
    qtbot.mouseClick(button, LEFT)


@pytest.fixture
def settings(window: Window, session: SamplePatrol, qtbot: QtBot) -> Window:
    qtbot.mouseClick(window.bottom.pages["car"], LEFT)
    session.clock.advance(1)
    qtbot.mouseClick(window.ways.buttons["settings"], LEFT)
    session.clock.advance(1)
    assert window.page == "settings"
    assert window.bottom.pages["car"].isChecked()
    return window


@pytest.mark.parametrize("name", ["voice_volume", "tone_volume", "words_per_minute", "brightness"])
def test_a_number_is_set_in_steps_within_its_range(
    settings: Window, session: SamplePatrol, qtbot: QtBot, name: str
) -> None:
    stepper = settings.settings.numbers[name]
    before = getattr(session.choices.now, name)
    tap(qtbot, stepper.less)
    assert getattr(session.choices.now, name) == before - 10
    assert str(before - 10) in stepper.figure.text()
    while stepper.less.isEnabled():
        tap(qtbot, stepper.less)
    least = getattr(session.choices.now, name)
    assert least == stepper.value
    assert stepper.more.isEnabled()
    while stepper.more.isEnabled():
        tap(qtbot, stepper.more)
    assert getattr(session.choices.now, name) > least


def test_brightness_takes_light_from_the_whole_window(settings: Window, qtbot: QtBot) -> None:
    def light() -> int:
        image = settings.grab().toImage()
        return max(image.pixelColor(x, 30).red() for x in range(image.width()))

    full = light()
    for _ in range(5):
        tap(qtbot, settings.settings.numbers["brightness"].less)
    assert settings.looks.dimmer.brightness == 50
    assert light() == pytest.approx(full / 2, abs=3)
    settings.resize(1000, 700)
    assert settings.looks.dimmer.size() == settings.size()
    tap(qtbot, settings.settings.numbers["brightness"].more)  # the veil hears no touch
    assert settings.looks.dimmer.brightness == 60


def test_palettes(settings: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    for choice, tokens in (
        (PaletteChoice.DAY, theme.DAY),
        (PaletteChoice.HIGH_CONTRAST, theme.HIGH_CONTRAST),
        (PaletteChoice.AUTOMATIC, theme.NIGHT),
    ):
        tap(qtbot, settings.settings.palettes[choice])
        assert session.choices.now.palette is choice
        assert theme.tokens() is tokens


def test_the_language_is_told(settings: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    with qtbot.waitSignal(settings.looks.language_chosen) as told:
        tap(qtbot, settings.settings.languages[Language.WELSH])
    assert told.args == [Language.WELSH]
    assert session.choices.now.language is Language.WELSH


def test_a_sentence_can_be_listened_to(settings: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    tap(qtbot, settings.settings.listen)
    assert session.told[-1] == ("test_voice",)


def test_what_cannot_be_kept_is_said(settings: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.choices.refuses = "This holds until the program ends."
    tap(qtbot, settings.settings.numbers["tone_volume"].less)
    qtbot.waitUntil(lambda: settings.notice.words == session.choices.refuses)


def test_the_rest_is_shown_with_its_help_and_nothing_to_tap(settings: Window) -> None:
    words = [label.text().replace("\u200b", "") for label in settings.settings.findChildren(QLabel)]
    for setting in OTHERS:
        assert f"{setting.name} = {setting.value} {setting.unit}".strip() in words
        assert setting.explanation in words


# -- the palette by the sun ------------------------------------------------------------------------------------------


def by_the_sun(window: Window, session: SamplePatrol, *, dark: bool) -> theme.Tokens:
    session.dark = dark
    window._tick()
    return theme.tokens()


def test_the_palette_follows_the_sun(window: Window, session: SamplePatrol) -> None:
    window.looks.choose(Choices())
    assert by_the_sun(window, session, dark=True) is theme.NIGHT
    assert by_the_sun(window, session, dark=False) is theme.DAY
    assert by_the_sun(window, session, dark=True) is theme.NIGHT


def test_one_tap_holds_until_the_sun_rises_or_sets(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    window.looks.choose(Choices())
    qtbot.mouseClick(window.bottom.palette_button, LEFT)
    assert by_the_sun(window, session, dark=True) is theme.DAY
    assert by_the_sun(window, session, dark=False) is theme.DAY
    assert by_the_sun(window, session, dark=True) is theme.NIGHT


def test_a_palette_that_was_chosen_does_not_follow_the_sun(window: Window, session: SamplePatrol) -> None:
    window.looks.choose(Choices(palette=PaletteChoice.HIGH_CONTRAST))
    for dark in (True, False):
        assert by_the_sun(window, session, dark=dark) is theme.HIGH_CONTRAST


def test_what_is_kept_is_how_the_window_opens(app: QApplication) -> None:

    car = SamplePatrol()
    car.chosen.now = Choices(palette=PaletteChoice.DAY, brightness=40)
    shown = Window(car)
    assert theme.tokens() is theme.DAY
    assert shown.looks.dimmer.brightness == 40
    discard(app, shown)


def ink(label: QLabel) -> str:
    return label.palette().color(label.foregroundRole()).name()


def test_another_palette_holds_up_no_touch_pages_that_are_not_shown_come_after_it(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    shown, other = window.live.side.open_count, window.shift.who
    window.looks.toggle()
    assert theme.tokens() is theme.DAY
    assert (ink(shown), ink(other)) == (theme.DAY.muted, theme.NIGHT.muted)
    window.show_page("shift")
    assert ink(other) == theme.DAY.muted
    qtbot.waitUntil(lambda: ink(window.sign_on.nobody) == theme.DAY.text)


def test_another_window_has_the_palette_in_force(app: QApplication, window: Window) -> None:
    window.looks.toggle()
    car = SamplePatrol()
    car.chosen.now = Choices(palette=PaletteChoice.DAY)
    after = Window(car)
    assert ink(after.sign_on.nobody) == theme.DAY.text
    discard(app, after)


def test_a_tap_over_sunset_is_one_on_the_hit_it_began_on(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    window.looks.choose(Choices())
    by_the_sun(window, session, dark=False)
    session.raise_hit(sample_hit("AB12CDE", Tier.PRIORITY, "Stolen"))
    qtbot.waitUntil(window.live.card.isVisible)
    window.live.card.rest()
    session.clock.advance(2)
    before = window.live.card.confirm.geometry()
    qtbot.mousePress(window.live.card.confirm, LEFT)
    assert by_the_sun(window, session, dark=True) is theme.NIGHT
    QApplication.processEvents()
    assert window.live.card.confirm.geometry() == before
    qtbot.mouseRelease(window.live.card.confirm, LEFT)
    assert [told[:2] for told in session.told if told[0] == "confirm"] == [("confirm", "hit-AB12CDE")]
