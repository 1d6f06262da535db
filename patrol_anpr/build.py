"""The composition root: the one file that knows every class."""

import contextlib
import logging
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import gettempdir
from typing import TypeVar

from patrol_anpr import __version__
from patrol_anpr.alerting.announcer import Announcer
from patrol_anpr.alerting.output import find_look
from patrol_anpr.alerting.player import NullPlayer, find_player
from patrol_anpr.alerting.tones import Tone, whole_tones
from patrol_anpr.alerting.voice import Voice
from patrol_anpr.depot_link.download import ListShelf
from patrol_anpr.depot_link.link import Link
from patrol_anpr.depot_link.none import NoLink
from patrol_anpr.depot_link.stick.road import StickRoad
from patrol_anpr.domain.clock import Clock, CorrectedClock
from patrol_anpr.domain.errors import BadInput, KnownError, RecordsFault
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import OF_THE_START, CameraStatus, Lamp, LampState
from patrol_anpr.domain.hotlist import Hotlist, ImportReport, Tier, Voi, list_id_of
from patrol_anpr.domain.plate import Frame
from patrol_anpr.domain.proof import TEST_VRM
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.sentences import marked, sentence
from patrol_anpr.domain.shift import Officer
from patrol_anpr.domain.wording import camera_name
from patrol_anpr.enrolment import NOT_ENROLLED, as_enrolled, identity_folder, identity_of, identity_secret
from patrol_anpr.evidence.package import EvidenceWriter
from patrol_anpr.evidence.signing import SigningKey, find_signing_key
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.hotlists.memory import MemoryList
from patrol_anpr.hotlists.own import OwnList
from patrol_anpr.hotlists.shelf import Shelf
from patrol_anpr.identity.answer_keys import AnswerKeys
from patrol_anpr.identity.own import Identity
from patrol_anpr.identity.trust import read as read_trust
from patrol_anpr.patrol.car import Car
from patrol_anpr.patrol.choices import FILE_NAME, read_choices
from patrol_anpr.patrol.engine import CameraPlan, Engine, EngineListeners
from patrol_anpr.patrol.eyes import NoEyes
from patrol_anpr.patrol.lamps import NO_GPS
from patrol_anpr.patrol.models import NOT_TRIED, model_shelf_of, models_lamp
from patrol_anpr.patrol.patrol import Parts, Patrol
from patrol_anpr.patrol.plans import SAME_NAME, camera_plans
from patrol_anpr.patrol.reader import open_reader
from patrol_anpr.patrol.rig import KeptRigs, RigFile
from patrol_anpr.patrol.shadow_run import ShadowRun
from patrol_anpr.patrol.trying import ModelTrial
from patrol_anpr.plumbing.run_folder import folder_of_this_run
from patrol_anpr.reading.mirrored import MirrorWatch
from patrol_anpr.reading.model_shelf import ModelShelf
from patrol_anpr.reading.models import shipped_digests
from patrol_anpr.reading.proving import PlateLayer
from patrol_anpr.reading.recogniser import Recogniser
from patrol_anpr.records.keys import LISTS, Key, find_key
from patrol_anpr.records.lock import AlreadyRunning
from patrol_anpr.records.records import ACTOR, Records
from patrol_anpr.records.shift_keys import ShiftKeys, waits_from_before
from patrol_anpr.resources import ASSETS
from patrol_anpr.running import running_of
from patrol_anpr.settings import CameraSettings, HotlistSettings, Settings
from patrol_anpr.vehicle.clock import ClockWatch, SystemClock
from patrol_anpr.vehicle.gps import Gps, open_gps
from patrol_anpr.vehicle.health import DISK_LATE, Health, Probe, Prompt, disk_probe
from patrol_anpr.vehicle.leaks import LeakWatch
from patrol_anpr.wire.manifest import Running
from patrol_anpr.wire.records import Origin

log = logging.getLogger(__name__)

T = TypeVar("T")

MIRRORED = "Plates can be read only in the mirrored picture. Set mirror = true for this camera in the settings file."


class _Start:
    """What of a car could not be made as the settings say, a lamp each. The patrol goes on without it."""

    def __init__(self) -> None:
        self.faults: list[Lamp] = []

    def make(self, key: str, word: str, make: Callable[[], T], otherwise: Callable[[str], T]) -> T:
        """Make a part; one that cannot be made is told by a red lamp, and `otherwise` gets the sentence for it."""
        try:
            return make()
        except KnownError as error:
            why = error.sentence
        except Exception as error:  # whatever it is, one part must not keep all the others from the patrol
            log.exception("%s could not be made", key)
            why = sentence("The program failed there ({kind}). Tell IT.", kind=type(error).__name__)
        self.faults.append(Lamp(key, LampState.BAD, word, why))
        return otherwise(why)

    def cameras(self, cameras: Sequence[CameraSettings]) -> list[CameraPlan]:
        """Understand each camera for itself."""
        plans: dict[str, CameraPlan] = {}
        for number, camera in enumerate(cameras, 1):
            if camera.name in plans:
                lamp = Lamp(f"setting:camera{number}", LampState.BAD, "Camera set up twice", SAME_NAME)
                self.faults.append(lamp)
                continue
            word = sentence("{camera} not set up", camera=sentence(camera_name(camera.name)))
            for plan in self.make(f"camera:{camera.name}", word, partial(camera_plans, [camera]), lambda _: []):
                plans[plan.camera_id] = plan
        return list(plans.values())

    def named(self, plans: Sequence[CameraPlan], kept: KeptRigs) -> tuple[list[CameraPlan], Mapping[str, str]]:
        """Give each camera the name an officer swapped it to, where the settings name the same cameras still."""
        own = {plan.camera_id: plan.camera_id for plan in plans}
        names = self.make("rig", marked("Cameras not swapped"), lambda: kept.renamed(list(own)), lambda _: own)
        by_id = {names[plan.camera_id]: replace(plan, camera_id=names[plan.camera_id]) for plan in plans}
        return [by_id[camera_id] for camera_id in own], names


class _Wires:
    """The callbacks of rooms that are made before the Patrol they report to."""

    patrol: Patrol
    shelf: Shelf
    engine: Engine
    models: ModelShelf
    trial: ModelTrial
    shadow: ShadowRun

    def read_made(self, read: Read, evidence: Evidence) -> None:
        self.patrol.read_made(read, evidence)

    def saved(self, read_id: str) -> None:
        self.patrol.saved(read_id)

    def lamp(self, lamp: Lamp) -> None:
        self.patrol.lamp_changed(lamp)

    def camera(self, status: CameraStatus) -> None:
        self.patrol.camera_changed(status)

    def mirrored(self, camera_id: str) -> None:
        word = sentence("{camera} mirrored", camera=sentence(camera_name(camera_id)))
        self.patrol.lamp_changed(Lamp(f"mirror:{camera_id}", LampState.BAD, word, MIRRORED))

    def list_damaged(self, head: Hotlist) -> None:
        log.error("a list file is damaged")
        self.shelf.damaged(head)
        self.patrol.lists_changed()

    def list_lamp(self) -> Lamp:
        return self.patrol.list_lamp()

    def models_changed(self) -> None:
        self.trial.look()
        self.shadow.news()
        if (lamp := models_lamp(self.models.problem, self.patrol.lamps())) is not None:
            self.patrol.lamp_changed(lamp)

    def proof_looked_at(self) -> None:
        self.patrol.proof.look()

    def stood_still(self, began: datetime, ended: datetime) -> None:
        self.patrol.stood_still(began, ended)
        self.engine.open_anew()

    def roster(self, officers: Sequence[Officer]) -> None:
        self.patrol.roster_fetched(officers)


def build_car(
    settings: Settings,
    *,
    clock: Clock | None = None,
    key: Key | None = None,
    by_hand: bool = False,
    every_frame: bool = False,
) -> Car:
    """Wire a car as the settings say, without what of it cannot be: its `notices` say what. Nothing runs yet.

    `key` is given by the demo and the tests; else it comes from the key store. With `by_hand` the caller gives the
    Reads, and signing on starts no reading thread. With `every_frame` files are read as fast as they can be, and none
    of their frames is skipped.

    Raises:
        AlreadyRunning: another program has this car's records.
    """
    start = _Start()
    identity = start.make("identity", "Enrolment not read", lambda: identity_of(settings, key), lambda _: None)
    told = settings
    settings = start.make("identity", "Another car", lambda: as_enrolled(told, identity), lambda _: told)
    clock = clock or SystemClock()
    wires = _Wires()
    rig_file = RigFile(settings.records.folder)
    kept = start.make("rig", marked("Camera set-up lost"), rig_file.load, lambda _: KeptRigs())
    plans, names = start.named(start.cameras(settings.cameras), kept)
    models = wires.models = model_shelf_of(settings)
    folder = start.make("models", "Models not noted", models.begin, lambda _: models.in_use)
    reader = open_reader(settings.reading, folder)
    watch = ClockWatch(clock)
    judging = CorrectedClock(clock, lambda: watch.state)
    mirrors = MirrorWatch(reader.ocr, wires.mirrored)
    recogniser = Recogniser(reader.detector, reader.ocr, judging, models=reader.names, mirrors=mirrors)
    plates = PlateLayer(lambda: Recogniser(reader.detector, reader.ocr, judging, models=reader.names), reader.detector)
    records = _records(settings, clock, key, wires)
    matcher = Matcher(wires.list_damaged, timedelta(hours=settings.hotlists.hide_after_hours))
    runs = ExitStack()
    shelf = wires.shelf = start.make(
        "lists",
        "Lists not opened",
        lambda: shelf_of(settings, matcher, judging, key),
        lambda _: _shelf_for_now(settings, matcher, judging, runs),
    )
    start.make("lists", "Lists not opened", shelf.load, lambda _: ())  # what is missed of them is on their own lamp
    own_list = OwnList(shelf, settings.depot.car, matcher, judging)
    start.make("own-list", "Own entries not opened", lambda: _load_own(own_list), lambda _: None)
    tones, silent = whole_tones(ASSETS / "tones")
    announcer = build_announcer(settings, clock, wires.lamp, tones)
    trial = wires.trial = ModelTrial(models, settings.reading, lambda _: wires.lamp(NOT_TRIED))
    shadow = wires.shadow = ShadowRun(models, settings.reading, lambda _: wires.lamp(NOT_TRIED))

    def after_reading(frame: Frame) -> None:
        plates.look(frame)
        shadow.look(frame)

    tell = EngineListeners(wires.read_made, wires.camera, wires.lamp, after_reading)
    engine = wires.engine = Engine(plans, recogniser, clock, tell, every_frame=every_frame, reads=reader.lamp)
    for camera_id, rig in kept.rigs.items():
        if camera_id in engine.rigs:
            engine.set_up(camera_id, rig)

    def running() -> Running:
        return running_of(reader.models, reader.lamp.state, models.standing())

    link = start.make(
        "depot",
        "Depot not set up",
        lambda: _link(settings, identity, records, shelf, judging, wires, watch.depot_time, running, models),
        NoLink,
    )
    road = start.make(
        "stick",
        marked("USB sticks not set up"),
        lambda: stick_road_of(
            settings, identity, records, shelf, _ListShelf(shelf, records, wires), wires.roster, judging, key, running
        ),
        lambda _: None,
    )
    choices_file = settings.records.folder / FILE_NAME
    chosen = read_choices(choices_file, settings.usual_choices())
    wires.patrol = Patrol(
        Parts(
            matching=matcher,
            alerting=announcer,
            recording=records,
            clock=clock,
            depot_link=link,
            stick_road=road,
            shelf=shelf,
            own_list=own_list,
            reading=None if by_hand else engine,
            live=engine.live,
            evidence=evidence_writer(settings, records, clock, key),
            unit=settings.depot.car,
            list_amber_after=timedelta(hours=settings.hotlists.amber_after_hours),
            keep_days=settings.records.keep_days,
            again_after=timedelta(minutes=settings.alerting.again_after_minutes),
            look_every=settings.depot.look_every_seconds,
            clock_state=lambda: watch.state,
            eyes=NoEyes() if every_frame else engine,  # whose frames come faster than time passes
            keeps_rigs=rig_file,
            camera_names=names,
            camera_statuses=lambda: engine.statuses,
            plates=plates,
            test_list=_test_list(clock),
            picture_moves=engine.picture_moves,
            choices=chosen.choices,
            choices_file=choices_file,
            settings_shown=tuple(settings.shown()),
            place=(settings.screen.latitude, settings.screen.longitude),
        )
    )
    probes: dict[str, Probe] = {
        "list": wires.list_lamp,
        "clock": watch.probe,
        "reading": engine.tend,
        "records": records.lamp,
        "coverage": wires.patrol.coverage.look,
        "disk": Prompt("health-disk", _disk_probe(settings, clock), DISK_LATE),
        "proof": wires.proof_looked_at,
        "program": LeakWatch(),
    }
    models.on_change = wires.models_changed
    told_of_models = models_lamp(models.problem, ())
    gps = start.make("gps", "GPS not set up", lambda: _gps(settings, clock, wires, watch), lambda _: None)
    return Car(
        patrol=wires.patrol,
        engine=engine,
        recogniser=recogniser,
        records=records,
        announcer=announcer,
        matcher=matcher,
        shelf=shelf,
        health=Health(probes, wires.lamp, clock, wires.stood_still),
        plans=plans,
        gps=gps,
        link=link,
        road=road,
        reader=reader,
        models=models,
        trial=trial,
        shadow=shadow,
        runs=runs,
        notices=(
            *([reader.lamp] if reader.faults else []),
            *([told_of_models] if told_of_models else []),
            *([] if settings.vehicle.gps else [NO_GPS]),
            *start.faults,
            *(Lamp("tones", LampState.WARN, "Tone replaced", fault.sentence) for fault in silent[:1]),
            *_news(records, plans, chosen.problem),
        ),
    )


def evidence_writer(settings: Settings, records: Records, clock: Clock, key: Key | None = None) -> EvidenceWriter:
    """Make what writes evidence: nothing is opened before the first export."""
    folder = settings.records.folder

    def signing_key() -> SigningKey:
        secret = (key or find_key(folder)).derived("evidence")
        found, made = find_signing_key(folder, secret, f"Car {settings.depot.car}", clock.utc())
        if made:
            records.audit(ACTOR, "evidence.key_made", found.fingerprint, "the certificate of this car's evidence")
        return found

    own = settings.records.export_folder
    return EvidenceWriter(
        Path(own) if own else folder.absolute().parent / "exports",
        signing_key,
        clock,
        origin_of(settings),
        ASSETS,
        {name: one for folder in model_shelf_of(settings).folders for name, one in shipped_digests(folder).items()},
    )


def origin_of(settings: Settings) -> Origin:
    """Where the records of this car say they come from."""
    depot = settings.depot
    return Origin(feed_id=depot.feed, source_id=depot.car, software=f"patrol-anpr {__version__}")


def _test_list(clock: Clock) -> Matcher:
    """The list of the proof run: one entry, in memory, on no shelf."""
    matcher = Matcher()
    head = Hotlist("test", "TEST", "Patrol ANPR", 1, Tier.PRIORITY, clock.utc())
    matcher.put(MemoryList(head, [Voi(TEST_VRM, reason="TEST", tier=Tier.PRIORITY)]))
    return matcher


def _records(settings: Settings, clock: Clock, key: Key | None, wires: "_Wires | _Nobody") -> Records:
    """Make the records of an enrolled car, or open those of one that is not, as soon as they can be.

    Raises AlreadyRunning.
    """
    folder = settings.records.folder
    if (keys := _shift_keys(settings, clock, key)) is not None:
        return Records.of_shifts(keys, clock, wires.saved, wires.lamp, origin=origin_of(settings))
    return Records.open_or_later(
        folder,
        lambda: key or find_key(folder),
        clock,
        wires.saved,
        wires.lamp,
        reserve=settings.records.reserve_megabytes * 2**20,
        scarce_percent=settings.vehicle.disk_red_percent,
        origin=origin_of(settings),
    )


def _shift_keys(settings: Settings, clock: Clock, key: Key | None) -> ShiftKeys | None:
    """The keys of an enrolled car's shifts.

    None: it is not enrolled, its own key is not there, or what it kept before its enrolment is not all at the depot.
    """
    folder = settings.records.folder
    try:
        trust = read_trust(folder.absolute().parent / "identity")
        if trust is None:
            return None
        car = key or find_key(folder)
        if waits_from_before(folder, car, clock):
            log.warning("records from before the enrolment wait for the depot; they go on until it holds them")
            return None
        reserve = settings.records.reserve_megabytes * 2**20
        scarce = settings.vehicle.disk_red_percent
        return ShiftKeys(
            folder,
            car,
            trust.sealing_key,
            clock,
            reserve=reserve,
            scarce_percent=scarce,
            find_car=lambda: key or find_key(folder),
        )
    except AlreadyRunning:
        raise
    except RecordsFault as fault:
        log.error("no keys for shifts: %s", type(fault).__name__)  # noqa: TRY400  its text may name paths
        return None


def _news(records: Records, plans: Sequence[CameraPlan], choices: str) -> Iterator[Lamp]:
    """What is to be known of the last time, and of the files that will not be read."""
    told = [
        *records.notices,
        *filter(None, [choices]),
        *(plan.spec.passed_over for plan in plans if plan.spec.passed_over),
    ]
    for number, notice in enumerate(told):
        yield Lamp(f"{OF_THE_START}{number}", LampState.UNKNOWN, "At the start", notice)


def shelf_of(settings: Settings, matcher: Matcher, clock: Clock, key: Key | None = None) -> Shelf:
    """Make the shelf of the lists' folder, with the key that lies there unless one is given; nothing is loaded yet.

    Raises:
        RecordsFault: the folder or the key cannot be used.
    """
    folder, hide_after = settings.hotlists.folder, timedelta(hours=settings.hotlists.hide_after_hours)
    return Shelf(folder, (key or find_key(folder, LISTS)).derived("hotlists"), matcher, clock, hide_after)


def _shelf_for_now(settings: Settings, matcher: Matcher, clock: Clock, runs: ExitStack) -> Shelf:
    """A shelf for this run alone, so that lists can be fetched although those of the disk cannot be opened.

    Those stay as they are: the key to them may turn up.
    """
    try:
        folder = runs.enter_context(folder_of_this_run(_room_for_runs(settings)))
    except OSError:  # no room for lists at all: the patrol goes on without, and the lamp of the lists says so
        folder = settings.hotlists.folder
    return Shelf(folder, secrets.token_bytes(32), matcher, clock)


def build_announcer(
    settings: Settings, clock: Clock, on_lamp: Callable[[Lamp], None], tones: Mapping[Tone, bytes]
) -> Announcer:
    """Make the voice and the player the settings ask for."""
    sound = settings.alerting.sound
    return Announcer(
        Voice(clock, rate=settings.alerting.words_per_minute) if sound else None,
        find_player() if sound else NullPlayer(),
        clock,
        on_lamp,
        tones=tones,
        look=find_look() if sound else None,
        re_alert=60 * settings.alerting.again_after_minutes,
        routine_limit=settings.alerting.routine_alarms_in_ten_minutes,
    )


def _link(
    settings: Settings,
    identity: Identity | None,
    records: Records,
    shelf: Shelf,
    clock: Clock,
    wires: _Wires,
    on_depot_time: Callable[[datetime], None],
    running: Callable[[], Running],
    models: ModelShelf,
) -> Link | None:
    depot = settings.depot
    if not depot.url:
        return None
    if identity is None:
        raise BadInput(NOT_ENROLLED)

    return Link(
        depot.url,
        identity,
        records.outbox,
        settings.hotlists.folder / "arriving",
        _ListShelf(shelf, records, wires),
        wires.roster,
        clock,
        lists_root=identity.trust.lists_root,
        keep_dispositions=records.keep_dispositions,
        in_force=lambda: shelf.sound,
        ca_file=depot.ca_file,
        on_depot_time=on_depot_time,
        closed=records.closed,
        running=running,
        models=models,
    )


def stick_road_of(
    settings: Settings,
    identity: Identity | None,
    records: Records,
    shelf: Shelf,
    list_shelf: ListShelf,
    keep_roster: Callable[[Sequence[Officer]], None],
    clock: Clock,
    key: Key | None = None,
    running: Callable[[], Running] | None = None,
) -> StickRoad | None:
    """Make the road of sticks to the car's depot; None where it is not enrolled. Raises RecordsFault."""
    if identity is None:
        return None
    return StickRoad(
        identity,
        identity.trust.sealing_key,
        AnswerKeys(identity_folder(settings), identity_secret(settings, key)),
        records.outbox,
        settings.hotlists.folder / "arriving",
        list_shelf,
        clock,
        lists_root=identity.trust.lists_root,
        keep_roster=keep_roster,
        keep_dispositions=records.keep_dispositions,
        in_force=lambda: shelf.sound,
        closed=records.closed,
        running=running,
    )


@contextmanager
def parked_road(settings: Settings, key: Key | None = None) -> Iterator[tuple[StickRoad, Records]]:
    """Lend the road of sticks of a car whose patrol does not run, and its records.

    Raises BadInput where it is not enrolled, AlreadyRunning where its patrol runs, RecordsFault.
    """
    identity = identity_of(settings, key)
    if identity is None:
        raise BadInput(NOT_ENROLLED)
    settings, clock, matcher = as_enrolled(settings, identity), SystemClock(), Matcher()
    records = _records(settings, clock, key, _Nobody())
    try:
        shelf = shelf_of(settings, matcher, clock, key)
        shelf.load()
        records.start()
        road = stick_road_of(
            settings, identity, records, shelf, _ParkedShelf(shelf, records), records.keep_roster, clock, key
        )
        assert road is not None
        yield road, records
    finally:
        lost = records.stop()
        matcher.close()
    if lost:
        raise RecordsFault(lost)


class _Nobody:
    """In place of the wires: nobody looks at lamps."""

    def saved(self, read_id: str) -> None:
        """Nobody waits for it."""

    def lamp(self, lamp: Lamp) -> None:
        log.info("lamp %s: %s", lamp.key, lamp.state.value)


class _ParkedShelf:
    """The shelf as the road of sticks sees it where no patrol has to be told."""

    def __init__(self, shelf: Shelf, records: Records) -> None:
        self._shelf, self._records = shelf, records
        self.base_of, self.has_key = shelf.sha256_of_base, shelf.has_key

    def take(self, head: Hotlist, whole: Path | None, delta: Path | None, secret: bytes | None) -> None:
        self._shelf.take(head, whole, delta, secret)

    def withdraw(self, list_id: str) -> None:
        self._shelf.forget(list_id)
        self._records.audit(ACTOR, "list.withdrawn", list_id, "its owner took it back")


class _ListShelf:
    """The shelf as the link to the depot sees it: what it does there is told and audited."""

    def __init__(self, shelf: Shelf, records: Records, wires: _Wires) -> None:
        self._shelf, self._records, self._wires = shelf, records, wires
        self.base_of, self.has_key = shelf.sha256_of_base, shelf.has_key

    def take(self, head: Hotlist, whole: Path | None, delta: Path | None, secret: bytes | None) -> None:
        self._wires.patrol.list_changed(self._shelf.take(head, whole, delta, secret))

    def withdraw(self, list_id: str) -> None:
        self._wires.patrol.list_changed(self._shelf.forget(list_id))
        self._records.audit(ACTOR, "list.withdrawn", list_id, "its owner took it back")


def _load_own(own_list: OwnList) -> None:
    """Put the car's own entries in force; where some were lost, that is a fault of the start."""
    if lost := own_list.load():
        raise RecordsFault(lost)


def _disk_probe(settings: Settings, clock: Clock) -> Callable[[], Lamp]:
    vehicle = settings.vehicle
    return disk_probe(settings.records.folder, vehicle.disk_amber_percent, vehicle.disk_red_percent, clock)


def _gps(settings: Settings, clock: Clock, wires: _Wires, watch: ClockWatch) -> Gps | None:
    vehicle = settings.vehicle
    if not vehicle.gps:
        return None

    def on_fix(fix: Fix | None) -> None:
        if fix is not None:
            watch.gps_time(fix.at_utc)
        wires.patrol.fix_received(fix)

    return open_gps(vehicle.gps, clock, on_fix, wires.lamp, lost_after=vehicle.gps_lost_seconds, baud=vehicle.gps_baud)


@contextmanager
def car_of(
    settings: Settings,
    lists: Sequence[tuple[Path, Tier]] = (),
    *,
    every_frame: bool = False,
    faults: Sequence[Lamp] = (),
) -> Iterator[Car]:
    """Build a car and close it at the end; `faults` were found before and are told as the car's own are.

    With `lists` (file, tier) those and no others are in force, for this run only.
    """
    if not settings.cameras:
        raise BadInput("No camera is set up. Name one with --source, or in the settings file.")
    with ExitStack() as stack:
        if lists:
            try:
                folder = stack.enter_context(folder_of_this_run(_room_for_runs(settings)))
            except OSError as error:
                reason = error.strerror or type(error).__name__
                raise BadInput(
                    "There is no room for the lists of this run ({reason}). Check the disk.", reason=reason
                ) from error
            settings = settings.model_copy(update={"hotlists": HotlistSettings(folder=folder)})
        car = build_car(settings, every_frame=every_frame)
        stack.callback(car.close)
        car.notices = (*faults, *car.notices)
        for number, (file, tier) in enumerate(lists, 1):
            list_id = f"{number}-{list_id_of(file.stem)}"  # two folders may hold a list.csv
            head = Hotlist(list_id, file.stem, "this car", 1, tier, car.patrol.clock.utc())
            report = car.shelf.put_in_force(head, file)
            if report.rejected_count:
                car.notices = (*car.notices, _refused_lines(number, file, report))
        yield car


def _refused_lines(number: int, file: Path, report: ImportReport) -> Lamp:
    first = report.rejected[0]
    advice = sentence(
        "{file}: {count} refused, the first is line {number}: {reason}. `patrol-anpr hotlist check` shows them all.",
        file=file.name,
        count=report.rejected_count,
        number=first.number,
        reason=first.reason,
    )
    return Lamp(f"{OF_THE_START}list {number}", LampState.WARN, "Lines of a list refused", advice)


def _room_for_runs(settings: Settings) -> Path:
    """Where the folders of single runs lie: beside the lists, or where that cannot be, with the system's."""
    beside = settings.hotlists.folder.absolute().parent / "one-run"
    with contextlib.suppress(OSError):
        beside.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.access(beside, os.W_OK):
            return beside
    user = getattr(os, "getuid", lambda: "runs")()  # Windows has a temporary folder for each user
    return Path(gettempdir()) / f"patrol-anpr-{user}"
