"""What the depot answers, one file a subject. A route is served only where its router stands here."""

from patrol_anpr.depot.routes import car, closed, identity, lists, packs

ROUTERS = (car.router, closed.router, identity.router, lists.router, packs.router)
