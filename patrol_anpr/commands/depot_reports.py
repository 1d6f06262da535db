"""`patrol-anpr depot figures`: what is counted of what cars sent."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.terminal import say
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.jobs import note_done
from patrol_anpr.depot.reports.folding import fold
from patrol_anpr.depot.roles import Role


def count_figures(folder: Path) -> int:
    """Count all that has come since the last time."""
    now = datetime.now(UTC)
    with closing(DepotDatabase(there(folder), Role.FIGURES)) as database:
        count = fold(database, now)
    note_done(folder, "figures", now)
    say(f"Records counted: {count:,}. What came in the last quarter of an hour is counted the next time.")
    return 0
