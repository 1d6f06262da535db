"""One car whose parts were made: how they start, and how they end so that nothing is lost."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from patrol_anpr.alerting.announcer import Announcer
from patrol_anpr.depot_link.link import Link
from patrol_anpr.depot_link.none import NoLink
from patrol_anpr.depot_link.stick.road import StickRoad
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.health import OF_THE_START, Lamp, LampState
from patrol_anpr.domain.sentences import marked, sentence
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.hotlists.shelf import Shelf
from patrol_anpr.patrol.engine import CameraPlan, Engine
from patrol_anpr.patrol.patrol import Patrol
from patrol_anpr.patrol.reader import Reader
from patrol_anpr.patrol.shadow_run import ShadowRun
from patrol_anpr.patrol.trying import ModelTrial
from patrol_anpr.plumbing.ending import end_all
from patrol_anpr.reading.model_shelf import ModelShelf
from patrol_anpr.reading.recogniser import Recogniser
from patrol_anpr.records.records import Records
from patrol_anpr.vehicle.gps import Gps
from patrol_anpr.vehicle.health import Health

log = logging.getLogger(__name__)

END_SECONDS = 1.8
"""How long the parts of one stage of the close may take; there are two stages, and the saving between them."""
SAVING_SECONDS = 2.0
"""A disk that saved nothing for so long saves nothing more."""


@dataclass(slots=True)
class Car:
    """Everything of one car, wired together. `open` and `close` start and end it; `patrol` is what one talks to."""

    patrol: Patrol
    engine: Engine
    recogniser: Recogniser
    records: Records
    announcer: Announcer
    matcher: Matcher
    shelf: Shelf
    health: Health
    plans: Sequence[CameraPlan]
    gps: Gps | None
    link: Link | NoLink | None
    road: StickRoad | None
    reader: Reader
    models: ModelShelf
    trial: ModelTrial
    shadow: ShadowRun
    runs: ExitStack
    notices: Sequence[Lamp]

    def open(self, *, cameras: bool = True) -> None:
        """Start everything, and tell what could not be made; without `cameras` whoever opened it gives the Reads.

        A part that cannot be started is told too, and keeps no other from its start.
        """
        self._start(marked("Records"), self.records.start)
        self._start(marked("Sound"), self.announcer.start)
        for lamp in self.notices:
            self.patrol.lamp_changed(lamp)
        self._start(marked("Health check"), self.health.start)
        if self.gps is not None:
            self._start(marked("GPS"), self.gps.start)
        self._start(marked("Sending"), self.patrol.background_upload.start)
        self._start(marked("Additions"), self.patrol.list_watch.start)
        self._start(marked("Models"), self.trial.start)
        self._start(marked("Models"), self.shadow.start)
        if cameras:
            self._start(marked("Cameras"), self.engine.open)

    def _start(self, part: str, start: Callable[[], object]) -> None:
        try:
            start()
        except Exception as error:
            log.exception("a part did not start")
            advice = sentence("Start the program again ({kind}). If it stays, tell IT.", kind=type(error).__name__)
            self.patrol.lamp_changed(
                Lamp(
                    f"{OF_THE_START}{part}", LampState.BAD, sentence("{part} not started", part=sentence(part)), advice
                )
            )

    def close(self) -> None:
        """End everything in the order that loses nothing: no more frames, then the last write, then the rest.

        A sync under way is broken off: it goes on from there next time. No part that fails or hangs keeps another from
        its end, and this comes back within about five seconds; later only while vehicles in view are still being read,
        or records still being saved.

        Raises:
            RecordsFault: something could not be saved, or reading hung, so that what was in view is lost.
        """
        hangs = end_all(self._sources(), END_SECONDS)
        reading_hangs = "reading" in hangs and not self.engine.outlast(END_SECONDS)
        lost = self.records.stop(SAVING_SECONDS)
        end_all({"voice": self.announcer.stop, "lists": self._end_lists}, END_SECONDS)
        if lost:
            raise RecordsFault(lost)
        if reading_hangs:
            raise RecordsFault("Reading did not end in time. The last vehicles in view may not be on record.")

    def _sources(self) -> Mapping[str, Callable[[], object]]:
        """What makes records, each with its end."""
        gps: dict[str, Callable[[], object]] = {"gps": self.gps.stop} if self.gps is not None else {}
        depot_and_health = {"depot": self._end_depot, "health": self.health.stop}
        models = {"trial": self.trial.stop, "shadow": self.shadow.stop}
        return {**self.engine.ends(END_SECONDS), **depot_and_health, **gps, **models}

    def _end_depot(self) -> None:
        if self.link is not None:
            self.link.stop()
        if self.road is not None:
            self.road.stop()
        self.patrol.background_upload.stop()
        self.patrol.list_watch.stop()
        self.patrol.close()
        if self.link is not None:
            self.link.close()

    def _end_lists(self) -> None:
        self.matcher.close()
        self.runs.close()
