"""What a car is set up with: who may sign on, and what may be done about a hit."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from patrol_anpr.depot.asked import PREFIX, TheDepot, note, tagged
from patrol_anpr.depot.dispositions import dispositions_of
from patrol_anpr.depot.roster import roster_of
from patrol_anpr.depot.set_up import set_up_of
from patrol_anpr.depot.who import CarId
from patrol_anpr.wire.payloads import DispositionsReply, RosterReply
from patrol_anpr.wire.set_up import SetUpReply

router = APIRouter(prefix=PREFIX)


@router.get("/set-up")
def set_up(depot: TheDepot, car_id: CarId, nonce: Annotated[str, Query(pattern="^[0-9a-f]{32}$")]) -> SetUpReply:
    """Who may sign on in this car, and what may be done about a hit; signed as the answer to this question."""
    said = set_up_of(depot.keys, depot.database, car_id, nonce, depot.now())
    note(depot, car_id, "roster fetched", "", f"{len(said.officers)} officers")
    return SetUpReply.of(said, depot.keys.receipts)


# For cars of an earlier version, which ask for each and believe the line:


@router.get("/roster", response_model=RosterReply)
def roster(depot: TheDepot, car_id: CarId, if_none_match: Annotated[str, Header()] = "") -> Response:
    """The officers who may sign on in this car."""
    note(depot, car_id, "roster fetched")
    return tagged(roster_of(depot.database, car_id), if_none_match)


@router.get("/dispositions", response_model=DispositionsReply)
def dispositions(depot: TheDepot, _: CarId, if_none_match: Annotated[str, Header()] = "") -> Response:
    """What may be done about a hit, in the words of this depot."""
    return tagged(dispositions_of(depot.database), if_none_match)
