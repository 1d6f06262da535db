"""Requests of any shape, as schemathesis makes them of the routes and the models: each gets an answer, and soon."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from pydantic import BaseModel

from patrol_anpr.depot import DepotServer
from patrol_anpr.depot.asked import JSON
from patrol_anpr.depot.routes import ROUTERS
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.plumbing.files import write_whole
from patrol_anpr.wire.closed import OCTETS, ClosedManifest
from patrol_anpr.wire.enrolment import EnrolRequest, RenewRequest
from patrol_anpr.wire.lists import ListKeysAsk
from patrol_anpr.wire.manifest import ManifestReport
from patrol_anpr.wire.payloads import HeldReport
from patrol_anpr.wire.receipts import LENGTH, OFFSET, PARTIAL, HoldingsQuestion
from patrol_anpr.wire.witness import WitnessReport
from tests.depot.conftest import Caller

CONTENTS: dict[tuple[str, str], type[BaseModel] | str] = {
    ("/v2/audit/witness", "post"): WitnessReport,
    ("/v2/closed/{closed_id}", "post"): ClosedManifest,
    ("/v2/closed/{closed_id}/{name}", "put"): OCTETS,
    ("/v2/enrol", "post"): EnrolRequest,
    ("/v2/held", "post"): HeldReport,
    ("/v2/holdings", "post"): HoldingsQuestion,
    ("/v2/lists/keys", "post"): ListKeysAsk,
    ("/v2/manifest", "post"): ManifestReport,
    ("/v2/packs/{pack_id}", "patch"): PARTIAL,
    ("/v2/renew", "post"): RenewRequest,
}
"""What a route takes: its model, or the media type of bytes. Routes read it themselves, so FastAPI does not know."""
SOON = 1.0
"""Seconds."""

schemathesis.serializer.alias(PARTIAL, OCTETS)


def described() -> dict[str, Any]:
    """The API as OpenAPI, with what each route takes."""
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    document = app.openapi()
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "head"):
                continue
            taken = CONTENTS.get((path, method), JSON)
            if isinstance(taken, str):
                content = {taken: {"schema": {} if taken == JSON else {"type": "string", "format": "binary"}}}
            else:
                model = taken.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas.update(model.pop("$defs", {}))
                content = {JSON: {"schema": model}}
            operation["requestBody"] = {"content": content, "required": True}
            if taken == PARTIAL:
                number = {"type": "string", "pattern": "^[0-9]{1,7}$"}
                named = [
                    {"name": name, "in": "header", "schema": number, "required": True} for name in (OFFSET, LENGTH)
                ]
                operation.setdefault("parameters", []).extend(named)
    return document


def loaded(*, corners: bool) -> schemathesis.BaseSchema:
    """The API; with `corners` also every border of every parameter, one after the other, which takes a while."""
    config = schemathesis.Config()
    config.projects.default.phases.coverage.enabled = corners
    return schemathesis.openapi.from_dict(described(), config=config)


api, whole_api = loaded(corners=False), loaded(corners=True)
Answered = Callable[[schemathesis.Case], requests.Response]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answered]:
    """A car that has no quota asks a depot."""
    folder = tmp_path_factory.mktemp("api") / "depot"
    identity = enrolled(folder, folder.parent / "identity")
    write_whole(folder / "depot.toml", b"[quotas]\nrequests_a_minute = 1000000\n")
    server = DepotServer(folder)
    server.start()
    caller = Caller(server.url, identity)

    def ask(case: schemathesis.Case) -> requests.Response:
        sent = requests.Request(**case.as_transport_kwargs(base_url=server.url))
        return caller.session.send(caller.session.prepare_request(sent), timeout=20)

    yield ask
    caller.session.close()
    server.stop()


def judged(case: schemathesis.Case, answered: Answered) -> None:
    """What a request of any shape is answered."""
    answer = answered(case)
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if answer.elapsed.total_seconds() >= SOON:  # the machine may have been busy with something else, but not twice
        answer = answered(case)
    assert answer.elapsed.total_seconds() < SOON


def test_of_each_route_it_is_known_what_it_takes() -> None:
    taking = {(path, method) for path, methods in described()["paths"].items() for method in methods}
    assert {route for route in taking if route[1] not in ("get", "head")} == set(CONTENTS)


@api.parametrize()
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_request_is_answered_soon_and_never_by_an_error_of_ours(case, answered: Answered) -> None:
    judged(case, answered)


@pytest.mark.campaign
@whole_api.parametrize()
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
def test_thousands_of_requests_are_answered_soon_and_never_by_an_error_of_ours(case, answered: Answered) -> None:
    judged(case, answered)
