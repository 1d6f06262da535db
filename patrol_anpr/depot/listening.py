"""Taking connections: a limit an address, a deadline for the TLS handshake, and enough open files."""

import asyncio
import os
import socket
import sys
import threading
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn

from patrol_anpr.domain.errors import DepotFault

FILES = 16_384
"""Connections are open files; what the system allows by itself is often 1,024."""
WAITING = 2048
"""Connections that wait to be taken up, at most."""


class Places:
    """How many connections each address has open. Any thread may call."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    def take(self, address: str) -> bool:
        """Take a place; False when the address has its share."""
        with self._lock:
            if self._taken[address] >= self._most:
                return False
            self._taken[address] += 1
            return True

    def give_back(self, address: str) -> None:
        """Give a place back."""
        with self._lock:
            self._taken[address] -= 1
            if not self._taken[address]:
                del self._taken[address]


class _Placed(socket.socket):
    """A connection that gives its place back when it is closed."""

    places: Places | None = None
    address = ""

    def close(self) -> None:
        super().close()
        places, self.places = self.places, None
        if places is not None:
            places.give_back(self.address)


class Listener(socket.socket):
    """A listening socket that closes at once what an address has too much of.

    On Windows the event loop takes connections past this method, so that there is no limit an address there.
    """

    def __init__(self, family: int, places: Places) -> None:
        # The protocol must be named: asyncio sets TCP_NODELAY only then, and without it each answer costs 40 ms.
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._places = places

    def accept(self) -> tuple[socket.socket, Any]:
        """Take the next connection. Raises ConnectionAbortedError, which the loop expects, when it was one too many."""
        taken, peer = super().accept()
        address = str(peer[0])
        if not self._places.take(address):
            taken.close()
            raise ConnectionAbortedError
        placed = _Placed(taken.family, taken.type, taken.proto, fileno=taken.detach())
        placed.places, placed.address = self._places, address
        return placed, peer


def listen(host: str, port: int, most_an_address: int) -> socket.socket:
    """Return a socket bound to `host` and `port` (0: any free one). Raises DepotFault when that cannot be."""
    listener = Listener(socket.AF_INET6 if ":" in host else socket.AF_INET, Places(most_an_address))
    try:
        if os.name != "nt":  # there it would let a second depot in on the same port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(WAITING)  # at once: who has been told the address may come before the service runs
    except OSError as error:
        listener.close()
        raise DepotFault(
            "The depot cannot listen on this address and port. Is another depot running? Choose another port."
        ) from error
    return listener


def listen_to_proxy(path: Path) -> socket.socket:
    """Return a Unix socket that only this user and its group may open. Raises DepotFault when that cannot be."""
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        raise DepotFault("This system has no Unix sockets. Leave --unix-socket out.")
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        before = os.umask(0o117)  # from its first moment on
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
    except OSError as error:
        listener.close()
        raise DepotFault(
            f"The depot cannot listen on {path} ({error.strerror or error}). Check its folder and its rights."
        ) from error
    return listener


class HandshakeServer(uvicorn.Server):
    """uvicorn with a deadline for TLS handshakes: asyncio's own is a minute, and a silent peer costs an open file."""

    def __init__(self, config: uvicorn.Config, handshake_seconds: float) -> None:
        super().__init__(config)
        self._handshake_seconds = handshake_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        loop: Any = asyncio.get_running_loop()
        if self.config.ssl is not None:  # uvicorn has no setting for it
            loop.create_server = partial(loop.create_server, ssl_handshake_timeout=self._handshake_seconds)
        await super().startup(sockets=sockets)


def allow_more_files() -> None:
    """Raise the number of files this process may open as far as the system lets it. Windows has no such limit."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
