"""Cars that a depot knows, made past the network: by what `depot enrol` and the route of enrolment do."""

import hashlib
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from patrol_anpr.depot import new_code
from patrol_anpr.depot.cars import Enrolment, enrol
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.lists.publishing import repository_of
from patrol_anpr.depot.roles import Role
from patrol_anpr.identity.own import CarKey, Identity
from patrol_anpr.identity.trust import Trust
from patrol_anpr.wire.enrolment import EnrolRequest

SECRET = bytes(range(32))


def enrolled(
    depot: Path, folder: Path, car_id: str = "TA14", *, now: datetime | None = None, secret: bytes = SECRET
) -> Identity:
    """A car of the depot in `depot`, whose identity lies in `folder`; `now` is when it enrolled."""
    now = now or datetime.now(UTC)
    code, _ = new_code(depot, car_id, now)
    keys, key = DepotKeys(depot), CarKey()
    with closing(DepotDatabase(depot, Role.INGEST)) as database:
        asked = EnrolRequest(number=code.number, secret=code.secret, request=key.request())
        answer = enrol(database, keys.authority, asked, now)
    assert answer.outcome is Enrolment.DONE
    root = repository_of(depot).root()
    trust = Trust(keys.depot_id, keys.authority.pem, keys.receipt_key, keys.sealing_key, root)
    return Identity.enrolled(folder, secret, key, answer.certificate, trust)


def signed_headers(identity: Identity, method: str, path: str, content: bytes | None = None) -> dict[str, str]:
    """The headers by which a request of a car is known, for whoever writes his own requests."""
    headers: dict[str, str] = {}
    message = SimpleNamespace(method=method, url=f"http://depot{path}", headers=headers)
    digest = None if content is None else hashlib.sha256(content).digest()
    identity.sign(message, digest, datetime.now(UTC))
    return headers
