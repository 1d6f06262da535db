"""A car and its depot, between which nothing goes but a stick."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from patrol_anpr.depot import import_roster, tables
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.lists.publishing import import_hotlist, repository_of
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.sticks import CarOnStick, Sticks
from patrol_anpr.depot_link.stick.road import StickRoad
from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.identity.answer_keys import AnswerKeys
from patrol_anpr.identity.own import Identity
from patrol_anpr.lab.enrolled import SECRET, enrolled
from patrol_anpr.lab.memory_outbox import MemoryOutbox
from patrol_anpr.wire.lists import HotlistHead
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.stick import FOLDER, TO_CAR, TO_DEPOT, tag_of
from tests.depot_link.conftest import OneCar

ROW = "AB12CDE,FORD" + "," * 14 + "\n"


@dataclass
class Car:
    """A car with what stands around its stick road. `steps` are what the officer was shown."""

    identity: Identity
    road: StickRoad
    stands: OneCar
    stick: Path
    steps: list[SyncProgress] = field(default_factory=list)

    def wants_sent(self, items: Iterable[OutboxItem]) -> None:
        for item in items:
            self.outbox.items[item.item_id] = item

    @property
    def outbox(self) -> MemoryOutbox:
        return self.stands.outbox

    def put(self):
        self.steps.clear()
        return self.road.put(self.stick, self.steps.append)

    def take(self):
        self.steps.clear()
        return self.road.take(self.stick, self.steps.append)

    @property
    def problems(self) -> str:
        """What went wrong, of all parts."""
        return " ".join(step.problem for step in self.steps if step.finished and step.problem)

    def folder(self, which: str = "") -> Path:
        """This car's folder on the stick."""
        verifier = self.identity.verifier
        return self.stick / FOLDER / tag_of(verifier.depot_id, verifier.car_id) / which

    @property
    def to_depot(self) -> Path:
        return self.folder(TO_DEPOT)

    @property
    def to_car(self) -> Path:
        return self.folder(TO_CAR)


class StickDepot:
    """A depot without a line."""

    def __init__(self, folder: Path, work: Path, now: Callable[[], datetime]) -> None:
        self.folder, self.work, self.now = folder, work, now

    def car(self, stick: Path, car_id: str = "TA14", clock=None, closed=None, running=None) -> Car:
        """Build a car, which enrols here unless it did."""
        place = self.work / car_id
        identity = Identity.read(place / "identity", SECRET) if (place / "identity").exists() else None
        identity = identity or enrolled(self.folder, place / "identity", car_id, now=self.now())
        stands = OneCar()
        road = StickRoad(
            identity,
            identity.trust.sealing_key,
            AnswerKeys(place / "identity", SECRET),
            stands.outbox,
            place / "lists",
            stands,
            clock,
            lists_root=identity.trust.lists_root,
            keep_roster=stands.keep_roster,
            keep_dispositions=lambda _: None,
            in_force=stands.in_force,
            closed=closed,
            running=running,
        )
        return Car(identity, road, stands, stick)

    def take(self, stick: Path, car_id: str = "") -> Sequence[CarOnStick]:
        with closing(DepotDatabase(self.folder)) as database:
            pictures = pictures_in(self.folder, database)
            return Sticks(self.folder, database, pictures, "operator test", self.now).take(stick, car_id)

    def publish(self, rows: int = 5, list_id: str = "stolen", **wishes) -> HotlistHead:
        path = self.work / "list.csv"
        path.write_text("".join(ROW.replace("12", f"{number:02}") for number in range(rows)))
        owner = wishes.pop("owner", "Force")
        return import_hotlist(self.folder, path, list_id, list_id.title(), owner, Tier.PRIORITY, now=self.now, **wishes)

    def officers(self, *officer_ids: str) -> None:
        """Make these the roster."""
        path = self.work / "roster.csv"
        path.write_text("".join(f"{one},{one} Invented,25803614\n" for one in officer_ids))
        import_roster(self.folder, path)

    def held(self) -> list[str]:
        """The ids of all records it has."""
        with closing(DepotDatabase(self.folder)) as database, database.reading() as connection:
            return sorted(connection.execute(select(tables.items.c.item_id)).scalars())

    def lists_of(self, car_id: str = "TA14") -> list[tuple[str, int]]:
        """Which lists a car holds, as the depot knows it: ids and revisions."""
        held = tables.held_lists
        query = select(held.c.list_id, held.c.revision).where(held.c.car_id == car_id)
        with closing(DepotDatabase(self.folder)) as database, database.reading() as connection:
            return [(row.list_id, row.revision) for row in connection.execute(query)]

    def root(self) -> bytes:
        return repository_of(self.folder, now=self.now).root()
