"""Running the console: a process of its own, beside the service that cars speak to."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from patrol_anpr.console.app import create_console
from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.body import Limits
from patrol_anpr.depot.listening import allow_more_files
from patrol_anpr.depot.security_log import logs_in
from patrol_anpr.depot.serving import AppServer, check_reach

PORT = 8444


class ConsoleServer(AppServer):
    """The console of the depot in `folder`, listening on `host`:`port` (0: any free one); served as AppServer says.

    Raises BadInput when others than this machine would reach it without TLS, or the certificate cannot be used;
    DepotFault when the port is taken; RecordsFault when the database or the keys cannot be opened.
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
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        check_reach(host, certificate, unix_socket, allow_plain=False)
        app = create_console(folder, now=now, secure=certificate is not None or unix_socket is not None)
        super().__init__(
            app,
            host,
            port,
            name="console",
            close=app.state.console.close,
            limits=Limits(),
            certificate=certificate,
            key=key,
            unix_socket=unix_socket,
        )


def serve_console(
    folder: Path,
    host: str = "127.0.0.1",
    port: int = PORT,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    unix_socket: Path | None = None,
    on_ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve the console of the depot in `folder` until Ctrl+C; `on_ready` is told the URL. Raises as ConsoleServer."""
    server = ConsoleServer(folder, host, port, certificate=certificate, key=key, unix_socket=unix_socket)
    allow_more_files()
    try:
        with logs_in(folder / "log" / "console", "console"):
            server.let_queue()
            on_ready(server.url)
            server.run()
    finally:
        server.stop()
