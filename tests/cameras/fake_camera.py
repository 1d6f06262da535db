"""A camera that is a process of its own: MJPEG over HTTP on loopback, made to be killed, stopped and started again.

As a program:   python fake_camera.py --port 8080 --mode moving [--pictures FOLDER]
In a test:      with FakeCamera() as camera: ... camera.url, camera.kill(), camera.restart(), camera.suspend() ...

Modes (changed while it runs by `camera.mode(...)`, that is GET /mode/NAME):
    moving    drawn frames with sensor noise, or the pictures of a folder in a loop, with noise
    frozen    one frame again and again
    garbage   random bytes where the JPEG should be
    black     frames without any light or noise
    half      half a JPEG, then the connection is closed
    torn      half a JPEG each time, in a part that says it is whole
    sizes     two of three frames have another size
    huge      a frame that claims 20,000 x 20,000 pixels
"""

import argparse
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np
import psutil

MODES = ("moving", "frozen", "garbage", "black", "half", "torn", "sizes", "huge")
BOUNDARY = b"frame"


class FakeCamera:
    """The camera's process as a test holds it."""

    def __init__(
        self, mode: str = "moving", *, fps: float = 20.0, size: str = "320x240", pictures: Path | None = None
    ) -> None:
        self._options = ["--fps", str(fps), "--size", size]
        self._options += ["--pictures", str(pictures)] if pictures else []
        self._mode = mode
        self.port = 0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "FakeCamera":
        self.restart()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def restart(self) -> None:
        """Start, the second time on the same port; returns once it serves."""
        self.kill()
        command = [sys.executable, __file__, "--port", str(self.port), "--mode", self._mode, *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def kill(self) -> None:
        """Pull it out: kill -9."""
        if self._process:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout
            self._process.stdout.close()
            self._process = None

    def suspend(self) -> None:
        """SIGSTOP: its connections stay open and nothing comes."""
        assert self._process
        psutil.Process(self._process.pid).suspend()

    def resume(self) -> None:
        """SIGCONT."""
        assert self._process
        psutil.Process(self._process.pid).resume()

    def mode(self, name: str) -> None:
        """Change what it serves from the next frame on."""
        assert name in MODES
        with urllib.request.urlopen(f"{self.url}mode/{name}", timeout=5) as answer:
            assert answer.status == 200


class Scene:
    """What the sensor sees: a bar that moves, or pictures, and noise that never repeats."""

    def __init__(self, width: int, height: int, pictures: Path | None) -> None:
        self._random = np.random.default_rng()
        self._size = (width, height)
        self._pictures = [cv2.imread(str(file)) for file in sorted(pictures.iterdir())] if pictures else []
        self.number = 0

    def picture(self) -> np.ndarray[Any, Any]:
        self.number += 1
        if self._pictures:
            seen = self._pictures[self.number % len(self._pictures)]
        else:
            width, height = self._size
            seen = np.full((height, width, 3), 60, np.uint8)
            left = self.number * 4 % width
            seen[height // 3 : height // 2, left : left + width // 6] = 210
        noise = self._random.integers(-6, 7, seen.shape, np.int8)
        return cv2.add(seen, noise, dtype=cv2.CV_8U)

    def encoded(self, mode: str) -> bytes:
        picture = self.picture()
        if mode == "black":
            picture = np.zeros_like(picture)
        if mode == "sizes":
            step = 1 + self.number % 3
            picture = picture[::step, ::step]
        whole = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
        if mode == "garbage":
            return self._random.bytes(len(whole))
        if mode == "torn":
            return whole[: len(whole) // 2]
        if mode == "huge":
            return resized_jpeg(whole, 20_000, 20_000)
        return whole


def resized_jpeg(encoded: bytes, width: int, height: int) -> bytes:
    """Write another size into the head of a baseline JPEG."""
    at = encoded.index(b"\xff\xc0") + 5
    return encoded[:at] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + encoded[at + 4 :]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, mode: str, fps: float, scene: Scene) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.mode, self.period, self.scene = mode, 1.0 / fps, scene
        self.tick = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients come and go."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path.startswith("/mode/"):
            self.server.mode = self.path.rpartition("/")[2]
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY.decode()}")
        self.end_headers()
        for part in self.parts():
            self.wfile.write(part)
            self.server.tick.wait(self.server.period)

    def parts(self) -> Iterator[bytes]:
        frozen = b""
        while True:
            mode = self.server.mode
            encoded = self.server.scene.encoded(mode)
            frozen = (frozen or encoded) if mode == "frozen" else b""
            encoded = frozen or encoded
            head = b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (BOUNDARY, len(encoded))
            if mode == "half":
                yield head + encoded[: len(encoded) // 2]
                return
            yield head + encoded + b"\r\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="A camera on loopback that can be made to fail.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mode", choices=MODES, default="moving")
    parser.add_argument("--fps", type=float, default=20.0)
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    with Server(options.port, options.mode, options.fps, Scene(width, height, options.pictures)) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
