"""What a depot, or what poses as one, may answer: in no case is anything settled without a receipt that fits."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot_link import Patience
from patrol_anpr.depot_link.set_up import SetUp
from patrol_anpr.depot_link.upload import Upload
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.pack import MAX_ITEM_BYTES, read_pack
from patrol_anpr.wire.payloads import Kind, Receipt, ReceiptStatus, sha256_of
from patrol_anpr.wire.receipts import PackArrived, PackReceipt, PackReply, merkle_root, signed_reply
from tests.depot_link.conftest import audit_item, read_item

HTML = "<html><body>Welcome to the guest Wi-Fi. Please accept our terms.</body></html>"
Answer = Callable[[Request, DepotKeys], Response]
NOW = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)


def as_json(content: str | bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(content, status, headers, content_type="application/json")


def receipts_for(request: Request, **changes) -> list[Receipt]:
    held = {"car_id": "TA14", "status": ReceiptStatus.HELD}
    return [
        Receipt(**{**held, "item_id": item.item_id, "sha256": item.sha256, "seq": n + 1, **changes})
        for n, item in enumerate(read_pack(request.get_data()).manifest.items)
    ]


def signed(keys: DepotKeys, pack: str, items: list[Receipt], missing=(), software: str = "", **changes) -> PackReply:
    values = {
        "depot_id": keys.depot_id,
        "epoch": 1,
        "car_id": "TA14",
        "pack": pack,
        "root": merkle_root(items),
        "items": len(items),
        "first_seq": 1,
        "last_seq": 9,
        "committed_at": NOW,
    }
    return signed_reply(keys.receipts, PackReceipt(**(values | changes)), items, missing, software)


def arrived(request: Request, reply: PackReply) -> Response:
    return as_json(PackArrived(offset=len(request.get_data()), reply=reply).model_dump_json())


def pack_of(request: Request) -> str:
    return request.path.rsplit("/", 1)[1]


def honest(request: Request, keys: DepotKeys) -> Response:
    return reply()(request, keys)


def reply(software: str = "", missing=(), about: dict | None = None, **changes) -> Answer:
    """Sign for every item, with `changes` of its receipt, `about` of the whole."""
    return lambda request, keys: arrived(
        request, signed(keys, pack_of(request), receipts_for(request, **changes), missing, software, **(about or {}))
    )


def answer(content: str = "", status: int = 200, media: str = "application/json", **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda *_: Response(content, status, sent, content_type=media)


class Depot:
    """Answers what appends to a pack with each of `answers` in turn, then honestly; all else honestly."""

    def __init__(self, server: HTTPServer, keys: DepotKeys, *answers: Answer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.answers = list(answers)
        self.asked = 0
        self.software = ""
        self._keys = keys
        packs = re.compile("/v2/packs/[0-9a-f]{64}")
        server.expect_request(packs, method="PATCH").respond_with_handler(self._answer)
        server.expect_request(packs, method="HEAD").respond_with_data("", headers={"upload-offset": "0"})
        server.expect_request("/v2/holdings", method="POST").respond_with_handler(self._holdings)

    def _answer(self, request: Request) -> Response:
        self.asked += 1
        return (self.answers.pop(0) if self.answers else honest)(request, self._keys)

    def _holdings(self, request: Request) -> Response:
        nothing = signed(self._keys, sha256_of(request.get_data()), [], software=self.software)
        return as_json(nothing.model_dump_json())


@pytest.fixture
def keys(identity, depot_folder) -> DepotKeys:
    return DepotKeys(depot_folder)


@pytest.fixture
def items(car):
    made = [audit_item(n) for n in range(4)]
    car.outbox.items = {item.item_id: item for item in made}
    return made


PASSING: dict[str, Answer] = {
    "500": answer(status=500),
    "502 of a proxy": answer(HTML, 502, "text/html"),
    "503": answer(status=503),
    "504": answer(status=504),
    "429": answer(status=429),
    "408": answer(status=408),
    "400, damaged on the way": answer(status=400),
    "truncated JSON": answer('{"offset":12,"reply":{"rece'),
    "an empty 200": answer(""),
    "JSON of another shape": answer('{"ok":true}'),
    "a list": answer("[]"),
    "no content type": answer("{}", media=""),
    "304 to a question without a tag": answer(status=304),
}


@pytest.mark.parametrize("first", PASSING.values(), ids=PASSING.keys())
def test_what_may_pass_is_tried_again(car, items, httpserver, keys, make_link, first: Answer):
    depot = Depot(httpserver, keys, first, first)
    assert make_link(depot.url).upload(car.steps.append) == 0
    assert depot.asked == 3
    assert len(car.waits) == 2
    assert all(0 <= wait <= 30 for wait in car.waits)
    assert len(car.outbox.held) == len(items)


@pytest.mark.parametrize("always", PASSING.values(), ids=PASSING.keys())
def test_what_does_not_pass_ends_with_a_sentence_and_nothing_settled(
    car, items, httpserver, keys, make_link, always: Answer
):
    depot = Depot(httpserver, keys, *[always] * 50)
    with pytest.raises(DepotFault):
        make_link(depot.url).upload(car.steps.append)
    assert depot.asked == 6
    assert car.outbox.waiting() == len(items)
    assert car.steps[-1].finished
    assert car.problem


FINAL: dict[str, tuple[Answer, str]] = {
    "403": (answer(status=403), "does not allow"),
    "511": (answer("<html>", status=511, media="text/html"), "asks for a login"),
    "404": (answer(status=404), "other than the depot"),
    "a captive portal": (answer(HTML, 200, "text/html; charset=utf-8"), "other than the depot"),
    "a portal's redirect": (answer(status=302, Location="http://portal.example/"), "other than the depot"),
    "a permanent redirect": (answer(status=308, Location="http://portal.example/"), "other than the depot"),
    "204 without receipts": (answer(status=204), "other than the depot"),
}


@pytest.mark.parametrize(("always", "sentence"), FINAL.values(), ids=FINAL.keys())
def test_what_will_not_pass_stops_at_once(car, items, httpserver, keys, make_link, always: Answer, sentence: str):
    depot = Depot(httpserver, keys, always)
    with pytest.raises(DepotFault, match=sentence):
        make_link(depot.url).upload(car.steps.append)
    assert depot.asked == 1
    assert car.waits == []
    assert car.outbox.waiting() == len(items)
    assert sentence in car.problem


def test_who_is_not_known_renews_once_and_says_then_what_to_do(car, items, httpserver, keys, make_link):
    depot = Depot(httpserver, keys, answer(status=401))
    httpserver.expect_request("/v2/renew").respond_with_data(status=401)
    with pytest.raises(DepotFault, match="does not know this car"):
        make_link(depot.url).upload(car.steps.append)
    assert [request.path for request, _ in httpserver.log][2:] == ["/v2/renew"]
    assert car.waits == []
    assert car.outbox.waiting() == len(items)


ODD = (
    "soon",
    "Mon, 30 Nov 2026 08:00:00 +99999999999999999999999",
    "Fri, 31 Dec 9999 23:59:00 -2300",
    "Sat, 1 Jan 99999999999999999999 00:00:00 GMT",
    "1" * 400,
)
"""What no moment and no wait can be made of."""


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("7", 7, 8),
        ("0", 0, 1),
        ("99999", 120, 121),
        ("Sat, 21 Nov 2026 21:43:30 GMT", 30, 31),
        *((odd, 0, 30) for odd in ODD),
    ],
)
def test_retry_after_is_heeded_within_reason(
    car, items, httpserver, keys, make_link, asked: str, least: float, most: float
):
    depot = Depot(httpserver, keys, answer(status=503, Retry_After=asked))
    assert make_link(depot.url).upload(car.steps.append) == 0
    (wait,) = car.waits
    assert least <= wait <= most


def of_another_key(request: Request, keys: DepotKeys) -> Response:
    forged = signed(keys, pack_of(request), receipts_for(request))
    other = Ed25519PrivateKey.generate().sign(forged.receipt.encode()).hex()
    return arrived(request, forged.model_copy(update={"signature": other}))


def longer(request: Request, keys: DepotKeys) -> Response:
    """Signed for less than it says."""
    receipts = receipts_for(request)
    short = signed(keys, pack_of(request), receipts[:1])
    return arrived(request, short.model_copy(update={"items": tuple(receipts)}))


def of_another_pack(request: Request, keys: DepotKeys) -> Response:
    return arrived(request, signed(keys, sha256_of(b"another"), receipts_for(request)))


WRONG: dict[str, Answer] = {
    "another car": reply(car_id="TA15"),
    "another car in the whole": reply(about={"car_id": "TA15"}),
    "another depot": reply(about={"depot_id": "elsewhere"}),
    "another key": of_another_key,
    "more items than were signed for": longer,
    "another pack": of_another_pack,
    "an older epoch": reply(about={"epoch": 0}),
    "all of it is here, and no receipt": lambda request, _: as_json(
        PackArrived(offset=len(request.get_data())).model_dump_json()
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_receipts_that_are_not_proven_settle_nothing_and_nothing_more_is_sent(
    car, items, httpserver, keys, make_link, wrong: Answer
):
    depot = Depot(httpserver, keys, *[wrong] * 50)
    with pytest.raises(DepotFault):
        make_link(depot.url).upload(car.steps.append)
    assert depot.asked == 1
    assert car.outbox.waiting() == len(items)
    assert car.outbox.held == car.outbox.parked == {}
    assert "Tell IT" in car.problem or "other than the depot" in car.problem


@pytest.mark.parametrize("wrong", [reply(item_id="audit-99"), reply(sha256="0" * 64)])
def test_signed_receipts_for_something_else_settle_nothing(car, items, httpserver, keys, make_link, wrong: Answer):
    depot = Depot(httpserver, keys, *[wrong] * 50)
    assert make_link(depot.url).upload(car.steps.append) == len(items)
    assert depot.asked == 2, "and the car does not ask for ever"
    assert car.outbox.held == car.outbox.parked == {}
    assert car.problem


def test_who_cannot_sign_gets_no_record(car, items, httpserver, keys, make_link):
    depot = Depot(httpserver, keys)
    other = DepotKeys.__new__(DepotKeys)
    other.depot_id, other.receipts = keys.depot_id, Ed25519PrivateKey.generate()
    depot._keys = other
    with pytest.raises(DepotFault, match="not signed by its depot"):
        make_link(depot.url).upload(car.steps.append)
    assert depot.asked == 0


def test_an_answer_to_another_question_is_not_believed(car, items, httpserver, keys, make_link):
    """What the depot signed an hour ago says nothing of what it holds now."""
    old = signed(keys, sha256_of(b"an old question"), [])
    depot = Depot(httpserver, keys)
    depot._holdings = lambda _: as_json(old.model_dump_json())
    httpserver.clear()
    httpserver.expect_request("/v2/holdings").respond_with_handler(depot._holdings)
    with pytest.raises(DepotFault, match="not for what this car sent"):
        make_link(depot.url).upload(car.steps.append)


def test_a_field_of_a_newer_depot_is_passed_over(car, items, httpserver, keys, make_link):
    def newer(request: Request, keys: DepotKeys) -> Response:
        told = signed(keys, pack_of(request), receipts_for(request)).model_dump(mode="json")
        return as_json(json.dumps({"offset": len(request.get_data()), "reply": told | {"hint": 1}, "hint": 2}))

    assert make_link(Depot(httpserver, keys, newer).url).upload(car.steps.append) == 0
    assert len(car.outbox.held) == len(items)


def test_what_one_version_of_the_depot_refused_is_offered_to_the_next(car, items, httpserver, keys, make_link):
    depot = Depot(httpserver, keys, reply(software="1", status=ReceiptStatus.REJECTED))
    depot.software = "1"
    link = make_link(depot.url)
    assert link.upload(car.steps.append) == 0
    assert (depot.asked, len(car.outbox.parked)) == (1, len(items)), "the same version is not asked again"
    car.outbox.items["audit-9"] = audit_item(9)
    depot.answers = [reply(software="1", status=ReceiptStatus.REJECTED)]
    link.upload(car.steps.append)
    assert len(car.outbox.parked) == len(items) + 1
    depot.software = "2"
    assert link.upload(car.steps.append) == 0
    assert car.outbox.parked == {}
    assert len(car.outbox.held) == len(items) + 1


@pytest.mark.parametrize("status", [ReceiptStatus.REJECTED, ReceiptStatus.CONFLICT])
def test_refused_items_are_parked_and_told(car, items, httpserver, keys, make_link, status: ReceiptStatus):
    depot = Depot(httpserver, keys, reply(status=status, reason="no"))
    assert make_link(depot.url).upload(car.steps.append) == 0
    assert depot.asked == 1
    assert len(car.outbox.parked) == len(items)
    assert "kept in the car" in car.problem


def test_duplicate_and_reordered_receipts_settle_once(car, items, httpserver, keys, make_link):
    def twice(request: Request, keys: DepotKeys) -> Response:
        receipts = receipts_for(request)
        return arrived(request, signed(keys, pack_of(request), receipts[::-1] + receipts))

    depot = Depot(httpserver, keys, twice)
    assert make_link(depot.url).upload(car.steps.append) == 0
    assert car.steps[-1].done == len(items)


@pytest.mark.parametrize(("status", "stays"), [(413, False), (422, False), (415, True)])
def test_a_refused_pack_is_halved_until_the_culprit_is_alone(
    car, items, httpserver, keys, make_link, status: int, stays: bool
):
    def picky(request: Request, keys: DepotKeys) -> Response:
        found = b'"audit-2"' in request.get_data()
        return answer(status=status)(request, keys) if found else honest(request, keys)

    depot = Depot(httpserver, keys, *[picky] * 50)
    assert make_link(depot.url).upload(car.steps.append) == (1 if stays else 0)
    assert set(car.outbox.items if stays else car.outbox.parked) == {"audit-2"}
    assert len(car.outbox.held) == len(items) - 1
    assert "kept in the car" in car.problem
    assert depot.asked <= 6


def test_a_record_that_no_pack_can_carry_is_parked_and_the_others_go(car, items, httpserver, keys, make_link):
    big = OutboxItem("big", Kind.AUDIT, b"x" * (MAX_ITEM_BYTES + 1), sha256_of(b"x" * (MAX_ITEM_BYTES + 1)))
    car.outbox.items = {"big": big} | car.outbox.items
    assert make_link(Depot(httpserver, keys).url).upload(car.steps.append) == 0
    assert set(car.outbox.parked) == {"big"}
    assert len(car.outbox.held) == len(items)
    assert "kept in the car" in car.problem


def test_a_pack_is_not_taken_for_sent_because_of_a_portal(car, httpserver, keys, make_link):
    item = read_item(1)
    car.outbox.items = {item.item_id: item}
    depot = Depot(httpserver, keys, answer(HTML, 200, "text/html"))
    with pytest.raises(DepotFault, match="other than the depot"):
        make_link(depot.url).upload(car.steps.append)
    assert car.outbox.waiting() == 1


def test_a_read_whose_pictures_are_nowhere_stays_and_does_not_loop(car, items, httpserver, keys, make_link):
    lacking = reply(missing=("0" * 64,), item_id="another")
    depot = Depot(httpserver, keys, *[lacking] * 9)
    assert make_link(depot.url).upload(car.steps.append) == len(items)
    assert depot.asked == 2
    assert "kept in the car" in car.problem


def test_a_server_that_dribbles_is_cut_off_in_time(car, items, make_link):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def dribble() -> None:
            for _ in range(2):
                line, _ = listener.accept()
                with line:
                    line.recv(1 << 16)
                    try:
                        line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                        while not done.wait(0.05):
                            line.sendall(b"a")
                    except OSError:
                        pass

        server = threading.Thread(target=dribble, name="dribbling depot")
        server.start()
        patience = Patience(tries=2, connect_seconds=2, silence_seconds=2, request_seconds=0.5)
        began = time.monotonic()
        with pytest.raises(DepotFault, match="cannot be reached"):
            make_link(f"http://127.0.0.1:{listener.getsockname()[1]}", patience=patience).upload(car.steps.append)
        assert time.monotonic() - began < 5
        done.set()
        server.join()
    assert car.outbox.waiting() == len(items)


def test_whatever_breaks_a_sync_off_is_a_sentence_and_a_known_error(car, httpserver, keys, make_link, monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(SetUp, "get", broken)
    monkeypatch.setattr(Upload, "run", broken)
    link = make_link(httpserver.url_for(""))
    for ask in (link.download, link.upload):
        with pytest.raises(DepotFault, match="unknown reason"):
            ask(car.steps.append)
        assert car.steps[-1].finished
        assert "unknown reason" in car.steps[-1].problem


def test_a_quiet_upload_tries_once_and_tells_nobody(car, items, httpserver, keys, make_link):
    depot = Depot(httpserver, keys, answer(status=503), answer(status=503))
    link = make_link(depot.url)
    with pytest.raises(DepotFault):
        link.upload_quietly(lambda: False)
    assert (depot.asked, car.waits, car.steps) == (1, [], [])
    assert link.upload(car.steps.append) == 0, "and the next upload is patient again"
    assert depot.asked == 3


def test_a_quiet_upload_gives_way(car, items, httpserver, keys, make_link):
    depot = Depot(httpserver, keys)
    link = make_link(depot.url)
    assert link.upload_quietly(lambda: True) == len(items)
    assert depot.asked == 0
    assert link.upload_quietly(lambda: False) == 0
