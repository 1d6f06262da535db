"""The figures that Prometheus fetches, over real HTTP."""

import time
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from patrol_anpr.commands.depot_care import purge_depot, verify_depot
from patrol_anpr.depot import DepotServer
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.items import NewItem, store_items
from patrol_anpr.depot.jobs import note_done, seconds_since_done
from patrol_anpr.depot.metrics import Metrics
from patrol_anpr.depot.roles import Role
from patrol_anpr.domain.errors import DepotFault, RecordsFault
from tests.depot.postgresql import on_both
from tests.made import NOW


def figures(port: int | None) -> dict[tuple[str, ...], float]:
    """Fetch the figures, by name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    families = text_string_to_metric_families(text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def counted(port: int | None, requests: int) -> dict[tuple[str, ...], float]:
    """Fetch the figures once so many requests are in them: one is counted just after its answer went out."""
    until = time.monotonic() + 10
    while True:
        found = figures(port)
        if sum(value for name, value in found.items() if name[0] == "patrol_depot_requests_total") >= requests:
            return found
        assert time.monotonic() < until, found


def test_requests_are_counted_by_route_and_status(depot: DepotServer, caller, call) -> None:
    with depot.figures_at(0) as port:
        assert call("GET", "roster").status_code == 200
        assert caller(None)("GET", "roster").status_code == 401
        assert caller(None)("GET", "nothing/ZZ99ZZZ").status_code == 404
        found = counted(port, 3)
    assert found["patrol_depot_requests_total", "GET", "/v2/roster", "200"] == 1
    assert found["patrol_depot_requests_total", "GET", "/v2/roster", "401"] == 1
    assert found["patrol_depot_requests_total", "GET", "none", "404"] == 1
    assert found["patrol_depot_request_seconds_count", "/v2/roster"] == 2
    assert found["patrol_depot_sent_bytes_total",] > 0


def test_methods_of_any_name_are_one_figure(depot: DepotServer, call) -> None:
    with depot.figures_at(0) as port:
        for method in ("ZZ99ZZZ", "BREW"):
            call(method, "roster")
        found = counted(port, 2)
    assert sum(value for name, value in found.items() if name[0] == "patrol_depot_requests_total") == 2
    assert not [name for name in found if "ZZ99ZZZ" in name]


@on_both
def test_how_the_depot_stands(depot: DepotServer, folder: Path) -> None:
    with depot.figures_at(0) as port:
        assert ("patrol_depot_newest_item_age_seconds",) not in figures(port)
        database = DepotDatabase(folder, Role.INGEST)
        with database.writing() as connection:
            store_items(connection, "TA14", [NewItem("a", "0" * 64, "audit", "held", b"{}", NOW)], NOW)
        database.close()
        found = figures(port)
    assert found["patrol_depot_database_up",] == 1
    assert found["patrol_depot_items",] == 1
    assert found["patrol_depot_incidents",] == found["patrol_depot_refused_items",] == 0
    assert found["patrol_depot_newest_item_age_seconds",] > 0
    assert found["patrol_depot_disk_free_bytes",] > 0


def test_a_database_that_does_not_answer_is_a_figure(folder: Path) -> None:
    database = DepotDatabase(folder)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE incidents")
    metrics = Metrics(folder, database, lambda: NOW)
    with metrics.served_at(0) as port:
        found = figures(port)
    database.close()
    assert found["patrol_depot_database_up",] == 0
    assert ("patrol_depot_items",) not in found


def test_a_port_that_is_taken_is_said(depot: DepotServer) -> None:
    with (
        depot.figures_at(0) as port,
        pytest.raises(DepotFault, match="Choose another port"),
        depot.figures_at(port),
    ):
        pass


def test_how_long_ago_the_jobs_ended_well_and_one_that_never_did(depot: DepotServer, folder: Path) -> None:
    assert purge_depot(folder, "", "") == 0
    assert verify_depot(folder) == 0
    with depot.figures_at(0) as port:
        found = figures(port)
    assert found["patrol_depot_job_age_seconds", "backup"] == float("inf")
    assert 0 <= found["patrol_depot_job_age_seconds", "purge"] < 60
    assert 0 <= found["patrol_depot_job_age_seconds", "verify"] < 60


def test_a_job_that_found_something_wrong_did_not_end_well(folder: Path, identity) -> None:
    assert verify_depot(folder) == 0
    before = (folder / "jobs" / "verify").read_text()
    next((folder / "lists").rglob("*.json")).unlink()
    with pytest.raises(RecordsFault):
        verify_depot(folder)
    assert (folder / "jobs" / "verify").read_text() == before


@pytest.mark.parametrize("damage", [b"", b"\xff", b"yesterday", b"2026-11-30T12:00:00"])
def test_a_note_that_cannot_be_read_is_that_of_a_job_that_never_ran(tmp_path: Path, damage: bytes) -> None:
    note_done(tmp_path, "backup", NOW)
    (tmp_path / "jobs" / "backup").write_bytes(damage)
    assert seconds_since_done(tmp_path, NOW)["backup"] == float("inf")
