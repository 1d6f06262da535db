"""An invented shift, drawn and not filmed: for reference screenshots and tests. No vehicle here exists."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import cos, sin
from pathlib import Path
from typing import Any, TypeVar

from patrol_anpr.domain.disposition import BUILT_IN, Disposition
from patrol_anpr.domain.dossier import Exported
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import (
    CameraChanged,
    Event,
    HitChanged,
    HitRaised,
    LampChanged,
    PlateSeen,
    ProofChanged,
    ReadMade,
)
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import CameraStatus, Lamp, LampState
from patrol_anpr.domain.hit import (
    ControlAnswer,
    Hit,
    HitState,
    Match,
    MatchKind,
    Outcome,
    Override,
    Verification,
    after,
)
from patrol_anpr.domain.hotlist import Hotlist, ListDoubt, Tier, Voi
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.plate import Box, PlateColour
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.route import Route
from patrol_anpr.domain.sentences import Sentence, sentence
from patrol_anpr.domain.shift import Crew, ListCounts, Officer, Shift, ShiftSummary
from patrol_anpr.domain.shift_chart import HourCell, ShiftChart
from patrol_anpr.lab.sample_alerts import SampleMuting
from patrol_anpr.lab.sample_cameras import SampleCoverage, SampleRigs
from patrol_anpr.lab.sample_choices import SampleChoices, SampleLock
from patrol_anpr.lab.sample_evidence import SampleExports
from patrol_anpr.lab.sample_proof import SampleProof
from patrol_anpr.lab.sample_road import jpeg_of, patch_of, pixels_of, road
from patrol_anpr.lab.sample_search import SampleByHand, SampleSearch
from patrol_anpr.lab.sample_sticks import SampleSticks
from patrol_anpr.patrol.window_ports import Deciding
from patrol_anpr.plumbing.mailbox import Latest

NOW = datetime(2026, 11, 21, 21, 43, tzinfo=UTC)
PIN = "2580"


@dataclass
class StillClock:
    """A clock that moves only when told."""

    now: datetime = NOW
    seconds: float = 1000.0

    def monotonic(self) -> float:
        """Seconds, as told."""
        return self.seconds

    def utc(self) -> datetime:
        """The time, as told."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Move on."""
        self.seconds += seconds
        self.now += timedelta(seconds=seconds)


def sample_read(
    vrm: str,
    *,
    seconds_ago: float = 5.0,
    ground: PlateColour = PlateColour.YELLOW,
    camera: str = "front",
    number: int = 0,
) -> Read:
    """A Read of a vehicle that does not exist, its plate where the invented road has it."""
    at = NOW - timedelta(seconds=seconds_ago)
    return Read(
        read_id=f"read-{vrm}-{number}",
        vrm=vrm,
        confidence=97,
        chars=(0.98,) * len(vrm),
        camera_id=camera,
        captured_at=at,
        captured_monotonic=1000.0 - seconds_ago,
        first_seen=at - timedelta(seconds=1),
        last_seen=at,
        frames=11,
        box=Box(580, 455, 700, 484),
        colour=ground,
        candidates=(vrm,),
        format_flag="",
        models="drawn",
    )


@lru_cache(maxsize=64)
def sample_evidence(vrm: str, ground: PlateColour, *, night: bool = True) -> Evidence:
    """Drawn pictures: the road with a car on it, and its plate cut from there."""
    scene, box = road(vrm, ground, night=night)
    patch = patch_of(scene, box)
    others = tuple(jpeg_of(patch.scaledToWidth(round(patch.width() * share))) for share in (0.8, 0.65))
    return Evidence(patch=jpeg_of(patch), overview=jpeg_of(scene), patches=others)


def sample_hit(
    vrm: str,
    tier: Tier,
    reason: str,
    *,
    listed: str = "",
    ground: PlateColour = PlateColour.YELLOW,
    seconds_ago: float = 12.0,
    state: HitState = HitState.RAISED,
    number: int = 0,
) -> Hit:
    """A hit; CHECK when `listed` names a VRM other than the one read. `number` tells hits of one vehicle apart."""
    listed = listed or vrm
    differing = tuple(i for i, (a, b) in enumerate(zip(vrm, listed, strict=False)) if a != b)
    entry = Voi(
        vrm=listed,
        make="FORD",
        model="FOCUS",
        colour="SILVER",
        action="STOP",
        information="Approach with caution",
        markers="WE, VI" if tier is Tier.IMMEDIATE else "",
        reason=reason,
        weed_date=date(2027, 1, 1),
        tier=tier,
    )
    issued = NOW.replace(hour=7, minute=40)
    hotlist = Hotlist("metro", "Metro PNC", "Metro", 412, tier, issued)
    kind = MatchKind.CHECK if differing else MatchKind.EXACT
    return Hit(
        hit_id=f"hit-{vrm}-{number}" if number else f"hit-{vrm}",
        read=sample_read(vrm, seconds_ago=seconds_ago, ground=ground, number=number),
        match=Match(kind, entry, hotlist, tier, differing),
        raised_at=NOW - timedelta(seconds=seconds_ago),
        raised_monotonic=1000.0 - seconds_ago,
        shift_id="shift-1",
        state=state,
    )


LAMPS = (
    Lamp("camera:front", LampState.GOOD, "Front"),
    Lamp("camera:rear", LampState.GOOD, "Rear"),
    Lamp("gps", LampState.GOOD, "GPS"),
    Lamp("list", LampState.WARN, sentence("List {hours} h", hours=14), "Sync with the depot when you can."),
    Lamp("voice", LampState.GOOD, "Voice"),
    Lamp("disk", LampState.GOOD, "Disk"),
    Lamp("clock", LampState.GOOD, "Clock"),
    Lamp("records", LampState.GOOD, "Saved"),
)


LISTS = (
    ListCounts("metro", "Metro PNC", hits=4, dismissed=1, lately=1, peak=2),
    ListCounts("untaxed", "Untaxed vehicles", hits=2, dismissed=0, lately=0, peak=1),
)


_CELLS = (
    (3, "front", 11, 0),
    (3, "rear", 7, 0),
    (2, "front", 38, 1),
    (2, "rear", 21, 0),
    (1, "front", 64, 2),
    (1, "rear", 30, 1),
    (0, "front", 43, 2),
)
"""Hours ago, camera, Reads, hits."""
SAMPLE_CHART = ShiftChart(
    tuple(
        HourCell(NOW.replace(minute=0) - timedelta(hours=ago), camera, reads, hits)
        for ago, camera, reads, hits in _CELLS
    )
)


SAMPLE_ROUTE = Route(
    tuple(
        tuple((0.006 * sin(step / 9) + 0.00002 * step, 0.011 * cos(step / 14)) for step in steps)
        for steps in (range(70), range(82, 118))
    )
)
"""A drive on the open sea, with a gap."""


@dataclass
class SamplePatrol:
    """Satisfies ports.Patrolling without an engine; writes down what it was told in `told`."""

    clock: StillClock = field(default_factory=StillClock)
    shift: Shift | None = None
    told: list[tuple[object, ...]] = field(default_factory=list)
    is_moving: bool | None = False
    picture_shows_moving: bool = False
    dark: bool = True
    shown_lamps: list[Lamp] = field(default_factory=lambda: list(LAMPS))
    shown_cameras: list[CameraStatus] = field(default_factory=list)
    chart: ShiftChart = SAMPLE_CHART
    driven: Route = SAMPLE_ROUTE
    export: SampleExports = field(default_factory=SampleExports)
    sticks: SampleSticks = field(default_factory=SampleSticks)
    officers: list[Officer] = field(
        default_factory=lambda: [
            Officer("4821", "PC J. Marlow", "hash"),
            Officer("5177", "PC A. Okafor", "hash"),
            Officer("3308", "Sgt R. Whitlock", "hash"),
            Officer("6042", "PC S. Ferreira", "hash"),
        ]
    )
    lists: Sequence[ListCounts] = LISTS
    waiting: int = 0
    refused: int = 0
    training_ended: date | None = None
    policy_ended: date | None = None
    offered: Sequence[Disposition] = BUILT_IN
    refuses: str = ""
    screen_lock: SampleLock = field(default_factory=lambda: SampleLock(PIN))
    chosen: SampleChoices = field(default_factory=SampleChoices)

    fix: Fix | None = None

    def __post_init__(self) -> None:
        self.coverage, self.rig = SampleCoverage(), SampleRigs(self.told)
        self._listeners: list[Callable[[Event], None]] = []
        self._hits: dict[str, tuple[Hit, Evidence]] = {}
        self._reads: list[Read] = []
        self._evidence: dict[str, Evidence] = {}
        self._boxes: dict[str, Latest[LiveFrame]] = {"front": Latest(), "rear": Latest()}
        self.muted = SampleMuting(self.publish)
        self.search = SampleSearch(self)
        self.proof = SampleProof(self.cameras, lambda run: self.publish(ProofChanged(run)), self.told)
        self.sync: Future[bool] = Future()
        self.accepted: list[ListDoubt] = []
        self.upload: Future[int] = Future()

    # What a test or a screenshot makes happen

    def publish(self, event: Event) -> None:
        """Tell every listener."""
        for listener in self._listeners:
            listener(event)

    def raise_hit(self, hit: Hit, evidence: Evidence | None = None, *, again: bool = False) -> None:
        """Let a hit happen; `again`: its vehicle was seen a moment ago."""
        evidence = evidence or sample_evidence(hit.read.vrm, hit.read.colour)
        self._hits[hit.hit_id] = (hit, evidence)
        self.publish(HitRaised(hit, evidence, again=again))

    def make_read(self, read: Read, evidence: Evidence | None = None) -> None:
        """Let a Read happen."""
        evidence = evidence or sample_evidence(read.vrm, read.colour)
        self._reads.insert(0, read)
        self._evidence[read.read_id] = evidence
        self.publish(ReadMade(read, evidence, "shift-1"))

    def show_road(self, camera: str, vrm: str, *, night: bool) -> None:
        """Put a drawn frame into a camera's mailbox."""
        scene, box = road(vrm, PlateColour.YELLOW, night=night)
        seen = (PlateSeen(box, vrm, certain=True),)
        self._boxes[camera].put(LiveFrame(camera, pixels_of(scene), seen, 30.0, 15.0, self.clock.monotonic()))

    @property
    def lock(self) -> "SampleLock":
        """Opened by the one PIN."""
        return self.screen_lock

    @property
    def choices(self) -> "SampleChoices":
        """What is set, kept nowhere."""
        return self.chosen

    # ports.Patrolling

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Remember who listens, and tell the present state."""
        self._listeners.append(listener)
        present: list[Event] = [*map(LampChanged, self.shown_lamps), *map(CameraChanged, self.shown_cameras)]
        for event in present:
            listener(event)

    def roster(self) -> Sequence[Officer]:
        """Four invented officers."""
        return self.officers

    def units(self) -> Sequence[str]:
        """Two call signs."""
        return ("TA14", "TA15")

    def sign_on(self, officer_id: str, pin: str, unit: str, crew: Crew) -> "Future[Deciding]":
        """One PIN for all."""
        signed_on: Future[Deciding] = Future()
        if self.refuses or pin != PIN:
            signed_on.set_exception(BadInput(self.refuses or "That PIN is not right. Try again."))
            return signed_on
        self.told.append(("sign_on", officer_id, unit, crew))
        self.shift = Shift("shift-1", officer_id, unit, crew, self.clock.utc())
        signed_on.set_result(SampleSession(self, self.shift))
        return signed_on

    def sign_off(self) -> "Future[int]":
        """End the shift."""
        self.told.append(("sign_off",))
        self.shift = None
        return self.start_upload()

    def not_updated(self) -> Sentence:
        """As old as the lamp of the list says."""
        return sentence("The lists were not updated. The oldest is {hours} h old.", hours=14)

    def go_on_without_update(self) -> None:
        """Write it down."""
        self.told.append(("go_on_without_update",))

    def accept_list(self, doubt: ListDoubt) -> None:
        """Note it."""
        self.accepted.append(doubt)

    def start_sync(self) -> "Future[bool]":
        """A download that ends when told."""
        self.told.append(("start_sync",))
        self.sync = Future()
        return self.sync

    def start_upload(self) -> "Future[int]":
        """An upload that ends when told."""
        self.told.append(("start_upload",))
        self.upload = Future()
        return self.upload

    def record(self, hit_id: str, state: HitState, **said: Any) -> None:
        """Let an outcome happen; `said` are fields of Outcome."""
        if self.refuses:
            raise BadInput(self.refuses)
        hit, evidence = self._hits[hit_id]
        outcome = Outcome("o", hit_id, "4821", self.clock.utc(), state, **said)
        hit = after(hit, outcome)
        self._hits[hit_id] = (hit, evidence)
        self.publish(HitChanged(hit, outcome))

    def dispositions(self) -> Sequence[Disposition]:
        """As told; those built in."""
        return self.offered

    def mute_entry(self, hit_id: str, *, muted: bool) -> None:
        """Mute the entry of a hit, or let it sound again."""
        self.muted.change(self._hits[hit_id][0], muted=muted)

    def replay(self, hit_id: str) -> None:
        """Write it down."""
        self.told.append(("replay", hit_id))

    def lamp_changed(self, lamp: Lamp) -> None:
        """Tell it, as a lamp of the car is told."""
        self.publish(LampChanged(lamp))

    def set_muted(self, muted: bool) -> None:
        """Write it down."""
        self.told.append(("set_muted", muted))

    def test_voice(self) -> None:
        """Write it down."""
        self.told.append(("test_voice",))

    def voice_heard(self, heard: bool) -> None:
        """Write it down."""
        self.told.append(("voice_heard", heard))
        self.proof.heard(heard)

    def moving(self) -> bool | None:
        """As told."""
        return self.is_moving

    def is_dark(self) -> bool:
        """As told."""
        return self.dark

    def picture_moves(self) -> bool:
        """As told."""
        return self.picture_shows_moving

    def cameras(self) -> Sequence[str]:
        """Front and rear."""
        return tuple(self._boxes)

    def live(self, camera_id: str) -> Latest[LiveFrame]:
        """A camera's mailbox."""
        return self._boxes[camera_id]

    def open_hits(self) -> Sequence[tuple[Hit, Evidence]]:
        """What was raised and is not closed."""
        return [pair for pair in self._hits.values() if pair[0].is_open]

    def shift_hits(self) -> Sequence[tuple[Hit, Evidence]]:
        """What was raised."""
        return list(self._hits.values())

    def recent_reads(self, limit: int = 2000) -> Sequence[Read]:
        """The newest first."""
        return self._reads[:limit]

    def evidence(self, read_id: str) -> "Future[Evidence | None]":
        """The drawn pictures of a Read."""
        return _done(self._evidence.get(read_id))

    def summary(self) -> ShiftSummary | None:
        """Invented figures."""
        return ShiftSummary(214, 6, 3, 1, 2, 38, self.refused, self.training_ended, self.policy_ended)

    def parked(self) -> int:
        """What a test says."""
        return self.refused

    def shift_chart(self) -> ShiftChart:
        """Invented figures."""
        return self.chart

    def route(self) -> Route:
        """An invented way."""
        return self.driven

    def list_counts(self) -> Sequence[ListCounts]:
        """Invented figures."""
        return self.lists


_Value = TypeVar("_Value")


def _done(value: _Value) -> "Future[_Value]":
    future: Future[_Value] = Future()
    future.set_result(value)
    return future


@dataclass
class SampleSession(SampleByHand):
    """Satisfies ports.Deciding; writes down what it was told where its SamplePatrol does."""

    _patrol: SamplePatrol
    shift: Shift

    def confirm(self, hit_id: str, *, looked: bool = False, look_choice: str = "") -> None:
        """Write it down."""
        self._patrol.record(hit_id, HitState.ACTIONED, looked=looked, look_choice=look_choice)
        self._patrol.told.append(("confirm", hit_id, looked))

    def dismiss(
        self,
        hit_id: str,
        verification: Verification = Verification.COULD_NOT_VERIFY,
        *,
        looked: bool = False,
        look_choice: str = "",
    ) -> None:
        """Write it down."""
        self._patrol.record(hit_id, HitState.DISMISSED, looked=looked, look_choice=look_choice)
        self._patrol.told.append(("dismiss", hit_id, verification, looked))

    def answer(self, hit_id: str, said: ControlAnswer) -> None:
        """Write it down."""
        self._patrol.record(hit_id, HitState.ACTIONED, control=said)
        self._patrol.told.append(("answer", hit_id, said))

    def dispose(self, hit_id: str, disposition: Disposition, override: Override | None = None) -> None:
        """Write it down."""
        self._patrol.record(hit_id, HitState.ACTIONED, disposition=disposition, override=override)
        self._patrol.told.append(("dispose", hit_id, disposition, override))

    def later(self, hit_id: str) -> None:
        """Write it down."""
        if self._patrol.refuses:
            raise BadInput(self._patrol.refuses)
        self._patrol.told.append(("later", hit_id))

    def undo(self, hit_id: str) -> None:
        """Write it down."""
        self._patrol.record(hit_id, HitState.ACKNOWLEDGED, undone=True)
        self._patrol.told.append(("undo", hit_id))

    def mute_entry(self, hit_id: str) -> None:
        """Write it down."""
        self._patrol.mute_entry(hit_id, muted=True)
        self._patrol.told.append(("mute_entry", hit_id))

    def unmute_entry(self, hit_id: str) -> None:
        """Write it down."""
        self._patrol.mute_entry(hit_id, muted=False)
        self._patrol.told.append(("unmute_entry", hit_id))

    def acknowledge(self, hit_id: str) -> None:
        """Write it down."""
        self._patrol.told.append(("acknowledge", hit_id))

    def correct(self, hit_id: str, vrm: str) -> None:
        """Write it down."""
        self._patrol.record(hit_id, HitState.DISMISSED)
        self._patrol.told.append(("correct", hit_id, vrm))

    def export(self, read_id: str, reason: str, folder: Path) -> "Future[Exported]":
        """Write it down."""
        return self._patrol.export.begin(read_id, reason, folder)
