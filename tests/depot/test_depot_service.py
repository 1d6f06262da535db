"""The depot over real HTTP: who may speak, what is taken, what is refused, and that nothing is echoed."""

import contextlib
import json
import logging
import logging.handlers
import os
import queue
import socket
import threading
import time
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
import sqlcipher3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from patrol_anpr import __version__
from patrol_anpr.depot import DepotServer, new_code, revoke_car
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.doubts import doubts_of
from patrol_anpr.depot.jpeg import MAX_SIDE
from patrol_anpr.depot.lists.publishing import import_hotlist, repository_of
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.security_log import logs_in, security
from patrol_anpr.depot.tables import audit as audit_table
from patrol_anpr.depot.tables import items as items_table
from patrol_anpr.domain.errors import BadInput, DepotFault, RecordsFault
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.lab.enrolled import enrolled, signed_headers
from patrol_anpr.lab.ingest_bench import bench_ingest
from patrol_anpr.plumbing.files import is_open_to_others
from patrol_anpr.wire.payloads import AuditPayload, Motion, ReadPayload, canonical_json, sha256_of
from patrol_anpr.wire.receipts import PARTIAL
from tests.depot.packs import append, built, content_of, framed, post, sent
from tests.depot.postgresql import on_both

AT = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
CANARY = "XX99CAN"


def jpeg(width: int = 40, height: int = 20, quality: int = 90) -> bytes:
    pixels = np.random.default_rng(width).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def audit(number: int = 1, **changes) -> dict:
    payload = AuditPayload(audit_id=f"a{number}", at=AT, actor="PC1", action="sign on").model_dump(mode="json")
    return item(f"audit-{number}", "audit", payload | changes)


def read(patch: bytes, overview: bytes, **changes) -> dict:
    payload = ReadPayload(
        vrm=CANARY,
        captured_at=AT,
        feed_id="1",
        source_id="TA14",
        camera_id="front",
        confidence=97,
        motion=Motion.AWAY,
        patch_sha256=sha256_of(patch),
        overview_sha256=sha256_of(overview),
        read_id="r1",
        first_seen=AT,
        last_seen=AT,
        box=(1.0, 2.0, 3.0, 4.0),
    ).model_dump(mode="json")
    return item("read-1", "read", payload | changes)


def item(item_id: str, kind: str, payload: dict) -> dict:
    return {"item_id": item_id, "kind": kind, "sha256": sha256_of(canonical_json(payload)), "payload": payload}


# Who is there


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "roster"),
        ("GET", "lists/metadata/timestamp.json"),
        ("GET", f"lists/targets/owner-x/{'0' * 64}.x.csv"),
        ("POST", "held"),
        ("HEAD", "packs/" + "0" * 64),
        ("PATCH", "packs/" + "0" * 64),
        ("POST", "holdings"),
    ],
)
def test_nothing_for_nobody(caller, method: str, path: str):
    assert caller(None)(method, path, b"{}").status_code == 401


@on_both
def test_a_revoked_car_is_refused_and_enrolling_again_ends_the_old_key(caller, folder, identity, tmp_path):
    revoke_car(folder, "TA14", datetime.now(UTC))
    assert caller(identity)("GET", "roster").status_code == 403
    new = enrolled(folder, tmp_path / "new")
    assert caller(identity)("GET", "roster").status_code == 403
    assert caller(new)("GET", "roster").status_code == 200


@on_both
def test_a_car_cannot_send_as_another(caller, folder, identity, tmp_path):
    other = enrolled(folder, tmp_path / "other", "TA15")
    first = post(caller(identity), audit()).items[0]
    second = post(caller(other), audit(), car_id="TA15").items[0]
    assert sent(caller(other), audit(), car_id="TA14").status_code == 422
    assert (first.car_id, first.status, second.car_id, second.status) == ("TA14", "held", "TA15", "held")
    assert first.seq != second.seq


@pytest.mark.parametrize("car_id", ["", "../x", "a b", "x" * 33, "TA14\n", "Ä1"])
def test_odd_car_ids_are_refused(folder, car_id: str):
    with pytest.raises(BadInput):
        new_code(folder, car_id, datetime.now(UTC))


# Items


@on_both
def test_the_same_item_gets_the_same_receipt(call):
    first = post(call, audit()).items[0]
    again = post(call, audit(), audit()).items
    assert again == (first, first)


@on_both
def test_one_odd_item_does_not_spoil_its_pack(call):
    good, shape, extra = audit(1), audit(2, action=5), audit(4, secret_field="x")
    receipts = post(call, good, shape, extra, audit(5)).items
    assert [receipt.status for receipt in receipts] == ["held"] * 4
    assert post(call, shape).items == receipts[1:2]


@on_both
def test_a_pack_changed_on_the_way_is_refused_whole_and_may_come_again(call):
    pack_id, content = built([audit(1), audit(2)])
    changed = content.replace(b"sign on", b"sign in")
    response = append(call, pack_id, changed, 0, len(changed))
    assert response.status_code == 400
    assert "SHA-256" in response.json()["problem"]
    assert call("HEAD", f"packs/{pack_id}").headers["upload-offset"] == "0"
    assert append(call, pack_id, content, 0, len(content)).status_code == 200


@on_both
def test_other_content_under_one_id_is_a_conflict_for_good(call):
    one, two = audit(1), audit(1, reason="second")
    first = post(call, one).items[0]
    second = post(call, two).items[0]
    assert (first.status, second.status) == ("held", "conflict")
    assert post(call, two, one).items == (second, first)


@on_both
def test_a_read_counts_only_with_its_pictures_and_what_is_missing_is_named(call):
    patch, overview = jpeg(40), jpeg(60)
    reply = post(call, read(patch, overview), audit(), pictures=[patch])
    assert [receipt.item_id for receipt in reply.items] == ["audit-1"]
    assert reply.missing == (sha256_of(overview),)
    reply = post(call, read(patch, overview), pictures=[overview])
    assert [receipt.status for receipt in reply.items] == ["held"], "the other picture came before"


NAUGHTY = ["", "ab12cde", "AB12 CDE", "'; DROP TABLE items; --", "\u202eEDC21BA", "🚓", "A" * 13, "A\x00B", "ÀB12CDE"]


@pytest.mark.parametrize("vrm", NAUGHTY)
def test_naughty_marks_are_held_as_a_doubt_and_repeated_nowhere(call, caplog, folder, vrm: str):
    caplog.set_level(logging.DEBUG)
    picture = jpeg()
    reply = post(call, read(picture, picture, vrm=vrm), pictures=[picture])
    assert [(receipt.status, receipt.reason) for receipt in reply.items] == [("held", "")]
    assert [(doubt.reason, doubt.held, doubt.count) for doubt in doubts_of(folder)] == [
        ("not the shape of a read: vrm", True, 1)
    ]
    assert not vrm or vrm not in caplog.text


@on_both
def test_what_a_newer_car_sends_is_held_as_it_came(call, folder):
    payload = {"thing_id": "t1", "seen": [1, 2, 3], "scan_sha256": sha256_of(jpeg())}
    newer = item("thing-1", "lidar_scan", payload)
    assert post(call, newer).missing == (payload["scan_sha256"],), "its pictures are wanted too"
    known = audit(2, certainty="a field of a newer car")
    reply = post(call, newer, known, pictures=[jpeg()])
    assert [receipt.status for receipt in reply.items] == ["held", "held"]
    assert reply.software == __version__
    with contextlib.closing(DepotDatabase(folder, Role.MIGRATION)) as database, database.reading() as connection:
        rows = {row.item_id: row for row in connection.execute(select(items_table))}
    assert json.loads(rows["thing-1"].payload) == payload
    assert rows["thing-1"].doubt == "a kind that is not known"
    assert json.loads(rows["audit-2"].payload)["certainty"] == "a field of a newer car"
    assert rows["audit-2"].doubt == ""


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from([*AuditPayload.model_fields, "other"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    payload=st.dictionaries(fields, json_values, max_size=8), kind=st.sampled_from(["shift", "read", "hit", "audit"])
)
def test_any_json_is_answered_and_a_good_item_beside_it_is_held(call, payload: dict, kind: str):
    wild = {"item_id": "wild", "kind": kind, "payload": payload}
    wild["sha256"] = sha256_of(content_of(wild))
    assert [receipt.status for receipt in post(call, wild, audit(9)).items][-1] == "held"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_without_an_error(call, content: bytes):
    assert append(call, sha256_of(content), content, 0, len(content)).status_code in (400, 422)
    assert call("POST", "held", content).status_code == 422
    assert call("POST", "holdings", content).status_code == 422


@pytest.mark.parametrize(
    ("pack_id", "content"),
    [
        framed(b"[" * 100_000, b""),
        framed(b'{"car_id":"TA14","items":[]}', b""),
        framed(b'{"items":' + b"9" * 10_000 + b"}", b""),
        built([audit() | {"item_id": "../../x"}]),
        built([audit() | {"item_id": "a\x00b"}]),
        built([audit() | {"item_id": "x" * 5000}]),
        built([audit() | {"kind": "AUDIT; --"}]),
        built([audit(n) for n in range(501)]),
        built([audit()], car_id="TA15"),
        built([audit()], pictures=(), extra=[0] * 20_000),
    ],
    ids=range(10),
)
def test_a_pack_of_another_shape_is_refused_and_not_echoed(call, pack_id: str, content: bytes):
    response = append(call, pack_id, content, 0, len(content))
    assert response.status_code == 422
    assert response.json()["problem"].startswith("The content is refused: a ")


# Pictures


def bomb() -> bytes:
    """A small file that says it has 60000 x 60000 pixels."""
    content = bytearray(jpeg())
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = (60_000).to_bytes(2, "big") * 2
    return bytes(content)


def edited(change) -> bytes:
    content = bytearray(jpeg())
    change(content)
    return bytes(content)


SPOILT = {
    "empty": b"",
    "text": b"hello",
    "png": cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))[1].tobytes(),
    "html after the magic": b"\xff\xd8\xff<html>",
    "truncated": jpeg()[:-10],
    "no end": jpeg()[:-2],
    "only head": jpeg()[:30],
    "zip behind": jpeg() + b"PK\x03\x04",
    "two pictures": jpeg() + jpeg(),
    "bomb": bomb(),
    "no picture": b"\xff\xd8\xff\xd9",
    "length of a segment wrong": edited(lambda content: content.__setitem__(slice(4, 6), b"\xff\xff")),
    "lossless": edited(lambda content: content.__setitem__(content.index(b"\xff\xc0") + 1, 0xC3)),
}


@pytest.mark.parametrize("content", SPOILT.values(), ids=SPOILT.keys())
def test_what_is_no_picture_is_refused_and_its_read_is_answered_for(call, folder, content: bytes):
    receipts = post(call, read(content, b""), pictures=[content]).items
    assert not [path for path in folder.glob("pictures/**/*") if path.is_file()]
    assert [(receipt.status, receipt.reason) for receipt in receipts] == [
        ("rejected", "a picture of this read was refused")
    ]


@pytest.mark.parametrize("given_up", [("overview_sha256",), ("patch_sha256", "overview_sha256")])
def test_a_read_whose_pictures_the_car_had_to_give_up_is_held_without_them(call, given_up: tuple[str, ...]):
    patch = jpeg()
    pictures = [] if "patch_sha256" in given_up else [patch]
    reply = post(call, read(patch, b"", **dict.fromkeys(given_up)), pictures=pictures)
    assert [receipt.status for receipt in reply.items] == ["held"]
    assert reply.missing == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_picture_cut_or_continued_is_never_kept(data):
    from patrol_anpr.depot.jpeg import NotAPicture, check_jpeg

    whole = jpeg()
    check_jpeg(whole)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(NotAPicture):
        check_jpeg(whole[:cut])
    with pytest.raises(NotAPicture):
        check_jpeg(whole + data.draw(st.binary(min_size=1, max_size=20)))


def test_a_picture_of_the_largest_size_is_kept(call):
    content = cv2.imencode(".jpg", np.zeros((8, MAX_SIDE, 3), np.uint8))[1].tobytes()
    assert [receipt.status for receipt in post(call, read(content, content), pictures=[content]).items] == ["held"]


@on_both
def test_a_picture_too_large_refuses_its_read_alone(call):
    large, small = jpeg(400, 300, 100), jpeg()
    receipts = post(call, read(large, small), audit(), pictures=[large, small]).items
    assert [receipt.status for receipt in receipts] == ["rejected", "held"]


NAMES = ["..%2f..%2fx", "../../x", "x" * 5000, "CON", "%00", "0" * 63, "0" * 65, "0" * 63 + "A", "%E2%80%AEgpj", "a/b"]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_to_a_file(call, folder, tmp_path, name: str):
    before = sorted(tmp_path.rglob("*"))
    assert append(call, name, b"x", 0, 1).status_code in (404, 405)
    assert call("GET", f"lists/metadata/{name}").status_code in (404, 405)
    assert call("GET", f"lists/targets/{name}/{'0' * 64}.x.csv").status_code in (404, 405)
    assert call("GET", f"lists/targets/owner-x/{name}").status_code in (404, 405)
    assert sorted(path for path in tmp_path.rglob("*")) == before


# Limits


def test_types_and_sizes_are_held_to(call):
    pack_id, content = built([audit()])
    path = f"packs/{pack_id}"
    assert append(call, pack_id, content, 0, len(content), "application/json").status_code == 415
    told = {"upload-offset": "0", "upload-length": str(len(content))}
    assert call("PATCH", path, content, PARTIAL, Content_Encoding="gzip", **told).status_code == 415
    assert append(call, pack_id, content, 0, 400_001).status_code == 413
    assert append(call, pack_id, content, 0, 10).status_code == 413
    for odd in ("-1", "1.5", "soon", "", "9" * 30):
        assert call("PATCH", path, content, PARTIAL, **(told | {"upload-length": odd})).status_code == 422
    assert call("POST", "held", b" " * 10_001).status_code == 413
    assert call("POST", "holdings", b" " * 10_001).status_code == 413
    assert call("DELETE", path).status_code == 405
    assert call("GET", "nothing").status_code == 404


def test_endless_content_is_cut_off(depot, identity):
    host, port = depot.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as line:
        signed = signed_headers(identity, "POST", "/v2/held", b"{}")
        head = "POST /v2/held HTTP/1.1\r\nHost: x\r\n" + "".join(f"{n}: {v}\r\n" for n, v in signed.items())
        line.sendall((head + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n").encode())
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 50_000_000:
                line.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
                sent += 65536
        assert sent < 20_000_000


def test_200_dribblers_do_not_keep_a_good_car_waiting(depot, call):
    host, port = depot.url.removeprefix("http://").split(":")
    lines = [socket.create_connection((host, int(port)), 10, (f"127.0.0.{2 + n // 50}", 0)) for n in range(200)]
    try:
        for line in lines:
            line.sendall(b"POST /v2/held HTTP/1.1\r\nHo")
        began = time.monotonic()
        assert post(call, audit()).items[0].status == "held"
        assert time.monotonic() - began < 2
        for line in lines:  # and they are shown out
            assert line.recv(100) == b""
    finally:
        for line in lines:
            line.close()


def test_a_slow_body_is_given_up(depot, identity):
    host, port = depot.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as line:
        signed = signed_headers(identity, "POST", "/v2/held", b"{}")
        head = "POST /v2/held HTTP/1.1\r\nHost: x\r\n" + "".join(f"{n}: {v}\r\n" for n, v in signed.items())
        line.sendall((head + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{").encode())
        assert b" 408 " in line.recv(1000)


# The disk and the database


def test_a_database_that_cannot_write_means_503_and_no_receipt(call, folder):
    blocker = sqlcipher3.connect(str(folder / "depot.sqlite"), isolation_level=None)
    try:
        blocker.execute("CREATE TRIGGER full BEFORE INSERT ON items BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        response = sent(call, audit(), read(jpeg(), jpeg(), vrm=""), pictures=[jpeg()])
        assert response.status_code == 503
        assert response.headers["retry-after"] == "5"
        assert blocker.execute("SELECT count(*) FROM refused_items").fetchone() == (0,), "nothing is half stored"
        blocker.execute("DROP TRIGGER full")
    finally:
        blocker.close()
    assert post(call, audit()).items[0].status == "held"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs rights that can be taken away")
def test_pictures_that_cannot_be_written_mean_503(call, folder):
    (folder / "pictures").mkdir()
    (folder / "pictures").chmod(0o500)
    assert sent(call, read(jpeg(), jpeg()), pictures=[jpeg()]).status_code == 503


@pytest.fixture
def metro(folder, tmp_path):
    """A list, its head and where its file is asked for."""
    file = tmp_path / "list.csv"
    file.write_text("AB12CDE,FORD,FOCUS,SILVER,STOP,,STOLEN,,,39,,,,,,\n")
    head = import_hotlist(folder, file, "metro", "Metro PNC", "Metro", Tier.PRIORITY)
    return head, f"lists/targets/owner-metro/{head.sha256}.metro.whole"


def test_a_list_whose_file_is_gone_means_503(call, folder, metro):
    head, path = metro
    assert call("GET", path).status_code == 200
    repository_of(folder).target(head.sha256).unlink()
    response = call("GET", path)
    assert response.status_code == 503
    assert response.json() == {"problem": "The depot misses this file."}


@on_both
def test_who_fetched_the_roster_and_a_list_is_audited(call, folder, metro):
    for path in ("roster", metro[1], metro[1].replace("metro.whole", "other.whole")):
        call("GET", path)
    with contextlib.closing(DepotDatabase(folder, Role.MIGRATION)) as database, database.reading() as connection:
        rows = connection.execute(
            select(audit_table).where(audit_table.c.actor == "car TA14", audit_table.c.action.contains("fetched"))
        ).all()
    assert [(row.action, row.object_id, row.reason) for row in rows] == [
        ("roster fetched", "", ""),
        ("hotlist fetched", "metro", "revision 1"),
    ]


def test_each_request_is_a_line_of_the_security_log(caller, call, caplog):
    caplog.set_level(logging.INFO, logger="patrol_anpr.depot.security")
    told: queue.Queue[logging.LogRecord] = queue.Queue()
    listening = logging.handlers.QueueHandler(told)
    security.addHandler(listening)
    pack_id, content = built([read(jpeg(), jpeg())], [jpeg()])
    append(call, pack_id, content, 0, len(content))
    caller(None)("GET", "roster")
    call("GET", f"nothing/{CANARY}")
    lines = [json.loads(told.get(timeout=20).message) for _ in range(3)]  # each is written after its answer
    security.removeHandler(listening)
    assert [(line["who"], line["method"], line["route"], line["status"]) for line in lines] == [
        ("TA14", "PATCH", "/v2/packs/{pack_id}", 200),
        ("-", "GET", "/v2/roster", 401),
        ("-", "GET", "none", 404),
    ]
    assert lines[0]["received_bytes"] == len(content)
    assert {line["address"] for line in lines} == {"127.0.0.1"}
    assert not any(CANARY in record.message for record in caplog.records if record.name.startswith("patrol_anpr"))


def test_the_logs_are_files_for_their_owner_alone(tmp_path):
    with logs_in(tmp_path / "log"):
        security.info("%s", "a line")
        logging.getLogger("patrol_anpr.depot.app").info("another")
    assert (tmp_path / "log" / "security.log").read_text() == "a line\n"
    assert (tmp_path / "log" / "depot.log").read_text().endswith("another\n")
    assert not is_open_to_others(tmp_path / "log")


def test_logs_that_cannot_be_written_are_said_plainly(tmp_path):
    (tmp_path / "log").write_text("a file where the folder should be")
    with pytest.raises(RecordsFault, match="log cannot be written"), logs_in(tmp_path / "log"):
        pass


@pytest.mark.skipif(os.name == "nt", reason="Windows has rights of another kind")
def test_only_its_owner_may_look_into_a_depot(folder, call):
    post(call, read(jpeg(), jpeg()), pictures=[jpeg()])
    pack_id, content = built([audit()])
    append(call, pack_id, content[:9], 0, len(content))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path for path in folder.rglob("*") if path.is_file() and path.stat().st_mode & 0o077} == set()


@pytest.mark.skipif(os.name == "nt", reason="Windows has rights of another kind")
@pytest.mark.parametrize("mode", [0o750, 0o705, 0o777])
def test_a_folder_others_may_look_into_is_refused(folder, mode: int):
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(RecordsFault, match="chmod 700"):
        DepotServer(folder)


def test_pictures_that_cannot_be_written_mean_503_here_too(call, folder):
    (folder / "pictures").write_text("a file where the folder should be")
    assert sent(call, read(jpeg(), jpeg()), pictures=[jpeg()]).status_code == 503


def test_no_mark_in_the_log(call, caplog):
    caplog.set_level(logging.DEBUG)
    patch = jpeg()
    post(call, read(patch, patch), read(patch, patch, confidence=500), pictures=[patch])
    assert CANARY not in caplog.text


def test_a_newer_database_is_not_touched(folder, identity):
    database = sqlcipher3.connect(str(folder / "depot.sqlite"))
    database.execute("PRAGMA user_version = 999")
    database.close()
    with pytest.raises(RecordsFault, match="newer version"):
        DepotServer(folder)


def test_a_damaged_database_is_said_plainly(folder):
    folder.mkdir(mode=0o700)
    (folder / "depot.sqlite").write_bytes(b"not a database" * 1000)
    with pytest.raises(RecordsFault, match="cannot be opened"):
        DepotServer(folder)


@on_both
def test_twenty_cars_at_once_lose_nothing(folder, depot, caller, tmp_path):
    callers = {f"C{n}": caller(enrolled(folder, tmp_path / f"{n}", f"C{n}")) for n in range(20)}
    held: list[int] = []

    def send(car_id: str, one) -> None:
        held.extend(receipt.seq for receipt in post(one, *[audit(n) for n in range(50)], car_id=car_id).items)

    threads = [threading.Thread(target=send, args=car, name="car") for car in callers.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == len(set(held)) == 1000


# Binding


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "depot.example"])
def test_no_plain_service_to_other_machines(folder, host: str):
    with pytest.raises(BadInput, match="certificate"):
        DepotServer(folder, host)


def test_a_port_that_is_taken_is_said_plainly(folder, depot):
    with pytest.raises(DepotFault, match="another depot running"):
        DepotServer(folder, port=int(depot.url.rsplit(":", 1)[1]))


def test_a_certificate_that_is_none_is_said_plainly(folder, tmp_path):
    (tmp_path / "x.pem").write_text("no certificate")
    with pytest.raises(BadInput, match="certificate"):
        DepotServer(folder, certificate=tmp_path / "x.pem", key=tmp_path / "x.pem")


@pytest.mark.parametrize("pictures", [False, True])
def test_the_bench_counts_receipts(pictures: bool):
    bench = bench_ingest(100, cars=2, batch=50, pictures=pictures)
    assert (bench.reads, len(bench.packs)) == (200, 4)
    assert bench.reads_per_second > 0
    assert bench.p99 > 0
