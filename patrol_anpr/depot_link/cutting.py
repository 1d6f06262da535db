"""A deadline for a whole request. The timeouts of requests begin anew with each byte that dribbles in."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection


class Cutter:
    """Knows the open sockets of a session and can cut them from another thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._lines: set[socket.socket] = set()

    def watch(self, opened: socket.socket) -> socket.socket:
        """Register a socket; return the duplicate to give to `forget`.

        A duplicate, because TLS takes the first one's descriptor over; shutting either down ends the connection.
        """
        line = opened.dup()
        with self._guard:
            self._lines.add(line)
        return line

    def forget(self, line: socket.socket) -> None:
        """Stop watching."""
        with self._guard:
            self._lines.discard(line)
            line.close()

    def cut(self) -> None:
        """End every connection at once; whoever waits on one wakes up with an error."""
        with self._guard:
            for line in self._lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[threading.Event]:
        """Cut when the block takes longer than `seconds`; the event given is set when that happened."""
        late = threading.Event()

        def cut() -> None:
            late.set()
            self.cut()

        timer = threading.Timer(seconds, cut)
        timer.name = "depot-link deadline"
        timer.daemon = True
        timer.start()
        try:
            yield late
        finally:
            timer.cancel()
            timer.join()


class CuttableAdapter(HTTPAdapter):
    """An adapter whose connections a Cutter watches. With `context` it speaks TLS, and believes whom that believes.

    requests itself would believe its own bundle of public authorities as well.
    """

    def __init__(self, cutter: Cutter, context: ssl.SSLContext | None = None) -> None:
        self._cutter = cutter
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """Say what a connection is made of: of TLS the context alone."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if self._context is not None:
            pool = {"ssl_context": self._context, "cert_reqs": "CERT_REQUIRED"}
        return host, pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Add no authority to those of the context."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Give the pools connections that report their sockets."""
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, self._cutter),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, self._cutter),
        }


def _pool(pool: type[Any], connection: type[Any], cutter: Cutter) -> type[Any]:
    class Watched(connection):  # type: ignore[misc]
        _line: socket.socket | None = None

        def _new_conn(self) -> socket.socket:
            self._unwatch()
            opened: socket.socket = super()._new_conn()
            self._line = cutter.watch(opened)
            return opened

        def close(self) -> None:
            self._unwatch()
            super().close()

        def _unwatch(self) -> None:
            if self._line is not None:
                cutter.forget(self._line)
                self._line = None

    return type(f"Watched{pool.__name__}", (pool,), {"ConnectionCls": Watched})
