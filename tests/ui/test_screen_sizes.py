"""Every screen on every size of window: each button on the glass or scrolled to, no words cut, nothing overlapping."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QLabel, QScrollArea, QWidget

from patrol_anpr.domain.events import LampChanged, SyncProgress
from patrol_anpr.domain.health import CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.proof import JointState, begun
from patrol_anpr.domain.shift import Crew, ListCounts, Officer
from patrol_anpr.lab.catalogue import read_catalogue
from patrol_anpr.lab.sample_patrol import PIN, SamplePatrol, sample_hit
from patrol_anpr.lab.screenshots import SHOTS, open_window, settle
from patrol_anpr.plumbing.language import ENGLISH, LANGUAGES, use_language
from patrol_anpr.plumbing.mailbox import Latest
from patrol_anpr.resources import ASSETS
from ui import scale
from ui.app import discard
from ui.scale import TOUCH, UPRIGHT, WIDE, fitting
from ui.widgets.bottom_bar import BarButton
from ui.widgets.buttons import BigButton
from ui.widgets.live_tile import LiveTile
from ui.widgets.plate_label import PlateLabel
from ui.window import Window

# In logical pixels, as a desktop that enlarges everything leaves them.
SIZES = {
    "1024x768": (1024, 768),
    "1366x768": (1366, 768),
    "1280x800": (1280, 800),
    "1920x1200": (1920, 1200),
    "1366x768 at 125 %": (1093, 614),
    "1366x768 at 150 %": (911, 512),
    "1366x768 at 200 %": (683, 384),
    "1920x1080 at 200 %": (960, 540),
    "1280x720 at 150 %": (853, 480),
    "a netbook": (1024, 600),
    "a square screen": (1280, 1024),
    "upright 800x1280": (800, 1280),
    "upright 1200x1920 at 200 %": (600, 960),
    "upright 1080x1920 at 200 %": (540, 960),
}
TIGHT = ("1024x768", "1366x768 at 150 %", "1920x1080 at 200 %", "upright 800x1280", "upright 1080x1920 at 200 %")
"""Where a design that fits one of its kind barely fits: enough for the longest words."""
SHORT = (*TIGHT, "1280x800", "1920x1200")
"""Those that every run walks; the others are a campaign."""
PITCH = 25.4 / 96


def place_of(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def scrolls(widget: QWidget) -> QAbstractScrollArea | None:
    """The scroll area that a widget lies in."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QAbstractScrollArea):
        parent = parent.parentWidget()
    return parent


def off_the_glass(window: QWidget) -> Iterator[str]:
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.objectName().startswith("qt_scrollarea"):
            continue
        area = scrolls(widget)
        if isinstance(area, QScrollArea) and not area.widget().isAncestorOf(widget):
            continue  # its scroll bar
        if isinstance(area, QScrollArea):
            inside = area.widget().rect().contains(QRect(widget.mapTo(area.widget(), QPoint()), widget.size()))
            if not inside or area.widget().width() > area.viewport().width():
                yield f"cannot be scrolled to: {name_of(widget)}"
        elif not window.rect().contains(place_of(widget, window)):
            yield f"off the glass: {name_of(widget)} {place_of(widget, window)}"


def cut(window: QWidget) -> Iterator[str]:
    for label in window.findChildren(QLabel):
        if not label.isVisible() or not label.text():
            continue
        metrics = QFontMetrics(label.font())
        wrapped = label.wordWrap()
        wide = label.width() >= (0 if wrapped else metrics.horizontalAdvance(label.text()))
        tall = label.height() >= (label.heightForWidth(label.width()) - 2 if wrapped else metrics.height() - 4)
        if not (wide and tall):
            yield f"cut: {label.text()!r} {label.width()}x{label.height()}"
    for button in window.findChildren(QAbstractButton):
        if button.isVisible() and isinstance(button, BigButton | BarButton):
            least = button.minimumSizeHint()
            room = button.width() >= least.width() and button.height() >= least.height()
            if not room or (isinstance(button, BigButton) and not button.fits()):
                yield f"cut: {name_of(button)} {button.size()} of {least}"


def too_small(window: QWidget) -> Iterator[str]:
    least = scale.dp(TOUCH)
    for button in window.findChildren(QAbstractButton):
        if button.isVisible() and (button.width() < least or button.height() < least):
            yield f"too small for a thumb: {name_of(button)} {button.size()}"
    for plate in window.findChildren(PlateLabel):
        if plate.isVisible() and (plate.height() < scale.dp(30) or plate.width() < scale.dp(100)):
            yield f"plate too small: {plate.accessibleName()} {plate.size()}"


def overlapping(window: QWidget) -> Iterator[str]:
    """Widgets of one parent that share more than an edge; only an inset lies on the large tile on purpose."""
    shown = [w for w in window.findChildren(QWidget) if w.isVisible() and not isinstance(w, LiveTile)]
    places = [(w, place_of(w, window)) for w in shown]
    for number, (one, place) in enumerate(places):
        for other, there in places[number + 1 :]:
            if one.parentWidget() is other.parentWidget() and place.adjusted(1, 1, -1, -1).intersects(there):
                yield f"overlap: {name_of(one)} and {name_of(other)}"


def name_of(widget: QWidget) -> str:
    return f"{type(widget).__name__} {getattr(widget, 'text', widget.objectName)()!r}"


def elided(window: Window) -> Iterator[str]:
    """Sentences of the catalogue of which a painted line shows only the beginning. List data may be elided."""
    cuts: list[str] = []
    whole = QFontMetrics.elidedText

    def watched(metrics: QFontMetrics, text: str, *how: Any) -> str:
        shown = whole(metrics, text, *how)
        if shown != text:
            cuts.append(text)
        return shown

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QFontMetrics, "elidedText", watched)
        window.grab()
    yield from (f"elided: {text}" for text in cuts if text in SENTENCES)


def faults_of(window: Window) -> list[str]:
    return [fault for rule in (off_the_glass, cut, too_small, overlapping, elided) for fault in rule(window)]


def _sentences() -> frozenset[str]:
    catalogues = [read_catalogue(language) for language in LANGUAGES if language != ENGLISH]
    return frozenset(
        text
        for catalogue in catalogues
        for message in catalogue
        for texts in (message.id, message.string)
        for text in ((texts,) if isinstance(texts, str) else texts)
        if text and "{" not in text
    )


SENTENCES = _sentences()
"""All that is said without a value in it, in every language."""


@pytest.fixture
def welsh() -> Iterator[None]:
    use_language("cy", ASSETS / "locale")
    yield
    use_language(ENGLISH, ASSETS / "locale")


@pytest.mark.parametrize("size", [SIZES[name] for name in TIGHT], ids=TIGHT)
@pytest.mark.parametrize("screens", ["every_screen", "a_full_car", "a_hit_of_many_words"])
def test_it_fits_in_welsh(app: QApplication, welsh: None, screens: str, size: tuple[int, int]) -> None:
    tests: dict[str, Callable[[QApplication, tuple[int, int]], None]] = {
        "every_screen": test_every_screen_fits,
        "a_full_car": test_a_full_car_fits,
        "a_hit_of_many_words": test_a_hit_of_many_words_fits,
    }
    tests[screens](app, size)


@pytest.mark.campaign
@pytest.mark.parametrize("size", [size for name, size in SIZES.items() if name not in TIGHT], ids=str)
def test_every_screen_fits_in_welsh_on_every_size(app: QApplication, welsh: None, size: tuple[int, int]) -> None:
    test_every_screen_fits(app, size)


@pytest.mark.parametrize(
    "size",
    [pytest.param(size, id=name, marks=() if name in SHORT else pytest.mark.campaign) for name, size in SIZES.items()],
)
def test_every_screen_fits(app: QApplication, size: tuple[int, int]) -> None:
    faults = []
    for name, prepare in SHOTS.items():
        window, session = open_window(app, night=True, size=size)
        prepare(window, session, app)
        settle(app, window)
        assert (window.width(), window.height()) == size, name
        faults += [f"{name}: {fault}" for fault in faults_of(window)]
        discard(app, window)
    assert faults == []


@pytest.mark.parametrize("name", ["hit_exact", "hit_look", "hit_check", "hit_reasons", "live", "driver", "shift"])
@pytest.mark.parametrize("size", [(1024, 768), (911, 512), (800, 1280)], ids=str)
def test_every_screen_fits_under_its_banners(app: QApplication, name: str, size: tuple[int, int]) -> None:
    window, session = open_window(app, night=True, size=size)
    session.publish(LampChanged(Lamp("records", LampState.BAD, "Not recording", "The disk is full.")))
    SHOTS[name](window, session, app)
    window._say_problem("The records cannot be written. Free some disk space, then answer the hit again.")
    settle(app, window)
    assert (window.width(), window.height()) == size
    assert faults_of(window) == []
    discard(app, window)


class FullCar(SamplePatrol):
    """Four cameras, four call signs, many officers with long names, and hardly a part that works."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for camera in ("rear_left", "passenger_side"):
            self._boxes[camera] = Latest()
        self.officers = [Officer(f"{n}", f"Sergeant Alexandra Featherstone-Whitlock {n}", "hash") for n in range(40)]
        advice = f"What is left of them is in {FOLDER}. When that does not help, tell your depot what stands here."
        keys = [*(f"camera:{name}" for name in self._boxes), "gps", "clock", "disk", "list", "voice", "reading"]
        self.shown_lamps = [Lamp(key, LampState.BAD, f"{key} does not work", advice) for key in keys]
        self.shown_cameras = [CameraStatus(name, CameraState.LOST, LOGIN) for name in self._boxes]
        self.proof.broken = [
            replace(result, state=JointState.FAILED, sentence=f"{result.key} does not work.", advice=advice)
            for result in begun(1, self.cameras()).results
        ]
        long = "Metropolitan list of untaxed and uninsured vehicles, weekly"
        self.lists = [ListCounts(f"{n}", f"{long} {n}", 12_345, 11_999, 114, 131) for n in range(12)]

    def units(self) -> Sequence[str]:
        return ("TA14", "TA15", "TRAFFIC 16", "TA17")


FOLDER = "/home/officer/.local/share/patrol-anpr/records/damaged/2026-11-30T06-59-08-one-more-time"
LOGIN = "The camera at 192.168.200.101 wants a name and a password, and those in the settings are not the right ones."


@pytest.mark.parametrize("size", [SIZES[name] for name in TIGHT], ids=TIGHT)
def test_a_full_car_fits(app: QApplication, size: tuple[int, int]) -> None:
    car = FullCar()
    window = Window(car, demo=True)
    window.resize(*size)
    window.show()
    window.sign_on.choose("3")
    window.sign_on.show_problem(f"The records in {FOLDER} cannot be read.")
    settle(app, window)
    faults = [f"sign on: {fault}" for fault in faults_of(window)]
    window.begin(car.sign_on("3", PIN, "TA14", Crew.WITH_OBSERVER).result())
    window.show_page("start_check")
    window.start_check.begin(lists_updated=False)
    settle(app, window)
    window.start_check.no.click()
    settle(app, window)
    faults += [f"start check: {fault}" for fault in faults_of(window)]
    window.show_page("shift")
    settle(app, window)
    faults += [f"shift: {fault}" for fault in faults_of(window)]
    window.show_page("car")
    settle(app, window)
    faults += [f"car: {fault}" for fault in faults_of(window)]
    for button in (window.car.swap.which, window.car.swap.swap):
        button.click()
        settle(app, window)
        faults += [f"car, names: {fault}" for fault in faults_of(window)]
    window.sync.begin(upload=False)
    window.show_page("sync")
    for number in range(9):
        problem = f"There is no file {FOLDER}.pem. Copy the depot's certificate there." if number == 8 else ""
        car.publish(SyncProgress(f"Metropolitan list of stolen vehicles {number}", 131, 214, 190_000, 310_000, 11.0))
        car.publish(SyncProgress("lists", 0, 9, finished=True, problem=problem))
    settle(app, window)
    window.sync.ended_download(up_to_date=False)
    settle(app, window)
    faults += [f"sync: {fault}" for fault in faults_of(window)]
    discard(app, window)
    assert faults == []


@pytest.mark.parametrize("size", [SIZES[name] for name in TIGHT], ids=TIGHT)
def test_a_hit_of_many_words_fits(app: QApplication, size: tuple[int, int]) -> None:
    window, session = open_window(app, night=True, size=size)
    hit = sample_hit(
        "AB12CDE", Tier.IMMEDIATE, "WANTED IN CONNECTION WITH AN ARMED ROBBERY AT A POST OFFICE", listed="AB12CDF"
    )
    words = replace(
        hit.match.voi,
        information="Do not approach without support. " * 6,
        markers="WE, VI, FI, EX, DR",
        make="MERCEDES-BENZ",
        model="SPRINTER 314 PROGRESSIVE CDI",
    )
    session.raise_hit(replace(hit, match=replace(hit.match, voi=words)))
    settle(app, window)
    faults = [f"look: {fault}" for fault in faults_of(window)]
    session.clock.advance(1)
    window.live.card.look.cannot_tell.click()
    settle(app, window)
    faults += faults_of(window)
    session.clock.advance(1)
    window.live.card.confirm.click()
    settle(app, window)
    faults += [f"reasons: {fault}" for fault in faults_of(window)]
    window.live.side.undo.button.click()
    window.show_page("driver")
    settle(app, window)
    faults += [f"driver: {fault}" for fault in faults_of(window)]
    discard(app, window)
    assert faults == []


def test_the_reason_that_the_head_cannot_hold_stands_below_it(app: QApplication) -> None:
    window, session = open_window(app, night=True, size=(1024, 768))
    reason = "Wanted in connection with an armed robbery"
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, reason))
    settle(app, window)
    assert window.live.card.why.isVisible()
    assert window.live.card.why.text() == reason
    window.resize(1920, 1200)
    settle(app, window)
    assert not window.live.card.why.isVisible()
    discard(app, window)


def test_a_window_that_is_turned_fits_each_way(app: QApplication) -> None:
    window, session = open_window(app, night=True, size=(1280, 800))
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    for size in ((800, 1280), (911, 512), (1280, 800)):
        window.resize(*size)
        settle(app, window)
        assert (window.width(), window.height()) == size
        assert faults_of(window) == []
        below = window.live.side.geometry().top() >= window.live.stage.geometry().bottom()
        assert below is (size[1] > size[0])
    discard(app, window)


@pytest.mark.parametrize(
    ("size", "pitch", "factor"),
    [
        ((1280, 800), PITCH, 1.0),
        ((1920, 1200), PITCH, 1.0),
        ((911, 512), 1.5 * PITCH, 512 / 768),
        ((760, 1120), PITCH, 1.0),
        ((1920, 1080), 0.125, 12 / (76 * 0.125)),  # a fine screen whose desktop enlarges nothing: larger for the thumb
        ((3840, 2160), 0.05, 2160 / 768),  # ... as far as there is room
    ],
)
def test_how_the_design_fits(size: tuple[int, int], pitch: float, factor: float) -> None:
    fit = fitting(*size, pitch)
    assert factor - 1 / 32 < fit.factor <= factor
    assert fit.upright is (size[1] > size[0])


@given(st.integers(320, 4000), st.integers(240, 4000), st.floats(0.03, 0.8))
def test_the_design_never_needs_more_than_there_is(width: int, height: int, pitch: float) -> None:
    fit = fitting(width, height, pitch)
    least = UPRIGHT if fit.upright else WIDE
    assert 0 < fit.factor * least[0] <= width
    assert fit.factor * least[1] <= height


def test_a_screen_too_small_for_gloves_says_so_before_the_patrol(app: QApplication) -> None:
    window, _ = open_window(app, night=True, size=(500, 320))
    assert not window.warnings.isVisible()
    for page in ("sign_on", "start_check"):
        window.show_page(page)
        settle(app, window)
        assert window.warnings.words.startswith("This screen is too small: a button is ")
    window.resize(1024, 768)
    settle(app, window)
    assert not window.warnings.isVisible()
    discard(app, window)
