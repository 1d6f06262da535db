"""`patrol-anpr enrol`: make this computer a car of a depot, with the code that the depot's operator made for it."""

import typer

from patrol_anpr.depot_link import enrol
from patrol_anpr.depot_link.channel import check_address
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.enrolment import identity_folder, identity_secret
from patrol_anpr.identity.own import CarKey, Identity
from patrol_anpr.identity.trust import Trust
from patrol_anpr.records.keys import Key
from patrol_anpr.settings import DepotSettings, Settings
from patrol_anpr.wire.enrolment import Code


def enrol_and_say(settings: Settings, address: str, typed: str) -> int:
    """Enrol, and say as which car. Raises as `enrol_car`."""
    identity = enrol_car(settings, address, typed)
    typer.echo(
        f"This computer is {identity.car_id} now, of the depot at {identity.trust.address}. Start the program again "
        "where it runs."
    )
    return 0


def enrol_car(settings: Settings, address: str, typed: str, *, key: Key | None = None) -> Identity:
    """Make a key, enrol it at the depot with a code, and keep who the car is from now on.

    Raises BadInput for a code, an address or settings that do not fit, DepotFault when the depot is not reached, is not
    the one of the code or refuses it, RecordsFault when the identity cannot be kept: then a new code is needed.
    """
    code = Code.read(typed)
    check_address(address)
    secret = identity_secret(settings, key)  # before the code is spent
    new = CarKey()
    reply = enrol(address, code, new.request(), ca_file=settings.depot.ca_file)
    trust = Trust(
        depot_id=reply.depot_id,
        ca=reply.ca.encode(),
        receipt_key=reply.receipt_key,
        sealing_key=reply.sealing_key,
        lists_root=reply.lists_root,
        address=address.rstrip("/"),
    )
    identity = Identity.enrolled(identity_folder(settings), secret, new, reply.certificate, trust)
    if settings.depot.car not in (identity.car_id, DepotSettings().car):
        raise BadInput(
            f"This computer is {identity.car_id} now, but its settings say {settings.depot.car}. Take depot.car out of "
            "the settings."
        )
    return identity
