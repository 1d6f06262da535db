"""A car that asks too much is asked to wait, for itself alone, and its records come through."""

import json
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol_anpr.depot import DepotServer
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.quotas import ALWAYS_BYTES, QuotaKeeper, TooMuch
from patrol_anpr.depot.settings import Quotas, quotas
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.plumbing.files import write_whole
from patrol_anpr.wire.closed import OCTETS
from patrol_anpr.wire.receipts import LENGTH, OFFSET, PARTIAL
from tests.depot.conftest import Caller
from tests.depot.test_pictures import keep, pack

NOW = datetime.now(UTC).replace(hour=21, minute=0, second=0, microsecond=0)


@contextmanager
def serving(folder: Path) -> Iterator[DepotServer]:
    server = DepotServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def database(tmp_path: Path):
    with closing(DepotDatabase(tmp_path / "depot")) as opened:
        yield opened


def test_too_many_requests_within_a_minute_wait_for_their_car_alone(database):
    keeper = QuotaKeeper(Quotas(requests_a_minute=3), database)
    for second in range(3):
        keeper.count_request("TA14", NOW + timedelta(seconds=second))
    with pytest.raises(TooMuch) as told:
        keeper.count_request("TA14", NOW + timedelta(seconds=10))
    assert (told.value.status, told.value.seconds) == (429, 50)
    keeper.count_request("TA15", NOW + timedelta(seconds=10))
    keeper.count_request("TA14", NOW + timedelta(seconds=60))


def test_a_clock_that_is_set_back_locks_no_car_out(database):
    keeper = QuotaKeeper(Quotas(requests_a_minute=1), database)
    keeper.count_request("TA14", NOW + timedelta(days=3650))
    keeper.count_request("TA14", NOW)


def test_pictures_beyond_the_share_of_a_day_wait_until_midnight(tmp_path, database):
    keeper = QuotaKeeper(Quotas(megabytes_a_day=3), database)
    keeper.check_bytes("TA14", ALWAYS_BYTES + 1, NOW)
    keep(pictures_in(tmp_path / "depot", database), database, pack(20))
    with pytest.raises(TooMuch) as told:
        keeper.check_bytes("TA14", 3_000_000, NOW)
    assert (told.value.status, told.value.seconds) == (507, 3 * 3600)
    keeper.check_bytes("TA14", ALWAYS_BYTES, NOW)
    keeper.check_bytes("TA15", 3_000_000, NOW)
    keeper.check_bytes("TA14", 3_000_000, NOW + timedelta(hours=3))


def test_a_car_that_asks_too_much_hears_how_long_to_wait(tmp_path, caplog):
    folder = settings(tmp_path / "depot", "[quotas]\nrequests_a_minute = 3\nmegabytes_a_day = 2\n")
    identity = enrolled(folder, tmp_path / "identity")
    other = enrolled(folder, tmp_path / "other", "TA15")
    caplog.set_level(logging.INFO, logger="patrol_anpr.depot.security")
    with serving(folder) as server:
        call, neighbour = Caller(server.url, identity), Caller(server.url, other)
        begun = {OFFSET: "0", LENGTH: "2500000"}
        full = call("PATCH", f"packs/{'0' * 64}", b"x", PARTIAL, **begun)
        assert full.status_code == 507
        assert 0 < int(full.headers["retry-after"]) <= 86_400
        answers = [call("GET", "roster") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
        assert answers[-1].json() == {"problem": "This car asks too often. It goes on within a minute."}
        assert neighbour("GET", "roster").status_code == 200
        for one in (call, neighbour):
            one.session.close()
    told = [json.loads(record.message) for record in caplog.records if record.name.endswith("security")]
    assert {(line["who"], line["status"]) for line in told} >= {("TA14", 507), ("TA14", 429), ("TA15", 200)}


def test_closed_records_that_are_never_taken_in_do_not_fill_the_depot(tmp_path):
    folder = settings(tmp_path / "depot", "[quotas]\nmegabytes_a_day = 2\n")
    identity = enrolled(folder, tmp_path / "identity")
    other = enrolled(folder, tmp_path / "other", "TA15")
    with serving(folder) as server:
        call, neighbour = Caller(server.url, identity), Caller(server.url, other)
        path = "closed/{}/records.db?offset=0"
        answers = [call("PUT", path.format(f"shift-{number}"), bytes(900_000), OCTETS) for number in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 507]
        assert answers[-1].headers["retry-after"] == "3600"
        tiny = [call("PUT", path.format(f"tiny-{number}"), b"x", OCTETS) for number in range(60)]
        assert tiny[-1].status_code == 507, "nor many small ones"
        assert neighbour("PUT", path.format("shift-0"), bytes(900_000), OCTETS).status_code == 200
        for one in (call, neighbour):
            one.session.close()


def test_a_car_that_renews_without_end_waits_too(tmp_path):
    folder = settings(tmp_path / "depot", "[quotas]\nrequests_a_minute = 2\n")
    identity = enrolled(folder, tmp_path / "identity")
    wanted = json.dumps({"request": identity.request()}).encode()
    with serving(folder) as server:
        call = Caller(server.url, identity)
        assert [call("POST", "renew", wanted).status_code for _ in range(3)] == [200, 200, 429]
        call.session.close()


def settings(folder: Path, text: str) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    write_whole(folder / "depot.toml", text.encode())
    return folder


def test_what_a_depot_is_told_of_quotas_is_read(tmp_path):
    assert quotas(tmp_path) == Quotas()
    assert quotas(settings(tmp_path / "depot", "[quotas]\nmegabytes_a_day = 5\n")) == Quotas(megabytes_a_day=5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[quotas]\nmegabytes_a_day = 0\n", "from 1 to 10,000,000"),
        ("[quotas]\nrequests_a_minute = 'many'\n", "whole number"),
        ("[quotas]\nrequests_a_minute = true\n", "whole number"),
        ("[quotas]\nhalf = 1\n", "It takes megabytes_a_day, requests_a_minute"),
        ("quotas = 1\n", "must be a section"),
    ],
)
def test_settings_that_cannot_be_are_said_plainly(tmp_path, text: str, said: str):
    folder = settings(tmp_path / "depot", text)
    with pytest.raises(BadInput, match=said):
        quotas(folder)
