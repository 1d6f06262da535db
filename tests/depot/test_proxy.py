"""A real HAProxy with the configuration that is shipped: cars come through it, and nobody else."""

import json
import os
import selectors
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from patrol_anpr.commands.enrol import enrol_car
from patrol_anpr.depot import DepotServer, import_roster, new_code, revoke_car
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot_link.cutting import CuttableAdapter, Cutter
from patrol_anpr.identity.own import Identity
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.plumbing.authority import tls_of
from patrol_anpr.records.keys import Key
from patrol_anpr.settings import Settings

RECIPE = Path(__file__).parents[2] / "installer" / "haproxy.cfg"
NOW = datetime.now(UTC)


def program() -> str:
    found = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found:
        return found
    reason = "HAProxy is not installed (apt-get install haproxy)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    return pytest.skip(reason)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("proxy")


@pytest.fixture(scope="module")
def folder(home: Path) -> Path:
    folder = home / "depot"
    roster = home / "roster.csv"
    roster.write_text("officer_id,name,pin\nPC1,Ann,13572468\n")
    import_roster(folder, roster)
    return folder


@pytest.fixture(scope="module")
def url(home: Path, folder: Path) -> Iterator[str]:
    keys = DepotKeys(folder)
    (home / "cars.pem").write_bytes(keys.authority.pem)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = DepotServer(folder, unix_socket=home / "depot.sock")
    server.start()
    names = {
        "DEPOT_BIND": f"127.0.0.1:{port}",
        "DEPOT_CERTIFICATE": str(keys.server_certificate(["127.0.0.1"])),
        "CAR_AUTHORITY": str(home / "cars.pem"),
        "DEPOT_SOCKET": str(home / "depot.sock"),
    }
    with subprocess.Popen([program(), "-f", RECIPE, "-db"], env=os.environ | names) as proxy:
        try:
            wait_for(port, proxy)
            yield f"https://127.0.0.1:{port}"
        finally:
            proxy.terminate()
            proxy.wait(20)
            server.stop()


def wait_for(port: int, proxy: subprocess.Popen[bytes]) -> None:
    pause = threading.Event()
    for _ in range(400):
        assert proxy.poll() is None, "HAProxy ended: its words are above"
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except OSError:
            pause.wait(0.05)
        else:
            return
    raise AssertionError("HAProxy did not start")


def asked(url: str, context: ssl.SSLContext, method: str = "GET", path: str = "/v2/roster", **headers: str) -> int:
    """How a request without any signature is answered; 0 where the handshake ends it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", CuttableAdapter(Cutter(), context))
        try:
            return session.request(method, url + path, headers=named, timeout=20).status_code
        except requests.ConnectionError:
            return 0


def test_a_car_enrols_and_comes_through(home: Path, folder: Path, url: str, caplog: pytest.LogCaptureFixture):
    settings = Settings.model_validate({"records": {"folder": home / "car" / "records"}})
    code, _ = new_code(folder, "TA14", datetime.now(UTC))
    car = enrol_car(settings, url, str(code), key=Key(bytes(32)))
    with caplog.at_level("INFO", "patrol_anpr.depot.security"):
        assert asked(url, car.context(""), X_Forwarded_For="192.0.2.1") == 200, "the proxy saw that it has the key"
    *_, line = [json.loads(record.getMessage()) for record in caplog.records if record.name.endswith(".security")]
    assert (line["who"], line["address"]) == ("TA14", "127.0.0.1"), "as the proxy says it, not the car"


def test_whoever_is_no_car_of_this_depot_is_refused(home: Path, folder: Path, url: str):
    ca = DepotKeys(folder).authority.pem
    honest = enrolled(folder, home / "honest", "TA20")
    shown = requests.Request("GET", url).prepare()
    honest.sign(shown, None, datetime.now(UTC))
    smuggled = {"Client_Cert": shown.headers["Client-Cert"]}

    def car(name: str, depot: Path = folder, **when: datetime) -> Identity:
        return enrolled(depot, home / name, name, **when)

    def believing_ours(identity: Identity) -> ssl.SSLContext:
        context = tls_of("", ca)
        context.load_cert_chain(home / identity.car_id / "car.pem", password=bytes(range(32)).hex())
        return context

    nobody, late = tls_of("", ca), believing_ours(car("TA21", now=NOW - timedelta(days=7)))
    foreign = believing_ours(car("TA22", home / "other"))
    revoked = believing_ours(car("TA23"))
    revoke_car(folder, "TA23", NOW)
    found = {
        "nobody": asked(url, nobody),
        "nobody, with a header": asked(url, nobody, **smuggled),
        "another depot's car": asked(url, foreign),
        "another depot's car, with a header": asked(url, foreign, **smuggled),
        "a certificate out of date": asked(url, late),
        "a certificate out of date, to renew": asked(url, late, "POST", "/v2/renew", Content_Type="application/json"),
        "a certificate out of date, with a header": asked(url, late, **smuggled),
        "a revoked car": asked(url, revoked),
        "a revoked car, with a header": asked(url, revoked, **smuggled),
        "plain http": plain(url),
        "the honest car": asked(url, honest.context("")),
    }
    assert found == {
        "nobody": 401,
        "nobody, with a header": 401,
        "another depot's car": 0,
        "another depot's car, with a header": 0,
        "a certificate out of date": 401,
        "a certificate out of date, to renew": 422,
        "a certificate out of date, with a header": 401,
        "a revoked car": 403,
        "a revoked car, with a header": 403,
        "plain http": 0,
        "the honest car": 200,
    }


def plain(url: str) -> int:
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url.replace("https://", "http://") + "/v2/roster", timeout=20).status_code
        except requests.ConnectionError:
            return 0


def test_only_tls_1_3_is_spoken(folder: Path, url: str):
    context = ssl.create_default_context(cadata=DepotKeys(folder).authority.pem.decode())
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert asked(url, context) == 0


def test_only_this_user_and_its_group_reach_the_socket(home: Path, url: str):
    assert (home / "depot.sock").stat().st_mode & 0o777 == 0o660


def test_one_address_takes_not_all_of_the_connections(url: str):
    port = int(url.rpartition(":")[2])
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(80)]
        selector = stack.enter_context(selectors.DefaultSelector())
        for line in lines:
            selector.register(line, selectors.EVENT_READ)
        closed: set[object] = set()
        while len(closed) < 16 and (ready := selector.select(5)):  # what waits for its handshake says nothing
            for key, _ in ready:
                selector.unregister(key.fileobj)
                closed.add(key.fileobj)
    assert len(closed) >= 16
