"""What a depot, or what poses as one, may answer: in no case is anything settled without a receipt that fits."""

import json
import socket
import threading
import time
from collections.abc import Callable

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from patrol_anpr.depot_link import Patience
from patrol_anpr.depot_link.download import Download
from patrol_anpr.depot_link.upload import Upload
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.wire.payloads import Receipt, ReceiptStatus, UploadBatch, UploadReply, sha256_of
from tests.depot_link.conftest import audit_item, read_item

HTML = "<html><body>Welcome to the guest Wi-Fi. Please accept our terms.</body></html>"
Answer = Callable[[Request], Response]


def as_json(content: str | bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(content, status, headers, content_type="application/json")


def receipts_for(request: Request, **changes) -> list[Receipt]:
    batch = UploadBatch.model_validate_json(request.get_data())
    held = {"car_id": "TA14", "status": ReceiptStatus.HELD}
    return [
        Receipt(**{**held, "item_id": item.item_id, "sha256": item.sha256, "seq": n + 1, **changes})
        for n, item in enumerate(batch.items)
    ]


def honest(request: Request) -> Response:
    return as_json(UploadReply(receipts=tuple(receipts_for(request))).model_dump_json())


def reply(**changes) -> Answer:
    return lambda request: as_json(UploadReply(receipts=tuple(receipts_for(request, **changes))).model_dump_json())


def answer(content: str = "", status: int = 200, media: str = "application/json", **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Response(content, status, sent, content_type=media)


class Depot:
    """Answers POST items with each of `answers` in turn, then honestly."""

    def __init__(self, server: HTTPServer, *answers: Answer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.answers = list(answers)
        self.asked = 0
        server.expect_request("/v2/items").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.asked += 1
        return (self.answers.pop(0) if self.answers else honest)(request)


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
    "truncated JSON": answer('{"receipts":[{"car_id":"TA'),
    "an empty 200": answer(""),
    "JSON of another shape": answer('{"ok":true}'),
    "a list": answer("[]"),
    "no content type": answer("{}", media=""),
    "304 to a question without a tag": answer(status=304),
}


@pytest.mark.parametrize("first", PASSING.values(), ids=PASSING.keys())
def test_what_may_pass_is_tried_again(car, items, httpserver, make_link, first: Answer):
    depot = Depot(httpserver, first, first)
    assert make_link(depot.url).upload(car.steps.append) == 0
    assert depot.asked == 3
    assert len(car.waits) == 2
    assert all(0 <= wait <= 30 for wait in car.waits)
    assert len(car.outbox.held) == len(items)


@pytest.mark.parametrize("always", PASSING.values(), ids=PASSING.keys())
def test_what_does_not_pass_ends_with_a_sentence_and_nothing_settled(car, items, httpserver, make_link, always: Answer):
    depot = Depot(httpserver, *[always] * 50)
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
def test_what_will_not_pass_stops_at_once(car, items, httpserver, make_link, always: Answer, sentence: str):
    depot = Depot(httpserver, always)
    with pytest.raises(DepotFault, match=sentence):
        make_link(depot.url).upload(car.steps.append)
    assert depot.asked == 1
    assert car.waits == []
    assert car.outbox.waiting() == len(items)
    assert sentence in car.problem


def test_who_is_not_known_renews_once_and_says_then_what_to_do(car, items, httpserver, make_link):
    depot = Depot(httpserver, answer(status=401))
    httpserver.expect_request("/v2/renew").respond_with_handler(answer(status=401))
    with pytest.raises(DepotFault, match="does not know this car"):
        make_link(depot.url).upload(car.steps.append)
    assert [request.path for request, _ in httpserver.log][1:] == ["/v2/renew"]
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
def test_retry_after_is_heeded_within_reason(car, items, httpserver, make_link, asked: str, least: float, most: float):
    depot = Depot(httpserver, answer(status=503, Retry_After=asked))
    assert make_link(depot.url).upload(car.steps.append) == 0
    (wait,) = car.waits
    assert least <= wait <= most


WRONG: dict[str, Answer] = {
    "another car": reply(car_id="TA15"),
    "another item": reply(item_id="audit-99"),
    "another hash": reply(sha256="0" * 64),
    "no receipt at all": lambda _: as_json(UploadReply(receipts=()).model_dump_json()),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_receipts_that_do_not_fit_settle_nothing(car, items, httpserver, make_link, wrong: Answer):
    depot = Depot(httpserver, *[wrong] * 50)
    assert make_link(depot.url).upload(car.steps.append) == len(items)
    assert depot.asked == 2, "and the car does not ask for ever"
    assert car.outbox.held == car.outbox.parked == {}
    assert car.problem


def test_a_field_of_a_newer_depot_is_passed_over(car, items, httpserver, make_link):
    def newer(request: Request) -> Response:
        told = UploadReply(receipts=tuple(receipts_for(request))).model_dump(mode="json")
        return as_json(json.dumps(told | {"hint": 1}))

    assert make_link(Depot(httpserver, newer).url).upload(car.steps.append) == 0
    assert len(car.outbox.held) == len(items)


def test_what_one_version_of_the_depot_refused_is_offered_to_the_next(car, items, httpserver, make_link):
    def of(software: str, status: ReceiptStatus) -> Answer:
        return lambda request: as_json(
            UploadReply(receipts=tuple(receipts_for(request, status=status)), software=software).model_dump_json()
        )

    old, new = of("1", ReceiptStatus.REJECTED), of("2", ReceiptStatus.HELD)
    depot = Depot(httpserver, old)
    link = make_link(depot.url)
    assert link.upload(car.steps.append) == 0
    assert (depot.asked, len(car.outbox.parked)) == (1, len(items)), "the same version is not asked again"
    depot.answers = [old, new, new]
    car.outbox.items["audit-9"] = audit_item(9)
    link.upload(car.steps.append)
    assert len(car.outbox.parked) == len(items) + 1
    car.outbox.items["audit-10"] = audit_item(10)
    link.upload(car.steps.append)
    assert car.outbox.parked == {}
    assert len(car.outbox.held) == len(items) + 2


@pytest.mark.parametrize("status", [ReceiptStatus.REJECTED, ReceiptStatus.CONFLICT])
def test_refused_items_are_parked_and_told(car, items, httpserver, make_link, status: ReceiptStatus):
    depot = Depot(httpserver, reply(status=status, reason="no"))
    assert make_link(depot.url).upload(car.steps.append) == 0
    assert depot.asked == 1
    assert len(car.outbox.parked) == len(items)
    assert "kept in the car" in car.problem


def test_duplicate_and_reordered_receipts_settle_once(car, items, httpserver, make_link):
    def twice(request: Request) -> Response:
        receipts = receipts_for(request)
        return as_json(json.dumps({"receipts": [json.loads(it.model_dump_json()) for it in receipts[::-1] + receipts]}))

    depot = Depot(httpserver, twice)
    assert make_link(depot.url).upload(car.steps.append) == 0
    assert car.steps[-1].done == len(items)


@pytest.mark.parametrize("status", [409, 413, 415, 422])
def test_a_refused_batch_is_halved_until_the_culprit_is_alone(car, items, httpserver, make_link, status: int):
    def picky(request: Request) -> Response:
        return answer(status=status)(request) if b'"audit-2"' in request.get_data() else honest(request)

    depot = Depot(httpserver, *[picky] * 50)
    assert make_link(depot.url).upload(car.steps.append) == 1
    assert set(car.outbox.items) == {"audit-2"}
    assert "kept in the car" in car.problem
    assert depot.asked <= 6


def test_a_picture_is_not_taken_for_sent_because_of_a_portal(car, httpserver, make_link):
    item = read_item(1)
    car.outbox.items = {item.item_id: item}
    httpserver.expect_request("/v2/items").respond_with_handler(honest)
    for _, content in item.pictures:
        path = f"/v2/pictures/{sha256_of(content)}"
        httpserver.expect_request(path).respond_with_data(HTML, content_type="text/html")
    with pytest.raises(DepotFault, match="other than the depot"):
        make_link(httpserver.url_for("").rstrip("/")).upload(car.steps.append)
    assert car.outbox.waiting() == 1


def test_a_picture_the_depot_lost_is_sent_again(car, httpserver, make_link):
    item = read_item(1)
    car.outbox.items = {item.item_id: item}
    lost = sha256_of(item.pictures[0][1])
    puts: list[str] = []

    def take(request: Request) -> Response:
        puts.append(request.path.rsplit("/", 1)[1])
        return as_json(json.dumps({"sha256": puts[-1]}))

    for _, content in item.pictures:
        httpserver.expect_request(f"/v2/pictures/{sha256_of(content)}").respond_with_handler(take)
    depot = Depot(httpserver, lambda _: as_json(UploadReply(receipts=(), missing=(lost,)).model_dump_json()))
    assert make_link(depot.url).upload(car.steps.append) == 0
    assert puts.count(lost) == 2
    assert len(puts) == 3


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


def test_whatever_breaks_a_sync_off_is_a_sentence_and_a_known_error(car, httpserver, make_link, monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Download, "roster", broken)
    monkeypatch.setattr(Upload, "run", broken)
    link = make_link(httpserver.url_for(""))
    for ask in (link.download, link.upload):
        with pytest.raises(DepotFault, match="unknown reason"):
            ask(car.steps.append)
        assert car.steps[-1].finished
        assert "unknown reason" in car.steps[-1].problem


def test_a_quiet_upload_tries_once_and_tells_nobody(car, items, httpserver, make_link):
    depot = Depot(httpserver, answer(status=503), answer(status=503))
    link = make_link(depot.url)
    with pytest.raises(DepotFault):
        link.upload_quietly(lambda: False)
    assert (depot.asked, car.waits, car.steps) == (1, [], [])
    assert link.upload(car.steps.append) == 0, "and the next upload is patient again"
    assert depot.asked == 3


def test_a_quiet_upload_gives_way(car, items, httpserver, make_link):
    depot = Depot(httpserver)
    link = make_link(depot.url)
    assert link.upload_quietly(lambda: True) == len(items)
    assert depot.asked == 0
    assert link.upload_quietly(lambda: False) == 0
