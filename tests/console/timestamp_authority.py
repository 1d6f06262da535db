"""A timestamp authority of its own: openssl's, behind a tiny web server."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

_SETTINGS = """
[tsa]
default_tsa = mine
[mine]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
[extensions]
extendedKeyUsage = critical,timeStamping
"""


class Authority:
    """One that answers at `url`; `root` is the PEM of its root. `lies`: it stamps something else than was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root, self.lies = folder, folder / "root.pem", False
        (folder / "tsa.conf").write_text(_SETTINGS.format(folder=folder))
        (folder / "serial").write_text("01\n")
        self._openssl("req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -subj /CN=Test-root -days 30")
        self._openssl("req -new -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=Test-timestamps")
        self._openssl(
            "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -out tsa.pem -days 30 "
            "-extfile tsa.conf -extensions extensions"
        )
        self._server = HTTPServer(("127.0.0.1", 0), self._requests())
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def answer(self, query: bytes) -> bytes:
        """Stamp what is asked."""
        (self.folder / "query").write_bytes(query)
        if self.lies:
            (self.folder / "other").write_bytes(b"something else")
            self._openssl("ts -query -data other -sha256 -cert -out query")
        self._openssl("ts -reply -config tsa.conf -queryfile query -out reply")
        return (self.folder / "reply").read_bytes()

    def verify(self, data: Path, stamp: Path) -> bool:
        """Whether openssl believes a stamp."""
        asked = ["openssl", "ts", "-verify", "-data", data, "-in", stamp, "-CAfile", self.root]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0

    def _openssl(self, command: str) -> None:
        subprocess.run(["openssl", *command.split()], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def _requests(authority) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Requests(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                reply = authority.answer(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-type", "application/timestamp-reply")
                self.send_header("content-length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: object) -> None:
                pass

        return Requests


@contextmanager
def running_authority(folder: Path) -> Iterator[Authority]:
    """Run one, whose files are in `folder`."""
    folder.mkdir()
    authority = Authority(folder)
    thread = threading.Thread(target=authority._server.serve_forever, name="timestamps")
    thread.start()
    try:
        yield authority
    finally:
        authority._server.shutdown()
        thread.join()
        authority._server.server_close()
