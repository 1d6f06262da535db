"""Serving an app to browsers and cars, in the foreground or in a thread of its own: TLS, deadlines, limits."""

import asyncio
import ipaddress
import logging
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from patrol_anpr.depot.body import Limits
from patrol_anpr.depot.listening import HandshakeServer, listen, listen_to_proxy
from patrol_anpr.domain.errors import BadInput, DepotFault

log = logging.getLogger(__name__)


class AppServer:
    """An app listening on `host`:`port` (0: any free one); `url` is known at once, answers come after `start`.

    With `certificate` (PEM file; the key in it, or in the file `key`) it speaks TLS 1.3 only. With `unix_socket` it
    listens there and nowhere else, to a proxy that says who asks. `close` is called once it has ended, or could not
    begin; `name` is that of its thread. Raises BadInput when the certificate cannot be used, DepotFault when the port
    is taken; `check_reach` says first whether it may be reached at all.
    """

    def __init__(
        self,
        app: Any,
        host: str,
        port: int,
        *,
        name: str,
        close: Callable[[], None],
        limits: Limits,
        certificate: Path | None = None,
        key: Path | None = None,
        unix_socket: Path | None = None,
    ) -> None:
        self.app, self._close = app, close
        tls = certificate is not None and unix_socket is None
        try:
            config = _config(app, certificate if tls else None, key, limits)
            self._server = HandshakeServer(config, limits.handshake_seconds)
            self._socket = (
                listen_to_proxy(unix_socket) if unix_socket else listen(host, port, limits.connections_an_address)
            )
        except BaseException:
            close()
            raise
        shown = f"[{host}]" if ":" in host else host
        if unix_socket:
            self.url = f"unix:{unix_socket}"
        else:
            self.url = f"{'https' if tls else 'http'}://{shown}:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self.run, name=name)

    def start(self, timeout: float = 20.0) -> None:
        """Serve from a thread; returns when it answers. Raises DepotFault when that takes over `timeout` seconds."""
        self._thread.start()
        pause = threading.Event()
        for _ in range(int(timeout / 0.02)):
            if self._server.started or not self._thread.is_alive():
                break
            pause.wait(0.02)
        if not self._server.started:
            self.stop()
            raise DepotFault("The depot did not start. Its log says why.")

    def let_queue(self) -> None:
        """Let connections queue from now on; they are answered once it runs."""
        self._socket.listen()

    def run(self) -> None:
        """Serve in this thread until `stop`, or Ctrl+C in the main thread."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()
            self._close()

    def stop(self) -> None:
        """Finish what is being answered, close everything and join the thread."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
        self._close()


def check_reach(host: str, certificate: Path | None, unix_socket: Path | None, *, allow_plain: bool) -> None:
    """Raise BadInput where others than this machine would be spoken to without TLS."""
    if certificate is None and unix_socket is None and not allow_plain and not is_loopback(host):
        raise BadInput(
            "Without a certificate the depot may only be reached from this machine. Give a certificate and its "
            "key, or say plainly that unprotected connections are allowed."
        )


def is_loopback(host: str) -> bool:
    """Tell whether an address can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _PatientProtocol(H11Protocol):
    """Closes a connection whose request head is not complete in time, which uvicorn leaves open for ever."""

    head_seconds = 10.0
    _alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._set_alarm()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._clear_alarm()
        elif self._alarm is None:
            self._set_alarm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._clear_alarm()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        idle = self.cycle is None or self.cycle.response_complete
        super().shutdown()
        if idle:  # a TLS peer that says nothing would hold the depot up until the grace ends
            self.transport.abort()

    def _set_alarm(self) -> None:
        self._alarm = self.loop.call_later(self.head_seconds, self._too_slow)

    def _clear_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _too_slow(self) -> None:
        self._alarm = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()


def _config(app: Any, certificate: Path | None, key: Path | None, limits: Limits) -> uvicorn.Config:
    protocol = type("_DepotProtocol", (_PatientProtocol,), {"head_seconds": limits.head_seconds})
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise BadInput("The depot's certificate or key cannot be used. Both must be PEM files that match.") from error
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
    return config
