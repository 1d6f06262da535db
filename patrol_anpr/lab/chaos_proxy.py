"""A TCP proxy that does to a connection what a bad network does: reset, cut short, dribble, lose the answer."""

import random
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


@dataclass
class Chaos:
    """What to do to the traffic. Chances are for each `stride` bytes passed on; nothing is ever duplicated."""

    reset: float = 0.0  # an RST in the middle
    truncate: float = 0.0  # a clean end in the middle
    lose_answers: int = 0  # so many connections are reset after the server has begun to answer
    answer_limit: int | None = None  # only so many bytes of each connection's answers are passed on
    delay: float = 0.0  # seconds before each stride
    stride: int = 16384


class ChaosProxy:
    """Listens on a port of its own and passes on to `port` of this machine; a context in which it serves."""

    def __init__(self, port: int, chaos: Chaos, seed: int = 1) -> None:
        self.chaos = chaos
        self.resets = 0
        self.connections = 0
        self._target = ("127.0.0.1", port)
        self._random = random.Random(seed)  # noqa: S311  no secret
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "ChaosProxy":
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._guard:
            for line in self._sockets:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(10)
            if thread.is_alive():
                raise RuntimeError("a connection did not end")

    def _start(self, work: Callable[..., None], *args: Any) -> threading.Thread:
        thread = threading.Thread(target=work, args=args, name="chaos")
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                server = socket.create_connection(self._target, 5)
            except OSError:
                self._reset(client)
                return
            with server:
                with self._guard:
                    self.connections += 1
                    lose, self.chaos.lose_answers = self.chaos.lose_answers > 0, max(0, self.chaos.lose_answers - 1)
                    self._sockets |= {client, server}
                up = self._start(self._pump, client, server, False, False)
                self._pump(server, client, True, lose)
                up.join()
                with self._guard:
                    self._sockets -= {client, server}

    def _pump(self, source: socket.socket, target: socket.socket, answers: bool, lose: bool) -> None:
        chaos, passed, budget = self.chaos, 0, 0
        try:
            while content := source.recv(chaos.stride):
                if lose:
                    self._reset(target)
                    break
                if chaos.delay:
                    self._stopping.wait(chaos.delay)
                if answers and chaos.answer_limit is not None and passed + len(content) > chaos.answer_limit:
                    target.sendall(content[: chaos.answer_limit - passed])
                    self._reset(target)
                    break
                budget -= len(content)
                if budget <= 0:
                    with self._guard:
                        dice, part = self._random.random(), self._random.randrange(len(content))
                    if dice < chaos.reset + chaos.truncate:
                        target.sendall(content[:part])
                        if dice < chaos.reset:
                            self._reset(target)
                            self._reset(source)
                        break
                    budget = chaos.stride
                target.sendall(content)
                passed += len(content)
        except OSError:
            pass
        for line in (source, target):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _reset(self, line: socket.socket) -> None:
        with self._guard:
            self.resets += 1
        with suppress(OSError):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # Wakes the other thread out of its recv: while it waits there, closing would send nothing.
            line.shutdown(socket.SHUT_RD)
        line.close()
