"""Reference pictures of every screen, by day and by night: `python -m patrol_anpr.lab.screenshots [folder]`."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtGui import QImage, qRgb
from PySide6.QtWidgets import QApplication

from patrol_anpr.domain.by_hand import Lifetime, VoiWish
from patrol_anpr.domain.events import CameraChanged, HitCancelled, LampChanged, SyncProgress
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import SAFE_MODE, CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.hit import HitState, MatchKind
from patrol_anpr.domain.hotlist import ListDoubt, Tier, Voi
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.proof import Joint, JointResult, JointState, Tap
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.domain.shift import Crew
from patrol_anpr.domain.stick import PutOnStick
from patrol_anpr.hotlists.matcher import OVER
from patrol_anpr.lab.sample_cameras import sample_minutes
from patrol_anpr.lab.sample_patrol import PIN, SamplePatrol, sample_evidence, sample_hit, sample_read
from patrol_anpr.lab.sample_road import pixels_of
from ui import theme
from ui.app import discard, make_application
from ui.window import Window

SIZE = (1280, 800)
EXACT_COLOURS = 96


def settle(app: QApplication, window: Window | None = None) -> None:
    """Let queued events happen; with a window, also take the newest frames and end its animations at once."""
    for _ in range(3):
        app.processEvents()
    if window is not None:
        window.live.card.rest()
        for tile in window.live.stage.tiles.values():
            tile.look()
        app.processEvents()


def open_window(app: QApplication, *, night: bool, size: tuple[int, int] = SIZE) -> tuple[Window, SamplePatrol]:
    """A window of the invented shift, signed on and patrolling, with some Reads and no hit."""
    session = SamplePatrol()
    window = Window(session)
    window.begin(session.sign_on("4821", PIN, "TA14", Crew.WITH_OBSERVER).result())
    if (theme.tokens() is theme.NIGHT) is not night:
        window.use_palette(theme.NIGHT if night else theme.DAY)
    window.resize(*size)
    window.show_page("live")
    window.show()
    reads = ("SC15 GZE", "P418 RSL", "FX71 JJD", "DN23 OTH", "K7 PTL", "LM19 XYZ", "XU64 ZGY", "BD70 VKM")
    for place, mark in enumerate(reads):
        vrm = mark.replace(" ", "")
        ground = PlateColour.WHITE if vrm in ("FX71JJD", "K7PTL") else PlateColour.YELLOW
        read = sample_read(vrm, seconds_ago=4 + 9 * (len(reads) - place), ground=ground)
        session.make_read(read, sample_evidence(vrm, ground, night=night))
    session.show_road("front", "LM19XYZ", night=night)
    session.show_road("rear", "XU64ZGY", night=night)
    settle(app, window)
    return window, session


def _hits(session: SamplePatrol, *numbers: int) -> None:
    hits = (
        sample_hit("K7PTL", Tier.ROUTINE, "No insurance", ground=PlateColour.WHITE, seconds_ago=160),
        sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen", seconds_ago=12),
        sample_hit("DN23OTH", Tier.PRIORITY, "Drugs supply", listed="DN23OTN", seconds_ago=48),
    )
    for number in numbers:
        hit = hits[number]
        night = theme.tokens() is theme.NIGHT
        session.raise_hit(hit, sample_evidence(hit.read.vrm, hit.read.colour, night=night))


def _live(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _hits(session, 0, 1)
    settle(app)
    for _ in range(2):
        window.live.card.put_off.emit()


def _exact(_window: Window, session: SamplePatrol, _app: QApplication) -> None:
    _hits(session, 0, 1)


def _look(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _hits(session, 2, 0)


def _check(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _look(window, session, app)
    settle(app)
    window.live.card.looked.emit("H")


def _reasons(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _hits(session, 0, 1)
    settle(app)
    window.live.card.confirmed.emit()


def _lost(window: Window, session: SamplePatrol, app: QApplication) -> None:
    session.publish(CameraChanged(CameraStatus("front", CameraState.LOST)))
    session.publish(LampChanged(Lamp("camera:front", LampState.BAD, "Front lost", "Check the camera's cable.")))
    session.publish(LampChanged(Lamp("records", LampState.BAD, "Not recording", "The disk is full.")))


def _driver(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _hits(session, 1)
    settle(app)
    window.show_page("driver")


def _hit_list(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _hits(session, 0, 1, 2)
    settle(app)
    window.show_page("hits")


def _hits_closed(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _hit_list(window, session, app)
    session.record("hit-K7PTL", HitState.ACTIONED)
    session.record("hit-DN23OTH", HitState.DISMISSED)
    settle(app)
    window.hits.closed_tab.click()
    window.hits.outcomes.click()


def _sightings(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _hits(session, 0, 1, 2)
    for number in (1, 2):
        session.raise_hit(
            sample_hit(
                "K7PTL",
                Tier.ROUTINE,
                "No insurance",
                ground=PlateColour.WHITE,
                seconds_ago=90 - 40 * number,
                number=number,
            )
        )
    settle(app)
    session.mute_entry("hit-K7PTL", muted=True)
    settle(app)
    window.show_page("hits")


def _past(window: Window, session: SamplePatrol, app: QApplication) -> None:
    hit = sample_hit("RK64AGY", Tier.PRIORITY, "Left the scene", seconds_ago=720)
    session.raise_hit(
        replace(hit, past=True), sample_evidence("RK64AGY", hit.read.colour, night=theme.tokens() is theme.NIGHT)
    )


def _muted_entry(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _hits(session, 0)
    settle(app)
    window.live.card.dismissed.emit()
    settle(app)
    session.mute_entry("hit-K7PTL", muted=True)


def _reads(window: Window, session: SamplePatrol, app: QApplication) -> None:
    window.show_page("reads")


def _export(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _hits(session, 0, 1, 2)
    settle(app)
    window.exporting.ask(sample_hit("DN23OTH", Tier.PRIORITY, "Drugs supply").read)
    window.export.reasons[0].setChecked(True)
    settle(app)


def _export_words(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _export(window, session, app)
    window.export.reasons[-1].click()
    window.export.pad.set_text("Operation Bramble, as the inspector asked at the briefing")


def _reads_found(window: Window, session: SamplePatrol, app: QApplication) -> None:
    window.show_page("reads")
    window.reads.search_for("*X*")


def _reads_search(window: Window, session: SamplePatrol, app: QApplication) -> None:
    window.show_page("reads")
    window.reads.search.click()
    window.reads.searching.pad.set_text("LM1?X*")


def _read(window: Window, session: SamplePatrol, app: QApplication) -> None:
    """A Read, corrected."""
    window.show_page("reads")
    read = next(read for read in session.recent_reads() if read.vrm == "DN23OTH")
    fix = Fix(53.80012, -1.54785, 999.0, session.clock.utc(), speed=13.4, heading=48.0, satellites=11)
    read = replace(read, fix=fix, fix_age=0.4, candidates=("DN23OTH", "DN23QTH"), lists=(("metro", 412),))
    assert window.session is not None
    window.session.correct_read(read, "DN23OTM")
    settle(app)
    window.reads.one.open(read)
    window.reads.parts.setCurrentWidget(window.reads.one)


def _read_correct(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _read(window, session, app)
    window.reads.one.view.correct.click()


def _read_voi(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _read(window, session, app)
    window.reads.one.view.voi.click()
    window.reads.one.voi.reasons["Failed to stop"].click()


def _reads_own(window: Window, session: SamplePatrol, app: QApplication) -> None:
    window.show_page("reads")
    assert window.session is not None
    window.session.make_voi(VoiWish("DN23OTM", "Failed to stop", Tier.PRIORITY, Lifetime.DAY))
    window.session.make_voi(VoiWish("K7PTL", "Drove off without paying", Tier.ROUTINE, Lifetime.SHIFT))
    window.reads.own_button.click()


def _listed(session: SamplePatrol) -> None:
    exact = sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen").match
    near = sample_hit("AB12CDE", Tier.ROUTINE, "No insurance", listed="AB12CDF").match
    session.search.listed["AB12CDE"] = (exact, near)
    session.search.oldest = exact.hotlist


def _enter_vrm(window: Window, session: SamplePatrol, app: QApplication) -> None:
    """A mark of the lists, read lately, before it is checked."""
    _listed(session)
    session.make_read(sample_read("AB12CDE", seconds_ago=700))
    window.show_page("enter_vrm")
    window.enter_vrm.pad.set_text("AB12CDE")
    window.enter_vrm._look_up()


def _enter_vrm_none(window: Window, session: SamplePatrol, app: QApplication) -> None:
    """A mark that is on no list, checked."""
    _listed(session)
    window.show_page("enter_vrm")
    window.enter_vrm.pad.set_text("GX68PKO")
    window.enter_vrm.check.click()


def _hit_entered(window: Window, session: SamplePatrol, app: QApplication) -> None:
    """A hit without a picture: the officer entered its mark."""
    _listed(session)
    assert window.session is not None
    session.search.listed["AB12CDE"] = session.search.listed["AB12CDE"][:1]
    window.session.enter("AB12CDE")


def _shift(window: Window, session: SamplePatrol, app: QApplication) -> None:
    assert session.shift is not None
    session.shift = replace(session.shift, started_at=session.clock.utc() - timedelta(hours=3, minutes=38))
    window.show_page("shift")


def _car(window: Window, session: SamplePatrol, app: QApplication) -> None:
    now = session.clock.utc()
    assert session.shift is not None
    session.shift = replace(session.shift, started_at=now - timedelta(minutes=90))
    session.coverage.shown = sample_minutes(session.shift.started_at, now)
    session.fix = Fix(53.8, -1.5, session.clock.monotonic() - 1, satellites=9)
    night = theme.tokens() is theme.NIGHT
    for outlook in session.coverage.outlook:
        session.publish(CameraChanged(outlook.status))
    window.show_page("car")
    for name, vrm in (("front", "LM19XYZ"), ("rear", "XU64ZGY")):
        session.show_road(name, vrm, night=night)
        window.car.panels[name].tile.look()


def _mask(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _car(window, session, app)
    window.car.panels["front"].mask_button.click()


def _shift_open(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _hits(session, 0, 2)
    settle(app)
    window.show_page("shift")
    window.shift.off_wanted.emit()


def _settings(window: Window, session: SamplePatrol, app: QApplication) -> None:
    window.show_page("settings")


def _locked(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _hits(session, 1)
    settle(app)
    window.show_page("lock")
    window.lock.pad.set_pin("25")


def _sign_on(window: Window, session: SamplePatrol, app: QApplication) -> None:
    window.signing.enter()
    window.sign_on.choose("4821")
    window.sign_on.pad.set_pin("258")


def _start_check(window: Window, session: SamplePatrol, app: QApplication) -> None:
    for camera in ("front", "rear"):
        status = CameraStatus(camera, CameraState.SEEN, width=1920, height=1080, fps=30)
        session.publish(CameraChanged(status))
    session.publish(LampChanged(Lamp("gps", LampState.BAD, "GPS lost", "Reads go on without a place. Check its plug.")))
    window.show_page("start_check")
    session.proof.broken = [
        JointResult(
            Joint.GPS_TIME, "", JointState.FAILED, "GPS lost.", "Reads go on without a place. Check its plug.", 5.0
        )
    ]
    window.start_check.begin(lists_updated=False)
    settle(app)
    window.start_check.yes.click()


def _start_check_good(window: Window, session: SamplePatrol, app: QApplication) -> None:
    window.show_page("start_check")
    window.start_check.begin(lists_updated=True)
    settle(app)
    session.proof.heard(True)
    session.proof.tapped(Tap.FINGER)


def _sync(window: Window, session: SamplePatrol, app: QApplication) -> None:
    window.sync.begin(upload=True)
    window.show_page("sync")
    session.publish(SyncProgress("outcomes", 6, 6, 4_100, 4_100, finished=True))
    session.publish(SyncProgress("reads", 131, 214, 1_900_000, 3_100_000, seconds_left=11))
    session.publish(SyncProgress("pictures", 262, 428, 4_700_000, 8_200_000, seconds_left=34))


def _safe(window: Window, session: SamplePatrol, app: QApplication) -> None:
    window.sync.begin(upload=True)
    window.show_page("sync")
    for what, count in (("outcomes", 6), ("reads", 214), ("pictures", 428)):
        session.publish(SyncProgress(what, count, count, count * 19_000, count * 19_000, finished=True))
    settle(app)
    window.sync.ended_upload(0)


def _still_waiting(window: Window, session: SamplePatrol, app: QApplication) -> None:
    window.sync.begin(upload=True)
    window.show_page("sync")
    problem = "The depot cannot be reached. Check the depot Wi-Fi, then try again."
    session.publish(SyncProgress("records", 176, 214, 2_300_000, 3_100_000, finished=True, problem=problem))
    settle(app)
    window.sync.ended_upload(38)


def _by_stick(window: Window, session: SamplePatrol, app: QApplication) -> None:
    """The depot was out of reach, and two sticks are plugged in."""
    _still_waiting(window, session, app)
    window.sync.put_on_stick.click()
    settle(app)


def _on_stick(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _by_stick(window, session, app)
    window.sync.sticks.buttons[0].click()
    settle(app)
    session.publish(SyncProgress("records to the stick", 38, 38, 800_000, 800_000, finished=True))
    session.sticks.running.set_result(PutOnStick(38, 0))


def _refused(window: Window, session: SamplePatrol, app: QApplication) -> None:
    """The depot refused some records: what is left is not safe to forget."""
    _safe(window, session, app)
    session.refused = 3
    window.sync.ended_upload(0, session.refused)


def _cancelled(window: Window, session: SamplePatrol, app: QApplication) -> None:
    """The depot took the entry off its list while the hit was open."""
    _hits(session, 0, 1)
    settle(app)
    (hit,) = (hit for hit, _ in session.open_hits() if hit.read.vrm == "AB12CDE")
    session.publish(HitCancelled(replace(hit, cancelled=True)))


def _list_expired(window: Window, session: SamplePatrol, app: QApplication) -> None:
    """A list so far past its end that a hit says nothing of its entry but the mark."""
    hidden = sample_hit("AB12CDE", Tier.IMMEDIATE, OVER)
    entry = Voi("AB12CDE", action="VERIFY BY RADIO", reason=OVER, tier=Tier.IMMEDIATE)
    hidden = replace(hidden, match=replace(hidden.match, kind=MatchKind.CHECK, voi=entry))
    lamp = Lamp("list", LampState.WARN, sentence("List expired, {hours} h", hours=74), "Alerts go on.")
    session.publish(LampChanged(lamp))
    night = theme.tokens() is theme.NIGHT
    session.raise_hit(hidden, sample_evidence("AB12CDE", hidden.read.colour, night=night))
    settle(app)
    window.live.card.looked.emit("A")


def _safe_mode(window: Window, session: SamplePatrol, app: QApplication) -> None:
    _hits(session, 1)
    session.publish(LampChanged(Lamp(SAFE_MODE, LampState.BAD, "Safe mode", "Tell IT.")))


def _list_doubt(window: Window, session: SamplePatrol, app: QApplication) -> None:
    """A list that may be a mistake, and one that its owner took back."""
    window.depot.download(signed_on=True)
    doubt = ListDoubt("stolen", "Stolen vehicles", 8, 40_000, 3)
    problem = (
        "The new revision has 3 entries instead of 40,000, which may be a mistake. Ask your supervisor; whoever is "
        "signed on can accept it here."
    )
    news = "Untaxed vehicles was taken back by its owner. It is no longer matched."
    session.publish(SyncProgress("Lists", 3, 3, finished=True, problem=problem, news=news, doubts=(doubt,)))
    session.sync.set_result(False)


SHOTS: dict[str, Callable[[Window, SamplePatrol, QApplication], None]] = {
    "live": _live,
    "hit_exact": _exact,
    "hit_look": _look,
    "hit_check": _check,
    "hit_reasons": _reasons,
    "camera_lost": _lost,
    "driver": _driver,
    "hits": _hit_list,
    "hits_closed": _hits_closed,
    "hits_again_and_muted": _sightings,
    "hit_past": _past,
    "hit_entry_muted": _muted_entry,
    "reads": _reads,
    "export": _export,
    "export_words": _export_words,
    "reads_found": _reads_found,
    "reads_search": _reads_search,
    "read": _read,
    "read_correct": _read_correct,
    "read_voi": _read_voi,
    "reads_own": _reads_own,
    "enter_vrm": _enter_vrm,
    "enter_vrm_none": _enter_vrm_none,
    "hit_entered": _hit_entered,
    "hit_cancelled": _cancelled,
    "hit_list_expired": _list_expired,
    "safe_mode": _safe_mode,
    "shift": _shift,
    "shift_open": _shift_open,
    "car": _car,
    "mask": _mask,
    "settings": _settings,
    "lock": _locked,
    "sign_on": _sign_on,
    "start_check": _start_check,
    "start_check_good": _start_check_good,
    "sync": _sync,
    "by_stick": _by_stick,
    "on_stick": _on_stick,
    "safe": _safe,
    "refused": _refused,
    "list_doubt": _list_doubt,
    "still_waiting": _still_waiting,
}


def take(app: QApplication, name: str, *, night: bool, size: tuple[int, int] = SIZE) -> QImage:
    """Render one screen."""
    window, session = open_window(app, night=night, size=size)
    SHOTS[name](window, session, app)
    settle(app, window)
    session.clock.advance(1.0)  # past the dead time: the buttons are awake
    image = window.grab().toImage()
    discard(app, window)
    return image


def reduced(image: QImage) -> QImage:
    """The picture with at most 256 colours, so that it is kept small: the commonest exactly, the rest by nearest."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    pixels = pixels_of(rgb).reshape(-1, 3)
    packed = pixels.astype(np.uint32) @ np.array([1, 256, 65536], np.uint32)
    colours, index, counts = np.unique(packed, return_inverse=True, return_counts=True)
    parts = np.stack([colours & 255, colours >> 8 & 255, colours >> 16], axis=1).astype(np.float32)
    order = np.argsort(-counts)
    palette = parts[order[:EXACT_COLOURS]]
    rest = parts[order[EXACT_COLOURS:]]
    if len(rest) > 256 - EXACT_COLOURS:
        stop = (cv2.TERM_CRITERIA_MAX_ITER, 8, 0.0)
        cv2.setRNGSeed(1)
        centres = cv2.kmeans(
            rest, 256 - EXACT_COLOURS, np.zeros((len(rest), 1), np.int32), stop, 1, cv2.KMEANS_PP_CENTERS
        )[2]
        rest = np.asarray(centres, np.float32).round()
    palette = np.concatenate([palette, rest])
    squares = (palette**2).sum(axis=1)
    nearest = np.concatenate([(squares - 2 * part @ palette.T).argmin(axis=1) for part in np.array_split(parts, 32)])
    places = np.ascontiguousarray(nearest[index].astype(np.uint8).reshape(rgb.height(), rgb.width()))
    small = QImage(places.data, rgb.width(), rgb.height(), rgb.width(), QImage.Format.Format_Indexed8).copy()
    small.setColorTable([qRgb(int(red), int(green), int(blue)) for blue, green, red in palette])
    return small


def save_screenshots(folder: Path, size: tuple[int, int] = SIZE) -> list[Path]:
    """Render every screen by day and by night into `folder`; return the files."""
    app = make_application()
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for night in (True, False):
        for name in SHOTS:
            image = take(app, name, night=night, size=size)
            files.append(folder / f"{name}_{'night' if night else 'day'}.png")
            reduced(image).save(str(files[-1]), "PNG", 0)  # type: ignore[call-overload]
    return files


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["TZ"] = "UTC"
    if sys.platform != "win32":  # which reads TZ by itself
        time.tzset()
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/screenshots")
    save_screenshots(target)
