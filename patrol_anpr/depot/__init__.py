"""The depot service: roster, hotlists and ingest over HTTP, with its own database. Imports only domain."""

from patrol_anpr.depot.app import create_app
from patrol_anpr.depot.body import Limits
from patrol_anpr.depot.cars import new_code, revoke_car
from patrol_anpr.depot.lists.publishing import import_hotlist
from patrol_anpr.depot.roster import import_roster
from patrol_anpr.depot.server import DepotServer, serve

__all__ = ["DepotServer", "Limits", "create_app", "import_hotlist", "import_roster", "new_code", "revoke_car", "serve"]
