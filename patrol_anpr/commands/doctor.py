"""`patrol-anpr doctor`: looks at every part the patrol needs and says what to do about each."""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from patrol_anpr.alerting.tones import load_tones
from patrol_anpr.build import build_announcer, shelf_of
from patrol_anpr.cameras.listing import FoundCamera, list_cameras
from patrol_anpr.cameras.opening import open_source
from patrol_anpr.cameras.pictures import BadFrame
from patrol_anpr.cameras.source import SourceEnded, SourceKind
from patrol_anpr.cameras.visibility import Visibility
from patrol_anpr.commands.finding import Finding
from patrol_anpr.commands.loading import SETTINGS_FILE, LoadedSettings
from patrol_anpr.commands.thief import PART, thief_findings
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.enrolment import as_enrolled, identity_of
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.patrol.engine import CameraPlan
from patrol_anpr.patrol.models import model_shelf_of
from patrol_anpr.patrol.plans import camera_plans
from patrol_anpr.patrol.reader import build_reader
from patrol_anpr.plumbing.authority import why_no_authority
from patrol_anpr.plumbing.disk import disk_usage
from patrol_anpr.records.aside import ASIDE
from patrol_anpr.records.examining import examine as examine_records
from patrol_anpr.records.exposure import exposure, has_shifts
from patrol_anpr.records.keys import LISTS, RECORDS, find_key
from patrol_anpr.resources import ASSETS
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import ClockWatch, SystemClock, lone_clock
from patrol_anpr.vehicle.gps import open_gps
from patrol_anpr.vehicle.health import disk_probe

GPS_SECONDS = 2.0
"""How much longer than `vehicle.gps_lost_seconds` a receiver is listened to."""
CAMERA_SECONDS = 4.0
"""How long a camera is looked at: a lens out of focus shows after three."""
THIEF = (PART, thief_findings)
MARKS = {LampState.GOOD: "ok", LampState.WARN: "look", LampState.BAD: "BAD", LampState.UNKNOWN: "?"}


def examine(loaded: LoadedSettings, *, thief: bool = False) -> int:
    """Print a finding for each part as it is made, or what a `thief` would get; returns 1 when one is bad, else 0."""
    bad = False
    for finding in _guarded(*THIEF, loaded.settings) if thief else findings(loaded.settings):
        typer.echo(f"{MARKS[finding.state]:<5} {finding.part:<10} {finding.found}")
        if finding.advice:
            typer.echo(f"{'':<17}{finding.advice}")
        bad = bad or finding.state is LampState.BAD
    return 1 if bad else 0


def findings(settings: Settings) -> Iterator[Finding]:
    """Look at one part after the other."""
    watch = ClockWatch(SystemClock())
    parts: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
        ("models", _models),
        ("cameras", _cameras),
        ("voice", _voice),
        ("gps", partial(_gps, watch)),
        ("key store", _key_store),
        ("records", _records),
        ("lists", _lists),
        ("disk", _disk),
        ("clock", partial(_clock, watch)),
        ("depot", _depot),
        THIEF,
    )
    for part, look in parts:
        yield from _guarded(part, look, settings)


def _guarded(part: str, look: Callable[[Settings], Iterator[Finding]], settings: Settings) -> Iterator[Finding]:
    """A KnownError is a finding like any other: its sentence says what to do."""
    try:
        yield from look(settings)
    except KnownError as error:
        yield Finding(part, LampState.BAD, str(error))


def _models(settings: Settings) -> Iterator[Finding]:
    shelf = model_shelf_of(settings)
    reader = build_reader(settings.reading, shelf.reading)
    yield Finding("models", LampState.GOOD, reader.names)
    if (new := shelf.standing()) is not None:
        state = LampState.WARN if new.state == "refused" else LampState.GOOD
        yield Finding("new models", state, f"{new.name}, revision {new.revision}, of the depot: {new.state}", new.why)
    reading = settings.reading
    yield Finding(
        "reading", LampState.GOOD, f"{reading.provider}, {reading.threads} thread(s), {reading.input_size} px"
    )
    for trial in reader.trials:
        in_use = ", in use" if trial.form == reader.form else ""
        if trial.works:
            yield Finding("test card", LampState.GOOD, f"{trial}{in_use}")
        else:
            advice = "Choose another provider, or leave the detector and the OCR of the settings empty."
            yield Finding("test card", LampState.WARN, f"{trial}{in_use}", advice)


def _cameras(settings: Settings) -> Iterator[Finding]:
    found = list_cameras()
    for camera in found:
        there = f"plugged in: usb:{camera.index} {camera.name} ({camera.path})"
        yield Finding("cameras", LampState.GOOD, there, camera.note)
    if not settings.cameras:
        advice = "Name the cameras in the settings file, or give --source."
        yield Finding("cameras", LampState.WARN, f"none set up, {len(found)} plugged in", advice)
    plans = camera_plans(settings.cameras)
    yield from _mixed_up(plans, found)
    for plan in plans:
        state, said, advice = _camera(plan)
        yield Finding("cameras", state, f"{plan.camera_id}: {said}", advice)


def _camera(plan: CameraPlan) -> tuple[LampState, str, str]:
    """Look at the pictures of a camera for some seconds, of a file at the first; the state, what was found, advice."""
    clock, visibility, seen, trouble = SystemClock(), Visibility(), False, ""
    until = clock.monotonic() + CAMERA_SECONDS
    try:
        with closing(open_source(plan.spec, plan.wish)) as source:
            while clock.monotonic() < until if plan.spec.live else not seen:
                try:
                    visibility.look(source.grab(), clock.monotonic())
                    seen = True
                except BadFrame as error:
                    trouble = str(error)
            size = source.granted
    except SourceEnded as ended:
        return LampState.BAD, ended.losses or "the source is empty", ""
    except KnownError as error:
        return LampState.BAD, str(error), ""
    if not seen:
        return LampState.BAD, trouble, ""
    granted = f"{size.width}x{size.height} at {size.fps:g} fps {size.fourcc}".strip()
    trouble = trouble or visibility.detail or plan.spec.passed_over
    return LampState.WARN if trouble else LampState.GOOD, f"{plan.spec.label} gives {granted}", trouble


def _mixed_up(plans: Sequence[CameraPlan], found: Sequence[FoundCamera]) -> Iterator[Finding]:
    """Cameras that may not be the ones that are meant: one device named twice, or a name that two cameras claim."""
    named: dict[str, str] = {}
    by_device = {os.path.realpath(camera.path): camera for camera in found}
    for plan in plans:
        if plan.spec.kind is not SourceKind.USB:
            continue
        device = os.path.realpath(f"/dev/video{plan.spec.where}" if plan.spec.where.isdigit() else plan.spec.where)
        if (other := named.setdefault(device, plan.camera_id)) != plan.camera_id:
            advice = "Name each by its own path: `patrol-anpr cameras` lists them."
            yield Finding("cameras", LampState.BAD, f"{other} and {plan.camera_id} are one and the same camera", advice)
        elif (camera := by_device.get(device)) and camera.note and plan.spec.where != camera.path:
            advice = f"Write {camera.path} for it. {camera.note}"
            yield Finding("cameras", LampState.WARN, f"{plan.camera_id}: its name may lead to another camera", advice)


def _voice(settings: Settings) -> Iterator[Finding]:
    if not settings.alerting.sound:
        yield Finding(
            "voice", LampState.WARN, "sound is switched off", "Set alerting.sound to true for a car with people."
        )
        return
    lamps: list[Lamp] = []
    announcer = build_announcer(settings, SystemClock(), lamps.append, load_tones(ASSETS / "tones"))
    announcer.start()
    try:
        played = announcer.self_test()
    finally:
        announcer.stop()
    lamp = lamps[-1] if lamps else Lamp("voice", LampState.UNKNOWN, "", "Check the sound device and its volume.")
    if not played:
        word = lamp.word.lower() if lamp.state is LampState.BAD else "no answer in time"
        yield Finding("voice", LampState.BAD, f"no sound could be played: {word}", lamp.advice)
    elif lamp.state is LampState.WARN:
        yield Finding("voice", LampState.WARN, f"a tone and a sentence were played, but: {lamp.word}", lamp.advice)
    else:
        advice = "Did you hear them? If not, the volume."
        yield Finding("voice", LampState.GOOD, "a tone and a sentence were played", advice)


def _gps(watch: ClockWatch, settings: Settings) -> Iterator[Finding]:
    """Listen until there is a place, or the lamp that a patrol would show says why there is none."""
    vehicle = settings.vehicle
    if not vehicle.gps:
        yield Finding("gps", LampState.WARN, "no receiver is set up", "Set vehicle.gps, or go on without places.")
        return
    decided = threading.Event()
    lamps: list[Lamp] = []

    def on_fix(fix: Fix | None) -> None:
        watch.gps_time(fix.at_utc if fix else None)

    def on_lamp(lamp: Lamp) -> None:
        lamps.append(lamp)
        if lamp.state in (LampState.GOOD, LampState.BAD):
            decided.set()

    lost_after = vehicle.gps_lost_seconds
    gps = open_gps(vehicle.gps, SystemClock(), on_fix, on_lamp, lost_after=lost_after, baud=vehicle.gps_baud)
    gps.start()
    try:
        decided.wait(lost_after + GPS_SECONDS)
    finally:
        gps.stop()
    lamp = lamps[-1]
    found = "gives positions" if lamp.state is LampState.GOOD else lamp.word
    yield Finding("gps", lamp.state, f"{vehicle.gps}: {found}", lamp.advice)


def _key_store(settings: Settings) -> Iterator[Finding]:
    for purpose, folder in ((RECORDS, settings.records.folder), (LISTS, settings.hotlists.folder)):
        key = find_key(folder, purpose)
        if key.warning and purpose == RECORDS and has_shifts(folder):
            advice = "Set up the key store, or encrypt the disk: `patrol-anpr doctor --thief` says why."
            yield Finding("key store", LampState.WARN, "the car's own key: a file", advice)
        elif key.warning:
            yield Finding("key store", LampState.WARN, f"{purpose}: a file beside them", key.warning)
        else:
            yield Finding("key store", LampState.GOOD, f"{purpose}: the system's")


def _records(settings: Settings) -> Iterator[Finding]:
    folder = settings.records.folder
    if has_shifts(folder):
        yield from _shifts(folder)
        return
    found = examine_records(folder, find_key(folder))
    yield Finding("records", LampState.GOOD, f"{found.reads:,} reads, {found.waiting:,} records wait for the depot")
    if found.parked:
        advice = "They are kept in the car. `patrol-anpr depot doubts` says there why; tell IT of the depot."
        yield Finding("records", LampState.WARN, f"{found.parked:,} records were refused by the depot", advice)
    if found.behind:
        advice = "The next start sets these records aside and begins new ones. Report it at the depot."
        yield Finding("records", LampState.BAD, "their newest part is missing", advice)
    if found.trail.whole:
        yield Finding("audit", LampState.GOOD, f"{found.trail.rows:,} entries, none missing or changed")
    else:
        advice = "Somebody or something changed the records. Keep this laptop as it is and report it at the depot."
        yield Finding("audit", LampState.BAD, f"the trail is broken at entry {found.trail.first_bad}", advice)
    if found.aside:
        advice = f"Hand it in at the depot, then delete it: {folder / ASIDE}"
        yield Finding("records", LampState.WARN, f"set aside earlier: {', '.join(found.aside)}", advice)


def _shifts(folder: Path) -> Iterator[Finding]:
    """Of an enrolled car: only who signs on, and the depot, can look into the records."""
    found = exposure(folder)
    under_way = f"{found.with_pin} shift(s) open at the officer's sign-on, " if found.with_pin else ""
    yield Finding("records", LampState.GOOD, f"{under_way}{found.sealed} shift(s) are closed: the depot opens them")
    if found.unsent:
        advice = "They are sent as they are at the next upload."
        yield Finding("records", LampState.WARN, f"{found.unsent} closed shift(s) wait for the depot", advice)


def _lists(settings: Settings) -> Iterator[Finding]:
    clock = lone_clock()
    matcher = Matcher()
    try:
        shelf = shelf_of(settings, matcher, clock)
        faults = shelf.load()
        lists = [(one.head, one.count) for one in shelf.in_force]
    finally:
        matcher.close()
    for fault in faults:
        yield Finding("lists", LampState.BAD, fault.sentence)
    if not lists:
        advice = "Sync with the depot, or `patrol-anpr hotlist import`."
        yield Finding("lists", LampState.BAD, "no list on this car", advice)
    for head, count in lists:
        hours = (clock.utc() - head.issued_at) / timedelta(hours=1)
        old = hours > settings.hotlists.amber_after_hours
        unknown = hours < -1  # no list was made in the future: the clock is wrong
        age = "of unknown age" if unknown else f"{max(0.0, hours):.0f} h old"
        advice = "Set the computer's clock." if unknown else "Sync with the depot when you can." if old else ""
        state = LampState.WARN if old or unknown else LampState.GOOD
        yield Finding("lists", state, f"{head.name}, revision {head.revision}, {count:,} entries, {age}", advice)


def _disk(settings: Settings) -> Iterator[Finding]:
    folder, vehicle = settings.records.folder, settings.vehicle
    lamp = disk_probe(folder, vehicle.disk_amber_percent, vehicle.disk_red_percent, SystemClock())()
    free = disk_usage(folder).free / 2**30
    yield Finding("disk", lamp.state, f"{free:.1f} GB free under {folder}", lamp.advice)


def _clock(watch: ClockWatch, _settings: Settings) -> Iterator[Finding]:
    lamp, source = watch.probe(), watch.state.source
    compared = "compared with GPS" if source == "gps" else "compared with GPS and the depot during a patrol"
    found = f"{SystemClock().utc():%Y-%m-%d %H:%M:%S} UTC, {compared}"
    yield Finding("clock", lamp.state, found if lamp.state is LampState.GOOD else f"{lamp.word}: {found}", lamp.advice)


def _depot(settings: Settings) -> Iterator[Finding]:
    if reason := why_no_authority(settings.depot.ca_file):
        yield Finding("depot", LampState.BAD, reason)
        return
    identity = identity_of(settings)
    if identity is None:
        advice = "Reads stay on this car. Ask for a code at the depot, then `patrol-anpr enrol`."
        state = LampState.BAD if settings.depot.url else LampState.WARN
        yield Finding("depot", state, "not enrolled at a depot", advice)
        return
    depot, late = as_enrolled(settings, identity).depot, SystemClock().utc() > identity.ends
    found = f"enrolled as {depot.car} at {depot.url}, depot {identity.trust.depot_id}"
    yield Finding("depot", LampState.GOOD, found)
    advice = "The next sync renews it, up to 90 days after its end; later the car needs a new code." if late else ""
    where = "the key store" if find_key(settings.records.folder).place == "store" else "the records' key file"
    found = f"valid until {identity.ends:%Y-%m-%d %H:%M} UTC; its key lies encrypted, and {where} opens it"
    yield Finding("certificate", LampState.WARN if late else LampState.GOOD, found, advice)


def print_settings(loaded: LoadedSettings) -> None:
    """Print every setting in force, where its value came from, and what it is."""
    title = f"Settings file: {loaded.file or f'none; {SETTINGS_FILE} would be read'}"
    table = Table("setting", "value", "unit", "from", "what it is", title=title)
    for row, origin in loaded.shown():
        table.add_row(row.name, row.value, row.unit, origin.value, row.explanation)
    wide = sys.stdout.isatty()
    Console(width=None if wide else 160).print(table)
