"""A real link against a real depot, on a good line and on bad ones."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from patrol_anpr.depot import DepotServer, Limits, import_hotlist, import_roster, revoke_car
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.tables import held_lists, incidents, items
from patrol_anpr.domain.errors import BadInput, DepotFault
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.lab.chaos_proxy import Chaos, ChaosProxy
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import sha256_of
from tests.depot_link.conftest import AT, QUICK, audit_item, outcome_item, read_item, shift_item


def rows(folder, query):
    database = DepotDatabase(folder)
    try:
        with database.reading() as connection:
            return connection.execute(query).all()
    finally:
        database.close()


def held_ids(folder) -> list[str]:
    return [row.item_id for row in rows(folder, select(items.c.item_id).order_by(items.c.item_id))]


def publish(folder, lines: int, *, list_id: str = "stolen", **wishes):
    path = folder.parent / "list.csv"
    path.write_text("".join(f"AB{n:05},FORD,FOCUS{',' * 13}\n" for n in range(lines)))
    return import_hotlist(folder, path, list_id, "Stolen", "Force", Tier.PRIORITY, **wishes)


def lying_in(folder) -> list[str]:
    """The files of a car's folder of lists that arrive, without what is kept of signatures."""
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def fill(car, count: int) -> list[str]:
    made = [audit_item(n) if n % 10 else read_item(n) for n in range(count)]
    car.outbox.items = {item.item_id: item for item in made}
    return sorted(car.outbox.items)


# Download


def test_roster_and_lists_arrive_and_the_depot_knows_what_is_held(
    car, depot, depot_folder, identity, make_link, tmp_path
):
    (tmp_path / "roster.csv").write_text("officer_id,name,pin\nPC1,Ann,60417283\nPC2,Bob,73052846\n")
    import_roster(depot_folder, tmp_path / "roster.csv")
    head = publish(depot_folder, 50)
    assert make_link(depot.url, identity).download(car.steps.append) is True
    assert [officer.officer_id for officer in car.officers] == ["PC1", "PC2"]
    got, content = car.lists["stolen"]
    assert (got.revision, got.tier, got.owner) == (1, Tier.PRIORITY, "Force")
    assert sha256_of(content) == head.sha256
    assert car.steps[-1].finished
    assert car.steps[-1].done == car.steps[-1].total == 2
    assert car.steps[-1].sent_bytes == head.bytes
    assert rows(depot_folder, select(held_lists.c.list_id, held_lists.c.revision)) == [("stolen", 1)]
    assert lying_in(tmp_path / "lists") == ["depot_audit.json", "held.json"], "no plain list is left behind"


@pytest.fixture
def roster(depot_folder, tmp_path):
    (tmp_path / "roster.csv").write_text("PC1,Ann,60417283\n")
    import_roster(depot_folder, tmp_path / "roster.csv")


def test_an_unchanged_list_is_not_fetched_again(car, depot, depot_folder, identity, make_link, roster):
    publish(depot_folder, 50)
    link = make_link(depot.url, identity)
    assert link.download(car.steps.append)
    car.steps.clear()
    assert link.download(car.steps.append)
    assert car.steps[-1].sent_bytes == 0
    assert make_link(depot.url, identity).download(car.steps.append), "and a new link knows as well"
    assert car.steps[-1].sent_bytes == 0


def test_a_list_that_is_no_longer_in_force_is_fetched_again(car, depot, depot_folder, identity, make_link, roster):
    publish(depot_folder, 50)
    link = make_link(depot.url, identity)
    link.download(car.steps.append)
    car.lists.clear()
    assert link.download(car.steps.append)
    assert "stolen" in car.lists


def test_a_list_that_cannot_be_put_in_force_leaves_the_old_one(car, depot, depot_folder, identity, make_link, roster):
    publish(depot_folder, 50)
    link = make_link(depot.url, identity)
    link.download(car.steps.append)
    publish(depot_folder, 60)
    car.refuse_lists = True
    assert link.download(car.steps.append) is False
    assert "NOT updated" in car.problem
    assert car.lists["stolen"][0].revision == 1
    car.refuse_lists = False
    assert link.download(car.steps.append) is True
    assert car.lists["stolen"][0].revision == 2


def test_a_list_in_force_that_cannot_be_noted_is_not_called_an_old_one(
    car, depot, depot_folder, identity, make_link, roster, tmp_path
):
    publish(depot_folder, 50)
    (tmp_path / "lists" / "held.json").mkdir(parents=True)  # no file can take this name
    assert make_link(depot.url, identity).download(car.steps.append) is False
    assert car.lists["stolen"][0].revision == 1
    assert "is in force, but" in car.problem
    assert "NOT updated" not in car.problem


def test_a_small_change_comes_as_a_delta_over_the_whole_list_of_this_car(
    car, depot, depot_folder, identity, make_link, roster
):
    first = publish(depot_folder, 400)
    link = make_link(depot.url, identity)
    assert link.download(car.steps.append)
    second = publish(depot_folder, 401)
    car.steps.clear()
    assert link.download(car.steps.append)
    assert car.came == [(True, False, True), (False, True, False)], "and the key came once"
    assert car.lists["stolen"][0].revision == 2
    assert car.steps[-1].sent_bytes == second.bytes < first.bytes / 4


def test_a_car_without_the_whole_list_fetches_it_with_the_delta(car, depot, depot_folder, identity, make_link, roster):
    first, second = publish(depot_folder, 400), publish(depot_folder, 401)
    assert make_link(depot.url, identity).download(car.steps.append)
    assert car.came == [(True, True, True)]
    assert car.steps[-1].sent_bytes == first.bytes + second.bytes


def test_without_the_key_of_a_list_the_old_one_stays_and_that_is_told(
    car, depot, depot_folder, identity, make_link, roster
):
    publish(depot_folder, 50)
    for file in (depot_folder / "keys" / "lists").iterdir():
        file.unlink()
    link = make_link(depot.url, identity)
    assert link.download(car.steps.append) is False
    assert "gave no key" in car.problem
    assert car.lists == {}
    publish(depot_folder, 50)
    assert link.download(car.steps.append)


def test_what_arrives_is_never_plain(car, depot, depot_folder, identity, make_link, roster):
    publish(depot_folder, 50)
    assert make_link(depot.url, identity).download(car.steps.append)
    assert b"AB00001" not in car.lists["stolen"][1]


def test_what_a_sync_broke_off_on_is_logged_without_its_text(car, depot, identity, make_link, caplog, monkeypatch):
    def bug(limit: int) -> list[OutboxItem]:
        raise ValueError("AB12CDE is no good")

    monkeypatch.setattr(car.outbox, "next_batch", bug)
    with pytest.raises(DepotFault, match="broke off"):
        make_link(depot.url, identity).upload(car.steps.append)
    assert "broke off for an unknown reason" in car.problem
    assert "ValueError" in caplog.text
    assert "AB12CDE" not in caplog.text


def test_an_empty_roster_is_not_kept(car, depot, depot_folder, identity, make_link):
    publish(depot_folder, 5)
    car.officers = ["those before"]
    assert make_link(depot.url, identity).download(car.steps.append) is False
    assert car.officers == ["those before"]
    assert "roster is empty" in car.problem


def test_an_expired_revision_is_refused(car, depot, depot_folder, identity, make_link, roster, clock):
    publish(depot_folder, 5, valid_until=clock.utc() - timedelta(minutes=1))
    assert make_link(depot.url, identity).download(car.steps.append) is False
    assert "past its end date" in car.problem
    assert car.lists == {}


def test_a_download_goes_on_where_it_broke(car, depot, depot_folder, identity, make_link, roster):
    head = publish(depot_folder, 40_000)
    with ChaosProxy(int(depot.url.rsplit(":", 1)[1]), Chaos(answer_limit=head.bytes // 4)) as proxy:
        assert make_link(proxy.url, identity).download(car.steps.append) is True
    assert sha256_of(car.lists["stolen"][1]) == head.sha256
    assert car.steps[-1].sent_bytes == head.bytes, "no byte was fetched twice"
    assert proxy.connections >= 4


def test_a_damaged_beginning_is_thrown_away(car, depot, depot_folder, identity, make_link, roster, tmp_path):
    head = publish(depot_folder, 500)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / f"{head.sha256}.part").write_bytes(b"x" * 100)
    (tmp_path / "lists" / f"{'0' * 64}.part").write_bytes(b"left over")
    assert make_link(depot.url, identity).download(car.steps.append) is True
    assert lying_in(tmp_path / "lists") == ["depot_audit.json", "held.json"]


# Upload


def test_everything_is_sent_and_settled(car, depot, depot_folder, identity, make_link):
    ids = fill(car, 30)
    assert make_link(depot.url, identity, batch=7).upload(car.steps.append) == 0
    assert held_ids(depot_folder) == ids == sorted(car.outbox.held)
    assert (car.steps[0].done, car.steps[0].total) == (0, 30)
    assert (car.steps[-1].done, car.steps[-1].total, car.steps[-1].problem) == (30, 30, "")
    assert car.steps[-1].sent_bytes == car.steps[-1].total_bytes


def test_receipts_come_with_the_depots_time_and_each_answer_tells_it(car, depot, identity, make_link):
    fill(car, 3)
    told = []
    before = datetime.now(UTC) - timedelta(seconds=1)  # its answers give whole seconds
    make_link(depot.url, identity, on_depot_time=told.append).upload(car.steps.append)
    assert [before <= moment <= datetime.now(UTC) for moment in car.outbox.settled_at] == [True, True]
    assert set(car.outbox.settled_at) <= set(told)


def test_hits_go_before_anything_else_and_the_rest_in_the_order_it_was_made(
    car, depot, depot_folder, identity, make_link
):
    """An officer's alarm must not wait for the pictures of a shift."""
    made = [read_item(1), audit_item(1), read_item(2), shift_item(1), audit_item(2), outcome_item(1)]
    car.outbox.items = {item.item_id: item for item in made}
    steps = []
    make_link(depot.url, identity, batch=3).upload(lambda step: steps.append(step.done))
    sent = [row.item_id for row in rows(depot_folder, select(items.c.item_id).order_by(items.c.seq))]
    assert sent == ["shift-1", "outcome-1", "audit-1", "read-1", "read-2", "audit-2"]
    assert [done for done in dict.fromkeys(steps) if done] == [2, 5, 6], "the urgent ones travel by themselves"


@pytest.mark.parametrize(("share", "truncate"), [(0.2, 0.0), (0.5, 0.0), (0.2, 0.2)])
def test_500_records_over_a_bad_line_none_lost_none_twice(
    car, depot, depot_folder, identity, make_link, share: float, truncate: float
):
    ids = fill(car, 500)
    port = int(depot.url.rsplit(":", 1)[1])
    with ChaosProxy(port, Chaos(reset=share, truncate=truncate, stride=8192)) as proxy:
        link = make_link(proxy.url, identity, batch=25)
        for _ in range(50):
            try:
                if link.upload(car.steps.append) == 0:
                    break
            except DepotFault:
                continue
    assert proxy.resets > 3
    assert car.outbox.waiting() == 0
    assert sorted(car.outbox.held) == ids
    assert held_ids(depot_folder) == ids
    assert car.outbox.parked == {}


@pytest.mark.campaign
@pytest.mark.timeout(900)
@pytest.mark.parametrize("share", [0.2, 0.5])
def test_20_000_records_over_a_bad_line(car, depot, depot_folder, identity, make_link, share: float):
    made = [audit_item(n) for n in range(20_000)]
    car.outbox.items = {item.item_id: item for item in made}
    began = time.monotonic()
    with ChaosProxy(int(depot.url.rsplit(":", 1)[1]), Chaos(reset=share)) as proxy:
        link = make_link(proxy.url, identity, batch=100)
        while car.outbox.waiting():
            try:
                link.upload(car.steps.append)
            except DepotFault:
                assert time.monotonic() - began < 800
    print(f"{share:.0%} resets: {time.monotonic() - began:.1f} s, {proxy.resets} resets")
    assert proxy.resets > 50
    assert held_ids(depot_folder) == sorted(item.item_id for item in made) == sorted(car.outbox.held)


def test_a_lost_answer_is_answered_the_same_again(car, depot, depot_folder, identity, make_link):
    item = audit_item(1)
    car.outbox.items = {item.item_id: item}
    with ChaosProxy(int(depot.url.rsplit(":", 1)[1]), Chaos(lose_answers=1)) as proxy:
        assert make_link(proxy.url, identity).upload(car.steps.append) == 0
        assert proxy.resets == 1
    assert held_ids(depot_folder) == [item.item_id]
    first = car.outbox.held[item.item_id]
    car.outbox.items = {item.item_id: item}
    assert make_link(depot.url, identity).upload(car.steps.append) == 0
    assert car.outbox.held[item.item_id] == first


def test_same_id_with_other_content_is_kept_as_a_conflict(car, depot, depot_folder, identity, make_link):
    one, two = audit_item(1), audit_item(2)
    link = make_link(depot.url, identity)
    car.outbox.items = {one.item_id: one}
    link.upload(car.steps.append)
    car.outbox.items = {one.item_id: OutboxItem(one.item_id, two.kind, two.payload, two.sha256)}
    assert link.upload(car.steps.append) == 0
    assert car.outbox.parked[one.item_id].status == "conflict"
    assert "same number" in car.problem
    assert held_ids(depot_folder) == [one.item_id, one.item_id]
    assert rows(depot_folder, select(func.count()).select_from(incidents)) == [(1,)]


def test_a_read_whose_picture_is_no_picture_is_parked_and_the_rest_goes(car, depot, depot_folder, identity, make_link):
    from patrol_anpr.wire.payloads import ReadPayload

    good, bad = read_item(1), read_item(2)
    junk = b"\xff\xd8\xffnot a picture"
    payload = ReadPayload.model_validate_json(bad.payload).model_copy(update={"patch_sha256": sha256_of(junk)})
    bad = OutboxItem.of("read-2", payload, (("patch", junk), bad.pictures[1]))
    car.outbox.items = {item.item_id: item for item in (bad, good)}
    assert make_link(depot.url, identity).upload(car.steps.append) == 0
    assert set(car.outbox.held) == {"read-1"}
    assert set(car.outbox.parked) == {"read-2"}
    assert "refused some records" in car.problem


def test_a_picture_too_large_parks_its_read_and_does_not_loop(car, depot_folder, clock, make_link):
    big = read_item(1, (900, 900))
    car.outbox.items = {big.item_id: big}
    server = DepotServer(depot_folder, now=clock.utc, limits=Limits(picture_bytes=100_000))
    server.start()
    try:
        assert make_link(server.url).upload(car.steps.append) == 0
    finally:
        server.stop()
    assert set(car.outbox.parked) == {big.item_id}


def test_a_pack_too_large_is_halved(car, depot_folder, clock, make_link):
    ids = fill(car, 40)
    server = DepotServer(depot_folder, now=clock.utc, limits=Limits(pack_bytes=9000))
    server.start()
    try:
        assert make_link(server.url).upload(car.steps.append) == 0
    finally:
        server.stop()
    assert held_ids(depot_folder) == ids


def test_an_item_damaged_on_the_disk_stays_and_the_others_go(car, depot, depot_folder, identity, make_link):
    good, bad = audit_item(1), audit_item(2)
    bad = OutboxItem(bad.item_id, bad.kind, bad.payload[:-5], bad.sha256)
    car.outbox.items = {item.item_id: item for item in (bad, good)}
    assert make_link(depot.url, identity).upload(car.steps.append) == 1
    assert held_ids(depot_folder) == [good.item_id]
    assert "kept in the car" in car.problem


def test_a_revoked_car_is_told_and_keeps_its_records(car, depot, depot_folder, clock, make_link):
    fill(car, 5)
    revoke_car(depot_folder, "TA14", clock.utc())
    with pytest.raises(DepotFault, match="does not allow this car"):
        make_link(depot.url).upload(car.steps.append)
    assert car.outbox.waiting() == 5
    assert car.waits == [], "no use in trying again"
    assert "does not allow" in car.problem


def test_no_depot_is_said_plainly(car, make_link):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    fill(car, 3)
    link = make_link(f"http://127.0.0.1:{port}")
    with pytest.raises(DepotFault, match="cannot be reached"):
        link.upload(car.steps.append)
    with pytest.raises(DepotFault, match="cannot be reached"):
        link.download(car.steps.append)
    assert car.outbox.waiting() == 3
    assert "cannot be reached" in car.problem
    assert len(car.waits) == 2 * (QUICK.tries - 1)


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.campaign)])
def test_the_depot_is_killed_in_the_middle_and_comes_back(car, depot_folder, identity, make_link, kills: int):
    ids = fill(car, 20 * kills + 20)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = (
        "import sys; from pathlib import Path; from patrol_anpr.depot import serve; "
        "serve(Path(sys.argv[1]), port=int(sys.argv[2]), on_ready=lambda url: print(url, flush=True))"
    )

    def start() -> subprocess.Popen[bytes]:
        child = subprocess.Popen([sys.executable, "-c", program, depot_folder, str(port)], stdout=subprocess.PIPE)
        assert child.stdout.readline()
        return child

    def kill(child: subprocess.Popen[bytes]) -> None:
        os.kill(child.pid, signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        child.wait()
        child.stdout.close()

    children = [start()]
    deaths = 0

    def on_step(step) -> None:
        nonlocal deaths
        if deaths < kills and step.done >= 20 * (deaths + 1) and not step.finished:
            deaths += 1
            kill(children.pop())
            children.append(start())

    link = make_link(f"http://127.0.0.1:{port}", identity, batch=10, pause=lambda _: threading.Event().wait(0.05))
    try:
        for _ in range(100):
            try:
                if link.upload(on_step) == 0:
                    break
            except DepotFault:
                continue
    finally:
        kill(children.pop())
    assert deaths == kills
    assert car.outbox.waiting() == 0
    assert held_ids(depot_folder) == ids


def test_stop_ends_an_upload_at_once(car, depot, identity, make_link):
    fill(car, 50)
    link = make_link(depot.url, identity, batch=5)
    with pytest.raises(DepotFault, match="stopped"):
        link.upload(lambda step: link.stop() if step.done >= 10 else None)
    assert 0 < car.outbox.waiting() < 50


def test_nothing_over_a_line_anyone_can_listen_to(make_link):
    with pytest.raises(BadInput, match="https"):
        make_link("http://depot.example:8443")
    with pytest.raises(BadInput, match="address"):
        make_link("depot.example")


def test_a_read_of_the_future_is_kept_and_noted(car, depot, depot_folder, identity, make_link):
    from patrol_anpr.wire.payloads import ReadPayload

    item = read_item(1)
    payload = ReadPayload.model_validate_json(item.payload)
    late = payload.model_copy(update={"captured_at": AT + timedelta(days=5000)})
    car.outbox.items = {"read-1": OutboxItem.of("read-1", late, item.pictures)}
    assert make_link(depot.url, identity).upload(car.steps.append) == 0
    assert [row.what for row in rows(depot_folder, select(incidents.c.what))] == [
        "read from the future: the clock of the car is wrong"
    ]
