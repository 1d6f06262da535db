"""What the depot counts about itself, for Prometheus, on a port of its own that only this machine reaches.

No figure names a VRM, an officer, a place or a car: counts a route and a status, sizes, times.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import Executable, func, select
from sqlalchemy.exc import SQLAlchemyError

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.jobs import seconds_since_done
from patrol_anpr.depot.tables import incidents, items, known_items, refused_items
from patrol_anpr.domain.errors import DepotFault

HOST = "127.0.0.1"
_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 20.0, 60.0)


@dataclass(frozen=True, slots=True)
class Served:
    """One request as it ended. Status 0: the peer went away, or the depot failed, before there was an answer."""

    who: str
    address: str
    method: str
    route: str
    status: int
    received_bytes: int
    sent_bytes: int
    seconds: float


class Metrics:
    """Counts requests, and asks the database and the disk when somebody asks for the figures. Any thread may call."""

    def __init__(self, folder: Path, database: DepotDatabase, now: Callable[[], datetime]) -> None:
        self.registry = CollectorRegistry()
        kinds = ("method", "route", "status")
        self._requests = Counter("patrol_depot_requests", "Requests.", kinds, registry=self.registry)
        self._seconds = Histogram(
            "patrol_depot_request_seconds",
            "How long requests took.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._received = Counter("patrol_depot_received_bytes", "Bytes of requests.", registry=self.registry)
        self._sent = Counter("patrol_depot_sent_bytes", "Bytes of answers.", registry=self.registry)
        self.registry.register(_Standing(folder, database, now))

    def count(self, served: Served) -> None:
        """Count a request."""
        self._requests.labels(served.method, served.route, str(served.status)).inc()
        self._seconds.labels(served.route).observe(served.seconds)
        self._received.inc(served.received_bytes)
        self._sent.inc(served.sent_bytes)

    @contextmanager
    def served_at(self, port: int) -> Iterator[int]:
        """Answer on `port` of this machine (0: any free one) while the block runs; give the port.

        Raises DepotFault when the port is taken.
        """
        try:
            server, thread = start_http_server(port, HOST, self.registry)
        except OSError as error:
            raise DepotFault(
                f"The figures cannot be served on port {port}: it is taken. Choose another port."
            ) from error
        try:
            yield server.server_port
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Standing:
    """How the depot stands at this moment. A database that does not answer is a figure, too."""

    def __init__(self, folder: Path, database: DepotDatabase, now: Callable[[], datetime]) -> None:
        self._folder, self._database, self._now = folder, database, now

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield the figures. Called by the registry."""
        up = GaugeMetricFamily("patrol_depot_database_up", "1 when the database answers.", 0)
        try:
            yield from self._of_database()
            up = GaugeMetricFamily(up.name, up.documentation, 1)
        except (SQLAlchemyError, OSError):
            pass
        yield up
        yield GaugeMetricFamily("patrol_depot_disk_free_bytes", "Free space.", shutil.disk_usage(self._folder).free)
        since = GaugeMetricFamily(
            "patrol_depot_job_age_seconds", "Since a job ended well; infinite: never.", labels=["job"]
        )
        for job, seconds in seconds_since_done(self._folder, self._now()).items():
            since.add_metric([job], seconds)
        yield since

    def _of_database(self) -> list[GaugeMetricFamily]:
        with self._database.reading() as connection:

            def asked(query: Executable) -> int:
                return int(connection.execute(query).scalar() or 0)

            newest = connection.execute(
                select(items.c.received_at).order_by(items.c.seq.desc()).limit(1)
            ).scalar_one_or_none()
            figures = [
                GaugeMetricFamily(
                    "patrol_depot_items", "Records ever taken in.", asked(select(func.max(known_items.c.seq)))
                ),
                GaugeMetricFamily(
                    "patrol_depot_incidents", "Incidents.", asked(select(func.count()).select_from(incidents))
                ),
                GaugeMetricFamily(
                    "patrol_depot_refused_items",
                    "Records refused.",
                    asked(select(func.count()).select_from(refused_items)),
                ),
            ]
        if newest is not None:
            age = (self._now() - newest).total_seconds()
            figures.append(GaugeMetricFamily("patrol_depot_newest_item_age_seconds", "Since a car last sent.", age))
        return figures
