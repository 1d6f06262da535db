"""Who asks: the one dependency of every route that a car uses. The car's id is always that of its certificate.

A certificate comes as `Client-Cert`. Where the depot stands behind a proxy, the proxy has seen that the car has its
key, and says which certificate it was, over a socket that only the proxy can reach. Else the request itself is signed.
"""

import hashlib
from typing import Annotated

from fastapi import Depends, Request

from patrol_anpr.depot.asked import Depot, TheDepot
from patrol_anpr.depot.body import Refusal
from patrol_anpr.depot.cars import LATE, may_speak
from patrol_anpr.depot.certificates import CarCertificate, NotACar
from patrol_anpr.depot.quotas import TooMuch
from patrol_anpr.depot.signatures import AtAnotherTime, NoRoom, NotSigned
from patrol_anpr.wire.signatures import CLIENT_CERT, CLOCK, DENIED, EXPIRED, UNKNOWN, WINDOW_SECONDS, certificate_of

FOR_ANYBODY = frozenset({("GET", "/v2/authority"), ("POST", "/v2/enrol")})
"""The routes (method, path) that ask for no car. All others depend on CarId or KnownCar; a test walks them."""
KNOWN = frozenset({("POST", "/v2/renew")})
"""The routes that a car may use whose certificate is out of date."""


def _known_car(request: Request, depot: TheDepot) -> CarCertificate:
    shown = _shown(request, depot)
    if not may_speak(depot.database, shown):
        raise Refusal(403, "This car is no longer allowed.", DENIED)
    if depot.now() > shown.ends + LATE:
        raise Refusal(401, "The car's certificate ended too long ago.", UNKNOWN)
    depot.quotas.count_request(shown.car_id, depot.now())
    return shown


KnownCar = Annotated[CarCertificate, Depends(_known_car)]
"""The certificate of the car that asks, in force or lately so: only to renew it. Refused as for CarId."""


def _car_id(depot: TheDepot, shown: KnownCar) -> str:
    if not shown.begins <= depot.now() <= shown.ends:
        raise Refusal(401, "The car's certificate is out of date.", EXPIRED)
    return shown.car_id


CarId = Annotated[str, Depends(_car_id)]
"""The id of the car that asks. 401: nobody, not this depot's, out of date, or not signed; 403: a car that is denied;
429: it asks too often; 503: all cars together do."""


def _shown(request: Request, depot: Depot) -> CarCertificate:
    field = request.headers.get(CLIENT_CERT, "")
    try:
        der = certificate_of(field)
        shown = depot.certificates.read(der)
    except (ValueError, NotACar):
        raise Refusal(401, "The depot does not know this car.", UNKNOWN) from None
    if not depot.behind_proxy:
        try:
            request.state.content_digest = depot.signatures.check(request, hashlib.sha256(der).hexdigest(), shown)
        except NotSigned:
            raise Refusal(401, "The request is not signed as it must be.", UNKNOWN) from None
        except AtAnotherTime:
            raise Refusal(401, "The request was signed at another time.", CLOCK) from None
        except NoRoom:
            raise TooMuch(503, "The depot has too many requests just now.", WINDOW_SECONDS) from None
    request.state.car_id = shown.car_id
    return shown
