"""What somebody who means harm may cost the depot: bodies that swell, connections without end, silent peers."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.depot import DepotServer, Limits
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot_link import Patience
from patrol_anpr.identity.own import Identity
from patrol_anpr.wire.payloads import sha256_of
from patrol_anpr.wire.shape import Most, holds_too_much
from tests.depot.packs import append, framed
from tests.depot_link.test_link_tls import Authority

NEIGHBOUR = "127.0.0.2"
"""Another address of this machine."""

trees = st.recursive(
    st.none() | st.integers() | st.text(alphabet='ab"\\:,[]{}'),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet='a"\\:,{', max_size=3), inner, max_size=4)
    ),
)


def measured(tree) -> tuple[int, int, int]:
    """Members of objects, values beside the first of their holder, depth."""
    inside = list(tree.values()) if isinstance(tree, dict) else tree if isinstance(tree, list) else []
    below = [measured(value) for value in inside]
    fields = (len(inside) if isinstance(tree, dict) else 0) + sum(one[0] for one in below)
    commas = max(0, len(inside) - 1) + sum(one[1] for one in below)
    depth = (1 if isinstance(tree, dict | list) else 0) + max((one[2] for one in below), default=0)
    return fields, commas, depth


@given(trees)
def test_fields_values_and_depth_are_counted_outside_of_strings(tree):
    content = json.dumps(tree).encode()
    fields, commas, depth = measured(tree)
    assert not holds_too_much(content, Most(fields, commas + 1, depth))
    assert fields == 0 or holds_too_much(content, Most(fields - 1, commas + 1, depth))
    assert holds_too_much(content, Most(fields, commas, depth))
    assert depth == 0 or holds_too_much(content, Most(fields, commas + 1, depth - 1))


@given(st.binary())
def test_any_bytes_are_judged(content: bytes):
    holds_too_much(content, Most())


@pytest.mark.parametrize(
    "payload",
    [
        ",".join(f'"f{number}":0' for number in range(700_000)),
        '"candidates":[' + ",".join(["1"] * 4_000_000) + "]",
        '"candidates":' + "[" * 4_000_000 + "]" * 3_990_000,
    ],
    ids=["fields", "values", "depth"],
)
def test_eight_swelling_bodies_cost_little_and_keep_nobody_waiting(
    folder: Path, identity: Identity, caller, payload: str
):
    content = f"{{{payload}}}".encode()[: 2**20]
    named = [
        {"item_id": f"a{n}", "kind": "audit", "sha256": sha256_of(content), "size": len(content)} for n in range(8)
    ]
    authority = folder.parent / "authority.pem"
    authority.write_bytes(DepotKeys(folder).authority.pem)
    pack_id, body = framed(json.dumps({"car_id": "TA14", "items": named}).encode(), 8 * content)
    with depot_process(folder) as (process, url):
        make = [type(caller(identity))(url, identity) for _ in range(9)]
        for one in make:
            one.session.verify = str(authority)
        assert make[8]("GET", "roster").status_code == 200
        before, statuses = process.memory_info().rss, []
        senders = [
            threading.Thread(
                target=lambda one=one: statuses.append(append(one, pack_id, body, 0, len(body)).status_code)
            )
            for one in make[:8]
        ]
        most = before
        for sender in senders:
            sender.start()
        while any(sender.is_alive() for sender in senders):
            most = max(most, process.memory_info().rss)
            began = time.monotonic()
            assert make[8]("GET", "roster").status_code == 200
            assert time.monotonic() - began < Patience().silence_seconds, "an honest car would have broken off"
        for one in make:
            one.session.close()
    assert statuses == [200] * 8, "held as they came, and looked into by nobody"
    assert most - before < 400 * 2**20


@contextmanager
def depot_process(folder: Path) -> Iterator[tuple[psutil.Process, str]]:
    """A depot in a process of its own, whose memory is nobody else's; stopped by Ctrl+C."""
    command = [sys.executable, "-u", "-m", "patrol_anpr", "depot", "--folder", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as depot:
        assert depot.stdout is not None
        said = depot.stdout.readline()
        try:
            yield psutil.Process(depot.pid), said.split()[4].rstrip(".")
        finally:
            depot.send_signal(signal.SIGINT)
            depot.communicate(timeout=60)


@pytest.fixture
def neighbours(depot: DepotServer) -> Iterator[list[socket.socket]]:
    """A hundred connections of one address."""
    port = int(depot.url.rsplit(":", 1)[1])
    lines = [socket.create_connection(("127.0.0.1", port), 10, (NEIGHBOUR, 0)) for _ in range(100)]
    yield lines
    for line in lines:
        line.close()


def test_an_address_gets_its_share_of_connections(neighbours: list[socket.socket], caller, identity: Identity):
    shown_out = 0
    for line in neighbours[64:]:
        try:
            shown_out += line.recv(1) == b""
        except ConnectionResetError:
            shown_out += 1
    assert shown_out == 36
    assert caller(identity)("GET", "roster").status_code == 200


def test_a_place_is_given_back(depot: DepotServer, identity: Identity):
    port = int(depot.url.rsplit(":", 1)[1])
    for _ in range(3 * 64):
        with socket.create_connection(("127.0.0.1", port), 10, (NEIGHBOUR, 0)) as line:
            line.sendall(b"GET /v2/roster HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert b" 401 " in line.recv(100)


def test_a_silent_tls_peer_is_shown_out(tmp_path: Path, folder: Path):
    limits = Limits(handshake_seconds=0.3)
    server = DepotServer(folder, limits=limits, **Authority(tmp_path, "ours").issue())
    server.start()
    try:
        with socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), 10) as line:
            line.settimeout(10)
            assert line.recv(1) == b""
    finally:
        server.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_the_depot_may_open_enough_files():
    asked = (
        "import resource as r; from patrol_anpr.depot.listening import FILES, allow_more_files as a;"
        "hard = r.getrlimit(r.RLIMIT_NOFILE)[1]; r.setrlimit(r.RLIMIT_NOFILE, (256, hard)); a();"
        "print(r.getrlimit(r.RLIMIT_NOFILE)[0] >= min(FILES, hard if hard > 0 else FILES))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.strip() == "True"
