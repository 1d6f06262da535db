"""What the depot answers, one file a subject. A route is served only where its router stands here."""

from patrol_anpr.depot.routes import audit, car, closed, identity, lists, manifest, packs

ROUTERS = (
    audit.router,
    car.router,
    closed.router,
    identity.router,
    lists.router,
    manifest.router,
    packs.router,
)
