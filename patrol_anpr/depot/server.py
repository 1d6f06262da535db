"""Running the depot: in the foreground, or in a thread of its own for the demo and the tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from patrol_anpr.depot.app import create_app
from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.body import Limits
from patrol_anpr.depot.listening import allow_more_files
from patrol_anpr.depot.metrics import Metrics
from patrol_anpr.depot.security_log import logs_in
from patrol_anpr.depot.serving import AppServer, check_reach
from patrol_anpr.depot.storage.tending import Tending


class DepotServer(AppServer):
    """A depot listening on `host`:`port`, as AppServer says.

    Raises BadInput when it would speak plain HTTP to others than this machine without `allow_plain`, or when the
    certificate cannot be used; DepotFault when the port is taken; RecordsFault when the database or the keys cannot be
    opened.
    """

    def __init__(
        self,
        folder: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        certificate: Path | None = None,
        key: Path | None = None,
        unix_socket: Path | None = None,
        allow_plain: bool = False,
        limits: Limits | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        check_reach(host, certificate, unix_socket, allow_plain=allow_plain)
        limits = limits or Limits()
        app = create_app(folder, limits=limits, now=now, behind_proxy=unix_socket is not None)
        super().__init__(
            app,
            host,
            port,
            name="depot",
            close=app.state.depot.database.close,
            limits=limits,
            certificate=certificate,
            key=key,
            unix_socket=unix_socket,
        )

    @contextmanager
    def figures_at(self, port: int | None) -> Iterator[int | None]:
        """Answer with the figures of `metrics.py` at `port` of this machine while the block runs; give the port."""
        if port is None:
            yield None
            return
        metrics: Metrics = self.app.state.metrics
        with metrics.served_at(port) as at:
            yield at

    def run(self) -> None:
        """Serve in this thread until `stop`, or Ctrl+C in the main thread."""
        depot = self.app.state.depot
        tending = Tending(depot.folder, depot.database, depot.pictures.segments, depot.now)
        try:
            tending.start()
            super().run()
        finally:
            tending.stop()


def serve(
    folder: Path,
    host: str = "127.0.0.1",
    port: int = 8443,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    unix_socket: Path | None = None,
    allow_plain: bool = False,
    metrics_port: int | None = None,
    on_ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve the depot in `folder` until Ctrl+C; `on_ready` is told the URL.

    With `metrics_port` its figures are at that port of this machine. Raises as DepotServer does.
    """
    server = DepotServer(
        folder, host, port, certificate=certificate, key=key, unix_socket=unix_socket, allow_plain=allow_plain
    )
    allow_more_files()
    try:
        with logs_in(folder / "log"), server.figures_at(metrics_port):
            server.let_queue()  # whoever is told the URL may come before it runs
            on_ready(server.url)
            server.run()
    finally:
        server.stop()
