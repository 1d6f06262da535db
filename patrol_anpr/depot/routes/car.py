"""What a car is set up with: who may sign on, and what may be done about a hit."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from patrol_anpr.depot.asked import PREFIX, TheDepot, note, tagged
from patrol_anpr.depot.dispositions import dispositions_of
from patrol_anpr.depot.roster import roster_of
from patrol_anpr.depot.who import CarId
from patrol_anpr.wire.payloads import DispositionsReply, RosterReply

router = APIRouter(prefix=PREFIX)


@router.get("/roster", response_model=RosterReply)
def roster(depot: TheDepot, car_id: CarId, if_none_match: Annotated[str, Header()] = "") -> Response:
    """The officers who may sign on."""
    note(depot, car_id, "roster fetched")
    return tagged(roster_of(depot.database), if_none_match)


@router.get("/dispositions", response_model=DispositionsReply)
def dispositions(depot: TheDepot, _: CarId, if_none_match: Annotated[str, Header()] = "") -> Response:
    """What may be done about a hit, in the words of this depot."""
    return tagged(dispositions_of(depot.database), if_none_match)
