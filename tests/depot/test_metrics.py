"""The figures that Prometheus fetches, over real HTTP."""

import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from patrol_anpr.depot import DepotServer
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.items import NewItem, store_items
from patrol_anpr.depot.metrics import Metrics
from patrol_anpr.depot.roles import Role
from patrol_anpr.domain.errors import DepotFault
from tests.depot.postgresql import on_both
from tests.made import NOW


def figures(port: int | None) -> dict[tuple[str, ...], float]:
    """Fetch the figures, by name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    families = text_string_to_metric_families(text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_requests_are_counted_by_route_and_status(depot: DepotServer, caller, call) -> None:
    with depot.figures_at(0) as port:
        assert call("GET", "roster").status_code == 200
        assert caller(None)("GET", "roster").status_code == 401
        assert caller(None)("GET", "nothing/ZZ99ZZZ").status_code == 404
        found = figures(port)
    assert found["patrol_depot_requests_total", "GET", "/v2/roster", "200"] == 1
    assert found["patrol_depot_requests_total", "GET", "/v2/roster", "401"] == 1
    assert found["patrol_depot_requests_total", "GET", "none", "404"] == 1
    assert found["patrol_depot_request_seconds_count", "/v2/roster"] == 2
    assert found["patrol_depot_sent_bytes_total",] > 0


def test_methods_of_any_name_are_one_figure(depot: DepotServer, call) -> None:
    with depot.figures_at(0) as port:
        for method in ("ZZ99ZZZ", "BREW"):
            call(method, "roster")
        found = figures(port)
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
